"""Imported appointments: matched by their number, else by patient, start and practitioner."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pcoord.domain.clinic import Clinic, Practitioner, VisitType
from pcoord.domain.slots import cells
from pcoord.exchange.csv_map import Mapping
from pcoord.exchange.csv_reader import Table
from pcoord.exchange.csv_rows import Skipped
from pcoord.exchange.csv_visits import AppointmentRow, TakenVisit, rows_to_appointments
from pcoord.services.desk import Desk
from pcoord.services.import_changes import ELSEWHERE
from pcoord.services.import_memory import Memory, digest, digests
from pcoord.services.import_patients import namesakes
from pcoord.services.import_visit_words import LeftOut, VisitWords
from pcoord.services.importing import BATCH, Tally
from pcoord.store import derived
from pcoord.store.engine import Connection
from pcoord.store.ids import new_id
from pcoord.store.queries import matching
from pcoord.store.tables import Appointment, Occupancy
from pcoord.store.unit import Unit
from pcoord.store.values import canonical

IMPORTED = "imported"
# A visit that the desk has taken further than this is the desk's, whatever a file says.
OPEN = frozenset({"booked", "waitlist"})
HERE = frozenset({"arrived", "checked-in"})


@dataclass(frozen=True)
class _Visit:
    """A row with everything in it found: whose, with whom, when, what."""

    patient_id: str
    practitioner: Practitioner
    kind: VisitType
    start: datetime
    end: datetime
    zone: str
    wall: str
    row: AppointmentRow
    line: int

    @property
    def key(self) -> tuple[str, datetime, str]:
        return self.patient_id, self.start, self.practitioner.id

    @property
    def source(self) -> str:
        """Return how the other system names the visit: its number, or what is its own."""
        number = self.row.source_id
        return f"id {number}" if number else f"at {digest(list(map(str, self.key)), 16)}"

    def says(self, status: str) -> dict[str, Any]:
        """Return all that the row says of the visit."""
        told = {
            "start": self.start,
            "practitioner": self.practitioner.id,
            "minutes": self.row.minutes,
            "kind": self.kind.id if self.row.visit_type else None,
            "status": status,
            "note": self.row.note,
            "confirmed": self.row.confirmed or None,
        }
        return {name: value for name, value in told.items() if value is not None}


class VisitRows:
    """Appointments of one table on their way into the store."""

    batch = BATCH
    noun = "appointment"

    def __init__(self, clinic: Clinic, today: date, mapping: Mapping) -> None:
        self.clinic, self.today = clinic, today
        self.words = VisitWords(clinic, mapping.values)

    def read(self, table: Table, mapping: Mapping, order: str) -> Iterator[TakenVisit | Skipped]:
        """Return the rows of a table as visits or as left out."""
        return rows_to_appointments(table, mapping, order, self.clinic.region, today=self.today)

    def keys(self, row: AppointmentRow) -> Sequence[str]:
        """Return the other system's number of the visit, else what tells it from all others.

        Without a number that is whose, when, with whom and how it stands: a cancelled visit may be
        booked anew.
        """
        if row.source_id:
            return [f"id {row.source_id}"]
        whose = row.mrn or row.patient_id or f"{row.family},{row.given} {row.birth_date}"
        return [f"{whose} {row.start.isoformat()} {row.practitioner} {row.status}"]

    def store(self, connection: Connection, unit: Unit | None, rows: list[TakenVisit]) -> Tally:
        """Match rows with the visits here; write the new and the changed ones."""
        tally, visits = Tally(), []
        owners = _Owners(connection, [one.row for one in rows])
        for one in rows:
            try:
                visits.append(self._found(one, owners))
            except LeftOut as reason:
                tally.skipped.append((one.line, str(reason)))
        known = _Known(connection, visits)
        fresh = []
        for visit in visits:
            try:
                old = known.visit(visit, self._status(visit))
            except LeftOut as reason:
                tally.skipped.append((visit.line, str(reason)))
                continue
            if old is None:
                fresh.append(visit)
            elif self._change(unit, visit, old, known.memory):
                tally.updated += 1
            else:
                tally.unchanged += 1
        tally.created = len(fresh)
        if unit is not None:
            self._create(connection, unit, fresh, known.memory)
            known.memory.store(connection)
        return tally

    def again(self) -> None:
        """Nothing is remembered from one batch to the next."""

    def finish(self, desk: Desk) -> None:
        """Nothing is left to do."""

    # What the words mean

    def _found(self, taken: TakenVisit, owners: "_Owners") -> _Visit:
        row = taken.row
        patient_id = owners.of(row)
        practitioner = self.words.practitioner(row.practitioner or "")
        kind = self.words.kind(row.visit_type)
        location = self.clinic.location(practitioner.location_id)
        start = _moment(row.start, ZoneInfo(location.timezone))
        local = start.astimezone(self.clinic.zone)
        return _Visit(
            patient_id,
            practitioner,
            kind,
            start,
            start + timedelta(minutes=row.minutes or kind.minutes),
            location.timezone,
            f"{local:%Y-%m-%d %H:%M}",
            row,
            taken.line,
        )

    def _status(self, visit: _Visit) -> str:
        """Return how an imported visit stands: nobody is here because a file says so."""
        if visit.row.status not in HERE:
            return visit.row.status
        past = visit.start.astimezone(self.clinic.zone).date() < self.today
        return "fulfilled" if past else "booked"

    # What is new

    def _create(
        self, connection: Connection, unit: Unit, visits: list[_Visit], memory: Memory
    ) -> None:
        rows, occupied = [], []
        taken: dict[tuple[str, str, int], set[int]] = {}
        for visit in visits:
            row = self._row(visit, unit.now)
            if row["status"] in derived.HOLDING:
                row |= _places(connection, visit, cells(visit.start, visit.end), taken)
            if row["place"] or row["patient_place"]:
                row["overbook_reason"] = IMPORTED
            rows.append(row)
            memory.keep(visit.source, row["id"], digests(visit.says(self._status(visit))))
            held = derived.occupied_rows(row | {"entered_in_error": False})
            for one in held:
                taken.setdefault(_cell(one), set()).add(one["place"])
            occupied += held
        unit.bulk(Appointment, rows)
        unit.bulk(Occupancy, sorted(occupied, key=lambda one: (*_cell(one), one["place"])))
        for row in rows:
            unit.event(
                table_name="appointment",
                record_id=row["id"],
                patient_id=row["patient_id"],
                version_after=1,
                after=canonical({k: v for k, v in row.items() if v is not None}),
            )

    def _row(self, visit: _Visit, now: datetime) -> dict[str, Any]:
        row, status = visit.row, self._status(visit)
        return {
            "id": new_id(),
            "patient_id": visit.patient_id,
            "practitioner_id": visit.practitioner.id,
            "location_id": visit.practitioner.location_id,
            "visit_type_id": visit.kind.id,
            "room_id": None,
            "start_at": visit.start,
            "end_at": visit.end,
            "zone": visit.zone,
            "wall": visit.wall,
            "status": status,
            "confirmed_at": now if row.confirmed and status == "booked" else None,
            "modality": visit.kind.modality,
            "place": 0,
            "patient_place": 0,
            "overbook_reason": None,
            "note": row.note,
            "cancel_reason": "other" if status == "cancelled" else None,
            "created_at": now,
        }

    # What has changed

    def _change(self, unit: Unit | None, visit: _Visit, old: Any, memory: Memory) -> bool:
        """Write what a row says otherwise than before; what the desk has done since stays."""
        says = digests(visit.says(self._status(visit)))
        told = self._told(visit, old, memory.news(visit.source, says))
        memory.keep(visit.source, old["id"], says)
        moved = {name: value for name, value in told.items() if old[name] != value}
        if not moved:
            return False
        if unit is not None:
            if "confirmed_at" in moved:
                moved["confirmed_at"] = unit.now
            self._write(unit, visit, old, moved)
        return True

    def _write(self, unit: Unit, visit: _Visit, old: Any, moved: dict[str, Any]) -> None:
        after = dict(old) | moved
        held_before = old["status"] in derived.HOLDING
        replaced = moved.keys() & {"start_at", "end_at", "practitioner_id"} or not held_before
        if after["status"] in derived.HOLDING and replaced:
            span = cells(after["start_at"], after["end_at"])
            places = _places(unit.connection, visit, span, {}, but=old["id"])
            moved |= places
            if any(places.values()):
                moved["overbook_reason"] = old["overbook_reason"] or IMPORTED
        unit.update(Appointment, old["id"], **moved)
        # At once: the rows behind this one look for their places beside it.
        derived.reoccupy(unit.connection, [old["id"]])

    def _told(self, visit: _Visit, old: Any, news: set[str]) -> dict[str, Any]:
        row = visit.row
        told: dict[str, Any] = {}
        if "note" in news and row.note != " ".join((old["note"] or "").split()):
            told["note"] = row.note
        if old["status"] not in OPEN:
            return told
        if news & {"start", "practitioner"}:
            told |= _slot(visit, old["end_at"] - old["start_at"])
        if "minutes" in news:
            told["end_at"] = told.get("start_at", old["start_at"]) + (visit.end - visit.start)
        if "kind" in news:
            told["visit_type_id"] = visit.kind.id
        if "status" in news:
            told["status"] = self._status(visit)
            if told["status"] == "cancelled":
                told["cancel_reason"] = "other"
        standing = told.get("status", old["status"])
        if "confirmed" in news and old["confirmed_at"] is None and standing == "booked":
            told["confirmed_at"] = visit.start
        return told


def _slot(visit: _Visit, length: timedelta) -> dict[str, Any]:
    """Return when and with whom a visit is, where it keeps its length."""
    return {
        "practitioner_id": visit.practitioner.id,
        "location_id": visit.practitioner.location_id,
        "start_at": visit.start,
        "end_at": visit.start + length,
        "zone": visit.zone,
        "wall": visit.wall,
    }


class _Owners:
    """Which patients the rows of one batch are about."""

    def __init__(self, connection: Connection, rows: Sequence[AppointmentRow]) -> None:
        self._connection = connection
        self._by_mrn = matching.owners(connection, "mrn", (r.mrn for r in rows if r.mrn))
        keys = (r.patient_id for r in rows if r.patient_id)
        self._by_key = matching.owners(connection, ELSEWHERE, keys)

    def of(self, row: AppointmentRow) -> str:
        """Return the patient of a row; raise LeftOut with why there is none."""
        found = self._by_mrn.get(row.mrn or "") or self._by_key.get(row.patient_id or "")
        if found:
            return found
        if row.mrn or row.patient_id:
            raise LeftOut(
                f"No patient has the number {row.mrn or row.patient_id}. Import the patients first."
            )
        return self._named(row)

    def _named(self, row: AppointmentRow) -> str:
        ids = namesakes(self._connection, row.family or "", row.given or "", row.birth_date)
        if len(ids) == 1:
            return ids[0]
        name = ", ".join(filter(None, (row.family, row.given)))
        if ids:
            raise LeftOut(f"{len(ids)} patients are called {name} and have this birth date.")
        raise LeftOut(f"No patient is called {name} with this birth date.")


class _Known:
    """Which visits here the rows of one batch are."""

    def __init__(self, connection: Connection, visits: Sequence[_Visit]) -> None:
        self.memory = Memory(connection, "appointment", (visit.source for visit in visits))
        self._by_id = matching.visits_by_id(connection, self.memory.records())
        self._by_key: dict[tuple[str, datetime, str], list[Any]] = {}
        if visits:
            first, last = min(v.start for v in visits), max(v.start for v in visits)
            whose = (visit.patient_id for visit in visits)
            self._by_key = matching.visits(connection, whose, first, last)

    def visit(self, visit: _Visit, status: str) -> Any | None:
        """Return the visit a row is, None for a new one; raise LeftOut for another patient's."""
        old = self._by_id.get(self.memory.record(visit.source) or "")
        if old is not None and old["patient_id"] != visit.patient_id:
            raise LeftOut(
                f"The appointment {visit.row.source_id} is another patient's here. "
                "Please cancel one of the two by hand."
            )
        return old or _pick(self._by_key.get(visit.key, []), status)


def _pick(olds: Sequence[Any], status: str) -> Any | None:
    """Return the visit a row is: one that stands as it says, else one still held, else any."""
    by_status = [old for old in olds if old["status"] == status]
    held = [old for old in olds if old["status"] in derived.HOLDING]
    return next(iter([*by_status, *held, *olds]), None)


def _places(
    connection: Connection,
    visit: _Visit,
    span: Sequence[int],
    taken: dict[tuple[str, str, int], set[int]],
    but: str = "",
) -> dict[str, int]:
    return {
        name: _place(connection, kind, key, span, taken, but)
        for name, kind, key in (
            ("place", "practitioner", visit.practitioner.id),
            ("patient_place", "patient", visit.patient_id),
        )
    }


def _place(
    connection: Connection,
    kind: str,
    key: str,
    span: Sequence[int],
    taken: dict[tuple[str, str, int], set[int]],
    but: str,
) -> int:
    """Return the first place beside those stored and those of this batch."""
    used = matching.held(connection, kind, key, span[0], span[-1], but)
    for cell in span:
        used |= taken.get((kind, key, cell), set())
    return next(place for place in range(len(used) + 1) if place not in used)


def _cell(row: dict[str, Any]) -> tuple[str, str, int]:
    return row["kind"], row["resource_id"], row["cell"]


def _moment(start: datetime, zone: ZoneInfo) -> datetime:
    """Return a start as UTC; wall time that the clocks skip is refused."""
    if start.tzinfo is not None:
        return start.astimezone(UTC)
    moment = start.replace(tzinfo=zone).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) != start:
        raise LeftOut(f"{start:%Y-%m-%d %H:%M} does not exist: the clocks go forward there.")
    return moment

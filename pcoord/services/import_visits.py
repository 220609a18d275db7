"""Imported appointments: matched by patient, start and practitioner."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pcoord.domain.clinic import Clinic, Practitioner, VisitType
from pcoord.domain.names import fold
from pcoord.domain.slots import cells
from pcoord.exchange.csv_map import Mapping
from pcoord.exchange.csv_reader import Table
from pcoord.exchange.csv_rows import Skipped
from pcoord.exchange.csv_visits import AppointmentRow, TakenVisit, rows_to_appointments
from pcoord.services.desk import Desk
from pcoord.services.import_changes import ELSEWHERE
from pcoord.services.import_patients import namesakes
from pcoord.services.importing import Tally
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


class LeftOut(ValueError):
    """The row cannot be stored; the message is a sentence that says why."""


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
    told_length: bool
    told_kind: bool

    @property
    def key(self) -> tuple[str, datetime, str]:
        return self.patient_id, self.start, self.practitioner.id


class VisitRows:
    """Appointments of one table on their way into the store."""

    batch = 250
    noun = "appointment"

    def __init__(self, clinic: Clinic, today: date, mapping: Mapping) -> None:
        self.clinic, self.today = clinic, today
        self.words = mapping.values
        self._people = _practitioner_words(clinic)
        self._kinds = _kind_words(clinic)

    def read(self, table: Table, mapping: Mapping, order: str) -> Iterator[TakenVisit | Skipped]:
        """Return the rows of a table as visits or as left out."""
        return rows_to_appointments(table, mapping, order, self.clinic.region, today=self.today)

    def keys(self, row: AppointmentRow) -> Sequence[str]:
        """Return whose, when, with whom and how it stands: a cancelled visit may be booked anew."""
        whose = row.mrn or row.patient_id or f"{row.family},{row.given} {row.birth_date}"
        return [f"{whose} {row.start.isoformat()} {row.practitioner} {row.status}"]

    def store(self, connection: Connection, unit: Unit | None, rows: list[TakenVisit]) -> Tally:
        """Match rows with the visits here; write the new and the changed ones."""
        tally, visits = Tally(), []
        owners = _Owners(connection, [one.row for one in rows])
        for one in rows:
            try:
                visits.append(self._found(one.row, owners))
            except LeftOut as reason:
                tally.skipped.append((one.line, str(reason)))
        here = _here(connection, visits)
        fresh = []
        for visit in visits:
            old = _pick(here.get(visit.key, []), self._status(visit))
            if old is None:
                fresh.append(visit)
            elif self._change(unit, visit, old):
                tally.updated += 1
            else:
                tally.unchanged += 1
        tally.created = len(fresh)
        if unit is not None and fresh:
            self._create(connection, unit, fresh)
        return tally

    def again(self) -> None:
        """Nothing is remembered from batch to batch."""

    def finish(self, desk: Desk) -> None:
        """Nothing is left to do."""

    # What the words mean

    def _found(self, row: AppointmentRow, owners: "_Owners") -> _Visit:
        patient_id = owners.of(row)
        practitioner = self._practitioner(row.practitioner or "")
        kind = self._kind(row.visit_type)
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
            row.minutes is not None,
            row.visit_type is not None,
        )

    def _practitioner(self, word: str) -> Practitioner:
        meant = _said(self.words.get("practitioner", {}), word)
        found = self._people.get(_bare_name(meant), [])
        if len(found) == 1:
            return found[0]
        why = "fits several providers" if found else "is no provider of this clinic"
        raise LeftOut(
            f'"{word[:40]}" {why}. Say who is meant in the mapping file under '
            '[values.practitioner]: "their word" = "CODE".'
        )

    def _kind(self, word: str | None) -> VisitType:
        if word is None:
            return self._kinds.get("fu") or self.clinic.visit_types[0]
        found = self._kinds.get(fold(word))
        if found is None:
            raise LeftOut(
                f'The visit type "{word[:40]}" is not known here. Say what it means in the '
                'mapping file under [values.visit_type]: "their word" = "fu".'
            )
        return found

    def _status(self, visit: _Visit) -> str:
        """Return how an imported visit stands: nobody is here because a file says so."""
        if visit.row.status not in HERE:
            return visit.row.status
        past = visit.start.astimezone(self.clinic.zone).date() < self.today
        return "fulfilled" if past else "booked"

    # What is new

    def _create(self, connection: Connection, unit: Unit, visits: list[_Visit]) -> None:
        rows, occupied = [], []
        taken: dict[tuple[str, str, int], set[int]] = {}
        for visit in visits:
            row = self._row(visit, unit.now)
            if row["status"] in derived.HOLDING:
                row |= _places(connection, visit, taken)
            if row["place"] or row["patient_place"]:
                row["overbook_reason"] = IMPORTED
            rows.append(row)
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

    def _change(self, unit: Unit | None, visit: _Visit, old: Any) -> bool:
        """Write what a row says otherwise; what the desk has done with a visit since stays."""
        told = self._told(visit, old, unit.now if unit else visit.start)
        moved = {name: value for name, value in told.items() if old[name] != value}
        if not moved:
            return False
        if unit is not None:
            holding = moved.get("status", old["status"]) in derived.HOLDING
            if holding and ("end_at" in moved or old["status"] not in derived.HOLDING):
                places = _places(unit.connection, visit, {}, but=old["id"])
                moved |= places
                if any(places.values()):
                    moved["overbook_reason"] = old["overbook_reason"] or IMPORTED
            unit.update(Appointment, old["id"], **moved)
        return True

    def _told(self, visit: _Visit, old: Any, now: datetime) -> dict[str, Any]:
        row = visit.row
        told: dict[str, Any] = {}
        if row.note and row.note != " ".join((old["note"] or "").split()):
            told["note"] = row.note
        if old["status"] not in OPEN:
            return told
        if visit.told_length:
            told["end_at"] = visit.end
        if visit.told_kind:
            told["visit_type_id"] = visit.kind.id
        told["status"] = self._status(visit)
        if told["status"] == "cancelled":
            told["cancel_reason"] = "other"
        if row.confirmed and old["confirmed_at"] is None and told["status"] == "booked":
            told["confirmed_at"] = now
        return told


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


def _here(
    connection: Connection, visits: Sequence[_Visit]
) -> dict[tuple[str, datetime, str], list[Any]]:
    if not visits:
        return {}
    first, last = min(v.start for v in visits), max(v.start for v in visits)
    return matching.visits(connection, (v.patient_id for v in visits), first, last)


def _pick(olds: Sequence[Any], status: str) -> Any | None:
    """Return the visit a row is: one that stands as it says, else one still held, else any."""
    by_status = [old for old in olds if old["status"] == status]
    held = [old for old in olds if old["status"] in derived.HOLDING]
    return next(iter([*by_status, *held, *olds]), None)


def _places(
    connection: Connection,
    visit: _Visit,
    taken: dict[tuple[str, str, int], set[int]],
    but: str = "",
) -> dict[str, int]:
    span = cells(visit.start, visit.end)
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


def _said(words: dict[str, str], typed: str) -> str:
    folded = {word.casefold(): value for word, value in words.items()}
    return folded.get(typed.casefold(), typed)


def _bare_name(text: str) -> str:
    """Return a provider's name without titles, for comparing."""
    titles = {"dr", "doctor", "prof", "md", "do", "np", "pa", "rn", "phd", "mr", "mrs", "ms"}
    return " ".join(word for word in fold(text).split() if word not in titles)


def _practitioner_words(clinic: Clinic) -> dict[str, list[Practitioner]]:
    """Return what each provider may be called: code, id, family name, whole name."""
    found: dict[str, list[Practitioner]] = {}
    for one in clinic.practitioners:
        called = {one.code, one.id, one.family, f"{one.given} {one.family}"}
        called |= {f"{one.family} {one.given}", f"{one.given[:1]} {one.family}"}
        for word in {_bare_name(name) for name in called} - {""}:
            found.setdefault(word, []).append(one)
    for one in clinic.practitioners:  # a code is never unclear
        found[_bare_name(one.code)] = [one]
    return found


def _kind_words(clinic: Clinic) -> dict[str, VisitType]:
    found: dict[str, VisitType] = {}
    for kind in clinic.visit_types:
        for word in (kind.title, *kind.words):
            found.setdefault(fold(word), kind)
    return found | {fold(kind.code): kind for kind in clinic.visit_types}

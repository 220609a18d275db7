"""Imported patients: matched by record number or by the other system's own, then by name."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pcoord.domain.clinic import Clinic
from pcoord.domain.names import fold, name_tokens
from pcoord.domain.phones import normal
from pcoord.exchange.csv_map import Mapping as TableMapping
from pcoord.exchange.csv_reader import Table
from pcoord.exchange.csv_rows import PatientRow, Skipped, rows_to_patients
from pcoord.services import import_coverages
from pcoord.services.desk import Desk
from pcoord.services.import_changes import ELSEWHERE, Change, phone_row
from pcoord.services.import_memory import Digests, Memory, digest, digests
from pcoord.services.importing import ACTION, BATCH, Tally
from pcoord.services.newcomers import FIRST_NUMBER
from pcoord.services.second_look import identity_changes
from pcoord.store.engine import Connection
from pcoord.store.filling import Lookups
from pcoord.store.ids import new_id
from pcoord.store.queries import matching
from pcoord.store.queries.matching import Known, counter
from pcoord.store.queries.merged import survivors_among
from pcoord.store.tables import (
    Address,
    ContactPoint,
    Coverage,
    HumanName,
    Identifier,
    Patient,
)
from pcoord.store.unit import Unit
from pcoord.store.values import canonical

ADDRESS = ("line", "city", "state", "postal_code", "country")


@dataclass
class _New:
    """The rows of new patients, table by table."""

    patients: list[dict[str, Any]] = field(default_factory=list)
    identifiers: list[dict[str, Any]] = field(default_factory=list)
    phones: list[dict[str, Any]] = field(default_factory=list)
    addresses: list[dict[str, Any]] = field(default_factory=list)
    names: list[dict[str, Any]] = field(default_factory=list)
    coverages: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Read:
    """A row, how the other system names it, and the digests of what it says."""

    line: int
    row: PatientRow
    told: tuple[str, ...]
    source: str
    says: Digests


class PatientRows:
    """Patients of one table on their way into the store."""

    batch = BATCH
    noun = "patient"

    def __init__(self, clinic: Clinic, today: date) -> None:
        self.clinic, self.today = clinic, today
        self._lookups = Lookups()

    def read(self, table: Table, mapping: TableMapping, order: str) -> Iterator[_Read | Skipped]:
        """Return the rows of a table as patients or as left out.

        What can be found out without the records is found out here: no transaction waits for it.
        """
        region = self.clinic.region
        for one in rows_to_patients(table, mapping, order, region, today=self.today):
            if isinstance(one, Skipped):
                yield one
                continue
            for _, number in one.row.phones:
                normal(number, region)  # remembered
            says = digests(_says(one.row))
            yield _Read(one.line, one.row, one.told, _source(one.row), says)

    def keys(self, row: PatientRow) -> Sequence[str]:
        """Return the row's numbers, or name and birth date of a row without any."""
        numbers = [f"mrn {row.mrn}"] if row.mrn else []
        numbers += [f"id {row.source_id}"] if row.source_id else []
        return numbers or [f"{_folded(row.family, row.given)} {row.birth_date}"]

    def store(self, connection: Connection, unit: Unit | None, rows: list[_Read]) -> Tally:
        """Match rows with the patients here; write the new and the changed ones."""
        tally, fresh = Tally(), []
        found = _Found(connection, rows)
        memory = Memory(connection, "patient", (one.source for one in rows))
        for one in rows:
            patient_id, why = found.match(one.row, memory.record(one.source))
            if why:
                tally.skipped.append((one.line, why))
            elif patient_id is None:
                fresh.append(one)
            elif why := self._another_person(one, found.known[patient_id], memory):
                tally.skipped.append((one.line, why))
            elif self._change(unit, one, found.known[patient_id], memory):
                tally.updated += 1
            else:
                tally.unchanged += 1
        tally.created = len(fresh)
        if unit is not None:
            if fresh:
                self._create(connection, unit, fresh, memory)
            memory.store(connection)
        return tally

    def again(self) -> None:
        """Take nothing of a batch for stored that was refused."""
        self._lookups.forget()

    def finish(self, desk: Desk) -> None:
        """Move the counter of record numbers on past those that were brought in."""
        first = max(desk.read(counter, "mrn") + 1, FIRST_NUMBER)
        while (free := desk.read(_first_free, first)) is None:
            first += BATCH
        desk.step(ACTION, lambda work: work.unit.pass_number("mrn", free - 1))

    # What is new

    def _create(
        self, connection: Connection, unit: Unit, rows: list[_Read], memory: Memory
    ) -> None:
        new = _New()
        numbers = iter(_next_numbers(connection, unit, sum(not one.row.mrn for one in rows)))
        for one in rows:
            key = self._add(new, one.row, one.row.mrn or next(numbers), unit)
            memory.keep(one.source, key, one.says)
        written = {}
        for model, made in (
            (Patient, new.patients),
            (Identifier, new.identifiers),
            (ContactPoint, new.phones),
            (Address, new.addresses),
            (HumanName, new.names),
            (Coverage, new.coverages),
        ):
            written[str(model.__tablename__)] = unit.bulk(model, made)
        for event in new.events:
            unit.event(**event)
        self._lookups.add(connection, written)

    def _add(self, new: _New, row: PatientRow, mrn: str, unit: Unit) -> str:
        key = new_id()
        values = _patient_values(row)
        numbers = [("mrn", mrn)] + ([(ELSEWHERE, row.source_id)] if row.source_id else [])
        phones = [
            phone_row(self.clinic.region, use, value, at)
            for at, (use, value) in enumerate(row.phones)
        ]
        home = {name: getattr(row, name) for name in ADDRESS}
        new.patients.append({"id": key, "created_at": unit.now} | values)
        new.identifiers += [_of(key, system=s, value=v) for s, v in numbers]
        new.phones += [_of(key, **phone) for phone in phones]
        if any(home.values()):
            new.addresses.append(_of(key, **home))
        if row.maiden:
            new.names.append(_of(key, use="maiden", family=row.maiden))
        new.coverages += [_of(key, **cover) for cover in import_coverages.new_ones(row)]
        more = {f"{system}_number": value for system, value in numbers} | {
            "phones": [phone["value"] for phone in phones],
            "maiden": row.maiden,
        }
        said = values | home | import_coverages.says(row) | more
        kept = {k: v for k, v in said.items() if v not in (None, "", [], False)}
        new.events.append(
            {
                "table_name": "patient",
                "record_id": key,
                "patient_id": key,
                "version_after": 1,
                "after": canonical(kept),
            }
        )
        return key

    # What has changed

    def _another_person(self, one: _Read, known: Known, memory: Memory) -> str | None:
        """Tell why a row is left out that would make another person of a record."""
        told = _only(_told(one.row), memory.news(one.source, one.says))
        changes = identity_changes(known.patient, told, self.clinic.date_order)
        if len(changes) < 2:
            return None
        usual = next((n["value"] for n in known.identifiers if n["use"] == "usual"), "-")
        return (
            f"This may be another person than MRN {usual}: {'; '.join(changes)}. If it is the same "
            "one, change the record at the desk and bring the file in again."
        )

    def _change(self, unit: Unit | None, one: _Read, known: Known, memory: Memory) -> bool:
        """Write what a row says otherwise than the last time; an empty cell takes nothing away."""
        row, news = one.row, memory.news(one.source, one.says)
        change = Change(unit, known)
        change.values(Patient, known.patient, _only(_told(row), news))
        change.numbers(row)
        if "phones" in news:
            change.phones(self.clinic.region, row)
        home = _only(_home(row), news)
        if not _has_address(known, home):
            change.one(Address, _homes(known), {"use": "home"}, home)
        change.one(
            HumanName,
            [name for name in known.names if name["use"] == "maiden"],
            {"use": "maiden"},
            {"family": row.maiden} if "maiden" in news else {},
        )
        import_coverages.change(change, row, news, memory.said(one.source), self.today)
        memory.keep(one.source, known.patient["id"], one.says)
        return change.made


def _homes(known: Known) -> list[Any]:
    """Return the addresses that a file may change: not what the desk made safe, or forbade."""
    homes = [row for row in known.addresses if row["use"] == "home"]
    return [row for row in homes if not row["safe"] and not row["never"]]


def _has_address(known: Known, told: dict[str, Any]) -> bool:
    """Tell whether an address is on record already, of whatever use."""
    cells = {name: str(value).casefold().split() for name, value in told.items() if value}
    return any(
        all(str(row[name] or "").casefold().split() == cell for name, cell in cells.items())
        for row in known.addresses
    )


class _Found:
    """Which patients the rows of one batch are."""

    def __init__(self, connection: Connection, rows: Iterable[_Read]) -> None:
        people = [one.row for one in rows]
        self._by_mrn = matching.owners(connection, "mrn", (r.mrn for r in people if r.mrn))
        self._by_source = matching.owners(
            connection, ELSEWHERE, (r.source_id for r in people if r.source_id)
        )
        self._by_name = {
            _person(r): namesakes(connection, _family(r), r.given, r.birth_date)
            for r in people
            if _numberless(r)
        }
        ids = {*self._by_mrn.values(), *self._by_source.values()}
        ids |= {key for keys in self._by_name.values() for key in keys}
        self.known = matching.patients(connection, ids)
        self._merged = survivors_among(connection, sorted(ids))
        self._taken: set[str] = set()

    def match(self, row: PatientRow, before: str | None) -> tuple[str | None, str | None]:
        """Return the patient a row is, None for a new one; or why it must be left out.

        `before` is whom the row was the last time: then the desk may have changed the name since.
        """
        if _numberless(row):
            return self._match_name(row)
        by_mrn = self._by_mrn.get(row.mrn or "")
        by_source = self._by_source.get(row.source_id or "")
        found = by_source or by_mrn
        if found is None:
            return None, None
        if by_mrn and by_mrn != found:
            return None, self._taken_by(f"The record number {row.mrn}", by_mrn)
        if self._is_merged(row, found):
            return None, self._say_merged(found)
        if found != before and not is_same_person(row, self.known[found]):
            number = f"record number {row.mrn}" if by_mrn else f"number {row.source_id}"
            return None, self._taken_by(f"The {number}", found)
        return self._once(found)

    def _is_merged(self, row: PatientRow, patient_id: str) -> bool:
        """Tell whether a row's numbers are those of a record that was merged into another one."""
        if patient_id not in self._merged:
            return False
        told = {("mrn", row.mrn), (ELSEWHERE, row.source_id)}
        held = [n for n in self.known[patient_id].identifiers if (n["system"], n["value"]) in told]
        return bool(held) and all(n["use"] == "old" for n in held)

    def _say_merged(self, patient_id: str) -> str:
        numbers = self.known[patient_id].identifiers
        usual = next((n["value"] for n in numbers if n["use"] == "usual"), "-")
        return f"This record was merged into MRN {usual} here; changes belong there."

    def _match_name(self, row: PatientRow) -> tuple[str | None, str | None]:
        ids = self._by_name[_person(row)]
        if len(ids) > 1:
            return None, (
                f"{len(ids)} patients have this name and birth date, and the row has no number."
            )
        return self._once(ids[0]) if ids else (None, None)

    def _once(self, patient_id: str) -> tuple[str | None, str | None]:
        if patient_id in self._taken:
            return None, "The same patient stands further up in this file."
        self._taken.add(patient_id)
        return patient_id, None

    def _taken_by(self, number: str, patient_id: str) -> str:
        holder = self.known[patient_id].patient
        born = f", born {holder['birth_date'].isoformat()}" if holder["birth_date"] else ""
        name = ", ".join(filter(None, (holder["family"], holder["given"])))
        return f"{number} is already given to {name}{born}."


def is_same_person(row: PatientRow, known: Known) -> bool:
    """Tell whether a row may be the patient who has its number: a name or the birth date fits."""
    here = known.patient
    both = row.birth_date is not None and here["birth_date"] is not None
    if both and row.birth_date == here["birth_date"]:
        return True
    if both:
        return _folded(row.family, row.given) == _folded(here["family"], here["given"])
    others = [name["family"] or "" for name in known.names]
    words = name_tokens(here["family"], here["given"], others)
    return bool(words & name_tokens(row.family, row.given))


def _numberless(row: PatientRow) -> bool:
    return not (row.mrn or row.source_id)


def _person(row: PatientRow) -> tuple[str, date | None]:
    return _folded(_family(row), row.given), row.birth_date


def _folded(family: str, given: str | None) -> str:
    return f"{fold(family)},{fold(given or '')}"


def namesakes(connection: Connection, family: str, given: str, born: date | None) -> list[str]:
    """Return the ids of patients of exactly this name and birth date."""
    words = sorted(name_tokens(family, ""), key=len)
    if not words:
        return []
    rows = matching.with_name_word(connection, words[-1], born)
    wanted = (_folded(family, given), born)
    return [r.id for r in rows if (_folded(r.family, r.given), r.birth_date) == wanted]


def _next_numbers(connection: Connection, unit: Unit, count: int) -> list[str]:
    """Return so many record numbers that no patient has."""
    found: list[str] = []
    while len(found) < count:
        last = unit.next_numbers("mrn", count, FIRST_NUMBER)
        numbers = [str(number) for number in range(last - count + 1, last + 1)]
        taken = matching.owners(connection, "mrn", numbers)
        found += [number for number in numbers if number not in taken]
    return found[:count]


def _first_free(connection: Connection, first: int) -> int | None:
    """Return the first record number from `first` on that no patient has; None: look further."""
    span = range(first, first + BATCH)
    taken = matching.owners(connection, "mrn", map(str, span))
    return next((number for number in span if str(number) not in taken), None)


def _family(row: PatientRow) -> str:
    return " ".join(filter(None, (row.family, row.suffix)))


def _patient_values(row: PatientRow) -> dict[str, Any]:
    return {
        "family": _family(row),
        "given": row.given,
        "middle": row.middle,
        "preferred": row.preferred,
        "birth_date": row.birth_date,
        "deceased_on": row.deceased_on,
        "sex": row.sex,
        "language": row.language,
        "interpreter": bool(row.interpreter),
        "email": row.email,
        "note": row.note,
    } | ({"active": row.active} if row.active is not None else {})


def _told(row: PatientRow) -> dict[str, Any]:
    """Return what a row really says: empty cells and an unknown sex say nothing."""
    told = {k: v for k, v in _patient_values(row).items() if v not in (None, "")}
    if row.sex == "unknown":
        del told["sex"]
    if row.interpreter is None:
        del told["interpreter"]
    return told


def _home(row: PatientRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ADDRESS if getattr(row, name)}


def _says(row: PatientRow) -> dict[str, Any]:
    """Return all that a row says of somebody, besides who it is."""
    more = {"maiden": row.maiden, "phones": list(row.phones)}
    known = _told(row) | _home(row) | import_coverages.says(row)
    return known | {name: value for name, value in more.items() if value}


def _only(told: dict[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if name in names}


def _source(row: PatientRow) -> str:
    """Return how the other system names the row: its key, else its number, else who it is."""
    if row.source_id or row.mrn:
        return f"id {row.source_id}" if row.source_id else f"mrn {row.mrn}"
    return f"name {digest(_person(row), 16)}"


def _of(patient_id: str, **values: Any) -> dict[str, Any]:
    return {"id": new_id(), "patient_id": patient_id} | values

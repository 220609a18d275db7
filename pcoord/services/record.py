"""The patient's record in parts: read them, add, change, and take out what was an error."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from pcoord.domain.alerts import seen_by
from pcoord.domain.disclosure import ended_by_age
from pcoord.domain.errors import BadUsage, NotFound, NotPermitted, Refused
from pcoord.domain.sentences import full_name
from pcoord.services import restricted_records
from pcoord.services.desk import Desk, Work, use_case
from pcoord.services.looks import note_look
from pcoord.services.parts import Part, read_part, say_part
from pcoord.services.patient_card import grant_of
from pcoord.services.patient_fields import FieldErrors
from pcoord.services.record_parts import CONTACT, PARTS
from pcoord.store.ids import new_id
from pcoord.store.queries import cards
from pcoord.store.queries.people import short_patient
from pcoord.store.tables import Patient
from pcoord.store.unit import table_of

_GONE = "That entry is not on record any more; look again."


@dataclass(frozen=True)
class Entry:
    """One entry of a record: what kind, its key and version, and what it says in one line."""

    kind: str
    id: str
    version: int
    line: str
    standing: bool
    fields: dict[str, str]


@dataclass(frozen=True)
class Record:
    """All parts of a patient's record that come in lists."""

    patient_id: str
    name: str
    mrn: str | None
    entries: tuple[Entry, ...]

    def of(self, kind: str) -> list[Entry]:
        """Return the entries of a kind."""
        return [entry for entry in self.entries if entry.kind == kind]


@dataclass(frozen=True)
class Opened:
    """An entry, or a new one, as a form shows it; `seen` is the version that is shown.

    `new_id` is the key a new one will have, so that saving it again stores nothing twice.
    """

    part: Part
    patient_id: str
    name: str
    values: dict[str, str]
    id: str | None = None
    seen: int | None = None
    new_id: str | None = None


@use_case("record.add", "patient.write")
def add(
    work: Work, *, patient_id: str, part: str, part_id: str | None = None, **typed: str | None
) -> None:
    """Add an entry to a record; `part` names its kind, fields come as typed. Raises FieldErrors."""
    spec, person = part_of(part), _person(work, patient_id)
    _demand_not_stored(work, spec, part_id)
    values = read_part(spec, work.clinic, work.today, typed)
    _demand_new(work, spec, patient_id, values)
    if "created_at" in table_of(spec.model).c:
        values["created_at"] = work.now
    made = work.unit.insert(spec.model, id=part_id, patient_id=patient_id, **values)
    _settle_others(work, spec, patient_id, made, values)
    _say(work, spec, person, made, "Added to")


@use_case("record.change", "patient.write")
def change(
    work: Work, *, part: str, part_id: str, seen: int | None = None, **typed: str | None
) -> None:
    """Change the given fields of an entry; raise Conflict when it changed since version `seen`."""
    spec = part_of(part)
    row = _row(work, spec, part_id)
    person = _person(work, row["patient_id"])
    stored = say_part(spec, _Shown(row), work.clinic)
    values = read_part(spec, work.clinic, work.today, stored | typed)
    moved = {name: value for name, value in values.items() if row[name] != value}
    if spec.unique in moved:
        _demand_new(work, spec, row["patient_id"], values)
    work.unit.update(spec.model, part_id, seen, **moved)
    if not moved:
        raise Refused("Nothing was changed, so nothing was stored.")
    _settle_others(work, spec, row["patient_id"], part_id, moved)
    _say(work, spec, person, part_id, "Changed for")


@use_case("record.remove", "patient.write")
def remove(work: Work, *, part: str, part_id: str, seen: int | None = None) -> None:
    """Take an entry out that was an error; one that only ended gets an end instead."""
    spec = part_of(part)
    row = _row(work, spec, part_id)
    person = _person(work, row["patient_id"])
    if kept := spec.keeps(_Shown(row)):
        raise Refused(kept)
    work.unit.update(spec.model, part_id, seen, entered_in_error=True)
    if spec.owns:
        work.unit.touch(Patient, person.id)
    _say(work, spec, person, part_id, "Taken out of the record of")


def part_of(kind: str) -> Part:
    """Return the kind of part of that name; raise BadUsage."""
    if kind not in PARTS:
        raise BadUsage(f"A record has no {kind!r}; it has {', '.join(PARTS)}.")
    return PARTS[kind]


def load(desk: Desk, patient_id: str) -> Record:
    """Return the parts of a patient's record; the look is recorded first."""
    desk.demand("patient.read")
    row = desk.read(cards.patient_row, patient_id)
    if row is None:
        raise NotFound("That patient is not on file any more; look again (F4).")
    restricted_records.demand(desk, patient_id, row.restricted)
    note_look(desk, patient_id, "patient.open")
    entries = [entry for part in PARTS.values() for entry in _entries(desk, part, row)]
    return Record(patient_id, full_name(row), row.mrn, tuple(entries))


def demand_of(desk: Desk, patient_id: str, part: str, part_id: str) -> None:
    """Refuse an entry that is not of this patient's record."""
    if part_id not in {entry.id for entry in load(desk, patient_id).of(part_of(part).kind)}:
        raise NotFound(_GONE)


def open_new(desk: Desk, patient_id: str, kind: str) -> Opened:
    """Return the form of a new entry, with what is usual filled in."""
    desk.demand("patient.write")
    part, row = part_of(kind), desk.read(short_patient, patient_id)
    if row is None:
        raise NotFound("That patient is not on file any more; look again (F4).")
    fresh = part.fresh(desk.clinic, desk.today)
    return Opened(part, patient_id, full_name(row), fresh, new_id=new_id())


def open_entry(desk: Desk, kind: str, part_id: str) -> Opened:
    """Return the form of an entry as it stands; raise NotFound when it was taken out."""
    desk.demand("patient.write")
    part = part_of(kind)
    row = desk.read(cards.part_row, part.model.__tablename__, part_id)
    if row is None or not _may_see(desk.who.role, row):
        raise NotFound(_GONE)
    person: Any = desk.read(short_patient, row.patient_id)
    restricted_records.demand(desk, person.id, person.restricted)
    values = say_part(part, row, desk.clinic)
    return Opened(part, row.patient_id, full_name(person), values, part_id, row.version)


def _entries(desk: Desk, part: Part, person: Any) -> list[Entry]:
    rows = desk.read(cards.parts_of, person.id, part.model.__tablename__)
    return [
        _entry(desk, part, row, person.birth_date) for row in rows if _may_see(desk.who.role, row)
    ]


def _entry(desk: Desk, part: Part, row: Any, born: date | None) -> Entry:
    """Say an entry; what was agreed for a child says so once the patient is of age."""
    line, today = part.line(row, desk.clinic, desk.today), desk.today
    ended = part is CONTACT and ended_by_age(grant_of(row), born, today, desk.clinic.majority_age)
    return Entry(
        kind=part.kind,
        id=row.id,
        version=row.version,
        line=f"ENDED, of age: {line}" if ended else line,
        standing=part.stands(row, today) and not ended,
        fields=say_part(part, row, desk.clinic),
    )


def _demand_not_stored(work: Work, spec: Part, part_id: str | None) -> None:
    if part_id is None:
        return
    try:
        work.unit.row(spec.model, part_id)
    except NotFound:
        return
    raise Refused("This is stored already, from another window. Esc closes this form.")


def _demand_new(work: Work, spec: Part, patient_id: str, values: dict[str, Any]) -> None:
    """Refuse what is on this record already; a new phone is tried after those there are."""
    rows = cards.parts_of(work.connection, patient_id, spec.model.__tablename__)
    if spec.unique and any(getattr(row, spec.unique) == values[spec.unique] for row in rows):
        what = f"This {spec.one} is on record already; open that line and change it."
        raise FieldErrors({spec.fields[0].key: what})
    if "position" in table_of(spec.model).c:
        values.setdefault("position", len(rows))


def _may_see(role: str, row: Any) -> bool:
    return seen_by(getattr(row, "audience", "everybody"), role)


def _person(work: Work, patient_id: str) -> Any:
    """Return whose record it is; another desk that changes this record waits for this step.

    Or both would add the same phone, or a guarantor of their own.
    """
    person = short_patient(work.connection, patient_id)
    if person is None or person.entered_in_error:
        raise NotFound("That patient is not on file any more; look again (F4).")
    work.unit.row(Patient, patient_id)
    return person


def _row(work: Work, part: Part, part_id: str) -> Any:
    row = work.unit.row(part.model, part_id)
    if row["entered_in_error"]:
        raise NotFound(_GONE)
    if not seen_by(row.get("audience", "everybody"), work.who.role):
        raise NotPermitted("This entry is not for your role. Ask a supervisor at this desk.")
    return row


class _Shown:
    """Lets a mapping be read by its names, as rows of a query are."""

    def __init__(self, row: Any) -> None:
        self.__dict__.update(row)


def _settle_others(
    work: Work, part: Part, patient_id: str, made: str, values: dict[str, Any]
) -> None:
    """Only one related person is the guarantor, and phones stand in the order they are tried."""
    if part.owns:
        work.unit.touch(Patient, patient_id)
    rows = cards.parts_of(work.connection, patient_id, part.model.__tablename__)
    if values.get("guarantor"):
        for row in rows:
            if row.guarantor and row.id != made:
                work.unit.update(part.model, row.id, guarantor=False)
    if "position" in values:
        ordered = sorted(rows, key=lambda row: (row.position, row.id != made, row.id))
        for position, row in enumerate(ordered):
            work.unit.update(part.model, row.id, position=position)


def _say(work: Work, part: Part, person: Any, part_id: str, did: str) -> None:
    """Say what was done; what not everybody may see is not repeated."""
    row = _Shown(work.unit.row(part.model, part_id))
    hidden = getattr(row, "audience", "everybody") != "everybody"
    what = "" if hidden else f": {part.line(row, work.clinic, work.today)}"
    sentence = f"{did} {full_name(person)}, {part.one}{what}."
    about = (table_of(part.model).name, part_id)
    work.unit.say(sentence, about=about, patient_id=person.id)

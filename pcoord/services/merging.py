"""Two records of one person: seen side by side, made one, taken apart again, or told apart."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from pcoord.domain.clinic import Clinic
from pcoord.domain.dates import say_birth
from pcoord.domain.errors import Conflict, NotFound, Refused
from pcoord.domain.same_person import Likeness, compare
from pcoord.domain.sentences import full_name
from pcoord.services import reaching, restricted_records
from pcoord.services.desk import Desk, Work, use_case
from pcoord.services.looks import note_look
from pcoord.services.lookup import nicknames
from pcoord.services.patient_fields import WORDS
from pcoord.store import merging, parting
from pcoord.store.belongings import BELONGINGS, belonging
from pcoord.store.engine import Connection
from pcoord.store.parting import MERGE
from pcoord.store.queries import cards, events, likely, merged
from pcoord.store.tables import NotSamePerson, Patient, metadata

HOME = "address"
# What a record has of its own; everything else of a patient is weighed against the other's.
_OWN = frozenset({"id", "version", "entered_in_error", "created_at", "replaced_by_id"})
_UNKNOWN = (None, "", "unknown")
# Never taken over unasked: a slip in one record must not end everything that is booked.
_ASKED = frozenset({"deceased_on"})
_LABELS = WORDS | {"practitioner_id": "usually sees", "text_ok": "texts ok", HOME: "address"}


@dataclass(frozen=True)
class Field:
    """One field of two records, as text; `differs` when both say something, and not the same."""

    name: str
    label: str
    this: str
    other: str
    differs: bool

    @property
    def fills(self) -> bool:
        """Tell whether only the other record says something."""
        return bool(self.other) and not self.this


@dataclass(frozen=True)
class Side:
    """One of two records: who, which number, its version, and how much hangs on it, in words."""

    id: str
    version: int
    name: str
    mrn: str
    hangs: str


@dataclass(frozen=True)
class Comparison:
    """Two records side by side; `this` is the one that stays unless they are turned round."""

    this: Side
    other: Side
    fields: tuple[Field, ...]
    likeness: Likeness
    cautions: tuple[str, ...]

    @property
    def differing(self) -> tuple[Field, ...]:
        """Return the fields that somebody must choose."""
        return tuple(one for one in self.fields if one.differs)


def side_by_side(desk: Desk, patient_id: str, other_id: str) -> Comparison:
    """Return two records side by side; both looks are recorded first."""
    desk.demand(MERGE)
    this, other = (_row(desk, key) for key in (patient_id, other_id))
    _demand_two(this.id, other.id)
    for row in (this, other):
        restricted_records.demand(desk, row.id, row.restricted)
        note_look(desk, row.id, "patient.compare")
    people = desk.read(likely.people, [this.id, other.id])
    likeness = compare(people[this.id], people[other.id], nicknames())
    return Comparison(
        _side(desk, this),
        _side(desk, other),
        tuple(_fields(desk, this, other)),
        likeness,
        (*likeness.cautions, *_told_apart(desk, this.id, other.id)),
    )


def longer_known(desk: Desk, one: str, other: str) -> tuple[str, str]:
    """Return the two, first the one on which more hangs: it is the one to stay."""
    sums = {key: sum(desk.read(merging.counts, key).values()) for key in (one, other)}
    return (one, other) if (-sums[one], one) <= (-sums[other], other) else (other, one)


def _row(desk: Desk, patient_id: str) -> Any:
    row = desk.read(cards.patient_row, desk.read(merged.survivor_of, patient_id))
    if row is None:
        raise NotFound("That patient is not on file any more; look again (F4).")
    return row


def _demand_two(one: str, other: str) -> None:
    if one == other:
        raise Refused("That is one record already. Name two different ones.")


def _side(desk: Desk, row: Any) -> Side:
    found = desk.read(merging.counts, row.id)
    own = {"identifier", "human_name", "contact_point", "address", "not_same_person"}
    said = say_counts(Counter({k: n for k, n in found.items() if k not in own}))
    return Side(row.id, row.version, full_name(row), row.mrn or "-", said or "nothing yet")


def _fields(desk: Desk, this: Any, other: Any) -> list[Field]:
    found = []
    for name in columns():
        mine, theirs = getattr(this, name), getattr(other, name)
        here, there = (_say(desk.clinic, name, value) for value in (mine, theirs))
        told = name in _ASKED or (mine not in _UNKNOWN and theirs not in _UNKNOWN)
        differs = mine != theirs and told
        found.append(Field(name, _LABELS.get(name, name.replace("_", " ")), here, there, differs))
    mine, theirs = (_home(desk, row.id) for row in (this, other))
    differs = bool(mine and theirs) and mine.casefold() != theirs.casefold()
    found.append(Field(HOME, _LABELS[HOME], mine, theirs, differs))
    return found


def columns() -> list[str]:
    """Return the columns of a patient that are weighed against another record's."""
    return [name for name in _with_companions() if name not in _OWN]


@cache
def _with_companions() -> dict[str, tuple[str, ...]]:
    """Return the columns; who gave a consent, and when, goes where the consent goes."""
    names = [column.name for column in metadata.tables["patient"].c]
    along = {n: n.rpartition("_")[0] for n in names if n.endswith(("_by", "_at"))}
    led = {n: stem for n, stem in along.items() if stem in names}
    return {n: tuple(c for c in led if led[c] == n) for n in names if n not in led}


def fields_named(text: str) -> list[str]:
    """Return the fields that words with commas between them name; raise Refused for no field."""
    labels = {_LABELS.get(name, name.replace("_", " ")): name for name in (*columns(), HOME)}
    found = []
    for part in filter(None, (word.strip().casefold() for word in text.split(","))):
        names = [name for label, name in labels.items() if label.startswith(part) or name == part]
        if len(names) != 1:
            raise Refused(f"“{part}” is no field; name some of {', '.join(labels)}.")
        found.append(names[0])
    return found


def _say(clinic: Clinic, name: str, value: Any) -> str:
    if value in _UNKNOWN:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return say_birth(value, clinic.date_order)
    if name == "practitioner_id":
        return clinic.practitioner(value).code
    return " ".join(str(value).split())


def _home(desk: Desk, patient_id: str) -> str:
    rows = desk.read(cards.parts_of, patient_id, "address")
    row = next((one for one in rows if one.use == "home"), None)
    parts = (row.line, row.city, row.state, row.postal_code) if row else ()
    return ", ".join(part for part in parts if part)


def _told_apart(desk: Desk, one: str, other: str) -> list[str]:
    note = desk.read(merged.told_apart, one, other)
    if note is None:
        return []
    event = desk.read(events.last_change, note.id)
    who = f" by {event.username}" if event is not None else ""
    day = say_birth(desk.clinic.day_of(note.decided_at), long=True)
    return [f"Noted as two people{who} on {day}; merging takes that note back."]


def say_counts(found: Mapping[str, int]) -> str:
    """Return how much of what, in words: "3 visits, 1 call"."""
    order = dict.fromkeys(one.table for one in BELONGINGS)
    said = []
    for table in order:
        count, entry = found.get(table, 0), belonging(table)
        if count:
            said.append(f"{count} {entry.word if count == 1 else entry.many}")
    return ", ".join(said)


# Making one of two


@use_case(MERGE, "patient.merge")
def merge(
    work: Work,
    *,
    patient_id: str,
    other_id: str,
    take: Collection[str] = (),
    keep: Collection[str] = (),
    seen: int | None = None,
    seen_other: int | None = None,
) -> None:
    """Move everything of `other_id` to `patient_id`; `take` names the fields that are the other's.

    What only the other record says is taken too, unless it is to be left as it is (`keep`). Both
    record numbers go on finding the patient.
    Raises Conflict when one of them was changed since it was seen, or merged meanwhile.
    """
    other_id = _standing_id(work, other_id)
    _demand_two(patient_id, other_id)
    this, other = (_person(work, key) for key in (patient_id, other_id))
    _demand_fields(take)
    # In one order, so that two who merge the same records do not wait for each other.
    rows = {key: work.unit.row(Patient, key) for key in sorted((patient_id, other_id))}
    moved = merging.merge(
        work.unit,
        patient_id,
        other_id,
        chosen=_chosen(rows[patient_id], rows[other_id], take, keep),
        seen=seen,
        seen_other=seen_other,
        home_of_other=HOME in take,
    )
    work.unit.say(
        _say_merged(_named(this), _named(other), moved),
        about=("patient", patient_id),
        patient_id=patient_id,
    )


def _demand_fields(names: Collection[str]) -> None:
    if wrong := set(names) - {*columns(), HOME}:
        raise Refused(f"A patient has no field {', '.join(sorted(wrong))}.")


def _chosen(
    this: Mapping[str, Any],
    other: Mapping[str, Any],
    take: Collection[str],
    keep: Collection[str],
) -> dict[str, Any]:
    """Return the other record's values that are to stand: those taken, and what only it says."""

    def is_taken(name: str) -> bool:
        if name in take:
            return True
        only_other = this[name] in _UNKNOWN and other[name] not in _UNKNOWN
        # One person's record does not open because a second one was found, and whoever asked to
        # hear from nobody asked for both.
        only_other = only_other or (name == "restricted" and other[name])
        only_other = only_other or (name == "contact_by" and other[name] == reaching.NOBODY)
        return only_other and name not in {*keep, *_ASKED}

    names = [name for name in columns() if is_taken(name)]
    return {part: other[part] for name in names for part in (name, *_with_companions()[name])}


def _say_merged(this: str, other: str, moved: merging.Moved) -> str:
    counted = say_counts(moved.counts)
    what = f": {counted}" if counted else ""
    overlap = len(moved.overlapping)
    twice = f" {overlap} of the visits overlap; look at the card." if overlap else ""
    return f"Merged {other}, into {this}{what}. Both numbers find it.{twice}"


def _standing_id(work: Work, patient_id: str) -> str:
    return merged.survivor_of(work.connection, patient_id)


def _person(work: Work, patient_id: str) -> Any:
    person = work.person(patient_id)
    if person is None or person.entered_in_error:
        raise NotFound("That patient is not on file any more; look again (F4).")
    return person


def _named(person: Any) -> str:
    return f"{full_name(person)}, MRN {person.mrn or '-'}"


# Taking it back


@dataclass(frozen=True)
class Merged:
    """A record that was merged into another one, with the numbers it had then."""

    id: str
    name: str
    mrn: str
    birth_date: date | None


def merged_into(desk: Desk, patient_id: str) -> list[Merged]:
    """Return the records that were merged into a patient's, each with its own old number."""
    desk.demand("patient.read")
    standing = desk.read(merged.survivor_of, patient_id)
    shut = restricted_records.is_shut(desk, standing)
    return [_merged(row, desk.read(_number_of, row.id), shut) for row in _replaced(desk, standing)]


def _replaced(desk: Desk, patient_id: str) -> Any:
    return desk.read(merged.replaced_by, patient_id)


def _merged(row: Any, mrn: str, shut: bool) -> Merged:
    """Of a record that went into a closed one, the least is told."""
    if shut:
        return Merged(row.id, restricted_records.least_name(row), mrn, None)
    return Merged(row.id, full_name(row), mrn, row.birth_date)


def _number_of(connection: Connection, patient_id: str) -> str:
    """Return the record number that a merged record had: its row moved with that step."""
    step = merged.merge_step(connection, patient_id, MERGE)
    found = merged.number_moved(connection, step) if step is not None else None
    return found or "-"


def links(desk: Desk, patient_id: str) -> list[dict[str, Any]]:
    """Return how a record is linked with others, as FHIR's Patient.link has it.

    `replaces` on the one that stands, `replaced-by` on one that was merged (it is not active).
    """
    desk.demand("patient.read")
    found = [("replaces", row.id) for row in desk.read(merged.replaced_by, patient_id)]
    further = desk.read(merged.next_of, patient_id)
    found += [("replaced-by", further)] if further else []
    return [{"other": {"reference": f"Patient/{key}"}, "type": type_} for type_, key in found]


@use_case("patient.unmerge", "patient.merge")
def unmerge(work: Work, *, patient_id: str, other_id: str | None = None) -> None:
    """Give a merged record back what it had, also after later work; says what stays where.

    Without `other_id` the only record that was merged into the patient's is meant.
    """
    replaced = merged.replaced_by(work.connection, patient_id)
    if not replaced:
        raise Refused("Nothing was merged into this record, so there is nothing to take apart.")
    chosen = [row for row in replaced if other_id in (None, row.id)]
    if not chosen:
        further = merged.next_of(work.connection, other_id or "")
        if further is not None:
            between = _number_of(work.connection, further)
            raise Refused(
                f"It was merged into MRN {between} before that came here. Take MRN {between} "
                "apart from this record first."
            )
        raise Conflict("That record stands by itself already; look again.")
    if len(chosen) > 1:
        numbers = " or ".join(_number_of(work.connection, row.id) for row in chosen)
        raise Refused(f"Several records were merged into this one; say which: MRN {numbers}.")
    goes = chosen[0]
    step = merged.merge_step(work.connection, goes.id, MERGE)
    if step is None:
        raise NotFound("How they were merged is not on record, so it cannot be taken apart.")
    done = parting.part(work.unit, step, patient_id, goes.id)
    stays, back = _person(work, patient_id), _person(work, goes.id)
    work.unit.say(
        f"Taken apart: {_named(back)} is a record of its own again"
        f"{_with(done.back)}.{_say_rest(done, _named(stays))}",
        about=("patient", goes.id),
        patient_id=goes.id,
        # Who wants them merged after all looks at both again.
        final=True,
    )
    work.unit.event(patient_id=patient_id, after='{"taken_apart":true}')


def _with(back: Counter[str]) -> str:
    said = say_counts(+back)
    return f", with {said}" if said else ""


def _say_rest(done: parting.Parted, stays: str) -> str:
    said = ""
    if done.stays:
        said += f" Added since, and stays with {stays}: {say_counts(done.stays)}."
    if done.changed:
        names = ", ".join(_LABELS.get(name, name) for name in dict.fromkeys(done.changed))
        said += f" Changed since, and stays as it is: {names}."
    if done.elsewhere:
        said += f" Put on another record since, and stays there: {say_counts(done.elsewhere)}."
    return said


# Two people


@use_case("patient.notsame", "patient.write")
def not_same(work: Work, *, patient_id: str, other_id: str) -> None:
    """Remember that two records are two people, so that nobody is asked again."""
    other_id = _standing_id(work, other_id)
    _demand_two(patient_id, other_id)
    if merged.told_apart(work.connection, patient_id, other_id):
        raise Refused("That is noted already.")
    one, other = (_person(work, key) for key in (patient_id, other_id))
    lesser, greater = sorted((patient_id, other_id))
    work.unit.insert(
        NotSamePerson,
        patient_id=lesser,
        other_id=greater,
        decided_at=work.now,
        decided_by=work.who.user_id,
    )
    work.unit.say(
        f"Noted as two people: {_named(one)}, and {_named(other)}.",
        about=("patient", patient_id),
        patient_id=patient_id,
    )

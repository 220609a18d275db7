"""Who stands at the desk: what to ask them, what was given already, and who came along."""

from dataclasses import dataclass
from typing import Any

from pcoord.domain.dates import say_age, say_birth, say_day, say_time
from pcoord.domain.disclosure import stands
from pcoord.domain.errors import NotFound
from pcoord.domain.phones import normal, say
from pcoord.domain.sentences import full_name
from pcoord.services import callers, lookup, restricted_records
from pcoord.services.callers import Related
from pcoord.services.desk import Desk
from pcoord.services.record_parts import say_coverage
from pcoord.store.queries import cards, schedule
from pcoord.store.queries.people import phones_of

WANTED = 2
"""Identifiers asked before care is given (NPSG.01.01.01)."""

NOT_LISTED = "somebody not on file"
_WHOLE_PHONE = 7


@dataclass(frozen=True)
class Identifier:
    """Something to ask: the key that ticks it, its name, and what is stored, to compare."""

    key: str
    name: str
    stored: str


@dataclass(frozen=True)
class Arrival:
    """Somebody about to be checked in."""

    patient_id: str
    name: str
    facts: str
    visit: str
    identifiers: tuple[Identifier, ...]
    related: tuple[Related, ...]
    minor: bool
    age: str
    coverages: tuple[str, ...] = ()


def load(
    desk: Desk, *, appointment_id: str | None = None, encounter_id: str | None = None
) -> Arrival:
    """Return who is about to be checked in; the look at them is recorded first.

    Whoever stands at the desk is to be asked who they are: of a restricted record that is the
    reason, kept in the log like any other; the record itself does not open by it.
    """
    row = _row(desk, appointment_id, encounter_id)
    restricted_records.see_here(desk, row.patient_id, "check-in")
    hit = lookup.one(desk, row.patient_id)
    about = callers.about_here(desk, hit)
    age = say_age(hit.birth_date, desk.today) if hit.birth_date else ""
    facts = filter(None, (about.says, age and f"age {age}", f"MRN {hit.mrn or '-'}"))
    return Arrival(
        patient_id=row.patient_id,
        name=full_name(hit),
        facts="  ".join(facts),
        visit=_say_visit(desk, row),
        identifiers=_identifiers(desk, hit, about),
        related=about.related,
        minor=about.minor,
        age=age,
        coverages=_coverages(desk, row.patient_id),
    )


def _coverages(desk: Desk, patient_id: str) -> tuple[str, ...]:
    """Return who pays, as the card says it, in the order of billing; one that ended says so."""
    rows = desk.read(cards.parts_of, patient_id, "coverage")
    standing = [row for row in rows if stands(row.from_date, row.until_date, desk.today)]
    order = desk.clinic.date_order
    ended = [row for row in rows if row.until_date and row.until_date < desk.today]
    gone = (f"ENDED {say_birth(row.until_date, order)}: {say_coverage(row)}" for row in ended)
    return tuple(say_coverage(row) for row in standing) or tuple(gone)


def first_phone(desk: Desk, patient_id: str) -> str:
    """Return the first phone on record as it is read out, "" when there is none."""
    numbers = desk.read(phones_of, patient_id)
    return say(numbers[0], desk.clinic.region) if numbers else ""


def given(desk: Desk, patient_id: str, text: str) -> list[str]:
    """Return which identifiers of a patient a typed text holds; a name alone is none."""
    query = lookup.read_query(desk, text)
    hit = lookup.one(desk, patient_id)
    region = desk.clinic.region
    stored = {normal(number, region) for number in desk.read(phones_of, patient_id)}
    typed = {normal(d, region) for d in query.digits if len(d) >= _WHOLE_PHONE}
    found = []
    if query.birth_date and query.birth_date == hit.birth_date:
        found.append("birth date")
    if stored & typed or any(s.endswith(t) for s in stored for t in typed):
        found.append("phone")
    if hit.mrn and hit.mrn in query.identifiers:
        found.append("record number")
    return found


def _row(desk: Desk, appointment_id: str | None, encounter_id: str | None) -> Any:
    row = None
    if encounter_id is not None:
        row = desk.read(schedule.encounter_row, encounter_id)
    elif appointment_id is not None:
        row = desk.read(schedule.visit, appointment_id)
    if row is None:
        raise NotFound("That visit is not there any more; look again.")
    return row


def _say_visit(desk: Desk, row: Any) -> str:
    clinic = desk.clinic
    code = clinic.practitioner(row.practitioner_id).code if row.practitioner_id else "NURSE"
    if row.start_at is None:
        said = f"walk-in for {code}"
        return f"{said}: {row.reason}" if row.reason else said
    local = clinic.local(row.start_at)
    kind = clinic.visit_type(row.visit_type_id).title
    kept = "  CONFIDENTIAL: the patient alone" if row.confidential else ""
    return f"{say_day(local.date(), desk.today)} {say_time(local.time())} {code}  {kind}{kept}"


def _identifiers(desk: Desk, hit: Any, about: Any) -> tuple[Identifier, ...]:
    order, region = desk.clinic.date_order, desk.clinic.region
    phones = [say(number, region) for number in desk.read(phones_of, hit.id)]
    return (
        Identifier("b", "birth date", say_birth(hit.birth_date, order) if hit.birth_date else ""),
        Identifier("a", "address", about.address),
        Identifier("p", "phone", ", ".join(phones)),
        Identifier("n", "name", " ".join(filter(None, (hit.given, hit.middle, hit.family)))),
        Identifier("m", "record number", hit.mrn or ""),
    )

"""Who may be calling: everybody who shares a number, and what may be discussed with each."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pcoord.domain import alerts, disclosure, standing
from pcoord.domain.dates import birth_clues, say_birth, say_day, say_time
from pcoord.domain.names import fold
from pcoord.domain.phones import normal
from pcoord.domain.phones import say as say_phone
from pcoord.domain.sentences import full_name
from pcoord.services import day, lookup, reaching, restricted_records
from pcoord.services.desk import Desk
from pcoord.services.looks import note_look
from pcoord.services.patient_card import grant_of
from pcoord.services.restricted_records import is_closed, veiled
from pcoord.store.queries import calls as queries
from pcoord.store.queries import cards, schedule
from pcoord.store.queries import clinic as clinic_queries

MOST = 27
SELF = "patient"
# Below this age somebody else is on the telephone; the desk types who.
SPEAKS_FOR_SELF = 16
_PHONE_LENGTH = 7


@dataclass(frozen=True)
class Related:
    """A related person of a patient: what may be discussed, or the order that shuts them out."""

    id: str
    name: str
    role: str
    scopes: tuple[str, ...] = ()
    denied: str | None = None
    ended_by_age: bool = False


@dataclass(frozen=True)
class Caller:
    """Somebody who may be calling: a patient, or a related person about one. `id` is the patient's.

    `sure` is False for a name that only sounds alike, `mark` what must not be overlooked.
    """

    id: str
    family: str
    given: str
    birth_date: date | None
    mrn: str | None
    related: Related | None = None
    sure: bool = True
    mark: str = ""

    @property
    def key(self) -> str:
        """Return what tells this caller from all others."""
        return f"{self.id} {self.related.id}" if self.related else self.id


@dataclass(frozen=True)
class Ringing:
    """What was typed about a caller: the number, the name, and who that may be."""

    phone: str = ""
    name: str = ""
    callers: tuple[Caller, ...] = ()

    @property
    def one(self) -> Caller | None:
        """Return the only one who fits exactly; those who sound alike are never chosen alone."""
        sure = [caller for caller in self.callers if caller.sure]
        return sure[0] if len(sure) == 1 else None


@dataclass(frozen=True)
class About:
    """What the desk needs of a patient during a call."""

    id: str
    name: str
    says: str
    next_visit: str
    born: str
    address: str
    mrn: str
    age: int | None
    related: tuple[Related, ...] = ()
    alerts: tuple[str, ...] = ()
    minor: bool = False
    reach: str = ""
    next_open: str = ""
    denied_number: str = ""

    def is_patient(self, caller: str) -> bool:
        """Tell whether a typed caller is the patient: said so, or by the whole name."""
        words = set(fold(re.split(r"[,(]", caller)[0]).split())
        return fold(caller) == SELF or (
            words == set(fold(self.name).split()) and related_named(self.related, caller) is None
        )

    def next_for(self, caller: str) -> str:
        """Return the next visit that a caller may be told of; of a confidential one the patient."""
        if self.denied_number:
            return self.next_open
        return self.next_visit if self.is_patient(caller) else self.next_open

    @property
    def on_file(self) -> str:
        """Return who is on file and what each may hear; whom an order shuts out stands first."""
        first = sorted(self.related, key=lambda person: person.denied is None)
        return ", ".join(f"{p.name} ({p.role}{_right(p)})" for p in first)

    @property
    def too_young(self) -> bool:
        """Tell whether somebody else must be on the telephone."""
        return self.age is not None and self.age < SPEAKS_FOR_SELF


def read_caller(desk: Desk, text: str) -> Ringing:
    """Take a typed line for a number, a name or both, and find who that may be."""
    phone, name = _number_and_name(desk, text)
    shared = household(desk, phone) if phone else []
    if not name:
        return Ringing(phone, "", tuple(shared))
    hits = lookup.find(desk, name, limit=MOST)
    ids = {hit.id for hit in hits if hit.exact}
    fits = [c for c in shared if _named(c, name) if c.related] or [
        c for c in shared if c.id in ids and c.related is None
    ]
    named = [_from_hit(restricted_records.least(desk, hit)) for hit in hits]
    return Ringing(phone, name, tuple(fits or named))


def household(desk: Desk, phone: str) -> list[Caller]:
    """Return everybody who shares a number, related persons included: who may be calling."""
    desk.demand("patient.read")
    rows = veiled(desk, desk.read(queries.household, normal(phone, desk.clinic.region)))
    return [_caller(desk, row) for row in rows]


def about(desk: Desk, patient_id: str, phone: str = "") -> About:
    """Return a patient's line for a call; the look is recorded before it is shown.

    `phone` is the number that calls, or is called: an order may stand against whoever has it.

    Raises ReasonNeeded for a restricted record that was not opened at this desk.
    """
    hit = lookup.one(desk, patient_id)
    restricted_records.demand(desk, hit.id, hit.restricted)
    return _about(desk, hit, phone)


def about_here(desk: Desk, hit: lookup.Found) -> About:
    """Return the same of somebody at the desk, who is to be asked who they are."""
    return _about(desk, hit, "")


def _about(desk: Desk, hit: lookup.Found, phone: str) -> About:
    patient_id = hit.id
    note_look(desk, patient_id, "call.new")
    person: Any = desk.read(cards.patient_row, patient_id)
    related = desk.read(queries.related_of, patient_id)
    return About(
        id=patient_id,
        name=full_name(hit),
        says=_says(hit, person.pronouns),
        next_visit=_next_visit(desk, patient_id, confidential=True),
        next_open=_next_visit(desk, patient_id, confidential=False),
        minor=disclosure.is_minor(hit.birth_date, desk.today, desk.clinic.majority_age),
        reach=_reach(desk, person),
        denied_number=denied_number(desk, patient_id, phone),
        born=say_birth(hit.birth_date, desk.clinic.date_order) if hit.birth_date else "",
        address=desk.read(queries.address_of, patient_id),
        mrn=hit.mrn or "",
        age=_age(hit.birth_date, desk.today),
        related=tuple(_related(desk, row, hit.birth_date) for row in related),
        alerts=tuple(_alerts(desk, patient_id)),
    )


def denied_number(desk: Desk, patient_id: str, phone: str | None) -> str:
    """Return in words that a number is that of somebody whom an order shuts out, else ""."""
    if not phone:
        return ""
    found = desk.read(reaching.shut_out, patient_id, normal(phone, desk.clinic.region))
    return reaching.say_shut_out(found) if found is not None else ""


def to_mind(desk: Desk, patient_id: str, phone: str | None) -> list[str]:
    """Return what a call about somebody must mind: of a closed record no more than the number."""
    denied = denied_number(desk, patient_id, phone)
    told = [denied] if denied else []
    if restricted_records.is_shut(desk, patient_id):
        return told
    person: Any = desk.read(cards.patient_row, patient_id)
    minor = disclosure.is_minor(person.birth_date, desk.today, desk.clinic.majority_age)
    people = [
        _related(desk, row, person.birth_date)
        for row in desk.read(queries.related_of, patient_id)
        if minor or row.denied
    ]
    shut_out = [f"{one.name} ({one.role}) DENIED: {one.denied}" for one in people if one.denied]
    told += shut_out if not denied else []
    consent = [f"{one.name} ({one.role})" for one in people if "consent" in one.scopes]
    if minor:
        told.append(f"a MINOR; may consent: {', '.join(consent) or 'nobody on file'}")
    return told


def _reach(desk: Desk, person: Any) -> str:
    """Return what may be left at each number, where it is not the usual name and number."""
    rows = desk.read(cards.parts_of, person.id, "contact_point")
    odd = [row for row in rows if row.never or row.may_leave != "name and number"]
    region = desk.clinic.region
    said = [f"{say_phone(row.value, region)} {reaching.at_number(row).says}" for row in odd]
    wish = [reaching.UNCALLED] if person.contact_by == reaching.NOBODY else []
    return "; ".join(wish + said)


def _right(person: Related) -> str:
    if person.denied:
        return ", DENIED"
    if "consent" in person.scopes:
        return ", may consent"
    return ", times only" if person.scopes == ("appointments",) else ""


def _alerts(desk: Desk, patient_id: str) -> list[str]:
    rows = desk.read(cards.parts_of, patient_id, "flag")
    shown = alerts.shown(rows, place="call", role=desk.who.role, day=desk.today)
    return [row.text for row in shown]


def may_discuss(about: About, caller: str) -> tuple[str, bool]:
    """Return what may be discussed with a caller, and True when an order shuts them out."""
    if about.is_patient(caller):
        if about.denied_number:
            return "DENIED, by the number: tell nothing", True
        minor = ", a minor" if about.minor else ""
        return f"the patient{minor}, once verified", False
    person = related_named(about.related, caller)
    if person is None:
        return "not on file: take a message only", False
    if person.denied:
        return f"DENIED ({person.denied}): tell nothing", True
    if person.ended_by_age:
        return f"{person.role}: ended, the patient is of age; message only", False
    if not person.scopes:
        return f"{person.role}: nothing agreed, message only", False
    return f"{person.role}: {', '.join(person.scopes)} only", False


def related_named(related: Sequence[Related], caller: str) -> Related | None:
    """Return the related person that a typed caller names; none when two would fit."""
    words = set(fold(re.split(r"[,(]", caller)[0]).split())
    fits = [p for p in related if words and words <= set(fold(p.name).split())]
    return fits[0] if len(fits) == 1 else None


def _number_and_name(desk: Desk, text: str) -> tuple[str, str]:
    """Part a typed line: a number may hold blanks; a bare birth date is none."""
    found = re.search(r"\+?\(?\d[\d().\s-]*\d", text)
    if found is None or sum(c.isdigit() for c in found.group()) < _PHONE_LENGTH:
        return "", text.strip()
    typed = found.group().strip()
    before, after = text[: found.start()], text[found.end() :]
    if before[-1:] == "/" or after[:1] == "/" or _is_birth_date(desk, typed):
        return "", text.strip()
    return typed, " ".join(f"{before} {after}".split()).strip(" ,;")


def _is_birth_date(desk: Desk, typed: str) -> bool:
    clue = birth_clues(typed, today=desk.today, order=desk.clinic.date_order)
    return clue is not None and clue.date is not None


def _named(caller: Caller, name: str) -> bool:
    words = fold(f"{caller.related.name if caller.related else ''}").split()
    return all(any(w.startswith(typed) for w in words) for typed in fold(name).split())


def _from_hit(hit: lookup.Found) -> Caller:
    mark = standing.say(hit.standing, closed=hit.closed)
    return Caller(hit.id, hit.family, hit.given, hit.birth_date, hit.mrn, sure=hit.exact, mark=mark)


def _caller(desk: Desk, row: Any) -> Caller:
    related = _related(desk, row, row.birth_date) if row.related_id else None
    mark = standing.say(row.standing, closed=is_closed(row))
    return Caller(row.id, row.family, row.given, row.birth_date, row.mrn, related, mark=mark)


def _related(desk: Desk, row: Any, born: date | None) -> Related:
    grant, age = grant_of(row), desk.clinic.majority_age
    name = f"{row.related_given} {row.related_family}".strip()
    return Related(
        row.related_id,
        name,
        row.role,
        disclosure.scopes_now(grant, born, desk.today, age),
        row.denied,
        disclosure.ended_by_age(grant, born, desk.today, age),
    )


def _says(hit: lookup.Found, pronouns: str | None) -> str:
    """Return what to know of somebody before a word is said: sex, how they are called, language."""
    facts = [hit.sex[:1].upper()] if hit.sex in {"female", "male"} else []
    facts += [f"called {hit.preferred}"] if hit.preferred else []
    facts += [pronouns] if pronouns else []
    facts += [hit.language] if hit.language and hit.language != "en" else []
    facts += ["interpreter"] if hit.interpreter else []
    facts += [standing.say(hit.standing).upper()]
    return "  ".join(filter(None, facts))


def _age(born: date | None, today: date) -> int | None:
    if born is None:
        return None
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _next_visit(desk: Desk, patient_id: str, *, confidential: bool) -> str:
    """Return the next visit, behind one of today that has begun without the patient.

    Who calls at such a time nearly always calls about that one.
    """
    rows = [r for r in desk.read(schedule.visits_of, patient_id) if r.status == "booked"]
    told = [r for r in rows if confidential or not r.confidential]
    first, _ = day.bounds(desk, desk.today)
    begun = [r for r in told if first <= r.start_at < desk.now]
    coming = [r for r in told if r.start_at >= desk.now]
    said = [f"not here yet: {_say_visit(desk, r)}" for r in begun]
    said += [f"next {_say_visit(desk, r)}" for r in coming[:1]]
    return "   ".join(said) or "no visit booked"


def _say_visit(desk: Desk, row: Any) -> str:
    clinic = desk.clinic
    local = clinic.local(row.start_at)
    code = clinic.practitioner(row.practitioner_id).code
    late = desk.read(clinic_queries.late_marks, local.date()).get(row.practitioner_id)
    behind = f" ({code} +{late[0]}m)" if late and late[0] else ""
    when = f"{say_day(local.date(), desk.today)} {say_time(local.time())}"
    kept = "  CONFIDENTIAL" if row.confidential else ""
    return f"{when} {code} {clinic.visit_type(row.visit_type_id).code}{behind}{kept}"

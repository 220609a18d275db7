"""A practitioner runs late: how much, why, and whom to tell."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from pcoord.domain import phones
from pcoord.domain.clinic import Clinic
from pcoord.domain.dates import say_birth, say_time
from pcoord.domain.errors import NotFound, Refused
from pcoord.domain.sentences import full_name
from pcoord.domain.standing import is_out_of_reach
from pcoord.services import reaching
from pcoord.services.calls import log_call
from pcoord.services.day import bounds
from pcoord.services.desk import Desk, Work, use_case
from pcoord.services.restricted_records import called, is_closed, veiled
from pcoord.store.queries import schedule
from pcoord.store.queries.beside import beside
from pcoord.store.queries.clinic import late_marks, late_row
from pcoord.store.tables import PractitionerDay

MAX_LATE = 8 * 60
# Somebody whose time was within the last hour may still be on the way.
JUST_PAST = timedelta(hours=1)
REASON = "running-late"
"""How the call log names such calls."""


@use_case("schedule.late", "schedule.manage")
def mark_late(
    work: Work,
    *,
    practitioner_id: str,
    minutes: int,
    reason: str | None = None,
    day: date | None = None,
) -> None:
    """Mark a practitioner late by so many minutes today (0 clears it), and why."""
    if not 0 <= minutes <= MAX_LATE:
        raise Refused("Late is between 0 minutes and 8 hours; for a whole day, move the visits.")
    on = day or work.today
    row = late_row(work.connection, practitioner_id, on)
    if row is None:
        made = work.unit.insert(
            PractitionerDay,
            practitioner_id=practitioner_id,
            day=on,
            late_minutes=minutes,
            reason=reason,
        )
    else:
        made = row.id
        work.unit.update(PractitionerDay, made, late_minutes=minutes, reason=reason)
    code = work.clinic.practitioner(practitioner_id).code
    why = f": {reason}" if reason else ""
    said = f"{code} runs {minutes} minutes late{why}" if minutes else f"{code} is on time again"
    there = _say_expected(work, practitioner_id, on) if minutes else ""
    work.unit.say(f"{said}.{there}", about=("practitioner_day", made))


def _say_expected(work: Work, practitioner_id: str, day: date) -> str:
    """Say how many are to be told, and which key lists them."""
    if day != work.today:
        return ""
    first, last = _rest_of_today(work.clinic, work.now)
    count = len(_expected(schedule.day(work.connection, first, last, [practitioner_id])))
    if not count:
        return " Nobody is still expected."
    return f" {count} {'is' if count == 1 else 'are'} not here yet; e in the schedule lists them."


def _rest_of_today(clinic: Clinic, now: datetime) -> tuple[datetime, datetime]:
    """Return an hour ago, or midnight if that is later, and the next midnight."""
    midnight = datetime.combine(clinic.day_of(now), time(), clinic.zone)
    after = datetime.combine(clinic.day_of(now) + timedelta(days=1), time(), clinic.zone)
    return max(now - JUST_PAST, midnight), after


def _expected(rows: Iterable[Any]) -> list[Any]:
    """Keep those who are still to come and may be called: not the dead, no test records."""
    return [
        row
        for row in rows
        if row.status == "booked" and row.encounter_id is None and not is_out_of_reach(row.standing)
    ]


@dataclass(frozen=True)
class Expected:
    """Somebody who is booked and not here yet; `likely` is when their turn may come."""

    id: str
    version: int
    patient_id: str
    practitioner_id: str
    at: str
    likely: str
    name: str
    born: str
    phone: str
    kind: str
    code: str
    told: bool
    says: str


def to_tell(desk: Desk, practitioner_ids: Sequence[str] = ()) -> list[Expected]:
    """Return who is booked for the rest of today and not here yet, by time; two statements.

    Of those practitioners who run late; where nobody does, of the given ones (all when empty).
    """
    desk.demand("appointment.read")
    first, last = _rest_of_today(desk.clinic, desk.now)
    midnight, _ = bounds(desk, desk.today)
    values = {"day": desk.today, "first": first, "last": last, "reason": REASON, "since": midnight}
    found = desk.read(beside, ("late", "phones", "told"), **values)
    who = list(found.late) or list(practitioner_ids) or None
    rows = veiled(desk, _expected(desk.read(schedule.day, first, last, who)))
    return [
        _one_expected(
            desk.clinic,
            row,
            found.late.get(row.practitioner_id, (0, None))[0],
            found.phones.get(row.patient_id),
            told=row.patient_id in found.told,
        )
        for row in rows
    ]


def _one_expected(
    clinic: Clinic, row: Any, late: int, number: Any | None, *, told: bool
) -> Expected:
    code = clinic.practitioner(row.practitioner_id).code
    at = say_time(clinic.local(row.start_at).time())
    likely = say_time(clinic.local(row.start_at + timedelta(minutes=late)).time())
    born = say_birth(row.birth_date, clinic.date_order) if row.birth_date else ""
    kept = is_closed(row)
    phone = "" if kept else say_phone(number.value if number else None, clinic.region)
    word = "told" if told else "not told yet"
    minded = "  ".join(filter(None, (word, *_minded(row, number))))
    return Expected(
        id=row.id,
        version=row.version,
        patient_id=row.patient_id,
        practitioner_id=row.practitioner_id,
        at=at,
        likely=likely if late else "",
        name=called(row),
        born=born,
        phone=phone,
        kind=clinic.visit_type(row.visit_type_id).code,
        code=code,
        told=told,
        says=f"{called(row)}{'' if kept else f'  b. {born or chr(63)}'}  MRN {row.mrn or '-'}   "
        f"{phone or ('Enter says why, for the phone' if kept else 'no phone')}   "
        f"{at} with {code}   {minded}",
    )


def _minded(row: Any, number: Any | None) -> tuple[str, str]:
    """Return what whoever calls must mind: what may be left, and who may be told of the visit."""
    leave = ""
    if number is not None and number.may_leave != "name and number":
        leave = reaching.at_number(number).says
    return leave, "CONFIDENTIAL: tell the patient only" if row.confidential else ""


def say_phone(number: str | None, region: str) -> str:
    """Return a phone number as it is read out, empty when there is none."""
    return phones.say(number, region) if number else ""


@use_case("schedule.told", "call.write")
def tell(work: Work, *, appointment_id: str) -> None:
    """Note in the call log that a patient was told how late the practitioner runs."""
    visit = schedule.visit(work.connection, appointment_id)
    if visit is None:
        raise NotFound("That visit is not there any more; look again.")
    code = work.clinic.practitioner(visit.practitioner_id).code
    minutes = late_marks(work.connection, work.today).get(visit.practitioner_id, (0, None))[0]
    if not minutes:
        raise Refused(f"{code} is not marked late today; mark it first (l).")
    what = f"{code} runs {minutes} minutes late"
    phone = schedule.phones_of(work.connection, [visit.patient_id]).get(visit.patient_id)
    log_call.within(
        work,
        phone=phone.value if phone else None,
        patient_id=visit.patient_id,
        reason=REASON,
        note=f"Told that {what}.",
        outcome="done",
        direction="out",
    )
    work.unit.say(f"Told {full_name(visit)} that {what}.", patient_id=visit.patient_id)

"""Booking, moving, cancelling and confirming appointments."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from pcoord.domain.clinic import Clinic, Practitioner, VisitType
from pcoord.domain.dates import say_day, say_time
from pcoord.domain.errors import NotFound, NotPermitted, Refused
from pcoord.domain.roles import allows
from pcoord.domain.sentences import full_name
from pcoord.domain.slots import blocked_spans, cells, open_spans
from pcoord.domain.visit import CANCEL_REASONS, is_late_entry
from pcoord.services import restricted_records, restrictions
from pcoord.services.desk import Desk, Work, use_case
from pcoord.services.nurse import demand_no_open_flag
from pcoord.services.staging import true_time
from pcoord.store.queries import clinic as clinic_queries
from pcoord.store.queries import schedule
from pcoord.store.tables import Appointment

# A quarter hour that has begun can still be booked: the caller is at the door.
GRACE = timedelta(minutes=15)
LATE_CANCEL = timedelta(hours=24)
MAX_MINUTES = 8 * 60


class _Time(NamedTuple):
    """A time [start, end), UTC, of a practitioner and a patient; `but` is the visit that moves."""

    practitioner: Practitioner
    patient_id: str
    start: datetime
    end: datetime
    but: str = ""


@use_case("appointment.book", "appointment.write")
def book(
    work: Work,
    *,
    patient_id: str,
    practitioner_id: str,
    start: datetime,
    visit_type_id: str,
    minutes: int | None = None,
    room_id: str | None = None,
    note: str | None = None,
    overbook_reason: str | None = None,
    appointment_id: str | None = None,
    at: datetime | None = None,
) -> None:
    """Book a visit that starts at `start` (UTC); `overbook_reason` allows a taken or closed time.

    The same reason allows a booking against a scheduling restriction. `at` (UTC) is when it was
    agreed, for a visit that is typed in later. Raises Refused for past or closed time, Conflict
    when somebody else has it.
    """
    person = _bookable(work, patient_id)
    demand_no_open_flag(work, patient_id=patient_id)
    practitioner = _practitioner(work, practitioner_id)
    kind = work.clinic.visit_type(visit_type_id)
    end = start + timedelta(minutes=_length(minutes or kind.minutes))
    demand_future(work.clinic, start, work.now)
    _demand_sees(work, practitioner, kind, overbook_reason)
    held = _hold(work, _Time(practitioner, patient_id, start, end), overbook_reason)
    booked = work.unit.insert(
        Appointment,
        id=appointment_id,
        patient_id=patient_id,
        visit_type_id=kind.id,
        room_id=room_id,
        modality=kind.modality,
        note=note,
        created_at=work.now,
        agreed_at=_agreed(work, at),
        **held,
    )
    work.unit.say(
        f"Booked {full_name(person)}: {_describe(work, start, practitioner, kind)}"
        f"{_say_against(held)}{_say_agreed(work, at)}.",
        about=("appointment", booked),
        patient_id=patient_id,
    )


@use_case("appointment.move", "appointment.write")
def move(
    work: Work,
    *,
    appointment_id: str,
    start: datetime,
    practitioner_id: str | None = None,
    visit_type_id: str | None = None,
    minutes: int | None = None,
    overbook_reason: str | None = None,
    seen: int | None = None,
    at: datetime | None = None,
) -> None:
    """Move a booked visit to another time or practitioner; it keeps its id and old slot till then.

    `at` (UTC) is when that was agreed, for a move that is typed in later.

    Raises Refused when it is no longer just booked, Conflict when it or the time was taken first.
    """
    old = work.unit.row(Appointment, appointment_id, seen)
    if old["status"] != "booked":
        raise Refused(f"Only a booked visit can be moved; this one is {old['status']}.")
    _demand_living(work, work.person(old["patient_id"]))
    practitioner = _practitioner(work, practitioner_id or old["practitioner_id"])
    kind = work.clinic.visit_type(visit_type_id or old["visit_type_id"])
    end = start + _new_length(old, minutes, kind if visit_type_id else None)
    demand_future(work.clinic, start, work.now)
    if (practitioner.id, kind.id) != (old["practitioner_id"], old["visit_type_id"]):
        _demand_sees(work, practitioner, kind, overbook_reason)
    time = _Time(practitioner, old["patient_id"], start, end, appointment_id)
    held = _hold(work, time, overbook_reason)
    changes = {"confirmed_at": None, "visit_type_id": kind.id, "agreed_at": _agreed(work, at)}
    work.unit.update(Appointment, appointment_id, seen, **changes, **held)
    person = work.person(old["patient_id"])
    work.unit.say(
        f"Moved {full_name(person)} from {work.say_when(old['start_at'])} to "
        f"{_describe(work, start, practitioner, kind)}{_say_against(held)}"
        f"{_say_agreed(work, at)}.",
        about=("appointment", appointment_id),
        patient_id=old["patient_id"],
    )


@use_case("appointment.cancel", "appointment.write")
def cancel(
    work: Work,
    *,
    appointment_id: str,
    reason: str,
    note: str | None = None,
    seen: int | None = None,
    at: datetime | None = None,
) -> None:
    """Cancel a booked visit with a coded reason; within 24 hours of its start it counts as late.

    `at` (UTC) is when it was cancelled, for one that is typed in later.
    """
    old = work.unit.row(Appointment, appointment_id, seen)
    if old["status"] not in {"booked", "waitlist"}:
        raise Refused(f"Only a booked visit can be cancelled; this one is {old['status']}.")
    if reason not in CANCEL_REASONS:
        raise Refused(f"Choose a reason: {', '.join(CANCEL_REASONS)}.")
    moment = true_time(work, at)
    late = old["start_at"] - moment < LATE_CANCEL
    changes: dict[str, Any] = {
        "status": "cancelled",
        "cancel_reason": reason,
        "cancelled_at": moment,
        "late_cancel": late,
    }
    if note:
        changes["note"] = note
    work.unit.update(Appointment, appointment_id, seen, **changes)
    _say_about(work, old, f"Cancelled ({CANCEL_REASONS[reason]})", _say_agreed(work, at))


@use_case("appointment.confirm", "appointment.write")
def confirm(work: Work, *, appointment_id: str, seen: int | None = None) -> None:
    """Note that the patient confirmed the visit."""
    old = work.unit.row(Appointment, appointment_id, seen)
    if old["status"] != "booked":
        raise Refused(f"Only a booked visit can be confirmed; this one is {old['status']}.")
    if old["confirmed_at"]:
        raise Refused("This visit is confirmed already.")
    work.unit.update(Appointment, appointment_id, seen, confirmed_at=work.now)
    _say_about(work, old, "Confirmed")


@use_case("appointment.noshow", "appointment.write")
def no_show(work: Work, *, appointment_id: str, seen: int | None = None) -> None:
    """Note that the patient did not come; only after the visit should have begun."""
    old = work.unit.row(Appointment, appointment_id, seen)
    if old["status"] != "booked":
        raise Refused(f"Only a booked visit can be a no-show; this one is {old['status']}.")
    if old["start_at"] > work.now:
        raise Refused("This visit has not begun yet, so it cannot be a no-show. Cancel it (k).")
    work.unit.update(Appointment, appointment_id, seen, status="noshow")
    _say_about(work, old, "No-show")


def is_open(desk: Desk, practitioner_id: str, start: datetime, end: datetime) -> bool:
    """Tell whether a practitioner is in for the whole of [start, end), UTC."""
    return desk.read(_is_open, desk.clinic, practitioner_id, start, end)


def clash(
    desk: Desk, practitioner_id: str, start: datetime, minutes: int, but: str = ""
) -> str | None:
    """Return who holds a practitioner's time, as a name, or None when it is free."""
    span = cells(start, start + timedelta(minutes=minutes))
    for row in desk.read(schedule.holders, "practitioner", practitioner_id, span):
        visit = desk.read(schedule.visit, row.appointment_id)
        if visit is not None and visit.id != but:
            return full_name(restricted_records.veil(desk, visit))
    return None


def _is_open(
    connection: Any, clinic: Any, practitioner_id: str, start: datetime, end: datetime
) -> bool:
    zone = clinic.zone
    day = start.astimezone(zone).date()
    hours = clinic_queries.hours_of(connection, [practitioner_id], day, day)[practitioner_id]
    inside = any(s.start <= start and end <= s.end for s in open_spans(hours, day, zone))
    hit = any(s.start < end and start < s.end for s in blocked_spans(hours, day, zone))
    return inside and not hit


def _bookable(work: Work, patient_id: str) -> Any:
    person = work.person(patient_id)
    if person is None or person.entered_in_error:
        raise NotFound("That patient is not on file; look the name up again (F4).")
    _demand_living(work, person)
    if not person.active:
        whom = restricted_records.told(work, person)
        raise Refused(f"{whom}'s record is inactive; make it active first (Ctrl+E).")
    return person


def _demand_living(work: Work, person: Any) -> None:
    if person.deceased_on:
        whom = restricted_records.told(work, person)
        raise Refused(f"{whom} is recorded as deceased; nothing can be booked.")


def _practitioner(work: Work, practitioner_id: str) -> Practitioner:
    practitioner = work.clinic.practitioner(practitioner_id)
    if not practitioner.active:
        raise Refused(f"{practitioner.code} does not see patients here any more.")
    return practitioner


def _length(minutes: int) -> int:
    if not 5 <= minutes <= MAX_MINUTES:
        raise Refused("A visit takes between 5 minutes and 8 hours; give another length.")
    return minutes


def _new_length(old: Mapping[str, Any], minutes: int | None, kind: VisitType | None) -> timedelta:
    if minutes is not None:
        return timedelta(minutes=_length(minutes))
    if kind is not None:
        return timedelta(minutes=kind.minutes)
    return old["end_at"] - old["start_at"]


def demand_future(clinic: Clinic, start: datetime, now: datetime) -> None:
    """Raise Refused for a start that is over; a quarter hour that has begun can be had."""
    if start < now - GRACE:
        local = clinic.local(start)
        raise Refused(
            f"{say_day(local.date(), clinic.day_of(now))} {say_time(local.time())} is past. "
            "Choose a later time; somebody who is here now is a walk-in (w in the waiting room)."
        )


def not_taken(clinic: Clinic, practitioner: Practitioner, kind: VisitType) -> str | None:
    """Return why a practitioner takes no visits of a type, and who does; None where they may.

    Only a practitioner whose visit types are listed refuses any.
    """
    if not practitioner.takes or practitioner.sees(kind):
        return None
    others = [p.code for p in clinic.practitioners if p.active and p.sees(kind)]
    told = f"{practitioner.code} takes no visits of the type {kind.title}"
    return f"{told}; {', '.join(others)} do." if others else f"{told}."


def _demand_sees(
    work: Work, practitioner: Practitioner, kind: VisitType, reason: str | None
) -> None:
    why = None if reason else not_taken(work.clinic, practitioner, kind)
    if why:
        raise Refused(f"{why} Choose another provider; a reason books it all the same.")


def _hold(work: Work, time: _Time, reason: str | None) -> dict[str, Any]:
    """Return what a visit stores of its time; raise where it may not have it without a reason.

    A reason that only a restriction asked for overbooks nobody.
    """
    against = restrictions.demand(work, time.patient_id, time.start, reason)
    if against and _is_free(work, time):
        reason = None
    _demand_open(work, time, reason)
    reasons = {"overbook_reason": reason, "restriction_reason": against}
    return _slot(work, time) | _places(work, time, overbooked=bool(reason)) | reasons


def _demand_open(work: Work, time: _Time, reason: str | None) -> None:
    if reason:
        if not allows(work.who.role, "appointment.overbook"):
            raise NotPermitted(f"Your role ({work.who.role}) may not overbook; ask a supervisor.")
        return
    practitioner, start, end = time.practitioner, time.start, time.end
    if not _is_open(work.connection, work.clinic, practitioner.id, start, end):
        raise Refused(
            f"{practitioner.code} is not in at {work.say_when(start)} for "
            f"{int((end - start).total_seconds() // 60)} minutes. "
            "Tab shows the next opening; a reason allows an overbooking."
        )


def _slot(work: Work, time: _Time) -> dict[str, Any]:
    location = work.clinic.location(time.practitioner.location_id)
    return {
        "practitioner_id": time.practitioner.id,
        "location_id": location.id,
        "start_at": time.start,
        "end_at": time.end,
        "zone": location.timezone,
        "wall": f"{work.clinic.local(time.start):%Y-%m-%d %H:%M}",
    }


def _places(work: Work, time: _Time, *, overbooked: bool) -> dict[str, int]:
    """Place 0 is the booking proper: the guard refuses a second one. Overbooked takes the next."""
    places = _next_places(work, time) if overbooked else (0, 0)
    return dict(zip(("place", "patient_place"), places, strict=True))


def _is_free(work: Work, time: _Time) -> bool:
    """Tell whether a time needs no overbooking: the practitioner is in, and both have nobody."""
    practitioner_id = time.practitioner.id
    whole = _is_open(work.connection, work.clinic, practitioner_id, time.start, time.end)
    return whole and not any(_next_places(work, time))


def _next_places(work: Work, time: _Time) -> tuple[int, int]:
    """Return the first free place with the practitioner and with the patient: 0 of nobody else."""
    c, span = work.connection, cells(time.start, time.end)
    ours = schedule.next_place(c, "practitioner", time.practitioner.id, span, time.but)
    return ours, schedule.next_place(c, "patient", time.patient_id, span, time.but)


def _say_against(held: Mapping[str, Any]) -> str:
    reason = held["restriction_reason"]
    return f", against a restriction ({reason})" if reason else ""


def _describe(work: Work, start: datetime, practitioner: Practitioner, kind: VisitType) -> str:
    return f"{work.say_when(start)} with {practitioner.code}, {kind.title}"


def _agreed(work: Work, at: datetime | None) -> datetime | None:
    """Return when something was agreed, if that was earlier than it is written down."""
    return true_time(work, at) if at is not None and is_late_entry(at, work.now) else None


def _say_agreed(work: Work, at: datetime | None) -> str:
    """Return ", agreed 08:10 (late entry)" for what is typed in later."""
    if at is None or not is_late_entry(at, work.now):
        return ""
    today = work.clinic.day_of(at) == work.today
    when = say_time(work.clinic.local(at).time()) if today else work.say_when(at)
    return f", agreed {when} (late entry)"


def _say_about(work: Work, old: Mapping[str, Any], what: str, more: str = "") -> None:
    person = work.person(old["patient_id"])
    code = work.clinic.practitioner(old["practitioner_id"]).code
    work.unit.say(
        f"{what}: {full_name(person)}, {work.say_when(old['start_at'])} with {code}{more}.",
        about=("appointment", old["id"]),
        patient_id=old["patient_id"],
    )

"""Through the clinic: arrival, check-in, rooms, stages, walk-ins, and leaving.

The rows of `encounter_stage` are the only truth for where somebody is; a stage typed in late says
since when.
"""

from datetime import datetime, timedelta
from typing import Any

from pcoord.domain.errors import NotFound, Refused
from pcoord.domain.visit import Stage
from pcoord.services.desk import Work, full_name, use_case
from pcoord.store.derived import HOLDING
from pcoord.store.queries import schedule
from pcoord.store.queries.people import short_patient
from pcoord.store.tables import Appointment, Encounter, EncounterStage

CLOSED = frozenset({"done", "left"})
EARLY = timedelta(hours=12)


@use_case("encounter.arrive", "encounter.write")
def arrive(work: Work, *, appointment_id: str, seen: int | None = None) -> None:
    """Note that a booked patient is here; check-in comes next."""
    encounter_id, visit = _arrive(work, appointment_id, seen)
    _enter(work, encounter_id, "arrived", work.now)
    work.unit.say(
        f"{full_name(visit)} arrived.",
        about=("encounter", encounter_id),
        patient_id=visit.patient_id,
    )


@use_case("encounter.check_in", "encounter.write")
def check_in(
    work: Work,
    *,
    appointment_id: str | None = None,
    encounter_id: str | None = None,
    verified: str = "",
    accompanied_by: str | None = None,
    seen: int | None = None,
) -> None:
    """Check somebody in, from a booked appointment or from those who arrived.

    `verified` lists, with commas, what was asked and fitted (birth date, address, ...).
    """
    if encounter_id is None:
        if appointment_id is None:
            raise Refused("Choose whose visit to check in.")
        encounter_id, visit = _arrive(work, appointment_id, seen, verified, accompanied_by)
        _enter(work, encounter_id, "arrived", work.now)
    else:
        visit = _here(work, encounter_id)
        if visit.stage != "arrived":
            raise Refused(f"{full_name(visit)} is checked in already.")
        work.unit.update(
            Encounter, encounter_id, seen, verified=verified, accompanied_by=accompanied_by
        )
    _go_to(work, encounter_id, "checked-in", work.now)
    asked = f" ({verified} fitted)" if verified else ""
    work.unit.say(
        f"Checked in {full_name(visit)}{asked}.",
        about=("encounter", encounter_id),
        patient_id=visit.patient_id,
    )


@use_case("encounter.walk_in", "encounter.write")
def walk_in(
    work: Work,
    *,
    patient_id: str,
    practitioner_id: str | None = None,
    queue: str = "practitioner",
    reason: str | None = None,
) -> None:
    """Put somebody without an appointment into a practitioner's or the nurse's queue."""
    person = short_patient(work.connection, patient_id)
    if person is None or person.entered_in_error:
        raise NotFound("That patient is not on file; look the name up again (F4).")
    for row in schedule.board(work.connection):
        if row.patient_id == patient_id:
            raise Refused(f"{full_name(person)} is here already; see the waiting room (F3).")
    practitioner = work.clinic.practitioner(practitioner_id) if practitioner_id else None
    place = practitioner.location_id if practitioner else work.clinic.locations[0].id
    encounter_id = work.unit.insert(
        Encounter,
        patient_id=patient_id,
        location_id=place,
        practitioner_id=practitioner_id,
        queue="nurse" if practitioner is None else queue,
        reason=reason,
        arrived_at=work.now,
    )
    _enter(work, encounter_id, "arrived", work.now)
    whose = practitioner.code if practitioner else "the nurse"
    work.unit.say(
        f"{full_name(person)} walked in and waits for {whose}.",
        about=("encounter", encounter_id),
        patient_id=patient_id,
    )


@use_case("encounter.advance", "encounter.write")
def advance(
    work: Work, *, encounter_id: str, at: datetime | None = None, seen: int | None = None
) -> None:
    """Move somebody to the next stage, now or since `at` (UTC)."""
    visit = _here(work, encounter_id)
    target = _next(work, visit.stage)
    if target.code == "roomed" and visit.room_id is None:
        raise Refused(f"Choose a room for {full_name(visit)} (r), then Space goes on.")
    moment = _since(work, visit, at)
    _go_to(work, encounter_id, target.code, moment, seen)
    _say_stage(work, visit, target, at)


@use_case("encounter.stage", "encounter.write")
def set_stage(
    work: Work,
    *,
    encounter_id: str,
    stage: str,
    at: datetime | None = None,
    seen: int | None = None,
) -> None:
    """Put somebody into a stage out of turn (held, ready, waits for results ...)."""
    visit = _here(work, encounter_id)
    target = _stage(work, stage)
    moment = _since(work, visit, at)
    _go_to(work, encounter_id, target.code, moment, seen)
    _say_stage(work, visit, target, at)


@use_case("encounter.room", "encounter.write")
def room(
    work: Work,
    *,
    encounter_id: str,
    room_id: str,
    at: datetime | None = None,
    seen: int | None = None,
) -> None:
    """Bring somebody into a room; the database refuses a second person in it."""
    visit = _here(work, encounter_id)
    chosen = work.clinic.room(room_id)
    taken = schedule.room_taken_by(work.connection, room_id)
    if taken is not None and taken.id != encounter_id:
        raise Refused(f"Room {chosen.name} is taken by {full_name(taken)}. Choose another.")
    moment = _since(work, visit, at)
    work.unit.update(Encounter, encounter_id, seen, room_id=room_id)
    if _position(work, visit.stage) < _position(work, "roomed"):
        _go_to(work, encounter_id, "roomed", moment)
    work.unit.say(
        f"{full_name(visit)} is in room {chosen.name}{_late(work, at)}.",
        about=("encounter", encounter_id),
        patient_id=visit.patient_id,
    )


@use_case("encounter.back", "encounter.write")
def back(work: Work, *, encounter_id: str, seen: int | None = None) -> None:
    """Take somebody one stage back; the stage they leave stays on record as an error."""
    visit = _row(work, encounter_id)
    rows = _stage_rows(work, encounter_id)
    if len(rows) < 2:
        raise Refused(f"{full_name(visit)} is at the first stage; u takes the arrival back.")
    current, before = rows[-1], rows[-2]
    work.unit.update(EncounterStage, current["id"], entered_in_error=True)
    work.unit.update(EncounterStage, before["id"], ended_at=None)
    leaves_room = _position(work, before["stage"]) < _position(work, "roomed")
    _set_status(work, encounter_id, before["stage"], seen, leave_room=leaves_room)
    _say_stage(work, visit, _stage(work, before["stage"]), None, "back to ")


@use_case("encounter.left", "encounter.write")
def left(work: Work, *, encounter_id: str, seen: int | None = None) -> None:
    """Note that somebody left without being seen."""
    visit = _here(work, encounter_id)
    if _position(work, visit.stage) >= _position(work, "with-practitioner"):
        raise Refused(f"{full_name(visit)} was seen already; Space checks out.")
    _go_to(work, encounter_id, "left", work.now, seen)
    work.unit.say(
        f"{full_name(visit)} left without being seen.",
        about=("encounter", encounter_id),
        patient_id=visit.patient_id,
    )


def _arrive(
    work: Work,
    appointment_id: str,
    seen: int | None,
    verified: str = "",
    accompanied_by: str | None = None,
) -> tuple[str, Any]:
    visit = schedule.visit(work.connection, appointment_id)
    if visit is None:
        raise NotFound("That visit is not there any more; look again.")
    if visit.encounter_id is not None:
        raise Refused(f"{full_name(visit)} is checked in already.")
    if visit.status not in HOLDING and visit.status != "noshow":
        raise Refused(
            f"This visit is {visit.status}; book a new one or take them as a walk-in (w)."
        )
    if visit.start_at - work.now > EARLY:
        raise Refused(
            f"{full_name(visit)} is booked for {work.say_when(visit.start_at)}, not today. "
            "Move the visit to today first, or take them as a walk-in (w)."
        )
    work.unit.update(Appointment, appointment_id, seen, status="arrived")
    encounter_id = work.unit.insert(
        Encounter,
        patient_id=visit.patient_id,
        appointment_id=appointment_id,
        location_id=visit.location_id,
        practitioner_id=visit.practitioner_id,
        arrived_at=work.now,
        verified=verified,
        accompanied_by=accompanied_by,
    )
    return encounter_id, visit


def _row(work: Work, encounter_id: str) -> Any:
    row = schedule.encounter_row(work.connection, encounter_id)
    if row is None:
        raise NotFound("That visit is not there any more; look again.")
    return row


def _here(work: Work, encounter_id: str) -> Any:
    row = _row(work, encounter_id)
    if row.stage in CLOSED:
        raise Refused(f"{full_name(row)} is not here any more.")
    return row


def _stage(work: Work, code: str) -> Stage:
    for stage in work.stages:
        if stage.code == code:
            return stage
    raise Refused(f"There is no stage {code}; choose one of {_codes(work)}.")


def _codes(work: Work) -> str:
    return ", ".join(stage.code for stage in work.stages)


def _position(work: Work, code: str) -> int:
    return _stage(work, code).position


# The straight way; the other stages are side steps that lead back into it.
WAY = ("arrived", "checked-in", "roomed", "with-practitioner", "checking-out", "done")
_AFTER_SIDE_STEP = {
    "held": "with-practitioner",
    "ready": "with-practitioner",
    "waiting-results": "checking-out",
}


def next_code(stage: str) -> str | None:
    """Return the stage that Space leads to, None at the end."""
    if stage in _AFTER_SIDE_STEP:
        return _AFTER_SIDE_STEP[stage]
    if stage not in WAY or stage == WAY[-1]:
        return None
    return WAY[WAY.index(stage) + 1]


def _next(work: Work, stage: str) -> Stage:
    code = next_code(stage)
    if code is None:
        raise Refused("There is no next stage.")
    return _stage(work, code)


def _since(work: Work, visit: Any, at: datetime | None) -> datetime:
    if at is None:
        return work.now
    if at > work.now:
        raise Refused(f"{work.say_when(at)} is still to come; give a time up to now.")
    if at < visit.stage_since:
        raise Refused(
            f"{full_name(visit)} has been at this stage since {work.say_when(visit.stage_since)}; "
            "give a later time."
        )
    return at


def _stage_rows(work: Work, encounter_id: str) -> list[Any]:
    return schedule.stage_rows(work.connection, encounter_id)


def _enter(work: Work, encounter_id: str, code: str, moment: datetime) -> None:
    work.unit.insert(
        EncounterStage,
        encounter_id=encounter_id,
        stage=code,
        started_at=moment,
        recorded_at=work.now,
        user_id=work.who.user_id,
    )


def _go_to(
    work: Work, encounter_id: str, code: str, moment: datetime, seen: int | None = None
) -> None:
    current = _stage_rows(work, encounter_id)[-1]
    work.unit.update(EncounterStage, current["id"], ended_at=moment)
    _enter(work, encounter_id, code, moment)
    _set_status(work, encounter_id, code, seen, leave_room=code in CLOSED)


def _set_status(
    work: Work, encounter_id: str, code: str, seen: int | None, *, leave_room: bool
) -> None:
    """Keep encounter and appointment in step with the stage."""
    stage = _stage(work, code)
    changes: dict[str, Any] = {
        "status": stage.encounter_status,
        "ended_at": work.now if code in CLOSED else None,
    }
    if leave_room:
        changes["room_id"] = None
    work.unit.update(Encounter, encounter_id, seen, **changes)
    appointment_id = work.unit.row(Encounter, encounter_id)["appointment_id"]
    if appointment_id and stage.appointment_status:
        work.unit.update(Appointment, appointment_id, status=stage.appointment_status)


def _late(work: Work, at: datetime | None) -> str:
    return f" since {work.clinic.local(at):%H:%M}" if at else ""


def _say_stage(work: Work, visit: Any, stage: Stage, at: datetime | None, lead: str = "") -> None:
    work.unit.say(
        f"{full_name(visit)}: {lead}{stage.title}{_late(work, at)}.",
        about=("encounter", visit.id),
        patient_id=visit.patient_id,
    )

"""Where somebody is in the clinic: the stages, in step with encounter and appointment.

The rows of `encounter_stage` are the only truth; the statuses beside them follow.
"""

from datetime import datetime, timedelta
from typing import Any

from pcoord.domain.errors import NotFound, Refused
from pcoord.domain.visit import Stage, is_late_entry
from pcoord.services.desk import Work
from pcoord.services.restricted_records import named, told
from pcoord.store.queries import schedule
from pcoord.store.tables import Appointment, Encounter, EncounterStage, Patient

CLOSED = frozenset({"done", "left"})
# Around midnight, the visit of the other day is meant.
NEAR = timedelta(hours=6)
# The straight way; the other stages are side steps that lead back into it.
WAY = ("arrived", "checked-in", "roomed", "with-practitioner", "checking-out", "done")
# Steps aside from the straight way, and where Space leads from them.
SIDE_STEPS = {
    "held": "with-practitioner",
    "ready": "with-practitioner",
    "waiting-results": "checking-out",
}


def next_code(stage: str) -> str | None:
    """Return the stage that Space leads to, None at the end."""
    if stage in SIDE_STEPS:
        return SIDE_STEPS[stage]
    if stage not in WAY or stage == WAY[-1]:
        return None
    return WAY[WAY.index(stage) + 1]


def next_stage(work: Work, code: str) -> Stage:
    """Return the stage after this one; refuse at the end."""
    following = next_code(code)
    if following is None:
        raise Refused("There is no next stage.")
    return stage_named(work, following)


def stage_named(work: Work, code: str) -> Stage:
    """Return the stage of that code; refuse others with those there are."""
    for stage in work.stages:
        if stage.code == code:
            return stage
    codes = ", ".join(stage.code for stage in work.stages)
    raise Refused(f"There is no stage {code}; choose one of {codes}.")


def position(work: Work, code: str) -> int:
    """Return where a stage stands in the order of the clinic."""
    return stage_named(work, code).position


def lock_encounter(work: Work, encounter_id: str, seen: int | None = None) -> Any:
    """Return an encounter as the board shows it, held for this step.

    Raise NotFound, or ChangedMeanwhile when its version is not the one that was `seen`.
    """
    work.unit.row(Encounter, encounter_id, seen)
    row = schedule.encounter_row(work.connection, encounter_id)
    if row is None:
        raise NotFound("That visit is not there any more; look again.")
    return row


def lock_present(work: Work, encounter_id: str, seen: int | None = None) -> Any:
    """Return the encounter of somebody who is here, as `lock_encounter`."""
    row = lock_encounter(work, encounter_id, seen)
    if row.stage in CLOSED:
        raise Refused(f"{named(work, row)} is not here any more.")
    return row


def demand_living(work: Work, patient_id: str, moment: datetime) -> None:
    """Refuse the presence of somebody who had died by then (UTC): another person is meant."""
    person = work.person(patient_id)
    if person.deceased_on and work.clinic.day_of(moment) > person.deceased_on:
        raise Refused(
            f"{told(work, person)} is recorded as deceased. Look again who is here; a date of "
            "death that is wrong is taken out first (Ctrl+E)."
        )


def demand_absent(work: Work, patient_id: str) -> None:
    """Refuse who is here already; other desks' arrivals of this patient wait for this step."""
    work.unit.row(Patient, patient_id)
    for row in schedule.board(work.connection):
        if row.patient_id == patient_id:
            raise Refused(
                f"{named(work, row)} is here already; see the waiting room (F3). "
                "That visit ends first (Space)."
            )


OLDEST = timedelta(days=7)
"""How far back something may be typed in."""


def true_time(work: Work, at: datetime | None) -> datetime:
    """Return when something was so: now, or `at` (UTC) when that can be."""
    if at is None:
        return work.now
    if at > work.now:
        raise Refused(f"{work.say_when(at)} is still to come; give a time up to now.")
    if at < work.now - OLDEST:
        raise Refused(f"{work.say_when(at)} is more than a week ago; give a later time.")
    return at


def since(work: Work, visit: Any, at: datetime | None) -> datetime:
    """Return the moment a stage began: now, or `at` (UTC) when that can be."""
    if at is None:
        return work.now
    true_time(work, at)
    if at < visit.stage_since:
        begun = work.say_when(visit.stage_since)
        raise Refused(
            f"{named(work, visit)} has been at this stage since {begun}; give a later time."
        )
    return at


def stage_rows(work: Work, encounter_id: str) -> list[Any]:
    """Return the standing stages of an encounter, oldest first."""
    return schedule.stage_rows(work.connection, encounter_id)


def enter(work: Work, encounter_id: str, code: str, moment: datetime) -> None:
    """Begin a stage."""
    work.unit.insert(
        EncounterStage,
        encounter_id=encounter_id,
        stage=code,
        started_at=moment,
        recorded_at=work.now,
        user_id=work.who.user_id,
    )


def go_to(work: Work, encounter_id: str, code: str, moment: datetime) -> None:
    """End the present stage and begin another at `moment`."""
    set_status(work, encounter_id, code, moment, leave_room=code in CLOSED)
    current = stage_rows(work, encounter_id)[-1]
    work.unit.update(EncounterStage, current["id"], ended_at=moment)
    enter(work, encounter_id, code, moment)


def set_status(
    work: Work, encounter_id: str, code: str, moment: datetime, *, leave_room: bool
) -> None:
    """Keep encounter and appointment in step with the stage; each stage is a version of both."""
    stage = stage_named(work, code)
    changes: dict[str, Any] = {
        "status": stage.encounter_status,
        "ended_at": moment if code in CLOSED else None,
    }
    if leave_room:
        changes["room_id"] = None
    work.unit.touch(Encounter, encounter_id, **changes)
    appointment_id = work.unit.row(Encounter, encounter_id)["appointment_id"]
    if appointment_id and stage.appointment_status:
        work.unit.update(Appointment, appointment_id, status=stage.appointment_status)


def say_late(work: Work, at: datetime | None) -> str:
    """Return " since 14:05 (late entry)" for what is typed in later."""
    if at is None:
        return ""
    today = work.clinic.day_of(at) == work.today
    when = f"{work.clinic.local(at):%H:%M}" if today else work.say_when(at)
    return f" since {when}{' (late entry)' if is_late_entry(at, work.now) else ''}"


def say_encounter(work: Work, row: Any, sentence: str) -> None:
    """Give the step its sentence about somebody's encounter."""
    work.unit.say(sentence, about=("encounter", row.id), patient_id=row.patient_id)

"""Through the clinic: arrival, check-in, rooms, stages, walk-ins, and leaving."""

from datetime import date, datetime
from typing import Any

from pcoord.domain.errors import NotFound, Refused
from pcoord.domain.sentences import end_sentence, full_name
from pcoord.services import staging
from pcoord.services.desk import Work, use_case
from pcoord.services.newcomers import register_in_haste
from pcoord.services.restricted_records import named
from pcoord.services.staging import CLOSED, NEAR, WAY, next_code
from pcoord.store.derived import HOLDING
from pcoord.store.queries import schedule
from pcoord.store.queries.people import related_row
from pcoord.store.tables import Appointment, Encounter, EncounterStage

__all__ = [
    "CLOSED",
    "NEAR",
    "WAY",
    "advance",
    "arrive",
    "back",
    "check_in",
    "left",
    "next_code",
    "room",
    "set_stage",
    "walk_in",
]


@use_case("encounter.arrive", "encounter.write")
def arrive(
    work: Work, *, appointment_id: str, at: datetime | None = None, seen: int | None = None
) -> None:
    """Note that a booked patient is here, now or since `at` (UTC); check-in comes next."""
    visit = _visit(work, appointment_id)
    encounter_id = _arrive(work, visit, seen, at=at)
    work.unit.say(
        f"{full_name(visit)} arrived{staging.say_late(work, at)}.",
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
    at: datetime | None = None,
    seen: int | None = None,
) -> None:
    """Check somebody in, from a booked appointment or from those who arrived.

    `verified` lists, with commas, what was asked and fitted (birth date, address, ...); `seen` is
    the version of whichever of the two was given; `at` (UTC) is the true time of a late entry.
    """
    if encounter_id is not None:
        _check_in_here(work, encounter_id, verified, accompanied_by, at, seen)
        return
    if appointment_id is None:
        raise Refused("Choose whose visit to check in.")
    visit = _visit(work, appointment_id)
    if visit.encounter_id is not None and visit.stage == "arrived":
        work.unit.expect("appointment", appointment_id, visit.version, seen)
        _check_in_here(work, visit.encounter_id, verified, accompanied_by, at)
        return
    companion = _companion(work, visit.patient_id, accompanied_by)
    made = _arrive(work, visit, seen, verified, companion, at)
    staging.go_to(work, made, "checked-in", at or work.now)
    _say_checked_in(work, staging.lock_encounter(work, made), verified, companion, at)


def _check_in_here(
    work: Work,
    encounter_id: str,
    verified: str,
    accompanied_by: str | None,
    at: datetime | None,
    seen: int | None = None,
) -> None:
    visit = staging.lock_present(work, encounter_id, seen)
    if visit.stage != "arrived":
        raise Refused(f"{named(work, visit)} is checked in already.")
    companion = _companion(work, visit.patient_id, accompanied_by)
    work.unit.update(Encounter, encounter_id, verified=verified, accompanied_by=companion)
    staging.go_to(work, encounter_id, "checked-in", staging.since(work, visit, at))
    _say_checked_in(work, visit, verified, companion, at)


def _say_checked_in(
    work: Work, row: Any, verified: str, companion: str | None, at: datetime | None
) -> None:
    asked = f" ({', '.join(filter(None, verified.split(',')))} fitted)" if verified else ""
    along = f", with {companion}" if companion else ""
    staging.say_encounter(
        work, row, f"Checked in {full_name(row)}{asked}{along}{staging.say_late(work, at)}."
    )


def _companion(work: Work, patient_id: str, accompanied_by: str | None) -> str | None:
    """Return who came along in words; a related person may be given by id, unless shut out."""
    person = related_row(work.connection, accompanied_by) if accompanied_by else None
    if person is None or person.patient_id != patient_id:
        return accompanied_by
    name = f"{person.given} {person.family}".strip()
    if person.denied:
        raise Refused(
            f"{name} is shut out by an order ({person.denied}). Ask a supervisor; "
            "choose who else came."
        )
    return f"{name} ({person.role})"


@use_case("encounter.walk_in", "encounter.write")
def walk_in(
    work: Work,
    *,
    patient_id: str | None = None,
    name: str | None = None,
    birth_date: date | None = None,
    practitioner_id: str | None = None,
    queue: str = "practitioner",
    reason: str | None = None,
    at: datetime | None = None,
) -> None:
    """Put somebody without an appointment into a practitioner's or the nurse's queue.

    Whoever is not on file is put there with a name (even none) and maybe a birth date; `at` (UTC)
    is the true time of a late entry.
    """
    moment = staging.true_time(work, at)
    if patient_id is None:
        patient_id = register_in_haste(work, name or "", birth_date)
    person = work.person(patient_id)
    if person is None or person.entered_in_error:
        raise NotFound("That patient is not on file; look the name up again (F4).")
    staging.demand_living(work, patient_id, moment)
    staging.demand_absent(work, patient_id)
    practitioner = work.clinic.practitioner(practitioner_id) if practitioner_id else None
    encounter_id = work.unit.insert(
        Encounter,
        patient_id=patient_id,
        location_id=practitioner.location_id if practitioner else work.clinic.locations[0].id,
        practitioner_id=practitioner_id,
        queue="nurse" if practitioner is None else queue,
        reason=reason,
        arrived_at=moment,
    )
    staging.enter(work, encounter_id, "arrived", moment)
    whose = practitioner.code if practitioner else "the nurse"
    new = "" if name is None else "is new, "
    work.unit.say(
        f"{full_name(person)} {new}walked in and waits for {whose}{staging.say_late(work, at)}.",
        about=("encounter", encounter_id),
        patient_id=patient_id,
    )


@use_case("encounter.advance", "encounter.write")
def advance(
    work: Work, *, encounter_id: str, at: datetime | None = None, seen: int | None = None
) -> None:
    """Move somebody to the next stage, now or since `at` (UTC)."""
    visit = staging.lock_present(work, encounter_id, seen)
    _enter_stage(work, visit, staging.next_stage(work, visit.stage).code, at)


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
    visit = staging.lock_present(work, encounter_id, seen)
    target = staging.stage_named(work, stage)
    if target.code == visit.stage:
        raise Refused(f"{named(work, visit)} is {target.title} already.")
    if target.position < min(staging.position(work, "roomed"), _position(work, visit)):
        raise Refused(f"{named(work, visit)} is past that; z takes them back, a stage at a time.")
    _enter_stage(work, visit, target.code, at)


def _enter_stage(work: Work, visit: Any, code: str, at: datetime | None) -> None:
    if code == "roomed" and visit.room_id is None:
        raise Refused(f"Choose a room for {named(work, visit)} (r), then Space goes on.")
    if code == "left":
        _demand_unseen(work, visit)
    moment = staging.since(work, visit, at)
    staging.go_to(work, visit.id, code, moment)
    title = staging.stage_named(work, code).title
    staging.say_encounter(work, visit, f"{full_name(visit)}: {title}{staging.say_late(work, at)}.")


def _position(work: Work, visit: Any) -> int:
    return staging.position(work, visit.stage)


def _demand_unseen(work: Work, visit: Any) -> None:
    if _position(work, visit) >= staging.position(work, "with-practitioner"):
        raise Refused(f"{named(work, visit)} was seen already; Space checks out.")


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
    visit = staging.lock_present(work, encounter_id, seen)
    chosen = work.clinic.room(room_id)
    taken = schedule.room_taken_by(work.connection, room_id)
    if taken is not None and taken.id != encounter_id:
        said = end_sentence(f"Room {chosen.name} is taken by {named(work, taken)}")
        raise Refused(f"{said} Choose another.")
    enters = _position(work, visit) < staging.position(work, "roomed")
    if visit.room_id == room_id and not enters:
        raise Refused(f"{named(work, visit)} is in room {chosen.name} already.")
    moment = staging.since(work, visit, at)
    work.unit.update(Encounter, encounter_id, room_id=room_id)
    if enters:
        staging.go_to(work, encounter_id, "roomed", moment)
    late = staging.say_late(work, at)
    staging.say_encounter(work, visit, f"{full_name(visit)} is in room {chosen.name}{late}.")


@use_case("encounter.back", "encounter.write")
def back(work: Work, *, encounter_id: str, seen: int | None = None) -> None:
    """Take somebody one stage back; the stage they leave stays on record as an error."""
    visit = staging.lock_encounter(work, encounter_id, seen)
    rows = staging.stage_rows(work, encounter_id)
    if len(rows) < 2:
        raise Refused(f"{named(work, visit)} is at the first stage; u takes the arrival back.")
    if visit.stage in CLOSED:
        staging.demand_absent(work, visit.patient_id)
    current, before = rows[-1], rows[-2]
    leaves_room = staging.position(work, before["stage"]) < staging.position(work, "roomed")
    staging.set_status(work, encounter_id, before["stage"], work.now, leave_room=leaves_room)
    work.unit.update(EncounterStage, current["id"], entered_in_error=True)
    work.unit.update(EncounterStage, before["id"], ended_at=None)
    title = staging.stage_named(work, before["stage"]).title
    staging.say_encounter(work, visit, f"{full_name(visit)}: back to {title}.")


@use_case("encounter.left", "encounter.write")
def left(
    work: Work, *, encounter_id: str, at: datetime | None = None, seen: int | None = None
) -> None:
    """Note that somebody left without being seen, now or at `at` (UTC)."""
    visit = staging.lock_present(work, encounter_id, seen)
    _demand_unseen(work, visit)
    staging.go_to(work, encounter_id, "left", staging.since(work, visit, at))
    late = staging.say_late(work, at)
    staging.say_encounter(work, visit, f"{full_name(visit)} left without being seen{late}.")


def _visit(work: Work, appointment_id: str) -> Any:
    visit = schedule.visit(work.connection, appointment_id)
    if visit is None:
        raise NotFound("That visit is not there any more; look again.")
    return visit


def _arrive(
    work: Work,
    visit: Any,
    seen: int | None,
    verified: str = "",
    accompanied_by: str | None = None,
    at: datetime | None = None,
) -> str:
    """Make the encounter of a booked visit, at its first stage, now or since `at` (UTC)."""
    work.unit.expect("appointment", visit.id, visit.version, seen)
    moment = staging.true_time(work, at)
    _demand_expected(work, visit, moment)
    staging.demand_living(work, visit.patient_id, moment)
    staging.demand_absent(work, visit.patient_id)
    # Another desk may cancel at this moment: what was read must still be so.
    work.unit.update(Appointment, visit.id, visit.version, status="arrived")
    encounter_id = work.unit.insert(
        Encounter,
        patient_id=visit.patient_id,
        appointment_id=visit.id,
        location_id=visit.location_id,
        practitioner_id=visit.practitioner_id,
        arrived_at=moment,
        verified=verified,
        accompanied_by=accompanied_by,
    )
    staging.enter(work, encounter_id, "arrived", moment)
    return encounter_id


def _demand_expected(work: Work, visit: Any, moment: datetime) -> None:
    """Refuse a visit that is over, has begun, is not standing, or is another day's."""
    name = named(work, visit)
    if visit.stage == "left":
        raise Refused(f"{name} left without being seen; take them as a walk-in (w).")
    if visit.stage == "done":
        raise Refused(f"This visit is done; take {name} as a walk-in (w) if they are back.")
    if visit.encounter_id is not None:
        raise Refused(f"{name} is checked in already.")
    if visit.status not in HOLDING and visit.status != "noshow":
        raise Refused(
            f"This visit is {visit.status}; book a new one or take them as a walk-in (w)."
        )
    if not _is_near(work, visit.start_at, moment):
        raise Refused(
            f"{name} is booked for {work.say_when(visit.start_at)}, not today. "
            "Move the visit to today first, or take them as a walk-in (w)."
        )


def _is_near(work: Work, start: datetime, moment: datetime) -> bool:
    same = work.clinic.day_of(start) == work.clinic.day_of(moment)
    return same or abs(start - moment) <= NEAR

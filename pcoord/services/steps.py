"""Taking steps back."""

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

from pcoord.domain.alerts import seen_by
from pcoord.domain.errors import Conflict, NotPermitted, Refused
from pcoord.domain.roles import allows
from pcoord.services.desk import USE_CASES, Desk, Work
from pcoord.services.patient_fields import MARKS
from pcoord.services.patients import MARK
from pcoord.store import undo
from pcoord.store.derived import OccupancyTaken
from pcoord.store.queries import events
from pcoord.store.tables import Flag
from pcoord.store.unit import Step

UNDO = "step.undo"
_NOT_YOURS = (
    "That step is somebody else's. They can take it back, or a supervisor; what it changed of a "
    "patient can be taken back in the record's history."
)


def undo_last(desk: Desk) -> Step:
    """Take back this session's last step that still stands."""
    return _undo(desk, None, session_id=desk.who.session_id)


def undo_today(desk: Desk) -> Step:
    """Take back this user's last step of today, whichever session it was made in."""
    midnight = datetime.combine(desk.today, time(), desk.clinic.zone)
    return _undo(desk, None, user_id=desk.who.user_id, since=midnight)


def undo_step(desk: Desk, step: int) -> Step:
    """Take back the step of that number, as whoever reads a record's history may."""
    return _undo(desk, step)


def undo_own_step(desk: Desk, step: int) -> Step:
    """Take back the step of that number if it is this user's; a supervisor may take back any."""
    return _undo(desk, step, own=not allows(desk.who.role, "undo.any"))


def _undo(desk: Desk, step: int | None, *, own: bool = False, **origin: object) -> Step:
    desk.demand("undo.own")
    cancelled_by_death = False

    def body(work: Work) -> None:
        nonlocal cancelled_by_death
        number = step if step is not None else undo.last_step(work.unit, **origin)
        if number is None:
            raise Refused("There is nothing to take back.")
        changes = _demand_same_permission(desk, work, number)
        if own and any(event.user_id != desk.who.user_id for event in changes):
            raise NotPermitted(_NOT_YOURS)
        cancelled_by_death = any(event.action == "patient.edit" for event in changes)
        said = undo.take_back(work.unit, number)
        for patient_id in events.patients_of(work.connection, number):
            work.person(patient_id)
        first = undo.step_events(work.unit, number)[0]
        about = (first.table_name, first.record_id) if first.table_name else None
        work.unit.say(f"Taken back: {said}", about=about, patient_id=first.patient_id)

    try:
        return desk.step(UNDO, body)
    except Conflict as lost:
        if not isinstance(lost.__cause__, OccupancyTaken):
            raise
        raise Conflict(_say_taken(lost.sentence, cancelled_by_death)) from lost


def _say_taken(sentence: str, cancelled_by_death: bool) -> str:
    """Return that a time was given to somebody else since, and what helps instead."""
    holder = sentence.partition(" Choose another")[0]
    instead = (
        "Take the date of death out (Ctrl+E) and book those visits anew."
        if cancelled_by_death
        else "Book another time instead."
    )
    return f"This cannot be taken back any more. {holder} {instead}"


def _demand_same_permission(desk: Desk, work: Work, number: int) -> Sequence[Any]:
    """Whoever may not do a thing may not take it back either; returns the step's changes."""
    changes = undo.step_events(work.unit, number)
    for event in changes[:1]:
        case = USE_CASES.get(event.action)
        if case is not None:
            desk.demand(case.permission)
    for event in changes:
        if event.table_name == "patient" and undo.columns_of(event) & set(MARKS):
            desk.demand(MARK)
        if event.table_name == "flag":
            _demand_may_see(desk, work, str(event.record_id))
    return changes


def _demand_may_see(desk: Desk, work: Work, alert_id: str) -> None:
    if not seen_by(work.unit.row(Flag, alert_id)["audience"], desk.who.role):
        raise NotPermitted("This entry is not for your role. Ask a supervisor at this desk.")

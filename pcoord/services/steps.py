"""Taking steps back."""

from datetime import datetime, time

from pcoord.domain.errors import Refused
from pcoord.services.desk import USE_CASES, Desk, Work
from pcoord.services.patient_fields import MARKS
from pcoord.services.patients import MARK
from pcoord.store import undo
from pcoord.store.queries import events
from pcoord.store.unit import Step

UNDO = "step.undo"


def undo_last(desk: Desk) -> Step:
    """Take back this session's last step that still stands."""
    return _undo(desk, None, session_id=desk.who.session_id)


def undo_today(desk: Desk) -> Step:
    """Take back this user's last step of today, whichever session it was made in."""
    midnight = datetime.combine(desk.today, time(), desk.clinic.zone)
    return _undo(desk, None, user_id=desk.who.user_id, since=midnight)


def undo_step(desk: Desk, step: int) -> Step:
    """Take back the step of that number."""
    return _undo(desk, step)


def _undo(desk: Desk, step: int | None, **origin: object) -> Step:
    desk.demand("undo.own")

    def body(work: Work) -> None:
        number = step if step is not None else undo.last_step(work.unit, **origin)
        if number is None:
            raise Refused("There is nothing to take back.")
        _demand_same_permission(desk, work, number)
        said = undo.take_back(work.unit, number)
        for patient_id in events.patients_of(work.connection, number):
            work.person(patient_id)
        first = undo.step_events(work.unit, number)[0]
        about = (first.table_name, first.record_id) if first.table_name else None
        work.unit.say(f"Taken back: {said}", about=about, patient_id=first.patient_id)

    return desk.step(UNDO, body)


def _demand_same_permission(desk: Desk, work: Work, number: int) -> None:
    """Whoever may not do a thing may not take it back either."""
    changes = undo.step_events(work.unit, number)
    for event in changes[:1]:
        case = USE_CASES.get(event.action)
        if case is not None:
            desk.demand(case.permission)
    for event in changes:
        if event.table_name == "patient" and undo.columns_of(event) & set(MARKS):
            desk.demand(MARK)

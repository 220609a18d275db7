"""When somebody else was quicker: who did what when, and what one's own step would do now."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pcoord.domain.dates import say_day, say_time
from pcoord.domain.errors import Conflict, DeskError, Overtaken
from pcoord.services import restricted_records
from pcoord.store.queries import events, staff
from pcoord.store.unit import ChangedMeanwhile, Unit

if TYPE_CHECKING:
    from pcoord.services.desk import Desk

NOTHING = "Nothing was stored."
_DID = {
    "appointment.book": "booked it",
    "appointment.move": "moved it",
    "appointment.cancel": "cancelled it",
    "appointment.confirm": "confirmed it",
    "appointment.noshow": "marked it a no-show",
    "encounter.arrive": "noted the arrival",
    "encounter.check_in": "checked them in",
    "encounter.room": "roomed them",
    "encounter.advance": "moved them on",
    "encounter.back": "took them a stage back",
    "encounter.left": "noted that they left",
    "call.done": "called back",
    "message.done": "finished it",
    "nurse.accept": "accepted it",
    "step.undo": "took a step back",
}


def by_change(
    desk: "Desk", changed: ChangedMeanwhile, action: str, body: Callable[[Unit], Any]
) -> Conflict:
    """Return both versions of a record that was changed since this person saw it."""
    seen = changed.seen if changed.seen is not None else 0
    since = desk.read(events.changes_since, changed.record_id, seen)
    if not since:
        return Conflict(changed.sentence)
    last = since[-1]
    theirs = _say_theirs(desk, last)
    if len(since) > 1:
        theirs += f" (the last of {len(since)} changes)"
    mine, why = _mine(desk, action, body)
    rest = NOTHING if mine else f"{NOTHING} Yours cannot be done any more: {why}"
    return Overtaken(
        f"{say_who(desk, last)}: {_said(desk, last)} {rest}",
        theirs,
        mine,
        {changed.record_id: last.version_after},
    )


def by_building(desk: "Desk", event: Any, instead: str = "") -> Conflict:
    """Return why a step cannot be taken back: by whom it was built on, and what helps instead."""
    if event is None:
        return Conflict("Somebody else has gone on from there, so it cannot be taken back.")
    said = _said(desk, event)
    refused = f"This cannot be taken back any more. {say_who(desk, event)}: {said}"
    return Conflict(f"{refused} {instead}".rstrip())


def say_latest(desk: "Desk", record_id: str) -> str:
    """Return who changed a record last, when and how."""
    event = desk.read(events.last_change, record_id)
    return _say_theirs(desk, event) if event is not None else "It was changed meanwhile."


def say_who(desk: "Desk", event: Any) -> str:
    """Return who did what to it when: "Ana Flores moved it at 10:42"."""
    local = desk.clinic.local(event.at)
    day = "" if local.date() == desk.today else f"{say_day(local.date(), desk.today)} "
    did = _DID.get(event.action, "changed it")
    return f"{_name(desk, event)} {did} at {day}{say_time(local.time())}"


def _name(desk: "Desk", event: Any) -> str:
    if event.user_id is not None and event.user_id == desk.who.user_id:
        here = event.session_id == desk.who.session_id
        return "You yourself" if here else "You yourself, in another window,"
    account = desk.read(staff.by_id, event.user_id) if event.user_id else None
    return str(account.name if account and account.name else event.username)


def _said(desk: "Desk", event: Any) -> str:
    said = event.said or (desk.read(events.sentence_of, event.step) if event.step else "")
    ids = desk.read(events.patients_of, event.step) if event.step else [event.patient_id]
    return restricted_records.least_in(desk, str(said or ""), ids)


def _say_theirs(desk: "Desk", event: Any) -> str:
    return f"{say_who(desk, event)}: {_said(desk, event)}".rstrip(": ")


def _mine(desk: "Desk", action: str, body: Callable[[Unit], Any]) -> tuple[str | None, str]:
    """Return what one's own step would do to what stands now, or why it cannot be done."""
    try:
        return desk.store.preview(desk.who, action, body) or "your step", ""
    except DeskError as refused:
        return None, refused.sentence

"""Correcting a stored call: what was written down wrong, with what hangs on it, in one step."""

from collections.abc import Mapping
from typing import Any

from pcoord.domain.errors import NotFound, Refused
from pcoord.domain.phones import normal
from pcoord.services.calls import demand_sound, leave_message, named, say_about
from pcoord.services.desk import Work, use_case
from pcoord.services.nurse import demand_no_open_flag
from pcoord.store.queries import calls as queries
from pcoord.store.tables import Call, Communication, NurseCall

WORDS = {
    "direction": "in or out",
    "phone": "number",
    "caller": "caller",
    "patient_id": "patient",
    "verified": "verified",
    "note": "note",
    "reason": "reason",
    "outcome": "outcome",
    "callback_due": "call-back",
    "callback_practitioner_id": "for whom",
}


@use_case("call.correct", "call.write")
def correct(
    work: Work,
    *,
    call_id: str,
    seen: int | None = None,
    message: str | None = None,
    urgent: bool = False,
    nurse_call_id: str | None = None,
    **told: Any,
) -> None:
    """Change a stored call to what is `told`; its number, begin and taker stay.

    A message that nobody has dealt with yet follows: with `message` it is put right, or sent when
    there was none; without, it is taken back. Raises Conflict when somebody changed the call since
    version `seen`, Refused when nothing differs.
    """
    old = work.unit.row(Call, call_id)
    if old["entered_in_error"]:
        raise NotFound("That call was taken back; there is nothing to correct.")
    new = {name: told.get(name, old[name]) for name in WORDS}
    if named(new["verified"]) == named(old["verified"]):
        new["verified"] = old["verified"]
    demand_sound(work, new)
    moved = {name for name in WORDS if new[name] != old[name]}
    promised = {"callback_due", "patient_id"} & moved and new["callback_due"] is not None
    if promised or (message and "outcome" in moved):
        demand_no_open_flag(
            work, patient_id=new["patient_id"], call_id=call_id, nurse_call_id=nurse_call_id
        )
    work.unit.update(Call, call_id, seen, **_columns(work, new, moved))
    also = _follow(work, call_id, old, new, message, urgent) + _nurse(work, call_id, new, moved)
    if nurse_call_id is not None:
        work.unit.update(NurseCall, nurse_call_id, call_id=call_id)
    if not moved and not also and nurse_call_id is None:
        raise Refused("Nothing was changed, so nothing was stored.")
    what = ", ".join(dict.fromkeys([*(WORDS[name] for name in WORDS if name in moved), *also]))
    about = say_about(work, new["patient_id"], new["caller"], new["phone"])
    work.unit.say(
        f"Call {old['number']} of {about} corrected: {what or 'nurse call'}.",
        about=("call", call_id),
        patient_id=new["patient_id"],
    )


def _columns(work: Work, new: Mapping[str, Any], moved: set[str]) -> dict[str, Any]:
    """Return what changes in the row; a call-back promised anew is open again."""
    columns = {name: new[name] for name in moved}
    if "phone" in moved:
        phone = new["phone"]
        columns["digits"] = normal(phone, work.clinic.region) if phone else None
    if "callback_due" in moved:
        columns["callback_done_at"] = None
    return columns


def _follow(
    work: Work,
    call_id: str,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    message: str | None,
    urgent: bool,
) -> list[str]:
    """Bring the messages left in the call in line, and say what became of them."""
    left = queries.messages_of_call(work.connection, call_id)
    waiting = [row for row in left if row.done_at is None]
    if message and not left:
        leave_message(
            work,
            call_id,
            new["patient_id"],
            new["callback_practitioner_id"],
            message,
            urgent,
            new["callback_due"],
        )
        return ["message sent"]
    said = [_put_right(work, row, old, new, urgent) if message else "" for row in waiting]
    if not message:
        for row in waiting:
            work.unit.update(Communication, row.id, row.version, entered_in_error=True)
            said.append("message taken back")
    return list(filter(None, said))


def _put_right(
    work: Work, row: Any, old: Mapping[str, Any], new: Mapping[str, Any], urgent: bool
) -> str:
    """Change a waiting message; words of its own, other than the note's, stay as they were."""
    own_words = row.text != (old["note"] or "")
    told = {
        "text": row.text if own_words else new["note"] or "",
        "patient_id": new["patient_id"],
        "practitioner_id": new["callback_practitioner_id"],
        "due_at": new["callback_due"],
        "urgent": urgent,
    }
    if all(getattr(row, name) == value for name, value in told.items()):
        return ""
    if told["practitioner_id"] is None:
        raise Refused("Say whom the message is for (LEE).")
    work.unit.update(Communication, row.id, row.version, **told)
    return "message"


def _nurse(work: Work, call_id: str, new: Mapping[str, Any], moved: set[str]) -> list[str]:
    """Have a nurse call that came out of this call be about the same patient."""
    if "patient_id" not in moved:
        return []
    rows = queries.nurse_calls_of_call(work.connection, call_id)
    for row in rows:
        work.unit.update(NurseCall, row.id, row.version, patient_id=new["patient_id"])
    return ["nurse call"] if rows else []

"""The call log: what was said, what was promised, and calling back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pcoord.domain.errors import NotFound, Refused
from pcoord.domain.outcomes import BY_CODE
from pcoord.domain.phones import normal, say
from pcoord.domain.sentences import full_name
from pcoord.domain.standing import RESTRICTED
from pcoord.services import day, reaching, restricted_records
from pcoord.services.desk import Desk, Work, use_case
from pcoord.services.nurse import demand_no_open_flag
from pcoord.services.staging import say_late, true_time
from pcoord.store.ids import new_id
from pcoord.store.queries import calls as queries
from pcoord.store.tables import Call, Communication, NurseCall

# What verifies a caller: said by the caller. The number that calls is not among them.
IDENTIFIERS = ("birth date", "address", "record number", "name")
VIEWS = ("today", "mine", "open", "messages")


@dataclass(frozen=True)
class Log:
    """The call log in one of its views: rows as queried, and how many each view holds."""

    view: str
    rows: list[Any]
    counts: dict[str, int]


def key_of_new_call() -> str:
    """Return the key of a call that is about to be taken, so that its draft has one."""
    return new_id()


@use_case("call.new", "call.write")
def log_call(
    work: Work,
    *,
    phone: str | None = None,
    caller: str | None = None,
    patient_id: str | None = None,
    reason: str | None = None,
    note: str | None = None,
    verified: str = "",
    outcome: str | None = None,
    callback_due: datetime | None = None,
    callback_practitioner_id: str | None = None,
    message: str | None = None,
    urgent: bool = False,
    started_at: datetime | None = None,
    direction: str = "in",
    call_id: str | None = None,
    nurse_call_id: str | None = None,
    at: datetime | None = None,
) -> None:
    """Store a call; with a call-back due, and as a message to the practitioner when one is given.

    `verified` lists with commas which of IDENTIFIERS the caller gave. The caller's own number
    never verifies anybody. `nurse_call_id` is the nurse call that came out of this call; `at` (UTC)
    is when it was, for a call that is typed in later.
    """
    told = {
        "phone": phone,
        "caller": caller,
        "patient_id": patient_id,
        "direction": direction,
        "reason": reason,
        "note": note,
        "verified": verified,
        "outcome": outcome,
    }
    demand_sound(work, told)
    _demand_not_stored(work, call_id)
    if message or callback_due:
        demand_no_open_flag(work, patient_id=patient_id, nurse_call_id=nurse_call_id)
    promised = {
        "callback_due": callback_due,
        "callback_practitioner_id": callback_practitioner_id,
    }
    made, number = _insert(work, call_id, started_at, at, told | promised)
    if nurse_call_id is not None:
        work.unit.update(NurseCall, nurse_call_id, call_id=made)
    if message:
        leave_message(
            work, made, patient_id, callback_practitioner_id, message, urgent, callback_due
        )
    work.unit.say(
        f"Call {number} stored: {say_about(work, patient_id, caller, phone)}{say_late(work, at)}"
        f"{_promise(work, callback_due, callback_practitioner_id, bool(message))}.",
        about=("call", made),
        patient_id=patient_id,
    )


def _insert(
    work: Work,
    call_id: str | None,
    started_at: datetime | None,
    at: datetime | None,
    told: Mapping[str, Any],
) -> tuple[str, int]:
    """Store the call's own row; return its key and its number."""
    number = work.unit.next_number("call", 1001)
    ended = true_time(work, at)
    made = work.unit.insert(
        Call,
        id=call_id,
        number=number,
        started_at=started_at or ended,
        ended_at=ended,
        recorded_at=work.now,
        digits=normal(told["phone"], work.clinic.region) if told["phone"] else None,
        taken_by=work.who.user_id,
        **told,
    )
    return made, number


def demand_sound(work: Work, told: Mapping[str, Any]) -> None:
    """Refuse a call that says nothing, ends in no known way, or may not have been made so."""
    if not any(told[name] for name in ("phone", "patient_id", "note", "caller", "reason")):
        raise Refused("Write down at least a number, a name or what was said.")
    if told["outcome"] is not None and told["outcome"] not in BY_CODE:
        raise Refused(f"Choose an outcome: {', '.join(BY_CODE)}.")
    _demand_identifiers(told["verified"])
    _demand_may_be_left(work, told)


def _demand_may_be_left(work: Work, told: Mapping[str, Any]) -> None:
    """Refuse a call out to a number that forbids it, unless a note says what happened and why."""
    if told["direction"] != "out" or not told["patient_id"] or told["note"]:
        return
    digits = normal(told["phone"], work.clinic.region) if told["phone"] else None
    may = reaching.may_reach(work.connection, told["patient_id"], "call", digits=digits)
    if not may.allowed:
        says = may.says.replace("NEVER", "never")
        raise Refused(f"{says[:1].upper()}{says[1:]}. If it was called, say why in the note.")
    if told["outcome"] == "voicemail" and may.leave == "nothing":
        raise Refused(
            "Nothing may be left at this number. If something was, say what and why in the note."
        )


def _demand_not_stored(work: Work, call_id: str | None) -> None:
    """Refuse a draft that was open in two windows of one person, and stored in the other."""
    if call_id is None:
        return
    try:
        number = work.unit.row(Call, call_id)["number"]
    except NotFound:
        return
    raise Refused(
        f"This is stored already, as call {number}, from another window. "
        "^N begins a new call, ^X throws this one away."
    )


@use_case("call.done", "call.write")
def call_back_done(work: Work, *, call_id: str, seen: int | None = None) -> None:
    """Note that the promised call-back was made."""
    row = work.unit.row(Call, call_id, seen)
    if row["callback_due"] is None:
        raise Refused("No call-back was promised in this call.")
    if row["callback_done_at"] is not None:
        raise Refused("This call-back is done already.")
    work.unit.update(Call, call_id, seen, callback_done_at=work.now)
    about = say_about(work, row["patient_id"], row["caller"], row["phone"])
    work.unit.say(f"Called back: {about}.", about=("call", call_id), patient_id=row["patient_id"])


def leave_message(
    work: Work,
    call_id: str,
    patient_id: str | None,
    practitioner_id: str | None,
    text: str,
    urgent: bool,
    due: datetime | None,
) -> None:
    """Leave a message to a practitioner in a call."""
    if practitioner_id is None:
        raise Refused("Say whom the message is for (LEE).")
    work.unit.insert(
        Communication,
        patient_id=patient_id,
        call_id=call_id,
        practitioner_id=practitioner_id,
        sender_user_id=work.who.user_id,
        text=text,
        urgent=urgent,
        due_at=due,
        sent_at=work.now,
    )


def say_about(work: Work, patient_id: str | None, caller: str | None, phone: str | None) -> str:
    """Return whom a call is about: the patient, else the caller, else the number."""
    if patient_id is not None:
        person = work.person(patient_id)
        return full_name(person) if person else "somebody"
    return caller or (say(phone, work.clinic.region) if phone else "somebody")


def _promise(work: Work, due: datetime | None, who: str | None, message: bool) -> str:
    code = work.clinic.practitioner(who).code if who else ""
    told = f", message to {code}" if message else ""
    if due is None:
        return told
    by = f" by {code}" if code and not message else ""
    return f"{told}, call back {work.say_when(due)}{by}"


def named(verified: str) -> list[str]:
    """Return the identifiers that a call's text of them names."""
    return [name.strip() for name in verified.split(",") if name.strip()]


def _demand_identifiers(verified: str) -> None:
    wrong = [name for name in named(verified) if name not in IDENTIFIERS]
    if wrong:
        raise Refused(f"A {wrong[0]} verifies nobody; ask for: {', '.join(IDENTIFIERS)}.")


def log(
    desk: Desk, *, open_only: bool = False, since: datetime | None = None, mine: bool = False
) -> list[Any]:
    """Return calls, newest first: all since a moment, those with an open call-back, or mine."""
    desk.demand("call.read")
    taken_by = desk.who.user_id if mine else None
    rows = desk.read(queries.calls, open_only=open_only, since=since, taken_by=taken_by)
    return restricted_records.veiled(desk, rows)


def load_log(desk: Desk, view: str) -> Log:
    """Return the log in one of VIEWS: calls of today, mine, open call-backs, or open messages."""
    since, _ = day.bounds(desk, desk.today)
    desk.demand("call.read")
    if view == "messages":
        desk.demand("message.read")
        rows = restricted_records.veiled(desk, desk.read(queries.open_messages))
    else:
        open_only = view == "open"
        rows = log(desk, open_only=open_only, since=since, mine=view == "mine")
    user_id = desk.who.user_id
    counts = desk.read(queries.log_counts, since=since, now=desk.now, user_id=user_id)
    return Log(view, rows, dict(counts._mapping))


def one(desk: Desk, call_id: str) -> tuple[Any, list[Any]]:
    """Return a call and the messages left in it; raise NotFound.

    Raises ReasonNeeded where it is about somebody whose restricted record was not opened.
    """
    desk.demand("call.read")
    row = desk.read(queries.call_row, call_id)
    if row is None:
        raise NotFound("That call is not here any more; look again.")
    if RESTRICTED in (row.standing or ""):
        restricted_records.demand(desk, row.patient_id, True)
    return row, list(desk.read(queries.messages_of_call, call_id))

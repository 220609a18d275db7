"""A call as it was typed in the panel: its words become a stored call, or say what is unclear."""

import re
from datetime import datetime, time
from functools import cache
from typing import Any, TypedDict

from pcoord import resources
from pcoord.domain import dates
from pcoord.domain.errors import BadUsage, DeskError, Refused
from pcoord.domain.names import fold
from pcoord.domain.outcomes import BY_CODE, USUAL
from pcoord.domain.sentences import full_name
from pcoord.services import call_changes, calls
from pcoord.services.desk import Desk
from pcoord.store.unit import Step

# A due day without a time means by the end of its morning or afternoon.
_DUE_AT = {"am": time(12), "pm": time(17)}
_ORPHAN = time(17)


class Typed(TypedDict, total=False):
    """What the panel holds: texts as typed, `verified` names, ids, `started_at` as ISO 8601.

    `at` is when a call was that is typed in later, ISO 8601 too; it began and ended then.

    `correcting` is the number of the stored call that is corrected, `seen` its version and
    `due_shown` the due time as the panel said it.
    """

    id: str
    correcting: int
    seen: int
    due_shown: str
    who: str
    direction: str
    started_at: str
    at: str
    phone: str
    patient_id: str
    caller: str
    verified: list[str]
    note: str
    outcome: str
    to: str
    due: str
    urgent: bool
    reason: str
    nurse_call_id: str


class Unclear(Refused):
    """A field of the panel could not be read; `field` names it."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


def store(desk: Desk, typed: Typed) -> Step:
    """Store a call as it was typed; raise Unclear with the field that needs another word."""
    started = datetime.fromisoformat(typed["started_at"]) if "started_at" in typed else None
    due = read_due(desk, typed.get("due", ""))
    told = _told(desk, typed, due)
    at = datetime.fromisoformat(typed["at"]) if typed.get("at") else None
    return calls.log_call(desk, call_id=typed.get("id"), started_at=at or started, at=at, **told)


def correct(desk: Desk, typed: Typed) -> Step:
    """Store what was put right in a stored call; raise Unclear as `store` does."""
    row, _ = calls.one(desk, typed["id"])
    stays = row.callback_due is not None and typed.get("due_shown") == typed.get("due", "").strip()
    due = row.callback_due if stays else read_due(desk, typed.get("due", ""))
    told = _told(desk, typed, due)
    return call_changes.correct(desk, call_id=typed["id"], seen=typed.get("seen"), **told)


def _told(desk: Desk, typed: Typed, due: datetime | None) -> dict[str, Any]:
    """Return what the panel's texts say, as the use cases take it."""
    outcome = typed.get("outcome") or USUAL
    to = practitioner_id(desk, typed.get("to", ""))
    note = typed.get("note", "").strip()
    _demand_whole(outcome, to, due, note)
    return {
        "direction": typed.get("direction", "in"),
        "phone": typed.get("phone") or None,
        "patient_id": typed.get("patient_id") or None,
        "caller": typed.get("caller") or None,
        "reason": read_reason(typed.get("reason", "")) or reason_in(note),
        "note": note or None,
        "verified": ", ".join(typed.get("verified", [])),
        "outcome": outcome,
        "callback_due": due,
        "callback_practitioner_id": to,
        "message": note if outcome == "message" else None,
        "urgent": bool(typed.get("urgent")),
        "nurse_call_id": typed.get("nurse_call_id") or None,
    }


def typed_of(desk: Desk, call_id: str) -> dict[str, Any]:
    """Return a stored call as somebody would type it into the panel, to correct it."""
    row, messages = calls.one(desk, call_id)
    whom = row.callback_practitioner_id
    due = _say_due(desk, row.callback_due)
    family = full_name(row) if row.family else ""
    return {
        "id": row.id,
        "correcting": row.number,
        "seen": row.version,
        "direction": row.direction,
        "started_at": row.started_at.isoformat(),
        "who": row.phone or family,
        "phone": row.phone or "",
        "patient_id": row.patient_id,
        "caller": row.caller or "",
        "verified": calls.named(row.verified),
        "note": row.note or "",
        "outcome": row.outcome or USUAL,
        "to": desk.clinic.practitioner(whom).code if whom else "",
        "due": due,
        "due_shown": due,
        "urgent": any(message.urgent for message in messages if message.done_at is None),
        "reason": row.reason or "",
        "field": "note",
    }


def _say_due(desk: Desk, due: datetime | None) -> str:
    if due is None:
        return ""
    local = desk.clinic.local(due)
    at = dates.say_time(local.time())
    return at if local.date() == desk.today else f"{dates.say_date(local.date(), desk.today)} {at}"


def _demand_whole(outcome: str, to: str | None, due: datetime | None, note: str) -> None:
    if outcome == "message" and not note:
        raise Unclear("note", "Write what the message says.")
    if outcome == "message" and to is None:
        raise Unclear("to", "Say whom the message is for (LEE).")
    if outcome == "callback" and due is None:
        raise Unclear("due", "Say by when the call-back is due (16:00, tomorrow 9am).")


def practitioner_id(desk: Desk, text: str) -> str | None:
    """Return whom a typed code or family name means, None when nothing was typed."""
    folded = fold(text)
    if not folded:
        return None
    named = [p for p in desk.clinic.practitioners if p.active]
    fits = [p for p in named if folded == fold(p.code)]
    fits = fits or [p for p in named if fold(p.family) == folded]
    fits = fits or [p for p in named if fold(p.code).startswith(folded)]
    if len(fits) != 1:
        codes = ", ".join(p.code for p in named[:8])
        raise Unclear("to", f"“{text}” names nobody here, or several; type {codes}.")
    return fits[0].id


def read_due(desk: Desk, text: str) -> datetime | None:
    """Return the moment a call-back is due, UTC; a day alone means its end."""
    if not text.strip():
        return None
    try:
        due = _moment(desk, text)
    except DeskError as error:
        raise Unclear("due", error.sentence) from error
    if due <= desk.now:
        raise Unclear("due", f"“{text}” is past; type a later time (16:00, tomorrow 9am).")
    return due


def read_true_time(desk: Desk, text: str) -> datetime:
    """Return when something was, UTC: a time of today, or a day with one; asks no database."""
    when = _when(desk, text, facing="past")
    if when.time is None:
        raise BadUsage("Type the time as well: 8:10, yesterday 16:30.")
    zone = desk.clinic.zone
    moment = dates.to_utc(when.date or desk.today, when.time, zone, fold=when.fold)
    if moment > desk.now:
        raise BadUsage(f"“{text}” is still to come; type a time up to now.")
    return moment


def _when(desk: Desk, text: str, *, facing: str) -> dates.When:
    return dates.parse_when(
        text,
        today=desk.today,
        now=desk.clinic.local(desk.now).time(),
        order=desk.clinic.date_order,
        facing=facing,
        hours=desk.clinic.hours,
    )


def _moment(desk: Desk, text: str) -> datetime:
    when = _when(desk, text, facing="future")
    day = when.date or when.until or desk.today
    at = when.to or when.time or _DUE_AT.get(when.part or "", _ORPHAN)
    return dates.to_utc(day, at, desk.clinic.zone, fold=when.fold)


@cache
def reasons() -> tuple[dict[str, Any], ...]:
    """Return the coded reasons of a call, from `data/call_reasons.toml`."""
    return tuple(resources.load_toml("call_reasons.toml")["reasons"])


def read_reason(text: str) -> str | None:
    """Return the code of a typed reason; the text itself when no code fits."""
    folded = text.casefold().strip()
    if not folded:
        return None
    for reason in reasons():
        if reason["code"] == folded or folded in reason["words"]:
            return str(reason["code"])
    begun = [r["code"] for r in reasons() if r["code"].startswith(folded)]
    return str(begun[0]) if len(begun) == 1 else text.strip()


def reason_in(note: str) -> str | None:
    """Return the reason whose word comes first in a note, None when none does."""
    folded = note.casefold()
    found = [
        (match.start(), reason["code"])
        for reason in reasons()
        for word in reason["words"]
        if (match := re.search(rf"\b{re.escape(word)}s?\b", folded))
    ]
    return min(found)[1] if found else None


def outcome_word(code: str | None) -> str:
    """Return what an outcome's code means."""
    known = BY_CODE.get(code or "")
    return known.title if known else code or ""

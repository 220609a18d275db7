"""Restricted records: lists say the least, and opening one takes a reason that is recorded.

Restricted are the clinic's own people, public persons, the family of staff. Every list, picker and
preview shows of a closed record the family name, an initial and the record number: enough to tell
people apart, to lead somebody to a room and to find the visit. What would tell more is not there.
"""

import json
import re
from collections.abc import Iterable
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from pcoord.domain.errors import BadUsage, ReasonNeeded
from pcoord.domain.sentences import end_sentence, full_name
from pcoord.domain.standing import RESTRICTED, marked
from pcoord.store.queries import events
from pcoord.store.queries.people import short_patient

if TYPE_CHECKING:
    from pcoord.services.desk import Desk, Work
    from pcoord.services.lookup import Found

__all__ = ["ReasonNeeded", "called", "demand", "demand_open", "is_closed", "is_open", "is_shut"]
__all__ += ["least", "least_in", "least_name", "least_said", "named", "open_with", "see_here"]
__all__ += ["veil", "veiled"]

LEAST_REASON = 3
OPENED = "patient.open.restricted"
SEEN = "patient.see.restricted"
REASONS = frozenset({OPENED, SEEN})
"""Events that say why a closed record was looked at."""
# Who does this has the record open, or has just now marked it.
_OPENED_FOR = frozenset({"patient.register", "patient.edit"})
# Whose undoing would repeat what an entry of the record says, and the sentence up to that.
_OF_THE_RECORD = frozenset(
    {"contact_point", "address", "human_name", "related_person", "coverage", "flag", "document"}
)
_ENTRY = re.compile(r"^(Taken back: [^:]*):.*$", re.DOTALL)
# A near hit says which name it came near to.
_NEAR_NAME = re.compile(r"sounds like \S+")


def is_open(desk: "Desk", patient_id: str) -> bool:
    """Tell whether this session opened a restricted record with a reason."""
    return desk.read(events.did, desk.who.session_id, patient_id, OPENED)


def is_shut(desk: "Desk", patient_id: str | None) -> bool:
    """Tell whether a record is restricted and was not opened in this session."""
    person = desk.read(short_patient, patient_id) if patient_id else None
    return person is not None and person.restricted and not is_open(desk, patient_id or "")


def see_here(desk: "Desk", patient_id: str, work: str) -> None:
    """Record that somebody at the desk is asked who they are: the work is the reason.

    What is asked is shown for it; the record itself stays closed.
    """
    if is_shut(desk, patient_id) and not desk.read(
        events.did, desk.who.session_id, patient_id, SEEN
    ):
        said = f"Asked after a restricted record: {work}"
        desk.store.note(desk.who, "read", action=SEEN, patient_id=patient_id, said=said)


def demand_open(desk: "Desk", patient_id: str, reason: str | None = None) -> None:
    """Let through whoever's record is not restricted, or was opened at this desk."""
    person = desk.read(short_patient, patient_id)
    demand(desk, patient_id, person is not None and person.restricted, reason)


def open_with(desk: "Desk", patient_id: str, reason: str) -> None:
    """Record why a restricted record is opened; it stays open for this session."""
    reason = sound_reason(reason)
    after = json.dumps({"reason": reason}, ensure_ascii=False)
    said = f"Opened a restricted record: {reason}"
    note: dict[str, Any] = {"patient_id": patient_id, "after": after, "said": said}
    desk.store.note(desk.who, "read", action=OPENED, **note)


def sound_reason(reason: str) -> str:
    """Return a reason as it is kept; refuse one that says nothing."""
    reason = " ".join(reason.split())
    if len(reason) < LEAST_REASON:
        raise BadUsage("Say in a word or two why you open this record.")
    return reason


def demand(desk: "Desk", patient_id: str, restricted: bool, reason: str | None = None) -> None:
    """Let through an open record, or one that is opened now with a reason; else ReasonNeeded."""
    if not restricted or is_open(desk, patient_id):
        return
    if reason is None:
        raise ReasonNeeded(patient_id)
    open_with(desk, patient_id, reason)


def least(desk: "Desk", hit: "Found") -> "Found":
    """Return what a list may show of somebody: of a closed restricted record the least.

    That is the family name, an initial and the record number: enough to tell people apart.
    """
    if not hit.restricted or is_open(desk, hit.id):
        return hit
    return hit._replace(
        given=_initial(hit.given),
        middle=None,
        preferred=None,
        birth_date=None,
        sex="unknown",
        language=None,
        interpreter=False,
        phone=None,
        matched=_NEAR_NAME.sub("sounds like it", hit.matched),
        closed=True,
    )


# What a row of a visit, a call or of work may not show of a closed record. What is needed to look
# after somebody who is here stays: stage, room, language, interpreter, alerts.
_WITHHELD: dict[str, Any] = dict.fromkeys(
    (
        *("birth_date", "note", "reason", "phone", "digits", "caller", "accompanied_by"),
        *("text", "what"),
    )
)
_WITHHELD["sex"] = "unknown"


def veiled(desk: "Desk", rows: Iterable[Any], *, always: bool = False) -> list[Any]:
    """Return rows about patients with the least of those whose restricted record is closed.

    Rows have `patient_id` and `standing`. `always` is for what anybody may read: paper.
    """
    rows = list(rows)
    shut = {row.patient_id for row in rows if RESTRICTED in (row.standing or "")}
    if shut and not always:
        shut -= desk.read(events.did_to, desk.who.session_id, sorted(shut), OPENED)
    return [_least_of(row) if row.patient_id in shut else row for row in rows] if shut else rows


def veil(desk: "Desk", row: Any) -> Any:
    """Return one row as `veiled` does."""
    return veiled(desk, [row])[0]


def named(work: "Work", row: Any) -> str:
    """Return "Family, Given" for a refusal inside a step; of a closed record the least."""
    closed = RESTRICTED in (row.standing or "") and _is_shut(work, row.patient_id)
    return full_name(_least_of(row)) if closed else full_name(row)


def least_said(work: "Work", people: Iterable[Any]) -> str:
    """Return a step's sentence as it tells of closed records what a list would tell.

    `people` are those whom the step looked up. The log keeps the whole sentence. Who changes
    the record itself has opened it.
    """
    said = work.unit.said
    for person in () if work.unit.action in _OPENED_FOR else people:
        said = _least_named(said, person, told(work, person))
        if work.unit.undoes and work.unit.kind in _OF_THE_RECORD and _closed(work, person):
            # What the entry said is not read by taking it back.
            said = _ENTRY.sub(r"\1.", said)
    return said


def least_in(desk: "Desk", said: str, patient_ids: Iterable[str]) -> str:
    """Return a sentence of the log about some patients as a list would tell of closed records."""
    for patient_id in patient_ids:
        if is_shut(desk, patient_id):
            person: Any = desk.read(short_patient, patient_id)
            said = _least_named(said, person, least_name(person))
    return said


def _least_named(said: str, person: Any, least: str) -> str:
    whole = full_name(person)
    return said.replace(f"{whole}.", end_sentence(least)).replace(whole, least)


def told(work: "Work", person: Any) -> str:
    """Return "Family, Given" of somebody whom a step looked up; of a closed record the least."""
    return least_name(person) if _closed(work, person) else full_name(person)


def _closed(work: "Work", person: Any) -> bool:
    return bool(person.restricted) and _is_shut(work, person.id)


def _is_shut(work: "Work", patient_id: str) -> bool:
    return not events.did(work.connection, work.who.session_id, patient_id, OPENED)


def is_closed(row: Any) -> bool:
    """Tell whether a row shows only the least of somebody."""
    return getattr(row, "closed", False)


def called(row: Any) -> str:
    """Return a row's "Family, Given" with what must not be overlooked of that person before it."""
    return marked(full_name(row), row.standing, closed=is_closed(row))


def in_list(row: Any) -> str:
    """Return the same where there is little room: the initial says by itself what is kept."""
    return marked(full_name(row), row.standing)


def _least_of(row: Any) -> Any:
    told = dict(row._mapping)
    least = {name: value for name, value in _WITHHELD.items() if name in told}
    return SimpleNamespace(**told | least | {"given": _initial(row.given), "closed": True})


def least_name(person: Any) -> str:
    """Return family name and initial."""
    least = SimpleNamespace(family=person.family, given=_initial(person.given))
    return full_name(least)


def _initial(given: str | None) -> str:
    return f"{given[:1]}." if given else ""

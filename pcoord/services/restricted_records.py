"""Restricted records: the list says the least, and opening one takes a reason that is recorded.

Restricted are the clinic's own people, public persons, the family of staff.
"""

import json
from dataclasses import replace
from typing import Any

from pcoord.domain.errors import BadUsage, Refused
from pcoord.services.desk import Desk
from pcoord.services.lookup import Found
from pcoord.store.queries import events

LEAST_REASON = 3
OPENED = "patient.open.restricted"


class ReasonNeeded(Refused):
    """A restricted record was not opened at this desk yet; `patient_id` says whose."""

    def __init__(self, patient_id: str) -> None:
        super().__init__(
            "This record is restricted. Say why you open it; the reason is kept in the log "
            "(at the command line: --reason TEXT)."
        )
        self.patient_id = patient_id


def is_open(desk: Desk, patient_id: str) -> bool:
    """Tell whether this session opened a restricted record with a reason."""
    return desk.read(events.did, desk.who.session_id, patient_id, OPENED)


def open_with(desk: Desk, patient_id: str, reason: str) -> None:
    """Record why a restricted record is opened; it stays open for this session."""
    reason = " ".join(reason.split())
    if len(reason) < LEAST_REASON:
        raise BadUsage("Say in a word or two why you open this record.")
    after = json.dumps({"reason": reason}, ensure_ascii=False)
    said = f"Opened a restricted record: {reason}"
    note: dict[str, Any] = {"patient_id": patient_id, "after": after, "said": said}
    desk.store.note(desk.who, "read", action=OPENED, **note)


def demand(desk: Desk, patient_id: str, restricted: bool, reason: str | None = None) -> None:
    """Let through an open record, or one that is opened now with a reason; else ReasonNeeded."""
    if not restricted or is_open(desk, patient_id):
        return
    if reason is None:
        raise ReasonNeeded(patient_id)
    open_with(desk, patient_id, reason)


def least(desk: Desk, hit: Found) -> Found:
    """Return what a list may show of somebody: of a closed restricted record the least.

    That is the family name, an initial and the record number: enough to tell people apart.
    """
    if not hit.restricted or is_open(desk, hit.id):
        return hit
    return replace(
        hit,
        given=f"{hit.given[:1]}." if hit.given else "",
        middle=None,
        preferred=None,
        birth_date=None,
        sex="unknown",
        language=None,
        interpreter=False,
        phone=None,
        closed=True,
    )

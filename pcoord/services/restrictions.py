"""Scheduling restrictions of a patient: a booking against one needs a permission and a reason."""

from datetime import date, datetime
from typing import Any

from pcoord.domain import alerts
from pcoord.domain.alerts import RESTRICTS, seen_by
from pcoord.domain.disclosure import stands
from pcoord.domain.errors import NotPermitted, Refused
from pcoord.domain.roles import allows
from pcoord.services.desk import Desk, Work
from pcoord.store.queries import people

PERMISSION = "appointment.restricted"


def refusal(desk: Desk, patient_id: str, start: datetime) -> str:
    """Return why a booking at a moment (UTC) needs a reason, "" when nothing stands against it."""
    rows = desk.read(people.alerts_of, [patient_id])
    return _refusal(_standing(rows, desk.clinic.day_of(start)), desk.who.role)


def to_mind(desk: Desk, patient_id: str, start: datetime) -> list[str]:
    """Return the alerts that a booking for that moment (UTC) shows this person."""
    rows = desk.read(people.alerts_of, [patient_id])
    day = desk.clinic.day_of(start)
    shown = alerts.shown(rows, place="booking", role=desk.who.role, day=day)
    return [row.text for row in shown]


def demand(work: Work, patient_id: str, start: datetime, reason: str | None) -> str | None:
    """Refuse a booking against a restriction without a reason or the permission for it.

    Returns the reason that is to be stored with the visit, None where nothing is restricted.
    """
    rows = people.alerts_of(work.connection, [patient_id])
    standing = _standing(rows, work.clinic.day_of(start))
    if not standing:
        return None
    if not reason:
        raise Refused(_refusal(standing, work.who.role))
    if not allows(work.who.role, PERMISSION):
        raise NotPermitted(
            f"Your role ({work.who.role}) may not book against a restriction; ask a supervisor."
        )
    return reason


def _standing(rows: Any, day: date) -> list[Any]:
    return [
        row for row in rows if row.kind == RESTRICTS and stands(row.from_date, row.until_date, day)
    ]


def _refusal(rows: list[Any], role: str) -> str:
    if not rows:
        return ""
    texts = [row.text for row in rows if seen_by(row.audience, role)]
    said = f": {'; '.join(texts)}" if texts else ""
    return f"Restricted{said}. Choose a time that fits it; a supervisor may add: because ..."

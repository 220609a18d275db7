"""Alerts on a patient (FHIR Flag): their kinds, where each appears, and who sees it."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from pcoord.domain.disclosure import stands

PLACES = ("card", "board", "schedule", "call", "booking")
"""Where an alert may appear."""

_EVERYWHERE = ",".join(PLACES)

KINDS = {
    "name alike": _EVERYWHERE,
    "custody": "card,board,call",
    "safety": "card,board,schedule,call",
    "infection": "card,board,schedule,booking",
    "fall": "card,board",
    "latex": "card,board,schedule",
    "communication": "card,board,call,booking",
    "scheduling": "card,call,booking",
    "allergy": "card,board",
    "access": "card,board,booking",
    "contact": "card,call",
    "money": "card",
    "visit": "card,call,booking",
    "other": "card",
}
"""The kinds, and where one appears when nothing else is said. Safety is that of the staff."""

RESTRICTS = "scheduling"
"""The kind that a booking may only go against with a permission and a reason."""

AUDIENCES: dict[str, frozenset[str] | None] = {
    "everybody": None,
    "desk": frozenset({"front-desk", "supervisor", "practitioner"}),
    "clinical": frozenset({"practitioner", "supervisor"}),
    "supervisor": frozenset({"supervisor"}),
}
"""Who sees an alert, and their roles; None is every role."""


def seen_by(audience: str, role: str) -> bool:
    """Tell whether somebody of a role sees alerts meant for an audience."""
    roles = AUDIENCES.get(audience, frozenset({"supervisor"}))
    return roles is None or role in roles


def shown(rows: Iterable[Any], *, place: str, role: str, day: date) -> list[Any]:
    """Return the rows of alerts that a place shows to a role on a day."""
    return [
        one
        for one in rows
        if stands(one.from_date, one.until_date, day)
        and place in one.places.split(",")
        and seen_by(one.audience, role)
    ]

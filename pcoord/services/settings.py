"""The clinic's own settings that rules ask for, such as the age of majority."""

from typing import Any

from pcoord.domain.disclosure import MAJORITY_BETWEEN
from pcoord.domain.errors import BadUsage, Refused
from pcoord.services.desk import Desk, Work, use_case
from pcoord.store.tables import Organization

BOUNDS = {"majority_age": MAJORITY_BETWEEN, "idle_minutes": (1, 120)}
"""The settings that may be changed, and the whole numbers each may take."""


def shown(desk: Desk) -> dict[str, Any]:
    """Return the clinic's settings by name."""
    clinic = desk.clinic
    names = ("name", "timezone", "date_order", "region", *BOUNDS)
    return {name: getattr(clinic, name) for name in names}


@use_case("clinic.set", "clinic.manage")
def change(work: Work, **typed: str) -> None:
    """Change settings, as typed; desks that are open read them anew."""
    values = {name: _read(name, text) for name, text in typed.items()}
    if not values:
        raise Refused("Nothing was changed, so nothing was stored.")
    work.unit.update(Organization, work.clinic.id, **values)
    said = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in values.items())
    work.unit.say(f"The clinic's settings: {said}.", about=("organization", work.clinic.id))


def _read(name: str, text: str) -> int:
    if name not in BOUNDS:
        raise BadUsage(f"There is no setting {name!r} to change; there are {', '.join(BOUNDS)}.")
    low, high = BOUNDS[name]
    if not text.isdigit() or not low <= int(text) <= high:
        raise Refused(f"{name.replace('_', ' ').capitalize()} is a number from {low} to {high}.")
    return int(text)

"""Typed words of the command line as values: days, practitioners, visit types, sites."""

from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any

from pcoord.domain import dates
from pcoord.domain.clinic import Clinic, VisitType
from pcoord.domain.errors import BadUsage

if TYPE_CHECKING:
    from pcoord.services.desk import Desk


_BIGGEST = 2**62


def number(text: str) -> int:
    """Return a whole number, no bigger than a database takes; ValueError for anything else."""
    return max(-_BIGGEST, min(int(text), _BIGGEST))


def _read(desk: "Desk", text: str, facing: str) -> dates.When:
    return dates.parse_when(
        text,
        today=desk.today,
        now=desk.clinic.local(desk.now).time(),
        order=desk.clinic.date_order,
        facing=facing,
        hours=desk.clinic.hours,
    )


def day_of(desk: "Desk", words: str | list[str] | None, facing: str = "nearest") -> date:
    """Return the clinic day that was typed; today for nothing."""
    text = " ".join(words) if isinstance(words, list) else words
    if not text:
        return desk.today
    return _read(desk, text, facing).date or desk.today


def since(desk: "Desk", text: str) -> datetime:
    """Return the moment, UTC, since when something is asked for: a day's first, or a time."""
    when = _read(desk, text, "past")
    on = when.date or desk.today
    if when.time is None:
        return datetime.combine(on, time(), desk.clinic.zone).astimezone(UTC)
    return dates.to_utc(on, when.time, desk.clinic.zone, fold=when.fold or 0)


def say_day(desk: "Desk", on: date) -> str:
    """Return what was understood of a day: "Thu 26 Nov (today)"."""
    near = {0: " (today)", 1: " (tomorrow)", -1: " (yesterday)"}.get((on - desk.today).days, "")
    return dates.say_day(on, desk.today) + near


def practitioner_of(desk: "Desk", text: str) -> str:
    """Return the id of the practitioner with a code or family name."""
    return _one(desk.clinic.practitioners, text, "practitioner", lambda p: (p.code, p.family)).id


def location_of(desk: "Desk", text: str) -> str:
    """Return the id of the site with a code or name."""
    return _one(desk.clinic.locations, text, "site", lambda place: (place.code, place.name)).id


def visit_type_of(clinic: Clinic, text: str) -> VisitType:
    """Return the visit type with a code, a title or another word for it."""
    found: VisitType = _one(
        clinic.visit_types, text, "visit type", lambda kind: (kind.code, kind.title, *kind.words)
    )
    return found


def weekday_of(text: str) -> int:
    """Return a weekday's number, 0 for Monday."""
    names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    folded = text.casefold()[:3]
    if folded not in names:
        raise BadUsage(f"There is no weekday {text!r}; type {', '.join(names)}.")
    return names.index(folded)


def _one(things: Any, text: str, what: str, names: Any) -> Any:
    folded = text.strip().casefold()
    for thing in things:
        if folded in {name.casefold() for name in names(thing)}:
            return thing
    codes = ", ".join(thing.code for thing in things)
    raise BadUsage(f"There is no {what} {text!r}; choose one of {codes}.")

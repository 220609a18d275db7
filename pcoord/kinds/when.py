"""Dates and times out of a line."""

import re
from datetime import date, datetime, time

from pcoord.domain import dates
from pcoord.domain.errors import BadUsage
from pcoord.kinds.line import Line

_FULL_DATE = re.compile(r"\d{1,4}([-/.])\d{1,2}\1\d{2,4}", re.ASCII)


def read_when(line: Line) -> None:
    """Take date and time words; a bare window stays a window."""
    if line.has("when") and line.has("visit"):
        _read_from(line)
    born = [text for text in line.plain() if _says_who(line, text)]
    words = [text for text in line.plain() if text.casefold() != "to" and text not in born]
    when, rest = take_moment(line, words, facing="future")
    if when is None or not _is_birth_date(line, when.date):
        line.keep(rest + born)
    if when is not None and not _is_birth_date(line, when.date):
        line.found["when"] = when
    elif line.action.id == "appointment.book" and line.selection.start:
        _show_gap(line, line.selection.start)


def _read_from(line: Line) -> None:
    """Take the date before "to": which visit is meant, as in "move kim dec 3 to dec 5 10am"."""
    words = line.plain()
    folded = [text.casefold() for text in words]
    if "to" not in folded:
        return
    cut = len(folded) - 1 - folded[::-1].index("to")
    when, rest = take_moment(
        line, [text for text in words[:cut] if text.casefold() != "from"], facing="future"
    )
    if when is not None and when.date is not None:
        line.found["which"] = when
        line.keep(rest + words[cut:])


def _says_who(line: Line, text: str) -> bool:
    """Tell whether a full date of years ago stands beside a name: a birth date, not a visit's."""
    if not _FULL_DATE.fullmatch(text):
        return False
    today, order = line.desk.today, line.desk.clinic.date_order
    clue = dates.birth_clues(text, today=today, order=order)
    return bool(clue and clue.date and clue.date.year < today.year - 1)


def take_moment(
    line: Line, words: list[str], *, facing: str
) -> tuple[dates.When | None, list[str]]:
    """Return the date and time in some words (None when there is none), and the words left."""
    desk = line.desk
    when, _, rest = dates.take_when(
        words,
        today=desk.today,
        now=desk.clinic.local(desk.now).time(),
        order=desk.clinic.date_order,
        facing=facing,
        hours=desk.clinic.hours,
    )
    return when, rest


def _show_gap(line: Line, start: str) -> None:
    """Say from the first key on which gap the line is about: the box may cover it."""
    who = line.selection.practitioner_id
    code = f" {line.desk.clinic.practitioner(who).code}" if who else ""
    line.show("when", f"{say_moment(line, datetime.fromisoformat(start))}{code}")


def _is_birth_date(line: Line, day: date | None) -> bool:
    """Tell whether a date says who is meant, not when: nobody checks in for another day."""
    if day is None or line.has("when"):
        return False
    today = line.desk.today
    return day != today if line.action.id == "encounter.check_in" else day.year < today.year - 1


def moment_of(line: Line, text: str, *, facing: str) -> datetime:
    """Return one moment, UTC: a date with a time, or a time of today; a promise ends a stretch."""
    desk = line.desk
    when = dates.parse_when(
        text,
        today=desk.today,
        now=desk.clinic.local(desk.now).time(),
        order=desk.clinic.date_order,
        facing=facing,
        hours=desk.clinic.hours,
    )
    clock_time = (when.to if facing == "future" else None) or when.time
    clock_time = clock_time or {"am": time(9), "pm": time(13)}.get(when.part or "", time(12))
    return dates.to_utc(when.date or desk.today, clock_time, desk.clinic.zone, fold=when.fold)


def date_of(line: Line, text: str) -> date:
    desk = line.desk
    when = dates.parse_when(
        text,
        today=desk.today,
        now=time(0),
        order=desk.clinic.date_order,
        facing="future",
        hours=desk.clinic.hours,
    )
    if when.date is None:
        raise BadUsage(f"“{text}” is no date; type it as dec 20 or 12/20.")
    return when.date


def say_moment(line: Line, moment: datetime) -> str:
    local = line.desk.clinic.local(moment)
    return f"{dates.say_day(local.date(), line.desk.today)} {dates.say_clock(local.time())}"


def say_time(line: Line, moment: datetime) -> str:
    return dates.say_time(line.desk.clinic.local(moment).time())

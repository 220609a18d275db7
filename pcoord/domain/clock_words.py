"""The ways desk people write a time of day, or a stretch of it: "2pm", "2-3pm", "in 20 minutes".

Readers take the folded words of a line and a position, and return what they read there or None.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from pcoord.domain.errors import BadUsage

HINT = "Type one such as 9:30, 2pm or 14:30."
GRAIN = 5
"""Minutes: nobody who says "in 20 minutes" means a minute between."""

# "14h" is an hour, while "in 2h" and "2h ago" are read before it.
_CLOCK = re.compile(r"(\d{1,2})(?:(h)|([:.h]?)(\d{2})(?::\d{2})?)?(am?|pm?)?", re.ASCII)
_END = re.compile(r"\d{1,2}(h|[:.h]\d{2})?(am?|pm?)?|noon", re.ASCII)
_DASHES = ("-", "–")
_MINUTES = {"m": 1, "min": 1, "minute": 1, "h": 60, "hr": 60, "hour": 60}
_COUNTS = {"a": 1.0, "an": 1.0, "one": 1.0, "half": 0.5}
_JOINED = re.compile(r"(\d{1,3})([a-z]+)", re.ASCII)


@dataclass(frozen=True)
class Clock:
    """A time that was read; `unsure` when the half of the day was not said, `to` ends a stretch."""

    length: int
    hour: int
    minute: int
    unsure: bool = False
    to: "Clock | None" = None


def read_clock(words: list[str], at: int, near: bool) -> Clock | None:
    """Read a time or a stretch; a bare number only when `near` (behind a date or "at")."""
    return _stretch(words, at, near) or _one_time(words, at, near)


def _stretch(words: list[str], at: int, near: bool) -> Clock | None:
    """Read "2-3pm", "9:30 - 11" and "between 2 and 3pm"."""
    between = words[at : at + 1] == ["between"]
    parts, length = _two_ends(words, at + between, "and" if between else "")
    if not parts or not all(_END.fullmatch(part) for part in parts):
        return None
    begin, end = (_one_time([part], 0, True) for part in parts)
    sure = near or between or any(re.search(r"[:.aph]", part) for part in parts)
    if begin is None or end is None or not sure:
        return None
    return replace(begin, length=length + between, to=end)


def _two_ends(words: list[str], at: int, joint: str) -> tuple[list[str], int]:
    word, middle, last = (*words[at : at + 3], "", "", "")[:3]
    if joint or middle in _DASHES:
        return ([word, last], 3) if last and middle == (joint or middle) and middle else ([], 0)
    parts = re.split("[-–]", word)
    return (parts, 1) if len(parts) == 2 and all(parts) else ([], 0)


def _one_time(words: list[str], at: int, near: bool) -> Clock | None:
    word = words[at] if at < len(words) else ""
    if word in {"noon", "midday"}:
        return Clock(1, 12, 0)
    if word == "midnight":
        raise BadUsage(
            "Midnight belongs to two days. Type 0:00 for its start or 23:59 for its end."
        )
    match = _CLOCK.fullmatch(word)
    if not match:
        return None
    hour, whole, mark, minute, half = match.groups()
    tail = words[at + 1] if at + 1 < len(words) and not half else ""
    half = tail if tail in {"am", "pm"} else half
    length, near = (2, True) if tail in {"am", "pm", "o'clock", "oclock"} else (1, near)
    if not half and (mark == "." or not (mark or whole or near)):
        return None
    return _make_clock(hour, int(minute or 0), half, length, bool(mark or half), word)


def _make_clock(
    typed: str, minute: int, half: str | None, length: int, sure: bool, word: str
) -> Clock | None:
    hour = int(typed)
    if minute > 59 or hour > 23 or (half and not 1 <= hour <= 12):
        if not sure:
            return None
        raise BadUsage(f"{word} is not a time. {HINT}")
    if half:
        return Clock(length, hour % 12 + (12 if half[0] == "p" else 0), minute)
    return Clock(length, hour, minute, unsure=not typed.startswith("0") and hour <= 12)


def read_from_now(words: list[str], at: int, now: datetime) -> tuple[int, datetime] | None:
    """Read "in 20 minutes", "in half an hour" and "10 min ago": words taken, and the wall time.

    What lies ahead is rounded up to five minutes.
    """
    ahead = words[at] == "in"
    minutes, length = _count_minutes(words, at + ahead)
    ago = words[at + ahead + length : at + ahead + length + 1] == ["ago"]
    if not length or ahead == ago:
        return None
    whole = now.replace(second=0, microsecond=0)
    if not ahead:
        return length + 1, whole - timedelta(minutes=minutes)
    moment = whole + timedelta(minutes=minutes)
    return length + 1, moment + timedelta(minutes=-moment.minute % GRAIN)


def _count_minutes(words: list[str], at: int) -> tuple[int, int]:
    """Return minutes, and how many words say so; 0 words when none do."""
    first, second, third = (*words[at : at + 3], "", "", "")[:3]
    joined = _JOINED.fullmatch(first)
    if joined and _unit(joined[2]):
        return int(joined[1]) * _unit(joined[2]), 1
    if first == "half" and second == "an":
        return (30, 3) if third == "hour" else (0, 0)
    number = float(first) if re.fullmatch(r"\d{1,3}", first, re.ASCII) else _COUNTS.get(first, 0.0)
    unit = _unit(second)
    return (int(number * unit), 2) if number and unit else (0, 0)


def _unit(word: str) -> int:
    return _MINUTES.get(word.removesuffix("s") or "-", 0)


def place_stretch(begin: Clock, end: Clock, placed: time) -> tuple[time, time]:
    """Return a stretch's wall times; `placed` is its begin where only the clinic's hours tell.

    An end whose half of the day was said decides for the begin: "2-3pm" is in the afternoon,
    "11-1pm" begins in the morning.
    """
    if end.unsure:
        ends = (time(hour, end.minute) for hour in (end.hour, (end.hour + 12) % 24))
        first, last = placed, min((t for t in ends if t > placed), default=placed)
    else:
        last = time(end.hour, end.minute)
        hours = [begin.hour + 12, begin.hour] if begin.unsure and begin.hour < 12 else [begin.hour]
        first = next((t for hour in hours if (t := time(hour, begin.minute)) < last), placed)
    if first >= last:
        raise BadUsage("That time ends before it begins. Type it like 2-3pm or 9:30-11.")
    return first, last

"""Dates and times as other systems write them in a column.

The order of day and month is settled over whole columns, never row by row: one file has one order.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo

AMBIGUOUS_ORDER = (
    "The dates in this file could be month first or day first. "
    'Say which in the mapping file: date_order = "mdy" or date_order = "dmy".'
)
CONFLICTING_ORDER = (
    "Some dates in this file only fit month first and others only day first. "
    'Say which to take in the mapping file: date_order = "mdy" or date_order = "dmy"; '
    "rows that do not fit are left out and listed."
)
ORDERS = ("mdy", "dmy", "ymd")
OLDEST = 1850
EMPTY = {"", "null", "\\n", "none", "n/a", "na", "nan", "nil", "-", "--", "?", "unknown", "nat"}
# What databases keep where there is no date: their first day.
NO_DAY = re.compile(r"(?:0001|1753)[-/.]0?1[-/.]0?1\b|0?1[-/.]0?1[-/.](?:0001|1753)\b")
MONTHS = {
    word: number
    for number, words in enumerate(
        (
            *("jan january ene enero januar janvier", "feb february febrero februar fevrier"),
            *("mar march marzo marz mars", "apr april abr abril avril", "may mayo mai"),
            *("jun june junio juni juin", "jul july julio juli juillet"),
            *("aug august ago agosto aout", "sep sept september septiembre setiembre"),
            *("oct october octubre okt oktober octobre", "nov november noviembre"),
            "dec december dic diciembre dez dezember decembre",
        ),
        1,
    )
    for word in words.split()
}
WEEKDAY = re.compile(
    r"(?:mon|tue|wed|thu|fri|sat|sun)(?:day|sday|s|nesday|rs|rsday|urday)?[.,]?\s+", re.IGNORECASE
)
YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)", re.ASCII)
NUMBERS = re.compile(r"(\d{1,2})\s?([-/.])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})(?!\d)", re.ASCII)
DAY_NAMED = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th|\.)?[-/ ]*(?:de |of )?([^\W\d_]{3,})"
    r"[-/., ]+(?:de |of )?(\d{4}|\d{2})(?!\d)"
)
NAMED_DAY = re.compile(r"([^\W\d_]{3,})[-/. ]*(\d{1,2})(?:st|nd|rd|th)?[-/., ]+(\d{4}|\d{2})(?!\d)")
EIGHT = re.compile(r"(\d{8})(?=$|\D|\d{4}(?:\d\d)?(?:\D|$))", re.ASCII)
SERIAL = re.compile(r"([1-7]\d{4})(\.\d+)?$", re.ASCII)
CLOCK = re.compile(
    r"(\d{1,2})(?:\s?[:.h]\s?(\d{2}))?(?::(\d{2})(?:[.,]\d+)?)?\s*([ap])?\.?\s?m?\.?"
    r"\s*(z|utc|gmt|[+-]\d{2}:?\d{2})?",
    re.ASCII | re.IGNORECASE,
)
PACKED_CLOCK = re.compile(
    r"(\d{2})(\d{2})(\d{2})?(?:\.\d+)?(z|[+-]\d{4})?", re.ASCII | re.IGNORECASE
)


class Unreadable(ValueError):
    """A cell is not what it should be; the message says so in plain words."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A date, with a wall time if one was written, an offset if one was written, and a remark."""

    day: date
    clock: time | None = None
    offset: tzinfo | None = None
    told: str | None = None


def is_empty(text: str) -> bool:
    """Tell whether a cell says that there is no date: empty, NULL, 0000-00-00 and the like."""
    plain = text.strip().casefold()
    return (
        plain in EMPTY
        or bool(NO_DAY.match(plain))
        or (plain[:1] == "0" and not plain.strip("0-/.: t"))
    )


def date_order(values: Iterable[str]) -> str | None:
    """Return the order of a whole column: "mdy", "dmy", "ymd", "conflict", or None if unclear.

    "ymd" also stands for a column in which every date is clear by itself.
    """
    month_first = day_first = unclear = dots = same = 0
    for value in values:
        found = NUMBERS.match(_plain(value))
        if not found:
            continue
        first, second = int(found[1]), int(found[3])
        month_first += second > 12 >= first
        day_first += first > 12 >= second
        same += first == second
        unclear += first <= 12 and second <= 12 and first != second
        dots += found[2] == "."
    if month_first and day_first:
        return "conflict"
    if month_first or day_first:
        return "mdy" if month_first else "dmy"
    if unclear:  # with dots, nobody writes the month first
        return "dmy" if dots == unclear + same else None
    return "mdy" if same else "ymd"


def parse_date(text: str, order: str, *, today: date, past: bool = True) -> Moment:
    """Return the date in a cell, and the time when one follows; raise Unreadable in words.

    A year of two digits is the last one that is over (`past`), or else the one nearest to today.
    """
    plain = _plain(text)
    shown = text.strip()[:40]
    told = None
    try:
        if serial := SERIAL.match(plain):
            return _from_serial(serial, shown)
        day, rest, short_year = _read_day(plain, order, today, past)
    except (ValueError, OverflowError):
        raise Unreadable(f'"{shown}" is not a date') from None
    if short_year:
        told = f'The year in "{shown}" was taken as {day.year}.'
    clock, offset = _rest_clock(rest, shown)
    return Moment(day, clock, offset, told)


def parse_clock(text: str) -> tuple[time, tzinfo | None]:
    """Return the wall time in a cell, and its offset if it has one; raise Unreadable in words."""
    shown = text.strip()[:40]
    plain = _plain(text)
    if re.fullmatch(r"0?\.\d+", plain, re.ASCII):
        minutes = round(float(plain) * 24 * 60)
        return _time(minutes // 60, minutes % 60, shown), None
    if found := re.fullmatch(r"(\d{1,2})(\d{2})", plain, re.ASCII):
        return _time(int(found[1]), int(found[2]), shown), None
    clock, offset = _rest_clock(plain, shown)
    if clock is None:
        raise Unreadable(f'"{shown}" is not a time')
    return clock, offset


def _plain(text: str) -> str:
    """Return a cell without quotes, weekday and accents, in small letters."""
    folded = unicodedata.normalize("NFKD", text.strip().strip("'\"").strip().casefold())
    plain = "".join(c for c in folded if not unicodedata.combining(c))
    return WEEKDAY.sub("", " ".join(plain.split()), count=1)


def _read_day(plain: str, order: str, today: date, past: bool) -> tuple[date, str, bool]:
    """Return the day, what follows it, and whether the year had two digits."""
    if found := YEAR_FIRST.match(plain):
        return date(int(found[1]), int(found[3]), int(found[4])), plain[found.end() :], False
    if found := NUMBERS.match(plain):
        year, month, day = _ordered(found, order)
    elif found := DAY_NAMED.match(plain):
        year, month, day = found[3], _month(found[2]), int(found[1])
    elif found := NAMED_DAY.match(plain):
        year, month, day = found[3], _month(found[1]), int(found[2])
    elif found := EIGHT.match(plain):
        return _eight(found[1], order), plain[8:], False
    else:
        raise ValueError
    short = len(year) == 2
    made = _century(int(year), month, day, today, past) if short else date(int(year), month, day)
    return made, plain[found.end() :], short


def _ordered(found: re.Match[str], order: str) -> tuple[str, int, int]:
    first, second, third = found[1], int(found[3]), found[4]
    if order == "ymd" and len(third) == 2:
        return f"{int(first):02d}", second, int(third)
    if order == "dmy":
        return third, second, int(first)
    if order == "mdy" or first == found[3]:
        return third, int(first), second
    raise ValueError


def _month(word: str) -> int:
    number = MONTHS.get(word)
    if number is None:
        raise ValueError
    return number


def _eight(digits: str, order: str) -> date:
    """Return the date of eight digits: year first unless only the file's order fits."""
    if OLDEST <= int(digits[:4]) < 2200 and 1 <= int(digits[4:6]) <= 12:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    first, second, year = int(digits[:2]), int(digits[2:4]), int(digits[4:])
    month, day = (second, first) if order == "dmy" else (first, second)
    return date(year, month, day)


def _century(year: int, month: int, day: int, today: date, past: bool) -> date:
    found = []
    for century in (2000, 1900):
        try:
            found.append(date(century + year, month, day))
        except ValueError:  # 29 February of a year that has none
            continue
    if past:
        found = [one for one in found if one <= today]
        return max(found)
    return min(found, key=lambda one: abs(one - today))


def _from_serial(serial: re.Match[str], shown: str) -> Moment:
    """Return the day of an Excel day number, counted as in 1900 workbooks."""
    day = date(1899, 12, 30) + timedelta(days=int(serial[1]))
    minutes = round(float(serial[2] or 0) * 24 * 60)
    clock = time(minutes // 60 % 24, minutes % 60) if serial[2] else None
    return Moment(day, clock, None, f"{shown} was read as an Excel day number: {day.isoformat()}.")


def _rest_clock(rest: str, shown: str) -> tuple[time | None, tzinfo | None]:
    """Return the time written behind a date; nothing is no time."""
    rest = re.sub(r"^[\s,t]+(?:at\s+)?|^at\s+", "", rest).strip()
    if not rest:
        return None, None
    if found := PACKED_CLOCK.fullmatch(rest):
        return _time(int(found[1]), int(found[2]), shown), _offset(found[4])
    found = CLOCK.fullmatch(rest)
    if not found or not (found[2] or found[4]):
        raise Unreadable(f'"{shown}" has no time that can be read')
    hour = int(found[1])
    if half := found[4]:
        if not 1 <= hour <= 12:
            raise Unreadable(f'"{shown}" has no time that can be read')
        hour = hour % 12 + (12 if half == "p" else 0)
    return _time(hour, int(found[2] or 0), shown), _offset(found[5])


def _time(hour: int, minute: int, shown: str) -> time:
    try:
        return time(hour, minute)
    except ValueError:
        raise Unreadable(f'"{shown}" has no time that can be read') from None


def _offset(text: str | None) -> tzinfo | None:
    if not text:
        return None
    if text in ("z", "utc", "gmt"):
        return UTC
    hours, minutes = int(text[1:3]), int(text[-2:])
    if hours > 14 or minutes > 59:
        raise Unreadable(f'"{text}" is not a time zone')
    shift = timedelta(hours=hours, minutes=minutes)
    return timezone(-shift if text[0] == "-" else shift)


def aware(moment: Moment, clock: time) -> datetime:
    """Return a date and time: with the offset that was written, or naive clinic wall time."""
    return datetime.combine(moment.day, clock, moment.offset)

"""The ways desk people write and read a day: one small reader for each, tried word by word.

Readers take the folded words of a line and a position, and return what they read there or None.
"""

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from pcoord.domain.errors import BadUsage

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
HINT = "Type a day such as tue, 12/3, dec 3 or +2w, and a time such as 2pm or 14:30."
OLDEST, NEWEST = 1850, 2200

LONG_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_LONG_MONTHS = tuple(
    re.findall(
        r"\w+",
        """january february march april may june july
    august september october november december""",
    )
)
_DAY_WORDS = {name: n for n, name in enumerate(LONG_DAYS)} | {
    short.casefold(): n for n, short in enumerate(WEEKDAYS)
}
_DAY_WORDS |= {"tues": 1, "weds": 2, "thur": 3, "thurs": 3}
MONTH_WORDS = {name: n for n, name in enumerate(_LONG_MONTHS, 1)} | {
    short.casefold(): n for n, short in enumerate(MONTHS, 1)
}
MONTH_WORDS |= {"sept": 9}
_NEAR_DAYS = {"today": 0, "tomorrow": 1, "tmrw": 1, "tmw": 1, "yesterday": -1}
_UNITS = {"day": "d", "wk": "w", "week": "w", "mo": "m", "month": "m", "yr": "y", "year": "y"}

_SHIFT = re.compile(r"(?:t|today)?([+-])(\d{1,3})(d|w|m|y)?", re.ASCII)
NUMERIC = re.compile(r"(\d{1,4})([/.-])(\d{1,2})(?:\2(\d{4}|\d{1,2})?)?", re.ASCII)
_DAY_NUMBER = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?", re.ASCII)
_YEAR = re.compile(r"'?\d{2}|\d{4}", re.ASCII)
_DAY_MONTH = re.compile(r"(\d{1,2})[-/.]?([a-z]{3,9})(?:[-/.]?('?\d{2}|\d{4}))?", re.ASCII)
_MONTH_DAY = re.compile(r"([a-z]{3,9})[-/.]?(\d{1,2})", re.ASCII)
# What shows that a lone t before it is today and not the initial of a name.
_SURE_TIME = re.compile(r"\d{1,2}([:h]?\d{2})?(am?|pm?)|\d{1,2}[:h]\d{2}|noon|am|pm", re.ASCII)


@dataclass(frozen=True)
class Frame:
    """Where words are read: the clinic's date and time, date order, direction and hours.

    `loose` is for a field that holds nothing but a date or time; else names stand beside it.
    """

    today: date
    now: time
    order: str = "mdy"
    facing: str = "future"
    hours: tuple[int, int] = (7, 19)
    loose: bool = True


@dataclass(frozen=True)
class Hit:
    """A day that was read: how many words it took, and whether it was only a weekday."""

    length: int
    day: date
    until: date | None = None
    weekday: bool = False


def read_day(words: list[str], at: int, frame: Frame) -> Hit | None:
    if at >= len(words):
        return None
    for reader in _DAY_READERS:
        hit = reader(words, at, frame)
        if hit is not None:
            return hit
    return None


def _near_day(words: list[str], at: int, frame: Frame) -> Hit | None:
    word = words[at]
    if words[at : at + 3] == ["day", "after", "tomorrow"]:
        return Hit(3, shift_day(frame.today, 2, "d"))
    if word == "this" and words[at + 1 : at + 2] in (["morning"], ["afternoon"], ["evening"]):
        return Hit(1, frame.today)
    if word in _NEAR_DAYS:
        return Hit(1, shift_day(frame.today, _NEAR_DAYS[word], "d"))
    shift = _SHIFT.fullmatch(word)
    if shift:
        return Hit(1, shift_day(frame.today, int(shift[1] + shift[2]), shift[3] or "d"))
    # A lone t is also the initial of a name; a time behind it shows that today is meant.
    sure = frame.loose or _SURE_TIME.fullmatch(words[at + 1] if at + 1 < len(words) else "")
    return Hit(1, frame.today) if word == "t" and sure else None


def _counted(words: list[str], at: int, frame: Frame) -> Hit | None:
    """Read "in 2 weeks" and "3 days ago"."""
    ahead = words[at] == "in"
    number, unit, tail = (*words[at + ahead : at + ahead + 3], "", "", "")[:3]
    unit = _UNITS.get(unit.removesuffix("s") or "-", "")
    if not re.fullmatch(r"\d{1,3}", number, re.ASCII) or not unit or ahead == (tail == "ago"):
        return None
    return Hit(3, shift_day(frame.today, int(number) * (1 if ahead else -1), unit))


def _weekday(words: list[str], at: int, frame: Frame) -> Hit | None:
    which = words[at] if words[at] in {"next", "this", "last"} else ""
    name = words[at + 1] if which and at + 1 < len(words) else words[at]
    if name not in _DAY_WORDS:
        return _whole_week(name, which, frame)
    number = _DAY_WORDS[name]
    if not which:
        dated = month_or_numeric(words, at + 1, frame)
        if dated:
            return _agreeing(dated, number, words, at + 1, frame)
    day = _place_weekday(number, which, frame)
    return Hit(2 if which else 1, day, weekday=not which)


def _place_weekday(number: int, which: str, frame: Frame) -> date:
    ahead = (number - frame.today.weekday()) % 7
    if which == "next":
        return shift_day(frame.today, 7 - frame.today.weekday() + number, "d")
    if which == "last" or (frame.facing == "past" and not which):
        back = (ahead - 7) if ahead or which else 0
        return shift_day(frame.today, back, "d")
    return shift_day(frame.today, ahead, "d")


def _whole_week(name: str, which: str, frame: Frame) -> Hit | None:
    monday = shift_day(frame.today, -frame.today.weekday(), "d")
    if name == "week" and which:
        start = shift_day(monday, {"next": 7, "this": 0, "last": -7}[which], "d")
        first = max(start, frame.today) if which == "this" and frame.facing == "future" else start
        return Hit(2, first, shift_day(start, 6, "d"))
    if name == "month" and which == "next":
        first = shift_day(frame.today.replace(day=1), 1, "m")
        return Hit(2, first, shift_day(shift_day(first, 1, "m"), -1, "d"))
    return None


def _agreeing(dated: Hit, weekday: int, words: list[str], at: int, frame: Frame) -> Hit:
    """Return the date when the weekday fits it, without a year also this year's date."""
    for facing in (frame.facing, "future", "past"):
        hit = month_or_numeric(words, at, replace(frame, facing=facing)) or dated
        likely = hit == dated or hit.day.year == frame.today.year
        if likely and hit.day.weekday() == weekday:
            return Hit(hit.length + 1, hit.day)
    raise BadUsage(
        f"{say_birth(dated.day, long=True)} is a {LONG_DAYS[dated.day.weekday()].title()}, "
        f"not a {LONG_DAYS[weekday].title()}. Type the weekday or the date alone."
    )


def month_or_numeric(words: list[str], at: int, frame: Frame) -> Hit | None:
    if at >= len(words):
        return None
    return _month_date(words, at, frame) or _joined(words, at, frame) or _numeric(words, at, frame)


def _month_date(words: list[str], at: int, frame: Frame) -> Hit | None:
    """Read "dec 3", "3 dec" and "3rd of dec", each with a year or without."""
    month, day, length = _month_pair(words, at)
    if not 1 <= day <= 31:
        return None
    year = _year_at(words, at + length, frame)
    return Hit(length + bool(year), settle(month, day, year, frame))


def _month_pair(words: list[str], at: int) -> tuple[int, int, int]:
    first, second, third = (*words[at : at + 3], "", "")[:3]
    if first in MONTH_WORDS:
        number = _DAY_NUMBER.fullmatch(second)
        return MONTH_WORDS[first], int(number[1]) if number else 0, 2
    number = _DAY_NUMBER.fullmatch(first)
    named = third if second == "of" else second
    if number and named in MONTH_WORDS:
        return MONTH_WORDS[named], int(number[1]), 3 if second == "of" else 2
    return 0, 0, 0


def _year_at(words: list[str], at: int, frame: Frame) -> str:
    """Return the word when it is a year: of two digits only where it cannot be an hour."""
    word = words[at] if at < len(words) else ""
    if not _YEAR.fullmatch(word):
        return ""
    if len(word) == 4:
        return word if OLDEST <= int(word) <= NEWEST else ""
    sure = word.startswith("'") or frame.facing == "past" or int(word) > 23
    return word.strip("'") if sure else ""


def _joined(words: list[str], at: int, frame: Frame) -> Hit | None:
    """Read "3-dec-2026", "3dec" and "dec3"."""
    match = _DAY_MONTH.fullmatch(words[at])
    if match and match[2] in MONTH_WORDS:
        year = (match[3] or "").strip("'")
        return Hit(1, settle(MONTH_WORDS[match[2]], int(match[1]), year, frame))
    match = _MONTH_DAY.fullmatch(words[at])
    if match and match[1] in MONTH_WORDS and 1 <= int(match[2]) <= 31:
        return Hit(1, settle(MONTH_WORDS[match[1]], int(match[2]), "", frame))
    return None


def _numeric(words: list[str], at: int, frame: Frame) -> Hit | None:
    match = NUMERIC.fullmatch(words[at])
    if not match:
        return None
    first, mark, second, third = match.groups()
    whole = third or (mark == "." and words[at].endswith("."))
    if (mark != "/" and not whole and not frame.loose) or (len(first) > 2 and len(first) != 4):
        return None
    if len(first) == 4:
        return Hit(1, settle(int(second), int(third), first, frame)) if third else None
    if frame.order == "ymd" and third and mark != "." and len(third) < 3:
        return Hit(1, settle(int(second), int(third), first, frame))
    month, day = in_order(int(first), int(second), mark, frame.order)
    return Hit(1, settle(month, day, third or "", frame))


def in_order(first: int, second: int, mark: str, order: str) -> tuple[int, int]:
    """Return month and day. A dot means day first; else the only possible reading is taken."""
    if mark == ".":
        return second, first
    month, day = (second, first) if order == "dmy" else (first, second)
    return (day, month) if month > 12 >= day else (month, day)


_DAY_READERS: tuple[Callable[[list[str], int, Frame], Hit | None], ...] = (
    _near_day,
    _counted,
    _weekday,
    month_or_numeric,
)


def settle(month: int, day: int, year: str, frame: Frame) -> date:
    """Make a date of its numbers; without a year the frame says where to look."""
    if not 1 <= month <= 12:
        raise BadUsage(f"There is no month {month}. {HINT}")
    if not 1 <= day <= 31 or day > calendar.monthrange(2000, month)[1]:
        raise BadUsage(f"{_LONG_MONTHS[month - 1].title()} has no day {day}. {HINT}")
    if not year:
        return _without_year(month, day, frame)
    whole = int(year) if len(year) > 2 else _century(int(year), month, day, frame)
    found = date_or_none(whole, month, day)
    if found is None:
        raise BadUsage(f"{MONTHS[month - 1]} {whole} has no day {day}. {HINT}")
    return _near(found)


def _near(day: date) -> date:
    if not OLDEST <= day.year <= NEWEST:
        raise BadUsage(f"The year {day.year} cannot be right. Type it like 2026.")
    return day


def _century(year: int, month: int, day: int, frame: Frame) -> int:
    """Birth dates are never in the future; other dates lie in the near century."""
    base = frame.today.year // 100 * 100 + year
    if frame.facing == "past":
        found = date_or_none(base, month, day) or date(base, month, 28)
        return base if found <= frame.today else base - 100
    return min((base - 100, base, base + 100), key=lambda y: abs(y - frame.today.year))


def _without_year(month: int, day: int, frame: Frame) -> date:
    around = range(max(1, frame.today.year - 8), min(9999, frame.today.year + 8) + 1)
    days = [found for y in around if (found := date_or_none(y, month, day))]
    if frame.facing == "future":
        days = [d for d in days if d >= frame.today] or days
    elif frame.facing == "past":
        days = [d for d in days if d <= frame.today] or days
    return min(days, key=lambda d: abs(d - frame.today))


def date_or_none(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def shift_day(day: date, count: int, unit: str) -> date:
    """Move by days, weeks, months or years; a month without that day ends on its last."""
    try:
        if unit in "dw":
            return _near(day + timedelta(days=count * (7 if unit == "w" else 1)))
        months = day.year * 12 + day.month - 1 + count * (12 if unit == "y" else 1)
        year, month = divmod(months, 12)
        last = calendar.monthrange(year, month + 1)[1]
        return _near(date(year, month + 1, min(day.day, last)))
    except (ValueError, OverflowError, calendar.IllegalMonthError):
        raise BadUsage(f"That is too far away. {HINT}") from None


def say_day(day: date, today: date) -> str:
    """Return "Thu 26 Nov", with the year when it is not this one."""
    return f"{WEEKDAYS[day.weekday()]} {say_date(day, today)}"


def say_date(day: date, today: date) -> str:
    """Return "26 Nov", with the year when it is not this one."""
    text = f"{day.day} {MONTHS[day.month - 1]}"
    return text if day.year == today.year else f"{text} {day.year}"


def say_time(clock_time: time) -> str:
    """Return "09:15"."""
    return f"{clock_time:%H:%M}"


def say_clock(clock_time: time) -> str:
    """Return "01:30", or "01:30 second" where the clocks went back and it came before."""
    return f"{say_time(clock_time)}{' second' if clock_time.fold else ''}"


def say_birth(day: date, order: str = "mdy", *, long: bool = False) -> str:
    """Return a birth date in the clinic's order ("03/04/1962"), or long "4 Mar 1962"."""
    if long:
        return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
    if order == "ymd":
        return day.isoformat()
    parts = (day.day, day.month) if order == "dmy" else (day.month, day.day)
    return "{:02}/{:02}/{:04}".format(*parts, day.year)


def say_age(born: date, today: date) -> str:
    """Return the age: "34" in years, "14mo" under 2 years, "12d" under a month."""
    months = (today.year - born.year) * 12 + today.month - born.month - (today.day < born.day)
    if born > today:
        return ""
    if months < 1:
        return f"{(today - born).days}d"
    return f"{months}mo" if months < 24 else str(months // 12)


def other_spelling(text: str, frame: Frame) -> tuple[date, time | None]:
    """Let dateutil read a complete date; what it would have to guess is refused."""
    guesses = (datetime(2000, 1, 1), datetime(2001, 2, 2, 2, 2))
    first, second = (_dateutil(text, frame, guess) for guess in guesses)
    if first is None or second is None or first.date() != second.date():
        raise BadUsage(f"“{shown(text)}” is not a date or time that pcoord knows. {HINT}")
    return _near(first.date()), first.time() if first.time() == second.time() else None


def _dateutil(text: str, frame: Frame, guess: datetime) -> datetime | None:
    if not (text.isascii() and len(text) < 40 and re.search(r"[A-Za-z]{3}", text)):
        return None
    from dateutil import parser

    try:
        return parser.parse(text, default=guess, ignoretz=True, dayfirst=frame.order == "dmy")
    # It fails in many ways on text that is no date; every one of them means the same here.
    except Exception:
        return None


def plain(word: str) -> str:
    """Return a typed word as the readers want it: folded, without punctuation around it."""
    low = word.casefold().strip(",;!?()")
    if low in {"a.m.", "p.m.", "a.m", "p.m"}:
        return low.replace(".", "")
    bare = low.rstrip(".")
    return bare if bare[:1].isalpha() or bare[-1:].isalpha() else low


def shown(text: str) -> str:
    """Return typed text for a sentence: no control characters, not long."""
    clean = "".join(c for c in text if c.isprintable()).strip()
    return clean if len(clean) <= 40 else clean[:39] + "…"

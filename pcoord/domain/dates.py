"""Dates and times as desk people type and read them.

A small grammar of our own comes first: one reader a way of saying it, tried word by word. Only a
date that is complete in another spelling goes to dateutil, which would guess what is missing.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

from pcoord.domain.clock_words import Clock, place_stretch, read_clock, read_from_now
from pcoord.domain.day_words import (
    NUMERIC,
    OLDEST,
    Frame,
    Hit,
    date_or_none,
    in_order,
    month_or_numeric,
    other_spelling,
    plain,
    read_day,
    say_age,
    say_birth,
    say_clock,
    say_date,
    say_day,
    say_time,
    settle,
    shift_day,
    shown,
)
from pcoord.domain.errors import BadUsage, Refused

# The fields of When are called date and time too.
Day: TypeAlias = date
Time: TypeAlias = time

__all__ = [
    "AmbiguousTime",
    "BirthClue",
    "When",
    "birth_clues",
    "parse_birth_date",
    "parse_when",
    "say_age",
    "say_birth",
    "say_clock",
    "say_date",
    "say_day",
    "say_time",
    "take_when",
    "to_utc",
]

MOST_AGE = 130
"""Years that nobody lives; who is said to be older was typed wrongly."""
_PARTS = {"am": "am", "pm": "pm", "morning": "am", "afternoon": "pm", "evening": "pm"}
_PARTS |= {word + "s": part for word, part in _PARTS.items() if len(word) > 2}
_FOLDS = {"first": 0, "second": 1}
# What may stand before a date or time and belongs to it; "before" leaves the named day out.
_LEADS = dict.fromkeys(("on", "to", "for", "from", "since"), "day")
_LEADS |= dict.fromkeys(("at", "@", "by"), "clock")
_LEADS |= dict.fromkeys(("until", "till", "through", "thru", "-"), "until")
_LEADS |= {"after": "after", "before": "before"}


class AmbiguousTime(Refused):
    """The clock shows this time twice that day; "first" or "second" says which."""


@dataclass(frozen=True)
class When:
    """What was typed about time, on the clinic's wall clock; absent is None.

    `part` is a half of the day, `until` the last day that counts, `fold` 1 the second of two
    equal times on the day when clocks go back.
    """

    date: Day | None = None
    time: Time | None = None
    part: str | None = None
    until: Day | None = None
    fold: int | None = None
    to: Time | None = None


@dataclass(frozen=True)
class BirthClue:
    """What one word may say of a birth date: the date, or the years it lies in, likeliest first."""

    date: Day | None = None
    years: tuple[int, ...] = ()
    age: int | None = None


@dataclass
class _Scan:
    """Words being read from left to right. `fresh` says what the word before was taken for."""

    words: list[str]
    frame: Frame
    at: int = 0
    fresh: str = ""
    day: Hit | None = None
    clock: Clock | None = None
    part: str | None = None
    until: date | None = None
    fold: int | None = None
    used: list[int] = field(default_factory=list)

    def take(self, length: int, fresh: str) -> None:
        """Note the next words as used."""
        self.used += range(self.at, self.at + length)
        self.at += length
        self.fresh = fresh


def parse_when(
    text: str,
    *,
    today: date,
    now: time,
    order: str = "mdy",
    facing: str = "future",
    hours: tuple[int, int] = (7, 19),
) -> When:
    """Read a date, a time or both; raise BadUsage with what to type instead.

    `facing` (future, past, nearest) places dates without a year; `hours` are the clinic's first
    and last hour, in which a bare hour is looked for.
    """
    frame = Frame(today, now, order, facing, hours)
    words = re.sub(r"(\d)[tT](\d\d:)", r"\1 \2", text).replace(",", " ").split()
    scan = _read([plain(word) for word in words], frame)
    if words and len(scan.used) == len(words):
        return _finish(scan)
    return When(*other_spelling(text, frame))


def take_when(
    words: Sequence[str],
    *,
    today: date,
    now: time,
    order: str = "mdy",
    facing: str = "future",
    hours: tuple[int, int] = (7, 19),
) -> tuple[When | None, list[str], list[str]]:
    """Pull date and time words out of a typed line: what they mean, those used, and the rest.

    Stops before a second date. Month names without a day, a lone `t` and bare numbers that follow
    no date word and no "at" stay in the rest. Raises BadUsage for impossible dates and times.
    """
    frame = Frame(today, now, order, facing, hours, loose=False)
    scan = _read([plain(word) for word in words], frame)
    rest = [word for n, word in enumerate(words) if n not in scan.used]
    when = _finish(scan) if scan.used else None
    return when, [words[n] for n in scan.used], rest


def parse_birth_date(text: str, *, today: date, order: str = "mdy") -> date:
    """Read a full birth date, also as bare digits; never in the future. Raises BadUsage."""
    example = f"Type day, month and year, such as {say_birth(date(1962, 3, 4), order)}."
    try:
        found = _read_birth(text, Frame(today, time(), order, "past"))
    except BadUsage as why:
        first = why.sentence.split(". ")[0]
        said = f"{first}." if first.endswith(tuple("0123456789")) else ""
        said = said or f"“{shown(text)}” is not a birth date."
        raise BadUsage(f"{said} {example}") from None
    if found > today:
        raise BadUsage(f"{say_birth(found, long=True)} is still to come. {example}")
    if today.year - found.year > MOST_AGE:
        raise BadUsage(f"{found.year} is too long ago for a birth date. {example}")
    return found


def _read_birth(text: str, frame: Frame) -> date:
    digits = _digits_date("".join(text.split()), frame)
    hit = None if digits else _birth_hit(text, frame)
    return digits or (hit.day if hit else other_spelling(text, frame)[0])


def birth_clues(word: str, *, today: date, order: str = "mdy") -> BirthClue | None:
    """Return what a word of a lookup says of a birth date (03/04/1962, 1962, 62, 62y), or None."""
    low = plain(word)
    if re.fullmatch(r"\d{1,3}(y|yo|yrs?)", low, re.ASCII):
        age = int(re.sub(r"\D", "", low))
        born = today.year - age
        return BirthClue(None, (born, born - 1), age) if age <= MOST_AGE else None
    if re.fullmatch(r"'?\d{2}|\d{4}", low, re.ASCII):
        years = _birth_years(low.strip("'"), today)
        return BirthClue(None, years) if years else None
    if not re.search(r"\d", low, re.ASCII):
        return None
    try:
        return BirthClue(parse_birth_date(low, today=today, order=order))
    except BadUsage:
        return None


def to_utc(day: date, clock_time: time, zone: ZoneInfo, *, fold: int | None = None) -> datetime:
    """Return a wall-clock time of `zone` in UTC.

    Raises Refused for a time skipped when clocks go forward, AmbiguousTime for one that comes
    twice and `fold` does not say which.
    """
    shown = f"{clock_time.hour}:{clock_time:%M}"
    naive = datetime.combine(day, clock_time.replace(fold=0))
    try:
        first, second = (naive.replace(tzinfo=zone, fold=n).astimezone(UTC) for n in (0, 1))
        back = first.astimezone(zone).replace(tzinfo=None)
    except OverflowError:
        raise Refused("That date is too far away. Choose another day.") from None
    if back != naive:
        raise Refused(
            f"There is no {shown} on {say_birth(day, long=True)}: the clocks go forward then. "
            f"Choose {back:%H:%M} or another time."
        )
    if first != second and fold is None:
        raise AmbiguousTime(
            f"Do you mean the first or the second {shown}? The clocks go back that night; "
            "add the word first or second."
        )
    return second if fold else first


def _read(words: list[str], frame: Frame) -> _Scan:
    scan = _Scan(words, frame)
    while scan.at < len(words):
        if not (_step(scan, 0, "") or _step_behind_lead(scan)):
            if _second_day(scan):
                break
            scan.at, scan.fresh = scan.at + 1, ""
    return scan


def _step_behind_lead(scan: _Scan) -> bool:
    role = _LEADS.get(scan.words[scan.at], "")
    return bool(role) and scan.at + 1 < len(scan.words) and _step(scan, 1, role)


def _step(scan: _Scan, skip: int, role: str) -> bool:
    """Take a date, a time or a half of the day, `skip` words from here; tell whether it did."""
    return (
        (not role and _step_from_now(scan))
        or _step_day(scan, skip, role)
        or _step_clock(scan, skip, role)
        or (role in {"", "day"} and _step_word(scan, skip))
    )


def _step_from_now(scan: _Scan) -> bool:
    """Take "in 20 minutes": a day and a time in one."""
    if scan.day or scan.clock:
        return False
    found = read_from_now(scan.words, scan.at, datetime.combine(scan.frame.today, scan.frame.now))
    if found is None:
        return False
    length, moment = found
    scan.day = Hit(length, moment.date())
    scan.clock = Clock(length, moment.hour, moment.minute)
    scan.take(length, "clock")
    return True


def _step_day(scan: _Scan, skip: int, role: str) -> bool:
    hit = read_day(scan.words, scan.at + skip, scan.frame)
    limit = role in {"until", "before"}
    if hit is None or (scan.until if limit else scan.day):
        return False
    if limit:
        scan.until = (hit.until or hit.day) - timedelta(days=role == "before")
    else:
        later = timedelta(days=role == "after")
        scan.day = Hit(hit.length, hit.day + later, hit.until, hit.weekday)
    scan.take(skip + hit.length, "day")
    return True


def _step_clock(scan: _Scan, skip: int, role: str) -> bool:
    if scan.clock or role in {"after", "before", "until"}:
        return False
    near = scan.frame.loose or role == "clock" or (not role and scan.fresh == "day")
    clock = read_clock(scan.words, scan.at + skip, near)
    if clock is None:
        return False
    scan.clock = clock
    scan.take(skip + clock.length, "clock")
    return True


def _step_word(scan: _Scan, skip: int) -> bool:
    word = scan.words[scan.at + skip]
    if word in _PARTS and scan.part is None:
        scan.part = _PARTS[word]
        scan.take(skip + 1, "day")
        return True
    if word in _FOLDS and scan.fold is None:
        if scan.frame.loose or scan.fresh == "clock":
            scan.fold = _FOLDS[word]
            scan.take(skip + 1, "clock")
            return True
        if scan.fresh == "day" and read_clock(scan.words, scan.at + skip + 1, True):
            scan.fold = _FOLDS[word]
            scan.take(skip + 1, "day")
            return True
    return False


def _second_day(scan: _Scan) -> bool:
    """Tell whether a second date begins here: what follows belongs to it, not to the first."""
    here = scan.at + (scan.words[scan.at] in _LEADS)
    return bool(scan.day and read_day(scan.words, here, scan.frame))


def _finish(scan: _Scan) -> When:
    frame, day = scan.frame, scan.day
    clock, to = _place_times(scan)
    found = day.day if day else None
    if day and day.weekday and day.day == frame.today and frame.facing == "future":
        over = (to or clock) < frame.now if clock else scan.part == "am" and frame.now >= time(12)
        found = shift_day(day.day, 7 if over else 0, "d")
    until = scan.until or (day.until if day else None)
    if found and until and until < found:
        raise BadUsage("The last day comes before the first. Type them the other way round.")
    return When(found, clock, None if clock else scan.part, until, scan.fold, to)


def _place_times(scan: _Scan) -> tuple[time | None, time | None]:
    """Return the time, and the end of the stretch it begins; None for what was not said."""
    clock = scan.clock
    if clock is None:
        return None, None
    if clock.to is None:
        return _place_clock(clock, scan), None
    begin = _place_clock(clock, scan) if clock.to.unsure else time(clock.hour, clock.minute)
    return place_stretch(clock, clock.to, begin)


def _place_clock(clock: Clock, scan: _Scan) -> time:
    """Put an hour whose half of the day was not said into that half or into clinic hours."""
    hour, (first, last) = clock.hour, scan.frame.hours
    if clock.unsure and hour < 12:
        if scan.part:
            hour += 12 if scan.part == "pm" else 0
        # The clocks change at night: who says which of two means the hour as typed.
        elif scan.fold is None and not first <= hour < last and first <= hour + 12 <= last:
            hour += 12
    if scan.part and (hour >= 12) != (scan.part == "pm"):
        raise BadUsage(f"{hour}:{clock.minute:02} is not {scan.part}. Leave one of the two out.")
    return time(hour, clock.minute)


def _birth_hit(text: str, frame: Frame) -> Hit | None:
    """Return the date when it is all there is and its year was said."""
    words = [plain(word) for word in text.replace(",", " ").split()]
    hit = month_or_numeric(words, 0, frame)
    if hit is None or hit.length != len(words):
        return None
    numbers = 3 if NUMERIC.fullmatch(words[0]) else 2
    return hit if len(re.findall(r"\d+", text)) == numbers else None


def _digits_date(run: str, frame: Frame) -> date | None:
    """Read 03041962, 19620304 or 030462."""
    if not re.fullmatch(r"\d{8}|\d{6}", run, re.ASCII):
        return None
    if len(run) == 8 and run[:2] in {"18", "19", "20"}:
        found = date_or_none(int(run[:4]), int(run[4:6]), int(run[6:]))
        if found:
            return found
    if frame.order == "ymd":
        run = run[-4:] + run[:-4]
    month, day = in_order(int(run[:2]), int(run[2:4]), "/", frame.order)
    try:
        return settle(month, day, run[4:], frame)
    except BadUsage:
        return None


def _birth_years(typed: str, today: date) -> tuple[int, ...]:
    if len(typed) == 4:
        return (int(typed),) if OLDEST <= int(typed) <= today.year else ()
    near = today.year // 100 * 100 + int(typed)
    near = near if near <= today.year else near - 100
    return (near, near - 100) if today.year - near < 20 else (near,)

"""Birth dates of which one part was said: the day without its year, the month with its year."""

import calendar
import re
from datetime import date
from functools import cache

from pcoord.domain.day_words import in_order
from pcoord.domain.resemblance import one_digit_off

DAY, MONTH, YEAR = "birth day", "month", "year"
"""What is read: MMDD, YYYYMM, and YYYY."""

_DAY = re.compile(r"(\d{1,2})([/.-])(\d{1,2})(?:\.|\2)?", re.ASCII)
# Without a year, as ISO 8601:1988 and vCard write it.
_PLAIN_DAY = re.compile(r"--(\d\d)-?(\d\d)", re.ASCII)
_MONTH = re.compile(r"(\d{1,2})[/.-](\d{4})|(\d{4})[/.-](\d{1,2})", re.ASCII)
_SHORT_YEAR = re.compile(r"(\d{1,2})/(\d\d)", re.ASCII)
_BEGUN = re.compile(r"((?:18|19|20)\d\d)[/.-](?:(\d\d)[/.-]\d?|\d)?", re.ASCII)
_YEARS = range(1900, 2040)
_OLDEST = 130


def read(word: str, today: date, order: str) -> list[tuple[str, str]]:
    """Return what a word says of a birth date, also one begun (1991-0): a kind and its value."""
    begun = _BEGUN.fullmatch(word)
    if begun:
        year, month = begun.groups()
        return _month(f"{year}-{month}", today) if month else _year(year, today)
    day = _PLAIN_DAY.fullmatch(word)
    if day:
        return _day(int(day[1]), int(day[2]))
    numbers = _DAY.fullmatch(word)
    if numbers is None:
        return _month(word, today)
    first, second = in_order(int(numbers[1]), int(numbers[3]), numbers[2], order)
    return _day(first, second) or _day(second, first) or _month(word, today)


def _day(month: int, day: int) -> list[tuple[str, str]]:
    if not 1 <= month <= 12 or not 1 <= day <= calendar.monthrange(2000, month)[1]:
        return []
    return [(DAY, f"{month:02}{day:02}")]


def _month(word: str, today: date) -> list[tuple[str, str]]:
    long, short = _MONTH.fullmatch(word), _SHORT_YEAR.fullmatch(word)
    if long:
        month, year = int(long[1] or long[4]), int(long[2] or long[3])
    elif short:
        month, year = int(short[1]), today.year // 100 * 100 + int(short[2])
        year -= 100 if year > today.year else 0
    else:
        return []
    real = 1 <= month <= 12 and today.year - _OLDEST <= year <= today.year
    return [(MONTH, f"{year}{month:02}")] if real else []


def _year(year: str, today: date) -> list[tuple[str, str]]:
    return [(YEAR, year)] if today.year - _OLDEST <= int(year) <= today.year else []


@cache
def dates(value: str) -> tuple[int, ...]:
    """Return the birth dates of a day (MMDD) in any year, as YYYYMMDD."""
    return tuple(year * 10_000 + int(value) for year in _YEARS)


def near(value: str) -> list[str]:
    """Return the days that one (MMDD) may have been meant for: turned round, or a digit off."""
    others = [value[2:] + value[:2], *one_digit_off(value)]
    days = (_day(int(other[:2]), int(other[2:])) for other in dict.fromkeys(others))
    return [day for found in days for _, day in found if day != value]

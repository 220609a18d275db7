"""An age as it is said of a patient: in years, of small children in months, weeks or days."""

import re
from datetime import date

from pcoord.domain.day_words import shift_day

PATTERN = re.compile(
    r"(?<!\S)(?:(?:aged?:? )?(?P<number>\d{1,3})(?:(?P<letter>[mwd])|[ -]?"
    r"(?P<word>y(?:/?o)?|yrs?|years?|mos?|mths?|months?|wks?|weeks?|days?))(?:[ -]old)?"
    r"|aged?:? ?(?P<bare>\d{1,3}))(?P<sex>[ /]+(?:male|female|boy|girl|m|f))?(?!\S)",
    re.ASCII | re.IGNORECASE,
)
"""An age, wherever it stands in a line; apart from its number, a letter but y is an initial.

Behind it the sex may be said.
"""

AGE = "age"
"""The meaning of two digits that are an age where they are no year; nobody is found by it alone."""

_MOST = {"y": 130, "m": 36, "w": 104, "d": 90}


def born_at(match: re.Match[str], today: date) -> list[str]:
    """Return how the birth dates of that age begin: years, or months, as YYYY and YYYYMM.

    The likeliest first; empty for an age that nobody has.
    """
    number = int(match["bare"] or match["number"])
    unit = (match["letter"] or match["word"] or "y")[0].casefold()
    if number > _MOST[unit]:
        return []
    if unit == "y":
        return [str(today.year - number), str(today.year - number - 1)]
    latest, earliest = (shift_day(today, -n, unit) for n in (number, number + 1))
    months = (latest.year - earliest.year) * 12 + latest.month - earliest.month
    return [f"{shift_day(latest.replace(day=1), -n, 'm'):%Y%m}" for n in range(months + 1)]

"""Phone numbers: as people type them, as digits for comparing, and as they are written.

The library behind it is large, so that it is imported when the first number needs it.
"""

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

LONGEST = 60
_NORTH_AMERICA = frozenset({"US", "CA"})
# How nearly all numbers are written there; files have them by the hundred thousand.
_USUAL = re.compile(
    r"(?:\+?1[-. ]?)?(?:\(([2-9]\d\d)\) ?|([2-9]\d\d)[-. ]?)([2-9]\d\d)[-. ]?(\d{4})", re.ASCII
)

_EXTENSION = re.compile(r"(?<=\d)[ ,;]*(?:ext(?:ension|n)?\b\.?|x|#) ?\d{1,6}\s*$", re.IGNORECASE)


@lru_cache(4096)
def normal(number: str, region: str = "US") -> str:
    """Return digits for comparing: E.164 without its plus, or the bare digits of short numbers."""
    if region in _NORTH_AMERICA and (whole := _USUAL.fullmatch(number)):
        return "1" + "".join(filter(None, whole.groups()))
    parsed = _parsed(number, region)
    if parsed is None:
        return _bare(number)
    return f"{parsed.country_code}{_national(parsed)}"


@lru_cache(4096)
def say(number: str, region: str = "US") -> str:
    """Return a number as it is written in its region; a short or odd one as it was typed."""
    import phonenumbers

    parsed = _parsed(number, region)
    if parsed is None:
        return number.strip()
    home = phonenumbers.country_code_for_region(region) == parsed.country_code
    style = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(parsed, style.NATIONAL if home else style.INTERNATIONAL)


def search_digits(number: str, region: str = "US") -> list[str]:
    """Return the ways a number is asked for: whole, without country code, last 7, last 4."""
    parsed = _parsed(number, region)
    whole = normal(number, region)
    national = _national(parsed) if parsed else whole
    parts = (whole, national, national[-7:], national[-4:])
    return [part for part in dict.fromkeys(parts) if part]


def ending(number: str) -> str:
    """Return the last four digits of a number as it was typed; an extension is no part of it."""
    return _bare(_EXTENSION.sub("", number))[-4:]


def national_digits(digits: str) -> str:
    """Return stored digits without their country code, as people of the country say them."""
    if len(digits) == 11 and digits[0] == "1":
        return digits[1:]
    parsed = _parsed("+" + digits, None) if len(digits) > 7 and digits[0] != "0" else None
    return _national(parsed) if parsed else digits


def _parsed(number: str, region: str | None) -> "PhoneNumber | None":
    """Return the number when it has the length of a whole one; stored digits need no plus."""
    import phonenumbers

    for attempt, home in ((number[:LONGEST], region), ("+" + _bare(number)[:LONGEST], None)):
        try:
            found = phonenumbers.parse(attempt, home)
        except phonenumbers.NumberParseException:
            continue
        whole = phonenumbers.ValidationResult.IS_POSSIBLE
        if phonenumbers.is_possible_number_with_reason(found) == whole:
            return found
        if len(_bare(number)) < 11:
            return None
    return None


def _national(parsed: "PhoneNumber") -> str:
    import phonenumbers

    return phonenumbers.national_significant_number(parsed)


def _bare(number: str) -> str:
    """Return the digits of any script as 0 to 9."""
    return "".join(str(unicodedata.decimal(c)) for c in number if c.isdecimal())

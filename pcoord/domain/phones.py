"""Phone numbers: as people type them, as digits for comparing, and as they are read aloud."""

from functools import lru_cache


@lru_cache(4096)
def normal(number: str, region: str = "US") -> str:
    """Return digits for comparing: E.164 without its plus, or the bare digits of short numbers."""
    import phonenumbers

    bare = "".join(c for c in number if c.isdigit())
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return bare
    if not phonenumbers.is_possible_number(parsed):
        return bare
    return f"{parsed.country_code}{phonenumbers.national_significant_number(parsed)}"


@lru_cache(4096)
def say(number: str, region: str = "US") -> str:
    """Return a number as it is written in its region; a short one as it was typed."""
    import phonenumbers

    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return number
    if not phonenumbers.is_possible_number(parsed):
        return number
    home = phonenumbers.region_code_for_country_code(parsed.country_code) == region
    style = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(parsed, style.NATIONAL if home else style.INTERNATIONAL)


def search_digits(number: str, region: str = "US") -> list[str]:
    """Return the ways a number is asked for: whole, without country code, last 7, last 4."""
    digits = normal(number, region)
    national = digits[1:] if len(digits) == 11 and digits.startswith("1") else digits
    return list(dict.fromkeys(part for part in (digits, national, national[-7:], national[-4:])))

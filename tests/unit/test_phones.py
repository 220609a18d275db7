"""Phone numbers as typed, compared and shown."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcoord.domain import phones


@pytest.mark.parametrize(
    ("typed", "region", "digits", "shown"),
    [
        ("(555) 123-0142", "US", "15551230142", "(555) 123-0142"),
        ("1-555-123-0142", "US", "15551230142", "(555) 123-0142"),
        ("15551230142", "US", "15551230142", "(555) 123-0142"),
        ("555-0142", "US", "5550142", "555-0142"),
        ("911", "US", "911", "911"),
        ("030 1234567", "DE", "49301234567", "030 1234567"),
        ("+49 30 1234567", "US", "49301234567", "+49 30 1234567"),
        ("call me", "US", "", "call me"),
        ("555-0142", "??", "5550142", "555-0142"),
    ],
)
def test_numbers(typed: str, region: str, digits: str, shown: str) -> None:
    assert phones.normal(typed, region) == digits
    assert phones.say(typed, region) == shown


FORMS = ["({}) {}-{}", "({}){}-{}", "{}-{}-{}", "{}.{}.{}", "{}{}{}", "{} {} {}", "+1{}{}{}"]


@pytest.mark.parametrize("form", [*FORMS, "1-{}-{}-{}", "+1 ({}) {}-{}"])
@given(st.integers(100, 999), st.integers(100, 999), st.integers(0, 9999))
def test_the_short_way_through_usual_numbers_ends_where_the_long_one_does(
    form: str, area: int, exchange: int, line: int
) -> None:
    number = form.format(area, exchange, f"{line:04d}")
    parsed = phones._parsed(number, "US")
    assert parsed is not None
    assert phones.normal(number) == f"{parsed.country_code}{phones._national(parsed)}"


def test_numbers_are_asked_for_in_parts() -> None:
    whole = ["15551230142", "5551230142", "1230142", "0142"]
    assert phones.search_digits("(555) 123-0142") == whole
    assert phones.search_digits("555-0142") == ["5550142", "0142"]
    assert phones.search_digits("") == []


def test_the_large_library_waits_for_the_first_number() -> None:
    code = "import sys, pcoord.domain.phones; sys.exit('phonenumbers' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@given(st.text(max_size=30) | st.text("0123456789+-() x", max_size=30), st.text(max_size=3))
def test_anything_typed_gives_digits(text: str, region: str) -> None:
    digits = phones.normal(text, region)
    assert digits.isascii() and (digits.isdecimal() or not digits)
    assert isinstance(phones.say(text, region), str)
    assert all(part.isdecimal() for part in phones.search_digits(text, region))


@pytest.mark.parametrize(
    "number",
    ["201-555-0142", "201-555-0142 x12", "2015550142, ext. 12", "555-0142 #7", "٢٠١٥٥٥٠١٤٢"],
)
def test_the_end_of_a_number_is_not_its_extension(number: str) -> None:
    assert phones.ending(number) == "0142"

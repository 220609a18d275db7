"""Who could be mixed up with whom."""

from dataclasses import dataclass
from datetime import date

import pytest

from pcoord.domain.likeness import alike


@dataclass(frozen=True)
class Somebody:
    """A name and a birth date."""

    patient_id: str
    family: str
    given: str
    birth_date: date | None = None


@pytest.mark.parametrize(
    ("one", "other", "mixed_up"),
    [
        (("Kim", "Dana"), ("Kim", "Daniel"), True),
        (("Gonzalez", "Maria"), ("Gonzales", "Marta"), True),
        (("Nuñez", "Rosa"), ("NUNEZ", "Rosario"), True),
        (("Thomas", "Amy"), ("Thomas", "Hannah"), False),
        (("Haddad", "Layla"), ("Kim", "Dana"), False),
        (("Haddad", "Layla"), ("Hadden", "Peter"), False),
        (("", ""), ("Kim", "Dana"), False),
    ],
)
def test_like_names(one: tuple[str, str], other: tuple[str, str], mixed_up: bool) -> None:
    a, b = Somebody("a", *one), Somebody("b", *other)
    assert (alike([a], [a, b]) == {"a"}) is mixed_up
    assert (alike([b], [a, b]) == {"b"}) is mixed_up


def test_the_same_birth_date_whatever_the_names() -> None:
    born = date(1990, 1, 31)
    a, b = Somebody("a", "Kim", "Dana", born), Somebody("b", "Ito", "Aya", born)
    assert alike([a, b], [a, b]) == {"a", "b"}


def test_nobody_is_like_themselves_and_unknown_dates_are_not_the_same() -> None:
    a, b = Somebody("a", "Kim", "Dana"), Somebody("b", "Ito", "Aya")
    assert alike([a, a], [a, a, b]) == set()

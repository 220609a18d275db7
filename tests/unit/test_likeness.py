"""Who could be mixed up with whom."""

from dataclasses import dataclass
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcoord.domain import likeness
from pcoord.domain.likeness import SOUNDS_LIKE, alike
from pcoord.domain.names import closeness, fold


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
    same = date(1990, 1, 31)
    a, b = Somebody("a", "Kim", "Dana", same), Somebody("b", "Ito", "Aya", same)
    assert alike([a, b], [a, b]) == {"a", "b"}


def test_nobody_is_like_themselves_and_unknown_dates_are_not_the_same() -> None:
    a, b = Somebody("a", "Kim", "Dana"), Somebody("b", "Ito", "Aya")
    assert alike([a, a], [a, a, b]) == set()


names = st.sampled_from(
    ["", "Kim", "Kimm", "Kin", "Gonzalez", "Gonzales", "Gonsalez", "Nuñez", "Haddad", "Hadden"]
)
born = st.sampled_from([None, date(1990, 1, 31), date(1962, 3, 4), date(1962, 4, 3)])
somebody = st.builds(Somebody, st.sampled_from("abcdefgh"), names, names, born)


def _mixed_up(one: Somebody, other: Somebody) -> bool:
    if one.patient_id == other.patient_id:
        return False
    if one.birth_date is not None and one.birth_date == other.birth_date:
        return True
    family, its = fold(one.family), fold(other.family)
    near = family == its or (family[:1] == its[:1] and closeness(family, its) >= SOUNDS_LIKE)
    return near and fold(one.given)[:1] == fold(other.given)[:1]


@given(st.lists(somebody, max_size=12), st.lists(somebody, max_size=12))
def test_many_are_compared_as_each_pair_would_be(
    people: list[Somebody], others: list[Somebody]
) -> None:
    found = {a.patient_id for a in people if any(_mixed_up(a, b) for b in others)}
    assert alike(people, others) == found


def test_a_large_day_is_not_compared_pair_by_pair(monkeypatch: pytest.MonkeyPatch) -> None:
    letters = [chr(code) for code in range(ord("a"), ord("z") + 1)]
    people = [
        Somebody(str(n), f"{letters[n % 26]}{n // 676:03}", letters[n // 26 % 26])
        for n in range(4056)
    ]
    compared: list[str] = []
    real = likeness._near

    def near(one: str, other: str) -> bool:
        compared.append(one)
        return real(one, other)

    monkeypatch.setattr(likeness, "_near", near)
    alike(people, people)
    assert 0 < len(compared) < 10 * len(people)

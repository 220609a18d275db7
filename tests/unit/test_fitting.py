"""Who fits a typed query, and in which order: read from the line of clues alone."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcoord.domain import clues
from pcoord.domain.clues import Person
from pcoord.domain.fitting import Fits, ranking
from pcoord.domain.lookup_words import parse_lookup

TODAY = date(2026, 11, 24)
NICKNAMES = {"bob": frozenset({"bob", "robert"}), "robert": frozenset({"bob", "robert"})}
names = st.text(st.characters(categories=("L", "Mn"), include_characters=" -'’."), max_size=12)


def person(family: str, given: str, *more: str, no: int = 1) -> Person:
    found = clues.of_name(family, given) | clues.of_birth(1962, 3, 4) | clues.of_number("8841")
    found |= clues.of_phone("12015550142") | clues.of_email("bob@example.org")
    found |= clues.of_address("31 Maple St", "Springfield", "62701")
    return Person(no, str(no), clues.as_text(found | set(more)))


@pytest.mark.parametrize(
    ("typed", "taken"),
    [
        ("obri rob", ["name", "name"]),
        ("brien", ["name"]),
        ("bob obrien", ["name", "name"]),
        ("ob", ["name"]),
        ("obrien 62", ["name", "year"]),
        ("0142", ["phone"]),
        ("8841", ["number"]),
        ("3/4/62", ["birth date"]),
        ("bob@", ["email"]),
        ("bobby", []),
        ("obrien 63", []),
        ("rien", []),
    ],
)
def test_each_word_is_taken_for_something_or_nobody_fits(typed: str, taken: list[str]) -> None:
    query = parse_lookup(typed, TODAY)
    assert Fits(query, NICKNAMES)(person("O'Brien", "Robert")) == taken


def test_an_address_counts_only_where_it_is_asked_for() -> None:
    query = parse_lookup("obrien maple 31", TODAY)
    assert Fits(query, NICKNAMES, addresses=True)(person("O'Brien", "Robert"))
    assert not Fits(query, NICKNAMES)(person("O'Brien", "Robert"))
    assert not Fits(parse_lookup("obrien 3", TODAY), {}, addresses=True)(person("O'Brien", "R"))


@given(names, names, st.data())
def test_any_beginning_of_any_name_fits(family: str, given: str, data: st.DataObject) -> None:
    who = person(family, given)
    word = data.draw(st.sampled_from(sorted(who.names) or ["x"]))
    typed = word[: data.draw(st.integers(1, len(word)))]
    query = parse_lookup(typed, TODAY)
    if who.names and [w.text for w in query.typed] == [typed]:
        assert Fits(query, {})(who) == ["name"]


def test_the_order_of_the_list() -> None:
    wanted = [
        person("Kim", "Al", no=2),
        person("Kim", "Zoe", no=1),
        person("Kim", "Dead", clues.GONE + "dead", no=3),
        person("Kimble", "Al", no=4),
        person("Zorn", "Kim", no=5),
        person("Zorn", "Kimberly", no=6),
    ]
    rank = ranking(parse_lookup("kim", TODAY), {"2": 0})
    assert sorted([wanted[n] for n in (3, 5, 0, 2, 4, 1)], key=rank) == wanted
    rank = ranking(parse_lookup("mrn 77", TODAY), {})
    assert rank(person("Kim", "Al", "i77")) < rank(person("Kim", "Al", "i778"))
    rank = ranking(parse_lookup("kim al", TODAY), {})
    assert rank(person("Kim", "Al")) < rank(person("Kim", "Al Bo"))

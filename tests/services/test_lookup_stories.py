"""Real calls to a front desk: what is heard and typed, and who must then be on the screen."""

from collections.abc import Callable, Iterator

import pytest

from pcoord.clock import FixedClock
from pcoord.services import lookup
from pcoord.services.desk import Desk
from tests.clinic import NOW, Clinic
from tests.databases import Factory
from tests.neighbours import fill_neighbours


@pytest.fixture
def desk(migrated_template: Callable[[Factory], str]) -> Iterator[Desk]:
    made = Clinic(migrated_template(fill_neighbours), FixedClock(NOW))
    yield made.desk("ana")
    made.leave()


def found(desk: Desk, typed: str, *, wide: bool = False) -> list[str | None]:
    """The record numbers of those on the screen, from the top."""
    return [hit.mrn for hit in lookup.find(desk, typed, wide=wide, addresses=True)]


EXACT = {
    "an accent left out": ("nguyen", ["200"]),
    "an accent typed": ("Nguyễn", ["200"]),
    "given name first": ("mai nguyen", ["200"]),
    "three words in any order": ("mai nguyen thi", ["200"]),
    "an umlaut left out": ("muller", ["201"]),
    "an umlaut spelt out": ("mueller juergen", ["201"]),
    "a Danish letter": ("oster", ["202"]),
    "a Danish letter spelt out": ("oester aase", ["202"]),
    "an apostrophe left out": ("oconnor", ["203"]),
    "an apostrophe typed": ("o'con siob", ["203"]),
    "an apostrophe as a blank": ("o connor", ["203"]),
    "an article left out": ("hassan omar", ["204"]),
    "an article run together": ("alhassan", ["204"]),
    "an article with its hyphen": ("al-hass", ["204"]),
    "the second of two surnames": ("marquez", ["205"]),
    "both surnames and a given name": ("garcia marquez jose", ["205"]),
    "the name he goes by": ("pepe garcia", ["205"]),
    "a nickname for the name on file": ("beto johnson", ["210"]),
    "Bob for Robert, the one of that year": ("bob smith 71", ["207"]),
    "father and son by the year": ("smith robert 1940", ["206"]),
    "father and son by the age": ("smith 55y", ["207"]),
    "father and son by the birth date": ("8/15/1971 smith", ["207"]),
    "twins by the given name": ("lopez eva", ["209"]),
    "twins by the birth date": ("9/9/2012", ["208", "209"]),
    "a married woman under her maiden name": ("kowalski anna", ["211"]),
    "her married name": ("brown anna", ["211"]),
    "maiden and married name together": ("kowalski brown", ["211"]),
    "half a hyphenated name": ("baptiste", ["212"]),
    "a hyphenated name as one": ("jeanbaptiste", ["212"]),
    "a name of several words": ("van der berg", ["213"]),
    "the telling word of such a name": ("berg pieter", ["213"]),
    "a saint without the full stop": ("st john olivia", ["214"]),
    "two letters that are a whole name": ("li", ["215"]),
    "Kate for Katherine": ("kate thompson", ["217"]),
    "the last four digits": ("0217", ["217"]),
    "a number with its blanks": ("201 555 0217", ["217"]),
    "a number with country code": ("+1 201-555-0217", ["217"]),
    "a shared number and a given name": ("5550211 ana", ["208"]),
    "a child by the mother's number": ("555-0299", ["220"]),
    "an e-mail address begun": ("yusuf.ibrahim@", ["218"]),
    "a street": ("maple", ["219"]),
    "a name and a street": ("walker maple", ["219"]),
    "a town and a given name": ("springfield grace", ["219"]),
    "a postal code": ("60614", ["224"]),
    "a member number": ("wxq-774", ["225"]),
    "a double name by its second part": ("rivera carmen", ["225"]),
    "a double name by its first part": ("gonzalez carm", ["225"]),
    "particles left out": ("cruz maria", ["221"]),
    "particles run together": ("delacruz", ["221"]),
    "a year with two digits": ("abdullah 74", ["227"]),
    "day before month where no month fits": ("fitzgerald 31/12/1929", ["226"]),
    "a date in words": ("patel 11 feb 1988", ["224"]),
}


@pytest.mark.parametrize("story", EXACT)
def test_the_caller_is_found(desk: Desk, story: str) -> None:
    typed, wanted = EXACT[story]
    hits = lookup.find(desk, typed, addresses=True)
    first = [hit.mrn for hit in hits[: len(wanted)]]
    assert sorted(map(str, first)) == wanted, [(h.mrn, h.family, h.given) for h in hits]
    assert all(hit.exact and hit.score == 1 for hit in hits[: len(wanted)])


MISHEARD = {
    "a letter too many": ("fitzgeralld", "226", "sounds like fitzgerald"),
    "two letters swapped": ("abdlulah fatima", "227", "sounds like abdullah"),
    "written as it sounds": ("tomson kathrine", "217", "sounds like thompson"),
    "a name of another": ("fitzgerald zoe", "226", "no zoe"),
    "two errors in one name": ("fitsgeralt", "226", "sounds like fitzgerald"),
    "the year one off": ("abdullah 4/18/1975", "227", "birth date nearly so"),
    "day and month turned round": ("fatima 4/8/1974", "227", "birth date nearly so"),
    "no day of any calendar": ("abdullah 1974-04-81", "227", "birth date nearly so"),
    "two digits of a number swapped": ("2015550271", "217", "a digit of the number off"),
    "a blank inside a name": ("abd ullah fatima", "227", ""),
}


@pytest.mark.parametrize("story", MISHEARD)
def test_the_caller_is_found_although_misheard(desk: Desk, story: str) -> None:
    typed, wanted, why = MISHEARD[story]
    hits = lookup.find(desk, typed, wide=True, addresses=True)
    hit = next((hit for hit in hits[:3] if hit.mrn == wanted), None)
    assert hit is not None, [(h.mrn, h.matched) for h in hits]
    assert why in hit.matched and not hit.exact and hit.score < 1


def test_the_dead_and_those_who_left_come_behind(desk: Desk) -> None:
    assert found(desk, "chen daniel") == ["223", "222"]
    assert [hit.active for hit in lookup.find(desk, "patel")] == [False]


def test_each_word_says_what_it_was_taken_for(desk: Desk) -> None:
    (hit,) = lookup.find(desk, "walker maple 31", addresses=True)
    assert hit.matched == "name address year"
    assert lookup.find(desk, "walker maple 31") == []


def test_fuzzy_ones_come_behind_exact_ones(desk: Desk) -> None:
    hits = lookup.find(desk, "lim")
    assert [(hit.mrn, hit.exact) for hit in hits][:1] == [("216", True)]
    assert sorted((hit.exact for hit in hits), reverse=True) == [hit.exact for hit in hits]


def test_nobody_else_with_one_of_the_names_stands_below_whoever_fits(desk: Desk) -> None:
    hits = lookup.find(desk, "lopez eva", wide=True)
    assert [hit.mrn for hit in hits if hit.exact] == ["209"]
    assert not any("no " in hit.matched for hit in hits)
    assert any("no zed" in hit.matched for hit in lookup.find(desk, "lopez zed", wide=True))

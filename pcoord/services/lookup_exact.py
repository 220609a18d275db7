"""Patients whom every typed word fits: which clue to begin with, and who then fits the others."""

from collections.abc import Iterable, Sequence
from functools import cache

from pcoord import resources
from pcoord.domain.clues import Person
from pcoord.domain.fitting import Fits
from pcoord.domain.lookup_words import Lookup, Typed
from pcoord.domain.names import fold, joined_words
from pcoord.store.engine import Connection
from pcoord.store.queries import lookup as queries
from pcoord.store.queries.lookup import CANDIDATES, Begins, Born

FORMS = 60
"""As many distinct words are looked up one by one; of more, the tree is walked."""

FEW_BORN = 60
"""Of a year in which fewer were born, all of these are looked at."""

_KINDS = {"phone": "p", "number": "i", "email": "e", "birth date": "d", "address": "a"}
_SHORTEST_ADDRESS = 3


@cache
def nicknames() -> dict[str, frozenset[str]]:
    """Return the other forms of given names, from `data/nicknames.toml`."""
    groups: dict[str, frozenset[str]] = {}
    lists = resources.load_toml("nicknames.toml").values()
    for group in (group for language in lists for group in language):
        names = frozenset(fold(name) for name in group)
        for name in names:
            groups[name] = groups.get(name, frozenset()) | names
    return groups


def fits(query: Lookup, *, addresses: bool = False) -> Fits:
    """Return what tells whether every word of a query fits somebody."""
    return Fits(query, nicknames(), addresses=addresses)


def candidates(connection: Connection, query: Lookup, *, addresses: bool) -> list[Person]:
    """Return patients whom the most telling words fit."""
    names = [word for word in query.typed if word.means("name")]
    others = [word for word in query.typed if not word.means("name")]
    found: list[Person] = []
    full = False
    if telling := sorted(filter(_telling, others), key=_rarity):
        found += _numbered(connection, telling[0], addresses=addresses)
        full = len(found) >= CANDIDATES
    if names and (few := _few_of_years(connection, others)) is not None:
        found += few
    elif names and (full or not telling or any(_births(word) for word in others)):
        found += _named(connection, names, _all_births(others))
    if not names and not telling:
        for word in others:
            found += _numbered(connection, word, addresses=addresses)
    if names and not query.digits:
        found += _mixed(connection, names)
    return _once(found)


def _once(found: Iterable[Person]) -> list[Person]:
    return list({person.no: person for person in found}.values())


def _telling(word: Typed) -> bool:
    """Tell whether few people have what was typed."""
    if word.means("birth date") or word.means("email"):
        return True
    return max((len(v) for k, v in word.readings if k in ("phone", "number")), default=0) > 2


def _rarity(word: Typed) -> tuple[bool, int]:
    return not word.means("email"), -max(len(value) for _, value in word.readings)


def _numbered(connection: Connection, word: Typed, *, addresses: bool) -> list[Person]:
    """Return who has a number in any of its readings, whole numbers before their beginnings."""
    found: list[Person] = []
    for kind, value in word.readings:
        if kind in _KINDS and (addresses or kind != "address"):
            found += queries.holders(connection, _KINDS[kind], Begins(value))
    for year in word.means("year"):
        found += queries.holders(connection, "d", Begins(year), limit=50)
    return _once(found)


def _mixed(connection: Connection, words: Sequence[Typed]) -> list[Person]:
    """Return who has a number with letters in it that could have been a name."""
    found: list[Person] = []
    for word in words:
        for number in word.means("number"):
            found += queries.holders(connection, "i", Begins(number))
    return found


def _births(word: Typed) -> list[Born]:
    """Return the birth dates that a word may mean, as the tree holds them."""
    days: list[Born] = [[int(value)] for value in word.means("birth date")]
    return days + [range(int(y) * 10_000, int(y) * 10_000 + 9_999) for y in word.means("year")]


def _few_of_years(connection: Connection, words: Sequence[Typed]) -> list[Person] | None:
    """Return everybody born in the typed years, where few or none were; else None.

    That is quicker than a walk over all names that begin so.
    """
    if not any(word.means("year") for word in words):
        return None
    found: list[int] = []
    for year in (year for word in words for year in word.means("year")):
        born = queries.search(connection, "d", Begins(year), limit=FEW_BORN)
        if len(born) >= FEW_BORN:
            return None
        found += born
    return queries.people(connection, found)


def _all_births(words: Iterable[Typed]) -> list[Born | None]:
    found = [born for word in words for born in _births(word)]
    return list(found) or [None]


def _named(
    connection: Connection, words: Sequence[Typed], births: Sequence[Born | None]
) -> list[Person]:
    """Return who has the one or two longest of the typed names, in any of their forms."""
    typed = [word.means("name")[0] for word in words]
    found: list[Person] = []
    for names in (list(x) for x in dict.fromkeys((tuple(typed), tuple(joined_words(typed))))):
        longest = list(dict.fromkeys(sorted(names, key=lambda name: -len(name))))
        for born in births:
            if len(longest) == 1:
                found += _single(connection, longest[0], born)
            else:
                found += _pair(connection, longest[0], longest[1], born)
    return found


def _single(connection: Connection, name: str, born: Born | None) -> list[Person]:
    """Return who has a name that begins so: those who have the whole of it stand first."""
    found = queries.holders(connection, "n", _narrow(connection, name, born), born=born)
    others = sorted(nicknames().get(name, frozenset()) - {name})
    if others and len(found) < CANDIDATES:
        found += queries.holders(connection, "n", others, born=born)
    return found


def _narrow(connection: Connection, name: str, born: Born | None) -> Begins | list[str]:
    """Return the words that begin so, where a seek for each is cheaper than a walk over all."""
    if born is None:
        return Begins(name)
    words = queries.words_beginning(connection, name, FORMS)
    return words if len(words) < FORMS else Begins(name)


def _pair(connection: Connection, one: str, two: str, born: Born | None) -> list[Person]:
    """Return who has both names; the walk begins with the one that fewer words begin with."""
    ones = queries.words_beginning(connection, one, FORMS)
    twos = queries.words_beginning(connection, two, FORMS)
    found: list[Person] = []
    for name, rest in ((one, two), (two, one)):
        if len(found) < CANDIDATES:
            found += queries.holders(connection, "b", [name], Begins(rest), born=born)
    if len(found) < CANDIDATES:
        first, rest, words = (one, two, ones) if len(ones) <= len(twos) else (two, one, twos)
        token = words if len(words) < FORMS else Begins(first)
        found += queries.holders(connection, "b", token, Begins(rest), born=born)
    for name, rest in ((one, two), (two, one)):
        others = sorted(nicknames().get(name, frozenset()) - {name})
        found += queries.holders(connection, "b", others, Begins(rest), born=born)
    return found


def by_address(connection: Connection, query: Lookup) -> list[Person]:
    """Return who lives where one of the words says, the others being names."""
    words = [word for word in query.typed if word.means("address")]
    streets = [w for w in words if len(w.means("address")[0]) >= _SHORTEST_ADDRESS]
    found: list[Person] = []
    for street in streets:
        value = Begins(street.means("address")[0])
        there = queries.holders(connection, "a", value)
        found += there
        if len(there) < CANDIDATES:
            continue
        names = (word.means("name") for word in words if word is not street)
        for name in (Begins(name) for meant in names for name in meant):
            # The tree has family names only beside an address; the word may be a given name.
            found += queries.holders(connection, "a", value, name, limit=50)
            found += queries.holders(connection, "n", name)
    return _once(found)

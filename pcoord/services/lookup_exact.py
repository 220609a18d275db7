"""Patients whom every typed word fits: which clue to begin with, and who then fits the others."""

from collections.abc import Iterable, Sequence
from functools import cache
from itertools import product

from pcoord import resources
from pcoord.domain.clues import (
    ADDRESS,
    BORN,
    EMAIL,
    HOUSE,
    NUMBER,
    OWN_PHONE,
    RELATED_PHONE,
    Person,
)
from pcoord.domain.lookup_words import Lookup, Typed
from pcoord.domain.names import fold, joined_words
from pcoord.store.engine import Connection
from pcoord.store.queries import lookup as queries
from pcoord.store.queries.lookup import CANDIDATES, Begins, Born

FORMS = 60
"""As many distinct words are looked up one by one; of more, the tree is walked."""

_KINDS = {"phone": "p", "number": "i", "email": "e", "birth date": "d", "address": "a"}
_FITS = {
    "phone": (OWN_PHONE, RELATED_PHONE),
    "number": (NUMBER,),
    "email": (EMAIL,),
    "birth date": (BORN,),
    "year": (BORN,),
}
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


def fits(person: Person, query: Lookup, *, addresses: bool = False) -> list[str]:
    """Return what each typed word was taken for with this person; empty when one does not fit."""
    taken = [_taken(person, word, addresses) for word in query.typed]
    return taken if all(taken) else []


def _taken(person: Person, word: Typed, addresses: bool) -> str:
    return next((k for k, value in word.readings if _fits(person, k, value, addresses)), "")


def _fits(person: Person, kind: str, value: str, addresses: bool) -> bool:
    if kind == "name":
        return any(name.startswith(value) for name in person.names) or not (
            person.names.isdisjoint(nicknames().get(value, ()))
        )
    if kind == "address":
        begins = any(word.startswith(value) for word in person.of(ADDRESS))
        return addresses and (begins or value in person.of(HOUSE))
    return any(word.startswith(value) for word in person.of(*_FITS.get(kind, ())))


def candidates(connection: Connection, query: Lookup, *, addresses: bool) -> list[int]:
    """Return the short numbers of patients whom the most telling words fit, in a first order."""
    names = [word for word in query.typed if word.means("name")]
    others = [word for word in query.typed if not word.means("name")]
    found: dict[int, None] = {}
    full = False
    if telling := sorted(filter(_telling, others), key=_rarity):
        numbered = _numbered(connection, telling[0], addresses=addresses)
        found |= dict.fromkeys(numbered)
        full = len(numbered) >= CANDIDATES
    if names and (few := _few_of_years(connection, others)) is not None:
        found |= dict.fromkeys(few)
    elif names and (full or not telling or any(_births(word) for word in others)):
        found |= dict.fromkeys(_named(connection, names, _all_births(others)))
    if not names and not telling:
        for word in others:
            found |= dict.fromkeys(_numbered(connection, word, addresses=addresses))
    if names and not query.digits:
        found |= dict.fromkeys(_mixed(connection, names))
    return list(found)


def _telling(word: Typed) -> bool:
    """Tell whether few people have what was typed."""
    if word.means("birth date") or word.means("email"):
        return True
    return max((len(v) for k, v in word.readings if k in ("phone", "number")), default=0) > 2


def _rarity(word: Typed) -> tuple[bool, int]:
    return not word.means("email"), -max(len(value) for _, value in word.readings)


def _numbered(connection: Connection, word: Typed, *, addresses: bool) -> list[int]:
    """Return who has a number in any of its readings, whole numbers before their beginnings."""
    found: dict[int, None] = {}
    for kind, value in word.readings:
        if kind in _KINDS and (addresses or kind != "address"):
            found |= dict.fromkeys(queries.search(connection, _KINDS[kind], Begins(value)))
    for year in word.means("year"):
        found |= dict.fromkeys(queries.search(connection, "d", Begins(year), limit=50))
    return list(found)


def _mixed(connection: Connection, words: Sequence[Typed]) -> list[int]:
    """Return who has a number with letters in it that could have been a name."""
    found: dict[int, None] = {}
    for word in words:
        for number in word.means("number"):
            found |= dict.fromkeys(queries.search(connection, "i", Begins(number)))
    return list(found)


def _births(word: Typed) -> list[Born]:
    """Return the birth dates that a word may mean, as the tree holds them."""
    days: list[Born] = [[int(value)] for value in word.means("birth date")]
    return days + [range(int(y) * 10_000, int(y) * 10_000 + 9_999) for y in word.means("year")]


def _few_of_years(connection: Connection, words: Sequence[Typed]) -> list[int] | None:
    """Return everybody born in the typed years, where few or none were; else None.

    That is quicker than a walk over all names that begin so.
    """
    if not any(word.means("year") for word in words):
        return None
    found: list[int] = []
    for year in (year for word in words for year in word.means("year")):
        born = queries.search(connection, "d", Begins(year))
        if len(born) >= CANDIDATES:
            return None
        found += born
    return found


def _all_births(words: Iterable[Typed]) -> list[Born | None]:
    found = [born for word in words for born in _births(word)]
    return list(found) or [None]


def _named(
    connection: Connection, words: Sequence[Typed], births: Sequence[Born | None]
) -> list[int]:
    """Return who has the one or two longest of the typed names, in any of their forms."""
    typed = [word.means("name")[0] for word in words]
    found: dict[int, None] = {}
    for names in (list(x) for x in dict.fromkeys((tuple(typed), tuple(joined_words(typed))))):
        longest = list(dict.fromkeys(sorted(names, key=lambda name: -len(name))))
        for born in births:
            if len(longest) == 1:
                found |= dict.fromkeys(_single(connection, longest[0], born))
            else:
                found |= dict.fromkeys(_pair(connection, longest[0], longest[1], born))
    return list(found)


def _single(connection: Connection, name: str, born: Born | None) -> list[int]:
    found = queries.search(connection, "n", [name], born=born)
    if len(found) < CANDIDATES:
        found += queries.search(connection, "n", _narrow(connection, name, born), born=born)
    others = sorted(nicknames().get(name, frozenset()) - {name})
    return found + queries.search(connection, "n", others, born=born)


def _narrow(connection: Connection, name: str, born: Born | None) -> Begins | list[str]:
    """Return the words that begin so, where a seek for each is cheaper than a walk over all."""
    if born is None:
        return Begins(name)
    words = queries.words_beginning(connection, name, FORMS)
    return words if len(words) < FORMS else Begins(name)


def _pair(connection: Connection, one: str, two: str, born: Born | None) -> list[int]:
    """Return who has both names; the walk begins with the one that fewer words begin with."""
    ones = queries.words_beginning(connection, one, FORMS)
    twos = queries.words_beginning(connection, two, FORMS)
    found: list[int] = []
    for name, rest in ((one, two), (two, one)):
        if len(found) < CANDIDATES:
            found += queries.search(connection, "b", [name], Begins(rest), born=born)
    if len(found) < CANDIDATES:
        first, rest, words = (one, two, ones) if len(ones) <= len(twos) else (two, one, twos)
        token = words if len(words) < FORMS else Begins(first)
        found += queries.search(connection, "b", token, Begins(rest), born=born)
    for name, rest in ((one, two), (two, one)):
        others = sorted(nicknames().get(name, frozenset()) - {name})
        found += queries.search(connection, "b", others, Begins(rest), born=born)
    return found


def by_address(connection: Connection, query: Lookup) -> list[int]:
    """Return who lives where one of the words says, the others being names."""
    words = [word for word in query.typed if word.means("address")]
    streets = [w for w in words if len(w.means("address")[0]) >= _SHORTEST_ADDRESS]
    found: dict[int, None] = {}
    for street, word in product(streets, words):
        name = next(iter(word.means("name")), "")
        if street is not word or len(words) == 1:
            other = Begins(name) if name and street is not word else None
            value = Begins(street.means("address")[0])
            there = queries.search(connection, "a", value, other, limit=50)
            # The word may be a given name: the tree has family names only.
            there = there or queries.search(connection, "a", value)
            found |= dict.fromkeys(there)
            named = queries.search(connection, "n", Begins(name)) if other else []
            found |= dict.fromkeys(named)
    return list(found)

"""Patients who may be meant though no one fits exactly: misspelt, mistyped, partly wrong.

At once: name words that sound or are spelt alike. With a wider look, after a pause: two errors in
a word, a name that is missing or another, digits of a birth date or phone swapped or mistyped.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from weakref import WeakKeyDictionary

from pcoord.domain.clues import Person
from pcoord.domain.lookup_words import Lookup
from pcoord.domain.names import sound_keys
from pcoord.domain.resemblance import (
    LIKE,
    Likeness,
    compare,
    near_dates,
    one_digit_off,
    rarity_of,
    word_likeness,
)
from pcoord.services.lookup_exact import fits, nicknames
from pcoord.store.engine import Connection
from pcoord.store.queries import lookup as queries
from pcoord.store.queries.lookup import Begins

SPELLINGS, WIDE_SPELLINGS = 10, 24
RARE = 120
"""Of a name that more people have, nobody is found by it alone."""

MOST = 400
ALIKE = 0.72
"""How near every name must be at once (1 is the same)."""

WIDE_ENOUGH = 0.3
"""How much of what was typed must be found for the wider look."""

_SHORTEST = 3
_LONG_WORD = 8


@dataclass(frozen=True)
class _Near:
    """A typed name and the words on file nearest to it, the nearest first."""

    typed: str
    words: list[str]


def alike(connection: Connection, query: Lookup, *, wide: bool) -> list[tuple[Person, Likeness]]:
    """Return who may be meant, the likeliest first, and why."""
    near = [_spellings(connection, name, wide=wide) for name in query.names]
    nos = dict.fromkeys(_by_names(connection, query, near))
    if wide:
        nos |= dict.fromkeys(_by_part(connection, query, near))
        nos |= dict.fromkeys(_by_number(connection, query))
    people = queries.people(connection, list(nos)[:MOST])
    return _ranked(connection, query, people, wide=wide)


def among(
    connection: Connection, query: Lookup, people: Sequence[Person]
) -> list[tuple[Person, Likeness]]:
    """Return those of some people whose names sound like the typed ones."""
    return _ranked(connection, query, people, wide=False)


def _ranked(
    connection: Connection, query: Lookup, people: Sequence[Person], *, wide: bool
) -> list[tuple[Person, Likeness]]:
    rarity = _rarity(connection)
    born = query.born if wide else ""
    found = []
    for person in people:
        if not wide and not _numbers_fit(person, query):
            continue
        like = compare(query.names, born, person, rarity, nicknames())
        if wide and not query.names and not born:
            like = Likeness(0.0, 0.6, 1.0, ("a digit of the number off",))
        if like.score >= WIDE_ENOUGH if wide else like.least >= ALIKE:
            found.append((person, like))
    return sorted(found, key=lambda pair: (-round(pair[1].weight, 6), pair[0].gone, pair[0].text))


def _numbers_fit(person: Person, query: Lookup) -> bool:
    others = [word for word in query.typed if not word.means("name")]
    return not others or bool(fits(person, Lookup(typed=others)))


def _rarity(connection: Connection) -> Callable[[str], float]:
    people = queries.last_number(connection)

    @lru_cache(1024)
    def rarity(word: str) -> float:
        return rarity_of(queries.bearers(connection, word), people)

    return rarity


# Words on file that are near a typed one


def _spellings(connection: Connection, typed: str, *, wide: bool) -> _Near:
    words = {typed} | nicknames().get(typed, frozenset())
    if len(typed) >= _SHORTEST:
        words |= set(queries.sounding(connection, sound_keys(typed)))
        words |= set(_vocabulary(connection).near(typed)) if wide else set()
    ranked = sorted(words, key=lambda word: (-_nearness(typed, word), word))
    near = [word for word in ranked if _nearness(typed, word) >= LIKE]
    return _Near(typed, near[: WIDE_SPELLINGS if wide else SPELLINGS])


def _nearness(typed: str, word: str) -> float:
    return 1.0 if word in nicknames().get(typed, ()) else word_likeness(typed, word)


class _Vocabulary:
    """All name words on file, held for comparing with each; read anew when many have come."""

    def __init__(self, people: int, words: list[str]) -> None:
        self.people = people
        self.words = words

    def near(self, typed: str) -> list[str]:
        """Return the words up to two errors away, three in a long word."""
        from rapidfuzz import process
        from rapidfuzz.distance import OSA, JaroWinkler

        errors = 1 if len(typed) <= _SHORTEST else 2 if len(typed) < _LONG_WORD else 3
        found = process.extract(
            typed, self.words, scorer=OSA.distance, score_cutoff=errors, limit=200
        )
        begun = process.extract(
            typed, self.words, scorer=JaroWinkler.similarity, score_cutoff=0.88, limit=40
        )
        return [word for word, _, _ in (*found, *begun)]


_HELD: "WeakKeyDictionary[Connection, _Vocabulary]" = WeakKeyDictionary()


def _vocabulary(connection: Connection) -> _Vocabulary:
    people = queries.last_number(connection)
    held = _HELD.get(connection)
    if held is None or not held.people <= people <= held.people * 1.01:
        held = _HELD[connection] = _Vocabulary(people, queries.all_words(connection))
    return held


# Whom to compare


def _by_names(connection: Connection, query: Lookup, near: Sequence[_Near]) -> list[int]:
    """Return who has words near the one or two longest names that were typed."""
    if not near or not all(one.words for one in near):
        return []
    longest = sorted(near, key=lambda one: -len(one.typed))
    if len(longest) == 1:
        return queries.search(connection, "n", longest[0].words)
    one, two = longest[:2]
    return [
        *queries.search(connection, "b", one.words, two.words),
        *queries.search(connection, "b", one.words, Begins(two.typed)),
        *queries.search(connection, "b", two.words, Begins(one.typed)),
    ]


def _by_part(connection: Connection, query: Lookup, near: Sequence[_Near]) -> list[int]:
    """Return who has one of the names, when it is rare or the birth date is near."""
    found: dict[int, None] = {}
    dates = near_dates(query.born) if query.born else []
    for one in near:
        for word in one.words[:SPELLINGS]:
            if queries.bearers(connection, word) <= RARE:
                found |= dict.fromkeys(queries.search(connection, "n", [word], limit=RARE))
        if dates:
            found |= dict.fromkeys(
                queries.search(connection, "n", one.words[:SPELLINGS], born=dates)
            )
    return list(found)


def _by_number(connection: Connection, query: Lookup) -> list[int]:
    """Return who has that birth date, or, where no name was typed, a number a digit off."""
    found: dict[int, None] = {}
    if query.born:
        found |= dict.fromkeys(queries.search(connection, "d", [query.born], limit=RARE))
    if query.born and not query.names:
        near = [str(day) for day in near_dates(query.born)]
        found |= dict.fromkeys(queries.search(connection, "d", near, limit=RARE))
    for digits in query.digits if not query.names else ():
        if len(digits) >= 7:
            near = list(one_digit_off(digits[-10:]))
            found |= dict.fromkeys(queries.search(connection, "p", near, limit=RARE))
    return list(found)

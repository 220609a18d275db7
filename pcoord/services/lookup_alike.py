"""Patients who may be meant though no one fits exactly: misspelt, mistyped, partly wrong.

At once: name words that sound or are spelt alike. With a wider look, after a pause: two errors in
a word, a name that is missing or another, digits of a birth date or phone swapped or mistyped.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary, ref

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

_SHORTEST = 3
_LONG_WORD = 8


@dataclass(frozen=True)
class _Near:
    """A typed name and the words on file nearest to it, the nearest first."""

    typed: str
    words: list[str]


def alike(connection: Connection, query: Lookup, *, wide: bool) -> list[tuple[Person, Likeness]]:
    """Return who may be meant, the likeliest first, and why."""
    nos: dict[int, None] = {}
    for names in _spacings(query.names) if wide else [query.names]:
        near = [_spellings(connection, name, wide=wide) for name in names]
        nos |= dict.fromkeys(_by_names(connection, near))
        if wide:
            nos |= dict.fromkeys(_by_part(connection, query, near))
    if wide:
        nos |= dict.fromkeys(_by_number(connection, query))
    people = queries.people(connection, list(nos)[:MOST])
    return _ranked(connection, query, people, wide=wide)


def _spacings(names: list[str]) -> list[list[str]]:
    """Return the names as typed, and with two that follow each other as one (la ndau: landau)."""
    joined = [
        [*names[:n], names[n] + names[n + 1], *names[n + 2 :]]
        for n in range(len(names) - 1)
        if len(names) > 2 or min(len(names[n]), len(names[n + 1])) < _SHORTEST
    ]
    return [names, *joined]


def among(
    connection: Connection, query: Lookup, people: Sequence[Person]
) -> list[tuple[Person, Likeness]]:
    """Return those of some people whose names sound like the typed ones."""
    return _ranked(connection, query, people, wide=False)


def _ranked(
    connection: Connection, query: Lookup, people: Sequence[Person], *, wide: bool
) -> list[tuple[Person, Likeness]]:
    rarity = _held(connection).rarity
    born, spacings = (query.born, _spacings(query.names)) if wide else ("", [query.names])
    found = []
    for person in people:
        if not wide and not _numbers_fit(person, query):
            continue
        likes = [compare(names, born, person, rarity, nicknames()) for names in spacings]
        like = max(likes, key=lambda one: one.weight)
        if wide and not query.names and not born:
            like = Likeness(0.0, 0.6, 1.0, 1.0, 0.0, ("a digit of the number off",))
        if like.telling if wide else like.least >= ALIKE:
            found.append((person, like))
    return sorted(found, key=lambda pair: (-round(pair[1].weight, 6), pair[0].gone, pair[0].text))


def _numbers_fit(person: Person, query: Lookup) -> bool:
    others = [word for word in query.typed if not word.means("name")]
    return not others or bool(fits(Lookup(typed=others))(person))


# Words on file that are near a typed one


def _spellings(connection: Connection, typed: str, *, wide: bool) -> _Near:
    words = {typed} | nicknames().get(typed, frozenset())
    if len(typed) >= _SHORTEST:
        words |= set(queries.sounding(connection, sound_keys(typed)))
        words |= set(_held(connection).near(typed)) if wide else set()
    ranked = sorted(words, key=lambda word: (-_nearness(typed, word), word))
    near = [word for word in ranked if _nearness(typed, word) >= LIKE]
    return _Near(typed, near[: WIDE_SPELLINGS if wide else SPELLINGS])


def _nearness(typed: str, word: str) -> float:
    return 1.0 if word in nicknames().get(typed, ()) else word_likeness(typed, word)


class _Held:
    """What is kept of a clinic for comparing: its name words, and how many people have some.

    A few that come later are missed by the wider look only, so it is read anew when many have.
    """

    def __init__(self, connection: Connection, people: int) -> None:
        self.people = people
        self._connection = ref(connection)
        self._words: list[str] | None = None
        self._rarities: dict[str, float] = {}

    def rarity(self, word: str) -> float:
        """Return how much a name word tells."""
        found = self._rarities.get(word)
        connection = self._connection()
        if found is None and connection is not None:
            found = rarity_of(queries.bearers(connection, word), self.people)
            self._rarities[word] = found
        return found or 0.0

    def words(self) -> list[str]:
        """Return all name words."""
        connection = self._connection()
        if self._words is None and connection is not None:
            self._words = queries.all_words(connection)
        return self._words or []

    def near(self, typed: str) -> list[str]:
        """Return the words up to two errors away, three in a long word."""
        from rapidfuzz import process
        from rapidfuzz.distance import OSA, JaroWinkler

        errors = 1 if len(typed) <= _SHORTEST else 2 if len(typed) < _LONG_WORD else 3
        found = process.extract(
            typed, self.words(), scorer=OSA.distance, score_cutoff=errors, limit=200
        )
        begun = process.extract(
            typed, self.words(), scorer=JaroWinkler.similarity, score_cutoff=0.88, limit=40
        )
        return [word for word, _, _ in (*found, *begun)]


_HELD: "WeakKeyDictionary[Connection, _Held]" = WeakKeyDictionary()


def _held(connection: Connection) -> _Held:
    people = queries.last_number(connection)
    held = _HELD.get(connection)
    if held is None or not held.people <= people <= held.people * 1.01:
        held = _HELD[connection] = _Held(connection, people)
    return held


# Whom to compare


def _by_names(connection: Connection, near: Sequence[_Near]) -> list[int]:
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
    dates, held = near_dates(query.born), _held(connection)
    rarest = rarity_of(RARE, held.people)
    for one in near:
        rare = [word for word in one.words[:SPELLINGS] if held.rarity(word) >= rarest]
        found |= dict.fromkeys(queries.search(connection, "n", rare, limit=2 * RARE))
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

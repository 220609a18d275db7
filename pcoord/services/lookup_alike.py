"""Patients who may be meant though no one fits exactly: misspelt, mistyped, partly wrong.

At once: name words that sound or are spelt alike. With a wider look, after a pause: two errors in
a word, a name that is missing or another, digits of a birth date or phone swapped or mistyped.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from weakref import WeakKeyDictionary, ref

from pcoord.domain.clues import Person
from pcoord.domain.lookup_words import Lookup
from pcoord.domain.names import sound_keys
from pcoord.domain.resemblance import (
    LIKE,
    Comparison,
    Likeness,
    near_dates,
    one_digit_off,
    rarity_of,
    word_likenesses,
)
from pcoord.services.lookup_exact import all_births, fits, nicknames
from pcoord.services.lookup_others import LONG, before_at, less, others, sure
from pcoord.store.engine import Connection
from pcoord.store.queries import lookup as queries
from pcoord.store.queries.lookup import Begins, Born, Walk

SPELLINGS, WIDE_SPELLINGS = 10, 24
RARE = 120
"""Of a name that more people have, nobody is found by it alone."""

OF_EACH, ENOUGH = 40, 60
"""Of those who have a name near the only one that was typed: so many of each name, and in all."""

MOST = 400
ALIKE = 0.72
"""How near every name must be at once (1 is the same)."""

SOUNDING = 500
"""Words that sound like a typed one, as many as are compared with it."""

_SHORTEST = 3
_LONG_WORD = 8
_KEPT = 5_000


@dataclass(frozen=True)
class _Near:
    """A typed name and the words on file nearest to it, the nearest first."""

    typed: str
    words: list[str]


def alike(
    connection: Connection,
    query: Lookup,
    *,
    wide: bool,
    beside: bool = False,
    told: Sequence[Person] | None = None,
) -> list[tuple[Person, Likeness]]:
    """Return who may be meant, the likeliest first, and why.

    `beside` somebody whom all words fit, a name that is missing is no misspelling: everybody must
    have all typed names, or nearly so. `told` are those whom a number or birth date fits that was
    typed too: among these, others are looked for by a wider look only.
    """
    email = "" if beside else query.email or ""
    beside = beside and bool(query.names)
    held = _held(connection, anew=wide)
    people: list[Person] = []
    births = [None] if wide else all_births(w for w in query.typed if not w.is_name)
    for names in _spacings(held, query.names) if wide else [query.names]:
        near = _spellings(connection, held, names, wide=wide)
        people += _nearly_named(told or (), near)
        if wide or told is None:
            people += _by_names(connection, near, births)
        if wide and not beside:
            people = [*_nearly_named(_by_near_number(connection, query, email), near), *people]
            people += _by_part(connection, held, query, near)
    if wide and not beside:
        people += [*_by_number(connection, query, email), *(told or ())[:RARE]]
    found = list({person.no: person for person in people}.values())
    ranked = _ranked(held, query, found[:MOST], wide=wide)
    return [pair for pair in ranked if pair[1].least >= LIKE] if beside else ranked


def _spacings(held: "_Held", names: list[str]) -> list[list[str]]:
    """Return the names as typed, and with other blanks.

    Two that follow each other in one (la ndau: landau), and one in two (joshuasmith).
    """
    joined = [
        [names[n] + names[n + 1], *names[:n], *names[n + 2 :]]
        for n in range(len(names) - 1)
        if len(names) > 2 or min(len(names[n]), len(names[n + 1])) < _SHORTEST
    ]
    parted = [
        [*two, *names[:n], *names[n + 1 :]]
        for n, name in enumerate(names)
        for two in held.parted(name)
    ]
    return [names, *joined, *parted]


def _fairest(alike: Sequence[Likeness], spacings: Sequence[Sequence[str]]) -> Likeness:
    """Return the likeness by the names as typed, or with other blanks where these bring them."""
    fair = [alike[0]]
    for like, names in zip(alike[1:], spacings[1:], strict=True):
        if f"no {names[0]}" not in like.why:
            fair.append(like)
    return max(fair, key=lambda one: one.weight)


def among(
    connection: Connection, query: Lookup, people: Sequence[Person]
) -> list[tuple[Person, Likeness]]:
    """Return those of some people whose names sound like the typed ones."""
    return _ranked(_held(connection, anew=False), query, people, wide=False)


def _ranked(
    held: "_Held", query: Lookup, people: Sequence[Person], *, wide: bool
) -> list[tuple[Person, Likeness]]:
    born = query.born if wide else ""
    spacings = _spacings(held, query.names) if wide else [query.names]
    compared = [Comparison(names, born, held.rarity, nicknames()) for names in spacings]
    number_only = wide and not query.names and not born
    people = people if wide else _numbers_fit(people, query)
    typed = others(query) if wide and query.names else []
    is_sure = sure(query)
    found = []
    likes = zip(*(compare(people) for compare in compared), strict=True)
    for person, alike in zip(people, likes, strict=True):
        like = alike[0] if len(alike) == 1 else _fairest(alike, spacings)
        if number_only:
            why = "another e-mail behind the @" if query.email else "a digit of the number off"
            like = Likeness(0.0, 0.6, 1.0, 1.0, 0.0, (why,))
        like = less(like, person, typed)
        shown = like.telling or is_sure(person) if wide else like.least >= ALIKE
        if shown:
            found.append((person, like))
    return sorted(found, key=lambda pair: (-round(pair[1].weight, 6), pair[0].gone, pair[0].text))


def _numbers_fit(people: Sequence[Person], query: Lookup) -> Sequence[Person]:
    """Return those whom every word fits that is no name."""
    typed = [word for word in query.typed if not word.is_name]
    if not typed:
        return people
    fit = fits(Lookup(typed=typed))
    return [person for person in people if fit(person)]


# Words on file that are near a typed one


def _spellings(
    connection: Connection, held: "_Held", names: Sequence[str], *, wide: bool
) -> list[_Near]:
    keys = {name: sound_keys(name) if len(name) >= _SHORTEST else () for name in names}
    asked = {key for some in keys.values() for key in some}
    found = queries.sounding(connection, asked, SOUNDING * len(names))
    sounding = {
        name: {w for key in some for w in found.get(key, ())} for name, some in keys.items()
    }
    return [_nearest(held, name, sounding[name], wide=wide) for name in names]


def _nearest(held: "_Held", typed: str, sounding: set[str], *, wide: bool) -> _Near:
    """Return the nearest words on file; short forms of a name take no place of a misspelling."""
    words = {typed} | sounding
    if wide and len(typed) >= _SHORTEST:
        words |= set(held.near(typed))
    nicks = nicknames().get(typed, frozenset()) - {typed}
    most = WIDE_SPELLINGS if wide else SPELLINGS
    return _Near(typed, _ranked_words(typed, words - nicks, LIKE)[:most] + _short(typed, nicks))


def _short(typed: str, nicks: frozenset[str]) -> list[str]:
    return _ranked_words(typed, nicks, 0.0)[:SPELLINGS]


def _ranked_words(typed: str, words: Collection[str], least: float) -> list[str]:
    """Return words that are at least so near to a typed one, the nearest first."""
    among = sorted(words)
    near = dict(zip(among, word_likenesses(typed, among), strict=True))
    return sorted((w for w in among if near[w] >= least), key=lambda word: -near[word])


class _Held:
    """What is kept of a clinic for comparing: its name words, and how many people have some.

    A few that come later are missed by the wider look only, so it is read anew when many have.
    """

    def __init__(self, connection: Connection, people: int) -> None:
        self.people = people
        self._connection = ref(connection)
        self._by_letter: dict[str, list[str]] | None = None
        self._by_length: dict[tuple[int, int], list[str]] = {}
        self._near: dict[str, list[str]] = {}
        self._rarities: dict[str, float] = {}

    def rarity(self, word: str) -> float:
        """Return how much a name word tells."""
        found = self._rarities.get(word)
        connection = self._connection()
        if found is None and connection is not None:
            found = rarity_of(queries.bearers(connection, word), self.people)
            self._rarities[word] = found
        return found or 0.0

    def near(self, typed: str) -> list[str]:
        """Return the words up to two errors away, three in a long word, or with its beginning."""
        found = self._near.get(typed)
        if found is None:
            if len(self._near) >= _KEPT:
                self._near.clear()
            found = self._near[typed] = self._look(typed)
        return found

    def _look(self, typed: str) -> list[str]:
        from rapidfuzz import process
        from rapidfuzz.distance import OSA, JaroWinkler

        errors = 1 if len(typed) <= _SHORTEST else 2 if len(typed) < _LONG_WORD else 3
        found = process.extract(
            typed,
            self._as_long(len(typed), errors),
            scorer=OSA.distance,
            score_cutoff=errors,
            limit=200,
        )
        begun = process.extract(
            typed,
            self._words().get(typed[0], ()),
            scorer=JaroWinkler.similarity,
            score_cutoff=0.88,
            limit=40,
        )
        return [word for word, _, _ in (*found, *begun)]

    def parted(self, typed: str) -> list[tuple[str, str]]:
        """Return two words on file that a long one that is none itself is made of."""
        if len(typed) < 2 * _SHORTEST + 1 or typed in self._all:
            return []
        halves = ((typed[:n], typed[n:]) for n in range(_SHORTEST, len(typed) - _SHORTEST + 1))
        return [(one, two) for one, two in halves if one in self._all and two in self._all]

    @cached_property
    def _all(self) -> frozenset[str]:
        return frozenset(chain.from_iterable(self._words().values()))

    def _words(self) -> dict[str, list[str]]:
        """Return all name words by their first letter."""
        connection = self._connection()
        if self._by_letter is None and connection is not None:
            self._by_letter = {}
            for word in queries.all_words(connection):
                self._by_letter.setdefault(word[0], []).append(word)
        return self._by_letter or {}

    def _as_long(self, length: int, errors: int) -> list[str]:
        """Return the words whose length differs by so many letters at most."""
        found = self._by_length.get((length, errors))
        if found is None:
            lengths = range(length - errors, length + errors + 1)
            found = [w for words in self._words().values() for w in words if len(w) in lengths]
            self._by_length[length, errors] = found
        return found


_HELD: "WeakKeyDictionary[Connection, _Held]" = WeakKeyDictionary()


def _held(connection: Connection, *, anew: bool) -> _Held:
    """Return what is kept of a clinic; `anew` looks first whether many people came since."""
    held = _HELD.get(connection)
    if held is None or anew:
        people = queries.last_number(connection)
        if held is None or not held.people <= people <= held.people * 1.01:
            held = _HELD[connection] = _Held(connection, people)
    return held


# Whom to compare


def _nearly_named(people: Sequence[Person], near: Sequence[_Near]) -> list[Person]:
    """Return those of some people who have a word near the longest name that was typed."""
    if not near or not people:
        return []
    longest = max(near, key=lambda one: len(one.typed))
    words = "|".join([f"{re.escape(word)}(?= )" for word in longest.words])
    has = re.compile(f" [fgFG](?:{re.escape(longest.typed)}|{words})").search
    return [person for person in people if has(f" {person.text} ")]


def _by_names(
    connection: Connection, near: Sequence[_Near], births: Sequence[Born | None]
) -> list[Person]:
    """Return who has words near the one or two longest names that were typed."""
    if not near or not all(one.words for one in near):
        return []
    longest = sorted(near, key=lambda one: -len(one.typed))
    if len(longest) == 1:
        return _by_name(connection, longest[0].words, births)
    one, two = longest[:2]
    pairs = (
        (one.words, two.words),
        (one.words, Begins(two.typed)),
        (two.words, Begins(one.typed)),
    )
    walks = (Walk("b", words, other, born) for words, other in pairs for born in births)
    return queries.holders(connection, *walks)


def _by_name(
    connection: Connection, words: Sequence[str], births: Sequence[Born | None]
) -> list[Person]:
    """Return who has one of some names: some of each, the nearest first, until they are enough."""
    walks = (Walk("n", [word], None, born, OF_EACH) for word in words for born in births)
    return queries.holders(connection, *walks, in_all=ENOUGH)


def _by_part(
    connection: Connection, held: _Held, query: Lookup, near: Sequence[_Near]
) -> list[Person]:
    """Return who has one of the names, when it is rare or the birth date is near."""
    found: list[Person] = []
    dates = near_dates(query.born)
    rarest = rarity_of(RARE, held.people)
    for one in near:
        rare = [word for word in one.words[:SPELLINGS] if held.rarity(word) >= rarest]
        walks = [Walk("n", rare, limit=2 * RARE)]
        walks += [Walk("n", one.words[:SPELLINGS], born=dates)] if dates else []
        found += queries.holders(connection, *walks)
    return found


def _by_number(connection: Connection, query: Lookup, email: str) -> list[Person]:
    """Return who has that birth date, or, where no name was typed, a number a digit off."""
    walks = []
    if query.born:
        walks.append(Walk("d", [query.born], limit=RARE))
    if query.born and not query.names:
        near = [str(day) for day in near_dates(query.born)]
        walks.append(Walk("d", near, limit=RARE))
    if not query.names:
        walks += _near_numbers(query, email)
    return queries.holders(connection, *walks)


def _by_near_number(connection: Connection, query: Lookup, email: str) -> list[Person]:
    """Return who has a phone or an e-mail address that is nearly the one typed beside a name."""
    return queries.holders(connection, *_near_numbers(query, email)) if query.names else []


def _near_numbers(query: Lookup, email: str) -> list[Walk]:
    walks = [
        Walk("p", list(one_digit_off(digits[-10:])), limit=RARE)
        for digits in query.digits
        if len(digits) >= LONG
    ]
    if len(before_at(email)) > LONG // 2:
        walks.append(Walk("e", Begins(before_at(email)), limit=RARE))
    return walks

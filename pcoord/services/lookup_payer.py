"""A payer's name beside a name or number: who of those whom the other words fit is insured there.

Nobody is found by a payer alone: half a clinic has the same. Payers stand in no lookup tree, so
that those whom the other words fit are looked up, and then who pays for them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from pcoord.domain.clues import Person
from pcoord.domain.lookup_words import Lookup, Typed
from pcoord.domain.names import fold
from pcoord.services.lookup_exact import Tree, candidates, fits
from pcoord.store.engine import Connection
from pcoord.store.queries import payers
from pcoord.store.queries.lookup import CANDIDATES

LATEST = 500
"""The payers of so many coverages are known by name: those that a clinic sees nearly always."""

LASTS = timedelta(minutes=10)
SHORTEST = 4
"""So many letters of a payer's name are enough; of a shorter name, all of them."""

_WORDS: "WeakKeyDictionary[Connection, tuple[datetime, frozenset[str]]]" = WeakKeyDictionary()


@dataclass(frozen=True)
class Insured:
    """The query without its payer, whom it fits, and what each typed word was taken for."""

    query: Lookup
    people: list[Person]
    matched: dict[str, str]
    words: list[tuple[str, str]]


def insured(connection: Connection, query: Lookup, now: datetime, *, addresses: bool) -> Insured:
    """Return whom all words but a payer's name fit, and for whom that payer pays or paid."""
    named = _payer_words(connection, query, now) if len(query.typed) > 1 else []
    if not 0 < len(named) < len(query.typed):
        return Insured(query, [], {}, [])
    rest = _without(query, named)
    fitting = fits(rest, addresses=addresses)
    tree = Tree(connection, CANDIDATES)
    people = {
        p.id: (p, taken)
        for p in candidates(tree, rest, addresses=addresses)
        if (taken := fitting(p))
    }
    theirs = payers.of(connection, list(people))
    payers_typed = {word.text for word in named}
    paid = [pair for pair in people.values() if _pays(named, theirs.get(pair[0].id, ()))]
    return Insured(
        rest,
        [person for person, _ in paid],
        {person.id: _matched(query, named, taken) for person, taken in paid},
        [(text, "payer" if fold(text) in payers_typed else said) for text, said in query.words],
    )


def _payer_words(connection: Connection, query: Lookup, now: datetime) -> list[Typed]:
    words = [word for word in query.typed if word.is_name]
    known = _known(connection, now) if words else ()
    return [word for word in words if any(_begins(word, payer) for payer in known)]


def _begins(word: Typed, payer: str) -> bool:
    return payer == word.text or (len(word.text) >= SHORTEST and payer.startswith(word.text))


def _pays(named: Sequence[Typed], theirs: Iterable[str]) -> bool:
    """Tell whether one of somebody's payers has all of the typed words."""
    return any(
        all(any(_begins(word, part) for part in fold(payer).split()) for word in named)
        for payer in theirs
    )


def _known(connection: Connection, now: datetime) -> frozenset[str]:
    """Return the words of the payers that the clinic sees."""
    read_at, found = _WORDS.get(connection, (None, frozenset()))
    if read_at is None or not timedelta() <= now - read_at < LASTS:
        found = frozenset(fold(" ".join(payers.lately(connection, LATEST))).split())
        _WORDS[connection] = now, found
    return found


def _without(query: Lookup, named: Sequence[Typed]) -> Lookup:
    """Return the query as it is without some of its words."""
    gone = {word.text for word in named}
    return replace(
        query,
        names=[name for name in query.names if name not in gone],
        typed=[word for word in query.typed if word not in named],
    )


def _matched(query: Lookup, named: Sequence[Typed], taken: Sequence[str]) -> str:
    left = iter(taken)
    return " ".join("payer" if word in named else next(left) for word in query.typed)

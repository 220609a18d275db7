"""Finding a patient by any clue: part of a name, birth date, phone, number, a misspelt name."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pcoord.domain.clues import HOUSE, LONGEST_NUMBER, NUMBER, Person
from pcoord.domain.errors import NotFound
from pcoord.domain.fitting import Fits, ranking
from pcoord.domain.lookup_again import (
    on_a_day,
    other_readings,
    without_common,
    without_unfinished,
)
from pcoord.domain.lookup_words import Lookup, parse_lookup
from pcoord.domain.names import fold, fold_identifier
from pcoord.domain.resemblance import Likeness
from pcoord.services import day, lookup_alike, lookup_exact, lookup_places
from pcoord.services.desk import Desk
from pcoord.services.lookup_exact import nicknames
from pcoord.services.lookup_hits import Found, Hits, line_of
from pcoord.services.lookup_near import Likely, likely
from pcoord.services.lookup_payer import insured
from pcoord.store.engine import Connection
from pcoord.store.queries import lookup as queries
from pcoord.store.queries.lookup import Begins, Walk
from pcoord.store.queries.merged import survivor_of

__all__ = ["Found", "Hits", "find", "find_among", "find_today", "nicknames", "one", "read_query"]
__all__ += ["having_number", "resembles", "some"]

FEW = 3
DOOR_ALONE = "needs a name or street beside it"
SO_FAR = 0.9
"""The score of those whom all fits but the end, as long as somebody types on."""

LIKELIEST = 12
"""So many of the likely ones are put before others whom as few letters fit."""


def read_query(desk: Desk, text: str) -> Lookup:
    """Return what each typed word was taken for."""
    return parse_lookup(text, desk.today, desk.clinic.date_order)


def find(
    desk: Desk, text: str, *, limit: int = 20, wide: bool = False, addresses: bool = False
) -> Hits:
    """Return the patients that fit, best first: exact ones, then, where few are, those alike.

    `addresses` has words also mean a street, town or postal code; `wide` looks, where few fit,
    also for two errors in a name, a wrong one, and digits swapped in birth dates and phones.
    """
    desk.demand("patient.read")
    query = read_query(desk, text)
    if any(not word.is_door for word in query.typed):
        return desk.read(_Question(desk, text, query, likely(desk), limit, wide, addresses).answer)
    hits = Hits()
    hits.words = [(text, DOOR_ALONE)] if query.typed else query.words
    return hits


@dataclass(frozen=True)
class _Question:
    """What is asked once: the text, how it reads, and who is likely meant (see `find`)."""

    desk: Desk
    text: str
    query: Lookup
    near: Likely
    limit: int
    wide: bool
    addresses: bool

    def answer(self, connection: Connection) -> Hits:
        tree = lookup_exact.Tree(connection, self.limit)
        hits = self._exact(tree, self.query)
        hits = self._or_on_that_day(tree, hits) if hits else self._meant_otherwise(tree)
        if len(hits) < min(FEW, self.limit):
            known = {hit.id for hit in hits}
            found = lookup_alike.alike(
                connection, self.query, wide=self.wide, beside=bool(hits), told=tree.told
            )
            hits += _alike(found, known, self.limit - len(hits))
        typing = self.addresses and not self.wide
        return (self._so_far(tree) if typing and not hits else hits) or hits

    def _or_on_that_day(self, tree: lookup_exact.Tree, hits: Hits) -> Hits:
        """Return also those born on a day by whose month's name others are called (mar 4).

        They stand first: where the number is no year, it was hardly the beginning of another.
        """
        meant = on_a_day(self.text)
        born = self._exact(tree, read_query(self.desk, meant)) if meant else Hits()
        if not born:
            return hits
        first, then = (hits, born) if any("year" in hit.matched for hit in hits) else (born, hits)
        known = {hit.id for hit in first}
        first += [hit for hit in then if hit.id not in known]
        del first[self.limit :]
        return first

    def _so_far(self, tree: lookup_exact.Tree) -> Hits:
        """Return whom the query fits without its end, which somebody is still typing."""
        found = Hits()
        for meant in without_unfinished(self.text):
            if hits := self._exact(tree, read_query(self.desk, meant)):
                found.words = [*hits.words, (self.text, "unfinished")]
                found += [_so_far(hit) for hit in hits]
                found.so_far = True
                break
        return found

    def _exact(self, tree: lookup_exact.Tree, query: Lookup) -> Hits:
        hits = _exact(tree, query, self.near, self.limit, self.addresses)
        hits.words = query.words
        return hits

    def _meant_otherwise(self, tree: lookup_exact.Tree) -> Hits:
        """Return whom the query fits in another reading, the likeliest first."""
        told = tree.told
        for meant in other_readings(self.text, alone=self.addresses):
            if hits := self._exact(tree, read_query(self.desk, meant)):
                return hits
        hits = self._insured(tree.connection) if self.addresses else Hits()
        if not hits and self.addresses:
            words, hits = hits.words, self._living_there(tree)
            hits.words = hits.words if hits else words
        tree.told = told
        hits.words = hits.words or self.query.words
        return hits

    def _insured(self, connection: Connection) -> Hits:
        """Return those of whom one word is a payer's name."""
        found = insured(connection, self.query, self.desk.now, addresses=self.addresses)
        hits = Hits()
        if found.people:
            rank = ranking(found.query, self.near.order)
            first = sorted(found.people, key=rank)[: self.limit]
            hits += [line_of(p, matched=found.matched[p.id]) for p in first if p.line]
        hits.words = found.words
        return hits

    def _living_there(self, tree: lookup_exact.Tree) -> Hits:
        """Return those whose address is said in more words than are kept, or who are many."""
        query, street = self.query, False
        for meant in without_common(self.text):
            query, street = read_query(self.desk, meant), True
            if hits := _with_address(self._exact(tree, query)):
                return hits
        people = lookup_places.further(tree, query, street=street)
        if not people:
            return Hits()
        fits = lookup_exact.fits(query, addresses=True)
        hits = Hits(_fitting(query, fits, people, self.near, self.limit))
        hits.words = query.words
        return _with_address(hits)


def _so_far(hit: Found) -> Found:
    return hit._replace(score=SO_FAR, matched="unfinished", exact=False)


def _with_address(hits: Hits) -> Hits:
    """Return those of whom some word is a part of the address."""
    hits[:] = [hit for hit in hits if "address" in hit.matched.split()]
    return hits


def find_today(desk: Desk, text: str) -> list[Found]:
    """Return those of today's patients that fit."""
    return find_among(desk, text, day.today_ids(desk))


def find_among(desk: Desk, text: str, ids: Sequence[str]) -> list[Found]:
    """Return those of some patients that fit."""
    query, near = read_query(desk, text), likely(desk)
    if not ids or not query.typed:
        return []

    def read(connection: Connection) -> list[Found]:
        people = list(queries.people_of(connection, list(ids)).values())
        hits = _fitting(query, lookup_exact.fits(query), people, near, len(ids))
        for meant in other_readings(text, alone=False) if not hits else ():
            other = read_query(desk, meant)
            hits = hits or _fitting(other, lookup_exact.fits(other), people, near, len(ids))
        if len(hits) < FEW and query.names:
            known = {hit.id for hit in hits}
            found = lookup_alike.among(connection, query, people)
            hits += _alike(found, known, len(ids))
        return hits

    return desk.read(read)


def one(desk: Desk, patient_id: str) -> Found:
    """Return the line of one patient, where a merged record leads; raise NotFound."""
    hits = desk.read(_found, [desk.read(survivor_of, patient_id)])
    if not hits:
        raise NotFound("That patient is not on file any more; look again.")
    return hits[0]


def some(desk: Desk, ids: Sequence[str]) -> list[Found]:
    """Return the lines of some patients, in order."""
    return desk.read(_found, list(ids))


def having_number(desk: Desk, number: str) -> set[str]:
    """Return the ids of the patients with that whole record number, one merged away included."""
    return set(desk.read(queries.ids_with, "i", number[:LONGEST_NUMBER]))


def resembles(desk: Desk, hit: Found) -> bool:
    """Tell whether somebody else in the clinic has this name."""
    family, given = fold(hit.family).split(), fold(hit.given).split()
    if not family:
        return False

    def read(connection: Connection) -> bool:
        if given:
            walk = Walk("b", [family[0]], Begins(given[0]), limit=3)
        else:
            walk = Walk("n", [family[0]], limit=3)
        nos = queries.search(connection, walk)
        return any(person.id != hit.id for person in queries.people(connection, nos))

    return desk.read(read)


def _exact(
    tree: lookup_exact.Tree, query: Lookup, near: Likely, limit: int, addresses: bool
) -> Hits:
    fits = lookup_exact.fits(query, addresses=addresses)
    people = lookup_exact.candidates(tree, query, addresses=addresses)
    if tree.cut:
        # More fit than were fetched: whoever is likely meant now must be among them.
        likeliest = [person.no for person in near.meant(fits) if fits(person)][:LIKELIEST]
        people += queries.people(tree.connection, likeliest)
    hits = _fitting(query, fits, people, near, limit)
    there: list[Person] = []
    if addresses and len(hits) < FEW and query.names:
        there = lookup_exact.by_address(tree, query)
    elif addresses and query.names and hits and all(map(_by_number_on_a_street, hits)):
        there = lookup_places.along(tree, query)
    if there:
        hits = _fitting(query, fits, [*people, *there], near, limit)
    found = Hits(hits[:limit])
    found.cut = tree.cut
    return found


def _by_number_on_a_street(hit: Found) -> bool:
    """Tell whether somebody lives on the typed street, but has the number in a phone or so."""
    taken = set(hit.matched.split())
    return "address" in taken and bool(taken & {"phone", "number", "year"}) and "name" not in taken


def _fitting(
    query: Lookup, fits: Fits, people: Iterable[Person], near: Likely, limit: int
) -> list[Found]:
    """Return the lines of those whom every word fits, in the order of the list."""
    fitting = {person.id: (person, taken) for person in people if (taken := fits(person))}
    first = list(fitting.values())
    at_home = _at_home(query)
    if len(first) > limit:
        rank = ranking(query, near.order)
        first = sorted(first, key=lambda pair: (not at_home(*pair), rank(pair[0])))[:limit]
    hits = [line_of(person, matched=" ".join(taken)) for person, taken in first if person.line]
    wanted = {f" {NUMBER}{number} " for number in query.identifiers}
    whole = {p.id for p, _ in first if any(number in f" {p.text} " for number in wanted)}
    whole |= {person.id for person, taken in first if at_home(person, taken)}
    return sorted(hits, key=_ordering(query, near, whole))


def _at_home(query: Lookup) -> Callable[[Person, Sequence[str]], bool]:
    """Return what tells whether somebody lives in the very house that was typed with its street."""
    numbers = (n for word in query.typed if not word.is_name for n in word.means("address"))
    houses = [f" {HOUSE}{number} " for number in numbers]

    def at_home(person: Person, taken: Sequence[str]) -> bool:
        if not houses or not query.names or not any(map(f" {person.text} ".__contains__, houses)):
            return False
        return any(w.is_name and t == "address" for w, t in zip(query.typed, taken, strict=True))

    return at_home


def _ordering(
    query: Lookup, near: Likely, whole: Collection[str]
) -> Callable[[Found], tuple[Any, ...]]:
    """The same order for the lines that are shown, by the names as they are written.

    Those of `whole` have a number in full that was typed; a record number is surer than another.
    """
    names, numbers = set(query.names), {number.lstrip("0") for number in query.identifiers}
    beginnings = tuple(names)

    def order(hit: Found) -> tuple[Any, ...]:
        family = fold(hit.family)
        words = {*family.split(), *fold(hit.given).split()}
        return (
            bool(numbers) and fold_identifier(hit.mrn or "").lstrip("0") not in numbers,
            hit.id not in whole,
            not family.startswith(beginnings),
            len(names - words),
            hit.deceased_on is not None,
            not hit.active,
            near.rank(hit.id),
            bool(names) and not words <= names,
            hit.family,
            hit.given,
            hit.id,
        )

    return order


def _alike(found: Sequence[tuple[Person, Likeness]], known: set[str], limit: int) -> list[Found]:
    new = [pair for pair in found if pair[0].id not in known and pair[0].line][:limit]
    return [
        line_of(
            person,
            score=round(like.score, 3),
            matched="; ".join(like.why) or "nearly so",
            exact=False,
        )
        for person, like in new
    ]


def _found(connection: Connection, ids: Sequence[str]) -> list[Found]:
    people = queries.people_of(connection, ids)
    return [line_of(people[key]) for key in ids if key in people and people[key].line]

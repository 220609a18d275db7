"""Who is likely asked about now: expected within hours, or opened lately at this desk."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from weakref import WeakKeyDictionary

from pcoord.domain.clues import Person
from pcoord.domain.fitting import Fits
from pcoord.services.desk import Desk
from pcoord.store.queries import cards
from pcoord.store.queries import lookup as queries

BEFORE, AFTER = timedelta(hours=3), timedelta(hours=5)
EXPECTED, OPENED = 300, 30
LASTS = timedelta(minutes=1)


@dataclass(frozen=True)
class Likely:
    """The likely ones at a moment: `order` ranks patients by id, the likeliest lowest."""

    read_at: datetime
    order: dict[str, int]
    people: tuple[Person, ...]

    def rank(self, patient_id: str) -> int:
        """Return a patient's place; whoever is not likely comes behind all who are."""
        return self.order.get(patient_id, len(self.order))

    def meant(self, fits: Fits) -> Iterable[Person]:
        """Return those of the likely ones whom a query may fit, the likeliest first.

        They are known by how one of its words begins.
        """
        groups = (self._begun.get(begins, ()) for begins in fits.rarest(self._count))
        found = {person.no: person for group in groups for person in group}
        return sorted(found.values(), key=lambda person: self.rank(person.id))

    def _count(self, begins: str) -> int:
        return len(self._begun.get(begins, ()))

    @cached_property
    def _begun(self) -> dict[str, list[Person]]:
        """The likely ones by the beginnings of their clues, of one letter and of two."""
        found: dict[str, list[Person]] = {}
        for person in self.people:
            words = {clue[1:3] for clue in person.text.split()}
            for begins in words | {word[:1] for word in words}:
                found.setdefault(begins, []).append(person)
        return found


_KEPT: "WeakKeyDictionary[Desk, Likely]" = WeakKeyDictionary()


def likely(desk: Desk) -> Likely:
    """Return who is likely asked about; read anew when a minute has passed."""
    kept = _KEPT.get(desk)
    if kept is None or not timedelta() <= desk.now - kept.read_at < LASTS:
        kept = _KEPT[desk] = _read(desk)
    return kept


def _read(desk: Desk) -> Likely:
    now = desk.now
    visits = desk.read(queries.expected, now - BEFORE, now + AFTER, EXPECTED * 4)
    nearest = sorted(visits, key=lambda row: abs(row.start_at - now))[:EXPECTED]
    ids = dict.fromkeys(row.patient_id for row in nearest)
    if desk.who.user_id:
        ids |= dict.fromkeys(desk.read(cards.looked_at, desk.who.user_id, OPENED))
    people = desk.read(queries.people_of, list(ids))
    return Likely(now, {key: place for place, key in enumerate(ids)}, tuple(people.values()))

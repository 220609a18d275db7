"""Who is likely asked about now: expected within hours, or opened lately at this desk."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from pcoord.domain.clues import Person
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

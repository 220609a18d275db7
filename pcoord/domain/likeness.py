"""Who could be mixed up with whom: like names, or the same birth date."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Protocol

from pcoord.domain.names import closeness, fold

SOUNDS_LIKE = 0.8
"""How close two names must be to be heard as one (1 is the same)."""


class Named(Protocol):
    """Somebody with a name and maybe a birth date."""

    @property
    def patient_id(self) -> str: ...
    @property
    def family(self) -> str: ...
    @property
    def given(self) -> str: ...
    @property
    def birth_date(self) -> date | None: ...


def alike(people: Iterable[Named], others: Iterable[Named]) -> set[str]:
    """Return the ids of those people whom one of the others could be taken for.

    The same birth date; or a like family name with a given name that begins alike.
    """
    known = _Known()
    for other in others:
        known.add(other)
    return {person.patient_id for person in people if known.has_double(person)}


_Ids = set[str]


class _Known:
    """People by what could mix them up, so that a large day is not compared pair by pair."""

    def __init__(self) -> None:
        self._born: dict[date, _Ids] = defaultdict(set)
        # By the first letters of both names, then by the family name.
        self._named: dict[tuple[str, str], dict[str, _Ids]] = defaultdict(lambda: defaultdict(set))

    def add(self, person: Named) -> None:
        if person.birth_date is not None:
            self._born[person.birth_date].add(person.patient_id)
        family, initials = _folded(person)
        self._named[initials][family].add(person.patient_id)

    def has_double(self, person: Named) -> bool:
        key = person.patient_id
        if person.birth_date is not None and _another(self._born[person.birth_date], key):
            return True
        family, initials = _folded(person)
        like = self._named.get(initials, {})
        return any(_another(ids, key) and _near(family, name) for name, ids in like.items())


def _folded(person: Named) -> tuple[str, tuple[str, str]]:
    return _fold_both(person.family, person.given)


# A desk asks about the same few thousand people all day.
@lru_cache(65536)
def _fold_both(family: str, given: str) -> tuple[str, tuple[str, str]]:
    folded = fold(family)
    return folded, (folded[:1], fold(given)[:1])


def _another(ids: _Ids, but: str) -> bool:
    return len(ids) > 1 or (bool(ids) and but not in ids)


def _near(one: str, other: str) -> bool:
    return one == other or _sound_alike(one, other)


@lru_cache(65536)
def _sound_alike(one: str, other: str) -> bool:
    return closeness(one, other) >= SOUNDS_LIKE

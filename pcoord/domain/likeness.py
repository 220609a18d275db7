"""Who could be mixed up with whom: like names, or the same birth date."""

from collections.abc import Iterable, Mapping
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
    """Return the ids of those people whom one of the others could be taken for."""
    births: dict[date, set[str]] = {}
    named: dict[_Names, set[str]] = {}
    for other in others:
        named.setdefault(_folded(other), set()).add(other.patient_id)
        if other.birth_date is not None:
            births.setdefault(other.birth_date, set()).add(other.patient_id)
    nobody: set[str] = set()
    return {
        person.patient_id
        for person in people
        if births.get(person.birth_date or date.max, nobody) - {person.patient_id}
        or _has_double(person.patient_id, _folded(person), named)
    }


_Names = tuple[str, str]


def _folded(person: Named) -> _Names:
    return fold(person.family), fold(person.given)


def _has_double(patient_id: str, names: _Names, about: Mapping[_Names, set[str]]) -> bool:
    """Tell whether somebody else has the same names or like ones."""
    if about.get(names, set()) - {patient_id}:
        return True
    return any(_mixed_up(names, others) and ids != {patient_id} for others, ids in about.items())


def _mixed_up(a: _Names, b: _Names) -> bool:
    """A like family name with a like given name or its initial."""
    return _near(a[0], b[0]) and (a[1][:1] == b[1][:1] or _near(a[1], b[1]))


def _near(one: str, other: str) -> bool:
    return one == other or (one[:1] == other[:1] and _sound_alike(one, other))


# A desk asks about the same few hundred names all day.
@lru_cache(65536)
def _sound_alike(one: str, other: str) -> bool:
    return closeness(one, other) >= SOUNDS_LIKE

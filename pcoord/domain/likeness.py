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
    about = {other.patient_id: _folded(other) for other in others}
    return {
        person.patient_id
        for person in people
        if _has_double(person.patient_id, _folded(person), about)
    }


_Folded = tuple[str, str, date | None]


def _folded(person: Named) -> _Folded:
    return fold(person.family), fold(person.given), person.birth_date


def _has_double(patient_id: str, person: _Folded, about: Mapping[str, _Folded]) -> bool:
    return any(key != patient_id and _mixed_up(person, other) for key, other in about.items())


def _mixed_up(a: _Folded, b: _Folded) -> bool:
    """The same birth date; or a like family name with a like given name or its initial."""
    if a[2] is not None and a[2] == b[2]:
        return True
    return _near(a[0], b[0]) and (a[1][:1] == b[1][:1] or _near(a[1], b[1]))


def _near(one: str, other: str) -> bool:
    return one == other or (one[:1] == other[:1] and _sound_alike(one, other))


# A desk asks about the same few hundred names all day.
@lru_cache(65536)
def _sound_alike(one: str, other: str) -> bool:
    return closeness(one, other) >= SOUNDS_LIKE

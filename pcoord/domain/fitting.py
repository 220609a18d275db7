"""Whether a typed query fits somebody's line of clues, and who comes first of those it fits.

Everything is sought in the text of the line itself: while one types, hundreds of people are
checked a key, so that no line is taken apart for it.
"""

from collections.abc import Callable, Iterable, Mapping
from re import search

from pcoord.domain import ages, birth_days
from pcoord.domain.clues import (
    ADDRESS,
    BORN,
    EMAIL,
    FAMILY,
    GIVEN,
    GONE,
    HOUSE,
    JOINED_FAMILY,
    JOINED_GIVEN,
    NUMBER,
    OWN_PHONE,
    RELATED_PHONE,
    Person,
)
from pcoord.domain.lookup_words import Lookup, Typed

Nicknames = Mapping[str, frozenset[str]]

_NAMES = (FAMILY, GIVEN, JOINED_FAMILY, JOINED_GIVEN)
_KINDS = {
    "name": _NAMES,
    "phone": (OWN_PHONE, RELATED_PHONE),
    "number": (NUMBER,),
    "email": (EMAIL,),
    "birth date": (BORN,),
    "year": (BORN,),
    "month": (BORN,),
    "address": (ADDRESS,),
}
_Reading = tuple[str, tuple[str, ...]]


def _holds(line: str, parts: Iterable[str]) -> bool:
    for part in parts:  # noqa: SIM110  (a generator would cost more than the search)
        if part in line:
            return True
    return False


class Fits:
    """Tells what each word of a query was taken for with a person."""

    def __init__(self, query: Lookup, nicknames: Nicknames, *, addresses: bool = False) -> None:
        self._words = [
            (_values(word, nicknames), _readings(word, nicknames, addresses))
            for word in query.typed
        ]
        self._begins = [_beginnings(word, nicknames) for word in query.typed]

    def rarest(self, count: Callable[[str], int]) -> Iterable[str]:
        """Return how the clues begin (two letters at most) of whomever the rarest word fits."""
        return min(self._begins, key=lambda begins: sum(map(count, begins)), default=())

    def __call__(self, person: Person) -> list[str]:
        """Return what each typed word was taken for; empty when one does not fit."""
        line, taken = f" {person.text} ", []
        for values, readings in self._words:
            if not _holds(line, values):  # so it is with nearly all: one search instead of many
                return []
            for kind, parts in readings:
                if search(parts[0], line) if kind == birth_days.DAY else _holds(line, parts):
                    taken.append(kind)
                    break
            else:
                return []
        return taken


def _beginnings(word: Typed, nicknames: Nicknames) -> set[str]:
    found = {v[:2] for kind, v in word.readings if kind not in (birth_days.DAY, ages.AGE)}
    found |= {
        str(day)[:2] for value in word.means(birth_days.DAY) for day in birth_days.dates(value)
    }
    names = (value for kind, value in word.readings if kind == "name")
    return found | {other[:2] for name in names for other in nicknames.get(name, ())}


def _values(word: Typed, nicknames: Nicknames) -> tuple[str, ...]:
    """Return what a line must hold some of, in whatever meaning."""
    values = dict.fromkeys(value for kind, value in word.readings if kind != ages.AGE)
    others = (name for kind, value in word.readings for name in _others(kind, value, nicknames))
    return (*values, *(f"{name} " for name in others))


def _others(kind: str, value: str, nicknames: Nicknames) -> frozenset[str]:
    return nicknames.get(value, frozenset()) if kind == "name" else frozenset()


def _readings(word: Typed, nicknames: Nicknames, addresses: bool) -> list[_Reading]:
    """Return what a person's line must hold some of, in each meaning.

    An address counts only where addresses are asked for, not by an initial, of a house number or
    a door only the whole.
    """
    found: list[_Reading] = []
    for kind, value in word.readings:
        parts = [f" {letter}{value}" for letter in _KINDS.get(kind, ())]
        if kind == birth_days.DAY:
            parts = [rf" {BORN}\d{{4}}{value} "]
        if kind == "address":
            begun = parts if len(value) > 1 else [f"{part} " for part in parts]
            parts = [*begun, f" {HOUSE}{value} "] if addresses else []
        if kind == "door":
            # One that begins with a letter (apt B5) stands among the words of the street.
            parts = [f" {HOUSE}{value} ", f" {ADDRESS}{value} "] if addresses else []
            kind = "address"
        others = _others(kind, value, nicknames)
        parts += [f" {letter}{name} " for name in others for letter in _NAMES]
        if parts:
            found.append((kind, tuple(parts)))
    return found


def ranking(query: Lookup, places: Mapping[str, int]) -> Callable[[Person], tuple[int, str]]:
    """Return a sort key for people whom a query fits; `places` has the likely ones by their ids.

    Record numbers typed in full first, then whole family names before parts and beginnings, the
    living before those who are gone, and who is likely before others.
    """
    begins = [f" {kind}{name}" for name in query.names for kind in (FAMILY, JOINED_FAMILY)]
    whole = [
        (f"{name} ", *(f" {kind}{name} " for kind in _NAMES)) for name in dict.fromkeys(query.names)
    ]
    numbers = [f" {NUMBER}{value} " for value in query.identifiers]
    family, given, gone = f" {FAMILY}", f" {GIVEN}", f" {GONE}"

    last, most = len(places), len(whole) + 1

    def rank(person: Person) -> tuple[int, str]:
        line = f" {person.text} "
        begun = own = 0
        for ends, as_family, as_given, joined_family, joined_given in whole:
            if ends not in line:  # so it is with nearly all while one types
                begun += 1
                continue
            parts = (as_family in line) + (as_given in line)
            own += parts
            begun += not (parts or joined_family in line or joined_given in line)
        more = begun or (whole and own < line.count(family) + line.count(given))
        # One number for all of it: many flags cost as much to compare as to find.
        order = int(bool(numbers) and not _holds(line, numbers))
        order = (order * 2 + (not _holds(line, begins))) * most + begun
        order = (order * 2 + (gone in line)) * (last + 1) + places.get(person.id, last)
        return order * 2 + bool(more), person.text

    return rank

"""The typed words that are no names, and those alike: whom they fit, nearly fit, or do not fit."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pcoord.domain import ages, birth_days
from pcoord.domain.clues import Person
from pcoord.domain.fitting import Fits
from pcoord.domain.lookup_words import Lookup, Reading, Typed
from pcoord.domain.resemblance import Likeness, one_digit_off
from pcoord.services.lookup_exact import fits

NOT_FITTING, NEARLY_FITTING = 0.8, 0.95
"""How much of the score is left when a year or a number does not fit, or nearly does."""

LONG = 7
"""A number of so many digits, or letters and digits, says who is meant whatever the name."""

SHORT = 5
"""A number of so many digits may have a digit off."""

_ANOTHER = {
    "year": "another year",
    birth_days.DAY: "another birth day",
    birth_days.MONTH: "another birth month",
}
_MISSED, _NEARLY = -2.0, -0.5


@dataclass(frozen=True)
class Other:
    """A typed word that is no name: what tells whether it fits or nearly so, and what is said."""

    missed: str
    fit: Fits
    nearly: str = ""
    nearly_fit: Fits | None = None


def others(query: Lookup) -> list[Other]:
    """Return the typed words that are no names or birth dates."""
    return [_other(word) for word in query.typed if not _compared(word)]


def _compared(word: Typed) -> bool:
    return word.is_name or any(kind in ("birth date", "odd date") for kind, _ in word.readings)


def _other(word: Typed) -> Other:
    missed = next((said for kind, said in _ANOTHER.items() if word.means(kind)), f"no {word.text}")
    said, near = _nearly(word)
    return Other(missed, _fits(word), said, _fits(Typed(word.text, near)) if near else None)


def _nearly(word: Typed) -> tuple[str, tuple[Reading, ...]]:
    """Return what a word may have been mistyped for, or meant after all, and how that is said."""
    if by_age := word.means(ages.AGE):
        return f"{word.text} years old", tuple(("year", year) for year in by_age)
    if days := word.means(birth_days.DAY):
        return "birth day nearly so", tuple(
            (birth_days.DAY, day) for day in birth_days.near(days[0])
        )
    if email := word.means("email"):
        return "another e-mail behind the @", (("email", before_at(email[0])),)
    near = [
        (kind, other)
        for kind, least in (("phone", LONG), ("number", SHORT))
        for digits in [v for v in word.means(kind) if v.isdecimal() and len(v) >= least][:1]
        for other in one_digit_off(digits[-10:])
    ]
    return "a digit of the number off", tuple(near)


def before_at(email: str) -> str:
    """Return what an e-mail address begins with, the @ included."""
    return email.partition("@")[0] + "@"


def _fits(*words: Typed) -> Fits:
    return fits(Lookup(typed=list(words)), addresses=True)


def sure(query: Lookup) -> Callable[[Person], object]:
    """Return what tells whether somebody has a whole number that was typed, whatever their name."""
    whole = [
        word
        for word in query.typed
        if max((len(v) for k, v in word.readings if k in ("phone", "number")), default=0) >= LONG
    ]
    return _fits(*whole) if whole else lambda _: False


def less(like: Likeness, person: Person, typed: Sequence[Other]) -> Likeness:
    """Say of somebody which typed words do not fit, and set them behind those whom they fit."""
    said: list[str] = []
    nearly = 0
    for other in typed:
        if other.fit(person):
            continue
        near = other.nearly_fit is not None and other.nearly_fit(person)
        said.append(other.nearly if near else other.missed)
        nearly += bool(near)
    if not said:
        return like
    missed = len(said) - nearly
    return Likeness(
        like.weight + _MISSED * missed + _NEARLY * nearly,
        like.score * NOT_FITTING**missed * NEARLY_FITTING**nearly,
        *(like.least, like.most, like.date),
        (*like.why, *said),
        missed,
    )

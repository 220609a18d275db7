"""How well a person fits a query that nobody fits exactly: misspelt, swapped, missing, mistyped."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pcoord.domain.clues import FAMILY, GIVEN, JOINED_FAMILY, JOINED_GIVEN, Person
from pcoord.domain.names import likeness

LIKE = 0.6
"""How near two words must be to count as one misspelt (1 is the same)."""

SURE = 0.75
"""How near one of several names must be, as a whole word, when another is missing."""

TELLING = 3
"""How many letters say who is meant, where the other names do not fit; an initial does not."""

NEAR_DATE = 0.8
NICKNAME = 0.97
_MISSING = -0.5
_WHOLE_DATE = 9.0
_OTHER_DATE = -2.0
_BEGINNING = 0.96

Rarity = Callable[[str], float]
"""How much a name word tells: the logarithm of one in how many people has it."""


@dataclass(frozen=True)
class Likeness:
    """How well somebody fits and why in words.

    `weight` orders people for one query (the more it tells, the higher), `score` says it from 0 to
    1; `least` and `most` are how near the worst and the best of the typed names are, `date` the
    birth date.
    """

    weight: float
    score: float
    least: float
    most: float
    date: float
    why: tuple[str, ...]

    @property
    def telling(self) -> bool:
        """Tell whether enough agrees to show somebody: all names, or one and little against it."""
        return self.least >= LIKE or self.most >= SURE or self.date >= NEAR_DATE


def compare(
    names: Sequence[str],
    born: str,
    person: Person,
    rarity: Rarity,
    nicknames: Mapping[str, frozenset[str]],
) -> Likeness:
    """Compare typed names and the eight digits of a birth date with a person."""
    total, best, least, most, date = 0.0, 0.0, 1.0, 0.0, 0.0
    matched: set[str] = set()
    why: list[str] = []
    for name in names:
        word, near = _nearest(name, person, nicknames)
        least = min(least, near)
        if len(name) >= TELLING:
            most = max(most, 1.0 if near >= NICKNAME else likeness(name, word))
        if near < LIKE:
            total, best = total + _MISSING, best + rarity(name)
            why.append(f"no {name}")
            continue
        total, best = total + near**3 * rarity(word), best + rarity(word)
        matched.add(word)
        if near < NICKNAME:
            why.append(f"sounds like {word}")
    for part in ((FAMILY, JOINED_FAMILY), (GIVEN, JOINED_GIVEN)):
        words = person.of(*part)
        total += _MISSING if names and words and matched.isdisjoint(words) else 0.0
    if born:
        date = date_likeness(born, person.born)
        best += _WHOLE_DATE
        total += date * _WHOLE_DATE if date else _OTHER_DATE if person.born else 0.0
        why += [] if date == 1 else [_say_date(date, person)]
    score = max(0.0, total / best) if best else 0.0
    return Likeness(total, min(score, 0.999), least if names else 0.0, most, date, tuple(why))


def _say_date(near: float, person: Person) -> str:
    if not person.born:
        return "birth date unknown"
    return "birth date nearly so" if near else "another birth date"


def _nearest(
    name: str, person: Person, nicknames: Mapping[str, frozenset[str]]
) -> tuple[str, float]:
    """Return the name word of a person that is nearest to a typed one, and how near."""
    others = nicknames.get(name, frozenset())
    found = ("", 0.0)
    for word in person.names:
        near = NICKNAME if word in others and word != name else word_likeness(name, word)
        if near > found[1]:
            found = (word, near)
    return found


@lru_cache(65536)
def word_likeness(typed: str, word: str) -> float:
    """Return how near a typed word is to a name; a good beginning counts too."""
    whole = likeness(typed, word)
    if whole < 1 and len(typed) > 2 and len(word) > len(typed):
        return max(whole, _BEGINNING * likeness(typed, word[: len(typed)]))
    return whole


def date_likeness(typed: str, born: int) -> float:
    """Return how near eight typed digits are to a birth date: 1 the same, 0 another one."""
    stored = f"{born:08}"
    if not born or len(typed) != 8:
        return 0.0
    if typed == stored:
        return 1.0
    wrong = sum(a != b for a, b in zip(typed, stored, strict=True))
    turned = typed[:4] + typed[6:] + typed[4:6]
    if wrong == 1 or turned == stored or (wrong == 2 and stored in swapped(typed)):
        return 0.8
    if wrong == 2:
        return 0.6
    if sorted(typed) == sorted(stored) or typed[:4] == stored[:4]:
        return 0.4
    return 0.0


def swapped(digits: str) -> Iterator[str]:
    """Return the numbers in which two digits that follow each other stand the other way round."""
    for at in range(len(digits) - 1):
        if digits[at] != digits[at + 1]:
            yield digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :]


def one_digit_off(digits: str) -> Iterator[str]:
    """Return the numbers in which two digits are swapped, then those with one other digit."""
    yield from swapped(digits)
    for at, old in enumerate(digits):
        yield from (digits[:at] + new + digits[at + 1 :] for new in "0123456789" if new != old)


def near_dates(typed: str) -> list[int]:
    """Return birth dates that eight typed digits may have been meant for, as YYYYMMDD."""
    if len(typed) != 8:
        return []
    turned = typed[:4] + typed[6:] + typed[4:6]
    found = dict.fromkeys((typed, turned, *one_digit_off(typed)))
    return [int(day) for day in found if "01" <= day[4:6] <= "12" and "01" <= day[6:] <= "31"]


def rarity_of(bearers: int, people: int) -> float:
    """Return how much a name tells that so many of so many people have."""
    return math.log(max(people, 2) / min(max(bearers, 1), max(people, 2) / 2))

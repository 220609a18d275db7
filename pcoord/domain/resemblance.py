"""How well a person fits a query that nobody fits exactly: misspelt, swapped, missing, mistyped."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import ne

from pcoord.domain.clues import BORN, FAMILY, GIVEN, JOINED_FAMILY, JOINED_GIVEN, Person
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


class Comparison:
    """Compares typed names and the eight digits of a birth date with one person after another.

    What a typed name has in common with a word is worked out once for all who have that word.
    """

    def __init__(
        self,
        names: Sequence[str],
        born: str,
        rarity: Rarity,
        nicknames: Mapping[str, frozenset[str]],
    ) -> None:
        self._names = [(name, nicknames.get(name, frozenset())) for name in names]
        self._born = born
        self._rarity = rarity
        self._known: list[dict[str, float]] = [{} for _ in names]

    def __call__(self, person: Person) -> Likeness:
        """Return how well a person fits."""
        words, born = _read(person)
        total, best, least, most, date = 0.0, 0.0, 1.0, 0.0, 0.0
        matched: set[str] = set()
        why: list[str] = []
        for number, (name, _) in enumerate(self._names):
            word, near = self._nearest(number, words)
            least = min(least, near)
            if len(name) >= TELLING:
                most = max(most, 1.0 if near >= NICKNAME else likeness(name, word))
            if near < LIKE:
                total, best = total + _MISSING, best + self._rarity(name)
                why.append(f"no {name}")
                continue
            rare = self._rarity(word)
            total, best = total + near**3 * rare, best + rare
            matched.add(word)
            if near < NICKNAME:
                why.append(f"sounds like {word}")
        if self._names:
            total += _MISSING * _parts_without(words, matched)
        if self._born:
            date = date_likeness(self._born, born)
            best += _WHOLE_DATE
            total += date * _WHOLE_DATE if date else _OTHER_DATE if born else 0.0
            why += [] if date == 1 else [_say_date(date, born)]
        score = max(0.0, total / best) if best else 0.0
        least = least if self._names else 0.0
        return Likeness(total, min(score, 0.999), least, most, date, tuple(why))

    def _nearest(self, number: int, words: Sequence[str]) -> tuple[str, float]:
        """Return the name word that is nearest to a typed name, and how near."""
        known, found, most = self._known[number], "", 0.0
        for clue in words:
            near = known.get(clue)
            if near is None:
                near = known[clue] = self._near(number, clue[1:])
            if near > most:
                found, most = clue[1:], near
        return found, most

    def _near(self, number: int, word: str) -> float:
        name, others = self._names[number]
        return NICKNAME if word in others and word != name else word_likeness(name, word)


_FAMILIES = (FAMILY, JOINED_FAMILY)
_GIVENS = (GIVEN, JOINED_GIVEN)
_WORDS = frozenset((*_FAMILIES, *_GIVENS))


def _read(person: Person) -> tuple[list[str], int]:
    """Return the clues that are names, and the birth date as YYYYMMDD."""
    words, born = [], 0
    for clue in person.text.split():
        if clue[0] in _WORDS:
            words.append(clue)
        elif clue[0] == BORN:
            born = born or int(clue[1:])
    return words, born


def _parts_without(words: Sequence[str], matched: set[str]) -> int:
    """Return how many of family and given names nothing typed was taken for."""
    without = 0
    for kinds in (_FAMILIES, _GIVENS):
        part = [word[1:] for word in words if word[0] in kinds]
        without += bool(part) and matched.isdisjoint(part)
    return without


def _say_date(near: float, born: int) -> str:
    if not born:
        return "birth date unknown"
    return "birth date nearly so" if near else "another birth date"


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
    wrong = sum(map(ne, typed, stored))
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

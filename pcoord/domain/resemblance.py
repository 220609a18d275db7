"""How well a person fits a query that nobody fits exactly: misspelt, swapped, missing, mistyped."""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import ne

from pcoord.domain.clues import BORN, FAMILY, GIVEN, JOINED_FAMILY, JOINED_GIVEN, Person
from pcoord.domain.names import likenesses

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


_Nearness = tuple[float, float]
"""How near a word is to a typed one, and how near the whole of it is."""


@dataclass(frozen=True)
class Likeness:
    """How well somebody fits and why in words.

    `weight` orders people for one query (the more it tells, the higher), `score` says it from 0 to
    1; `least` and `most` are how near the worst and the best of the typed names are, `date` the
    birth date; `against` counts the other typed words that do not fit.
    """

    weight: float
    score: float
    least: float
    most: float
    date: float
    why: tuple[str, ...]
    against: int = 0

    @property
    def telling(self) -> bool:
        """Tell whether enough agrees to show somebody: all names, or one and little against it."""
        if self.least >= LIKE or self.date >= NEAR_DATE:
            return True
        return self.most >= SURE and not self.against


class Comparison:
    """Compares typed names and the eight digits of a birth date with many people at once.

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

    def __call__(self, people: Iterable[Person]) -> list[Likeness]:
        """Return how well each of some people fits."""
        read = [_read(person) for person in people]
        words = list({word for names, _, _ in read for word in names})
        near = [self._near(name, others, words) for name, others in self._names]
        return [self._compare(near, *one) for one in read]

    def _near(self, name: str, others: frozenset[str], words: list[str]) -> dict[str, _Nearness]:
        """Return the words that are near enough to a typed name, and how near."""
        found = zip(words, _nearness(name, words), strict=True)
        near = {word: like for word, like in found if like[0] >= LIKE}
        nicks = {word: (NICKNAME, 1.0) for word in words if word in others and word != name}
        return near | nicks

    def _compare(
        self, near: list[dict[str, _Nearness]], words: list[str], families: int, born: int
    ) -> Likeness:
        total, best, least, most, date = 0.0, 0.0, 1.0, 0.0, 0.0
        matched: set[str] = set()
        why: list[str] = []
        for (name, _), known in zip(self._names, near, strict=True):
            word, like, whole = "", 0.0, 0.0
            for one in words:
                if one in known and known[one][0] > like:
                    word, (like, whole) = one, known[one]
            least = min(least, like)
            if not like:
                total, best = total + _MISSING, best + self._rarity(name)
                why.append(f"no {name}")
                continue
            if len(name) >= TELLING:
                most = max(most, 1.0 if like >= NICKNAME else whole)
            # A rarer name that is only like the typed one tells no more than that one itself would.
            rare = min(self._rarity(word), self._rarity(name))
            total, best = total + like**3 * rare, best + rare
            matched.add(word)
            if like < NICKNAME and not word.startswith(name):
                why.append(f"sounds like {word}")
        for part in (words[:families], words[families:]) if self._names else ():
            total += _MISSING if part and matched.isdisjoint(part) else 0.0
        if self._born:
            date = date_likeness(self._born, born)
            best += _WHOLE_DATE
            total += date * _WHOLE_DATE if date else _OTHER_DATE if born else 0.0
            why += [] if date == 1 else [_say_date(date, born)]
        score = max(0.0, total / best) if best else 0.0
        least = least if self._names else 0.0
        return Likeness(total, min(score, 0.999), least, most, date, tuple(why))


def _read(person: Person) -> tuple[list[str], int, int]:
    """Return the name words, family names first, how many those are, and the birth date."""
    families: list[str] = []
    givens: list[str] = []
    born = 0
    for kind, word in _compared(person.text):
        if kind in _FAMILIES:
            families.append(word)
        elif kind == BORN:
            born = born or int(word)
        else:
            givens.append(word)
    return families + givens, len(families), born


_FAMILIES = frozenset((FAMILY, JOINED_FAMILY))
_compared = re.compile(
    rf"(?<!\S)([{FAMILY}{JOINED_FAMILY}{GIVEN}{JOINED_GIVEN}{BORN}])(\S+)"
).findall


def _say_date(near: float, born: int) -> str:
    if not born:
        return "birth date unknown"
    return "birth date nearly so" if near else "another birth date"


def word_likenesses(typed: str, words: Sequence[str]) -> list[float]:
    """Return how near a typed word is to each of some names; a good beginning counts too."""
    return [like for like, _ in _nearness(typed, words)]


def _nearness(typed: str, words: Sequence[str]) -> list[_Nearness]:
    whole = likenesses(typed, words)
    found, length = list(whole), len(typed)
    longer = [n for n, word in enumerate(words) if len(word) > length > 2 and whole[n] < 1]
    begun = likenesses(typed, [words[n][:length] for n in longer])
    for n, like in zip(longer, begun, strict=True):
        found[n] = max(found[n], _BEGINNING * like)
    return list(zip(found, whole, strict=True))


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

"""Are two records one person? Points for what agrees, less for what differs, and why in words.

The points are rough logarithms of how much likelier an agreement is for one person than for two
(the idea of Fellegi and Sunter, "A Theory for Record Linkage", 1969), so that they may be added.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from pcoord.domain.names import (
    LONGEST_WORD,
    fold,
    fold_identifier,
    likeness,
    name_tokens,
    sound_keys,
)
from pcoord.domain.other_scripts import in_latin

POINTS = {
    "same family name": 6,
    "like family name": 4,
    "family name sounds the same": 3,
    "other family name": -4,
    "same given name": 5,
    "nickname": 4,
    "one of the given names": 4,
    "like given name": 3,
    "given name sounds the same": 2,
    "same initial": 2,
    "same middle name": 2,
    "names swapped": 9,
    "same birth date": 8,
    "birth date nearly the same": 4,
    "other birth date": -7,
    "a generation apart": -12,
    "same sex": 1,
    "other sex": -4,
    "same phone": 4,
    "same e-mail": 4,
    "same address": 3,
    "same member number": 4,
    "same number elsewhere": 12,
    "other suffix": -6,
    "twins": -3,
}
WARN = 11
"""From so many points on, the desk is told before another record is made."""
WORK = 13
"""From so many points on, two records on file are work for whoever looks after duplicates."""
SURE = 24
LIKE = 0.75
_UNSURE = frozenset(
    {"one of the given names", "like given name", "given name sounds the same", "same initial"}
)
GENERATION = 14 * 366
# How hospitals call a child before it has a name.
_UNNAMED = frozenset(
    {"baby", "newborn", "infant", "neonate", "boy", "girl", "male", "female", "babyboy", "babygirl"}
    | {"bb", "bg", "twin", "triplet", "a", "b", "c", "1", "2", "3", "of", "unknown"}
)
_LONG_NUMBER = 6
_MAC = re.compile(r"^mac(?=\w{3})")
_SUFFIXES = frozenset({"jr", "sr", "junior", "senior", "ii", "iii", "iv"})
NO_NICKNAMES: Mapping[str, frozenset[str]] = {}
_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Person:
    """What is compared: `words` all name words on file, `phones` digits, `numbers` of others.

    `address` is folded street and postal code, empty when one of them is unknown; `members` are
    payers with the member numbers there.
    """

    family: str
    given: str = ""
    middle: str = ""
    preferred: str = ""
    birth_date: date | None = None
    sex: str = "unknown"
    words: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    email: str = ""
    address: str = ""
    numbers: frozenset[tuple[str, str]] = frozenset()
    members: frozenset[tuple[str, str]] = frozenset()


@dataclass
class Likeness:
    """How alike two people are: points, the reasons, and what speaks for two people after all."""

    points: int = 0
    reasons: list[str] = field(default_factory=list)
    cautions: list[str] = field(default_factory=list)
    others: bool = False

    @property
    def score(self) -> float:
        """Return the points from 0 to 1; 1 leaves no doubt."""
        return round(max(0, min(self.points, SURE)) / SURE, 3)

    @property
    def why(self) -> str:
        """Return the reasons in words."""
        return ", ".join(self.reasons)

    def add(self, what: str, *, said: str | None = None) -> None:
        """Count something; what speaks against it is no reason."""
        self.points += POINTS[what]
        if POINTS[what] > 0 and said != "":
            self.reasons.append(said or what)


def compare(
    one: Person, other: Person, nicknames: Mapping[str, frozenset[str]] = NO_NICKNAMES
) -> Likeness:
    """Return how alike two people are; clearly other given names never make one person."""
    found = Likeness()
    _names(found, one, other, nicknames)
    _birth_dates(found, one, other)
    _sex(found, one, other)
    _reach(found, one, other)
    if found.others and not one.numbers & other.numbers:
        found.points = min(found.points, 0)
    return found


def _names(
    found: Likeness, one: Person, other: Person, nicknames: Mapping[str, frozenset[str]]
) -> None:
    if _bare(one.family) != _bare(other.family) and _swapped(one, other, nicknames):
        found.add("names swapped")
        return
    family, given = _family(one, other), _given(one, other, nicknames)
    parts = [what for what in (family, given) if what]
    found.points += sum(POINTS[what] for what in parts)
    found.reasons += _say_name([what for what in parts if POINTS[what] > 0])
    if given is None and _bare(one.given) and _bare(other.given):
        _tell_given(found, one, other)
    elif given and _same_middle(one, other):
        found.add("same middle name", said="")
    _suffixes(found, one, other)
    # Twins have one family name; another one with much the same given name is a marriage.
    twins = family != "other family name" and one.birth_date is not None
    twins = twins and one.birth_date == other.birth_date
    if twins and given in _UNSURE:
        found.points += POINTS["twins"]
        found.cautions.append("Could be twins: one birth date, and given names that differ.")


def _tell_given(found: Likeness, one: Person, other: Person) -> None:
    """Clearly other given names are two people, unless one is a newborn's who has none yet."""
    if _unnamed(one.given) == _unnamed(other.given):
        found.others = True
    else:
        found.cautions.append("One of them had no given name yet: a twin would look the same.")
        found.reasons.append("a newborn without a given name")


@lru_cache(20_000)
def _unnamed(given: str) -> bool:
    words = _bare(given).split()
    return words[0] in _UNNAMED - {"a", "b", "c", "of"} and _UNNAMED.issuperset(words)


def _same_middle(one: Person, other: Person) -> bool:
    mine, theirs = _bare(one.middle), _bare(other.middle)
    return len(mine) > 1 and mine == theirs


def _say_name(alike: list[str]) -> list[str]:
    """Where both parts of a name are alike, only that part is worth a word that differs."""
    differing = [what for what in alike if what not in ("same family name", "same given name")]
    if len(alike) == 2 and not differing:
        return ["same name"]
    return differing if len(alike) == 2 else alike


def _swapped(one: Person, other: Person, nicknames: Mapping[str, frozenset[str]]) -> bool:
    """Tell whether each family name is, or is part of, the other's given names, short or whole."""
    return bool(one.given and other.given) and all(
        _within(_bare(a.family), _bare(b.given), nicknames) for a, b in ((one, other), (other, one))
    )


def _within(one: str, other: str, nicknames: Mapping[str, frozenset[str]]) -> bool:
    """Tell whether the words of one name are all in the other, however many more that has."""
    mine, theirs = set(one.split()), set(other.split())
    if len(mine) > len(theirs):
        mine, theirs = theirs, mine
    return bool(mine) and all(
        word in theirs or nicknames.get(word, _NONE) & theirs for word in mine
    )


def _family(one: Person, other: Person) -> str:
    """Any name on file counts, so that somebody is found who married or hyphenated."""
    mine, theirs = _one_mac(name_tokens(one.family, "")), _one_mac(name_tokens(other.family, ""))
    if mine & (theirs | _one_mac(other.words)) or theirs & _one_mac(one.words):
        return "same family name"
    pairs = [(a, b) for a in _long(one.family) for b in _long(other.family)]
    if any(_close(a, b) for a, b in pairs):
        return "like family name"
    alike = any(_sounds(a, b) for a, b in pairs)
    return "family name sounds the same" if alike else "other family name"


def _one_mac(words: Iterable[str]) -> set[str]:
    """Return name words with one spelling of Mac and Mc, which nobody can hear."""
    return {_MAC.sub("mc", word) for word in words}


def _long(name: str) -> set[str]:
    """Return a name and those parts of it that say something by themselves."""
    return {name, *(word for word in fold(name).split() if len(word) > 3)}


def _given(one: Person, other: Person, nicknames: Mapping[str, frozenset[str]]) -> str | None:
    mine, theirs = _bare(one.given).split(), _bare(other.given).split()
    if not mine or not theirs:
        return None
    if mine == theirs or (mine[0] == theirs[0] and _told(one) == _told(other)):
        return "same given name"
    if mine[0] == theirs[0]:
        short = all(a.startswith(b) or b.startswith(a) for a, b in zip(mine, theirs, strict=False))
        return "same given name" if short else "one of the given names"
    if mine[0] in nicknames.get(theirs[0], ()) or theirs[0] in nicknames.get(mine[0], ()):
        return "nickname"
    if mine[0] in _told(other) or theirs[0] in _told(one):
        return "one of the given names"
    if 1 in (len(mine[0]), len(theirs[0])):
        return "same initial" if mine[0][0] == theirs[0][0] else None
    if _close(mine[0], theirs[0]):
        return "like given name"
    return "given name sounds the same" if _sounds(mine[0], theirs[0]) else None


def _told(person: Person) -> set[str]:
    """Return all words that the given names of somebody are told by, initials left out."""
    words = _bare(f"{person.given} {person.middle} {person.preferred}").split()
    return {word for word in words if len(word) > 1}


def _close(one: str, other: str) -> bool:
    """A name that only begins alike is another one: the whole of both must be near."""
    mine, theirs = _letters(one), _letters(other)
    return bool(mine and theirs) and likeness(mine, theirs) >= LIKE


def _sounds(one: str, other: str) -> bool:
    return bool(_heard(one) & _heard(other))


# One newcomer is compared with hundreds, a clinic with itself: the same names come again.
@lru_cache(20_000)
def _heard(name: str) -> frozenset[str]:
    return frozenset(key for key in sound_keys(name) if key.startswith("m:"))


@lru_cache(20_000)
def _letters(name: str) -> str:
    return fold_identifier(_said(name))[:LONGEST_WORD]


@lru_cache(20_000)
def _bare(name: str) -> str:
    return " ".join(word for word in fold(_said(name)).split() if word not in _SUFFIXES)


def _said(name: str) -> str:
    """Return a name in another script as it is mostly written in Latin letters."""
    return next(iter(in_latin(name)), name)


def _suffixes(found: Likeness, one: Person, other: Person) -> None:
    mine, theirs = (
        {word for word in fold(f"{p.family} {p.given}").split() if word in _SUFFIXES}
        for p in (one, other)
    )
    if mine != theirs:
        found.cautions.append("One of them is called Jr., Sr. or the like, the other is not.")
        if mine and theirs:
            found.add("other suffix")


def _birth_dates(found: Likeness, one: Person, other: Person) -> None:
    mine, theirs = one.birth_date, other.birth_date
    if mine is None or theirs is None:
        found.reasons.append("birth date unknown")
    elif mine == theirs:
        found.add("same birth date")
    elif misread(mine, theirs):
        found.add("birth date nearly the same")
    elif abs((mine - theirs).days) >= GENERATION:
        found.add("a generation apart")
        years = abs(mine.year - theirs.year)
        found.cautions.append(f"Could be parent and child of one name: born {years} years apart.")
    else:
        found.add("other birth date")


def misread(one: date, other: date) -> bool:
    """Tell whether two dates differ by one digit, two digits swapped, or day and month turned."""
    return misread_digits(one.strftime("%Y%m%d"), other.strftime("%Y%m%d"))


def slips_of_year(year: int) -> list[int]:
    """Return the years that differ from one by one of the last two digits, or by their order."""
    century, tens, units = year // 100 * 100, year // 10 % 10, year % 10
    found = {century + tens * 10 + n for n in range(10)} | {
        century + n * 10 + units for n in range(10)
    }
    return sorted((found | {century + units * 10 + tens}) - {year})


def misread_digits(mine: str, theirs: str) -> bool:
    """Tell the same of two dates written YYYYMMDD."""
    if mine[:4] == theirs[:4] and mine[4:6] == theirs[6:] and mine[6:] == theirs[4:6]:
        return True
    wrong = [n for n, (a, b) in enumerate(zip(mine, theirs, strict=True)) if a != b]
    if len(wrong) == 2 and wrong[1] == wrong[0] + 1:
        first, second = wrong
        return mine[first] == theirs[second] and mine[second] == theirs[first]
    return len(wrong) == 1


def _sex(found: Likeness, one: Person, other: Person) -> None:
    if "unknown" in (one.sex, other.sex):
        return
    if one.sex == other.sex:
        found.add("same sex", said="")
    else:
        found.add("other sex")
        found.cautions.append("The sex on the two records differs.")


def _reach(found: Likeness, one: Person, other: Person) -> None:
    if one.phones & other.phones:
        found.add("same phone")
    if one.email and one.email.casefold() == other.email.casefold():
        found.add("same e-mail")
    if one.address and one.address == other.address:
        found.add("same address")
    if _same_member(one, other):
        found.add("same member number")
    if one.numbers & other.numbers:
        found.add("same number elsewhere")


def _same_member(one: Person, other: Person) -> bool:
    """A payer is written in many ways; a long number is hardly given twice."""
    shared = one.members & other.members
    mine, theirs = ({number for _, number in person.members} for person in (one, other))
    return bool(shared) or any(len(number) >= _LONG_NUMBER for number in mine & theirs)

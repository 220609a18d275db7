"""What a person is found by: short clues, and the rows of the lookup tree that they give.

A clue is a letter for its kind and a word. All clues of a person, sorted and parted by blanks, are
one line of text, from which every row follows; so that rows are never kept that no clue gives.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from pcoord.domain.names import fold, fold_identifier, name_forms
from pcoord.domain.phones import national_digits

Row = tuple[str, str, str, int]
"""(kind, token, other, born): see the table `lookup_token`."""

FAMILY, GIVEN = "f", "g"
JOINED_FAMILY, JOINED_GIVEN = "F", "G"
OWN_PHONE, RELATED_PHONE = "p", "r"
BORN, NUMBER, EMAIL, ADDRESS, HOUSE, GONE = "d", "i", "e", "a", "h", "x"

LONGEST_NUMBER = 40
SHORTEST_DIGITS = 4
LONGEST_EMAIL = 80
MOST_ADDRESS_WORDS = 8
_DIGITS = re.compile(r"[0-9]+")
# What most streets share tells nobody apart.
COMMON_IN_ADDRESSES = frozenset(
    re.findall(
        r"\w+",
        """
        st street ave av avenue rd road dr drive ln lane blvd boulevard ct court pl place way apt
        unit suite ste fl floor hwy highway pkwy parkway cir circle ter terrace n s e w ne nw se sw
        north south east west po box the of
        """,
    )
)


def of_name(family: str | None, given: str | None, *, middle: str | None = None) -> set[str]:
    """Return the clues of one name of a person."""
    parts, joined = name_forms(family or "")
    found = _as(FAMILY, parts) | _as(JOINED_FAMILY, joined)
    parts, joined = name_forms(given or "")
    found |= _as(GIVEN, parts) | _as(JOINED_GIVEN, joined)
    return found | _as(GIVEN, name_forms(middle or "")[0])


def of_phone(digits: str | None, kind: str = OWN_PHONE) -> set[str]:
    """Return the ways a number is asked for: without its country code, last 7, last 4.

    A foreign one is also asked for with its code, and by its last 8, which are the local number of
    many cities; before a North American one stands a 1 only.
    """
    if not digits:
        return set()
    national = national_digits(digits)
    whole = () if "1" + national == digits else (digits, national[-8:])
    return _as(kind, {national, national[-7:], national[-4:], *whole})


def of_birth(year: int, month: int, day: int) -> set[str]:
    """Return the clue of a birth date."""
    return {f"{BORN}{year:04}{month:02}{day:02}"}


def of_number(value: str | None) -> set[str]:
    """Return the clues of a record, member or other number: also without the zeros before it."""
    whole = fold_identifier(value or "")[:LONGEST_NUMBER]
    return _as(NUMBER, {whole, whole.lstrip("0")})


def of_member_number(value: str | None) -> set[str]:
    """Return the clues of a member number: also without the letters before it, as some say it."""
    whole = fold_identifier(value or "")
    digits = whole.lstrip("abcdefghijklmnopqrstuvwxyz")
    return of_number(value) | (of_number(digits) if len(digits) >= SHORTEST_DIGITS else set())


def of_email(value: str | None) -> set[str]:
    """Return the clue of an e-mail address."""
    return _as(EMAIL, {"".join((value or "").casefold().split())[:LONGEST_EMAIL]})


def of_address(line: str | None, city: str | None, postal_code: str | None) -> set[str]:
    """Return the clues of an address: street, town and postal code; house numbers narrow only."""
    words = fold(" ".join(filter(None, (line, city)))).split()
    houses = {word for word in words if _DIGITS.match(word)}
    named = [w for w in words if w not in houses and w not in COMMON_IN_ADDRESSES and len(w) > 1]
    code = {fold_identifier(postal_code or "")[:10]}
    return _as(HOUSE, houses) | _as(ADDRESS, {*named[:MOST_ADDRESS_WORDS], *code})


def _as(kind: str, words: Iterable[str]) -> set[str]:
    return {kind + word for word in words if word}


def as_text(clues: Iterable[str]) -> str:
    """Return all clues of a person as one line."""
    return " ".join(sorted(clues))


@dataclass
class Person:
    """What somebody is found by, read from the line of clues. `id` is the patient's.

    `line` is what a list says of them (`domain.list_line`); None for who stands in none.

    Hundreds are made a key, so that it is not frozen, which would treble the cost; nobody changes
    one.
    """

    no: int
    id: str
    text: str
    line: str | None = None

    @cached_property
    def clues(self) -> dict[str, tuple[str, ...]]:
        """Return the words by the letter of their kind."""
        found: dict[str, list[str]] = {}
        for clue in self.text.split():
            found.setdefault(clue[0], []).append(clue[1:])
        return {kind: tuple(words) for kind, words in found.items()}

    def of(self, *kinds: str) -> Sequence[str]:
        """Return the words of some kinds."""
        return list(chain.from_iterable(self.clues.get(kind, ()) for kind in kinds))

    @cached_property
    def names(self) -> frozenset[str]:
        """Return every name word, joined forms included."""
        return frozenset(self.of(FAMILY, GIVEN, JOINED_FAMILY, JOINED_GIVEN))

    @cached_property
    def parts(self) -> frozenset[str]:
        """Return every name word by itself."""
        return frozenset(self.of(FAMILY, GIVEN))

    @cached_property
    def families(self) -> frozenset[str]:
        """Return the words of family names, former ones included."""
        return frozenset(self.of(FAMILY, JOINED_FAMILY))

    @property
    def born(self) -> int:
        """Return the birth date as YYYYMMDD, 0 when it is unknown."""
        return int(next(iter(self.clues.get(BORN, ())), "0"))

    @property
    def gone(self) -> bool:
        """Tell whether the person has died or is no patient any more."""
        return f" {GONE}" in f" {self.text}"


def rows(text: str) -> set[Row]:
    """Return the rows of the lookup tree that a line of clues gives."""
    who = Person(0, "", text)
    born, families = who.born, who.clues.get(FAMILY, ())
    found = {("n", word, "", born) for word in who.names}
    found |= {("b", one, other, born) for one, other in _pairs(who)}
    phones = who.of(OWN_PHONE, RELATED_PHONE)
    for kind, words in (("p", phones), ("i", who.of(NUMBER)), ("e", who.of(EMAIL))):
        found |= {(kind, word, "", born) for word in words}
    found |= {("d", word, "", born) for word in who.of(BORN)}
    found |= {
        ("a", word, family, born) for word in who.of(ADDRESS) for family in families[:2] or ("",)
    }
    return found


def _pairs(who: Person) -> Iterable[tuple[str, str]]:
    """Return two name words of a person in either order: what is typed in one breath."""
    families, givens = who.of(FAMILY), who.of(GIVEN)
    for one in who.of(FAMILY, JOINED_FAMILY):
        for other in givens:
            if one != other:
                yield from ((one, other), (other, one))
    for one in who.of(JOINED_GIVEN):
        for other in families:
            yield from ((one, other), (other, one))
    for parts in (families, givens):
        yield from ((a, b) for a in parts for b in parts if a != b and len(a) > 1 < len(b))


def words_of(text: str) -> frozenset[str]:
    """Return the name words of a line of clues, for their sound keys."""
    return Person(0, "", text).names

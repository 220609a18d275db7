"""Headings of the columns about who pays, read word by word: systems name them in many ways.

"Primary Insurance Policy Number", "sec ins id no", "Ins 2": which coverage, and what of it.
"""

import re
from collections.abc import Iterable

PLACES = (1, 2, 3)
"""The coverages of one row: billed first, second, third."""

FIELDS = ("payor", "subscriber_id", "group_number")

_RANKS = {
    **dict.fromkeys(("primary", "prim", "pri", "first", "1st", "1"), 1),
    **dict.fromkeys(("secondary", "second", "sec", "2nd", "2"), 2),
    **dict.fromkeys(("tertiary", "third", "tert", "ter", "3rd", "3"), 3),
}


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text))


_PAYER = _words("insurance ins insurer payer payor carrier")
_PLAN = _words("plan coverage")
_HOLDER = _words("member mbr subscriber subscr sub insured policy cert certificate")
_GROUP = _words("group grp")
_NUMBER = _words("id number no num nbr")
_NAME = _words("name nm company co pkg package title")
_BESIDE = _words("patient pt current health medical policy plan coverage")
_ALL = _PAYER | _PLAN | _HOLDER | _GROUP | _NUMBER | _NAME | _BESIDE


def keyed(name: str, place: int) -> str:
    """Return the field of a row for the coverage in that place: payor, payor_2, payor_3."""
    return name if place == 1 else f"{name}_{place}"


def coverage_field(words: Iterable[str]) -> str | None:
    """Return the field that the words of a heading name, None for any other heading."""
    said = [word.casefold() for word in words]
    ranks = [_RANKS[word] for word in said if word in _RANKS]
    rest = frozenset(word for word in said if word not in _RANKS)
    if not rest or len(ranks) > 1 or not rest <= _ALL:
        return None
    name = _part(rest, ranked=bool(ranks))
    return keyed(name, ranks[0] if ranks else 1) if name else None


def _part(words: frozenset[str], *, ranked: bool) -> str | None:
    numbered, named = words & _NUMBER, words & _NAME
    if words & _GROUP:
        return None if named else "group_number"
    if numbered:
        whose = words & (_HOLDER | {"insurance", "ins"})
        return "subscriber_id" if whose and not named else None
    if words & (_HOLDER - {"policy"}):
        return None  # the name of the holder
    if words & _PAYER or (words & _PLAN and (ranked or named)):
        return "payor" if named or "policy" not in words else "subscriber_id"
    return "subscriber_id" if "policy" in words and ranked else None

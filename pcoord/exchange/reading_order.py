"""The order in which pieces of a printed line are drawn when some are read from the right.

A sheet is read from the left, and so are the fields of one line ("family, given, number"); inside
a field, whose first letter gives its direction, the Unicode Bidirectional Algorithm (UAX #9) says
what stands where.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import TypeVar

T = TypeVar("T")
Split = Callable[[str], Iterable[tuple[T, str]]]

_FIELDS = re.compile(r"(, | {2,})")
_FROM_RIGHT = ("R", "AL")
_MIRRORED = str.maketrans("()[]{}<>«»‹›", ")(][}{><»«›‹")


def has_right_to_left(text: str) -> bool:
    """Tell whether some letter is read from the right."""
    return not text.isascii() and any(map(_from_right, text))


def drawing_order(text: str, split: Split[T]) -> Iterator[tuple[T, str]]:
    """Yield the pieces from left to right, each as `split` parts it by font, letters as typed.

    A piece of letters read from the right is turned by whoever draws it; one of signs only, such
    as brackets in another font, comes turned and mirrored.
    """
    for field in _FIELDS.split(text):
        yield from _ordered(field, split) if has_right_to_left(field) else split(field)


def _ordered(field: str, split: Split[T]) -> Iterator[tuple[T, str]]:
    rows = [
        (level, key, piece)
        for level, stretch in groupby(zip(_levels(field), field, strict=True), lambda one: one[0])
        for key, piece in split("".join(letter for _, letter in stretch))
    ]
    for lowest in range(max(level for level, _, _ in rows), 0, -1):
        rows = _turned(rows, lowest)
    for level, key, piece in rows:
        turned = level % 2 == 1 and not any(map(_from_right, piece))
        yield key, piece[::-1].translate(_MIRRORED) if turned else piece


def _turned(rows: list[tuple[int, T, str]], lowest: int) -> list[tuple[int, T, str]]:
    """Turn round what stands together at this level or a higher one (UAX #9, rule L2)."""
    found: list[tuple[int, T, str]] = []
    for high, stretch in groupby(rows, lambda row: row[0] >= lowest):
        together = list(stretch)
        found += reversed(together) if high else together
    return found


def _levels(text: str) -> list[int]:
    """Return the embedding level of each character; a joiner has that of what is before it."""
    from fpdf.bidi import BidiParagraph

    found = BidiParagraph(text).get_characters_with_embedding_level()
    known = {one.character_index: one.embedding_level for one in found}
    levels: list[int] = []
    for place in range(len(text)):
        levels.append(known.get(place, levels[-1] if levels else 0))
    return levels


def _from_right(character: str) -> bool:
    return unicodedata.bidirectional(character) in _FROM_RIGHT

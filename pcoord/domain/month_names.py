"""The names of the months as callers say them, in English and in Spanish."""

from pcoord.domain.day_words import MONTH_WORDS

_SPANISH = {
    "enero": 1,
    "febrero": 2,
    "marzo": 3,
    "abril": 4,
    "mayo": 5,
    "junio": 6,
    "julio": 7,
    "agosto": 8,
    "septiembre": 9,
    "setiembre": 9,
    "octubre": 10,
    "noviembre": 11,
    "diciembre": 12,
    "ene": 1,
    "abr": 4,
    "ago": 8,
    "set": 9,
    "dic": 12,
}
MONTHS = MONTH_WORDS | _SPANISH
"""Each name and each short one, in small letters, and its number."""

ANY = "(?:" + "|".join(sorted(MONTHS, key=len, reverse=True)) + ")"
"""A regular expression for any of them."""

SHORTEST_NAME = 4
"""Names of fewer letters (mar, jun) begin many people's names too."""


def month(word: str) -> int:
    """Return the number of a month by its name."""
    return MONTHS[word.casefold().rstrip(".")]

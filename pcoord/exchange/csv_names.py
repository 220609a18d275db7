"""Takes names in a table apart: family and given names, suffixes, and what somebody is called."""

import re

from pcoord.domain.names import tidy_name
from pcoord.exchange.csv_dates import Unreadable

SUFFIXES = {"jr", "sr", "ii", "iii", "iv", "v", "2nd", "3rd", "esq", "md", "phd"}
PARTICLES = {
    *("de", "la", "las", "los", "del", "da", "dos", "van", "von", "der", "den", "di", "du"),
    *("le", "st", "st.", "san", "santa", "bin", "ben", "ibn", "abu", "al", "el", "mac", "o"),
}
NICKNAME = re.compile(r"\(([^()]+)\)|[\"“]([^\"“”]+)[\"”]")


def nickname(given: str, middle: str | None) -> tuple[str, str | None, str | None]:
    """Return given names, middle name, and what stood among them in brackets: Ann (Annie)."""
    whole = f"{given} {middle or ''}"
    found = NICKNAME.search(whole)
    if not found:
        return given, middle, None
    called = next(filter(None, found.groups()))
    if NICKNAME.search(given):
        return " ".join(NICKNAME.sub(" ", given).split()), middle, tidied(called)
    return given, " ".join(NICKNAME.sub(" ", middle or "").split()) or None, tidied(called)


def tidy_whole_name(text: str, order: str | None) -> tuple[str, str, str | None, str | None]:
    """Return the parts of a whole name, tidied; raise Unreadable when it is unclear."""
    family, given, middle, suffix = split_name(text, order)
    family, given, more = (
        tidied(part) if says_a_name(part) else "" for part in (family, given, middle or "")
    )
    if not family and not given:
        raise Unreadable("there is no name")
    return (family, given, more or None, suffix) if family else (given, "", more or None, suffix)


def says_a_name(cell: str) -> bool:
    """Tell whether a cell has anything that a name is made of; "-", "?" and "n/a" have not."""
    return any(letter.isalnum() for letter in cell) and cell.casefold() != "n/a"


def tidied(name: str) -> str:
    """Return a name all in capitals or all in small letters as it is usually written."""
    return tidy_name(name.upper() if name.islower() else name)


def split_name(text: str, order: str | None) -> tuple[str, str, str | None, str | None]:
    """Return family, given, middle and suffix of a whole name; raise Unreadable when it is unclear.

    "Last, First M" is clear by its comma; without one `order` has to say what comes first.
    """
    text, suffix = without_suffix(text)
    family, comma, rest = (part.strip() for part in text.partition(","))
    if comma and family:
        rest, tail = without_suffix(rest)
        family, inner = without_suffix(family)
        given, _, middle = rest.partition(" ")
        return family, given, middle.strip() or None, suffix or inner or tail
    words = text.replace(",", " ").split()
    if len(words) < 2:
        return " ".join(words) or text, "", None, suffix
    if order == "family-first":
        return words[0], words[1], " ".join(words[2:]) or None, suffix
    if order != "given-first":
        raise Unreadable(
            f'it is unclear which part of "{text[:60]}" is the family name. Write '
            'name_order = "given-first" or name_order = "family-first" in the mapping file'
        )
    cut = len(words) - 1
    while cut > 1 and words[cut - 1].casefold() in PARTICLES:
        cut -= 1
    return " ".join(words[cut:]), words[0], " ".join(words[1:cut]) or None, suffix


def without_suffix(text: str) -> tuple[str, str | None]:
    """Return a name without Jr, III and the like, and what was taken off."""
    head, _, tail = text.rpartition(" ")
    if head and tail.strip(".,").casefold() in SUFFIXES:
        return head.rstrip(" ,"), tidy_suffix(tail.strip(","))
    return text, None


def tidy_suffix(word: str) -> str:
    """Return a suffix as it is written: Jr, III, MD."""
    plain = word.strip(".").casefold()
    if plain in {"jr", "sr", "esq"}:
        return word.capitalize()
    return word.upper() if plain in {"ii", "iii", "iv", "v", "md"} else word

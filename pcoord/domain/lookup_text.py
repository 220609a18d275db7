"""A typed or pasted query as it is read: plain digits, blanks and marks, without what says nothing.

Tables, letters and other programs put more around a clue than people type: brackets, quotes, the
time of day behind a birth date, characters that show nothing.
"""

import re
import unicodedata
from functools import lru_cache

from pcoord.domain import month_names
from pcoord.domain.text import scrub

LONGEST_QUERY = 300
"""Nobody looks for more characters; what a book on the keyboard types would take minutes."""

INVISIBLE = re.compile("[\x00-\x08\x0e-\x1f\x7f\xad\u200b-\u200f\u2060\ufeff]")
_BLANKS = dict.fromkeys((*range(0x09, 0x0E), *range(0x1C, 0x20)), " ")
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-")
_QUOTES = dict.fromkeys(map(ord, '"“”„«»<>[]{}|,;!?'), " ")
_FULL_STOP = re.compile(r"(?<=\d{4})\.(?!\S)", re.ASCII)
_BRACKETS = re.compile(r"(\(\+?\d{1,4}(?:\)|$))|[()]", re.ASCII)
# An age in brackets stands behind a birth date in many lists.
_AGE = re.compile(r"\((\d{1,2})\)(?! ?\d)", re.ASCII)
# +44 (0)20: nobody dials that 0 behind the country's code.
_TRUNK_ZERO = re.compile(r"(\+\d{1,3}) ?\(0\) ?", re.ASCII)
_MAIL = re.compile(r"\bmailto:|(?<=\w) ?@ ?(?=[\w-]+\.\w)", re.ASCII | re.IGNORECASE)
_CLOCK = re.compile(
    r"(?<=\d)[T ] ?\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?(?: ?[ap]\.?m\.?)?(?:Z|[+-]\d\d:?\d\d)?(?!\S)",
    re.ASCII | re.IGNORECASE,
)
_DATE = r"(?<![\w/.-])(?:\d{4}[/.-]\d{1,2}[/.-]\d{1,2}|\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d\d))"
_TIMED = re.compile(rf"({_DATE}){_CLOCK.pattern}", re.ASCII | re.IGNORECASE)
_APART = re.compile(r"(?<!\S)(\d{1,4})(?: ?([/.-]) ?)(\d{1,2})(?: ?\2 ?)(\d{1,4})(?!\S)", re.ASCII)
# The year, month and day of Chinese and Japanese, and of Korean dates.
_SIGNED = re.compile(r"(\d{4}) ?[年년] ?(\d{1,2}) ?[月월] ?(\d{1,2}) ?[日일]", re.ASCII)
# What other programs' screens write before a field; the sex is looked for nowhere.
_LABEL = re.compile(
    r"(?<!\S)(?:(?:sex|gender)[:=] ?\w+(?!\S)"
    r"|(?:(?:last|first|middle|family|given|full|patient) ?)?"
    r"(?:name|patient|pt|client|caller|surname|e-?mail|address|addr|notes?)[:=] ?)",
    re.IGNORECASE,
)
_CALLED = re.compile(
    r"(?<!\S)(?:telephone|tel|phone|ph|cell|mobile|fax)(?: (?:no|number))?[.:#=-]* ?(?=[+(]?\d)",
    re.IGNORECASE,
)
_MONTH_DAY = rf"\d|--\d|{month_names.ANY}\.? \d"
_BORN = re.compile(
    r"(?<!\S)(?:(?:dob|d\.o\.b|born(?: on)?|b\.|(?:date of )?birth(?: ?da(?:y|te))?|bday|birthdate)"
    rf"[.:=-]* ?)(?={_MONTH_DAY})",
    re.IGNORECASE,
)


_TITLE = re.compile(r"(?:(?:mr|mrs|ms|miss|mx|dr|prof|mister|doctor)\b\.? +)+(?=\w)", re.IGNORECASE)


def without_title(text: str) -> str:
    """Return a name without the title before it, which is no part of it (Mrs. Taylor)."""
    title = _TITLE.match(text)
    return text[title.end() :] if title else text


@lru_cache(64)  # one query is read in several ways
def plain(text: str) -> str:
    """Return a query in one line of plain blanks, digits and marks; never longer than is read."""
    text = scrub(text[: 2 * LONGEST_QUERY].translate(_BLANKS))[:LONGEST_QUERY]
    if not text.isascii():
        text = _ascii_digits(unicodedata.normalize("NFKC", text)).translate(_DASHES)
        text = _SIGNED.sub(r"\1-\2-\3", text)
    if not text.replace(" ", "").isalnum():
        text = _unmarked(text)
    return " ".join(_CALLED.sub(" ", _BORN.sub(" ", text)).split())


def _unmarked(text: str) -> str:
    text = _AGE.sub(r" \1y ", _TRUNK_ZERO.sub(r"\1 ", text.translate(_QUOTES)))
    text = _LABEL.sub(" ", text)
    text = _FULL_STOP.sub("", _BRACKETS.sub(r"\1 ", text))
    text = _MAIL.sub(lambda match: "@" if "@" in match[0] else "", text)
    text = _TIMED.sub(r"\1", " ".join(text.split()))
    return _APART.sub(_one_date, text)


def _one_date(match: re.Match[str]) -> str:
    """Write the numbers of a date together that stand apart (3 / 13 / 1991, 13. 3. 1991)."""
    first, mark, second, third = match.groups()
    dated = len(first) == 4 or len(third) in (2, 4)
    return mark.join((first, second, third)) if dated else match[0]


def _ascii_digits(text: str) -> str:
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)

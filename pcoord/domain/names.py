"""Names as people are looked up by: folding, tokens, sounds, closeness, and the typed query."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from pcoord.domain.dates import birth_clues, parse_birth_date
from pcoord.domain.errors import BadUsage

LONGEST_WORD = 40
NO_NICKNAMES: Mapping[str, Iterable[str]] = {}

_APOSTROPHES = re.compile("['’‘‛ʼʻ`´′＇.·]")
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i"}
    | {"ħ": "h", "ŧ": "t", "ŋ": "n", "ə": "e", "ß": "ss", "ĸ": "k"}
)
# The other common spelling of these letters, as in Mueller for Müller.
_SPELT_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
_LOWER_PARTICLES = frozenset(
    re.findall(r"\w+", "de la las los del der den dos das du da di von y bin ibn")
)
_PARTICLES = _LOWER_PARTICLES | {"al", "el", "do", "le", "van", "e"}
_SHORT_PREFIX = re.compile(r"(?<!\w)(?:o|d|l|m)['’‘ʼʻ`´](?=\w{3})", re.IGNORECASE)
_NUMERALS = frozenset({"II", "III", "IV", "VI", "VII", "VIII"})

_PHONE = re.compile(
    r"\+\d[\d ().-]{5,18}\d|(?:1[ .-]?)?\(\d{3}\) ?\d{3}[ .-]?\d{1,4}(?!\d)"
    r"|(?<![\w/.-])(?:(?:1[ .-])?\d{3}[ .-])?\d{3}[ .-]\d{4}(?![\w/])",
    re.ASCII,
)
_LONG_DATE = re.compile(
    r"(?<!\S)(?:\d{1,2}(?:st|nd|rd|th)? [a-z]{3,9}\.?|[a-z]{3,9}\.? \d{1,2}(?:st|nd|rd|th)?),?"
    r" '?(?:\d{4}|\d{2})(?!\S)",
    re.ASCII | re.IGNORECASE,
)
_NUMBERED = re.compile(r"(?<!\S)(?:(?:mrn|record)[.:#]* ?|#) ?(\w*\d[\w-]*)", re.IGNORECASE)
_BORN = re.compile(r"(?<!\S)(?:dob|born|b\.)[:.]? ?(?=\d)", re.IGNORECASE)
_AGE = re.compile(r"\d+(y|yo|yrs?)", re.IGNORECASE)
_EMAIL = re.compile(r"[^\s@,;<>]+@[^\s@,;<>]*")


@dataclass
class Lookup:
    """What a typed query may mean.

    All of `names` must fit. A bare number stands under each of its readings (`digits`,
    `identifiers`, `years`, `birth_date`): any one of them may be meant. `words` pairs what was
    typed with what it was taken for.
    """

    names: list[str] = field(default_factory=list)
    years: tuple[int, ...] = ()
    birth_date: date | None = None
    digits: list[str] = field(default_factory=list)
    identifiers: list[str] = field(default_factory=list)
    email: str | None = None
    words: list[tuple[str, str]] = field(default_factory=list)

    @property
    def year(self) -> int | None:
        """Return the likeliest birth year."""
        return self.years[0] if self.years else None


def fold(text: str) -> str:
    """Return text as names are compared: no marks, case or apostrophes; words apart by a blank."""
    plain = _APOSTROPHES.sub("", unicodedata.normalize("NFKD", text).casefold())
    plain = unicodedata.normalize("NFKD", plain.translate(_LETTERS))
    kept = (c if c.isalnum() else " " for c in plain if unicodedata.category(c) != "Mn")
    return unicodedata.normalize("NFC", " ".join("".join(kept).split()))


def fold_identifier(value: str) -> str:
    """Return a record number as it is compared: letters and digits only, in lower case."""
    return fold(value).replace(" ", "")


def name_tokens(
    family: str,
    given: str,
    others: Iterable[str] = (),
    *,
    nicknames: Mapping[str, Iterable[str]] = NO_NICKNAMES,
) -> set[str]:
    """Return every word a person may be looked up by.

    Parts, joined forms (O'Brien: obrien, brien; al-Hassan: alhassan, hassan) and the nicknames of
    given names, from groups by folded name.
    """
    found = {token for name in (family, given, *others) for token in _tokens(name)}
    for token in _tokens(given) if nicknames else ():
        found |= {fold_identifier(other) for other in nicknames.get(token, ())}
    return {token for token in found if token}


@lru_cache(4096)
def _tokens(name: str) -> frozenset[str]:
    found: set[str] = set()
    for spelling in {name, unicodedata.normalize("NFC", name).casefold().translate(_SPELT_OUT)}:
        found |= _joined(fold(spelling).split())
        found |= _joined(fold(_SHORT_PREFIX.sub("", spelling)).split())
    return frozenset(token[:LONGEST_WORD] for token in found)


def _joined(parts: list[str]) -> set[str]:
    """Return the parts and, where they belong together, their joined forms."""
    if not parts:
        return set()
    words = {part for part in parts if part not in _PARTICLES} or set(parts)
    after_particle = {"".join(parts[n:]) for n, p in enumerate(parts) if p in _PARTICLES}
    return words | after_particle | {"".join(parts)}


def sound_keys(token: str) -> set[str]:
    """Return the keys that names sounding or spelt alike share.

    `m:` and the metaphone code; `d:` and the token, also with each one letter left out.
    """
    word = fold_identifier(token)[:LONGEST_WORD]
    if not word:
        return set()
    keys = {"d:" + word} | {"d:" + word[:n] + word[n + 1 :] for n in range(len(word))}
    if word.isascii() and word.isalpha():
        from jellyfish import metaphone

        keys.add("m:" + metaphone(word))
    return keys - {"m:", "d:"}


def closeness(typed: str, name: str) -> float:
    """Return from 0 to 1 how near typed letters are to a name; a good beginning counts too."""
    word, whole = fold_identifier(typed)[:LONGEST_WORD], fold_identifier(name)[:LONGEST_WORD]
    if not word or not whole:
        return 0.0
    if word == whole:
        return 1.0
    return max(_likeness(word, whole), 0.95 * _likeness(word, whole[: len(word)]))


def _likeness(one: str, other: str) -> float:
    from jellyfish import damerau_levenshtein_distance, jaro_winkler_similarity

    edits = damerau_levenshtein_distance(one, other) / max(len(one), len(other))
    return (jaro_winkler_similarity(one, other) + 1 - edits) / 2


def parse_lookup(text: str, today: date, order: str = "mdy") -> Lookup:
    """Read a lookup query: names, birth date or year, age, phone, record number, email."""
    found = Lookup()
    whole = rest = _BORN.sub(" ", " ".join(text.split()))
    for pattern, take in _TAKERS:
        rest = pattern.sub(lambda m, take=take: take(found, m, today, order), rest)  # type: ignore[misc]
    for word in rest.replace(",", " ").replace(";", " ").split():
        _take_word(found, word, today, order)
    found.words.sort(key=lambda pair: whole.find(pair[0]))
    return found


def _take_email(found: Lookup, match: re.Match[str], today: date, order: str) -> str:
    found.email = match[0].casefold()
    found.words.append((match[0], "email"))
    return " "


def _take_identifier(found: Lookup, match: re.Match[str], today: date, order: str) -> str:
    found.identifiers.append(fold_identifier(match[1]))
    found.words.append((match[0], "number"))
    return " "


def _take_long_date(found: Lookup, match: re.Match[str], today: date, order: str) -> str:
    try:
        found.birth_date = parse_birth_date(match[0], today=today, order=order)
    except BadUsage:
        return match[0]
    found.words.append((match[0], "birth date"))
    return " "


def _take_phone(found: Lookup, match: re.Match[str], today: date, order: str) -> str:
    found.digits.append(re.sub(r"\D", "", match[0]))
    found.words.append((match[0], "phone"))
    return " "


_TAKERS = (
    (_EMAIL, _take_email),
    (_NUMBERED, _take_identifier),
    (_LONG_DATE, _take_long_date),
    (_PHONE, _take_phone),
)


def _take_word(found: Lookup, word: str, today: date, order: str) -> None:
    taken = _birth_readings(found, word, today, order) + _number_readings(found, word)
    if not any(c.isdecimal() for c in word) or (_may_be_name(word) and "birth date" not in taken):
        names = fold(word).split()
        found.names += names
        taken += ["name"] if names else []
    elif not taken:
        # A date or number that is still being typed; it narrows nothing yet.
        taken = ["unfinished"]
    if taken:
        found.words.append((word, " or ".join(taken)))


def _may_be_name(word: str) -> bool:
    """Tell whether a word with digits could be a name too; an age like 62y is none."""
    return any(c.isalpha() for c in word) and not _AGE.fullmatch(word)


def _birth_readings(found: Lookup, word: str, today: date, order: str) -> list[str]:
    clue = birth_clues(word, today=today, order=order)
    if clue is None:
        return []
    if clue.date:
        found.birth_date = clue.date
        return ["birth date"]
    found.years = clue.years
    return ["age" if clue.age is not None else "year"]


def _number_readings(found: Lookup, word: str) -> list[str]:
    """A bare number may be a record number, and from 3 digits on a part of a phone number."""
    digits = "".join(c for c in word if c in "0123456789")
    if not digits or _dated(word):
        return []
    if any(c.isalpha() for c in word):
        return _mixed_reading(found, word)
    taken = []
    if word == digits and len(digits) <= 8:
        found.identifiers.append(digits)
        taken.append("number")
    if len(digits) > 2:
        found.digits.append(digits)
        taken.append("phone")
    return taken


def _dated(word: str) -> bool:
    """Tell whether the marks in a word are those of a date or a year."""
    return re.search(r"[/']|\d[.-]\d{1,2}[.-]", word) is not None


def _mixed_reading(found: Lookup, word: str) -> list[str]:
    if not _may_be_name(word):
        return []
    found.identifiers.append(fold_identifier(word))
    return ["number"]


def tidy_name(text: str) -> str:
    """Return a shouted name in ordinary capitals (SMITH: Smith, MCDONALD: McDonald).

    Names typed with small letters stay as they are, and so do digits.
    """
    words = text.split()
    shouted = all(word == word.upper() for word in words)
    last = len(words) - 1
    return " ".join(_tidy_word(word, shouted, n < last) for n, word in enumerate(words))


def _tidy_word(word: str, shouted: bool, more: bool) -> str:
    if shouted and more and word.casefold() in _LOWER_PARTICLES:
        return word.lower()
    loud = [part for part in re.split(r"[-'’]", word) if _is_loud(part, 2 if shouted else 3)]
    if not loud or word in _NUMERALS:
        return word
    return "".join(
        part if part in _NUMERALS else _capital(part) for part in re.split(r"([-'’])", word)
    )


def _is_loud(part: str, least: int) -> bool:
    body = part[2:] if part.startswith("Mc") else part
    return len(body) >= least and body == body.upper() != body.lower()


def _capital(part: str) -> str:
    low = part.lower()
    if low.startswith("mc") and len(low) > 3:
        return "Mc" + low[2:].capitalize()
    return low.capitalize()


def odd_name(text: str) -> bool:
    """Tell whether a name holds what names seldom do: digits, symbols, or no letter at all."""
    plain = unicodedata.normalize("NFC", text)
    if not any(c.isalpha() for c in plain):
        return True
    return any(not (c.isalpha() or c in " -'’ʻʼ.,·()\u200c\u200d" or _is_mark(c)) for c in plain)


def _is_mark(character: str) -> bool:
    return unicodedata.category(character).startswith("M")

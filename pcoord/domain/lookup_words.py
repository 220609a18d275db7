"""The typed query of a lookup: what each word may mean."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from pcoord.domain import ages
from pcoord.domain.clues import COMMON_IN_ADDRESSES
from pcoord.domain.dates import BirthClue, birth_clues, parse_birth_date
from pcoord.domain.errors import BadUsage
from pcoord.domain.names import fold, fold_identifier
from pcoord.domain.other_scripts import in_latin

_PHONE = re.compile(
    r"\+\d[\d ().-]{5,18}\d|(?:1[ .-]?)?\(\d{3}\) ?\d{3}[ .-]?\d{1,4}(?!\d)"
    r"|(?<![\w/.-])(?:(?:1[ .-])?\d{3}[ ./-])?\d{3}[ .-]\d{4}(?![\w/])",
    re.ASCII,
)
# Groups as other countries write them (20 7946 0018, 612 34 56 78): too many digits for a date.
_GROUPS = re.compile(r"(?<![\w/.-])\d{2,4}(?:[ .-]\d{2,4}){2,5}(?![\w/]|[ .-]\d)", re.ASCII)
_TRUNK = re.compile(r"(?<![\w/.-])0\d{1,4}(?:[ .-]\d{2,4}){2,4}(?![\w/]|[ .-]\d)", re.ASCII)
_WHOLE = range(9, 16)
# Groups of a member number; a year, or two digits of one, is none.
_GROUP = r"(?!(?:19|20)\d\d(?!\S))(?=[a-z-]*\d)[a-z\d-]{3,}"
_MIXED_GROUPS = re.compile(
    rf"(?<!\S)(?:[a-z]{{1,4}}|{_GROUP})(?: {_GROUP})+(?!\S)", re.ASCII | re.IGNORECASE
)
_SPACED_DATE = re.compile(
    r"(?<!\S)(?:\d{1,2} \d{1,2} (?:\d{4}|\d{2})|(?:19|20)\d\d \d{1,2} \d{1,2})(?!\S)", re.ASCII
)
_EXTENSION = re.compile(r"(?<=\d{4})[ ,]*(?:ext(?:ension)?\b\.?|x) ?\d{1,6}(?!\S)", re.IGNORECASE)
_LONG_DATE = re.compile(
    r"(?<!\S)(?:\d{1,2}(?:st|nd|rd|th)? [a-z]{3,9}\.?|[a-z]{3,9}\.?[ -]\d{1,2}(?:st|nd|rd|th)?),?"
    r"[ -]'?(?:\d{4}|\d{2})(?!\S)",
    re.ASCII | re.IGNORECASE,
)
_NUMBERED = re.compile(
    r"(?<!\S)(?:(?:mrn|record|chart|member|policy|id)(?: (?:no|number|id))?[.:#]* ?|#) ?"
    r"(\w*\d[\w-]*)(?!\S)",
    re.IGNORECASE,
)
_CALLED = re.compile(
    r"(?<!\S)(?:telephone|tel|phone|ph|cell|mobile)(?: (?:no|number))?[.:#]* ?(?=[+(]?\d)",
    re.IGNORECASE,
)
_BORN = re.compile(r"(?<!\S)(?:dob|born|b\.)[:.]? ?(?=\d)", re.IGNORECASE)
_EMAIL = re.compile(r"[^\s@,;<>]+@[^\s@,;<>]*")
_THREE_GROUPS = re.compile(r"(\d{1,4})[/.-](\d{1,2})[/.-](\d{1,4})", re.ASCII)
_SHORT_YEAR_FIRST = re.compile(r"(3[2-9]|[4-9]\d)[/.-](\d{1,2})[/.-](\d{1,2})", re.ASCII)
_POSTAL = 5
_SHORTEST_TRUNK = 8
_YEAR = 4
_LONGEST_UNSPACED = 6
_TITLES = frozenset(
    re.findall(
        r"\w+", "mr mrs ms miss mx dr prof sir madam sr sra srta don dona dona herr frau mme"
    )
)
LONGEST_QUERY = 300
"""Nobody looks for more characters; what a book on the keyboard types would take minutes."""

Reading = tuple[str, str]
"""What a word may mean, and the value in that meaning.

Meanings: name, year, month (YYYYMM), birth date (YYYYMMDD), odd date (eight digits that are no
day), phone, number (a record or member number), email, address.
"""


@dataclass(frozen=True)
class Typed:
    """One typed word and all that it may mean; any one of these is enough."""

    text: str
    readings: tuple[Reading, ...]

    def means(self, kind: str) -> list[str]:
        """Return the values of this word in one of its meanings."""
        return [value for meaning, value in self.readings if meaning == kind]


@dataclass
class Lookup:
    """What a typed query may mean.

    All of `names` must fit. A bare number stands under each of its readings (`digits`,
    `identifiers`, `years`, `birth_date`): any one of them may be meant. `words` pairs what was
    typed with what it was taken for; `typed` has every reading of every word.
    """

    names: list[str] = field(default_factory=list)
    years: tuple[int, ...] = ()
    birth_date: date | None = None
    digits: list[str] = field(default_factory=list)
    identifiers: list[str] = field(default_factory=list)
    email: str | None = None
    words: list[tuple[str, str]] = field(default_factory=list)
    typed: list[Typed] = field(default_factory=list)

    @property
    def year(self) -> int | None:
        """Return the likeliest birth year."""
        return self.years[0] if self.years else None

    @property
    def born(self) -> str:
        """Return the eight digits typed for a birth date, even of no real day; or nothing."""
        kinds = ("birth date", "odd date")
        return next((v for word in self.typed for k, v in word.readings if k in kinds), "")

    def take(self, text: str, said: str, *readings: Reading) -> None:
        """Note a word, what it is said to be taken for, and all that it may mean."""
        if said:
            self.words.append((text, said))
        if readings:
            self.typed.append(Typed(text, readings))


def parse_lookup(text: str, today: date, order: str = "mdy") -> Lookup:
    """Read a lookup query: names, birth date or year, age, phone, record number, email."""
    found = Lookup()
    whole = " ".join(text[:LONGEST_QUERY].split())
    whole = rest = _CALLED.sub(" ", _BORN.sub(" ", whole))
    for pattern, take in _TAKERS:
        rest = pattern.sub(lambda m, take=take: take(found, m, today, order), rest)  # type: ignore[misc]
    for word in rest.replace(",", " ").replace(";", " ").split():
        _take_word(found, word, today, order)
    found.words.sort(key=lambda pair: whole.find(pair[0]))
    return found


def respaced(text: str) -> list[str]:
    """Return a query anew with other blanks, as it may be meant where nobody fits as it stands.

    Titles are no names (Mrs. Taylor). A member number is read out in groups (HMX 4471 902, 1EG4
    TE5 MK72). Names in Chinese characters and in Hangul are written in one (王小明, 김민수); family
    names of two characters are rare. A name in another script may be on file in Latin letters
    (Иванов: Ivanov).
    """
    words = text.split()
    apart = [
        " ".join([*words[:n], word[:length], word[length:], *words[n + 1 :]])
        for length in (1, 2)
        for n, word in enumerate(words)
        if length < len(word) <= _LONGEST_UNSPACED and all(map(_is_unspaced, word))
    ]
    in_latin_letters = [other for one in (text, *apart) for other in _latin(one)]
    plain = [word for word in words if fold_identifier(word) not in _TITLES]
    untitled = [" ".join(plain)] if plain and len(plain) < len(words) else []
    return _grouped(words) + apart + in_latin_letters + untitled + _addressed(words)


def _addressed(words: Sequence[str]) -> list[str]:
    """Return an address without the words that most addresses have (12 n Main St, po box 7)."""
    if not any(word[0].isdecimal() for word in words):
        return []
    kept = [word for word in words if fold_identifier(word) not in COMMON_IN_ADDRESSES]
    return [" ".join(kept)] if len(kept) < len(words) and kept else []


def _latin(text: str) -> list[str]:
    """Return a query with what is in another script spelt in Latin letters, in each usual way."""
    words = [in_latin(word) or (word,) for word in text.split()]
    most = max(map(len, words), default=0)
    found = (" ".join(ways[min(n, len(ways) - 1)] for ways in words) for n in range(most))
    return [one for one in dict.fromkeys(found) if one != " ".join(text.split())]


def _grouped(words: Sequence[str]) -> list[str]:
    """Return the query with a number of letters and digits in one that was typed in groups."""
    text = " ".join(words)
    whole = _MIXED_GROUPS.sub(_in_one, text)
    return [whole] if whole != text else []


def _in_one(match: re.Match[str]) -> str:
    mixed = any(map(str.isalpha, match[0]))
    return re.sub(r"[ -]", "", match[0]) if mixed else match[0]


def _is_unspaced(character: str) -> bool:
    return "\u3400" <= character <= "\u9fff" or "\uac00" <= character <= "\ud7a3"


def _take_email(found: Lookup, match: re.Match[str], today: date, order: str) -> str:
    found.email = match[0].casefold()
    found.take(match[0], "email", ("email", found.email))
    return " "


def _take_spaced_date(found: Lookup, match: re.Match[str], today: date, order: str) -> str:
    born = _birth_readings(found, match[0].replace(" ", "/"), today, order)
    if not born or born[0][0] != "birth date":
        return match[0]
    found.take(match[0], "birth date", *born)
    return " "


def _take_groups(found: Lookup, match: re.Match[str], today: date, order: str) -> str:
    whole = sum(c.isdecimal() for c in match[0]) in _WHOLE
    return _take_phone(found, match, today, order) if whole else match[0]


def _take_identifier(found: Lookup, match: re.Match[str], today: date, order: str) -> str:
    number = fold_identifier(match[1])
    found.identifiers.append(number)
    found.take(match[0], "number", *_numbers(number))
    return " "


def _numbers(number: str) -> list[Reading]:
    """A number as typed, and without the zeros before it."""
    bare = number.lstrip("0")
    return [("number", one) for one in dict.fromkeys((number, bare)) if one]


def _take_age(found: Lookup, match: re.Match[str], today: date, order: str) -> str:
    born = ages.born_at(match, today)
    if not born:
        return match[0]
    kind = "year" if len(born[0]) == _YEAR else "month"
    if kind == "year":
        found.years = tuple(map(int, born))
    # A record number may begin so.
    other = kind == "month" and match[0][0].isdecimal() and match["letter"] is not None
    more = [("number", match[0].casefold())] if other else []
    found.take(match[0], "age", *((kind, value) for value in born), *more)
    return " "


def _take_long_date(found: Lookup, match: re.Match[str], today: date, order: str) -> str:
    try:
        words = match[0].replace("-", " ")
        found.birth_date = parse_birth_date(words, today=today, order=order)
    except BadUsage:
        return match[0]
    found.take(match[0], "birth date", ("birth date", f"{found.birth_date:%Y%m%d}"))
    return " "


def _take_phone(found: Lookup, match: re.Match[str], today: date, order: str) -> str:
    digits = re.sub(r"\D", "", match[0])
    found.digits.append(digits)
    found.take(match[0], "phone", *_phone_readings(digits))
    return " "


def _take_extension(found: Lookup, match: re.Match[str], today: date, order: str) -> str:
    """An extension is no part of a number on file; the number itself is."""
    found.take(match[0].strip(" ,"), "extension")
    return " "


_TAKERS = (
    (_EMAIL, _take_email),
    (_EXTENSION, _take_extension),
    (_NUMBERED, _take_identifier),
    (ages.PATTERN, _take_age),
    (_LONG_DATE, _take_long_date),
    (_SPACED_DATE, _take_spaced_date),
    (_TRUNK, _take_groups),
    (_PHONE, _take_phone),
    (_GROUPS, _take_groups),
)


def _phone_readings(digits: str) -> list[Reading]:
    """The digits as typed, and without what is dialled before a whole number: 1, 0, 00, 011."""
    found = [digits]
    if len(digits) >= _SHORTEST_TRUNK:
        abroad = digits[3:] if digits.startswith("011") else ""
        found += [digits.lstrip("0"), abroad if len(abroad) >= _SHORTEST_TRUNK else ""]
        found += [number[1:] for number in found if number[:1] == "1"]
    return [("phone", number) for number in dict.fromkeys(found) if number]


def _take_word(found: Lookup, word: str, today: date, order: str) -> None:
    born = _birth_readings(found, word, today, order)
    numbers = _number_readings(found, word)
    said = list(dict.fromkeys(_SAID[kind] for kind, _ in born + numbers if kind in _SAID))
    readings = born + numbers
    dated = any(kind == "birth date" for kind, _ in born)
    if not any(c.isdecimal() for c in word) or (_may_be_name(word) and not dated):
        said += _take_names(found, word, readings)
    elif not readings:
        # A date or number that is still being typed; it narrows nothing yet.
        said = ["unfinished"]
    else:
        found.typed.append(Typed(word, tuple(readings)))
    if said:
        found.words.append((word, " or ".join(said)))


_SAID = {"birth date": "birth date", "odd date": "no real day", "year": "year"}
_SAID |= {"number": "number", "phone": "phone"}


def _take_names(found: Lookup, word: str, others: Sequence[Reading]) -> list[str]:
    """Take each part of a word for a name or a part of an address."""
    parts = [fold_identifier(word)] if others else fold(word).split()
    parts = list(filter(None, parts))
    found.names += parts
    for part in parts:
        readings = [("name", part), ("address", part), *others]
        found.typed.append(Typed(part, tuple(readings)))
    return ["name"] if parts else []


def _may_be_name(word: str) -> bool:
    """Tell whether a word with digits could be a name too."""
    return any(c.isalpha() for c in word)


def _birth_readings(found: Lookup, word: str, today: date, order: str) -> list[Reading]:
    clue = birth_clues(word, today=today, order=order) or _year_first_clue(word, today)
    if clue is None:
        odd = _odd_date(word, order)
        return [("odd date", odd)] if odd else []
    if clue.date:
        found.birth_date = clue.date
        return [("birth date", f"{clue.date:%Y%m%d}")]
    found.years = clue.years
    return [("year", str(year)) for year in clue.years]


def _year_first_clue(word: str, today: date) -> BirthClue | None:
    """Read a date that begins with two digits of a year, as no day or month can (64-04-24)."""
    groups = _SHORT_YEAR_FIRST.fullmatch(word)
    return birth_clues("/".join(groups.groups()), today=today, order="ymd") if groups else None


def _odd_date(word: str, order: str) -> str:
    """Return the eight digits of a written date that no calendar has, year first; or nothing."""
    run = re.fullmatch(r"\d{8}", word, re.ASCII)
    if run:
        return word if word[:2] in {"18", "19", "20"} else _year_first(word[4:], word[:4], order)
    groups = _THREE_GROUPS.fullmatch(word)
    if groups is None:
        return ""
    one, two, three = groups.groups()
    if len(one) == 4:
        return one + two.zfill(2) + three.zfill(2)
    return _year_first(three, one.zfill(2) + two.zfill(2), order) if len(three) == 4 else ""


def _year_first(year: str, rest: str, order: str) -> str:
    return year + (rest[2:] + rest[:2] if order == "dmy" else rest)


def _number_readings(found: Lookup, word: str) -> list[Reading]:
    """A bare number may be a record number, a postal code, from 3 digits on a part of a phone."""
    digits = "".join(c for c in word if c in "0123456789")
    if not digits or _dated(word):
        return []
    if any(c.isalpha() for c in word):
        return _mixed_reading(found, word)
    taken = _numbers(digits)
    if word == digits and len(digits) <= 8:
        found.identifiers.append(digits)
    if len(digits) > 2:
        found.digits.append(digits)
        taken += _phone_readings(digits)
    if len(digits) <= _POSTAL:
        taken.append(("address", digits))
    return taken


def _dated(word: str) -> bool:
    """Tell whether the marks in a word are those of a date or a year."""
    return re.search(r"[/']|\d[.-]\d{1,2}[.-]", word) is not None


def _mixed_reading(found: Lookup, word: str) -> list[Reading]:
    if not _may_be_name(word):
        return []
    found.identifiers.append(fold_identifier(word))
    return [("number", fold_identifier(word))]

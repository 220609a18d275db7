"""The typed query of a lookup: what each word may mean."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

from pcoord.domain import ages, birth_days, month_names
from pcoord.domain.dates import BirthClue, birth_clues
from pcoord.domain.lookup_text import LONGEST_QUERY, plain
from pcoord.domain.names import fold, fold_identifier

__all__ = ["DOOR", "LONGEST_QUERY", "Lookup", "Reading", "Typed", "parse_lookup"]

_PHONE = re.compile(
    r"\+\d[\d ().-]{5,18}\d|(?:1[ .-]?)?\(\d{3}\) ?\d{3}[ .-]?\d{1,4}(?!\d)"
    r"|(?<![\w/.-])(?:(?:1[ .-])?\d{3}[ ./-])?\d{3}[ .-]\d{4}(?![\w/])"
    r"|(?<![\w/.-])(?:1[ .-])?\d{3}[ .-]\d{7}(?![\w/])",
    re.ASCII,
)
# Groups as other countries write them (20 7946 0018, 612 34 56 78): too many digits for a date.
_GROUPS = re.compile(r"(?<![\w/.-])\d{2,4}(?:[ .-]\d{2,4}){2,5}(?![\w/]|[ .-]\d)", re.ASCII)
_TRUNK = re.compile(r"(?<![\w/.-])0\d{1,4}(?:[ .-]\d{2,4}){2,4}(?![\w/]|[ .-]\d)", re.ASCII)
_WHOLE = range(9, 16)
_SPACED_DATE = re.compile(
    r"(?<!\S)(?:\d{1,2} \d{1,2} (?:\d{4}|\d{2})|(?:19|20)\d\d \d{1,2} \d{1,2})(?!\S)", re.ASCII
)
_EXTENSION = re.compile(
    r"(?:(?<=\d{4}) ?(?:ext(?:ension)?\b\.?|x)|(?<=\d{3}[ .-]\d{4}) ?#) ?\d{1,6}(?!\S)",
    re.IGNORECASE,
)
_DAY = r"(?:st|nd|rd|th|\.)?"
_LONG_DATE = re.compile(
    rf"(?<!\S)(?:(?P<day>\d{{1,2}}){_DAY}[ -]?(?:(?:of|de) )?(?P<month>{month_names.ANY})"
    rf"|(?P<month_before>{month_names.ANY})\.?[ -]?(?P<day_after>\d{{1,2}}){_DAY})"
    r"(?:-|\.? (?:(?:de|del|of) )?)(?P<year>'?(?:\d{4}|\d{2}))(?!\S)",
    re.ASCII | re.IGNORECASE,
)
_NUMBERED = re.compile(
    r"(?<!\S)(?:(?:mrn|record|chart|member|policy|subscriber|insurance|ins|account|acct|patient|pt"
    r"|ssn|id)(?: (?:no|number|id))?[.:#=-]* ?|#) ?(\w*\d[\w-]*)(?!\S)",
    re.IGNORECASE,
)
# A door behind the house number, or a box: it narrows a street, a town or a name.
DOOR = re.compile(
    r"(?<!\S)(?:(?:p\.? ?o\.? ?)?box|apt|apartment|unit|suite|ste|lot|flat)\b[.:]? ?#? ?"
    r"(?P<door>\d{1,6}(?:[ -]?[a-z])?|[a-z][ -]?\d{1,5})(?!\S)",
    re.ASCII | re.IGNORECASE,
)
_EMAIL = re.compile(r"[^\s@]+@[^\s@]*")
# The part of an e-mail address before its @, which nobody need type.
_LOCAL_PART = re.compile(r"[a-z][\w+-]*(?:\.[\w+-]+)+", re.ASCII | re.IGNORECASE)
_THREE_GROUPS = re.compile(r"(\d{1,4})[/.-](\d{1,2})[/.-](\d{1,4})", re.ASCII)
_SHORT_YEAR_FIRST = re.compile(r"(3[2-9]|[4-9]\d)[/.-](\d{1,2})[/.-](\d{1,2})", re.ASCII)
_MADE_UP = re.compile(r"[^\W\d_]{2,}\d{3}")
_WORD = re.compile(r"\S+")
_POSTAL = 5
_DIGITS = 3
_SHORTEST_TRUNK = 8
_YEAR = 4

Reading = tuple[str, str]
"""What a word may mean, and the value in that meaning.

Meanings: name, year, month (YYYYMM), birth date (YYYYMMDD), birth day (MMDD), odd date (eight
digits that are no day), phone, number (a record or member number), email, address, door (of an
apartment or box), and age (the year of birth) where that is second to the year.
"""


@dataclass(frozen=True)
class Typed:
    """One typed word and all that it may mean; any one of these is enough."""

    text: str
    readings: tuple[Reading, ...]

    def means(self, kind: str) -> list[str]:
        """Return the values of this word in one of its meanings."""
        return [value for meaning, value in self.readings if meaning == kind]

    @property
    def is_door(self) -> bool:
        """Tell whether it is the number of an apartment or box, which narrows but finds nobody."""
        return all(kind == "door" for kind, _ in self.readings)

    @property
    def is_name(self) -> bool:
        """Tell whether it is a name above all; with some digits in it, it is a number.

        Made-up patients have names with a number behind (Abbott774).
        """
        if not self.means("name"):
            return False
        return sum(map(str.isdecimal, self.text)) < _DIGITS or bool(_MADE_UP.fullmatch(self.text))


@dataclass
class Lookup:
    """What a typed query may mean.

    All of `names` must fit. A bare number stands under each of its readings (`digits`,
    `identifiers`, `years`, `birth_date`): any one of them may be meant. `words` pairs what was
    typed with what it was taken for; `typed` has every reading of every word, both in the order in
    which they were typed.
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


@dataclass
class _Scan:
    """A query being read, by `today` and the clinic's order of dates; where each word began."""

    today: date
    order: str
    found: Lookup = field(default_factory=Lookup)
    words: list[tuple[int, str, str]] = field(default_factory=list)
    typed: list[tuple[int, Typed]] = field(default_factory=list)

    def take(self, at: int, text: str, said: str, *readings: Reading) -> None:
        """Note a word, what it is said to be taken for, and all that it may mean."""
        if said:
            self.words.append((at, text, said))
        if readings:
            self.typed.append((at, Typed(text, readings)))

    def finish(self) -> Lookup:
        """Return what was read, in the order in which it was typed."""
        self.words.sort(key=lambda word: word[0])
        self.typed.sort(key=lambda word: word[0])
        self.found.words = [(text, said) for _, text, said in self.words]
        self.found.typed = [word for _, word in self.typed]
        return self.found


def parse_lookup(text: str, today: date, order: str = "mdy") -> Lookup:
    """Read a lookup query: names, birth date or year, age, phone, record number, email."""
    scan = _Scan(today, order)
    rest = plain(text)
    for pattern, take in _TAKERS:
        rest = pattern.sub(lambda match, take=take: _taken(take, scan, match), rest)  # type: ignore[misc]
    for word in _WORD.finditer(rest):
        _take_word(scan, word)
    return scan.finish()


def _taken(
    take: "Callable[[_Scan, re.Match[str]], bool]", scan: _Scan, match: re.Match[str]
) -> str:
    """Return what is left of a part of the query: blanks in its place once it is taken."""
    return " " * len(match[0]) if take(scan, match) else match[0]


def _take_email(scan: _Scan, match: re.Match[str]) -> bool:
    scan.found.email = match[0].casefold()
    scan.take(match.start(), match[0], "email", ("email", scan.found.email))
    return True


def _take_spaced_date(scan: _Scan, match: re.Match[str]) -> bool:
    born = _birth_readings(scan, match[0].replace(" ", "/"), scan.order)
    if not born or born[0][0] != "birth date":
        return False
    scan.take(match.start(), match[0], "birth date", *born)
    return True


def _take_groups(scan: _Scan, match: re.Match[str]) -> bool:
    whole = sum(c.isdecimal() for c in match[0]) in _WHOLE
    return whole and _take_phone(scan, match)


def _take_identifier(scan: _Scan, match: re.Match[str]) -> bool:
    number = fold_identifier(match[1])
    scan.found.identifiers.append(number)
    doors = [("door", number)] if match[0].startswith("#") and len(number) <= _POSTAL else []
    scan.take(match.start(), match[0], "number", *_numbers(number), *doors)
    return True


def _numbers(number: str) -> list[Reading]:
    """A number as typed, and without the zeros before it."""
    bare = number.lstrip("0")
    return [("number", one) for one in dict.fromkeys((number, bare)) if one]


def _take_door(scan: _Scan, match: re.Match[str]) -> bool:
    door = fold_identifier(match["door"])
    # On file "5 B" are two words, of which the number is kept.
    number = "" if door[0].isalpha() else door.rstrip("abcdefghijklmnopqrstuvwxyz")
    doors = (("door", one) for one in dict.fromkeys((door, number)) if one)
    scan.take(match.start(), match[0], "address", *doors)
    return True


def _take_age(scan: _Scan, match: re.Match[str]) -> bool:
    born = ages.born_at(match, scan.today)
    if not born:
        return False
    kind = "year" if len(born[0]) == _YEAR else "month"
    if kind == "year":
        scan.found.years = tuple(map(int, born))
    sex = match["sex"] or ""
    age = match[0].removesuffix(sex)
    # A record number may begin so.
    other = kind == "month" and match[0][0].isdecimal() and match["letter"] is not None
    more = [("number", age.casefold())] if other else []
    scan.take(match.start(), age, "age", *((kind, value) for value in born), *more)
    if sex:
        scan.take(match.start("sex"), sex.strip(" /"), "sex not looked at")
    return True


def _take_long_date(scan: _Scan, match: re.Match[str]) -> bool:
    month = month_names.month(match["month"] or match["month_before"])
    day, year = match["day"] or match["day_after"], match["year"].strip("'")
    born = _birth_readings(scan, f"{month}/{day}/{year}", "mdy")
    if not born:
        return False
    said = list(dict.fromkeys(_SAID[kind] for kind, _ in born))
    scan.take(match.start(), match[0], " or ".join(said), *born)
    return True


def _take_phone(scan: _Scan, match: re.Match[str]) -> bool:
    digits = re.sub(r"\D", "", match[0])
    scan.found.digits.append(digits)
    scan.take(match.start(), match[0], "phone", *_phone_readings(digits))
    return True


def _take_extension(scan: _Scan, match: re.Match[str]) -> bool:
    """An extension is no part of a number on file; the number itself is."""
    scan.take(match.start(), match[0].strip(), "extension")
    return True


_TAKERS: tuple[tuple[re.Pattern[str], Callable[[_Scan, re.Match[str]], bool]], ...] = (
    (_EMAIL, _take_email),
    (_EXTENSION, _take_extension),
    (DOOR, _take_door),
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


def _take_word(scan: _Scan, match: re.Match[str]) -> None:
    word, at = match[0], match.start()
    born = _birth_readings(scan, word, scan.order)
    numbers = _number_readings(scan, word)
    readings = born + numbers
    said = list(dict.fromkeys(_SAID[kind] for kind, _ in readings if kind in _SAID))
    dated = any(kind == "birth date" for kind, _ in born)
    if not any(c.isdecimal() for c in word) or (_may_be_name(word) and not dated):
        said += _take_names(scan, match, readings)
    elif not readings:
        # A date or number that is still being typed; it narrows nothing yet.
        said = ["unfinished"]
    else:
        scan.take(at, word, "", *readings)
    if said:
        scan.take(at, word, " or ".join(said))


_SAID = {"birth date": "birth date", "odd date": "no real day", "year": "year"}
_SAID |= {birth_days.DAY: "birth day", birth_days.MONTH: "birth month"}
_SAID |= {"number": "number", "phone": "phone"}


def _take_names(scan: _Scan, match: re.Match[str], others: Sequence[Reading]) -> list[str]:
    """Take each part of a word for a name or a part of an address."""
    word = match[0]
    parts = [fold_identifier(word)] if others else fold(word).split()
    local = [("email", word.casefold())] if _LOCAL_PART.fullmatch(word) else []
    typed = [
        Typed(part, (("name", part), ("address", part), *others, *local))
        for part in filter(None, parts)
    ]
    scan.typed += [(match.start(), part) for part in typed]
    names = [part.text for part in typed if part.is_name]
    scan.found.names += names
    return ["name"] if names else []


def _may_be_name(word: str) -> bool:
    """Tell whether a word with digits could be a name too."""
    return any(c.isalpha() for c in word)


def _birth_readings(scan: _Scan, word: str, order: str) -> list[Reading]:
    clue = birth_clues(word, today=scan.today, order=order) or _year_first_clue(word, scan.today)
    if clue is None:
        odd = _odd_date(word, order)
        return [("odd date", odd)] if odd else birth_days.read(word, scan.today, order)
    if clue.date:
        scan.found.birth_date = clue.date
        return [("birth date", f"{clue.date:%Y%m%d}")]
    scan.found.years = clue.years
    age = re.fullmatch(r"\d\d", word, re.ASCII)
    born = [scan.today.year - int(word), scan.today.year - int(word) - 1] if age else []
    return [
        *(("year", str(year)) for year in clue.years),
        *((ages.AGE, str(year)) for year in born),
    ]


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


def _number_readings(scan: _Scan, word: str) -> list[Reading]:
    """A bare number may be a record number, a postal code, from 3 digits on a part of a phone."""
    digits = "".join(c for c in word if c in "0123456789")
    if not digits or _dated(word):
        return []
    if any(c.isalpha() for c in word):
        return _mixed_reading(scan, word)
    taken = _numbers(digits)
    if word == digits and len(digits) <= 8:
        scan.found.identifiers.append(digits)
    if len(digits) > 2:
        scan.found.digits.append(digits)
        taken += _phone_readings(digits)
    if len(digits) <= _POSTAL:
        taken.append(("address", digits))
    return taken


def _dated(word: str) -> bool:
    """Tell whether the marks in a word are those of a date or a year."""
    return re.search(r"[/']|--|\d[.-]\d{1,2}[.-]", word) is not None


def _mixed_reading(scan: _Scan, word: str) -> list[Reading]:
    scan.found.identifiers.append(fold_identifier(word))
    return [("number", fold_identifier(word))]

"""How else a query may be meant that finds nobody as it stands: what is tried then, in turn."""

import re
from collections.abc import Callable, Sequence
from functools import reduce

from pcoord.domain import month_names
from pcoord.domain.clues import COMMON_IN_ADDRESSES
from pcoord.domain.lookup_text import INVISIBLE, plain
from pcoord.domain.lookup_words import DOOR
from pcoord.domain.names import fold_identifier, joined_words
from pcoord.domain.other_scripts import in_latin

# Groups of a member number; a year, or two digits of one, is none.
_GROUP = r"(?!(?:19|20)\d\d(?!\S))(?=[a-z-]*\d)[a-z\d-]{3,}"
_MIXED_GROUPS = re.compile(
    rf"(?<!\S)(?:[a-z]{{1,4}}|{_GROUP})(?: {_GROUP})+(?!\S)", re.ASCII | re.IGNORECASE
)
_DIGIT_GROUPS = re.compile(r"(?<!\S)\(?\+?\d+\)?(?:[ .-]\d+)+(?!\S)", re.ASCII)
# Those that are read as a phone in any case.
_USUAL_GROUPS = re.compile(r"(?:1[ .-])?(?:\d{3}[ .-]){1,2}\d{4}", re.ASCII)
_LONG_NUMBER = range(7, 16)
_POSTAL_CODE = re.compile(r"(?<!\S)(\d{5})-\d{4}(?!\S)", re.ASCII)
_LONGEST_UNSPACED = 6
_TELLING = 3
_TITLES = frozenset(
    re.findall(
        r"\w+",
        """
        mr mrs ms miss mx dr prof sir madam sr sra srta don dona dona herr frau mme the y mister
        doctor professor rev reverend pastor judge sgt capt col senor senora
        """,
    )
)
# Whose relation the caller is, and what stands before a former name.
_RELATIONS = frozenset(
    re.findall(
        r"\w+",
        """
        mother mom mum father dad parent son daughter wife husband spouse partner brother sister
        guardian family household of and or aka nee formerly alias
        """,
    )
)
_NAME_OF = re.compile(r"(?<!\S)(?:last|first|middle|family|given|full) name(?!\S)", re.IGNORECASE)
_POSSESSIVE = re.compile(r"(?<=\w)['’]s(?!\S)", re.IGNORECASE)
# Names of several words that are typed in one, and hardly begin any other name.
_RUN_TOGETHER = re.compile(
    r"(?<!\S)(?:(de)(la|los|las)(?=\w{4})|(van|von)(der|den)(?=\w{3})|(st)()(?=[cdgjlmp]\w{3}))",
    re.IGNORECASE,
)
# A date whose first zero was lost (31391 for 03/13/91), as tables lose them.
_ZERO_LOST = re.compile(
    r"(?<=[^\W\d_] )([1-9](?:0[1-9]|[12]\d|3[01])(?:\d\d|(?:19|20)\d\d))(?!\S)", re.ASCII
)
_TH = r"(?:st|nd|rd|th|\.)?"
_DAY_OF_MONTH = re.compile(
    rf"(?<!\S)(?:(?P<day>\d{{1,2}}){_TH}[ -]?(?:(?:of|de) )?(?P<month>{month_names.ANY})\.?"
    rf"|(?P<month_before>{month_names.ANY})\.?[ -]?(?P<day_after>\d{{1,2}}){_TH})(?!\S)",
    re.ASCII | re.IGNORECASE,
)
_MONTH_OF_YEAR = re.compile(
    rf"(?<!\S)(?P<month>{month_names.ANY})\.?(?: de| of)? (?P<year>(?:19|20)\d\d)(?!\S)",
    re.ASCII | re.IGNORECASE,
)
_SEX = r"(?:m|f|male|female|man|woman|boy|girl)"
_AGE_AND_SEX = re.compile(
    rf"(?<!\S)(?:(?P<age>\d{{1,3}})(?:[ /-]?{_SEX})|{_SEX}[ /-]?(?P<age_behind>\d{{1,3}}))(?!\S)",
    re.ASCII | re.IGNORECASE,
)
_SEX_BESIDE_A_NUMBER = re.compile(
    r"(?<!\S)[mf](?!\S)(?=.* \S*\d)|(?<=\d) [mf](?!\S)", re.IGNORECASE
)
_DOT_INSIDE = re.compile(r"(?<=[^\W\d_])\.(?=[^\W\d_][^\s@]*(?!\S))")
_NEWBORN = re.compile(r"(?<!\S)(?:newborn|infant|neonate|baby)(?!\S)", re.IGNORECASE)
_MOST_UNFINISHED = 3
# A year, the end of a phone or all of it, a date with its year, a day of two digits, an address.
_YEAR = r"(?:\d{4}|(?!19|20)\d\d)"
_WHOLE = re.compile(
    rf"\d{{4}}|\d{{7,}}|\d{{1,2}}([/.-])\d{{1,2}}\1{_YEAR}|\d{{4}}([/.-])\d{{1,2}}\2\d\d"
    r"|\d{1,2}[/.-](?:\d\d|[4-9]).?|\S*@\S*|\d{1,3}y\S*",
    re.ASCII,
)
# What stands before a number or behind it, as it is typed letter by letter.
_BEGUN = frozenset(
    re.findall(
        r"\w+",
        """
        apt apartment unit suite pobox box lot flat floor street avenue road drive lane boulevard
        court place dob born birthday mrn record chart member policy phone cell extension age aged
        years yrs months mos weeks wks days old male female of de
        """,
    )
) | frozenset(month_names.MONTHS)


def other_readings(text: str, *, alone: bool) -> list[str]:
    """Return a query anew, in the ways in which it may be meant where nobody fits as it stands.

    Titles are no names (Mrs. Taylor). A member number is read out in groups (HMX 4471 902, 1EG4
    TE5 MK72), a phone in any. Names in Chinese characters and in Hangul are written in one
    (王小明, 김민수); family names of two characters are rare. A name in another script may be on
    file in Latin letters (Иванов: Ivanov). A month's name begins people's names too (mar 4).

    `alone` when all of the line says who is meant: then so do words that say whose mother calls.
    """
    whole = plain(text)
    changes = (*_CHANGES, *_ALONE) if alone else _CHANGES
    apart = _apart(whole.split())
    found = [*_grouped(whole), *apart, *(other for one in (whole, *apart) for other in _latin(one))]
    found += (changed := [one for change in changes if (one := change(whole)) != whole])
    if len(changed) > 1:
        found.append(reduce(lambda said, change: change(said), changes, whole))
    found += [*_joined(whole.split()), *_apart_where_nothing_shows(text)]
    return [one for one in dict.fromkeys(found) if one and one != whole]


def on_a_day(text: str) -> str:
    """Return a query with the day of a month by numbers alone, "" where it has none.

    Of somebody's first name and a number it may be meant as well (mar 4).
    """
    whole = plain(text)
    changed = _DAY_OF_MONTH.sub(_day_of_month, whole)
    return changed if changed != whole else ""


def without_unfinished(text: str) -> list[str]:
    """Return a query without what may be the beginning of a date, number or address at its end.

    One word less, then two, then three: somebody types on, and whoever the rest fits stays.
    """
    words = plain(text).split()
    found: list[str] = []
    while len(words) > 1 and len(found) < _MOST_UNFINISHED and _is_unfinished(words[-1]):
        words = words[:-1]
        found.append(" ".join(words))
    return found


def _is_unfinished(word: str) -> bool:
    if any(map(str.isdecimal, word)):
        return _WHOLE.fullmatch(word) is None
    said = fold_identifier(word)
    return any(begun.startswith(said) for begun in _BEGUN)


def without_common(text: str) -> list[str]:
    """Return an address without the words that most addresses have (12 n Main St, box elder).

    Letters that may as well be initials, and such words as "st", say little where no number is.
    """
    whole = plain(text)
    doors = {door.start(): door[0] for door in DOOR.finditer(whole)}
    streets = DOOR.sub(lambda door: " " * len(door[0]), whole)
    words = {word.start(): word[0] for word in re.finditer(r"\S+", streets)}
    common = {at for at, word in words.items() if fold_identifier(word) in COMMON_IN_ADDRESSES}
    kept = {at: word for at, word in words.items() if at not in common}
    told = any(word[0].isdecimal() for word in whole.split())
    if not kept or not any(told or len(words[at]) >= _TELLING for at in common):
        return []
    return [" ".join(said for _, said in sorted((kept | doors).items()))]


def _apart(words: Sequence[str]) -> list[str]:
    """Return names that are written in one in two parts."""
    return [
        " ".join([*words[:n], word[:length], word[length:], *words[n + 1 :]])
        for length in (1, 2)
        for n, word in enumerate(words)
        if length < len(word) <= _LONGEST_UNSPACED and all(map(_is_unspaced, word))
    ]


def _is_unspaced(character: str) -> bool:
    return "\u3400" <= character <= "\u9fff" or "\uac00" <= character <= "\ud7a3"


def _latin(text: str) -> list[str]:
    """Return a query with what is in another script spelt in Latin letters, in each usual way."""
    if text.isascii():
        return []
    words = [in_latin(word) or (word,) for word in text.split()]
    most = max(map(len, words), default=0)
    return [" ".join(ways[min(n, len(ways) - 1)] for ways in words) for n in range(most)]


def _grouped(text: str) -> list[str]:
    """Return the query with a number of letters and digits in one that was typed in groups."""
    return [_MIXED_GROUPS.sub(_in_one, text)]


def _in_one(match: re.Match[str]) -> str:
    mixed = any(map(str.isalpha, match[0]))
    return re.sub(r"[ -]", "", match[0]) if mixed else match[0]


def _untitled(text: str) -> str:
    return _without(text, _TITLES)


def _unrelated(text: str) -> str:
    return _without(_POSSESSIVE.sub("", _NAME_OF.sub(" ", text)), _RELATIONS)


def _without(text: str, words: frozenset[str]) -> str:
    kept = [word for word in text.split() if fold_identifier(word) not in words]
    return " ".join(kept) if kept else text


def _with_days(text: str) -> str:
    """Write the day of a month by numbers alone (mar 4, 4 de marzo), as ISO 8601:1988 does."""
    return _MONTH_OF_YEAR.sub(_month_of_year, _DAY_OF_MONTH.sub(_day_of_month, text))


def _day_of_month(match: re.Match[str]) -> str:
    month = month_names.month(match["month"] or match["month_before"])
    day = int(match["day"] or match["day_after"])
    return f"--{month:02}-{day:02}" if 1 <= day <= 31 else match[0]


def _month_of_year(match: re.Match[str]) -> str:
    return f"{match['year']}/{month_names.month(match['month']):02}"


def _with_ages(text: str) -> str:
    """Read an age beside the sex, which is looked for nowhere (35 m, male 35), and newborns."""
    text = _NEWBORN.sub("0y", text) if " " in text else text
    return _AGE_AND_SEX.sub(lambda match: f"{match['age'] or match['age_behind']}y", text)


def _with_numbers(text: str) -> str:
    """Write the digits of a long number together that were typed in groups or one by one."""
    return _ZERO_LOST.sub(r"0\1", _DIGIT_GROUPS.sub(_long_number, _POSTAL_CODE.sub(r"\1", text)))


def _long_number(match: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", match[0])
    known = _USUAL_GROUPS.fullmatch(match[0])
    return digits if len(digits) in _LONG_NUMBER and not known else match[0]


def _sexless(text: str) -> str:
    """Leave a lone letter out that is the sex in a line with a date or number."""
    return " ".join(_SEX_BESIDE_A_NUMBER.sub(" ", text).split())


def _parted(text: str) -> str:
    return " ".join(_DOT_INSIDE.sub(" ", _RUN_TOGETHER.sub(_in_words, text)).split())


def _in_words(match: re.Match[str]) -> str:
    return "".join(f"{part} " for part in match.groups() if part)


_Change = Callable[[str], str]
_CHANGES: tuple[_Change, ...] = (_untitled, _with_days, _with_numbers, _parted)
_ALONE: tuple[_Change, ...] = (_unrelated, _with_ages, _sexless)


def _joined(words: Sequence[str]) -> list[str]:
    """Return a name of more than one particle in one, as it is found by too (van 't Hoff)."""
    return [
        " ".join([*words[:n], "".join(words[n : n + 3]), *words[n + 3 :]])
        for n, word in enumerate(words[:-2])
        if _is_particle(word) and len(fold_identifier(words[n + 1])) == 1
    ]


def _is_particle(word: str) -> bool:
    return len(joined_words([fold_identifier(word), ""])) == 1


def _apart_where_nothing_shows(text: str) -> list[str]:
    """Return a pasted query with blanks where it has characters that show nothing."""
    return [plain(INVISIBLE.sub(" ", text))] if INVISIBLE.search(text) else []

"""Whom a message is about: "re NAME", or "about NAME" where that is somebody on file.

A record number or a whole name that stands before the text says so too: "msg 10214 lee ...".
"""

from pcoord.domain.names import fold, fold_identifier
from pcoord.kinds.clauses import clause, said
from pcoord.kinds.line import Line, Word
from pcoord.kinds.small import practitioner_named
from pcoord.services import lookup

_SHORTEST_NUMBER = 4
"""A sentence may begin with a smaller number ("3 refills left")."""


def read_before(line: Line) -> None:
    """Take who is named before the first practitioner, or by record number behind it."""
    named = (n for n, word in enumerate(line.words) if _is_practitioner(line, word))
    first = next(named, len(line.words))
    before, behind = line.words[:first], line.words[first + 1 : first + 2]
    if 0 < first < len(line.words) and _is_somebody(line, before):
        line.about, line.words = said(before), line.words[first:]
    elif behind and len(behind[0].text) >= _SHORTEST_NUMBER and _has_number(line, behind[0]):
        line.about = behind[0].text
        del line.words[first + 1]


def _is_practitioner(line: Line, word: Word) -> bool:
    return not word.quoted and practitioner_named(line, word.text) is not None


def _is_somebody(line: Line, words: list[Word]) -> bool:
    """Tell whether words are somebody's whole names or record number; "please call" is nobody's."""
    if any(word.quoted for word in words):
        return False
    if len(words) == 1 and _has_number(line, words[0]):
        return True
    folded = fold(said(words)).split()
    hits = lookup.find(line.desk, said(words), limit=1)
    names = fold(f"{hits[0].family} {hits[0].given}").split() if hits and hits[0].exact else []
    return bool(folded) and all(name in names for name in folded)


def _has_number(line: Line, word: Word) -> bool:
    """Tell whether a word is somebody's whole record number."""
    number = fold_identifier(word.text)
    if word.quoted or not any(c.isdecimal() for c in number):
        return False
    return bool(lookup.having_number(line.desk, number))


def read_about(line: Line) -> None:
    """Take the name behind "re" or "about"; what is left is then the message's text."""
    if line.about:
        return
    if taken := clause(line, "re"):
        _take(line, taken, _name_length(line, taken) or len(taken))
        return
    before = list(line.words)
    taken = clause(line, "about") or []
    # "Please call about labs" names nobody, nor does a letter: it stays what it is, a sentence.
    if len(said(taken)) > 1 and (length := _name_length(line, taken)):
        _take(line, taken, length)
    else:
        line.words = before


def _take(line: Line, words: list[Word], length: int) -> None:
    plain = [word for word in words if not word.quoted]
    line.about = said(plain[:length])
    line.words += [*plain[length:], *(word for word in words if word.quoted)]


def _name_length(line: Line, words: list[Word]) -> int:
    """Return how many of the first words name somebody on file surely, at most; 0 for none."""
    plain = [word for word in words if not word.quoted]
    for length in range(len(plain), 0, -1):
        hits = lookup.find(line.desk, said(plain[:length]), limit=1)
        if hits and hits[0].exact:
            return length
    return 0

"""Whom a message is about: "re NAME", or "about NAME" where that is somebody on file."""

from pcoord.kinds.clauses import clause, said
from pcoord.kinds.line import Line, Word
from pcoord.services import lookup


def read_about(line: Line) -> None:
    """Take the name behind "re" or "about"; what is left is then the message's text."""
    if taken := clause(line, "re"):
        _take(line, taken, _name_length(line, taken) or len(taken))
        return
    before = list(line.words)
    taken = clause(line, "about") or []
    # "Please call about labs" names nobody: it stays what it is, a sentence.
    if length := _name_length(line, taken):
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

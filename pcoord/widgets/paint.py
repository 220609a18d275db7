"""How lines are built: spans of plain text with a style, cut and padded to cells."""

import re
import unicodedata
from functools import lru_cache
from itertools import takewhile

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

Span = tuple[str, str]
"""Text and a style in rich's words ("bold", "reverse", "yellow"); "" is plain."""

Line = tuple[Span, ...]
"""One line of the screen, left to right."""

CUT = "…"
"""Stands at the end of a text that did not fit."""

LETTER_STYLES = {
    "A": "yellow",
    "I": "cyan",
    "R": "cyan",
    "P": "green",
    "O": "magenta",
    "H": "yellow",
    "Y": "green",
    "W": "cyan",
    "D": "dim",
    "X": "dim",
    "Z": "dim",
    "E": "dim",
    "N": "red",
    "L": "red",
}
"""Colours that repeat what the state letter already says; letters not listed are plain."""

_SUSPECT = re.compile(r"[^\x20-\x7e\xa1-\xac\xae-\u02ff]")


_JOINERS = "\u200c\u200d"


def _drawable(match: re.Match[str]) -> str:
    """Return a character as it may be drawn: itself, nothing, or a replacement as wide.

    Joiners stay inside words, where Persian and the scripts of India need them.
    """
    character = match.group()
    if character in _JOINERS:
        before, after = match.string[: match.start()][-1:], match.string[match.end() :][:1]
        return character if _in_word(before) and _in_word(after) else ""
    selector = "\ufe00" <= character <= "\ufe0f"
    if not selector and unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp"):
        return character
    return "\ufffd" * cell_len(character)


def _in_word(character: str) -> bool:
    return bool(character) and unicodedata.category(character)[0] in "LM"


@lru_cache(8192)
def clean(text: str) -> str:
    """Return text without control, bidi and zero-width characters, as wide in cells as before."""
    if _SUSPECT.search(text) is None:
        return text
    return _SUSPECT.sub(_drawable, text)


@lru_cache(8192)
def fit(text: str, width: int, align: str = "left") -> str:
    """Return text as exactly `width` cells: cleaned, cut with a mark, or padded ("right" too)."""
    text = clean(text)
    length = len(text) if text.isascii() else cell_len(text)
    if length > width:
        return set_cell_size(text, width - 1) + CUT if width > 0 else ""
    padding = " " * (width - length)
    return padding + text if align == "right" else text + padding


def shortened(text: str, width: int) -> str:
    """Return text cut with a mark where it is longer than so many cells, without padding."""
    return text if cell_len(text) <= width else fit(text, width)


def with_room_for_facts(says: str, room: int, least: int = 30) -> str:
    """Return "Name  facts" for so many cells: a name longer than `least` gives way first.

    What stands behind the name (birth date, record number, the visit) is what the next key acts on.
    """
    name, gap, facts = says.partition("  ")
    if not facts or cell_len(says) <= room:
        return says
    return f"{shortened(name, max(least, room - cell_len(gap + facts)))}{gap}{facts}"


def wrapped(text: str, width: int) -> list[str]:
    """Return a sentence in lines of so many cells (20 at least); a longer word is parted."""
    room, lines = max(20, width), [""]
    for word in clean(re.sub(r"[\t\n\r]", " ", text)).split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if cell_len(longer) <= room:
            lines[-1] = longer
            continue
        while cell_len(word) > room:
            part = set_cell_size(word, room).rstrip(" ")
            lines.append(part)
            word = word[len(part) :]
        lines.append(word)
    return [line.rstrip(" ") for line in lines if line.strip(" ")]


def width_of(line: Line) -> int:
    """Return how many cells a line takes."""
    return sum(cell_len(text) for text, _ in line)


def pad(line: Line, width: int) -> Line:
    """Return the line cut or filled with plain spaces to exactly `width` cells."""
    spans: list[Span] = []
    left = width
    for text, style in line:
        text = clean(text)
        length = cell_len(text)
        if length >= left:
            spans.append((text if length == left else fit(text, left), style))
            return tuple(span for span in spans if span[0])
        spans.append((text, style))
        left -= length
    spans.append((" " * left, ""))
    return tuple(span for span in spans if span[0])


def join(line: Line, style: str) -> Line:
    """Return the line's text as one span of one style."""
    return (("".join(text for text, _ in line), style),)


@lru_cache(8192)
def strip_of(line: Line) -> Strip:
    """Return the line as Textual draws it; plain spans carry no colours, so they cost no bytes."""
    segments = [Segment(text, Style.parse(style)) for text, style in line]
    return Strip(segments, width_of(line))


@lru_cache(256)
def blank(width: int) -> Strip:
    """Return a line with nothing on it."""
    return strip_of(((" " * width, ""),))


def changed_width(old: Line, new: Line) -> int:
    """Return how many cells from the left differ between two lines of equal width."""
    was, now = list(old), list(new)
    while was and now and was[-1] == now[-1]:
        was.pop()
        now.pop()
    if not was or not now:
        return max(width_of(tuple(was)), width_of(tuple(now)))
    same = 0
    if was[-1][1] == now[-1][1] and (was[-1][0] + now[-1][0]).isascii():
        pairs = zip(reversed(was[-1][0]), reversed(now[-1][0]), strict=False)
        same = len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))
    return max(width_of(tuple(was)), width_of(tuple(now))) - same

"""How commands print: aligned text for people, or one JSON document for programs."""

import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pcoord.domain.errors import DeskError
from pcoord.domain.text import cell_width, fit, scrub

LONGEST_LINE = 1000
LONGEST_CELL = 400
"""Cells of a text at the end of a line of a table."""

_JOINERS = "\u200c\u200d"
# JSON itself escapes only the oldest controls; these a terminal would obey, or hide.
_ACTIVE = re.compile(
    "[\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
)


class Unanswered(DeskError):
    """Done, but the answer finds no room where it goes."""


@contextmanager
def answering() -> Iterator[None]:
    """Say in words when standard output takes no more; that nobody reads it is no error."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise Unanswered(
            f"The answer could not be written whole: {error.strerror}. Make room or name another "
            "place, and ask again; a step that was asked for is stored, `pcoord audit` shows it."
        ) from error


def _put(line: str) -> None:
    with answering():
        print(line)


def plain(text: str) -> str:
    """Return text without anything that would drive a terminal; line ends stay."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(c for c in text if c.isprintable() or c in _JOINERS or c == "\n")


def one_line(text: str) -> str:
    """Return a sentence as one line of a sensible length, whatever was repeated in it."""
    line = scrub(plain(text))
    if len(line) <= LONGEST_LINE:
        return line
    return f"{line[: LONGEST_LINE // 2]} \u2026 {line[-LONGEST_LINE // 2 :]}"


def print_json(value: Any) -> None:
    """Print one JSON document: times with offset, money as text, absent values as null."""
    unicode = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    text = json.dumps(value, ensure_ascii=not unicode, default=_plain_value)
    _put(_ACTIVE.sub(lambda match: json.dumps(match.group())[1:-1], text))


def _plain_value(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    raise TypeError(f"{type(value).__name__} has no place in the output")


def say(text: str = "") -> None:
    """Print one line for people."""
    _put(plain(text))


def hint(text: str) -> None:
    """Print one line beside the output, on standard error."""
    print(plain(text), file=sys.stderr)


def print_table(rows: Iterable[Sequence[str | None]], limits: Sequence[int]) -> None:
    """Print rows in columns as wide as their widest cell, none wider than its limit.

    What is cut ends in a mark; the last column may run on over the end of a line.
    """
    ready = [[plain(cell or "").replace("\n", " ") for cell in row] for row in rows]
    widths = [
        min(limit, max((cell_width(row[n]) for row in ready), default=0))
        for n, limit in enumerate((*limits[:-1], max(LONGEST_CELL, limits[-1])))
    ]
    for row in ready:
        cells = [_cell(cell, width) for cell, width in zip(row, widths, strict=True) if width]
        _put("  ".join(cells).rstrip())


def _cell(text: str, width: int) -> str:
    return fit(text, width) if cell_width(text) <= width else f"{fit(text, width - 1)}\u2026"


def say_patient(patient: dict[str, Any] | None, state: str | None) -> str:
    """Return "Family, Given" as other programs get it, what must not be overlooked before it."""
    if patient is None:
        return ""
    name = f"{patient['family']}, {patient['given']}".rstrip(", ")
    return f"{(state or '').replace('test', 'TEST')} {name}".strip()

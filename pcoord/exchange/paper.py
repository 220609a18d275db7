"""Sheets for work on paper: what stands on them, and the same as plain text of 80 columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from pcoord.domain.text import cell_width, fit, scrub

WIDTH = 80
GAP = "  "


@dataclass(frozen=True)
class Column:
    """A column of a table: its title, and its width in characters of the plain text."""

    title: str
    width: int


@dataclass(frozen=True)
class Table:
    """A table; `note` stands behind its title, `empty` in the place of no rows."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    empty: str = "nothing"


@dataclass(frozen=True)
class Form:
    """A blank form: lines of labels, each followed by room to write; "" is a line to write on."""

    title: str
    lines: tuple[tuple[str, ...], ...]
    note: str = ""


@dataclass(frozen=True)
class Paper:
    """One file of sheets: its name without ending, what it is, and its parts."""

    name: str
    title: str
    printed: str
    parts: tuple[Table | Form, ...]
    foot: str = ""


def as_text(paper: Paper) -> str:
    """Return the sheets as plain text, no line wider than 80 columns and no word cut off."""
    lines = [*wrapped(paper.title, WIDTH), *wrapped(paper.printed, WIDTH)]
    for part in paper.parts:
        lines += ["", *(_table(part) if isinstance(part, Table) else _form(part))]
    if paper.foot:
        lines += ["", *wrapped(paper.foot, WIDTH)]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _table(table: Table) -> list[str]:
    title = "   ".join(filter(None, (table.title, table.note)))
    lines = [*wrapped(title, WIDTH), "-" * WIDTH]
    if not table.rows:
        return [*lines, table.empty]
    lines.append(_one_line([column.title for column in table.columns], table.columns))
    for row in table.rows:
        cells = [
            wrapped(cell, column.width) for cell, column in zip(row, table.columns, strict=True)
        ]
        lines += [_one_line(parts, table.columns) for parts in zip_longest(*cells, fillvalue="")]
    return lines


def _one_line(cells: Sequence[str], columns: Sequence[Column]) -> str:
    padded = (fit(cell, column.width) for cell, column in zip(cells, columns, strict=True))
    return GAP.join(padded).rstrip()


def _form(form: Form) -> list[str]:
    lines = [*wrapped(form.title, WIDTH), "=" * WIDTH, *wrapped(form.note, WIDTH)]
    for labels in form.lines:
        room = WIDTH // len(labels)
        lines += ["", "".join(_blank(label, room) for label in labels).rstrip()]
    return lines


def _blank(label: str, room: int) -> str:
    lead = f"{label} " if label else ""
    return lead + "_" * (room - cell_width(lead) - len(GAP)) + GAP


def wrapped(text: str, width: int) -> list[str]:
    """Return text in lines of so many cells; only a word wider than that is parted."""
    lines: list[str] = []
    line = ""
    for word in scrub(text).split():
        for piece in _pieces(word, width):
            longer = f"{line} {piece}" if line else piece
            if cell_width(longer) > width:
                lines.append(line)
                longer = piece
            line = longer
    return [*lines, line] if line else lines


def _pieces(word: str, width: int) -> list[str]:
    if cell_width(word) <= width:
        return [word]
    pieces, piece = [], ""
    for character in word:
        if cell_width(piece + character) > width:
            pieces.append(piece)
            piece = ""
        piece += character
    return [*pieces, piece]

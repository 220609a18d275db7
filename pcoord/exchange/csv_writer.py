"""Writes tables that spreadsheets open without harm."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal

from pcoord.domain.text import csv_safe, scrub

Cell = str | int | float | bool | date | datetime | time | Decimal | None


def to_csv(headers: Sequence[str], rows: Iterable[Sequence[Cell]], *, mark: bool = True) -> bytes:
    """Return a table as CSV in UTF-8, dates and times in ISO form, money with two decimals.

    No cell can be taken for a formula. `mark` puts the sign in front by which Excel knows UTF-8.
    """
    return b"".join(csv_chunks(headers, rows, mark=mark))


def csv_chunks(
    headers: Sequence[str], rows: Iterable[Sequence[Cell]], *, mark: bool = True
) -> Iterator[bytes]:
    """Return the same table line by line, for long ones."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    yield b"\xef\xbb\xbf" if mark else b""
    for row in _all(headers, rows):
        writer.writerow(row)
        yield buffer.getvalue().encode("utf-8", "replace")
        buffer.seek(0)
        buffer.truncate()


def _all(headers: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[list[str]]:
    yield [csv_safe(scrub(header)) for header in headers]
    for row in rows:
        yield [_cell(cell) for cell in row]


def _cell(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, int | float):
        return str(cell)
    if isinstance(cell, Decimal):
        return f"{cell:.2f}"
    if isinstance(cell, date | time):
        return cell.isoformat()
    return csv_safe(scrub(cell, multiline=True))

"""Opens a table another system exported, whatever its encoding, delimiter and faults.

The file is read as a stream: memory does not grow with it. Encoding and delimiter are decided
once for the whole file, and every row knows the physical line it starts on.
"""

import codecs
import csv
import io
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from os import PathLike, fspath
from pathlib import Path
from typing import BinaryIO

from pcoord.domain.errors import BadUsage, NotFound, Unavailable

Progress = Callable[[int, int], None]

DELIMITERS = ",;\t|"
SAMPLE_BYTES = 128 * 1024
CHUNK = 1 << 20
LONGEST_LINE = 1 << 20
LONGEST_CELL = 100_000
MOST_LINES_IN_A_ROW = 200
PROGRESS_EVERY = 1000
TITLE_LINES = 10

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
NOT_TEXT = (
    (b"PK\x03\x04", "an Excel workbook or another zip file"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"%PDF", "a PDF"),
    (b"\x1f\x8b", "a compressed file"),
    (b"SQLite format 3", "a database"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the physical line it starts on (from 1), its cells, and what is wrong with it.

    There are as many cells as headers unless `problem` says why not; `missing` counts the cells
    that were left out at the end and are taken as empty.
    """

    line: int
    cells: tuple[str, ...]
    problem: str | None = None
    missing: int = 0


@dataclass(frozen=True)
class Table:
    """A table in a file; each iteration reads it anew from the start.

    `progress`, when given, is told bytes read and bytes in all.
    """

    headers: tuple[str, ...]
    header_line: int
    encoding: str
    delimiter: str
    size: int
    source: Path | bytes = field(repr=False)
    progress: Progress | None = None

    def __iter__(self) -> Iterator[Row]:
        return self.rows()

    def rows(self) -> Iterator[Row]:
        """Return the rows below the headings; empty lines are left out."""
        with _open(self.source) as file:
            width = len(self.headers)
            for count, record in enumerate(_records(file, self.encoding, self.delimiter)):
                if record.line > self.header_line and (row := _fit(record, width)):
                    yield row
                if self.progress and count % PROGRESS_EVERY == 0:
                    self.progress(min(file.tell(), self.size), self.size)
        if self.progress:
            self.progress(self.size, self.size)

    def column(self, *headers: str) -> Iterator[str]:
        """Return the filled cells of some columns, row by row."""
        places = [self.headers.index(header) for header in headers]
        for row in self.rows():
            if row.problem is None:
                yield from (row.cells[place] for place in places if row.cells[place])


@dataclass(slots=True)
class _Record:
    line: int
    cells: list[str]
    problem: str | None = None


def open_table(
    source: str | PathLike[str] | bytes,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    progress: Progress | None = None,
) -> Table:
    """Open a file, or its bytes, as a table; raise a DeskError in words when it is none.

    Encoding and delimiter are found out unless given.
    """
    kept = source if isinstance(source, bytes) else Path(fspath(source))
    with _open(kept) as file:
        size = file.seek(0, io.SEEK_END)
        file.seek(0)
        _refuse_what_is_no_text(file, size)
        encoding = encoding or _encoding(file)
        said, guessed = _delimiter(file, encoding)
        delimiter = delimiter or said or guessed
        file.seek(0)
        header = _header(_records(file, encoding, delimiter), said is not None)
    return Table(_unique(header.cells), header.line, encoding, delimiter, size, kept, progress)


def _open(source: Path | bytes) -> BinaryIO:
    if isinstance(source, bytes):
        return io.BytesIO(source)
    try:
        return source.open("rb")
    except FileNotFoundError:
        raise NotFound(f"There is no file {source}. Please check the name.") from None
    except OSError as error:
        raise Unavailable(f"{source} cannot be read: {error.strerror or error}.") from None


def _refuse_what_is_no_text(file: BinaryIO, size: int) -> None:
    start = file.read(16)
    file.seek(0)
    for mark, what in NOT_TEXT:
        if start.startswith(mark):
            raise BadUsage(f"This is {what}. Please save it as CSV and import that file.")
    if size == 0:
        raise BadUsage("The file is empty.")


def _encoding(file: BinaryIO) -> str:
    """Decide the encoding of a whole file: by its mark, as UTF-8, or as what Windows writes."""
    start = file.read(4096)
    for mark, name in BOMS:
        if start.startswith(mark):
            return name
    for name, empty in (("utf-16-le", start[1::2]), ("utf-16-be", start[0::2])):
        if len(start) >= 8 and empty.count(0) > 0.8 * len(empty):
            return name
    if _decodes(file, "utf-8") or _is_damaged_utf8(file):
        return "utf-8"
    return "cp1252" if _decodes(file, "cp1252") else "latin-1"


def _decodes(file: BinaryIO, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    try:
        while chunk := file.read(CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _is_damaged_utf8(file: BinaryIO) -> bool:
    """Tell whether nearly all foreign letters are UTF-8: a cut one must not spoil all others."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    file.seek(0)
    foreign = bad = 0
    while chunk := file.read(CHUNK):
        text = decoder.decode(chunk)
        bad += text.count("\ufffd")
        foreign += len(text) - len(text.encode("ascii", "ignore"))
    return foreign > 20 * bad


def _delimiter(file: BinaryIO, encoding: str) -> tuple[str | None, str]:
    """Return the delimiter that Excel's "sep=" line names, and the one the first lines suggest."""
    file.seek(0)
    text = codecs.getincrementaldecoder(encoding)("replace").decode(file.read(SAMPLE_BYTES))
    lines = [line for line in text.replace("\0", "").splitlines() if line.strip()][:200]
    if lines and len(lines[0].strip('" \r')) == 5 and lines[0].strip('"').startswith("sep="):
        return lines[0].strip('"')[4], ","
    return None, max(DELIMITERS, key=lambda delimiter: _evenness(lines, delimiter))


def _evenness(lines: list[str], delimiter: str) -> float:
    """Return how well a delimiter divides lines into equally many cells; 0 for not at all."""
    try:
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
    except csv.Error:
        return 0.0
    widths = widths[:-1] if len(widths) > 2 else widths  # the sample may end inside a row
    width = next((width for width in widths if width > 1), 0)
    return sum(found == width for found in widths) / len(widths) * width if width else 0.0


def _header(records: Iterator[_Record], skip_first: bool) -> _Record:
    """Return the headings: the first row with two filled cells, below at most a few titles."""
    first = None
    for count, record in enumerate(records):
        if count == 0 and skip_first:
            continue
        filled = sum(bool(cell) for cell in record.cells)
        if filled >= 2 and record.problem is None:
            return record
        first = first or (record if filled and record.problem is None else None)
        if count > TITLE_LINES:
            break
    if first is None:
        raise BadUsage("No row of headings was found at the top of the file.")
    return first


def _unique(headers: list[str]) -> tuple[str, ...]:
    """Return the headings, each told apart: "Phone", "Phone (2)", "column 3" for an empty one."""
    while not headers[-1]:
        headers = headers[:-1]
    found: dict[str, str] = {}
    for place, header in enumerate(headers, 1):
        base = " ".join(header.split()) or f"column {place}"
        name, nth = base, 1
        while name.casefold() in found:
            nth += 1
            name = f"{base} ({nth})"
        found[name.casefold()] = name
    return tuple(found.values())


def _fit(record: _Record, width: int) -> Row | None:
    """Return a record as a row of that many cells, or None for an empty line."""
    cells = record.cells
    if record.problem:
        return Row(record.line, tuple(cells), record.problem)
    if not any(cells):
        return None
    while len(cells) > width and not cells[-1]:
        cells.pop()
    if len(cells) > width:
        why = f"has {_cells(len(cells) - width)} more than there are headings"
        return Row(record.line, tuple(cells), why)
    missing = width - len(cells)
    if len(cells) == 1 and width > 2:
        return Row(record.line, tuple(cells), "has one cell only")
    return Row(record.line, (*cells, *[""] * missing), None, missing)


def _cells(count: int) -> str:
    return "1 cell" if count == 1 else f"{count} cells"


# From bytes to records


def _records(file: BinaryIO, encoding: str, delimiter: str) -> Iterator[_Record]:
    """Return every record with the line it starts on; cells are stripped."""
    lines = _Lines(file, encoding)
    while (taken := lines.next()) is not None:
        number, text, whole = taken
        problem = None if whole else "is too long for one line"
        if problem is None and '"' in text:
            text, problem = _join(lines, number, text, delimiter)
        yield _parse(number, text, delimiter, problem)


def _join(lines: "_Lines", number: int, text: str, delimiter: str) -> tuple[str, str | None]:
    """Add the lines that belong to a quoted cell; give them back when it is never closed."""
    if not _stays_open(text, delimiter):
        return text, None
    added: list[tuple[int, str, bool]] = []
    parts, length = [text], len(text)
    while len(parts) < MOST_LINES_IN_A_ROW and length < LONGEST_CELL:
        taken = lines.next()
        if taken is None:
            break
        added.append(taken)
        parts.append(taken[1])
        length += len(taken[1])
        if '"' in taken[1] and not _stays_open("".join(parts), delimiter):
            return "".join(parts), None
    lines.give_back(added)
    return text, "has a quotation mark that is never closed"


def _stays_open(text: str, delimiter: str) -> bool:
    """Tell whether a quoted cell is still open at the end of the text."""
    at = 0
    while True:
        while text.startswith(" ", at):
            at += 1
        if text.startswith('"', at):
            at = _after_quoted(text, at + 1)
            if at < 0:
                return True
        at = text.find(delimiter, at)
        if at < 0:
            return False
        at += 1


def _after_quoted(text: str, at: int) -> int:
    """Return the place behind the mark that closes a quoted cell, or -1."""
    while (close := text.find('"', at)) >= 0:
        if not text.startswith('"', close + 1):
            return close + 1
        at = close + 2
    return -1


def _parse(line: int, text: str, delimiter: str, problem: str | None) -> _Record:
    if problem:
        return _Record(line, [text[:200].strip()], problem)
    try:
        rows = list(csv.reader([text], delimiter=delimiter, skipinitialspace=True))
    except csv.Error:
        return _Record(line, [text[:200].strip()], "has a cell that is too long")
    cells = [cell.strip() for row in rows for cell in row]
    return _Record(line, cells)


class _Lines:
    """The physical lines of a file, numbered from 1, without NUL and the old end-of-file mark."""

    def __init__(self, file: BinaryIO, encoding: str) -> None:
        # What cannot be decoded becomes U+FFFD, and the row it stands in says so.
        self.text = io.TextIOWrapper(file, encoding=encoding, errors="replace", newline="")
        self.number = 0
        self.waiting: deque[tuple[int, str, bool]] = deque()

    def next(self) -> tuple[int, str, bool] | None:
        """Return number, text and whether the line is whole; None at the end of the file."""
        if self.waiting:
            return self.waiting.popleft()
        text = self.text.readline(LONGEST_LINE)
        if not text:
            return None
        self.number += 1
        whole = len(text) < LONGEST_LINE or text.endswith(("\n", "\r"))
        if not whole:
            self._skip_rest()
        return self.number, text.replace("\0", "").replace("\x1a", ""), whole

    def give_back(self, lines: list[tuple[int, str, bool]]) -> None:
        """Have lines come again."""
        self.waiting.extendleft(reversed(lines))

    def _skip_rest(self) -> None:
        while rest := self.text.readline(LONGEST_LINE):
            if rest.endswith(("\n", "\r")):
                return

"""Lines of a file or of standard input, whatever their bytes: one text for each, never an error."""

import codecs
import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from pcoord.domain.errors import BadUsage

LONGEST = 65_536
"""Of a longer line the first so many bytes are read, which is more than anything asks for."""

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_BEGINS = 2


@contextmanager
def lines_of(name: str) -> Iterator[Iterator[str]]:
    """Give the lines of a file, those of standard input for "-"; raise BadUsage for one unread.

    Only a line feed ends a line, as other programs count them. Text is UTF-8, else what Windows
    writes; UTF-16 where the file begins with its mark.
    """
    if name == "-":
        if sys.stdin is None:
            raise BadUsage("Standard input cannot be read: it is closed.")
        yield _lines(cast(io.BufferedReader, sys.stdin.buffer), "Standard input")
        return
    try:
        file = open(name, "rb")  # noqa: SIM115
    except OSError as error:
        raise _unread(name, error) from error
    with file:
        yield _lines(file, name)


def _lines(file: io.BufferedReader, name: str) -> Iterator[str]:
    """Yield the lines; a disk that fails half-way is said in words."""
    try:
        if file.peek(_BEGINS)[:_BEGINS] in _UTF16:
            yield from io.TextIOWrapper(file, "utf-16", errors="replace", newline="\n")
            return
        while line := _next(file):
            yield _decoded(line)
    except OSError as error:
        raise _unread(name, error) from error


def _next(file: BinaryIO) -> bytes:
    """Return the next line, of a very long one the beginning."""
    line = rest = file.readline(LONGEST)
    while len(rest) == LONGEST and not rest.endswith(b"\n"):
        rest = file.readline(LONGEST)
    return line


def _decoded(line: bytes) -> str:
    for encoding in ("utf-8", "cp1252"):
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            return decoder.decode(line)  # not to its end: a long line may be cut within a letter
        except UnicodeDecodeError:
            continue
    return line.decode("latin-1")


def _unread(name: str, error: OSError) -> BadUsage:
    return BadUsage(f"{name} cannot be read: {error.strerror}.")

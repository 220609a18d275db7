"""What the terminal shows already, so that one step's second and third picture is not sent whole.

Opening or leaving a panel makes Textual paint the whole screen two or three times in a row, most
of it as it was. Only pictures that follow each other closely are compared: a screen that another
program wrote over is whole again after the next change of screens.
"""

import re
import time
from collections.abc import Callable, Iterator

FRESH = 2.0
"""Seconds for which it is sure enough that a painted row still stands."""

_WIPES = ("\x1b[2J", "\x1b[?1049")
_MOVE = re.compile(r"\n?\x1b\[(\d+);(\d+)H")


class Painted:
    """The rows painted last; `lean` leaves out of a whole picture those that still stand."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._rows: dict[int, str] = {}
        self._until = 0.0
        self._size = (0, 0)

    def forget(self) -> None:
        """Take nothing for painted any more."""
        self._rows.clear()

    def lean(self, data: str, size: tuple[int, int]) -> str:
        """Return what must be sent of a picture of a size; other output stays as it is."""
        if size != self._size or self._clock() > self._until or any(w in data for w in _WIPES):
            self.forget()
            self._size = size
        moves = list(_MOVE.finditer(data))
        if not moves:
            return data
        ends = [move.start() for move in moves[1:]] + [len(data)]
        pieces = [(move, data[move.end() : end]) for move, end in zip(moves, ends, strict=True)]
        written = [(int(move[1]), int(move[2])) for move, text in pieces if text]
        if written != [(row, 1) for row in range(1, size[1] + 1)]:
            for row, _ in written:
                self._rows.pop(row, None)
            return data
        self._until = self._clock() + FRESH
        return data[: moves[0].start()] + "".join(self._missing(pieces))

    def _missing(self, pieces: list[tuple[re.Match[str], str]]) -> Iterator[str]:
        """Yield the rows that do not stand there yet, and where the cursor goes."""
        above = 0
        for move, text in pieces:
            row = int(move[1])
            if not text:
                yield move.group()
            elif self._rows.get(row) != text:
                self._rows[row] = text
                # A line end where nothing was written above could scroll the screen.
                go = move.group() if above == row - 1 else move.group().removeprefix("\n")
                above = row
                yield go + text

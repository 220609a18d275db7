"""How far long work has come: one line on standard error, on a terminal only."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pcoord.commands.out import plain

Progress = Callable[[int, int], None]
WIDTH = 24
_EVERY = 0.2


@contextmanager
def bar(noun: str) -> Iterator[Progress | None]:
    """Give what shows (done, whole) as a bar; None where nobody would see it.

    The line goes away at the end, so that what is said afterwards stands alone.
    """
    if not sys.stderr.isatty():
        yield None
        return
    shown = _Bar(noun)
    try:
        yield shown
    finally:
        shown.clear()


class _Bar:
    """One bar on the last line of the terminal."""

    def __init__(self, noun: str) -> None:
        self._noun = noun
        self._began = time.monotonic()
        self._last = 0.0
        self._width = 0

    def __call__(self, done: int, whole: int) -> None:
        """Draw it anew, but not more often than an eye can follow."""
        now = time.monotonic()
        if done < whole and now - self._last < _EVERY:
            return
        self._last = now
        self._draw(picture(done, whole, self._noun, now - self._began))

    def clear(self) -> None:
        """Take the line away."""
        self._draw("")

    def _draw(self, line: str) -> None:
        line = plain(line)
        padded = line.ljust(self._width)
        self._width = len(line)
        print(f"\r{padded}" + ("" if line else "\r"), end="", file=sys.stderr, flush=True)


def picture(done: int, whole: int, noun: str, seconds: float) -> str:
    """Return the line for so much of the whole after so many seconds."""
    share = min(1.0, done / whole) if whole else 1.0
    full = int(share * WIDTH)
    left = f"  {_short(seconds / share - seconds)} left" if 0.01 < share < 1 and seconds > 2 else ""
    body = "#" * full + "." * (WIDTH - full)
    return f"[{body}] {int(share * 100):>3} %  {done:,} of {whole:,} {noun}{left}"


def _short(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds > 90 else f"{seconds:.0f} s"

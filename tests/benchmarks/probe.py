"""A program in a pseudo terminal whose cost is measured: time, CPU, bytes and memory (Linux).

Nothing is drawn here: a picture would take the processor from the program that is measured. CPU
is the run time of all its threads as the scheduler counts it, in nanoseconds.
"""

import os
import re
import select
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.terminal.terminal import Terminal

COLS, ROWS = 120, 50
REST = 0.06
"""Seconds without a byte and without a running thread after which a key is taken as answered."""

SILENT = 0.6
"""Seconds without a byte that are enough, though one of its threads wants to run."""

_STYLE = re.compile(rb"\x1b\[[0-9;?]*[ -/]*[@-~]")
# What a program asks a terminal at its start, and what an xterm answers.
_ANSWERS = {b"\x1b[c": b"\x1b[?64;1;2;22c", b"\x1b[6n": b"\x1b[1;1R"}


@dataclass
class Cost:
    """What some keys cost: seconds to the last byte of each, CPU seconds, bytes, deflated bytes."""

    waits: list[float] = field(default_factory=list)
    cpu: float = 0.0
    sent: list[int] = field(default_factory=list)
    deflated: list[int] = field(default_factory=list)

    @property
    def cpu_each(self) -> float:
        """Return the CPU seconds of one key."""
        return self.cpu / len(self.waits)


class Probe(Terminal):
    """One measured program; its bytes are kept with the moment they came."""

    def __init__(
        self, argv: Sequence[str], env: Mapping[str, str], cols: int = COLS, rows: int = ROWS
    ) -> None:
        self.came: list[tuple[float, int]] = []
        self._deflate = zlib.compressobj()
        self.started = time.monotonic()
        super().__init__(argv, env, cols, rows)

    def _read(self) -> None:
        while chunk := self._chunk():
            now = time.monotonic()
            with self._changed:
                self._sent += chunk
                self.came.append((now, len(self._sent)))
                self._changed.notify_all()
            for asked, answer in _ANSWERS.items():
                if asked in chunk:
                    with suppress(OSError):
                        self.type(answer)

    def _chunk(self) -> bytes:
        """Return the next bytes at once; the parent looks every tenth second for its end."""
        while True:
            ready, _, _ = select.select([self._master], [], [], 0.1)
            if ready:
                with suppress(OSError):
                    return os.read(self._master, 65536)
                return b""
            if self.process.poll() is not None:
                return b""

    def _sends_application_keys(self, key: str) -> bool:
        return False

    # What it takes

    def cpu(self) -> float:
        """Return the CPU seconds of all its threads so far."""
        return sum(_ran(self.process.pid)) / 1e9

    def memory(self) -> int:
        """Return its share of the memory in bytes: shared pages are divided by their users."""
        text = Path(f"/proc/{self.process.pid}/smaps_rollup").read_text()
        found = re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)
        return int(found[1]) * 1024 if found else 0

    def shows(self, text: str, since: int = 0, timeout: float = 60.0) -> float:
        """Wait until a text was sent, and return the seconds from the start to its last byte."""
        wanted = text.encode()
        with self._changed:
            there = self._changed.wait_for(lambda: wanted in self._plain(since), timeout)
            assert there, f"{text!r} never came; the last was {self._plain(since)[-800:]!r}"
            return self.came[-1][0] - self.started

    def _plain(self, since: int) -> bytes:
        return _STYLE.sub(b"", bytes(self._sent[since:]))

    def rest(self, timeout: float = 20.0) -> None:
        """Wait until it neither sends nor runs; on a busy machine, until it is silent for long."""
        idle_since = silent_since = time.monotonic()
        deadline, last = idle_since + timeout, -1
        while (now := time.monotonic()) < deadline:
            here = len(self._sent)
            if here != last:
                idle_since = silent_since = now
                last = here
            elif _is_running(self.process.pid):
                idle_since = now
            if now - idle_since >= REST or now - silent_since >= SILENT:
                return
            time.sleep(0.004)
        raise AssertionError("it never rests")

    def keys(self, keys: Sequence[str], cost: Cost | None = None) -> Cost:
        """Press keys one after another, each when the one before it is answered."""
        cost = cost or Cost()
        self.rest()
        before = self.cpu()
        for key in keys:
            mark, pressed = self.mark(), time.monotonic()
            self.send(key)
            self._first_byte(mark)
            self.rest()
            sent = self.bytes_since(mark)
            cost.waits.append(self.came[-1][0] - pressed if sent else 0.0)
            cost.sent.append(len(sent))
            small = self._deflate.compress(sent) + self._deflate.flush(zlib.Z_SYNC_FLUSH)
            cost.deflated.append(len(small))
        cost.cpu += self.cpu() - before
        return cost

    def _first_byte(self, mark: int) -> None:
        """Wait for the answer to begin: on a busy machine the key itself is long on its way."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._sent) > mark, SILENT)

    def leave(self) -> None:
        """End the program."""
        self.close()


@contextmanager
def probes(**programs: tuple[Sequence[str], Mapping[str, str]]) -> Iterator[dict[str, Probe]]:
    """Open several programs side by side, and end them all."""
    opened: dict[str, Probe] = {}
    try:
        for name, (argv, env) in programs.items():
            opened[name] = Probe(argv, env)
        yield opened
    finally:
        for probe in opened.values():
            probe.leave()


def _ran(pid: int) -> Iterator[int]:
    for path in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        with suppress(OSError, ValueError):
            yield int(path.read_text().split()[0])


def _is_running(pid: int) -> bool:
    for path in Path(f"/proc/{pid}/task").glob("*/stat"):
        with suppress(OSError, IndexError):
            if path.read_text().rpartition(")")[2].split()[0] in "RD":
                return True
    return False

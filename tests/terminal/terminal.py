"""A real terminal for tests: a program in a pseudo terminal, and what its screen would show.

with Terminal([sys.executable, "-m", "pcoord"], {"PCOORD_NOW": "..."}) as terminal:
    terminal.wait_for("Schedule")
    mark = terminal.mark()
    terminal.send("f4", "gonz", "enter")
    terminal.wait_for("GONZALEZ")
    assert len(terminal.bytes_since(mark)) < 5_000
"""

import fcntl
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import tempfile
import termios
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import pyte

KEYS = {
    "enter": "\r",
    "tab": "\t",
    "shift+tab": "\x1b[Z",
    "esc": "\x1b",
    "escape": "\x1b",
    "space": " ",
    "backspace": "\x7f",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "insert": "\x1b[2~",
    "delete": "\x1b[3~",
    "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~",
    "f1": "\x1bOP",
    "f2": "\x1bOQ",
    "f3": "\x1bOR",
    "f4": "\x1bOS",
    "f5": "\x1b[15~",
    "f6": "\x1b[17~",
    "f7": "\x1b[18~",
    "f8": "\x1b[19~",
    "f9": "\x1b[20~",
    "f10": "\x1b[21~",
    **{f"ctrl+{letter}": chr(ord(letter) & 0x1F) for letter in "abcdefghijklmnopqrstuvwxyz"},
}
CURSOR_KEYS = {"up", "down", "right", "left", "home", "end"}
CURSOR_KEY_MODE = 1 << 5  # private mode 1, as pyte stores it

# What pyte would print as text, and a terminal reads in silence: device strings, and control
# sequences with a private mark before or an intermediate character after the numbers.
SILENT = re.compile(
    rb"\x1b[P_^X].*?(?:\x1b\\|\x07)"
    rb"|\x1b\[[<=>][0-9;:]*[ -/]*[@-~]"
    rb"|\x1b\[\??[0-9;:]*[ -/]+[@-~]"
    rb"|\x1b\[\?[0-9;:]*[mnu]",
    re.DOTALL,
)
UNFINISHED = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*|[P_^X][^\x07]*)?\Z", re.DOTALL)

PATIENCE = 120.0
"""Seconds to wait for what must come; a machine with much else to do may need many of them."""


class Terminal:
    """Runs one program in a terminal of the given size, with an environment of its own."""

    def __init__(
        self,
        argv: Sequence[str],
        env: Mapping[str, str] | None = None,
        cols: int = 80,
        rows: int = 24,
        cwd: str | Path | None = None,
    ) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="pcoord-home-"))
        self._display = pyte.Screen(cols, rows)
        self._stream = pyte.ByteStream(self._display)
        self._sent = bytearray()
        self._pending = b""
        self._changed = threading.Condition()
        self._reads = threading.Event()
        self._reads.set()
        self._dropped = False
        self._master, slave = pty.openpty()
        _set_size(self._master, cols, rows)
        self.process = self._spawn(argv, self._environment(env or {}), slave, cwd)
        os.close(slave)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def send(self, *keys: str) -> None:
        """Press keys by name ("f6", "ctrl+n", "esc"); what is not a name is typed as it stands."""
        for key in keys:
            code = KEYS.get(key, key)
            self.type(code.replace("[", "O") if self._sends_application_keys(key) else code)

    def type(self, text: str | bytes) -> None:
        """Type text, even one that is the name of a key, or bytes as they are."""
        rest = text.encode() if isinstance(text, str) else text
        while rest:
            rest = rest[os.write(self._master, rest) :]

    def screen(self) -> list[str]:
        """Return the lines that the screen shows now, without the blanks at their ends."""
        with self._changed:
            return [line.rstrip() for line in self._display.display]

    def wait_for(self, text: str | re.Pattern[str], timeout: float = PATIENCE) -> str:
        """Return the first line that has the text (or fits the pattern), once the screen has it.

        AssertionError with the whole screen after `timeout` seconds.
        """
        fits = text.search if isinstance(text, re.Pattern) else lambda line: text in line
        self.wait_until(lambda lines: any(map(fits, lines)), timeout, f"for {text!r}")
        return next((line for line in self.screen() if fits(line)), "")

    def wait_gone(self, text: str, timeout: float = PATIENCE) -> None:
        """Wait until no line of the screen has the text."""
        gone = f"until {text!r} was gone"
        self.wait_until(lambda lines: not any(text in line for line in lines), timeout, gone)

    def wait_until(
        self, holds: Callable[[list[str]], bool], timeout: float = PATIENCE, what: str = ""
    ) -> None:
        """Wait until `holds` says yes to the lines of the screen."""
        with self._changed:
            shown = self._changed.wait_for(lambda: holds(self.screen()), timeout)
        assert shown, f"waited {timeout} s {what} in vain; the screen shows\n{self.picture()}"

    def wait_quiet(self, quiet: float = 0.3, timeout: float = PATIENCE) -> None:
        """Wait until the program has sent nothing for `quiet` seconds."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while self._changed.wait(quiet):
                assert time.monotonic() < deadline, f"never quiet\n{self.picture()}"

    def mark(self) -> int:
        """Return a mark for `bytes_since`: how many bytes the program has sent so far."""
        with self._changed:
            return len(self._sent)

    def bytes_since(self, mark: int = 0) -> bytes:
        """Return what the program has sent since the mark."""
        with self._changed:
            return bytes(self._sent[mark:])

    def picture(self) -> str:
        """Return the screen in a frame, for messages."""
        width = self._display.columns
        lines = [f"|{line:<{width}}|" for line in self.screen()]
        return "\n".join([edge := f"+{'-' * width}+", *lines, edge])

    @property
    def cursor(self) -> tuple[int, int]:
        """Where the cursor is: column and row, from 0."""
        with self._changed:
            return self._display.cursor.x, self._display.cursor.y

    @property
    def exit_code(self) -> int | None:
        """The exit code, minus the signal's number when killed, None while it runs."""
        return self.process.poll()

    def wait_exit(self, timeout: float = PATIENCE) -> int:
        """Return the exit code once the program has ended and all it sent has been read."""
        try:
            code = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still runs after {timeout} s\n{self.picture()}") from None
        self._reader.join(timeout)
        return code

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Send a signal to the program."""
        self.process.send_signal(number)

    def wait_stopped(self) -> None:
        """Wait until a signal has stopped the program; it may first put the terminal back."""
        os.waitid(os.P_PID, self.process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)

    def hang_up(self) -> None:
        """Take the line away, as a lost connection does."""
        self.kill(signal.SIGHUP)

    def drop(self) -> None:
        """Close the terminal itself, as a killed window or connection does."""
        self._dropped = True
        self._reads.set()
        self._reader.join(timeout=5)
        os.close(self._master)

    def freeze(self) -> None:
        """Read nothing any more, as a client that hangs; the program's output piles up."""
        self._reads.clear()

    def thaw(self) -> None:
        """Read again."""
        self._reads.set()

    def resize(self, cols: int, rows: int) -> None:
        """Change the size of the terminal; the kernel tells the program."""
        with self._changed:
            self._display.resize(rows, cols)
        _set_size(self._master, cols, rows)

    def close(self) -> None:
        """End the program, if it still runs, and take the terminal and its home folder away."""
        if self.exit_code is None:
            self.thaw()
            self.hang_up()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=2)
        if self.exit_code is None:
            self.kill()
            self.process.wait()
        self.thaw()
        if not self._dropped:
            self.drop()
        shutil.rmtree(self.home, ignore_errors=True)

    def _sends_application_keys(self, key: str) -> bool:
        """Arrows, Home and End have a second code, which a program may switch to (DECCKM)."""
        with self._changed:
            return key in CURSOR_KEYS and CURSOR_KEY_MODE in self._display.mode

    def _environment(self, extra: Mapping[str, str]) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
        fixed = {"HOME": str(self.home), "TERM": "xterm-256color", "LANG": "C.UTF-8"}
        return {**kept, **fixed, **extra}

    def _spawn(
        self, argv: Sequence[str], env: dict[str, str], slave: int, cwd: str | Path | None
    ) -> "subprocess.Popen[bytes]":
        def take_terminal() -> None:
            fcntl.ioctl(slave, termios.TIOCSCTTY, 0)

        return subprocess.Popen(
            list(argv),
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=env,
            cwd=cwd,
            start_new_session=True,
            pass_fds=(slave,),
            preexec_fn=take_terminal,
        )

    def _read(self) -> None:
        """Read until the program has ended and its last bytes are in."""
        while chunk := self._chunk():
            with self._changed:
                self._sent += chunk
                self._stream.feed(self._shown(chunk))
                self._changed.notify_all()

    def _chunk(self) -> bytes:
        """Return the next bytes, b"" when the terminal is closed or its program is gone."""
        while not self._dropped:
            self._reads.wait()
            gone = self.process.poll() is not None
            ready, _, _ = select.select([self._master], [], [], 0.0 if gone else 0.1)
            if ready:
                with suppress(OSError):
                    return os.read(self._master, 65536)
                return b""
            if gone:
                return b""
        return b""

    def _shown(self, chunk: bytes) -> bytes:
        """Return what pyte is to draw; an unfinished sequence waits for its end."""
        text = SILENT.sub(b"", self._pending + chunk)
        cut = UNFINISHED.search(text)
        self._pending = text[cut.start() :] if cut else b""
        return text[: cut.start()] if cut else text


def _set_size(terminal: int, cols: int, rows: int) -> None:
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))

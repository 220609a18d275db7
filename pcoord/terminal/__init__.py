"""The terminal before Textual is loaded: its environment, whether there is one, signals, faults."""

import asyncio
import contextlib
import inspect
import os
import secrets
import signal
import sys
from collections.abc import Callable, Coroutine, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from traceback import TracebackException
from typing import Any, TextIO

from pcoord.clock import Clock, SystemClock, from_environment

NO_TERMINAL = 64
FAULT = 70
KEPT_INCIDENTS = 50

SETTINGS = {
    # A frame may follow a key after 4 ms instead of 17.
    "TEXTUAL_FPS": "240",
    "TEXTUAL_ANIMATIONS": "none",
    "TEXTUAL_SMOOTH_SCROLL": "0",
}
"""What Textual reads once, when it is imported."""

LOCAL_ESCAPE_MS = 100
REMOTE_ESCAPE_MS = 200


def prepare_environment(environ: MutableMapping[str, str] | None = None) -> None:
    """Drop every TEXTUAL variable, which could run or write things, and set our own.

    Call it before Textual is imported. ESCDELAY (milliseconds) stays as the person set it, and
    is longer over SSH, where a key's bytes may arrive in parts.
    """
    environ = os.environ if environ is None else environ
    for name in [name for name in environ if name.upper().startswith("TEXTUAL")]:
        del environ[name]
    environ.update(SETTINGS)
    remote = "SSH_CONNECTION" in environ or "SSH_TTY" in environ
    wanted = environ.get("ESCDELAY", "")
    if not (wanted.isascii() and wanted.isdigit() and 1 <= int(wanted) <= 2000):
        environ["ESCDELAY"] = str(REMOTE_ESCAPE_MS if remote else LOCAL_ESCAPE_MS)


def wants_mono(environ: MutableMapping[str, str] | None = None) -> bool:
    """Tell whether NO_COLOR asks for a screen without colours."""
    return bool((os.environ if environ is None else environ).get("NO_COLOR"))


def missing_terminal(
    stdin: TextIO | None = None, stdout: TextIO | None = None, term: str | None = None
) -> str:
    """Return a sentence saying why the desk cannot open here, or ""."""
    streams = (stdin or sys.__stdin__, stdout or sys.__stdout__)
    term = os.environ.get("TERM", "") if term is None else term
    if not all(stream is not None and stream.isatty() for stream in streams):
        return (
            "The desk needs a terminal, and there is none here. "
            "Open it in one, or use the commands that `pcoord --help` lists."
        )
    if term in ("", "dumb", "unknown"):
        return (
            f"The desk cannot draw on a terminal of kind {term or 'unknown'!r}. "
            "Set TERM to your terminal's kind, such as xterm-256color, and try again."
        )
    return ""


def refuse_without_terminal() -> None:
    """Leave with 64 and one sentence on standard error when no screen can be drawn here."""
    sentence = missing_terminal()
    if sentence:
        print(sentence, file=sys.stderr)
        raise SystemExit(NO_TERMINAL)


@dataclass(frozen=True, slots=True)
class Incident:
    """A fault of ours: its number, and where its details lie (None when not written)."""

    number: str
    path: Path | None

    @property
    def sentence(self) -> str:
        """Return what the person is told."""
        where = f" Details are in {self.path}." if self.path else ""
        return (
            f"pcoord had to stop: a fault of ours, incident {self.number}. "
            "What was stored is safe. Start pcoord again, and give this number to the person "
            f"who looks after it.{where}"
        )


def incident_folder() -> Path:
    """Return where details of faults are kept: the user's state folder."""
    from platformdirs import user_state_path

    return user_state_path("pcoord") / "incidents"


def record_incident(error: BaseException, folder: Path | None = None) -> Incident:
    """Write where an error arose, without values, to a file only its owner reads."""
    now = _clock().now()
    number = f"{now:%Y%m%d}-{secrets.token_hex(3).upper()}"
    try:
        folder = folder or incident_folder()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / f"{number}.txt"
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(f"incident {number}\n{now.isoformat()}\n\n{scrubbed_traceback(error)}")
        _forget_old(folder)
    except OSError:
        return Incident(number, None)
    return Incident(number, path)


def _clock() -> Clock:
    try:
        return from_environment()
    except ValueError:  # a clock that is set wrongly may be the fault itself
        return SystemClock()


def scrubbed_traceback(error: BaseException) -> str:
    """Return the kinds of the errors and the lines they came from.

    Messages and local variables are left out: they may name patients.
    """
    lines: list[str] = []
    seen: TracebackException | None = TracebackException.from_exception(error, capture_locals=False)
    while seen is not None:
        kind = seen.exc_type.__name__ if seen.exc_type is not None else "error"
        lines.append(f"{kind} (message left out)")
        lines += [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in seen.stack]
        seen = seen.__cause__ or seen.__context__
        lines += ["", "after"] if seen is not None else []
    return "\n".join(lines) + "\n"


def _forget_old(folder: Path) -> None:
    for path in sorted(folder.glob("*.txt"))[:-KEPT_INCIDENTS]:
        with contextlib.suppress(OSError):
            path.unlink()


ENDS = (signal.SIGHUP, signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)
"""Signals that ask the desk to keep what is typed and leave."""

Hook = Callable[[signal.Signals], Coroutine[Any, Any, None] | None]


def on_hangup(hook: Hook, loop: asyncio.AbstractEventLoop | None = None) -> None:
    """Call the hook, a function or a coroutine function, once when the line drops or we must end.

    It gets the first of ENDS that comes; call it from the running event loop.
    """
    loop = loop or asyncio.get_running_loop()
    running: set[asyncio.Task[None]] = set()
    done = False

    def call(number: signal.Signals) -> None:
        nonlocal done
        result = None if done else hook(number)
        done = True
        if inspect.iscoroutine(result):
            task = loop.create_task(result)
            running.add(task)
            task.add_done_callback(running.discard)

    for number in ENDS:
        loop.add_signal_handler(number, call, number)

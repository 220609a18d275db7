"""The terminal as Textual drives it: hostile bytes, dropped lines, fewer bytes, faults."""

import contextlib
import os
import re
import selectors
import signal
import sys
import time
from codecs import getincrementaldecoder, lookup
from collections.abc import Callable
from functools import lru_cache
from typing import IO, Any
from unicodedata import normalize

from rich.cells import cell_len
from rich.text import Text
from textual import events
from textual._parser import ParseError
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from pcoord.terminal import FAULT, Incident, record_incident
from pcoord.terminal.anchors import anchored
from pcoord.terminal.painted import Painted

PASTE_START = "\x1b[200~"
PASTE_END = "\x1b[201~"
PASTE_PATIENCE = 1.0
"""Seconds without a byte after which a paste that never ended is taken as ended."""

FOCUS_REPORTS = "\x1b[?1004h"
"""Asks to be told when the window gains or loses the focus, each of which repaints everything."""

POINTER_SHAPE = "\x1b]22;"
"""Names the mouse's picture; older consoles print it instead."""

_PIECE = re.compile(
    r"(?P<styled>\x1b\[[\d;]*m[^\x1b]*\x1b\[0?m)"
    r"|(?P<end>\n?)\x1b\[(?P<row>\d+);(?P<column>\d+)H"
    r"|(?P<last> {6,}(?=\n?\x1b\[\d+;\d+H))"
    r"|(?P<blank> {11,})"
)


# Every run of text is styled from nothing and reset behind it, so that asking for the terminal's
# own colours (39 and 49) asks for nothing; what is drawn under an open panel does so everywhere.
_PLAIN = re.compile(r"\x1b\[39;49m([^\x1b]*)\x1b\[0m")
_OWN_COLOURS = re.compile(r"\x1b\[(\d+(?:;\d+)*?)(?:;[34]9)+m")


def squeeze(data: str) -> str:
    """Return terminal output that looks the same in fewer bytes.

    Long runs of plain blanks are erased instead of sent, and the way to the next line is two
    characters. Blanks within a style stay, since they may be reversed or underlined.
    """
    at = 0

    def shorter(match: re.Match[str]) -> str:
        nonlocal at
        if match["row"] is not None:
            before, at = at, int(match["row"])
            following = match["end"] and match["column"] == "1" and at == before + 1
            return "\r\n" if following else match.group().removeprefix("\n")
        if match["last"] is not None:
            return f"\x1b[{len(match['last'])}X"
        if match["blank"] is not None:
            return f"\x1b[{len(match['blank'])}X\x1b[{len(match['blank'])}C"
        return match.group()

    return _PIECE.sub(shorter, data)


def in_letters_of(encoding: str, text: str) -> str:
    """Return text as a terminal of another character set can show it, as wide as before.

    A letter that it lacks is drawn without its accent, anything else as a question mark.
    """
    if text.isascii():
        return text
    return "".join(_in_letters_of(encoding, character) for character in text)


@lru_cache(4096)
def _in_letters_of(encoding: str, character: str) -> str:
    for shown in (character, normalize("NFD", character)[0], _LIKE.get(character, "")):
        try:
            if shown.encode(encoding) and cell_len(shown) == cell_len(character):
                return shown
        except UnicodeEncodeError:
            continue
    return "?" * cell_len(character)


_LIKE = {"\u2026": "~", "\u2500": "-", "\u2502": "|", "\u2018": "'", "\u2019": "'"}
_LIKE |= {"\u201c": '"', "\u201d": '"', "\u2013": "-", "\u2014": "-", "\xa0": " "}
"""What stands for the desk's own signs where a terminal lacks them."""


def encoding_of(file: Any) -> str:
    """Return the character set of a terminal; one that is only said to know ASCII knows UTF-8.

    That is what a line without any locale is: an old server's setting, and a terminal of today.
    """
    try:
        name = lookup(getattr(file, "encoding", None) or "utf-8").name
    except LookupError:
        return "utf-8"
    return "utf-8" if name == "ascii" else name


def plain(data: str) -> str:
    """Return terminal output that does not ask for the colours there are without asking."""
    if "9m" not in data:
        return data
    return _OWN_COLOURS.sub(_without_own_colours, _PLAIN.sub(r"\1", data))


def _without_own_colours(match: re.Match[str]) -> str:
    """Drop the terminal's own colours from a style of the sixteen; larger palettes stay."""
    codes = match[1].split(";")
    return match.group() if {"38", "48"} & {*codes} else f"\x1b[{match[1]}m"


class QuietFile:
    """The terminal's file; writing to a line that has dropped is no error."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self.encoding = encoding_of(file)
        reconfigure = getattr(file, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding=self.encoding, errors="replace")

    def write(self, text: str) -> int:
        """Write, or do nothing when nobody is there any more."""
        if self.encoding != "utf-8":
            text = in_letters_of(self.encoding, text)
        try:
            return self._file.write(text)
        except (OSError, ValueError):
            self._give_up()
            return 0

    def flush(self) -> None:
        """Send what was written."""
        try:
            self._file.flush()
        except (OSError, ValueError):
            self._give_up()

    def _give_up(self) -> None:
        """Let what is still buffered go nowhere, so that leaving meets no error either."""
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._file.fileno())

    def fileno(self) -> int:
        """Return the number of the file beneath."""
        return self._file.fileno()


class PasteWatch:
    """Ends a paste whose end mark never comes."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._tail = ""
        self._open = False
        self._last = 0.0

    def saw(self, data: str) -> None:
        """Take note of what was read."""
        seen = self._tail + data
        self._tail = seen[-len(PASTE_END) + 1 :]
        start, end = seen.rfind(PASTE_START), seen.rfind(PASTE_END)
        if start != end:
            self._open = start > end
        self._last = self._clock()

    def overdue(self) -> bool:
        """Tell, once, that an open paste has been silent for too long."""
        late = self._open and self._clock() - self._last >= PASTE_PATIENCE
        if late:
            self._open, self._tail = False, ""
        return late


class SafeDriver(LinuxDriver):
    """Survives bytes that are no UTF-8, pastes without an end, and a line that drops."""

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        # Textual's own is standard error, which may go into a file while the screen is wanted.
        self._file: Any = QuietFile(sys.__stdout__ or self._file)
        self._painted = Painted()

    def start_application_mode(self) -> None:
        """Begin, on a screen of which nothing is known."""
        self._painted.forget()
        super().start_application_mode()
        resized = signal.getsignal(signal.SIGWINCH)

        def forget_first(*told: Any) -> None:
            self._painted.forget()
            if callable(resized):
                resized(*told)

        signal.signal(signal.SIGWINCH, forget_first)

    def write(self, data: str) -> None:
        """Write terminal output: what does not stand there yet, in its place and squeezed."""
        if data != FOCUS_REPORTS and not data.startswith(POINTER_SHAPE):
            missing = self._painted.lean(plain(data), self._app.size)
            super().write(squeeze(anchored(missing)))

    def process_message(self, message: Message) -> None:
        """Pass on what was read, except that the window gained or lost the focus."""
        if isinstance(message, events.Resize):
            self._painted.forget()
        if not isinstance(message, (events.AppFocus, events.AppBlur)):
            super().process_message(message)

    def _run_input_thread(self) -> None:
        # Textual's own prints the error with its source; a person sees a number instead.
        try:
            self.run_input_thread()
        except Exception as error:
            self._loop.call_soon_threadsafe(self._app._handle_exception, error)

    def run_input_thread(self) -> None:
        """Read keys until told to stop or the line drops."""
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder(self._file.encoding)(errors="replace").decode
        paste = PasteWatch()
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                data = self._read(decode) if selector.select(0.1) else ""
                if data is None:
                    self._loop.call_soon_threadsafe(self._dropped)
                    break
                self._take(parser, paste, data)
        self._drain(parser)

    def _read(self, decode: Callable[[bytes], str]) -> str | None:
        """Return what was typed, "" when only half a character came, None when the line dropped."""
        try:
            data = os.read(self.fileno, 4096)
        except OSError:
            return None
        return decode(data) if data else None

    def _take(self, parser: XTermParser, paste: PasteWatch, data: str) -> None:
        if data:
            paste.saw(data)
        elif paste.overdue():
            data = PASTE_END
        if data:
            for event in parser.feed(data):
                self.process_message(event)
        for event in parser.tick():
            self.process_message(event)

    def _drain(self, parser: XTermParser) -> None:
        try:
            for _ in parser.feed(""):
                pass
        except (EOFError, ParseError):
            return

    def _dropped(self) -> None:
        """Tell the app, which may want to keep a draft, that nobody is there any more."""
        hook = getattr(self._app, "terminal_dropped", None)
        if hook is None:
            self._app.exit(return_code=129)
        else:
            hook()


def fatal(app: App[Any], error: Exception) -> Incident:
    """End the app after a fault of ours: an incident number for the person, exit code 70.

    Call it from the app's `_handle_exception`; tests still see the error itself.
    """
    incident = record_incident(error)
    if app._exception is None:
        app._exception = error
        app._exception_event.set()
    app._return_code = FAULT
    app.panic(Text(incident.sentence))
    return incident

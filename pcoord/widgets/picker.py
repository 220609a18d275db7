"""Asks which one is meant; nothing is chosen before the person chooses."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.geometry import Size
from textual.message import Message

from pcoord.widgets.line_view import LineView
from pcoord.widgets.paint import Line, wrapped

DIGITS = "123456789"
INDENT_LEFT = 4
INDENT = INDENT_LEFT + 1
"""Cells beside a candidate's text."""

MOST_LINES = 10
"""Lines that candidates may take before each is cut to one."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One of those that may be meant: its key, and the text that tells it from the others."""

    key: str
    text: str


class Picker(LineView, can_focus=True):
    """Up to nine candidates a page: a digit chooses, or arrows, Home, End and Enter."""

    DEFAULT_CSS = "Picker { height: auto; }"

    class Chosen(Message):
        """A candidate was chosen."""

        def __init__(self, picker: "Picker", key: str) -> None:
            super().__init__()
            self.picker = picker
            self.key = key

        @property
        def control(self) -> "Picker":
            """Return the picker, so that handlers can select by it."""
            return self.picker

    def __init__(
        self, question: str = "", candidates: Sequence[Candidate] = (), *, id: str | None = None
    ) -> None:
        super().__init__(id=id)
        self._question = question
        self._candidates = tuple(candidates)
        self._cursor = -1
        self._first = 0

    def ask(self, question: str, candidates: Sequence[Candidate]) -> None:
        """Ask anew, with nothing chosen."""
        self._question, self._candidates = question, tuple(candidates)
        self._cursor, self._first = -1, 0
        self.refresh(layout=True)
        self.redraw()

    @property
    def cursor_key(self) -> str | None:
        """Return the key of the candidate under the cursor, None before an arrow was pressed."""
        return self._candidates[self._cursor].key if self._cursor >= 0 else None

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return the lines needed: the question, the longest page of candidates, and its foot."""
        pages = range(0, max(1, len(self._candidates)), len(DIGITS))
        longest = max(len(self._page(first, width)) for first in pages)
        return 1 + longest + (len(self._candidates) > len(DIGITS))

    def _page(self, first: int, width: int) -> list[tuple[int, str]]:
        """Return the lines of a page, each with the candidate's index.

        Where few are asked about a long one takes more lines: what tells two people apart may
        stand at its end.
        """
        page = range(first, min(first + len(DIGITS), len(self._candidates)))
        rows = [(n, wrapped(self._candidates[n].text, width - INDENT)) for n in page]
        if sum(len(lines) for _, lines in rows) > MOST_LINES:
            return [(n, self._candidates[n].text) for n in page]
        return [(n, line) for n, lines in rows for line in lines or [""]]

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Keep every printable key from the app's letters."""
        return character is not None and character.isprintable()

    def on_key(self, event: events.Key) -> None:
        """Choose; Esc and function keys go on to the screen."""
        character = event.character or ""
        page, here = len(DIGITS), self._cursor
        places = {"up": here - 1, "down": here + 1, "home": 0, "end": len(self._candidates) - 1}
        places |= {"pageup": self._first - page, "pagedown": self._first + page}
        if event.key in places:
            self._go(places[event.key])
        elif event.key == "enter":
            self._choose(self._cursor)
        elif character and character in DIGITS:
            self._choose(self._first + DIGITS.index(character))
        elif not (character and character.isprintable()):
            return
        event.stop()
        event.prevent_default()

    def _go(self, place: int) -> None:
        if self._candidates:
            self._cursor = max(0, min(place, len(self._candidates) - 1))
            self._first = self._cursor // len(DIGITS) * len(DIGITS)
            self.redraw()
            lines = [n for n, _ in self._page(self._first, self.size.width)]
            self.point_at(0, lines.index(self._cursor) + 1)

    def _choose(self, index: int) -> None:
        if 0 <= index < min(len(self._candidates), self._first + len(DIGITS)):
            self.post_message(self.Chosen(self, self._candidates[index].key))

    def line(self, y: int) -> Line:
        """Return the question, a candidate's line, or how many more there are."""
        if y == 0:
            return ((self._question, "bold"),)
        shown = self._page(self._first, self.size.width)
        if y > len(shown):
            if len(self._candidates) <= len(DIGITS) or y > len(shown) + 1:
                return ()
            more = len(self._candidates) - self._first - len(DIGITS)
            return ((f"  {more} more, PgDn" if more > 0 else "  PgUp shows the first", "dim"),)
        index, text = shown[y - 1]
        first = y == 1 or shown[y - 2][0] != index
        digit = f" {index - self._first + 1}  " if first else " " * INDENT_LEFT
        return ((f"{digit}{text} ", "reverse" if index == self._cursor else ""),)

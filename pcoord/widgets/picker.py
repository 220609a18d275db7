"""Asks which one is meant; nothing is chosen before the person chooses."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.message import Message

from pcoord.widgets.line_view import LineView
from pcoord.widgets.paint import Line

DIGITS = "123456789"


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

    def get_content_height(self, *_: object) -> int:
        """Return the lines needed: the question and one page of candidates."""
        return 1 + min(len(self._candidates), len(DIGITS)) + (len(self._candidates) > len(DIGITS))

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Keep every printable key from the app's letters."""
        return character is not None and character.isprintable()

    def on_key(self, event: events.Key) -> None:
        """Choose; Esc and function keys go on to the screen."""
        character = event.character or ""
        page, all_of_them = len(DIGITS), len(self._candidates)
        steps = {"up": -1, "down": 1, "pageup": -page, "pagedown": page}
        steps |= {"home": -all_of_them, "end": all_of_them}
        if event.key in steps:
            self._move(steps[event.key])
        elif event.key == "enter":
            self._choose(self._cursor)
        elif character and character in DIGITS:
            self._choose(self._first + DIGITS.index(character))
        elif not (character and character.isprintable()):
            return
        event.stop()
        event.prevent_default()

    def _move(self, step: int) -> None:
        if self._candidates:
            self._cursor = max(0, min(self._cursor + step, len(self._candidates) - 1))
            self._first = self._cursor // len(DIGITS) * len(DIGITS)
            self.redraw()
            self.point_at(0, self._cursor - self._first + 1)

    def _choose(self, index: int) -> None:
        if 0 <= index < min(len(self._candidates), self._first + len(DIGITS)):
            self.post_message(self.Chosen(self, self._candidates[index].key))

    def line(self, y: int) -> Line:
        """Return the question, a candidate, or how many more there are."""
        if y == 0:
            return ((self._question, "bold"),)
        index = self._first + y - 1
        if y > len(DIGITS):
            more = len(self._candidates) - self._first - len(DIGITS)
            return ((f"  {more} more, PgDn" if more > 0 else "  PgUp shows the first", "dim"),)
        if index >= len(self._candidates):
            return ()
        style = "reverse" if index == self._cursor else ""
        return ((f" {y}  {self._candidates[index].text} ", style),)

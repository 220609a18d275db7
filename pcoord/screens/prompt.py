"""One question on one line, over the foot of whatever is there: a date, a file name."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult

from pcoord.domain.errors import DeskError
from pcoord.widgets.line_edit import LineEdit
from pcoord.widgets.line_view import LineView
from pcoord.widgets.over import Over
from pcoord.widgets.paint import Line, wrapped

if TYPE_CHECKING:
    from pcoord.app import PcoordApp


MOST = 3
"""Lines that what is below the question may take."""


class PromptLine(LineView, can_focus=True):
    """The question with what is typed, and below it what that means."""

    DEFAULT_CSS = "PromptLine { height: 3; dock: bottom; border-top: solid ansi_default; }"

    def __init__(self, label: str, text: str) -> None:
        super().__init__()
        self.label = f"{label}> "
        self.edit = LineEdit(text)
        self._below: list[Line] = []

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Every printable key is text here."""
        return character is not None and character.isprintable()

    def show(self, text: str, *, refused: bool = False) -> None:
        """Show what the typed text means, or why not, on as many lines as it needs."""
        style = "reverse" if refused else ""
        lines = wrapped(text, (self.size.width or 80) - 4) or [""]
        self._below = [((f"  {line} " if line else "", style),) for line in lines[:MOST]]
        self.styles.height = 2 + len(self._below)
        self.redraw()
        self.point_at(len(self.label) + self.edit.at, 0)

    def line(self, y: int) -> Line:
        """Return the question, or what is below it."""
        if y:
            return self._below[y - 1] if y <= len(self._below) else ()
        room = max(1, self.size.width - len(self.label))
        return ((self.label, "bold"), *self.edit.spans(True, room))


class PromptScreen(Over[None]):
    """Asks for one text; `means` says what it is taken for or raises, `done` gets it at Enter."""

    DEFAULT_CSS = "PromptScreen { background: transparent; }"
    app: "PcoordApp"

    def __init__(
        self,
        label: str,
        means: Callable[[str], str],
        done: Callable[[str], None],
        *,
        text: str = "",
        hint: str = "",
    ) -> None:
        super().__init__()
        self._line = PromptLine(label, text)
        self._means, self._done, self._hint = means, done, hint

    def compose(self) -> ComposeResult:
        """Compose the one line."""
        yield self._line

    def on_mount(self) -> None:
        """Take the keys."""
        self._line.focus()
        self._think()

    def on_key(self, event: events.Key) -> None:
        """Edit, take it, or leave with nothing changed."""
        if event.key == "escape":
            self.app.pop_screen()
        elif event.key == "enter":
            self._enter()
        elif self._line.edit.key(event.key, event.character):
            self._think()
        else:
            return
        event.stop()
        event.prevent_default()

    def on_paste(self, event: events.Paste) -> None:
        """Take pasted text as typed."""
        event.stop()
        self._line.edit.insert(event.text)
        self._think()

    @property
    def _text(self) -> str:
        return self._line.edit.text.strip()

    def _think(self) -> None:
        """Show what is understood so far; half a word is no mistake yet."""
        try:
            self._line.show(self._means(self._text) if self._text else self._hint)
        except DeskError:
            self._line.show(self._hint)

    def _enter(self) -> None:
        if not self._text:
            self.app.pop_screen()
            return
        try:
            self._means(self._text)
        except DeskError as refusal:
            self._line.show(refusal.sentence, refused=True)
            return
        self.app.pop_screen()
        self._done(self._text)

"""Rows of choices answered with one key each: ticks, and one out of several."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.message import Message

from pcoord.widgets.line_view import LineView
from pcoord.widgets.paint import Line, Span, width_of


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice: the key that takes it, what it stands for, and its words on the screen."""

    key: str
    value: str
    text: str


MOST_LINES = 3
"""Lines that options may take where one is too narrow for them."""


class KeyRow(LineView, can_focus=True):
    """A label and options beside it; a key takes one, Enter goes on with what stands there."""

    DEFAULT_CSS = "KeyRow { height: 1; }"

    class Changed(Message):
        """An option was taken or let go."""

        def __init__(self, row: "KeyRow", value: str) -> None:
            super().__init__()
            self.row = row
            self.value = value

        @property
        def control(self) -> "KeyRow":
            """Return the row, so that handlers can select by it."""
            return self.row

    class Left(Message):
        """Enter was pressed: go on to the next field."""

        def __init__(self, row: "KeyRow") -> None:
            super().__init__()
            self.row = row

        @property
        def control(self) -> "KeyRow":
            """Return the row, so that handlers can select by it."""
            return self.row

    class Typed(Message):
        """A letter that is no option was typed: whoever types it means to write."""

        def __init__(self, row: "KeyRow", character: str) -> None:
            super().__init__()
            self.row = row
            self.character = character

        @property
        def control(self) -> "KeyRow":
            """Return the row, so that handlers can select by it."""
            return self.row

    def __init__(
        self, label: str, options: Sequence[Choice] = (), *, several: bool, id: str | None = None
    ) -> None:
        super().__init__(id=id)
        self._label = label
        self._several = several
        self._options = tuple(options)
        self.taken: list[str] = []

    def offer(self, options: Sequence[Choice]) -> None:
        """Offer other options; what is taken stays taken."""
        self._options = tuple(options)
        self._lay_out()

    def take(self, values: Sequence[str]) -> None:
        """Have these taken, without a message."""
        self.taken = list(values)
        self._lay_out()

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Keep every printable key from the app's letters."""
        return character is not None and character.isprintable()

    def on_key(self, event: events.Key) -> None:
        """Take an option, or go on; other keys go on to the screen."""
        character = event.character or ""
        if event.key == "enter":
            self.post_message(self.Left(self))
        elif character and character.isprintable():
            self._choose(character)
        else:
            return
        event.stop()
        event.prevent_default()

    def on_focus(self) -> None:
        """Show which options the keys take."""
        self._lay_out()
        self.point_at(len(self._label), 0)

    def on_blur(self) -> None:
        """Show the row at rest."""
        self._lay_out()

    def on_resize(self) -> None:
        """Take the lines that the new width asks for."""
        self._lay_out()

    def _lay_out(self) -> None:
        wanted = len(self._lines())
        if self.styles.height is None or self.styles.height.value != wanted:
            self.styles.height = wanted
        self.redraw()

    def _choose(self, character: str) -> None:
        option = next((o for o in self._options if o.key == character.casefold()), None)
        if option is None:
            self.post_message(self.Typed(self, character))
            return
        if not self._several:
            self.taken = [option.value]
        elif option.value in self.taken:
            self.taken.remove(option.value)
        else:
            self.taken.append(option.value)
        self._lay_out()
        self.post_message(self.Changed(self, option.value))

    def line(self, y: int) -> Line:
        """Return one of the lines; a row at rest shows less of what was not taken."""
        lines = self._lines()
        return lines[y] if y < len(lines) else ()

    def _lines(self) -> list[Line]:
        """Return the options beside the label.

        Where all of it does not fit, the blanks between options and then the label give way to
        keep one line; where that is not enough the options go on below each other.
        """
        label: Span = (self._label, "bold" if self.has_focus else "")
        width = self.size.width
        for lead, gap in ((label, 2), (label, 1), ((" ", ""), 1)):
            options = [self._option(option, gap) for option in self._options]
            spans = (lead, *(span for option in options for span in option))
            if not width or width_of(spans) - gap <= width:
                return [spans]
        return self._folded(label, width)

    def _folded(self, label: Span, width: int) -> list[Line]:
        lines: list[Line] = [(label,)]
        for option in self._options:
            spans = tuple(self._option(option, 2))
            fits = width_of((*lines[-1], *spans)) - 2 <= width
            if fits or len(lines[-1]) == 1 or len(lines) == MOST_LINES:
                lines[-1] = (*lines[-1], *spans)
            else:
                lines.append(((" " * len(self._label), ""), *spans))
        return lines

    def _option(self, option: Choice, gap: int) -> list[Span]:
        taken = option.value in self.taken
        end = (" " * gap, "")
        if self._several:
            mark = f"[{'x' if taken else ' '}] "
            return [(mark, ""), (option.key, "bold"), (f" {option.text}", ""), end]
        style = "reverse" if taken else ""
        if not self.has_focus:
            return [(option.text, ""), end] if taken else []
        return [(option.key, "bold"), (f" {option.text}", style), end]

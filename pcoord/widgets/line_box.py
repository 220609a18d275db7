"""A box for one typed line, with lines about it below."""

from pcoord.widgets.line_edit import LineEdit
from pcoord.widgets.line_view import LineView
from pcoord.widgets.paint import Line


class LineBox(LineView, can_focus=True):
    """Draws the typed line, what was understood, and what could be chosen."""

    DEFAULT_CSS = "LineBox { height: 12; dock: bottom; border-top: solid ansi_default; }"

    def __init__(self, verb: str, text: str) -> None:
        super().__init__()
        self.prompt = f"{verb}> " if verb else "> "
        self.edit = LineEdit(text)
        self.lines: list[Line] = []

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Every printable key is text here."""
        return character is not None and character.isprintable()

    def show(self, lines: list[Line]) -> None:
        """Show other lines under the typed one."""
        self.lines = lines
        self.redraw()
        self.point_at(min(len(self.prompt) + self.edit.at, self.size.width - 1), 0)

    def line(self, y: int) -> Line:
        """Return the typed line, or one below it."""
        if y == 0:
            room = self.size.width - len(self.prompt)
            return ((self.prompt, "bold"), *self.edit.spans(True, room))
        return self.lines[y - 1] if y - 1 < len(self.lines) else ()

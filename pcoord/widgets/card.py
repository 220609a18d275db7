"""A panel of plain lines, such as a patient's card."""

from collections.abc import Sequence

from pcoord.widgets.line_view import LineView
from pcoord.widgets.paint import Line

CardLine = str | tuple[str, str] | Line
"""A plain text, a text with its style, or a whole line of spans."""


class Card(LineView):
    """Lines of text; `rule` draws a thin bar at its left side."""

    def __init__(
        self,
        lines: Sequence[CardLine] = (),
        *,
        rule: bool = False,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._rule: Line = (("| ", ""),) if rule else ()
        self._lines = [_spans(line) for line in lines]

    def set_lines(self, lines: Sequence[CardLine]) -> None:
        """Show other lines; only those that differ are sent."""
        self._lines = [_spans(line) for line in lines]
        self.redraw()

    def line(self, y: int) -> Line:
        """Return a line; the last one says how many more there are when they do not fit."""
        height = self.size.height
        hidden = len(self._lines) - height
        if hidden > 0 and y == height - 1:
            return (*self._rule, (f"{hidden + 1} more lines", "dim"))
        return (*self._rule, *(self._lines[y] if y < len(self._lines) else ()))


def _spans(line: CardLine) -> Line:
    if isinstance(line, str):
        return ((line, ""),)
    if len(line) == 2 and isinstance(line[0], str) and isinstance(line[1], str):
        return ((line[0], line[1]),)
    return tuple(span for span in line if isinstance(span, tuple))

"""The base of every widget here: it draws line by line and sends only lines that changed."""

from collections.abc import Iterable

from textual.geometry import Offset, Region
from textual.strip import Strip
from textual.widget import Widget

from pcoord.widgets.paint import Line, changed_width, pad, strip_of


class LineView(Widget):
    """A widget whose lines are made by `line(y)`; `redraw` repaints those that differ."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "LineView { width: 1fr; height: 1fr; background: transparent; }"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._drawn: dict[int, Line] = {}

    def line(self, y: int) -> Line:
        """Return what stands on line y of the widget, 0 at its top; it may be shorter."""
        raise NotImplementedError

    def render_line(self, y: int) -> Strip:
        """Draw one line, and remember it to compare with later."""
        drawn = self._drawn[y] = pad(self.line(y), self.size.width)
        return strip_of(drawn)

    def redraw(self, lines: Iterable[int] | None = None) -> None:
        """Repaint those of the given lines (all when None) that no longer look the same."""
        height = self.size.height
        wanted = range(height) if lines is None else (y for y in set(lines) if 0 <= y < height)
        changes = [region for y in wanted if (region := self._change(y))]
        if changes:
            self.refresh(*changes)

    def _change(self, y: int) -> Region | None:
        drawn = self._drawn.get(y)
        if drawn is None:
            return Region(0, y, self.size.width, 1)
        new = pad(self.line(y), self.size.width)
        return None if new == drawn else Region(0, y, changed_width(drawn, new), 1)

    def point_at(self, x: int, y: int) -> None:
        """Put the terminal's own cursor where the eye is, for screen readers."""
        if self.has_focus:
            x = max(0, min(x, self.size.width - 1))
            self.app.cursor_position = self.content_region.offset + Offset(x, y)


class OneLine(LineView):
    """One line of text with a style."""

    DEFAULT_CSS = "OneLine { height: 1; }"

    def __init__(self, text: str = "", style: str = "", *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._spans: Line = ((text, style),)

    def set(self, text: str, style: str = "") -> None:
        """Show another text; nothing is sent when it is the same."""
        self._spans = ((text, style),)
        self.redraw()

    def line(self, y: int) -> Line:
        """Return the one line."""
        return self._spans if y == 0 else ()

"""The base of every widget here: it draws line by line and sends only lines that changed."""

from collections.abc import Iterable

from textual.geometry import Offset, Region
from textual.strip import Strip
from textual.widget import Widget

from pcoord.widgets.paint import (
    Line,
    blank,
    changed_width,
    pad,
    strip_of,
    with_room_for_facts,
)


class Backdrop(Widget):
    """What holds other widgets and shows nothing between them, so that nothing is drawn for it."""

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return blank lines."""
        return [blank(crop.width)] * crop.height


class LineView(Widget):
    """A widget whose lines are made by `line(y)`; `redraw` repaints those that differ.

    Its lines go to the screen as they are made: where it has neither border nor padding nothing
    else would be added, so Textual's own way through its styles is left out.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = "LineView { width: 1fr; height: 1fr; background: transparent; }"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._drawn: dict[int, Line] = {}
        self._coming: dict[int, Line] = {}
        self._kept: tuple[Region, list[Strip]] | None = None

    def line(self, y: int) -> Line:
        """Return what stands on line y of the widget, 0 at its top; it may be shorter."""
        raise NotImplementedError

    def render_line(self, y: int) -> Strip:
        """Draw one line, and remember it to compare with later."""
        drawn = self._coming.pop(y, None)
        if drawn is None:
            drawn = pad(self.line(y), self.size.width)
        self._drawn[y] = drawn
        return strip_of(drawn)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw the lines that changed; the others are those of the last time."""
        if any(self.styles.gutter) or crop.column_span != (0, self.size.width):
            if self._kept is not None:
                # Textual's own way knows nothing of what was drawn meanwhile.
                self._forget()
            return super().render_lines(crop)
        dirty = self._styles_cache._dirty_lines
        if self._kept is None or self._kept[0] != crop:
            self._kept = (crop, [blank(crop.width)] * crop.height)
            wanted = list(crop.line_range)
        else:
            wanted = [y for y in crop.line_range if y in dirty] if dirty else []
        strips = self._kept[1]
        if wanted:
            filters, background = self.get_line_filters(), self.background_colors[1]
            for y in wanted:
                strip = self.render_line(y)
                for each in filters:
                    strip = strip.apply_filter(each, background)
                strips[y - crop.y] = strip
            dirty.difference_update(wanted)
        return strips

    def _set_dirty(self, *regions: Region) -> None:
        """Mark as to be repainted; a whole repaint makes every line anew, hidden or not.

        Textual calls this for another size or style too, and marks no line of a hidden widget.
        """
        if not regions:
            self._forget()
        super()._set_dirty(*regions)

    def _forget(self) -> None:
        """Take no line for drawn any more."""
        self._kept = None
        self._coming.clear()
        self._styles_cache.clear()

    def redraw(self, lines: Iterable[int] | None = None) -> None:
        """Repaint those of the given lines (all when None) that no longer look the same."""
        width, height = self.size
        if not (width and height):
            # Hidden, it has no lines now to compare; what it shows when it is back is made anew.
            self._forget()
            return
        wanted = range(height) if lines is None else (y for y in set(lines) if 0 <= y < height)
        changes = [region for y in wanted if (region := self._change(y, width))]
        if changes:
            self.refresh(*changes)

    def _change(self, y: int, width: int) -> Region | None:
        drawn = self._drawn.get(y)
        if drawn is None:
            return Region(0, y, width, 1)
        new = pad(self.line(y), width)
        if new == drawn:
            self._coming.pop(y, None)
            return None
        self._coming[y] = new
        return Region(0, y, changed_width(drawn, new), 1)

    def point_at(self, x: int, y: int) -> None:
        """Put the terminal's own cursor where the eye is, for screen readers."""
        # Under a panel a list keeps its focus, while the person types above it.
        if self.has_focus and self.screen is self.app.screen:
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


class NamedLine(OneLine):
    """One line that names somebody: a long name gives way before the facts behind it."""

    def line(self, y: int) -> Line:
        """Return the one line, fitted to the width."""
        return tuple(
            (with_room_for_facts(text, self.size.width), style) for text, style in super().line(y)
        )

"""The bottom line: the keys that act here, as many as fit."""

from collections.abc import Sequence

from pcoord.widgets.line_view import LineView
from pcoord.widgets.paint import Line, Span, width_of

FIRST = "F1"


class KeyFooter(LineView):
    """Keys with their words, F1 first; what does not fit is left out, last first."""

    DEFAULT_CSS = "KeyFooter { height: 1; }"

    def __init__(self, keys: Sequence[tuple[str, str]] = (), *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._keys = tuple(keys)

    def set(self, keys: Sequence[tuple[str, str]]) -> None:
        """Show these (key, word) pairs; nothing is sent when they are the same."""
        self._keys = tuple(keys)
        self.redraw()

    def line(self, y: int) -> Line:
        """Return the one line."""
        spans: list[Span] = []
        left = self.size.width
        for key, word in sorted(self._keys, key=lambda pair: pair[0] != FIRST):
            pair = ((" " if not spans else "  ", ""), (key, "bold"), (" " + word, ""))
            left -= width_of(pair)
            if left < 0:
                break
            spans.extend(pair)
        return tuple(spans)

"""The top line: where one is on the left, how the desk stands on the right."""

from collections.abc import Sequence

from pcoord.widgets.line_view import LineView
from pcoord.widgets.paint import Line, fit, width_of

GAP = "  "


class StatusLine(LineView):
    """Title, detail and facts; `urgent` stands in reverse and is never dropped."""

    DEFAULT_CSS = "StatusLine { height: 1; }"

    def __init__(self, title: str = "", *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._title = title
        self._detail = ""
        self._facts: tuple[str, ...] = ()
        self._urgent = ""

    def set(
        self, title: str, detail: str = "", facts: Sequence[str] = (), urgent: str = ""
    ) -> None:
        """Show these; when they do not fit, facts are dropped from the left, then detail is cut.

        Nothing is sent when nothing changed.
        """
        self._title, self._detail, self._urgent = title, detail, urgent
        self._facts = tuple(fact for fact in facts if fact)
        self.redraw()

    def line(self, y: int) -> Line:
        """Return the one line."""
        left = [(self._title, "bold")]
        left += [(GAP, ""), (self._detail, "")] if self._detail else []
        left += [(GAP, ""), (f" {self._urgent} ", "reverse")] if self._urgent else []
        room = self.size.width - width_of(tuple(left))
        right = self._right(room)
        if room < 0 and self._detail:
            left[2] = (fit(self._detail, max(1, width_of((left[2],)) + room)), "")
        return (*left, (fit(right, room, "right") if room > 0 else "", ""))

    def _right(self, room: int) -> str:
        """Return as many of the last facts as fit."""
        for first in range(len(self._facts)):
            text = GAP + GAP.join(self._facts[first:])
            if width_of(((text, ""),)) <= room:
                return text
        return ""

"""The top line: where one is on the left, how the desk stands on the right."""

from collections.abc import Sequence

from pcoord.widgets.line_view import LineView
from pcoord.widgets.paint import Line, Span, fit, width_of, with_room_for_facts

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
        self._alerts: tuple[Span, ...] = ()

    def alert(self, alerts: Sequence[Span]) -> None:
        """Show what waits for anybody, in reverse behind the title, whatever else is set.

        An alert is a text that may be cut, and its end that always stands.
        """
        self._alerts = tuple(alerts)
        self.redraw()

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
        left = [(self._title, "bold"), *self._alert_spans()]
        left += [(GAP, ""), (self._detail, "")] if self._detail else []
        left += [(GAP, ""), (f" {self._urgent} ", "reverse")] if self._urgent else []
        room = self.size.width - width_of(tuple(left))
        right = self._right(room)
        if room < 0 and self._detail:
            at = left.index((self._detail, ""))
            given = max(1, width_of((left[at],)) + room)
            left[at] = (fit(with_room_for_facts(self._detail, given), given), "")
        return (*left, (fit(right, room, "right") if room > 0 else "", ""))

    def _alert_spans(self) -> list[Span]:
        """Return the alerts, each cut so that the ends of all fit."""
        room = self.size.width - width_of(((self._title, ""),))
        room -= sum(width_of(((end, ""),)) + len(GAP) + 2 for _, end in self._alerts)
        spans: list[Span] = []
        for text, end in self._alerts:
            most = min(room, max(24, self.size.width * 2 // 5))
            short = text if width_of(((text, ""),)) <= most else fit(text, max(1, most))
            room -= width_of(((short, ""),))
            spans += [(GAP, ""), (f" {short}{end} ", "reverse")]
        return spans

    def _right(self, room: int) -> str:
        """Return as many of the last facts as fit."""
        for first in range(len(self._facts)):
            text = GAP + GAP.join(self._facts[first:])
            if width_of(((text, ""),)) <= room:
                return text
        return ""

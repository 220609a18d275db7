"""Somebody else was quicker: both versions, and whether to go on with one's own."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult

from pcoord.widgets.line_view import LineView
from pcoord.widgets.over import Over
from pcoord.widgets.paint import Line, wrapped

if TYPE_CHECKING:
    from pcoord.app import PcoordApp
    from pcoord.domain.errors import Overtaken

GO_ON = "y"
INDENT = 8


class BothVersions(LineView, can_focus=True):
    """What the other person did, what one's own step would do now, and the two keys."""

    DEFAULT_CSS = "BothVersions { dock: bottom; border-top: solid ansi_default; }"

    def __init__(self, theirs: str, mine: str) -> None:
        super().__init__()
        self._parts = (("now", theirs), ("yours", mine))
        self._lines: list[Line] = []

    def on_mount(self) -> None:
        """Take as many lines as it needs."""
        self._lay_out()

    def on_resize(self) -> None:
        """Wrap anew for the new width."""
        self._lay_out()

    def _lay_out(self) -> None:
        width = max(20, self.app.size.width - INDENT - 2)
        self._lines = [((" Somebody was quicker; nothing of yours was stored. ", "reverse"),)]
        for label, text in self._parts:
            for number, line in enumerate(wrapped(text, width)):
                head = f" {label if number == 0 else '':<{INDENT - 1}}"
                self._lines.append(((head, "bold"), (line, "")))
        keys = (" y", "bold"), (" does yours all the same   ", ""), ("Esc", "bold")
        self._lines.append((*keys, (" leaves it as it is now", "")))
        self.styles.height = len(self._lines) + 1
        self.redraw()

    def line(self, y: int) -> Line:
        """Return one of the lines."""
        return self._lines[y] if y < len(self._lines) else ()


class OvertakenScreen(Over[None]):
    """Asks with another key than the one that began it; every other key does nothing."""

    DEFAULT_CSS = "OvertakenScreen { background: transparent; }"
    app: "PcoordApp"

    def __init__(
        self, overtaken: "Overtaken", go_on: Callable[[], None], leave: Callable[[], None]
    ) -> None:
        super().__init__()
        self._view = BothVersions(overtaken.theirs, overtaken.mine or "")
        self._go_on, self._leave = go_on, leave

    def compose(self) -> ComposeResult:
        """Compose the question."""
        yield self._view

    def on_mount(self) -> None:
        """Take the keys."""
        self._view.focus()

    def on_key(self, event: events.Key) -> None:
        """Do one's own step to what stands now, or leave that as it is."""
        event.stop()
        event.prevent_default()
        if event.key == GO_ON:
            self.app.pop_screen()
            self._go_on()
        elif event.key == "escape":
            self.app.pop_screen()
            self._leave()

    def folded(self) -> None:
        """Going elsewhere leaves it as it is."""
        self._leave()

"""Going to any main screen by its letter."""

from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult

from pcoord.widgets.line_box import LineBox
from pcoord.widgets.over import Over

if TYPE_CHECKING:
    from pcoord.app import PcoordApp


class GoScreen(Over[None]):
    """Go to any screen by its letter."""

    DEFAULT_CSS = """
    GoScreen { background: transparent; }
    GoScreen LineBox { height: 3; }
    """
    OPENED_BY: ClassVar = "go.anywhere"
    LETTERS: ClassVar = {"s": "schedule", "w": "board", "p": "patients", "c": "calls"}
    app: "PcoordApp"

    def compose(self) -> ComposeResult:
        """Compose one line that names the letters."""
        box = LineBox("go", "")
        box.lines = [(("  s schedule   w waiting room   p patients   c calls   Esc", ""),)]
        yield box

    def on_mount(self) -> None:
        """Take the keys."""
        self.query_one(LineBox).focus()

    def on_key(self, event: events.Key) -> None:
        """Go where the letter says; any other key leaves."""
        event.stop()
        event.prevent_default()
        self.app.pop_screen()
        mode = self.LETTERS.get(event.key)
        if mode is not None:
            self.app.go(mode)

"""The line above the footer: what the last step did, or why something was refused."""

from pcoord.widgets.line_view import LineView
from pcoord.widgets.paint import Line, fit, width_of

UNDO = "  u undo"


class Notice(LineView):
    """One sentence until the next one; it neither moves nor goes away by itself."""

    DEFAULT_CSS = "Notice { height: 1; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._sentence = ""
        self._refusal = False
        self._undo = False

    @property
    def sentence(self) -> str:
        """Return what stands there."""
        return self._sentence

    def say(self, sentence: str, *, undo: bool = False) -> None:
        """Show what was done, and with `undo` that it can be taken back."""
        self._sentence, self._undo, self._refusal = sentence, undo, False
        self.redraw()

    def refuse(self, sentence: str) -> None:
        """Show in reverse why something was not done."""
        self._sentence, self._undo, self._refusal = sentence, False, True
        self.redraw()

    def clear(self) -> None:
        """Show nothing."""
        self.say("")

    def line(self, y: int) -> Line:
        """Return the one line."""
        if not self._sentence:
            return ()
        if self._refusal:
            return ((fit(f" {self._sentence} ", self.size.width).rstrip() + " ", "reverse"),)
        tail = UNDO if self._undo else ""
        room = max(1, self.size.width - 1 - len(tail))
        text = self._sentence
        cut = fit(text, room) if width_of(((text, ""),)) > room else text
        return ((" " + cut, ""), (tail, "bold"))

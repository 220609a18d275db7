"""The line above the footer: what the last step did, or why something was refused."""

from pcoord.widgets.line_view import LineView
from pcoord.widgets.paint import Line, clean, shortened, wrapped

TAKE_BACK = "u\xa0undo"
"""Both words stay on one line."""

MOST = 3
"""Lines a long sentence may take."""


class Notice(LineView):
    """One sentence until the next one; it does not go away by itself."""

    DEFAULT_CSS = "Notice { height: 1; }"

    def __init__(self, *, most: int = MOST, id: str | None = None) -> None:
        super().__init__(id=id)
        self._most = most
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
        self._lay_out()

    def refuse(self, sentence: str) -> None:
        """Show in reverse why something was not done."""
        self._sentence, self._undo, self._refusal = sentence, False, True
        self._lay_out()

    def clear(self) -> None:
        """Show nothing."""
        self.say("")

    def outdated(self, last: str) -> None:
        """Show no step as the one to take back when another sentence was said last."""
        if self._undo and self._sentence != last:
            self.clear()

    def on_resize(self) -> None:
        """Wrap anew for the new width."""
        self._lay_out()

    def _lay_out(self) -> None:
        """Take more lines only for a sentence that would be cut."""
        wanted = max(1, min(self._most, len(self._wrapped())))
        if self.styles.height is None or self.styles.height.value != wanted:
            self.styles.height = wanted
        self.redraw()

    def _wrapped(self) -> list[str]:
        text = clean(self._sentence) + (f"  {TAKE_BACK}" if self._undo else "")
        width = (self.size.width or 80) - 2
        lines = wrapped(text, width)
        if len(lines) > self._most:
            lines[self._most - 1 :] = [shortened(" ".join(lines[self._most - 1 :]), width)]
        return lines

    def line(self, y: int) -> Line:
        """Return one of the lines; what can be taken back ends in bold."""
        lines = self._wrapped()
        if y >= len(lines):
            return ()
        if self._refusal:
            return ((f" {lines[y]} ", "reverse"),)
        if self._undo and lines[y].endswith(TAKE_BACK):
            return ((" " + lines[y].removesuffix(TAKE_BACK), ""), ("u undo", "bold"))
        return ((" " + lines[y], ""),)

"""A text being typed on one line, without a widget around it."""

from rich.cells import cell_len

from pcoord.widgets.paint import Line, clean

MOST = 2000
"""Characters a line may hold; more comes only from a paste that was meant for elsewhere."""


class LineEdit:
    """Text and a cursor; keys edit it."""

    def __init__(self, text: str = "") -> None:
        self.text = text
        self.at = len(text)

    def set(self, text: str) -> None:
        """Replace the text and put the cursor behind it."""
        self.text = text
        self.at = len(text)

    def insert(self, text: str) -> None:
        """Put text in at the cursor: several lines as one, what may be drawn, as much as fits."""
        text = text[: 2 * MOST]
        first = clean(" ".join(text.split()) if len(text.splitlines()) > 1 else text)
        first = first[: max(0, MOST - len(self.text))]
        self.text = self.text[: self.at] + first + self.text[self.at :]
        self.at += len(first)

    def key(self, key: str, character: str | None) -> bool:
        """Do what a key says; False when it is no editing key or there is nothing to edit."""
        if character is not None and character.isprintable():
            self.insert(character)
            return True
        act = getattr(self, "_" + key.replace("+", "_"), None) if self.text else None
        if act is None:
            return False
        act()
        return True

    def _left(self) -> None:
        self.at = max(0, self.at - 1)

    def _right(self) -> None:
        self.at = min(len(self.text), self.at + 1)

    def _home(self) -> None:
        self.at = 0

    def _end(self) -> None:
        self.at = len(self.text)

    def _backspace(self) -> None:
        if self.at:
            self.text = self.text[: self.at - 1] + self.text[self.at :]
            self.at -= 1

    def _delete(self) -> None:
        self.text = self.text[: self.at] + self.text[self.at + 1 :]

    def _ctrl_u(self) -> None:
        self.set("")

    def _ctrl_w(self) -> None:
        kept = self.text[: self.at].rstrip().rpartition(" ")
        before = kept[0] + kept[1]
        self.text = before + self.text[self.at :]
        self.at = len(before)

    def spans(self, active: bool, room: int = 0) -> Line:
        """Return the text with its cursor in reverse while it is being typed.

        With `room`, in cells, a long text moves to the left so that the cursor stays in sight.
        """
        if not active:
            return ((self.text, ""),)
        shown = self.text + " "
        first = 0
        if room:
            # No character is wider than two cells, and few are without width.
            first = max(0, self.at + 1 - 2 * room)
        # What holds the cursor is shown at any width, also where a window leaves no room at all.
        while room and first < self.at and cell_len(shown[first : self.at + 1]) > room:
            first += 1
        return (
            (shown[first : self.at], ""),
            (shown[self.at], "reverse"),
            (shown[self.at + 1 :], ""),
        )

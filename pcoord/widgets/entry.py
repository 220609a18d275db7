"""A field of one line."""

from textual import events
from textual.message import Message
from textual.widgets import Input

from pcoord.widgets.paint import clean


class Entry(Input):
    """A quiet field: no blinking, no border, no suggestions; pasted text is scrubbed."""

    DEFAULT_CSS = """
    Entry, Entry:focus, Entry:ansi, Entry.-invalid, Entry.-invalid:focus {
        height: 1;
        border: none;
        padding: 0;
        background: transparent;
        background-tint: transparent;
        color: ansi_default;
        text-style: underline;
    }
    Entry > .input--cursor, Entry:ansi > .input--cursor {
        background: ansi_default;
        color: ansi_default;
        text-style: reverse;
    }
    Entry > .input--selection {
        background: ansi_default;
        color: ansi_default;
        text-style: reverse;
    }
    Entry > .input--placeholder, Entry:ansi > .input--placeholder {
        color: ansi_default;
        text-style: dim;
    }
    """

    class TooLong(Message):
        """More was typed or pasted than the field holds; `entry` has as much as fits."""

        def __init__(self, entry: "Entry") -> None:
            super().__init__()
            self.entry = entry

    def __init__(
        self,
        value: str = "",
        *,
        placeholder: str = "",
        password: bool = False,
        max_length: int = 2000,
        id: str | None = None,
    ) -> None:
        super().__init__(
            value,
            placeholder=clean(placeholder),
            password=password,
            max_length=max_length,
            select_on_focus=False,
            compact=True,
            id=id,
        )
        self.cursor_blink = False

    def _on_paste(self, event: events.Paste) -> None:
        """Take pasted lines as one, as far as they fit, without what may not be drawn."""
        event.stop()
        event.prevent_default()
        text = _scrub(" ".join(event.text.split()))
        room = self._room
        if text[:room]:
            self.replace(text[:room], *self.selection)
        if len(text) > room:
            self.post_message(self.TooLong(self))

    async def _on_key(self, event: events.Key) -> None:
        """Say so when a letter does not fit any more."""
        if event.is_printable and self._room == 0 and self.selection.is_empty:
            event.stop()
            event.prevent_default()
            self.post_message(self.TooLong(self))

    @property
    def full(self) -> bool:
        """Tell whether no further character fits."""
        return bool(self.max_length) and len(self.value) >= (self.max_length or 0)

    @property
    def _room(self) -> int:
        """Return how many characters can still be put in."""
        start, end = sorted(self.selection)
        return max(0, (self.max_length or len(self.value)) - len(self.value) + end - start)


def _scrub(text: str) -> str:
    # Imported late: fields are drawn before the rules of the desk are loaded.
    from pcoord.domain.text import scrub

    return scrub(text)

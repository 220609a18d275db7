"""A field of one line."""

from textual import events
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
        """Take the pasted lines as one, without characters that may not be drawn."""
        event.stop()
        event.prevent_default()
        room = (self.max_length or 0) - len(self.value) + len(self.selected_text)
        text = _scrub(" ".join(event.text.split()))[: max(0, room)]
        if text:
            self.replace(text, *self.selection)


def _scrub(text: str) -> str:
    # Imported late: fields are drawn before the rules of the desk are loaded.
    from pcoord.domain.text import scrub

    return scrub(text)

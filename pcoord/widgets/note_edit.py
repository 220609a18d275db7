"""A note of many lines: it wraps, keeps what is typed, and Enter goes on."""

from textual import events
from textual.message import Message
from textual.widgets import TextArea

MOST = 65_536
"""Characters a note may hold."""

NEW_LINE = "ctrl+o"


class NoteEdit(TextArea):
    """Text of many lines; Enter is for the form around it, Ctrl+O begins a new line."""

    DEFAULT_CSS = """
    NoteEdit, NoteEdit:focus, NoteEdit:ansi {
        height: 1fr; border: none; padding: 0; scrollbar-size-vertical: 0;
        background: transparent; background-tint: transparent; color: ansi_default;
        & .text-area--cursor {
            background: ansi_default; color: ansi_default; text-style: reverse;
        }
        & .text-area--cursor-line { background: transparent; }
        & .text-area--selection { background: ansi_default; text-style: reverse; }
    }
    """

    class Left(Message):
        """Enter was pressed: go on to the next field."""

    class Full(Message):
        """No more text fits."""

    def __init__(self, text: str = "", *, id: str | None = None) -> None:
        super().__init__(
            text,
            id=id,
            soft_wrap=True,
            show_line_numbers=False,
            highlight_cursor_line=False,
            compact=True,
            tab_behavior="focus",
        )
        self.cursor_blink = False

    def go_on(self, text: str) -> None:
        """Write on at the end, on a line of its own where something stands there already."""
        self.move_cursor(self.document.end)
        self.insert(f"\n{text}" if self.document.get_line(self.document.end[0]).strip() else text)

    async def _on_key(self, event: events.Key) -> None:
        """Go on with Enter, break the line with Ctrl+O, take no more than fits."""
        if event.key == "enter":
            self.post_message(self.Left())
        elif event.key == NEW_LINE:
            self.insert("\n")
        elif event.is_printable and len(self.text) >= MOST:
            self.post_message(self.Full())
        else:
            await super()._on_key(event)
            return
        event.stop()
        event.prevent_default()

    async def _on_paste(self, event: events.Paste) -> None:
        """Take pasted lines as they are, without characters that may not be drawn."""
        from pcoord.domain.text import scrub

        event.stop()
        event.prevent_default()
        room = MOST - len(self.text) + len(self.selected_text)
        text = scrub(event.text, multiline=True)
        self.replace(text[:room], *self.selection)
        if len(text) > room:
            self.post_message(self.Full())

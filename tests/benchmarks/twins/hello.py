"""The least that a program with the same two libraries shows: one line."""

import sqlmodel
from textual.app import App, ComposeResult
from textual.widgets import Static


class Hello(App[None]):
    """Says hello."""

    def compose(self) -> ComposeResult:
        """Compose the line."""
        yield Static(f"hello, world {sqlmodel.__name__}")


if __name__ == "__main__":
    Hello().run()

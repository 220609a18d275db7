"""A screen that is opened over others, of which is seen what it does not cover."""

from typing import TypeVar

from rich.console import RenderableType
from textual.renderables.background_screen import BackgroundScreen
from textual.screen import ModalScreen

T = TypeVar("T")


class Over(ModalScreen[T]):
    """Shows the screen beneath it, whichever of those that lie there were drawn just now.

    Textual has each screen take the one beneath from a list that all of them shorten in turn. One
    that is kept as drawn takes none; the next then finds itself there, and draws nothing at all.
    """

    def render(self) -> RenderableType:
        """Draw the screen beneath, or nothing where this one lets nothing through."""
        stack, background = self.app.screen_stack, self.styles.background
        at = stack.index(self) if self in stack else 0
        if at and background.a < 1:
            return BackgroundScreen(stack[at - 1], background)
        return super().render()

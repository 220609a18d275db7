"""An app whose screens are closed wherever they lie: all that knows how Textual stacks them."""

from typing import Any

from textual.app import App
from textual.screen import Screen


class Stacked(App[int]):
    """Closes a screen that has done its work, also under others that were opened over it."""

    def is_open(self, screen: Screen[Any]) -> bool:
        """Tell whether a screen is open, be it under another one or under the lock."""
        return any(screen in stack for stack in self._screen_stacks.values())

    def close_screen(self, screen: Screen[Any]) -> None:
        """Close what was done, wherever it lies; nothing happens when it is closed already.

        An answer of the store may come when something else was opened over it.
        """
        if screen is self.screen:
            self.pop_screen()
            return
        for stack in self._screen_stacks.values():
            if screen in stack[1:]:
                stack.remove(screen)
                screen._pop_result_callback()
                self.call_next(self._replace_screen, screen)

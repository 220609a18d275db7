"""Keys in the order they were pressed, also when a slow line delivers many at once.

Textual hands every key on at once: a letter that opens a line reaches its handler only after
travelling up from the focused widget, and the keys behind it would go to where the focus was
before. Here the next key waits until the one before it has been handled everywhere.
"""

from collections import deque
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from textual import events
from textual.app import App
from textual.message_pump import MessagePump

Pressed = events.Key | events.Paste
Hand = Callable[[Pressed], Awaitable[None]]

ROUNDS = 3
"""How many messages at most follow one another from a key to what it opens."""

PATIENCE = 1.0
"""Seconds after which a key that got stuck holds up the others no longer."""


def _itself(node: MessagePump) -> MessagePump:
    return node


class KeyOrder:
    """Passes keys on one by one; `hand` is how the app would have passed each on at once."""

    def __init__(self, app: App[Any], hand: Hand) -> None:
        self._app = app
        self._hand = hand
        self._waiting: deque[Pressed] = deque()
        self._turn = 0
        self._busy = False

    async def take(self, event: Pressed) -> None:
        """Pass an event on, now or when those before it have been handled."""
        self._waiting.append(event)
        if not self._busy:
            await self._next()

    async def _next(self) -> None:
        if not self._waiting:
            return
        self._busy, self._turn = True, self._turn + 1
        event = self._waiting.popleft()
        way = self._way() * ROUNDS
        self._app.set_timer(PATIENCE, partial(self._free, self._turn))
        await self._hand(event)
        self._hop(self._turn, way)

    def _way(self) -> list[Callable[[], MessagePump]]:
        """Return the way of a key up to the app, then to what may have opened, and back."""
        start = self._app.focused or self._app.screen
        up = [partial(_itself, node) for node in start.ancestors_with_self]
        return [*up, lambda: self._app.screen, lambda: self._app]

    def _hop(self, turn: int, way: list[Callable[[], MessagePump]]) -> None:
        """Stand in the queue of the next on the way; whoever is gone already is left out."""
        while way:
            if way.pop(0)().call_later(self._hop, turn, way):
                return
        if turn == self._turn:
            self._app.call_later(self._free, turn)

    async def _free(self, turn: int) -> None:
        if turn == self._turn and self._busy:
            self._busy = False
            await self._next()

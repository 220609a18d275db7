"""Keys in the order they were pressed, also when a slow line delivers many at once.

Textual hands every key on at once: a letter that opens a line reaches its handler only after
travelling up from the focused widget, and the keys behind it would go to where the focus was
before. Here the next key waits until the one before it has been handled everywhere, which is so
when nothing else is ready to run and what it asked for has been answered.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from textual import events

Pressed = events.Key | events.Paste
Hand = Callable[[Pressed], Awaitable[None]]

PATIENCE = 5.0
"""Seconds after which a key that got stuck holds up the others no longer. A busy machine may need
one or two to show another screen, and the letters behind must not reach the old one."""

HELD = 3.0
"""Seconds for which keys wait for the answer to one: an Enter behind a name acts on whoever is
found, and the letters behind it on that one. When the database is away typing must go on."""

STEP = 0.005
"""Seconds until an answer is looked for again."""

MOST = 4000
"""So many keys waiting are no typing: a file sent down the line, or a key under a book. None of
them is handed on, because each could act on a record while nobody looks."""

QUIET = 0.5
"""Seconds without a key after which a flood has ended."""

ROUNDS = 100
"""How often the others may run before the next key, where the loop does not show its queue."""


class KeyOrder:
    """Passes keys on one by one; `hand` is how the app would have passed each on at once.

    `flooded` is called when more came than anybody types, and all that waited was dropped; `held`
    tells whether a key waits for an answer, so that those behind it do, too.
    """

    def __init__(
        self,
        hand: Hand,
        flooded: Callable[[], None] = lambda: None,
        held: Callable[[], bool] = lambda: False,
    ) -> None:
        self._hand = hand
        self._flooded = flooded
        self._held = held
        self._held_from: float | None = None
        self._flood = False
        self._last = 0.0
        self._waiting: deque[Pressed] = deque()
        self._busy = False
        self._since = 0.0
        self._rounds = 0
        self._running: asyncio.Task[None] | None = None

    @property
    def idle(self) -> bool:
        """Tell whether every key that came has been handled."""
        return not self._busy

    async def take(self, event: Pressed) -> None:
        """Pass an event on, now or when those before it have been handled."""
        if self._drops():
            return
        self._waiting.append(event)
        if not self._busy:
            await self._next()

    def _drops(self) -> bool:
        """Tell whether a key belongs to a flood, which lasts until no key came for a while."""
        now, before = asyncio.get_running_loop().time(), self._last
        self._last = now
        if self._flood and now - before < QUIET:
            return True
        self._flood = len(self._waiting) >= MOST
        if self._flood:
            self._waiting.clear()
            self._flooded()
        return self._flood

    async def _next(self) -> None:
        """Pass on the first that waits."""
        loop = asyncio.get_running_loop()
        self._busy, self._since, self._rounds = True, loop.time(), 0
        await self._hand(self._waiting.popleft())
        loop.call_soon(self._look, loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """Let the others run until none of them wants to, then take the next key."""
        self._rounds += 1
        if self._others_run(loop) and loop.time() - self._since < PATIENCE:
            loop.call_soon(self._look, loop)
        elif self._is_held(loop.time()):
            loop.call_later(STEP, self._look, loop)
        elif self._waiting:
            self._running = loop.create_task(self._next())
        else:
            self._busy = False

    def _is_held(self, now: float) -> bool:
        """Tell whether keys wait for an answer, which is not for ever."""
        if not self._held():
            self._held_from = None
            return False
        self._held_from = now if self._held_from is None else self._held_from
        return now - self._held_from < HELD

    def _others_run(self, loop: asyncio.AbstractEventLoop) -> bool:
        """Tell whether anybody else is ready to run; asyncio shows it in no other way."""
        ready = getattr(loop, "_ready", None)
        return self._rounds < ROUNDS if ready is None else bool(ready)

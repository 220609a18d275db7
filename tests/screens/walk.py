"""Sits at the desk and looks with three eyes: what is kept as drawn, what a terminal was sent,
and what would be drawn from nothing. They must show the same picture at any time.

The answers of the store come when the test says so: at once, before anything else runs, or late,
when all else has been drawn. What stands on the screen in the end must not depend on that.
"""

import asyncio
import time
from collections.abc import Callable
from contextvars import Context
from functools import lru_cache, partial
from importlib.resources import files
from typing import Any

import pyte
import pytest
from textual._compositor import CompositorUpdate
from textual._context import visible_screen_stack
from textual.message_pump import MessagePump
from textual.pilot import Pilot
from textual.widget import Widget

from pcoord.app import PcoordApp
from pcoord.screens.go import GoScreen
from pcoord.services.session import Opening
from pcoord.services.thread import StoreThread
from pcoord.store.engine import parse_address
from pcoord.store.store import Store
from pcoord.terminal.driver import plain, squeeze
from pcoord.terminal.painted import Painted
from pcoord.widgets.line_view import LineView
from tests.clinic import Clinic
from tests.screens.driver import Driver, _key, _quiet

Answer = tuple[Callable[..., Any], tuple[Any, ...], Context | None]
Cell = tuple[str, str, str, bool, bool, bool]


class Gate:
    """Stands between the store thread and the loop, and lets answers through when asked."""

    def __init__(self, loop: asyncio.AbstractEventLoop, thread: StoreThread) -> None:
        self.loop = loop
        self.thread = thread
        self.late = False
        self.held: list[Answer] = []
        self._put = thread._put
        thread._loop = self  # type: ignore[assignment]
        thread._put = self._put_and_wait  # type: ignore[method-assign]

    def call_soon_threadsafe(
        self, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> None:
        """Take an answer from the store thread."""
        self.held.append((callback, args, context))

    def _put_and_wait(self, job: Any) -> None:
        self._put(job)
        self.wait()
        if not self.late:
            self.let_through()

    def wait(self) -> None:
        """Wait until the store has worked off all it was given, and its answers stand here."""
        while self.thread._open > len(self.held) + self._under_way:
            time.sleep(0.0005)

    _under_way = 0

    def let_through(self, most: int = 10_000) -> int:
        """Hand on the first answers, and return how many."""
        now, self.held = self.held[:most], self.held[most:]
        for callback, args, context in now:
            self._under_way += 1
            self.loop.call_soon(self._hand_on, callback, args, context=context)
        return len(now)

    def _hand_on(self, callback: Callable[..., Any], args: tuple[Any, ...]) -> None:
        try:
            callback(*args)
        finally:
            self._under_way -= 1


class SeenApp(PcoordApp):
    """The desk, with all that a terminal would be sent played to one."""

    CSS_PATH = str(files("pcoord") / "app.tcss")

    def start_seeing(self, width: int, height: int) -> None:
        """Begin with an empty terminal of a size."""
        self.terminal = pyte.Screen(width, height)
        self.stream = pyte.Stream(self.terminal)
        self.painted = Painted()
        self.pauses: list[Pause] = []

    def _display(self, screen: Any, renderable: Any) -> None:
        if isinstance(renderable, CompositorUpdate) and not self._batch_count:
            sent = renderable.render_segments(self.console)
            self.stream.feed(squeeze(self.painted.lean(plain(sent), self.size)))
        super()._display(screen, renderable)


def seen_app(clinic: Clinic, size: tuple[int, int], username: str = "ana") -> SeenApp:
    """Return the app for a person of the test clinic, signed in, with eyes on it."""

    def opening() -> Opening:
        who = clinic.desk(username).who
        return Opening(Store.open(parse_address(clinic.url), clinic.clock), who)

    app = SeenApp(opening, clock=clinic.clock)
    app.start_seeing(*size)
    return app


class Walker(Driver):
    """A driver that holds the store's answers, and compares the pictures."""

    app: SeenApp
    gates: tuple[Gate, ...] = ()

    def __init__(self, clinic: Clinic, size: tuple[int, int], *, late: bool = False) -> None:
        super().__init__(lambda: seen_app(clinic, size), size)
        self._late = late

    def __enter__(self) -> "Walker":
        super().__enter__()

        def take_hold(app: Any) -> None:
            assert app._poll_timer is not None
            app._poll_timer.pause()
            threads = (app.session.thread, app.session._keeper)
            self.gates = tuple(Gate(asyncio.get_running_loop(), thread) for thread in threads)
            self.come_late(self._late)

        self.ask(take_hold)
        return self

    def come_late(self, late: bool) -> None:
        """Have the answers of the store come late, or at once."""
        for gate in self.gates:
            gate.late = late

    # Hands

    def hit(self, *keys: str) -> None:
        """Press keys without waiting for any answer."""

        async def step(pilot: Pilot[Any]) -> None:
            for key in keys:
                event = _key(key)
                event.set_sender(pilot.app)
                pilot.app.post_message(event)
            await self._at_rest(pilot)

        self._do(step)

    def let_through(self, most: int) -> None:
        """Let some answers through."""

        async def step(pilot: Pilot[Any]) -> None:
            for gate in self.gates:
                gate.let_through(most)
            await self._at_rest(pilot)

        self._do(step)

    def settle(self) -> None:
        """Let all answers through, and wait until nothing is left to do."""
        if self.gates:
            self._do(self._settled)
        else:
            super().settle()

    async def _settled(self, pilot: Pilot[Any]) -> None:
        await self._at_rest(pilot)
        while sum([gate.let_through() for gate in self.gates]) or _rest(pilot.app):
            await self._at_rest(pilot)

    async def _at_rest(self, pilot: Pilot[Any]) -> None:
        """Wait until all is drawn but what waits for an answer."""
        app = pilot.app
        await _quiet(app)
        for _ in range(3):
            # While screens change, Textual draws nothing.
            while not app._exit and (app._batch_count or not app._key_order.idle):
                await asyncio.sleep(0.001)
                await _quiet(app)
            if app._exit:
                return
            for screen in (*app._background_screens, app.screen):
                screen._on_timer_update()
            await _quiet(app)

    def hear(self) -> None:
        """Ask once what other desks changed."""
        self.ask(lambda app: app._poll())

    def turn_terminal(self, width: int, height: int) -> None:
        """Make the terminal another size."""

        async def step(pilot: Pilot[Any]) -> None:
            self.app.painted.forget()
            self.app.terminal.resize(height, width)
            await pilot.resize_terminal(width, height)
            # Textual waits for a moment whether more sizes come.
            await asyncio.sleep(0.02)
            await self._at_rest(pilot)

        self._do(step)

    # Eyes

    def sent(self) -> list[str]:
        """Return what a terminal shows after all that it was sent."""
        return self.ask(lambda app: shown(app.terminal))

    def picture(self) -> list[str]:
        """Return what a terminal would show that is sent the whole screen now."""
        return self.ask(lambda app: drawn(app))

    def keys_go_somewhere(self) -> bool:
        """Tell whether something has the focus; a question that waits for one key needs none."""
        return self.ask(
            lambda app: (
                app.screen.focused is not None
                or isinstance(app.screen, GoScreen)
                or getattr(app.screen, "_asks_to_throw_away", False)
            )
        )

    def repaint(self) -> None:
        """Draw everything from nothing."""
        self.ask(forget_all)
        self.settle()


PAUSES = {"rest", "pause", "likely"}
"""Timers that wait for the keys to rest."""


class Pause:
    """Stands for a timer that waits for the keys to rest: here they do when all has settled."""

    def __init__(self, screen: Any, callback: Callable[[], None]) -> None:
        self.stop = partial(_drop, screen.app.pauses, self)
        self.end = partial(screen.call_next, callback)
        screen.app.pauses.append(self)


def _drop(pauses: list[Pause], pause: Pause) -> None:
    if pause in pauses:
        pauses.remove(pause)


def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing on a screen happen by itself, and the keys rest only when all has settled."""
    real = MessagePump.set_timer

    def set_timer(self: Any, delay: float, callback: Any = None, **options: Any) -> Any:
        if options.get("name") in PAUSES:
            return Pause(self, callback)
        return real(self, delay, callback, **options)

    monkeypatch.setattr(MessagePump, "set_timer", set_timer)
    for module in ("call_panel", "board"):
        monkeypatch.setattr(f"pcoord.screens.{module}.TICK_SECONDS", 3600)


def _rest(app: Any) -> bool:
    """End the pauses there are, and tell whether there was one."""
    pauses = app.pauses[:]
    app.pauses.clear()
    for pause in pauses:
        pause.end()
    return bool(pauses)


def forget_all(app: Any) -> None:
    """Have every widget in sight drawn anew, with nothing kept."""
    for screen in (*app._background_screens, app.screen):
        for widget in (screen, *screen.walk_children(Widget)):
            if isinstance(widget, LineView):
                widget._kept = None
                widget._coming.clear()
                widget._drawn.clear()
            widget._styles_cache.clear()
            widget.refresh()
        screen.refresh(layout=True)


def drawn(app: Any) -> list[str]:
    """Return the app's whole picture as a terminal shows it."""
    visible_screen_stack.set(app._background_screens)
    strips = app.screen._compositor.render_strips(app.size)
    return [_line(strip.render(app.console), app.size.width) for strip in strips]


@lru_cache(8192)
def _line(text: str, width: int) -> str:
    terminal = pyte.Screen(width, 1)
    pyte.Stream(terminal).feed(text)
    return shown(terminal)[0]


def shown(terminal: pyte.Screen) -> list[str]:
    """Return a terminal's lines, each followed by how its cells look."""
    lines = []
    for y in range(terminal.lines):
        cells = [terminal.buffer[y][x] for x in range(terminal.columns)]
        text = "".join(cell.data for cell in cells)
        looks = "".join(_LOOKS[bool(c.reverse), bool(c.bold), bool(c.underscore)] for c in cells)
        colours = sorted({(c.fg, c.bg) for c in cells} - {("default", "default")})
        lines.append(f"{text.rstrip()}\n{looks.rstrip()}{colours or ''}")
    return lines


_LOOKS = {
    (reverse, bold, under): "rR"[bold] if reverse and not under else " bu?"[bold + 2 * under]
    for reverse in (False, True)
    for bold in (False, True)
    for under in (False, True)
}


def differing(one: list[str], other: list[str]) -> str:
    """Return the lines that differ between two pictures, the one above the other."""
    if one == other:
        return ""
    pairs = [(y, a, b) for y, (a, b) in enumerate(zip(one, other, strict=False)) if a != b]
    return "\n".join(f"line {y}:\n{a}\n-- but --\n{b}" for y, a, b in pairs) or "other sizes"

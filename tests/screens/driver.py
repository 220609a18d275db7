"""Sits at the desk in tests: presses keys, types, and looks at the screen.

    with Driver(lambda: PcoordApp(...)) as desk:
        desk.press("f4")
        desk.type("gonz")
        desk.see("Gonzalez, Maria L")

Keys are counted as the tasks count them: what `type` sends is content, what `press` sends is
overhead.
"""

import asyncio
import concurrent.futures
import threading
import time
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, TypeVar

from textual import events
from textual.app import App
from textual.keys import _character_to_key
from textual.pilot import Pilot

from tests.screens.frame import frame, golden, is_golden

T = TypeVar("T")
Step = Callable[[Pilot[Any]], Awaitable[Any]]

TURNS = 10_000
"""Turns of the event loop after which one that never comes to rest is left to itself."""

CHARACTERS = {
    "space": " ",
    "enter": "\r",
    "tab": "\t",
    "escape": "\x1b",
    "backspace": "\x7f",
    "slash": "/",
    "question_mark": "?",
}
"""What named keys bring with them."""

PATIENCE = 60.0
"""Seconds that `see` waits for what a store thread may still bring."""

GRACE = 10.0
"""Seconds until a screen that is not the golden one is refused."""


class Driver:
    """Runs an app without a terminal, in a thread of its own, and acts on it step by step."""

    def __init__(self, make_app: Callable[[], App[Any]], size: tuple[int, int] = (80, 24)) -> None:
        self._make_app = make_app
        self._size = size
        self._steps: asyncio.Queue[tuple[Step, concurrent.futures.Future[Any]] | None]
        self._ready: concurrent.futures.Future[None] = concurrent.futures.Future()
        self._thread = threading.Thread(target=self._run, name="desk", daemon=True)
        self._loop: asyncio.AbstractEventLoop
        self.app: App[Any]
        self.content = 0
        self.overhead = 0

    # Coming and going

    def __enter__(self) -> "Driver":
        self._thread.start()
        self._ready.result(timeout=PATIENCE)
        self.settle()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._steps.put_nowait, None)
        self._thread.join(timeout=PATIENCE)
        if error is None and self._failure is not None:
            raise self._failure

    _failure: BaseException | None = None

    def _run(self) -> None:
        try:
            asyncio.run(self._sit())
        except BaseException as error:
            self._failure = error
            if not self._ready.done():
                self._ready.set_exception(error)

    async def _sit(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._steps = asyncio.Queue()
        self.app = self._make_app()
        async with self.app.run_test(size=self._size) as pilot:
            self._ready.set_result(None)
            while (item := await self._steps.get()) is not None:
                step, answer = item
                try:
                    answer.set_result(await step(pilot))
                except BaseException as error:
                    answer.set_exception(error)

    def _do(self, step: Step) -> Any:
        """Run a step where the app runs, and return what it gives."""
        answer: concurrent.futures.Future[Any] = concurrent.futures.Future()
        self._loop.call_soon_threadsafe(self._steps.put_nowait, (step, answer))
        while not answer.done() and self._thread.is_alive():
            concurrent.futures.wait([answer], timeout=0.5)
        if not answer.done():
            raise self._failure or RuntimeError("The desk has closed.")
        return answer.result()

    def ask(self, question: Callable[[App[Any]], T]) -> T:
        """Return what a function of the app gives, called where the app runs."""

        async def step(pilot: Pilot[Any]) -> T:
            return question(pilot.app)

        return self._do(step)  # type: ignore[no-any-return]

    def wait_closed(self) -> None:
        """Wait until the app has been left."""
        end = time.monotonic() + PATIENCE
        while not self.app._exit:
            assert time.monotonic() < end, "the app goes on"
            time.sleep(0.01)

    # Hands

    def press(self, *keys: str) -> None:
        """Press keys that are overhead, such as "f6", "enter", "ctrl+n"."""
        self.overhead += len(keys)
        self._keys(keys)

    def type(self, text: str) -> None:
        """Type text that only the person knows."""
        self.content += len(text)
        self._keys(text)

    def burst(self, *keys: str) -> None:
        """Press keys as a slow line delivers them: all at once, before anything is answered."""
        self._keys(keys, at_once=True)

    @property
    def keys_pressed(self) -> int:
        """Return all keys, content and overhead."""
        return self.content + self.overhead

    def start_counting(self) -> None:
        """Count from here on."""
        self.content = self.overhead = 0

    def _keys(self, keys: tuple[str, ...] | str, *, at_once: bool = False) -> None:
        async def step(pilot: Pilot[Any]) -> None:
            for key in keys:
                event = _key(key)
                event.set_sender(pilot.app)
                pilot.app.post_message(event)
                if not at_once:
                    await _settle(pilot)
            await _settle(pilot)

        self._do(step)

    def settle(self) -> None:
        """Wait until the app has nothing left to do."""
        self._do(_settle)

    def resize(self, width: int, height: int) -> None:
        """Make the terminal wider or narrower."""

        async def step(pilot: Pilot[Any]) -> None:
            await pilot.resize_terminal(width, height)
            await _settle(pilot)

        self._do(step)

    # Eyes

    def frame(self) -> str:
        """Return what stands on the screen."""
        return self.ask(frame)

    def see(self, *texts: str) -> str:
        """Wait until all the texts stand on the screen; AssertionError with the screen if not."""
        return self._until(lambda shown: all(text in shown for text in texts), f"to see {texts}")

    def not_see(self, *texts: str) -> str:
        """Wait until none of the texts stands on the screen."""
        return self._until(
            lambda shown: not any(text in shown for text in texts), f"not to see {texts}"
        )

    def row(self, text: str) -> str:
        """Return the line of the screen that holds the text, waiting for it."""
        return next(line for line in self.see(text).splitlines() if text in line)

    def golden(self, name: str) -> None:
        """Compare the screen with golden/NAME.txt, which a last answer may still complete."""
        end = time.monotonic() + GRACE
        while not is_golden(name, shown := self.frame()) and time.monotonic() < end:
            self.settle()
            time.sleep(0.01)
        golden(name, shown)

    def _until(self, good: Callable[[str], bool], wanted: str) -> str:
        end = time.monotonic() + PATIENCE
        while not good(shown := self.frame()):
            if time.monotonic() > end:
                raise AssertionError(f"Expected {wanted} on this screen:\n{shown}")
            self.settle()
            time.sleep(0.01)
        return shown


def _key(name: str) -> events.Key:
    """Return the event of a key named as in bindings, or of a character."""
    if len(name) == 1:
        return events.Key(name if name.isalnum() else _character_to_key(name), name)
    return events.Key(name, CHARACTERS.get(name))


async def _settle(pilot: Pilot[Any]) -> None:
    """Wait until nothing is left to do but what a timer or another desk will bring."""
    app = pilot.app
    settled = getattr(app, "settled", None)
    await _quiet(app)
    if settled is not None:
        await settled()
        await _quiet(app)
    app.screen._on_timer_update()
    await _quiet(app)


async def _quiet(app: App[Any]) -> None:
    # A turn of the loop runs all that is ready, and what that makes ready is for the next turn.
    # Asking the loop is quicker, and surer, than a message through the queue of every widget.
    # The desk's own order of keys asks the same, and the two must not wait for each other.
    ready = asyncio.get_running_loop()._ready  # type: ignore[attr-defined]
    order = getattr(app, "_key_order", None)
    for _ in range(TURNS):
        await asyncio.sleep(0)
        if len(ready) <= (order is not None and not order.idle):
            return

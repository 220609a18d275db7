"""The store thread: writes in order and never dropped, stale reads dropped, drained at the end."""

import asyncio
import threading
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from pcoord.services.thread import StoreThread

SCREEN: ContextVar[str] = ContextVar("screen", default="none")


def played(story: Callable[[StoreThread], Any]) -> Any:
    """Run a story on a loop with a store thread, and wait until all is answered."""

    async def run() -> Any:
        thread = StoreThread(asyncio.get_running_loop())
        told = story(thread)
        while not thread.idle:
            await asyncio.sleep(0.001)
        thread.close()
        return told

    return asyncio.run(run())


def test_writes_are_done_in_order() -> None:
    done: list[int] = []
    answered: list[int] = []

    def story(thread: StoreThread) -> None:
        for n in range(50):
            thread.write(lambda n=n: done.append(n) or n, answered.append)  # type: ignore[misc]

    played(story)
    assert done == answered == list(range(50))


def test_only_the_newest_read_of_a_group_arrives() -> None:
    gate, run, shown = threading.Event(), [], []

    def story(thread: StoreThread) -> None:
        thread.read("find", lambda: gate.wait(5) and "g", shown.append)
        for typed in ("go", "gon", "gonz"):
            thread.read("find", lambda typed=typed: run.append(typed) or typed, shown.append)  # type: ignore[misc]
        thread.read("card", lambda: "card", shown.append)
        gate.set()

    played(story)
    assert shown == ["gonz", "card"]
    assert run == ["gonz"]  # what was overtaken while it waited is not even asked


def test_what_is_forgotten_does_not_arrive() -> None:
    shown: list[str] = []

    def story(thread: StoreThread) -> None:
        thread.read("find", lambda: "old", shown.append)
        thread.forget("find")

    played(story)
    assert shown == []


def test_a_failure_goes_to_its_own_handler_and_work_goes_on() -> None:
    told: list[Any] = []

    def story(thread: StoreThread) -> None:
        thread.write(lambda: 1 / 0, told.append, lambda error: told.append(type(error)))
        thread.write(lambda: "next", told.append)

    played(story)
    assert told == [ZeroDivisionError, "next"]


def test_a_stale_failure_is_dropped_too() -> None:
    told: list[Any] = []

    def story(thread: StoreThread) -> None:
        thread.read("find", lambda: 1 / 0, told.append, told.append)
        thread.read("find", lambda: "new", told.append, told.append)

    played(story)
    assert told == ["new"]


def test_handlers_keep_the_context_of_the_question() -> None:
    seen: list[str] = []

    def story(thread: StoreThread) -> None:
        token = SCREEN.set("board")
        thread.write(lambda: None, lambda _: seen.append(SCREEN.get()))
        SCREEN.reset(token)

    played(story)
    assert seen == ["board"]


def test_work_runs_on_one_other_thread() -> None:
    names: set[str] = set()

    def story(thread: StoreThread) -> None:
        for _ in range(5):
            thread.write(lambda: names.add(threading.current_thread().name))

    played(story)
    assert names == {"store"}


def test_closing_finishes_what_was_given_though_the_loop_has_ended() -> None:
    done: list[int] = []

    async def run() -> StoreThread:
        return StoreThread(asyncio.get_running_loop())

    thread = asyncio.run(run())
    for n in range(5):
        thread.write(lambda n=n: (time.sleep(0.01), done.append(n)))  # type: ignore[misc]
    thread.close()
    assert done == [0, 1, 2, 3, 4]
    assert thread.idle

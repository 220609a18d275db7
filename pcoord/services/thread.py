"""The store thread: one connection, writes in order, reads latest-wins, drained before exit.

Textual's own thread workers do not stop when cancelled, so a stale answer could arrive after a
fresh one; here every read carries its group's generation, and a stale one is dropped.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from typing import Any, Protocol


class Loop(Protocol):
    """Where answers are delivered (an asyncio loop)."""

    def call_soon_threadsafe(
        self, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> Any: ...


@dataclass
class _Job:
    run: Callable[[], Any]
    then: Callable[[Any], None] | None
    failed: Callable[[BaseException], None] | None
    group: str | None = None
    generation: int = 0
    # Handlers find the screen they belong to through context variables.
    context: Context = field(default_factory=copy_context)


class StoreThread:
    """Runs jobs one after another and delivers their answers on the loop."""

    def __init__(self, loop: Loop, name: str = "store") -> None:
        self._loop = loop
        self._jobs: deque[_Job] = deque()
        self._wake = threading.Condition()
        self._generations: dict[str, int] = {}
        self._open = 0
        self._began: float | None = None
        self._closing = False
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    @property
    def idle(self) -> bool:
        """Tell whether every job has been answered and its answer handled."""
        return self._open == 0

    @property
    def busy_seconds(self) -> float:
        """Return for how long the present job has been at work, 0 when there is none."""
        began = self._began
        return time.monotonic() - began if began is not None else 0.0

    def write(
        self,
        run: Callable[[], Any],
        then: Callable[[Any], None] | None = None,
        failed: Callable[[BaseException], None] | None = None,
    ) -> None:
        """Run a job in its turn; it is never dropped."""
        self._put(_Job(run, then, failed))

    def read(
        self,
        group: str,
        run: Callable[[], Any],
        then: Callable[[Any], None],
        failed: Callable[[BaseException], None] | None = None,
    ) -> None:
        """Run a job unless a newer one of its group comes; only the newest answer arrives."""
        generation = self._generations.get(group, 0) + 1
        self._generations[group] = generation
        self._put(_Job(run, then, failed, group, generation))

    def forget(self, group: str) -> None:
        """Drop what is still under way in a group."""
        self._generations[group] = self._generations.get(group, 0) + 1

    def close(self, seconds: float = 10.0) -> None:
        """Finish the jobs that were given, then end."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._thread.join(seconds)

    def _put(self, job: _Job) -> None:
        with self._wake:
            self._open += 1
            self._jobs.append(job)
            self._wake.notify()

    def _work(self) -> None:
        while (job := self._next()) is not None:
            if self._stale(job):
                self._deliver(job, None)
                continue
            self._began = time.monotonic()
            try:
                answer = job.run()
            except BaseException as error:
                self._deliver(job, job.failed, error)
            else:
                self._deliver(job, job.then, answer)
            finally:
                self._began = None

    def _next(self) -> _Job | None:
        with self._wake:
            while not self._jobs:
                if self._closing:
                    return None
                self._wake.wait()
            return self._jobs.popleft()

    def _stale(self, job: _Job) -> bool:
        return job.group is not None and self._generations.get(job.group) != job.generation

    def _deliver(self, job: _Job, handler: Callable[[Any], None] | None, value: Any = None) -> None:
        try:
            self._loop.call_soon_threadsafe(self._handle, job, handler, value, context=job.context)
        except RuntimeError:
            # The loop has ended: nobody is left to tell, and the work itself is done.
            self._open -= 1

    def _handle(self, job: _Job, handler: Callable[[Any], None] | None, value: Any) -> None:
        try:
            if handler is not None and not self._stale(job):
                handler(value)
        finally:
            self._open -= 1

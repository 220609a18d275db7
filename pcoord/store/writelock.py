"""The queue of writers on one SQLite file: a lock file that the kernel hands on in turn.

SQLite's own busy_timeout polls, so that busy desks starve each other for seconds; a blocking
flock wakes exactly one waiter when the file comes free.
"""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pcoord.domain.errors import Unavailable
from pcoord.store.modes import make_file

WAIT_SECONDS = 5.0


class WriteLock:
    """A place in the queue of writers; taken around write units only."""

    def __init__(self, path: Path, seconds: float = WAIT_SECONDS) -> None:
        self.path = path
        self.seconds = seconds

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock; refuse in words after the wait is over."""
        descriptor = self._take()
        try:
            yield
        finally:
            os.close(descriptor)

    def _take(self) -> int:
        try:
            descriptor = make_file(self.path, os.O_RDWR | os.O_CLOEXEC)
        except OSError as error:
            raise Unavailable(
                f"The clinic's lock file {self.path} cannot be opened: {error.strerror}. "
                "Nothing was stored."
            ) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return self._wait(descriptor)
        except BaseException:
            os.close(descriptor)
            raise
        return descriptor

    def _wait(self, descriptor: int) -> int:
        """Wait in a thread of its own: a blocking flock cannot be given a time limit."""
        turn = _Turn(descriptor)
        threading.Thread(target=turn.wait, name="write-queue", daemon=True).start()
        if turn.came(self.seconds):
            return descriptor
        raise Unavailable(
            "Another program has kept the clinic's database busy for 5 seconds. "
            "Nothing was stored; please try again."
        )


class _Turn:
    """One wait; given up, it lets the lock go again as soon as it gets it."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._guard = threading.Lock()
        self._got = threading.Event()
        self._given_up = False

    def wait(self) -> None:
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        with self._guard:
            if self._given_up:
                os.close(self._descriptor)
            else:
                self._got.set()

    def came(self, seconds: float) -> bool:
        if self._got.wait(seconds):
            return True
        with self._guard:
            if self._got.is_set():
                return True
            self._given_up = True
            return False

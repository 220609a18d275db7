"""A COMMIT whose answer never came, and how it is found out whether it was stored.

The line may break after the server took the COMMIT and before it could say so; half of such steps
turn out to be stored. So nothing is said until the step is looked up by its key: the last event of
its chain, whose MAC nobody else can make, and the server's own transaction id, which tells whether
the old connection may still be at work on it.
"""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DBAPIError

from pcoord.store.audit import Sealed
from pcoord.store.engine import was_left_unconfirmed
from pcoord.store.failures import is_lost
from pcoord.store.tables import AuditEvent
from pcoord.store.unit import Step

DEADLINE = 8.0
"""Seconds that a server may take over one transaction before its line is given up."""

_events = AuditEvent.__table__  # type: ignore[attr-defined]
_status = text("SELECT pg_xact_status(CAST(CAST(:xid AS text) AS xid8))")
_mark = text("SELECT pg_logical_emit_message(true, 'pcoord', '')")


@dataclass(frozen=True)
class Doubt:
    """A step that may be stored; `unconfirmed` when only the standby's answer is missing."""

    step: Step
    sealed: Sealed
    unconfirmed: bool = False


def fate(connection: Connection, doubt: Doubt) -> bool | None:
    """Tell whether a step was stored; None while the server does not know either."""
    if doubt.unconfirmed:
        return True if _standby_answers(connection) else None
    if _in_progress(connection, doubt.sealed):
        return None
    found = select(_events.c.seq).where(
        _events.c.session_id == doubt.sealed.session_id,
        _events.c.link == doubt.sealed.link,
        _events.c.mac == doubt.sealed.mac,
    )
    return connection.execute(found).first() is not None


def _in_progress(connection: Connection, sealed: Sealed) -> bool:
    """Tell whether the old connection still works on it, or waits for the standby."""
    try:
        status = connection.execute(_status, {"xid": sealed.transaction}).scalar()
    except DBAPIError as error:
        if is_lost(error):
            raise
        return False  # a server that took over may not have come to this number yet
    return str(status) == "in progress"


def _standby_answers(connection: Connection) -> bool:
    """Write a mark behind the step and have it confirmed; with it, all before it is confirmed."""
    connection.exec_driver_sql("BEGIN")
    connection.execute(_mark)
    with deadline(connection):
        connection.exec_driver_sql("COMMIT")
    return not was_left_unconfirmed(connection)


@contextmanager
def deadline(connection: Connection, seconds: float = DEADLINE) -> Iterator[None]:
    """End the line when the server does not answer in time; its own timeouts do not end a COMMIT.

    The statement that waits then fails as any other on a lost line.
    """
    driver = connection.connection.driver_connection
    if connection.dialect.name != "postgresql" or driver is None:
        yield
        return
    # A descriptor of our own: the driver's may be closed, and its number given out again.
    line = socket.socket(fileno=os.dup(driver.fileno()))
    _watch.over(line, seconds)
    try:
        yield
    finally:
        _watch.done(line)
        line.close()


class _Watch:
    """Hangs lines up that are over their time: one thread for all, since to start one costs
    more than a statement. It goes when nothing was to be watched for a while.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._lines: dict[socket.socket, float] = {}
        self._thread: threading.Thread | None = None
        self._looks_at = 0.0

    def over(self, line: socket.socket, seconds: float) -> None:
        """Hang a line up after so many seconds, unless it is done before."""
        with self._changed:
            end = time.monotonic() + seconds
            self._lines[line] = end
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._look, name="deadline", daemon=True)
                self._thread.start()
            elif end < self._looks_at:
                self._changed.notify()

    def done(self, line: socket.socket) -> None:
        """Watch a line no more."""
        with self._changed:
            self._lines.pop(line, None)

    def _look(self) -> None:
        with self._changed:
            idle = False
            while self._lines or not idle:
                idle = not self._lines
                now = time.monotonic()
                for line in [line for line, end in self._lines.items() if end <= now]:
                    del self._lines[line]
                    with suppress(OSError):
                        line.shutdown(socket.SHUT_RDWR)
                self._looks_at = min([now + DEADLINE, *self._lines.values()])
                self._changed.wait(self._looks_at - now)
            self._thread = None


_watch = _Watch()


def _watch_anew() -> None:
    """A process that was forked has none of its parent's threads."""
    global _watch
    _watch = _Watch()


os.register_at_fork(after_in_child=_watch_anew)

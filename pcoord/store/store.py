"""The store of one clinic: one kept connection, writes one after another, events with each."""

import contextlib
import itertools
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from pcoord.clock import Clock
from pcoord.domain.errors import Away, DeskError, Unavailable, Unknown
from pcoord.store import audit, schema
from pcoord.store.audit import Who
from pcoord.store.ballast import Ballast
from pcoord.store.doubt import Doubt, deadline, fate
from pcoord.store.engine import Address, connect, was_left_unconfirmed
from pcoord.store.failures import (
    DISK_FULL,
    in_words,
    in_words_of_driver,
    is_full,
    is_lost,
    may_retry,
)
from pcoord.store.files import demand_file, make_clinic_file, read_key
from pcoord.store.modes import make_file
from pcoord.store.unit import Step, Unit
from pcoord.store.writelock import WriteLock

KEY_VARIABLE = "PCOORD_AUDIT_KEY_FILE"
PATIENCE = 5.0
_TRIES = 5
NOT_STORED = "The database server went away just then, and it was not stored. Please try again."
_UNKNOWN = (
    "Not known yet whether this was stored: the server went away at that very moment. "
    "It is looked up as soon as the server is back; do not do it again before."
)
_STILL_UNKNOWN = (
    "Not known yet whether your last step was stored, so nothing was done now. "
    "Please wait until it is looked up."
)
_LOOKS = frozenset({"read", "search"})
_NOT_RECORDED = (
    "The disk is full. Who looks is recorded before anything is shown, and that could not be "
    "stored; free some space and try again."
)
T = TypeVar("T")


class _Previewed(Exception):
    """Ends a preview; the transaction is rolled back."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.said = said


class Store:
    """Reads and writes of one clinic through one connection; used from one thread at a time."""

    def __init__(self, address: Address, clock: Clock) -> None:
        self.address = address
        self.clock = clock
        self.read_only = False
        # Seconds that a step waits for a server that went away.
        self.patience = PATIENCE
        self.away = False
        self.doubt: Doubt | None = None
        # How the last transaction left its session's chain; it is read anew after a lost line.
        self._sealed: audit.Sealed | None = None
        self._connection: Connection | None = None
        self._key: bytes | None = None
        self._lock = WriteLock(_beside(address, ".lock")) if address.path else None
        self._ballast = Ballast(address.path) if address.path else None
        # No room for the ballast: of what comes, half-typed text and looks are stored first.
        self.full = False

    @classmethod
    def open(cls, address: Address, clock: Clock) -> "Store":
        """Open an existing clinic, upgrading older tables after a backup.

        Raises Unavailable, in words, for what is missing, damaged, locked or too new.
        """
        store = cls(address, clock)
        demand_file(address.path)
        with store.words():
            store.read_only = store._is_read_only()
            current = schema.check_age(store.connection, address)
            if not current and store.read_only:
                raise Unavailable(
                    f"{address} is of an older pcoord, and may only be read from here. "
                    "Open it once where it may be changed; that brings it up to date."
                )
            if not current:
                schema.upgrade(store.connection, address, clock.now())
        store.look_for_room()
        return store

    @classmethod
    def create(cls, address: Address, clock: Clock) -> "Store":
        """Make the tables and the audit key of a new clinic; refuse where one already is."""
        store = cls(address, clock)
        audit_key_path(address)  # refuses before anything is made
        make_clinic_file(address.path)
        with store.words():
            if schema.version(store.connection) is not None:
                raise DeskError(f"There is a clinic in {address} already. Choose another file.")
            schema.upgrade(store.connection, address, clock.now())
        store.make_key()
        store.look_for_room()
        return store

    @property
    def connection(self) -> Connection:
        """Return the kept connection, made anew after the line was lost."""
        if self._connection is None:
            try:
                self._connection = self._connect()
            except Unavailable as refused:
                # Even to open takes room; where there is some to give up, try once more.
                if refused.sentence != DISK_FULL or not self._make_room():
                    raise
                self._connection = self._connect()
            self.away = False
        return self._connection

    def _connect(self) -> Connection:
        with self.words():
            return connect(self.address, read_only=self.read_only)

    def close(self) -> None:
        """Let the connection go."""
        if self._connection is not None:
            with contextlib.suppress(SQLAlchemyError):
                self._connection.close()
            self._connection = None

    @contextmanager
    def words(self) -> Iterator[None]:
        """Turn database errors inside the block into a sentence."""
        try:
            yield
        except DBAPIError as error:
            if is_lost(error):
                self._lost()
            raise in_words(error, self.address) from error
        except Exception as error:
            raise in_words_of_driver(error, self.address, again=self.away) from error

    def read(self, query: Callable[[Connection], Any]) -> Any:
        """Run a reading function on the connection; a lost line is tried once more."""
        try:
            with self.words():
                return query(self.connection)
        except Unavailable:
            if self._connection is not None:
                raise
            with self.words():
                return query(self.connection)

    def write(self, who: Who, action: str, body: Callable[[Unit], Any]) -> Step:
        """Run `body` as one transaction and return its step; nothing is stored when it raises.

        But for Unknown: then `settle` tells later whether it was stored, and until it has told,
        nothing else is written, so that nothing can be stored twice.
        """
        if self.read_only:
            raise Unavailable(
                "The clinic's database may only be read from here. Nothing was stored."
            )
        if self.doubt is not None:
            raise Unavailable(_STILL_UNKNOWN)
        if self._ballast is not None and not self._ballast.leaves_room_to_write:
            self.full = True
            raise Unavailable(DISK_FULL)
        return self._persist(lambda: self._attempt(who, action, body))

    def preview(self, who: Who, action: str, body: Callable[[Unit], Any]) -> str:
        """Return what a step would say if it were done to what stands now; nothing is stored.

        What `body` returns stands for the sentence, where it tells less.
        """
        try:
            with self.words(), self._transaction() as connection:
                unit = Unit(connection, self.key, who, action, self.clock.now(), self._sealed)
                unit.any_version = True
                told = body(unit)
                unit.finish()
                raise _Previewed(told or unit.said)
        except _Previewed as previewed:
            return previewed.said

    def settle(self) -> Step | bool:
        """Look up the step in doubt: the step when it was stored, False when not, True: not yet.

        A server that is away raises Away.
        """
        doubt = self.doubt
        if doubt is None:
            return False
        with self.words():
            stored = fate(self.connection, doubt)
        if stored is None:
            return True
        self.doubt = None
        return doubt.step if stored else False

    def _persist(self, attempt: Callable[[], T]) -> T:
        """Run a transaction; run it again after a deadlock, or on a new line after one was lost.

        Before COMMIT that is harmless: the server forgets what a lost line had begun.
        """
        end = time.monotonic() + self.patience
        relieved = False
        for tries in itertools.count(1):
            try:
                return attempt()
            except DBAPIError as error:
                if not relieved and is_full(error, self.address) and self._make_room():
                    relieved = True
                    continue
                if is_lost(error):
                    self._lost()
                deadlock = may_retry(error) and tries < _TRIES
                if not deadlock and not (is_lost(error) and time.monotonic() < end):
                    raise in_words(error, self.address) from error
            except Away:
                if time.monotonic() > end:
                    raise
            time.sleep(min(0.5, (0.01 + secrets.randbelow(20) / 1000) * 2 ** min(tries, 6)))
        raise AssertionError("unreachable")

    def note(self, who: Who, kind: str, **values: Any) -> None:
        """Store an event that changes nothing: a look at a card, a search, a sign-in."""
        if self.read_only:
            return
        row = {"kind": kind, "action": kind} | values

        def attempt() -> None:
            with self._transaction() as connection:
                begun = schema.begin_look(connection)
                sealed = audit.append(
                    *(connection, self.key, who, self.clock.now(), [row]),
                    *(begun.transaction, self._sealed),
                )
            self._sealed = sealed

        try:
            self._persist(attempt)
        except Unavailable as refused:
            if kind in _LOOKS and refused.sentence == DISK_FULL:
                raise Unavailable(_NOT_RECORDED) from refused
            raise

    def look_for_room(self) -> None:
        """Make the ballast where it is missing and there is room again; `full` tells of it."""
        if self._ballast is not None and not self.read_only:
            self.full = not self._ballast.keep()

    def _make_room(self) -> bool:
        """Give up the ballast and let the log be used from its beginning; False when it is in vain.

        Without waiting for readers: what they still need of the log stays.
        """
        if self._ballast is None or self.read_only:
            return False
        given, self.full = self._ballast.give_up(), True
        if self._connection is None:
            return given
        with contextlib.suppress(SQLAlchemyError):
            words = "PRAGMA wal_checkpoint(PASSIVE)"
            _, pages, moved = self._connection.exec_driver_sql(words).one()
            return given or pages == moved > 0
        return given

    def verify(self) -> audit.Verdict:
        """Check every chain of events, in one consistent read."""
        with self.words():
            connection = self.connection
            sqlite = self.address.path is not None
            begin = "BEGIN" if sqlite else "BEGIN ISOLATION LEVEL REPEATABLE READ"
            connection.exec_driver_sql(begin)
            try:
                return audit.verify(connection, self.key)
            finally:
                with contextlib.suppress(SQLAlchemyError):
                    connection.exec_driver_sql("ROLLBACK")

    @property
    def key(self) -> bytes:
        """Return the audit key; a missing one is refused in words."""
        if self._key is None:
            self._key = read_key(audit_key_path(self.address))
        return self._key

    def make_key(self) -> None:
        """Make the audit key where there is none yet; it is not part of a backup."""
        path = audit_key_path(self.address)
        if path.exists():
            return
        try:
            descriptor = make_file(path, os.O_WRONLY | os.O_EXCL)
        except OSError as error:
            raise Unavailable(
                f"The audit key {path} cannot be made: {error.strerror}. Choose another place."
            ) from error
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32) + "\n")
            file.flush()
            os.fsync(descriptor)

    def _attempt(self, who: Who, action: str, body: Callable[[Unit], Any]) -> Step:
        step: Step | None = None
        sealed: audit.Sealed | None = None
        try:
            with self._transaction() as connection:
                unit = Unit(connection, self.key, who, action, self.clock.now(), self._sealed)
                body(unit)
                step, sealed = unit.finish(), unit.sealed
        except DBAPIError as error:
            if step is None or sealed is None or not is_lost(error):
                raise
            self._lost()
            return self._look_up(Doubt(step, sealed))
        if sealed is not None and was_left_unconfirmed(connection):
            return self._look_up(Doubt(step, sealed, unconfirmed=True))
        self._sealed = sealed or self._sealed
        return step

    def _look_up(self, doubt: Doubt) -> Step:
        """After an error in COMMIT: say what was stored only once it is known."""
        self.doubt = doubt
        end = time.monotonic() + self.patience
        while time.monotonic() < end:
            with contextlib.suppress(Away):
                told = self.settle()
                if isinstance(told, Step):
                    return told
                if not told:
                    raise Unavailable(NOT_STORED)
            time.sleep(0.1 + secrets.randbelow(200) / 1000)
        raise Unknown(_UNKNOWN)

    def _lost(self) -> None:
        """Let a lost line go; the next use makes a new one."""
        self.close()
        self._sealed = None
        self.away = True

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with self._lock.held() if self._lock else contextlib.nullcontext():
            connection = self.connection
            connection.exec_driver_sql("BEGIN IMMEDIATE" if self._lock else "BEGIN")
            try:
                with deadline(connection):
                    yield connection
                    connection.exec_driver_sql("COMMIT")
            except BaseException:
                # After a lost line SQLAlchemy refuses every statement; the first error counts.
                with contextlib.suppress(SQLAlchemyError):
                    connection.exec_driver_sql("ROLLBACK")
                raise

    def _is_read_only(self) -> bool:
        path = self.address.path
        return path is not None and not (
            os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
        )


def audit_key_path(address: Address) -> Path:
    """Return where a clinic's audit key is: as the environment says, else beside the file."""
    named = os.environ.get(KEY_VARIABLE)
    if named:
        return Path(named)
    if address.path is None:
        raise Unavailable(
            f"Name the file that holds the audit key in {KEY_VARIABLE}; PostgreSQL needs it."
        )
    return _beside(address, ".key")


def _beside(address: Address, ending: str) -> Path:
    assert address.path is not None
    return address.path.with_name(address.path.name + ending)

"""The store of one clinic: one kept connection, writes one after another, events with each."""

import contextlib
import os
import secrets
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from pcoord.clock import Clock
from pcoord.domain.errors import DeskError, Unavailable
from pcoord.store import audit, schema
from pcoord.store.audit import Who
from pcoord.store.engine import Address, connect
from pcoord.store.failures import in_words, is_lost, may_retry
from pcoord.store.modes import make_file
from pcoord.store.tables import AuditEvent
from pcoord.store.unit import Step, Unit
from pcoord.store.writelock import WriteLock

KEY_VARIABLE = "PCOORD_AUDIT_KEY_FILE"
_TRIES = 5
_UNREADABLE = "You may not read {}; ask whoever looks after the machine."
_events = AuditEvent.__table__  # type: ignore[attr-defined]


class Store:
    """Reads and writes of one clinic through one connection; used from one thread at a time."""

    def __init__(self, address: Address, clock: Clock) -> None:
        self.address = address
        self.clock = clock
        self.read_only = False
        self._connection: Connection | None = None
        self._key: bytes | None = None
        self._lock = WriteLock(_beside(address, ".lock")) if address.path else None

    @classmethod
    def open(cls, address: Address, clock: Clock) -> "Store":
        """Open an existing clinic, upgrading older tables after a backup.

        Raises Unavailable, in words, for what is missing, damaged, locked or too new.
        """
        store = cls(address, clock)
        store._demand_file()
        with store.words():
            store.read_only = store._is_read_only()
            current = schema.check_age(store.connection, address)
            if not current and not store.read_only:
                schema.upgrade(store.connection, address, clock.now())
        return store

    @classmethod
    def create(cls, address: Address, clock: Clock) -> "Store":
        """Make the tables and the audit key of a new clinic; refuse where one already is."""
        store = cls(address, clock)
        audit_key_path(address)  # refuses before anything is made
        store._make_file()
        with store.words():
            if schema.version(store.connection) is not None:
                raise DeskError(f"There is a clinic in {address} already. Choose another file.")
            schema.upgrade(store.connection, address, clock.now())
        store.make_key()
        return store

    @property
    def connection(self) -> Connection:
        """Return the kept connection, made anew after the line was lost."""
        if self._connection is None:
            with self.words():
                self._connection = connect(self.address, read_only=self.read_only)
        return self._connection

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
                self.close()
            raise in_words(error, self.address) from error
        except Exception as error:
            raise _bare(error, self.address) from error

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
        """Run `body` as one transaction and return its step; nothing is stored when it raises."""
        if self.read_only:
            raise Unavailable(
                "The clinic's database may only be read from here. Nothing was stored."
            )
        for attempt in range(_TRIES):
            try:
                return self._attempt(who, action, body)
            except DBAPIError as error:
                if not may_retry(error) or attempt == _TRIES - 1:
                    if is_lost(error):
                        self.close()
                    raise in_words(error, self.address) from error
                time.sleep(secrets.randbelow(20) / 1000 * (attempt + 1))
        raise AssertionError("unreachable")

    def note(self, who: Who, kind: str, **values: Any) -> None:
        """Store an event that changes nothing: a look at a card, a search, a sign-in."""
        if self.read_only:
            return
        row = {"kind": kind, "action": kind} | values
        with self.words(), self._transaction() as connection:
            schema.demand_current(connection)
            audit.append(connection, self.key, who, self.clock.now(), [row])

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
            self._key = _read_key(audit_key_path(self.address))
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
        sealed: tuple[int, str] | None = None
        try:
            with self._transaction() as connection:
                schema.demand_current(connection)
                unit = Unit(connection, self.key, who, action, self.clock.now())
                body(unit)
                step, sealed = unit.finish(), unit.sealed
        except DBAPIError as error:
            if step is not None and sealed is not None and is_lost(error):
                return self._look_up(who, step, sealed, error)
            raise
        assert step is not None
        return step

    def _look_up(self, who: Who, step: Step, sealed: tuple[int, str], error: DBAPIError) -> Step:
        """After an error in COMMIT: the step was stored exactly when its last event is there."""
        self.close()
        link, mac = sealed
        query = select(_events.c.seq).where(
            _events.c.session_id == who.session_id, _events.c.link == link, _events.c.mac == mac
        )
        if self.connection.execute(query).first():
            return step
        raise in_words(error, self.address) from error

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with self._lock.held() if self._lock else contextlib.nullcontext():
            connection = self.connection
            connection.exec_driver_sql("BEGIN IMMEDIATE" if self._lock else "BEGIN")
            try:
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

    def _demand_file(self) -> None:
        path = self.address.path
        if path is None:
            return
        try:
            found = path.stat()
        except (FileNotFoundError, NotADirectoryError):
            raise Unavailable(
                f"There is no clinic at {path}. Make one with `pcoord init`, or try `pcoord demo`."
            ) from None
        except OSError as error:
            raise Unavailable(_UNREADABLE.format(path)) from error
        if stat.S_ISDIR(found.st_mode):
            raise Unavailable(f"{path} is a folder; name the clinic's file in it.")
        if not found.st_size:
            raise Unavailable(f"{path} is empty. Make a clinic in it with `pcoord init`.")
        if not os.access(path, os.R_OK):
            raise Unavailable(_UNREADABLE.format(path))

    def _make_file(self) -> None:
        path = self.address.path
        if path is None:
            return
        try:
            if path.exists() and path.stat().st_size:
                raise DeskError(f"{path} exists already. Choose another file.")
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.close(make_file(path, os.O_RDWR))
        except OSError as error:
            raise Unavailable(
                f"{path} cannot be made: {error.strerror}. Try another place."
            ) from error


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


def _read_key(path: Path) -> bytes:
    try:
        key = bytes.fromhex(path.read_text().strip())
    except (OSError, ValueError):
        key = b""
    if len(key) < 16:
        raise Unavailable(
            f"The audit key {path} is missing or not readable, so nothing may be changed. "
            "Bring it back from where it is kept."
        )
    return key


def _bare(error: Exception, address: Address) -> Exception:
    """Put a driver's own error (raised while connecting) in words; pass all others on."""
    import sqlite3

    if isinstance(error, sqlite3.Error):
        return in_words(DBAPIError("connect", None, error), address)
    if address.path and isinstance(error, UnicodeDecodeError):
        # SQLite's own message holds bytes of the damaged file.
        damaged = sqlite3.DatabaseError("Could not decode to UTF-8")
        return in_words(DBAPIError("read", None, damaged), address)
    if address.dsn and type(error).__module__.startswith("psycopg"):
        return Unavailable(
            "The database server cannot be reached. Check the address and that it is running."
        )
    return error

"""One connection to one clinic: SQLite in a file, or PostgreSQL.

Both run in the driver's own autocommit; the unit of work sends BEGIN and COMMIT itself, so that a
write always starts as `BEGIN IMMEDIATE` on SQLite.
"""

import logging
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote
from weakref import WeakSet

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.pool import NullPool

from pcoord.domain.errors import BadUsage, Unavailable
from pcoord.domain.text import readable

BUSY_MS = 5000
_PRAGMAS = (
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    f"PRAGMA busy_timeout={BUSY_MS}",
    "PRAGMA trusted_schema=OFF",
    "PRAGMA cell_size_check=ON",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA secure_delete=ON",
    "PRAGMA cache_size=-16000",
)

# A dead line is noticed in seconds, not in the two hours of the system.
_LINE: dict[str, Any] = {
    "application_name": "pcoord",
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 6000,
}
# A desk that dies in the middle lets go of what it holds; nobody waits for others without end.
# Every statement is a seek, whatever is sought: planning it anew each time costs as much again.
_SERVER_SETTINGS = (
    "SET idle_in_transaction_session_timeout = '15s'",
    f"SET lock_timeout = '{BUSY_MS}ms'",
    "SET plan_cache_mode = force_generic_plan",
)
PREPARED_AFTER = 1
"""So many times a statement is sent in full; then the server keeps it, read and planned.

Nearly all that a desk asks, it asks again; what is asked once, as by a command, is not kept.
"""
_unconfirmed: "WeakSet[Any]" = WeakSet()


@dataclass(frozen=True)
class Address:
    """Where a clinic's records are: a file, or a PostgreSQL address kept as it was typed."""

    path: Path | None = None
    dsn: str | None = None

    @property
    def dialect(self) -> str:
        """Return "sqlite" or "postgresql"."""
        return "sqlite" if self.path else "postgresql"

    def __str__(self) -> str:
        # An address may carry a password, so it is never shown.
        return str(self.path) if self.path else "the PostgreSQL server"


def parse_address(text: str) -> Address:
    """Return where `text` points: a path, sqlite:///path, postgresql://... or key=value words."""
    if text.startswith(("postgresql://", "postgres://")) or "host=" in text or "dbname=" in text:
        return Address(dsn=readable(text))
    if text.startswith("sqlite:///"):
        text = text.removeprefix("sqlite:///")
    elif "://" in text:
        raise BadUsage("A database is a file path, sqlite:///PATH or postgresql://...; try one.")
    if "\x00" in text:
        raise BadUsage("A database's path holds no NUL; give a file name, for example clinic.db.")
    if not text:
        raise BadUsage("The database's path is empty; give a file name, for example clinic.db.")
    return Address(path=Path(text).expanduser().absolute())


def make_engine(address: Address, *, read_only: bool = False) -> Engine:
    """Return an engine whose every connection is set up (and checked) as pcoord needs it."""
    creator = _sqlite_creator(address, read_only) if address.path else _postgres_creator(address)
    return create_engine(f"{_driver(address)}://", creator=creator, poolclass=NullPool)


def connect(address: Address, *, read_only: bool = False) -> Connection:
    """Return a connection to keep; it works in autocommit until somebody sends BEGIN."""
    return make_engine(address, read_only=read_only).connect()


def _driver(address: Address) -> str:
    return "sqlite+pysqlite" if address.path else "postgresql+psycopg"


def _sqlite_creator(address: Address, read_only: bool) -> Callable[[], Any]:
    path = address.path
    assert path is not None

    def create() -> sqlite3.Connection:
        uri = f"file:{quote(str(path))}"
        connection = sqlite3.connect(
            uri + (_read_only_words(path) if read_only else "?mode=rw"),
            uri=True,
            isolation_level=None,
            check_same_thread=False,
            timeout=BUSY_MS / 1000,
        )
        try:
            for pragma in _PRAGMAS:
                connection.execute(pragma)
            if not read_only:
                _demand_wal(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    return create


def _read_only_words(path: Path) -> str:
    """Choose how to read where we may not write: immutable would not see a non-empty WAL."""
    wal = path.with_name(path.name + "-wal")
    if wal.exists() and wal.stat().st_size:
        return "?mode=ro"
    return "?mode=ro&immutable=1"


def _demand_wal(connection: sqlite3.Connection) -> None:
    if connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
        return
    if connection.execute("PRAGMA journal_mode=WAL").fetchone()[0] != "wal":
        raise Unavailable(
            "The clinic's file lies where it cannot be shared safely (a network folder?). "
            "Move it to a disk of this machine."
        )


def _postgres_creator(address: Address) -> Callable[[], Any]:
    def create() -> Any:
        try:
            import psycopg
        except ImportError:
            raise Unavailable(
                "PostgreSQL needs one more package: pip install 'pcoord[postgres]'."
            ) from None
        # The driver would write its remarks, with the address, over the screen.
        logging.getLogger("psycopg").addHandler(logging.NullHandler())
        connection = psycopg.connect(address.dsn or "", **_line_settings(address.dsn or ""))
        connection.add_notice_handler(lambda notice: _hear(connection, notice))
        try:
            for setting in _SERVER_SETTINGS:
                connection.execute(setting)
        except BaseException:
            connection.close()
            raise
        return connection

    return create


def _line_settings(dsn: str) -> dict[str, Any]:
    """Return how a line is opened and watched; what the address says itself goes first."""
    from psycopg.conninfo import conninfo_to_dict

    told = conninfo_to_dict(dsn)
    ours = {name: value for name, value in _LINE.items() if name not in told}
    return {"autocommit": True, "prepare_threshold": PREPARED_AFTER, **ours}


def _hear(connection: Any, notice: Any) -> None:
    """Note that a wait for the standby was given up: the server then reports success all the same.

    Warning 01000 is the class's general code; within a COMMIT, whose only one it is, it counts.
    """
    if notice.sqlstate == "01000":
        _unconfirmed.add(connection)


def was_left_unconfirmed(connection: Connection) -> bool:
    """Tell, once, whether a wait for the standby was given up on this connection."""
    driver = connection.connection.driver_connection
    if driver not in _unconfirmed:
        return False
    _unconfirmed.discard(driver)
    return True

"""Backup and restore of a clinic in an SQLite file; PostgreSQL has means of its own."""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, select
from sqlalchemy.exc import DBAPIError

from pcoord.domain.errors import DeskError, NotFound, Refused, Unavailable
from pcoord.store import schema
from pcoord.store.copying import copy_into
from pcoord.store.engine import Address, connect
from pcoord.store.failures import in_words
from pcoord.store.modes import set_mode
from pcoord.store.queries.common import organization
from pcoord.store.store import Store
from pcoord.store.writelock import WriteLock

PG_BACKUP = (
    "A clinic on PostgreSQL is backed up with the server's own means: "
    "pg_dump --format=custom --file=FILE, or continuous archiving."
)
PG_RESTORE = (
    "A clinic on PostgreSQL is brought back with the server's own means: pg_restore into an "
    "empty database."
)
_BESIDE = ("", "-wal", "-shm")


def backup(store: Store, path: Path) -> int:
    """Write a checked copy of the open clinic to a new file and return its size in bytes.

    Raises Refused when the file exists, Unavailable when it cannot be written or is not whole.
    """
    if store.address.path is None:
        raise Refused(PG_BACKUP)
    path = path.expanduser().absolute()
    with store.words():
        copy_into(store.connection, path)
    faults = faults_of(path)
    if faults:
        path.unlink(missing_ok=True)
        raise Unavailable(
            f"The copy is not whole ({faults[0]}), so it was removed. "
            "Run `pcoord check`: the clinic's own file may be damaged."
        )
    return path.stat().st_size


def faults_of(path: Path) -> list[str]:
    """Return what SQLite finds wrong with a file; nothing when it is whole."""
    try:
        with opened(path) as connection:
            return integrity_faults(connection)
    except DeskError as error:
        return [error.sentence]


def integrity_faults(connection: Connection) -> list[str]:
    """Return the lines of SQLite's own check that say what is wrong."""
    lines = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
    return [str(line) for line in lines if line != "ok"]


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Connection]:
    """Open a file for reading only; say in words what is wrong with it."""
    address = Address(path=path)
    try:
        with connect(address, read_only=True) as connection:
            yield connection
    except DBAPIError as error:
        raise in_words(error, address) from error
    except sqlite3.Error as error:
        raise in_words(DBAPIError("connect", None, error), address) from error


def restore(address: Address, file: Path, now: datetime) -> tuple[str, Path | None]:
    """Put a backup in the clinic's place; return the clinic's name and where the old file went.

    No key is needed: it is not part of a backup and stays where it is. Raises Refused while a
    desk has the clinic open, Unavailable when the file is no whole clinic of a known version.
    """
    if address.path is None:
        raise Refused(PG_RESTORE)
    file = file.expanduser().absolute()
    name = _demand_clinic(file)
    fresh = address.path.with_name(f"{address.path.name}.restoring-{os.getpid()}")
    with _writing_in(address.path), WriteLock(_lock_of(address.path)).held():
        if address.path.exists() and os.path.samefile(address.path, file):
            raise Refused(f"{file} is the clinic itself; name a backup of it.")
        try:
            with opened(file) as source:
                copy_into(source, fresh)
            set_mode(fresh)
            kept = _put_aside(address.path, now)
            os.replace(fresh, address.path)
        finally:
            fresh.unlink(missing_ok=True)
    return name, kept


def _demand_clinic(file: Path) -> str:
    """Return the name of the clinic in a backup; refuse what is none, too new, or damaged."""
    if not os.path.isfile(file):
        raise NotFound(f"There is no backup {file} that you may read. Please check the name.")
    with opened(file) as connection:
        schema.check_age(connection, Address(path=file))
        faults = integrity_faults(connection)
        if faults:
            raise Unavailable(f"{file} is damaged ({faults[0]}). Please take another backup.")
        name = connection.execute(select(organization.c.name)).scalar()
    if name is None:
        raise Unavailable(f"{file} holds no clinic. Please take another backup.")
    return str(name)


@contextlib.contextmanager
def _writing_in(path: Path) -> Iterator[None]:
    """Say in words when the folder cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        yield
    except OSError as error:
        raise Unavailable(
            f"{path} cannot be replaced: {error.strerror}. Nothing was changed."
        ) from error


def _lock_of(path: Path) -> Path:
    return path.with_name(path.name + ".lock")


def _put_aside(path: Path, now: datetime) -> Path | None:
    """Rename the present clinic, and what lies beside it, out of the way."""
    if not path.exists():
        return None
    _demand_nobody_in(path)
    kept = path.with_name(f"{path.name}.before-restore-{now:%Y%m%d-%H%M%S}")
    if kept.exists():
        raise Refused(f"{kept} exists already; wait a second and try again.")
    for ending in _BESIDE:
        one = path.with_name(path.name + ending)
        if one.exists():
            os.replace(one, kept.with_name(kept.name + ending))
    return kept


def _demand_nobody_in(path: Path) -> None:
    """Refuse while another program has the file open: what it stores next would be lost.

    Leaving WAL mode needs the file alone, and brings the log into it. A damaged file cannot be
    asked; that is when it must be replaced.
    """
    try:
        with closing(sqlite3.connect(path, isolation_level=None, timeout=0.5)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE").fetchone()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF in (5, 6):
            raise Refused(
                "A desk has this clinic open. Close pcoord everywhere, then restore again; "
                "nothing was changed."
            ) from None
    except sqlite3.DatabaseError:
        pass

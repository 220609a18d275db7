"""What a database error means to a person, in one sentence."""

import re
import shutil
import sqlite3

from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from pcoord.domain.errors import Away, Conflict, DeskError, Unavailable
from pcoord.store.engine import Address

DISK_FULL = "The disk is full. Nothing was stored; free some space and try again."
_SQLITE = {
    5: "Another program holds the clinic's database. Nothing was stored; try again.",
    6: "Another program holds the clinic's database. Nothing was stored; try again.",
    8: "The clinic's database may only be read from here. Nothing was stored.",
    10: "The disk gave an error. Nothing was stored; tell whoever looks after the machine.",
    11: "The clinic's database is damaged. Nothing was stored; run `pcoord check`, then restore "
    "the last backup with `pcoord restore FILE`.",
    13: DISK_FULL,
    14: "The clinic's database cannot be opened from here. Check the path and its permissions.",
    26: "This file is not a clinic's database. Check the path, or restore a backup.",
}
LOST = (
    "The database server cannot be reached, so nothing was stored. Try again in a moment; "
    "an open desk goes on trying by itself."
)
_NOT_LET_IN = (
    (
        r"authentication failed|no password supplied|no pg_hba.conf entry|not permitted to log in"
        r"|role .* does not exist",
        "The database server does not let this account in. Check user and password in the "
        "address, or the password file (~/.pgpass).",
    ),
    (
        r"database .* does not exist",
        "The database server has no database of that name. Check the address, or make one there.",
    ),
    (
        r"SSL was required|does not support SSL|certificate|sslrootcert",
        "No safe line to the database server can be had. Check sslmode and the certificates that "
        "the address names.",
    ),
    (
        r"invalid URI|bad value for|invalid (sslmode|port|connection option|integer value)"
        r"|missing \"=\"|unterminated quoted",
        "The database's address cannot be read. Check what stands in it behind postgresql://.",
    ),
    (
        r"failed to resolve host|could not translate host name",
        "The name of the database server is not known here. Check the address and the network.",
    ),
)
"""What a server, or the driver on the way to it, says when no try again would help."""

_POSTGRES = {
    "53100": _SQLITE[13],
    "25006": _SQLITE[8],
    "53300": "The database server has no room for another desk. Nothing was stored; "
    "close a window that is not used, or try again in a moment.",
    "55P03": "Another desk has kept this busy for 5 seconds. Nothing was stored; try again.",
}
# SQLite's extended codes for a second row with one key.
_SQLITE_TWICE = frozenset({1555, 2067, 2579})
_POSTGRES_TWICE = frozenset({"23505", "23P01"})


class TakenFirst(Conflict):
    """A key or the exclusion constraint refused: somebody else was quicker."""

    def __init__(self) -> None:
        super().__init__(
            "Somebody else took that first. Nothing was stored; look again and choose another."
        )


# What a unique key of a table guards, when somebody else was quicker.
KEY_TAKEN = {
    "encounter": "That room was taken first; nothing was stored. Choose another room (r).",
}
IO_ERROR, DAMAGED, FULL, CANNOT_OPEN = 10, 11, 13, 14
# The smallest room (bytes) in which SQLite can begin to write beside a file.
ROOM = 64 * 1024
RETRIED = frozenset({"40001", "40P01"})


def sqlite_code(error: DBAPIError) -> int:
    """Return SQLite's primary result code of an error, 0 when it is not SQLite's."""
    code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
    # Python's own error for text that is no text any more; SQLite itself would hand it out.
    return DAMAGED if not code and "Could not decode to UTF-8" in str(error.orig) else code


def sqlstate(error: DBAPIError) -> str:
    """Return PostgreSQL's error code, empty when the server gave none."""
    return getattr(error.orig, "sqlstate", None) or ""


def may_retry(error: BaseException) -> bool:
    """Tell whether the whole transaction may be run again (serialisation, deadlock)."""
    return isinstance(error, DBAPIError) and sqlstate(error) in RETRIED


def is_taken(error: BaseException) -> bool:
    """Tell whether a key or exclusion constraint refused the write."""
    if isinstance(error, TakenFirst):
        return True
    if not isinstance(error, DBAPIError):
        return False
    return isinstance(error, IntegrityError) or sqlstate(error) in _POSTGRES_TWICE


def _is_twice(error: DBAPIError) -> bool:
    return (
        getattr(error.orig, "sqlite_errorcode", 0) in _SQLITE_TWICE
        or sqlstate(error) in _POSTGRES_TWICE
    )


def is_lost(error: BaseException) -> bool:
    """Tell whether the line to the server is gone."""
    if not isinstance(error, DBAPIError) or sqlite_code(error):
        return False
    return error.connection_invalidated or (
        isinstance(error, OperationalError)
        and (not sqlstate(error) or sqlstate(error)[:2] in {"08", "57"})
    )


def is_full(error: BaseException, address: Address) -> bool:
    """Tell whether there was no room on the disk."""
    if not isinstance(error, DBAPIError):
        return False
    code = sqlite_code(error)
    return code == FULL or (code in (IO_ERROR, CANNOT_OPEN) and _is_full(address))


def _is_full(address: Address) -> bool:
    """Tell whether no page fits beside the file: SQLite says so of its own files only."""
    if address.path is None:
        return False
    try:
        return shutil.disk_usage(address.path.parent).free < ROOM
    except OSError:
        return False


def in_words(error: DBAPIError, address: Address) -> DeskError:
    """Return the sentence for a database error; the address is never printed."""
    if address.dsn and (why := _why_not_let_in(error)):
        return Away(why)
    if address.dsn and is_lost(error):
        return Away(LOST)
    if _is_twice(error):
        return TakenFirst()
    code = FULL if is_full(error, address) else sqlite_code(error)
    sentence = _SQLITE.get(code) or _POSTGRES.get(sqlstate(error))
    if sentence is None:
        raise error
    return Unavailable(sentence)


def _why_not_let_in(error: DBAPIError) -> str:
    """Return what is to be checked when no line could be made, "" when it was one that broke."""
    if error.statement is not None or sqlstate(error):
        return ""
    said = str(error.orig)
    return next((why for words, why in _NOT_LET_IN if re.search(words, said)), "")


def in_words_of_driver(error: Exception, address: Address, *, again: bool = False) -> Exception:
    """Put a driver's own error (raised while connecting) in words; pass all others on.

    `again` when the line was there before and was lost.
    """
    if isinstance(error, sqlite3.Error):
        return in_words(DBAPIError("connect", None, error), address)
    if address.path and isinstance(error, UnicodeDecodeError):
        # SQLite's own message holds bytes of the damaged file.
        damaged = sqlite3.DatabaseError("Could not decode to UTF-8")
        return in_words(DBAPIError("read", None, damaged), address)
    if address.dsn and type(error).__module__.startswith("psycopg"):
        if again:
            return Away(LOST)
        return Unavailable(
            "The database server cannot be reached. Check the address and that it is running."
        )
    return error

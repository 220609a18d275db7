"""The files of a clinic on SQLite: is there one, may it be read, and the audit key beside it."""

import os
import stat
from pathlib import Path

from pcoord.domain.errors import DeskError, Unavailable
from pcoord.store.modes import make_file

_UNREADABLE = "You may not read {}; ask whoever looks after the machine."


def demand_file(path: Path | None) -> None:
    """Refuse in words where there is no clinic's file to be read; None is a server's clinic."""
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


def make_clinic_file(path: Path | None) -> None:
    """Make the empty file of a new clinic, and its folder; refuse where one already is."""
    if path is None:
        return
    try:
        if path.exists() and path.stat().st_size:
            raise DeskError(f"{path} exists already. Choose another file.")
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(make_file(path, os.O_RDWR))
    except OSError as error:
        raise Unavailable(f"{path} cannot be made: {error.strerror}. Try another place.") from error


def read_key(path: Path) -> bytes:
    """Return the audit key; refuse in words when it is missing or no key."""
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

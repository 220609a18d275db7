"""A whole copy of an open SQLite clinic, readable by its owner only from its first byte on."""

import os
from pathlib import Path

from sqlalchemy import Connection, text

from pcoord.domain.errors import Refused, Unavailable


def copy_into(connection: Connection, path: Path) -> None:
    """Write a consistent copy while others go on working; refuse to overwrite.

    `VACUUM INTO` reads one snapshot and ends under writes, which a stepwise backup does not.
    """
    _make_empty(path)
    try:
        connection.execute(text("VACUUM INTO :file"), {"file": str(path)})
        _to_disk(path)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _make_empty(path: Path) -> None:
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        raise Refused(
            f"{path} exists already; nothing was overwritten. Choose a new name."
        ) from None
    except OSError as error:
        raise Unavailable(
            f"{path} cannot be written: {error.strerror}. Choose another place."
        ) from error


def _to_disk(path: Path) -> None:
    for place in (path, path.parent):
        descriptor = os.open(place, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

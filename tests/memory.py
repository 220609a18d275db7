"""A temporary folder in memory, where the machine has one.

Tests make some thousand databases that live for a second. On a disk, making and syncing their
files costs more than all the rest of a run; nothing that is tested depends on a disk below.
"""

import os
import tempfile
from pathlib import Path

SHARED = Path("/dev/shm")
ROOM = 2 * 1024**3
"""Bytes that must be free: a run leaves little behind, but many databases live at once."""


def use_memory() -> None:
    """Have this process and those it starts put temporary files into memory, if they can be."""
    if "TMPDIR" not in os.environ and _fits(SHARED):
        os.environ["TMPDIR"] = tempfile.tempdir = str(SHARED)


def _fits(folder: Path) -> bool:
    """Tell whether there is room, and whether programs may be started from there."""
    try:
        found = os.statvfs(folder)
    except OSError:
        return False
    free = found.f_bavail * found.f_frsize
    return os.access(folder, os.W_OK) and not found.f_flag & os.ST_NOEXEC and free >= ROOM

"""Room kept beside the clinic's file for the moment when the disk is full.

On a full disk SQLite can store nothing, not even what would make room. So a file is kept that holds
real blocks and nothing else. It is given up to store what is in hand: a half-typed text, or a step
that somebody has just confirmed. Its last half is for texts and for the log of who looked at what,
without which nothing may be shown. It is made again as soon as there is room.
"""

import contextlib
import errno
import os
import shutil
from pathlib import Path

from pcoord.store.modes import make_file

SIZE = 2 * 1024 * 1024
RESERVE = SIZE // 2
"""Free bytes below which, the ballast given up, no further step is begun."""

NEEDED = 2 * SIZE
"""Free bytes that there must be before it is made: it must not be what fills the disk."""

NEARLY_FULL = (
    "The disk is nearly full: the room that is kept for half-typed text is given up or cannot be "
    "made. Free some space; it is made again by itself."
)


class Ballast:
    """The file beside one clinic's file; what it does it does for all desks."""

    def __init__(self, clinic: Path) -> None:
        self.path = clinic.with_name(clinic.name + ".ballast")

    def keep(self) -> bool:
        """Make it where it is missing; False when there is no room for it.

        Where it cannot be made for another reason the desk goes on without it.
        """
        if self._is_whole():
            return True
        return self.free >= NEEDED and self._make()

    def give_up(self) -> bool:
        """Give its room back to the disk; False when it was not there."""
        try:
            self.path.unlink()
        except OSError:
            return False
        return True

    @property
    def leaves_room_to_write(self) -> bool:
        """Tell whether a step may be begun: it is there or can be made, or more than RESERVE is."""
        return self.keep() or self.free >= RESERVE

    @property
    def free(self) -> int:
        """Return the free bytes of its disk, as far as this account may use them."""
        try:
            return shutil.disk_usage(self.path.parent).free
        except OSError:
            return NEEDED

    def _is_whole(self) -> bool:
        try:
            return self.path.stat().st_size == SIZE
        except OSError:
            return False

    def _make(self) -> bool:
        with contextlib.suppress(OSError):
            self.path.unlink()  # one that was not made to its end
        try:
            descriptor = make_file(self.path, os.O_WRONLY | os.O_EXCL)
        except OSError:
            return True
        try:
            _allocate(descriptor)
        except OSError as error:
            self.give_up()
            return error.errno not in (errno.ENOSPC, errno.EDQUOT)
        finally:
            os.close(descriptor)
        return True


def _allocate(descriptor: int) -> None:
    """Have the disk set the room aside: a file with a hole in it holds none."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, SIZE)
    else:
        os.write(descriptor, bytes(SIZE))

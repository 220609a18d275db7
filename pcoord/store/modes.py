"""Whose files a clinic's are: one person's, or those of a group in a shared (2770) folder."""

import os
from pathlib import Path

SHARED_FOLDER = 0o2020


def file_mode(folder: Path) -> int:
    """Return the mode of a clinic's files in a folder: 0660 where a group shares it, else 0600."""
    shared = folder.stat().st_mode & SHARED_FOLDER == SHARED_FOLDER
    return 0o660 if shared else 0o600


def make_file(path: Path, flags: int) -> int:
    """Open a file, made with the mode its folder asks for whatever the umask; return the handle."""
    try:
        descriptor = os.open(path, flags | os.O_CREAT | os.O_EXCL, file_mode(path.parent))
    except FileExistsError:
        if flags & os.O_EXCL:
            raise
        return os.open(path, flags)
    os.fchmod(descriptor, file_mode(path.parent))
    return descriptor


def set_mode(path: Path) -> None:
    """Give a file the mode its folder asks for."""
    path.chmod(file_mode(path.parent))

"""Finds the files a clinic starts from: `pcoord/data` when installed, `data/` in a checkout."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).resolve().parent


@cache
def root() -> Path:
    """Return the folder of the data files; FileNotFoundError when the program is incomplete."""
    for folder in (PACKAGE / "data", PACKAGE.parent / "data"):
        if folder.is_dir():
            return folder
    raise FileNotFoundError("pcoord's data files are missing. Please install pcoord again.")


def path(name: str) -> Path:
    """Return the path of one data file, named from the data folder with forward slashes.

    FileNotFoundError when there is none; ValueError when the name leads out of the folder.
    """
    base = root()
    found = (base / name).resolve()
    if not found.is_relative_to(base.resolve()):
        raise ValueError(f"{name} is not inside the data folder.")
    if not found.is_file():
        raise FileNotFoundError(f"The data file {name} is missing. Please install pcoord again.")
    return found


def names(folder: str = "", suffix: str = "") -> list[str]:
    """Return the names, sorted, of the data files under a folder that end in the suffix."""
    base = root()
    files = (file for file in (base / folder).rglob(f"*{suffix}") if file.is_file())
    return sorted(file.relative_to(base).as_posix() for file in files)


def read_text(name: str) -> str:
    """Return the text of one data file, read as UTF-8."""
    return path(name).read_text(encoding="utf-8")


def load_toml(name: str) -> dict[str, Any]:
    """Return the tables of one TOML data file; tomllib.TOMLDecodeError when it is malformed."""
    return tomllib.loads(read_text(name))

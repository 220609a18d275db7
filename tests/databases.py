"""Empty and ready-made databases for tests, on both engines, behind one small interface."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Protocol
from uuid import uuid4

Factory = Callable[[str], object]
"""Fills the empty database whose address it is given, and closes all its connections."""


class Engine(Protocol):
    """Makes databases; an address is what `pcoord --db` takes."""

    def create(self, template: str | None = None) -> str: ...

    def freeze(self, url: str) -> None: ...

    def drop(self, url: str) -> None: ...


class SqliteFiles:
    """One folder for each database, so that what lies beside the file is copied and goes too."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def create(self, template: str | None = None) -> str:
        """Return a path where no file is yet, or of a copy of the template."""
        place = self._folder / uuid4().hex[:12]
        if template:
            shutil.copytree(Path(template).parent, place)
        else:
            place.mkdir(mode=0o700)
        return str(place / "clinic.db")

    def freeze(self, url: str) -> None:
        """Move the log into the file, so that a copy of the files is whole."""
        with closing(sqlite3.connect(url)) as connection:
            busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        assert not busy, "the factory left a connection open"

    def drop(self, url: str) -> None:
        """Remove a database and what lies beside it."""
        shutil.rmtree(Path(url).parent)


class Templates:
    """Databases that are filled once in a run and copied for each test."""

    def __init__(self) -> None:
        self._ready: dict[tuple[str, Factory], str] = {}

    def clone(self, name: str, engine: Engine, factory: Factory) -> str:
        """Return the address of a fresh copy of what the factory makes on this engine."""
        template = self._ready.get((name, factory))
        if template is None:
            template = engine.create()
            factory(template)
            engine.freeze(template)
            self._ready[name, factory] = template
        return engine.create(template)

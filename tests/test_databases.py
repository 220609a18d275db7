"""The databases that tests are given are empty, apart from each other, and gone afterwards."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests import postgres
from tests.databases import Factory

ROOT = Path(__file__).resolve().parent.parent
filled: list[str] = []


def fill(url: str) -> None:
    """Make one table with one row, and note that it was done."""
    filled.append(url)
    run(url, "CREATE TABLE visit (note TEXT)")
    run(url, "INSERT INTO visit VALUES ('first')")


def run(url: str, statement: str) -> list[Any]:
    """Run one statement on a connection of its own and return its rows."""
    if url.startswith("postgresql://"):
        with psycopg.connect(url, autocommit=True) as server:
            done = server.execute(statement.encode())
            return done.fetchall() if done.description else []
    with closing(sqlite3.connect(url, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        return connection.execute(statement).fetchall()


def test_a_database_starts_empty(database_url: str) -> None:
    run(database_url, "CREATE TABLE visit (note TEXT)")
    assert run(database_url, "SELECT * FROM visit") == []


def test_databases_are_apart(fresh_database: Callable[[], str]) -> None:
    one, other = fresh_database(), fresh_database()
    run(one, "CREATE TABLE visit (note TEXT)")
    run(other, "CREATE TABLE visit (note TEXT)")


def test_a_template_is_filled_once_and_copied(
    engine: str, migrated_template: Callable[[Factory], str]
) -> None:
    one, other = migrated_template(fill), migrated_template(fill)
    run(one, "INSERT INTO visit VALUES ('second')")
    assert run(other, "SELECT note FROM visit") == [("first",)]
    assert len([url for url in filled if url.startswith("postgres") == (engine != "sqlite")]) == 1


def test_postgres_has_what_the_guard_needs(pg_server: postgres.Server) -> None:
    url = pg_server.create()
    assert run(url, "SELECT 1 FROM pg_extension WHERE extname = 'btree_gist'") == [(1,)]
    assert run(url, "SHOW fsync") == [("off",)] or os.environ.get("PCOORD_TEST_PG_DSN")
    pg_server.drop(url)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(url)


def test_no_server_is_a_failure_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PCOORD_TEST_PG_DSN", raising=False)
    monkeypatch.setattr(postgres, "_candidates", lambda: iter([Path("/nowhere")]))
    with pytest.raises(LookupError, match="make setup"), postgres.running():
        pass


@pytest.mark.parametrize(
    ("dsn", "url"),
    [
        ("postgresql://a:b%20c@h:5/x", "postgresql://a:b%20c@h:5/y"),
        ("host=h user=a", "postgresql://a@h/y"),
        ("host=/run/pg port=7 user=a", "postgresql://a@/y?port=7&host=%2Frun%2Fpg"),
        ("host=h,i port=5,6", "postgresql:///y?host=h%2Ci&port=5%2C6"),
        ("postgresql://h/x?sslmode=require", "postgresql://h/y?sslmode=require"),
    ],
)
def test_a_named_servers_address_is_kept(dsn: str, url: str) -> None:
    made = postgres.Server(dsn).url("y")
    assert psycopg.conninfo.conninfo_to_dict(made) == psycopg.conninfo.conninfo_to_dict(url)


HOLD = """
import time
from tests import postgres
with postgres.running() as server:
    print(server.create(), flush=True)
    time.sleep(60)
"""


def test_a_killed_run_leaves_no_server() -> None:
    environment = {k: v for k, v in os.environ.items() if k != "PCOORD_TEST_PG_DSN"}
    with subprocess.Popen(
        [sys.executable, "-c", HOLD], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as run_to_kill:
        assert run_to_kill.stdout
        url = run_to_kill.stdout.readline().strip()
        folder = Path(run(url, "SHOW data_directory")[0][0]).parent
        run_to_kill.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 60
    while folder.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not folder.exists()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)

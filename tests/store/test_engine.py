"""Connections as they must be: safe settings on each, addresses read and never told."""

from pathlib import Path

import pytest
from sqlalchemy import Connection

from pcoord.clock import FixedClock
from pcoord.domain.errors import BadUsage
from pcoord.services.desk import Desk
from pcoord.store.drafts import DraftBook
from pcoord.store.engine import connect, parse_address
from pcoord.store.queries import lookup
from tests.clinic import NOW, Clinic

SQLITE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
FULL, NORMAL = 2, 1
SAFE = {
    "journal_mode": "wal",
    "synchronous": FULL,
    "foreign_keys": 1,
    "busy_timeout": 5000,
    "trusted_schema": 0,
    "cell_size_check": 1,
    "temp_store": 2,
    "secure_delete": 1,
}


def settings(connection: Connection) -> dict[str, object]:
    """Return a connection's settings."""
    return {n: connection.exec_driver_sql(f"PRAGMA {n}").scalar() for n in SAFE}


@SQLITE
def test_every_connection_is_safe(clinic: Clinic, desk: Desk) -> None:
    address = parse_address(clinic.url)
    assert settings(desk.store.connection) == SAFE
    desk.store.close()
    assert settings(desk.store.connection) == SAFE  # made anew
    with connect(address) as fresh, connect(address, read_only=True) as reader:
        assert settings(fresh) == SAFE
        found = settings(reader) | {"journal_mode": "wal"}  # a reader may see no log at all
        assert found == SAFE
    book = DraftBook(address, FixedClock(NOW))
    book.save("u", "s", "", {"a": 1})
    assert book._connection is not None
    assert settings(book._connection) == SAFE | {"synchronous": NORMAL}
    book.close()


@SQLITE
def test_settings_hold_after_an_upgrade(clinic: Clinic, desk: Desk) -> None:
    from pcoord.store import schema

    schema.upgrade(desk.store.connection, desk.store.address, NOW)
    assert settings(desk.store.connection) == SAFE


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("clinic.db", "clinic.db"),
        ("sqlite:////srv/c.db", "/srv/c.db"),
        ("/srv/a b?c#d%20.db", "/srv/a b?c#d%20.db"),
    ],
)
def test_paths_are_read(text: str, path: str) -> None:
    assert parse_address(text).path == Path(path).absolute()


@pytest.mark.parametrize(
    "text", ["postgresql://u:secret@h/x", "postgres://h1,h2/x", "host=h password=secret"]
)
def test_server_addresses_are_kept_as_typed_and_never_told(text: str) -> None:
    address = parse_address(text)
    assert address.dsn == text and address.dialect == "postgresql"
    assert "secret" not in str(address) and "h1" not in str(address)


@pytest.mark.parametrize("text", ["", "sqlite:///", "mysql://h/x"])
def test_other_addresses_are_refused_in_words(text: str) -> None:
    with pytest.raises(BadUsage):
        parse_address(text)


def test_odd_characters_in_a_path_are_no_words_of_the_address(tmp_path: Path) -> None:
    from pcoord.services import accounts

    path = tmp_path / "a b?mode=ro&c#d%41.db"
    store, _ = accounts.make_clinic(
        parse_address(str(path)), FixedClock(NOW), name="X", timezone="UTC", admin="a"
    )
    store.close()
    assert path.exists() and path.with_name(path.name + ".key").exists()


SERVER = pytest.mark.parametrize("engine", ["postgresql"], indirect=True)


@SERVER
def test_what_is_asked_again_is_kept_by_the_server(desk: Desk) -> None:
    def kept() -> int:
        found = desk.store.connection.exec_driver_sql(
            "SELECT count(*) FROM pg_prepared_statements"
            " WHERE statement LIKE '%%lookup_token%%' AND statement NOT LIKE '%%pg_prepared%%'"
        )
        return int(found.scalar_one())

    desk.read(lookup.bearers, "gonzalez")
    assert kept() == 0  # a command asks once
    desk.read(lookup.bearers, "kim")
    assert kept() == 1

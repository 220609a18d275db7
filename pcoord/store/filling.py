"""Filling a clinic with many patients: what they are found by, written without doubles.

A clinic in the making gets its lookup rows at the end, in the order of their tree, because
millions of keys in chance order would touch every page of it over and over.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection, MetaData, Table

from pcoord.domain import clues
from pcoord.store.bulk import insert_many, insert_rows
from pcoord.store.lookup_index import (
    COLUMNS,
    SOURCES,
    Written,
    enrol,
    gather,
    gather_from,
    lines,
    lookup_sound,
    lookup_token,
    sound_rows,
)

MOST_WORDS = 300_000
_WAITING = "waiting_token"
_FIRST_COUNT = 1_000
_QUICK = ("PRAGMA synchronous=OFF", "PRAGMA temp_store=FILE", "PRAGMA cache_size=-256000")
_SAFE = ("PRAGMA synchronous=FULL", "PRAGMA temp_store=MEMORY", "PRAGMA cache_size=-16000")


class Lookups:
    """Writes what new patients are found by, and each name word's sound keys once."""

    def __init__(self, table: Table = lookup_token) -> None:
        self._table = table
        self._heard: set[str] = set()
        self._written, self._next = 0, _FIRST_COUNT

    def write(self, connection: Connection, patient_ids: Sequence[str]) -> None:
        """Write what patients are found by who are on record but in no lookup yet."""
        self._write(connection, gather(connection, patient_ids))

    def add(self, connection: Connection, written: Written) -> None:
        """Write what new patients are found by: all their rows as stored just now, by table."""
        self._write(connection, gather_from(written))

    def _write(self, connection: Connection, texts: dict[str, str]) -> None:
        self._recount(connection, len(texts))
        numbers = enrol(connection, texts, lines(connection, list(texts)))
        found = [(*row, numbers[key]) for key, text in texts.items() for row in clues.rows(text)]
        found.sort()
        insert_rows(connection, self._table, COLUMNS, found)
        words = {row[1] for row in found if row[0] == "n"} - self._heard
        insert_many(connection, lookup_sound, sound_rows(words), missing=True)
        if len(self._heard) < MOST_WORDS:
            self._heard |= words

    def _recount(self, connection: Connection, more: int) -> None:
        """Have PostgreSQL count its rows anew, each time there are several times as many.

        Else it would go through whole tables for each batch: what it does not know it takes for
        small, and its own counting comes a minute late or, in a transaction, not at all.
        """
        self._written += more
        if self._written >= self._next and connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"ANALYZE {', '.join(sorted({*SOURCES, 'lookup_person'}))}")
            self._next = self._written * 4

    def forget(self) -> None:
        """Take no word for stored any more, after a batch that was not."""
        self._heard.clear()


@contextmanager
def filling(connection: Connection) -> Iterator[Lookups]:
    """Fill a clinic that is empty and not yet in use; when all is in, sort what it is found by.

    Until the block ends a power cut may lose all of it; what happens in between is one
    transaction after another as always.
    """
    sqlite = connection.dialect.name == "sqlite"
    for statement in _QUICK if sqlite else ("SET synchronous_commit TO off",):
        connection.exec_driver_sql(statement)
    waiting = lookup_token.to_metadata(MetaData(), name=_WAITING)
    types = {c.name: c.type.compile(connection.dialect) for c in lookup_token.c}
    columns = ", ".join(f"{name} {kind}" for name, kind in types.items())
    connection.exec_driver_sql(f"CREATE TEMP TABLE {_WAITING} ({columns})")
    yield Lookups(waiting)
    _settle(connection, list(types))
    for statement in _SAFE if sqlite else ("RESET synchronous_commit",):
        connection.exec_driver_sql(statement)


def _settle(connection: Connection, names: Sequence[str]) -> None:
    """Move the waiting lookup rows into their tree in its own order, then build its indexes."""
    listed, ordered = ", ".join(names), ", ".join(c.name for c in lookup_token.primary_key)
    connection.exec_driver_sql("BEGIN")
    for index in lookup_token.indexes:
        index.drop(connection)
    connection.exec_driver_sql(
        f"INSERT INTO {lookup_token.name} ({listed}) "
        f"SELECT {listed} FROM {_WAITING} ORDER BY {ordered}"
    )
    for index in lookup_token.indexes:
        index.create(connection)
    connection.exec_driver_sql("COMMIT")
    connection.exec_driver_sql(f"DROP TABLE {_WAITING}")
    if connection.dialect.name == "postgresql":
        # Vacuumed, the tree is read by its index alone; its own vacuum comes a minute late.
        connection.exec_driver_sql("VACUUM (ANALYZE)")

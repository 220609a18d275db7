"""Many rows at once, by the driver's own fast way in: plain tuples, on PostgreSQL through COPY.

https://www.postgresql.org/docs/current/sql-copy.html
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

from sqlalchemy import Connection, Dialect, Table
from sqlalchemy.exc import DBAPIError

Row = dict[str, Any]
_COPY_FROM = 20


def insert_many(
    connection: Connection, table: Table, rows: Sequence[Row], *, missing: bool = False
) -> None:
    """Insert rows that all name the same columns; `missing` passes over keys that are there.

    Raises the same errors as an ordinary insert.
    """
    if rows:
        names = list(rows[0])
        ready = (tuple(map(row.__getitem__, names)) for row in rows)
        insert_rows(connection, table, names, ready, missing=missing)


def insert_rows(
    connection: Connection,
    table: Table,
    names: Sequence[str],
    rows: Iterable[tuple[Any, ...]],
    *,
    missing: bool = False,
) -> None:
    """Insert the values of two columns or more; otherwise like `insert_many`."""
    insertion = _insertion(connection.dialect, table, tuple(names))
    prepare = insertion.prepare
    ready = [_prepared(row, prepare) for row in rows] if prepare else list(rows)
    if not ready:
        return
    if insertion.copies and not missing and len(ready) >= _COPY_FROM:
        _copy(connection, f"COPY {insertion.target} FROM STDIN", ready)
        return
    more = " ON CONFLICT DO NOTHING" if missing else ""
    start = f"INSERT INTO {insertion.target} VALUES "
    if insertion.copies and len(ready) < _COPY_FROM:
        # In one statement: the server is asked once, and keeps its plan.
        rows_of = ", ".join([insertion.values] * len(ready))
        connection.exec_driver_sql(f"{start}{rows_of}{more}", tuple(chain.from_iterable(ready)))
        return
    connection.exec_driver_sql(f"{start}{insertion.values}{more}", ready)


class _Insertion(NamedTuple):
    """The words of a statement, and how values are prepared as their columns' types ask."""

    target: str
    values: str
    copies: bool
    prepare: list[tuple[int, Any]]


@lru_cache(256)
def _insertion(dialect: Dialect, table: Table, names: tuple[str, ...]) -> _Insertion:
    quote = dialect.identifier_preparer.quote
    postgres = dialect.name == "postgresql"
    processors = (table.c[n].type.dialect_impl(dialect).bind_processor(dialect) for n in names)
    return _Insertion(
        f"{quote(table.name)} ({', '.join(quote(name) for name in names)})",
        f"({', '.join(['%s' if postgres else '?'] * len(names))})",
        postgres,
        [(at, prepare) for at, prepare in enumerate(processors) if prepare is not None],
    )


def _prepared(row: tuple[Any, ...], prepare: Sequence[tuple[int, Any]]) -> tuple[Any, ...]:
    values = list(row)
    for at, processor in prepare:
        values[at] = processor(values[at])
    return tuple(values)


def _copy(connection: Connection, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
    driver: Any = connection.connection.driver_connection
    base = connection.dialect.loaded_dbapi.Error
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except base as error:
        lost = connection.dialect.is_disconnect(error, driver, None)
        raise DBAPIError.instance(
            statement, None, error, base, connection_invalidated=lost, dialect=connection.dialect
        ) from error

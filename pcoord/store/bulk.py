"""Many rows at once, by the driver's own fast way in: plain tuples, on PostgreSQL through COPY.

https://www.postgresql.org/docs/current/sql-copy.html
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Table
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
    ready = _bound(connection, table, names, rows)
    quote = connection.dialect.identifier_preparer.quote
    target = f"{quote(table.name)} ({', '.join(quote(name) for name in names)})"
    postgres = connection.dialect.name == "postgresql"
    if postgres and not missing and len(ready) >= _COPY_FROM:
        _copy(connection, f"COPY {target} FROM STDIN", ready)
        return
    marks = ", ".join(["%s" if postgres else "?"] * len(names))
    more = " ON CONFLICT DO NOTHING" if missing else ""
    connection.exec_driver_sql(f"INSERT INTO {target} VALUES ({marks}){more}", ready)


def _bound(
    connection: Connection, table: Table, names: Sequence[str], rows: Iterable[tuple[Any, ...]]
) -> list[tuple[Any, ...]]:
    """Return rows as the driver takes them, each value prepared as its column's type asks."""
    dialect = connection.dialect
    prepare: list[tuple[int, Any]] = []
    for at, name in enumerate(names):
        processor = table.c[name].type.dialect_impl(dialect).bind_processor(dialect)
        if processor is not None:
            prepare.append((at, processor))
    return [_prepared(row, prepare) for row in rows] if prepare else list(rows)


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

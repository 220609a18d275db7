"""Reading and keeping what other systems said last."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, select

from pcoord.store.bulk import insert_many
from pcoord.store.tables import Imported

_table = Imported.__table__  # type: ignore[attr-defined]
_c = _table.c
_MANY = 400
_read = select(_c.source, _c.record_id, _c.said).where(
    _c.kind == bindparam("kind"), _c.source.in_(bindparam("sources", expanding=True))
)
_drop = delete(_table).where(
    _c.kind == bindparam("kind"), _c.source.in_(bindparam("sources", expanding=True))
)


@dataclass(frozen=True)
class Last:
    """What a row of another system is here, and the digests of what it said."""

    source: str
    record_id: str
    said: str


def read(connection: Connection, kind: str, sources: Iterable[str]) -> dict[str, Last]:
    """Return what is kept of these rows, by source."""
    found: dict[str, Last] = {}
    wanted = sorted(set(sources))
    for at in range(0, len(wanted), _MANY):
        values = {"kind": kind, "sources": wanted[at : at + _MANY]}
        found |= {r.source: Last(*r) for r in connection.execute(_read, values)}
    return found


def keep(connection: Connection, kind: str, rows: Sequence[Last], known: Iterable[str]) -> None:
    """Keep what rows said now in the place of what they said before; `known` were kept already."""
    old = sorted(set(known))
    for at in range(0, len(old), _MANY):
        connection.execute(_drop, {"kind": kind, "sources": old[at : at + _MANY]})
    ready = [
        {"kind": kind, "source": r.source, "record_id": r.record_id, "said": r.said} for r in rows
    ]
    insert_many(connection, _table, ready)

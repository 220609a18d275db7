"""One thing put on another patient's record, with everything that hangs on it."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from pcoord.store.belongings import belonging, children
from pcoord.store.merging import standing
from pcoord.store.unit import Unit, model_of


@dataclass
class Moved:
    """How many records were moved, by table, and how many of them had left the house."""

    records: Counter[str] = field(default_factory=Counter)
    sent: Counter[str] = field(default_factory=Counter)


def move(
    unit: Unit,
    kind: str,
    record_id: str,
    patient_id: str,
    seen: int | None = None,
    changes: dict[str, Any] | None = None,
) -> Moved:
    """Give a record, and what hangs on it of the same patient, another owner; tell what moved.

    `changes` are further columns of the record itself. Raises ChangedMeanwhile.
    """
    moved = Moved()
    _move(unit, kind, record_id, patient_id, seen, changes or {}, moved)
    return moved


def _move(
    unit: Unit,
    kind: str,
    record_id: str,
    patient_id: str,
    seen: int | None,
    changes: dict[str, Any],
    moved: Moved,
) -> None:
    entry = belonging(kind)
    row = unit.row(model_of(entry.rows), record_id)
    old = row[entry.column]
    unit.update(model_of(entry.rows), record_id, seen, **{entry.column: patient_id, **changes})
    moved.records[kind] += 1
    if entry.sent and row[entry.sent] is not None:
        moved.sent[kind] += 1
    for child, column in children(kind):
        query = select(child.rows.c.id).where(
            column == record_id, child.owner == old, ~child.rows.c.entered_in_error
        )
        for key in list(unit.connection.execute(query.order_by(child.rows.c.id)).scalars()):
            _move(unit, child.table, key, patient_id, None, {}, moved)


def row_of(connection: Connection, kind: str, record_id: str) -> Any | None:
    """Return one record as a mapping, None when it is not there."""
    rows = belonging(kind).rows
    return connection.execute(select(rows).where(rows.c.id == record_id)).mappings().first()


def latest(connection: Connection, kind: str, patient_id: str, limit: int) -> list[Any]:
    """Return a patient's standing records of a kind, the latest first."""
    entry = belonging(kind)
    order = next((entry.rows.c[name] for name in _MOMENTS if name in entry.rows.c), entry.rows.c.id)
    query = select(entry.rows).where(entry.owner == patient_id, ~entry.rows.c.entered_in_error)
    return list(connection.execute(query.order_by(order.desc()).limit(limit)).mappings())


_MOMENTS = ("start_at", "arrived_at", "started_at", "raised_at", "sent_at", "created_at")


def standing_rows(connection: Connection, kind: str, patient_id: str) -> list[Any]:
    """Return all standing records of a kind that a patient has."""
    return standing(connection, belonging(kind), patient_id)


def call_of_number(connection: Connection, number: int) -> Any | None:
    """Return the call of a number."""
    rows = belonging("call").rows
    query = select(rows).where(rows.c.number == number, ~rows.c.entered_in_error)
    return connection.execute(query.limit(1)).mappings().first()

"""Rows of any table that hangs on a patient, and a picture of all that stands in a database."""

from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import Boolean, Date, Integer, select
from sqlmodel import UTCDateTime

from pcoord.services.desk import Desk
from pcoord.store.belongings import Belonging
from pcoord.store.derived import TABLES as DERIVED
from pcoord.store.tables import metadata
from pcoord.store.unit import Unit
from tests.clinic import ZONE

PASSING = {"audit_event", "audit_chain", "desk_session", "draft", "counter", "duplicate_due"}
PASSING |= {"duplicate_pair", "lookup_sound", "alembic_version"}


def make_row(
    unit: Unit, entry: Belonging, patient_id: str, third: str, chance: Random | None = None
) -> str:
    """Add a row of a table for a patient; what it must name besides is taken from the clinic."""
    values: dict[str, Any] = {}
    for column in entry.rows.c:
        if column.name in ("id", "version", "entered_in_error"):
            continue
        if column.foreign_keys:
            values[column.name] = _named(unit, column, chance)
        elif not column.nullable or (chance is not None and chance.random() < 0.5):
            values[column.name] = _value(unit, column, chance or Random(1))
    for column in entry.rows.c:
        if any(key.column.table.name == "patient" for key in column.foreign_keys):
            values[column.name] = third
    values[entry.column] = patient_id
    values |= _fitting(unit, entry.table, chance or Random(1))
    return unit.insert(_model(entry.table), **values)


def _model(name: str) -> Any:
    from pcoord.store import tables

    return next(
        model
        for model in vars(tables).values()
        if getattr(getattr(model, "__table__", None), "name", "") == name
    )


def _named(unit: Unit, column: Any, chance: Random | None) -> Any:
    (key,) = column.foreign_keys
    if column.nullable and (chance is None or key.column.table.name == "patient"):
        return None
    query = select(key.column)
    if "patient_id" in key.column.table.c:
        return None
    found = list(unit.connection.execute(query.order_by(key.column)).scalars())
    return (chance or Random(1)).choice(found) if found else None


def _value(unit: Unit, column: Any, chance: Random) -> Any:
    kind = column.type
    if isinstance(kind, Boolean):
        return chance.random() < 0.5
    if isinstance(kind, Integer):
        return chance.randrange(3)
    if isinstance(kind, UTCDateTime):
        return unit.now + timedelta(days=chance.randrange(3))
    if isinstance(kind, Date):
        return date(2026, 12, 1 + chance.randrange(3))
    return chance.choice(("one", "two"))


def _fitting(unit: Unit, table: str, chance: Random) -> dict[str, Any]:
    """What must hold together, so that the guards let it in."""
    if table == "appointment":
        start = unit.now + timedelta(days=1, minutes=15 * chance.randrange(4))
        taken = select(metadata.tables["appointment"].c.id)
        place = len(unit.connection.execute(taken).all())
        return {
            "start_at": start,
            "end_at": start + timedelta(minutes=20),
            "wall": f"{start.astimezone(ZONE):%Y-%m-%d %H:%M}",
            "status": "booked",
            "place": place,
            "patient_place": place,
            "room_id": None,
        }
    if table == "encounter":
        return {"room_id": None, "ended_at": unit.now}
    if table == "identifier":
        return {
            "value": f"N{chance.random()}",
            "system": chance.choice(("mrn", "ssn")),
            "use": "old",
        }
    if table == "contact_point":
        return {"may_leave": chance.choice(("nothing", "name and number", "details"))}
    return {}


def picture(desk: Desk) -> dict[str, Any]:
    """Return every standing row of every table; versions only ever count, so they are left out.

    Audit, passing rows and work that is derived later are no part of the picture.
    """
    found: dict[str, Any] = {}
    for table in metadata.sorted_tables:
        if table.name in PASSING:
            continue
        rows = desk.store.read(lambda c, t=table: c.execute(select(t)).mappings().all())
        shown = [
            tuple((name, _plain(value)) for name, value in row.items() if name != "version")
            for row in rows
            if table.name in DERIVED or not row.get("entered_in_error")
        ]
        found[table.name] = sorted(shown, key=str)
    return found


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value

"""Reading what leaves: patients and appointments in whole, page by page."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from pcoord.domain.disclosure import stands
from pcoord.store.queries.common import (
    MRN,
    STANDS,
    AnyRow,
    address,
    appointment,
    contact_point,
    coverage,
    human_name,
    identifier,
    patient,
    room,
)

_a, _p = appointment.c, patient.c


def patients_wanted(
    first: datetime | None, last: datetime | None, tests: bool = False, restricted: bool = True
) -> Select[Any]:
    """Return the query of all patients, or of those with a visit that starts in [first, last), UTC.

    Test and restricted records are among them only when that is said.
    """
    query = select(_p.id).where(~_p.entered_in_error, STANDS)
    query = query if tests else query.where(~_p.test)
    query = query if restricted else query.where(~_p.restricted)
    if first is not None or last is not None:
        mine = select(_a.id).where(_a.patient_id == _p.id)
        query = query.where(_within(mine, first, last).correlate(patient).exists())
    return query


def visits_wanted(
    first: datetime | None, last: datetime | None, tests: bool = False, restricted: bool = True
) -> Select[Any]:
    """Return the query of the visits that start in [first, last), UTC."""
    query = _within(select(_a.id, _a.start_at), first, last)
    for wanted, column in ((tests, _p.test), (restricted, _p.restricted)):
        if not wanted:
            query = query.where(_a.patient_id.not_in(select(_p.id).where(column)))
    return query


def count(connection: Connection, wanted: Select[Any]) -> int:
    """Return how many there are."""
    every = wanted.order_by(None).subquery()
    return int(connection.execute(select(func.count()).select_from(every)).scalar_one())


def next_patients(
    connection: Connection, wanted: Select[Any], after: AnyRow | None, limit: int
) -> Sequence[AnyRow]:
    """Return the next patients behind a row, in the order in which they came to the clinic."""
    query = wanted if after is None else wanted.where(_p.id > after.id)
    return connection.execute(query.order_by(_p.id).limit(limit)).all()


def next_visits(
    connection: Connection, wanted: Select[Any], after: AnyRow | None, limit: int
) -> Sequence[AnyRow]:
    """Return the next visits behind a row, in time order."""
    if after is not None:
        later = (_a.start_at > after.start_at) | (_a.id > after.id)
        wanted = wanted.where(_a.start_at >= after.start_at, later)
    return connection.execute(wanted.order_by(_a.start_at, _a.id).limit(limit)).all()


def _within(query: Any, first: datetime | None, last: datetime | None) -> Any:
    query = query.where(~_a.entered_in_error)
    if first is not None:
        query = query.where(_a.start_at >= first)
    return query if last is None else query.where(_a.start_at < last)


def patients(
    connection: Connection, ids: Sequence[str], today: date
) -> list[tuple[AnyRow, dict[str, Any]]]:
    """Return these patients in order, each with what stands beside: address, phones by use ...

    Coverages are those of that day, in the order in which they are billed. What must not be
    written to or called stays here: another program could not know that.
    """
    query = select(patient, identifier.c.value.label("mrn")).outerjoin_from(
        patient, identifier, MRN
    )
    rows = {row.id: row for row in connection.execute(query.where(_p.id.in_(ids)))}
    more: dict[str, dict[str, Any]] = defaultdict(
        lambda: {"phones": defaultdict(list), "coverages": []}
    )
    for row in _homes(_of(connection, address, ids)):
        more[row.patient_id].setdefault("address", row)
    for row in _of(connection, human_name, ids):
        if row.use == "maiden":
            more[row.patient_id].setdefault("maiden", row.family)
    for row in sorted(_of(connection, coverage, ids), key=lambda row: row.position):
        if stands(row.from_date, row.until_date, today):
            more[row.patient_id]["coverages"].append(row)
    for row in sorted(_of(connection, contact_point, ids), key=lambda row: row.position):
        if row.system == "phone" and not row.never:
            more[row.patient_id]["phones"][row.use].append(row.value)
    return [(rows[key], more[key]) for key in ids if key in rows]


def _homes(addresses: Sequence[AnyRow]) -> list[AnyRow]:
    """Return the home addresses that letters may go to: beside a safe one no other is."""
    safe = {row.patient_id for row in addresses if row.safe}
    able = [row for row in addresses if row.use == "home" and not row.never]
    able = [row for row in able if row.safe or row.patient_id not in safe]
    return [row for row in able if row.may_leave != "nothing"]


def _of(connection: Connection, table: Any, ids: Sequence[str]) -> Sequence[AnyRow]:
    query = select(table).where(table.c.patient_id.in_(ids), ~table.c.entered_in_error)
    return connection.execute(query.order_by(table.c.id)).all()


def appointments(connection: Connection, ids: Sequence[str]) -> list[AnyRow]:
    """Return these visits in order, each with its patient and the room's name."""
    query = (
        select(
            appointment,
            _p.family,
            _p.given,
            _p.birth_date,
            identifier.c.value.label("mrn"),
            room.c.name.label("room"),
        )
        .join_from(appointment, patient, _p.id == _a.patient_id)
        .outerjoin(identifier, MRN)
        .outerjoin(room, room.c.id == _a.room_id)
    )
    rows = {row.id: row for row in connection.execute(query.where(_a.id.in_(ids)))}
    return [rows[key] for key in ids if key in rows]

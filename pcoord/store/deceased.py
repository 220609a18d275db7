"""Visits still booked for patients who died; written with the records they follow from.

There are few or none among hundreds of thousands that are booked, so that open work seeks them.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, literal, select, union_all

from pcoord.store.bulk import insert_many
from pcoord.store.tables import Appointment, DeceasedVisit, Patient

deceased_visit: Table = DeceasedVisit.__table__  # type: ignore[attr-defined]
_a = Appointment.__table__.c  # type: ignore[attr-defined]
_p = Patient.__table__.c  # type: ignore[attr-defined]
_d = deceased_visit.c
_ids: Any = bindparam("ids", expanding=True)
_booked = (
    select(_a.id, _a.patient_id, _a.start_at)
    .join_from(Appointment, Patient, _p.id == _a.patient_id)
    .where(
        _p.deceased_on.is_not(None),
        _a.status.in_(("booked", "waitlist")),
        ~_a.entered_in_error,
    )
)
_stored = select(_d.appointment_id, _d.patient_id, _d.start_at)


def _both(booked: Any, stored: Any) -> Any:
    """Return one statement for what should be stored and what is: every booking asks it."""
    return union_all(
        booked.add_columns(literal(True).label("wanted")), stored.add_columns(literal(False))
    )


_by_visit = _both(_booked.where(_a.id.in_(_ids)), _stored.where(_d.appointment_id.in_(_ids)))
_by_patient = _both(_booked.where(_p.id.in_(_ids)), _stored.where(_d.patient_id.in_(_ids)))
_all = _both(_booked, _stored)
_gone = delete(deceased_visit).where(_d.appointment_id.in_(_ids))

Rows = set[tuple[Any, ...]]


def _differing(connection: Connection, query: Any, values: dict[str, Any]) -> tuple[Rows, Rows]:
    """Return what is missing, and what is stored and should not be."""
    now: Rows = set()
    old: Rows = set()
    for *row, wanted in connection.execute(query, values):
        (now if wanted else old).add(tuple(row))
    return now - old, old - now


def _write(connection: Connection, missing: Rows, extra: Rows) -> None:
    if extra:
        connection.execute(_gone, {"ids": sorted(row[0] for row in extra)})
    names = [column.name for column in _d]
    insert_many(
        connection, deceased_visit, [dict(zip(names, row, strict=True)) for row in sorted(missing)]
    )


def of_visits(connection: Connection, appointment_ids: Iterable[str]) -> None:
    """Bring what is kept of these visits in line with the records."""
    if ids := sorted(set(appointment_ids)):
        _write(connection, *_differing(connection, _by_visit, {"ids": ids}))


def of_patients(connection: Connection, patient_ids: Iterable[str]) -> None:
    """Bring what is kept of these patients' visits in line with the records."""
    _write(connection, *_differing(connection, _by_patient, {"ids": sorted(set(patient_ids))}))


def rebuild(connection: Connection) -> None:
    """Bring all in line with the records: after an upgrade, or where a check found a fault."""
    _write(connection, *_differing(connection, _all, {}))


def faults(connection: Connection) -> int:
    """Return how many visits are missing or kept wrongly."""
    missing, extra = _differing(connection, _all, {})
    return len({row[0] for row in missing | extra})

"""The day, the board, and who holds what time."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from pcoord.store.derived import HOLDING
from pcoord.store.queries.common import (
    MRN,
    NOW_AT,
    STANDING,
    AnyRow,
    appointment,
    contact_point,
    encounter,
    encounter_stage,
    identifier,
    moment,
    occupancy,
    patient,
)

# No visit is longer, imported ones included.
LONGEST = timedelta(days=1)

_a, _e, _p, _s = appointment.c, encounter.c, patient.c, encounter_stage.c

_visit = (
    select(
        _a.id,
        _a.version,
        _a.patient_id,
        _a.practitioner_id,
        _a.location_id,
        _a.visit_type_id,
        _a.room_id,
        moment(_a.start_at),
        moment(_a.end_at),
        _a.status,
        moment(_a.confirmed_at),
        _a.late_cancel,
        _a.modality,
        _a.place,
        _a.note,
        _a.cancel_reason,
        _a.confidential,
        _a.agreed_at,
        _p.family,
        _p.given,
        _p.birth_date,
        _p.sex,
        _p.language,
        _p.interpreter,
        STANDING,
        identifier.c.value.label("mrn"),
        _e.id.label("encounter_id"),
        _e.version.label("encounter_version"),
        moment(_e.arrived_at),
        _e.room_id.label("in_room_id"),
        _s.stage,
        moment(_s.started_at, "stage_since"),
        moment(_s.recorded_at, "stage_recorded"),
    )
    .join_from(appointment, patient, _p.id == _a.patient_id)
    .outerjoin(identifier, MRN)
    .outerjoin(encounter, (_e.appointment_id == _a.id) & ~_e.entered_in_error)
    .outerjoin(encounter_stage, NOW_AT)
    .where(~_a.entered_in_error)
)
_day = _visit.where(_a.start_at >= bindparam("first"), _a.start_at < bindparam("last")).order_by(
    _a.start_at, _a.practitioner_id, _a.place, _a.id
)
_day_of_practitioners = _day.where(
    _a.practitioner_id.in_(bindparam("practitioner_ids", expanding=True))
)
_one = _visit.where(_a.id == bindparam("id"))
_of_patient = _visit.where(_a.patient_id == bindparam("patient_id")).order_by(_a.start_at)


def day(
    connection: Connection,
    first: datetime,
    last: datetime,
    practitioner_ids: Sequence[str] | None = None,
) -> Sequence[AnyRow]:
    """Return the appointments that start in [first, last), UTC, each with its stage if here."""
    values: dict[str, Any] = {"first": first, "last": last}
    if practitioner_ids is None:
        return connection.execute(_day, values).all()
    return connection.execute(
        _day_of_practitioners, values | {"practitioner_ids": list(practitioner_ids)}
    ).all()


def visit(connection: Connection, appointment_id: str) -> AnyRow | None:
    """Return one appointment as the day shows it."""
    return connection.execute(_one, {"id": appointment_id}).first()


def visits_of(connection: Connection, patient_id: str) -> Sequence[AnyRow]:
    """Return all appointments of a patient, oldest first."""
    return connection.execute(_of_patient, {"patient_id": patient_id}).all()


_was = appointment.alias("was").c
_board = (
    select(
        _e.id,
        _e.version,
        _e.patient_id,
        _e.appointment_id,
        _e.practitioner_id,
        _e.location_id,
        _e.room_id,
        _e.queue,
        _e.reason,
        _e.arrived_at,
        _e.verified,
        _e.accompanied_by,
        _s.id.label("stage_id"),
        _s.stage,
        _s.started_at.label("stage_since"),
        _s.recorded_at.label("stage_recorded"),
        _a.start_at,
        _a.confidential,
        _a.visit_type_id,
        _a.version.label("appointment_version"),
        _p.family,
        _p.given,
        _p.birth_date,
        _p.sex,
        _p.language,
        _p.interpreter,
        STANDING,
        identifier.c.value.label("mrn"),
        select(_was.id)
        .where(_was.patient_id == _e.patient_id, _was.status == "fulfilled", ~_was.entered_in_error)
        .exists()
        .label("seen_before"),
    )
    .join_from(encounter, patient, _p.id == _e.patient_id)
    .join(encounter_stage, NOW_AT)
    .outerjoin(identifier, MRN)
    .outerjoin(appointment, _a.id == _e.appointment_id)
    .where(~_e.entered_in_error)
)
# By their ids, and sorted here: SQLite would rather walk all stages that ever were, or everybody
# who ever arrived in that order.
_now = encounter.alias("now").c
_here = _board.where(
    _e.id.in_(select(_now.id).where(_now.ended_at.is_(None), ~_now.entered_in_error))
)
_encounter = _board.where(_e.id == bindparam("id"))


def board(connection: Connection) -> Sequence[AnyRow]:
    """Return everybody who is here now, first come first."""
    return sorted(connection.execute(_here).all(), key=lambda row: (row.arrived_at, row.id))


def encounter_row(connection: Connection, encounter_id: str) -> AnyRow | None:
    """Return one visit in progress (or ended) as the board shows it."""
    return connection.execute(_encounter, {"id": encounter_id}).first()


def busy(
    connection: Connection, practitioner_ids: Sequence[str], first: datetime, last: datetime
) -> Sequence[AnyRow]:
    """Return (practitioner_id, start_at, end_at, place) of what is booked in [first, last)."""
    query = select(_a.practitioner_id, _a.start_at, _a.end_at, _a.place).where(
        _a.practitioner_id.in_(practitioner_ids),
        _a.start_at > first - LONGEST,  # bounds the index from both sides
        _a.start_at < last,
        _a.end_at > first,
        _a.status.in_(HOLDING),
        ~_a.entered_in_error,
    )
    return connection.execute(query.order_by(_a.start_at)).all()


def holders(
    connection: Connection, kind: str, resource_id: str, cells: Iterable[int]
) -> Sequence[AnyRow]:
    """Return (appointment_id, place) of whoever holds any of these 5-minute cells."""
    o = occupancy.c
    query = select(o.appointment_id, o.place).where(
        o.kind == kind, o.resource_id == resource_id, o.cell.in_(list(cells))
    )
    return connection.execute(query.distinct().order_by(o.place)).all()


def next_place(
    connection: Connection, kind: str, resource_id: str, cells: Iterable[int], but: str = ""
) -> int:
    """Return the first place beside those who hold these cells, not counting appointment `but`."""
    taken = {
        row.place
        for row in holders(connection, kind, resource_id, cells)
        if row.appointment_id != but
    }
    return next(place for place in range(len(taken) + 1) if place not in taken)


def room_taken_by(connection: Connection, room_id: str) -> AnyRow | None:
    """Return who is in a room now."""
    query = _board.where(_e.ended_at.is_(None), _e.room_id == room_id)
    return connection.execute(query).first()


def phones_of(connection: Connection, patient_ids: Sequence[str]) -> dict[str, AnyRow]:
    """Return the first phone of each patient that may be called, with what may be left there."""
    c = contact_point.c
    query = select(c.patient_id, c.value, c.use, c.may_leave, c.never).where(
        c.patient_id.in_(patient_ids), ~c.entered_in_error, c.system == "phone", ~c.never
    )
    found: dict[str, AnyRow] = {}
    for row in connection.execute(query.order_by(c.patient_id, c.position)):
        found.setdefault(row.patient_id, row)
    return found


def count_here(connection: Connection) -> int:
    """Return how many people are here now."""
    return int(
        connection.execute(
            select(func.count())
            .select_from(encounter)
            .where(_e.ended_at.is_(None), ~_e.entered_in_error)
        ).scalar_one()
    )


_stages = (
    select(encounter_stage)
    .where(_s.encounter_id == bindparam("encounter_id"), ~_s.entered_in_error)
    .order_by(_s.started_at, _s.recorded_at, _s.id)
)


def stage_rows(connection: Connection, encounter_id: str) -> list[Any]:
    """Return the standing stages of one visit, oldest first, as mappings."""
    return list(connection.execute(_stages, {"encounter_id": encounter_id}).mappings())


def recorded_practitioner(connection: Connection, patient_id: str) -> str | None:
    """Return the practitioner on a patient's record."""
    return connection.execute(select(_p.practitioner_id).where(_p.id == patient_id)).scalar()

"""Reading calls, messages, nurse calls and open work."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select, union

from pcoord.store.queries.common import (
    MRN,
    AnyRow,
    call,
    communication,
    contact_point,
    identifier,
    nurse_call,
    patient,
    related_person,
    staff_user,
    task,
    waitlist_entry,
)

_c, _p, _n, _m, _t, _w = (
    call.c,
    patient.c,
    nurse_call.c,
    communication.c,
    task.c,
    waitlist_entry.c,
)
_person = (_p.family, _p.given, _p.birth_date, identifier.c.value.label("mrn"))

_calls = (
    select(call, *_person, staff_user.c.username.label("taken_by_name"))
    .outerjoin_from(call, patient, _p.id == _c.patient_id)
    .outerjoin(identifier, MRN)
    .join(staff_user, staff_user.c.id == _c.taken_by)
    .where(~_c.entered_in_error)
)


def calls(
    connection: Connection,
    *,
    open_only: bool = False,
    since: datetime | None = None,
    taken_by: str | None = None,
    limit: int = 500,
) -> Sequence[AnyRow]:
    """Return calls, newest first; open ones by the time they are due."""
    query = _calls
    if since is not None:
        query = query.where(_c.started_at >= since)
    if taken_by is not None:
        query = query.where(_c.taken_by == taken_by)
    if open_only:
        query = query.where(_c.callback_due.is_not(None), _c.callback_done_at.is_(None))
        return connection.execute(query.order_by(_c.callback_due, _c.id).limit(limit)).all()
    return connection.execute(query.order_by(_c.started_at.desc(), _c.id).limit(limit)).all()


def call_row(connection: Connection, call_id: str) -> AnyRow | None:
    """Return one call as the log shows it."""
    return connection.execute(_calls.where(_c.id == call_id)).first()


def household(connection: Connection, digits: str) -> Sequence[AnyRow]:
    """Return patients who share a number, or whose related person has it."""
    if len(digits) < 7:
        return []
    ends = "%" + digits[-7:]
    owners = union(
        select(contact_point.c.patient_id).where(
            contact_point.c.digits.like(ends), ~contact_point.c.entered_in_error
        ),
        select(related_person.c.patient_id).where(
            related_person.c.digits.like(ends), ~related_person.c.entered_in_error
        ),
    ).subquery()
    query = (
        select(_p.id, *_person)
        .join_from(patient, owners, owners.c.patient_id == _p.id)
        .outerjoin(identifier, MRN)
        .where(~_p.entered_in_error)
        .order_by(_p.birth_date, _p.id)
    )
    return connection.execute(query).all()


_nurse = (
    select(
        nurse_call,
        *_person,
        staff_user.c.username.label("raised_by_name"),
    )
    .outerjoin_from(nurse_call, patient, _p.id == _n.patient_id)
    .outerjoin(identifier, MRN)
    .join(staff_user, staff_user.c.id == _n.raised_by)
    .where(~_n.entered_in_error)
)
_open_nurse = _nurse.where(_n.accepted_at.is_(None)).order_by(_n.raised_at)


def open_nurse_calls(connection: Connection) -> Sequence[AnyRow]:
    """Return nurse calls that nobody has accepted yet, oldest first."""
    return connection.execute(_open_nurse).all()


def nurse_call_row(connection: Connection, nurse_call_id: str) -> AnyRow | None:
    """Return one nurse call."""
    return connection.execute(_nurse.where(_n.id == nurse_call_id)).first()


_counts = select(
    select(func.count())
    .select_from(call)
    .where(
        _c.callback_due <= bindparam("now"),
        _c.callback_done_at.is_(None),
        ~_c.entered_in_error,
    )
    .scalar_subquery()
    .label("callbacks_due"),
    select(func.count())
    .select_from(nurse_call)
    .where(_n.accepted_at.is_(None), ~_n.entered_in_error)
    .scalar_subquery()
    .label("nurse_calls"),
)


def desk_counts(connection: Connection, now: datetime) -> AnyRow:
    """Return (callbacks_due, nurse_calls) for the state line."""
    return connection.execute(_counts, {"now": now}).one()


def open_messages(connection: Connection) -> Sequence[AnyRow]:
    """Return messages that are not done, oldest first."""
    query = (
        select(communication, *_person)
        .outerjoin_from(communication, patient, _p.id == _m.patient_id)
        .outerjoin(identifier, MRN)
        .where(_m.done_at.is_(None), ~_m.entered_in_error)
    )
    return connection.execute(query.order_by(_m.sent_at)).all()


def open_tasks(connection: Connection) -> Sequence[AnyRow]:
    """Return tasks that are not done, the earliest due first."""
    query = (
        select(task, *_person)
        .outerjoin_from(task, patient, _p.id == _t.patient_id)
        .outerjoin(identifier, MRN)
        .where(_t.done_at.is_(None), ~_t.entered_in_error)
    )
    return connection.execute(query.order_by(_t.due_at, _t.id)).all()


def waiting_list(connection: Connection) -> Sequence[AnyRow]:
    """Return the waiting list, the longest waiting first."""
    query = (
        select(waitlist_entry, *_person)
        .join_from(waitlist_entry, patient, _p.id == _w.patient_id)
        .outerjoin(identifier, MRN)
        .where(_w.status == "waitlist", ~_w.entered_in_error)
    )
    return connection.execute(query.order_by(_w.created_at)).all()


def open_work_of(connection: Connection, patient_id: str) -> dict[str, int]:
    """Return how much is open for one patient, by list."""
    counts = {
        "call-backs": select(func.count())
        .select_from(call)
        .where(
            _c.patient_id == patient_id,
            _c.callback_due.is_not(None),
            _c.callback_done_at.is_(None),
            ~_c.entered_in_error,
        ),
        "messages": select(func.count())
        .select_from(communication)
        .where(_m.patient_id == patient_id, _m.done_at.is_(None), ~_m.entered_in_error),
        "tasks": select(func.count())
        .select_from(task)
        .where(_t.patient_id == patient_id, _t.done_at.is_(None), ~_t.entered_in_error),
        "waiting list": select(func.count())
        .select_from(waitlist_entry)
        .where(_w.patient_id == patient_id, _w.status == "waitlist", ~_w.entered_in_error),
    }
    return {name: int(connection.execute(q).scalar_one()) for name, q in counts.items()}

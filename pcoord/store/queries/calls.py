"""Reading calls, messages, nurse calls and open work."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, func, null, select

from pcoord.domain.clues import OWN_PHONE, RELATED_PHONE
from pcoord.domain.phones import national_digits
from pcoord.store.queries.common import (
    MRN,
    STANDING,
    AnyRow,
    address,
    call,
    communication,
    identifier,
    nurse_call,
    patient,
    related_person,
    staff_user,
    task,
    waitlist_entry,
)
from pcoord.store.queries.lookup import Walk, people, search

_c, _p, _n, _m, _t, _w = (
    call.c,
    patient.c,
    nurse_call.c,
    communication.c,
    task.c,
    waitlist_entry.c,
)
_person = (_p.family, _p.given, _p.birth_date, STANDING, identifier.c.value.label("mrn"))

_calls = (
    select(call, *_person, staff_user.c.username.label("taken_by_name"))
    .outerjoin_from(call, patient, _p.id == _c.patient_id)
    .outerjoin(identifier, MRN)
    .join(staff_user, staff_user.c.id == _c.taken_by)
    .where(~_c.entered_in_error)
)


_open = (_c.callback_due.is_not(None), _c.callback_done_at.is_(None))


def _fresh_or_open(since: Any) -> ColumnElement[bool]:
    """By their ids, each kind by its own index: with OR, SQLite walks all calls that ever were."""
    o = call.alias("either").c
    fresh = select(o.id).where(o.started_at >= since)
    still = select(o.id).where(o.callback_due.is_not(None), o.callback_done_at.is_(None))
    return _c.id.in_(fresh.union(still))


def calls(
    connection: Connection,
    *,
    open_only: bool = False,
    since: datetime | None = None,
    taken_by: str | None = None,
    limit: int = 500,
) -> Sequence[AnyRow]:
    """Return calls, newest first; open ones by the time they are due.

    `taken_by` is somebody's calls since then, and older ones whose call-back is still open.
    """
    query = _calls if taken_by is None else _calls.where(_c.taken_by == taken_by)
    if open_only:
        query = query.where(*_open)
        return connection.execute(query.order_by(_c.callback_due, _c.id).limit(limit)).all()
    if since is not None:
        fresh = _c.started_at >= since
        query = query.where(fresh if taken_by is None else _fresh_or_open(since))
    return connection.execute(query.order_by(_c.started_at.desc(), _c.id).limit(limit)).all()


def call_row(connection: Connection, call_id: str) -> AnyRow | None:
    """Return one call as the log shows it."""
    return connection.execute(_calls.where(_c.id == call_id)).first()


_related = (
    related_person.c.id.label("related_id"),
    related_person.c.family.label("related_family"),
    related_person.c.given.label("related_given"),
    related_person.c.role,
    related_person.c.scopes,
    related_person.c.denied,
    related_person.c.from_date,
    related_person.c.until_date,
)
_who = (_p.id, _p.id.label("patient_id"), *_person)
_patients = (
    select(*_who, *(null().label(column.name) for column in _related))
    .outerjoin_from(patient, identifier, MRN)
    .where(~_p.entered_in_error, _p.id.in_(bindparam("ids", expanding=True)))
    .order_by(_p.birth_date, _p.id)
)
_of_number = (
    select(*_who, *_related)
    .join_from(related_person, patient, _p.id == related_person.c.patient_id)
    .outerjoin(identifier, MRN)
    .where(~_p.entered_in_error, ~related_person.c.entered_in_error)
    .order_by(_p.birth_date, _p.id, related_person.c.id)
)
_near_them = _of_number.where(
    related_person.c.patient_id.in_(bindparam("ids", expanding=True)),
    related_person.c.digits.like(bindparam("digits")),
)


def household(connection: Connection, digits: str) -> Sequence[AnyRow]:
    """Return patients with a number, and related persons with it, each beside their patient.

    `digits` is the whole number, or its last seven as people say them in town.
    """
    if len(digits) < 7:
        return []
    number = national_digits(digits)
    found = people(connection, search(connection, Walk("p", [number])))
    own = [one.id for one in found if number in one.of(OWN_PHONE)]
    near = [one.id for one in found if number in one.of(RELATED_PHONE)]
    patients = connection.execute(_patients, {"ids": own}).all() if own else []
    ending = {"ids": near, "digits": "%" + number}
    return [*patients, *(connection.execute(_near_them, ending).all() if near else ())]


def related_of(connection: Connection, patient_id: str) -> Sequence[AnyRow]:
    """Return the related persons of a patient."""
    query = select(*_related).where(
        related_person.c.patient_id == patient_id, ~related_person.c.entered_in_error
    )
    return connection.execute(query.order_by(related_person.c.id)).all()


def address_of(connection: Connection, patient_id: str) -> str:
    """Return a patient's home address on one line, empty when there is none."""
    query = select(address.c.line, address.c.city).where(
        address.c.patient_id == patient_id, ~address.c.entered_in_error
    )
    row = connection.execute(query.order_by(address.c.use != "home", address.c.id)).first()
    return ", ".join(filter(None, row)) if row else ""


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


def nurse_calls_of_call(connection: Connection, call_id: str) -> Sequence[AnyRow]:
    """Return the nurse calls that came out of a call."""
    return connection.execute(_nurse.where(_n.call_id == call_id)).all()


_log_counts = select(
    select(func.count())
    .where(_c.started_at >= bindparam("since"), ~_c.entered_in_error)
    .scalar_subquery()
    .label("today"),
    select(func.count())
    .where(
        _c.taken_by == bindparam("user_id"),
        _fresh_or_open(bindparam("since")),
        ~_c.entered_in_error,
    )
    .scalar_subquery()
    .label("mine"),
    select(func.count()).where(*_open, ~_c.entered_in_error).scalar_subquery().label("open"),
    select(func.count())
    .where(*_open, _c.callback_due < bindparam("now"), ~_c.entered_in_error)
    .scalar_subquery()
    .label("overdue"),
    select(func.count())
    .where(_m.done_at.is_(None), ~_m.entered_in_error)
    .scalar_subquery()
    .label("messages"),
)


def log_counts(
    connection: Connection, *, since: datetime, now: datetime, user_id: str | None
) -> AnyRow:
    """Return (today, mine, open, overdue, messages) for the call log's state line."""
    values = {"since": since, "now": now, "user_id": user_id}
    return connection.execute(_log_counts, values).one()


_sender = staff_user.alias("sender")
_messages = (
    select(communication, *_person, _sender.c.username.label("sender_name"))
    .outerjoin_from(communication, patient, _p.id == _m.patient_id)
    .outerjoin(identifier, MRN)
    .join(_sender, _sender.c.id == _m.sender_user_id)
    .where(~_m.entered_in_error)
)


def open_messages(connection: Connection) -> Sequence[AnyRow]:
    """Return messages that are not done, oldest first."""
    return connection.execute(_messages.where(_m.done_at.is_(None)).order_by(_m.sent_at)).all()


def messages_of_call(connection: Connection, call_id: str) -> Sequence[AnyRow]:
    """Return the messages that were left in a call."""
    query = _messages.where(_m.call_id == call_id)
    return connection.execute(query.order_by(_m.sent_at)).all()


def open_tasks(connection: Connection) -> Sequence[AnyRow]:
    """Return tasks that are not done, the earliest due first."""
    query = (
        select(task, *_person, _p.deceased_on)
        .outerjoin_from(task, patient, _p.id == _t.patient_id)
        .outerjoin(identifier, MRN)
        .where(_t.done_at.is_(None), ~_t.entered_in_error)
    )
    return connection.execute(query.order_by(_t.due_at, _t.id)).all()


def waiting_list(connection: Connection) -> Sequence[AnyRow]:
    """Return the waiting list, the longest waiting first."""
    query = (
        select(waitlist_entry, *_person, _p.deceased_on)
        .join_from(waitlist_entry, patient, _p.id == _w.patient_id)
        .outerjoin(identifier, MRN)
        .where(_w.status == "waitlist", ~_w.entered_in_error)
    )
    return connection.execute(query.order_by(_w.created_at)).all()


def open_work_of(
    connection: Connection, patient_id: str, stopped: Collection[str] = ()
) -> dict[str, int]:
    """Return how much is open for one patient, by list; tasks of `stopped` kinds do not count."""
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
        .where(
            _t.patient_id == patient_id,
            _t.done_at.is_(None),
            ~_t.entered_in_error,
            _t.kind.not_in(list(stopped)),
        ),
        "waiting list": select(func.count())
        .select_from(waitlist_entry)
        .where(_w.patient_id == patient_id, _w.status == "waitlist", ~_w.entered_in_error),
    }
    return {name: int(connection.execute(q).scalar_one()) for name, q in counts.items()}

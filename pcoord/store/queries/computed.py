"""Open work that nobody has to write down: it follows from the records as they are."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Connection, or_, select

from pcoord.store.queries.common import (
    MRN,
    STANDING,
    AnyRow,
    appointment,
    identifier,
    patient,
    related_person,
)

_p, _r, _a = patient.c, related_person.c, appointment.c
_person = (_p.family, _p.given, _p.birth_date, STANDING, identifier.c.value.label("mrn"))


def grants_of_former_minors(
    connection: Connection, first: date, last: date, roles: Sequence[str]
) -> Sequence[AnyRow]:
    """Return what related persons were granted of patients born in [first, last].

    Grants without a beginning count only in `roles`, those of childhood.
    """
    query = (
        select(
            _p.id,
            _p.id.label("patient_id"),
            *_person,
            _r.id.label("related_id"),
            _r.family.label("related_family"),
            _r.given.label("related_given"),
            _r.role,
            _r.scopes,
            _r.from_date,
            _r.until_date,
            _r.denied,
        )
        .join_from(patient, related_person, _r.patient_id == _p.id)
        .outerjoin(identifier, MRN)
        .where(
            _p.birth_date >= first,
            _p.birth_date <= last,
            ~_p.entered_in_error,
            _p.deceased_on.is_(None),
            ~_p.test,
            ~_r.entered_in_error,
            _r.scopes != "",
            _r.denied.is_(None),
            or_(_r.from_date.is_not(None), _r.role.in_(roles)),
        )
        .order_by(_p.birth_date.desc(), _p.id, _r.id)
    )
    return connection.execute(query).all()


def visits_of_the_deceased(connection: Connection, now: datetime) -> Sequence[AnyRow]:
    """Return visits still booked for patients who died, the earliest first."""
    query = (
        select(
            *(_a.id, _a.patient_id, _a.start_at, _a.practitioner_id, _a.visit_type_id),
            *(_p.deceased_on, *_person),
        )
        .join_from(appointment, patient, _p.id == _a.patient_id)
        .outerjoin(identifier, MRN)
        .where(
            _a.status.in_(("booked", "waitlist")),
            _a.start_at >= now,
            _p.deceased_on.is_not(None),
            ~_a.entered_in_error,
        )
    )
    return connection.execute(query.order_by(_a.start_at, _a.id)).all()

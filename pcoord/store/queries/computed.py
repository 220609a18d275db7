"""Open work that nobody has to write down: it follows from the records as they are."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Connection, select

from pcoord.store.childhood import childhood_grant, to_ask_anew
from pcoord.store.deceased import deceased_visit
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
    connection: Connection, age: int, first: date, last: date
) -> Sequence[AnyRow]:
    """Return what was granted before that age to related persons of patients born in [first, last].

    Sought by the age and the birth date: it takes no longer where there are more patients.
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
        .join_from(childhood_grant, related_person, _r.id == childhood_grant.c.related_id)
        .join(patient, _p.id == _r.patient_id)
        .outerjoin(identifier, MRN)
        .where(to_ask_anew(age, first, last))
        .order_by(_p.birth_date.desc(), _p.id, _r.id)
    )
    return connection.execute(query).all()


def visits_of_the_deceased(connection: Connection, now: datetime) -> Sequence[AnyRow]:
    """Return visits still booked for patients who died, the earliest first, by a seek."""
    query = (
        select(
            *(_a.id, _a.patient_id, _a.start_at, _a.practitioner_id, _a.visit_type_id),
            *(_p.deceased_on, *_person),
        )
        .join_from(deceased_visit, appointment, _a.id == deceased_visit.c.appointment_id)
        .join(patient, _p.id == _a.patient_id)
        .outerjoin(identifier, MRN)
        .where(deceased_visit.c.start_at >= now)
    )
    ordered = query.order_by(deceased_visit.c.start_at, deceased_visit.c.appointment_id)
    return connection.execute(ordered).all()

"""Reading patients: a line for a list, everything for the card."""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, select

from pcoord.store.queries.common import (
    MRN,
    PERSON_LINE,
    AnyRow,
    contact_point,
    flag,
    identifier,
    patient,
    related_person,
)

_p = patient.c
_short = (
    select(*PERSON_LINE, _p.entered_in_error)
    .join_from(patient, identifier, MRN, isouter=True)
    .where(_p.id == bindparam("id"))
)


def short_patient(connection: Connection, patient_id: str) -> AnyRow | None:
    """Return what a line says of one patient."""
    return connection.execute(_short, {"id": patient_id}).first()


_number = select(identifier.c.id).where(
    identifier.c.system == "mrn", identifier.c.value == bindparam("value")
)


def number_taken(connection: Connection, value: str) -> bool:
    """Tell whether a record number is, or ever was, somebody's."""
    return connection.execute(_number, {"value": value}).first() is not None


_phones = (
    select(contact_point.c.value)
    .where(
        contact_point.c.patient_id == bindparam("id"),
        contact_point.c.system == "phone",
        ~contact_point.c.entered_in_error,
    )
    .order_by(contact_point.c.position, contact_point.c.id)
)


def phones_of(connection: Connection, patient_id: str) -> list[str]:
    """Return the phones of a patient as they were given, the first one first."""
    return list(connection.execute(_phones, {"id": patient_id}).scalars())


_related = select(related_person).where(
    related_person.c.id == bindparam("id"), ~related_person.c.entered_in_error
)


def related_row(connection: Connection, related_id: str) -> AnyRow | None:
    """Return one related person."""
    return connection.execute(_related, {"id": related_id}).first()


_flags = (
    select(flag)
    .where(flag.c.patient_id.in_(bindparam("ids", expanding=True)), ~flag.c.entered_in_error)
    .order_by(flag.c.patient_id, flag.c.id)
)


def alerts_of(connection: Connection, ids: Sequence[str]) -> Sequence[AnyRow]:
    """Return the alerts of some patients, of whatever day, place and audience."""
    return connection.execute(_flags, {"ids": list(ids)}).all() if ids else []

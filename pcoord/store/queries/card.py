"""Reading what a patient's card says, and who has a record number."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, bindparam, or_, select

from pcoord.store.queries.common import (
    AnyRow,
    address,
    contact_point,
    flag,
    identifier,
    patient,
    related_person,
)

_of: Any = bindparam("patient_id")
_person = select(patient).where(patient.c.id == _of)
_phones = (
    select(contact_point.c.use, contact_point.c.value)
    .where(contact_point.c.patient_id == _of, ~contact_point.c.entered_in_error)
    .order_by(contact_point.c.position, contact_point.c.id)
)
_address = (
    select(address)
    .where(address.c.patient_id == _of, ~address.c.entered_in_error)
    .order_by(address.c.use != "home", address.c.id)
)
_day: Any = bindparam("day")
_flags = (
    select(flag.c.kind, flag.c.text)
    .where(
        flag.c.patient_id == _of,
        ~flag.c.entered_in_error,
        or_(flag.c.from_date.is_(None), flag.c.from_date <= _day),
        or_(flag.c.until_date.is_(None), flag.c.until_date >= _day),
    )
    .order_by(flag.c.id)
)
_related = (
    select(related_person)
    .where(
        related_person.c.patient_id == _of,
        ~related_person.c.entered_in_error,
        or_(related_person.c.from_date.is_(None), related_person.c.from_date <= _day),
        or_(related_person.c.until_date.is_(None), related_person.c.until_date >= _day),
    )
    .order_by(related_person.c.id)
)
_numbered = (
    select(identifier.c.patient_id)
    .join(patient, patient.c.id == identifier.c.patient_id)
    .where(
        identifier.c.value == bindparam("value"),
        identifier.c.system == "mrn",
        ~identifier.c.entered_in_error,
        ~patient.c.entered_in_error,
    )
)


def person(connection: Connection, patient_id: str) -> AnyRow | None:
    """Return a patient's whole row."""
    return connection.execute(_person, {"patient_id": patient_id}).first()


def phones(connection: Connection, patient_id: str) -> Sequence[AnyRow]:
    """Return (use, value) of a patient's phones, the first one first."""
    return connection.execute(_phones, {"patient_id": patient_id}).all()


def address_row(connection: Connection, patient_id: str) -> AnyRow | None:
    """Return a patient's address, the one at home first."""
    return connection.execute(_address, {"patient_id": patient_id}).first()


def flags(connection: Connection, patient_id: str, day: date) -> Sequence[AnyRow]:
    """Return (kind, text) of the alerts that stand on a day."""
    return connection.execute(_flags, {"patient_id": patient_id, "day": day}).all()


def related(connection: Connection, patient_id: str, day: date) -> Sequence[AnyRow]:
    """Return the related persons of a patient whose grants stand on a day."""
    return connection.execute(_related, {"patient_id": patient_id, "day": day}).all()


def numbered(connection: Connection, value: str) -> str | None:
    """Return the id of the patient with a record number, None when nobody has it."""
    return connection.execute(_numbered, {"value": value}).scalar()

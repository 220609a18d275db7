"""Reading patients: a line for a list, everything for the card."""

from sqlalchemy import Connection, bindparam, select

from pcoord.store.queries.common import MRN, AnyRow, identifier, patient

_p = patient.c
_short = (
    select(
        _p.id,
        _p.version,
        _p.family,
        _p.given,
        _p.middle,
        _p.preferred,
        _p.birth_date,
        _p.sex,
        _p.language,
        _p.interpreter,
        _p.deceased_on,
        _p.active,
        _p.restricted,
        _p.entered_in_error,
        identifier.c.value.label("mrn"),
    )
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

"""Reading everything a patient's card shows, and whom somebody looked at lately."""

from collections.abc import Sequence

from sqlalchemy import BigInteger, Connection, bindparam, func, literal, select, union_all

from pcoord.store.queries.common import (
    MRN,
    PERSON_LINE,
    STANDS,
    AnyRow,
    address,
    audit_event,
    contact_point,
    coverage,
    document,
    flag,
    human_name,
    identifier,
    patient,
    related_person,
)

_LOOKS = 300
# Behind every event's number.
_FOREMOST = 2**62

_patient = (
    select(patient, identifier.c.value.label("mrn"))
    .outerjoin_from(patient, identifier, MRN)
    .where(patient.c.id == bindparam("id"), ~patient.c.entered_in_error)
)


def patient_row(connection: Connection, patient_id: str) -> AnyRow | None:
    """Return the whole record of a patient, with the record number."""
    return connection.execute(_patient, {"id": patient_id}).first()


_PARTS = {
    table.name: select(table)
    .where(table.c.patient_id == bindparam("id"), ~table.c.entered_in_error)
    .order_by(order, table.c.id)
    for table, order in (
        (contact_point, contact_point.c.position),
        (identifier, identifier.c.system),
        (human_name, human_name.c.use),
        (address, address.c.use != "home"),
        (related_person, related_person.c.denied.is_(None)),
        (coverage, coverage.c.position),
        (document, document.c.created_at.desc()),
        (flag, flag.c.kind),
    )
}
_TABLES = {name: query.get_final_froms()[0] for name, query in _PARTS.items()}


def parts_of(connection: Connection, patient_id: str, table: str) -> Sequence[AnyRow]:
    """Return what stands about a patient in a table, in the order of the card.

    Tables: contact_point, identifier, human_name, address, related_person (those an order shuts
    out first), coverage, document (the latest first), flag.
    """
    return connection.execute(_PARTS[table], {"id": patient_id}).all()


def alerts_ever(connection: Connection, patient_id: str) -> Sequence[AnyRow]:
    """Return whom the alerts of a patient are for, those that were taken out too."""
    query = select(flag.c.id, flag.c.audience).where(flag.c.patient_id == patient_id)
    return connection.execute(query).all()


def part_row(connection: Connection, table: str, part_id: str) -> AnyRow | None:
    """Return one row of a table of the card, None when it was entered in error."""
    query = select(_TABLES[table]).where(_TABLES[table].c.id == part_id)
    return connection.execute(query.where(~_TABLES[table].c.entered_in_error)).first()


_looks = (
    select(audit_event.c.patient_id)
    .where(
        audit_event.c.user_id == bindparam("user_id"),
        audit_event.c.kind == "read",
        audit_event.c.patient_id.is_not(None),
    )
    .order_by(audit_event.c.seq.desc())
    .limit(_LOOKS)
)


def looked_at(connection: Connection, user_id: str, limit: int) -> list[str]:
    """Return the ids of the patients somebody opened, the latest first."""
    ids = connection.execute(_looks, {"user_id": user_id}).scalars()
    return list(dict.fromkeys(ids))[:limit]


_last_looks = union_all(
    _looks.with_only_columns(audit_event.c.patient_id, audit_event.c.seq).subquery().select(),
    select(
        bindparam("first", type_=audit_event.c.patient_id.type), literal(_FOREMOST, BigInteger())
    ),
).subquery()
_last_look = (
    select(_last_looks.c.patient_id, func.max(_last_looks.c.seq).label("seq"))
    .group_by(_last_looks.c.patient_id)
    .subquery()
)
_first_phone = (
    select(contact_point.c.value)
    .where(contact_point.c.patient_id == patient.c.id, ~contact_point.c.entered_in_error)
    .order_by(contact_point.c.position)
    .limit(1)
    .scalar_subquery()
    .label("phone")
)
_recent = (
    select(*PERSON_LINE, _first_phone)
    .join_from(_last_look, patient, patient.c.id == _last_look.c.patient_id)
    .outerjoin(identifier, MRN)
    .where(~patient.c.entered_in_error, STANDS)
    .order_by(_last_look.c.seq.desc())
    .limit(bindparam("most"))
)


def recent(
    connection: Connection, user_id: str | None, limit: int, first: str | None = None
) -> Sequence[AnyRow]:
    """Return the lines of those whom somebody opened lately, the latest first, with a phone.

    `first` stands before them, opened or not.
    """
    values = {"user_id": user_id, "most": limit, "first": first}
    return connection.execute(_recent, values).all()

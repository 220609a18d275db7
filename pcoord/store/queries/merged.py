"""Which record leads where after two records of one person were merged."""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, select

from pcoord.store.queries.common import (
    AnyRow,
    audit_event,
    identifier,
    not_same_person,
    patient,
)

_p, _ev, _n = patient.c, audit_event.c, not_same_person.c

_next = select(_p.replaced_by_id).where(_p.id == bindparam("id"))
# Whoever writes about a patient waits here for a merge that is under way.
_next_held = _next.with_for_update(read=True, key_share=True)


def survivor_of(connection: Connection, patient_id: str, *, hold: bool = False) -> str:
    """Return the record that a patient's id leads to today: itself, unless it was merged.

    With `hold` nobody merges it before this transaction ends (PostgreSQL; SQLite has one writer).
    """
    query = _next_held if hold and connection.dialect.name == "postgresql" else _next
    seen = {patient_id}
    while (further := connection.execute(query, {"id": patient_id}).scalar()) is not None:
        if further in seen:
            break
        seen.add(further)
        patient_id = further
    return patient_id


def next_of(connection: Connection, patient_id: str) -> str | None:
    """Return the record that this one was merged into, None for one that stands."""
    return connection.execute(_next, {"id": patient_id}).scalar()


_replaced = (
    select(_p.id, _p.version, _p.family, _p.given, _p.birth_date)
    .where(_p.replaced_by_id == bindparam("id"))
    .order_by(_p.id)
)


def replaced_by(connection: Connection, patient_id: str) -> Sequence[AnyRow]:
    """Return the records that were merged into this one: id, version, family, given, birth date."""
    return connection.execute(_replaced, {"id": patient_id}).all()


def all_ids(connection: Connection, patient_id: str) -> list[str]:
    """Return a patient's id and those of all records that lead to it, however far."""
    found = [patient_id]
    for known in found:
        found += [row.id for row in replaced_by(connection, known) if row.id not in found]
    return found


_merges = (
    select(_ev.step)
    .where(
        _ev.record_id == bindparam("id"),
        _ev.action == bindparam("action"),
        _ev.table_name == "patient",
        _ev.step.not_in(select(_ev.undoes).where(_ev.undoes.is_not(None))),
    )
    .order_by(_ev.seq.desc())
    .limit(1)
)


def merge_step(connection: Connection, patient_id: str, action: str) -> int | None:
    """Return the standing step of that action that changed a record, None when there is none."""
    return connection.execute(_merges, {"id": patient_id, "action": action}).scalar()


def told_apart(connection: Connection, one: str, other: str) -> AnyRow | None:
    """Return the standing note that these two records are two people (not_same_person)."""
    either = (_n.patient_id == one) & (_n.other_id == other)
    turned = (_n.patient_id == other) & (_n.other_id == one)
    query = select(not_same_person).where(either | turned, ~_n.entered_in_error)
    return connection.execute(query.limit(1)).first()


_moved_number = (
    select(identifier.c.value)
    .join_from(audit_event, identifier, identifier.c.id == _ev.record_id)
    .where(
        _ev.step == bindparam("step"),
        _ev.table_name == "identifier",
        identifier.c.system == "mrn",
    )
    .order_by(_ev.seq)
)


def number_moved(connection: Connection, step: int) -> str | None:
    """Return the record number that moved in a step, the usual one before older ones."""
    values = list(connection.execute(_moved_usual, {"step": step}).scalars())
    values += list(connection.execute(_moved_number, {"step": step}).scalars())
    return str(values[0]) if values else None


_moved_usual = _moved_number.where(_ev.before.like('%"use":"usual"%'))


_survivors = (
    select(_p.replaced_by_id)
    .where(_p.replaced_by_id.in_(bindparam("ids", expanding=True)))
    .distinct()
)


def survivors_among(connection: Connection, ids: Sequence[str]) -> set[str]:
    """Return those of some patients into whom another record was merged."""
    return set(connection.execute(_survivors, {"ids": list(ids)}).scalars()) if ids else set()

"""Finding what an imported row is already here as, for many rows at once."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Table, bindparam, literal, select

from pcoord.store.queries.common import (
    AnyRow,
    address,
    appointment,
    contact_point,
    coverage,
    human_name,
    identifier,
    lookup_person,
    lookup_token,
    occupancy,
    patient,
)
from pcoord.store.queries.common import counter as counters

_i, _a, _o, _p, _t = identifier.c, appointment.c, occupancy.c, patient.c, lookup_token.c
_MANY = 400


@dataclass
class Known:
    """A patient on record with what an import may change; rows are mappings."""

    patient: Any
    identifiers: list[Any] = field(default_factory=list)
    phones: list[Any] = field(default_factory=list)
    addresses: list[Any] = field(default_factory=list)
    names: list[Any] = field(default_factory=list)
    coverages: list[Any] = field(default_factory=list)


_owners = select(_i.value, _i.patient_id).where(
    _i.system == bindparam("system"),
    _i.value.in_(bindparam("values", expanding=True)),
    ~_i.entered_in_error,
)


def owners(connection: Connection, system: str, values: Iterable[str]) -> dict[str, str]:
    """Return the patient who has each of these numbers of a system."""
    found: dict[str, str] = {}
    for part in _parts(sorted(set(values))):
        rows = connection.execute(_owners, {"system": system, "values": part})
        found |= {row.value: row.patient_id for row in rows}
    return found


def patients(connection: Connection, ids: Iterable[str]) -> dict[str, Known]:
    """Return these patients with their numbers, phones, addresses, other names, coverages."""
    found: dict[str, Known] = {}
    for part in _parts(sorted(set(ids))):
        query = select(patient).where(_p.id.in_(part), ~_p.entered_in_error)
        found |= {row["id"]: Known(row) for row in connection.execute(query).mappings()}
        for row in _of(connection, identifier, part):
            found[row["patient_id"]].identifiers.append(row)
        for row in _of(connection, contact_point, part):
            found[row["patient_id"]].phones.append(row)
        for row in _of(connection, address, part):
            found[row["patient_id"]].addresses.append(row)
        for row in _of(connection, human_name, part):
            found[row["patient_id"]].names.append(row)
        for row in _of(connection, coverage, part):
            found[row["patient_id"]].coverages.append(row)
    return found


def _of(connection: Connection, table: Table, ids: Sequence[str]) -> Sequence[Any]:
    query = select(table).where(table.c.patient_id.in_(ids), ~table.c.entered_in_error)
    rows = connection.execute(query.order_by(table.c.id)).mappings().all()
    return sorted(rows, key=lambda row: row.get("position", 0))


_named = (
    select(_p.id, _p.family, _p.given, _p.birth_date)
    .join_from(lookup_token, lookup_person, lookup_person.c.no == _t.no)
    .join(patient, _p.id == lookup_person.c.patient_id)
    .where(
        _t.kind == "n",
        _t.token == bindparam("word"),
        _t.other == literal(""),
        _t.born >= bindparam("first"),
        _t.born <= bindparam("last"),
        ~_p.entered_in_error,
    )
    .distinct()
)


def with_name_word(connection: Connection, word: str, born: date | None) -> Sequence[AnyRow]:
    """Return patients (id, family, given, birth_date) who have a name word and that birth year."""
    year = born.year * 10_000 if born else 0
    values = {"word": word, "first": year, "last": year + 1231 if born else 0}
    return connection.execute(_named, values).all()


_visits = (
    select(appointment)
    .where(
        _a.patient_id.in_(bindparam("ids", expanding=True)),
        _a.start_at >= bindparam("first"),
        _a.start_at <= bindparam("last"),
        ~_a.entered_in_error,
    )
    .order_by(_a.id)
)


def visits(
    connection: Connection, patient_ids: Iterable[str], first: datetime, last: datetime
) -> dict[tuple[str, datetime, str], list[Any]]:
    """Return the visits of some patients from `first` to `last` by patient, start, practitioner."""
    found: dict[tuple[str, datetime, str], list[Any]] = defaultdict(list)
    for part in _parts(sorted(set(patient_ids))):
        values = {"ids": part, "first": first, "last": last}
        for row in connection.execute(_visits, values).mappings():
            found[row["patient_id"], row["start_at"], row["practitioner_id"]].append(row)
    return found


_by_id = select(appointment).where(
    _a.id.in_(bindparam("ids", expanding=True)), ~_a.entered_in_error
)


def visits_by_id(connection: Connection, ids: Iterable[str]) -> dict[str, Any]:
    """Return these visits by id."""
    found: dict[str, Any] = {}
    for part in _parts(sorted(set(ids))):
        rows = connection.execute(_by_id, {"ids": part}).mappings()
        found |= {row["id"]: row for row in rows}
    return found


_held = select(_o.cell, _o.place).where(
    _o.kind == bindparam("kind"),
    _o.resource_id == bindparam("resource"),
    _o.cell >= bindparam("first"),
    _o.cell <= bindparam("last"),
    _o.appointment_id != bindparam("but"),
)


def held(
    connection: Connection, kind: str, resource_id: str, first: int, last: int, but: str = ""
) -> set[int]:
    """Return the places taken in cells `first` to `last`, not counting appointment `but`."""
    values = {"kind": kind, "resource": resource_id, "first": first, "last": last, "but": but}
    return {row.place for row in connection.execute(_held, values)}


def counter(connection: Connection, name: str) -> int:
    """Return the last number given out, 0 when there is none yet."""
    query = select(counters.c.value).where(counters.c.name == name)
    return int(connection.execute(query).scalar() or 0)


def _parts(values: Sequence[str]) -> Iterable[list[str]]:
    for at in range(0, len(values), _MANY):
        yield list(values[at : at + _MANY])

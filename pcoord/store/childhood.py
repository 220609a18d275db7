"""Which grants end when their patient comes of age; written with the records they follow from."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, select

from pcoord.domain.disclosure import MAJORITY_BETWEEN, Grant, begun_at
from pcoord.store.bulk import insert_many
from pcoord.store.tables import ChildhoodGrant, Patient, RelatedPerson

childhood_grant: Table = ChildhoodGrant.__table__  # type: ignore[attr-defined]
_p = Patient.__table__.c  # type: ignore[attr-defined]
_r = RelatedPerson.__table__.c  # type: ignore[attr-defined]
_c = childhood_grant.c
PAGE = 400
_ids: Any = bindparam("ids", expanding=True)
_granted = (
    select(
        *(_r.id, _r.patient_id, _r.role, _r.scopes, _r.from_date, _r.until_date, _r.denied),
        _p.birth_date,
    )
    .join_from(RelatedPerson, Patient, _p.id == _r.patient_id)
    .where(
        _r.patient_id.in_(_ids),
        ~_r.entered_in_error,
        ~_p.entered_in_error,
        _p.deceased_on.is_(None),
        ~_p.test,
    )
)
_stored = select(childhood_grant).where(_c.patient_id.in_(_ids))
_gone = delete(childhood_grant).where(_c.related_id.in_(_ids))


def wanted(connection: Connection, patient_ids: Sequence[str]) -> dict[str, tuple[Any, ...]]:
    """Return what must be stored of these patients, by the related person's key."""
    found = {}
    for row in connection.execute(_granted, {"ids": list(patient_ids)}):
        years = begun_at(_grant(row), row.birth_date)
        if years is not None and years < MAJORITY_BETWEEN[1]:
            found[row.id] = (row.id, row.patient_id, years, row.birth_date)
    return found


def _grant(row: Any) -> Grant:
    scopes = tuple(filter(None, (scope.strip() for scope in (row.scopes or "").split(","))))
    return Grant(row.role, scopes, row.from_date, row.until_date, row.denied)


def stored(connection: Connection, patient_ids: Sequence[str]) -> dict[str, tuple[Any, ...]]:
    """Return what is stored of these patients, by the related person's key."""
    rows = connection.execute(_stored, {"ids": list(patient_ids)})
    return {row.related_id: tuple(row) for row in rows}


def rewrite(connection: Connection, patient_ids: Iterable[str]) -> None:
    """Bring these patients' grants in line with the records; only what differs is written."""
    ids = sorted(set(patient_ids))
    now, old = wanted(connection, ids), stored(connection, ids)
    gone = [key for key in now.keys() | old.keys() if now.get(key) != old.get(key)]
    if gone:
        connection.execute(_gone, {"ids": gone})
        names = [column.name for column in _c]
        fresh = [dict(zip(names, now[key], strict=True)) for key in gone if key in now]
        insert_many(connection, childhood_grant, fresh)


def pages(connection: Connection) -> Iterator[list[str]]:
    """Return the patients who have related persons, or whose grants are kept, page by page."""
    query = select(_r.patient_id).union(select(_c.patient_id)).order_by("patient_id")
    ids = list(connection.execute(query).scalars())
    for at in range(0, len(ids), PAGE):
        yield ids[at : at + PAGE]


def rebuild(connection: Connection) -> None:
    """Write the grants of everybody, after an upgrade."""
    for page in pages(connection):
        rewrite(connection, page)


def faults(connection: Connection) -> list[str]:
    """Return the patients whose grants differ from what the records say."""
    found = []
    for page in pages(connection):
        now, old = wanted(connection, page), stored(connection, page)
        wrong = {
            now.get(key) or old[key]
            for key in now.keys() | old.keys()
            if now.get(key) != old.get(key)
        }
        found += sorted({row[1] for row in wrong})
    return found


def to_ask_anew(age: int, first: date, last: date) -> Any:
    """Return the condition on grants begun below an age, of patients born in [first, last]."""
    return _c.years.in_(range(age)) & _c.born.between(first, last)

"""Whether every merged record leads to one that stands, and keeps nothing for itself."""

from collections.abc import Iterator, Mapping

from sqlalchemy import Connection, func, select

from pcoord.store.belongings import BELONGINGS
from pcoord.store.queries.common import patient

_p = patient.c
_merged = select(_p.id, _p.replaced_by_id).where(_p.replaced_by_id.is_not(None))
_gone = select(_p.id).where(_p.replaced_by_id.is_not(None))


def faults(connection: Connection) -> list[str]:
    """Return what is wrong with merged records, a few words each."""
    return [*_circles(connection), *_left(connection)]


def _circles(connection: Connection) -> Iterator[str]:
    leads = {row.id: row.replaced_by_id for row in connection.execute(_merged)}
    for first in sorted(leads):
        circle = _circle(leads, first)
        if circle and first == min(circle):
            yield f"{len(circle)} records lead to each other and none stands"


def _circle(leads: Mapping[str, str], first: str) -> list[str]:
    """Return the records of the circle that a record is part of; none where its chain ends."""
    found, at = [first], leads[first]
    while at in leads and at not in found:
        found.append(at)
        at = leads[at]
    return found if at == first else []


def _left(connection: Connection) -> Iterator[str]:
    for entry in BELONGINGS:
        query = select(func.count()).select_from(entry.rows).where(entry.owner.in_(_gone))
        if count := int(connection.execute(query).scalar_one()):
            yield f"{count} {entry.word if count == 1 else entry.many} of a record merged away"

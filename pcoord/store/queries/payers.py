"""Who pays: the payers of a clinic, and those of some patients."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, select

from pcoord.store.queries.common import OneOf
from pcoord.store.tables import Coverage

_v = Coverage.__table__.c  # type: ignore[attr-defined]

_latest = select(_v.payor).order_by(_v.id.desc()).limit(bindparam("most"))


def lately(connection: Connection, limit: int) -> set[str]:
    """Return the payers of the latest coverages, as they are written."""
    return set(connection.execute(_latest, {"most": limit}).scalars())


_theirs = select(_v.patient_id, _v.payor).where(OneOf(_v.patient_id, "ids"), ~_v.entered_in_error)


def of(connection: Connection, ids: Sequence[str]) -> dict[str, set[str]]:
    """Return the payers of each of these patients, past ones included."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in connection.execute(_theirs, {"ids": list(ids)}) if ids else ():
        found[row.patient_id].add(row.payor)
    return found

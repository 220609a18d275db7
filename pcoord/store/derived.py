"""Derived rows, kept in the same transaction as what they come from, and rebuilt by `check`.

`occupancy` is the guard against double booking; what patients are found by is written by
`lookup_index`. Derived rows are deleted freely and make no event.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select, text

from pcoord.domain.errors import Conflict
from pcoord.domain.slots import cells
from pcoord.store import childhood, deceased, lookup_index
from pcoord.store.bulk import insert_many
from pcoord.store.failures import is_taken
from pcoord.store.tables import Appointment, DuplicateDue, Occupancy

appointment = Appointment.__table__  # type: ignore[attr-defined]
occupancy = Occupancy.__table__  # type: ignore[attr-defined]
duplicate_due = DuplicateDue.__table__  # type: ignore[attr-defined]

TABLES = frozenset({"occupancy", "duplicate_pair", "childhood_grant", "deceased_visit"})
TABLES |= lookup_index.TABLES
HOLDING = frozenset({"booked", "arrived", "checked-in", "fulfilled"})


class OccupancyTaken(Conflict):
    """The guard refused: somebody else holds the practitioner, patient or room at that time."""

    def __init__(self, appointment_id: str, rows: list[dict[str, Any]]) -> None:
        super().__init__("That time was taken first; nothing was stored. Please choose another.")
        self.appointment_id = appointment_id
        self.rows = rows


def occupied_rows(row: Any) -> list[dict[str, Any]]:
    """Return the guard's rows of one appointment, in key order; none when it holds nothing."""
    if row["status"] not in HOLDING or row["entered_in_error"]:
        return []
    holders = [
        ("patient", row["patient_id"], row["patient_place"]),
        ("practitioner", row["practitioner_id"], row["place"]),
    ]
    if row["room_id"]:
        holders.append(("room", row["room_id"], 0))
    return [
        {
            "kind": kind,
            "resource_id": holder,
            "cell": cell,
            "place": place,
            "appointment_id": row["id"],
        }
        for kind, holder, place in holders
        for cell in cells(row["start_at"], row["end_at"])
    ]


def queue_up(connection: Connection, *rows: Any) -> None:
    """On PostgreSQL wait for one's turn at the days these visits touch, always in one order.

    Without it two desks that move visits about on one day wait for each other's cells, and the
    server needs a second to notice each time. The turn ends with the transaction.
    """
    if connection.dialect.name != "postgresql":
        return
    days = {(one["resource_id"], one["cell"] // 288) for row in rows for one in occupied_rows(row)}
    if days:
        places = [f"{resource} {day}" for resource, day in sorted(days)]
        connection.execute(_turns, {"places": places})


# One after the other, in the order given.
_turns = text(
    "SELECT pg_advisory_xact_lock(hashtextextended(place, 0)) "
    "FROM unnest(CAST(:places AS text[])) AS place"
)


def is_guarded_otherwise(before: Any, after: Any) -> bool:
    """Tell whether a changed visit holds other cells than before, or for others."""
    return occupied_rows(before) != occupied_rows(after)


def reoccupy_with(
    connection: Connection, visits: Mapping[str, Mapping[str, Any]], new: Iterable[str]
) -> None:
    """Write the guard's rows of visits that stand as given; raise OccupancyTaken when refused.

    Those that are `new` have none yet.
    """
    _vacate(connection, [key for key in visits if key not in {*new}])
    for key in sorted(visits):
        rows = occupied_rows(visits[key])
        if rows:
            _occupy(connection, key, rows)
    deceased.of_visits(connection, visits)


def reoccupy(connection: Connection, appointment_ids: Sequence[str]) -> None:
    """Write the guard's rows of these appointments anew; raise OccupancyTaken when refused."""
    _vacate(connection, appointment_ids)
    query = select(appointment).where(appointment.c.id.in_(appointment_ids))
    for row in connection.execute(query.order_by(appointment.c.id)).mappings().all():
        rows = occupied_rows(row)
        if rows:
            _occupy(connection, row["id"], rows)
    deceased.of_visits(connection, appointment_ids)


def _vacate(connection: Connection, appointment_ids: Sequence[str]) -> None:
    if appointment_ids:
        connection.execute(delete(occupancy).where(occupancy.c.appointment_id.in_(appointment_ids)))


def _occupy(connection: Connection, appointment_id: str, rows: list[dict[str, Any]]) -> None:
    try:
        insert_many(connection, occupancy, rows)
    except Exception as error:
        if is_taken(error):
            raise OccupancyTaken(appointment_id, rows) from error
        raise


def refind(connection: Connection, patient_ids: Sequence[str]) -> None:
    """Have these patients found by what they are now, and what follows from that looked for."""
    compare_later(connection, patient_ids)
    lookup_index.reindex(connection, patient_ids)
    childhood.rewrite(connection, patient_ids)
    deceased.of_patients(connection, patient_ids)


def compare_later(connection: Connection, patient_ids: Iterable[str]) -> None:
    """Note that likely duplicates of these patients are to be looked for."""
    rows = [{"patient_id": key} for key in sorted(set(patient_ids))]
    insert_many(connection, duplicate_due, rows, missing=True)


# What a changed row of a table makes stale: which refresher, and the column that names the owner.
REFRESH: dict[str, tuple[Callable[[Connection, Sequence[str]], None], str]] = {
    "appointment": (reoccupy, "id"),
    **{name: (refind, one.owner) for name, one in lookup_index.SOURCES.items()},
}


def as_utc_cell(moment: datetime) -> int:
    """Return the 5-minute cell a moment lies in."""
    return int(moment.timestamp()) // 300

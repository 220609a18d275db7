"""Is everything as it must be: the file, the audit chains, what is derived, the visits' times.

The whole check reads one snapshot, so that desks may go on working meanwhile.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from pcoord.domain.errors import Unavailable
from pcoord.store import (
    audit,
    childhood,
    deceased,
    derived,
    lookup_check,
    lookup_index,
    merge_check,
)
from pcoord.store.audit import Who
from pcoord.store.backup import integrity_faults
from pcoord.store.ballast import NEARLY_FULL
from pcoord.store.failures import sqlite_code
from pcoord.store.queries.common import (
    appointment,
    occupancy,
    organization,
    practitioner,
)
from pcoord.store.store import Store
from pcoord.store.unit import Unit

PAGE = 400
SHOWN = 5
MEND = "Run `pcoord check --mend` to make it anew."
_a = appointment.c
_DAMAGE = frozenset({11, 26})


@dataclass
class Findings:
    """What a check found: sentences, and how many rows it looked at."""

    problems: list[str] = field(default_factory=list)
    events: int = 0
    patients: int = 0
    appointments: int = 0

    @property
    def ok(self) -> bool:
        """Tell whether nothing is wrong."""
        return not self.problems

    def several(self, what: str, examples: Sequence[str], advice: str) -> None:
        """Add one sentence for many faults of a kind, with the first of them."""
        if examples:
            shown = "; ".join(examples[:SHOWN])
            more = f"; and {len(examples) - SHOWN} more" if len(examples) > SHOWN else ""
            self.problems.append(f"{what}: {shown}{more}. {advice}")


def check(store: Store) -> Findings:
    """Look at everything and return what is wrong in words; nothing is changed."""
    found = Findings()
    store.look_for_room()
    if store.full:
        found.problems.append(NEARLY_FULL)
    with store.words(), _snapshot(store.connection) as connection:
        for part in _PARTS:
            if not _part(found, connection, part):
                return found
        verdict = _verdict(store, connection, found)
    if verdict is not None:
        found.events = verdict.events
        if verdict.first_bad:
            found.problems.append(
                f"The audit log was changed: {verdict.first_bad}. Keep the file as it is and "
                "tell whoever answers for privacy."
            )
    return found


def mend(store: Store, who: Who) -> None:
    """Write all derived rows anew, page by page; records themselves are not touched."""
    query = select(appointment.c.id).order_by(appointment.c.id)
    for part in _parts(store.read(partial(_all, query))):
        store.write(who, "check.mend", _call(derived.reoccupy, part))
    for part in _parts(store.read(childhood.faults)):
        store.write(who, "check.mend", _call(childhood.rewrite, part))
    store.write(who, "check.mend", lambda unit: deceased.rebuild(unit.connection))
    faults = _lookup_faults(store)
    for part in _parts(sorted(faults.stale)):
        store.write(who, "check.mend", _call(lookup_index.reindex, part))
    for part in _parts(sorted(faults.unheard)):
        store.write(who, "check.mend", _call(lookup_index.hear_again, part))
    for rows in lookup_check.mending(_lookup_faults(store)):
        store.write(who, "check.mend", _call(lookup_check.mend, rows))


def _lookup_faults(store: Store) -> lookup_check.Faults:
    with store.words(), _snapshot(store.connection) as connection:
        return lookup_check.faults(connection)


def _all(query: Any, connection: Connection) -> list[str]:
    return list(connection.execute(query).scalars())


def _call(refresh: Callable[[Connection, Any], None], what: Any) -> Callable[[Unit], None]:
    return lambda unit: refresh(unit.connection, what)


@contextmanager
def _snapshot(connection: Connection) -> Iterator[Connection]:
    sqlite = connection.dialect.name == "sqlite"
    connection.exec_driver_sql("BEGIN" if sqlite else "BEGIN ISOLATION LEVEL REPEATABLE READ")
    try:
        yield connection
    finally:
        with suppress(SQLAlchemyError):
            connection.exec_driver_sql("ROLLBACK")


def _part(
    found: Findings, connection: Connection, part: Callable[[Connection, Findings], None]
) -> bool:
    """Run one part; damage met on the way is a finding, after which nothing can be trusted."""
    try:
        part(connection, found)
    except DBAPIError as error:
        if sqlite_code(error) not in _DAMAGE:
            raise
        found.problems.append(
            "The clinic's file is damaged. Restore the last backup with `pcoord restore FILE`."
        )
        return False
    return True


def _verdict(store: Store, connection: Connection, found: Findings) -> audit.Verdict | None:
    verdict: list[audit.Verdict] = []
    try:
        _part(found, connection, lambda c, _: verdict.append(audit.verify(c, store.key)))
        return verdict[0] if verdict else None
    except Unavailable as missing:
        found.problems.append(missing.sentence)
        return None


def _file(connection: Connection, found: Findings) -> None:
    if connection.dialect.name != "sqlite":
        return
    faults = integrity_faults(connection)
    advice = "Restore the last backup with `pcoord restore FILE`."
    found.several("The clinic's file is damaged", faults, advice)


def _links(connection: Connection, found: Findings) -> None:
    """Find rows that point at nothing; PostgreSQL does not let them arise."""
    if connection.dialect.name != "sqlite":
        return
    rows = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    said = [f"{row[0]} (row {row[1]}) points at a {row[2]} that is not there" for row in rows]
    found.several("Records are missing", said, "Restore the last backup.")


def _pages(connection: Connection, query: Any, key: Any) -> Iterator[Sequence[Any]]:
    """Return the rows of a query in pages by key."""
    last = ""
    while (
        rows := connection.execute(query.where(key > last).order_by(key).limit(PAGE))
        .mappings()
        .all()
    ):
        yield rows
        last = rows[-1][key.name]


def _merges(connection: Connection, found: Findings) -> None:
    """Find merged records that lead to none that stands, and what still hangs on one."""
    found.several(
        "Merged records are not as a merge leaves them",
        merge_check.faults(connection),
        "Take the later merge back (`pcoord undo STEP`; `pcoord audit --json` shows its step).",
    )


def _occupancy(connection: Connection, found: Findings) -> None:
    """Compare the guard's rows with a rebuild."""
    wrong: list[str] = []
    o = occupancy.c
    for rows in _pages(connection, select(appointment), _a.id):
        found.appointments += len(rows)
        ids = [row["id"] for row in rows]
        stored = {tuple(r) for r in connection.execute(_by(occupancy, o.appointment_id, ids))}
        wanted = {_flat(occupancy, one) for row in rows for one in derived.occupied_rows(row)}
        bad = {one[4] for one in stored ^ wanted}
        wrong += [_say_visit(row) for row in rows if row["id"] in bad]
    found.several("The guard against double booking differs from the visits", wrong, MEND)


def _lookup(connection: Connection, found: Findings) -> None:
    """Compare what patients are found by with a rebuild; words of former names may stay."""
    faults = lookup_check.faults(connection)
    found.patients = faults.patients
    found.several(
        "Lookup would miss patients, or show otherwise than they are on record", faults.said(), MEND
    )


def _grants(connection: Connection, found: Findings) -> None:
    """Compare which grants end by age with a rebuild."""
    wrong = len(childhood.faults(connection))
    said = [f"of {wrong} patient{'s' if wrong > 1 else ''}"] if wrong else []
    found.several("Open work would miss what ends when somebody comes of age", said, MEND)


def _deceased(connection: Connection, found: Findings) -> None:
    """Compare which booked visits are of the deceased with a rebuild."""
    wrong = deceased.faults(connection)
    said = [f"{wrong} visit{'s' if wrong > 1 else ''}"] if wrong else []
    found.several("Open work would not show rightly what is booked for the deceased", said, MEND)


def _wall_times(connection: Connection, found: Findings) -> None:
    """Find visits that today's zone data put at another wall time than was agreed."""
    zone = ZoneInfo(str(connection.execute(select(organization.c.timezone)).scalar_one()))
    query = select(_a.id, _a.start_at, _a.wall, _a.status, _a.entered_in_error)
    moved = [
        f"agreed for {row['wall']}, now {row['start_at'].astimezone(zone):%Y-%m-%d %H:%M}"
        for rows in _pages(connection, query, _a.id)
        for row in rows
        if row["status"] in derived.HOLDING
        and not row["entered_in_error"]
        and f"{row['start_at'].astimezone(zone):%Y-%m-%d %H:%M}" != row["wall"]
    ]
    found.several(
        "Visits are no longer at the wall time that was agreed",
        moved,
        "The time zone's rules have changed; move these visits.",
    )


def _double(connection: Connection, found: Findings) -> None:
    """Find visits that share a practitioner's or a patient's time and place."""
    rows = connection.execute(select(practitioner.c.id, practitioner.c.code))
    codes = {row.id: row.code for row in rows}
    for holder, place, what in (
        (_a.practitioner_id, _a.place, "providers"),
        (_a.patient_id, _a.patient_place, "patients"),
    ):
        twice = [
            f"{codes.get(row.holder, 'a patient')} {other.wall} and {row.wall}"
            for other, row in _overlapping(connection.execute(_held(holder, place)))
        ]
        found.several(f"Some {what} are booked twice", twice, "Move one of each two visits.")


def _held(holder: Any, place: Any) -> Any:
    columns = (holder.label("holder"), place.label("place"), _a.start_at, _a.end_at, _a.wall)
    held = _a.status.in_(sorted(derived.HOLDING)) & ~_a.entered_in_error
    return select(*columns).where(held).order_by(holder, place, _a.start_at, _a.id)


def _overlapping(rows: Any) -> Iterator[tuple[Any, Any]]:
    """Return pairs of visits that overlap, of rows by holder, place and start."""
    last = None
    for row in rows:
        same = last is not None and (last.holder, last.place) == (row.holder, row.place)
        if same and last is not None and row.start_at < last.end_at:
            yield last, row
        if not same or last is None or row.end_at > last.end_at:
            last = row


_PARTS = (
    *(_file, _links, _merges, _occupancy, _lookup),
    *(_grants, _deceased, _wall_times, _double),
)


def _by(table: Any, column: Any, ids: Sequence[str]) -> Any:
    return select(table).where(column.in_(ids))


def _flat(table: Any, row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[column.name] for column in table.c)


def _say_visit(row: Any) -> str:
    return f"the visit of {row['wall']}"


def _parts(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for at in range(0, len(values), PAGE):
        yield values[at : at + PAGE]

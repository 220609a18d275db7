"""Duplicates over the whole clinic as a work list: found little by little, the likeliest first.

Whoever is new or changed waits in a queue; each look at the list goes on with it, so that no
desk ever waits for a pass over everybody.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from pcoord.domain.same_person import WARN, WORK, Likeness, Person, compare
from pcoord.services.desk import Desk
from pcoord.services.lookup import nicknames
from pcoord.store.bulk import insert_many
from pcoord.store.engine import Connection
from pcoord.store.queries import likely, merged
from pcoord.store.queries import lookup as queries
from pcoord.store.tables import DuplicatePair
from pcoord.store.unit import Unit

BATCH = 200
MOST = 500
TRIES = 5
ACTION = "duplicates.look"

_pairs = DuplicatePair.__table__  # type: ignore[attr-defined]

Tell = Callable[[int, int], None]


@dataclass(frozen=True)
class Pair:
    """Two records that may be one person, the longer known first; `score` is from 0 to 1."""

    id: str
    mrn: str | None
    family: str
    given: str
    birth_date: date | None
    other_id: str
    other_mrn: str | None
    other_family: str
    other_given: str
    other_birth_date: date | None
    score: float
    why: str


def pairs(desk: Desk) -> list[Pair]:
    """Return the open pairs, the likeliest first, `MOST` at most."""
    desk.demand("work.read")
    return [_pair(row) for row in desk.read(likely.work, MOST)]


def _pair(row: Any) -> Pair:
    return Pair(
        row.patient_id,
        row.mrn,
        row.family,
        *_told(row.given, row.birth_date, row.restricted),
        row.other_id,
        row.mrn_other,
        row.family_other,
        *_told(row.given_other, row.birth_date_other, row.restricted_other),
        Likeness(row.points).score,
        row.why,
    )


def _told(given: str, born: date | None, restricted: bool) -> tuple[str, date | None]:
    """Return what a list may show: of a restricted record an initial and no birth date."""
    return (f"{given[:1]}.", None) if restricted else (given, born)


def count(desk: Desk) -> int:
    """Return how many pairs are open."""
    desk.demand("work.read")
    return desk.read(likely.work_count)


def listed(desk: Desk) -> tuple[list[Pair], int]:
    """Return the pairs of the list, and how many there are in all."""
    found = pairs(desk)
    return found, count(desk) if len(found) >= MOST else len(found)


def waiting(desk: Desk) -> int:
    """Return how many patients wait to be compared."""
    return desk.read(likely.due_count)


def look(desk: Desk, most: int | None = None, tell: Tell | None = None) -> int:
    """Compare patients of the queue, at most so many; return how many are left.

    They are compared outside of any transaction. What was found of a batch is written in a short
    one, without an event, because it is derived; what was stopped goes on from there.
    """
    desk.demand("work.read")
    left = whole = waiting(desk)
    done, overtaken = 0, 0
    while left and not desk.store.read_only and (most is None or done < most):
        batch = desk.read(_look_at)
        desk.store.write(desk.who, ACTION, partial(_settle, batch))
        done += batch.settled
        left = left - batch.settled if batch.settled else waiting(desk)
        overtaken += not batch.settled  # another desk is at the same ones
        if overtaken == TRIES:
            break
        if tell is not None:
            tell(done, max(whole, done))
    return max(left, 0)


@dataclass
class _Batch:
    """The next of the queue: how they stood when they were compared, and the pairs alike."""

    stamps: dict[str, tuple[int, str | None]]
    alike: list[tuple[str, str]]
    settled: int = 0


def _look_at(connection: Connection) -> _Batch:
    """Compare the next of the queue with whoever is worth it."""
    ids = likely.due(connection, BATCH)
    stood = likely.stamps(connection, ids)
    found = compare_all(connection, ids)
    return _Batch(stood, [pair for pair, how in found.items() if how.points >= WORK])


def _settle(batch: _Batch, unit: Unit) -> None:
    """Write down who is alike; whoever was changed meanwhile waits for the next look."""
    connection, ids = unit.connection, list(batch.stamps)
    now = likely.stamps(connection, ids)
    ids = [key for key in likely.still_due(connection, ids) if now[key] == batch.stamps[key]]
    mine = set(ids)
    pairs = [pair for pair in batch.alike if mine & {*pair}]
    likely.forget(connection, ids)
    rows = [
        {"patient_id": one, "other_id": other, "points": how.points, "why": how.why}
        for (one, other), how in _compare(connection, pairs).items()
        if how.points >= WORK
    ]
    insert_many(connection, _pairs, rows, missing=True)
    batch.settled = len(ids)


def compare_all(connection: Connection, ids: Sequence[str]) -> dict[tuple[str, str], Likeness]:
    """Return how alike these patients and whoever shares a token with them are, pair by pair."""
    return _compare(connection, likely.pairs(connection, ids, nicknames()))


def _compare(
    connection: Connection, wanted: Collection[tuple[str, str]]
) -> dict[tuple[str, str], Likeness]:
    people: Mapping[str, Person] = likely.people(
        connection, {key for pair in wanted for key in pair}
    )
    words = nicknames()
    return {
        (one, other): compare(people[one], people[other], words)
        for one, other in sorted(wanted)
        if one in people and other in people
    }


def alike(desk: Desk, patient_id: str) -> list[str]:
    """Return the ids of those who may be the same person as this patient, the likeliest first."""
    desk.demand("patient.read")
    patient_id = desk.read(merged.survivor_of, patient_id)
    found = desk.read(compare_all, [patient_id])
    good = sorted(
        (-how.points, one if other == patient_id else other)
        for (one, other), how in found.items()
        if how.points >= WARN
    )
    return [key for _, key in good if not desk.read(merged.told_apart, patient_id, key)]


def lines(desk: Desk, ids: Sequence[str]) -> list[Any]:
    """Return what a line says of these patients."""
    return list(desk.read(queries.lines, list(ids)))

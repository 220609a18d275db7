"""Is the lookup tree what the records say: compared with a rebuild, and mended where it is not."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from pcoord.domain import clues
from pcoord.domain.clues import Row
from pcoord.store.lookup_index import (
    SOURCES,
    as_row,
    gather,
    lines,
    lookup_person,
    lookup_sound,
    lookup_token,
    parts,
    put_in,
    sound_rows,
    stored,
    take_out,
)

TOGETHER = 1000
"""So many short numbers in a row are summed up and compared at once."""

_p, _t, _s = lookup_person.c, lookup_token.c, lookup_sound.c
Keyed = tuple[Row, int]


@dataclass
class Faults:
    """What is wrong: patients whose clues or line are not those on record, rows that no clue gives
    or that are missing, and name words without all their sound keys."""

    patients: int = 0
    stale: set[str] = field(default_factory=set)
    missing: set[Keyed] = field(default_factory=set)
    extra: set[Keyed] = field(default_factory=set)
    unheard: set[str] = field(default_factory=set)

    def said(self) -> list[str]:
        """Return who and what is concerned, for a sentence."""
        rows = {f"patient no. {no}" for _, no in self.missing | self.extra}
        return [*sorted(self.stale), *sorted(rows), *sorted(self.unheard)]


def faults(connection: Connection) -> Faults:
    """Return what differs from a rebuild."""
    found = Faults()
    wanted: dict[int, int] = {}
    for people in _people(connection, found):
        for no, text in people:
            rows = clues.rows(text)
            wanted[no // TOGETHER] = wanted.get(no // TOGETHER, 0) + _sum(rows, no)
        words = {word for _, text in people for word in clues.words_of(text)}
        found.unheard |= _unheard(connection, words)
    _compare(connection, found, wanted)
    return found


def _people(connection: Connection, found: Faults) -> Iterator[list[tuple[int, str]]]:
    """Return (number, clues) of all patients in pages, noting those whose clues are stale."""
    patient = SOURCES["patient"].table.c
    last = ""
    query = select(patient.id).order_by(patient.id).limit(TOGETHER)
    while ids := list(connection.execute(query.where(patient.id > last)).scalars()):
        found.patients += len(ids)
        wanted, shown = gather(connection, ids), lines(connection, ids)
        there = stored(connection, ids)
        kept = {key: (person.text, person.line) for key, person in there.items()}
        found.stale |= {
            key for key in ids if kept.get(key, ("", None)) != (wanted.get(key, ""), shown.get(key))
        }
        yield [(person.no, person.text) for person in there.values()]
        last = ids[-1]


def _sum(rows: set[Row], no: int) -> int:
    return sum(hash((*row, no)) for row in rows)


# A server would send all of them at once, were they not asked for by and by.
_rows = select(_t.kind, _t.token, _t.other, _t.born, _t.no).execution_options(yield_per=10_000)


def _all_rows(connection: Connection) -> Iterator[tuple[Row, int]]:
    for kind, token, other, born, no in connection.execute(_rows):
        yield (kind, token, other, born), no


def _compare(connection: Connection, found: Faults, wanted: dict[int, int]) -> None:
    """Sum up the stored rows in one walk; look closer only where a sum differs."""
    sums: dict[int, int] = {}
    for row, no in _all_rows(connection):
        sums[no // TOGETHER] = sums.get(no // TOGETHER, 0) + hash((*row, no))
    bad = {group for group in sums | wanted if sums.get(group, 0) != wanted.get(group, 0)}
    if not bad:
        return
    stored_rows = {pair for pair in _all_rows(connection) if pair[1] // TOGETHER in bad}
    for group in sorted(bad):
        first = group * TOGETHER
        query = select(_p.no, _p.clues).where(_p.no >= first, _p.no < first + TOGETHER)
        rebuilt = {
            (row, one.no) for one in connection.execute(query) for row in clues.rows(one.clues)
        }
        here = {pair for pair in stored_rows if pair[1] // TOGETHER == group}
        found.missing |= rebuilt - here
        found.extra |= here - rebuilt


def _unheard(connection: Connection, words: set[str]) -> set[str]:
    """Return name words whose sound keys are not all stored."""
    wanted = {(row["key"], row["name"]) for row in sound_rows(words)}
    query = select(_s.key, _s.name)
    there = {
        (row.key, row.name)
        for part in parts(sorted({key for key, _ in wanted}))
        for row in connection.execute(query.where(_s.key.in_(part)))
    }
    return {name for _, name in wanted - there}


Mending = tuple[list[dict[str, Any]], list[dict[str, Any]]]


def mending(found: Faults) -> Iterator[Mending]:
    """Return (rows to take out, rows to put in) in parts that are written quickly."""
    for rows, side in ((sorted(found.extra), 0), (sorted(found.missing), 1)):
        for at in range(0, len(rows), TOGETHER):
            part = [as_row(*pair) for pair in rows[at : at + TOGETHER]]
            yield ([], part) if side else (part, [])


def mend(connection: Connection, part: Mending) -> None:
    """Take out and put in some rows of the tree."""
    take_out(connection, part[0])
    put_in(connection, part[1], missing=True)

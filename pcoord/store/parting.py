"""Taking a merge back completely, also after later work on the merged record.

What the merge changed is put back where nobody changed it since. What was added since stays with
the record that stayed, unless it hangs on something that goes back: the presence of a visit, the
message left in a call.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from pcoord.domain.errors import NotFound
from pcoord.store.belongings import BELONGINGS, OWNERS, Belonging, belonging, children
from pcoord.store.merging import demand_leads_to, free_place, standing
from pcoord.store.queries.merged import merge_step, replaced_by
from pcoord.store.tables import AuditEvent, Patient, metadata
from pcoord.store.undo import step_events
from pcoord.store.unit import Unit, model_of
from pcoord.store.values import restore

_events = AuditEvent.__table__  # type: ignore[attr-defined]
_MANY = 400
MERGE = "patient.merge"
"""The action whose steps are taken apart."""


@dataclass
class Parted:
    """What went back, what was added since and stays, and what stays as it was changed since."""

    back: Counter[str] = field(default_factory=Counter)
    stays: Counter[str] = field(default_factory=Counter)
    changed: list[str] = field(default_factory=list)
    elsewhere: Counter[str] = field(default_factory=Counter)


def part(unit: Unit, step: int, stays: str, goes: str) -> Parted:
    """Give `goes` its record back, which was merged into `stays` by that step.

    Raises ChangedMeanwhile when either was merged or taken apart just now.
    """
    events = step_events(unit, step)
    if not events:
        raise NotFound("There is no such merge to take back.")
    done = Parted()
    for key in sorted((stays, goes)):
        demand_leads_to(unit.row(Patient, key), key, stays if key == goes else None)
    # The last change first, and before all of them the record itself: it must stand again.
    events = sorted(events, key=lambda e: (e.record_id != goes, -e.seq))
    past = _Past(unit, {e.record_id for e in events if e.table_name})
    for event in events:
        if event.table_name:
            _reverse(unit, event, goes, done, past)
    later = _Later(unit, max(e.seq for e in events), stays, goes)
    went = {(e.table_name, e.record_id) for e in events if e.table_name in OWNERS}
    done.back += later.follow(went)
    done.stays = later.stayed()
    _bring_back_doubles(unit, stays)
    _settle_places(unit, goes)
    unit.touch(Patient, stays)
    unit.undoing(step)
    return done


def _reverse(unit: Unit, event: Any, goes: str, done: Parted, past: "_Past") -> None:
    table = metadata.tables[event.table_name]
    now = unit.row(model_of(table), event.record_id)
    if event.version_before is None:
        changes: dict[str, Any] = {"entered_in_error": True}
    else:
        changes = _unchanged_since(table, event, now, done, past)
    owners = OWNERS.get(table.name, ())
    if changes:
        unit.update(model_of(table), event.record_id, **changes)
    if any(changes.get(column) == goes for column in owners):
        after = dict(now) | changes
        done.back[table.name] += not after["entered_in_error"]


def _unchanged_since(
    table: Any, event: Any, now: Any, done: Parted, past: "_Past"
) -> dict[str, Any]:
    """Return the old values of the columns that still are as the merge left them."""
    before, after = restore(table, event.before), restore(table, event.after)
    before = {name: past.truly(table, event, name, old) for name, old in before.items()}
    changes = {name: old for name, old in before.items() if now[name] == after[name]}
    kept = [name for name in before if name not in changes and now[name] != before[name]]
    if any(name in OWNERS.get(table.name, ()) for name in kept):
        done.elsewhere[table.name] += 1
        return {}
    if table.name == "patient":
        done.changed += kept
    return changes


class _Past:
    """What earlier merges changed in some records that have been taken apart since.

    A value that one of them had brought is no value to go back to.
    """

    def __init__(self, unit: Unit, record_ids: Iterable[str]) -> None:
        self._changes: dict[tuple[str, str], list[Any]] = {}
        undone = select(_events.c.undoes).where(_events.c.undoes.is_not(None))
        wanted = sorted(record_ids)
        for at in range(0, len(wanted), _MANY):
            query = select(_events).where(
                _events.c.record_id.in_(wanted[at : at + _MANY]),
                _events.c.kind == "change",
                _events.c.version_before.is_not(None),
                _events.c.step.in_(undone),
            )
            for event in unit.connection.execute(query.order_by(_events.c.seq.desc())):
                self._changes.setdefault((event.table_name, event.record_id), []).append(event)

    def truly(self, table: Any, event: Any, name: str, old: Any) -> Any:
        """Return what a column was before an event, had the merges taken apart never been."""
        for earlier in self._changes.get((event.table_name, event.record_id), ()):
            if earlier.seq < event.seq:
                after = restore(table, earlier.after)
                if name in after and after[name] == old:
                    old = restore(table, earlier.before)[name]
        return old


class _Later:
    """What was added to the merged record after the merge."""

    def __init__(self, unit: Unit, seq: int, stays: str, goes: str) -> None:
        self.unit, self.seq, self.stays, self.goes = unit, seq, stays, goes
        self._followed: set[tuple[str, str]] = set()

    def follow(self, went: Iterable[tuple[str, str]]) -> Counter[str]:
        """Move what hangs on the things that went back; return how much, by table."""
        found: Counter[str] = Counter()
        waiting = [pair for pair in went if self._owner(*pair) == self.goes]
        while waiting:
            table, record_id = waiting.pop()
            for entry, row in self._made_for(table, record_id):
                key = (entry.table, row["id"])
                if key not in self._followed:
                    self._followed.add(key)
                    waiting.append(key)
                    changes: dict[str, Any] = {entry.column: self.goes}
                    self.unit.update(model_of(entry.rows), row["id"], **changes)
                    found[entry.table] += 1
        return found

    def stayed(self) -> Counter[str]:
        """Count what was added since and does not go along, by table."""
        found: Counter[str] = Counter()
        for entry in dict.fromkeys(belonging(one.table) for one in BELONGINGS):
            ids = [row["id"] for row in standing(self.unit.connection, entry, self.stays)]
            made = _made_since(self.unit.connection, ids, self.seq)
            if made:
                found[entry.table] = len(made)
        return found

    def _owner(self, table: str, record_id: str) -> str | None:
        entry = belonging(table)
        row = self.unit.row(model_of(entry.rows), record_id)
        return str(row[entry.column]) if row[entry.column] else None

    def _made_for(self, table: str, record_id: str) -> Iterator[tuple[Belonging, Any]]:
        for entry, column in children(table):
            query = select(entry.rows).where(column == record_id, entry.owner == self.stays)
            rows = list(self.unit.connection.execute(query).mappings())
            made = _made_since(self.unit.connection, [row["id"] for row in rows], self.seq)
            yield from ((entry, row) for row in rows if row["id"] in made)


def _made_since(connection: Connection, ids: Sequence[str], seq: int) -> set[str]:
    """Return those of some records that were made after an event."""
    found: set[str] = set()
    for at in range(0, len(ids), _MANY):
        query = select(_events.c.record_id).where(
            _events.c.record_id.in_(ids[at : at + _MANY]),
            _events.c.kind == "change",
            _events.c.version_before.is_(None),
            _events.c.seq > seq,
        )
        found |= set(connection.execute(query).scalars())
    return found


def _bring_back_doubles(unit: Unit, stays: str) -> None:
    """Let stand again what a merge kept once only, where the other of the two went back."""
    for goes in replaced_by(unit.connection, stays):
        step = merge_step(unit.connection, goes.id, MERGE)
        for event in step_events(unit, step) if step is not None else ():
            entries = [one for one in BELONGINGS if one.table == event.table_name and one.doubles]
            if entries and event.version_before is not None:
                _bring_back(unit, entries[0], event, stays)


def _bring_back(unit: Unit, entry: Belonging, event: Any, stays: str) -> None:
    table = entry.rows
    if not restore(table, event.after).get("entered_in_error"):
        return
    row = unit.row(model_of(table), event.record_id)
    here = standing(unit.connection, entry, stays)
    alone = not any(all(one[c] == row[c] for c in entry.doubles or ()) for one in here)
    if row["entered_in_error"] and row[entry.column] == stays and alone:
        unit.update(model_of(table), event.record_id, entered_in_error=False)


def _settle_places(unit: Unit, patient_id: str) -> None:
    """Give visits that would now share their patient's time a place each."""
    entry = belonging("appointment")
    here: list[Any] = []
    for row in standing(unit.connection, entry, patient_id):
        place = free_place(row, here)
        if place != row["patient_place"]:
            unit.update(model_of(entry.rows), row["id"], patient_place=place)
        here.append(dict(row) | {"patient_place": place})

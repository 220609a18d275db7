"""Taking a step back: every record must still stand as the step left it."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table, func, select

from pcoord.domain.errors import Conflict, NotFound, Refused
from pcoord.store.tables import AuditEvent, metadata
from pcoord.store.unit import Unit, model_of
from pcoord.store.values import restore

_events = AuditEvent.__table__  # type: ignore[attr-defined]
_MODELS = {table.name: table for table in metadata.sorted_tables}


class BuiltUpon(Conflict):
    """Somebody did more with a record since; carries the event that did, and what helps then."""

    def __init__(self, event: Any, instead: str = "") -> None:
        super().__init__("Somebody else changed it since, so it stays as it is.")
        self.event = event
        self.instead = instead


def step_events(unit: Unit, step: int) -> Sequence[Any]:
    """Return the change events of a step, oldest first."""
    query = select(_events).where(_events.c.step == step, _events.c.kind == "change")
    return unit.connection.execute(query.order_by(_events.c.seq)).all()


def columns_of(event: Any) -> set[str]:
    """Return the columns that a change turned; none for what was made."""
    return set() if event.version_before is None else set(json.loads(event.after))


def last_step(unit: Unit, **origin: Any) -> int | None:
    """Return the newest step not yet taken back of a session (`session_id`) or user (`user_id`).

    Steps that took something back do not count, so that `u` walks back one step at a time.
    """
    undone = select(_events.c.undoes).where(_events.c.undoes.is_not(None))
    query = select(func.max(_events.c.step)).where(
        _events.c.kind == "change",
        _events.c.said.is_not(None),
        _events.c.undoes.is_(None),
        _events.c.step.not_in(undone),
        *(_events.c[name] == value for name, value in origin.items() if name != "since"),
        *((_events.c.at >= origin["since"],) if "since" in origin else ()),
    )
    return unit.connection.execute(query).scalar()


def take_back(unit: Unit, step: int) -> str:
    """Write the inverse of a step into this unit and return the sentence that it had."""
    events = step_events(unit, step)
    if not events:
        raise NotFound("There is no such step to take back.")
    _may_go_back(unit, step, events[0])
    for event in reversed(events):
        if event.table_name:
            _reverse(unit, event, step)
    unit.undoing(step)
    return str(events[0].said or "")


def _may_go_back(unit: Unit, step: int, first: Any) -> None:
    if first.final:
        raise Refused(f"This cannot be taken back: {first.said}")
    query = select(_events.c.step).where(_events.c.undoes == step)
    if unit.connection.execute(query).first():
        raise Refused(f"This was taken back already: {first.said}")


def _reverse(unit: Unit, event: Any, step: int) -> None:
    table = _MODELS[event.table_name]
    later = [] if _is_mark(event) else _standing_since(unit, event)
    if later:
        raise BuiltUpon(later[-1])
    if event.table_name == "patient" and "replaced_by_id" in columns_of(event):
        _refuse_when_added_to(unit, event)
    if event.version_before is None:
        _refuse_when_used(unit, table, event.record_id, step)
        changes: dict[str, Any] = {"entered_in_error": True}
        if "status" in table.c and table.name in {"appointment", "encounter"}:
            changes["status"] = "entered-in-error"
    else:
        changes = restore(table, event.before)
    unit.touch(model_of(table), event.record_id, **changes)


def _standing_since(unit: Unit, event: Any) -> list[Any]:
    """Return other steps' later changes of the record, less those that were taken back since.

    A step taken back and the step that took it back leave the record as it was between them.
    """
    query = select(_events).where(
        _events.c.record_id == event.record_id,
        _events.c.kind == "change",
        _events.c.seq > event.seq,
        _events.c.step != event.step,
    )
    later = unit.connection.execute(query.order_by(_events.c.seq)).all()
    steps = [row.step for row in later]
    pairs = select(_events.c.step, _events.c.undoes).where(
        _events.c.undoes.in_(steps), _events.c.undoes > event.step
    )
    gone = {step for pair in unit.connection.execute(pairs) for step in pair}
    return [row for row in later if row.step not in gone and not _is_mark(row)]


# Changes of what hangs on a patient and is a record of its own: phones, addresses, names, alerts;
# and what took such a change back.
_OF_PARTS = frozenset({"patient.edit", "record.add", "record.change", "record.remove", "step.undo"})


def _is_mark(event: Any) -> bool:
    """Tell whether a patient's version only counts that a part changed: no column did.

    A form that was open meanwhile must see it; there is nothing in it to build on or to restore.
    """
    if event.table_name != "patient" or event.action not in _OF_PARTS:
        return False
    return event.version_before is not None and not columns_of(event)


def _refuse_when_added_to(unit: Unit, merge: Any) -> None:
    """Refuse to take two records apart when one of them has got more since.

    It may have been meant for the other one.
    """
    both = [merge.record_id, json.loads(merge.after)["replaced_by_id"]]
    undone = select(_events.c.undoes).where(_events.c.undoes.is_not(None))
    query = select(_events).where(
        _events.c.patient_id.in_([one for one in both if one is not None]),
        _events.c.kind == "change",
        _events.c.seq > merge.seq,
        _events.c.step != merge.step,
        _events.c.version_before.is_(None),
        _events.c.table_name.is_not(None),
        _events.c.step.not_in(undone),
    )
    added = unit.connection.execute(query.order_by(_events.c.seq.desc()).limit(1)).first()
    if added is not None:
        raise BuiltUpon(added, "`unmerge` takes them apart and says what stays where.")


def _refuse_when_used(unit: Unit, table: Table, record_id: str, step: int) -> None:
    """Refuse to void a record that a later, standing record hangs on."""
    for other in metadata.sorted_tables:
        for column in other.c:
            if "entered_in_error" not in other.c or not _points_at(column, table):
                continue
            query = select(other.c.id).where(column == record_id, ~other.c.entered_in_error)
            for row in unit.connection.execute(query):
                _refuse_unless_same_step(unit, row.id, step)


def _points_at(column: Any, table: Table) -> bool:
    return any(key.column.table is table for key in column.foreign_keys)


def _refuse_unless_same_step(unit: Unit, record_id: str, step: int) -> None:
    query = select(_events).where(_events.c.record_id == record_id, _events.c.kind == "change")
    made = unit.connection.execute(query.order_by(_events.c.seq)).first()
    if made is None or made.step != step:
        raise BuiltUpon(made)

"""The history of a record: who changed what and when, read from the event stream."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pcoord.domain.alerts import seen_by
from pcoord.domain.dates import say_day, say_time
from pcoord.services import restricted_records
from pcoord.services.desk import Desk
from pcoord.services.looks import note_look
from pcoord.services.patient_fields import WORDS
from pcoord.services.record_parts import PARTS
from pcoord.store.queries import cards, events

TABLES = ("patient", "identifier", *(part.model.__tablename__ for part in PARTS.values()))
MOST = 300
_SILENT = frozenset(
    {
        "id",
        "patient_id",
        "version",
        "digits",
        "created_at",
        "position",
        "system",
        "entered_in_error",
    }
)


@dataclass(frozen=True)
class Past:
    """One step in a record's history; `lines` say what was before and after, `moment` is UTC.

    `standing` is False once it was taken back; `final` steps cannot be.
    """

    step: int
    at: str
    who: str
    said: str
    lines: tuple[str, ...]
    moment: datetime
    standing: bool
    final: bool


def history(desk: Desk, patient_id: str) -> list[Past]:
    """Return what was changed in a patient's record, newest first; the look is recorded first."""
    desk.demand("patient.read")
    restricted_records.demand_open(desk, patient_id)
    note_look(desk, patient_id, "patient.open")
    hidden = {
        row.id
        for row in desk.read(cards.alerts_ever, patient_id)
        if not seen_by(row.audience, desk.who.role)
    }
    rows = desk.read(events.record_changes, patient_id, TABLES, MOST)
    steps: dict[int, list[Any]] = {}
    for row in rows:
        if row.record_id not in hidden:
            steps.setdefault(row.step, []).insert(0, row)
    told = desk.read(events.of_steps, list(steps)) if steps else []
    return [_past(desk, step, changes, told) for step, changes in steps.items()]


def _past(desk: Desk, step: int, changes: Sequence[Any], told: Sequence[Any]) -> Past:
    first = next((row for row in told if row.step == step), None)
    local = desk.clinic.local(changes[0].at)
    traces = [row.said for row in changes if row.action == events.REASSIGNED and row.said]
    said = first.said if first else ""
    if traces:
        # Whose record it came from, or went to, is told as a list would tell it.
        said = restricted_records.least_in(desk, traces[-1], desk.read(events.patients_of, step))
    return Past(
        step=step,
        at=f"{say_day(local.date(), desk.today)} {say_time(local.time())}",
        who=changes[0].username,
        said=said,
        lines=tuple(line for row in changes for line in _lines(desk, row)),
        moment=changes[0].at,
        standing=not any(row.undoes == step for row in told),
        final=bool(first and first.final),
    )


def _lines(desk: Desk, row: Any) -> list[str]:
    if row.table_name not in TABLES:
        return []
    before = json.loads(row.before) if row.before else {}
    after = json.loads(row.after) if row.after else {}
    what = _TITLES.get(row.table_name, "")
    if not row.before:
        shown = [f"{_word(row, k)} {_say(desk, v)}" for k, v in after.items() if _told(k, v)]
        return [f"{what or 'record'} added: {', '.join(shown)}"] if shown else []
    if after.get("entered_in_error"):
        return [f"{what} taken out"]
    if before.get("entered_in_error"):
        return [f"{what} is back"]
    lead = f"{what}: " if what else ""
    return [
        f"{lead}{_word(row, name)}: {_say(desk, before.get(name))} to {_say(desk, value)}"
        for name, value in after.items()
        if name not in _SILENT
    ]


_TITLES = {part.model.__tablename__: part.one for part in PARTS.values()}
_TITLES["identifier"] = "number"
_LABELS = {part.model.__tablename__: part.labels for part in PARTS.values()}


def _told(name: str, value: Any) -> bool:
    """A new entry is told by what it holds, not by what it leaves empty."""
    return name not in _SILENT and value not in (None, "", False)


def _word(row: Any, name: str) -> str:
    known = _LABELS.get(row.table_name, WORDS)
    column = {"practitioner_id": "practitioner"}.get(name, name)
    return known.get(column, column.replace("_", " "))


def _say(desk: Desk, value: Any) -> str:
    if value in (None, ""):
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    for practitioner in desk.clinic.practitioners:
        if value == practitioner.id:
            return practitioner.code
    return str(value)

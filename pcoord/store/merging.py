"""Two records of one person made one, in one step.

Everything in the list of belongings moves from the record that gives way to the one that stays;
what both have is kept once. Every change is an event of the step, so that it can be taken back.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from pcoord.domain.disclosure import LEAVE
from pcoord.domain.slots import cells
from pcoord.store.belongings import BELONGINGS, Belonging
from pcoord.store.derived import HOLDING
from pcoord.store.tables import HumanName, Patient
from pcoord.store.unit import ChangedMeanwhile, Unit, model_of

# Where either record says so, it is so.
WARY = ("never", "safe", "emergency", "guarantor")


@dataclass
class Moved:
    """What a merge moved, by the entry's table, and the visits that now overlap another."""

    counts: Counter[str] = field(default_factory=Counter)
    overlapping: list[str] = field(default_factory=list)


def merge(
    unit: Unit,
    stays: str,
    goes: str,
    *,
    chosen: Mapping[str, Any],
    seen: int | None = None,
    seen_other: int | None = None,
    home_of_other: bool = False,
) -> Moved:
    """Move all that hangs on `goes` to `stays`, and have the old record lead to it.

    `chosen` are columns of the patient to be written; with `home_of_other` the home address is
    the one of the record that goes. Raises ChangedMeanwhile when one is not as it was seen, or was
    merged into another while this one waited for it.
    """
    rows = {key: unit.row(Patient, key) for key in sorted((stays, goes))}
    for key, row in rows.items():
        demand_leads_to(row, key, None)
    before, other = rows[stays], rows[goes]
    moved = Moved()
    for entry in BELONGINGS:
        _move(unit, entry, stays, goes, moved, home_of_other=home_of_other)
    _keep_names(unit, {**before, **chosen}, (before, other))
    unit.update(Patient, stays, seen, **chosen)
    if all(before[name] == value for name, value in chosen.items()):
        unit.touch(Patient, stays)
    # The last change of the step: whoever takes it back begins by letting the record stand again.
    unit.update(Patient, goes, seen_other, active=False, replaced_by_id=stays)
    return moved


def demand_leads_to(row: Mapping[str, Any], key: str, further: str | None) -> None:
    """Raise ChangedMeanwhile unless a record, now held, leads to `further`; None: it stands.

    Two desks may merge, and take apart, the same records at the same moment: what was read before
    the record was held may be over.
    """
    if row["replaced_by_id"] != further:
        raise ChangedMeanwhile("patient", key)


def standing(connection: Connection, entry: Belonging, patient_id: str) -> list[Any]:
    """Return the rows of an entry that a patient has, as mappings, those in error left out."""
    query = select(entry.rows).where(entry.owner == patient_id, ~entry.rows.c.entered_in_error)
    return list(connection.execute(query.order_by(entry.rows.c.id)).mappings())


def counts(connection: Connection, patient_id: str) -> Counter[str]:
    """Return how much of each table hangs on a patient."""
    found: Counter[str] = Counter()
    for entry in BELONGINGS:
        found[entry.table] += len(standing(connection, entry, patient_id))
    return found


def _move(
    unit: Unit, entry: Belonging, stays: str, goes: str, moved: Moved, *, home_of_other: bool
) -> None:
    query = select(entry.rows).where(entry.owner == goes).order_by(entry.rows.c.id)
    theirs = list(unit.connection.execute(query).mappings())
    if not theirs:
        return
    here = standing(unit.connection, entry, stays)
    adjust = _Adjust(unit, entry, here, home_of_other)
    for row in theirs:
        changes: dict[str, Any] = {entry.column: stays}
        if not row["entered_in_error"]:
            changes |= adjust.changes(row, stays)
            if not changes.get("entered_in_error"):
                moved.counts[entry.table] += 1
                here.append(dict(row) | changes)
        unit.update(model_of(entry.rows), row["id"], **changes)
    moved.overlapping += adjust.overlapping


class _Adjust:
    """What must change in a row besides its owner, so that it fits beside those already there."""

    def __init__(
        self, unit: Unit, entry: Belonging, here: Sequence[Any], home_of_other: bool
    ) -> None:
        self.unit, self.entry, self.here = unit, entry, here
        self.home_of_other = home_of_other
        self.overlapping: list[str] = []

    def changes(self, row: Any, stays: str) -> dict[str, Any]:
        """Return the further changes of a standing row that moves."""
        if self._is_double(row, stays):
            return {"entered_in_error": True}
        own = getattr(self, f"_{self.entry.table}", None)
        return own(row) if own is not None else {}

    def _is_double(self, row: Any, stays: str) -> bool:
        if self.entry.table == "not_same_person":
            # They are one person after all.
            return stays in (row["patient_id"], row["other_id"])
        doubles = self.entry.doubles
        twin = next(
            (one for one in self.here if doubles and all(one[c] == row[c] for c in doubles)), None
        )
        if twin is not None:
            self._keep_wary(twin, row)
        return twin is not None

    def _keep_wary(self, twin: Any, row: Any) -> None:
        """Of what is kept once, the more careful word holds: nothing may be left, never call."""
        changes: dict[str, Any] = {name: True for name in WARY if row.get(name) and not twin[name]}
        if "may_leave" in row and _strictness(row["may_leave"]) < _strictness(twin["may_leave"]):
            changes["may_leave"] = row["may_leave"]
        if changes:
            self.unit.update(model_of(self.entry.rows), twin["id"], None, **changes)

    def _contact_point(self, row: Any) -> dict[str, Any]:
        return {"position": max((one["position"] for one in self.here), default=-1) + 1}

    def _identifier(self, row: Any) -> dict[str, Any]:
        """One number of each kind is the usual one; the others stay findable as old ones."""
        usual = {one["system"] for one in self.here if one["use"] == "usual"}
        return {"use": "old"} if row["use"] == "usual" and row["system"] in usual else {}

    def _address(self, row: Any) -> dict[str, Any]:
        same = [one for one in self.here if one["use"] == row["use"] and row["use"] != "old"]
        if same and self.home_of_other and row["use"] == "home":
            for one in same:
                self.unit.update(model_of(self.entry.rows), one["id"], use="old")
            return {}
        return {"use": "old"} if same else {}

    def _appointment(self, row: Any) -> dict[str, Any]:
        place = free_place(row, self.here)
        if any(_overlap(row, one) for one in self.here):
            self.overlapping.append(row["id"])
        return {"patient_place": place} if place != row["patient_place"] else {}


def _strictness(may_leave: str) -> int:
    return LEAVE.index(may_leave) if may_leave in LEAVE else 0


def free_place(row: Any, others: Iterable[Any]) -> int:
    """Return the first place of its patient's time that a visit can have beside these others."""
    taken = {one["patient_place"] for one in others if _overlap(row, one)}
    if row["patient_place"] not in taken:
        return int(row["patient_place"])
    return next(n for n in range(len(taken) + 1) if n not in taken)


def _overlap(one: Any, other: Any) -> bool:
    if not {one["status"], other["status"]} <= HOLDING:
        return False
    first, second = _span(one), _span(other)
    return first[0] <= second[-1] and second[0] <= first[-1]


def _span(row: Any) -> Sequence[int]:
    start: datetime = row["start_at"]
    return cells(start, row["end_at"])


def _keep_names(unit: Unit, final: Mapping[str, Any], records: Iterable[Any]) -> None:
    """Keep what either record was called as an old name, so that it still finds the patient."""
    stays = str(final["id"])
    entry = next(one for one in BELONGINGS if one.table == "human_name")
    known = {(one["family"], one["given"]) for one in standing(unit.connection, entry, stays)}
    known.add((final["family"], final["given"]))
    for record in records:
        given = " ".join(filter(None, (record["given"], record["middle"])))
        full = (record["family"], given)
        same = (record["family"], record["given"]) in known and record["middle"] in (
            None,
            final["middle"],
        )
        if not same and full not in known:
            known.add(full)
            unit.insert(HumanName, patient_id=stays, use="old", family=full[0], given=full[1])
        called = record["preferred"]
        if called and called != final["preferred"] and (None, called) not in known:
            known.add((None, called))
            unit.insert(HumanName, patient_id=stays, use="nickname", given=called)

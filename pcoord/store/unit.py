"""The unit of work: the one way records change.

Inside one short transaction it writes rows with their versions, refreshes what is derived from
them, and adds one audit event a row; all of it is one step that can be taken back.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, String, Table, insert, select, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import AutoString, SQLModel

from pcoord.domain.errors import Conflict, NotFound
from pcoord.domain.text import scrub
from pcoord.store import audit, childhood, deceased, derived
from pcoord.store.audit import Who
from pcoord.store.belongings import OWNERS
from pcoord.store.bulk import insert_many
from pcoord.store.failures import KEY_TAKEN, is_taken
from pcoord.store.ids import new_id
from pcoord.store.queries.merged import survivor_of
from pcoord.store.schema import begin_step
from pcoord.store.tables import AuditEvent, Counter
from pcoord.store.values import canonical

Model = type[SQLModel]
_events = AuditEvent.__table__  # type: ignore[attr-defined]
_counter = Counter.__table__  # type: ignore[attr-defined]
_MULTILINE = frozenset({"note", "text"})
_UNTOUCHED = frozenset({"password_hash"})


@dataclass(frozen=True)
class Step:
    """What one transaction did: its number, its sentence, and the record it was about.

    `undoes` is the step it took back.
    """

    number: int
    said: str
    kind: str | None = None
    id: str | None = None
    patient_id: str | None = None
    final: bool = False
    undoes: int | None = None


class ChangedMeanwhile(Conflict):
    """The record is no longer as the person saw it."""

    def __init__(self, table: str, record_id: str, seen: int | None = None) -> None:
        super().__init__("Somebody else changed this just now; look again. Nothing was stored.")
        self.table = table
        self.record_id = record_id
        self.seen = seen


def table_of(model: Model) -> Table:
    """Return the Core table of a declared class."""
    return model.__table__  # type: ignore[attr-defined]


class _Shell:
    def __init__(self, table: Table) -> None:
        self.__table__ = table


def model_of(table: Table) -> Model:
    """Let a Core table stand where a declared class is expected."""
    return _Shell(table)  # type: ignore[return-value]


class Unit:
    """One transaction in the making. `now` is its moment, in UTC."""

    def __init__(
        self,
        connection: Connection,
        key: bytes,
        who: Who,
        action: str,
        now: datetime,
        known: audit.Sealed | None = None,
    ) -> None:
        self.connection = connection
        self.who = who
        self.action = action
        self.now = now
        self.number, self._transaction = begin_step(connection)
        self._key = key
        self._known = known
        # Rows that this transaction holds, as they stand, and where merged patients lead.
        self._held: dict[tuple[str, str], Any] = {}
        self._leads: dict[str, str] = {}
        # Visits whose times or people this transaction changed, as they stand.
        self._visits: dict[str, Mapping[str, Any]] = {}
        self._new_visits: set[str] = set()
        self._rows: list[dict[str, Any]] = []
        self._stale: dict[str, set[str]] = {}
        self._said = ""
        self._about: tuple[str | None, str | None] = (None, None)
        self._patient_id: str | None = None
        self._final = False
        self._undoes: int | None = None
        # Versions that the person was shown after the one that a step names.
        self.shown: Mapping[str, int] = {}
        # What would be done is asked, not done: then any version will do.
        self.any_version = False
        # By what this unit is found again once its events are written.
        self.sealed: audit.Sealed | None = None

    def insert(self, model: Model, **values: Any) -> str:
        """Add a record and return its key, which the client may have made before."""
        table = table_of(model)
        full = defaults(model) | {"id": values.pop("id", None) or new_id()} | values
        full = self._lead(table, clean(table, full))
        if table.name == "appointment":
            derived.queue_up(self.connection, full)
            self._visits[full["id"]] = full
            self._new_visits.add(full["id"])
        self.connection.execute(insert(table), [full])
        self._record(table, full["id"], None, full["version"], None, full, full)
        return str(full["id"])

    def update(self, model: Model, record_id: str, seen: int | None = None, **changes: Any) -> None:
        """Change a record that still is as it was seen; raise ChangedMeanwhile otherwise."""
        self._change(model, record_id, seen, changes)

    def touch(self, model: Model, record_id: str, **changes: Any) -> None:
        """Change a record, counting a version even when only what hangs on it changes."""
        self._change(model, record_id, None, changes, touch=True)

    def _change(
        self,
        model: Model,
        record_id: str,
        seen: int | None,
        changes: dict[str, Any],
        *,
        touch: bool = False,
    ) -> None:
        table = table_of(model)
        before = self.row(model, record_id, seen)
        changes = self._lead(table, clean(table, changes))
        moved = {k: v for k, v in changes.items() if before[k] != v}
        version = before["version"]
        if not moved and not touch:
            return
        after = dict(before) | moved
        if table.name == "appointment" and derived.is_guarded_otherwise(before, after):
            derived.queue_up(self.connection, before, after)
            self._visits[record_id] = after
        self._swap(table, record_id, version, moved)
        if table.name == "patient":
            self._leads.clear()
        self._held[table.name, record_id] = after | {"version": version + 1}
        old = {name: before[name] for name in moved}
        self._record(table, record_id, version, version + 1, old, moved, after)
        self._refresh(table, before)

    def _lead(self, table: Table, values: dict[str, Any]) -> dict[str, Any]:
        """Have what is written about a merged record go to the one that it leads to."""
        owners = {column: values.get(column) for column in OWNERS.get(table.name, ())}
        return values | {
            column: self._leads_to(owner) for column, owner in owners.items() if owner is not None
        }

    def _leads_to(self, patient_id: str) -> str:
        """Return the record that stands for a patient, which nobody merges before the end."""
        if patient_id not in self._leads:
            self._leads[patient_id] = survivor_of(self.connection, patient_id, hold=True)
        return self._leads[patient_id]

    def expect(self, table: str, record_id: str, version: int, seen: int | None) -> None:
        """Raise ChangedMeanwhile unless the person was shown the version that stands."""
        if self.any_version or seen in (None, version) or self.shown.get(record_id) == version:
            return
        raise ChangedMeanwhile(table, record_id, seen)

    def row(self, model: Model, record_id: str, seen: int | None = None) -> Any:
        """Return one record as it stands inside this transaction.

        Raise ChangedMeanwhile when that is not the version that the person has `seen`.
        """
        table = table_of(model)
        found = self._held.get((table.name, record_id)) or self._hold(table, record_id)
        if found is None:
            raise NotFound("That record is not here any more; look again.")
        if seen is not None:
            self.expect(table.name, record_id, found["version"], seen)
        return found

    def _hold(self, table: Table, record_id: str) -> Any:
        """Read a row that nobody else changes before the end; it is read once."""
        query = select(table).where(table.c.id == record_id)
        if self.connection.dialect.name == "postgresql":
            query = query.with_for_update()
        found = self.connection.execute(query).mappings().first()
        if found is not None:
            self._held[table.name, record_id] = found
        return found

    def next_number(self, name: str, start: int = 1) -> int:
        """Return the next number people see (mrn, call, ...); it is given out only once."""
        return self.next_numbers(name, 1, start)

    def next_numbers(self, name: str, count: int, start: int = 1) -> int:
        """Take the next `count` numbers and return the last of them."""
        changed = self.connection.execute(
            update(_counter)
            .where(_counter.c.name == name)
            .values(value=_counter.c.value + count)
            .returning(_counter.c.value)
        ).scalar()
        if changed is None:
            first = [{"name": name, "value": start + count - 1}]
            self.connection.execute(insert(_counter), first)
            return start + count - 1
        return int(changed)

    def pass_number(self, name: str, value: int) -> None:
        """Have numbers go on behind `value`; a counter never goes back."""
        query = select(_counter.c.value).where(_counter.c.name == name)
        now = int(self.connection.execute(query).scalar() or 0)
        if value > now:
            self.next_numbers(name, value - now, 1)

    def say(
        self,
        sentence: str,
        *,
        about: tuple[str, str] | None = None,
        patient_id: str | None = None,
        final: bool = False,
    ) -> None:
        """Give the step its sentence, the record it is about, and whether it may be taken back."""
        self._said = sentence
        self._about = about or self._about
        self._patient_id = patient_id or self._patient_id
        self._final = final

    def bulk(self, model: Model, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Add many rows at once, without an event each; the caller adds one a patient.

        Returns the rows as they are stored.
        """
        if rows:
            table = table_of(model)
            if table.name not in derived.TABLES:
                base = defaults(model) if "version" in table.c else {}
                rows = [base | row for row in rows]
                _clean_all(table, rows)
            insert_many(self.connection, table, rows)
            if table.name == "patient":
                derived.compare_later(self.connection, [row["id"] for row in rows])
            if table.name == "related_person":
                childhood.rewrite(self.connection, [row["patient_id"] for row in rows])
            if table.name == "appointment":
                deceased.of_visits(self.connection, [row["id"] for row in rows])
        return rows

    def event(self, **values: Any) -> None:
        """Add one event that stands for bulk rows."""
        self._rows.append(values)

    def stale(self, table: str, record_id: str) -> None:
        """Have the derived rows of a bulk record written at the end of this transaction."""
        self._stale.setdefault(table, set()).add(record_id)

    @property
    def said(self) -> str:
        """Return the sentence of the step so far."""
        return self._said

    @property
    def kind(self) -> str | None:
        """Return what kind of record the step is about."""
        return self._about[0]

    @property
    def patient_id(self) -> str | None:
        """Return whom the step is about."""
        return self._patient_id

    def continues(self, step: int) -> None:
        """Make this transaction a further part of a step that began in an earlier one."""
        self.number = step

    @property
    def undoes(self) -> int | None:
        """Return the step that this one takes back, None for any other step."""
        return self._undoes

    def undoing(self, step: int) -> None:
        """Mark this step as taking back another; only one can."""
        self._undoes = step

    def finish(self) -> Step:
        """Refresh what is derived, write the events, and return the step (not yet committed)."""
        derived.reoccupy_with(self.connection, self._visits, self._new_visits)
        for table, ids in sorted(self._stale.items()):
            derived.REFRESH[table][0](self.connection, sorted(ids))
        kind, record_id = self._about
        whose = (kind, record_id, self._patient_id)
        step = Step(self.number, self._said, *whose, self._final, self._undoes)
        if self._rows:
            self._write_events()
        return step

    def _write_events(self) -> None:
        common = {"kind": "change", "action": self.action, "step": self.number}
        rows = [common | {"patient_id": self._patient_id} | _known(row) for row in self._rows]
        rows[0] |= {"said": self._said or None, "final": self._final, "undoes": self._undoes}
        self.sealed = audit.append(
            *(self.connection, self._key, self.who, self.now, rows),
            *(self._transaction, self._known),
        )

    def _swap(self, table: Table, record_id: str, seen: int, values: dict[str, Any]) -> None:
        statement = update(table).where(table.c.id == record_id, table.c.version == seen)
        try:
            changed = self.connection.execute(statement.values(**values, version=seen + 1))
        except DBAPIError as error:
            if is_taken(error) and table.name in KEY_TAKEN:
                raise Conflict(KEY_TAKEN[table.name]) from error
            raise
        if changed.rowcount != 1:
            raise ChangedMeanwhile(table.name, record_id)

    def _record(
        self,
        table: Table,
        record_id: str,
        version_before: int | None,
        version_after: int,
        before: dict[str, Any] | None,
        after: dict[str, Any],
        whole: Mapping[str, Any],
    ) -> None:
        owner = whole["id"] if table.name == "patient" else whole.get("patient_id")
        self._rows.append(
            {
                "table_name": table.name,
                "record_id": record_id,
                "patient_id": owner,
                "version_before": version_before,
                "version_after": version_after,
                "before": canonical(_visible(before)),
                "after": canonical(_visible(after)),
            }
        )
        self._refresh(table, whole)

    def _refresh(self, table: Table, row: Mapping[str, Any]) -> None:
        """Have what is derived from a record, as it is or as it was, written anew."""
        if table.name in derived.REFRESH and table.name != "appointment":
            self.stale(_stale_key(table.name), row[derived.REFRESH[table.name][1]])


def _stale_key(table: str) -> str:
    """Name one table for each refresher, so that a patient is refreshed once."""
    return "patient" if derived.REFRESH[table][0] is derived.refind else table


def _known(row: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if value is not None}


def _visible(values: dict[str, Any] | None) -> dict[str, Any] | None:
    """Keep secrets out of the audit log."""
    if values is None:
        return None
    return {k: ("..." if k in _UNTOUCHED and v else v) for k, v in values.items()}


def defaults(model: Model) -> dict[str, Any]:
    """Return what a new record holds where nothing was given."""
    return {
        name: info.get_default(call_default_factory=True)
        for name, info in model.model_fields.items()
        if not info.is_required()
    }


def clean(table: Table, values: Mapping[str, Any]) -> dict[str, Any]:
    """Scrub every text that enters the store: the one boundary (reliability of the terminal)."""
    texts = _texts(table)
    return {
        name: scrub(value, multiline=name in _MULTILINE)
        if name in texts and isinstance(value, str)
        else value
        for name, value in values.items()
    }


def _clean_all(table: Table, rows: list[dict[str, Any]]) -> None:
    """Scrub the texts of many rows in place, column by column."""
    for name in _texts(table) & set(rows[0]):
        multiline = name in _MULTILINE
        for row in rows:
            if isinstance(row[name], str):
                row[name] = scrub(row[name], multiline=multiline)


@cache
def _texts(table: Table) -> frozenset[str]:
    """Return the columns that hold text from people: all but keys and secrets."""
    return frozenset(
        column.name
        for column in table.c
        if isinstance(column.type, String | AutoString)
        and column.name not in _UNTOUCHED
        and column.name != "id"
        and not column.name.endswith("_id")
    )

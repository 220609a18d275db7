"""Bringing tables of other systems in: patients and appointments from CSV.

A file is one step of many short transactions, each of which leaves a usable clinic: what was
stopped half-way is finished by running it again, because rows are matched by their numbers. The
step is final: nobody takes back a whole file.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from os import PathLike
from pathlib import Path
from typing import Any, Protocol

from pcoord.domain.errors import BadUsage, DeskError, Refused
from pcoord.domain.text import scrub
from pcoord.exchange.csv_codes import settle_sexes
from pcoord.exchange.csv_map import (
    MapFile,
    Mapping,
    describe,
    guess,
    load_map,
    settle_names,
    settle_order,
)
from pcoord.exchange.csv_reader import Table, open_table
from pcoord.exchange.csv_rows import Skipped
from pcoord.services.desk import Desk, Work
from pcoord.services.import_providers import add_named
from pcoord.store.engine import Connection
from pcoord.store.failures import is_taken
from pcoord.store.unit import Unit

Progress = Callable[[int, int], None]
Path_ = str | PathLike[str]

ACTION = "import.csv"
BATCH = 100
TRIES = 3
# A transaction should be over in this time (seconds): desks wait for it.
IDEAL = 0.1
FEWEST, MOST = 50, 500
MOST_NOTES = 1000
KINDS = {
    "patient": "patient",
    "patients": "patient",
    "appointment": "appointment",
    "appointments": "appointment",
}
_OF_PEOPLE = frozenset({"sex", "line", "city", "postal_code", "email", "language", "middle"})
WARNING = "An import cannot be taken back as a whole; make a backup first (pcoord backup FILE)."


@dataclass
class Tally:
    """What became of some rows; `skipped` has (line, why), `notes` (line, what was changed)."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: list[tuple[int, str]] = field(default_factory=list)
    notes: list[tuple[int, str]] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        """Count another tally in."""
        self.created += other.created
        self.updated += other.updated
        self.unchanged += other.unchanged
        self.skipped += other.skipped


class Rows(Protocol):
    """One kind of table on its way into the store."""

    batch: int
    noun: str

    def read(self, table: Table, mapping: Mapping, order: str) -> Iterator[Any]:
        """Return taken rows (line, row) and Skipped ones."""

    def keys(self, row: Any) -> Sequence[str]:
        """Return what tells a row from all others of its file."""

    def store(self, connection: Connection, unit: Unit | None, rows: list[Any]) -> Tally:
        """Match rows with what is here and write what is new; without a unit only count."""

    def again(self) -> None:
        """Forget what a batch left behind that was refused and is tried once more."""

    def finish(self, desk: Desk) -> None:
        """Do what is left when all rows are in."""


@dataclass(frozen=True)
class Source:
    """An opened table, where its fields are, and what its codes are taken for."""

    path: Path
    table: Table
    mapping: Mapping
    codes: str | None = None


def import_csv(
    desk: Desk,
    paths: Sequence[Path_],
    *,
    mapping: Path | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
    kind: str | None = None,
) -> dict[str, Any]:
    """Bring in patients or appointments and return what became of every row.

    `progress` hears bytes read and bytes in all, file by file. Files are opened and settled
    before the first row is stored; raises Refused with the questions a mapping file must answer.
    """
    desk.demand("import.run")
    sources = [_source(path, mapping, kind) for path in paths]
    for source in sources:
        _demand_answers(source)
        settle_names(source.table, source.mapping)
    orders = [settle_order(source.table, source.mapping) for source in sources]
    sources = [_with_codes(source) for source in sources]
    told: dict[str, Any] = dict.fromkeys(("read", "created", "updated", "unchanged"), 0)
    told |= {"skipped": [], "notes": []}
    for source, order in zip(sources, orders, strict=True):
        added = add_named(desk, source.table, source.mapping, dry_run=dry_run)
        notes = [(source.table.header_line, one) for one in (source.codes, added) if one]
        told["notes"] += _lines(source, notes, "note")
        tally, read = _run(desk, source, order, dry_run, progress)
        told["read"] += read
        for name in ("created", "updated", "unchanged"):
            told[name] += getattr(tally, name)
        told["skipped"] += _lines(source, tally.skipped, "why")
        told["notes"] += _lines(source, tally.notes, "note")
    return told


def _lines(source: Source, found: list[tuple[int, str]], name: str) -> list[dict[str, Any]]:
    return [{"file": str(source.path), "line": n, name: words} for n, words in sorted(found)]


def preview(paths: Sequence[Path_], *, mapping: Path | None = None, kind: str | None = None) -> str:
    """Return, to be read before an import, which columns are taken as what, and the warning."""
    lines = []
    for path in paths:
        source = _source(path, mapping, kind)
        lines += [f"{source.path}: {source.mapping.kind}s", *describe(source.mapping)]
    return "\n".join([*lines, WARNING])


def _source(path: Path_, mapping: Path | None, kind: str | None) -> Source:
    said = load_map(mapping) if mapping else None
    table = open_table(path)
    return Source(Path(path), table, _guess(table.headers, said, kind))


def _guess(headers: Sequence[str], said: MapFile | None, kind: str | None) -> Mapping:
    """Return the mapping of the named kind, or of the kind that the headings suggest."""
    if kind is not None:
        if kind not in KINDS:
            raise BadUsage(f"A table has patients or appointments, not {kind}.")
        return guess(headers, KINDS[kind], said)
    try:
        visits = guess(headers, "appointment", said)
    except BadUsage:  # the mapping file speaks of patients' fields
        return guess(headers, "patient", said)
    fields = set(visits.columns.values())
    booked = bool(fields & {"start", "date"}) and "practitioner" in fields
    if booked and not visits.questions:
        return visits
    try:
        people = guess(headers, "patient", said)
    except BadUsage:
        return visits
    # A table of patients may have a date (of the last visit) and a provider (their own), too.
    about_people = len(_OF_PEOPLE & {*people.columns.values()}) > 1
    return people if about_people or not booked else visits


def _with_codes(source: Source) -> Source:
    mapping, codes = settle_sexes(source.table, source.mapping)
    return replace(source, mapping=mapping, codes=codes)


def _demand_answers(source: Source) -> None:
    if source.mapping.questions:
        raise Refused(
            f"{source.path}: {' '.join(source.mapping.questions)} "
            "Write that in a file and give it with --map. Nothing was stored."
        )


def _rows_of(desk: Desk, mapping: Mapping) -> Rows:
    from pcoord.services.import_patients import PatientRows
    from pcoord.services.import_visits import VisitRows

    if mapping.kind == "patient":
        return PatientRows(desk.clinic, desk.today)
    return VisitRows(desk.clinic, desk.today, mapping)


def _run(
    desk: Desk, source: Source, order: str, dry_run: bool, progress: Progress | None
) -> tuple[Tally, int]:
    """Bring one file in, batch by batch; a refusal half-way says how far it came."""
    rows = _rows_of(desk, source.mapping)
    run = _Run(desk, source, rows, dry_run)
    table = replace(source.table, progress=progress)
    try:
        waiting = run.first_times(rows.read(table, source.mapping, order))
        while batch := list(islice(waiting, run.size)):
            run.take(batch)
    except DeskError as refusal:
        raise type(refusal)(run.so_far(refusal.sentence)) from refusal
    run.finish()
    return run.tally, run.read


class _Run:
    """One file on its way in."""

    def __init__(self, desk: Desk, source: Source, rows: Rows, dry_run: bool) -> None:
        self.desk, self.source, self.rows, self.dry_run = desk, source, rows, dry_run
        self.tally = Tally()
        self.read = 0
        self.step: int | None = None
        # How many rows the next transaction takes, and when the present one began.
        self.size = rows.batch
        self._began = 0.0
        # Hashes only: a long file must not fill the memory.
        self._seen: set[int] = set()

    def first_times(self, found: Iterator[Any]) -> Iterator[Any]:
        """Return rows to be stored; count those left out, and those that stood above already."""
        for one in found:
            self.read += 1
            if isinstance(one, Skipped):
                self.tally.skipped.append((one.line, one.why))
                continue
            keys = {hash(key) for key in self.rows.keys(one.row)}
            if keys & self._seen:
                why = f"The same {self.rows.noun} or number stands further up in this file."
                self.tally.skipped.append((one.line, why))
                continue
            self._seen |= keys
            self._note(one)
            yield one

    def _note(self, one: Any) -> None:
        room = MOST_NOTES - len(self.tally.notes)
        self.tally.notes += [(one.line, words) for words in one.told[:room]]

    def take(self, batch: list[Any]) -> None:
        """Store one batch in one transaction, or only count it."""
        if self.dry_run:
            self.tally.add(self.desk.read(self.rows.store, None, batch))
            return
        for attempt in range(TRIES):
            try:
                self.tally.add(self._store(batch))
                self._pace(len(batch), self.desk.clock.monotonic() - self._began)
                return
            except Exception as error:
                # On PostgreSQL another desk may have taken the same number or time just now.
                if not is_taken(error) or attempt == TRIES - 1:
                    raise
                self.rows.again()

    def _pace(self, rows: int, seconds: float) -> None:
        """Take fewer rows where a transaction keeps the desks waiting, more where it is short."""
        fitting = rows * IDEAL / max(seconds, IDEAL / 4)
        self.size = int(min(max(fitting, self.size / 2, FEWEST), self.size * 2, MOST))

    def _store(self, batch: list[Any]) -> Tally:
        counted: list[Tally] = []

        def body(work: Work) -> None:
            self._began = self.desk.clock.monotonic()  # its turn has come
            counted.append(self.rows.store(work.connection, self._part_of(work), batch))

        step = self.desk.step(ACTION, body)
        self.step = self.step if self.step is not None else step.number
        return counted[-1]

    def _part_of(self, work: Work) -> Unit:
        """Return the unit as a part of this file's step; the first part carries the sentence."""
        if self.step is not None:
            work.unit.continues(self.step)
        first = self.step is None
        work.unit.say(self._sentence() if first else "", final=True)
        return work.unit

    def _sentence(self) -> str:
        return f"Brought in {self.rows.noun}s from {self.source.path.name}."

    def finish(self) -> None:
        """Do what is left, and record what became of the file."""
        if self.dry_run:
            return
        self.rows.finish(self.desk)
        # A name need not be text: older systems wrote it in another character set.
        counts = {"file": scrub(self.source.path.name), "read": self.read} | {
            name: getattr(self.tally, name) for name in ("created", "updated", "unchanged")
        }
        counts["skipped"] = len(self.tally.skipped)
        note = json.dumps(counts, ensure_ascii=False)
        self.desk.store.note(self.desk.who, "import", action=ACTION, after=note, step=self.step)

    def so_far(self, sentence: str) -> str:
        """Return a refusal with how far the file came."""
        done = self.tally.created + self.tally.updated
        if not done:
            return sentence
        sentence = sentence.replace("Nothing was stored", "The rest was not stored")
        sentence = sentence.replace(", so nothing was stored", "")
        return f"{sentence} {done} rows are in; run the import again for the rest."

"""What patients are found by, written in the transaction that changes them.

Each table that says something to find a patient by is a source; a further one registers itself
with `found_by`. Everything else follows: the line of clues, the rows of the tree, the sounds.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import SimpleNamespace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    bindparam,
    delete,
    insert,
    select,
    true,
    update,
)
from sqlmodel import col

from pcoord.domain import clues, list_line, names
from pcoord.domain.clues import Person
from pcoord.domain.list_line import Line
from pcoord.store.bulk import insert_many
from pcoord.store.queries.common import MRN, STANDS, OneOf, contact_point, identifier, patient
from pcoord.store.tables import (
    Address,
    ContactPoint,
    Coverage,
    HumanName,
    Identifier,
    LookupPerson,
    LookupSound,
    LookupToken,
    Patient,
    RelatedPerson,
)

lookup_person: Table = LookupPerson.__table__  # type: ignore[attr-defined]
lookup_token: Table = LookupToken.__table__  # type: ignore[attr-defined]
lookup_sound: Table = LookupSound.__table__  # type: ignore[attr-defined]

TABLES = frozenset({"lookup_person", "lookup_token", "lookup_sound"})
PAGE = 400
WORD = "w"
Written = Mapping[str, Sequence[Mapping[str, Any]]]
_p, _t, _s = lookup_person.c, lookup_token.c, lookup_sound.c
_patient, _contact = patient.c, contact_point.c


@dataclass(frozen=True)
class Source:
    """A table whose rows say what their patient is found by."""

    table: Table
    clues: Callable[[Any], set[str]]
    owner: str
    only: ColumnElement[bool]

    @cached_property
    def _query(self) -> Select[Any]:
        owner = self.table.c[self.owner]
        query = select(self.table, owner.label("whose"))
        mine = owner.in_(bindparam("ids", expanding=True))
        return query.where(mine, ~self.table.c.entered_in_error, self.only)

    def read(self, connection: Connection, patient_ids: Sequence[str]) -> Iterator[Any]:
        """Return the rows of these patients; what was entered in error finds nobody."""
        yield from connection.execute(self._query, {"ids": list(patient_ids)})


SOURCES: dict[str, Source] = {}


def found_by(
    model: Any,
    clues_of: Callable[[Any], set[str]],
    owner: str = "patient_id",
    only: ColumnElement[bool] | None = None,
) -> None:
    """Have patients found by the rows of a table: each gives clues to the patient it names.

    `only` leaves rows out, besides those entered in error.
    """
    table = model.__table__
    SOURCES[table.name] = Source(table, clues_of, owner, true() if only is None else only)


def _of_patient(row: Any) -> set[str]:
    found = clues.of_name(row.family, row.given, middle=row.middle)
    found |= clues.of_name("", row.preferred) | clues.of_email(row.email)
    if row.birth_date:
        found |= clues.of_birth(row.birth_date.year, row.birth_date.month, row.birth_date.day)
    found |= {clues.GONE + "dead"} if row.deceased_on else set()
    return found | (set() if row.active else {clues.GONE + "inactive"})


# Kept from its index, which would bring everybody who was not merged away.
found_by(Patient, _of_patient, "id", only=col(Patient.replaced_by_id).concat("").is_(None))
found_by(HumanName, lambda row: clues.of_name(row.family, row.given))
found_by(ContactPoint, lambda row: clues.of_phone(row.digits))
found_by(Identifier, lambda row: clues.of_number(row.value))
found_by(Coverage, lambda row: clues.of_member_number(row.subscriber_id))
found_by(RelatedPerson, lambda row: clues.of_phone(row.digits, clues.RELATED_PHONE))
found_by(Address, lambda row: clues.of_address(row.line, row.city, row.postal_code))


def gather(connection: Connection, patient_ids: Sequence[str]) -> dict[str, str]:
    """Return the line of clues of each of these patients; those entered in error have none."""
    found: dict[str, set[str]] = {}
    for row in SOURCES["patient"].read(connection, patient_ids):
        found[row.whose] = SOURCES["patient"].clues(row)
    for source in SOURCES.values():
        for row in source.read(connection, patient_ids) if source.owner != "id" else ():
            if row.whose in found:
                found[row.whose] |= source.clues(row)
    return {patient_id: clues.as_text(words) for patient_id, words in found.items()}


def gather_from(written: Written) -> dict[str, str]:
    """Return the line of clues of each of these new patients from all their rows, by table.

    The rows are as they were stored, so that nothing needs to be read back.
    """
    found: dict[str, set[str]] = {row["id"]: set() for row in written["patient"]}
    for name, rows in written.items():
        if source := SOURCES.get(name):
            for row in rows:
                found[row[source.owner]] |= source.clues(SimpleNamespace(**row))
    return {patient_id: clues.as_text(words) for patient_id, words in found.items()}


_known = select(lookup_person).where(_p.patient_id.in_(bindparam("ids", expanding=True)))


def stored(connection: Connection, patient_ids: Sequence[str]) -> dict[str, Person]:
    """Return what is stored of these patients."""
    rows = connection.execute(_known, {"ids": list(patient_ids)})
    return {row.patient_id: Person(row.no, row.patient_id, row.clues, row.line) for row in rows}


_first_phone = (
    select(_contact.value)
    .where(_contact.patient_id == _patient.id, ~_contact.entered_in_error)
    .order_by(_contact.position, _contact.id)
    .limit(1)
    .correlate(patient)
    .scalar_subquery()
)
_shown = (
    select(
        _patient.id,
        *(_patient[name] for name in Line._fields if name in _patient),
        identifier.c.value,
        _first_phone,
    )
    .outerjoin_from(patient, identifier, MRN)
    .where(OneOf(_patient.id, "ids"), ~_patient.entered_in_error, STANDS)
)


def lines(connection: Connection, patient_ids: Sequence[str]) -> dict[str, str]:
    """Return what a list says of these patients; those who stand in no list have no line."""
    rows = connection.execute(_shown, {"ids": list(patient_ids)})
    return {key: list_line.as_text(Line(*values)) for key, *values in rows}


def reindex(connection: Connection, patient_ids: Sequence[str]) -> None:
    """Have these patients found by what is on record of them now; only what differs is written."""
    wanted, old = gather(connection, patient_ids), stored(connection, patient_ids)
    shown = lines(connection, patient_ids)
    numbers = {one.id: one.no for one in old.values()}
    numbers |= enrol(connection, {key: wanted[key] for key in wanted if key not in old}, shown)
    gone, fresh, words = [], [], set()
    for patient_id, no in numbers.items():
        was = clues.rows(old[patient_id].text) if patient_id in old else set()
        now = clues.rows(wanted[patient_id]) if patient_id in wanted else set()
        gone += [as_row(row, no) for row in was - now]
        fresh += [as_row(row, no) for row in now - was]
        words |= {row[1] for row in now - was if row[0] == "n"}
    take_out(connection, gone)
    put_in(connection, fresh)
    _rewrite(connection, old, wanted, shown)
    hear(connection, words)


def enrol(
    connection: Connection, fresh: Mapping[str, str], shown: Mapping[str, str]
) -> dict[str, int]:
    """Give new patients their short numbers, with their clues and what a list says of them."""
    if not fresh:
        return {}
    rows = [
        {"patient_id": key, "clues": text, "line": shown.get(key)} for key, text in fresh.items()
    ]
    made = connection.execute(insert(lookup_person).returning(_p.patient_id, _p.no), rows)
    return {row.patient_id: row.no for row in made}


def _rewrite(
    connection: Connection,
    old: Mapping[str, Person],
    wanted: Mapping[str, str],
    shown: Mapping[str, str],
) -> None:
    """Keep the new lines; somebody who is found no more keeps the short number."""
    for patient_id, person in old.items():
        now = wanted.get(patient_id, ""), shown.get(patient_id)
        if now != (person.text, person.line):
            values = dict(zip(("clues", "line"), now, strict=True))
            connection.execute(update(lookup_person).where(_p.no == person.no).values(values))


COLUMNS = ("kind", "token", "other", "born", "no")


def as_row(row: clues.Row, no: int) -> dict[str, Any]:
    kind, token, other, born = row
    return {"kind": kind, "token": token, "other": other, "born": born, "no": no}


def put_in(connection: Connection, rows: list[dict[str, Any]], *, missing: bool = False) -> None:
    """Add rows to the tree, in its order."""
    rows.sort(key=lambda row: tuple(row.values()))
    insert_many(connection, lookup_token, rows, missing=missing)


_one = [_t[name] == bindparam("old_" + name) for name in COLUMNS]


def take_out(connection: Connection, rows: list[dict[str, Any]]) -> None:
    """Remove rows of the tree."""
    if rows:
        keys = [{f"old_{name}": value for name, value in row.items()} for row in rows]
        connection.execute(delete(lookup_token).where(*_one), keys)


_heard = select(_s.name).where(_s.key == WORD, _s.name.in_(bindparam("words", expanding=True)))


def hear(connection: Connection, words: Iterable[str]) -> None:
    """Store the sound keys of name words that are new here."""
    unknown = set(words)
    for part in parts(sorted(unknown)):
        unknown -= set(connection.execute(_heard, {"words": part}).scalars())
    insert_many(connection, lookup_sound, sound_rows(unknown), missing=True)


def hear_again(connection: Connection, words: Iterable[str]) -> None:
    """Store the sound keys of name words of which some are missing."""
    insert_many(connection, lookup_sound, sound_rows(words), missing=True)


def sound_rows(words: Iterable[str]) -> list[dict[str, Any]]:
    """Return the sound keys of distinct name words, sorted so that writers agree on an order."""
    found = {(WORD, word) for word in words}
    found |= {(key, word) for _, word in list(found) for key in names.sound_keys(word)}
    return [{"key": key, "name": word} for key, word in sorted(found)]


def rebuild(connection: Connection) -> None:
    """Have all patients found by what is on record of them, where an upgrade emptied the tree."""
    ids = list(connection.execute(select(patient.c.id).order_by(patient.c.id)).scalars())
    for part in parts(ids):
        reindex(connection, part)


_without = select(_p.patient_id).where(_p.line.is_(None), _p.clues != "").order_by(_p.no)
_with_line = (
    update(lookup_person).where(_p.patient_id == bindparam("key")).values(line=bindparam("said"))
)


def fill_lines(connection: Connection) -> None:
    """Write what a list says of patients, where an upgrade left it empty."""
    for part in parts(list(connection.execute(_without).scalars())):
        said = [{"key": key, "said": text} for key, text in lines(connection, part).items()]
        if said:
            connection.execute(_with_line, said)


_all_clues = (
    select(_p.patient_id, _p.clues).where(_p.clues != "").execution_options(yield_per=10_000)
)
# A letter of another script, a phone of another country, or a number that begins with 0.
_FOUND_ANEW = re.compile(
    rf"[^\x00-\x7f]|\b[{clues.OWN_PHONE}{clues.RELATED_PHONE}]\d{{11}}|\b{clues.NUMBER}0"
)


def find_anew(connection: Connection) -> None:
    """Have those found by what is on record of them whose names or phones give more clues now."""
    rows = connection.execute(_all_clues)
    ids = [key for key, text in rows if _FOUND_ANEW.search(text)]
    for part in parts(ids):
        reindex(connection, part)


def parts(values: Sequence[str]) -> Iterator[list[str]]:
    """Return values in lists that fit one statement."""
    for at in range(0, len(values), PAGE):
        yield list(values[at : at + PAGE])

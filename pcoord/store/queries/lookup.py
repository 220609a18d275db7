"""Finding patients in the token b-tree: prefix ranges only, never a scan.

https://www.sqlite.org/withoutrowid.html explains why the key alone answers a query here.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, select

from pcoord.store.queries.common import (
    MRN,
    PERSON_LINE,
    AnyRow,
    contact_point,
    identifier,
    lookup_sound,
    lookup_token,
    patient,
)

_t, _p = lookup_token.c, patient.c
_LAST = "\U0010ffff"
CANDIDATES = 200

_by_token = (
    select(_t.patient_id)
    .where(_t.kind == bindparam("kind"), _t.token >= bindparam("low"), _t.token < bindparam("high"))
    .distinct()
    .limit(bindparam("most"))
)
_by_pair = _by_token.where(_t.other >= bindparam("low2"), _t.other < bindparam("high2"))
_years = _t.year.in_(bindparam("years", expanding=True))
_among = _t.patient_id.in_(bindparam("among", expanding=True))
_STATEMENTS = {
    (pair, years, among): (_by_pair if pair else _by_token).where(
        *([_years] if years else []), *([_among] if among else [])
    )
    for pair in (False, True)
    for years in (False, True)
    for among in (False, True)
}


def by_prefix(
    connection: Connection,
    kind: str,
    prefix: str,
    *,
    other: str = "",
    years: Sequence[int] = (),
    among: Sequence[str] | None = None,
    whole: bool = False,
    whole_other: bool = False,
    limit: int = CANDIDATES,
) -> list[str]:
    """Return ids of patients with a token that begins so (or is so, when `whole`).

    `other` is the beginning of a second name word of the same person; `among` limits to some.
    """
    values: dict[str, Any] = {
        "kind": kind,
        "low": prefix,
        "high": _end(prefix, whole),
        "most": limit,
    }
    if other:
        values |= {"low2": other, "high2": _end(other, whole_other)}
    if years:
        values["years"] = list(years)
    if among is not None:
        values["among"] = list(among)
    statement = _STATEMENTS[bool(other), bool(years), among is not None]
    return list(connection.execute(statement, values).scalars())


def _end(prefix: str, whole: bool) -> str:
    """Return what lies just behind every token that begins so, or behind this one alone."""
    return prefix + ("\x01" if whole else _LAST)


def statement_for(pair: bool, years: bool, among: bool) -> Any:
    """Return the statement that `by_prefix` runs, for looking at its plan."""
    return _STATEMENTS[pair, years, among]


_tokens = select(_t.patient_id, _t.token).where(
    _t.patient_id.in_(bindparam("ids", expanding=True)), _t.kind == "n"
)


def name_words(connection: Connection, ids: Sequence[str]) -> dict[str, set[str]]:
    """Return the name words of some patients."""
    found: dict[str, set[str]] = defaultdict(set)
    if ids:
        for row in connection.execute(_tokens, {"ids": list(ids)}):
            found[row.patient_id].add(row.token)
    return found


_numbers = select(_t.patient_id, _t.kind, _t.token).where(
    _t.patient_id.in_(bindparam("ids", expanding=True)), _t.kind.in_(("p", "i", "e"))
)


def number_tokens(connection: Connection, ids: Sequence[str]) -> dict[str, set[tuple[str, str]]]:
    """Return (kind, token) of the phones, record numbers and e-mails of some patients."""
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    if ids:
        for row in connection.execute(_numbers, {"ids": list(ids)}):
            found[row.patient_id].add((row.kind, row.token))
    return found


_sounds = (
    select(lookup_sound.c.name)
    .where(lookup_sound.c.key.in_(bindparam("keys", expanding=True)))
    .distinct()
    .limit(500)
)


def sounding(connection: Connection, keys: Iterable[str]) -> list[str]:
    """Return the name words stored under any of these sound keys."""
    return list(connection.execute(_sounds, {"keys": list(keys)}).scalars())


_lines = (
    select(*PERSON_LINE)
    .outerjoin_from(patient, identifier, MRN)
    .where(
        _p.id.in_(bindparam("ids", expanding=True)),
        ~_p.entered_in_error,
        _p.replaced_by_id.is_(None),
    )
)


def lines(connection: Connection, ids: Sequence[str]) -> list[AnyRow]:
    """Return a line of a list for each of these patients, in the order of `ids`."""
    if not ids:
        return []
    rows = {row.id: row for row in connection.execute(_lines, {"ids": list(ids)})}
    return [rows[key] for key in ids if key in rows]


_phones = (
    select(contact_point.c.patient_id, contact_point.c.value)
    .where(
        contact_point.c.patient_id.in_(bindparam("ids", expanding=True)),
        ~contact_point.c.entered_in_error,
    )
    .order_by(contact_point.c.patient_id, contact_point.c.position)
)


def first_phones(connection: Connection, ids: Sequence[str]) -> dict[str, str]:
    """Return the first phone of each of these patients, as it was typed."""
    found: dict[str, str] = {}
    if ids:
        for row in connection.execute(_phones, {"ids": list(ids)}):
            found.setdefault(row.patient_id, row.value)
    return found

"""Finding patients in the lookup tree: seeks and short walks along its key, never a scan.

https://www.sqlite.org/withoutrowid.html explains why the key alone answers a query here.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any, TypeAlias

from sqlalchemy import Connection, bindparam, func, literal, select

from pcoord.domain.clues import Person
from pcoord.store.queries.common import (
    MRN,
    PERSON_LINE,
    STANDS,
    AnyRow,
    OneOf,
    appointment,
    contact_point,
    identifier,
    lookup_person,
    lookup_sound,
    lookup_token,
    patient,
)

_t, _p, _l, _s = lookup_token.c, patient.c, lookup_person.c, lookup_sound.c
_LAST = "\U0010ffff"
CANDIDATES = 200
COUNTED = 1000
WORD = "w"
_PERSON = (_l.no, _l.patient_id, _l.clues, _l.line)
_FREE = frozenset("ab")
"""The kinds of row whose `other` may be anything."""


class Begins(str):
    """A word that may still go on."""

    __slots__ = ()


Wanted: TypeAlias = Begins | Sequence[str]
"""The beginning of a word, or whole words of which any one will do."""

Born: TypeAlias = range | Sequence[int]
"""Birth dates as YYYYMMDD: all in a range, or any of some."""


def _shape(wanted: Any) -> str:
    if wanted is None:
        return "-"
    if isinstance(wanted, Begins | range):
        return "range"
    return "one" if len(wanted) == 1 else "any"


def _where(column: Any, name: str, shape: str) -> list[Any]:
    if shape == "range":
        return [column >= bindparam(name + "_low"), column < bindparam(name + "_high")]
    if shape == "one":
        return [column == bindparam(name)]
    return [OneOf(column, name)] if shape == "any" else []


def _values(name: str, shape: str, wanted: Any) -> dict[str, Any]:
    if shape == "range" and isinstance(wanted, range):
        return {name + "_low": wanted.start, name + "_high": wanted.stop}
    if shape == "range":
        return {name + "_low": str(wanted), name + "_high": wanted + _LAST}
    if shape == "one":
        return {name: wanted[0]}
    return {name: list(wanted)} if shape == "any" else {}


@cache
def _statement(token: str, other: str, born: str, empty: bool) -> Any:
    query = select(_t.no).where(
        _t.kind == bindparam("kind"),
        *_where(_t.token, "token", token),
        *([_t.other == literal("")] if empty else _where(_t.other, "other", other)),
        *_where(_t.born, "born", born),
    )
    # In the order of the key, so that a walk may stop at the limit: whole words come first. Only
    # the first part of it that is not fixed, or SQLite would sort all of a common name.
    if "any" not in (token, other, born):
        fixed = (token, "one" if empty else other, born)
        part = next((n for n, shape in enumerate(fixed) if shape != "one"), 3)
        query = query.order_by((_t.token, _t.other, _t.born, _t.no)[part])
    return query.limit(bindparam("most"))


_BOUNDED = ("range", "-", "range")


@cache
def _bounded(token: str, empty: bool) -> Any:
    """A walk over so many rows at most; the birth date is looked at behind it."""
    met = select(_t.no, _t.born).where(
        _t.kind == bindparam("kind"),
        *_where(_t.token, "token", token),
        *([_t.other == literal("")] if empty else []),
    )
    walk = met.order_by(_t.token).limit(bindparam("within")).subquery()
    found = select(walk.c.no).where(*_where(walk.c.born, "born", "range"))
    return found.limit(bindparam("most"))


@cache
def _holders(token: str, other: str, born: str, empty: bool, bounded: bool) -> Any:
    """The walk as above, and the lines of clues of whom it meets."""
    walk = _bounded(token, empty) if bounded else _statement(token, other, born, empty)
    met = walk.subquery()
    return select(*_PERSON).join_from(met, lookup_person, _l.no == met.c.no)


def _asked(
    kind: str, token: Wanted, other: Wanted | None, born: Born | None, limit: int
) -> tuple[tuple[Any, ...], dict[str, Any]] | None:
    """Return the shape of the statement and its values; None when nothing can be met."""
    if token == [] or other == [] or born == []:
        return None
    shapes = _shape(token), _shape(other), _shape(born)
    values = {"kind": kind, "most": limit} | _values("token", shapes[0], token)
    values |= _values("other", shapes[1], other) | _values("born", shapes[2], born)
    return (*shapes, other is None and kind not in _FREE), values


def search(
    connection: Connection,
    kind: str,
    token: Wanted,
    other: Wanted | None = None,
    *,
    born: Born | None = None,
    limit: int = CANDIDATES,
) -> list[int]:
    """Return the short numbers of patients with such a row, those of whole words first."""
    asked = _asked(kind, token, other, born, limit)
    if asked is None:
        return []
    found = connection.execute(_statement(*asked[0]), asked[1]).scalars()
    return list(dict.fromkeys(found))


class Met(list[Person]):
    """The patients that a walk met; `cut` when it stopped at its limit: there may be more."""

    cut = False


def holders(
    connection: Connection,
    kind: str,
    token: Wanted,
    other: Wanted | None = None,
    *,
    born: Born | None = None,
    limit: int = CANDIDATES,
    within: int = 0,
) -> Met:
    """Return the patients with such a row, with all that they are found by; nobody twice.

    Of those whose word begins so and who were born in a range, the walk meets `within` rows at
    most, where that is not 0: nearly all of a common letter were born in other years.
    """
    asked = _asked(kind, token, other, born, limit)
    if asked is None:
        return Met()
    shapes, values = asked
    bounded = within > 0 and shapes[:3] == _BOUNDED
    values |= {"within": within} if bounded else {}
    rows = connection.execute(_holders(*shapes, bounded), values).all()
    met = Met({row[0]: Person(*row) for row in rows}.values())
    met.cut = len(rows) >= limit
    return met


def ids_with(
    connection: Connection,
    kind: str,
    token: str,
    other: str | None = None,
    *,
    born: Born | None = None,
    limit: int = CANDIDATES,
) -> list[str]:
    """Return the ids of patients with exactly this word, number or birth date."""
    others = None if other is None else [other]
    found = search(connection, kind, [token], others, born=born, limit=limit)
    return [person.id for person in people(connection, found)]


_people = select(*_PERSON)
_by_no = _people.where(OneOf(_l.no, "nos"))
_by_id = _people.where(OneOf(_l.patient_id, "ids"))


def people(connection: Connection, nos: Sequence[int]) -> list[Person]:
    """Return what these patients are found by, in order."""
    rows = connection.execute(_by_no, {"nos": list(nos)}) if nos else ()
    found = {row[0]: Person(*row) for row in rows}
    return [found[no] for no in nos if no in found]


def people_of(connection: Connection, ids: Sequence[str]) -> dict[str, Person]:
    """Return what the patients of these ids are found by."""
    rows = connection.execute(_by_id, {"ids": list(ids)}) if ids else ()
    return {row[1]: Person(*row) for row in rows}


_last = select(func.max(_l.no))


def last_number(connection: Connection) -> int:
    """Return the highest short number given out: about how many patients there are."""
    return int(connection.execute(_last).scalar() or 0)


_bearers = select(func.count()).select_from(
    select(literal(1))
    .where(_t.kind == "n", _t.token == bindparam("word"), _t.other == literal(""))
    .limit(COUNTED)
    .subquery()
)


def bearers(connection: Connection, word: str) -> int:
    """Return how many patients have a name word, counting no further than `COUNTED`."""
    return int(connection.execute(_bearers, {"word": word}).scalar_one())


_words = (
    select(_s.name)
    .where(_s.key == WORD, _s.name >= bindparam("low"), _s.name < bindparam("high"))
    .order_by(_s.name)
    .limit(bindparam("most"))
)


def words_beginning(connection: Connection, prefix: str, limit: int) -> list[str]:
    """Return the name words that begin so, in order."""
    values = {"low": prefix, "high": prefix + _LAST, "most": limit}
    return list(connection.execute(_words, values).scalars())


_begun = select(func.count()).select_from(
    select(literal(1))
    .where(_t.kind == "n", *_where(_t.token, "token", "range"), _t.other == literal(""))
    .limit(bindparam("most"))
    .subquery()
)


def count_begun(connection: Connection, prefix: str, limit: int) -> int:
    """Return how many name words of patients begin so, counting no further than `limit`."""
    values = _values("token", "range", Begins(prefix)) | {"most": limit}
    return int(connection.execute(_begun, values).scalar_one())


_all_words = select(_s.name).where(_s.key == WORD)


def all_words(connection: Connection) -> list[str]:
    """Return every distinct name word, for a wide comparison in memory."""
    return list(connection.execute(_all_words).scalars())


_sounds = select(_s.name).where(OneOf(_s.key, "keys")).distinct().limit(500)


def sounding(connection: Connection, keys: Iterable[str]) -> list[str]:
    """Return the name words stored under any of these sound keys."""
    return list(connection.execute(_sounds, {"keys": list(keys)}).scalars())


_near = (
    select(appointment.c.patient_id, appointment.c.start_at)
    .where(
        appointment.c.start_at >= bindparam("first"),
        appointment.c.start_at < bindparam("last"),
        ~appointment.c.entered_in_error,
    )
    .order_by(appointment.c.start_at)
    .limit(bindparam("most"))
)


def expected(
    connection: Connection, first: datetime, last: datetime, limit: int
) -> Sequence[AnyRow]:
    """Return (patient_id, start_at) of the visits from `first` to `last`."""
    return connection.execute(_near, {"first": first, "last": last, "most": limit}).all()


_lines = (
    select(*PERSON_LINE)
    .outerjoin_from(patient, identifier, MRN)
    .where(
        OneOf(_p.id, "ids"),
        ~_p.entered_in_error,
        STANDS,
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
    .order_by(contact_point.c.patient_id, contact_point.c.position, contact_point.c.id)
)


def first_phones(connection: Connection, ids: Sequence[str]) -> dict[str, str]:
    """Return the first phone of each of these patients, as it was typed."""
    found: dict[str, str] = {}
    if ids:
        for row in connection.execute(_phones, {"ids": list(ids)}):
            found.setdefault(row.patient_id, row.value)
    return found

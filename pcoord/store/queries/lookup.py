"""Finding patients in the lookup tree: seeks and short walks along its key, never a scan.

https://www.sqlite.org/withoutrowid.html explains why the key alone answers a query here.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import Connection, bindparam, func, literal, literal_column, select, union_all

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
TOGETHER = 12
"""So many walks go into one statement; databases refuse one of hundreds."""

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


class Walk(NamedTuple):
    """A walk over the tree: its kind of row, what is wanted of it, and where it stops.

    `other` is the second name of a pair or a place. Of those whose word begins so and who were born
    in a range, `within` rows are met at most, where that is not 0: nearly all of a common letter
    were born in other years.
    """

    kind: str
    token: Wanted
    other: Wanted | None = None
    born: Born | None = None
    limit: int = CANDIDATES
    within: int = 0

    @property
    def empty(self) -> bool:
        """Tell whether it can meet nobody."""
        return [] in (self.token, self.other, self.born)

    @property
    def shape(self) -> "_Shape":
        """Return what its statement depends on."""
        shapes = _shape(self.token), _shape(self.other), _shape(self.born)
        alone = self.other is None and self.kind not in _FREE
        return _Shape(*shapes, alone, self.within > 0 and shapes == _BOUNDED)

    def values(self, shape: "_Shape", n: int) -> dict[str, Any]:
        """Return the values of the n-th walk of a statement, which has this shape."""
        told = {f"kind_{n}": self.kind, f"most_{n}": self.limit}
        if shape.bounded:
            told[f"within_{n}"] = self.within
        told |= _values(f"token_{n}", shape.token, self.token)
        told |= _values(f"other_{n}", shape.other, self.other)
        return told | _values(f"born_{n}", shape.born, self.born)


class _Shape(NamedTuple):
    token: str
    other: str
    born: str
    alone: bool
    bounded: bool


_BOUNDED = ("range", "-", "range")


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
def _walk(shape: _Shape, n: int) -> Any:
    if shape.bounded:
        return _bounded(shape, n)
    token, other, born, alone, _ = shape
    query = select(_t.no).where(
        _t.kind == bindparam(f"kind_{n}"),
        *_where(_t.token, f"token_{n}", token),
        *([_t.other == literal("")] if alone else _where(_t.other, f"other_{n}", other)),
        *_where(_t.born, f"born_{n}", born),
    )
    # In the order of the key, so that a walk may stop at the limit: whole words come first. Only
    # the first part of it that is not fixed, or SQLite would sort all of a common name.
    if "any" not in (token, other, born):
        fixed = (token, "one" if alone else other, born)
        part = next((n for n, shape in enumerate(fixed) if shape != "one"), 3)
        query = query.order_by((_t.token, _t.other, _t.born, _t.no)[part])
    return query.limit(bindparam(f"most_{n}"))


def _bounded(shape: _Shape, n: int) -> Any:
    """A walk over so many rows at most; the birth date is looked at behind it."""
    met = select(_t.no, _t.born).where(
        _t.kind == bindparam(f"kind_{n}"),
        *_where(_t.token, f"token_{n}", shape.token),
        *([_t.other == literal("")] if shape.alone else []),
    )
    walk = met.order_by(_t.token).limit(bindparam(f"within_{n}")).subquery()
    found = select(walk.c.no).where(*_where(walk.c.born, f"born_{n}", "range"))
    return found.limit(bindparam(f"most_{n}"))


@lru_cache(maxsize=500)
def _holders(shapes: tuple[_Shape, ...], *, in_all: bool) -> Any:
    """The walks as above, the lines of clues of whom they meet, and of several walks which it was.

    One walk by itself is asked for with every key, so that it is not told which it was. `in_all`
    when they stop together too: a database takes them in turn, and begins none that is not needed.
    """
    walks = [_walk(shape, n).subquery() for n, shape in enumerate(shapes)]
    if len(walks) == 1:
        return select(*_PERSON).join_from(walks[0], lookup_person, _l.no == walks[0].c.no)
    parts = [select(walk.c.no, literal_column(str(n)).label("n")) for n, walk in enumerate(walks)]
    all_of_them = union_all(*parts)
    met = (all_of_them.limit(bindparam("in_all")) if in_all else all_of_them).subquery()
    return select(*_PERSON, met.c.n).join_from(met, lookup_person, _l.no == met.c.no)


def search(connection: Connection, walk: Walk) -> list[int]:
    """Return the short numbers of patients whom a walk meets, those of whole words first."""
    if walk.empty:
        return []
    shape = walk.shape
    found = connection.execute(_walk(shape, 0), walk.values(shape, 0)).scalars().all()
    return list(dict.fromkeys(found))


class Met(list[Person]):
    """The patients whom walks met; `cut` are those walks that stopped at their limits."""

    cut: tuple[Walk, ...] = ()


def holders(connection: Connection, *walks: Walk, in_all: int = 0) -> Met:
    """Return the patients whom walks meet, with all that they are found by; nobody twice.

    Several walks are one statement: asking a server costs more than a short walk. Where `in_all` is
    not 0, the walks stop together when they have met about so many, those of the first walks.
    """
    asked = [walk for walk in walks if not walk.empty]
    found: dict[int, Person] = {}
    cut: list[Walk] = []
    for at in range(0, len(asked), TOGETHER):
        part = asked[at : at + TOGETHER]
        if in_all and len(found) >= in_all:
            cut += part
            continue
        rows = _meet(connection, part, in_all and in_all - len(found))
        if len(part) == 1:
            found |= {row[0]: Person(*row) for row in rows}
            cut += part if len(rows) >= part[0].limit else ()
        else:
            found |= {row[0]: Person(*row[:4]) for row in rows}
            counted = Counter(row[4] for row in rows)
            cut += [walk for n, walk in enumerate(part) if counted[n] >= walk.limit]
    met = Met(found.values())
    met.cut = tuple(cut)
    return met


def _meet(connection: Connection, walks: Sequence[Walk], in_all: int) -> Sequence[AnyRow]:
    shapes = tuple(walk.shape for walk in walks)
    values: dict[str, Any] = {"in_all": in_all} if in_all and len(walks) > 1 else {}
    for n, (walk, shape) in enumerate(zip(walks, shapes, strict=True)):
        values |= walk.values(shape, n)
    return connection.execute(_holders(shapes, in_all="in_all" in values), values).all()


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
    found = search(connection, Walk(kind, [token], others, born, limit))
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


@cache
def _words(count: int) -> Any:
    parts = []
    for n in range(count):
        begins = _where(_s.name, f"begin_{n}", "range")
        walk = select(_s.name).where(_s.key == WORD, *begins).order_by(_s.name)
        words = walk.limit(bindparam("most")).subquery()
        parts.append(select(words.c.name, literal_column(str(n))))
    return union_all(*parts)


def words_beginning(
    connection: Connection, beginnings: Sequence[str], limit: int
) -> list[list[str]]:
    """Return for each beginning the name words that begin so, in order, `limit` at most."""
    values: dict[str, Any] = {"most": limit}
    for n, begin in enumerate(beginnings):
        values |= _values(f"begin_{n}", "range", begin)
    found: list[list[str]] = [[] for _ in beginnings]
    for word, n in connection.execute(_words(len(beginnings)), values).all() if beginnings else ():
        found[n].append(word)
    return [sorted(words) for words in found]


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
    return list(connection.execute(_all_words).scalars().all())


_sounds = select(_s.key, _s.name).where(OneOf(_s.key, "keys")).limit(bindparam("most"))


def sounding(connection: Connection, keys: Iterable[str], limit: int = 500) -> dict[str, list[str]]:
    """Return the name words stored under each of these sound keys that has any."""
    asked = list(keys)
    found: dict[str, list[str]] = {}
    values = {"keys": asked, "most": limit}
    for key, word in connection.execute(_sounds, values).all() if asked else ():
        found.setdefault(key, []).append(word)
    return found


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

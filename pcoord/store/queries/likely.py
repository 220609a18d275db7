"""People as they are compared, and who is worth comparing: found by shared tokens, never a scan."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, or_, select

from pcoord.domain.names import fold, fold_identifier
from pcoord.domain.same_person import Person
from pcoord.store.queries.common import (
    AnyRow,
    address,
    contact_point,
    duplicate_due,
    duplicate_pair,
    identifier,
    lookup_token,
    not_same_person,
    patient,
)

_p, _c, _i, _a, _t = patient.c, contact_point.c, identifier.c, address.c, lookup_token.c
_MANY = 400
_ids: Any = bindparam("ids", expanding=True)

_people = select(
    *(_p.id, _p.family, _p.given, _p.middle, _p.preferred, _p.birth_date, _p.sex, _p.email)
).where(_p.id.in_(_ids), ~_p.entered_in_error, _p.replaced_by_id.is_(None))
_words = select(_t.patient_id, _t.token).where(_t.patient_id.in_(_ids), _t.kind == "n")
_phones = select(_c.patient_id, _c.digits).where(_c.patient_id.in_(_ids), ~_c.entered_in_error)
_numbers = select(_i.patient_id, _i.system, _i.value).where(
    _i.patient_id.in_(_ids), ~_i.entered_in_error, _i.system != "mrn"
)
_homes = select(_a.patient_id, _a.line, _a.postal_code).where(
    _a.patient_id.in_(_ids), ~_a.entered_in_error
)


def people(connection: Connection, ids: Iterable[str]) -> dict[str, Person]:
    """Return these patients as they are compared; not those merged away or entered in error."""
    found: dict[str, Person] = {}
    wanted = sorted(set(ids))
    for at in range(0, len(wanted), _MANY):
        found |= _page(connection, wanted[at : at + _MANY])
    return found


def _page(connection: Connection, ids: list[str]) -> dict[str, Person]:
    values = {"ids": ids}
    words, phones, numbers, homes = (defaultdict[str, set[Any]](set) for _ in range(4))
    row: AnyRow
    for row in connection.execute(_words, values):
        words[row.patient_id].add(row.token)
    for row in connection.execute(_phones, values):
        phones[row.patient_id].add(row.digits)
    for row in connection.execute(_numbers, values):
        numbers[row.patient_id].add((row.system, fold_identifier(row.value)))
    for row in connection.execute(_homes, values):
        homes[row.patient_id].add(home(row.line, row.postal_code))
    return {
        row.id: Person(
            row.family,
            row.given,
            row.middle or "",
            row.preferred or "",
            row.birth_date,
            row.sex,
            frozenset(words[row.id]),
            frozenset(phones[row.id]),
            row.email or "",
            next(iter(sorted(homes[row.id] - {""})), ""),
            frozenset(numbers[row.id]),
        )
        for row in connection.execute(_people, values)
    }


def home(line: str | None, postal_code: str | None) -> str:
    """Return an address as it is compared; empty where street or postal code is unknown."""
    return f"{fold(line)} {fold(postal_code)[:5]}" if line and postal_code else ""


_one, _two = lookup_token.alias("one"), lookup_token.alias("two")
_mine, _theirs = lookup_token.alias("mine"), lookup_token.alias("theirs")
_any = lookup_token.alias("any")


def _shared_by_few(most: int, *conditions: Any) -> Any:
    """Return the tokens of these patients that tell somebody apart.

    A number or a date that very many have (a clinic's own, 1 January 1900) does not. The limit
    keeps SQLite from asking that once for each pair.
    """
    shared = (
        select(_any.c.patient_id)
        .where(_any.c.kind == _t.kind, _any.c.token == _t.token)
        .correlate(lookup_token)
        .limit(1)
        .offset(most)
    )
    chosen = select(_t.patient_id, _t.kind, _t.token).where(
        _t.patient_id.in_(_ids), *conditions, ~shared.exists()
    )
    return chosen.limit(_ALL).subquery("few")


def _alike(few: Any) -> Any:
    """Return pairs of people who share such a token, and a word of their names."""
    word = (
        select(_mine.c.token)
        .where(
            _mine.c.patient_id == few.c.patient_id,
            _mine.c.kind == "n",
            _theirs.c.patient_id == _two.c.patient_id,
            _theirs.c.kind == "n",
            _theirs.c.token == _mine.c.token,
        )
        .correlate(few, _two)
        .exists()
    )
    same = (_two.c.kind == few.c.kind) & (_two.c.token == few.c.token)
    others = _two.c.patient_id != few.c.patient_id
    pair = select(few.c.patient_id, _two.c.patient_id.label("other_id")).distinct()
    return pair.join_from(few, _two, same & others).where(word)


_ALL, _BORN_ON_A_DAY, _HOUSEHOLD, _WHOLE_NUMBER = 1_000_000, 300, 40, 10
_born_alike = _alike(_shared_by_few(_BORN_ON_A_DAY, _t.kind == "d"))
_reached_alike = _alike(
    _shared_by_few(
        _HOUSEHOLD,
        _t.kind.in_(("p", "e")),
        (_t.kind == "e") | (func.length(_t.token) >= _WHOLE_NUMBER),
    )
)
# Of one name, years that a slip of the keys makes of each other.
_SLIPS = (-10, -1, 1, 10)
_named_alike = (
    select(_one.c.patient_id, _two.c.patient_id.label("other_id"))
    .distinct()
    .join_from(
        _one,
        _two,
        (_two.c.kind == _one.c.kind)
        & (_two.c.token == _one.c.token)
        & (_two.c.other == _one.c.other)
        & (_two.c.patient_id != _one.c.patient_id),
    )
    .where(
        _one.c.kind == "n",
        _one.c.patient_id.in_(_ids),
        _one.c.other != "",
        _one.c.token > _one.c.other,
        (_one.c.year == 0) | _two.c.year.in_([0, _one.c.year, *(_one.c.year + n for n in _SLIPS)]),
    )
)
BLOCKS = {"birth date": _born_alike, "name": _named_alike, "phone or e-mail": _reached_alike}
"""How pairs are found: birth date and a word, two words, or a phone or e-mail and a word."""


def pairs(connection: Connection, ids: Sequence[str]) -> set[tuple[str, str]]:
    """Return pairs (lesser id first) of these patients and anybody who is worth comparing."""
    found: set[tuple[str, str]] = set()
    for statement in BLOCKS.values():
        for row in connection.execute(statement, {"ids": list(ids)}):
            found.add((min(row.patient_id, row.other_id), max(row.patient_id, row.other_id)))
    return found


_due = select(duplicate_due.c.patient_id).order_by(duplicate_due.c.patient_id)


def due(connection: Connection, limit: int) -> list[str]:
    """Return patients to be compared; a desk that does so holds them (PostgreSQL)."""
    query = _due.limit(limit)
    if connection.dialect.name == "postgresql":
        query = query.with_for_update(skip_locked=True)
    return list(connection.execute(query).scalars())


def due_count(connection: Connection) -> int:
    """Return how many patients wait to be compared."""
    return int(connection.execute(select(func.count()).select_from(duplicate_due)).scalar_one())


_d, _n = duplicate_pair.c, not_same_person.c
_left, _right = patient.alias("l"), patient.alias("r")
_left_number, _right_number = identifier.alias("ln"), identifier.alias("rn")
_apart = (
    select(_n.id)
    .where(
        ~_n.entered_in_error,
        ((_n.patient_id == _d.patient_id) & (_n.other_id == _d.other_id))
        | ((_n.patient_id == _d.other_id) & (_n.other_id == _d.patient_id)),
    )
    .correlate(duplicate_pair)
    .exists()
)


def _mrn(number: Any, person: Any) -> Any:
    usual = (number.c.system == "mrn") & (number.c.use == "usual") & ~number.c.entered_in_error
    return (number.c.patient_id == person.c.id) & usual


def _standing(person: Any) -> Any:
    return ~person.c.entered_in_error & person.c.replaced_by_id.is_(None)


_work = (
    select(
        duplicate_pair,
        *(
            column
            for person, number, end in (
                (_left, _left_number, ""),
                (_right, _right_number, "_other"),
            )
            for column in (
                person.c.family.label(f"family{end}"),
                person.c.given.label(f"given{end}"),
                person.c.birth_date.label(f"birth_date{end}"),
                number.c.value.label(f"mrn{end}"),
            )
        ),
    )
    .join_from(duplicate_pair, _left, _left.c.id == _d.patient_id)
    .join(_right, _right.c.id == _d.other_id)
    .outerjoin(_left_number, _mrn(_left_number, _left))
    .outerjoin(_right_number, _mrn(_right_number, _right))
    .where(_standing(_left), _standing(_right), ~_apart)
    .order_by(_d.points.desc(), _d.patient_id, _d.other_id)
)


def work(connection: Connection, limit: int, patient_id: str | None = None) -> Sequence[AnyRow]:
    """Return pairs that may be one person, the likeliest first: of everybody, or of one patient."""
    query = _work
    if patient_id is not None:
        query = query.where(or_(_d.patient_id == patient_id, _d.other_id == patient_id))
    return connection.execute(query.limit(limit)).all()


def work_count(connection: Connection) -> int:
    """Return how many pairs are open."""
    open_pairs = _work.order_by(None).subquery()
    return int(connection.execute(select(func.count()).select_from(open_pairs)).scalar_one())


def forget(connection: Connection, ids: Sequence[str]) -> None:
    """Take these patients off the queue, and their pairs off the list."""
    connection.execute(delete(duplicate_due).where(duplicate_due.c.patient_id.in_(ids)))
    connection.execute(delete(duplicate_pair).where(_d.patient_id.in_(ids)))
    connection.execute(delete(duplicate_pair).where(_d.other_id.in_(ids)))

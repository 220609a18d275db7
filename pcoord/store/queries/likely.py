"""People as they are compared, and who is worth comparing: found by shared tokens, never a scan."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    Connection,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    cast,
    delete,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB

from pcoord.domain.clues import FAMILY, GIVEN, JOINED_FAMILY, rows
from pcoord.domain.clues import Person as Findable
from pcoord.domain.names import fold, fold_identifier, likenesses, sound_keys
from pcoord.domain.same_person import Person, misread_digits
from pcoord.store.queries.common import (
    STANDS,
    AnyRow,
    address,
    contact_point,
    coverage,
    duplicate_due,
    duplicate_pair,
    identifier,
    lookup_person,
    lookup_token,
    not_same_person,
    patient,
)
from pcoord.store.queries.lookup import people as by_number
from pcoord.store.queries.lookup import people_of, sounding
from pcoord.store.tables.base import BYTES

_p, _c, _i, _a, _t = patient.c, contact_point.c, identifier.c, address.c, lookup_token.c
_MANY, _MANY_BLOCKS = 400, 4000
_ids: Any = bindparam("ids", expanding=True)

_people = select(
    *(_p.id, _p.family, _p.given, _p.middle, _p.preferred, _p.birth_date, _p.sex, _p.email)
).where(_p.id.in_(_ids), ~_p.entered_in_error, STANDS)
_phones = select(_c.patient_id, _c.digits).where(_c.patient_id.in_(_ids), ~_c.entered_in_error)
_numbers = select(_i.patient_id, _i.system, _i.value).where(
    _i.patient_id.in_(_ids), ~_i.entered_in_error, _i.system != "mrn"
)
_v = coverage.c
_members = select(_v.patient_id, _v.payor, _v.subscriber_id).where(
    _v.patient_id.in_(_ids), ~_v.entered_in_error, _v.subscriber_id.is_not(None)
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
    words, phones, numbers, members, homes = (defaultdict[str, set[Any]](set) for _ in range(5))
    row: AnyRow
    for who in people_of(connection, ids).values():
        words[who.id] = set(who.names)
    for row in connection.execute(_phones, values):
        phones[row.patient_id].add(row.digits)
    for row in connection.execute(_numbers, values):
        numbers[row.patient_id].add((row.system, fold_identifier(row.value)))
    for row in connection.execute(_members, values):
        members[row.patient_id].add((fold(row.payor), fold_identifier(row.subscriber_id)))
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
            frozenset(members[row.id]),
        )
        for row in connection.execute(_people, values)
    }


def home(line: str | None, postal_code: str | None) -> str:
    """Return an address as it is compared; empty where street or postal code is unknown."""
    return f"{fold(line)} {fold(postal_code)[:5]}" if line and postal_code else ""


# Of one name, years that a slip of the keys makes of each other.
_SLIPS = (-10, -1, 1, 10)
_BORN_ON_A_DAY, _HOUSEHOLD, _WHOLE_NUMBER = 300, 40, 10
_LATEST = 99_999_999
Near = Mapping[str, Iterable[str]]
"""Name words, and the words that somebody may have been called by mistake or in short."""

_Block = tuple[int, str, str, str, int, int, str]
"""A patient's short number and what others must have too: kind, token, other, born from and to.

Last the birth date, phone or e-mail in it, which tells nobody apart when very many have it.
"""


def blocks(who: Findable, near: Near) -> set[_Block]:
    """Return what makes others worth comparing with somebody.

    A birth date and a name word, two name words and a year that is near, a phone, e-mail or number.
    Of two name words one may be another that is `near` it, within the year.
    """
    found, spans = set[_Block](), _spans(who.born)
    for kind, token, other, born in rows(who.text):
        if kind == "n" and born:
            found.add((who.no, kind, token, other, born, born, f"{born:08}"))
        elif kind == "b" and token > other:
            found |= {(who.no, kind, token, other, *span, "") for span in spans}
        elif kind in "ei" or (kind == "p" and len(token) >= _WHOLE_NUMBER):
            found.add((who.no, kind, token, other, 0, _LATEST, token))
    if who.born:
        # Two slips, in the name and in the year, would be a third of all the work.
        found |= {(who.no, "b", *pair, *spans[0], "") for pair in _pairs(who, near)}
    return found


def _pairs(who: Findable, near: Near) -> set[tuple[str, str]]:
    """Return pairs of a family and a given name of which one is not quite theirs, greater first."""
    found = set[tuple[str, str]]()
    for family in who.of(FAMILY, JOINED_FAMILY):
        for given in who.of(GIVEN):
            found |= {(family, other) for other in near.get(given, ())}
            found |= {(other, given) for other in near.get(family, ())}
    return {(max(pair), min(pair)) for pair in found}


_ALIKE, _NEAREST, _SOUNDING = 0.75, 4, 40


def _near_words(
    connection: Connection, people: Iterable[Findable], nicknames: Mapping[str, Iterable[str]]
) -> Near:
    """Return for each name word those on file that sound like it, and the short forms of it."""
    words = sorted({word for who in people for word in who.names if len(word) > 1})
    keys = {word: [key for key in sound_keys(word) if key.startswith("m:")] for word in words}
    asked = sorted({key for some in keys.values() for key in some})
    heard = sounding(connection, asked, _SOUNDING * len(asked))
    found: dict[str, set[str]] = {}
    for word in words:
        others = [o for key in keys[word] for o in heard.get(key, ()) if o != word]
        like = dict(zip(others, likenesses(word, others), strict=True))
        best = sorted((-value, other) for other, value in like.items() if value >= _ALIKE)
        found[word] = {other for _, other in best[:_NEAREST]} | {*nicknames.get(word, ())} - {word}
    return found


def _spans(born: int) -> list[tuple[int, int]]:
    """Return birth dates that one of this date may be taken for, from and to: YYYYMMDD.

    Any of the year, the same day of a year that differs by a slip of the keys, and unknown ones.
    """
    if not born:
        return [(0, _LATEST)]
    year, day = divmod(born, 10_000)
    turned = year // 100 * 100 + year % 10 * 10 + year // 10 % 10
    days = {y * 10_000 + day for y in (turned, *(year + slip for slip in _SLIPS)) if y != year}
    return [(year * 10_000, year * 10_000 + 9_999), (0, 0), *((d, d) for d in sorted(days))]


_MANY_HAVE = {"n": ("d", _BORN_ON_A_DAY), "p": ("p", _HOUSEHOLD), "e": ("e", _HOUSEHOLD)}
_any = lookup_token.alias("any")
_TYPES: tuple[Any, ...] = (Integer, BYTES, BYTES, BYTES, Integer, Integer, BYTES)
_NAMES = ("no", "kind", "token", "other", "low", "high", "told")


def _cells(engine: str) -> Iterator[Any]:
    """Return the columns of blocks that come as JSON."""
    text = bindparam("blocks", type_=String())
    if engine == "postgresql":
        value = func.jsonb_array_elements(cast(text, JSONB())).table_valued("value").c.value
        cells: list[Any] = [value.op("->>")(literal_column(str(n))) for n in range(len(_NAMES))]
    else:
        value = func.json_each(text).table_valued("value").c.value
        cells = [func.json_extract(value, f"$[{n}]") for n in range(len(_NAMES))]
    for cell, kind, name in zip(cells, _TYPES, _NAMES, strict=True):
        yield cast(cell, kind).label(name)


@cache
def _sharing(kind: str, engine: str) -> Select[Any]:
    """Return the statement that finds who shares one of `blocks`, a JSON list of them.

    One parameter, so that the statement stays the same however many there are.
    """
    want = select(*_cells(engine)).cte("want").prefix_with("MATERIALIZED")
    w = want.c
    same = (_t.kind == w.kind, _t.token == w.token, _t.other == w.other, _t.no != w.no)
    query = select(w.no, _t.no.label("other_no"), _t.born).join_from(
        want, lookup_token, and_(*same, _t.born.between(w.low, w.high))
    )
    if kind not in _MANY_HAVE:
        return query
    told, most = _MANY_HAVE[kind]
    many = select(_any.c.no).where(_any.c.kind == told, _any.c.token == w.told)
    return query.where(~many.correlate(want).limit(1).offset(most).exists())


def _shared(connection: Connection, wanted: set[_Block]) -> Iterator[tuple[int, int, str, int]]:
    """Return (short number, somebody else's, kind, born) of those who share one of these."""
    for kind in ("n", "b", "p", "e", "i"):
        mine = sorted(block for block in wanted if block[1] == kind)
        query = _sharing(kind, connection.dialect.name)
        for at in range(0, len(mine), _MANY_BLOCKS):
            values = {"blocks": json.dumps(mine[at : at + _MANY_BLOCKS], ensure_ascii=False)}
            for no, other, born in connection.execute(query, values).all():
                yield no, other, kind, born


def pairs(
    connection: Connection, ids: Sequence[str], nicknames: Mapping[str, Iterable[str]]
) -> set[tuple[str, str]]:
    """Return pairs (lesser id first) of these patients and anybody who is worth comparing."""
    known = {who.no: who for who in people_of(connection, ids).values()}
    near = _near_words(connection, known.values(), nicknames)
    found = _shared(connection, {block for who in known.values() for block in blocks(who, near)})
    shared = {
        (no, other, kind)
        for no, other, kind, born in found
        if kind != "b" or _near(known[no].born, born)
    }
    missing = sorted({other for _, other, _ in shared} - known.keys())
    for at in range(0, len(missing), _MANY):
        known |= {who.no: who for who in by_number(connection, missing[at : at + _MANY])}
    return {
        (min(known[no].id, known[other].id), max(known[no].id, known[other].id))
        for no, other, kind in shared
        if other in known and (kind not in "pei" or known[no].names & known[other].names)
    }


def _near(mine: int, theirs: int) -> bool:
    """Tell whether namesakes may be one person by their birth dates.

    Those of clearly other dates would need a telephone and more in common, and are found by that.
    A million people have a score of namesakes each.
    """
    if mine == theirs or not mine or not theirs:
        return True
    return misread_digits(f"{mine:08}", f"{theirs:08}")


_due = select(duplicate_due.c.patient_id).order_by(duplicate_due.c.patient_id)


def due(connection: Connection, limit: int) -> list[str]:
    """Return the next patients to be compared."""
    return list(connection.execute(_due.limit(limit)).scalars())


_stamps = (
    select(_p.id, _p.version, lookup_person.c.clues)
    .outerjoin_from(patient, lookup_person, lookup_person.c.patient_id == _p.id)
    .where(_p.id.in_(_ids))
)
_still = _due.where(duplicate_due.c.patient_id.in_(_ids))


def stamps(connection: Connection, ids: Sequence[str]) -> dict[str, tuple[int, str | None]]:
    """Return by what it shows that somebody was changed: the version, and what finds them."""
    return {row.id: (row.version, row.clues) for row in connection.execute(_stamps, {"ids": ids})}


def still_due(connection: Connection, ids: Sequence[str]) -> list[str]:
    """Return those of these patients whom no other desk has compared meanwhile, and hold them."""
    query = _still
    if connection.dialect.name == "postgresql":
        query = query.with_for_update(skip_locked=True)
    return list(connection.execute(query, {"ids": ids}).scalars())


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
    usual = (
        (number.c.system.concat("") == "mrn")
        & (number.c.use == "usual")
        & ~number.c.entered_in_error
    )
    return (number.c.patient_id == person.c.id) & usual


def _standing(person: Any) -> Any:
    standing = ~person.c.entered_in_error & person.c.replaced_by_id.concat("").is_(None)
    return standing & ~person.c.test


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
                person.c.restricted.label(f"restricted{end}"),
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

"""Who may be on file already: found before a second record of one person exists."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pcoord.domain.dates import say_birth
from pcoord.domain.errors import Refused
from pcoord.domain.names import closeness, fold, name_tokens
from pcoord.services.desk import Desk
from pcoord.services.lookup import nicknames
from pcoord.services.patient_fields import FieldErrors, Fields, read
from pcoord.store.engine import Connection
from pcoord.store.queries import lookup as queries

LIKE = 0.75
MOST = 8


@dataclass(frozen=True)
class Duplicate:
    """Somebody on file who may be the same person: how likely (1 is sure), and why."""

    id: str
    mrn: str | None
    family: str
    given: str
    birth_date: date | None
    sex: str
    phone: str | None
    score: float
    why: str


class LikelyDuplicates(Refused):
    """Somebody like this is on file; `duplicates` says who, the likeliest first."""

    def __init__(self, found: Sequence[Duplicate]) -> None:
        first = found[0]
        born = say_birth(first.birth_date, long=True) if first.birth_date else "date unknown"
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        super().__init__(
            f"On file already, it seems: {first.family}, {first.given}, born {born}, "
            f"MRN {first.mrn or '-'} ({first.why}){more}. Open that record, or register "
            "all the same."
        )
        self.duplicates = tuple(found)


@dataclass(frozen=True)
class Newcomer:
    """What is known of somebody who is about to be put on file; phones are digits."""

    family: str
    given: str = ""
    birth_date: date | None = None
    digits: tuple[str, ...] = ()


def likely(connection: Connection, person: Newcomer) -> list[Duplicate]:
    """Return who on file may be this person, the likeliest first."""
    if not person.family:
        return []
    rows = queries.lines(connection, _candidates(connection, person))
    ids = [row.id for row in rows]
    names = queries.name_words(connection, ids)
    numbers = queries.number_tokens(connection, ids)
    phones = queries.first_phones(connection, ids)
    found = []
    for row in rows:
        shared = any(("p", number) in numbers[row.id] for number in person.digits)
        score, why = _judge(person, row, names[row.id], shared)
        if score:
            found.append(_duplicate(row, phones.get(row.id), score, why))
    return sorted(found, key=lambda d: (-d.score, d.family, d.given, d.id))[:MOST]


def duplicates(desk: Desk, **typed: str | None) -> list[Duplicate]:
    """Return who on file may be the person being registered; unreadable fields count for nothing.

    Takes family, given, birth_date and phone as typed so far.
    """
    desk.demand("patient.read")
    fields = Fields()
    for name in ("family", "given", "birth_date", "phone"):
        try:
            part = read(desk.clinic, desk.today, {name: typed.get(name)})
        except FieldErrors:
            continue
        fields.values |= part.values
        fields.phones = part.phones or fields.phones
    return list(desk.read(likely, newcomer_of(fields)))


def newcomer_of(fields: Fields) -> Newcomer:
    """Return what tells whether somebody is on file already."""
    return Newcomer(
        fields.values.get("family") or "",
        fields.values.get("given") or "",
        fields.values.get("birth_date"),
        tuple(phone.digits for phone in fields.phones or ()),
    )


def _candidates(connection: Connection, person: Newcomer) -> list[str]:
    """Return ids that share the birth date, a phone, or the whole name."""
    ids: dict[str, None] = {}
    if person.birth_date:
        day = person.birth_date.strftime("%Y%m%d")
        ids |= dict.fromkeys(queries.by_prefix(connection, "d", day, whole=True))
    for number in person.digits:
        ids |= dict.fromkeys(queries.by_prefix(connection, "p", number, whole=True))
    family, given = fold(person.family).split(), fold(person.given).split()
    if family:
        found = queries.by_prefix(
            connection,
            "n",
            max(family, key=len),
            other=given[0] if given else "",
            whole=True,
            whole_other=True,
        )
        ids |= dict.fromkeys(found)
    return list(ids)


def _judge(person: Newcomer, row: Any, words: set[str], shared_phone: bool) -> tuple[float, str]:
    """Return how likely a record is the same person, 0 when it is not, and why."""
    given = _likeness_given(person.given, row.given)
    family = _likeness_family(person.family, row.family, words)
    same_name = fold(person.family) == fold(row.family) and fold(person.given) == fold(row.given)
    both = person.birth_date is not None and row.birth_date is not None
    if both and person.birth_date == row.birth_date:
        if same_name:
            return 1.0, "same name and birth date"
        if _swapped(person, row):
            return 0.95, "names swapped, same birth date"
        if family >= LIKE and given >= LIKE:
            return round(0.9 * min(family, given), 3), "like name, same birth date"
    if shared_phone and given >= LIKE and not _clearly_others(person.birth_date, row.birth_date):
        return 0.8 if family >= LIKE else 0.7, "same phone, like given name"
    if same_name and not both:
        return 0.6, "same name, birth date unknown"
    if same_name and _misread(person.birth_date, row.birth_date):
        return 0.75, "same name, birth date nearly the same"
    return 0.0, ""


def _likeness_family(typed: str, stored: str, words: set[str]) -> float:
    """Any name on file counts, so that somebody is found who married or hyphenated."""
    tokens = name_tokens(typed, "")
    if tokens & (name_tokens(stored, "") | words):
        return 1.0
    return closeness(typed, stored)


def _likeness_given(typed: str, stored: str) -> float:
    one, other = fold(typed).split(), fold(stored).split()
    if not one or not other:
        return LIKE
    if one[0] == other[0] or one[0] in nicknames().get(other[0], frozenset()):
        return 1.0
    if 1 in (len(one[0]), len(other[0])) and one[0][0] == other[0][0]:
        return LIKE
    return closeness(one[0], other[0])


def _swapped(person: Newcomer, row: Any) -> bool:
    return fold(person.family) == fold(row.given) and fold(person.given) == fold(row.family)


def _misread(one: date | None, other: date | None) -> bool:
    """Tell whether two dates differ by one digit, or by day and month turned round."""
    if one is None or other is None:
        return False
    if (one.year, one.month, one.day) == (other.year, other.day, other.month):
        return True
    pairs = zip(one.isoformat(), other.isoformat(), strict=True)
    return sum(a != b for a, b in pairs) == 1


def _clearly_others(one: date | None, other: date | None) -> bool:
    """A father and a son share a phone and a name, but not their age."""
    return one is not None and other is not None and abs((one - other).days) > 366 * 5


def _duplicate(row: Any, phone: str | None, score: float, why: str) -> Duplicate:
    return Duplicate(
        row.id,
        row.mrn,
        row.family,
        row.given,
        row.birth_date,
        row.sex,
        phone,
        score,
        why,
    )

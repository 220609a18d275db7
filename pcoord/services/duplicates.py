"""Who may be on file already: found before a second record of one person exists."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pcoord.domain.dates import say_birth
from pcoord.domain.errors import Refused
from pcoord.domain.names import fold, likenesses, sound_keys
from pcoord.domain.phones import national_digits
from pcoord.domain.resemblance import near_dates
from pcoord.domain.same_person import WARN, Likeness, Person, compare, slips_of_year
from pcoord.services.desk import Desk
from pcoord.services.lookup import nicknames
from pcoord.services.patient_fields import FieldErrors, Fields, read
from pcoord.store.engine import Connection
from pcoord.store.queries import likely as people
from pcoord.store.queries import lookup as queries

MOST = 8
FULL = 120
HOUSEHOLD = 40
SOUNDING = 400
SPELLINGS = 4
"""So many words on file that are near a name are looked for with it."""


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


def likely(connection: Connection, person: Person) -> list[Duplicate]:
    """Return who on file may be this person, the likeliest first."""
    if not person.family:
        return []
    words = nicknames()
    known = people.people(connection, _candidates(connection, person))
    alike = {key: compare(person, one, words) for key, one in known.items()}
    best = sorted(
        (key for key, found in alike.items() if found.points >= WARN),
        key=lambda key: (-alike[key].points, known[key].family, known[key].given, key),
    )[:MOST]
    phones = queries.first_phones(connection, best)
    return [
        _told(row, phones.get(row.id), alike[row.id])
        for row in queries.lines(connection, best)
        if not row.test
    ]


def _told(row: Any, phone: str | None, how: Likeness) -> Duplicate:
    """Say who is on file; of a restricted record the least: nobody said why they look at it."""
    kept = row.restricted
    return Duplicate(
        row.id,
        row.mrn,
        row.family,
        f"{row.given[:1]}." if kept else row.given,
        None if kept else row.birth_date,
        "unknown" if kept else row.sex,
        None if kept else phone,
        how.score,
        how.why,
    )


def duplicates(desk: Desk, **typed: str | None) -> list[Duplicate]:
    """Return who on file may be the person being registered; unreadable fields count for nothing.

    Takes the fields of the form as typed so far.
    """
    desk.demand("patient.read")
    fields = Fields()
    for name, text in typed.items():
        try:
            part = read(desk.clinic, desk.today, {name: text})
        except FieldErrors:
            continue
        fields.values |= part.values
        fields.phones = part.phones or fields.phones
        if part.address:
            fields.address = (fields.address or {}) | part.address
    return list(desk.read(likely, newcomer_of(fields)))


def newcomer_of(fields: Fields) -> Person:
    """Return what tells whether somebody is on file already."""
    values, home = fields.values, fields.address or {}

    def said(name: str) -> str:
        return values.get(name) or ""

    return Person(
        said("family"),
        said("given"),
        said("middle"),
        said("preferred"),
        email=said("email"),
        birth_date=values.get("birth_date"),
        sex=values.get("sex") or "unknown",
        phones=frozenset(phone.digits for phone in fields.phones or ()),
        address=people.home(home.get("line"), home.get("postal_code")),
    )


def _candidates(connection: Connection, person: Person) -> list[str]:
    """Return ids that share the birth date, a phone, an e-mail, or two words of the name."""
    ids: dict[str, None] = {}
    if person.birth_date:
        day = person.birth_date.strftime("%Y%m%d")
        ids |= dict.fromkeys(queries.ids_with(connection, "d", day))
    for number in person.phones:
        found = queries.ids_with(connection, "p", national_digits(number), limit=HOUSEHOLD)
        ids |= dict.fromkeys(found)
    if person.email:
        email = person.email.casefold()
        ids |= dict.fromkeys(queries.ids_with(connection, "e", email, limit=HOUSEHOLD))
    return list(ids | dict.fromkeys(_namesakes(connection, person)))


def _namesakes(connection: Connection, person: Person) -> list[str]:
    """Return namesakes whose birth date may be a slip for this one, or is unknown.

    A common name has hundreds; those of clearly other dates would need a phone in common, too.
    """
    family, given = fold(person.family).split(), fold(person.given).split()
    if not family:
        return []
    words = (max(family, key=len), given[0] if given else "")
    # In two words, it may be on file in one (Mc Gregor).
    like = ({words[0], "".join(family)}, {words[1]} - {""})
    if person.birth_date is None:
        return _named(connection, words) + _nearly_named(connection, *like, None)
    born = person.birth_date.strftime("%Y%m%d")
    year, day = divmod(int(born), 10_000)
    same_year = range(year * 10_000, year * 10_000 + 10_000)
    slips = [0, *(other * 10_000 + day for other in slips_of_year(year))]
    exact = _named(connection, words, same_year) + _named(connection, words, slips)
    return exact + _nearly_named(connection, *like, near_dates(born))


def _nearly_named(
    connection: Connection, families: set[str], givens: set[str], born: list[int] | None
) -> list[str]:
    """Return who has names near these, spelt or said otherwise, and one of the birth dates."""
    if not givens:
        return []
    keys = {word: sound_keys(word) for word in families | givens}
    heard = queries.sounding(connection, set().union(*keys.values()), SOUNDING)
    near = {
        word: _nearest(word, {one for key in some for one in heard.get(key, ())})
        for word, some in keys.items()
    }
    # Names swapped may be shortened too: Walsh, Ted is on file as Theodore, Walsh.
    one, other = (
        sorted({*(o for w in words for o in near[w]), *(n for w in words for n in _nicks(w))})
        for words in (families, givens)
    )
    walk = queries.Walk("b", one, other, born, FULL)
    return [one.id for one in queries.holders(connection, walk)]


def _nicks(word: str) -> frozenset[str]:
    return nicknames().get(word, frozenset())


def _nearest(word: str, heard: set[str]) -> list[str]:
    """Return a word and those words on file that are nearest to it."""
    others = [other for other in heard if other != word]
    near = dict(zip(others, likenesses(word, others), strict=True))
    return [word, *sorted(others, key=lambda other: (-near[other], other))[:SPELLINGS]]


def _named(
    connection: Connection, words: tuple[str, str], born: queries.Born | None = None
) -> list[str]:
    kind, other = ("b", words[1]) if words[1] else ("n", None)
    return queries.ids_with(connection, kind, words[0], other, born=born, limit=FULL)

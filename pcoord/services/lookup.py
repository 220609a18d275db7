"""Finding a patient by any clue: part of a name, birth date, phone, number, a misspelt name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import product
from typing import Any

from pcoord import resources
from pcoord.domain.errors import NotFound
from pcoord.domain.names import Lookup, closeness, fold, parse_lookup, sound_keys
from pcoord.services import day
from pcoord.services.desk import Desk
from pcoord.store.engine import Connection
from pcoord.store.queries import lookup as queries
from pcoord.store.queries.merged import survivor_of

FEW = 3
ALIKE = 0.72
SPELLINGS = 8

Forms = tuple[tuple[str, bool], ...]
"""The forms of a typed word; True where only the whole word counts, not its beginning."""


@dataclass(frozen=True)
class Found:
    """One hit: who, how well it fits (1 is exact), and what each typed word was taken for."""

    id: str
    version: int
    mrn: str | None
    family: str
    given: str
    middle: str | None
    preferred: str | None
    birth_date: date | None
    sex: str
    language: str | None
    interpreter: bool
    deceased_on: date | None
    active: bool
    restricted: bool
    phone: str | None
    score: float
    matched: str
    exact: bool


def read_query(desk: Desk, text: str) -> Lookup:
    """Return what each typed word was taken for."""
    return parse_lookup(text, desk.today, desk.clinic.date_order)


def find(desk: Desk, text: str, *, limit: int = 20) -> list[Found]:
    """Return the patients that fit, best first: exact ones, then those that sound alike."""
    desk.demand("patient.read")
    query = read_query(desk, text)
    return desk.read(_find, query, limit, None)


def find_today(desk: Desk, text: str) -> list[Found]:
    """Return those of today's patients that fit."""
    return find_among(desk, text, day.today_ids(desk))


def find_among(desk: Desk, text: str, ids: Sequence[str]) -> list[Found]:
    """Return those of some patients that fit."""
    if not ids:
        return []
    return desk.read(_find, read_query(desk, text), len(ids), list(ids))


def one(desk: Desk, patient_id: str) -> Found:
    """Return the line of one patient, where a merged record leads; raise NotFound."""
    hits = desk.read(_found, [desk.read(survivor_of, patient_id)], 1.0, "")
    if not hits:
        raise NotFound("That patient is not on file any more; look again.")
    return hits[0]


def some(desk: Desk, ids: Sequence[str]) -> list[Found]:
    """Return the lines of some patients, in order."""
    return desk.read(_found, list(ids), 1.0, "")


def resembles(desk: Desk, hit: Found) -> bool:
    """Tell whether somebody else in the clinic has this name."""
    family, given = fold(hit.family).split(), fold(hit.given).split()
    if not family:
        return False
    others = desk.read(
        queries.by_prefix,
        "n",
        family[0],
        other=given[0] if given else "",
        whole=True,
        limit=2,
    )
    return any(other != hit.id for other in others)


@cache
def nicknames() -> Mapping[str, frozenset[str]]:
    """Return the other forms of given names, from `data/nicknames.toml`."""
    groups: dict[str, frozenset[str]] = {}
    lists = resources.load_toml("nicknames.toml").values()
    for group in (group for language in lists for group in language):
        names = frozenset(fold(name) for name in group)
        for name in names:
            groups[name] = groups.get(name, frozenset()) | names
    return groups


def _find(
    connection: Connection, query: Lookup, limit: int, among: list[str] | None
) -> list[Found]:
    exact = _exact(connection, query, among)
    hits = _found(connection, exact[: max(limit, 50)], 1.0, _took(query))
    hits = sorted(hits, key=lambda hit: _rank(hit, query))[:limit]
    if len(hits) < min(FEW, limit) and query.names:
        hits += _alike(connection, query, among, {hit.id for hit in hits})[: limit - len(hits)]
    return hits


def _took(query: Lookup) -> str:
    return " ".join(taken for _, taken in query.words)


def _rank(hit: Found, query: Lookup) -> tuple[Any, ...]:
    """Whole family names before parts and beginnings, the living before the dead, then by name."""
    words = set(fold(f"{hit.family} {hit.given}").split())
    begun = sum(1 for name in query.names if name not in words)
    number = fold(hit.mrn or "") not in query.identifiers if query.identifiers else False
    gone = (hit.deceased_on is not None, not hit.active)
    return (number, not _names_family(hit, query), begun, *gone, hit.family, hit.given)


def _names_family(hit: Found, query: Lookup) -> bool:
    """Tell whether a typed word begins the family name and is not just a later part of it."""
    family = fold(hit.family)
    return any(family.startswith(name) for name in query.names)


def _exact(connection: Connection, query: Lookup, among: list[str] | None) -> list[str]:
    ids = _numbered(connection, query, among)
    if query.names:
        by_name = _named(connection, query, [_forms(n) for n in query.names], among)
        if not _has_numbers(query):
            return by_name
        fits = _fitting_names(connection, ids, query.names)
        return list(dict.fromkeys([*fits, *(by_name if query.years else [])]))
    return ids


def _has_numbers(query: Lookup) -> bool:
    return bool(query.birth_date or query.years or query.digits or query.identifiers or query.email)


def _forms(word: str) -> Forms:
    """Return a typed word, which may be a beginning, and the names a whole nickname stands for."""
    others = nicknames().get(word, frozenset()) - {word}
    return ((word, False), *((other, True) for other in sorted(others)))


def _named(
    connection: Connection,
    query: Lookup,
    words: Sequence[Forms],
    among: list[str] | None,
) -> list[str]:
    """Return ids whose names hold every word, in any of its forms."""
    ordered = sorted(words, key=lambda forms: -len(forms[0][0]))
    years = () if query.birth_date else query.years
    ids: dict[str, None] = {}
    seconds: Forms = ordered[1] if len(ordered) > 1 else (("", False),)
    for (first, whole), (second, whole_other) in product(ordered[0], seconds):
        found = queries.by_prefix(
            connection,
            "n",
            first,
            other=second,
            years=years,
            among=among,
            whole=whole,
            whole_other=whole_other,
        )
        ids |= dict.fromkeys(found)
    if len(ordered) <= 2:
        return list(ids)
    return _holding(connection, list(ids), ordered[2:])


def _holding(connection: Connection, ids: list[str], words: Sequence[Forms]) -> list[str]:
    tokens = queries.name_words(connection, ids)
    return [key for key in ids if all(_begins(tokens[key], forms) for forms in words)]


def _begins(tokens: set[str], forms: Forms) -> bool:
    return any(
        form in tokens if whole else any(token.startswith(form) for token in tokens)
        for form, whole in forms
    )


def _fitting_names(connection: Connection, ids: list[str], names: Sequence[str]) -> list[str]:
    return _holding(connection, ids, [_forms(name) for name in names])


def _numbered(connection: Connection, query: Lookup, among: list[str] | None) -> list[str]:
    """Return ids that any reading of the typed numbers gives, the surest reading first."""
    wanted: list[tuple[str, str, bool]] = []
    if query.birth_date:
        wanted.append(("d", query.birth_date.strftime("%Y%m%d"), True))
    wanted += [("i", number, True) for number in query.identifiers]
    wanted += [("p", digits, False) for digits in query.digits]
    wanted += [("i", number, False) for number in query.identifiers]
    if query.email:
        wanted.append(("e", query.email, False))
    if not query.names:
        wanted += [("d", str(year), False) for year in query.years]
    ids: dict[str, None] = {}
    for kind, token, whole in wanted:
        ids |= dict.fromkeys(queries.by_prefix(connection, kind, token, among=among, whole=whole))
    return list(ids)


def _alike(
    connection: Connection, query: Lookup, among: list[str] | None, known: set[str]
) -> list[Found]:
    """Return hits for misspelt names, the closest first."""
    words = [_spellings(connection, name) for name in query.names]
    if not all(words):
        return []
    ids = _named(connection, query, words, among)
    if query.birth_date or query.digits or (query.identifiers and not query.years):
        ids = [key for key in ids if key in set(_numbered(connection, query, ids))] if ids else []
    hits = _found(connection, [key for key in ids if key not in known], 0.0, "sounds like")
    scored = [_scored(hit, query) for hit in hits]
    return sorted(scored, key=lambda h: (-h.score, len(h.family.split()), h.family, h.given))


def _spellings(connection: Connection, word: str) -> Forms:
    """Return the stored name words nearest to a typed one, itself first."""
    if len(word) < 3:
        return ((word, False),)
    near = [
        (closeness(word, name), name) for name in queries.sounding(connection, sound_keys(word))
    ]
    best = sorted((pair for pair in near if pair[0] >= ALIKE), reverse=True)[:SPELLINGS]
    return ((word, False), *((name, True) for _, name in best if name != word))


def _scored(hit: Found, query: Lookup) -> Found:
    words = fold(f"{hit.family} {hit.given} {hit.preferred or ''}").split()
    best = [max((closeness(name, word) for word in words), default=0.0) for name in query.names]
    score = sum(best) / len(best) if best else 0.0
    return Found(**{**hit.__dict__, "score": round(score, 3), "exact": False})


def _found(connection: Connection, ids: Sequence[str], score: float, matched: str) -> list[Found]:
    rows = queries.lines(connection, ids)
    phones = queries.first_phones(connection, [row.id for row in rows])
    return [
        Found(**row._mapping, phone=phones.get(row.id), score=score, matched=matched, exact=True)
        for row in rows
    ]

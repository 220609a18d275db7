"""A clinic without any providers takes those whom its first file of appointments names."""

import re
from dataclasses import replace
from typing import Any

from pcoord.domain.clinic import Clinic, Practitioner
from pcoord.domain.names import fold, tidy_name
from pcoord.exchange.csv_map import Mapping
from pcoord.exchange.csv_reader import Table
from pcoord.services.desk import Desk
from pcoord.services.import_visit_words import TITLES, bare_name
from pcoord.store import tables
from pcoord.store.ids import new_id

ACTION = "import.csv"
MOST = 200


def add_named(desk: Desk, table: Table, mapping: Mapping, *, dry_run: bool) -> str | None:
    """Add the providers a file names where the clinic has none; return what was done, in words.

    A dry run only lets this desk know them, so that the rows can be counted.
    """
    places = mapping.places("practitioner")
    if mapping.kind != "appointment" or desk.clinic.practitioners or not places:
        return None
    words = {row.cells[places[0]].strip() for row in table if row.problem is None}
    people = _people(sorted(words - {""}), desk.clinic)
    if not people or len(people) > MOST:
        return None
    said = ", ".join(f"{one.code} ({one.given} {one.family})" for one in people)
    if not dry_run:
        desk.step(ACTION, lambda work: _write(work, people))
        desk.reload()
    else:
        desk.clinic = replace(desk.clinic, practitioners=tuple(people))
    return f"The clinic had no providers; added {said}. Give them hours with `pcoord setup FILE`."


def _write(work: Any, people: list[Practitioner]) -> None:
    for position, one in enumerate(people):
        work.unit.insert(
            tables.Practitioner,
            id=one.id,
            code=one.code,
            family=one.family,
            given=one.given,
            role=one.role,
            location_id=one.location_id,
            position=position,
        )
    work.unit.say(f"Added {len(people)} providers whom a file of appointments names.", final=True)


def _people(words: list[str], clinic: Clinic) -> list[Practitioner]:
    """Return the providers of some names; "Dr. Lee" is no other than "Lee, Hannah MD"."""
    found: list[Practitioner] = []
    known: set[str] = set()
    for word in sorted(words, key=lambda text: (-len(bare_name(text).split()), text)):
        family, given = _parts(word)
        if not family or bare_name(word) in known:
            continue
        code = _code(family, {one.code for one in found})
        place = clinic.locations[0].id
        found.append(Practitioner(new_id(), code, family, given, "family", None, place))
        initial = given[:1]
        for name in (family, f"{given} {family}", f"{family} {given}", f"{initial} {family}"):
            known.add(bare_name(name))
        known.add(bare_name(code))
    return sorted(found, key=lambda one: one.code)


def _parts(word: str) -> tuple[str, str]:
    """Return family and given name of "Lee, Hannah MD", "Dr. Hannah Lee" or "LEE"."""
    family, comma, given = (part.strip() for part in word.partition(","))
    if comma and not set(fold(given).split()) <= TITLES:
        return _plain(family), _plain(given)
    words = _plain(family).split()
    return (words[-1], " ".join(words[:-1])) if words else ("", "")


def _plain(text: str) -> str:
    kept = [w for w in text.replace(",", " ").split() if fold(w).replace(" ", "") not in TITLES]
    return tidy_name(" ".join(kept))


def _code(family: str, taken: set[str]) -> str:
    """Return a short code of letters and digits that nobody else has."""
    base = re.sub(r"[^A-Z0-9]", "", fold(family).upper())[:8] or "P"
    number, code = 1, base
    while code in taken:
        number += 1
        code = f"{base[:7]}{number}"
    return code

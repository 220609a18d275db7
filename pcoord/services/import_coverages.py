"""Who pays for imported patients: up to three coverages a row, the first is billed first.

A payer that a file names in the place of another ends the other's coverage and is added; nothing
that the desk wrote is written over with another payer.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from pcoord.domain.disclosure import stands
from pcoord.domain.names import fold, fold_identifier
from pcoord.exchange.csv_coverage import FIELDS, PLACES, keyed
from pcoord.exchange.csv_rows import PatientRow
from pcoord.services.import_changes import Change
from pcoord.services.import_memory import Digests, digest
from pcoord.store.tables import Coverage

NOT_SAID = "payer not said"
"""Who pays where a table has a member number alone; the card says what to ask."""

Told = dict[str, Any]


def says(row: PatientRow) -> Told:
    """Return all that a row says of who pays, by the names of its fields."""
    return {
        keyed(name, place): value
        for place in PLACES
        for name, value in _coverage(row, place).items()
    }


def new_ones(row: PatientRow) -> list[Told]:
    """Return the columns of the coverages of a new patient."""
    found = filter(None, (_coverage(row, place) for place in PLACES))
    return [{"payor": NOT_SAID} | told | {"position": at} for at, told in enumerate(found)]


def _coverage(row: PatientRow, place: int) -> Told:
    """Return what a row says of one who pays; a group alone says nothing."""
    values = {name: getattr(row, keyed(name, place)) for name in FIELDS}
    told = {name: value for name, value in values.items() if value}
    return told if {"payor", "subscriber_id"} & told.keys() else {}


def change(made: Change, row: PatientRow, news: set[str], was: Digests, today: date) -> None:
    """Write what a row says otherwise than the last time; `was` are the digests of that."""
    left = [
        one for one in made.known.coverages if stands(one["from_date"], one["until_date"], today)
    ]
    rows = {place: _coverage(row, place) for place in PLACES}
    kept = {place: _same(left, told) for place, told in rows.items() if told}
    for place, told in rows.items():
        new = {name: value for name, value in told.items() if keyed(name, place) in news}
        if not new:
            continue
        old = kept[place]
        if old is None and "payor" not in told:
            old = _in_place(left, place, was)
        if old is not None:
            _correct(made, old, new)
        else:
            before = _said_before(left, place, was, kept)
            _replace(made, before, {"payor": NOT_SAID} | told, place, today)


def _same(here: Sequence[Mapping[str, Any]], told: Told) -> Mapping[str, Any] | None:
    """Return the coverage that is meant: by that payer, or with that member number."""
    payer, number = fold(told.get("payor", "")), fold_identifier(told.get("subscriber_id", ""))
    by_payer = [one for one in here if payer and fold(one["payor"]) == payer]
    by_number = [
        one for one in by_payer or here if number and fold_identifier(_number(one)) == number
    ]
    return next(iter([*by_number, *by_payer]), None)


def _number(one: Mapping[str, Any]) -> str:
    return one["subscriber_id"] or ""


def _in_place(
    here: Sequence[Mapping[str, Any]], place: int, was: Digests
) -> Mapping[str, Any] | None:
    """Return whose member number changed where the row does not say who pays."""
    said = _said_before(here, place, was, {})
    return said or next((one for one in here[place - 1 :]), None)


def _said_before(
    here: Sequence[Mapping[str, Any]],
    place: int,
    was: Digests,
    kept: Mapping[int, Mapping[str, Any] | None],
) -> Mapping[str, Any] | None:
    """Return the coverage that the row named in that place the last time, and no longer does."""
    others = {one["id"] for one in kept.values() if one}
    return next(
        (
            one
            for one in here
            if digest(one["payor"]) == was.get(keyed("payor", place)) and one["id"] not in others
        ),
        None,
    )


def _correct(made: Change, old: Mapping[str, Any], new: Told) -> None:
    payer = new.get("payor")
    if payer and fold(payer) == fold(old["payor"]):
        new = {name: value for name, value in new.items() if name != "payor"}
    made.values(Coverage, old, new)


def _replace(
    made: Change, before: Mapping[str, Any] | None, told: Told, place: int, today: date
) -> None:
    """Add a coverage; the one it comes for has ended, so that it stays on record as it was."""
    position = place - 1
    if before is not None:
        last = today - timedelta(days=1)
        position = before["position"]
        made.values(Coverage, before, {"until_date": max(last, before["from_date"] or last)})
    elif made.known.coverages:
        position = 1 + max(one["position"] for one in made.known.coverages)
    made.insert(Coverage, **told | {"position": position})

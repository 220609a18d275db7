"""Open work that follows from the records: consents to ask anew, visits of people who died.

Nothing is written down on the day itself: the work is there as soon as the day has come, and gone
once the record says otherwise. Undoing the cause brings it back.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from pcoord.domain.dates import say_birth
from pcoord.domain.disclosure import ended_by_age, of_age_on
from pcoord.services.desk import Desk
from pcoord.services.patient_card import grant_of
from pcoord.store.queries import computed

LOOKS_BACK = timedelta(days=3653)
"""How long ago somebody came of age to be still listed; the card says it without limit."""


@dataclass(frozen=True)
class Item:
    """One piece of work: its key, the row of its patient, what to do, and the day it is due."""

    id: str
    row: Any
    what: str
    due: datetime


def items(desk: Desk) -> list[Item]:
    """Return the open work that follows from the records as they are now."""
    return [*_of_age(desk), *_deceased(desk)]


def _of_age(desk: Desk) -> Iterable[Item]:
    age, today = desk.clinic.majority_age, desk.today
    last = _years_before(today, age)
    rows = desk.read(computed.grants_of_former_minors, age, last - LOOKS_BACK, last)
    ended = [row for row in rows if ended_by_age(grant_of(row), row.birth_date, today, age)]
    for patient_id, each in groupby(ended, key=lambda row: row.id):
        group = list(each)
        since = of_age_on(group[0].birth_date, age)
        assert since is not None
        yield Item(
            f"of-age {patient_id}", group[0], _say_ended(desk, since, group), _day(desk, since)
        )


def _say_ended(desk: Desk, since: date, rows: Sequence[Any]) -> str:
    names = ", ".join(f"{row.role} {row.related_given} {row.related_family}" for row in rows)
    day = say_birth(since, desk.clinic.date_order)
    return f"of age since {day}: ask anew who may hear what; ended for {names}"


def _deceased(desk: Desk) -> Iterable[Item]:
    clinic = desk.clinic
    for row in desk.read(computed.visits_of_the_deceased, desk.now):
        code = clinic.practitioner(row.practitioner_id).code
        local = clinic.local(row.start_at)
        what = f"deceased: cancel the visit {local:%Y-%m-%d %H:%M} with {code}"
        yield Item(f"deceased {row.id}", row, what, row.start_at)


def _day(desk: Desk, day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=desk.clinic.zone)


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return date(day.year - years, 2, 28)

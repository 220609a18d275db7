"""Taking records out as CSV: with permission, and with an event that says what left.

The headings are those that an import knows, so that our own file comes back unchanged.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import islice
from typing import Any

from pcoord.domain.errors import BadUsage
from pcoord.exchange.csv_coverage import PLACES
from pcoord.exchange.csv_writer import Cell, csv_chunks
from pcoord.services import restricted_records
from pcoord.services.desk import Desk
from pcoord.services.patients import MARK
from pcoord.store.engine import Connection
from pcoord.store.queries import export as queries

ACTION = "export.csv"
PAGE = 400
WHAT = ("patients", "appointments")

PATIENT_HEADERS = (
    *("MRN", "Family Name", "Given Name", "Middle Name", "Preferred Name", "Maiden Name"),
    *("Birth Date", "Date of Death", "Sex", "Language", "Interpreter Needed"),
    *("Mobile Phone", "Home Phone", "Work Phone", "Email"),
    *("Street", "City", "State", "Postal Code", "Country"),
    *("Payer", "Member Number", "Group Number", "Note"),
    *("Secondary Payer", "Secondary Member Number", "Secondary Group Number"),
    *("Tertiary Payer", "Tertiary Member Number", "Tertiary Group Number"),
)
APPOINTMENT_HEADERS = (
    *("Patient MRN", "Patient Family", "Patient Given", "Patient Birth Date"),
    *("Start", "Minutes", "Practitioner", "Visit Type", "Status", "Location", "Room", "Note"),
)

Page = Callable[[Connection, Sequence[str]], list[Sequence[Cell]]]


def export_csv(
    desk: Desk,
    what: str,
    *,
    first: date | None = None,
    last: date | None = None,
    tests: bool = False,
    reason: str | None = None,
) -> Iterator[bytes]:
    """Return patients or appointments as the pieces of a CSV file.

    `first` and `last` are clinic days, both included: the visits of those days, or the patients
    who have one then. Test records stay unless `tests` is said, restricted ones with everybody
    but a supervisor unless a `reason` is given, which the log keeps. The event that says how many
    leave is stored before the first piece.
    """
    desk.demand("export.run")
    if what not in WHAT:
        raise BadUsage(f"Choose what to export: {' or '.join(WHAT)}.")
    if reason is not None:
        reason = restricted_records.sound_reason(reason)
    kinds = {"tests": tests, "restricted": takes_restricted(desk, reason)}
    start, end = _bounds(desk, first, last)
    headers: tuple[str, ...]
    page: Page
    if what == "patients":
        headers, page, keys = (
            PATIENT_HEADERS,
            partial(_patients, today=desk.today),
            queries.next_patients,
        )
        wanted = queries.patients_wanted(start, end, **kinds)
    else:
        headers, page, keys = APPOINTMENT_HEADERS, _appointments(desk), queries.next_visits
        wanted = queries.visits_wanted(start, end, **kinds)
    count = desk.read(queries.count, wanted)
    _note(desk, what, count, first, last, reason)
    # Never more than the event says, whatever is added meanwhile.
    return csv_chunks(headers, islice(_rows(desk, partial(keys, wanted=wanted), page), count))


def _bounds(
    desk: Desk, first: date | None, last: date | None
) -> tuple[datetime | None, datetime | None]:
    def midnight(day: date) -> datetime:
        return datetime.combine(day, time(), desk.clinic.zone).astimezone(UTC)

    after = last + timedelta(days=1) if last else None
    return (midnight(first) if first else None, midnight(after) if after else None)


def takes_restricted(desk: Desk, reason: str | None) -> bool:
    """Tell whether restricted records leave with the others."""
    return reason is not None or desk.may(MARK)


def _note(
    desk: Desk,
    what: str,
    count: int,
    first: date | None,
    last: date | None,
    reason: str | None,
) -> None:
    left = {
        "what": what,
        "count": count,
        "from": first.isoformat() if first else None,
        "to": last.isoformat() if last else None,
    }
    left |= {"reason": reason} if reason else {}
    desk.store.note(desk.who, "export", action=ACTION, after=json.dumps(left))


def _rows(desk: Desk, keys: Callable[..., Any], page: Page) -> Iterator[Sequence[Cell]]:
    """Return the rows page by page: nothing is held but the page, however many there are."""
    after = None
    while found := desk.read(keys, after=after, limit=PAGE):
        yield from desk.read(page, [row.id for row in found])
        after = found[-1]


def _patients(connection: Connection, ids: Sequence[str], today: date) -> list[Sequence[Cell]]:
    return [_patient(row, more) for row, more in queries.patients(connection, ids, today)]


def _patient(row: Any, more: dict[str, Any]) -> Sequence[Cell]:
    home = more.get("address")
    paid = [_paid(one) for one in more["coverages"]] + [(None,) * 3] * len(PLACES)
    phones = more["phones"]
    other = [number for use in phones if use not in ("home", "work") for number in phones[use]]
    return (
        *(row.mrn, row.family, row.given, row.middle, row.preferred, more.get("maiden")),
        *(row.birth_date, row.deceased_on, row.sex, row.language),
        row.interpreter,
        *("; ".join(numbers) for numbers in (other, phones["home"], phones["work"])),
        row.email,
        *(
            (home.line, home.city, home.state, home.postal_code, home.country)
            if home
            else (None,) * 5
        ),
        *paid[0],
        row.note,
        *(cell for one in paid[1 : len(PLACES)] for cell in one),
    )


def _paid(row: Any) -> tuple[Cell, ...]:
    return (row.payor, row.subscriber_id, row.group_number)


def _appointments(desk: Desk) -> Page:
    clinic = desk.clinic

    def visit(row: Any) -> Sequence[Cell]:
        confirmed = row.status == "booked" and row.confirmed_at
        return (
            *(row.mrn, row.family, row.given, row.birth_date),
            clinic.local(row.start_at).isoformat(timespec="minutes"),
            int((row.end_at - row.start_at).total_seconds() // 60),
            clinic.practitioner(row.practitioner_id).code,
            clinic.visit_type(row.visit_type_id).code,
            "confirmed" if confirmed else row.status,
            clinic.location(row.location_id).code,
            *(row.room, row.note),
        )

    return lambda connection, ids: [visit(row) for row in queries.appointments(connection, ids)]

"""A practitioner runs late: how much, why, and whom to tell."""

from datetime import date, datetime, time, timedelta
from typing import Any

from pcoord.domain.errors import Refused
from pcoord.services.desk import Desk, Work, use_case
from pcoord.store.queries import schedule
from pcoord.store.queries.clinic import late_row
from pcoord.store.tables import PractitionerDay

MAX_LATE = 8 * 60


@use_case("schedule.late", "schedule.manage")
def mark_late(
    work: Work,
    *,
    practitioner_id: str,
    minutes: int,
    reason: str | None = None,
    day: date | None = None,
) -> None:
    """Mark a practitioner late by so many minutes today (0 clears it), and why."""
    if not 0 <= minutes <= MAX_LATE:
        raise Refused("Late is between 0 minutes and 8 hours; for a whole day, move the visits.")
    on = day or work.today
    row = late_row(work.connection, practitioner_id, on)
    if row is None:
        made = work.unit.insert(
            PractitionerDay,
            practitioner_id=practitioner_id,
            day=on,
            late_minutes=minutes,
            reason=reason,
        )
    else:
        made = row.id
        work.unit.update(PractitionerDay, made, late_minutes=minutes, reason=reason)
    code = work.clinic.practitioner(practitioner_id).code
    why = f": {reason}" if reason else ""
    said = f"{code} runs {minutes} minutes late{why}" if minutes else f"{code} is on time again"
    work.unit.say(f"{said}.", about=("practitioner_day", made))


def to_tell(desk: Desk, practitioner_id: str) -> list[Any]:
    """Return those booked with a practitioner for the rest of today who are not here yet."""
    now = desk.now
    end = datetime.combine(desk.today + timedelta(days=1), time(), desk.clinic.zone)
    rows = desk.read(schedule.day, now - timedelta(hours=1), end, [practitioner_id])
    return [row for row in rows if row.status == "booked" and row.encounter_id is None]

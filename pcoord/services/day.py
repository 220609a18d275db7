"""Read models of the day: the schedule, who is here, and the state line."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from datetime import date as Date
from typing import Any

from pcoord.domain import dates
from pcoord.domain.clinic import Room
from pcoord.domain.errors import NotFound
from pcoord.domain.slots import Hours
from pcoord.domain.visit import visit_letter
from pcoord.services import restricted_records, staging
from pcoord.services.desk import Desk
from pcoord.store.queries import schedule
from pcoord.store.queries.beside import Beside, beside


@dataclass(frozen=True)
class Day:
    """A day of the schedule: visits, hours and lateness by practitioner; rows as queried.

    `beside` holds what else was asked for.
    """

    date: Date
    visits: Sequence[Any]
    hours: dict[str, list[Hours]]
    late: dict[str, tuple[int, str | None]]
    beside: Beside


@dataclass(frozen=True)
class State:
    """What the top line says of the whole desk."""

    here: int
    over: int
    callbacks_due: int
    nurse_calls: int


def bounds(desk: Desk, day: date, days: int = 1) -> tuple[datetime, datetime]:
    """Return the first moment of a clinic day, and of the day after its last, UTC."""
    zone = desk.clinic.zone
    first = datetime.combine(day, time(), zone)
    last = datetime.combine(day + timedelta(days=days), time(), zone)
    return first.astimezone(UTC), last.astimezone(UTC)


def load_day(
    desk: Desk,
    day: date,
    practitioner_ids: Sequence[str] | None = None,
    days: int = 1,
    *,
    also: Sequence[str] = (),
) -> Day:
    """Return a day (or several) of the schedule, of all or some practitioners; two statements.

    `also` names more parts of `beside`.
    """
    desk.demand("appointment.read")
    who = list(practitioner_ids or [p.id for p in desk.clinic.practitioners if p.active])
    first, last = bounds(desk, day, days)
    visits = desk.read(schedule.day, first, last, None if practitioner_ids is None else who)
    end = day + timedelta(days=days - 1)
    values = {"who": who, "day": day, "until": end, "first": first, "last": last}
    found = desk.read(beside, ("hours", "late", *also), **values, **counting(desk))
    return Day(day, visits, found.hours, found.late, found)


def letter(row: Any) -> str:
    """Return the state letter of a visit row."""
    return visit_letter(
        appointment_status=row.status,
        confirmed=row.confirmed_at is not None,
        late_cancel=row.late_cancel,
        stage=row.stage,
    )


def visit(desk: Desk, appointment_id: str) -> Any:
    """Return one visit; raise NotFound."""
    row = desk.read(schedule.visit, appointment_id)
    if row is None:
        raise NotFound("That visit is not there any more; look again.")
    return restricted_records.veil(desk, row)


def visits_for(
    desk: Desk, patient_id: str, action_id: str, at: datetime | None = None
) -> list[Any]:
    """Return the visits of a patient that an action may be about, the nearest first.

    `at` (UTC) is the true time of what is typed in later.
    """
    rows = restricted_records.veiled(desk, desk.read(schedule.visits_of, patient_id))
    if action_id == "encounter.check_in":
        return _to_check_in(desk, rows, at or desk.now)
    rows = [row for row in rows if row.status == "booked"]
    first, _ = bounds(desk, desk.today)
    if action_id == "appointment.noshow":
        return [row for row in rows if row.start_at <= desk.now][-1:]
    return [row for row in rows if row.start_at >= first]


def _to_check_in(desk: Desk, rows: Sequence[Any], moment: datetime) -> list[Any]:
    """Return visits of that day (or near, around midnight) of those not checked in yet."""
    return [
        row
        for row in rows
        if (row.stage == "arrived" or (row.stage is None and row.status in {"booked", "noshow"}))
        and (
            desk.clinic.day_of(row.start_at) == desk.clinic.day_of(moment)
            or abs(row.start_at - moment) <= staging.NEAR
        )
    ]


def here(desk: Desk) -> list[Any]:
    """Return everybody who is here now, first come first."""
    desk.demand("encounter.read")
    return restricted_records.veiled(desk, desk.read(schedule.board))


def free_rooms(desk: Desk, location_id: str | None = None) -> list[Room]:
    """Return the rooms nobody is in, those of a site first."""
    taken = {row.room_id for row in desk.read(schedule.board)}
    free = [room for room in desk.clinic.rooms if room.id not in taken]
    return sorted(free, key=lambda room: room.location_id != location_id)


def today_ids(desk: Desk) -> list[str]:
    """Return the patients of today: booked today or here now."""
    first, last = bounds(desk, desk.today)
    booked = [row.patient_id for row in desk.read(schedule.day, first, last)]
    return list(dict.fromkeys([*booked, *(row.patient_id for row in here(desk))]))


def usual_practitioner(desk: Desk, patient_id: str | None) -> str | None:
    """Return whom a patient usually sees: the one on record, else the last one seen."""
    if patient_id is None:
        return None
    recorded = desk.read(schedule.recorded_practitioner, patient_id)
    active = {p.id for p in desk.clinic.practitioners if p.active and p.role != "nurse"}
    if recorded in active:
        return str(recorded)
    seen = [row.practitioner_id for row in desk.read(schedule.visits_of, patient_id)]
    return next((who for who in reversed(seen) if who in active), None)


def state(desk: Desk) -> State:
    """Return the figures of the top line: one statement."""
    return state_of(desk.read(beside, ("figures",), **counting(desk)))


def state_of(found: Beside) -> State:
    """Return the figures of the top line that were asked for beside something else."""
    return State(*found.figures)


def counting(desk: Desk) -> dict[str, Any]:
    """Return the values that the figures are counted by."""
    return {"now": desk.now, "past": _past_since(desk)}


def _past_since(desk: Desk) -> dict[str, datetime]:
    """Return by stage the moment since when somebody there is past its limit, UTC."""
    limits = {stage.code: stage.limit_minutes for stage in desk.stages}
    # Minutes are counted whole: 15 minutes and 50 seconds are 15.
    return {
        code: desk.now - timedelta(minutes=limit + 1)
        for code, limit in limits.items()
        if limit is not None
    }


def read_date(desk: Desk, text: str) -> tuple[Date, time | None]:
    """Read a typed day and, if it is there, a time; raise BadUsage in words. Asks no database."""
    when = dates.parse_when(
        text,
        today=desk.today,
        now=desk.clinic.local(desk.now).time(),
        order=desk.clinic.date_order,
        facing="future",
        hours=desk.clinic.hours,
    )
    return when.date or desk.today, when.time

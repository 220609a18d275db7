"""The demo's clinic: sites, rooms, practitioners, their hours, and the staff at the desk."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from pcoord import resources
from pcoord.domain.clinic import Clinic
from pcoord.domain.slots import Hours
from pcoord.store.ids import new_id
from pcoord.store.queries import clinic as clinic_queries
from pcoord.store.tables import (
    Availability,
    Location,
    Organization,
    Practitioner,
    PractitionerDay,
    Room,
    StaffUser,
)
from pcoord.store.unit import Unit

BEFORE, AFTER = timedelta(hours=4), timedelta(hours=6)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
STAFF = (
    ("ana", "Ana Flores", "front-desk"),
    ("ben", "Ben Achterberg", "front-desk"),
    ("ruth", "Ruth Delgado", "billing"),
)
LATE = ("LEE", 25, "an emergency this morning")
_DAY = 24 * 60


@dataclass
class Setting:
    """What everything else in the demo is built around; `now` is UTC, `rng` seeded."""

    rng: Random
    now: datetime
    zone: ZoneInfo
    clinic: Clinic
    hours: dict[str, list[Hours]]
    user_id: str
    staff: list[str] = field(default_factory=list)

    @property
    def today(self) -> date:
        """Return the clinic's date."""
        return self.now.astimezone(self.zone).date()

    @property
    def first(self) -> datetime:
        """Return when today's session begins, UTC."""
        return self.now - BEFORE

    @property
    def last(self) -> datetime:
        """Return when today's session ends, UTC."""
        return self.now + AFTER


@cache
def told() -> dict[str, Any]:
    """Return the tables of demo_clinic.toml."""
    return resources.load_toml("demo_clinic.toml")


def minute_of(text: str) -> int:
    """Return "07:30" as minutes since midnight."""
    hour, _, minute = text.partition(":")
    return int(hour) * 60 + int(minute)


def session_rows(now: datetime, zone: ZoneInfo) -> list[tuple[date, int, int]]:
    """Return (date, first minute, last minute) of wall time that covers today's session.

    Whole hours, so that it is covered also where the clock shows an hour twice.
    """
    begin, end = (now - BEFORE).astimezone(zone), (now + AFTER).astimezone(zone)
    first = begin.hour * 60
    last = -(-(end.hour * 60 + end.minute) // 60) * 60
    if end.minute == 0 and end.fold:
        last += 60
    if begin.date() == end.date():
        return [(begin.date(), first, last)]
    rows = [(begin.date(), first, _DAY), (end.date(), 0, last)]
    return [row for row in rows if row[1] < row[2]]


def build(unit: Unit, timezone: str) -> None:
    """Write the clinic's facts, around the organization that is there already."""
    organization = str(unit.connection.exec_driver_sql("SELECT id FROM organization").scalar_one())
    _open_wide(unit, organization, timezone)
    places = _locations(unit, organization, timezone)
    _rooms(unit, places)
    zone = ZoneInfo(timezone)
    ids = {}
    for position, row in enumerate(told()["practitioners"]):
        ids[row["code"]] = _practitioner(unit, row, position, places)
        unit.bulk(Availability, _hours(row, ids[row["code"]], places))
    _open_today(unit, ids, places, zone)
    code, minutes, reason = LATE
    late = {"id": new_id(), "practitioner_id": ids[code], "day": unit.now.astimezone(zone).date()}
    unit.bulk(PractitionerDay, [late | {"late_minutes": minutes, "reason": reason}])


def _open_wide(unit: Unit, organization: str, timezone: str) -> None:
    """Set the clinic's hours, wider where today's session lies outside of them."""
    given = told()["organization"]
    today = unit.now.astimezone(ZoneInfo(timezone)).date()
    rows = [row for row in session_rows(unit.now, ZoneInfo(timezone)) if row[0] == today]
    unit.update(
        Organization,
        organization,
        date_order=given["date_order"],
        region=given["region"],
        language=given["language"],
        idle_minutes=given["idle_minutes"],
        day_start_minute=min([minute_of(given["day_start"]), *(row[1] for row in rows)]),
        day_end_minute=max([minute_of(given["day_end"]), *(row[2] for row in rows)]),
    )


def _locations(unit: Unit, organization: str, timezone: str) -> dict[str, str]:
    rows = [
        {"id": new_id(), "organization_id": organization, "timezone": timezone, "position": n} | row
        for n, row in enumerate(told()["locations"])
    ]
    unit.bulk(Location, rows)
    return {row["code"]: row["id"] for row in rows}


def _rooms(unit: Unit, places: dict[str, str]) -> None:
    named = [(row, name) for row in told()["rooms"] for name in row["names"]]
    unit.bulk(
        Room,
        [
            {
                "id": new_id(),
                "location_id": places[row["location"]],
                "name": name,
                "kind": row["kind"],
                "position": position,
            }
            for position, (row, name) in enumerate(named)
        ],
    )


def _practitioner(unit: Unit, row: dict[str, Any], position: int, places: dict[str, str]) -> str:
    made = {key: row[key] for key in ("code", "family", "given", "role", "specialty")}
    made |= {"id": new_id(), "location_id": places[row["location"]], "position": position}
    made["takes"] = "|".join(row.get("takes", []))
    unit.bulk(Practitioner, [made])
    return str(made["id"])


def _hours(row: dict[str, Any], practitioner_id: str, places: dict[str, str]) -> list[Any]:
    """Return the weekly rows of one practitioner; lunch parts a day in two."""
    rows = []
    lunch = (minute_of(row["lunch"]["start"]), minute_of(row["lunch"]["end"]))
    for stretch in row["hours"]:
        for start, end in _around(stretch, lunch):
            rows += _weekly(stretch, practitioner_id, places, row, start, end, "open")
    for block in row.get("blocks", []):
        span = (minute_of(block["start"]), minute_of(block["end"]))
        rows += _weekly(block, practitioner_id, places, row, *span, "blocked")
    return rows


def _around(stretch: dict[str, Any], lunch: tuple[int, int]) -> list[tuple[int, int]]:
    start, end = minute_of(stretch["start"]), minute_of(stretch["end"])
    parts = [(start, min(end, lunch[0])), (max(start, lunch[1]), end)]
    return [part for part in parts if part[0] < part[1]]


def _weekly(
    told_of: dict[str, Any],
    practitioner_id: str,
    places: dict[str, str],
    row: dict[str, Any],
    start: int,
    end: int,
    kind: str,
) -> list[dict[str, Any]]:
    every = told_of.get("every_weeks", 1)
    return [
        {
            "id": new_id(),
            "practitioner_id": practitioner_id,
            "location_id": places[told_of.get("location", row["location"])],
            "kind": kind,
            "weekday": WEEKDAYS.index(day),
            "start_minute": start,
            "end_minute": end,
            # Every second week is counted from a week; any will do.
            "from_date": date(2024, 1, 1) if every > 1 else None,
            "every_weeks": every,
            "reason": told_of.get("reason"),
        }
        for day in told_of["days"]
    ]


def _open_today(unit: Unit, ids: dict[str, str], places: dict[str, str], zone: ZoneInfo) -> None:
    """Have everybody in for today's session, each with a lunch before or behind the present."""
    rows = []
    for position, row in enumerate(told()["practitioners"]):
        base = {
            "practitioner_id": ids[row["code"]],
            "location_id": places[row["location"]],
        }
        for day, first, last in session_rows(unit.now, zone):
            times = {"day": day, "start_minute": first, "end_minute": last}
            rows.append({"id": new_id(), "kind": "open"} | times | base)
        rows += _lunch(unit.now, zone, position, base)
    unit.bulk(Availability, rows)


def _lunch(
    now: datetime, zone: ZoneInfo, position: int, base: dict[str, str]
) -> list[dict[str, Any]]:
    begin = (now + timedelta(hours=(2, 3, -3, 2, 3)[position % 5])).astimezone(zone)
    first = begin.hour * 60 + begin.minute // 30 * 30
    if first + 30 > _DAY:
        return []
    row = {"id": new_id(), "kind": "blocked", "day": begin.date(), "reason": "Lunch"}
    return [row | {"start_minute": first, "end_minute": first + 30} | base]


def staff(unit: Unit, admin: str) -> None:
    """Write the colleagues; without a password nobody can sign in as one of them."""
    rows = [
        {"id": new_id(), "username": username, "name": name, "role": role}
        for username, name, role in STAFF
        if username != admin
    ]
    unit.bulk(StaffUser, rows)


def load(connection: Any, rng: Random, now: datetime, user_id: str) -> Setting:
    """Return the setting of a clinic that was built."""
    clinic = clinic_queries.load_clinic(connection)
    everyone = [practitioner.id for practitioner in clinic.practitioners]
    today = now.astimezone(clinic.zone).date()
    days = (today - timedelta(days=400), today + timedelta(days=400))
    hours = clinic_queries.hours_of(connection, everyone, *days)
    query = "SELECT id FROM staff_user WHERE role <> 'billing' ORDER BY id"
    desks = [str(key) for key in connection.exec_driver_sql(query).scalars()]
    return Setting(rng, now, clinic.zone, clinic, hours, user_id, desks)

"""Bringing a clinic's own facts in: sites, rooms, providers, their visit types and hours.

The same file again changes nothing; what a file leaves out stays as it is.
"""

from dataclasses import asdict
from os import PathLike
from typing import Any

from pcoord.domain.errors import BadUsage, Refused
from pcoord.exchange.clinic_file import FIRST_WEEK, ClinicFile, Provider, load_clinic
from pcoord.services.desk import Desk, Work
from pcoord.store.queries import clinic as clinic_queries
from pcoord.store.tables import Availability, Location, Practitioner, Room
from pcoord.store.unit import Step

ACTION = "clinic.setup"


def set_up(desk: Desk, file: str | PathLike[str]) -> Step:
    """Write what a file says otherwise than the clinic has it, as one step.

    Raises Refused where there is nothing to change, BadUsage for what is wrong in the file.
    """
    desk.demand("user.manage")
    told = load_clinic(file)
    _demand_types(desk, told)
    step = desk.step(ACTION, lambda work: _write(work, told, []))
    desk.reload()
    return step


def _demand_types(desk: Desk, told: ClinicFile) -> None:
    known = {kind.code for kind in desk.clinic.visit_types}
    for provider in told.providers:
        for code in filter(None, provider.facts.get("takes", "").split("|")):
            if code not in known:
                codes = ", ".join(sorted(known))
                raise BadUsage(f"{provider.code} takes {code!r}, which is none of {codes}.")


def _write(work: Work, told: ClinicFile, done: list[str]) -> None:
    sites = _sites(work, told, done)
    _rooms(work, told, sites, done)
    for position, provider in enumerate(told.providers):
        _provider(work, provider, position, sites, done)
    if not done:
        raise Refused("The clinic has all of this already; nothing was changed.")
    work.unit.say(f"Set up the clinic: {', '.join(dict.fromkeys(done))}.")


def _sites(work: Work, told: ClinicFile, done: list[str]) -> dict[str, str]:
    here = {one.code: one.id for one in work.clinic.locations}
    organization = str(work.connection.exec_driver_sql("SELECT id FROM organization").scalar_one())
    for position, row in enumerate(told.sites):
        facts = {"timezone": work.clinic.timezone} | row
        if row["code"] not in here:
            made = {"organization_id": organization, "position": position} | facts
            here[row["code"]] = work.unit.insert(Location, **made)
            done.append(f"site {row['code']}")
        elif _changed(work, Location, here[row["code"]], row):
            done.append(f"site {row['code']}")
    return here


def _site_of(sites: dict[str, str], code: str | None) -> str:
    if code is None:
        return next(iter(sites.values()))
    if code not in sites:
        raise BadUsage(f"There is no site {code!r}; the clinic has {', '.join(sites)}.")
    return sites[code]


def _changed(work: Work, model: Any, record_id: str, facts: dict[str, Any]) -> bool:
    old = work.unit.row(model, record_id)
    moved = {name: value for name, value in facts.items() if old[name] != value}
    if moved:
        work.unit.update(model, record_id, **moved)
    return bool(moved)


def _rooms(work: Work, told: ClinicFile, sites: dict[str, str], done: list[str]) -> None:
    here = {(room.location_id, room.name) for room in work.clinic.rooms}
    for row in told.rooms:
        site = _site_of(sites, row["site"])
        for name in map(str, row["names"]):
            if (site, name) not in here:
                made = {"location_id": site, "name": name, "kind": row.get("kind", "exam")}
                work.unit.insert(Room, **made, position=len(here))
                here.add((site, name))
                done.append(f"room {name}")


def _provider(
    work: Work, provider: Provider, position: int, sites: dict[str, str], done: list[str]
) -> None:
    old = next((p for p in work.clinic.practitioners if p.code == provider.code), None)
    facts = dict(provider.facts)
    if provider.site is not None or old is None:
        facts["location_id"] = _site_of(sites, provider.site)
    if old is None:
        made = {"given": "", "role": "family", "code": provider.code, "position": position}
        record_id = work.unit.insert(Practitioner, **made | facts)
        done.append(provider.code)
    else:
        record_id = old.id
        if _changed(work, Practitioner, record_id, facts):
            done.append(provider.code)
    place = facts.get("location_id") or (old.location_id if old else None)
    if provider.stretches is not None and _hours(work, provider, record_id, str(place)):
        done.append(provider.code)


def _hours(work: Work, provider: Provider, record_id: str, place: str) -> bool:
    """Put the weekly hours of a file in the place of those here; single days stay."""
    wanted = [
        asdict(one) | {"from_date": FIRST_WEEK if one.every_weeks > 1 else None}
        for one in provider.stretches or ()
    ]
    left = list(wanted)
    changed = False
    for row in clinic_queries.weekly_rows(work.connection, record_id):
        same = next((w for w in left if all(getattr(row, k) == v for k, v in w.items())), None)
        if same is not None:
            left.remove(same)
        else:
            work.unit.update(Availability, row.id, entered_in_error=True)
            changed = True
    for values in left:
        work.unit.insert(Availability, practitioner_id=record_id, location_id=place, **values)
    return changed or bool(left)

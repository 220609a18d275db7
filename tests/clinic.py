"""A small clinic for tests: three practitioners, a handful of people, a fixed moment."""

import os
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from pcoord.clock import FixedClock
from pcoord.services import accounts
from pcoord.services.desk import Desk
from pcoord.store.audit import Who
from pcoord.store.engine import parse_address
from pcoord.store.ids import new_id
from pcoord.store.store import KEY_VARIABLE, Store
from pcoord.store.tables import (
    Availability,
    ContactPoint,
    Identifier,
    Organization,
    Patient,
    Practitioner,
    Room,
    StaffUser,
)
from pcoord.store.unit import Unit

ZONE = ZoneInfo("America/Chicago")
# A Tuesday, nine in the morning in the clinic.
NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
TODAY = date(2026, 11, 24)

PRACTITIONERS = (
    ("LEE", "Lee", "Hannah", "physician", "family medicine"),
    ("ORTIZ", "Ortiz", "Rafael", "physician", "pediatrics"),
    ("SHAH", "Shah", "Mina", "nurse", "nurse"),
)
PEOPLE = (
    ("8841", "Gonzalez", "Maria Luisa", date(1962, 3, 4), "female", "201-555-0142"),
    ("10017", "Gonzalez", "Mario", date(1962, 11, 20), "male", "201-555-0133"),
    ("5530", "Gonzales", "Marta", date(1962, 7, 1), "female", "201-555-0121"),
    ("10442", "Haddad", "Layla", date(1992, 5, 9), "female", "201-555-0144"),
    ("10443", "Kim", "Dana", date(1990, 1, 31), "female", "201-555-0155"),
    ("10444", "Kim", "Daniel", date(1958, 8, 2), "male", "201-555-0155"),
    ("10445", "O'Brien", "Séan", date(2001, 2, 28), "male", "201-555-0166"),
    ("10446", "Nuñez-Garcia", "Ana", date(2019, 6, 6), "female", "201-555-0177"),
)


def fill(url: str) -> None:
    """Make the clinic in an empty database."""
    _name_key(url)
    store, _ = accounts.make_clinic(
        parse_address(url),
        FixedClock(NOW),
        name="Riverside",
        timezone="America/Chicago",
        admin="boss",
        password="a long enough sentence",
    )
    who = accounts.system_who("boss")
    store.write(who, "test.fill", _people)
    store.close()


def _name_key(url: str) -> None:
    if "postgres" in url:
        os.environ[KEY_VARIABLE] = str(Path(os.environ["HOME"]) / "audit.key")
    else:
        os.environ.pop(KEY_VARIABLE, None)


def lock_after(unit: Unit, minutes: int) -> None:
    """Have idle desks lock after so many minutes."""
    clinic = unit.connection.exec_driver_sql("SELECT id FROM organization").scalar_one()
    unit.update(Organization, clinic, idle_minutes=minutes)


def _people(unit: Unit) -> None:
    # Tests let more time pass than the ten minutes of a real clinic, without a key.
    lock_after(unit, 120)
    location = unit.connection.exec_driver_sql("SELECT id FROM location").scalar_one()
    for number in range(1, 5):
        unit.insert(Room, location_id=location, name=str(number), position=number)
    for position, (code, family, given, role, specialty) in enumerate(PRACTITIONERS):
        who = unit.insert(
            Practitioner,
            code=code,
            family=family,
            given=given,
            role=role,
            specialty=specialty,
            location_id=location,
            position=position,
        )
        for weekday in range(5):
            for start, end in ((8 * 60, 12 * 60), (13 * 60, 17 * 60)):
                unit.insert(
                    Availability,
                    practitioner_id=who,
                    location_id=location,
                    weekday=weekday,
                    start_minute=start,
                    end_minute=end,
                )
    for mrn, family, given, born, sex, phone in PEOPLE:
        person = unit.insert(
            Patient, family=family, given=given, birth_date=born, sex=sex, created_at=unit.now
        )
        unit.insert(Identifier, patient_id=person, value=mrn)
        unit.insert(
            ContactPoint,
            patient_id=person,
            value=phone,
            digits="1" + "".join(c for c in phone if c.isdigit()),
        )
    unit.insert(StaffUser, username="ana", name="Ana Flores", role="front-desk")
    unit.insert(StaffUser, username="ben", name="Ben Okafor", role="front-desk")
    unit.insert(StaffUser, username="eve", name="Eve Roth", role="read-only")
    unit.say("Filled.", final=True)


@dataclass
class Clinic:
    """An opened clinic with desks for its people, and short ways to what tests need."""

    url: str
    clock: FixedClock

    def __post_init__(self) -> None:
        _name_key(self.url)
        self._stores: list[Store] = []

    def desk(self, username: str = "ana") -> Desk:
        """Return a desk of its own connection, as another terminal would be."""
        store = Store.open(parse_address(self.url), self.clock)
        self._stores.append(store)
        row = store.read(
            lambda c: c.exec_driver_sql(
                f"SELECT id, username, name, role FROM staff_user WHERE username = '{username}'"
            ).one()
        )
        return Desk(store, Who(row.id, row.username, row.name, row.role, new_id(), "tests"))

    def close(self) -> None:
        """Close all connections."""
        for store in self._stores:
            store.close()

    def leave(self) -> None:
        """Close all connections, and name no key for those who come after."""
        self.close()
        os.environ.pop(KEY_VARIABLE, None)

    def patient(self, desk: Desk, mrn: str) -> str:
        """Return the id of the patient with a record number."""
        query = f"SELECT patient_id FROM identifier WHERE value = '{mrn}'"
        return str(desk.read(lambda c: c.exec_driver_sql(query).scalar_one()))

    def at(self, hour: int, minute: int = 0, days: int = 0) -> datetime:
        """Return a wall time of the clinic, today or so many days on, as UTC."""
        day = TODAY + timedelta(days=days)
        return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE).astimezone(UTC)

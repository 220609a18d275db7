"""The clinic itself: where, who practises there, when, and what can be booked."""

from datetime import date

from sqlmodel import Field, SQLModel

from pcoord.store.tables.base import Record, link


class Organization(Record, table=True):
    """The clinic group; one row in a file or schema."""

    name: str
    timezone: str
    date_order: str = "mdy"
    region: str = "US"
    language: str = "en"
    idle_minutes: int = 10
    day_start_minute: int = 7 * 60
    day_end_minute: int = 19 * 60
    is_demo: bool = False
    majority_age: int = 18


class Location(Record, table=True):
    """A site of the clinic, with its own zone."""

    organization_id: str = link("organization.id")
    code: str = Field(unique=True)
    name: str
    timezone: str
    phone: str | None = None
    address: str | None = None
    position: int = 0


class Room(Record, table=True):
    """A room where patients are seen."""

    location_id: str = link("location.id", index=True)
    name: str
    kind: str = "exam"
    position: int = 0


class Practitioner(Record, table=True):
    """Somebody who sees patients; `code` is what the desk types (LEE).

    `takes` lists the codes of their visit types with bars; empty leaves it to the types' role.
    """

    code: str = Field(unique=True)
    family: str
    given: str
    role: str
    specialty: str | None = None
    location_id: str = link("location.id")
    position: int = 0
    active: bool = True
    takes: str = ""


class PractitionerDay(Record, table=True):
    """What is special about a practitioner's one day: running late, and why."""

    __tablename__ = "practitioner_day"

    practitioner_id: str = link("practitioner.id")
    day: date = Field(index=True)
    late_minutes: int = 0
    reason: str | None = None


class VisitType(Record, table=True):
    """What can be booked; `code` is what the desk types (fu)."""

    __tablename__ = "visit_type"

    code: str = Field(unique=True)
    title: str
    minutes: int
    modality: str = "in-person"
    words: str = ""
    role: str | None = None
    position: int = 0
    active: bool = True


class Availability(Record, table=True):
    """Open or blocked wall time of a practitioner: minutes since midnight in the location's zone.

    A row has a weekday (0 is Monday) and repeats every `every_weeks` from `from_date`, or a day.
    """

    practitioner_id: str = link("practitioner.id", index=True)
    location_id: str = link("location.id")
    kind: str = "open"
    weekday: int | None = None
    day: date | None = None
    start_minute: int
    end_minute: int
    from_date: date | None = None
    until_date: date | None = None
    every_weeks: int = 1
    reason: str | None = None


class Counter(SQLModel, table=True):
    """The last number given out (mrn, call, ...), bumped in the transaction that uses it."""

    name: str = Field(primary_key=True)
    value: int = 0

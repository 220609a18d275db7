"""The clinic as every screen knows it: sites, practitioners, visit types, rooms, stages."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Location:
    """A site."""

    id: str
    code: str
    name: str
    timezone: str
    phone: str | None = None


@dataclass(frozen=True)
class Practitioner:
    """Somebody who sees patients; `code` is what the desk types and reads.

    `takes` are the codes of their visit types; without any, nurses take the nurses' types and
    all others the rest.
    """

    id: str
    code: str
    family: str
    given: str
    role: str
    specialty: str | None
    location_id: str
    active: bool = True
    takes: tuple[str, ...] = ()

    def sees(self, kind: "VisitType") -> bool:
        """Tell whether patients come to them for visits of this type."""
        if self.takes:
            return kind.code in self.takes
        return (self.role == "nurse") == (kind.role == "nurse")


@dataclass(frozen=True)
class VisitType:
    """What can be booked, and how long it takes in minutes."""

    id: str
    code: str
    title: str
    minutes: int
    modality: str = "in-person"
    words: tuple[str, ...] = ()
    role: str | None = None


@dataclass(frozen=True)
class Room:
    """A room where patients are seen."""

    id: str
    location_id: str
    name: str


@dataclass(frozen=True)
class Clinic:
    """What seldom changes, read once and kept."""

    id: str
    name: str
    timezone: str
    date_order: str = "mdy"
    region: str = "US"
    idle_minutes: int = 10
    day_start_minute: int = 7 * 60
    day_end_minute: int = 19 * 60
    is_demo: bool = False
    majority_age: int = 18
    locations: tuple[Location, ...] = ()
    practitioners: tuple[Practitioner, ...] = ()
    visit_types: tuple[VisitType, ...] = ()
    rooms: tuple[Room, ...] = ()

    @property
    def zone(self) -> ZoneInfo:
        """Return the clinic's zone."""
        return ZoneInfo(self.timezone)

    @property
    def hours(self) -> tuple[int, int]:
        """Return the first and last hour of the clinic's day, for reading a bare hour."""
        return self.day_start_minute // 60, -(-self.day_end_minute // 60)

    def local(self, moment: datetime) -> datetime:
        """Return a moment as the clinic's wall clock shows it."""
        return moment.astimezone(self.zone)

    def day_of(self, moment: datetime) -> date:
        """Return the clinic's date at a moment."""
        return self.local(moment).date()

    def practitioner(self, key: str) -> Practitioner:
        """Return a practitioner by id or code; raise KeyError."""
        return _pick(self.practitioners, key)

    def visit_type(self, key: str) -> VisitType:
        """Return a visit type by id or code; raise KeyError."""
        return _pick(self.visit_types, key)

    def location(self, key: str) -> Location:
        """Return a site by id or code; raise KeyError."""
        return _pick(self.locations, key)

    def room(self, room_id: str) -> Room:
        """Return a room by id; raise KeyError."""
        for room in self.rooms:
            if room.id == room_id:
                return room
        raise KeyError(room_id)


T = TypeVar("T", Location, Practitioner, VisitType)


def _pick(things: Iterable[T], key: str) -> T:
    folded = key.casefold()
    for thing in things:
        if thing.id == key or thing.code.casefold() == folded:
            return thing
    raise KeyError(key)

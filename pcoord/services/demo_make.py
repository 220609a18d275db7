"""Makes the demo clinic in an empty database: the same seed and moment make the same clinic."""

from collections.abc import Callable, Iterator
from datetime import date
from itertools import islice
from random import Random
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from pcoord.clock import Clock
from pcoord.domain.errors import BadUsage
from pcoord.services import (
    accounts,
    demo_clinic,
    demo_coverages,
    demo_desk,
    demo_documents,
    demo_flow,
    demo_visits,
)
from pcoord.services.demo_clinic import Setting
from pcoord.services.demo_people import Person, people
from pcoord.services.demo_register import Enrolled, Register
from pcoord.services.demo_stories import Stories
from pcoord.services.demo_visits import Crowd, Slot
from pcoord.store import ids
from pcoord.store.audit import Who
from pcoord.store.bulk import insert_many
from pcoord.store.derived import occupancy, occupied_rows
from pcoord.store.engine import Address
from pcoord.store.filling import filling
from pcoord.store.store import Store
from pcoord.store.tables import Appointment, Encounter, EncounterStage
from pcoord.store.unit import Unit
from pcoord.store.values import canonical

T = TypeVar("T")
Inventor = Callable[[int, int, date, str], Iterator[Person]]
Progress = Callable[[int, int], None]
PATIENTS, SEED, MOST = 400, 1, 1_000_000
_VISITS = 400
Row = dict[str, Any]


def make(
    address: Address,
    clock: Clock,
    *,
    timezone: str,
    admin: str,
    patients: int = PATIENTS,
    seed: int = SEED,
    crowd: Inventor = people,
    progress: Progress | None = None,
) -> tuple[Store, Who]:
    """Make a demo clinic in an empty database and return its open store and its supervisor.

    `crowd` invents its people (count, seed, today, region); `progress` hears patients written and
    patients in all.
    """
    if not 1 <= patients <= MOST:
        raise BadUsage(f"A demo has between 1 and {MOST:,} patients; give --patients N.")
    ids.use_maker(ids.seeded_maker(seed, clock.now()))
    try:
        name = demo_clinic.told()["organization"]["name"]
        store, who = accounts.make_clinic(
            address, clock, name=name, timezone=timezone, admin=admin, demo=True
        )
        made = _Making(store, who, seed)
        made.run(crowd, patients, timezone, progress or (lambda done, whole: None))
    finally:
        ids.use_maker(None)
    return store, who


class _Making:
    """One demo in the making."""

    def __init__(self, store: Store, who: Who, seed: int) -> None:
        self.store, self.who, self.seed = store, who, seed
        self.stories = Stories(seed)
        self.visits: list[tuple[Row, Row | None, list[Row]]] = []

    def run(self, crowd: Inventor, patients: int, timezone: str, progress: Progress) -> None:
        """Write everything, batch by batch."""
        self._write(lambda unit: self._clinic(unit, timezone))
        self.setting = self._setting(timezone)
        invented = crowd(patients, self.seed, self.setting.today, self.setting.clinic.region)
        with filling(self.store.connection) as lookups:
            register = Register(self.setting, invented, lookups)
            while batch := register.batch():
                self._write(lambda unit, batch=batch: register.write(unit, batch))
                progress(len(register.enrolled), patients)
        self._plan(register.enrolled)
        for part in _batches(self.visits, _VISITS):
            self._write(lambda unit, part=part: _visits(unit, part))
        alive = [one for one in register.enrolled if one.alive] or register.enrolled
        self._write(lambda unit: self._finish(unit, alive, patients))

    def _write(self, body: Any) -> None:
        self.store.write(self.who, "demo.make", body)

    def _clinic(self, unit: Unit, timezone: str) -> None:
        demo_clinic.build(unit, timezone)
        demo_clinic.staff(unit, self.who.username)
        unit.say("Opened the demo's sites, rooms and practitioners.", final=True)

    def _setting(self, timezone: str) -> Setting:
        now = self.store.clock.now().replace(second=0, microsecond=0)
        made: Setting = self.store.read(
            lambda c: demo_clinic.load(c, Random(self.seed), now, self.who.user_id or "")
        )
        assert made.zone == ZoneInfo(timezone)
        return made

    def _finish(self, unit: Unit, people: list[Enrolled], patients: int) -> None:
        demo_desk.fill(unit, self.setting, self.stories, people)
        comes = {visit.get("patient_id") for visit, _, _ in self.visits}
        first = sorted(people, key=lambda one: one.id not in comes)
        demo_coverages.fill(unit, self.setting, first, self.seed)
        demo_documents.fill(unit, self.setting, first, self.seed)
        unit.event(after=canonical({"patients": patients, "seed": self.seed}))
        unit.say(f"Made the demo clinic with {patients} patients.", final=True)

    # Visits

    def _plan(self, enrolled: list[Enrolled]) -> None:
        """Decide who comes when, and how each visit stands."""
        slots = demo_visits.cut(self.setting, len(enrolled))
        crowd = Crowd(self.setting, enrolled)
        self._session(crowd, slots.session)
        for slot in slots.past:
            self._past(crowd, slot)
        for slot in slots.future:
            standing = demo_visits.future_standing(self.setting, slot)
            self._add(crowd, slot, **standing)

    def _add(self, crowd: Crowd, slot: Slot, **standing: Any) -> Row | None:
        patient = crowd.take(slot)
        if patient is None:
            return None
        row = demo_visits.appointment(self.setting, self.stories, slot, patient, **standing)
        self.visits.append((row, None, []))
        return row

    def _came(self, row: Row | None, stage: str, since: Any, room_id: str | None = None) -> None:
        """Give the visit added last its encounter."""
        if row is not None:
            presence = demo_flow.encounter(self.setting, row, stage, since, room_id)
            self.visits[-1] = (row, *presence)

    def _past(self, crowd: Crowd, slot: Slot) -> None:
        stage, standing = demo_visits.past_fate(self.setting, slot)
        row = self._add(crowd, slot, **standing)
        if stage:
            self._came(row, stage, demo_flow.ended_at(self.setting, slot))

    def _session(self, crowd: Crowd, slots: list[Slot]) -> None:
        rooms = {room.id: room.location_id for room in self.setting.clinic.rooms}
        for slot, fate in demo_flow.fates(self.setting, slots).items():
            row = self._add(crowd, slot, **self._standing(slot, fate.word))
            if fate.word not in demo_flow.MOMENTS:
                continue
            room = None
            if row is not None and fate.word in demo_flow.IN_ROOM:
                room = next((r for r, place in rooms.items() if place == row["location_id"]), None)
                rooms.pop(room or "", None)
            self._came(row, fate.word, demo_flow.since(self.setting, slot, fate), room)
        self._walk_in(crowd, slots)
        self._squeeze_in(crowd, slots)

    def _standing(self, slot: Slot, word: str) -> Row:
        """Return how an appointment of today stands for a fate."""
        if word in demo_flow.MOMENTS:
            return {"status": demo_flow.status_of(word)}
        if word == "noshow":
            return {"status": "noshow"}
        if word in ("cancelled", "late cancel"):
            return demo_visits.cancelled(self.setting, slot, late=word == "late cancel")
        return demo_flow.confirmation(self.setting, word)

    def _walk_in(self, crowd: Crowd, slots: list[Slot]) -> None:
        """Have somebody without an appointment wait for the nurse."""
        nurse = next(p for p in self.setting.clinic.practitioners if p.role == "nurse")
        own = [slot for slot in slots if slot.practitioner_id == nurse.id]
        patient = crowd.take(own[0]) if own else None
        if patient is None:
            return
        row = demo_visits.appointment(self.setting, self.stories, own[0], patient)
        row |= {"id": None, "practitioner_id": None, "queue": "nurse"}
        row["reason"] = "rash since yesterday"
        presence = demo_flow.encounter(
            self.setting, row, "arrived", demo_flow.ago(self.setting, 12)
        )
        self.visits.append(({}, *presence))

    def _squeeze_in(self, crowd: Crowd, slots: list[Slot]) -> None:
        """Overbook one visit of this afternoon, with its reason."""
        held = [row for row, _, _ in self.visits if row and row["start_at"] > self.setting.now]
        held = [row for row in held if row["status"] == "booked"]
        if not held:
            return
        first = held[len(held) // 2]
        slot = next(
            slot
            for slot in slots
            if (slot.start, slot.practitioner_id) == (first["start_at"], first["practitioner_id"])
        )
        self._add(crowd, slot, place=1, overbook_reason="fever, between two visits")


def _visits(unit: Unit, part: list[tuple[Row, Row | None, list[Row]]]) -> None:
    """Write some visits: appointments, what they hold, and who came."""
    appointments = [row for row, _, _ in part if row]
    unit.bulk(Appointment, appointments)
    insert_many(unit.connection, occupancy, _cells(appointments), missing=True)
    unit.bulk(Encounter, [here for _, here, _ in part if here])
    unit.bulk(EncounterStage, [stage for _, _, stages in part for stage in stages])


def _cells(appointments: list[Row]) -> list[Row]:
    return [cell for row in appointments for cell in occupied_rows(row)]


def _batches(rows: list[T], size: int) -> Iterator[list[T]]:
    every = iter(rows)
    while part := list(islice(every, size)):
        yield part

"""The demo's visits: months behind, weeks ahead, and in the middle the session of today."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from pcoord.domain.clinic import Practitioner, VisitType
from pcoord.domain.slots import blocked_spans, gaps, open_spans
from pcoord.services.demo_clinic import Setting
from pcoord.services.demo_register import CHILD, Enrolled
from pcoord.services.demo_stories import Stories
from pcoord.store.ids import new_id

BEHIND, AHEAD = 120, 28
PER_PATIENT_BEHIND, PER_PATIENT_AHEAD, SHARE_TODAY = 3, 1, 0.6
QUARTER = timedelta(minutes=15)
HERE = timedelta(hours=3)
MENU = {
    "family": {"fu": 8, "sick": 6, "phys": 4, "new": 2, "tele": 2, "video": 1, "proc": 1},
    "peds": {"well": 5, "sick": 7, "fu": 3, "new": 1, "tele": 1},
    "cardio": {"fu": 8, "new": 3, "tele": 2, "video": 1},
    "women": {"preg": 6, "phys": 4, "fu": 4, "new": 2, "tele": 1},
    "counsel": {"talk": 7, "video": 3, "tele": 1},
    "nurse": {"bp": 4, "inj": 5, "lab": 6},
}


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """A stretch of a practitioner's time for one visit, UTC."""

    start: datetime
    practitioner_id: str
    end: datetime
    kind: str

    @property
    def minutes(self) -> int:
        """Return its length."""
        return int((self.end - self.start).total_seconds() // 60)


@dataclass
class Slots:
    """All slots of the demo, in time order, parted by today's session."""

    past: list[Slot]
    session: list[Slot]
    future: list[Slot]


def cut(setting: Setting, people: int) -> Slots:
    """Cut everybody's open time into visits, no more than so many people fill."""
    every = sorted(
        slot
        for count in range(-BEHIND, AHEAD + 1)
        for who in setting.clinic.practitioners
        for slot in _of_day(setting, setting.today + timedelta(days=count), who)
    )
    past = [slot for slot in every if slot.end <= setting.first]
    session = [s for s in every if s.start >= setting.first and s.end <= setting.last]
    future = [slot for slot in every if slot.start >= setting.last]
    return Slots(
        _some(setting, past, people * PER_PATIENT_BEHIND),
        _today(setting, session, max(1, int(people * SHARE_TODAY))),
        _some(setting, future, people * PER_PATIENT_AHEAD),
    )


def _today(setting: Setting, slots: list[Slot], most: int) -> list[Slot]:
    """Return the slots that so many people fill: mostly those around now, some all day long."""
    near = sorted(slots, key=lambda slot: (abs(slot.start - setting.now), slot))
    close = most * 2 // 3 + 1
    return sorted(near[:close] + _some(setting, near[close:], most - close))


def _some(setting: Setting, slots: list[Slot], most: int) -> list[Slot]:
    return sorted(setting.rng.sample(slots, max(0, min(most, len(slots)))))


def _of_day(setting: Setting, day: date, who: Practitioner) -> Iterator[Slot]:
    hours = setting.hours.get(who.id, [])
    open_ = open_spans(hours, day, setting.zone)
    busy = blocked_spans(hours, day, setting.zone)
    menu = _menu(setting, who.role)
    for gap in gaps(open_, busy):
        at = gap.start
        while at < gap.end:
            kind = setting.rng.choices(list(menu), list(menu.values()))[0]
            if kind.modality != "in-person" and abs(at - setting.now) < HERE:
                # Nobody waits in the clinic for a telephone call.
                kind = next(iter(menu))
            end = at + timedelta(minutes=kind.minutes)
            if end > gap.end or setting.rng.random() > _fill(setting, at):
                at += QUARTER
                continue
            yield Slot(at, who.id, end, kind.id)
            at = end + (at - end) % QUARTER


def _menu(setting: Setting, role: str) -> dict[VisitType, int]:
    """Return what a role's visits are for, and how often; the most usual one first."""
    codes = MENU.get(role, MENU["family"])
    return {setting.clinic.visit_type(code): weight for code, weight in codes.items()}


def _fill(setting: Setting, at: datetime) -> float:
    """Return how full the schedule is around a moment: full today, thinner from week to week."""
    if at < setting.last:
        return 0.94
    return max(0.25, 0.8 - 0.02 * (at - setting.now).days)


class Crowd:
    """Chooses who comes: somebody of the right age who does not come twice on a day."""

    def __init__(self, setting: Setting, enrolled: list[Enrolled]) -> None:
        self._setting = setting
        alive = [one for one in enrolled if one.alive]
        setting.rng.shuffle(alive)
        line = date(setting.today.year - CHILD, 1, 1)
        older = date(setting.today.year - 40, 1, 1)
        adults = [one for one in alive if one.birth_date < line]
        self._pools = {
            "peds": [one for one in alive if one.birth_date >= line] or alive,
            "family": adults or alive,
            "cardio": [one for one in adults if one.birth_date < older] or adults or alive,
            "women": [one for one in adults if one.sex == "female"] or adults or alive,
            "counsel": adults or alive,
            "nurse": alive,
        }
        self._next = dict.fromkeys(self._pools, 0)
        self._coming: dict[date, set[str]] = defaultdict(set)

    def take(self, slot: Slot) -> Enrolled | None:
        """Return somebody for a slot, None when everybody comes on that day already."""
        day = slot.start.astimezone(self._setting.zone).date()
        role = self._setting.clinic.practitioner(slot.practitioner_id).role
        for pool in (role, "nurse"):
            found = self._pick(pool, self._days(slot, day), day)
            if found is not None:
                return found
        return None

    def _days(self, slot: Slot, day: date) -> set[date]:
        """Return the days that count as one: a session over midnight is one day."""
        if self._setting.first <= slot.start < self._setting.last:
            first = self._setting.first.astimezone(self._setting.zone).date()
            return {day, first, first + timedelta(days=1)}
        return {day}

    def _pick(self, pool: str, days: set[date], day: date) -> Enrolled | None:
        people = self._pools[pool]
        for _ in range(len(people)):
            one = people[self._next[pool] % len(people)]
            self._next[pool] += 1
            here = any(one.id in self._coming[other] for other in days)
            if not here and one.birth_date <= day:
                for other in days:
                    self._coming[other].add(one.id)
                return one
        return None


def appointment(
    setting: Setting, stories: Stories, slot: Slot, patient: Enrolled, **more: Any
) -> dict[str, Any]:
    """Return the row of a visit; `more` says how it stands."""
    kind: VisitType = setting.clinic.visit_type(slot.kind)
    who = setting.clinic.practitioner(slot.practitioner_id)
    return (
        {
            "id": new_id(),
            "patient_id": patient.id,
            "practitioner_id": who.id,
            "location_id": who.location_id,
            "visit_type_id": kind.id,
            "start_at": slot.start,
            "end_at": slot.end,
            "zone": setting.clinic.timezone,
            "wall": f"{setting.clinic.local(slot.start):%Y-%m-%d %H:%M}",
            "modality": kind.modality,
            "note": stories.visit_reason(kind.code),
            "created_at": min(slot.start, setting.now)
            - timedelta(days=setting.rng.randrange(2, 40)),
        }
        | STANDING
        | more
    )


# A batch is one statement, so that every row names every column that any of them fills.
STANDING: dict[str, Any] = {
    "status": "booked",
    "confirmed_at": None,
    "place": 0,
    "patient_place": 0,
    "overbook_reason": None,
    "cancel_reason": None,
    "cancelled_at": None,
    "late_cancel": False,
    "room_id": None,
    "entered_in_error": False,
}


def cancelled(setting: Setting, slot: Slot, *, late: bool) -> dict[str, Any]:
    """Return how a cancelled visit stands."""
    hours = 5 if late else setting.rng.randrange(30, 200)
    at = min(slot.start - timedelta(hours=hours), setting.now - timedelta(minutes=35))
    reason = setting.rng.choice(("transport", "ill", "work", "better", "patient", "weather"))
    return {
        "status": "cancelled",
        "cancel_reason": reason,
        "cancelled_at": at,
        "late_cancel": late,
    }


def past_fate(setting: Setting, slot: Slot) -> tuple[str, dict[str, Any]]:
    """Return how a visit of earlier days ended: its last stage ("" for none) and its standing."""
    drawn = setting.rng.random()
    if drawn < 0.87:
        return "done", {"status": "fulfilled"}
    if drawn < 0.92:
        return "", {"status": "noshow"}
    if drawn < 0.93:
        return "left", {"status": "noshow"}
    return "", cancelled(setting, slot, late=drawn > 0.975)


def future_standing(setting: Setting, slot: Slot) -> dict[str, Any]:
    """Return how a visit to come stands."""
    drawn = setting.rng.random()
    if drawn < 0.06:
        return cancelled(setting, slot, late=False)
    soon = slot.start - setting.now < timedelta(days=4)
    if soon and drawn < 0.6:
        return {"confirmed_at": setting.now - timedelta(hours=setting.rng.randrange(2, 30))}
    return {}

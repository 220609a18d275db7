"""Where the demo's people are right now, and how they came there."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pcoord.domain.visit import STAGES
from pcoord.services.demo_clinic import LATE, Setting
from pcoord.services.demo_visits import Slot
from pcoord.store.ids import new_id

WAY = ("arrived", "checked-in", "roomed", "with-practitioner", "checking-out", "done")
SIDE_WAYS = {
    "left": ("arrived", "checked-in", "left"),
    "held": (*WAY[:4], "held"),
    "ready": (*WAY[:4], "held", "ready"),
    "waiting-results": (*WAY[:4], "waiting-results"),
}
MINUTES = {
    "arrived": 4,
    "checked-in": 9,
    "roomed": 7,
    "held": 8,
    "ready": 5,
    "waiting-results": 15,
    "checking-out": 4,
}
IN_ROOM = frozenset({"roomed", "with-practitioner", "held", "ready", "waiting-results"})
MOMENTS = frozenset((*WAY, *SIDE_WAYS))
ENDED = frozenset({"done", "left"})
_STAGES = {stage.code: stage for stage in STAGES}

# By practitioner in the clinic's order: (visits behind the present one, stage, minutes in it).
SCRIPTS: tuple[tuple[tuple[int, str, int], ...], ...] = (
    (
        (-1, "checking-out", 6),
        (0, "with-practitioner", 14),
        (1, "roomed", 24),
        (2, "checked-in", 13),
        (3, "arrived", 22),
    ),
    ((0, "with-practitioner", 9), (1, "roomed", 5), (2, "checked-in", 8)),
    ((-1, "waiting-results", 17), (0, "held", 6), (1, "checked-in", 26), (2, "arrived", 3)),
    ((-1, "checking-out", 2), (0, "with-practitioner", 4), (1, "arrived", 7)),
    ((0, "ready", 3), (1, "roomed", 11), (2, "arrived", 18)),
    ((0, "with-practitioner", 12), (1, "checked-in", 5)),
    ((0, "with-practitioner", 2), (1, "arrived", 4)),
    ((0, "with-practitioner", 21),),
)
# What became of the other visits of today, the nearest to now first.
PAST = ("expected", "noshow", "done", "left", "done", "cancelled", "done", "done", "late cancel")
FUTURE = ("confirmed", "booked", "late cancel", "confirmed", "cancelled", "booked", "confirmed")
LATER_PAST = {"done": 90, "noshow": 5, "cancelled": 3, "late cancel": 1, "left": 1}
LATER = {"booked": 52, "confirmed": 42, "cancelled": 3, "late cancel": 3}


@dataclass(frozen=True)
class Fate:
    """How a visit of today stands: a stage since so many minutes, or a word for its status."""

    word: str
    minutes: int = 0


def fates(setting: Setting, slots: list[Slot]) -> dict[Slot, Fate]:
    """Return how every visit of today's session stands at this moment."""
    found: dict[Slot, Fate] = {}
    for position, who in enumerate(setting.clinic.practitioners):
        own = [slot for slot in slots if slot.practitioner_id == who.id]
        found |= _here(setting, who.code, own, SCRIPTS[position % len(SCRIPTS)])
    rest = [slot for slot in slots if slot not in found]
    past = [slot for slot in reversed(rest) if slot.end <= setting.now]
    future = [slot for slot in rest if slot.end > setting.now]
    found |= {slot: Fate(_of(setting, n, PAST, LATER_PAST)) for n, slot in enumerate(past)}
    coming = {slot: Fate(_of(setting, n, FUTURE, LATER)) for n, slot in enumerate(future)}
    return found | coming


def _of(setting: Setting, count: int, near: tuple[str, ...], usual: dict[str, int]) -> str:
    if count < len(near):
        return near[count]
    return setting.rng.choices(list(usual), list(usual.values()))[0]


def _here(
    setting: Setting, code: str, slots: list[Slot], script: tuple[tuple[int, str, int], ...]
) -> dict[Slot, Fate]:
    behind = timedelta(minutes=LATE[1] if code == LATE[0] else 0)
    begun = [n for n, slot in enumerate(slots) if slot.start <= setting.now - behind]
    present = begun[-1] if begun else 0
    return {
        slots[present + step]: Fate(stage, minutes)
        for step, stage, minutes in script
        if 0 <= present + step < len(slots)
    }


def ended_at(setting: Setting, slot: Slot) -> datetime:
    """Return when somebody whose visit is over left, a little late as it happens."""
    drawn = setting.rng.randrange(0, 14)
    return min(slot.end + timedelta(minutes=drawn), setting.now - timedelta(minutes=3))


def encounter(
    setting: Setting,
    visit: dict[str, Any],
    stage: str,
    since: datetime,
    room_id: str | None = None,
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the rows of somebody's presence: the encounter, and each stage up to this one."""
    key = new_id()
    length = int((visit["end_at"] - visit["start_at"]).total_seconds() // 60)
    stages = _stages(setting, key, stage, since, length)
    row = {
        "id": key,
        "patient_id": visit["patient_id"],
        "appointment_id": visit.get("id"),
        "location_id": visit["location_id"],
        "practitioner_id": visit["practitioner_id"],
        "room_id": room_id,
        "queue": visit.get("queue", "practitioner"),
        "status": _STAGES[stage].encounter_status,
        "reason": visit.get("reason"),
        "arrived_at": stages[0]["started_at"],
        "ended_at": since if stage in ENDED else None,
        "verified": "" if stage == "arrived" else "birth date, phone",
    }
    return row, stages


def _stages(
    setting: Setting, encounter_id: str, last: str, since: datetime, length: int
) -> list[dict[str, Any]]:
    """Return the stages up to the last one, which holds since then; built from the end."""
    way = SIDE_WAYS.get(last) or WAY[: WAY.index(last) + 1]
    rows: list[dict[str, Any]] = []
    at, end = since, None
    for code in reversed(way):
        if code != last:
            end = at
            at = at - timedelta(minutes=_minutes(setting, code, length))
        rows.insert(0, _stage_row(setting, encounter_id, code, at, end))
    return rows


def _minutes(setting: Setting, code: str, length: int) -> int:
    usual = MINUTES.get(code, max(5, length * 3 // 4))
    return max(1, usual + setting.rng.randrange(-usual // 3, usual // 2 + 1))


def _stage_row(
    setting: Setting, encounter_id: str, code: str, at: datetime, end: datetime | None
) -> dict[str, Any]:
    return {
        "id": new_id(),
        "encounter_id": encounter_id,
        "stage": code,
        "started_at": at,
        "ended_at": end,
        "recorded_at": at,
        "user_id": setting.rng.choice(setting.staff),
    }


def status_of(stage: str) -> str:
    """Return the appointment's status at a stage."""
    return _STAGES[stage].appointment_status or "checked-in"


def ago(setting: Setting, minutes: int) -> datetime:
    """Return the moment so many minutes ago, UTC."""
    return setting.now - timedelta(minutes=minutes)


def since(setting: Setting, slot: Slot, fate: Fate) -> datetime:
    """Return since when the last stage of a fate holds, UTC."""
    if fate.word == "left":
        return min(slot.start + timedelta(minutes=35), ago(setting, 3))
    return ended_at(setting, slot) if fate.word == "done" else ago(setting, fate.minutes)


def confirmation(setting: Setting, word: str) -> dict[str, Any]:
    """Return how a booked visit of today stands: confirmed yesterday, or not."""
    if word != "confirmed":
        return {}
    return {"confirmed_at": setting.now - timedelta(hours=setting.rng.randrange(18, 30))}

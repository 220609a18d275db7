"""The waiting room as the desk sees it: who is here, since when, and what comes next."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pcoord.domain import alerts
from pcoord.domain.clinic import Room
from pcoord.domain.dates import say_age, say_birth, say_time
from pcoord.domain.likeness import alike
from pcoord.domain.visit import Stage, is_late_entry, is_past_limit, say_minutes
from pcoord.services import arrivals, day, restricted_records
from pcoord.services.desk import Desk
from pcoord.services.restricted_records import called, in_list, is_closed
from pcoord.services.staging import WAY, next_code
from pcoord.store.queries import schedule
from pcoord.store.queries.beside import Beside, beside

NURSE = "NURSE"
NEXT_WORDS = {
    "checked-in": "check in",
    "with-practitioner": "provider",
    "checking-out": "check out",
    "done": "done",
}


@dataclass(frozen=True)
class Person:
    """Somebody who is here. Minutes are whole ones; `room_id` is where Space would bring them."""

    id: str
    version: int
    patient_id: str
    appointment_id: str | None
    appointment_version: int | None
    practitioner_id: str | None
    name: str
    appt: str
    letter: str
    stage: str
    over: bool
    minutes: int
    minutes_all: int
    room: str
    room_id: str | None
    whom: str
    late: int
    next: str
    flags: tuple[str, ...]
    born: str
    mrn: str
    site: str
    kind: str
    says: str


@dataclass(frozen=True)
class Board:
    """Everybody who is here, those past their limit first, and the figures of the top line."""

    people: tuple[Person, ...]
    counts: tuple[tuple[str, int], ...]
    longest: int
    longest_over: bool
    nurse_calls: int

    @property
    def figures(self) -> str:
        """Return the people at each stage: "A 3  I 2"."""
        return "  ".join(f"{letter} {count}" for letter, count in self.counts)

    @property
    def longest_said(self) -> str:
        """Return the longest stay at one stage: "longest 41m !"."""
        if not self.people:
            return ""
        return f"longest {say_minutes(self.longest)}{' !' if self.longest_over else ''}"


@dataclass(frozen=True)
class _Facts:
    """What the rows of the board are shown with."""

    desk: Desk
    now: datetime
    stages: dict[str, Stage]
    late: dict[str, tuple[int, str | None]]
    free: Sequence[Room]
    alike: set[str]
    alerts: dict[str, list[str]]


def load(desk: Desk) -> Board:
    """Return the waiting room as it is now; two statements."""
    desk.demand("encounter.read")
    rows = desk.read(schedule.board)
    first, last = day.bounds(desk, desk.today)
    values = {"first": first, "last": last, "day": desk.today, **day.counting(desk)}
    found = desk.read(beside, ("late", "alerts_here", "booked", "figures"), **values)
    facts = _facts(desk, rows, found)
    seen = restricted_records.veiled(desk, rows)
    shown = sorted((_person(row, facts) for row in seen), key=_urgency)
    longest = max(shown, key=lambda p: (p.over, p.minutes), default=None)
    return Board(
        people=tuple(shown),
        counts=_counts(desk.stages, shown),
        longest=longest.minutes if longest else 0,
        longest_over=bool(longest and longest.over),
        nurse_calls=found.figures.nurse_calls,
    )


def _facts(desk: Desk, rows: Sequence[Any], found: Beside) -> _Facts:
    taken = {row.room_id for row in rows}
    return _Facts(
        desk=desk,
        now=desk.now,
        stages={stage.code: stage for stage in desk.stages},
        late=found.late,
        free=[room for room in desk.clinic.rooms if room.id not in taken],
        alike=alike(rows, [*rows, *found.booked]),
        alerts=_alerts(desk, found),
    )


def _alerts(desk: Desk, found: Beside) -> dict[str, list[str]]:
    """Return the kinds of alert that the board shows this person, by patient."""
    kinds: dict[str, list[str]] = defaultdict(list)
    for row in alerts.shown(found.alerts, place="board", role=desk.who.role, day=desk.today):
        kinds[row.patient_id].append(row.kind)
    return kinds


def _urgency(person: Person) -> tuple[bool, int]:
    """Those past their limit first, then whoever has been here longest."""
    return (not person.over, -person.minutes_all)


def _counts(stages: Iterable[Stage], shown: Sequence[Person]) -> tuple[tuple[str, int], ...]:
    """Count the straight way's stages always and the side steps where somebody is there."""
    found = Counter(person.letter for person in shown)
    usual = set(WAY[:-1])
    return tuple(
        (stage.letter, found[stage.letter])
        for stage in stages
        if stage.code in usual or found[stage.letter]
    )


def _person(row: Any, facts: _Facts) -> Person:
    clinic, stage = facts.desk.clinic, facts.stages[row.stage]
    minutes = _minutes(row.stage_since, facts.now)
    room = _offer(row, facts)
    whom = clinic.practitioner(row.practitioner_id).code if row.practitioner_id else NURSE
    return Person(
        id=row.id,
        version=row.version,
        patient_id=row.patient_id,
        appointment_id=row.appointment_id,
        appointment_version=row.appointment_version,
        practitioner_id=row.practitioner_id,
        name=in_list(row),
        appt=say_time(clinic.local(row.start_at).time()) if row.start_at else "walk",
        letter=stage.letter,
        stage=row.stage,
        over=is_past_limit(stage, minutes),
        minutes=minutes,
        minutes_all=_minutes(row.arrived_at, facts.now),
        room=clinic.room(row.room_id).name if row.room_id else "-",
        room_id=room.id if room else None,
        whom=NURSE if row.queue == "nurse" else whom,
        late=facts.late.get(row.practitioner_id, (0, None))[0],
        next=_say_next(row, room),
        flags=_flags(row, facts),
        born=_born(row.birth_date, clinic.date_order),
        mrn=row.mrn or "-",
        site=clinic.location(row.location_id).name,
        kind=clinic.visit_type(row.visit_type_id).code if row.visit_type_id else "",
        says=_says(row, facts, whom),
    )


def _says(row: Any, facts: _Facts, whom: str) -> str:
    """Return who this is in full, and why they are here."""
    clinic = facts.desk.clinic
    age = say_age(row.birth_date, facts.desk.today) if row.birth_date else ""
    sex = row.sex[:1].upper() if row.sex in {"female", "male"} else ""
    kind = clinic.visit_type(row.visit_type_id).code if row.visit_type_id else "walk-in"
    parts = (
        called(row),
        f"{sex} {age}".strip(),
        f"b. {_born(row.birth_date, clinic.date_order)}" if row.birth_date else "",
        f"MRN {row.mrn or '-'}",
        f"{kind} with {whom}",
        "CONFIDENTIAL" if row.confidential else "",
        row.reason or "",
        f"came with {row.accompanied_by}" if row.accompanied_by else "",
        "late entry" if is_late_entry(row.stage_since, row.stage_recorded) else "",
    )
    return "  ".join(filter(None, parts))


def _minutes(since: datetime, now: datetime) -> int:
    return max(0, int((now - since).total_seconds() // 60))


def _born(born: date | None, order: str) -> str:
    return say_birth(born, order) if born else ""


def _offer(row: Any, facts: _Facts) -> Room | None:
    """Return the first free room of the site for whoever goes to a room next."""
    if next_code(row.stage) != "roomed" or row.room_id is not None:
        return None
    return next((room for room in facts.free if room.location_id == row.location_id), None)


def _say_next(row: Any, room: Room | None) -> str:
    code = next_code(row.stage) or ""
    if code == "roomed" and row.room_id is None:
        if room is None:
            return "no room free"
        return f"room {room.name} free" if room.name[-1:].isdigit() else f"{room.name} free"
    if code == "with-practitioner" and row.queue == "nurse":
        return "nurse"
    return NEXT_WORDS.get(code, "")


def _flags(row: Any, facts: _Facts) -> tuple[str, ...]:
    """Return the words to mind, what keeps people from being mixed up first."""
    asked = [name for name in row.verified.split(",") if name]
    flags = []
    if row.stage != WAY[0] and len(asked) < arrivals.WANTED:
        flags.append("id?")
    if row.patient_id in facts.alike:
        flags.append(f"= {_born(row.birth_date, facts.desk.clinic.date_order)}".strip())
    if is_closed(row):
        flags.append("restricted")
    if row.confidential:
        flags.append("confid")
    if row.language and row.language != "en":
        flags.append(row.language)
    if row.interpreter:
        flags.append("interp")
    if not row.seen_before:
        flags.append("new")
    return (*flags, *facts.alerts.get(row.patient_id, ()))

"""What the schedule says of a visit: where the patient is, since when, and who it is in full."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from pcoord.domain.clinic import Clinic
from pcoord.domain.dates import say_age, say_birth, say_time
from pcoord.domain.visit import (
    CANCEL_REASONS,
    Stage,
    is_late_entry,
    is_past_limit,
    letter_word,
    say_minutes,
)
from pcoord.services.restricted_records import called

LATE_FROM = 5
"""Minutes after which somebody who is not here counts as late."""

STAGE_WORDS = {
    "arrived": "waits",
    "checked-in": "waits",
    "roomed": "in room",
    "with-practitioner": "seen",
    "held": "held",
    "ready": "ready",
    "waiting-results": "results",
    "checking-out": "leaving",
}
IN_A_ROOM = frozenset({"roomed", "with-practitioner", "held", "ready", "waiting-results"})
WAITING = frozenset({"arrived", "checked-in"})


@dataclass(frozen=True)
class Facts:
    """What visits are told with; `now` is UTC."""

    clinic: Clinic
    stages: dict[str, Stage]
    now: datetime
    today: date
    alerts: dict[str, list[str]] = field(default_factory=dict)


def say_text(row: Any, facts: Facts) -> tuple[str, bool]:
    """Return where the patient is and for how long ("waits 22m"), and whether that is too long."""
    if row.stage is None:
        return _say_absent(row, facts), False
    if row.stage not in STAGE_WORDS:
        return "", False
    over = is_past_limit(facts.stages[row.stage], _minutes(row.stage_since, facts.now))
    since = row.arrived_at if row.stage in WAITING else row.stage_since
    minutes = say_minutes(_minutes(since, facts.now))
    if row.in_room_id is not None and row.stage in IN_A_ROOM:
        return f"room {facts.clinic.room(row.in_room_id).name} {minutes}", over
    return f"{STAGE_WORDS[row.stage]} {minutes}", over


def _say_absent(row: Any, facts: Facts) -> str:
    minutes = _minutes(row.start_at, facts.now)
    today = facts.clinic.day_of(row.start_at) == facts.today
    return (
        f"late {say_minutes(minutes)}"
        if row.status == "booked" and today and (minutes >= LATE_FROM)
        else ""
    )


def _minutes(since: datetime, now: datetime) -> int:
    return max(0, int((now - since).total_seconds() // 60))


def say_visit(row: Any, facts: Facts, letter: str, *, alike: bool) -> str:
    """Return who it is in full, what the visit is, and how it stands."""
    clinic = facts.clinic
    kind = clinic.visit_type(row.visit_type_id).code
    length = int((row.end_at - row.start_at).total_seconds() // 60)
    code = clinic.practitioner(row.practitioner_id).code
    who = "  ".join(filter(None, _who(row, facts, alike)))
    kept = "CONFIDENTIAL" if row.confidential else ""
    marks = "; ".join(f"! {alert}" for alert in facts.alerts.get(row.patient_id, ()))
    standing = _say_standing(row, facts, letter)
    agreed = row.agreed_at
    late = f"agreed {say_time(clinic.local(agreed).time())} late entry" if agreed else ""
    parts = (who, f"{kind} {length}m with {code}", standing, kept, marks, late, row.note)
    return ("  " if alike else "   ").join(filter(None, parts))


def _who(row: Any, facts: Facts, alike: bool) -> tuple[str, ...]:
    sex = row.sex[:1].upper() if row.sex in {"female", "male"} else ""
    return (
        called(row),
        f"{sex} {_born(row, facts, alike)}".strip(),
        row.language if row.language and row.language != "en" else "",
        "interp" if row.interpreter else "",
        f"MRN {row.mrn or '-'}",
    )


def _born(row: Any, facts: Facts, alike: bool) -> str:
    """Return the age, or the birth date of somebody who could be mixed up."""
    if row.birth_date is None:
        return ""
    if alike:
        return say_birth(row.birth_date, facts.clinic.date_order)
    return say_age(row.birth_date, facts.today)


def _say_standing(row: Any, facts: Facts, letter: str) -> str:
    """Return how the visit stands and since when: "arrived 13:45", "room 3 13:50"."""
    word = letter_word(letter)
    if row.stage_since is not None:
        if row.stage in IN_A_ROOM and row.in_room_id is not None:
            word = f"room {facts.clinic.room(row.in_room_id).name}"
        late = " late entry" if is_late_entry(row.stage_since, row.stage_recorded) else ""
        return f"{word} {say_time(facts.clinic.local(row.stage_since).time())}{late}"
    if row.status == "cancelled" and row.cancel_reason:
        return f"{word}: {CANCEL_REASONS.get(row.cancel_reason, row.cancel_reason)}"
    return word

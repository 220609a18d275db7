"""A visit's states: FHIR R4 appointment statuses, the clinic's stages, and the letter shown.

http://hl7.org/fhir/R4/valueset-appointmentstatus.html and valueset-encounter-status.html
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

APPOINTMENT_STATUSES = (
    "booked",
    "arrived",
    "checked-in",
    "fulfilled",
    "cancelled",
    "noshow",
    "waitlist",
    "entered-in-error",
)

# What a status may become by work at the desk; undo restores what was before.
MAY_BECOME: dict[str, tuple[str, ...]] = {
    "waitlist": ("booked", "cancelled"),
    "booked": ("arrived", "checked-in", "fulfilled", "cancelled", "noshow", "waitlist"),
    "arrived": ("booked", "checked-in", "fulfilled", "noshow"),
    "checked-in": ("arrived", "fulfilled", "noshow"),
    "fulfilled": ("checked-in",),
    "noshow": ("arrived", "booked"),
    "cancelled": (),
    "entered-in-error": (),
}

LETTER_WORDS = {
    "B": "booked",
    "C": "confirmed",
    "A": "arrived",
    "I": "checked in",
    "R": "roomed",
    "P": "with practitioner",
    "O": "checking out",
    "D": "done",
    "H": "held",
    "Y": "ready",
    "W": "waits for results",
    "X": "cancelled",
    "Z": "late cancel",
    "N": "no-show",
    "L": "left without being seen",
    "E": "entered in error",
}

CANCEL_REASONS = {
    "patient": "patient asked",
    "transport": "no transport",
    "ill": "patient is ill",
    "weather": "weather",
    "work": "work or school",
    "provider": "provider is away",
    "insurance": "insurance",
    "better": "feels better",
    "elsewhere": "seen elsewhere",
    "deceased": "deceased",
    "error": "booked in error",
    "other": "other",
}
CANCEL_WORDS: dict[str, tuple[str, ...]] = {
    "patient": ("asked", "personal"),
    "transport": ("ride", "car", "bus", "no ride"),
    "ill": ("sick", "illness"),
    "weather": ("snow", "storm", "ice"),
    "work": ("school", "job"),
    "provider": ("practitioner", "doctor", "away"),
    "insurance": ("coverage", "cost", "money"),
    "better": ("well", "recovered"),
    "elsewhere": ("moved",),
    "deceased": ("died", "dead"),
    "error": ("mistake", "wrong"),
    "other": (),
}


@dataclass(frozen=True)
class Stage:
    """A step of the way through the clinic; `limit_minutes` is when waiting becomes too long."""

    code: str
    letter: str
    title: str
    position: int
    limit_minutes: int | None
    encounter_status: str
    appointment_status: str | None = None


STAGES = (
    Stage("arrived", "A", "arrived", 10, 15, "arrived", "arrived"),
    Stage("checked-in", "I", "checked in", 20, 20, "arrived", "checked-in"),
    Stage("roomed", "R", "roomed", 30, 20, "triaged", "checked-in"),
    Stage("with-practitioner", "P", "with practitioner", 40, 60, "in-progress", "checked-in"),
    Stage("held", "H", "held", 42, 30, "onleave", "checked-in"),
    Stage("ready", "Y", "ready", 44, 15, "in-progress", "checked-in"),
    Stage("waiting-results", "W", "waits for results", 46, 60, "onleave", "checked-in"),
    Stage("checking-out", "O", "checking out", 50, 10, "in-progress", "checked-in"),
    Stage("done", "D", "done", 60, None, "finished", "fulfilled"),
    Stage("left", "L", "left without being seen", 70, None, "cancelled", "noshow"),
)
# The straight way through the clinic; from elsewhere the first of these leads back to it.
_STRAIGHT = ("arrived", "checked-in", "roomed", "with-practitioner", "checking-out", "done")
_BACK = {
    "held": "with-practitioner",
    "ready": "with-practitioner",
    "waiting-results": "checking-out",
}
_ENDS = frozenset({"done", "left"})
_STAGE_LETTERS = {stage.code: stage.letter for stage in STAGES}
_STATUS_LETTERS = {
    "booked": "B",
    "arrived": "A",
    "checked-in": "I",
    "fulfilled": "D",
    "cancelled": "X",
    "noshow": "N",
    "waitlist": "B",
    "entered-in-error": "E",
}


def may_become(status: str, new: str) -> bool:
    """Tell whether an appointment may go from one status to another; any may prove an error."""
    return new in MAY_BECOME.get(status, ()) or (new == "entered-in-error" != status)


def next_stages(code: str, stages: Iterable[Stage] = STAGES) -> list[Stage]:
    """Return where a visit may go from a stage, the ordinary next one first; none at the end."""
    present = sorted(stages, key=lambda stage: stage.position)
    if code in _ENDS:
        return []
    usual = _usual_next(code, [stage.code for stage in present])
    others = [stage for stage in present if stage.code not in {code, usual}]
    return [stage for stage in present if stage.code == usual] + others


def _usual_next(code: str, present: list[str]) -> str | None:
    """Return the next stage of the straight way that this clinic uses."""
    if code in _BACK and _BACK[code] in present:
        return _BACK[code]
    if code not in _STRAIGHT:
        return None
    later = _STRAIGHT[_STRAIGHT.index(code) + 1 :]
    return next((stage for stage in later if stage in present), None)


def visit_letter(
    *, appointment_status: str | None, confirmed: bool, late_cancel: bool, stage: str | None
) -> str:
    """Return the one letter of a visit: where somebody is, else how the appointment stands."""
    if stage is not None and appointment_status != "entered-in-error":
        return _STAGE_LETTERS.get(stage, "?")
    if appointment_status == "booked" and confirmed:
        return "C"
    if appointment_status == "cancelled" and late_cancel:
        return "Z"
    return _STATUS_LETTERS.get(appointment_status or "", "?")


def letter_word(letter: str) -> str:
    """Return what a state letter means."""
    return LETTER_WORDS.get(letter, "unknown")


def say_minutes(minutes: int) -> str:
    """Return a length of time as the desk reads it: "41m", "1h05"."""
    return f"{minutes}m" if minutes < 60 else f"{minutes // 60}h{minutes % 60:02}"


LATE_ENTRY = timedelta(minutes=5)
"""What was typed in later than this after it was so is marked: it came from memory or paper."""


def is_late_entry(true: datetime, recorded: datetime | None) -> bool:
    """Tell whether something was recorded long after it was so (both UTC)."""
    return recorded is not None and recorded - true >= LATE_ENTRY


def is_past_limit(stage: Stage, minutes: int) -> bool:
    """Tell whether somebody has been at a stage for longer than it may take."""
    return stage.limit_minutes is not None and minutes > stage.limit_minutes

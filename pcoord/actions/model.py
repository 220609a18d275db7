"""What an action is, what it needs to know, and what the eye rests on."""

from dataclasses import dataclass, field

EVERYWHERE = "app"
SCREENS = ("schedule", "board", "patients", "calls")
CONTEXT_TITLES = {
    "app": "Everywhere, in fields too",
    "list": "In every list",
    "schedule": "Schedule",
    "board": "Waiting room",
    "patients": "Patients",
    "calls": "Calls",
}


@dataclass(frozen=True)
class Param:
    """What an action needs to know. `kind` says how typed words are read, `prompt` what to ask."""

    name: str
    kind: str
    prompt: str
    required: bool = True


@dataclass(frozen=True)
class Action:
    """One thing the desk can do.

    `keys` maps a context to keys (several with commas); `label` is the footer's word; `verb` and
    `words` are what is typed; `asks` opens the line even when the selection already says all.
    `over` names the action whose everywhere-key this one takes on its own screens.
    """

    id: str
    title: str
    label: str = ""
    verb: str = ""
    words: tuple[str, ...] = ()
    keys: dict[str, str] = field(default_factory=dict)
    permission: str = ""
    params: tuple[Param, ...] = ()
    run: str = ""
    asks: bool = False
    final: bool = False
    dangerous: bool = False
    example: str = ""
    footer: int = 0
    over: str = ""

    @property
    def key(self) -> str:
        """Return the first key of the action, everywhere-keys first; empty when it has none."""
        contexts = sorted(self.keys, key=lambda c: c != EVERYWHERE)
        return self.keys[contexts[0]].split(",")[0] if contexts else ""


def everywhere(keys: str) -> dict[str, str]:
    """Return keys that work on every screen, in fields too."""
    return {EVERYWHERE: keys}


def lists(letter: str, *but: str) -> dict[str, str]:
    """Return a letter that works on every screen but some."""
    return {screen: letter for screen in SCREENS if screen not in but}


@dataclass(frozen=True)
class Selection:
    """What the eye rests on: the row, gap or card that the next key will act on.

    `seen_*` are the versions that were shown; `start` is the moment of a gap, UTC ISO 8601.
    """

    patient_id: str | None = None
    appointment_id: str | None = None
    seen_appointment: int | None = None
    encounter_id: str | None = None
    seen_encounter: int | None = None
    practitioner_id: str | None = None
    start: str | None = None
    call_id: str | None = None
    seen_call: int | None = None
    nurse_call_id: str | None = None
    message_id: str | None = None
    seen_message: int | None = None
    says: str = ""


# Parameters that several actions share

PATIENT = Param("patient", "patient", "Who? Part of the name, phone, birth date or number")
VISIT = Param("visit", "visit", "Whose visit? Part of the name, phone, birth date or number")
PRACTITIONER = Param("practitioner", "practitioner", "With whom? (LEE)", required=False)
TYPE = Param("visit_type", "visit_type", "What for? (fu, new, phys ...)")
WHEN = Param("when", "when", "When? (thu 2pm, +2w, tomorrow am)", required=False)
TRUE_TIME = Param("at", "at", "When was it so? (at 14:05)", required=False)
NOTE = Param("note", "text", 'A note, in "quotes"', required=False)

"""The registry: everything the desk can do, declared once.

Keys, footer, help, palette, the typed line, `pcoord do` and the README's key card are views of
this table. It imports nothing of ours; `run` names the use case as "module:function", imported
when it is called. Actions without `run` only move about on the screen.
"""

from collections.abc import Iterator
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

    @property
    def key(self) -> str:
        """Return the first key of the action, everywhere-keys first; empty when it has none."""
        contexts = sorted(self.keys, key=lambda c: c != EVERYWHERE)
        return self.keys[contexts[0]].split(",")[0] if contexts else ""


def _everywhere(keys: str) -> dict[str, str]:
    return {EVERYWHERE: keys}


def _lists(letter: str, *but: str) -> dict[str, str]:
    return {screen: letter for screen in SCREENS if screen not in but}


_PATIENT = Param("patient", "patient", "Who? Part of the name, phone, birth date or number")
_VISIT = Param("visit", "visit", "Whose visit? Part of the name, phone, birth date or number")
_PRACTITIONER = Param("practitioner", "practitioner", "With whom? (LEE)", required=False)
_TYPE = Param("visit_type", "visit_type", "What for? (fu, new, phys ...)")
_WHEN = Param("when", "when", "When? (thu 2pm, +2w, tomorrow am)", required=False)
_NOTE = Param("note", "text", 'A note, in "quotes"', required=False)

_NAVIGATION = (
    Action("help.show", "Help and keys", "help", "help", ("keys",), _everywhere("f1"), footer=1),
    Action("go.schedule", "Schedule", "schedule", "schedule", ("day",), _everywhere("f2")),
    Action("go.board", "Waiting room", "waiting", "waiting", ("board",), _everywhere("f3")),
    Action("go.patients", "Patients", "patients", "patients", ("find",), _everywhere("f4")),
    Action("go.calls", "Calls", "calls", "calls", ("log",), _everywhere("f5")),
    Action(
        "palette.open",
        "Any action, or a typed line",
        "do",
        "",
        (),
        _everywhere("ctrl+p"),
        footer=90,
    ),
    Action("go.anywhere", "Go to a screen by its letter", "", "go", (), _everywhere("ctrl+g")),
    Action("desk.lock", "Lock the screen", "lock", "lock", (), _everywhere("f10")),
    Action("desk.quit", "Leave pcoord", "", "quit", ("exit", "leave"), _everywhere("ctrl+q")),
    Action("list.filter", "Filter this list", "filter", "", (), _lists("/", "patients"), footer=70),
    Action("row.open", "Open", "open", "", (), _lists("enter"), footer=2),
    Action(
        "step.undo",
        "Take back the last step",
        "undo",
        "undo",
        ("takeback",),
        _lists("u"),
        "undo.own",
        run="pcoord.services.steps:undo_last",
        footer=60,
    ),
)

_SCHEDULE = (
    Action(
        "appointment.book",
        "Book a visit",
        "book",
        "book",
        ("appointment", "schedule"),
        {EVERYWHERE: "f6"} | _lists("b"),
        "appointment.write",
        (
            _PATIENT,
            _WHEN,
            _PRACTITIONER,
            _TYPE,
            _NOTE,
            Param("overbook_reason", "because", "Overbook because ...", required=False),
        ),
        "pcoord.services.booking:book",
        asks=True,
        example="book gonzalez maria tue 2pm lee fu",
        footer=10,
    ),
    Action(
        "appointment.move",
        "Move a visit to another time",
        "cut",
        "move",
        ("reschedule",),
        {"schedule": "x", "patients": "x"},
        "appointment.write",
        (
            _VISIT,
            Param("when", "when", "To when? (thu am, +1w)"),
            _PRACTITIONER,
            Param("overbook_reason", "because", "Overbook because ...", required=False),
        ),
        "pcoord.services.booking:move",
        asks=True,
        example="move kim to thu am",
        footer=20,
    ),
    Action(
        "appointment.cancel",
        "Cancel a visit, with a reason",
        "cancel",
        "cancel",
        (),
        {"schedule": "k", "patients": "k"},
        "appointment.write",
        (_VISIT, Param("reason", "cancel_reason", "Why?"), _NOTE),
        "pcoord.services.booking:cancel",
        asks=True,
        dangerous=True,
        example="cancel kim tue reason transport",
        footer=30,
    ),
    Action(
        "appointment.confirm",
        "Note that the patient confirmed",
        "confirm",
        "confirm",
        (),
        {"schedule": "f"},
        "appointment.write",
        (_VISIT,),
        "pcoord.services.booking:confirm",
        example="confirm kim",
    ),
    Action(
        "appointment.noshow",
        "Note that the patient did not come",
        "no-show",
        "noshow",
        ("no-show",),
        {"schedule": "n"},
        "appointment.write",
        (_VISIT,),
        "pcoord.services.booking:no_show",
        example="noshow kim",
    ),
    Action("schedule.goto", "Go to a date", "date", "", (), {"schedule": "g"}, footer=40),
    Action("schedule.put", "Put the cut visit here", "put", "", (), {"schedule": "p"}, footer=25),
    Action("schedule.view", "Day, one practitioner, week", "view", "", (), {"schedule": "v"}),
    Action(
        "schedule.before",
        "The day before, or the week",
        "",
        "",
        (),
        {"schedule": "left_square_bracket,less_than_sign"},
    ),
    Action(
        "schedule.after",
        "The day after, or the week",
        "",
        "",
        (),
        {"schedule": "right_square_bracket,greater_than_sign"},
    ),
    Action(
        "schedule.expected",
        "Who is not here yet, with phones",
        "expected",
        "",
        (),
        {"schedule": "e"},
    ),
    Action("schedule.today", "Back to today and now", "", "today", (), {"schedule": "."}),
    Action(
        "schedule.late",
        "A practitioner runs late",
        "late",
        "late",
        (),
        {"schedule": "l", "board": "l", "calls": "l"},
        "schedule.manage",
        (
            Param("practitioner", "practitioner", "Who is late? (LEE)"),
            Param("minutes", "minutes", "How many minutes? (40m; 0m clears)"),
            Param("reason", "text", "Why?", required=False),
        ),
        "pcoord.services.late:mark_late",
        asks=True,
        example="late lee 40m emergency",
    ),
    Action("schedule.print", "Print the day", "print", "print", (), {"schedule": "o"}),
)

_FLOW = (
    Action(
        "encounter.check_in",
        "Check in",
        "check in",
        "checkin",
        ("check-in", "arrive"),
        {EVERYWHERE: "f7"} | _lists("c"),
        "encounter.write",
        (_VISIT, Param("verified", "identifiers", "Birth date, address ...", required=False)),
        "pcoord.services.flow:check_in",
        asks=True,
        example="checkin kim",
        footer=11,
    ),
    Action(
        "encounter.advance",
        "Next stage",
        "next stage",
        "next",
        ("advance",),
        {"board": "space", "schedule": "space"},
        "encounter.write",
        (
            Param("here", "here", "Who? (of those here)"),
            Param("at", "at", "Since when? (at 14:05)", required=False),
        ),
        "pcoord.services.flow:advance",
        example="next kim at 14:05",
        footer=3,
    ),
    Action(
        "encounter.room",
        "Room the patient",
        "room",
        "room",
        (),
        {"board": "r", "schedule": "r"},
        "encounter.write",
        (
            Param("here", "here", "Who? (of those here)"),
            Param("room", "room", "Which room?"),
            Param("at", "at", "Since when? (at 14:05)", required=False),
        ),
        "pcoord.services.flow:room",
        example="room kim 3",
        footer=4,
    ),
    Action(
        "encounter.back",
        "One stage back",
        "",
        "back",
        (),
        {"board": "z"},
        "encounter.write",
        (Param("here", "here", "Who? (of those here)"),),
        "pcoord.services.flow:back",
        example="back kim",
    ),
    Action(
        "encounter.stage",
        "Held, ready, or waits for results",
        "stage",
        "stage",
        (),
        {"board": "s"},
        "encounter.write",
        (
            Param("here", "here", "Who? (of those here)"),
            Param("stage", "stage", "Which stage?"),
            Param("at", "at", "Since when? (at 14:05)", required=False),
        ),
        "pcoord.services.flow:set_stage",
        asks=True,
        example="stage kim held",
    ),
    Action(
        "encounter.left",
        "Left without being seen",
        "left",
        "left",
        ("lwbs",),
        {"board": "d"},
        "encounter.write",
        (Param("here", "here", "Who? (of those here)"),),
        "pcoord.services.flow:left",
        asks=True,
        dangerous=True,
        example="left kim",
    ),
    Action(
        "encounter.walk_in",
        "Walk-in",
        "walk-in",
        "walkin",
        ("walk-in",),
        {"board": "w", "schedule": "w"},
        "encounter.write",
        (
            _PATIENT,
            Param("reason", "text", "What for?", required=False),
            Param("queue", "queue", "Whose queue? (nurse, LEE)"),
        ),
        "pcoord.services.flow:walk_in",
        asks=True,
        example='walkin haddad "rash" nurse',
        footer=15,
    ),
)

_PEOPLE = (
    Action(
        "patient.open",
        "Open a patient's card",
        "card",
        "patient",
        ("card", "show"),
        params=(_PATIENT,),
        permission="patient.read",
        example="patient gonzalez maria",
    ),
    Action(
        "patient.register",
        "Register a new patient",
        "new",
        "register",
        ("new",),
        {"patients": "+"},
        "patient.write",
        (Param("newcomer", "text", "Who? Name, birth date, phone", required=False),),
        "pcoord.services.patients:register",
        asks=True,
        example="register smith john 3/4/1962 201-555-0142",
        footer=50,
    ),
    Action(
        "patient.edit",
        "Edit the patient",
        "edit",
        "edit",
        (),
        {EVERYWHERE: "ctrl+e"},
        "patient.write",
        (_PATIENT,),
        "pcoord.services.patients:edit",
        example="edit kim dana",
        footer=80,
    ),
    Action(
        "waitlist.add",
        "Put on the waiting list",
        "",
        "wait",
        ("waitlist", "waiting-list"),
        {},
        "appointment.write",
        (
            _PATIENT,
            Param("visit_type", "visit_type", "What for? (fu, new ...)", required=False),
            _PRACTITIONER,
            Param("wish", "wish", "Which days? (mornings, tue thu, before dec 20)", required=False),
            _NOTE,
        ),
        "pcoord.services.waitlist:add",
        asks=True,
        example="wait gonzalez fu lee mornings before dec 20",
    ),
)

_TALK = (
    Action(
        "call.new",
        "A call: write it down",
        "call",
        "call",
        ("phone",),
        {EVERYWHERE: "ctrl+n"} | _lists("t"),
        "call.write",
        footer=12,
        example='call 555-0142 gonzalez "refill question" callback 4pm lee',
        run="pcoord.services.calls:log_call",
        params=(
            Param("phone", "phone", "The caller's number", required=False),
            Param("patient", "patient", "About whom?", required=False),
            Param("note", "text", 'What was said, in "quotes"', required=False),
            Param("callback", "callback", "Call back when, by whom? (callback 4pm lee)", False),
        ),
    ),
    Action(
        "call.done",
        "Call-back done",
        "done",
        "",
        (),
        {"calls": "space"},
        "call.write",
        (Param("call", "call", "Which call?"),),
        "pcoord.services.calls:call_back_done",
        footer=3,
    ),
    Action("calls.view", "Mine, today, open call-backs", "view", "", (), {"calls": "v"}, footer=5),
    Action(
        "message.send",
        "Send a message",
        "message",
        "msg",
        ("message", "tell"),
        {EVERYWHERE: "f8"} | _lists("m"),
        "message.write",
        (
            Param("practitioner", "practitioner", "To whom? (LEE)"),
            Param("text", "text", 'What? In "quotes"'),
            Param("patient", "patient", "About whom? (re kim)", required=False),
            Param("due", "by", "By when? (by 4pm)", required=False),
        ),
        "pcoord.services.messages:send",
        asks=True,
        example='msg lee "please call about labs" re kim',
        footer=13,
    ),
    Action(
        "nurse.raise",
        "Nurse now: red flag",
        "nurse",
        "nurse",
        ("redflag",),
        {EVERYWHERE: "f9"},
        "nurse.raise",
        (
            Param("complaint", "text", "What is wrong, where, which number? (... re kim)"),
            Param("patient", "patient", "Who?", required=False),
        ),
        "pcoord.services.nurse:raise_flag",
        asks=True,
        example='nurse kim "chest pain, at home, 555-0199"',
        footer=14,
    ),
    Action(
        "nurse.accept",
        "Accept the nurse call, by name",
        "accept",
        "accept",
        (),
        _lists("a"),
        "nurse.accept",
        (
            Param("nurse_call", "nurse_call", "Which nurse call?"),
            Param("name", "text", "Which nurse takes over? Type the name"),
        ),
        "pcoord.services.nurse:accept",
        asks=True,
        example="accept",
    ),
)

ACTIONS: dict[str, Action] = {
    action.id: action for action in (*_NAVIGATION, *_SCHEDULE, *_FLOW, *_PEOPLE, *_TALK)
}


def for_context(context: str) -> Iterator[tuple[str, Action]]:
    """Yield (keys, action) of one context, in the order of the registry."""
    for action in ACTIONS.values():
        if context in action.keys:
            yield action.keys[context], action


def by_word(word: str) -> Action | None:
    """Return the action that a typed first word names, by verb or by another word for it."""
    folded = word.casefold()
    for action in ACTIONS.values():
        if folded == action.verb:
            return action
    for action in ACTIONS.values():
        if folded in action.words and action.run:
            return action
    return next((a for a in ACTIONS.values() if folded in a.words), None)


def footer_of(context: str) -> list[tuple[str, str]]:
    """Return (key, label) pairs of a context's footer, the most wanted first."""
    shown = [
        (action.footer, action.keys.get(context) or action.keys[EVERYWHERE], action.label)
        for action in ACTIONS.values()
        if action.footer and (context in action.keys or EVERYWHERE in action.keys)
    ]
    return [(keys.split(",")[0], label) for _, keys, label in sorted(shown)]


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
    says: str = ""

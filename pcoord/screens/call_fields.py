"""The fields of a call, in the order in which a call goes, and the words around them."""

from textwrap import wrap
from typing import TYPE_CHECKING, Any

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from pcoord.domain.outcomes import BY_CODE, OUTCOMES, USUAL
from pcoord.domain.outcomes import NURSE as NURSE_CODE
from pcoord.widgets.card import Card
from pcoord.widgets.entry import Entry
from pcoord.widgets.key_footer import KeyFooter
from pcoord.widgets.key_rows import Choice, KeyRow
from pcoord.widgets.line_view import OneLine
from pcoord.widgets.note_edit import NoteEdit
from pcoord.widgets.notice import Notice
from pcoord.widgets.picker import Picker

if TYPE_CHECKING:
    from pcoord.services.callers import About, Caller, Ringing

NOT_REACHED = ("voicemail", "no-answer", "wrong-number")
FOOTER = [("Enter", "next"), ("^D", "save"), ("F6", "book"), ("F9", "nurse now")]
FOOTER += [("Esc", "keep for later"), ("^T", "in/out"), ("^X", "throw away")]
NURSE = Choice(BY_CODE[NURSE_CODE].key, NURSE_CODE, BY_CODE[NURSE_CODE].word)
CHOICES = tuple(Choice(o.key, o.code, o.word) for o in OUTCOMES if o.code != NURSE_CODE)
# Who has a nurse on the line was reached, and is no wrong number.
WITH_NURSE = (NURSE, *(o for o in CHOICES if o.value not in NOT_REACHED))
HINTS = {
    "who": "Number or name of the caller, then Enter. ^Y for a call that was earlier.",
    "caller": "Who is calling, and what they are to the patient: Luis Gomez, son",
    "verify": "Two of these, said by the caller. The number that calls verifies nobody.",
    "note": "Enter goes on, ^O begins a new line, ^D saves.",
    "outcome": "A digit chooses; letters go on with the note. Enter goes on, or saves.",
    "to": "Whom is it for (LEE)?",
    "due": "Call back by when (16:00, tomorrow 9am)? Enter saves.",
    "urgent": "y marks it urgent.",
    "reason": "refill, result, appt ...; taken from the note when left empty. Enter saves.",
}
# The panel is as tall as it needs to be for what is to be minded; the note keeps a line.
LEAST_HEIGHT, LINES_THAT_FIT, MOST_LINES = 14, 4, 8
ABOUT_PATIENT = " " * 10


class CallFields(Vertical):
    """Everything that is typed and ticked in a call."""

    def __init__(self) -> None:
        super().__init__()
        self.head = OneLine()
        self.who = Entry(id="who")
        self.picker = Picker(id="picker")
        self.info = Card(id="info")
        self.caller = Entry(id="caller", max_length=200)
        self.may = OneLine()
        self.verify = KeyRow("verified  ", several=True, id="verify")
        self.note = NoteEdit(id="note")
        self.outcome = KeyRow("outcome   ", CHOICES, several=False, id="outcome")
        self.to = Entry(id="to", max_length=40)
        self.due = Entry(id="due", max_length=60)
        self.urgent = KeyRow(" ", [Choice("y", "urgent", "urgent")], several=True, id="urgent")
        self.reason = Entry(id="reason", max_length=60)
        self.notice = Notice()

    def compose(self) -> ComposeResult:
        """Put the fields below each other in the order of a call."""
        yield self.head
        yield Horizontal(_label("who"), self.who)
        yield self.picker
        yield self.info
        yield Horizontal(_label("caller"), self.caller, self.may)
        yield self.verify
        yield Horizontal(_label("note"), self.note, id="noted")
        yield self.outcome
        promise = [_label("for"), self.to, _label(" by", 4), self.due, self.urgent]
        yield Horizontal(*promise, _label(" reason", 8), self.reason)
        yield self.notice
        yield KeyFooter(FOOTER)

    def fill(self, values: dict[str, Any]) -> None:
        """Fill in what a draft holds and go to where it was left."""
        for name, entry in self._entries.items():
            entry.value = str(values.get(name, ""))
        self.verify.take(values.get("verified", []))
        self.note.text = str(values.get("note", ""))
        self.show_outcome(str(values.get("outcome", USUAL)))
        self.urgent.take(["urgent"] if values.get("urgent") else [])
        self.picker.display = False
        self.go(str(values.get("field", "who")))
        self._put_cursor(str(values.get("field", "who")), values.get("cursor"))

    def typed(self) -> dict[str, Any]:
        """Return everything typed and ticked, and where the cursor stands, fit for JSON."""
        values: dict[str, Any] = {name: entry.value for name, entry in self._entries.items()}
        return values | {
            "caller": self.caller.value.strip(),
            "verified": list(self.verify.taken),
            "note": self.note.text,
            "outcome": self.outcome.taken[0],
            "urgent": bool(self.urgent.taken),
            **self._cursor(),
        }

    @property
    def _entries(self) -> dict[str, Entry]:
        entries = (self.who, self.caller, self.to, self.due, self.reason)
        return {str(entry.id): entry for entry in entries}

    @property
    def empty(self) -> bool:
        """Tell whether nothing was typed."""
        return not (self.note.text or any(entry.value for entry in self._entries.values()))

    def go(self, field: str) -> None:
        """Go to a field by its name."""
        self.query_one(f"#{field}", Widget).focus()

    def show_outcome(self, code: str) -> None:
        """Show an outcome; that of a nurse call stands beside the others once there is one."""
        self.outcome.offer(WITH_NURSE if code == NURSE.value else CHOICES)
        self.outcome.take([code])

    def show_about(self, about: "About | None") -> None:
        """Show what the desk needs of the patient, and what verifies a caller."""
        self.show_told(about)
        self.verify.offer(_identifiers(about) if about is not None else [])

    def show_told(self, about: "About | None") -> None:
        """Show what this caller may be told of: a confidential visit only the patient."""
        lines: list[str] = []
        if about is not None:
            minor = "MINOR" if about.minor else ""
            visit = about.next_for(self.caller.value.strip())
            lines.append("   ".join(filter(None, (minor, about.says, visit))))
            lines += self._around(about)
        # Two lines keep their place while a call goes on; what is to be minded takes its own.
        height = min(MOST_LINES, max(2, len(lines)))
        self.info.styles.height = height
        self.styles.min_height = LEAST_HEIGHT + max(0, height - LINES_THAT_FIT)
        self.info.set_lines([ABOUT_PATIENT + line for line in lines])

    def _around(self, about: "About") -> list[str]:
        """Return who is around the patient, those an order shuts out first, and what to mind."""
        width = max(40, self.app.size.width - len(ABOUT_PATIENT))
        others = about.on_file
        said = f"on file  {others}" if others else "nobody else is on file"
        minded = [f"! {text}" for text in (*about.alerts, about.reach) if text]
        first = [f"! {about.denied_number}"] if about.denied_number else []
        return [
            line
            for text in (*first, said, *minded)
            for line in wrap(text, width, subsequent_indent="  ")
        ]

    def _cursor(self) -> dict[str, Any]:
        focused = self.screen.focused
        if isinstance(focused, NoteEdit):
            return {"field": focused.id, "cursor": list(focused.cursor_location)}
        if isinstance(focused, Entry):
            return {"field": focused.id, "cursor": focused.cursor_position}
        row = isinstance(focused, KeyRow) and focused.id
        return {"field": row or "who", "cursor": None}

    def _put_cursor(self, name: str, cursor: Any) -> None:
        field = self.query_one(f"#{name}", Widget)
        if isinstance(field, NoteEdit) and isinstance(cursor, list):
            field.move_cursor((int(cursor[0]), int(cursor[1])))
        elif isinstance(field, Entry) and isinstance(cursor, int):
            field.cursor_position = cursor


def say_caller(caller: "Caller", order: str) -> str:
    """Return what tells a caller from the others; `order` is how the clinic writes dates."""
    from pcoord.domain.dates import say_birth

    born = f"b. {say_birth(caller.birth_date, order)}" if caller.birth_date else ""
    name = f"{caller.family}, {caller.given}" if caller.given else caller.family
    name = f"{caller.mark} {name}".strip()
    patient = f"{name}   {born}   MRN {caller.mrn or '-'}"
    if caller.related is None:
        return patient + ("" if caller.sure else "  * sounds like")
    person = caller.related
    denied = " DENIED" if person.denied else ""
    return f"{person.name}, {person.role}{denied} of {patient}"


def say_ringing(ringing: "Ringing", order: str) -> str:
    """Return what Enter does with what was typed about a caller."""
    found = len(ringing.callers)
    if ringing.one is not None:
        return f"Enter: {say_caller(ringing.one, order)}"
    if found:
        shared = "share this number" if not ringing.name else "may be meant"
        return f"{found} {shared}; Enter asks which one."
    if not ringing.phone and not ringing.name:
        return HINTS["who"]
    return "Nobody on file fits; Enter goes on without a patient."


def _label(text: str, width: int = 10) -> OneLine:
    label = OneLine(text)
    label.styles.width = width
    return label


def _identifiers(about: "About") -> list[Choice]:
    shown = (
        # Digits, so that a note begun too early ticks nothing; 1 to 6 choose who is calling.
        Choice("7", "birth date", f"born {about.born}" if about.born else ""),
        Choice("8", "record number", f"MRN {about.mrn}" if about.mrn else ""),
        Choice("9", "name", "name"),
        Choice("0", "address", about.address),
    )
    return [option for option in shown if option.text]

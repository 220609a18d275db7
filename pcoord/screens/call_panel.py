"""A call being taken, over whatever is there: who calls, what was said, what was promised.

The screen stays alive while it is folded away, so that field, cursor and text come back as they
were; what is typed is kept as a draft beside the typing.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input, TextArea

from pcoord.actions import Selection
from pcoord.screens.call_in_hand import TICK_SECONDS, say_elapsed
from pcoord.widgets.card import Card
from pcoord.widgets.entry import Entry
from pcoord.widgets.key_footer import KeyFooter
from pcoord.widgets.key_rows import KeyRow, Option
from pcoord.widgets.line_view import OneLine
from pcoord.widgets.note_edit import NoteEdit
from pcoord.widgets.notice import Notice
from pcoord.widgets.picker import Candidate, Picker

if TYPE_CHECKING:
    from pcoord.app import PcoordApp
    from pcoord.services.callers import About, Caller, Ringing
    from pcoord.services.desk import Desk

FOOTER = [("Enter", "next"), ("^D", "save"), ("F6", "book"), ("F9", "nurse now")]
FOOTER += [("Esc", "keep for later"), ("^T", "in/out"), ("^X", "throw away")]
OUTCOMES = (
    Option("d", "done", "done"),
    Option("b", "booked", "booked"),
    Option("m", "message", "message"),
    Option("c", "callback", "call-back"),
    Option("t", "transferred", "through"),
    Option("v", "voicemail", "voicemail"),
    Option("n", "no-answer", "nobody"),
    Option("w", "wrong-number", "wrong"),
)
NURSE = Option("!", "nurse", "handed to a nurse")
PROMISES = ("message", "callback")
HINTS = {
    "who": "Number or name of the caller, then Enter.",
    "caller": "Who is on the telephone, and what they are to the patient: Luis Gomez, son",
    "verify": "Two of these, said by the caller. The number that calls verifies nobody.",
    "note": "Enter goes on, ^O begins a new line, ^D saves.",
    "outcome": "The first letter chooses; Enter goes on, or saves when nothing more is needed.",
    "to": "Whom is it for (LEE)?",
    "due": "Call back by when (16:00, tomorrow 9am)? Enter saves.",
    "urgent": "y marks it urgent.",
    "reason": "refill, result, appt ...; taken from the note when left empty. Enter saves.",
}
OTHER = "other"


class CallPanel(ModalScreen[None]):
    """The bottom half: fields in the order of a call; Enter goes to the next one needed."""

    CSS_PATH = "call_panel.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar = [
        Binding("ctrl+d", "save", priority=True),
        Binding("ctrl+x", "throw_away", priority=True),
        Binding("ctrl+t", "turn", priority=True),
        Binding("escape", "fold", priority=True),
    ]
    app: "PcoordApp"

    def __init__(self, values: dict[str, Any]) -> None:
        super().__init__()
        self.id_of_call = str(values["id"])
        self.started = datetime.fromisoformat(values["started_at"])
        self.direction = str(values.get("direction", "in"))
        self.patient_id: str | None = values.get("patient_id")
        self.phone = str(values.get("phone", ""))
        self.nurse_call_id: str | None = values.get("nurse_call_id")
        self.about: About | None = None
        self._first = values
        self._settled = str(values.get("who", "")) if self.patient_id or self.phone else ""
        self._ringing: Ringing | None = None
        self._ringing_for = ""
        self._enter_waits = False
        self._saving = False
        self._asks_to_throw_away = False
        self._make_fields()

    def _make_fields(self) -> None:
        self.head = OneLine()
        self.who = Entry(id="who")
        self.picker = Picker(id="picker")
        self.info = Card(id="info")
        self.caller = Entry(id="caller", max_length=200)
        self.may = OneLine()
        self.verify = KeyRow("verified  ", several=True, id="verify")
        self.note = NoteEdit(id="note")
        self.outcome = KeyRow("outcome   ", OUTCOMES, several=False, id="outcome")
        self.to = Entry(id="to", max_length=40)
        self.due = Entry(id="due", max_length=60)
        self.urgent = KeyRow(" ", [Option("y", "urgent", "urgent")], several=True, id="urgent")
        self.reason = Entry(id="reason", max_length=60)
        self.notice = Notice()

    def compose(self) -> ComposeResult:
        """Put the fields below each other in the order of a call."""
        with Vertical():
            yield self.head
            yield Horizontal(_label("who"), self.who)
            yield self.picker
            yield self.info
            yield Horizontal(_label("caller"), self.caller, self.may)
            yield self.verify
            yield Horizontal(_label("note"), self.note, id="noted")
            yield self.outcome
            parts = [_label("for"), self.to, _label(" by", 4), self.due, self.urgent]
            yield Horizontal(*parts, _label(" reason", 8), self.reason)
            yield self.notice
            yield KeyFooter(FOOTER)

    def on_mount(self) -> None:
        """Fill in what a draft holds and go to where it was left."""
        first = self._first
        self.who.value = str(first.get("who", ""))
        self.caller.value = str(first.get("caller", ""))
        self.verify.take(first.get("verified", []))
        self.note.text = str(first.get("note", ""))
        self.outcome.take([first.get("outcome", "done")])
        self.to.value, self.due.value = str(first.get("to", "")), str(first.get("due", ""))
        self.reason.value = str(first.get("reason", ""))
        self.urgent.take(["urgent"] if first.get("urgent") else [])
        self.picker.display = False
        self._put_cursor(str(first.get("field", "who")), first.get("cursor"))
        self.set_interval(TICK_SECONDS, self.draw_head, name="clock")
        self.draw_head()
        if self.patient_id:
            self._load_about()

    def _put_cursor(self, name: str, cursor: Any) -> None:
        self._go(name)
        field = self.query_one(f"#{name}", Widget)
        if isinstance(field, NoteEdit) and isinstance(cursor, list):
            field.move_cursor((int(cursor[0]), int(cursor[1])))
        elif isinstance(field, Entry) and isinstance(cursor, int):
            field.cursor_position = cursor

    # What it holds

    @property
    def values(self) -> dict[str, Any]:
        """Return everything typed and chosen, fit for JSON."""
        return {
            "id": self.id_of_call,
            "started_at": self.started.isoformat(),
            "direction": self.direction,
            "who": self.who.value,
            "phone": self.phone,
            "patient_id": self.patient_id,
            "nurse_call_id": self.nurse_call_id,
            "caller": self.caller.value.strip(),
            "verified": list(self.verify.taken),
            "note": self.note.text,
            "outcome": self.outcome.taken[0],
            "to": self.to.value,
            "due": self.due.value,
            "urgent": bool(self.urgent.taken),
            "reason": self.reason.value,
            "field": self.focused.id if self.focused else "who",
            "cursor": self._cursor(),
        }

    def _cursor(self) -> list[int] | int | None:
        if isinstance(self.focused, NoteEdit):
            return list(self.focused.cursor_location)
        return self.focused.cursor_position if isinstance(self.focused, Entry) else None

    @property
    def empty(self) -> bool:
        """Tell whether nothing was typed or chosen yet."""
        typed = (self.who, self.caller, self.to, self.due, self.reason)
        return not (self.patient_id or self.note.text or any(f.value for f in typed))

    @property
    def title_of_call(self) -> str:
        """Return who it is with, as far as it is known."""
        who = self.about.name if self.about else self.caller.value or self.who.value
        return who or "somebody"

    def keep(self) -> None:
        """Keep what is typed as a draft; the app stores it within a second."""
        self.app.in_hand.keep(self)

    def folded(self) -> None:
        """Tell the desk that this call was folded away."""
        self.app.in_hand.folded(self)

    def draw_head(self) -> None:
        """Draw direction, clock and who it is; one short repaint while it runs."""
        if not self.is_current:
            return
        elapsed = say_elapsed(self.started, self.app.clock.now())
        who = f"   {self.title_of_call}" if not self.empty else ""
        self.head.set(f"CALL {self.direction} {elapsed}{who}", "bold")

    def selection(self) -> Selection:
        """Return the patient of this call, for what is opened over it."""
        says = self.about.name if self.about else ""
        return Selection(patient_id=self.patient_id, says=says)

    def do(self, action_id: str) -> bool:
        """Hand this call over to a nurse; all else is done as anywhere."""
        if action_id != "nurse.raise":
            return False
        words = [" ".join(self.note.text.split())[:200], self.phone]
        text = "".join(f"{word}, " for word in words if word)
        self.app.open_line(action_id, self.selection(), text, self.nurse_called)
        return True

    def nurse_called(self, step: Any) -> None:
        """Note that a nurse was called out of this call."""
        self.nurse_call_id = step.id
        self.outcome.offer((*OUTCOMES, NURSE))
        self.outcome.take(["nurse"])
        self.notice.say(step.said)
        self.keep()

    # Keys

    def on_key(self, event: events.Key) -> None:
        """Walk with the arrows; Tab out of the first field looks the caller up too."""
        if self._asks_to_throw_away:
            self._thrown_away(event.key)
        elif event.key == "tab" and self.focused is self.who and self._unsettled:
            self._enter_who()
        elif event.key in ("up", "down") and not isinstance(self.focused, (NoteEdit, Picker)):
            (self.focus_next if event.key == "down" else self.focus_previous)()
        else:
            return
        event.stop()
        event.prevent_default()

    def action_fold(self) -> None:
        """Esc closes the list of callers, or keeps the call for later."""
        if self._asks_to_throw_away:
            self._thrown_away("escape")
        elif self.picker.display:
            self._choosing(False)
            self._go("who")
        else:
            self.app.fold(self)

    def action_turn(self) -> None:
        """Turn between a call that came in and one that goes out."""
        self.direction = "out" if self.direction == "in" else "in"
        self.draw_head()
        self.keep()

    def action_throw_away(self) -> None:
        """Ask before the note is thrown away; another key confirms."""
        self._asks_to_throw_away = True
        self.set_focus(None)
        self.notice.refuse("Throw this call note away for good? y throws it away, Esc goes back.")

    def _thrown_away(self, key: str) -> None:
        self._asks_to_throw_away = False
        if key == "y":
            self.app.in_hand.close(self)
        else:
            self._go("note")

    def action_save(self) -> None:
        """Store the call; what is unclear is said and gone to, and nothing is lost."""
        if self._saving:
            return
        if self._unsettled:
            self._enter_who()
            return
        self._saving = True
        typed: Any = self.values

        def store(desk: "Desk") -> Any:
            from pcoord.services import call_notes

            return call_notes.store(desk, typed)

        self.app.act(store, self._saved, self._refused)

    def _saved(self, step: Any) -> None:
        self.app.in_hand.close(self)

    def _refused(self, error: Any) -> None:
        self._saving = False
        field = getattr(error, "field", "")
        if field:
            self._go(field)
        self.notice.refuse(error.sentence)

    # From field to field

    def _go(self, field: str) -> None:
        self.query_one(f"#{field}", Widget).focus()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Say what the field is for."""
        hint = HINTS.get(event.widget.id or "", "")
        if event.widget is self.who and self._ringing is not None:
            hint = self._say_ringing(self._ringing)
        if hint:
            self.notice.say(hint)

    def _go_on(self) -> None:
        """Go to the next field that a call needs."""
        if self.patient_id and not self.caller.value.strip():
            self._go("caller")
        elif self.patient_id and len(self.verify.taken) < 2:
            self._go("verify")
        else:
            self._go("note")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter: look the caller up, go on, or save in the last field."""
        event.stop()
        field = event.input
        if field is self.who:
            self._enter_who()
        elif field is self.caller:
            self._go("verify" if self.patient_id and len(self.verify.taken) < 2 else "note")
        elif field is self.to:
            self._go("due")
        else:
            self.action_save()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Keep what is typed; look while a caller is typed, and say what a caller may hear."""
        event.stop()
        if event.input is self.who and event.value != self._settled:
            self._look(event.value)
        elif event.input is self.caller:
            self._show_may()
        self._changed()

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Keep the note beside the typing."""
        event.stop()
        self._changed()

    def on_text_area_selection_changed(self, event: TextArea.SelectionChanged) -> None:
        """Keep where the cursor stands, too."""
        event.stop()
        self._changed()

    def on_note_edit_left(self) -> None:
        """Go on behind the note."""
        self._go("outcome")

    def on_key_row_changed(self, event: KeyRow.Changed) -> None:
        """Go on behind the second identifier, and to whom a promise is for."""
        event.stop()
        if event.row is self.verify and len(self.verify.taken) == 2:
            self._go("note")
        elif event.row is self.outcome and event.value in PROMISES:
            self._go("to")
        self._changed()

    def on_key_row_left(self, event: KeyRow.Left) -> None:
        """Go on, or save where nothing more is needed."""
        event.stop()
        if event.row is self.verify:
            self._go("note")
        elif event.row is self.urgent:
            self._go("reason")
        elif self.outcome.taken[0] in PROMISES:
            self._go("to")
        else:
            self.action_save()

    def _changed(self) -> None:
        if not self.empty:
            self.keep()

    # Who calls

    @property
    def _unsettled(self) -> bool:
        return self.who.value.strip() != self._settled.strip()

    def _look(self, text: str) -> None:
        def read(desk: "Desk") -> "tuple[str, Ringing]":
            from pcoord.services import callers

            return text, callers.read_caller(desk, text)

        self.app.ask("caller", read, self._looked)

    def _looked(self, answer: "tuple[str, Ringing]") -> None:
        self._ringing_for, self._ringing = answer
        if not self.is_attached:
            return
        if self.focused is self.who:
            self.notice.say(self._say_ringing(self._ringing))
        if self._enter_waits:
            self._enter_who()

    def _enter_who(self) -> None:
        """Take the one who is meant, or ask; an Enter before the answer waits for it."""
        text = self.who.value
        self._enter_waits = False
        if not self._unsettled:
            self._go_on()
        elif self._ringing is None or self._ringing_for != text:
            self._enter_waits = True
            self._look(text)
        elif self._ringing.one is not None:
            self._take(self._ringing.one)
        elif self._ringing.callers:
            self._ask_who(self._ringing.callers)
        else:
            self._take(None)

    def _ask_who(self, found: "tuple[Caller, ...]") -> None:
        shown = [Candidate(caller.key, _say_caller(caller)) for caller in found]
        self.picker.ask("Who is it about?", [*shown, Candidate(OTHER, "somebody else")])
        self._choosing(True)
        self.picker.focus()

    def _choosing(self, on: bool) -> None:
        self.picker.display = on
        self.set_class(on, "choosing")

    def on_picker_chosen(self, event: Picker.Chosen) -> None:
        """Take the caller that was chosen, or nobody on file."""
        event.stop()
        self._choosing(False)
        callers = self._ringing.callers if self._ringing else ()
        self._take(next((c for c in callers if c.key == event.key), None))

    def _take(self, caller: "Caller | None") -> None:
        ringing = self._ringing
        self._settled = self.who.value
        self.phone = ringing.phone if ringing else ""
        self.verify.take([])
        self.about = None
        self.patient_id = caller.id if caller else None
        if caller is None:
            self.caller.value = ringing.name if ringing else ""
            self._show_about()
            self._go("note" if self.caller.value else "caller")
        else:
            related = caller.related
            self.caller.value = f"{related.name}, {related.role}" if related else "patient"
            self._load_about()
            self._go("verify")
        self._changed()

    def _load_about(self) -> None:
        patient_id = self.patient_id
        assert patient_id is not None

        def read(desk: "Desk") -> "About":
            from pcoord.services import callers

            return callers.about(desk, patient_id)

        self.app.ask(f"about {self.id_of_call}", read, self._loaded)

    def _loaded(self, about: "About") -> None:
        if about.id != self.patient_id or not self.is_attached:
            return
        self.about = about
        self._show_about()
        if about.too_young and self.caller.value == "patient":
            self.caller.value = ""
            self._go("caller")

    def _show_about(self) -> None:
        about = self.about
        if about is None:
            self.info.set_lines([])
            self.verify.offer([])
        else:
            others = ", ".join(f"{p.name} ({p.role})" for p in about.related)
            facts = "   ".join(filter(None, (about.says, about.next_visit)))
            rest = f"on file  {others}" if others else "nobody else is on file for this patient"
            self.info.set_lines([f"          {facts}", f"          {rest}"])
            self.verify.offer(_identifiers(about))
        self._show_may()
        self.draw_head()

    def _show_may(self) -> None:
        if self.about is None:
            self.may.set("")
            return
        from pcoord.services import callers

        said, denied = callers.may_discuss(self.about, self.caller.value.strip())
        self.may.set(f" {said} ", "reverse" if denied else "")

    def _say_ringing(self, ringing: "Ringing") -> str:
        found = ringing.callers
        if ringing.one is not None:
            return f"Enter: {_say_caller(ringing.one)}"
        if len(found) > 1 and not ringing.name:
            return f"{len(found)} share this number; Enter asks which one."
        if found:
            return f"{len(found)} may be meant; Enter asks which one."
        if not ringing.phone and not ringing.name:
            return HINTS["who"]
        return "Nobody on file fits; Enter goes on without a patient."


def _label(text: str, width: int = 10) -> OneLine:
    label = OneLine(text)
    label.styles.width = width
    return label


def _identifiers(about: "About") -> list[Option]:
    shown = (
        Option("b", "birth date", f"born {about.born}" if about.born else ""),
        Option("a", "address", about.address[:26]),
        Option("r", "record number", f"MRN {about.mrn}" if about.mrn else ""),
        Option("n", "name", "name"),
    )
    return [option for option in shown if option.text]


def _say_caller(caller: "Caller") -> str:
    from pcoord.domain.dates import say_birth

    born = f"b. {say_birth(caller.birth_date)}" if caller.birth_date else ""
    name = f"{caller.family}, {caller.given}" if caller.given else caller.family
    patient = f"{name}   {born}   MRN {caller.mrn or '-'}"
    if caller.related is None:
        return patient + ("" if caller.sure else "  * sounds like")
    person = caller.related
    denied = " DENIED" if person.denied else ""
    return f"{person.name}, {person.role}{denied} of {patient}"

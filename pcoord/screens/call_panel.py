"""A call being taken, over whatever is there: who calls, what was said, what was promised.

The screen stays alive while it is folded away, so that field, cursor and text come back as they
were; what is typed is kept as a draft beside the typing.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Input, TextArea

from pcoord.actions import Selection
from pcoord.domain.outcomes import PROMISES
from pcoord.screens.call_fields import HINTS, NURSE, CallFields, say_caller, say_ringing
from pcoord.screens.call_in_hand import TICK_SECONDS, say_elapsed
from pcoord.screens.call_times import ask_true_time
from pcoord.widgets.entry import Entry
from pcoord.widgets.key_rows import KeyRow
from pcoord.widgets.note_edit import MOST, NoteEdit
from pcoord.widgets.over import Over
from pcoord.widgets.picker import Candidate, Picker

if TYPE_CHECKING:
    from pcoord.app import PcoordApp
    from pcoord.services.callers import About, Caller, Ringing
    from pcoord.services.desk import Desk

OTHER = "other"
OF_STORED = ("correcting", "seen", "due_shown")
"""What a panel knows of a stored call that it corrects."""

HANDED_OVER = 200
"""Characters of a note that go into the nurse line."""


class CallPanel(Over[None]):
    """The bottom half of the screen; Enter goes to the next field that a call needs."""

    CSS_PATH = "call_panel.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar = [
        Binding("ctrl+d", "save", priority=True),
        Binding("ctrl+x", "throw_away", priority=True),
        Binding("ctrl+t", "turn", priority=True),
        Binding("ctrl+y", "true_time", priority=True),
        Binding("escape", "fold", priority=True),
    ]
    app: "PcoordApp"

    def __init__(self, values: dict[str, Any]) -> None:
        super().__init__()
        self.id_of_call = str(values["id"])
        self.started = datetime.fromisoformat(values["started_at"])
        self.true_time = str(values.get("at", ""))
        self.direction = str(values.get("direction", "in"))
        self.correcting: int | None = values.get("correcting")
        self._stored = {name: values[name] for name in OF_STORED if name in values}
        self._was: dict[str, Any] | None = None
        self.patient_id: str | None = values.get("patient_id")
        self.phone = str(values.get("phone", ""))
        self.nurse_call_id: str | None = values.get("nurse_call_id")
        self.about: About | None = None
        self.fields = CallFields()
        self._first = values
        self._settled = str(values.get("who", "")) if self.patient_id or self.phone else ""
        self._ringing: tuple[str, Ringing] | None = None
        self._enter_waits = False
        self._saving = False
        self._refusal = ""
        self._asks_to_throw_away = False

    def compose(self) -> ComposeResult:
        """Compose the fields."""
        yield self.fields

    def on_mount(self) -> None:
        """Fill in what is known already, and let the clock run."""
        self.fields.fill(self._first)
        if not self._first.get("changed"):
            self._was = self._content
        self.set_interval(TICK_SECONDS, self.draw_head, name="clock")
        self.draw_head()
        if self.patient_id:
            self._load_about()

    def on_screen_resume(self) -> None:
        """Show at once how long a call lasts that was folded away meanwhile."""
        self.draw_head()

    @property
    def awaits_answer(self) -> bool:
        """Tell whether Enter waits for the caller to be looked up, or the call is being stored."""
        return self._enter_waits or self._saving

    # What it holds

    @property
    def values(self) -> dict[str, Any]:
        """Return everything typed and chosen, fit for JSON."""
        place = {name: self.fields.typed()[name] for name in ("field", "cursor")}
        whole = self._content | place | self._stored
        return whole | {"changed": True} if self._stored else whole

    @property
    def _content(self) -> dict[str, Any]:
        """Return what the call says, wherever the cursor stands."""
        typed = {k: v for k, v in self.fields.typed().items() if k not in ("field", "cursor")}
        return typed | {
            "id": self.id_of_call,
            "started_at": self.started.isoformat(),
            "at": self.true_time,
            "direction": self.direction,
            "phone": self.phone,
            "patient_id": self.patient_id,
            "nurse_call_id": self.nurse_call_id,
        }

    @property
    def empty(self) -> bool:
        """Tell whether nothing was typed or chosen yet, or nothing changed in a stored call."""
        if self.correcting:
            return self._content == self._was
        return self.patient_id is None and self.fields.empty

    @property
    def title_of_call(self) -> str:
        """Return who it is with, as far as it is known."""
        typed = self.fields.caller.value or self.fields.who.value
        return self.about.name if self.about else typed or "somebody"

    def keep(self) -> None:
        """Keep what is typed as a draft; the app stores it within a second."""
        if not self.empty:
            self.app.in_hand.keep(self)

    def folded(self) -> None:
        """Tell the desk that this call was folded away."""
        self.app.in_hand.folded(self)

    def draw_head(self) -> None:
        """Draw direction, clock and who it is; one short repaint while it runs."""
        if self.correcting and self.is_current:
            said = f"CORRECT CALL {self.correcting} {self.direction}   {self.title_of_call}"
            self.fields.head.set(said, "bold")
        elif self.is_current:
            elapsed = self._say_true_time() or say_elapsed(self.started, self.app.clock.now())
            who = "" if self.empty else f"   {self.title_of_call}"
            self.fields.head.set(f"CALL {self.direction} {elapsed}{who}", "bold")

    def selection(self) -> Selection:
        """Return the patient of this call, for what is opened over it."""
        says = self.about.name if self.about else ""
        return Selection(patient_id=self.patient_id, says=says)

    def do(self, action_id: str) -> bool:
        """Hand this call over to a nurse; all else is done as anywhere."""
        if action_id != "nurse.raise":
            return False
        words = [" ".join(self.fields.note.text.split())[:HANDED_OVER], self.phone]
        text = "".join(f"{word}, " for word in words if word)
        self.app.open_line(action_id, self.selection(), text, self._nurse_called)
        return True

    def _nurse_called(self, step: Any) -> None:
        """Note that a nurse was called out of this call."""
        self.nurse_call_id = step.id
        self.fields.show_outcome(NURSE.value)
        self.keep()

    def say(self, text: str, *, urgent: bool = False, undo: bool = False) -> None:
        """Show one sentence where the eye is: what was done over this call, or refused."""
        notice = self.fields.notice
        (notice.refuse if urgent else notice.say)(text)

    # Keys

    def on_key(self, event: events.Key) -> None:
        """Walk with the arrows; whoever leaves the first field has the caller looked up too."""
        if self._asks_to_throw_away:
            self._thrown_away(event.key)
        elif event.key in {"tab", "down"} and self.focused is self.fields.who and self._unsettled:
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
        elif self.fields.picker.display:
            self._choosing(False)
            self.fields.go("who")
        else:
            self.app.fold(self)

    def action_turn(self) -> None:
        """Turn between a call that came in and one that goes out."""
        self.direction = "out" if self.direction == "in" else "in"
        self.draw_head()
        self.keep()

    def action_true_time(self) -> None:
        """Ask when a call was that is typed in from paper."""
        if self.correcting:
            self.fields.notice.refuse("The time of a stored call stays as it was written down.")
        elif not self._asks_to_throw_away:
            ask_true_time(self.app, self._took_place)

    def _took_place(self, moment: datetime) -> None:
        self.started, self.true_time = moment, moment.isoformat()
        self.draw_head()
        self.keep()

    def _say_true_time(self) -> str:
        desk = self.app.desk
        if not self.true_time or desk is None:
            return ""
        from pcoord.screens.calls import say_moment

        return f"at {say_moment(desk, self.started, short=False)} (late entry)"

    def action_throw_away(self) -> None:
        """Ask before the note is thrown away; another key confirms."""
        self._asks_to_throw_away = True
        self.set_focus(None)
        what = f"the changes to call {self.correcting}" if self.correcting else "this call note"
        question = f"Throw {what} away for good? y throws it away, Esc goes back."
        self.fields.notice.refuse(question)

    def _thrown_away(self, key: str) -> None:
        self._asks_to_throw_away = False
        if key == "y":
            self.app.in_hand.close(self)
            self.app.notice("Thrown away; nothing was stored.")
        else:
            self.fields.go("note")

    def action_save(self) -> None:
        """Store the call; what is unclear is said and gone to, and nothing is lost."""
        if self._saving or self._asks_to_throw_away:
            return
        if self._unsettled:
            self._enter_who()
            return
        self._saving = True
        typed: Any = self.values

        def store(desk: "Desk") -> Any:
            from pcoord.services import call_notes

            change = call_notes.correct if typed.get("correcting") else call_notes.store
            return change(desk, typed)

        self.app.act(store, self._saved, self._refused)

    def _saved(self, step: Any) -> None:
        self.app.in_hand.close(self)
        self.app.notice(step.said, undo=True)

    def _refused(self, error: Any) -> None:
        self._saving = False
        field = getattr(error, "field", "")
        if not field or (self.focused is not None and self.focused.id == field):
            self.fields.notice.refuse(error.sentence)
        else:
            # The field that is gone to says it instead of its hint.
            self._refusal = error.sentence
            self.fields.go(field)

    # From field to field

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Say what the field is for."""
        hint = HINTS.get(event.widget.id or "", "")
        if self._asks_to_throw_away:
            # The focus that the panel opened with may arrive behind a quick ^X.
            return
        if self._refusal:
            self.fields.notice.refuse(self._refusal)
            self._refusal = ""
        elif event.widget is self.fields.who and self._ringing is not None and self._unsettled:
            self.fields.notice.say(say_ringing(self._ringing[1], self._date_order))
        elif hint:
            self.fields.notice.say(hint)

    @property
    def _unverified(self) -> bool:
        return self.patient_id is not None and len(self.fields.verify.taken) < 2

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter: look the caller up, go on, or save in the last field."""
        event.stop()
        fields = self.fields
        if event.input is fields.who:
            self._enter_who()
        elif event.input is fields.caller:
            fields.go("verify" if self._unverified else "note")
        elif event.input is fields.to:
            fields.go("due")
        else:
            self.action_save()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Keep what is typed; look while a caller is typed, and say what a caller may hear."""
        event.stop()
        if event.input is self.fields.who and event.value != self._settled:
            self._enter_waits = False
            self._look(event.value)
        elif event.input is self.fields.caller:
            self._show_may()
        self.keep()

    def on_entry_too_long(self, event: Entry.TooLong) -> None:
        """Say that a field is full, and where a longer text belongs."""
        event.stop()
        most = event.entry.max_length
        self.fields.notice.refuse(f"Only {most} characters fit here; the note takes more.")

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Keep the note beside the typing."""
        event.stop()
        self.keep()

    def on_text_area_selection_changed(self, event: TextArea.SelectionChanged) -> None:
        """Keep where the cursor stands, too."""
        event.stop()
        self.keep()

    def on_note_edit_full(self) -> None:
        """Say that what came last is not in the note."""
        self.fields.notice.refuse(f"The note is full ({MOST:,} characters); the rest is not in it.")

    def on_note_edit_left(self) -> None:
        """Go on behind the note."""
        self.fields.go("outcome")

    def on_key_row_changed(self, event: KeyRow.Changed) -> None:
        """Go on behind the second identifier, and to whom a promise is for."""
        event.stop()
        if event.row is self.fields.verify and not self._unverified:
            self.fields.go("note")
        elif event.row is self.fields.outcome and event.value in PROMISES:
            self.fields.go("to")
        self.keep()

    def on_key_row_typed(self, event: KeyRow.Typed) -> None:
        """A note begun too early, or gone on with too late, goes where it was meant to."""
        event.stop()
        if event.row in (self.fields.verify, self.fields.outcome) and event.character.isalpha():
            self.fields.go("note")
            self.fields.note.go_on(event.character)

    def on_key_row_left(self, event: KeyRow.Left) -> None:
        """Go on, or save where nothing more is needed."""
        event.stop()
        if event.row is self.fields.verify:
            self.fields.go("note")
        elif event.row is self.fields.urgent:
            self.fields.go("reason")
        elif self.fields.outcome.taken[0] in PROMISES:
            self.fields.go("to")
        else:
            self.action_save()

    # Who calls

    @property
    def _unsettled(self) -> bool:
        return self.fields.who.value.strip() != self._settled.strip()

    @property
    def _date_order(self) -> str:
        return self.app.desk.clinic.date_order if self.app.desk else "mdy"

    def _look(self, text: str) -> None:
        def read(desk: "Desk") -> "tuple[str, Ringing]":
            from pcoord.services import callers

            return text, callers.read_caller(desk, text)

        self.app.ask("caller", read, self._looked)

    def _looked(self, answer: "tuple[str, Ringing]") -> None:
        self._ringing = answer
        if not self.is_attached:
            return
        if self.focused is self.fields.who and not self.fields.who.full:
            self.fields.notice.say(say_ringing(answer[1], self._date_order))
        if self._enter_waits:
            self._enter_who()

    def _enter_who(self) -> None:
        """Take the one who is meant, or ask; an Enter before the answer waits for it."""
        text = self.fields.who.value
        self._enter_waits = False
        if not self._unsettled:
            self._go_on()
        elif self._ringing is None or self._ringing[0] != text:
            self._enter_waits = True
            self._look(text)
        elif self._ringing[1].one is not None or not self._ringing[1].callers:
            self._take(self._ringing[1].one)
        else:
            self._ask_who(self._ringing[1].callers)

    def _go_on(self) -> None:
        """Go to the next field that a call needs."""
        nobody = self.patient_id and not self.fields.caller.value.strip()
        self.fields.go("caller" if nobody else "verify" if self._unverified else "note")

    def _ask_who(self, found: "tuple[Caller, ...]") -> None:
        shown = [Candidate(caller.key, say_caller(caller, self._date_order)) for caller in found]
        picker = self.fields.picker
        picker.ask("Who is it about?", [*shown, Candidate(OTHER, "somebody else")])
        self._choosing(True)
        picker.focus()

    def _choosing(self, on: bool) -> None:
        self.fields.picker.display = on
        self.set_class(on, "choosing")

    def on_picker_chosen(self, event: Picker.Chosen) -> None:
        """Take the caller that was chosen, or nobody on file."""
        event.stop()
        self._choosing(False)
        callers = self._ringing[1].callers if self._ringing else ()
        self._take(next((c for c in callers if c.key == event.key), None))

    def _take(self, caller: "Caller | None") -> None:
        ringing = self._ringing[1] if self._ringing else None
        self._settled = self.fields.who.value
        kept = self.phone if self.correcting else ""
        self.phone = (ringing.phone if ringing else "") or kept
        self.patient_id = caller.id if caller else None
        self.about = None
        self.fields.verify.take([])
        if caller is None:
            self.fields.caller.value = ringing.name if ringing else ""
            self._show_about()
            self.fields.go("note" if self.fields.caller.value else "caller")
        else:
            related = caller.related
            self.fields.caller.value = f"{related.name}, {related.role}" if related else "patient"
            self._load_about()
            self.fields.go("verify")
        self.keep()

    def _load_about(self) -> None:
        patient_id, phone = self.patient_id, self.phone
        assert patient_id is not None

        def read(desk: "Desk") -> "About":
            from pcoord.services import callers

            return callers.about(desk, patient_id, phone)

        self.app.ask(f"about {self.id_of_call}", read, self._loaded, holds=True)

    def _loaded(self, about: "About") -> None:
        if about.id != self.patient_id or not self.is_attached:
            return
        self.about = about
        self._show_about()
        if about.too_young and self.fields.caller.value == "patient":
            self.fields.caller.value = ""
            self.fields.go("caller")

    def _show_about(self) -> None:
        self.fields.show_about(self.about)
        self._show_may()
        self.draw_head()

    def _show_may(self) -> None:
        if self.about is None:
            self.fields.may.set("")
            return
        from pcoord.services import callers

        self.fields.show_told(self.about)
        said, denied = callers.may_discuss(self.about, self.fields.caller.value.strip())
        self.fields.may.set(f" {said} ", "reverse" if denied else "")

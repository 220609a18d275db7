"""Registering and editing a patient: one form, likely duplicates under it while it is filled."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import ModalScreen
from textual.timer import Timer

from pcoord.actions import Selection
from pcoord.screens.half_typed import FORM as DRAFTS
from pcoord.widgets.card import Card
from pcoord.widgets.form import Field, Form
from pcoord.widgets.key_footer import KeyFooter
from pcoord.widgets.notice import Notice
from pcoord.widgets.picker import Candidate, Picker
from pcoord.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from pcoord.app import PcoordApp
    from pcoord.domain.errors import DeskError
    from pcoord.kinds.line import Call
    from pcoord.services.desk import Desk
    from pcoord.services.duplicates import Duplicate
    from pcoord.services.session import Kept

PAUSE_SECONDS = 0.3
"""How long typing must rest before likely duplicates are looked for."""

LEAST = ("family", "given", "birth_date", "sex", "phone")
TELLS = frozenset({"family", "given", "birth_date", "phone"})
FIELDS = (
    Field("family", "family name"),
    Field("given", "given names"),
    Field("birth_date", "birth date", hint="03/04/1962, or ? when nobody knows it"),
    Field("sex", "sex", hint="f, m, o other, u unknown"),
    Field("phone", "phones", hint="201-555-0142, 201-555-0199 h   (h home, w work)"),
    Field("language", "language", hint="es; es, interpreter"),
    Field("email", "e-mail"),
    Field("line", "street"),
    Field("city", "city"),
    Field("state", "state"),
    Field("postal_code", "postal code"),
    Field("middle", "middle name"),
    Field("preferred", "called", hint="the name to call out, when it is another"),
    Field("practitioner", "usually sees", hint="a code, such as LEE"),
    Field("text_ok", "texts ok", hint="y or n"),
    Field("note", "note"),
)
MORE_WHEN_EDITED = (
    Field("active", "active", hint="y or n"),
    Field("deceased_on", "died on"),
)
FOOTER = [("^D", "save"), ("Tab", "next field"), ("Esc", "keep for later")]
OFFERED = [("^T", "bring back"), ("^X", "throw away")]
ALL_THE_SAME = "all the same"
THROW_AWAY = "throw away"


def open_form(app: "PcoordApp", call: "Call") -> None:
    """Open the form for a typed line: somebody new, or the patient it names."""
    if call.action.id == "patient.edit":
        open_edit(app, call.values["patient_id"])
    else:
        open_new(app, call.values.get("newcomer") or "")


def open_new(app: "PcoordApp", text: str = "") -> None:
    """Open an empty form, with what a looked-up text already says."""
    desk = app.desk
    if desk is None:
        return
    from pcoord.services import patients

    guessed = patients.guess(desk, text)
    key = patients.key_of_new_patient()
    app.push_screen(PatientForm(Draft(f"new {key}", values=guessed, new_id=key)))


def bring_back(app: "PcoordApp", kept: "Kept") -> None:
    """Open a form that was half typed, as it was."""
    patient_id = kept.content.get("patient_id")
    if patient_id is None:
        from pcoord.services import patients

        key = patients.key_of_new_patient()
        app.push_screen(PatientForm(Draft(f"new {key}", new_id=key), kept.object_key))
    else:
        open_edit(app, patient_id, kept.object_key)


def open_edit(app: "PcoordApp", patient_id: str, wanted: str = "") -> None:
    """Open the form of a patient; the look is recorded before it is shown.

    `wanted` is the key of the draft that is brought back into it.
    """

    def read(desk: "Desk") -> "Draft":
        from pcoord.services import patients

        seen, values = patients.fields_of(desk, patient_id)
        card = patients.card(desk, patient_id)
        name = ", ".join(filter(None, (card.family, card.given)))
        about = f"{name}   MRN {card.mrn or '-'}"
        return Draft(patient_id, patient_id, seen, about, values)

    def opened(draft: Draft) -> None:
        app.push_screen(PatientForm(draft, wanted))

    app.ask("edit", read, opened)


@dataclass
class Draft:
    """What the form is about: `key` names its draft, `seen` is the version that was shown.

    `new_id` is the key of somebody new, made before the first try, so that saving again, or from
    another window, registers nobody twice.
    """

    key: str
    patient_id: str | None = None
    seen: int | None = None
    about: str = ""
    values: dict[str, str] = field(default_factory=dict)
    new_id: str | None = None


class PatientForm(ModalScreen[None]):
    """Tab walks, ^D saves; where somebody like this is on file, another key registers."""

    CSS_PATH = "register.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar = [
        # Taken before the fields see them, so that keys sent in one go land where they belong.
        Binding("tab", "app.focus_next", priority=True),
        Binding("shift+tab", "app.focus_previous", priority=True),
        Binding("ctrl+d", "save", priority=True),
        Binding("ctrl+t", "bring_back", priority=True),
        Binding("ctrl+x", "throw_away", priority=True),
        Binding("escape", "leave", priority=True),
    ]
    app: "PcoordApp"

    def __init__(self, draft: Draft, wanted: str = "") -> None:
        super().__init__()
        self.draft = draft
        self._wanted = wanted
        fields = FIELDS if draft.patient_id is None else FIELDS + MORE_WHEN_EDITED
        self.form = Form([_filled(one, draft.values) for one in fields])
        self.status = StatusLine()
        self.likely = Card(id="likely")
        self.picker = Picker()
        self.notice = Notice()
        self.footer = KeyFooter()
        self._user_id: str | None = None
        self._field: str | None = None
        self._changed = False
        self._saving = False
        self._kept: list[Kept] = []
        self._timer: Timer | None = None
        self._searching: Any = None

    def compose(self) -> ComposeResult:
        """Compose the fields, and under them whoever is on file already."""
        yield self.status
        yield self.form
        yield self.likely
        yield self.picker
        yield self.notice
        yield self.footer

    def on_mount(self) -> None:
        """Go to the first field that the person must still fill."""
        desk, session = self.app.desk, self.app.session
        assert desk is not None and session is not None
        self._user_id = desk.who.user_id
        title = "NEW PATIENT" if self.draft.patient_id is None else "EDIT"
        self.status.set(title, self.draft.about, (desk.clinic.name, desk.who.username))
        self._show_keys()
        self.form.focus_field(self._first_empty())
        session.drafts(self._offer)
        if any(self.draft.values.values()):
            self._look_for_likely()

    def on_screen_resume(self) -> None:
        """What one person half typed is not shown to the next one."""
        desk = self.app.desk
        if self._user_id and desk is not None and desk.who.user_id != self._user_id:
            self.dismiss()

    def on_unmount(self) -> None:
        """The search for likely duplicates ends with the form."""
        if self._searching is not None and self.app.desk is not None:
            self.app.ask("likely end", self._searching.close, lambda _: None)

    def _first_empty(self) -> str:
        if self.draft.patient_id is not None:
            return LEAST[0]
        empty = (key for key in LEAST if not self.draft.values.get(key))
        return next(empty, LEAST[-1])

    def selection(self) -> Selection:
        """Return the patient that is edited."""
        return Selection(patient_id=self.draft.patient_id, says=self.draft.about)

    def _show_keys(self) -> None:
        self.footer.set([*FOOTER, *(OFFERED if self._kept else [])])

    # Drafts

    def keep(self) -> None:
        """Keep what is typed, for this form to be opened with it again."""
        if self._changed:
            self.app.keep(DRAFTS, self.draft.key, self._content())

    def _content(self) -> dict[str, Any]:
        return {
            "values": self.form.values(),
            "field": self.form.current or self._field,
            "seen": self.draft.seen,
            "patient_id": self.draft.patient_id,
            "new_id": self.draft.new_id,
        }

    def _offer(self, drafts: "Sequence[Kept]") -> None:
        """Say which half-typed form can be brought back."""
        self._kept = [
            kept
            for kept in drafts
            if kept.screen == DRAFTS
            and kept.content.get("patient_id") == self.draft.patient_id
            and (self.draft.patient_id is not None or kept.object_key != self.draft.key)
        ]
        if self._wanted:
            # A form may be the newest draft of several: the one that was asked for comes first.
            self._kept.sort(key=lambda kept: kept.object_key != self._wanted)
            self._wanted = ""
            self.action_bring_back()
            return
        self._show_keys()
        if self._kept and not self._changed:
            self.notice.say(self._say_kept(self._kept[0]))

    def _say_kept(self, kept: "Kept") -> str:
        from pcoord.domain.dates import say_day, say_time

        desk = self.app.desk
        assert desk is not None
        at = desk.clinic.local(kept.updated_at)
        day = "" if at.date() == desk.today else f"{say_day(at.date(), desk.today)} "
        values = kept.content.get("values", {})
        name = ", ".join(filter(None, (values.get("family"), values.get("given")))) or "no name yet"
        return f"Half typed {day}{say_time(at.time())}: {name}. ^T brings it back."

    def action_bring_back(self) -> None:
        """Go on with what was half typed."""
        if not self._kept:
            return
        kept = self._kept.pop(0)
        if self._changed:
            self.keep()
        self.draft.key, self.draft.seen = kept.object_key, kept.content.get("seen")
        self.draft.new_id = kept.content.get("new_id") or self.draft.new_id
        self.form.set_values(kept.content.get("values", {}))
        self.form.focus_field(kept.content.get("field"))
        self._changed = True
        self.notice.say("Brought back as it was typed.")
        self._show_keys()
        self._look_for_likely()

    def action_throw_away(self) -> None:
        """Ask whether what was half typed may go."""
        if self._kept:
            asked = f"{self._say_kept(self._kept[0]).split('. ')[0]}. Throw it away?"
            self._ask(asked, [Candidate(THROW_AWAY, "yes, throw it away")])

    def _thrown_away(self) -> None:
        self.app.keep(DRAFTS, self._kept.pop(0).object_key, None)
        self._choosing(False)
        self._show_keys()
        self.notice.say("Thrown away.")

    def action_leave(self) -> None:
        """Esc closes a question, or the form; what is typed is kept."""
        if self.has_class("choosing"):
            self._choosing(False)
            return
        self.keep()
        self.app.pop_screen()
        if self._changed:
            self.app.notice("Kept as half typed; it is offered when this form is opened again.")

    # Filling

    @on(Form.Changed)
    def _typed(self, event: Form.Changed) -> None:
        self._changed = True
        self._field = event.key
        self.form.set_error(event.key, "")
        self.keep()
        if event.key in TELLS and self.draft.patient_id is None:
            if self._timer is not None:
                self._timer.stop()
            self._timer = self.set_timer(PAUSE_SECONDS, self._look_for_likely, name="likely")

    def _look_for_likely(self) -> None:
        if self.draft.patient_id is not None:
            return
        typed = {key: text for key, text in self.form.values().items() if key in TELLS}

        def read(desk: "Desk") -> "list[Duplicate]":
            from pcoord.services import patient_search

            if self._searching is None:
                self._searching = patient_search.Search()
            return self._searching.likely(desk, typed)

        self.app.ask("likely", read, self._show_likely)

    def _show_likely(self, found: "Sequence[Duplicate]") -> None:
        lines = [f" {_say(one)}" for one in found]
        head = [(" On file already, it seems:", "bold")] if found else []
        self.likely.set_lines([*head, *lines])
        self.likely.styles.height = min(5, len(head) + len(lines))

    # Saving

    @on(Form.Finished)
    def _finished(self) -> None:
        self.action_save()

    def action_save(self) -> None:
        """Store it, once the fields have taken all that was typed before."""
        if not self._saving and not self.has_class("choosing"):
            self._saving = True
            self._field = self.form.current or self._field
            (self.focused or self).call_later(self._save, ())

    def _save(self, shown: Sequence[str]) -> None:
        """Store it; refusals are said field by field."""
        self.form.clear_errors()
        self.notice.clear()
        values: dict[str, Any] = dict(self.form.values())
        draft = self.draft

        def change(desk: "Desk") -> Any:
            from pcoord.services import patients

            if draft.patient_id is None:
                new_id = draft.new_id
                return patients.register(desk, patient_id=new_id, shown=shown, **values)
            return patients.edit(desk, patient_id=draft.patient_id, seen=draft.seen, **values)

        self.app.act(change, self._saved, self._refused)

    def _saved(self, step: Any) -> None:
        self.app.keep(DRAFTS, self.draft.key, None)
        self._changed = False
        if self in self.app.screen_stack:
            self.dismiss()
        self.app.show_patient(step.id)
        self.app.notice(step.said, undo=True)

    def _refused(self, error: "DeskError") -> None:
        from pcoord.services.patients import FieldErrors, LikelyDuplicates

        self._saving = False
        if isinstance(error, FieldErrors):
            for key, sentence in reversed(error.fields.items()):
                self.form.set_error(key, sentence)
        elif isinstance(error, LikelyDuplicates):
            self._ask_which(error.duplicates)
        else:
            self.notice.refuse(error.sentence)

    def _ask_which(self, found: "Sequence[Duplicate]") -> None:
        """Ask, with nothing chosen, whether it is one of those; the key that saved does nothing."""
        self._shown = [one.id for one in found]
        values = self.form.values()
        new = ", ".join(filter(None, (values["family"], values["given"])))
        choices = [Candidate(one.id, _say(one)) for one in found]
        choices.append(Candidate(ALL_THE_SAME, f"none of these: register {new} as somebody new"))
        self._ask("Is it one of these? A number opens the record. Esc goes back.", choices)

    def _ask(self, question: str, choices: list[Candidate]) -> None:
        self.picker.ask(question, choices)
        self._choosing(True)

    def _choosing(self, on: bool) -> None:
        self.set_class(on, "choosing")
        if on:
            self.picker.focus()
        else:
            self.form.focus_field(self._field or self._first_empty())

    @on(Picker.Chosen)
    def _chosen(self, event: Picker.Chosen) -> None:
        if event.key == THROW_AWAY:
            self._thrown_away()
        elif event.key == ALL_THE_SAME:
            self._choosing(False)
            self._saving = True
            self._save(self._shown)
        else:
            self.keep()
            self.dismiss()
            self.app.show_patient(event.key)

    _shown: Sequence[str] = ()


def _filled(one: Field, values: dict[str, str]) -> Field:
    return Field(one.key, one.label, values.get(one.key, ""), one.hint)


def _say(one: "Duplicate") -> str:
    from pcoord.domain.dates import say_birth

    born = say_birth(one.birth_date, long=True) if one.birth_date else "born unknown"
    name = ", ".join(filter(None, (one.family, one.given)))
    return f"{name}  {one.sex[:1].upper()}  {born}  MRN {one.mrn or '-'}  ({one.why})"

"""Registering and editing a patient: one form, likely duplicates under it while it is filled."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from textual.timer import Timer
from textual.widget import Widget

from pcoord.actions import Selection
from pcoord.screens.form_screen import Draft, FormScreen
from pcoord.screens.half_typed import FORM
from pcoord.widgets.card import Card
from pcoord.widgets.form import Field, Form
from pcoord.widgets.picker import Candidate

if TYPE_CHECKING:
    from pcoord.app import PcoordApp
    from pcoord.domain.errors import DeskError
    from pcoord.kinds.line import Call
    from pcoord.services.desk import Desk
    from pcoord.services.duplicates import Duplicate
    from pcoord.services.second_look import AnotherPerson, FutureVisits
    from pcoord.services.session import Kept

PAUSE_SECONDS = 0.3
"""How long typing must rest before likely duplicates are looked for."""

LEAST = ("family", "given", "birth_date", "sex", "phone")
TELLS = frozenset({"family", "given", "birth_date", "sex", "phone", "email"})
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
    Field("text_ok", "texts ok", hint="y or n; y, mother: who agreed"),
    Field("note", "note"),
    Field("birth_sex", "sex at birth", hint="f, m, other, unknown", page=1),
    Field("gender_identity", "gender is", hint="female, male, non-binary, transgender ...", page=1),
    Field("pronouns", "pronouns", hint="she/her", page=1),
    Field("contact_by", "reached by", hint="phone, text, e-mail, letter, nobody", page=1),
    Field("email_ok", "e-mails ok", hint="y or n; y, mother: who agreed", page=1),
    Field("pharmacy", "pharmacy", hint="name, street, phone", page=1),
)
MORE_WHEN_EDITED = (
    Field("active", "active", hint="y or n", page=1),
    Field("deceased_on", "died on", hint="stops reminders; booked visits are listed", page=1),
    Field("restricted", "restricted", hint="y: opened with a reason only (supervisor)", page=1),
    Field("test", "test record", hint="y: nobody real; not reached, not exported", page=1),
)
SAME_PERSON, CANCEL, KEEP_VISITS, GO_BACK = "same person", "cancel", "keep visits", "go back"
ALL_THE_SAME = "all the same"


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
    app.open_over(PatientForm(Draft(f"new {key}", values=guessed, new_id=key)))


def bring_back(app: "PcoordApp", kept: "Kept") -> None:
    """Open a form that was half typed, as it was."""
    patient_id = kept.content.get("patient_id")
    if patient_id is None:
        from pcoord.services import patients

        key = patients.key_of_new_patient()
        app.open_over(PatientForm(Draft(f"new {key}", new_id=key), kept.object_key))
    else:
        open_edit(app, patient_id, kept.object_key)


def open_edit(app: "PcoordApp", patient_id: str, wanted: str = "") -> None:
    """Open the form of a patient; the look is recorded before it is shown.

    `wanted` is the key of the draft that is brought back into it.
    """
    top = app.screen
    if isinstance(top, PatientForm) and top.draft.patient_id == patient_id and not wanted:
        top.notice.say("You are in this form already: ^D saves it, Esc keeps it for later.")
        return

    def read(desk: "Desk") -> "Draft":
        from pcoord.services import patients

        seen, values = patients.fields_of(desk, patient_id)
        card = patients.card(desk, patient_id)
        name = ", ".join(filter(None, (card.family, card.given)))
        about = f"{name}   MRN {card.mrn or '-'}"
        return Draft(patient_id, patient_id, seen, about, values)

    def opened(draft: Draft) -> None:
        app.open_over(PatientForm(draft, wanted))

    app.ask("edit", read, opened, holds=True)


class PatientForm(FormScreen):
    """Tab walks, ^D saves; where somebody like this is on file, another key registers."""

    CSS_PATH = "register.tcss"
    DRAFTS = FORM
    MERGES = True

    def __init__(self, draft: Draft, wanted: str = "") -> None:
        fields = FIELDS if draft.patient_id is None else FIELDS + MORE_WHEN_EDITED
        form = Form([_filled(one, draft.values) for one in fields])
        title = "NEW PATIENT" if draft.patient_id is None else "EDIT"
        super().__init__(draft, form, title, wanted)
        self.likely = Card(id="likely")
        self._timer: Timer | None = None
        self._searching: Any = None
        self._shown: Sequence[str] = ()
        self._answers: dict[str, bool] = {}
        self._given: dict[str, bool] = {}

    def beneath(self) -> Sequence[Widget]:
        """Show whoever is on file already under the fields."""
        return (self.likely,)

    def on_mount(self) -> None:
        """Look at once for whoever a typed line already tells."""
        if any(self.draft.values.values()):
            self._look_for_likely()

    def on_unmount(self) -> None:
        """The search for likely duplicates ends with the form."""
        if self._searching is not None and self.app.desk is not None:
            self.app.ask("likely end", self._searching.close, lambda _: None)

    def first_field(self) -> str:
        """Return the first field of the least that is still empty."""
        if self.draft.patient_id is not None:
            return LEAST[0]
        empty = (key for key in LEAST if not self.draft.values.get(key))
        return next(empty, LEAST[-1])

    def selection(self) -> Selection:
        """Return the patient that is edited."""
        return Selection(patient_id=self.draft.patient_id, says=self.draft.about)

    def is_mine(self, kept: "Kept") -> bool:
        """A new patient's form offers any other that was begun."""
        mine = kept.content.get("patient_id") == self.draft.patient_id
        return mine and (self.draft.patient_id is not None or kept.object_key != self.draft.key)

    def say_kept(self, values: Mapping[str, str]) -> str:
        """Return whose form it is."""
        name = ", ".join(filter(None, (values.get("family"), values.get("given"))))
        return name or "no name yet"

    def wrong_with(self, key: str, text: str) -> str:
        """Read a field alone."""
        from pcoord.services import patient_fields

        desk = self.app.desk
        return patient_fields.wrong_with(desk.clinic, desk.today, key, text) if desk else ""

    # Who is on file already

    def brought_back(self) -> None:
        """Look for likely duplicates of what was brought back."""
        self._look_for_likely()

    def typed(self, key: str) -> None:
        """Look again once typing rests."""
        if key in TELLS and self.draft.patient_id is None:
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

    def store(self, values: dict[str, str]) -> None:
        """Register, or change what is known."""
        draft, shown, answers = self.draft, self._shown, self._answers
        self._shown, self._answers = (), {}
        typed: dict[str, Any] = dict(values)

        def change(desk: "Desk") -> Any:
            from pcoord.services import patients

            if draft.patient_id is None:
                new_id = draft.new_id
                return patients.register(desk, patient_id=new_id, shown=shown, **typed)
            about: dict[str, Any] = {"patient_id": draft.patient_id, "seen": draft.seen, **answers}
            return patients.edit(desk, **about, **typed)

        self._given = answers
        self.act(change)

    def saved(self, step: Any) -> None:
        """Show the patient."""
        self.app.show_patient(step.id)

    def theirs(self, desk: "Desk") -> tuple[int, dict[str, str]]:
        """Return the patient as somebody else left it."""
        from pcoord.services import patients

        assert self.draft.patient_id is not None
        return patients.fields_of(desk, self.draft.patient_id)

    def refused(self, error: "DeskError") -> None:
        """Ask what must be looked at twice, or say what is wrong."""
        from pcoord.services.patients import AnotherPerson, FutureVisits, LikelyDuplicates

        self._saving = False
        if isinstance(error, LikelyDuplicates):
            self._ask_which(error.duplicates)
        elif isinstance(error, AnotherPerson):
            self._ask_who(error)
        elif isinstance(error, FutureVisits):
            self._ask_visits(error)
        else:
            super().refused(error)

    def _ask_who(self, alarm: "AnotherPerson") -> None:
        """Ask for a second look; the key that saved does nothing, and going back stands first."""
        self.notice.refuse("; ".join(alarm.changes))
        self.ask(
            "This may be another person. Look again at who this is.",
            [
                Candidate(GO_BACK, "not sure: go back, nothing is stored"),
                Candidate(SAME_PERSON, "the same person: these were wrong on file, store them"),
            ],
        )

    def _ask_visits(self, asked: "FutureVisits") -> None:
        """List what is booked; one key records the death and cancels it all in one step."""
        count = len(asked.visits)
        self.notice.say("; ".join(visit.says for visit in asked.visits))
        visits = f"{count} visit{'s' if count > 1 else ''}"
        self.ask(
            f"{visits} booked. What becomes of them?",
            [
                Candidate(
                    CANCEL, f"record the death and cancel the {visits if count > 1 else 'visit'}"
                ),
                Candidate(
                    KEEP_VISITS,
                    f"record the death, leave {'them' if count > 1 else 'it'} in open work",
                ),
                Candidate(GO_BACK, "go back, nothing is stored"),
            ],
        )

    def _ask_which(self, found: "Sequence[Duplicate]") -> None:
        """Ask, with nothing chosen, whether it is one of those; the key that saved does nothing."""
        self._shown = [one.id for one in found]
        values = self.form.values()
        new = ", ".join(filter(None, (values["family"], values["given"])))
        choices = [Candidate(one.id, _say(one)) for one in found]
        choices.append(Candidate(ALL_THE_SAME, f"none of these: register {new} as somebody new"))
        self.ask("Is it one of these? A number opens the record. Esc goes back.", choices)

    def chose(self, key: str) -> None:
        """Store with what was answered, go back, or open the one on file."""
        answers = {SAME_PERSON: {"same_person": True}, CANCEL: {"cancel_visits": True}}
        answers |= {KEEP_VISITS: {"cancel_visits": False}}
        if key == GO_BACK:
            self.notice.clear()
            self.choosing(False)
        elif key == ALL_THE_SAME or key in answers:
            self._answers = self._given | answers.get(key, {})
            self.choosing(False)
            self.save()
        else:
            self.keep()
            self.dismiss()
            self.app.show_patient(key)


def _filled(one: Field, values: dict[str, str]) -> Field:
    return replace(one, value=values.get(one.key, ""))


def _say(one: "Duplicate") -> str:
    from pcoord.domain.dates import say_birth

    born = say_birth(one.birth_date, long=True) if one.birth_date else "born unknown"
    name = ", ".join(filter(None, (one.family, one.given)))
    return f"{name}  {one.sex[:1].upper()}  {born}  MRN {one.mrn or '-'}  ({one.why})"

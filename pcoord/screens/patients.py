"""F4 Patients: one box for every clue, who fits, and the card of the one under the cursor."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from textual import on
from textual.containers import Container
from textual.timer import Timer
from textual.widget import Widget

from pcoord.actions import ACTIONS, EVERYWHERE, Selection
from pcoord.keymap import key_name
from pcoord.screens.base import DeskScreen
from pcoord.screens.patients_list import NEW, LookupList, hint_of, rows_of
from pcoord.widgets.card import Card
from pcoord.widgets.line_view import Backdrop
from pcoord.widgets.paint import width_of, with_room_for_facts
from pcoord.widgets.row_list import RowList

if TYPE_CHECKING:
    from pcoord.services import patient_card
    from pcoord.services.day import State
    from pcoord.services.desk import Desk
    from pcoord.services.lookup import Found
    from pcoord.services.patient_search import Looked, Search

REST_SECONDS = 0.25
"""How long the cursor must rest on a patient before the card is opened, and that recorded."""

PAUSE_SECONDS = 0.15
"""How long typing must pause before the wider look, for names with two errors."""

FACTS = "   "
"""Stands between the facts of the one who is named in full."""

NAME_LEAST = 40
"""Cells that a long name has before the facts behind it give way."""

SHUT = (("RESTRICTED record", "bold"), "Enter asks why and opens it.")
"""Stands in place of the card of a record that is closed."""

LOOKUP_FOOTER = (
    *("help.show", "appointment.book", "encounter.check_in", "message.send", "call.new"),
    *("patient.edit", "palette.open"),
)


class _Pair(Backdrop, Container):
    """The list, and the card over its right part."""


class PatientsScreen(DeskScreen):
    """Letters are text until Enter fixes a patient; then letters act on that one."""

    CONTEXT = "patients"
    TITLE = "PATIENTS"
    CSS_PATH = "patients.tcss"
    TABLES = frozenset(
        {
            *("patient", "identifier", "contact_point", "human_name", "address", "flag"),
            *("related_person", "coverage", "document", "appointment", "encounter"),
            *("encounter_stage", "communication", "task", "waitlist_entry", "call"),
        }
    )

    def __init__(self) -> None:
        super().__init__()
        self.list = LookupList()
        self.side = Card(rule=True, id="side")
        self._hits: dict[str, Found] = {}
        self._looked: Looked | None = None
        self._card: patient_card.Card | None = None
        self._search: Search | None = None
        self._timer: Timer | None = None
        self._pause: Timer | None = None
        self._widened: str | None = None
        self._waiting: Callable[[], None] | None = None
        self._wanted: str | None = None
        self._unasked: str | None = None
        self._left = False
        self._overdue = False

    def body(self) -> Iterable[Widget]:
        """Return the list, and the card over its right part."""
        return (_Pair(self.list, self.side, id="pair"),)

    def on_mount(self) -> None:
        """Take the keys."""
        self.list.focus()

    def on_resize(self) -> None:
        """Leave the card its room."""
        self.list.make_room(self.app.size.width - self.app.size.width * 38 // 100)
        if self.app.desk is not None and self._looked is not None:
            self._draw_rows(self.app.desk, self._looked)
            self.say_selected()
        self._draw_card()

    def _draw_rows(self, desk: "Desk", looked: "Looked", *, home: bool = False) -> None:
        """Show the hits with as much of each as there is room for."""
        newcomer = _newcomer(desk, looked.text)
        rows = rows_of(desk.clinic, looked, newcomer, wide=self.list.wide)
        self.list.set_rows(rows, home=home)
        self.list.set_hint(hint_of(looked, rows))

    # Coming and going

    def on_screen_suspend(self) -> None:
        """Another screen is shown: the search is over."""
        self._left = self._left or self.app.current_mode not in ("patients", "lock")
        self._end_search()

    def on_screen_resume(self) -> None:
        """Begin anew when one comes from another main screen: the next letter is a new search."""
        if self._left:
            self._left = False
            self.begin_anew()

    def begin_anew(self) -> None:
        """Have the next letter be a new search; the key of this screen says so here too."""
        self._fix(False)
        self.list.select()

    def show_patient(self, patient_id: str) -> None:
        """Fix one patient and show the card."""
        self._left, self._wanted = False, patient_id
        self.list.selected = False
        self.list.set_text("")
        self._fix(True)
        if self.is_mounted and self.app.desk is not None:
            self.load()

    def _fix(self, fixed: bool) -> None:
        """Have letters act on the patient under the cursor, or be text again."""
        self.list.editing = not fixed
        self.footer.set(self.keys_shown())
        self.say_selected()

    @property
    def fixed(self) -> bool:
        """Tell whether a patient is fixed, so that letters act."""
        return not self.list.editing

    def key_escape(self) -> None:
        """Go back to the query; the next letter begins anew, an arrow goes on with its text."""
        if self.fixed:
            self._fix(False)
        self.list.select()

    def keys_shown(self) -> list[tuple[str, str]]:
        """Return the letters of a fixed patient, or the keys that act while one types."""
        if self.fixed:
            return super().keys_shown()
        keymap = self.app.keys
        keys = [
            (key_name(keymap.of(one, EVERYWHERE, ACTIONS[one].keys[EVERYWHERE])), ACTIONS[one])
            for one in LOOKUP_FOOTER
        ]
        return [("Enter", "choose"), ("+", "new"), *((key, a.label) for key, a in keys)]

    # Reading

    def load(self) -> None:
        """Look again for what stands in the box, and read the card anew."""
        self._look()
        if self._card is not None:
            self._ask_card(self._card.id, anew=True)
        self.app.ask("patients state", _state, lambda state: self._say_state(state))

    def _say_state(self, state: "State") -> None:
        desk = self.app.desk
        self.say_state(desk.clinic.name if desk is not None else "", state)

    def _look(self, *, wide: bool = False, fresh: bool = True) -> None:
        text, first = self.list.text.strip(), self._wanted
        # Fresh rows for the same text keep what the wider look brought.
        wide = wide or text == self._widened
        self._widened = text if wide else None
        if self._pause is not None:
            self._pause.stop()

        def read(desk: "Desk") -> "Looked":
            return self._searching().look(desk, text, first=first, wide=wide, fresh=fresh)

        self.app.ask("patients", read, self._shown)

    def _widen(self) -> None:
        self._look(wide=True, fresh=False)

    def _searching(self) -> "Search":
        """Return the search of this screen; only the store thread uses it."""
        from pcoord.services.patient_search import Search

        if self._search is None:
            self._search = Search()
        return self._search

    def _shown(self, looked: "Looked") -> None:
        desk = self.app.desk
        if desk is None or looked.text != self.list.text.strip():
            return
        before = self._patient_id() if self.fixed and self._wanted is None else None
        other = self._looked is None or looked.text != self._looked.text
        # Nobody fitted before the wider look: its best must not stay out of sight above the cursor.
        so_far = self._looked is not None and self._looked.so_far
        first = (so_far or not self._hits) and bool(looked.hits)
        self._looked = looked
        self._hits = {hit.id: hit for hit in looked.hits}
        if looked.could_widen and not self.fixed:
            self._pause = self.set_timer(PAUSE_SECONDS, self._widen, name="pause")
        self._draw_rows(desk, looked, home=other or first)
        if not looked.text and other:
            self._unasked = self.list.cursor_key
        elif looked.text and self._unasked is not None:
            # Whoever lay on top before a letter was typed may be the one who fits.
            self._unasked = None
            self._rest()
        if not other and (so_far or self._card is not None):
            self.say_selected()
        if self._wanted in self._hits and self.fixed:
            self._go_to_wanted()
        elif before is not None and before not in self._hits:
            self._lead_on(before)
        if self._overdue:
            self._rest()
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting()

    def _lead_on(self, patient_id: str) -> None:
        """The fixed patient is gone: letters act on nobody else, but where a merge leads."""
        self._fix(False)

        def read(desk: "Desk") -> str:
            from pcoord.domain.errors import NotFound
            from pcoord.services import lookup

            try:
                return lookup.one(desk, patient_id).id
            except NotFound:
                # The registration was taken back: what was said of that stands there already.
                return patient_id

        def led(now: str) -> None:
            if now != patient_id:
                self.show_patient(now)
                self.say("That record was merged into this one meanwhile.")

        self.app.ask("lead on", read, led)

    def _go_to_wanted(self) -> None:
        wanted, self._wanted = self._wanted, None
        assert wanted is not None
        self.list.move_to(wanted)
        self.say_selected()
        self._ask_card(wanted)

    @property
    def _answered(self) -> bool:
        """Tell whether the rows are those of the typed text."""
        return self._looked is not None and self._looked.text == self.list.text.strip()

    def _when_answered(self, act: Callable[[], None]) -> None:
        if self._answered:
            act()
        else:
            self._waiting = act

    # The row under the cursor

    @on(RowList.QueryChanged)
    def _typed(self) -> None:
        # What was pressed counts for the text that stood there.
        self._wanted, self._waiting = None, None
        self._look(fresh=False)

    @on(RowList.Moved)
    def _moved(self) -> None:
        """Take another patient's card away at once; show this one's when the cursor rests."""
        if self.list.cursor_key != self._unasked:
            self._unasked = None
        if self._card is not None and self._card.id != self.list.cursor_key:
            self._card = None
            self.says.set("")
        if self._card is None:
            self._draw_card()
        if self.fixed:
            self.say_selected()
        self._rest()

    def _rest(self) -> None:
        """Wait (anew) until the cursor has rested."""
        self._overdue = False
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(REST_SECONDS, self._rested, name="rest")

    def _rested(self) -> None:
        """Open the card; not that of a patient on whom the cursor stands only by itself.

        While the rows of the last letter are still being looked up, their arrival starts the rest
        anew: the same patient may stay on top, and then the cursor does not move.
        """
        self.say_selected()
        patient_id = self._patient_id()
        self._overdue = not self._answered
        if patient_id is None or self.app.locked or self._overdue or self._shut:
            return
        if patient_id != self._unasked:
            self._ask_card(patient_id, anew=True)

    def _ask_card(
        self,
        patient_id: str,
        *,
        ends: bool = False,
        anew: bool = False,
    ) -> None:
        """Read a card; one read `anew` may be gone: taken back, or restricted meanwhile.

        Nobody pressed a key for that, so that nothing is asked.
        """

        def read(desk: "Desk") -> "patient_card.Card | None":
            from pcoord.domain.errors import NotFound, ReasonNeeded
            from pcoord.services import patient_search

            search = self._searching()
            try:
                return patient_search.show(desk, search, patient_id, ends=ends)
            except (NotFound, ReasonNeeded):
                if not anew:
                    raise
                return None

        self.app.ask("patient card", read, self._card_shown)

    def _card_shown(self, card: "patient_card.Card | None") -> None:
        if card is None:
            self._card = None
            self._draw_card()
        elif card.id == self.list.cursor_key:
            self._card = card
            self._draw_card()

    def _draw_card(self) -> None:
        desk = self.app.desk
        if self._card is None or desk is None:
            self.side.set_lines(SHUT if self._shut else ())
            return
        from pcoord.screens.patients_card import card_lines

        self.side.set_lines(card_lines(desk, self._card, self.side.size.width - 2))

    def _end_search(self) -> None:
        search = self._search
        if search is not None and self.app.desk is not None:
            self.app.ask("search end", search.close, lambda _: None)

    def _patient_id(self) -> str | None:
        key = self.list.cursor_key
        return key if key in self._hits else None

    def selection(self) -> Selection:
        """Return the patient under the cursor."""
        hit = self._hits.get(self.list.cursor_key or "")
        return Selection(patient_id=hit.id, says=_says(hit)) if hit else Selection()

    def say_selected(self) -> None:
        """Name in full whom the next key acts on, or whom Enter would fix."""
        says = in_whole_facts(self.selection().says, self.app.size.width - len(" Enter: "))
        if self.fixed:
            self.says.set(f" {says}", "bold")
        elif self.list.cursor_key == NEW:
            self.says.set(" Enter registers somebody new")
        else:
            self.says.set(f" Enter: {says}" if says else "")

    def say(self, text: str, *, urgent: bool = False, undo: bool = False) -> None:
        """Show one sentence; while letters are typed, `u` is one of them."""
        typing = undo and not self.fixed
        super().say(f"{text}  ^P undo" if typing else text, urgent=urgent, undo=undo and not typing)

    def call_back(self) -> dict[str, Any]:
        """Return whom a call taken now is about: somebody fixed, or looked for just now."""
        hit = self._hits.get(self.list.cursor_key or "")
        if hit is None or not (self.fixed or (self.list.text and not self.list.selected)):
            return {}
        return {"who": hit.called, "patient_id": hit.id, "field": "caller"}

    # Doing

    def do(self, action_id: str) -> bool:
        """Wait for the rows of what was typed, then do it."""
        if self._answered:
            return super().do(action_id)
        self._waiting = lambda: self.app.do(action_id)
        return True

    @property
    def awaits_answer(self) -> bool:
        """Tell whether a key acts on rows that are still being looked up."""
        return self._waiting is not None

    @on(RowList.Opened)
    def _opened(self) -> None:
        self._when_answered(self.do_row_open)

    def do_row_open(self) -> None:
        """Fix the patient; of one who is fixed, open the whole card; register somebody new."""
        if self.list.cursor_key == NEW:
            self.do_patient_register()
            return
        patient_id = self._patient_id()
        if patient_id is None:
            return
        if self._shut:
            self._ask_reason(patient_id)
        elif not self.fixed:
            self._fix(True)
            self._ask_card(patient_id, ends=True)
        elif self._card is not None:
            from pcoord.screens.patients_card import CardScreen

            self.app.open_over(CardScreen(self._card))

    @property
    def _shut(self) -> bool:
        """Tell whether the record under the cursor is restricted and was not opened yet."""
        hit = self._hits.get(self.list.cursor_key or "")
        return hit is not None and hit.closed

    def _ask_reason(self, patient_id: str) -> None:
        from pcoord.screens.why import ask_why

        def opened() -> None:
            self._fix(True)
            self._ask_card(patient_id, ends=True)

        ask_why(self.app, patient_id, opened)

    @on(LookupList.Newcomer)
    def _plus(self) -> None:
        if self.list.selected:
            self.list.set_text("")
            self.list.selected = False
        self.do_patient_register()

    def do_patient_register(self) -> None:
        """Put somebody on file, with what the box already says."""
        from pcoord.screens.register import open_new

        open_new(self.app, self.list.text)


def _state(desk: "Desk") -> "State":
    from pcoord.services import day

    return day.state(desk)


def _newcomer(desk: "Desk", text: str) -> str:
    """Return how somebody of the typed name would be called."""
    from pcoord.services import patients

    guessed = patients.guess(desk, text)
    return ", ".join(filter(None, (guessed["family"], guessed["given"])))


def in_whole_facts(says: str, room: int) -> str:
    """Return as many of the facts as there is room for; half a number is worse than none.

    A name that would leave no room for birth date and record number is cut before they are.
    """
    name, *facts = with_room_for_facts(says, room, NAME_LEAST).split(FACTS)
    while facts and width_of(((FACTS.join((name, *facts)), ""),)) > room:
        facts.pop()
    return FACTS.join((name, *facts))


def _says(hit: "Found") -> str:
    from pcoord.domain.dates import say_birth

    born = f"b. {say_birth(hit.birth_date, long=True)}" if hit.birth_date else "birth date unknown"
    sex = hit.sex[:1].upper()
    sex, born = ("", "") if hit.closed else (sex, born)
    why = "" if hit.exact or hit.closed else f"* {hit.matched}"
    facts = (hit.in_full, sex, born, f"MRN {hit.mrn or '-'}", why, hit.phone or "")
    return FACTS.join(filter(None, facts))

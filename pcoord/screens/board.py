"""F3, the waiting room: everyone who is here, how long, where, and what comes next."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from textual import on
from textual.widget import Widget

from pcoord.actions import Selection
from pcoord.screens.base import DeskScreen
from pcoord.screens.board_rows import NARROW, WIDE, WIDE_FROM, in_order, row_of
from pcoord.widgets.row_list import RowList

if TYPE_CHECKING:
    from pcoord.services.board import Board, Person
    from pcoord.services.desk import Desk

TICK_SECONDS = 60.0
# Without a key for so long nobody is choosing a row, so that rows may change places.
REST_SECONDS = 20.0
# A key held down repeats faster than this; it acts once.
HELD_SECONDS = 0.3
EMPTY = "Nobody is here. F7 checks somebody in, w takes a walk-in."


class BoardScreen(DeskScreen):
    """Rows keep their places while somebody works in them; Space leads to the next stage."""

    CONTEXT = "board"
    TITLE = "WAITING ROOM"
    TABLES = frozenset(
        {
            *("encounter", "encounter_stage", "appointment", "patient", "flag", "nurse_call"),
            *("practitioner_day",),
        }
    )

    def __init__(self) -> None:
        super().__init__()
        self.list = RowList(NARROW, empty=EMPTY)
        self._people: dict[str, Person] = {}
        self._rested = True
        self._space_at = float("-inf")

    def body(self) -> Iterable[Widget]:
        """Return the list."""
        return (self.list,)

    def on_mount(self) -> None:
        """Choose the columns and let the minutes go on."""
        self._choose_columns()
        self.list.focus()
        self.set_interval(TICK_SECONDS, self._tick)

    def on_screen_resume(self) -> None:
        """Coming here, one sees those who have waited too long first."""
        self._rested = True
        if self.app.desk is not None:
            self._stale = False
            self.load()

    def on_resize(self) -> None:
        """Show more columns where there is room."""
        self._choose_columns()
        self._draw(list(self._people.values()))

    def _choose_columns(self) -> None:
        wide = self.app.size.width >= WIDE_FROM
        self.list.columns = WIDE if wide else NARROW
        self.list.on_resize()

    def _tick(self) -> None:
        if self.app.screen is self and not self.app.locked:
            self.load()

    # Reading

    def load(self) -> None:
        """Ask who is here."""

        def read(desk: "Desk") -> "Board":
            from pcoord.services import board

            return board.load(desk)

        self.app.ask("board", read, self._shown)

    def _shown(self, board: "Board") -> None:
        people = list(board.people)
        if not self._resting():
            people = in_order(people, list(self._people))
        self._rested = False
        self._people = {person.id: person for person in people}
        self._draw(people)
        self._say_state(board)

    def _resting(self) -> bool:
        """Tell whether nobody is choosing a row at present."""
        return self._rested or self.app.idle_seconds > REST_SECONDS

    def _draw(self, people: Sequence["Person"]) -> None:
        wide = self.app.size.width >= WIDE_FROM
        self.list.set_rows([row_of(person, wide=wide) for person in people])
        self.say_selected()

    def _say_state(self, board: "Board") -> None:
        calls, desk = board.nurse_calls, self.app.desk
        clinic = desk.clinic.name if desk is not None else ""
        # What stands last is dropped last.
        facts = (clinic, "" if calls else "nurse call 0", board.longest_said)
        urgent = f"nurse call {calls}" if calls else ""
        self.status.set(self.TITLE, board.figures, facts, urgent=urgent)

    # What the eye rests on

    @on(RowList.Moved)
    def _moved(self) -> None:
        self.say_selected()

    def person(self) -> "Person | None":
        """Return who is under the cursor."""
        return self._people.get(self.list.cursor_key or "")

    def selection(self) -> Selection:
        """Return the row under the cursor."""
        person = self.person()
        if person is None:
            return Selection()
        return Selection(
            patient_id=person.patient_id,
            appointment_id=person.appointment_id,
            seen_appointment=person.appointment_version,
            encounter_id=person.id,
            seen_encounter=person.version,
            practitioner_id=person.practitioner_id,
            says=person.says,
        )

    # Doing

    @on(RowList.Opened)
    def _opened(self) -> None:
        self.do_row_open()

    def do_record_reassign(self) -> None:
        """Somebody else is here: the presence moves, the visit stays with its patient."""
        chosen = replace(self.selection(), appointment_id=None)
        self.app.open_line("record.reassign", chosen)

    def do_row_open(self) -> None:
        """Show the patient's card."""
        person = self.person()
        if person is not None:
            self.app.show_patient(person.patient_id)

    def do_encounter_advance(self) -> bool:
        """Lead to the next stage: to the desk, into the room that the row names, or on."""
        person = self.person()
        if person is None:
            return False
        now = self.app.clock.monotonic()
        held, self._space_at = now - self._space_at < HELD_SECONDS, now
        if not held:
            self._lead_on(person)
        return True

    def _lead_on(self, person: "Person") -> None:
        if person.stage == "arrived":
            self._check_in(person)
        elif person.stage == "checked-in" and person.room_id is None:
            self.say(f"No room is free for {person.name}; r names them all.", urgent=True)
        else:
            self.app.act(lambda desk: _advance(desk, person))

    def _check_in(self, person: "Person") -> None:
        from pcoord.screens.check_in import open_for

        open_for(self.app, {"encounter_id": person.id, "seen": person.version})


def _advance(desk: "Desk", person: "Person") -> Any:
    from pcoord.services import flow

    if person.room_id is not None:
        return flow.room(desk, encounter_id=person.id, room_id=person.room_id, seen=person.version)
    return flow.advance(desk, encounter_id=person.id, seen=person.version)

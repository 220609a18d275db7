"""A stored call as it was written down: to read, call back, and mark as done."""

from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding

from pcoord.actions import Selection
from pcoord.screens.calls import say_moment, say_promise
from pcoord.widgets.key_footer import KeyFooter
from pcoord.widgets.over import Over
from pcoord.widgets.row_list import Column, Row, RowList

if TYPE_CHECKING:
    from pcoord.app import PcoordApp
    from pcoord.services.desk import Desk

FOOTER = [("Esc", "back"), ("^E", "correct"), ("Space", "call-back done"), ("^N", "new call")]
FOOTER += [("F6", "book"), ("F8", "message")]
_LABEL = 11


def open_card(app: "PcoordApp", call_id: str) -> None:
    """Open a stored call over the log."""

    def read(desk: "Desk") -> tuple[Any, list[Any]]:
        from pcoord.services import calls, looks

        row, messages = calls.one(desk, call_id)
        if row.patient_id:
            looks.note_look(desk, row.patient_id, "call.new")
        return row, messages

    app.ask("call card", read, lambda found: _push(app, *found), holds=True)


def _push(app: "PcoordApp", row: Any, messages: list[Any]) -> None:
    app.open_over(CallCard(row, messages))


class CallCard(Over[None]):
    """The bottom half of the screen: one call in full, scrolled with the arrows."""

    DEFAULT_CSS = """
    CallCard { background: transparent; align: left bottom; }
    CallCard RowList { height: 60%; border-top: solid ansi_default; }
    """
    BINDINGS: ClassVar = [Binding("escape", "app.pop_screen"), Binding("space", "done")]
    app: "PcoordApp"

    def __init__(self, row: Any, messages: list[Any]) -> None:
        super().__init__()
        self._row = row
        self._messages = messages
        self.list = RowList((Column("text", "", 40, flex=True),), titles=False, filters=False)

    def compose(self) -> ComposeResult:
        """Compose the lines and the keys."""
        yield self.list
        yield KeyFooter(FOOTER)

    def on_mount(self) -> None:
        """Lay the call out."""
        self.list.focus()
        self.on_resize()

    def on_resize(self) -> None:
        """Wrap anew for the width."""
        lines = self._lines(max(40, self.app.size.width - 2))
        self.list.set_rows([Row(str(i), (text,)) for i, text in enumerate(lines)])

    def selection(self) -> Selection:
        """Return this call and its patient."""
        row = self._row
        return Selection(patient_id=row.patient_id, call_id=row.id, seen_call=row.version)

    def do(self, action_id: str) -> bool:
        """^E puts this call right; all else is done as anywhere."""
        if action_id not in ("patient.edit", "call.correct"):
            return False
        self.app.pop_screen()
        self.app.in_hand.correct(self._row.id)
        return True

    def action_done(self) -> None:
        """Space marks the call-back as done."""
        self.app.pop_screen()
        self.app.do("call.done", self.selection())

    def _lines(self, width: int) -> list[str]:
        from pcoord.services.call_notes import outcome_word
        from pcoord.services.restricted_records import called

        row, desk = self._row, self.app.desk
        assert desk is not None
        at = say_moment(desk, row.started_at, short=False)
        born = f"b. {_birth(desk, row)}   MRN {row.mrn or '-'}" if row.family else ""
        facts = (
            ("call", f"{row.number}   {row.direction}   {at}   taken by {row.taken_by_name}"),
            ("late", self._say_written()),
            ("number", row.phone or ""),
            ("patient", f"{called(row)}   {born}" if row.family else ""),
            ("caller", row.caller or ""),
            ("verified", row.verified or ("nobody" if row.family else "")),
            ("reason", row.reason or ""),
            ("outcome", outcome_word(row.outcome)),
            ("call back", say_promise(desk, row)),
            *(("message", self._say_message(m)) for m in self._messages),
            ("note", row.note or ""),
        )
        return [line for label, text in facts if text for line in _wrapped(label, text, width)]

    def _say_written(self) -> str:
        """Say when a call was written down that was not when it was."""
        from pcoord.domain.visit import is_late_entry

        row, desk = self._row, self.app.desk
        assert desk is not None
        if not is_late_entry(row.ended_at or row.started_at, row.recorded_at):
            return ""
        return f"late entry, written down {say_moment(desk, row.recorded_at, short=False)}"

    def _say_message(self, row: Any) -> str:
        desk = self.app.desk
        assert desk is not None
        to = desk.clinic.practitioner(row.practitioner_id).code if row.practitioner_id else ""
        done = f"done {say_moment(desk, row.done_at)}" if row.done_at else "open"
        return f"to {to}{', urgent' if row.urgent else ''}, {done}"


def _birth(desk: "Desk", row: Any) -> str:
    from pcoord.domain.dates import say_birth

    return say_birth(row.birth_date, desk.clinic.date_order) if row.birth_date else "-"


def _wrapped(label: str, text: str, width: int) -> list[str]:
    """Return lines that keep the line ends of the text; the label stands before the first."""
    from textwrap import wrap

    parts = [part for line in text.split("\n") for part in (wrap(line, width - _LABEL) or [""])]
    return [f" {label if i == 0 else '':<{_LABEL - 1}}{part}" for i, part in enumerate(parts)]

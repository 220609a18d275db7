"""The call log: calls of today, mine, open call-backs, and messages that wait."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from textual.widget import Widget

from pcoord.actions import Selection
from pcoord.domain.outcomes import BY_CODE
from pcoord.domain.sentences import full_name
from pcoord.screens.base import DeskScreen
from pcoord.widgets.row_list import Column, Row, RowList

if TYPE_CHECKING:
    from pcoord.services.calls import Log
    from pcoord.services.desk import Desk

TITLES = {
    "today": "today",
    "mine": "mine",
    "open": "open call-backs",
    "messages": "open messages",
}
NOTHING = {
    "today": "No calls today yet. ^N takes one.",
    "mine": "You have taken no call today. ^N takes one.",
    "open": "No call-back is open.",
    "messages": "No message is open. F8 sends one.",
}
COLUMNS = (
    Column("time", "time", 6),
    Column("way", "", 3),
    Column("number", "number", 14),
    Column("patient", "patient", 14, flex=True, most=30),
    Column("caller", "caller", 20, min_screen=120),
    Column("reason", "reason", 8),
    Column("outcome", "outcome", 9),
    Column("back", "call back", 13),
    Column("note", "note", 24, min_screen=140, flex=True),
    Column("by", "by", 4),
)
MESSAGE_COLUMNS = (
    Column("time", "time", 6),
    Column("to", "to", 13),
    Column("patient", "patient", 16, flex=True, most=30),
    Column("text", "message", 20, flex=True),
    Column("back", "answer by", 9),
    Column("by", "by", 4),
)


class CallsScreen(DeskScreen):
    """F5: who called, what was promised, and who is still to be called back."""

    CONTEXT = "calls"
    TITLE = "CALLS"
    TABLES = frozenset({"call", "communication"})

    def __init__(self) -> None:
        super().__init__()
        self.view = "today"
        self._rows: dict[str, Any] = {}

    def body(self) -> Iterable[Widget]:
        """Return the log."""
        self.list = RowList(COLUMNS, empty=NOTHING["today"])
        return (self.list,)

    def on_mount(self) -> None:
        """Take the keys."""
        self.list.focus()

    def load(self) -> None:
        """Read the log in its present view."""
        view = self.view

        def read(desk: "Desk") -> "Log":
            from pcoord.services import calls

            return calls.load_log(desk, view)

        self.app.ask("calls", read, self._shown)

    def _shown(self, log: "Log") -> None:
        desk = self.app.desk
        if desk is None or log.view != self.view:
            return
        self._rows = {row.id: row for row in log.rows}
        messages = log.view == "messages"
        say = _message_row if messages else _call_row
        self.list.empty = NOTHING[log.view]
        self.list.set_columns(MESSAGE_COLUMNS if messages else COLUMNS)
        self.list.set_rows([say(desk, row) for row in log.rows])
        self._show_state(log)
        self.say_selected()

    def _show_state(self, log: "Log") -> None:
        counts, desk = log.counts, self.app.desk
        assert desk is not None
        overdue = f", {counts['overdue']} overdue" if counts["overdue"] else ""
        detail = f"{TITLES[log.view]} {counts[log.view]}{overdue if log.view == 'open' else ''}"
        others = [name for name in TITLES if name != log.view]
        facts = [f"{name} {counts[name]}{overdue if name == 'open' else ''}" for name in others]
        self.status.set(self.TITLE, detail, [*facts, self._clock_and_person()])

    def minute_passed(self) -> None:
        """Another minute has begun: a call-back may be overdue now."""
        self.load()

    def on_row_list_moved(self, event: RowList.Moved) -> None:
        """Name in full what the next key acts on."""
        self.say_selected()

    def on_row_list_opened(self, event: RowList.Opened) -> None:
        """Open the call, or the call that a message was left in."""
        row = self._rows.get(event.key)
        if row is None:
            return
        call_id = row.call_id if self.view == "messages" else row.id
        if call_id is None:
            self.say(f"Not left in a call. It says: {row.text}")
            return
        from pcoord.screens.call_card import open_card

        open_card(self.app, call_id)

    def selection(self) -> Selection:
        """Return the call under the cursor, and its patient."""
        row = self._rows.get(self.list.cursor_key or "")
        desk = self.app.desk
        if row is None or desk is None:
            return Selection()
        says = _says(desk, row, message=self.view == "messages")
        if self.view == "messages":
            return Selection(
                patient_id=row.patient_id, message_id=row.id, seen_message=row.version, says=says
            )
        return Selection(
            patient_id=row.patient_id, call_id=row.id, seen_call=row.version, says=says
        )

    def call_back(self) -> dict[str, Any]:
        """Return what is known when the call under the cursor is called back."""
        row = self._rows.get(self.list.cursor_key or "")
        if row is None or self.view != "open":
            return {}
        who = row.phone or (full_name(row) if row.family else row.caller or "")
        return {
            "direction": "out",
            "who": who,
            "phone": row.phone or "",
            "patient_id": row.patient_id,
            "caller": row.caller or "",
            "field": "verify" if row.patient_id else "note",
        }

    def do_calls_view(self) -> None:
        """Turn to the next view."""
        views = list(TITLES)
        self.view = views[(views.index(self.view) + 1) % len(views)]
        self.load()

    def do_patient_edit(self) -> bool:
        """^E corrects the call under the cursor; without one, or in a call, it edits a patient."""
        chosen = self.list.cursor_key in self._rows
        return chosen and self.app.screen is self and self.do_call_correct()

    def do_call_correct(self) -> bool:
        """Open the call under the cursor, or that a message was left in, to put it right."""
        row = self._rows.get(self.list.cursor_key or "")
        call_id = None if row is None else row.call_id if self.view == "messages" else row.id
        if call_id is not None:
            self.app.in_hand.correct(call_id)
        elif row is not None:
            self.say("This message was not left in a call; there is no call to correct.")
        return True

    def do_call_done(self) -> bool:
        """Space: a message that was dealt with; call-backs are done by the registry."""
        row = self._rows.get(self.list.cursor_key or "")
        if row is None:
            self.say("No call or message is chosen here, so that none is marked as done.")
            return True
        if self.view != "messages":
            return False
        message_id, seen = row.id, row.version

        def done(desk: "Desk") -> Any:
            from pcoord.services import messages

            return messages.done(desk, message_id=message_id, seen=seen)

        self.app.act(done)
        return True


def say_moment(desk: "Desk", moment: datetime, *, short: bool = True) -> str:
    """Return a time of today, or another day's date (with its time unless `short`)."""
    from pcoord.domain.dates import say_time

    local = desk.clinic.local(moment)
    at = say_time(local.time())
    if local.date() == desk.today:
        return at
    day = f"{local.day} {local:%b}"
    return day if short else f"{day} {at}"


def say_promise(desk: "Desk", row: Any) -> str:
    """Return by when and whom a call-back is due, `!` when that is past, or that it is done."""
    if row.callback_due is None:
        return ""
    if row.callback_done_at is not None:
        return f"done {say_moment(desk, row.callback_done_at)}"
    who = row.callback_practitioner_id
    code = f" {desk.clinic.practitioner(who).code}" if who else ""
    late = "! " if row.callback_due < desk.now else ""
    return f"{late}{say_moment(desk, row.callback_due)}{code}"


def _name(row: Any) -> str:
    from pcoord.services.restricted_records import called

    return called(row) if row.family else ""


def _number(desk: "Desk", phone: str | None) -> str:
    from pcoord.domain.phones import say

    return say(phone, desk.clinic.region) if phone else ""


def _outcome(code: str | None) -> str:
    """Return an outcome short enough for its column; the opened call says it in full."""
    known = BY_CODE.get(code or "")
    return known.short if known else code or ""


def _call_row(desk: "Desk", row: Any) -> Row:
    promise = say_promise(desk, row)
    cells = (
        say_moment(desk, row.started_at),
        row.direction,
        _number(desk, row.phone),
        _name(row) or row.caller or "",
        row.caller or "",
        row.reason or "",
        _outcome(row.outcome),
        promise,
        " ".join((row.note or "").split()),
        row.taken_by_name,
    )
    return Row(row.id, cells, marks=(("back", "bold"),) if promise.startswith("!") else ())


def _message_row(desk: "Desk", row: Any) -> Row:
    to = desk.clinic.practitioner(row.practitioner_id).code if row.practitioner_id else ""
    late = "! " if row.due_at and row.due_at < desk.now else ""
    due = f"{late}{say_moment(desk, row.due_at)}" if row.due_at else ""
    text = " ".join((row.text or "").split())
    cells = (
        say_moment(desk, row.sent_at),
        to + (" urgent" if row.urgent else ""),
        _name(row) if row.family else "",
        text,
        due,
        row.sender_name,
    )
    return Row(row.id, cells, marks=(("back", "bold"),) if late else ())


def _says(desk: "Desk", row: Any, *, message: bool) -> str:
    mrn = f"MRN {row.mrn}" if row.family and row.mrn else ""
    said = " ".join(((row.text if message else row.note) or "").split())
    if message:
        return "   ".join(filter(None, (_name(row), mrn, said)))
    who = _name(row) or row.caller or _number(desk, row.phone) or "somebody"
    caller = f"caller {row.caller}" if row.family and row.caller else ""
    return "   ".join(filter(None, (who, mrn, caller, said)))

"""The patient's record in parts: every entry a line, Enter opens it on a form, one line adds."""

from textwrap import wrap
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding

from pcoord.actions import Selection
from pcoord.screens.form_screen import Draft, FormScreen
from pcoord.screens.half_typed import ENTRY
from pcoord.widgets.form import Field, Form
from pcoord.widgets.key_footer import KeyFooter
from pcoord.widgets.notice import Notice
from pcoord.widgets.over import Over
from pcoord.widgets.picker import Candidate
from pcoord.widgets.row_list import Column, Row, RowList
from pcoord.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from collections.abc import Callable

    from pcoord.app import PcoordApp
    from pcoord.kinds.line import Call
    from pcoord.services.desk import Desk
    from pcoord.services.history import Past
    from pcoord.services.record import Opened, Record
    from pcoord.services.session import Kept

    Loaded = tuple[Record, list[Past]]

FOOTER = [("Enter", "open or add"), ("Tab", "next part"), ("^E", "demographics")]
FOOTER += [("u", "undo"), ("Esc", "back")]
ADD = "add "
PAST = "history"
TAKE_OUT = "take out"


def open_record(app: "PcoordApp", call: "Call") -> None:
    """Open the record of the patient that a line or key names."""
    open_for(app, call.values["patient_id"])


def open_for(app: "PcoordApp", patient_id: str) -> None:
    """Open a patient's record; the look is recorded before it is shown."""

    app.ask("record", _reader(patient_id), lambda found: _push(app, found), holds=True)


def _reader(patient_id: str) -> "Callable[[Desk], Loaded]":
    def read(desk: "Desk") -> "Loaded":
        from pcoord.services import history, record

        return record.load(desk, patient_id), history.history(desk, patient_id)

    return read


def _push(app: "PcoordApp", found: "Loaded") -> None:
    app.open_over(RecordScreen(found))


UNCHANGED = "  nothing was changed at the desk yet"


class RecordScreen(Over[None]):
    """All parts of a record below each other; Tab goes to the next part."""

    DEFAULT_CSS = "RecordScreen { background: ansi_default; }"
    BINDINGS: ClassVar = [
        Binding("escape", "app.pop_screen"),
        Binding("tab", "part(1)", priority=True),
        Binding("shift+tab", "part(-1)", priority=True),
        Binding("u", "take_back"),
    ]
    app: "PcoordApp"

    def __init__(self, found: "Loaded") -> None:
        super().__init__()
        self.record, self.past = found
        self.status = StatusLine()
        self.list = RowList((Column("text", "", 40, flex=True),), titles=False, filters=False)
        self.notice = Notice()

    def compose(self) -> ComposeResult:
        """Compose the name, the entries and the keys."""
        yield self.status
        yield self.list
        yield self.notice
        yield KeyFooter(FOOTER)

    def on_mount(self) -> None:
        """Take the keys."""
        self._show((self.record, self.past))
        self.list.focus()

    def on_screen_resume(self) -> None:
        """Read anew what a form changed."""
        self.load()

    def load(self) -> None:
        """Read the record anew."""
        self.app.ask("record again", _reader(self.record.patient_id), self._show)

    def _show(self, found: "Loaded") -> None:
        from pcoord.services.record_parts import PARTS

        self.record, self.past = record, past = found
        desk = self.app.desk
        facts = (desk.clinic.name, desk.who.username) if desk is not None else ()
        self.status.set("RECORD", f"{record.name}   MRN {record.mrn or '-'}", facts)
        rows: list[Row] = []
        for part in PARTS.values():
            rows.append(Row("", (part.title,), style="bold", kind="head"))
            rows += [
                Row(f"{part.kind} {one.id}", (f"  {one.line}",), style=_style(one))
                for one in record.of(part.kind)
            ]
            rows.append(Row(ADD + part.kind, (f"  + {part.one}",)))
        rows.append(Row("", ("History",), style="bold", kind="head"))
        rows += [
            Row(f"{PAST} {n}", (f"  {one.at}  {one.who}  {one.said}",), style=_style(one))
            for n, one in enumerate(past)
        ]
        if not past:
            rows.append(Row("", (UNCHANGED,), kind="note"))
        self.list.set_rows(rows)

    def selection(self) -> Selection:
        """Return this patient."""
        return Selection(patient_id=self.record.patient_id, says=self.record.name)

    def say(self, text: str, *, urgent: bool = False, undo: bool = False) -> None:
        """Show one sentence above the keys."""
        if urgent:
            self.notice.refuse(text)
        else:
            self.notice.say(text, undo=undo)

    def action_part(self, step: int) -> None:
        """Go to the first entry of the next part, or of the one before."""
        keys = [row.key for row in self.list.rows if row.kind == "row"]
        kinds = [_kind(key) for key in keys]
        if not keys or self.list.cursor_key not in keys:
            return
        order = list(dict.fromkeys(kinds))
        here = order.index(_kind(self.list.cursor_key))
        wanted = order[(here + step) % len(order)]
        self.list.move_to(keys[kinds.index(wanted)])

    def action_take_back(self) -> None:
        """Take the last step back, as u does everywhere."""

        def undo(desk: "Desk") -> Any:
            from pcoord.services import steps

            return steps.undo_last(desk)

        self.app.act(undo, lambda _: self.load(), once="step.undo")

    @on(RowList.Opened)
    def _opened(self, event: RowList.Opened) -> None:
        kind, patient_id = _kind(event.key), self.record.patient_id
        if kind == PAST:
            self.app.push_screen(PastScreen(self.past[int(event.key.partition(" ")[2])]))
            return
        part_id = None if event.key.startswith(ADD) else event.key.partition(" ")[2]

        def read(desk: "Desk") -> "Opened":
            from pcoord.services import record

            if part_id is None:
                return record.open_new(desk, patient_id, kind)
            return record.open_entry(desk, kind, part_id)

        self.app.ask("record entry", read, lambda opened: _push_form(self.app, opened), holds=True)


class PastScreen(Over[None]):
    """One step of the history: what was before and after; ^R takes it back."""

    DEFAULT_CSS = """
    PastScreen { background: transparent; align: left bottom; }
    PastScreen RowList { height: 60%; border-top: solid ansi_default; }
    """
    BINDINGS: ClassVar = [
        Binding("escape", "app.pop_screen"),
        Binding("ctrl+r", "take_back", priority=True),
    ]
    app: "PcoordApp"

    def __init__(self, past: "Past") -> None:
        super().__init__()
        self.past = past
        self.list = RowList((Column("text", "", 40, flex=True),), titles=False, filters=False)
        self.notice = Notice()

    def compose(self) -> ComposeResult:
        """Compose what was done, and the keys."""
        may = self.past.standing and not self.past.final
        yield self.list
        yield self.notice
        yield KeyFooter([*([("^R", "take this back")] if may else []), ("Esc", "back")])

    def on_mount(self) -> None:
        """Take the keys."""
        self.list.focus()

    def on_resize(self) -> None:
        """Wrap anew for the width."""
        past, width = self.past, max(40, self.app.size.width - 4)
        back = "" if past.standing else "   (taken back)"
        lines = [f"{past.at}  {past.who}{back}", past.said, *past.lines]
        wrapped = [part for line in lines for part in wrap(line, width, subsequent_indent="  ")]
        self.list.set_rows([Row(str(n), (f" {line}",)) for n, line in enumerate(wrapped)])

    def say(self, text: str, *, urgent: bool = False, undo: bool = False) -> None:
        """Show one sentence above the keys."""
        if urgent:
            self.notice.refuse(text)
        else:
            self.notice.say(text, undo=undo)

    def action_take_back(self) -> None:
        """Take this step back, where everything still stands as it left it."""
        step = self.past.step

        def undo(desk: "Desk") -> Any:
            from pcoord.services import steps

            return steps.undo_step(desk, step)

        self.app.act(undo, self._done, once=f"undo {step}")

    def _done(self, step: Any) -> None:
        self.app.close_screen(self)
        self.app.notice(step.said)


def _kind(key: str) -> str:
    return key.removeprefix(ADD).partition(" ")[0]


def _style(entry: Any) -> str | None:
    return None if entry.standing else "dim"


def _push_form(app: "PcoordApp", opened: "Opened", wanted: str = "") -> None:
    app.open_over(PartForm(opened, wanted))


def bring_back(app: "PcoordApp", kept: "Kept") -> None:
    """Open the form of an entry that was half typed, as it was."""
    held = kept.content

    def read(desk: "Desk") -> "Opened":
        from pcoord.services import record

        if held["part_id"] is None:
            return record.open_new(desk, held["patient_id"], held["part"])
        return record.open_entry(desk, held["part"], held["part_id"])

    def opened(found: "Opened") -> None:
        _push_form(app, found, kept.object_key)

    app.ask("record entry", read, opened, holds=True)


class PartForm(FormScreen):
    """One entry of a record; ^R takes it out when it was an error."""

    DRAFTS = ENTRY
    BINDINGS: ClassVar = [Binding("ctrl+r", "take_out", priority=True)]

    def __init__(self, opened: "Opened", wanted: str = "") -> None:
        self.opened = opened
        key = f"{opened.part.kind} {opened.id or opened.new_id}"
        draft = Draft(
            key, opened.patient_id, opened.seen, opened.name, opened.values, opened.new_id
        )
        fields = [
            Field(one.key, one.label, opened.values.get(one.key, ""), one.hint)
            for one in opened.part.fields
        ]
        new = "NEW " if opened.id is None else ""
        super().__init__(draft, Form(fields), f"{new}{opened.part.one.upper()}", wanted)

    def content(self) -> dict[str, Any]:
        """Keep also which entry it is, so that the draft can be offered by itself."""
        entry = {"part": self.opened.part.kind, "part_id": self.opened.id}
        return super().content() | entry | {"about": self.opened.name}

    def keys(self) -> list[tuple[str, str]]:
        """Offer to take an entry out that is on record."""
        return [*super().keys(), *([("^R", "was an error")] if self.opened.id else [])]

    def selection(self) -> Selection:
        """Return the patient of this entry."""
        return Selection(patient_id=self.draft.patient_id, says=self.draft.about)

    def is_mine(self, kept: Any) -> bool:
        """A new entry's form offers any other that was begun for this patient."""
        mine = kept.content.get("patient_id") == self.draft.patient_id
        kind = kept.object_key.partition(" ")[0]
        if self.opened.id is None:
            new = kept.content.get("seen") is None and kept.object_key != self.draft.key
            return mine and new and kind == self.opened.part.kind
        return bool(kept.object_key == self.draft.key)

    def wrong_with(self, key: str, text: str) -> str:
        """Read a field alone."""
        from pcoord.services.parts import check_field

        desk = self.app.desk
        if desk is None:
            return ""
        return check_field(self.opened.part, desk.clinic, desk.today, key, text)

    def store(self, values: dict[str, str]) -> None:
        """Add the entry, or change it."""
        opened, seen = self.opened, self.draft.seen
        typed: dict[str, Any] = dict(values)
        new_id = self.draft.new_id

        def change(desk: "Desk") -> Any:
            from pcoord.services import record

            kind = opened.part.kind
            if opened.id is None:
                about: dict[str, Any] = {"patient_id": opened.patient_id, "part": kind}
                return record.add(desk, part_id=new_id, **about, **typed)
            return record.change(desk, part=kind, part_id=opened.id, seen=seen, **typed)

        self.act(change)

    def action_take_out(self) -> None:
        """Ask, with nothing chosen, whether the entry was an error."""
        if self.opened.id is not None and not self.has_class("choosing"):
            self._field = self.form.current or self._field
            question = "Take it out as an error? What only ended gets an end instead."
            self.ask(question, [Candidate(TAKE_OUT, "yes, it never was so: take it out")])

    def chose(self, key: str) -> None:
        """Take the entry out."""
        opened, seen = self.opened, self.draft.seen
        self.choosing(False)

        def change(desk: "Desk") -> Any:
            from pcoord.services import record

            return record.remove(desk, part=opened.part.kind, part_id=str(opened.id), seen=seen)

        self.act(change)

"""Two records side by side: what differs is chosen field by field, then they are made one."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding

from pcoord.actions import Selection
from pcoord.widgets.key_footer import KeyFooter
from pcoord.widgets.notice import Notice
from pcoord.widgets.over import Over
from pcoord.widgets.picker import Candidate, Picker
from pcoord.widgets.row_list import Column, Row, RowList
from pcoord.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from pcoord.app import PcoordApp
    from pcoord.domain.errors import DeskError
    from pcoord.kinds.line import Call
    from pcoord.services.desk import Desk
    from pcoord.services.merging import Comparison, Field

THIS, OTHER = "this", "other"
MERGE, APART = "merge", "apart"
FOOTER = [("1", "left"), ("2", "right"), ("^D", "merge"), ("Tab", "turn round")]
FOOTER += [("h", "two people"), ("Esc", "leave")]
LABEL = 14
MOST_FULL = 6
"""Lines in which both sides of a field are said in full."""

TELLS = frozenset({"family", "given", "birth_date", "sex"})
"""Fields that are shown also where both records say the same."""


def open_panel(app: "PcoordApp", call: "Call") -> None:
    """Open the records that a typed line or a key names; the second one is to stay."""
    open_pair(app, call.values["patient_id"], call.values["other_id"])


def open_pair(app: "PcoordApp", stays: str, goes: str, *, weigh: bool = False) -> None:
    """Open two records; with `weigh` the one stays on which more hangs."""

    def read(desk: "Desk") -> "Comparison":
        from pcoord.services import merging

        pair = merging.longer_known(desk, stays, goes) if weigh else (stays, goes)
        return merging.side_by_side(desk, *pair)

    app.ask("merge", read, lambda found: _open(app, found), holds=True)


def _open(app: "PcoordApp", found: "Comparison") -> None:
    app.open_over(MergeScreen(found))


class MergeScreen(Over[None]):
    """Left stays, right goes; a digit chooses and goes on to the next field that differs."""

    CSS_PATH = "merge.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar = [
        Binding("1,left", f"take('{THIS}')"),
        Binding("2,right", f"take('{OTHER}')"),
        Binding("tab", "turn", priority=True),
        Binding("ctrl+d", "merge", priority=True),
        Binding("h", "apart"),
        Binding("escape", "leave", priority=True),
    ]
    app: "PcoordApp"

    def __init__(self, found: "Comparison") -> None:
        super().__init__()
        self.found = found
        self.chosen: dict[str, str] = {}
        self.status = StatusLine()
        self.list = RowList(columns_for(80), titles=False, filters=False)
        self.picker = Picker()
        self.full = Notice(most=MOST_FULL)
        self.notice = Notice()
        self._busy = False

    def compose(self) -> ComposeResult:
        """Compose the two records, the question, and the keys."""
        yield self.status
        yield self.list
        yield self.full
        yield self.picker
        yield self.notice
        yield KeyFooter(FOOTER)

    def on_mount(self) -> None:
        """Go to the first field that must be chosen."""
        self.list.focus()
        self._draw()
        self._go_on()

    def on_resize(self) -> None:
        """Give both sides the same room."""
        self.list.columns = columns_for(self.app.size.width)
        self._draw()

    def say(self, text: str, *, urgent: bool = False, undo: bool = False) -> None:
        """Show one sentence above the keys."""
        if urgent:
            self.notice.refuse(text)
        else:
            self.notice.say(text, undo=undo)

    def selection(self) -> Selection:
        """Return the record that stays."""
        this = self.found.this
        return Selection(patient_id=this.id, says=f"{this.name}   MRN {this.mrn}")

    @property
    def awaits_answer(self) -> bool:
        """Tell whether the two are being made one, or told apart."""
        return self._busy

    def _draw(self) -> None:
        left = [one for one in self.found.differing if one.name not in self.chosen]
        asks = f"{len(left)} to choose" if left else "^D merges"
        why = f"{round(self.found.likeness.score * 100)} %: {self.found.likeness.why}"
        self.status.set("MERGE", why, (asks,))
        self.list.set_rows(rows_of(self.found, self.chosen))
        self._say_full()

    @on(RowList.Moved)
    def _say_full(self) -> None:
        """Say both sides in full where they are cut: what differs may stand behind the cut."""
        name, room = self.list.cursor_key, self.list.columns[-1].width - len("1 ")
        field = next((one for one in self.found.fields if one.name == name), None)
        sides = (field.this, field.other) if field else ()
        if field is None or all(cell_len(text) <= room for text in sides):
            self.full.clear()
        elif field.this == field.other:
            self.full.say(f"both  {field.this}")
        else:
            self.full.say("   ".join(f"{n} {text}" for n, text in enumerate(sides, 1) if text))

    # Choosing

    def action_take(self, side: str) -> None:
        """Take the left or the right for the field under the cursor."""
        name = self.list.cursor_key
        field = next((one for one in self.found.fields if one.name == name), None)
        if self.has_class("choosing") or field is None or field.this == field.other:
            return
        if not (field.differs or field.fills):
            return
        self.chosen[field.name] = side
        self.notice.clear()
        self._draw()
        self._go_on()

    def _go_on(self) -> None:
        """Move the cursor to the next field that is to be chosen."""
        waiting = [one.name for one in self.found.differing if one.name not in self.chosen]
        if waiting:
            self.list.move_to(waiting[0])

    def action_turn(self) -> None:
        """Have the other record stay; what was chosen is still chosen."""
        if self.has_class("choosing"):
            return
        found = self.found
        fields = tuple(replace(one, this=one.other, other=one.this) for one in found.fields)
        self.found = replace(found, this=found.other, other=found.this, fields=fields)
        self.chosen = {k: OTHER if side == THIS else THIS for k, side in self.chosen.items()}
        self._draw()
        self.notice.say(f"Now {self.found.this.name}, MRN {self.found.this.mrn}, stays.")

    # Doing

    def action_merge(self) -> None:
        """Make them one, once everything is chosen and what speaks against it was read."""
        if self._busy or self.has_class("choosing"):
            return
        left = [one for one in self.found.differing if one.name not in self.chosen]
        if left:
            self.list.move_to(left[0].name)
            self.say(f"Choose the {left[0].label} first: 1 the left, 2 the right.", urgent=True)
        elif self.found.cautions:
            self._ask("Read the lines marked ! above. Are they one person all the same?")
        else:
            self._merge()

    def _ask(self, question: str) -> None:
        choices = [
            Candidate(APART, "no, they are two people: remember that"),
            Candidate(MERGE, "yes, one person: merge them"),
        ]
        self.picker.ask(question, choices)
        self.set_class(True, "choosing")
        self.picker.focus()

    @on(Picker.Chosen)
    def _picked(self, event: Picker.Chosen) -> None:
        self._close_question()
        if event.key == MERGE:
            self._merge()
        else:
            self.action_apart()

    def _close_question(self) -> None:
        self.set_class(False, "choosing")
        self.list.focus()

    def _merge(self) -> None:
        found = self.found
        take = tuple(name for name, side in self.chosen.items() if side == OTHER)

        def change(desk: "Desk") -> Any:
            from pcoord.services import merging

            return merging.merge(
                desk,
                patient_id=found.this.id,
                other_id=found.other.id,
                take=take,
                keep=tuple(name for name, side in self.chosen.items() if side == THIS),
                seen=found.this.version,
                seen_other=found.other.version,
            )

        self._do(change)

    def action_apart(self) -> None:
        """Remember that they are two people."""
        found = self.found

        def change(desk: "Desk") -> Any:
            from pcoord.services import merging

            return merging.not_same(desk, patient_id=found.this.id, other_id=found.other.id)

        if not self._busy and not self.has_class("choosing"):
            self._do(change)

    def _do(self, change: "Callable[[Desk], Any]") -> None:
        self._busy = True
        self.app.act(change, self._done, self._refused)

    def _done(self, step: Any) -> None:
        in_sight = self.app.screen is self
        self.app.close_screen(self)
        again = getattr(self.app.screen, "after_merge", None)
        if in_sight and again is not None:
            again(step)
            return
        if in_sight:
            self.app.show_patient(step.id)
        self.app.notice(step.said, undo=True)

    def _refused(self, error: "DeskError") -> None:
        self._busy = False
        self.say(error.sentence, urgent=True)

    def action_leave(self) -> None:
        """Esc closes the question, or the two records; nothing is stored."""
        if self.has_class("choosing"):
            self._close_question()
        else:
            self.app.pop_screen()


def columns_for(width: int) -> tuple[Column, ...]:
    """Return the columns: a mark, the field, and both sides with the same room."""
    side = (width - LABEL - 5) // 2
    return (
        Column("mark", "", 1),
        Column("label", "", LABEL),
        Column(THIS, "", side),
        Column(OTHER, "", side, flex=True),
    )


def rows_of(found: "Comparison", chosen: dict[str, str]) -> list[Row]:
    """Return who they are, what speaks against it, each field, and what hangs on them."""
    this, other = found.this, found.other
    rows = [
        Row("who", ("", "", f"stays  MRN {this.mrn}", f"goes   MRN {other.mrn}"), style="bold"),
        *(Row("", (f"! {text}",), style="bold", kind="note") for text in found.cautions),
    ]
    fields = [one for one in found.fields if one.this != one.other or one.name in TELLS]
    rows += [_row(one, chosen.get(one.name)) for one in fields]
    rows += [
        Row("", (f"  on the {where}: {side.hangs}",), style="", kind="note")
        for where, side in (("left", this), ("right", other))
    ]
    both = "Everything of both is kept; both numbers go on finding the record."
    rows.append(Row("", (both,), kind="note"))
    return rows


def _row(field: "Field", side: str | None) -> Row:
    if field.this == field.other:
        return Row(field.name, ("", field.label, f"  {field.this}", "  the same"), style="dim")
    if side is None and field.differs:
        cells = ("?", field.label, f"1 {field.this}", f"2 {field.other}")
        return Row(field.name, cells, marks=(("mark", "reverse"), (THIS, "bold"), (OTHER, "bold")))
    taken = side or (OTHER if field.fills else THIS)
    marks = ("* ", "  ") if taken == THIS else ("  ", "* ")
    cells = ("+" if field.fills else "", field.label, marks[0] + field.this, marks[1] + field.other)
    return Row(field.name, cells, marks=((taken, "bold"),))

"""The work list of duplicates: two records a row, the likeliest first; Enter shows both."""

from textwrap import wrap
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding

from pcoord.actions import Selection
from pcoord.widgets.card import Card
from pcoord.widgets.key_footer import KeyFooter
from pcoord.widgets.notice import Notice
from pcoord.widgets.over import Over
from pcoord.widgets.row_list import Column, Row, RowList
from pcoord.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from pcoord.app import PcoordApp
    from pcoord.services.desk import Desk
    from pcoord.services.duplicate_work import Pair

Found = tuple["tuple[list[Pair], int] | None", int]
"""The pairs of the list with how many there are, where it was read, and who is left to compare."""

FOOTER = [("Enter", "side by side"), ("h", "two people"), ("u", "undo"), ("/", "filter")]
FOOTER += [("Esc", "back")]
NOTHING = "No two records look like one person."
LOOKING = "Looking for records that may be one person ..."


READ_EVERY = 8
"""The list is read anew with every so many batches that are compared."""


class DuplicatesScreen(Over[None]):
    """Pairs of records; the list goes on looking while it is open."""

    DEFAULT_CSS = """
    DuplicatesScreen { background: ansi_default; }
    DuplicatesScreen #why { height: 3; }
    """
    AUTO_FOCUS = ""
    BINDINGS: ClassVar = [
        Binding("h", "apart"),
        Binding("u", "undo"),
        Binding("escape", "app.pop_screen"),
    ]
    app: "PcoordApp"

    def __init__(self) -> None:
        super().__init__()
        self.status = StatusLine("DUPLICATES")
        self.list = RowList(columns_for(80), titles=False, empty=LOOKING)
        self.why = Card(id="why")
        self.notice = Notice()
        self._pairs: dict[str, Pair] = {}
        self._open = 0

    def compose(self) -> ComposeResult:
        """Compose the list, why a pair is on it, and the keys."""
        yield self.status
        yield self.list
        yield self.why
        yield self.notice
        yield KeyFooter(FOOTER)

    def on_mount(self) -> None:
        """Show what is known, and look on."""
        self.list.focus()
        self._load()

    def on_resize(self) -> None:
        """Give both records the same room."""
        self.list.columns = columns_for(self.app.size.width)
        self.list.redraw()

    def on_screen_resume(self) -> None:
        """What was merged or told apart meanwhile is gone."""
        if self._pairs:
            self._load()

    def say(self, text: str, *, urgent: bool = False, undo: bool = False) -> None:
        """Show one sentence above the keys."""
        if urgent:
            self.notice.refuse(text)
        else:
            self.notice.say(text, undo=undo)

    def after_merge(self, step: Any) -> None:
        """Say what was done, and show what is left."""
        self.say(step.said, undo=True)
        self._load()

    # Reading

    def _load(self, batch: int = 0) -> None:
        """Compare the next batch; the list is read anew now and then, and at the end."""

        def read(desk: "Desk") -> Found:
            from pcoord.services import duplicate_work as work

            left = work.look(desk, work.BATCH)
            anew = batch % READ_EVERY == 0 or not left
            return work.listed(desk) if anew else None, left

        self.app.ask("duplicates", read, lambda found: self._shown(found, batch))

    def _shown(self, found: Found, batch: int) -> None:
        desk = self.app.desk
        if desk is None or not self.is_mounted:
            return
        listed, left = found
        if listed is not None:
            pairs, self._open = listed
            self._show_pairs(pairs, desk.clinic.date_order, left)
        facts = (f"{left:,} still to compare",) if left else ()
        shown = len(self._pairs)
        count = f"{shown} of {self._open:,} open" if self._open > shown else f"{shown} open"
        self.status.set("DUPLICATES", count, (*facts, desk.who.username))
        if left and self.app.screen is self:
            self._load(batch + 1)

    def _show_pairs(self, pairs: "list[Pair]", order: str, left: int) -> None:
        self._pairs = {f"{one.id} {one.other_id}": one for one in pairs}
        self.list.empty = LOOKING if left else NOTHING
        self.list.set_rows([_row(key, one, order) for key, one in self._pairs.items()])
        self._say_why()

    # The row under the cursor

    def on_row_list_moved(self, event: RowList.Moved) -> None:
        """Say why the two are on the list."""
        self._say_why()

    def _say_why(self) -> None:
        pair = self._pairs.get(self.list.cursor_key or "")
        room = max(40, self.app.size.width - 2)
        said = [] if pair is None else [_names(pair), *(f" {x}" for x in wrap(pair.why, room))]
        self.why.set_lines(said)

    def selection(self) -> Selection:
        """Return the first of the two."""
        pair = self._pairs.get(self.list.cursor_key or "")
        return Selection(patient_id=pair.id, says=_names(pair)) if pair else Selection()

    def on_row_list_opened(self, event: RowList.Opened) -> None:
        """Show the two side by side."""
        from pcoord.screens.merge import open_pair

        pair = self._pairs.get(event.key)
        if pair is not None:
            open_pair(self.app, pair.id, pair.other_id, weigh=True)

    def action_apart(self) -> None:
        """Remember that they are two people."""
        pair = self._pairs.get(self.list.cursor_key or "")
        if pair is None:
            return

        def change(desk: "Desk") -> Any:
            from pcoord.services import merging

            return merging.not_same(desk, patient_id=pair.id, other_id=pair.other_id)

        self.app.act(change, self.after_merge, once="duplicates")

    def action_undo(self) -> None:
        """Take back this session's last step."""

        def change(desk: "Desk") -> Any:
            from pcoord.services import steps

            return steps.undo_last(desk)

        self.app.act(change, lambda step: self._load(), once="duplicates")


def columns_for(width: int) -> tuple[Column, ...]:
    """Return the columns: how likely, and both records with the same room."""
    side = (width - 8) // 2
    return (
        Column("score", "", 4, align="right"),
        Column("this", "", side),
        Column("other", "", side, flex=True),
    )


def _row(key: str, pair: "Pair", order: str) -> Row:
    this = _person(pair.family, pair.given, pair.birth_date, pair.mrn, order)
    other = _person(
        pair.other_family, pair.other_given, pair.other_birth_date, pair.other_mrn, order
    )
    return Row(key, (f"{round(pair.score * 100)}%", this, other))


def _person(family: str, given: str, born: Any, mrn: str | None, order: str) -> str:
    from pcoord.domain.dates import say_birth

    name = ", ".join(filter(None, (family, given)))
    return f"{say_birth(born, order) if born else 'unknown   '} {mrn or '-':>6} {name}"


def _names(pair: "Pair") -> str:
    one = ", ".join(filter(None, (pair.family, pair.given)))
    other = ", ".join(filter(None, (pair.other_family, pair.other_given)))
    return f" {one}, MRN {pair.mrn or '-'}   and   {other}, MRN {pair.other_mrn or '-'}"


def open_list(app: "PcoordApp") -> None:
    """Open the work list."""
    app.open_over(DuplicatesScreen())

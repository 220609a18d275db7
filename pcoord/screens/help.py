"""Help: every key and every typed word, made from the registry with the keys in force."""

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult

from pcoord import actions
from pcoord.actions import CONTEXT_TITLES, EVERYWHERE
from pcoord.keymap import Keymap, key_name
from pcoord.widgets.key_footer import KeyFooter
from pcoord.widgets.line_view import OneLine
from pcoord.widgets.over import Over
from pcoord.widgets.row_list import Column, Row, RowList
from pcoord.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from pcoord.app import PcoordApp

COLUMNS = (
    Column("key", "key", 8),
    Column("title", "does", 35),
    Column("typed", "typed", 20, flex=True),
)


def help_rows(context: str, keymap: Keymap) -> list[Row]:
    """Return the help of a screen: its own keys first, then those that work everywhere, words."""
    rows: list[Row] = []
    shown: set[str] = set()
    for place in dict.fromkeys((context, EVERYWHERE)):
        rows.append(Row("", (CONTEXT_TITLES[place],), kind="head"))
        here = [a for _, a in actions.for_context(place) if a.id not in shown]
        rows += [_row(place, action, keymap) for action in here]
        shown |= {action.id for action in here}
    rows.append(Row("", ("Typed in the palette (^P)",), kind="head"))
    rows += [
        Row(f"typed {a.id}", ("", a.title, a.example or a.verb))
        for a in actions.ACTIONS.values()
        if a.verb
    ]
    return rows


def _row(place: str, action: actions.Action, keymap: Keymap) -> Row:
    """Return the line of an action: the letter of this screen and the key that works anywhere."""
    chords = [
        keymap.of(action.id, context, action.keys[context])
        for context in dict.fromkeys((place, EVERYWHERE))
        if context in action.keys
    ]
    names = " ".join(key_name(key) for keys in chords for key in keys.split(",") if key)
    return Row(f"{place} {action.id}", (names, action.title, action.example))


class HelpScreen(Over[None]):
    """The help over the present screen; F1 or Esc leaves."""

    DEFAULT_CSS = "HelpScreen { background: ansi_default; }"
    OPENED_BY: ClassVar = "help.show"
    app: "PcoordApp"

    def __init__(self, context: str) -> None:
        super().__init__()
        self.context = context

    def compose(self) -> ComposeResult:
        """Compose the list of keys and words."""
        yield StatusLine("HELP")
        yield RowList(COLUMNS, id="help")
        yield OneLine()
        yield KeyFooter([("F1", "back"), ("/", "filter"), ("Esc", "back")])

    def on_mount(self) -> None:
        """Fill the list with the keys in force."""
        self.query_one(StatusLine).set("HELP", CONTEXT_TITLES.get(self.context, ""))
        rows = self.query_one(RowList)
        rows.set_rows(help_rows(self.context, self.app.keys))
        rows.focus()

    @on(RowList.Moved)
    def _moved(self, event: RowList.Moved) -> None:
        """Say in full what may be typed, where the column is too narrow for it."""
        rows = self.query_one(RowList)
        typed = next((row.cells[2] for row in rows.rows if row.key == event.key), "")
        self.query_one(OneLine).set(f" {typed}")

    def key_escape(self) -> None:
        """Leave the help."""
        self.app.pop_screen()

"""What every main screen has: the state line, its body, one sentence, and the keys."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import Screen
from textual.widget import Widget

from pcoord import actions
from pcoord.actions import Selection
from pcoord.keymap import Keymap, key_name
from pcoord.widgets.key_footer import KeyFooter
from pcoord.widgets.line_view import OneLine
from pcoord.widgets.notice import Notice
from pcoord.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from pcoord.app import PcoordApp


def footer_keys(context: str, keymap: Keymap) -> list[tuple[str, str]]:
    """Return the footer of a screen from the registry, with the user's own keys."""
    shown = (a for a in actions.ACTIONS.values() if a.footer and keymap.label(a.id, context))
    ordered = sorted(shown, key=lambda a: a.footer)
    return [(key_name(keymap.label(a.id, context)), a.label) for a in ordered]


def screen_factories() -> dict[str, Callable[[], Screen[Any]]]:
    """Return the modes: each main screen is imported when it is first shown, and kept."""
    return {
        "schedule": _factory("schedule", "ScheduleScreen"),
        "board": _factory("board", "BoardScreen"),
        "patients": _factory("patients", "PatientsScreen"),
        "calls": _factory("calls", "CallsScreen"),
        "lock": _factory("lock", "LockScreen"),
    }


def _factory(module: str, name: str) -> Callable[[], Screen[Any]]:
    def make() -> Screen[Any]:
        from importlib import import_module

        return getattr(import_module(f"pcoord.screens.{module}"), name)()

    return make


class DeskScreen(Screen[None]):
    """A main screen: `CONTEXT` names its keys in the registry, `TABLES` what it shows.

    A subclass yields its body, loads what it shows through `app.ask`, says what the eye rests on
    with `selection`, and does its own actions in `do_...` methods named after the registry.
    """

    CONTEXT: ClassVar[str] = ""
    TITLE: ClassVar[str] = ""
    TABLES: ClassVar[frozenset[str]] = frozenset()
    app: "PcoordApp"

    def __init__(self) -> None:
        super().__init__()
        self.status = StatusLine(self.TITLE)
        self.says = OneLine()
        self.notice = Notice()
        self.footer = KeyFooter()
        self._stale = False

    def body(self) -> Iterable[Widget]:
        """Return the widgets between the state line and the bottom lines."""
        return ()

    def compose(self) -> ComposeResult:
        """Put state line, body, selection line, sentence and keys below each other."""
        yield self.status
        yield from self.body()
        yield self.says
        yield self.notice
        yield self.footer

    def on_mount(self) -> None:
        """Bind the registry's keys, draw the footer, and load when the clinic is open."""
        keymap = self.app.keys
        for keys, action in actions.for_context(self.CONTEXT):
            for key in filter(None, keymap.of(action.id, self.CONTEXT, keys).split(",")):
                self._bindings._add_binding(
                    Binding(key, f"app.do('{action.id}')", action.title, id=action.id)
                )
        self.footer.set(footer_keys(self.CONTEXT, keymap))
        self.app.when_ready(self.load)

    def on_screen_resume(self) -> None:
        """Read anew what changed while another screen was shown."""
        self.status.alert(self.app.in_hand.alerts)
        if self._stale and self.app.desk is not None:
            self._stale = False
            self.load()

    def load(self) -> None:
        """Ask for what this screen shows; a subclass overrides it."""

    def changed(self, tables: set[str] | None, *, shown: bool) -> None:
        """Records changed: read anew, now or when next shown."""
        if tables is not None and not tables & (self.TABLES | {"nurse_call", "call"}):
            return
        if shown:
            self.load()
        else:
            self._stale = True

    def selection(self) -> Selection:
        """Return what the eye rests on; a subclass overrides it."""
        return Selection()

    def do(self, action_id: str) -> bool:
        """Do one of this screen's own actions; False when it is not one of them."""
        own = getattr(self, "do_" + action_id.replace(".", "_"), None)
        if own is None:
            return False
        return own() is not False

    def say(self, text: str, *, urgent: bool = False, undo: bool = False) -> None:
        """Show one sentence above the keys."""
        if urgent:
            self.notice.refuse(text)
        else:
            self.notice.say(text, undo=undo)

    def say_selected(self) -> None:
        """Name in full what the next key will act on."""
        self.says.set(" " + self.selection().says if self.selection().says else "")

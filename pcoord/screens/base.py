"""What every main screen has: the state line, its body, one sentence, and the keys."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.keys import _character_to_key
from textual.screen import Screen
from textual.widget import Widget

from pcoord import actions
from pcoord.actions import Selection
from pcoord.keymap import Keymap, key_name
from pcoord.widgets.key_footer import KeyFooter
from pcoord.widgets.line_view import Backdrop, NamedLine
from pcoord.widgets.notice import Notice
from pcoord.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from pcoord.app import PcoordApp
    from pcoord.services.day import State


def footer_keys(context: str, keymap: Keymap) -> list[tuple[str, str]]:
    """Return the footer of a screen from the registry, with the user's own keys."""
    gone = {a.over for a in actions.ACTIONS.values() if context in a.keys}
    shown = (a for a in actions.ACTIONS.values() if a.footer and keymap.label(a.id, context))
    ordered = sorted((a for a in shown if a.id not in gone), key=lambda a: a.footer)
    return [(key_name(keymap.label(a.id, context)), a.label) for a in ordered]


def figures_of(state: "State | None") -> tuple[str, ...]:
    """Return the desk's figures in words; what is nought is not said, but for who is here."""
    if state is None:
        return ()
    due = state.callbacks_due
    return (
        f"{state.here} here",
        f"{state.over} too long" if state.over else "",
        f"{due} to call back" if due else "",
    )


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


class DeskScreen(Backdrop, Screen[None]):
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
        self.says = NamedLine()
        self.notice = Notice()
        self.footer = KeyFooter()
        self._stale = False
        self._looks: tuple[int, str, frozenset[str]] | None = None
        self._stood: tuple[str, State | None, str] | None = None

    def update_node_styles(self, animate: bool = True) -> None:
        """Look the styles up anew only when they can differ; Textual asks at each coming back."""
        looks = (self.app._css_update_count, self.app.theme, self.classes)
        if looks != self._looks:
            self._looks = looks
            super().update_node_styles(animate=animate)

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
                # Bindings are looked up by the names of keys: "." comes as "full_stop".
                name = _character_to_key(key) if len(key) == 1 else key
                self._bindings._add_binding(
                    Binding(name, f"app.do('{action.id}')", action.title, id=action.id)
                )
        self.footer.set(self.keys_shown())
        self._next_minute()
        self.app.when_ready(self.load)

    def keys_shown(self) -> list[tuple[str, str]]:
        """Return the footer's keys and words; a screen with several views overrides it."""
        return footer_keys(self.CONTEXT, self.app.keys)

    def on_screen_resume(self) -> None:
        """Read anew what changed while another screen was shown."""
        self.app.in_hand.tick()  # the key that accepts a nurse call is another one here
        self.status.alert(self.app.in_hand.alerts)
        # Other steps came since, elsewhere: u would take back one of those.
        self.notice.outdated(self.app.last_said)
        if self._stale and self.app.desk is not None:
            self._stale = False
            self.load()

    def load(self) -> None:
        """Ask for what this screen shows; a subclass overrides it."""

    def changed(self, tables: set[str] | None, *, shown: bool) -> None:
        """Records changed: read anew, now or when next shown."""
        if tables is not None and not tables & self.TABLES:
            return
        if shown:
            self.load()
        else:
            self._stale = True

    # The state line, and the minutes that go by

    def say_state(self, detail: str, state: "State | None" = None, urgent: str = "") -> None:
        """Fill the top line: what is shown, the desk's figures, the time, and who is signed in."""
        self._stood = (detail, state, urgent)
        facts = (*figures_of(state), self._drafts(), self._clock_and_person())
        self.status.set(self.TITLE, detail, facts, urgent)

    def _drafts(self) -> str:
        """Say when half-typed text is kept in memory only, because the server is away."""
        session = self.app.session
        return "drafts not stored" if session is not None and session.drafts_in_memory else ""

    def _clock_and_person(self) -> str:
        desk = self.app.desk
        if desk is None:
            return ""
        return f"{desk.clinic.local(self.app.clock.now()):%H:%M} {desk.who.username}"

    def _next_minute(self) -> None:
        rest = 60 - self.app.clock.now().second
        self.set_timer(rest, self._minute_passed, name="minute")

    def _minute_passed(self) -> None:
        self._next_minute()
        # Under a panel one changed line would repaint everything; it is read anew on coming back.
        if self.app.locked or self.app.screen is not self:
            self._stale = True
        elif self.app.desk is not None:
            self.minute_passed()

    def minute_passed(self) -> None:
        """Another minute has begun; a screen whose rows count minutes reads anew."""
        if self._stood is not None:
            self.say_state(*self._stood)

    # What the next key acts on

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

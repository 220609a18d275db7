"""The program on the terminal: modes, keys, and what is said. It owns no rule.

The first frame comes before the data layer: that is imported from an idle timer, and what was
pressed meanwhile is kept. Who sits here and all work with records is the `sitting`'s, the lock is
the `cover`'s, calls that are being taken are `in_hand`; the app joins them to screens and keys.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from rich.text import Text
from textual import events
from textual.binding import Binding
from textual.filter import LineFilter
from textual.screen import Screen
from textual.timer import Timer

from pcoord import actions, doing
from pcoord.actions import EVERYWHERE, Selection
from pcoord.clock import Clock, SystemClock
from pcoord.cover import Cover
from pcoord.domain.errors import DeskError, Overtaken
from pcoord.keymap import Keymap
from pcoord.screens.base import DeskScreen, screen_factories
from pcoord.screens.call_in_hand import CallsInHand
from pcoord.screens.half_typed import HalfTyped
from pcoord.sitting import Sitting
from pcoord.terminal import on_hangup
from pcoord.widgets.filters import line_filters
from pcoord.widgets.key_order import KeyOrder
from pcoord.widgets.paint import clean
from pcoord.widgets.stacked import Stacked
from pcoord.widgets.theme import NAME as THEME
from pcoord.widgets.theme import desk_theme

if TYPE_CHECKING:
    from pcoord.quickline import Call
    from pcoord.services.desk import Desk
    from pcoord.services.session import Opening, Session

T = TypeVar("T")
POLL_SECONDS = 0.15
_BY_SIGNAL = 128
"""A shell tells the signal that ended a program by this much more: 129 is a lost line."""

_FLOODED = "Too many keys came at once; they were dropped. Look at what is typed."

# The clinic's facts that a desk keeps; when one changes, they are read anew.
_FACTS = frozenset({"organization", "location", "room", "practitioner", "visit_type"})
_GO = {"go.schedule": "schedule", "go.board": "board", "go.patients": "patients"}
_GO |= {"go.calls": "calls"}


class PcoordApp(Stacked):
    """The desk of one person at one terminal."""

    ENABLE_COMMAND_PALETTE = False
    CSS_PATH = "app.tcss"
    MODES = screen_factories()  # type: ignore[assignment]
    DEFAULT_MODE = "schedule"

    def __init__(
        self,
        opening: Callable[[], "Opening"],
        *,
        clock: Clock | None = None,
        keymap: Keymap | None = None,
        driver_class: Any = None,
        mono: bool = False,
    ) -> None:
        super().__init__(driver_class=driver_class)
        self._own_filters = line_filters(mono)
        self.clock = clock or SystemClock()
        self.keys = keymap or Keymap()
        self.sitting = Sitting(self, opening)
        self.cover = Cover(self, self.clock)
        self.last_said = ""
        self._poll_timer: Timer | None = None
        self.in_hand = CallsInHand(self)
        self.half_typed = HalfTyped(self)
        self._typed_ahead: list[events.Key | events.Paste] = []
        self._key_order = KeyOrder(super().on_event, self._say_flooded, self._awaits_answer)
        self._bind_keys()

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Let nothing but drawable characters through, and no colour in mono."""
        return [*super().get_line_filters(), *self._own_filters]

    def _bind_keys(self) -> None:
        for keys, action in actions.for_context(EVERYWHERE):
            for key in self.keys.of(action.id, EVERYWHERE, keys).split(","):
                self._bindings._add_binding(
                    Binding(key, f"do('{action.id}')", action.title, priority=True, id=action.id)
                )

    # Opening and leaving

    def on_mount(self) -> None:
        """Show the frame, then open the clinic from an idle moment."""
        asyncio.get_running_loop().set_exception_handler(self._callback_failed)
        self.register_theme(desk_theme())
        self.theme = THEME
        if not self.is_headless:
            on_hangup(lambda signal: self.terminal_dropped(_BY_SIGNAL + signal))
        self.set_timer(0.01, self.sitting.open)

    def opened(self) -> None:
        """Ask who it is, or begin; then hand on what was typed meanwhile."""
        if self.desk is None:
            self.lock()
        else:
            self._begin()
        self.call_after_refresh(self._replay)

    async def _replay(self) -> None:
        """Hand on, in order, what was typed before the clinic was open.

        Until then what comes is put behind it: a key that overtook F4 would act on another screen.
        """
        while self._typed_ahead:
            await self._key_order.take(self._typed_ahead.pop(0))

    def not_opened(self, error: DeskError) -> None:
        """Leave with the sentence that says why the clinic cannot be opened."""
        self.exit(return_code=error.exit_code, message=Text(clean(error.sentence)))

    def signed_in(self) -> None:
        """Go on after somebody signed in: the same screens, read anew for this person."""
        self.unlock()
        self._begin()
        self.refresh_screens()

    def _begin(self) -> None:
        self.sitting.begin()
        self.in_hand.begin()
        self.half_typed.begin()
        if self._poll_timer is None:
            self._poll_timer = self.set_interval(POLL_SECONDS, self._poll, name="poll")

    def when_ready(self, callback: Callable[[], None]) -> None:
        """Call back once somebody is signed in; at once when somebody is."""
        self.sitting.when_ready(callback)

    @property
    def session(self) -> "Session | None":
        """Return the session, once the clinic is open."""
        return self.sitting.session

    @property
    def desk(self) -> "Desk | None":
        """Return the signed-in person's desk."""
        return self.sitting.desk

    def _callback_failed(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Treat a fault in an answer's handler as any other fault of ours."""
        error = context.get("exception")
        if isinstance(error, Exception):
            self._handle_exception(error)

    def terminal_dropped(self, code: int = _BY_SIGNAL + 1) -> None:
        """Keep what is typed when the line is lost or a signal says so, and leave with a code."""
        self.sitting.flush()
        self.exit(return_code=code)

    def _handle_exception(self, error: Exception) -> None:
        """Show an incident number, never a traceback with what it held."""
        from pcoord.terminal.driver import fatal

        if self.is_headless:
            super()._handle_exception(error)
        else:
            fatal(self, error)

    async def on_unmount(self) -> None:
        """Finish what was given to the store before leaving."""
        self.sitting.close()

    async def settled(self) -> None:
        """Wait until every key is handled and the store has answered everything (for tests)."""
        for _ in range(4000):
            if self._exit or (self._key_order.idle and self.sitting.idle):
                return
            await asyncio.sleep(0.001)

    # Reading and changing

    def ask(
        self,
        group: str,
        query: Callable[["Desk"], T],
        then: Callable[[T], None],
        *,
        holds: bool = False,
    ) -> None:
        """Read on the store thread; only the newest answer of a group arrives at `then`.

        With `holds` the next key waits for it, being meant for what the answer opens.
        """
        self.sitting.ask(group, query, then, holds=holds)

    def act(
        self,
        change: Callable[["Desk"], Any],
        then: Callable[[Any], None] | None = None,
        failed: Callable[[DeskError], None] | None = None,
        *,
        once: str = "",
        merges: bool = False,
    ) -> None:
        """Change records on the store thread, say the step's sentence, and refresh the screens.

        When somebody else was quicker, both versions are shown and the person may go on; with
        `merges` that is left to `failed`. With `once`, a key that is held down acts once.
        """
        self.sitting.act(change, then, failed, once=once, merges=merges)

    def ask_which_stands(
        self,
        overtaken: Overtaken,
        again: Callable[[dict[str, int]], None],
        leave: Callable[[], None],
    ) -> None:
        """Show what the other person did and what one's own step would do to that."""
        from pcoord.screens.overtaken import OvertakenScreen

        self.refresh_screens()
        self.push_screen(OvertakenScreen(overtaken, lambda: again(overtaken.shown), leave))

    def ask_why(self, patient_id: str, then: Callable[[], None]) -> None:
        """Ask why a restricted record is opened; what arrives under the lock stays closed."""
        from pcoord.screens.why import ask_why

        if not self.locked:
            ask_why(self, patient_id, then)

    def run_call(
        self,
        call: "Call",
        then: Callable[[Any], None] | None = None,
        once: str = "",
        failed: Callable[[DeskError], None] | None = None,
    ) -> None:
        """Run an action that was understood, or open the panel that asks more before it."""
        doing.run_call(self, call, then, once, failed)

    def said(self, step: Any) -> None:
        """Say what a step did, and show it."""
        said = getattr(step, "said", "")
        if said:
            # Behind a step that took one back the key would take back another, not bring it again.
            stands = not getattr(step, "final", False) and getattr(step, "undoes", None) is None
            self.last_said = said
            self.notice(said, undo=stands)
        self.refresh_screens()

    def failed(self, error: BaseException) -> None:
        """Say why something was refused; anything else is a fault of ours."""
        if not isinstance(error, DeskError):
            raise error
        self.notice(error.sentence, urgent=True)

    def notice(self, text: str, *, urgent: bool = False, undo: bool = False) -> None:
        """Show one sentence above the keys, where the eye is."""
        for screen in (self.screen, self.desk_screen):
            say = getattr(screen, "say", None)
            if say is not None:
                say(text, urgent=urgent, undo=undo)
                return

    @property
    def desk_screen(self) -> DeskScreen | None:
        """Return the main screen of this mode, under whatever is open over it."""
        for screen in self.screen_stack:
            if isinstance(screen, DeskScreen):
                return screen
        return None

    def refresh_screens(self, tables: set[str] | None = None) -> None:
        """Have the main screens read anew, or those that show one of these tables."""
        for mode, stack in self._screen_stacks.items():
            for screen in stack:
                if isinstance(screen, DeskScreen):
                    screen.changed(tables, shown=mode == self.current_mode)
        self.in_hand.heard(tables)

    def _poll(self) -> None:
        """Look whether another desk changed something; an idle screen sends nothing."""
        desk = self.desk
        leaving = not (self.is_running and self.screen_stack)
        if self.session is None or self.cover.locked or leaving:
            return  # the screens go before the timers, and no lock falls over what is being closed
        self._say_trouble(self.sitting.poll(self._heard))
        self.in_hand.tick()
        if desk is not None:
            self.cover.lock_when_idle(desk.clinic.idle_minutes)

    def _say_trouble(self, trouble: str) -> None:
        """Say in the top line when the database is away; read anew when it is back."""
        if trouble == self.in_hand.trouble:
            return
        was, self.in_hand.trouble = self.in_hand.trouble, trouble
        self.in_hand.tick()
        # What lies over the screen has a top line of its own, or asks the database as one types.
        over = self.screen if self.screen is not self.desk_screen else None
        if (tell := getattr(over, "tell_trouble", None)) is not None:
            tell(trouble)
        elif (status := getattr(over, "status", None)) is not None:
            status.alert([("", trouble)] if trouble else [])
        if was and not trouble:
            self.refresh_screens()

    def _heard(self, tables: set[str]) -> None:
        if tables & _FACTS:
            self.ask("facts", lambda desk: desk.reload(), lambda _: self.refresh_screens())
        elif tables:
            self.refresh_screens(tables)

    # Keys

    async def on_event(self, event: events.Event) -> None:
        """Note when a key was last pressed; keep those that come before the clinic is open."""
        if not isinstance(event, events.Key | events.Paste) or event.is_forwarded:
            await super().on_event(event)
            return
        self.cover.key_pressed()
        leaves = isinstance(event, events.Key) and event.key == "ctrl+q"
        if (self.session is None or self._typed_ahead) and not leaves:
            self._typed_ahead.append(event)
        else:
            await self._key_order.take(event)

    def _say_flooded(self) -> None:
        """Say that keys were dropped, on whatever screen there is."""
        say = getattr(self.screen, "say", None)
        if say is not None:
            say(_FLOODED, urgent=True)

    def _awaits_answer(self) -> bool:
        """Tell whether the last key is not done with before something has been read."""
        top = self.screen_stack[-1:]
        asks = any(getattr(screen, "awaits_answer", False) for screen in top)
        return asks or bool(self.sitting.holding)

    @property
    def idle_seconds(self) -> float:
        """Return how long ago a key was pressed."""
        return self.cover.idle_seconds

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While the lock holds, nothing but unlocking and leaving works."""
        return self.cover.lets(action, parameters)

    def action_do(self, action_id: str) -> None:
        """Do what a key stands for."""
        if self.locked:
            return
        if self.desk is None:
            self.when_ready(lambda: self.do(action_id))
            return
        self.do(action_id)

    def do(self, action_id: str, selection: Selection | None = None) -> None:
        """Do one action of the registry with what the eye rests on.

        The help and the list of screens give way to what is done next, so that they never pile up.
        """
        opened_by = getattr(self.screen, "OPENED_BY", None)
        if opened_by is not None:
            self.pop_screen()
        if action_id == opened_by:
            return
        if action_id in _GO:
            self._go_by_key(_GO[action_id])
            return
        own = getattr(self, "_do_" + action_id.replace(".", "_"), None)
        if own is not None:
            own()
            return
        for screen in (self.screen, self.desk_screen):
            does = getattr(screen, "do", None)
            if does is not None and does(action_id):
                return
        doing.do_action(self, action_id, selection or self.selection())

    def selection(self) -> Selection:
        """Return what the eye rests on."""
        top = self.screen
        if hasattr(top, "selection"):
            return top.selection()
        screen = self.desk_screen
        return screen.selection() if screen is not None else Selection()

    def open_line(
        self,
        action_id: str | None = None,
        selection: Selection | None = None,
        text: str = "",
        then: Callable[[Any], None] | None = None,
        **kept: Any,
    ) -> None:
        """Open the palette's line, with the verb of an action set; `then` gets the step.

        `kept` is what else a half-typed line comes back with.
        """
        doing.open_line(self, action_id, selection, text, then, **kept)

    def go(self, mode: str) -> None:
        """Show one of the four main screens; what is open over the present one folds away.

        Under the lock nothing is gone to: an answer of the store may still want to.
        """
        if self.locked:
            return
        while len(self.screen_stack) > 1:
            self.fold(self.screen)
        if mode != self.current_mode:
            self.switch_mode(mode)

    def _go_by_key(self, mode: str) -> None:
        """Show a main screen; where its key is pressed on it, it begins anew."""
        again = mode == self.current_mode
        self.go(mode)
        begin = getattr(self.desk_screen, "begin_anew", None)
        if again and begin is not None:
            begin()

    def show_patient(self, patient_id: str) -> None:
        """Go to the patients with one of them fixed and the card open."""
        self.go("patients")
        screen = self.desk_screen
        show = getattr(screen, "show_patient", None)
        if show is not None:
            show(patient_id)

    def open_over(self, screen: Screen[Any]) -> None:
        """Open something over what is there, in the place of one of its kind that lies on top.

        A key that is held piles up nothing.
        """
        if type(self.screen) is type(screen):
            self.fold(self.screen)
        self.push_screen(screen)

    def fold(self, screen: Screen[Any]) -> None:
        """Close what is open over a main screen; what it holds is kept."""
        keep = getattr(screen, "keep", None)
        if keep is not None:
            keep()
        self.pop_screen()
        folded = getattr(screen, "folded", None)
        if folded is not None:
            folded()

    def keep(self, screen: str, key: str, content: dict[str, Any] | None) -> None:
        """Keep what is typed as a draft, stored within a second; None lets it go."""
        self.sitting.keep(screen, key, content)

    def _do_call_new(self) -> None:
        self.in_hand.ring()

    def _do_palette_open(self) -> None:
        """Open the line; where a half-typed thing is offered in sight, go on with that."""
        offers = getattr(self.screen, "offers_half_typed", False)
        if offers:
            self.pop_screen()
        if not ((offers or self.half_typed.in_sight) and self.half_typed.bring_back()):
            self.open_line()

    def _do_go_anywhere(self) -> None:
        from pcoord.screens.go import GoScreen

        self.push_screen(GoScreen())

    def _do_work_duplicates(self) -> None:
        from pcoord.screens.duplicates import open_list

        open_list(self)

    def _do_help_show(self) -> None:
        from pcoord.screens.help import HelpScreen

        context = self.desk_screen.CONTEXT if self.desk_screen else EVERYWHERE
        self.push_screen(HelpScreen(context))

    def _do_desk_quit(self) -> None:
        self.exit()

    # The lock

    def _do_desk_lock(self) -> None:
        self.lock(by_hand=True)

    @property
    def locked(self) -> bool:
        """Tell whether the lock covers the screen."""
        return self.cover.locked

    def lock(self, *, by_hand: bool = False) -> None:
        """Cover the screen at once and keep everything underneath."""
        self.cover.lock(by_hand=by_hand)

    def unlock(self) -> None:
        """Show what was there before the lock."""
        self.cover.unlock()

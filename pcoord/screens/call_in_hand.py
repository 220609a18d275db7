"""The calls in hand and the nurse calls that wait: they belong to the desk, not to a screen."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from textual.app import ComposeResult

from pcoord.actions import EVERYWHERE
from pcoord.keymap import key_name
from pcoord.widgets.over import Over
from pcoord.widgets.picker import Candidate, Picker

if TYPE_CHECKING:
    from pcoord.app import PcoordApp
    from pcoord.screens.call_panel import CallPanel
    from pcoord.services.desk import Desk
    from pcoord.services.session import Kept

PLACE = "call"
"""Where drafts of calls are kept."""

TICK_SECONDS = 5


def say_elapsed(since: datetime, now: datetime) -> str:
    """Return how long a call lasts: in steps of five seconds at first, then by the minute."""
    seconds = max(0, int((now - since).total_seconds()))
    if seconds < 60:
        return f"00:{seconds - seconds % TICK_SECONDS:02}"
    return f"{seconds // 60}m" if seconds < 3600 else f"{seconds // 3600}h{seconds // 60 % 60:02}"


@dataclass
class InHand:
    """A call not yet stored: its panel, or the values of a draft that was not opened yet."""

    id: str
    values: dict[str, Any] = field(default_factory=dict)
    panel: "CallPanel | None" = None


class CallsInHand:
    """Opens, folds and brings back call notes, and says on every screen what is open."""

    def __init__(self, app: "PcoordApp") -> None:
        self.app = app
        self.calls: list[InHand] = []
        self.nurse_calls: list[Any] = []
        self.alerts: list[tuple[str, str]] = []
        self.trouble = ""
        self._user_id: str | None = None
        self._news: tuple[set[str], int, str, str] = (set(), 0, "", "")

    # Coming and going

    def begin(self) -> None:
        """Somebody signed in: another person's calls are closed."""
        desk = self.app.desk
        if desk is None:
            return
        if self._user_id != desk.who.user_id:
            self._let_go()
            self._user_id = desk.who.user_id
        self.heard(None)

    def _let_go(self) -> None:
        """Close another person's calls; their drafts stay theirs."""
        if self.calls:
            self.app.go(self.app.current_mode)
        for call in self.calls:
            self._end(call)
        self.calls = []

    def offer(self, drafts: "list[Kept]") -> str:
        """Take the calls among a person's drafts in hand, and return what to say of them."""
        known = {call.id for call in self.calls}
        kept = [d for d in drafts if d.screen == PLACE and d.object_key not in known]
        self.calls += [InHand(draft.object_key, draft.content) for draft in kept]
        if not kept:
            return ""
        number = kept[0].content.get("correcting")
        at = self._say_time(datetime.fromisoformat(kept[0].content["started_at"]))
        what = f"Call {number} was not corrected yet" if number else ""
        return f"{what or f'A call note of {at} was not saved'}: Ctrl+N goes on with it."

    # The telephone rings, or one goes on

    def ring(self) -> None:
        """Bring the call in hand back; open a new one when there is none, or it is open already."""
        shown = self._shown()
        if shown is not None and shown is not self.app.screen:
            while self.app.screen is not shown:
                self.app.fold(self.app.screen)
        elif shown is not None:
            if not shown.empty:
                self.app.fold(shown)
                self._open(self._new())
        elif len(self.calls) > 1:
            self.app.open_over(CallChooser(self))
        else:
            self._open(self.calls[0] if self.calls else self._new())

    def open_id(self, call_id: str) -> None:
        """Go on with one of the calls in hand; a new one when none has this id."""
        found = next((call for call in self.calls if call.id == call_id), None)
        self._open(found or self._new())

    def correct(self, call_id: str) -> None:
        """Open a stored call to put it right, or go on with what was begun of it."""
        begun = next((call for call in self.calls if call.id == call_id), None)
        if begun is not None:
            self._open(begun)
            return

        def read(desk: "Desk") -> dict[str, Any]:
            from pcoord.services import call_notes

            return call_notes.typed_of(desk, call_id)

        self.app.ask("correct", read, self._correct, holds=True)

    def _correct(self, values: dict[str, Any]) -> None:
        call = InHand(str(values["id"]), values)
        self.calls.append(call)
        self._open(call)

    def _shown(self) -> "CallPanel | None":
        if not self.calls:
            return None
        from pcoord.screens.call_panel import CallPanel

        stack = self.app.screen_stack
        return next((screen for screen in stack if isinstance(screen, CallPanel)), None)

    def _new(self) -> InHand:
        from pcoord.services.calls import key_of_new_call

        now = self.app.clock.now().isoformat()
        call = InHand(key_of_new_call(), self._about_selection() | {"started_at": now})
        call.values["id"] = call.id
        self.calls.append(call)
        return call

    def _about_selection(self) -> dict[str, Any]:
        """A row of the call log is called back: number and patient are known."""
        screen = self.app.desk_screen
        begin = getattr(screen, "call_back", None)
        return dict(begin()) if begin is not None else {}

    def _open(self, call: InHand) -> None:
        if call.panel is None:
            from pcoord.screens.call_panel import CallPanel

            call.panel = CallPanel(call.values)
            self.app.install_screen(call.panel, f"call {call.id}")
        self.app.push_screen(call.panel)
        self.tick()

    def folded(self, panel: "CallPanel") -> None:
        """A call was folded away: the state line shows it; nothing typed means nothing kept."""
        if panel.empty:
            self.close(panel)
        self.tick()

    def keep(self, panel: "CallPanel") -> None:
        """Keep what a call holds, for the person who typed it."""
        desk = self.app.desk
        if desk is not None and desk.who.user_id == self._user_id:
            self.app.keep(PLACE, panel.id_of_call, panel.values)

    def close(self, panel: "CallPanel") -> None:
        """Close a call that was stored or thrown away, and let its draft go."""
        call = next((c for c in self.calls if c.panel is panel), None)
        if call is None:
            return
        self.calls.remove(call)
        self.app.keep(PLACE, call.id, None)
        self._end(call)
        self.tick()

    def _end(self, call: InHand) -> None:
        panel = call.panel
        if panel is None:
            return
        shown = self.app.is_open(panel)
        self.app.close_screen(panel)
        self.app.uninstall_screen(panel)
        if not shown:
            panel.remove()

    # What every screen says

    def heard(self, tables: set[str] | None) -> None:
        """Records changed: look which nurse calls wait."""
        if tables is None or "nurse_call" in tables:
            from pcoord.services import nurse

            self.app.ask("nurse calls", nurse.waiting, self._waiting)

    def _waiting(self, rows: list[Any]) -> None:
        self.nurse_calls = rows
        self.tick()

    def tick(self) -> None:
        """Bring the alerts up to the minute; nothing is sent while they read the same."""
        told = (("", self.trouble), self._say_nurse(), self._say_call())
        self.alerts = [alert for alert in told if any(alert)]
        screen = self.app.desk_screen
        key = self._accept_key() if self.nurse_calls else ""
        news = ({row.id for row in self.nurse_calls}, len(self._folded()), self.trouble, key)
        # A change under something that lies over the screen repaints all of it: minutes wait.
        if screen is not None and (screen is self.app.screen or news != self._news):
            screen.status.alert(self.alerts)
            self._news = news

    def _say_nurse(self) -> tuple[str, str]:
        if not self.nurse_calls:
            return "", ""
        row = self.nurse_calls[0]
        minutes = int((self.app.clock.now() - row.raised_at).total_seconds() // 60)
        where = "".join(f", {fact}" for fact in (row.callback_number, row.whereabouts) if fact)
        text = f"NURSE {len(self.nurse_calls)}: {row.complaint}"
        return text, f"{where} {minutes}m  {self._accept_key()} accept"

    def _accept_key(self) -> str:
        """Return the key that accepts here: the letter, or ^P where letters mean something else."""
        screen = self.app.screen
        letter = self.app.keys.label("nurse.accept", getattr(screen, "CONTEXT", ""))
        focused = screen.focused
        text = focused is not None and focused.check_consume_key(letter, letter)
        if screen is self.app.desk_screen and letter and not text:
            return key_name(letter)
        return key_name(self.app.keys.label("palette.open", EVERYWHERE))

    def _say_call(self) -> tuple[str, str]:
        folded = self._folded()
        if not folded:
            return "", ""
        if len(folded) > 1:
            return "", f"{len(folded)} CALLS ^N"
        number = folded[0].values.get("correcting")
        if number:
            return "", f"CALL {number} ^N"
        panel = folded[0].panel
        begun = panel.started if panel else datetime.fromisoformat(folded[0].values["started_at"])
        if panel is None or panel.true_time:
            return "", f"CALL of {self._say_time(begun)} ^N"
        return "", f"CALL {say_elapsed(begun, self.app.clock.now())} ^N"

    def _folded(self) -> list[InHand]:
        shown = self._shown()
        return [call for call in self.calls if call.panel is None or call.panel is not shown]

    def _say_time(self, moment: datetime) -> str:
        from pcoord.domain.dates import say_time

        assert self.app.desk is not None
        return say_time(self.app.desk.clinic.local(moment).time())


class CallChooser(Over[None]):
    """Several calls are in hand: which one goes on?"""

    DEFAULT_CSS = """
    CallChooser { background: transparent; align: left bottom; }
    CallChooser Picker { border-top: solid ansi_default; }
    """
    app: "PcoordApp"

    def __init__(self, in_hand: CallsInHand) -> None:
        super().__init__()
        self._in_hand = in_hand

    def compose(self) -> ComposeResult:
        """Compose one list."""
        shown = [Candidate(call.id, self._say(call)) for call in self._in_hand.calls]
        yield Picker("Which call? Esc leaves.", [*shown, Candidate("", "a new call")])

    def on_mount(self) -> None:
        """Take the keys."""
        self.query_one(Picker).focus()

    def _say(self, call: InHand) -> str:
        number = call.values.get("correcting")
        begun = datetime.fromisoformat(call.values["started_at"])
        said = call.values.get("caller") or call.values.get("who") or "somebody"
        who = call.panel.title_of_call if call.panel else said
        what = f"call {number}" if number else say_elapsed(begun, self.app.clock.now())
        return f"{who}   {what}"

    def on_picker_chosen(self, event: Picker.Chosen) -> None:
        """Go on with the chosen call."""
        event.stop()
        self.app.pop_screen()
        self._in_hand.open_id(event.key)

    def key_escape(self) -> None:
        """Leave without a choice."""
        self.app.pop_screen()

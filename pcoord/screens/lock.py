"""The lock: it covers the desk at once, and only the person's PIN or password opens it.

It is also where somebody signs in, and where another person takes the desk.
"""

from typing import TYPE_CHECKING, Any

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen

from pcoord.domain.errors import DeskError
from pcoord.widgets.form import Field, Form
from pcoord.widgets.key_footer import KeyFooter
from pcoord.widgets.line_view import OneLine
from pcoord.widgets.notice import Notice
from pcoord.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from pcoord.app import PcoordApp


class LockScreen(Screen[None]):
    """Asks for a PIN or password; F2 lets another person sign in."""

    DEFAULT_CSS = "LockScreen Form { height: auto; margin: 6 0 0 10; }"
    app: "PcoordApp"

    def __init__(self) -> None:
        super().__init__()
        self.status = StatusLine("PCOORD")
        self.form = Form([Field("user", "name"), Field("secret", "PIN/password", password=True)])
        self.room = OneLine()
        self.notice = Notice()
        self.footer = KeyFooter([("Enter", "unlock"), ("F2", "another person"), ("^Q", "leave")])
        self.switching = False
        self.choosing = False

    def compose(self) -> ComposeResult:
        """Compose name, secret and one sentence; nothing of what is underneath."""
        yield self.status
        yield self.form
        yield self.room
        yield self.notice
        yield self.footer

    def on_mount(self) -> None:
        """Leave the middle of the screen empty."""
        self.room.styles.height = "1fr"

    def on_screen_resume(self) -> None:
        """Begin empty, every time; whoever locks by hand chooses a PIN if there is none."""
        session = self.app.session
        self.switching = False
        self.choosing = bool(session and session.wants_pin and self.app.cover.by_hand)
        self._fill()

    def _fill(self) -> None:
        session = self.app.session
        desk = session.desk if session else None
        name = "" if self.switching or desk is None else desk.who.username
        wanted = session.wanted if session and desk is None else ""
        self.form.set_values({"user": name or wanted, "secret": ""})
        self.notice.say(self._advice())
        title = "CHOOSE A PIN" if self.choosing else "LOCKED" if desk else "SIGN IN"
        self.status.set(title, desk.clinic.name if desk else "")
        self.form.focus_field("secret" if name or wanted else "user")

    def _advice(self) -> str:
        session = self.app.session
        if session is None or session.desk is None or self.switching:
            return "Type your name and password."
        if self.choosing:
            return "Choose a PIN of 4 to 12 digits for this session; it will open the lock."
        if session.opens_bare:
            return "In the demo, Enter opens it."
        if session.wants_pin:
            return "There is no PIN or password yet. Leave with Ctrl+Q and come in again."
        return "Your PIN or password opens it. What was typed underneath is kept."

    def on_key(self, event: events.Key) -> None:
        """F2 gives the desk to another person, Esc goes back to the first one."""
        if event.key == "f2":
            self.switching, self.choosing = True, False
        elif event.key == "escape" and self.switching:
            self.switching = False
        else:
            return
        event.stop()
        event.prevent_default()
        self._fill()

    def on_form_finished(self, event: Form.Finished) -> None:
        """Choose a PIN, unlock, or sign in."""
        event.stop()
        session = self.app.session
        if session is None:
            return
        values, desk = self.form.values(), session.desk
        mine = desk is not None and values["user"].casefold() == desk.who.username.casefold()
        if self.choosing:
            self._choose(values["secret"])
        elif mine and not self.switching:
            session.unlock(values["secret"], self._unlocked, self._refused)
        else:
            session.sign_in(values["user"], values["secret"], self._signed_in, self._refused)

    def _choose(self, pin: str) -> None:
        session = self.app.session
        assert session is not None
        try:
            session.set_pin(pin)
        except DeskError as error:
            self._refused(error)
            return
        self.choosing = False
        self._fill()

    def _unlocked(self, opened: Any) -> None:
        if opened:
            self.app.unlock()

    def _signed_in(self, desk: Any) -> None:
        self.app.signed_in()

    def _refused(self, error: BaseException) -> None:
        if not isinstance(error, DeskError):
            raise error
        self.form.set_values({"secret": ""})
        self.notice.refuse(error.sentence)

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
    """Asks for a PIN or password; F2 lets another person sign in, F4 sets a PIN."""

    DEFAULT_CSS = "LockScreen Form { height: auto; margin: 6 0 0 10; }"
    app: "PcoordApp"

    def __init__(self) -> None:
        super().__init__()
        self.status = StatusLine("PCOORD")
        self.who = OneLine()
        self.form = Form([Field("user", "name"), Field("secret", "password", password=True)])
        self.notice = Notice()
        self.footer = KeyFooter([("Enter", "unlock"), ("F2", "another person")])
        self.switching = False

    def compose(self) -> ComposeResult:
        """Compose name, password and one sentence."""
        yield self.status
        yield self.form
        yield self.who
        yield self.notice
        yield self.footer

    def on_screen_resume(self) -> None:
        """Begin empty, every time."""
        self.switching = False
        self._fill()

    def on_mount(self) -> None:
        """Begin with the name of whoever is signed in."""
        self._fill()

    def _fill(self) -> None:
        session = self.app.session
        desk = session.desk if session else None
        name = "" if self.switching else (desk.who.username if desk else "")
        wanted = session.wanted if session and not desk else ""
        self.form.set_values({"user": name or wanted, "secret": ""})
        self.notice.say(self._advice())
        self.status.set("LOCKED" if desk else "SIGN IN", desk.clinic.name if desk else "")
        self.form.focus_field("secret" if name or wanted else "user")

    def _advice(self) -> str:
        session = self.app.session
        desk = session.desk if session else None
        if session is None or desk is None or self.switching:
            return "Type your name and password."
        if desk.clinic.is_demo and session.pin is None:
            return "In the demo, Enter opens it."
        return "PIN or password opens it; what you typed is kept."

    def on_key(self, event: events.Key) -> None:
        """F2 gives the desk to another person, Esc goes back to the first one."""
        if event.key == "f2":
            self.switching = True
            self._fill()
        elif event.key == "escape" and self.switching:
            self.switching = False
            self._fill()
        else:
            return
        event.stop()
        event.prevent_default()

    def on_form_finished(self, event: Form.Finished) -> None:
        """Try to unlock or sign in."""
        event.stop()
        values = self.form.values()
        session = self.app.session
        if session is None:
            return
        desk = session.desk
        if desk is not None and values["user"].casefold() == desk.who.username.casefold():
            session.unlock(values["secret"], self._unlocked, self._refused)
        else:
            session.sign_in(values["user"], values["secret"], self._signed_in, self._refused)

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

"""When a call was that was written on paper first: one line over the panel."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from pcoord.screens.prompt import PromptScreen

if TYPE_CHECKING:
    from pcoord.app import PcoordApp

HINT = "When was this call (8:10, yesterday 16:30)? It is stored as a late entry. Esc leaves."


def ask_true_time(app: "PcoordApp", then: Callable[[datetime], None]) -> None:
    """Ask for a time up to now, and go on with it in UTC."""
    desk = app.desk
    if desk is None:
        return
    from pcoord.screens.calls import say_moment
    from pcoord.services import call_notes

    def means(text: str) -> str:
        moment = call_notes.read_true_time(desk, text)
        return f"The call was at {say_moment(desk, moment, short=False)}; Enter takes it."

    def go(text: str) -> None:
        then(call_notes.read_true_time(desk, text))

    app.push_screen(PromptScreen("call was at", means, go, hint=HINT))

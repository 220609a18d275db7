"""Why a restricted record is opened: asked once, kept in the log, then it is as any other here."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from pcoord.screens.prompt import PromptScreen

if TYPE_CHECKING:
    from pcoord.app import PcoordApp
    from pcoord.services.desk import Desk

SAYS = "Restricted: the reason is kept in the log. Enter opens it, Esc leaves it closed."


def ask_why(app: "PcoordApp", patient_id: str, then: Callable[[], None]) -> None:
    """Ask for the reason; once it is recorded go on, and show everywhere what is open now."""

    def given(reason: str) -> None:
        def open_it(desk: "Desk") -> None:
            from pcoord.services import restricted_records

            restricted_records.open_with(desk, patient_id, reason)

        def opened(_: None) -> None:
            then()
            app.refresh_screens()

        app.ask("open restricted", open_it, opened, holds=True)

    app.push_screen(PromptScreen("why", lambda text: SAYS, given, hint=SAYS))

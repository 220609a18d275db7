"""A desk whose server goes away: typing goes on, one line says so, and nothing is guessed."""

from collections.abc import Iterator

import pytest

from pcoord.clock import FixedClock
from pcoord.services import calls
from tests.clinic import NOW, Clinic
from tests.faults.conftest import Tried
from tests.faults.server import Line, MortalServer
from tests.screens.driver import Driver
from tests.screens.opened import app_for


@pytest.fixture
def clinic(server: MortalServer, line: Line) -> Iterator[Clinic]:
    """The clinic over that line."""
    made = Clinic(server.url(line.port), FixedClock(NOW))
    yield made
    made.leave()


def test_typing_goes_on_while_the_server_is_away(
    clinic: Clinic, line: Line, server: MortalServer, tried: Tried
) -> None:
    with Driver(lambda: app_for(clinic)) as at_desk:
        at_desk.see("SCHEDULE")
        at_desk.press("ctrl+n")
        at_desk.type("201-555-0199 somebody new")
        at_desk.press("enter")
        at_desk.type("asks for a refi")
        line.down = True
        line.cut()
        server.kill()
        at_desk.see("reconnecting")
        at_desk.type("ll of the usual")
        at_desk.see("reconnecting", "asks for a refill of the usual")
        server.start()
        line.down = False
        at_desk.not_see("reconnecting")
        at_desk.see("asks for a refill of the usual")
        at_desk.press("ctrl+d")
        at_desk.see("stored: somebody new")
    (row,) = calls.log(clinic.desk("boss"))
    assert row.note == "asks for a refill of the usual"
    tried(
        "server",
        "server killed while a call note is typed at a desk",
        1,
        "typing went on under `reconnecting` in the top line; the call was stored once, afterwards",
    )


@pytest.mark.parametrize("how", ["before", "after"])
def test_what_is_unknown_is_shown_as_unknown(
    clinic: Clinic, line: Line, tried: Tried, how: str
) -> None:
    with Driver(lambda: app_for(clinic)) as at_desk:
        at_desk.see("SCHEDULE")
        before = len(calls.log(clinic.desk("boss")))
        at_desk.ask(lambda app: setattr(app.session.store, "patience", 0.2))  # type: ignore[attr-defined]
        at_desk.press("ctrl+n")
        at_desk.type(f"201-555-0188 {how}")
        at_desk.press("enter")
        at_desk.type("asks for a refill")
        line.cut_at(b"COMMIT", how)
        line.down_after_cut = True
        at_desk.press("ctrl+d")
        at_desk.see("Not known yet whether", "not known yet whether your last step was stored")
        at_desk.press("ctrl+d")  # nothing is stored twice
        line.down = line.down_after_cut = False
        at_desk.not_see("not known yet")
        if how == "after":
            at_desk.see(f"stored: {how}")
        else:
            at_desk.see("it was not stored.", "asks for a refill")
            at_desk.press("ctrl+d")
            at_desk.see(f"stored: {how}")
    assert len(calls.log(clinic.desk("boss"))) == before + 1
    tried(
        "server",
        f"line cut at COMMIT {how} the server had it, and the server away after it",
        1,
        "the desk said that it is not known yet, took nothing more, and looked it up by its key: "
        + ("stored" if how == "after" else "not stored, the text still there, stored by one key"),
    )

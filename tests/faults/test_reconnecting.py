"""A desk whose server goes away: typing goes on, one line says so, and nothing is guessed."""

import time
from collections.abc import Iterator

import pytest

from pcoord.clock import FixedClock
from pcoord.services import booking, calls, patients
from tests.clinic import NOW, Clinic
from tests.faults.conftest import Tried
from tests.faults.server import Line, MortalServer
from tests.faults.table import rounds
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


def in_lookup(at_desk: Driver) -> Iterator[None]:
    at_desk.press("f4")
    at_desk.type("had")
    yield
    at_desk.type("dad")
    at_desk.see("find haddad")
    yield
    at_desk.see("Haddad, Layla")


def in_the_line(at_desk: Driver) -> Iterator[None]:
    at_desk.press("f6")
    at_desk.type("haddad ")
    yield
    at_desk.type("+7d 10am lee fu")
    at_desk.see("haddad +7d 10am lee fu")
    yield
    at_desk.see("books ")
    at_desk.press("enter")
    at_desk.see("Booked Haddad, Layla")


def in_a_form(at_desk: Driver) -> Iterator[None]:
    at_desk.press("f4")
    at_desk.type("novotny petra 4/9/1988")
    at_desk.see("new patient: Novotny")
    at_desk.press("+")
    at_desk.see("NEW PATIENT")
    yield
    at_desk.press("f", "tab")
    at_desk.type("201-555-0177")
    at_desk.see("201-555-0177")
    yield
    at_desk.press("ctrl+d")
    at_desk.see("Registered Novotny, Petra")


def in_a_check_in(at_desk: Driver) -> Iterator[None]:
    at_desk.press("f7")
    at_desk.type("kim dana")
    at_desk.see("Kim, Dana")
    at_desk.press("enter")
    at_desk.see("CHECK IN")
    yield
    at_desk.press("b")
    at_desk.see("[x] b birth date")
    yield
    at_desk.press("p", "enter")
    at_desk.see("Checked in Kim, Dana")


def in_a_merge(at_desk: Driver) -> Iterator[None]:
    at_desk.press("f4")
    at_desk.type("10442")
    at_desk.press("enter", "j")
    at_desk.see("MERGE", "1 05/09/1992")
    yield
    at_desk.press("1")
    at_desk.see("* 05/09/1992")
    yield
    at_desk.press("ctrl+d")
    at_desk.see("Merged Haddad, Layla")


PLACES = {
    "a lookup": in_lookup,
    "a typed line": in_the_line,
    "a registration": in_a_form,
    "a check-in": in_a_check_in,
    "a merge": in_a_merge,
}


@pytest.mark.parametrize("where", PLACES)
def test_whatever_is_open_outlives_the_server(
    clinic: Clinic, line: Line, server: MortalServer, tried: Tried, where: str
) -> None:
    if where == "a check-in":
        desk = clinic.desk("ana")
        booking.book(
            desk,
            patient_id=clinic.patient(desk, "10443"),
            start=clinic.at(9, 15),
            practitioner_id=desk.clinic.practitioner("LEE").id,
            visit_type_id=desk.clinic.visit_type("fu").id,
        )
    if where == "a merge":
        layla = {"family": "Haddad", "given": "Layla", "phone": "201-555-0144"}
        patients.register(clinic.desk("ana"), **layla, birth_date="9/5/1992", sex="f", force=True)
    who = "boss" if where == "a merge" else "ana"
    with Driver(lambda: app_for(clinic, who)) as at_desk:
        at_desk.see("SCHEDULE")
        work = PLACES[where](at_desk)
        next(work)
        line.down = True
        line.cut()
        server.kill()
        try:
            next(work)
            at_desk.see("reconnecting")
            time.sleep(rounds(30, 0))
        finally:
            server.start()
            line.down = False
        at_desk.not_see("reconnecting")
        for _ in work:
            pass
    tried(
        "server",
        f"server killed in the middle of {where}, and away for {rounds(30, 0)} s",
        1,
        "typing went on under `reconnecting`; it was finished when the server was back",
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

"""What is opened over a screen never piles up, whatever key is held or pressed in turn."""

import threading
from typing import Any

import pytest
from textual.pilot import Pilot

from pcoord.services.desk import Desk
from tests.clinic import Clinic
from tests.screens.driver import Driver, _key, _quiet
from tests.screens.schedule import busy_day


def open_over(at_desk: Driver) -> list[str]:
    return at_desk.ask(lambda app: [type(one).__name__ for one in app.screen_stack[1:]])


@pytest.mark.parametrize(
    ("keys", "left"),
    [
        (("f1", "f8"), ["LineScreen"]),
        (("f1", "ctrl+g"), ["GoScreen"]),
        (("ctrl+e",), ["PatientForm"]),
        (("f7", "f9"), ["LineScreen"]),
        (("R",), ["RecordScreen"]),
        (("ctrl+e", "ctrl+n"), ["PatientForm", "CallPanel"]),
    ],
)
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_keys_pile_up_nothing(
    clinic: Clinic, desk: Desk, at_desk: Driver, keys: tuple[str, ...], left: list[str]
) -> None:
    busy_day(clinic, desk)
    at_desk.press("f3")
    at_desk.see("Haddad, Layla")
    for _ in range(5):
        for key in keys:
            at_desk.press(key)
    assert open_over(at_desk) == left
    for _ in left:
        at_desk.press("escape")
    assert open_over(at_desk) == []


def test_a_screen_key_pressed_twice_goes_away_as_it_came(at_desk: Driver) -> None:
    at_desk.press("ctrl+g", "ctrl+g")
    assert open_over(at_desk) == []
    at_desk.press("f1", "f1")
    assert open_over(at_desk) == []
    at_desk.press("f1", "ctrl+g", "c")
    at_desk.see("CALLS")


def test_the_telephone_key_comes_back_to_the_call_under_a_line(at_desk: Driver) -> None:
    at_desk.press("ctrl+n")
    at_desk.type("somebody")
    at_desk.press("f6", "ctrl+n")
    assert open_over(at_desk) == ["CallPanel"]
    at_desk.type(" else")
    at_desk.see("somebody else")


def test_the_form_that_is_open_stays_as_it_is(clinic: Clinic, desk: Desk, at_desk: Driver) -> None:
    busy_day(clinic, desk)
    at_desk.press("f3")
    at_desk.see("Haddad, Layla")
    at_desk.press("ctrl+e")
    at_desk.type("Q")
    at_desk.press("ctrl+e")
    at_desk.see("Q", "You are in this form already")
    at_desk.press("escape")
    at_desk.see("WAITING ROOM", "Kept as half typed")


# What the store answers after one went on


def held(desk: Driver) -> threading.Event:
    """Have the store wait until the event is set."""
    go_on = threading.Event()
    desk.ask(lambda app: app.session.thread.write(go_on.wait))
    return go_on


@pytest.fixture
def too_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have keys wait for no answer: it comes later than they wait for one."""
    monkeypatch.setattr("pcoord.widgets.key_order.HELD", 0.0)


def hit(desk: Driver, *keys: str) -> None:
    """Press keys, each handled before the next one, without waiting for the store."""

    async def step(pilot: Pilot[Any]) -> None:
        for key in keys:
            pilot.app.post_message(_key(key))
            await _quiet(pilot.app)

    desk._do(step)


def choose_pin_and_unlock(desk: Driver) -> None:
    for _ in range(2):
        desk.type("1234")
        desk.press("enter")


@pytest.mark.parametrize(
    ("keys", "left"),
    [(("f5",), []), (("escape",), []), (("ctrl+n",), ["CallPanel"]), (("f10",), None)],
)
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_what_enter_was_pressed_for_is_done_though_one_went_on(
    clinic: Clinic, desk: Desk, at_desk: Driver, keys: tuple[str, ...], left: list[str] | None
) -> None:
    at_desk.press("f6")
    go_on = held(at_desk)
    hit(at_desk, *"haddad", "space", *"thu", "space", *"2pm", "space", *"lee", "space", *"fu")
    hit(at_desk, "enter", *keys)
    go_on.set()
    at_desk.settle()
    if left is None:
        choose_pin_and_unlock(at_desk)
    assert open_over(at_desk) == (left or [])
    at_desk.see("CALLS" if keys == ("f5",) else "SCHEDULE" if left is None or not left else "CALL")
    booked = "SELECT count(*) FROM appointment WHERE status = 'booked'"
    assert desk.read(lambda c: c.exec_driver_sql(booked).scalar_one()) == 1


def change_a_name(clinic: Clinic, desk: Desk, at_desk: Driver) -> None:
    """Have the form of somebody who waits open, with one more letter in the name."""
    busy_day(clinic, desk)
    at_desk.press("f3")
    at_desk.see("Haddad, Layla")
    at_desk.press("ctrl+e")
    at_desk.type("Q")


@pytest.mark.usefixtures("too_late")
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_form_that_was_stored_closes_under_what_was_opened_over_it(
    clinic: Clinic, desk: Desk, at_desk: Driver
) -> None:
    change_a_name(clinic, desk, at_desk)
    go_on = held(at_desk)
    hit(at_desk, "ctrl+d", "ctrl+n")
    go_on.set()
    at_desk.settle()
    assert open_over(at_desk) == ["CallPanel"]
    at_desk.press("escape")
    assert open_over(at_desk) == []
    at_desk.see("WAITING ROOM", "HaddadQ, Layla")


@pytest.mark.usefixtures("too_late")
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_no_answer_opens_the_lock(clinic: Clinic, desk: Desk, at_desk: Driver) -> None:
    change_a_name(clinic, desk, at_desk)
    go_on = held(at_desk)
    hit(at_desk, "ctrl+d", "f10")
    go_on.set()
    at_desk.settle()
    at_desk.see("CHOOSE A PIN")
    at_desk.not_see("Haddad")
    choose_pin_and_unlock(at_desk)
    at_desk.see("WAITING ROOM")
    at_desk.press("ctrl+p")
    go_on = held(at_desk)
    hit(at_desk, *"haddadq", "space", *"layla", "enter", "f10")
    go_on.set()
    at_desk.settle()
    at_desk.see("LOCKED")
    at_desk.not_see("Haddad")

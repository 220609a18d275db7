"""What is opened over a screen never piles up, whatever key is held or pressed in turn."""

import pytest

from pcoord.services.desk import Desk
from tests.clinic import Clinic
from tests.screens.driver import Driver
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

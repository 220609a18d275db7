"""Keys that a slow line delivers all at once act as if each had been waited for."""

import time
from typing import Any

import pytest

from pcoord.services import arrivals, callers, day, lookup, patients
from pcoord.services.desk import Desk
from tests.clinic import TODAY, Clinic
from tests.screens.driver import Driver
from tests.screens.waiting import LAYLA, arrived

SLOW = 0.15


@pytest.fixture(autouse=True)
def slow_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have reads take longer than a burst of keys."""
    for module, name in ((lookup, "find"), (arrivals, "load"), (callers, "read_caller")):
        _slow_down(monkeypatch, module, name)


def _slow_down(monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> None:
    quick = getattr(module, name)

    def slow(*args: Any, **more: Any) -> Any:
        time.sleep(SLOW)
        return quick(*args, **more)

    monkeypatch.setattr(module, name, slow)


def test_letters_behind_a_name_act_on_whoever_is_found(at_desk: Driver) -> None:
    at_desk.burst("f4", *"haddad", "enter", "b", *"thu", "space", *"2pm", "space", *"lee")
    at_desk.see("book> thu 2pm lee", "Haddad, Layla", "find haddad")


def test_a_typed_line_is_done_before_what_comes_behind_it(at_desk: Driver, desk: Desk) -> None:
    line = [key if key != " " else "space" for key in "book haddad thu 2pm lee fu"]
    at_desk.burst("ctrl+p", *line, "enter", "f4", *"kim")
    at_desk.see("find kim", "Kim, Dana")
    assert [visit.mrn for visit in day.load_day(desk, TODAY, days=5).visits] == [LAYLA]


def test_what_is_ticked_at_check_in_goes_into_its_panel(
    clinic: Clinic, at_desk: Driver, desk: Desk
) -> None:
    arrived(clinic, desk, LAYLA, 10)
    at_desk.press("f3")
    at_desk.see("Haddad, Layla")
    at_desk.burst("c", "enter", "b", "p", "enter")
    at_desk.see("Checked in Haddad, Layla")
    assert [row.stage for row in day.here(desk)] == ["checked-in"]


def test_a_call_is_verified_by_the_keys_behind_the_name(at_desk: Driver) -> None:
    at_desk.burst("ctrl+n", *"haddad", "enter", "7", "8", *"refill")
    at_desk.see("CALL in", "Haddad, Layla", "[x] 7", "[x] 8", "note      refill")


def test_what_is_pressed_behind_saving_is_for_what_comes_then(
    at_desk: Driver, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    _slow_down(monkeypatch, patients, "edit")
    at_desk.press("f4")
    at_desk.type("haddad")
    at_desk.press("enter")
    tabs = ["tab"] * 6
    at_desk.burst("ctrl+e", *tabs, *"layla@example.org", "ctrl+d", "b", *"thu", "space", *"2pm")
    at_desk.see("book> thu 2pm", "Haddad, Layla")
    assert lookup.find(desk, "layla@example.org")[0].mrn == LAYLA

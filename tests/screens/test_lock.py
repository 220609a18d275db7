"""The lock covers everything, keeps everything, and opens for the right person only."""

from datetime import timedelta
from typing import Any

from pcoord import actions
from tests.clinic import Clinic, lock_after
from tests.screens.driver import Driver
from tests.screens.opened import app_for

LONG = "a long enough sentence"


def lock_with_pin(desk: Driver, pin: str = "2468") -> None:
    """Lock by hand; Ana has no password, so she chooses a PIN first."""
    desk.press("f10")
    desk.see("Choose a PIN")
    desk.type(pin)
    desk.press("enter")
    desk.see("LOCKED", "Your PIN or password opens it")


def test_a_pin_is_chosen_at_the_first_lock_and_opens_it(at_desk: Driver) -> None:
    lock_with_pin(at_desk)
    at_desk.golden("lock_80x24")
    at_desk.type("1111")
    at_desk.press("enter")
    at_desk.see("That PIN does not fit; 4 tries are left.")
    at_desk.type("2468")
    at_desk.press("enter")
    at_desk.see("SCHEDULE")


def test_five_wrong_pins_end_the_pin(at_desk: Driver) -> None:
    lock_with_pin(at_desk)
    for _ in range(5):
        at_desk.type("1111")
        at_desk.press("enter")
    at_desk.see("The PIN was wrong 5 times")
    at_desk.type("2468")
    at_desk.press("enter")
    at_desk.see("LOCKED", "The PIN was wrong 5 times")


def test_no_registered_key_goes_through_the_lock(at_desk: Driver) -> None:
    lock_with_pin(at_desk)
    keys = {
        key
        for action in actions.ACTIONS.values()
        for keys in action.keys.values()
        for key in keys.split(",")
        if action.id != "desk.quit"
    }
    for key in sorted(keys - {"f2"}):
        at_desk.press(key)
        assert at_desk.ask(lambda app: app.current_mode) == "lock", key
        assert at_desk.ask(lambda app: len(app.screen_stack)) == 1, key


def test_what_was_typed_underneath_is_kept(at_desk: Driver) -> None:
    at_desk.press("f6")
    at_desk.type("gonzalez mar")
    lock_with_pin(at_desk)
    at_desk.not_see("gonzalez mar")
    at_desk.type("2468")
    at_desk.press("enter")
    at_desk.see("book> gonzalez mar")
    at_desk.type("ia")
    at_desk.see("book> gonzalez maria")


def test_no_lock_falls_over_a_desk_that_is_being_left(clinic: Clinic, at_desk: Driver) -> None:
    def leave_idle(app: Any) -> bool:
        clinic.clock.moment += timedelta(hours=9)
        app._running = False
        app._poll()
        fell = bool(app.locked)
        app.cover.key_pressed()
        app._running = True
        return fell

    assert not at_desk.ask(leave_idle)
    clinic.clock.moment += timedelta(hours=9)
    at_desk.see("LOCKED")


def test_ten_idle_minutes_lock(clinic: Clinic) -> None:
    boss = clinic.desk("boss")
    boss.store.write(boss.who, "test.clinic", lambda unit: lock_after(unit, 10))
    with Driver(lambda: app_for(clinic, "boss")) as desk:
        desk.see("SCHEDULE")
        clinic.clock.moment += timedelta(minutes=9, seconds=58)
        desk.ask(lambda app: app._poll())
        desk.see("SCHEDULE")
        clinic.clock.moment += timedelta(seconds=3)
        desk.see("LOCKED")
        desk.type(LONG)
        desk.press("enter")
        desk.see("SCHEDULE")


def test_another_person_takes_the_desk(at_desk: Driver) -> None:
    lock_with_pin(at_desk)
    at_desk.press("f2")
    at_desk.type("boss")
    at_desk.press("enter")
    at_desk.type("not the password at all")
    at_desk.press("enter")
    at_desk.see("do not fit together")
    at_desk.type(LONG)
    at_desk.press("enter")
    at_desk.see("SCHEDULE")
    assert at_desk.ask(lambda app: app.desk.who.username) == "boss"

"""Opening the desk: frame first, keys kept, news of other desks, refusals in words."""

import time
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.app import App

from pcoord.app import PcoordApp
from pcoord.domain.errors import Unavailable
from pcoord.services import booking
from pcoord.services.session import Opening
from pcoord.store.engine import parse_address
from pcoord.store.store import Store
from tests.clinic import Clinic
from tests.screens.driver import Driver
from tests.screens.opened import app_for


def slow_app(clinic: Clinic) -> PcoordApp:
    """An app whose clinic takes a while to open."""
    quick = app_for(clinic)
    opening = quick.sitting._make

    def slowly() -> Opening:
        time.sleep(0.5)
        return opening()

    quick.sitting._make = slowly
    return quick


def test_keys_typed_before_the_clinic_is_open_are_kept_in_order(clinic: Clinic) -> None:
    with Driver(lambda: slow_app(clinic)) as desk:
        desk.press("f6")
        desk.type("haddad thu 2pm lee fu")
        desk.press("enter")
        desk.see("Booked Haddad, Layla: Thu 26 Nov 14:00 with LEE")


def test_a_key_that_comes_as_the_clinic_opens_overtakes_none(clinic: Clinic) -> None:
    app = slow_app(clinic)
    make, opened = app.sitting._make, app.opened

    def press_meanwhile() -> Opening:
        app.call_from_thread(app.post_message, events.Key("f4", None))
        return make()

    def press_at_once() -> None:
        opened()
        app.post_message(events.Key("k", "k"))

    app.sitting._make, app.opened = press_meanwhile, press_at_once  # type: ignore[method-assign]
    with Driver(lambda: app) as desk:
        desk.see("find k", "Kim, Dana")


def test_a_clinic_that_cannot_be_opened_ends_in_words(tmp_path: Path, clinic: Clinic) -> None:
    def opening() -> Opening:
        return Opening(Store.open(parse_address(str(tmp_path / "none.db")), clinic.clock))

    app = PcoordApp(opening, clock=clinic.clock)
    with Driver(lambda: app) as desk:
        desk.wait_closed()
    assert app.return_code == Unavailable.exit_code


def test_a_booking_at_another_desk_reaches_this_one_without_a_key(
    clinic: Clinic, at_desk: Driver
) -> None:
    heard: list[set[str]] = []
    at_desk.ask(lambda app: setattr(app, "refresh_screens", heard.append))
    ben = clinic.desk("ben")
    booking.book(
        ben,
        patient_id=clinic.patient(ben, "8841"),
        practitioner_id=ben.clinic.practitioner("LEE").id,
        start=clinic.at(14),
        visit_type_id=ben.clinic.visit_type("fu").id,
    )
    end = time.monotonic() + 60
    while not heard and time.monotonic() < end:
        time.sleep(0.02)
    assert heard == [{"appointment"}]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_news_are_read_where_they_are_shown_and_nowhere_else(at_desk: Driver) -> None:
    at_desk.press("f3", "f5", "f2")  # the patients were never opened

    def asked_at(tables: set[str]) -> list[str]:
        groups: list[str] = []

        def hear(app: App[Any]) -> None:
            real = app.ask  # type: ignore[attr-defined]
            app.ask = lambda group, *rest: groups.append(group)  # type: ignore[attr-defined]
            app._heard(tables)  # type: ignore[attr-defined]
            app.ask = real  # type: ignore[attr-defined]

        at_desk.ask(hear)
        return groups

    assert asked_at({"appointment"}) == ["schedule"]
    assert asked_at({"encounter", "encounter_stage", "appointment"}) == ["schedule"]
    assert asked_at({"communication"}) == []
    assert asked_at({"nurse_call"}) == ["nurse calls"]
    assert asked_at(set()) == []
    at_desk.press("f3")
    assert asked_at({"communication"}) == []
    assert asked_at({"flag"}) == ["board"]

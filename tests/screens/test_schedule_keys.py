"""The schedule's keys: booking in a gap, cut and put, stages, lateness, printing."""

import stat
from pathlib import Path
from typing import Any

import pytest
from textual.app import App

from pcoord.services import booking, calls, day, flow
from pcoord.services.desk import Desk
from pcoord.store.unit import Step
from tests.clinic import TODAY, Clinic
from tests.screens.driver import Driver
from tests.screens.opened import open_desk
from tests.screens.schedule import book
from tests.screens.waiting import next_key, pass_minutes


def visits(desk: Desk, days: int = 5) -> list[tuple[str, str, str]]:
    """Return who is booked when, with whom."""
    return [
        (
            row.mrn,
            f"{desk.clinic.local(row.start_at):%d %H:%M}",
            desk.clinic.practitioner(row.practitioner_id).code,
        )
        for row in day.load_day(desk, TODAY, days=days).visits
        if row.status != "cancelled"
    ]


def test_t2_a_visit_is_booked_in_the_gap_under_the_cursor(at_desk: Driver, desk: Desk) -> None:
    at_desk.press("right", "down", "down")
    at_desk.start_counting()
    at_desk.press("f6")
    at_desk.type("haddad fu")
    at_desk.see("books Haddad, Layla Tue 24 Nov 09:30 ORTIZ")
    at_desk.press("enter")
    at_desk.see("Booked Haddad, Layla", "B Haddad L")
    assert visits(desk) == [("10442", "24 09:30", "ORTIZ")]
    assert at_desk.overhead == 2
    print(f"T2 in a gap: {at_desk.keys_pressed} keys, {at_desk.overhead} overhead")


def test_t2_walked_to_another_day_stays_within_seven(at_desk: Driver, desk: Desk) -> None:
    at_desk.press("f3")
    at_desk.start_counting()
    at_desk.press("f2", "g")
    at_desk.type("thu 2pm")
    at_desk.press("enter", "right", "b")
    at_desk.type("haddad fu")
    at_desk.press("enter")
    at_desk.see("Booked Haddad, Layla: Thu 26 Nov 14:00 with ORTIZ")
    assert at_desk.overhead <= 7
    print(f"T2 walked: {at_desk.keys_pressed} keys, {at_desk.overhead} overhead")


def test_a_visit_is_booked_from_the_list_and_from_the_week(at_desk: Driver, desk: Desk) -> None:
    at_desk.press("v")
    at_desk.see("08:00 -  free")
    at_desk.press("down", "enter")
    at_desk.type("haddad fu")
    at_desk.see("books Haddad, Layla Tue 24 Nov 13:00 LEE")
    at_desk.press("enter")
    at_desk.see("Booked Haddad, Layla")
    at_desk.press("v", "down", "right", "b")
    at_desk.type("kim dana fu")
    at_desk.see("books Kim, Dana Wed 25 Nov 08:00 ORTIZ")
    at_desk.press("enter")
    at_desk.see("Booked Kim, Dana", "0111 1111")
    assert visits(desk) == [("10442", "24 13:00", "LEE"), ("10443", "25 08:00", "ORTIZ")]


def test_the_footer_names_the_keys_of_what_is_shown(
    clinic: Clinic, at_desk: Driver, desk: Desk
) -> None:
    book(clinic, desk, "10442", 9)
    at_desk.see("B Haddad L", "x cut", "[ ] day", "v view")
    at_desk.press("x")
    at_desk.see("p put here", "Esc let go")
    at_desk.press("escape", "e")
    at_desk.see("Space told", "x move")
    assert all(len(line) <= 80 for line in at_desk.frame().splitlines())


def test_a_change_is_made_once_until_the_store_has_answered(
    clinic: Clinic, at_desk: Driver, desk: Desk
) -> None:
    visit = book(clinic, desk, "10442", 9)
    made: list[int] = []

    def change(desk: Desk) -> Step:
        made.append(1)
        return booking.confirm(desk, appointment_id=visit)

    def twice(app: App[Any]) -> None:
        for _ in range(2):
            app.act(change, once="appointment.confirm")  # type: ignore[attr-defined]

    at_desk.ask(twice)
    at_desk.see("Confirmed: Haddad, Layla")
    assert made == [1]


def test_t4_cut_and_put(clinic: Clinic, at_desk: Driver, desk: Desk) -> None:
    book(clinic, desk, "10442", 9)
    at_desk.see("B Haddad L")
    at_desk.start_counting()
    at_desk.press("x")
    at_desk.see("CUT Haddad, Layla", "Haddad L          CUT")
    assert visits(desk) == [("10442", "24 09:00", "LEE")]
    at_desk.press("right", "down", "p")
    at_desk.see("Moved Haddad, Layla from Tue 24 Nov 09:00 to Tue 24 Nov 09:15 with ORTIZ")
    at_desk.not_see("CUT")
    assert visits(desk) == [("10442", "24 09:15", "ORTIZ")]
    assert at_desk.overhead <= 4
    print(f"T4 by x and p: {at_desk.keys_pressed} keys, {at_desk.overhead} overhead")


@pytest.mark.parametrize("before", [[], ["f3"]])
def test_t4_typed(clinic: Clinic, at_desk: Driver, desk: Desk, before: list[str]) -> None:
    book(clinic, desk, "10442", 11)
    at_desk.press(*before)
    at_desk.start_counting()
    if before:
        at_desk.press("f2")
    at_desk.press("x")
    at_desk.type("haddad thu am")
    at_desk.see("moves Haddad, Layla Thu 26 Nov 08:00 LEE")
    at_desk.press("enter")
    at_desk.see("Moved Haddad, Layla")
    assert visits(desk) == [("10442", "26 08:00", "LEE")]
    assert at_desk.overhead <= 4
    print(f"T4 typed: {at_desk.keys_pressed} keys, {at_desk.overhead} overhead")


def test_t4_x_twice_types_where_to(clinic: Clinic, at_desk: Driver, desk: Desk) -> None:
    book(clinic, desk, "10442", 9)
    at_desk.see("B Haddad L")
    at_desk.press("x", "x")
    at_desk.type("fri 10am")
    at_desk.press("enter")
    at_desk.see("Moved Haddad, Layla from Tue 24 Nov 09:00 to Fri 27 Nov 10:00 with LEE")
    at_desk.not_see("CUT")


def test_a_cut_visit_goes_along_to_another_day(clinic: Clinic, at_desk: Driver, desk: Desk) -> None:
    book(clinic, desk, "10442", 9)
    at_desk.see("B Haddad L")
    at_desk.press("x", "]", "]", "p")
    at_desk.see("to Thu 26 Nov 09:00 with LEE")
    at_desk.press("u")
    at_desk.see("Taken back: Moved Haddad")
    assert visits(desk) == [("10442", "24 09:00", "LEE")]


def test_escape_lets_go_and_changes_nothing(clinic: Clinic, at_desk: Driver, desk: Desk) -> None:
    book(clinic, desk, "10442", 9)
    at_desk.see("B Haddad L")
    at_desk.press("p")
    at_desk.see("Nothing is cut")
    at_desk.press("x", "p")
    at_desk.see("It is there already")
    at_desk.press("escape")
    at_desk.see("Haddad, Layla stays where it was.")
    at_desk.not_see("CUT")
    assert visits(desk) == [("10442", "24 09:00", "LEE")]


def test_put_on_taken_time_asks_for_a_reason(clinic: Clinic, at_desk: Driver, desk: Desk) -> None:
    book(clinic, desk, "10442", 9)
    book(clinic, desk, "8841", 9, 15)
    at_desk.see("B Haddad L", "Gonzalez")
    at_desk.press("x", "down", "p")
    at_desk.see("move>", "LEE has Gonzalez, Maria Luisa Tue 24 Nov 09:15")
    at_desk.press("escape")
    assert len(visits(desk)) == 2


def test_a_visit_moved_meanwhile_is_let_go_and_says_so(
    clinic: Clinic, at_desk: Driver, desk: Desk
) -> None:
    visit = book(clinic, desk, "10442", 9)
    at_desk.see("B Haddad L")
    at_desk.press("x")
    ben = clinic.desk("ben")
    booking.move(ben, appointment_id=visit, start=clinic.at(11))
    at_desk.see("Ben Okafor", "Cut it again to move it.")
    at_desk.not_see("CUT")


def test_a_place_taken_meanwhile_is_refused_by_name_and_the_visit_stays_cut(
    clinic: Clinic, at_desk: Driver, desk: Desk
) -> None:
    visit = book(clinic, desk, "10442", 9)
    at_desk.see("B Haddad L")
    at_desk.press("x", "down")
    at_desk.ask(lambda app: setattr(app, "_poll", lambda: None))
    book(clinic, clinic.desk("ben"), "8841", 9, 15)
    at_desk.press("p")
    at_desk.see("LEE is taken Tue 24 Nov 09:15 by Gonzalez, Maria Luisa", "CUT")
    at_desk.press("down", "p")
    at_desk.see("to Tue 24 Nov 09:30 with LEE")
    assert day.visit(desk, visit).start_at == clinic.at(9, 30)


def test_only_a_booked_visit_is_cut(clinic: Clinic, at_desk: Driver, desk: Desk) -> None:
    flow.arrive(desk, appointment_id=book(clinic, desk, "10442", 9))
    at_desk.see("A Haddad L")
    at_desk.press("x")
    at_desk.see("Haddad, Layla cannot be moved")


def test_cancel_with_a_reason_from_the_grid(clinic: Clinic, at_desk: Driver, desk: Desk) -> None:
    book(clinic, desk, "10442", 9)
    at_desk.see("B Haddad L")
    at_desk.press("k")
    at_desk.type("transport")
    at_desk.press("enter")
    at_desk.see("Cancelled (no transport): Haddad, Layla")
    assert visits(desk) == []


def test_confirm_and_no_show_are_one_key(clinic: Clinic, at_desk: Driver, desk: Desk) -> None:
    book(clinic, desk, "10442", 9)
    at_desk.see("B Haddad L")
    at_desk.press("f")
    at_desk.see("C Haddad L", "Confirmed: Haddad, Layla")
    pass_minutes(clinic, 20)
    at_desk.press("n")
    at_desk.see("N Haddad L", "No-show: Haddad, Layla")


def test_space_leads_through_the_clinic(clinic: Clinic, at_desk: Driver, desk: Desk) -> None:
    book(clinic, desk, "10442", 9)
    at_desk.see("B Haddad L")
    next_key(at_desk, clinic, "space")
    at_desk.see("A Haddad L", "Haddad, Layla arrived.")
    next_key(at_desk, clinic, "space")
    at_desk.see("CHECK IN")
    at_desk.press("escape")
    present = day.here(desk)[0]
    flow.check_in(desk, encounter_id=present.id, verified="birth date,phone")
    pass_minutes(clinic, 1)
    at_desk.see("I Haddad L")
    at_desk.press("r")
    at_desk.type("3")
    at_desk.press("enter")
    at_desk.see("R Haddad L", "room 3")
    next_key(at_desk, clinic, "space")
    at_desk.see("P Haddad L")


def test_a_held_space_acts_once(clinic: Clinic, at_desk: Driver, desk: Desk) -> None:
    visit = book(clinic, desk, "10442", 9)
    present = flow.check_in(desk, appointment_id=visit, verified="birth date,phone").id
    flow.room(desk, encounter_id=str(present), room_id=desk.clinic.rooms[0].id)
    at_desk.see("R Haddad L")
    pass_minutes(clinic, 1)
    at_desk.press("space", "space", "space")
    at_desk.see("P Haddad L")
    assert day.here(desk)[0].stage == "with-practitioner"


def test_t23_late_then_tell_or_move_each(clinic: Clinic, at_desk: Driver, desk: Desk) -> None:
    book(clinic, desk, "10442", 9, 15)
    book(clinic, desk, "8841", 10)
    book(clinic, desk, "10443", 14)
    book(clinic, desk, "10445", 10, who="ORTIZ")
    at_desk.see("Haddad", "O'Brien")
    at_desk.start_counting()
    at_desk.press("l")
    at_desk.type("40m emergency")
    at_desk.press("enter")
    at_desk.see("LEE runs 40 minutes late: emergency. 3 are not here yet", "LEE family +40m")
    assert at_desk.overhead == 2
    at_desk.press("e")
    at_desk.see("not here yet: 3, 3 to tell", "(201) 555-0144", "~09:55")
    at_desk.not_see("O'Brien")
    next_key(at_desk, clinic, "space")
    at_desk.see("Told Haddad, Layla that LEE runs 40 minutes late.", "3, 2 to tell")
    next_key(at_desk, clinic, "space")
    at_desk.see("Told Gonzalez, Maria Luisa", "3, 1 to tell")
    at_desk.press("x")
    at_desk.type("thu am")
    at_desk.press("enter")
    at_desk.see("Moved Kim, Dana", "not here yet: 2, 0 to tell")
    assert at_desk.overhead <= 2 + 2 * 3
    print(f"T23, three patients: {at_desk.keys_pressed} keys, {at_desk.overhead} overhead")
    told = calls.load_log(desk, "today").rows
    assert [(row.reason, row.direction) for row in told] == [("running-late", "out")] * 2


def test_the_list_of_who_is_expected_at_80x24(clinic: Clinic, at_desk: Driver, desk: Desk) -> None:
    for mrn, hour in (("10442", 9), ("8841", 10), ("10443", 11)):
        book(clinic, desk, mrn, hour, 30)
    at_desk.see("Haddad", "Kim")
    at_desk.press("l")
    at_desk.type("40m")
    at_desk.press("enter")
    at_desk.see("3 are not here yet")
    at_desk.press("e")
    at_desk.see("3 to tell")
    at_desk.golden("schedule_expected_80x24")
    at_desk.press("escape")
    at_desk.see("LEE family +40m")


def test_the_day_is_printed_for_its_owner_only(
    clinic: Clinic, at_desk: Driver, desk: Desk, tmp_path: Path
) -> None:
    book(clinic, desk, "10442", 9, 15)
    at_desk.see("Haddad")
    at_desk.press("o")
    at_desk.see("print to> ~/schedule-2026-11-24.txt", "Enter writes Tue 24 Nov 2026 today")
    at_desk.press("ctrl+u")
    at_desk.type(str(tmp_path / "day.txt"))
    at_desk.press("enter")
    at_desk.see("Printed Tue 24 Nov 2026 today")
    file = tmp_path / "day.txt"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "09:15  15m  Haddad, Layla" in file.read_text()
    at_desk.press("o", "ctrl+u")
    at_desk.type(str(file))
    at_desk.press("enter")
    at_desk.see("exists", "give another name")


def test_the_minute_goes_on_without_a_key(clinic: Clinic, desk: Desk) -> None:
    flow.arrive(desk, appointment_id=book(clinic, desk, "10442", 9, kind="phys"))
    for at_desk in open_desk(clinic):
        at_desk.see("waits 0m", "09:00 ana", "09:00>")
        pass_minutes(clinic, 17)
        at_desk.ask(lambda app: app.screen.minute_passed())  # type: ignore[attr-defined]
        at_desk.see("waits 17m !", "09:17 ana", "09:15>", "1 too long")


def test_what_is_no_date_is_said_whole(clinic: Clinic) -> None:
    for at_desk in open_desk(clinic):
        at_desk.press("g")
        at_desk.type("blub")
        at_desk.press("enter")
        at_desk.see("“blub” is not a date or time that pcoord knows.", "2pm or 14:30.")

"""The schedule's day, list and week: what they show, and moving about in them."""

from typing import Any

from pcoord.services import booking, flow, patients
from pcoord.services.desk import Desk
from tests.clinic import Clinic
from tests.screens.driver import Driver
from tests.screens.opened import open_desk
from tests.screens.schedule import book, busy_day


def test_the_day_at_80x24(clinic: Clinic, desk: Desk) -> None:
    busy_day(clinic, desk)
    for at_desk in open_desk(clinic):
        at_desk.see("SCHEDULE  Tue 24 Nov 2026 today", "09:30 ana")
        at_desk.golden("schedule_day_80x24")


def test_the_list_at_80x24(clinic: Clinic, desk: Desk) -> None:
    busy_day(clinic, desk)
    for at_desk in open_desk(clinic):
        at_desk.press("v")
        at_desk.see("today  LEE family +25m", "time  st patient")
        at_desk.golden("schedule_list_80x24")


def test_the_list_in_a_wide_terminal_shows_the_notes(clinic: Clinic, desk: Desk) -> None:
    booking.book(
        desk,
        patient_id=clinic.patient(desk, "10443"),
        practitioner_id=desk.clinic.practitioner("LEE").id,
        start=clinic.at(11),
        visit_type_id=desk.clinic.visit_type("fu").id,
        note="knee,\nsince Sunday",
    )
    layla = clinic.patient(desk, "10442")
    book(clinic, desk, "10442", 14)
    patients.edit(clinic.desk("boss"), patient_id=layla, restricted="yes")
    for at_desk in open_desk(clinic):
        at_desk.press("v")
        at_desk.see("time  st patient")
        assert "restricted" in at_desk.row("Haddad, L. ")
        assert "knee" not in at_desk.row("Kim, Dana   ")
        at_desk.resize(160, 50)
        assert at_desk.row("Kim, Dana   ").rstrip().endswith("knee, since Sunday")


def test_the_week_at_80x24(clinic: Clinic, desk: Desk) -> None:
    busy_day(clinic, desk)
    for at_desk in open_desk(clinic):
        at_desk.press("v", "v")
        at_desk.see("week of Mon 23 Nov 2026", "Tue 24>")
        at_desk.golden("schedule_week_80x24")


def test_the_day_in_a_wide_terminal_has_the_same_keys_and_more_words(
    clinic: Clinic, desk: Desk
) -> None:
    busy_day(clinic, desk)
    for at_desk in open_desk(clinic):
        footer = at_desk.frame().splitlines()[-1]
        at_desk.resize(160, 50)
        at_desk.see("Gonzalez, Maria Luisa", "waits 20m")
        assert at_desk.frame().splitlines()[-1].startswith(footer.rstrip())


def test_the_state_line_counts_who_is_here_and_who_waits_too_long(
    clinic: Clinic, desk: Desk
) -> None:
    busy_day(clinic, desk)
    for at_desk in open_desk(clinic):
        assert at_desk.row("SCHEDULE").split()[-7:-2] == ["2", "here", "1", "too", "long"]


def pass_days(clinic: Clinic, at_desk: Driver, days: int) -> None:
    """Let it be 9:30 of a later day, with somebody at the desk, so that no lock falls."""

    def go_on(app: Any) -> None:
        clinic.clock.moment = clinic.at(9, 30, days=days)
        app.cover.key_pressed()
        app.screen.minute_passed()

    at_desk.ask(go_on)


def test_a_desk_left_open_over_midnight_begins_the_new_day_at_its_now(
    clinic: Clinic, desk: Desk
) -> None:
    busy_day(clinic, desk)
    for at_desk in open_desk(clinic):
        at_desk.press("down", "down", "end")
        at_desk.see("16:45 with LEE")
        pass_days(clinic, at_desk, 1)
        at_desk.see("SCHEDULE  Wed 25 Nov 2026 today", "Wed 25 Nov 09:30")
        # A day that was turned to stays, with the cursor where it was.
        at_desk.press("]", "end")
        at_desk.see("Thu 26 Nov", "16:45 with LEE")
        pass_days(clinic, at_desk, 2)
        at_desk.see("SCHEDULE  Thu 26 Nov 2026 today", "16:45 with LEE")


def test_the_bottom_line_names_what_the_next_key_acts_on(clinic: Clinic, desk: Desk) -> None:
    busy_day(clinic, desk)
    for at_desk in open_desk(clinic):
        at_desk.see("free  Tue 24 Nov 09:30 with LEE   30m to 10:00")
        at_desk.press("down", "down")
        at_desk.see("Gonzalez, Maria Luisa  F 64  MRN 8841   fu 15m with LEE   confirmed")
        at_desk.press("right")
        at_desk.see("free  Tue 24 Nov 10:00 with ORTIZ")
        at_desk.press("home")
        at_desk.see("past  Tue 24 Nov 08:00 with ORTIZ")


def test_what_was_typed_to_find_goes_with_the_view(clinic: Clinic, desk: Desk) -> None:
    busy_day(clinic, desk)
    for at_desk in open_desk(clinic):
        at_desk.press("slash")
        at_desk.type("hadd")
        at_desk.see("/hadd", "1 of 5", "Haddad, Layla")
        at_desk.press("enter", "v", "v", "v")
        at_desk.see("LEE family +25m", "Gonzalez, Maria Lu", "Haddad, Layla")
        assert "/hadd" not in at_desk.frame()


def test_like_names_and_birth_dates_are_marked(clinic: Clinic, desk: Desk) -> None:
    book(clinic, desk, "10443", 10, kind="new")
    book(clinic, desk, "10444", 11)
    book(clinic, desk, "10442", 11, 30)
    for at_desk in open_desk(clinic):
        assert "B=Kim, Dana" in at_desk.row("10:00")
        assert "01/31/1990" in at_desk.row("10:15")
        assert "B=Kim, Dani" in at_desk.row("11:00")
        assert "B Haddad L" in at_desk.row("11:30")


def test_cancelled_visits_leave_a_gap_in_the_day_and_stand_in_the_list(
    clinic: Clinic, desk: Desk
) -> None:
    booking.cancel(desk, appointment_id=book(clinic, desk, "10442", 10), reason="ill")
    for at_desk in open_desk(clinic):
        at_desk.see("SCHEDULE", "09:00>")
        at_desk.not_see("Haddad")
        at_desk.press("v")
        assert at_desk.row("Haddad").startswith("10:00 Z")
        at_desk.press("down")
        at_desk.see("late cancel: patient is ill")


def test_days_weeks_and_dates(at_desk: Driver) -> None:
    at_desk.see("Tue 24 Nov 2026 today")
    at_desk.press("]")
    at_desk.see("Wed 25 Nov 2026 tomorrow")
    at_desk.press("<", "<")
    at_desk.see("Mon 23 Nov 2026 yesterday")
    at_desk.press(".")
    at_desk.see("Tue 24 Nov 2026 today", "free  Tue 24 Nov 09:00 with LEE")
    at_desk.press("v", "v", "]")
    at_desk.see("week of Mon 30 Nov 2026")
    at_desk.press("right", "down", "enter")
    at_desk.see("SCHEDULE  Wed 2 Dec 2026", "Wed 2 Dec", "with ORTIZ")


def test_a_date_is_typed_as_people_say_it_and_bad_ones_are_refused(at_desk: Driver) -> None:
    at_desk.press("g")
    at_desk.type("feb 30")
    at_desk.press("enter")
    at_desk.see("February has no day 30")
    for _ in range(6):
        at_desk.press("backspace")
    at_desk.type("thu 2pm")
    at_desk.see("Thu 26 Nov 2026  14:00")
    at_desk.press("enter")
    at_desk.see("SCHEDULE  Thu 26 Nov 2026", "free  Thu 26 Nov 14:00 with LEE")
    at_desk.press("g", "escape")
    at_desk.see("SCHEDULE  Thu 26 Nov 2026")


def test_a_day_on_which_nobody_works(at_desk: Driver) -> None:
    at_desk.press("g")
    at_desk.type("sat")
    at_desk.press("enter")
    at_desk.see("SCHEDULE  Sat 28 Nov 2026", "closed  Sat 28 Nov")


def test_slash_finds_a_visit_of_the_day(clinic: Clinic, desk: Desk) -> None:
    busy_day(clinic, desk)
    for at_desk in open_desk(clinic):
        at_desk.press("slash")
        at_desk.type("kim")
        at_desk.see("1 of 5", "Kim, Dana")
        at_desk.press("enter")
        at_desk.see("MRN 10443   new 45m with ORTIZ")
        at_desk.press("escape", "escape")
        at_desk.see("ORTIZ pediatrics", "MRN 10443")


def test_the_cursor_stays_when_another_desk_changes_the_day(clinic: Clinic, desk: Desk) -> None:
    for at_desk in open_desk(clinic):
        at_desk.press("down", "down", "right")
        at_desk.see("free  Tue 24 Nov 09:30 with ORTIZ")
        ben = clinic.desk("ben")
        book(clinic, ben, "10442", 9, 15, who="ORTIZ")
        at_desk.see("B Haddad L")
        at_desk.see("free  Tue 24 Nov 09:30 with ORTIZ")
        book(clinic, ben, "8841", 9, 30, who="ORTIZ")
        at_desk.see("Gonzalez, Maria Luisa  F 64  MRN 8841")


def test_a_patient_who_arrives_at_another_desk_is_seen_here(clinic: Clinic, desk: Desk) -> None:
    visit = book(clinic, desk, "10442", 9)
    for at_desk in open_desk(clinic):
        at_desk.see("B Haddad L")
        flow.arrive(clinic.desk("ben"), appointment_id=visit)
        at_desk.see("A Haddad L", "1 here", "arrived 09:00")


def test_closed_and_blocked_time_says_so(clinic: Clinic, desk: Desk) -> None:
    book(clinic, desk, "10442", 12, why="working lunch")
    for at_desk in open_desk(clinic):
        at_desk.press("right", *["down"] * 12)
        at_desk.see("closed  Tue 24 Nov 12:00: ORTIZ is not in")
        assert ". . . ." in at_desk.row("12:15")

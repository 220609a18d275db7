"""The waiting room, key by key."""

from typing import Any

import pytest

from pcoord.services import day, flow, late, nurse
from pcoord.services.desk import Desk
from pcoord.store.queries import schedule
from tests.clinic import Clinic
from tests.screens.driver import Driver
from tests.screens.waiting import (
    ANA,
    DANA,
    DANIEL,
    LAYLA,
    MARIA,
    add_facts,
    arrived,
    book,
    checked_in,
    next_key,
    pass_minutes,
)

NAMES = ("Gonzalez", "Haddad", "Kim", "Nuñez", "O'Brien", "Novak")


@pytest.fixture
def at_desk(at_desk: Driver) -> Driver:
    """The opened desk, which no passing of time locks."""
    at_desk.ask(lambda app: setattr(app, "_lock_when_idle", lambda: None))
    return at_desk


def stage_of(desk: Desk, encounter_id: str) -> str:
    """Return where somebody is."""
    return str(desk.read(schedule.encounter_row, encounter_id).stage)


def order(at_desk: Driver) -> list[str]:
    """Return the names on the board from top to bottom."""
    rows = [line for line in at_desk.frame().splitlines()[2:20] if line[6:].startswith(NAMES)]
    return [line[6:24].strip() for line in rows]


def fill(clinic: Clinic, desk: Desk) -> dict[str, str]:
    """Fill the waiting room: one at each stage, two of them for too long."""
    add_facts(clinic, desk)
    ids = {"layla": arrived(clinic, desk, LAYLA, 9, 15)}
    ids["maria"] = checked_in(clinic, desk, MARIA, 9, 30)
    flow.room(desk, encounter_id=ids["maria"], room_id=desk.clinic.rooms[2].id)
    flow.advance(desk, encounter_id=ids["maria"])
    pass_minutes(clinic, 12)
    ids["dana"] = checked_in(clinic, desk, DANA, 9, 45)
    pass_minutes(clinic, 8)
    ids["daniel"] = str(
        flow.walk_in(desk, patient_id=clinic.patient(desk, DANIEL), reason="rash").id
    )
    visit = book(clinic, desk, ANA, 10, who="ORTIZ")
    ids["ana"] = str(flow.check_in(desk, appointment_id=visit).id)
    late.mark_late(
        desk, practitioner_id=desk.clinic.practitioner("ORTIZ").id, minutes=25, reason="emergency"
    )
    return ids


def test_everybody_who_is_here_at_80x24(clinic: Clinic, at_desk: Driver, desk: Desk) -> None:
    fill(clinic, desk)
    at_desk.press("f3")
    at_desk.see("A 2  I 2  R 0  P 1  O 0", "longest 20m !")
    assert order(at_desk)[0] == "Haddad, Layla", "who waits too long comes first"
    assert "A !  20  20 -" in at_desk.row("Haddad, Layla      ")
    assert "es interp" in at_desk.row("Haddad, Layla      ")
    assert "ORTIZ +25m" in at_desk.row("Nuñez-Garcia, Ana")
    assert "id?" in at_desk.row("Nuñez-Garcia, Ana")
    assert "walk" in at_desk.row("Kim, Daniel")
    assert "NURSE" in at_desk.row("Kim, Daniel")
    assert "= 01/31/1990" in at_desk.row("Kim, Dana ")
    assert "= 08/02/1958" in at_desk.row("Kim, Daniel")
    at_desk.golden("board_80x24")


def test_more_is_shown_where_there_is_room(clinic: Clinic, at_desk: Driver, desk: Desk) -> None:
    fill(clinic, desk)
    at_desk.press("f3")
    at_desk.resize(160, 50)
    at_desk.see("born", "mrn", "10442")
    at_desk.golden("board_160x50")
    at_desk.resize(80, 24)
    at_desk.golden("board_80x24")


def test_an_empty_waiting_room_says_what_to_do(at_desk: Driver) -> None:
    at_desk.press("f3")
    at_desk.see("Nobody is here. F7 checks somebody in, w takes a walk-in.")
    for key in ("space", "enter", "z", "escape"):
        at_desk.press(key)
    at_desk.see("WAITING ROOM")


def test_t7_a_key_a_stage(clinic: Clinic, at_desk: Driver, desk: Desk) -> None:
    who = checked_in(clinic, desk, LAYLA, 9, 15)
    at_desk.press("f3")
    assert "room 1 free" in at_desk.row("Haddad, Layla      ")
    at_desk.start_counting()
    for stage, shown in (
        ("roomed", "is in room 1"),
        ("with-practitioner", "with practitioner"),
        ("checking-out", "checking out"),
        ("done", "done"),
    ):
        next_key(at_desk, clinic, "space")
        at_desk.see(f"Haddad, Layla{':' if stage != 'roomed' else ''} {shown}.", "u undo")
        assert stage_of(desk, who) == stage
    assert at_desk.overhead == 4, "T7: one key a stage"
    at_desk.see("Nobody is here.")


def test_each_stage_is_taken_back_by_u_and_by_z(
    clinic: Clinic, at_desk: Driver, desk: Desk
) -> None:
    who = checked_in(clinic, desk, LAYLA, 9, 15)
    at_desk.press("f3")
    next_key(at_desk, clinic, "space", "space")
    assert stage_of(desk, who) == "with-practitioner"
    next_key(at_desk, clinic, "z")
    at_desk.see("Haddad, Layla: back to roomed.")
    next_key(at_desk, clinic, "u")
    at_desk.see("Taken back: Haddad, Layla: back to roomed.")
    assert stage_of(desk, who) == "with-practitioner"
    next_key(at_desk, clinic, "u")
    assert stage_of(desk, who) == "roomed"


def test_a_step_taken_elsewhere_since_is_not_offered_here(
    clinic: Clinic, at_desk: Driver, desk: Desk
) -> None:
    checked_in(clinic, desk, LAYLA, 9, 15)
    at_desk.press("f3", "space")
    at_desk.see("is in room 1.", "u undo")
    at_desk.press("f2", "f3")
    at_desk.see("is in room 1.", "u undo")
    at_desk.press("f2", "u")
    at_desk.see("Taken back: Haddad, Layla is in room 1.")
    at_desk.press("f3")
    at_desk.not_see("u undo")


def test_a_key_held_down_acts_once(clinic: Clinic, at_desk: Driver, desk: Desk) -> None:
    who = checked_in(clinic, desk, LAYLA, 9, 15)
    at_desk.press("f3")
    at_desk.press(*["space"] * 8)
    assert stage_of(desk, who) == "roomed"


def test_the_next_room_is_offered_to_the_next(clinic: Clinic, at_desk: Driver, desk: Desk) -> None:
    for mrn, minute in ((LAYLA, 15), (DANA, 30), (MARIA, 45)):
        checked_in(clinic, desk, mrn, 9, minute)
    for number, mrn in ((1, ANA), (2, DANIEL)):
        taken = checked_in(clinic, desk, mrn, 13, 15 * number)
        flow.room(desk, encounter_id=taken, room_id=desk.clinic.rooms[number].id)
    at_desk.press("f3")
    at_desk.see("room 1 free")
    next_key(at_desk, clinic, "space")
    at_desk.see("is in room 1.", "room 4 free")
    next_key(at_desk, clinic, "home", "down", "space")
    at_desk.see("is in room 4.", "no room free")
    next_key(at_desk, clinic, "down", "space")
    at_desk.see("No room is free for")


def test_r_chooses_the_room(clinic: Clinic, at_desk: Driver, desk: Desk) -> None:
    who = checked_in(clinic, desk, LAYLA, 9, 15)
    at_desk.press("f3", "r")
    at_desk.see("Which room?")
    at_desk.type("3")
    at_desk.press("enter")
    at_desk.see("Haddad, Layla is in room 3.")
    assert desk.read(schedule.encounter_row, who).room_id == desk.clinic.rooms[2].id


def test_a_room_taken_meanwhile_is_refused_by_name(
    clinic: Clinic, at_desk: Driver, desk: Desk
) -> None:
    who = checked_in(clinic, desk, LAYLA, 9, 15)
    at_desk.press("f3")
    at_desk.see("room 1 free")
    at_desk.ask(lambda app: setattr(app, "_heard", lambda tables: None))
    ben = clinic.desk("ben")
    other = checked_in(clinic, ben, DANA, 9, 30)
    flow.room(ben, encounter_id=other, room_id=desk.clinic.rooms[0].id)
    next_key(at_desk, clinic, "space")
    at_desk.see("Room 1 is taken by Kim, Dana. Choose another.")
    assert stage_of(desk, who) == "checked-in"


def advanced_by_another(clinic: Clinic, at_desk: Driver, desk: Desk) -> str:
    """Room a patient whom another desk moves on, unheard by this one; return the encounter."""
    who = checked_in(clinic, desk, LAYLA, 9, 15)
    flow.room(desk, encounter_id=who, room_id=desk.clinic.rooms[0].id)
    at_desk.press("f3")
    at_desk.see("provider")
    at_desk.ask(lambda app: setattr(app, "_heard", lambda tables: None))
    flow.advance(clinic.desk("ben"), encounter_id=who)
    return who


def test_a_stage_changed_at_another_desk_is_not_changed_again(
    clinic: Clinic, at_desk: Driver, desk: Desk
) -> None:
    who = advanced_by_another(clinic, at_desk, desk)
    next_key(at_desk, clinic, "space")
    at_desk.see(
        "Somebody was quicker", "now    Ben Okafor moved them on at", "y does yours all the"
    )
    assert stage_of(desk, who) == "with-practitioner"
    next_key(at_desk, clinic, "space")
    at_desk.see("Somebody was quicker")
    assert stage_of(desk, who) == "with-practitioner", "the key that began it does not confirm it"
    next_key(at_desk, clinic, "y")
    at_desk.see("Haddad, Layla: ")
    assert stage_of(desk, who) == "checking-out"


def test_what_somebody_did_may_be_left_as_it_is(
    clinic: Clinic, at_desk: Driver, desk: Desk
) -> None:
    who = advanced_by_another(clinic, at_desk, desk)
    next_key(at_desk, clinic, "space")
    at_desk.see("Somebody was quicker")
    next_key(at_desk, clinic, "escape")
    at_desk.see("Ben Okafor moved them on at", "with practitioner. Nothing")
    assert stage_of(desk, who) == "with-practitioner"


def test_space_on_an_arrival_asks_who_it_is(clinic: Clinic, at_desk: Driver, desk: Desk) -> None:
    who = arrived(clinic, desk, LAYLA, 9, 15)
    at_desk.press("f3", "space")
    at_desk.see("CHECK IN", "Haddad, Layla")
    assert stage_of(desk, who) == "arrived"
    at_desk.press("b", "p", "enter")
    at_desk.see("Checked in Haddad, Layla (birth date, phone fitted).", "room 1 free")


def test_left_without_being_seen_needs_another_key(
    clinic: Clinic, at_desk: Driver, desk: Desk
) -> None:
    who = checked_in(clinic, desk, LAYLA, 9, 15)
    at_desk.press("f3", "d", "d", "d")
    assert stage_of(desk, who) == "checked-in"
    at_desk.press("escape", "d")
    at_desk.see("notes that Haddad, Layla left without being seen")
    at_desk.press("enter")
    at_desk.see("Haddad, Layla left without being seen.")
    assert stage_of(desk, who) == "left"


def test_t22_a_walk_in_joins_a_queue(clinic: Clinic, at_desk: Driver, desk: Desk) -> None:
    at_desk.press("f3")
    at_desk.start_counting()
    at_desk.press("w")
    at_desk.type('haddad "rash" nurse')
    at_desk.press("enter")
    at_desk.see("Haddad, Layla walked in and waits for the nurse.")
    assert at_desk.overhead <= 3, "T22"
    print(f"T22: {at_desk.keys_pressed} keys, {at_desk.overhead} overhead")
    assert "NURSE" in at_desk.row("Haddad, Layla      ")


def test_a_walk_in_nobody_knows_is_put_on_file(clinic: Clinic, at_desk: Driver, desk: Desk) -> None:
    at_desk.press("f3", "w")
    at_desk.type('novak petr 3/4/1990 "cut hand" lee')
    at_desk.see("register Novak, Petr   b. 4 Mar 1990, and put in the queue")
    at_desk.press("down", "enter", "enter")
    at_desk.see("Novak, Petr is new, walked in and waits for LEE.")
    row = day.here(desk)[0]
    assert (row.family, row.given, str(row.birth_date)) == ("Novak", "Petr", "1990-03-04")
    assert "new" in at_desk.row("Novak, Petr      ")
    at_desk.press("u")
    at_desk.see("Nobody is here.")


def test_w_means_somebody_else_than_the_row(clinic: Clinic, at_desk: Driver, desk: Desk) -> None:
    checked_in(clinic, desk, LAYLA, 9, 15)
    at_desk.press("f3", "w")
    at_desk.see("walkin>", "Who? Part of the name")


def test_a_walk_in_may_be_like_somebody_on_file(
    clinic: Clinic, at_desk: Driver, desk: Desk
) -> None:
    at_desk.press("f3", "w")
    at_desk.type("kim nurse")
    at_desk.see("Kim, Dana", "Kim, Daniel", "register Kim ")


def test_somebody_who_cannot_say_a_name_is_taken(
    clinic: Clinic, at_desk: Driver, desk: Desk
) -> None:
    at_desk.press("f3", "w")
    at_desk.type("unknown nurse")
    at_desk.press("down", "enter", "enter")
    at_desk.see("Unknown is new, walked in and waits for the nurse.")


def test_t21_somebody_who_looks_unwell(clinic: Clinic, at_desk: Driver, desk: Desk) -> None:
    who = checked_in(clinic, desk, LAYLA, 9, 15)
    at_desk.press("f3")
    at_desk.start_counting()
    at_desk.press("f9")
    at_desk.type("short of breath")
    at_desk.press("enter")
    at_desk.see("Nurse called for Haddad, Layla: short of breath.")
    assert at_desk.overhead == 2, "T21"
    print(f"T21: {at_desk.keys_pressed} keys, {at_desk.overhead} overhead")
    (call,) = nurse.waiting(desk)
    assert (call.encounter_id, call.patient_id) == (who, clinic.patient(desk, LAYLA))


def test_a_stage_typed_late(clinic: Clinic, at_desk: Driver, desk: Desk) -> None:
    who = checked_in(clinic, desk, LAYLA, 9, 15)
    flow.room(desk, encounter_id=who, room_id=desk.clinic.rooms[0].id)
    pass_minutes(clinic, 30)
    at_desk.press("f3", "ctrl+p")
    at_desk.type("next at 9:10")
    at_desk.press("enter")
    at_desk.see("Haddad, Layla: with practitioner since 09:10")
    assert desk.read(schedule.encounter_row, who).stage_since == clinic.at(9, 10)


def test_rows_do_not_change_places_under_the_cursor(
    clinic: Clinic, at_desk: Driver, desk: Desk
) -> None:
    fill(clinic, desk)
    at_desk.press("f3")
    at_desk.see("Haddad, Layla      ")
    before = order(at_desk)
    at_desk.press("down", "down")
    at_desk.ask(lambda app: app.screen.list.cursor_key)
    chosen = at_desk.ask(lambda app: app.screen.selection().says)
    pass_minutes(clinic, 0.1)
    clinic.clock.moment = clinic.at(11)
    at_desk.ask(lambda app: setattr(app, "_last_key", app.clock.monotonic()))
    at_desk.ask(lambda app: app.screen.load())
    at_desk.see("100 100")
    assert order(at_desk) == before
    assert at_desk.ask(lambda app: app.screen.selection().says) == chosen


def test_at_rest_who_waits_too_long_comes_first_and_the_cursor_stays_on_its_patient(
    clinic: Clinic, at_desk: Driver, desk: Desk
) -> None:
    ids = fill(clinic, desk)
    flow.check_in(desk, encounter_id=ids["layla"], verified="phone,name")
    at_desk.press("f3", "end")
    chosen = at_desk.ask(lambda app: app.screen.list.cursor_key)
    before = order(at_desk)
    pass_minutes(clinic, 16)
    at_desk.ask(lambda app: app.screen.load())
    at_desk.see("A !")
    assert order(at_desk) != before
    assert order(at_desk)[0] == "Kim, Dana"
    assert at_desk.ask(lambda app: app.screen.list.cursor_key) == chosen


def test_the_bottom_line_names_in_full_who_is_next(
    clinic: Clinic, at_desk: Driver, desk: Desk
) -> None:
    fill(clinic, desk)
    at_desk.press("f3", "home")
    at_desk.see("Haddad, Layla  F 34  b. 05/09/1992  MRN 10442  fu with LEE")
    assert all(len(line) <= 80 for line in at_desk.frame().splitlines())


def test_l_marks_the_practitioner_of_the_row_late(
    clinic: Clinic, at_desk: Driver, desk: Desk
) -> None:
    checked_in(clinic, desk, LAYLA, 9, 15)
    at_desk.press("f3", "l")
    at_desk.type("40m")
    at_desk.press("enter")
    at_desk.see("LEE runs 40 minutes late", "LEE +40m")


def test_a_nurse_call_stands_in_the_state_line(clinic: Clinic, at_desk: Driver, desk: Desk) -> None:
    at_desk.press("f3")
    ben = clinic.desk("ben")
    nurse.raise_flag(ben, complaint="chest pain", callback_number="1", whereabouts="at home")
    at_desk.see("nurse call 1")


def test_an_idle_board_repaints_nothing_until_the_minute(
    clinic: Clinic, at_desk: Driver, desk: Desk
) -> None:
    fill(clinic, desk)
    at_desk.press("f3")
    at_desk.see("longest 20m !")
    drawn: list[Any] = []

    def watch(app: Any) -> None:
        app.screen.list.refresh = lambda *regions, **_: drawn.append(regions)

    at_desk.ask(watch)
    at_desk.ask(lambda app: app.screen._tick())
    at_desk.settle()
    assert drawn == []
    pass_minutes(clinic, 1)
    at_desk.ask(lambda app: app.screen._tick())
    at_desk.settle()
    regions = drawn[-1]
    assert len(regions) == 5
    assert {region.height for region in regions} == {1}


def test_names_are_only_text(clinic: Clinic, at_desk: Driver, desk: Desk) -> None:
    flow.walk_in(desk, name="[/bold], [@click=app.quit]x[/]", reason="[red]x")
    at_desk.press("f3")
    at_desk.see("[/bold], [@click=a")


@pytest.mark.parametrize("username", ["eve"])
def test_a_read_only_person_sees_and_changes_nothing(
    clinic: Clinic, desk: Desk, username: str
) -> None:
    from tests.screens.opened import open_desk

    who = checked_in(clinic, desk, LAYLA, 9, 15)
    for at_desk in open_desk(clinic, username):
        at_desk.press("f3")
        at_desk.see("Haddad, Layla")
        at_desk.press("space")
        at_desk.see("Your role (read-only) may not do this.")
    assert stage_of(desk, who) == "checked-in"

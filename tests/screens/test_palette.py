"""The palette and the typed line: understood before Enter, never guessed, never destructive."""

from pcoord.actions import ACTIONS
from pcoord.services import booking, day, patients
from pcoord.services.desk import Desk
from pcoord.store.queries import calls as call_queries
from tests.clinic import TODAY, Clinic
from tests.screens.driver import Driver


def test_a_typed_line_books_after_showing_what_it_understood(at_desk: Driver, desk: Desk) -> None:
    at_desk.press("ctrl+p")
    at_desk.type("book gonzalez maria 2pm lee fu")
    at_desk.see("Gonzalez, Maria Luisa")
    at_desk.see("books Gonzalez, Maria Luisa")
    at_desk.press("enter")
    at_desk.see("Booked Gonzalez, Maria Luisa")
    assert [v.mrn for v in day.load_day(desk, TODAY).visits] == ["8841"]


def test_t2_a_booking_costs_f6_and_enter(at_desk: Driver) -> None:
    at_desk.press("f3")
    at_desk.start_counting()
    at_desk.press("f6")
    at_desk.type("gonz maria thu 2pm lee fu")
    at_desk.press("enter")
    at_desk.see("Booked Gonzalez, Maria Luisa: Thu 26 Nov 14:00 with LEE")
    assert at_desk.overhead <= 3
    print(f"T2 whole task: {at_desk.keys_pressed} keys")


def test_t14_the_waiting_list_costs_three(at_desk: Driver, desk: Desk) -> None:
    at_desk.start_counting()
    at_desk.press("f6")
    at_desk.type("gonz maria fu lee mornings before dec 20")
    at_desk.press("ctrl+l", "enter")
    at_desk.see("is on the waiting list")
    assert at_desk.overhead <= 3
    print(f"T14 whole task: {at_desk.keys_pressed} keys")
    row = desk.read(call_queries.waiting_list)[0]
    assert (row.part, str(row.not_after), row.mrn) == ("am", "2026-12-19", "8841")


def test_tab_turns_to_the_next_opening(at_desk: Driver) -> None:
    at_desk.press("f6")
    at_desk.type("haddad thu am lee fu")
    at_desk.see("books Haddad, Layla Thu 26 Nov 08:00 LEE")
    at_desk.press("tab")
    at_desk.see("books Haddad, Layla Thu 26 Nov 08:15 LEE")


def test_what_does_not_fit_is_counted_and_led_to(clinic: Clinic, at_desk: Driver) -> None:
    for n in range(12):
        fields = {"family": "Vargas", "given": f"Nr{chr(97 + n)}", "birth_date": f"1/{n + 1}/1950"}
        patients.register(clinic.desk(), force=True, **fields)
    at_desk.press("f6")
    at_desk.type("vargas")
    at_desk.see("Which one?", "Vargas, Nra", "and 6 more: Down leads to them", "Esc leave")
    at_desk.press(*["down"] * 12)
    at_desk.see("Esc leave")
    at_desk.press("enter")
    at_desk.see("b. 12 Jan 1950", "What for?")
    at_desk.resize(120, 50)
    at_desk.see("inj", "lab", "Esc leave")


def test_enter_too_early_lets_stand_out_what_is_wanted(at_desk: Driver) -> None:
    def style(text: str) -> str:
        lines = at_desk.ask(lambda app: app.screen.box.lines)
        return next(style for line in lines for words, style in line if text in words)

    at_desk.press("f6")
    at_desk.see("Who? Part of the name")
    assert style("Who?") == "bold"
    at_desk.press("enter")
    assert style("Who?") == "reverse"
    at_desk.type("kim thu 2pm lee fu")
    at_desk.see("Which one?")
    assert style("Which one?") == "bold"
    at_desk.press("enter")
    assert style("Which one?") == "reverse"


def test_several_are_asked_about_with_nothing_preselected(at_desk: Driver) -> None:
    at_desk.press("f6")
    at_desk.type("kim thu 2pm lee fu")
    at_desk.see("Which one?", "Kim, Dana", "Kim, Daniel")
    at_desk.press("enter")
    at_desk.see("Which one?")
    at_desk.press("down", "down", "enter")
    at_desk.see("books Kim, Daniel Thu 26 Nov 14:00 LEE")
    at_desk.press("enter")
    at_desk.see("Booked Kim, Daniel")


def test_escape_leaves_and_stores_nothing(at_desk: Driver, desk: Desk) -> None:
    at_desk.press("f6")
    at_desk.type("haddad thu 2pm lee fu")
    at_desk.press("escape")
    at_desk.not_see("book>")
    assert day.load_day(desk, TODAY, days=5).visits == []


def test_u_takes_back_what_was_stored_and_says_so(at_desk: Driver, desk: Desk) -> None:
    at_desk.press("f6")
    at_desk.type("haddad thu 2pm lee fu")
    at_desk.press("enter")
    at_desk.see("Booked Haddad", "u undo")
    at_desk.press("u")
    at_desk.see("Taken back: Booked Haddad, Layla: Thu 26 Nov 14:00 with LEE")
    assert day.load_day(desk, TODAY, days=5).visits == []


def test_what_another_desk_took_meanwhile_is_refused_by_name(
    clinic: Clinic, at_desk: Driver
) -> None:
    at_desk.press("f6")
    at_desk.type("haddad thu 2pm lee fu")
    at_desk.see("books Haddad")
    ben = clinic.desk("ben")
    booking.book(
        ben,
        patient_id=clinic.patient(ben, "8841"),
        practitioner_id=ben.clinic.practitioner("LEE").id,
        start=clinic.at(14, days=2),
        visit_type_id=ben.clinic.visit_type("fu").id,
    )
    at_desk.press("enter")
    at_desk.see("book> haddad thu 2pm lee fu", "LEE has Gonzalez, Maria Luisa Thu 26 Nov 14:00")


def test_enter_before_the_answer_waits_for_it(at_desk: Driver) -> None:
    at_desk.press("f6")
    at_desk.type("haddad thu 2pm lee fu")
    at_desk.press("enter")
    at_desk.see("Booked Haddad")


def test_words_find_actions(at_desk: Driver) -> None:
    at_desk.press("ctrl+p")
    at_desk.type("waiting r")
    at_desk.see("Waiting room")
    at_desk.press("down", "enter")
    at_desk.see("WAITING ROOM")


def test_go_anywhere_by_letter(at_desk: Driver) -> None:
    for letter, title in (("w", "WAITING ROOM"), ("p", "PATIENTS"), ("c", "CALLS")):
        at_desk.press("ctrl+g", letter)
        at_desk.see(title)
    at_desk.press("ctrl+g", "escape", "ctrl+g", "s")
    at_desk.see("SCHEDULE")


def test_hostile_text_in_the_line_is_only_text(at_desk: Driver) -> None:
    at_desk.press("ctrl+p")
    at_desk.type("book [/bold] [@click=app.quit]x[/] \x1b]0;a\x07 \x9b31m 2pm lee fu")
    at_desk.see("Nobody on file fits")
    assert "\x1b" not in at_desk.frame()


def test_the_palette_at_80x24(at_desk: Driver) -> None:
    at_desk.press("f3", "f6")
    at_desk.type("gonz maria thu am lee fu")
    at_desk.see("books Gonzalez")
    assert "Tab next opening" in at_desk.frame()
    assert "^L waiting list" in at_desk.frame()
    at_desk.golden("palette_80x24")


def test_help_lists_the_keys_in_force(at_desk: Driver) -> None:
    at_desk.press("f1")
    at_desk.see("HELP", "F6", "Book a visit")
    at_desk.golden("help_80x24")
    at_desk.press("slash")
    at_desk.type("walk-in")
    at_desk.see("Walk-in", '\n walkin haddad "rash" nurse at 14:05\n')
    assert all(len(action.title) <= 35 for action in ACTIONS.values())
    at_desk.press("escape")
    at_desk.press("f1")
    at_desk.see("SCHEDULE")


def test_what_enter_does_is_read_to_its_end(at_desk: Driver) -> None:
    at_desk.press("f4")
    at_desk.type("kim")
    at_desk.press("enter", "j")
    at_desk.type("10444")
    at_desk.see("Enter merges Kim, Daniel", "apart again")


def test_behind_a_step_taken_back_no_key_seems_to_bring_it_again(at_desk: Driver) -> None:
    at_desk.press("ctrl+p")
    at_desk.type("book gonzalez maria 2pm lee fu")
    at_desk.see("books Gonzalez, Maria Luisa")
    at_desk.press("enter")
    assert at_desk.row("Booked Gonzalez").rstrip().endswith("u undo")
    at_desk.press("u")
    at_desk.see("Taken back: Booked Gonzalez, Maria Luisa")
    at_desk.not_see("u undo")

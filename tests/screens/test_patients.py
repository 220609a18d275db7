"""F4: finding a patient by any clue, the card beside the list, and what the keys act on."""

import time
from typing import Any

import pytest

from pcoord.screens.patients import REST_SECONDS, in_whole_facts
from pcoord.services import day, lookup
from pcoord.services.desk import Desk
from pcoord.store.queries import events
from tests.clinic import TODAY, Clinic
from tests.screens.driver import Driver
from tests.screens.waiting import add_facts, book

MARIA, LAYLA = "8841", "10442"


def seen(desk: Desk, kind: str) -> list[Any]:
    """Return the events of a kind, oldest first."""
    return [row for row in reversed(desk.read(events.listing)) if row.kind == kind]


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("gonz maria", "Gonzalez, Maria Luisa"),
        ("luisa gonz", "Gonzalez, Maria Luisa"),
        ("555-0142", "Gonzalez, Maria Luisa"),
        ("3/4/62", "Gonzalez, Maria Luisa"),
        ("4 mar 1962", "Gonzalez, Maria Luisa"),
        ("8841", "Gonzalez, Maria Luisa"),
        ("hadadd", "Haddad, Layla"),
        ("obrian sean", "O'Brien, Séan"),
    ],
)
def test_t1_a_patient_is_found_by_any_clue(at_desk: Driver, typed: str, name: str) -> None:
    at_desk.start_counting()
    at_desk.press("f4")
    at_desk.type(typed)
    at_desk.press("enter")
    at_desk.see(f" {name}   ", "MRN")
    assert at_desk.overhead <= 2, "T1"
    assert at_desk.ask(lambda app: app.selection().says).startswith(name)
    print(f"T1: {at_desk.keys_pressed} keys for {name} by {typed}")


def test_a_new_search_needs_no_key_to_clear_the_old_one(at_desk: Driver) -> None:
    at_desk.press("f4")
    at_desk.type("gonz")
    at_desk.see("Gonzales, Marta")
    at_desk.press("f2", "f4")
    at_desk.type("kim")
    at_desk.see("find kim", "2 found", "Kim, Daniel")


def test_what_the_words_were_taken_for_is_shown(at_desk: Driver) -> None:
    at_desk.press("f4")
    at_desk.type("gonz mar 62")
    at_desk.see("name name year", "3 found")


def test_those_who_sound_alike_stand_under_a_note(at_desk: Driver) -> None:
    at_desk.press("f4")
    at_desk.type("hadadd")
    shown = at_desk.see("sounds like", "Haddad, Layla", "new patient: Hadadd")
    assert shown.index("sounds like") < shown.index("Haddad, Layla") < shown.index("new patient")


def test_people_one_could_mix_up_are_marked(at_desk: Driver) -> None:
    at_desk.press("f4")
    at_desk.type("kim")
    assert at_desk.row("01/31/1990").startswith("= Kim, Dana")
    at_desk.press("ctrl+u")
    at_desk.type("haddad")
    assert at_desk.row("05/09/1992").startswith("  Haddad")


# The card


def test_the_card_says_that_somebody_is_expected_by_now(
    clinic: Clinic, at_desk: Driver, desk: Desk
) -> None:
    book(clinic, desk, LAYLA, 14)
    clinic.clock.moment = clinic.at(14, 10)
    at_desk.press("f4")
    at_desk.type("haddad")
    at_desk.see("| not here yet: Tue 24 Nov", "14:00 LEE fu", "| next  none booked")


def test_the_card_comes_when_the_cursor_rests_and_is_recorded_first(
    clinic: Clinic, at_desk: Driver, desk: Desk
) -> None:
    add_facts(clinic, desk)
    book(clinic, desk, LAYLA, 14)
    at_desk.press("f4")
    at_desk.type("haddad")
    at_desk.see("| MRN 10442   born 9 May 1992", "| es, interpreter", "next  Tue 24 Nov 14:00 LEE")
    assert [row.patient_id for row in seen(desk, "read")] == [clinic.patient(desk, LAYLA)]
    at_desk.press("enter")
    at_desk.press("escape")
    assert len(seen(desk, "read")) == 1, "one look in ten minutes"


def test_the_card_comes_when_the_rows_took_longer_than_the_rest(
    at_desk: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = lookup.find

    def slow(*args: Any, **more: Any) -> Any:
        time.sleep(REST_SECONDS + 0.1)
        return quick(*args, **more)

    monkeypatch.setattr(lookup, "find", slow)
    at_desk.press("f4")
    at_desk.type("had")
    at_desk.see("| MRN 10442")


def test_an_order_against_somebody_is_seen_at_once(
    clinic: Clinic, at_desk: Driver, desk: Desk
) -> None:
    add_facts(clinic, desk)
    at_desk.press("f4")
    at_desk.type("nunez")
    at_desk.see("| DENIED father Ray Garcia", "mother Rosa Nuñez: may", "consent")


def test_another_patients_card_goes_at_once(at_desk: Driver) -> None:
    at_desk.press("f4")
    at_desk.type("kim")
    at_desk.see("| MRN 10443")
    at_desk.press("down")
    assert "| MRN 10443" not in at_desk.frame()
    at_desk.see("| MRN 10444")


def test_nobodys_card_opens_by_itself(clinic: Clinic, at_desk: Driver, desk: Desk) -> None:
    at_desk.press("f4")
    at_desk.type("kim")
    at_desk.see("| MRN 10443")
    at_desk.press("ctrl+u")
    at_desk.see("opened lately", "Kim, Dana")
    at_desk.press("f2", "f4")
    assert len(seen(desk, "read")) == 1


def test_the_whole_card_lists_every_visit(clinic: Clinic, at_desk: Driver, desk: Desk) -> None:
    book(clinic, desk, LAYLA, 14)
    at_desk.press("f4")
    at_desk.type("haddad")
    at_desk.press("enter")
    at_desk.see("| MRN 10442")
    at_desk.press("enter")
    at_desk.see("PATIENT", "visits", "B  Tue 24 Nov 14:00 LEE fu")
    at_desk.press("escape")
    at_desk.see("find haddad")


def test_letters_on_the_whole_card_act_on_the_visit_under_the_cursor(
    clinic: Clinic, at_desk: Driver, desk: Desk
) -> None:
    book(clinic, desk, LAYLA, 14)
    book(clinic, desk, LAYLA, 16)
    at_desk.press("f4")
    at_desk.type("haddad")
    at_desk.press("enter", "enter")
    at_desk.see("visits", "B  Tue 24 Nov 14:00", "B  Tue 24 Nov 16:00", "k cancel", "Esc back")
    while "16:00" not in at_desk.ask(lambda app: _line_under_the_cursor(app.screen.list)):
        at_desk.press("down")
    at_desk.press("k")
    at_desk.see("cancel>", "Tue 24 Nov 16:00 LEE fu")
    at_desk.type("ill")
    at_desk.press("enter")
    at_desk.see("PATIENT  Haddad", "Cancelled", "Z  Tue 24 Nov 16:00", "B  Tue 24 Nov 14:00")
    at_desk.press("u")
    at_desk.see("Taken back: Cancelled", "B  Tue 24 Nov 16:00")
    at_desk.press("end", "c")
    shown = at_desk.see("checkin>", "Which one?").split("checkin>")[1]
    assert "Tue 24 Nov 14:00" in shown and "Tue 24 Nov 16:00" in shown, "today's, not the row's"
    at_desk.press("escape", "escape")
    at_desk.see("find haddad")


def _line_under_the_cursor(shown: Any) -> str:
    return next("".join(row.cells) for row in shown.rows if row.key == shown.cursor_key)


# Searches are recorded


def test_a_search_is_recorded_once_and_closed_with_its_final_text(
    at_desk: Driver, desk: Desk
) -> None:
    at_desk.press("f4")
    at_desk.type("gonz maria")
    at_desk.see("Gonzalez, Maria Luisa")
    (begun,) = seen(desk, "search")
    assert begun.after == '{"text": "g"}'
    at_desk.press("enter")
    at_desk.settle()
    (ended,) = seen(desk, "search end")
    assert (ended.said, ended.record_id) == ("Searched “gonz maria”: 3 found.", begun.record_id)


def test_leaving_the_screen_ends_the_search(at_desk: Driver, desk: Desk) -> None:
    at_desk.press("f4")
    at_desk.type("kim")
    at_desk.see("Kim, Dana")
    at_desk.press("f2")
    at_desk.settle()
    assert len(seen(desk, "search end")) == 1


# What keys act on


def test_letters_act_only_on_a_fixed_patient(at_desk: Driver, desk: Desk) -> None:
    at_desk.press("f4")
    at_desk.type("kim da")
    at_desk.press("down", "enter")
    at_desk.see(" Kim, Daniel   M   b. 2 Aug 1958   MRN 10444")
    at_desk.press("b")
    at_desk.type("thu 2pm lee fu")
    at_desk.see("books Kim, Daniel Thu 26 Nov 14:00 LEE")
    at_desk.press("enter")
    at_desk.see("Booked Kim, Daniel")
    at_desk.press("u")
    at_desk.see("Taken back: Booked Kim, Daniel")
    assert day.load_day(desk, TODAY, days=5).visits == []


def test_esc_goes_back_to_the_query_whose_text_an_arrow_goes_on_with(at_desk: Driver) -> None:
    at_desk.press("f4")
    at_desk.type("kim")
    at_desk.press("enter", "escape", "right")
    at_desk.type(" dan")
    at_desk.see("find kim dan")
    at_desk.press("escape")
    at_desk.type("haddad")
    at_desk.see("find haddad", "1 found")


def test_the_next_name_after_a_patient_begins_a_new_search(at_desk: Driver) -> None:
    at_desk.press("f4")
    at_desk.type("kim")
    at_desk.press("enter", "escape")
    at_desk.see("find kim")
    at_desk.type("haddad")
    at_desk.see("find haddad", "1 found")


def test_the_card_of_whoever_was_opened_last_comes_when_looked_for_again(
    clinic: Clinic, at_desk: Driver, desk: Desk
) -> None:
    from pcoord.services.patient_search import Search, show

    show(desk, Search(), clinic.patient(desk, LAYLA))
    at_desk.press("f4")
    at_desk.see("opened lately", "Haddad, Layla")
    at_desk.not_see("| MRN 10442")
    at_desk.type("had")
    at_desk.see("find had", "| MRN 10442")


def test_a_card_that_does_not_fit_says_how_much_more_there_is(
    clinic: Clinic, at_desk: Driver, desk: Desk
) -> None:
    add_facts(clinic, desk)
    at_desk.resize(80, 12)
    at_desk.press("f4")
    at_desk.type("haddad")
    at_desk.see("| MRN 10442", "more lines")


@pytest.mark.parametrize("width", [100, 120, 122, 124, 132, 160])
def test_phones_are_whole_or_their_last_digits_at_any_width(at_desk: Driver, width: int) -> None:
    at_desk.resize(width, 30)
    at_desk.press("f4")
    at_desk.type("haddad")
    assert "0144" in at_desk.row("  Haddad, Layla").split("|")[0]


def test_a_long_name_is_cut_before_birth_date_and_number() -> None:
    long = "Featherstonehaugh-Cholmondeley, Hubert Blaine Maximilian Alexander Sebastian"
    said = in_whole_facts(f"{long}   M   b. 3 Feb 1984   MRN 10406   212-555-0178", 72)
    assert said.endswith("…   M   b. 3 Feb 1984   MRN 10406") and len(said) <= 72
    assert in_whole_facts("Kim, Dana   F   MRN 7", 72) == "Kim, Dana   F   MRN 7"


def test_the_best_of_a_wider_look_is_on_top_and_says_why(at_desk: Driver) -> None:
    at_desk.press("f4")
    at_desk.type("gonzalez maria 71")
    shown = at_desk.see("nobody fits all of it; near it", "Enter: Gonzalez, Maria Luisa")
    assert shown.index("near it") < shown.index("Gonzalez, Maria Luisa")
    at_desk.see("MRN 8841   * another year")


def test_whoever_the_rest_fits_stays_while_a_date_is_typed(at_desk: Driver) -> None:
    at_desk.press("f4")
    at_desk.type("gonzalez maria 3/1")
    at_desk.see("near it", "Gonzalez, Maria Luisa")
    at_desk.type("/71")
    at_desk.see("nobody fits all of it; near it", "Enter: Gonzalez, Maria Luisa")


def test_a_list_that_is_narrower_now_shows_the_end_of_the_phone(at_desk: Driver) -> None:
    at_desk.press("f4")
    at_desk.resize(160, 50)
    at_desk.type("haddad")
    at_desk.see("201-555-0144", "1 found")
    at_desk.resize(80, 24)
    at_desk.see("10442 ...0144")
    at_desk.resize(160, 50)
    at_desk.not_see("...0144")


def test_f4_on_the_patients_begins_a_search_though_somebody_is_fixed(at_desk: Driver) -> None:
    at_desk.press("f4")
    at_desk.type("kim dana")
    at_desk.press("enter", "f4")
    at_desk.type("haddad")
    at_desk.see("find haddad", "1 found")
    at_desk.press("ctrl+n", "f4")
    at_desk.type("kim")
    at_desk.see("find kim", "2 found")


def test_function_keys_act_on_the_row_while_one_types(at_desk: Driver) -> None:
    at_desk.press("f4")
    at_desk.type("haddad")
    at_desk.press("f6")
    at_desk.type("thu 2pm lee fu")
    at_desk.see("books Haddad, Layla Thu 26 Nov 14:00 LEE")
    at_desk.press("escape")
    at_desk.see("find haddad")
    at_desk.press("ctrl+e")
    at_desk.see("EDIT  Haddad, Layla   MRN 10442")


def test_a_call_is_about_the_row(at_desk: Driver) -> None:
    at_desk.press("f4")
    at_desk.type("haddad")
    at_desk.see("Haddad, Layla")
    at_desk.press("ctrl+n")
    at_desk.see("CALL in", "Haddad, Layla")


def test_a_patient_opened_elsewhere_is_shown_here(at_desk: Driver) -> None:
    at_desk.press("ctrl+p")
    at_desk.type("patient haddad")
    at_desk.see("MRN 10442")
    at_desk.press("enter")
    at_desk.see("PATIENTS", "| MRN 10442", " Haddad, Layla   F")
    at_desk.press("f2", "f4")
    at_desk.type("kim")
    at_desk.see("2 found")


def test_typing_repaints_one_widget(at_desk: Driver) -> None:
    at_desk.press("f4")
    at_desk.type("gonzalez m")
    at_desk.see("| MRN 8841", "Enter: Gonzalez, Maria Luisa")

    def watch(app: Any) -> set[str]:
        painted: set[str] = set()
        for widget in app.screen.walk_children():
            refresh = widget.refresh

            def noted(*args: Any, _of: Any = widget, _do: Any = refresh, **more: Any) -> Any:
                painted.add(type(_of).__name__)
                return _do(*args, **more)

            widget.refresh = noted
        return painted

    painted = at_desk.ask(watch)
    at_desk.type("ar")
    assert painted == {"LookupList"}


def test_lookup_and_card_at_80x24(clinic: Clinic, at_desk: Driver, desk: Desk) -> None:
    add_facts(clinic, desk)
    book(clinic, desk, MARIA, 14)
    at_desk.press("f4")
    at_desk.type("gonzalez mar 62")
    at_desk.see("| MRN 8841", "Enter: Gonzalez")
    at_desk.golden("patients_80x24")


def test_hostile_text_in_the_box_is_only_text(at_desk: Driver) -> None:
    at_desk.press("f4")
    at_desk.type("[/bold] [@click=app.quit]x[/]")
    at_desk.see("new patient")
    assert "\x1b" not in at_desk.frame()


def test_the_one_who_is_named_in_full_is_named_in_whole_facts(at_desk: Driver) -> None:
    at_desk.press("f4")
    at_desk.type("kym daniel")
    said = at_desk.row("Enter: Kim, Daniel")
    assert said.rstrip().endswith("* sounds like kim")
    at_desk.resize(100, 30)
    at_desk.see("* sounds like kim   201-555-0155")

"""Registering and editing on the form: keys counted, duplicates shown, drafts kept."""

from pcoord.services import booking, lookup, patients
from pcoord.services.desk import Desk
from tests.clinic import Clinic
from tests.screens.driver import Driver
from tests.screens.opened import app_for


def test_t9_the_least_with_everything_typed_into_the_box(at_desk: Driver, desk: Desk) -> None:
    at_desk.start_counting()
    at_desk.press("f4")
    at_desk.type("novak petra 4/9/1988 201-555-0188")
    at_desk.press("+")
    at_desk.see("NEW PATIENT", "Novak", "Petra", "04/09/1988", "201-555-0188")
    at_desk.type("f")
    at_desk.press("ctrl+d")
    at_desk.see("Registered Novak, Petra, MRN 10001.", "u undo", "| MRN 10001")
    assert at_desk.overhead <= 3, "T9"
    print(f"T9: {at_desk.keys_pressed} keys, {at_desk.overhead} overhead, for Novak, Petra")
    hit = lookup.find(desk, "novak")[0]
    assert (hit.sex, str(hit.birth_date), hit.phone) == ("female", "1988-04-09", "201-555-0188")


def test_t9_field_by_field_costs_a_tab_each(at_desk: Driver, desk: Desk) -> None:
    at_desk.start_counting()
    at_desk.press("f4", "+")
    fields = ["Novak", "Petra", "4/9/1988", "f", "201-555-0188"]
    for n, text in enumerate(fields):
        if n:
            at_desk.press("tab")
        at_desk.type(text)
    at_desk.press("ctrl+d")
    at_desk.see("Registered Novak, Petra, MRN 10001.")
    assert at_desk.overhead <= 3 + len(fields) - 1, "T9"
    print(f"T9 by fields: {at_desk.keys_pressed} keys, {at_desk.overhead} overhead")


def test_enter_on_the_last_row_registers_the_typed_name(at_desk: Driver) -> None:
    at_desk.press("f4")
    at_desk.type("novak petra")
    at_desk.see("new patient: Novak, Petra")
    at_desk.press("enter")
    at_desk.see("NEW PATIENT")
    assert at_desk.row("family name").split()[-1] == "Novak"


def test_a_plus_behind_a_blank_is_a_phone_number(at_desk: Driver) -> None:
    at_desk.press("f4")
    at_desk.type("kim +1 201 555 0155")
    at_desk.see("find kim +1 201 555 0155", "Kim, Dana")


def test_likely_duplicates_are_shown_and_need_another_key(at_desk: Driver, desk: Desk) -> None:
    at_desk.press("f4")
    at_desk.type("hadad layla 5/9/1992")
    at_desk.press("+")
    at_desk.see("On file already, it seems:", "Haddad, Layla  F  9 May 1992  MRN 10442")
    at_desk.type("f")
    at_desk.press("ctrl+d")
    at_desk.see("Is it one of these?", "2  none of these: register Hadad, Layla as somebody new")
    at_desk.press("ctrl+d", "enter", "ctrl+d")
    at_desk.see("Is it one of these?")
    assert len(lookup.find(desk, "layla")) == 1, "nothing is stored yet"
    at_desk.press("escape")
    at_desk.not_see("Is it one of these?")
    at_desk.press("ctrl+d", "2")
    at_desk.see("Registered Hadad, Layla, MRN 10001.")


def test_the_record_on_file_is_opened_instead(at_desk: Driver, desk: Desk) -> None:
    at_desk.press("f4")
    at_desk.type("hadad layla 5/9/1992")
    at_desk.press("+", "ctrl+d")
    at_desk.see("Is it one of these?")
    at_desk.press("1")
    at_desk.see("| MRN 10442", " Haddad, Layla   F")


def test_every_refused_field_says_why(at_desk: Driver) -> None:
    at_desk.press("f4", "+", "ctrl+d")
    at_desk.see(
        "Type the family name; for somebody with one name only, type it here.",
        "Type the birth date, or ? when nobody knows it.",
    )
    at_desk.type("Novak")
    at_desk.not_see("Type the family name")
    at_desk.press("tab", "tab")
    at_desk.type("?")
    at_desk.press("ctrl+d")
    at_desk.see("Registered Novak")


def test_a_registration_taken_back_says_that_and_nothing_else(at_desk: Driver) -> None:
    at_desk.press("f4")
    at_desk.type("novak petra 4/9/1988 201-555-0188")
    at_desk.press("+", "ctrl+d")
    at_desk.see("Registered Novak, Petra")
    at_desk.press("u")
    at_desk.see("Taken back: Registered Novak, Petra, MRN 10001.")
    at_desk.not_see("look again", "| MRN 10001")


def test_a_half_typed_form_is_offered_again(at_desk: Driver) -> None:
    at_desk.press("f4", "+")
    at_desk.type("Novak")
    at_desk.press("tab")
    at_desk.type("Pe")
    at_desk.press("f2")
    at_desk.see("SCHEDULE")
    at_desk.ask(lambda app: app.session.flush())
    at_desk.press("f4", "+")
    at_desk.see("Half typed 09:00: Novak, Pe. ^T brings it back.")
    at_desk.press("ctrl+t")
    at_desk.type("tra")
    at_desk.press("tab")
    at_desk.type("4/9/1988")
    at_desk.press("ctrl+d")
    at_desk.see("Registered Novak, Petra")
    at_desk.ask(lambda app: app.session.flush())
    at_desk.press("escape", "+")
    at_desk.see("NEW PATIENT")
    assert "Half typed" not in at_desk.frame(), "what was saved is no draft any more"


def test_one_draft_in_two_windows_registers_once(
    clinic: Clinic, at_desk: Driver, desk: Desk
) -> None:
    at_desk.press("f4", "+")
    at_desk.type("Novak")
    for text in ("Petra", "4/9/1988", "f", "201-555-0188"):
        at_desk.press("tab")
        at_desk.type(text)
    at_desk.ask(lambda app: app.session.flush())
    at_desk.settle()
    with Driver(lambda: app_for(clinic)) as other:
        other.press("f4", "+")
        other.see("^T brings it back")
        other.press("ctrl+t", "ctrl+d")
        other.see("Registered Novak, Petra, MRN 10001.")
    at_desk.press("ctrl+d")
    at_desk.see("Novak, Petra is registered already, MRN 10001", "nothing was stored twice")
    assert len(lookup.find(desk, "novak")) == 1


def test_a_draft_is_thrown_away_by_a_second_key(at_desk: Driver) -> None:
    at_desk.press("f4", "+")
    at_desk.type("Novak")
    at_desk.press("escape")
    at_desk.see("Kept as half typed")
    at_desk.ask(lambda app: app.session.flush())
    at_desk.press("+")
    at_desk.see("^X throw away")
    at_desk.press("ctrl+x", "ctrl+x")
    at_desk.see("Throw it away?")
    at_desk.press("1")
    at_desk.see("Thrown away.")


def test_editing_changes_what_was_changed(clinic: Clinic, at_desk: Driver, desk: Desk) -> None:
    at_desk.press("f4")
    at_desk.type("haddad")
    at_desk.press("ctrl+e")
    at_desk.see("EDIT  Haddad, Layla   MRN 10442", "201-555-0144")
    at_desk.press("tab", "tab", "tab", "tab", "tab")
    at_desk.type("es, interpreter")
    at_desk.press("ctrl+d")
    at_desk.see("Changed Haddad, Layla: language, interpreter.", "| es, interpreter")
    at_desk.press("u")
    at_desk.see("Taken back: Changed Haddad, Layla")
    assert patients.card(desk, clinic.patient(desk, "10442")).language is None


def test_the_second_page_holds_what_is_asked_less_often(
    clinic: Clinic, at_desk: Driver, desk: Desk
) -> None:
    at_desk.press("f4")
    at_desk.type("haddad")
    at_desk.press("ctrl+e")
    at_desk.see("page 1/2", "PgDn more")
    at_desk.press("pagedown")
    at_desk.see("page 2/2", "sex at birth")
    at_desk.golden("edit_page_2_80x24")
    at_desk.type("x")
    at_desk.press("tab")
    at_desk.see("“x” is not known here; type one of: female, male, other, unknown.")
    at_desk.press("shift+tab", "backspace")
    at_desk.type("f")
    at_desk.press("tab", "tab")
    at_desk.type("she/her")
    at_desk.press("pageup")
    at_desk.see("family name")
    at_desk.press("ctrl+d")
    at_desk.see("Changed Haddad, Layla: sex at birth, pronouns.")
    assert patients.card(desk, clinic.patient(desk, "10442")).pronouns == "she/her"


def test_another_person_under_the_same_number_is_asked_about(
    clinic: Clinic, at_desk: Driver, desk: Desk
) -> None:
    at_desk.press("f4")
    at_desk.type("haddad")
    at_desk.press("ctrl+e")
    at_desk.see("EDIT")
    at_desk.press(*["backspace"] * 6)
    at_desk.type("Novak")
    at_desk.press("tab", *["backspace"] * 5)
    at_desk.type("Petra")
    at_desk.press("ctrl+d")
    at_desk.see("This may be another person", "family name Haddad to Novak; given name Layla to P")
    at_desk.press("ctrl+d", "enter", "1")
    at_desk.not_see("This may be another person")
    layla = clinic.patient(desk, "10442")
    assert patients.card(desk, layla).given == "Layla"
    at_desk.press("ctrl+d")
    at_desk.see("This may be another person")
    at_desk.press("2")
    at_desk.see("Looked at twice")
    assert patients.card(desk, layla).given == "Petra"


def test_a_death_asks_what_becomes_of_the_visits(
    clinic: Clinic, at_desk: Driver, desk: Desk
) -> None:
    layla = clinic.patient(desk, "10442")
    booking.book(
        desk,
        patient_id=layla,
        practitioner_id=desk.clinic.practitioner("LEE").id,
        start=clinic.at(9, days=2),
        visit_type_id=desk.clinic.visit_type("fu").id,
    )
    at_desk.press("f4")
    at_desk.type("haddad")
    at_desk.press("ctrl+e", "pagedown", *["tab"] * 7)
    at_desk.type("11/20/2026")
    at_desk.press("ctrl+d")
    at_desk.see("1 visit booked. What becomes of them?", "Thu 26 Nov 09:00 LEE fu")
    at_desk.press("ctrl+d", "1")
    at_desk.see("date of death. Cancelled 1 visit.")
    at_desk.press("u")
    at_desk.see("Taken back")
    assert patients.card(desk, layla).deceased_on is None


def test_two_who_edit_at_once_are_told(clinic: Clinic, at_desk: Driver) -> None:
    at_desk.press("f4")
    at_desk.type("haddad")
    at_desk.press("ctrl+e")
    at_desk.see("EDIT")
    ben = clinic.desk("ben")
    patients.edit(ben, patient_id=clinic.patient(ben, "10442"), email="layla@example.org")
    at_desk.type("x")
    at_desk.press("ctrl+d")
    at_desk.see("Ben Okafor changed it at 09:00: Changed Haddad, Layla: e-mail. Theirs is taken")
    at_desk.see("layla@example.org", "Haddadx")
    at_desk.press("ctrl+d")
    at_desk.see("Changed Haddadx, Layla: family name.")
    card = patients.card(ben, clinic.patient(ben, "10442"))
    assert (card.family, card.email) == ("Haddadx", "layla@example.org")


def test_where_both_changed_one_field_both_versions_are_shown(
    clinic: Clinic, at_desk: Driver
) -> None:
    at_desk.press("f4")
    at_desk.type("haddad")
    at_desk.press("ctrl+e")
    at_desk.see("EDIT")
    ben = clinic.desk("ben")
    who = clinic.patient(ben, "10442")
    patients.edit(ben, patient_id=who, family="Hadad", language="es")
    at_desk.type("x")
    at_desk.press("ctrl+d")
    at_desk.see("Haddadx", "is now: Hadad", "Ben Okafor changed it at 09:00", "Theirs stands below")
    assert patients.card(ben, who).family == "Hadad", "nothing is overwritten unseen"
    at_desk.press("ctrl+d")
    at_desk.see("Changed Haddadx, Layla")
    card = patients.card(ben, who)
    assert (card.family, card.language) == ("Haddadx", "es")


def test_a_draft_does_not_bring_old_values_back(clinic: Clinic, at_desk: Driver) -> None:
    at_desk.press("f4")
    at_desk.type("haddad")
    at_desk.press("ctrl+e")
    at_desk.see("EDIT")
    at_desk.type("x")
    at_desk.press("escape")
    ben = clinic.desk("ben")
    who = clinic.patient(ben, "10442")
    patients.edit(ben, patient_id=who, phone="201-555-0111")
    at_desk.press("ctrl+e")
    at_desk.see("^T brings it back")
    at_desk.press("ctrl+t", "ctrl+d")
    at_desk.see("Theirs is taken", "201-555-0111")
    at_desk.press("ctrl+d")
    at_desk.see("Changed Haddadx, Layla")
    card = patients.card(ben, who)
    assert (card.family, card.phones[0].value) == ("Haddadx", "201-555-0111")


def test_ctrl_e_asks_for_whom_where_nobody_is_chosen(at_desk: Driver) -> None:
    at_desk.press("f5", "ctrl+e")
    at_desk.type("haddad")
    at_desk.press("enter")
    at_desk.see("EDIT  Haddad, Layla   MRN 10442")


def test_a_typed_line_opens_the_form(at_desk: Driver) -> None:
    at_desk.press("ctrl+p")
    at_desk.type("register novak petra 4/9/1988")
    at_desk.press("enter")
    at_desk.see("NEW PATIENT", "04/09/1988")


def test_a_call_over_the_form_gives_it_back_as_it_was(at_desk: Driver) -> None:
    at_desk.press("f4", "+")
    at_desk.type("Nov")
    at_desk.press("ctrl+n")
    at_desk.see("CALL in")
    at_desk.press("escape")
    at_desk.type("ak")
    assert at_desk.row("family name").split()[-1] == "Novak"


def test_the_form_at_80x24(at_desk: Driver) -> None:
    at_desk.press("f4")
    at_desk.type("hadad layla 5/9/1992")
    at_desk.press("+")
    at_desk.see("On file already, it seems:")
    at_desk.golden("register_80x24")


def test_a_tall_terminal_shows_all_fields_at_once(at_desk: Driver) -> None:
    at_desk.resize(160, 50)
    at_desk.press("f4")
    at_desk.type("gonz maria")
    at_desk.press("enter", "ctrl+e")
    shown = at_desk.see("EDIT  Gonzalez, Maria Luisa", "family name", "died on", "test record")
    assert "page" not in shown and "PgDn" not in shown
    at_desk.press("shift+tab")
    at_desk.type("maybe")
    at_desk.press("ctrl+d")
    at_desk.see("Type y or n.", "family name")
    at_desk.resize(80, 24)
    at_desk.see("page 2/2", "maybe", "Type y or n.", "PgDn")
    at_desk.not_see("family name")
    at_desk.resize(160, 50)
    at_desk.see("family name", "maybe", "Type y or n.")
    assert at_desk.ask(lambda app: app.screen.form.current) == "test"
    at_desk.press("pageup")
    assert at_desk.ask(lambda app: app.screen.form.current) == "family"

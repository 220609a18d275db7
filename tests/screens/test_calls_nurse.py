"""Nurse calls at the desk: T21 by keys, every desk's state line, accepted by name."""

from datetime import timedelta

from pcoord.services import calls, nurse
from pcoord.services.desk import Desk
from tests.clinic import Clinic
from tests.screens.driver import Driver
from tests.screens.opened import app_for


def test_t21_a_red_flag_costs_two_keys(at_desk: Driver, desk: Desk) -> None:
    at_desk.press("f3")
    at_desk.start_counting()
    at_desk.press("f9")
    at_desk.type("chest pain, at home, 201-555-0199 re kim dana")
    at_desk.see("calls a nurse for Kim, Dana")
    at_desk.press("enter")
    at_desk.see("Nurse called for Kim, Dana: chest pain", "NURSE 1: chest pain, 201-555-0199")
    assert at_desk.overhead <= 2
    print(f"T21: overhead {at_desk.overhead}, {at_desk.keys_pressed} keys")
    assert [row.mrn for row in nurse.waiting(desk)] == ["10443"]


def test_the_clinics_list_and_words_are_shown_and_number_and_place_asked(at_desk: Driver) -> None:
    at_desk.press("f5")
    at_desk.see("No calls today yet")
    at_desk.press("f9")
    at_desk.see("Where are you right now?", "Trouble breathing", "not yet approved")
    at_desk.type("chest pain")
    at_desk.see("Please call 911 now", "I am getting a nurse", "Which number do we call back?")
    at_desk.golden("nurse_line")
    at_desk.type(", 201-555-0199")
    at_desk.see("Where is the person now?")
    at_desk.press("enter")
    at_desk.see("Where is the person now?")
    at_desk.type(", at home")
    at_desk.see("calls a nurse: chest pain, 201-555-0199, at home")


def test_every_desk_shows_it_until_a_nurse_accepts_by_name(
    clinic: Clinic, at_desk: Driver, desk: Desk
) -> None:
    nurse.raise_flag(
        clinic.desk("ben"),
        complaint="chest pain",
        callback_number="201-555-0199",
        whereabouts="at home",
        patient_id=clinic.patient(desk, "10443"),
    )
    at_desk.see("NURSE 1: chest pain, 201-555-0199, at home 0m  a accept")
    clinic.clock.moment += timedelta(minutes=3)
    at_desk.see("at home 3m  a accept")
    for key in ("f3", "f4", "f5"):
        at_desk.press(key)
        at_desk.see("NURSE 1: chest pain")
    at_desk.golden("nurse_call")
    # Where letters are text or ticks, the key that works there is named instead.
    for opens in ("f4", "f6", "ctrl+n"):
        at_desk.press(opens)
        at_desk.see("^P accept")
        at_desk.press("escape")
    at_desk.press("f5")
    at_desk.see("a accept")
    at_desk.press("a")
    at_desk.see("accept>", "Kim, Dana: chest pain", "Which nurse takes over?")
    at_desk.type("shah")
    at_desk.see("Mina Shah accepts the nurse call")
    at_desk.press("enter")
    at_desk.see("Mina Shah has the nurse call: chest pain.")
    at_desk.not_see("NURSE 1")


def test_f9_in_a_call_hands_over_patient_number_and_note(
    clinic: Clinic, at_desk: Driver, desk: Desk
) -> None:
    at_desk.press("ctrl+n")
    at_desk.type("201-555-0144")
    at_desk.press("enter", "7", "8")
    at_desk.type("chest pain since noon")
    at_desk.press("f9")
    at_desk.see("nurse> chest pain since noon, 201-555-0144,", "Where is the person now?")
    at_desk.type("at home")
    at_desk.press("enter")
    at_desk.see("Nurse called for Haddad, Layla", "outcome   nurse")
    at_desk.press("enter")
    at_desk.press("3")
    at_desk.type("lee")
    at_desk.press("ctrl+d")
    at_desk.see("A nurse call is open for this patient", "chest pain since noon")
    nurse.accept(clinic.desk("ben"), nurse_call_id=nurse.waiting(desk)[0].id, name="Mina Shah")
    at_desk.press("ctrl+d")
    at_desk.see("Call 1001 stored: Haddad, Layla, message to LEE")
    row = calls.load_log(desk, "today").rows[0]
    assert row.outcome == "message"


def test_a_call_and_a_nurse_call_share_the_state_line(clinic: Clinic, at_desk: Driver) -> None:
    nurse.raise_flag(
        clinic.desk("ben"),
        complaint="fainted at the pharmacy and hit her head on the counter",
        callback_number="201-555-0199",
        whereabouts="at home",
    )
    at_desk.press("ctrl+n")
    at_desk.type("haddad")
    at_desk.press("f5")
    top = at_desk.row("NURSE 1: fainted")
    assert "CALL 00:00 ^N" in top
    assert len(top) <= 80


def test_it_stays_after_a_restart(clinic: Clinic, desk: Desk) -> None:
    nurse.raise_flag(desk, complaint="seizure", callback_number="1", whereabouts="at home")
    with Driver(lambda: app_for(clinic, "ben")) as at_desk:
        at_desk.see("NURSE 1: seizure")

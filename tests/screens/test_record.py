"""The record in parts on the screen: related persons and alerts on forms, by keys alone."""

import pytest

from pcoord.services import history, patients, record
from pcoord.services.desk import Desk
from tests.clinic import Clinic
from tests.screens.driver import Driver
from tests.screens.opened import open_desk


def open_record(at_desk: Driver, who: str = "gonzalez maria") -> None:
    """Look somebody up, fix them and open the record."""
    at_desk.press("f4")
    at_desk.type(who)
    at_desk.press("enter", "R")
    at_desk.see("RECORD  Gonzalez, Maria Luisa   MRN 8841", "Related persons", "+ alert")


def test_a_related_person_is_added_seen_and_changed(
    at_desk: Driver, desk: Desk, clinic: Clinic
) -> None:
    open_record(at_desk)
    at_desk.press("tab")
    at_desk.start_counting()
    at_desk.press("enter")
    at_desk.see("NEW RELATED PERSON", "Gonzalez, Maria Luisa", "11/24/2026")
    for n, text in enumerate(("gomez", "luis", "son", "201-555-0199", "clin, app")):
        at_desk.press(*(["tab"] if n else []))
        at_desk.type(text)
    at_desk.press("ctrl+d")
    at_desk.see("Added to Gonzalez, Maria Luisa, related person: son  Luis Gomez")
    assert at_desk.overhead <= 1 + 5
    at_desk.see("son  Luis Gomez  may hear about care and times  (201) 555-0199")
    at_desk.press("up", "enter")
    at_desk.see("RELATED PERSON", "^R was an error")
    at_desk.press(*["tab"] * 10)
    at_desk.type("Court order 77, copy on file")
    at_desk.press("ctrl+d")
    at_desk.see("DENIED (Court order 77, copy on file)", "Changed for Gonzalez")
    at_desk.press("u")
    at_desk.see("Taken back", "may hear about care and times")
    maria = clinic.patient(desk, "8841")
    assert patients.card(desk, maria).contacts[0].denied is None


def test_a_field_is_refused_as_one_goes_on_and_taken_when_right(at_desk: Driver) -> None:
    open_record(at_desk)
    at_desk.press("enter")
    at_desk.see("NEW ALERT")
    at_desk.type("f")
    at_desk.press("tab")
    at_desk.type("Needs an arm")
    at_desk.press("tab", "tab")
    at_desk.type("nevr")
    at_desk.press("tab")
    at_desk.see("nevr")
    assert "NEW ALERT" in at_desk.frame()
    at_desk.see("until")
    refused = at_desk.frame()
    assert "nevr" in refused and ("not" in refused or "understood" in refused)
    at_desk.press("shift+tab")
    at_desk.press(*["backspace"] * 4)
    at_desk.press("ctrl+d")
    at_desk.see("alert: fall  Needs an arm")


def test_what_was_an_error_goes_by_another_key(at_desk: Driver, desk: Desk, clinic: Clinic) -> None:
    maria = clinic.patient(desk, "8841")
    record.add(desk, patient_id=maria, part="alert", kind="latex", text="Latex allergy")
    open_record(at_desk)
    at_desk.press("enter")
    at_desk.see("ALERT  Gonzalez", "Latex allergy")
    at_desk.press("ctrl+r", "ctrl+r", "enter")
    at_desk.see("Take it out as an error?")
    assert patients.card(desk, maria).alerts == ("Latex allergy",)
    at_desk.press("1")
    at_desk.see("Taken out of the record of Gonzalez, Maria Luisa, alert: latex  Latex allergy.")
    assert patients.card(desk, maria).alerts == ()


def test_a_half_typed_entry_is_offered_again(at_desk: Driver) -> None:
    open_record(at_desk)
    at_desk.press("enter")
    at_desk.type("safety")
    at_desk.press("escape")
    at_desk.see("RECORD", "Kept as half typed")
    at_desk.ask(lambda app: app.session.flush())
    at_desk.press("enter")
    at_desk.see("Half typed 09:00: safety. ^T brings it back.")
    at_desk.press("ctrl+t", "tab")
    at_desk.type("Hit a nurse")
    at_desk.press("ctrl+d")
    at_desk.see("alert: safety  Hit a nurse")


def test_the_palette_is_the_palette_where_nothing_offers_what_was_half_typed(
    clinic: Clinic, at_desk: Driver
) -> None:
    open_record(at_desk)
    at_desk.press("enter")
    at_desk.type("safety")
    at_desk.ask(lambda app: app.session.flush())
    for other in open_desk(clinic):
        other.see("Not finished: alert for Gonzalez, Maria Luisa. ^P goes on with it.")
        other.press("f4", "ctrl+p")
        other.see("\n>", "^P goes on with alert for Gonzalez, Maria Luisa")
        other.type("kim dana")
        other.not_see("goes on with")
        other.press("ctrl+u", "ctrl+p")
        other.see("NEW ALERT", "safety")
        other.press("escape")
        other.press("ctrl+p")
        other.not_see("goes on with")
        assert other.ask(lambda app: len(app.screen_stack)) == 2


def test_a_typed_line_opens_the_record(at_desk: Driver) -> None:
    at_desk.press("ctrl+p")
    at_desk.type("alerts haddad")
    at_desk.press("enter")
    at_desk.see("RECORD  Haddad, Layla   MRN 10442")


def test_a_record_that_nobody_changed_says_so(
    at_desk: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_record(at_desk)
    at_desk.press("end")
    at_desk.see("Filled.")
    at_desk.press("escape")
    monkeypatch.setattr(history, "history", lambda desk, patient_id: ())
    open_record(at_desk)
    at_desk.press("end")
    at_desk.see("History\n  nothing was changed at the desk yet")


def test_the_record_and_its_forms_at_80x24(at_desk: Driver, desk: Desk, clinic: Clinic) -> None:
    maria = clinic.patient(desk, "8841")
    son = {"family": "Gomez", "given": "Luis", "role": "son", "phone": "201-555-0199"}
    record.add(desk, patient_id=maria, part="contact", **son, scopes="all", emergency="y")
    record.add(desk, patient_id=maria, part="alert", kind="latex", text="Latex allergy")
    open_record(at_desk)
    at_desk.golden("record_80x24")
    at_desk.press("enter")
    at_desk.see("appears on")
    at_desk.golden("record_alert_80x24")
    for part in ("person", "phone", "address", "coverage", "document", "name"):
        at_desk.press("escape", "tab", "enter")
        at_desk.see("^D save")
        at_desk.golden(f"record_{part}_80x24")


def test_the_history_is_read_and_a_step_taken_back(
    at_desk: Driver, desk: Desk, clinic: Clinic
) -> None:
    maria = clinic.patient(desk, "8841")
    patients.edit(desk, patient_id=maria, email="m@example.org")
    patients.edit(desk, patient_id=maria, pronouns="she/her")
    open_record(at_desk)
    at_desk.press(*["tab"] * 7)
    at_desk.press("down", "enter")
    at_desk.see("Changed Gonzalez, Maria Luisa: e-mail.", "e-mail: nothing to m@example.org")
    at_desk.press("ctrl+r")
    at_desk.see("This cannot be taken back any more")
    at_desk.press("escape", "up", "enter")
    at_desk.see("pronouns: nothing to she/her")
    at_desk.press("ctrl+r")
    at_desk.see("Taken back: Changed Gonzalez, Maria Luisa: pronouns.")
    at_desk.see("RECORD")
    assert patients.card(desk, maria).pronouns is None

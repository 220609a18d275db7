"""Working with somebody whose record is restricted: the least until a reason is given, then all."""

from datetime import timedelta

import pytest

from pcoord.services import calls, patients
from pcoord.services.desk import Desk
from pcoord.store.queries import events
from pcoord.store.tables import Patient
from tests.clinic import Clinic
from tests.screens.driver import Driver
from tests.screens.waiting import LAYLA, add_facts, book

SECRETS = ("Layla", "1992", "0144", "Ferry")


@pytest.fixture
def layla(clinic: Clinic, desk: Desk) -> str:
    """A restricted patient with a visit this afternoon, and a call-back due."""
    add_facts(clinic, desk)
    key = clinic.patient(desk, LAYLA)
    book(clinic, desk, LAYLA, 14)
    due = desk.now + timedelta(hours=2)
    calls.log_call(
        desk, phone="201-555-0144", patient_id=key, note="wants her slip", callback_due=due
    )
    desk.store.write(
        desk.who, "test", lambda unit: unit.update(Patient, key, restricted=True) or unit.say("R.")
    )
    return key


def reasons(desk: Desk, patient_id: str) -> list[str]:
    """Return why her record was opened, the latest first."""
    said = (row.said or "" for row in desk.read(events.listing, patient_id=patient_id))
    head = "Opened a restricted record: "
    return [text.removeprefix(head) for text in said if text.startswith(head)]


def test_check_in_needs_no_other_reason(at_desk: Driver, desk: Desk, layla: str) -> None:
    at_desk.press("f2", "f7")
    at_desk.type("haddad")
    at_desk.see("restricted Haddad, L.")
    at_desk.not_see(*SECRETS)
    at_desk.press("enter")
    at_desk.see("CHECK IN", "05/09/1992", "12 Ferry Landing")
    at_desk.press("b", "a", "enter")
    at_desk.see("Checked in Haddad, L. (birth date, address fitted).")
    at_desk.press("f3")
    at_desk.see("Haddad, L.")
    at_desk.not_see(*SECRETS)
    assert reasons(desk, layla) == []


def test_a_call_asks_why_over_the_panel(at_desk: Driver, desk: Desk, layla: str) -> None:
    at_desk.press("ctrl+n")
    at_desk.type("haddad")
    at_desk.see("restricted Haddad, L.")
    at_desk.not_see(*SECRETS)
    at_desk.press("enter")
    at_desk.see("why>", "the reason is kept in the log")
    at_desk.not_see(*SECRETS)
    at_desk.type("she calls about her slip")
    at_desk.press("enter")
    at_desk.see("CALL in", "Haddad, Layla", "born 05/09/1992")
    assert reasons(desk, layla) == ["she calls about her slip"]


def test_a_call_about_her_goes_on_without_a_reason(at_desk: Driver, layla: str) -> None:
    at_desk.press("ctrl+n")
    at_desk.type("haddad")
    at_desk.press("enter", "escape")
    at_desk.see("CALL in")
    at_desk.not_see("why>", *SECRETS)


def test_a_stored_call_opens_with_a_reason(at_desk: Driver, desk: Desk, layla: str) -> None:
    at_desk.press("f5")
    at_desk.see("restricted Haddad, L.")
    at_desk.not_see("wants her slip", *SECRETS)
    at_desk.press("enter")
    at_desk.type("calling her back")
    at_desk.press("enter")
    at_desk.see("wants her slip", "Haddad, Layla", "201-555-0144")
    at_desk.press("escape")
    at_desk.see("(201) 555-0144", "wants her slip")


def test_the_schedule_opens_her_card_with_a_reason(at_desk: Driver, layla: str) -> None:
    at_desk.press("f2", "v")
    at_desk.see("14:00 B  Haddad, L.")
    at_desk.press("g")
    at_desk.type("today 14:00")
    at_desk.press("enter")
    at_desk.see("restricted Haddad, L.  es  interp  MRN 10442")
    at_desk.not_see(*SECRETS)
    at_desk.press("enter")
    at_desk.see("why>")
    at_desk.type("asked at the counter")
    at_desk.press("enter")
    at_desk.see("Haddad, Layla", "RESTRICTED record")


def test_a_record_that_is_restricted_meanwhile_closes_without_a_question(
    clinic: Clinic, at_desk: Driver
) -> None:
    at_desk.press("f4")
    at_desk.type("kim dana")
    at_desk.see("MRN 10443   born 31 Jan 1990")
    boss = clinic.desk("boss")
    patients.edit(boss, patient_id=clinic.patient(boss, "10443"), restricted="yes")
    at_desk.see("restricted Kim, D.")
    at_desk.not_see("why>", "31 Jan 1990")


def test_the_palette_leads_to_her_card_by_a_reason(at_desk: Driver, layla: str) -> None:
    at_desk.press("ctrl+p")
    at_desk.type("haddad")
    at_desk.see("restricted Haddad, L.")
    at_desk.not_see(*SECRETS)
    at_desk.press("enter")
    at_desk.see("why>")
    at_desk.type("she asked for a form")
    at_desk.press("enter")
    at_desk.see("Haddad, Layla", "RESTRICTED record")


def test_in_place_of_a_closed_card_stands_how_to_open_it(
    at_desk: Driver, desk: Desk, layla: str
) -> None:
    at_desk.press("f4")
    at_desk.type("haddad")
    at_desk.see("| RESTRICTED record", "| Enter asks why and opens it.")
    at_desk.not_see(*SECRETS)
    at_desk.press("ctrl+u")
    at_desk.type("kim dana")
    at_desk.see("| MRN 10443")
    at_desk.not_see("asks why and opens")
    at_desk.press("ctrl+u")
    at_desk.type("haddad")
    at_desk.see("| Enter asks why and opens it.")
    at_desk.press("enter")
    at_desk.type("mother of a colleague calls")
    at_desk.press("enter")
    at_desk.see("| MRN 10442", "RESTRICTED record", "12 Ferry Landing")
    assert reasons(desk, layla) == ["mother of a colleague calls"]

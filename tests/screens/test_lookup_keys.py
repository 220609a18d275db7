"""F4 in a call: the wider look after a pause, and records that take a reason to open."""

from pcoord.services.desk import Desk
from pcoord.store.queries import events
from pcoord.store.tables import Patient
from tests.clinic import Clinic
from tests.screens.driver import Driver


def restrict(clinic: Clinic, desk: Desk, mrn: str) -> str:
    key = clinic.patient(desk, mrn)
    desk.store.write(
        desk.who, "test", lambda unit: unit.update(Patient, key, restricted=True) or unit.say("R.")
    )
    return key


def test_two_errors_are_found_when_typing_pauses(at_desk: Driver) -> None:
    at_desk.press("f4")
    at_desk.type("gonsalec luiza")
    at_desk.see("sounds like", "Gonzalez, Maria Luisa")


def test_a_restricted_record_opens_with_a_reason_only(
    clinic: Clinic, at_desk: Driver, desk: Desk
) -> None:
    key = restrict(clinic, desk, "10442")
    at_desk.press("f4")
    at_desk.type("haddad")
    at_desk.see("restricted Haddad, L.")
    at_desk.not_see("Layla", "May 1992", "5/9/1992")
    at_desk.press("enter")
    at_desk.see("why>", "the reason is kept")
    at_desk.type("asked for her lab slip")
    at_desk.press("enter")
    at_desk.see("Haddad, Layla", "RESTRICTED record")
    said = [row.said for row in desk.read(events.listing, patient_id=key) if row.kind == "read"]
    assert "Opened a restricted record: asked for her lab slip" in said

"""A call about a child: who may consent, who may hear a time, and what stays between two."""

from pcoord.services import booking, confidential, record
from pcoord.services.desk import Desk
from tests.clinic import Clinic
from tests.screens.driver import Driver


def test_a_guardian_is_not_told_of_a_confidential_visit(
    clinic: Clinic, at_desk: Driver, desk: Desk
) -> None:
    child = clinic.patient(desk, "10446")
    for family, role, scopes, denied in (
        ("Nunez", "mother", "consent, clinical", ""),
        ("Roe", "father", "all", "Order 12-7"),
        ("Ortega", "aunt", "appointments", ""),
    ):
        typed = {"family": family, "role": role, "scopes": scopes, "denied": denied}
        record.add(desk, patient_id=child, part="contact", from_date="today", **typed)
    step = booking.book(
        desk,
        patient_id=child,
        practitioner_id=desk.clinic.practitioner("LEE").id,
        start=clinic.at(9, days=1),
        visit_type_id=desk.clinic.visit_type("fu").id,
    )
    confidential.mark(desk, appointment_id=str(step.id))
    at_desk.press("ctrl+n")
    at_desk.type("nunez-garcia ana")
    at_desk.press("enter")
    at_desk.see("MINOR", "no visit booked")
    at_desk.see("Roe (father, DENIED), ", "Nunez (mother, may consent)", "(aunt, times only)")
    at_desk.type("Nunez")
    at_desk.see("mother: consent, clinical only", "no visit booked")
    at_desk.press(*["backspace"] * 5)
    at_desk.type("Roe")
    at_desk.see("DENIED (Order 12-7): tell nothing")
    at_desk.press(*["backspace"] * 3)
    at_desk.type("patient")
    at_desk.see("next Wed 25 Nov 09:00 LEE fu  CONFIDENTIAL", "the patient, a minor")

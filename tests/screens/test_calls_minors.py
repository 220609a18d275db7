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


def test_all_that_is_to_be_minded_is_seen_at_80x24(
    clinic: Clinic, at_desk: Driver, desk: Desk
) -> None:
    child = clinic.patient(desk, "10446")
    for family, role, more in (
        ("Nunez", "mother", {"scopes": "consent, clinical"}),
        ("Roe", "father", {"denied": "Order 12-7", "phone": "201-555-0198"}),
    ):
        typed = {"family": family, "role": role, "from_date": "today"}
        record.add(desk, patient_id=child, part="contact", **typed | more)
    for text in ("Father waits outside", "Throws things", "Speaks slowly, give her time"):
        record.add(desk, patient_id=child, part="alert", kind="safety", text=text)
    (phone,) = record.load(desk, child).of("phone")
    record.change(desk, part="phone", part_id=phone.id, may_leave="nothing")
    at_desk.press("ctrl+n")
    at_desk.type("201-555-0198 nunez-garcia ana")
    at_desk.press("enter")
    at_desk.see("MINOR", "! this is the number of Roe, whom an order shuts out (Order 12-7)")
    at_desk.see("Roe (father, DENIED), Nunez (mother, may consent)")
    at_desk.see("Father waits outside", "Throws things", "Speaks slowly, give her time")
    at_desk.see("(201) 555-0177 leave nothing at this number")
    at_desk.see("caller ", "verified", "note", "outcome ", "^D save", "Esc keep for later")
    at_desk.type("patient")
    at_desk.see("DENIED, by the number: tell nothing")

"""People in the waiting room of the test clinic."""

from datetime import date, timedelta
from typing import Any

from pcoord.services import booking, flow
from pcoord.services.desk import Desk
from pcoord.store.tables import Address, Patient, RelatedPerson
from pcoord.store.unit import Unit
from tests.clinic import Clinic
from tests.screens.driver import Driver

LAYLA, DANA, DANIEL, MARIA, ANA = "10442", "10443", "10444", "8841", "10446"


def book(clinic: Clinic, desk: Desk, mrn: str, hour: int, minute: int = 0, who: str = "LEE") -> str:
    """Book a follow-up today and return its id."""
    step = booking.book(
        desk,
        patient_id=clinic.patient(desk, mrn),
        practitioner_id=desk.clinic.practitioner(who).id,
        start=clinic.at(hour, minute),
        visit_type_id=desk.clinic.visit_type("fu").id,
    )
    return str(step.id)


def arrived(clinic: Clinic, desk: Desk, mrn: str, hour: int, minute: int = 0) -> str:
    """Book somebody who stands at the desk now, and return the encounter's id."""
    visit = book(clinic, desk, mrn, hour, minute)
    return str(flow.arrive(desk, appointment_id=visit).id)


def checked_in(clinic: Clinic, desk: Desk, mrn: str, hour: int, minute: int = 0) -> str:
    """Book and check somebody in with two identifiers, and return the encounter's id."""
    visit = book(clinic, desk, mrn, hour, minute)
    return str(flow.check_in(desk, appointment_id=visit, verified="birth date,phone").id)


def pass_minutes(clinic: Clinic, minutes: float) -> None:
    """Let time go by."""
    clinic.clock.moment += timedelta(minutes=minutes)


def next_key(at_desk: Driver, clinic: Clinic, *keys: str) -> None:
    """Press keys as a person does, not as a key that is held down."""
    for key in keys:
        pass_minutes(clinic, 0.05)
        at_desk.press(key)


def add_facts(clinic: Clinic, desk: Desk) -> None:
    """Give people addresses and a language, and a child those who bring it."""

    def body(unit: Unit) -> None:
        for mrn, street in ((LAYLA, "12 Ferry Landing"), (DANA, "3 Quay Road"), (ANA, "9 Mill")):
            unit.insert(
                Address, patient_id=clinic.patient(desk, mrn), line=street, city="Willow Bend"
            )
        unit.update(Patient, clinic.patient(desk, LAYLA), language="es", interpreter=True)
        child: dict[str, Any] = {"patient_id": clinic.patient(desk, ANA)}
        unit.insert(
            RelatedPerson, family="Nuñez", given="Rosa", role="mother", scopes="consent", **child
        )
        unit.insert(
            RelatedPerson,
            family="Garcia",
            given="Ray",
            role="father",
            denied="order 26-114",
            **child,
        )
        unit.insert(
            RelatedPerson,
            family="Nuñez",
            given="Inés",
            role="grandmother",
            scopes="pick-up, appointments",
            from_date=date(2026, 1, 1),
            **child,
        )
        unit.say("Facts.")

    desk.store.write(desk.who, "test.facts", body)

"""How often a step asks the database: on PostgreSQL each statement is a way there and back."""

import pytest

from pcoord.services import booking, flow
from pcoord.services.desk import Desk
from tests.clinic import Clinic
from tests.services.test_day import statements

AT_MOST = {
    "book": 15,
    "move": 14,
    "confirm": 8,
    "cancel": 11,
    "walk in": 12,
    "leave": 13,
    "look": 5,
}


def test_a_step_asks_no_more_than_it_must(clinic: Clinic, desk: Desk) -> None:
    person = clinic.patient(desk, "8841")
    sent: dict[str, list[str]] = {}
    with statements(desk) as sent["first look"]:
        desk.store.note(desk.who, "read", patient_id=person)
    with statements(desk) as sent["look"]:
        desk.store.note(desk.who, "read", patient_id=person)
    with statements(desk) as sent["book"]:
        visit = booking.book(
            desk,
            patient_id=person,
            practitioner_id=desk.clinic.practitioner("LEE").id,
            start=clinic.at(9, 0, days=7),
            visit_type_id=desk.clinic.visit_type("fu").id,
        ).id
    with statements(desk) as sent["move"]:
        booking.move(desk, appointment_id=visit, start=clinic.at(10, 0, days=7))
    with statements(desk) as sent["confirm"]:
        booking.confirm(desk, appointment_id=visit)
    with statements(desk) as sent["cancel"]:
        booking.cancel(desk, appointment_id=visit, reason="other")
    with statements(desk) as sent["walk in"]:
        here = flow.walk_in(desk, patient_id=person).id
    with statements(desk) as sent["leave"]:
        flow.left(desk, encounter_id=here)
    counts = {what: len(asked) for what, asked in sent.items()}
    assert all(counts[what] <= most for what, most in AT_MOST.items()), sorted(counts.items())
    # What comes behind COMMIT could fail, and the desk would call a stored step refused.
    assert {asked[-1] for asked in sent.values()} == {"COMMIT"}


@pytest.mark.parametrize("alone", [True, False])
def test_a_chain_goes_on_whoever_wrote_to_it_last(clinic: Clinic, alone: bool) -> None:
    one, other = clinic.desk("ana"), clinic.desk("ben")
    stores = [one.store] if alone else [one.store, other.store]
    for number in range(6):
        stores[number % len(stores)].note(one.who, "read", patient_id=clinic.patient(one, "8841"))
    verdict = other.store.verify()
    assert verdict.ok and verdict.events >= 6

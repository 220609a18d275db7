"""The waiting list on both engines."""

from datetime import timedelta

import pytest

from pcoord.domain.errors import NotFound, NotPermitted, Refused
from pcoord.services import steps, waitlist
from pcoord.services.desk import Desk
from pcoord.store.queries import calls as queries
from tests.clinic import TODAY, Clinic


def test_an_entry_keeps_what_would_suit(clinic: Clinic, desk: Desk) -> None:
    step = waitlist.add(
        desk,
        patient_id=clinic.patient(desk, "10443"),
        visit_type_id=desk.clinic.visit_type("fu").id,
        practitioner_id=desk.clinic.practitioner("LEE").id,
        part="am",
        weekdays="13",
        not_after=TODAY + timedelta(days=20),
    )
    assert step.said == "Kim, Dana is on the waiting list, Follow-up with LEE."
    row = desk.read(queries.waiting_list)[0]
    assert (row.mrn, row.part, row.weekdays) == ("10443", "am", "13")
    steps.undo_last(desk)
    assert desk.read(queries.waiting_list) == []


def test_a_past_last_day_and_an_unknown_patient_are_refused(clinic: Clinic, desk: Desk) -> None:
    patient = clinic.patient(desk, "10443")
    with pytest.raises(Refused, match="is past"):
        waitlist.add(desk, patient_id=patient, not_after=TODAY - timedelta(days=1))
    with pytest.raises(NotFound):
        waitlist.add(desk, patient_id="0" * 32)


def test_a_read_only_person_adds_nobody(clinic: Clinic) -> None:
    eve = clinic.desk("eve")
    with pytest.raises(NotPermitted):
        waitlist.add(eve, patient_id=clinic.patient(eve, "10443"))

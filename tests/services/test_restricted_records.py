"""Restricted records say the least until somebody says why they are opened."""

import json

import pytest

from pcoord.domain.errors import BadUsage
from pcoord.services import lookup, patient_search, patients, restricted_records, views
from pcoord.services.desk import Desk
from pcoord.store.queries import events
from pcoord.store.tables import Patient
from tests.clinic import Clinic


@pytest.fixture
def layla(clinic: Clinic, desk: Desk) -> str:
    key = clinic.patient(desk, "10442")

    def body(unit: object) -> None:
        unit.update(Patient, key, restricted=True)  # type: ignore[attr-defined]
        unit.say("Restricted.")  # type: ignore[attr-defined]

    desk.store.write(desk.who, "test", body)
    return key


def test_the_list_shows_the_least(desk: Desk, layla: str) -> None:
    (hit,) = patient_search.Search().look(desk, "haddad").hits
    assert (hit.family, hit.given, hit.mrn, hit.closed) == ("Haddad", "L.", "10442", True)
    assert (hit.birth_date, hit.phone, hit.language) == (None, None, None)
    (told,) = views.find(desk, "haddad", 5)
    assert (told["given"], told["birth_date"], told["phone"]) == ("L.", None, None)
    assert told["state"] == "restricted"
    assert "Layla" not in json.dumps(views.find_each(desk, ["haddad"], 5))


def test_the_card_needs_a_reason_once_a_session(clinic: Clinic, desk: Desk, layla: str) -> None:
    with pytest.raises(restricted_records.ReasonNeeded):
        patients.card(desk, layla)
    with pytest.raises(BadUsage):
        patients.card(desk, layla, reason=" ")
    assert patients.card(desk, layla, reason="she asked for a form").given == "Layla"
    assert patients.card(desk, layla).given == "Layla"
    assert not restricted_records.least(desk, lookup.one(desk, layla)).closed
    said = [row.said for row in desk.read(events.listing, patient_id=layla)]
    assert said.count("Opened a restricted record: she asked for a form") == 1
    with pytest.raises(restricted_records.ReasonNeeded):
        patients.card(clinic.desk("ben"), layla)


def test_a_reason_opens_what_is_found(desk: Desk, layla: str) -> None:
    (told,) = views.find(desk, "haddad", 5, "on the phone with her")
    assert told["given"] == "Layla" and told["state"] is None

"""One door for whatever reaches out: by which way, about which visit, and how much may be said."""

from typing import Any

import pytest

from pcoord.domain.errors import NotFound, Refused
from pcoord.services import booking, calls, confidential, late, letters, patients, record
from pcoord.services.desk import Desk
from pcoord.services.reaching import WAYS, Reach, may_reach
from tests.clinic import Clinic
from tests.screens.waiting import MARIA

MOBILE = "12015550142"
WRITTEN = ("letter", "text", "mail")


@pytest.fixture
def maria(clinic: Clinic, desk: Desk) -> str:
    """Somebody who may be reached by every way, details included."""
    key = clinic.patient(desk, MARIA)
    agreed = {"email": "m@example.org", "text_ok": "yes", "email_ok": "yes"}
    patients.edit(desk, patient_id=key, **agreed)
    record.add(
        desk, patient_id=key, part="address", line="4 Mill", city="Union", may_leave="details"
    )
    return key


def reach(desk: Desk, who: str, way: str, **about: Any) -> Reach:
    return desk.read(may_reach, who, way, **about)


def book(clinic: Clinic, desk: Desk, who: str) -> str:
    step = booking.book(
        desk,
        patient_id=who,
        practitioner_id=desk.clinic.practitioner("LEE").id,
        start=clinic.at(14),
        visit_type_id=desk.clinic.visit_type("fu").id,
    )
    return str(step.id)


def test_every_way_leads_where_it_may(desk: Desk, maria: str) -> None:
    found = {way: reach(desk, maria, way, digits=MOBILE) for way in WAYS}
    assert all(one.allowed for one in found.values())
    assert {way: one.where for way, one in found.items()} == {
        "call": "201-555-0142",
        "letter": "4 Mill, Union",
        "text": "201-555-0142",
        "mail": "m@example.org",
    }
    assert found["letter"].may_say("reminder") and not found["text"].may_say("reminder")
    with pytest.raises(NotFound):
        reach(desk, "nobody", "letter")


def test_without_consent_nothing_is_sent(desk: Desk, maria: str) -> None:
    patients.edit(desk, patient_id=maria, text_ok="no", email_ok="no")
    assert reach(desk, maria, "text").says == "did not agree to texts"
    assert reach(desk, maria, "mail").says == "did not agree to e-mail"


def test_a_confidential_visit_is_written_nowhere(clinic: Clinic, desk: Desk, maria: str) -> None:
    visit = book(clinic, desk, maria)
    assert all(reach(desk, maria, way, visit_id=visit).allowed for way in WAYS)
    confidential.mark(desk, appointment_id=visit)
    told = {way: reach(desk, maria, way, visit_id=visit, digits=MOBILE) for way in WAYS}
    assert {way for way, one in told.items() if one.allowed} == {"call"}
    assert "written nowhere" in told["text"].says
    with pytest.raises(Refused, match="no visit that this letter may speak of"):
        letters.compose(desk, maria, "reminder")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"deceased_on": "11/1/2026", "cancel_visits": False}, "deceased"),
        ({"test": "yes"}, "test record"),
        ({"contact_by": "nobody"}, "asked not to be written to"),
    ],
)
def test_nothing_is_written_to_whom_it_must_not(
    clinic: Clinic, desk: Desk, maria: str, change: dict[str, Any], why: str
) -> None:
    patients.edit(clinic.desk("boss"), patient_id=maria, **change)
    for way in WRITTEN:
        told = reach(desk, maria, way)
        assert not told.allowed and why in told.says
        assert not told.may_say("unreached")
    with pytest.raises(Refused, match=why):
        letters.compose(desk, maria, "unreached")


def test_nobody_who_died_is_told_that_somebody_is_late(
    clinic: Clinic, desk: Desk, maria: str
) -> None:
    book(clinic, desk, maria)
    assert [one.patient_id for one in late.to_tell(desk)] == [maria]
    patients.edit(
        desk, patient_id=maria, deceased_on="11/1/2026", cancel_visits=False, same_person=True
    )
    assert late.to_tell(desk) == []


def test_a_call_obeys_what_stands_at_the_number(desk: Desk, maria: str) -> None:
    (phone,) = record.load(desk, maria).of("phone")
    record.change(desk, part="phone", part_id=phone.id, may_leave="nothing")
    out = {"phone": "201-555-0142", "patient_id": maria, "direction": "out"}
    with pytest.raises(Refused, match="Nothing may be left"):
        calls.log_call(desk, outcome="voicemail", **out)
    (phone,) = record.load(desk, maria).of("phone")
    record.change(desk, part="phone", part_id=phone.id, never="y")
    with pytest.raises(Refused, match="Never call this number"):
        calls.log_call(desk, outcome="done", **out)
    assert reach(desk, maria, "call", digits="19999999999").leave == "name and number"

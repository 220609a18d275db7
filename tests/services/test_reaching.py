"""One door for whatever reaches out: by which way, about which visit, and how much may be said."""

from typing import Any

import pytest

from pcoord import quickline
from pcoord.domain.errors import NotFound, Refused
from pcoord.services import (
    booking,
    callers,
    calls,
    confidential,
    day,
    late,
    letters,
    merging,
    patients,
    record,
    steps,
)
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


# Whom an order shuts out, and who wants to hear from nobody

NUMBER = "201-555-0198"


def shut_out(desk: Desk, who: str, **more: str) -> None:
    typed = {"family": "Wolf", "given": "Norbert", "role": "partner", "denied": "order 26-77"}
    record.add(desk, patient_id=who, part="contact", **typed | {"phone": NUMBER} | more)


def test_the_number_of_whom_an_order_shuts_out_is_not_called(desk: Desk, maria: str) -> None:
    shut_out(desk, maria)
    denied = reach(desk, maria, "call", digits="1" + NUMBER.replace("-", ""))
    assert not denied.allowed and denied.says == (
        "this is the number of Norbert Wolf, whom an order shuts out (order 26-77)"
    )
    made = {"patient_id": maria, "phone": NUMBER, "direction": "out"}
    with pytest.raises(Refused, match=r"^This is the number of Norbert Wolf, .* in the note"):
        calls.log_call(desk, **made, outcome="done")
    calls.log_call(desk, **made, outcome="done", note="He asked the clinic to; told nothing.")


def test_whoever_calls_from_that_number_is_told_nothing(desk: Desk, maria: str) -> None:
    shut_out(desk, maria)
    about = callers.about(desk, maria, NUMBER)
    assert callers.may_discuss(about, "patient") == ("DENIED, by the number: tell nothing", True)
    told = quickline.understand(desk, f'call {NUMBER} gonzalez maria "when is her visit"')
    assert ("mind", about.denied_number) in told.fields and told.call is not None


@pytest.mark.parametrize("shared", ["own", "with her mother"])
def test_a_number_that_others_have_too_accuses_nobody(desk: Desk, maria: str, shared: str) -> None:
    shut_out(desk, maria)
    if shared == "own":
        record.add(desk, patient_id=maria, part="phone", value=NUMBER)
    else:
        record.add(
            desk, patient_id=maria, part="contact", family="Roe", role="mother", phone=NUMBER
        )
    assert callers.about(desk, maria, NUMBER).denied_number == ""
    assert reach(desk, maria, "call", digits="1" + NUMBER.replace("-", "")).allowed


def test_whoever_wants_to_hear_from_nobody_is_not_called(desk: Desk, maria: str) -> None:
    patients.edit(desk, patient_id=maria, contact_by="nobody")
    assert callers.about(desk, maria).reach == "asked not to be contacted"
    for phone in ("201-555-0142", None):
        with pytest.raises(Refused, match=r"^Asked not to be contacted\. If it was called, say"):
            calls.log_call(desk, patient_id=maria, phone=phone, direction="out", outcome="done")
    calls.log_call(desk, patient_id=maria, phone="201-555-0142", direction="in", outcome="done")


def test_the_patient_may_be_named_as_who_calls(desk: Desk, maria: str) -> None:
    about = callers.about(desk, maria)
    for caller in ("Maria Luisa Gonzalez", "gonzalez maria luisa", "patient"):
        assert callers.may_discuss(about, caller)[0] == "the patient, once verified"
    assert callers.may_discuss(about, "Gonzalez")[0].startswith("not on file")
    same = {"family": "Gonzalez", "given": "Maria Luisa", "role": "mother"}
    record.add(desk, patient_id=maria, part="contact", **same)
    about = callers.about(desk, maria)
    assert callers.may_discuss(about, "Maria Luisa Gonzalez")[0].startswith("mother")


# A typed call


def test_a_typed_call_minds_who_is_around_a_child(clinic: Clinic, desk: Desk) -> None:
    child = clinic.patient(desk, "10446")
    told = quickline.understand(desk, 'call 201-555-0100 nunez-garcia ana "asks for a time"')
    assert ("mind", "a MINOR; may consent: nobody on file") in told.fields
    for family, role, more in (
        ("Nunez", "mother", {"scopes": "all"}),
        ("Roe", "father", {"denied": "order 12-7"}),
        ("Ortega", "aunt", {"scopes": "appointments"}),
    ):
        record.add(desk, patient_id=child, part="contact", family=family, role=role, **more)
    told = quickline.understand(desk, 'call 201-555-0100 nunez-garcia ana "asks for a time"')
    minded = [text for label, text in told.fields if label == "mind"]
    assert minded == ["Roe (father) DENIED: order 12-7", "a MINOR; may consent: Nunez (mother)"]


@pytest.mark.parametrize(
    ("words", "stored"),
    [
        ('verified dob, mrn "refill" callback 4pm lee', "birth date, record number"),
        ('"refill" callback 4pm lee verified birth date and address', "birth date, address"),
        ('"refill"', ""),
    ],
)
def test_a_typed_call_keeps_what_the_caller_gave(desk: Desk, words: str, stored: str) -> None:
    told = quickline.understand(desk, f"call 201-555-0100 gonzalez maria {words}")
    assert told.call is not None
    quickline.run(desk, told.call)
    (row,) = calls.log(desk)
    assert (row.verified, row.note) == (stored, "refill")


def test_a_number_verifies_nobody_in_a_typed_call_either(desk: Desk) -> None:
    told = quickline.understand(desk, 'call 201-555-0100 gonzalez maria "x" verified phone')
    assert told.call is not None
    with pytest.raises(Refused, match="A phone verifies nobody"):
        quickline.run(desk, told.call)


def test_a_typed_check_in_keeps_what_was_asked(clinic: Clinic, desk: Desk, maria: str) -> None:
    book(clinic, desk, maria)
    told = quickline.understand(desk, "checkin gonzalez 3/4/1962 verified address, dob")
    assert told.call is not None and told.call.values["verified"] == "birth date,address"
    quickline.run(desk, told.call)
    assert [row.verified for row in day.here(desk)] == ["birth date,address"]


def test_who_wants_to_hear_from_nobody_does_so_after_a_merge(
    clinic: Clinic, desk: Desk, maria: str
) -> None:
    boss, marta = clinic.desk("boss"), clinic.patient(desk, "5530")
    patients.edit(desk, patient_id=maria, contact_by="text")
    patients.edit(desk, patient_id=marta, contact_by="nobody")
    step = merging.merge(boss, patient_id=maria, other_id=marta)
    assert not any(reach(desk, maria, way).allowed for way in WAYS)
    steps.undo_step(boss, step.number)
    assert reach(desk, maria, "text").allowed
    chosen = merging.merge(boss, patient_id=maria, other_id=marta, keep=("contact_by",))
    assert reach(desk, maria, "text").allowed and chosen.number

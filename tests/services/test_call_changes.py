"""Correcting a stored call on both engines: what follows it, what is refused, taking it back."""

from datetime import timedelta
from typing import Any

import pytest

from pcoord.domain.errors import Conflict, Refused
from pcoord.services import call_notes, calls, messages, nurse, steps
from pcoord.services.call_notes import Unclear
from pcoord.services.desk import Desk
from tests.clinic import NOW, Clinic

NOTE = "wants refill of lisinopril, out since Sunday"


def stored(clinic: Clinic, desk: Desk, **more: Any) -> str:
    """Store a call about Maria Gonzalez and return its id."""
    typed = {
        "phone": "201-555-0142",
        "patient_id": clinic.patient(desk, "8841"),
        "caller": "patient",
        "verified": ["birth date", "address"],
        "note": NOTE,
        "started_at": NOW.isoformat(),
    }
    return str(call_notes.store(desk, typed | more).id)  # type: ignore[arg-type]


def corrected(desk: Desk, call_id: str, **changes: Any) -> str:
    """Correct a call as the panel would, and return what was said."""
    typed: Any = call_notes.typed_of(desk, call_id) | changes
    return call_notes.correct(desk, typed).said


def test_what_was_wrong_is_put_right_and_taken_back(clinic: Clinic, desk: Desk) -> None:
    call_id = stored(clinic, desk)
    before, _ = calls.one(desk, call_id)
    clinic.clock.moment += timedelta(minutes=20)
    ben = clinic.desk("ben")
    said = corrected(ben, call_id, note="wants refill of losartan", caller="Luis, son")
    assert said == "Call 1001 of Gonzalez, Maria Luisa corrected: caller, note."
    row, _ = calls.one(desk, call_id)
    assert (row.note, row.caller, row.number) == ("wants refill of losartan", "Luis, son", 1001)
    assert (row.started_at, row.ended_at, row.taken_by) == (
        before.started_at,
        before.ended_at,
        before.taken_by,
    )
    steps.undo_last(ben)
    row, _ = calls.one(desk, call_id)
    assert (row.note, row.caller) == (NOTE, "patient")


def test_the_patient_and_the_number_may_be_wrong(clinic: Clinic, desk: Desk) -> None:
    call_id = stored(clinic, desk)
    said = corrected(
        desk, call_id, patient_id=clinic.patient(desk, "10442"), phone="201-555-0144", verified=[]
    )
    assert said == "Call 1001 of Haddad, Layla corrected: number, patient, verified."
    row, _ = calls.one(desk, call_id)
    assert (row.mrn, row.digits, row.verified) == ("10442", "12015550144", "")


def test_a_message_follows_its_note_until_it_was_dealt_with(clinic: Clinic, desk: Desk) -> None:
    call_id = stored(clinic, desk, outcome="message", to="lee", due="16:00")
    said = corrected(desk, call_id, note="wants refill of losartan", to="ortiz", urgent=True)
    assert said.endswith("corrected: note, for whom, message.")
    (left,) = calls.one(desk, call_id)[1]
    code = desk.clinic.practitioner(left.practitioner_id).code
    assert (left.text, code, left.urgent) == ("wants refill of losartan", "ORTIZ", True)
    messages.done(desk, message_id=left.id)
    corrected(desk, call_id, note="wants refill of amlodipine")
    (left,) = calls.one(desk, call_id)[1]
    assert left.text == "wants refill of losartan", "it was dealt with as it was"


def test_a_message_is_sent_or_taken_back_with_its_outcome(clinic: Clinic, desk: Desk) -> None:
    call_id = stored(clinic, desk)
    assert corrected(desk, call_id, outcome="message", to="lee").endswith("message sent.")
    assert len(calls.load_log(desk, "messages").rows) == 1
    said = corrected(desk, call_id, outcome="done")
    assert said.endswith("corrected: outcome, message taken back.")
    assert calls.load_log(desk, "messages").rows == []
    steps.undo_last(desk)
    assert len(calls.load_log(desk, "messages").rows) == 1


def test_a_due_time_that_has_passed_may_stay(clinic: Clinic, desk: Desk) -> None:
    call_id = stored(clinic, desk, outcome="callback", to="lee", due="10:00")
    calls.call_back_done(desk, call_id=call_id)
    clinic.clock.moment += timedelta(days=1)
    corrected(desk, call_id, note="told at the desk")
    row, _ = calls.one(desk, call_id)
    assert row.callback_due == clinic.at(10) and row.callback_done_at is not None
    with pytest.raises(Unclear, match="is past"):
        corrected(desk, call_id, due="24 Nov 2026 9:00")
    corrected(desk, call_id, due="tomorrow 9am")
    row, _ = calls.one(desk, call_id)
    assert row.callback_due == clinic.at(9, days=2) and row.callback_done_at is None


def test_nothing_changed_stores_nothing(clinic: Clinic, desk: Desk) -> None:
    call_id = stored(clinic, desk, outcome="callback", to="lee", due="16:00")
    with pytest.raises(Refused, match="Nothing was changed"):
        corrected(desk, call_id)


def test_two_who_correct_one_call(clinic: Clinic, desk: Desk) -> None:
    call_id = stored(clinic, desk)
    typed: Any = call_notes.typed_of(desk, call_id) | {"note": "one"}
    corrected(clinic.desk("ben"), call_id, note="two")
    with pytest.raises(Conflict, match="Ben Okafor changed it at 09:00"):
        call_notes.correct(desk, typed)
    assert calls.one(desk, call_id)[0].note == "two"


def test_an_open_red_flag_becomes_no_message(clinic: Clinic, desk: Desk) -> None:
    patient = clinic.patient(desk, "8841")
    call_id = stored(clinic, desk)
    raised = nurse.raise_flag(
        desk,
        complaint="chest pain",
        callback_number="201-555-0142",
        whereabouts="at home",
        patient_id=patient,
    )
    with pytest.raises(Refused, match="until a nurse accepts"):
        corrected(desk, call_id, outcome="message", to="lee")
    corrected(desk, call_id, outcome="nurse", nurse_call_id=str(raised.id))
    other = clinic.patient(desk, "10442")
    assert "nurse call" in corrected(desk, call_id, patient_id=other)
    assert [row.mrn for row in nurse.waiting(desk)] == ["10442"]

"""Calls on both engines: who may be calling, what is stored, what is promised and called back."""

from datetime import datetime, timedelta

import pytest

from pcoord.domain.errors import Conflict, NotPermitted, Refused
from pcoord.services import booking, call_notes, callers, calls, flow, patients, steps
from pcoord.services.call_notes import Unclear
from pcoord.services.desk import Desk
from pcoord.store.tables import Address, RelatedPerson
from pcoord.store.unit import Unit
from tests.clinic import NOW, TODAY, Clinic

SHARED = "201-555-0142"


def relate(clinic: Clinic, desk: Desk) -> None:
    """Give Maria Gonzalez a son, who has her number too, and a former husband, who is shut out."""
    patient = clinic.patient(desk, "8841")

    def body(unit: Unit) -> None:
        digits = "12015550142"
        common = {"patient_id": patient, "family": "Gonzalez"}
        luis = {"given": "Luis", "role": "son", "scopes": "appointments, billing"}
        unit.insert(RelatedPerson, **common, **luis, phone=SHARED, digits=digits)
        hugo = {"given": "Hugo", "role": "former husband", "denied": "order 12-334"}
        unit.insert(RelatedPerson, **common, **hugo, phone=SHARED, digits=digits)
        past = {"given": "Rosa", "role": "neighbor", "scopes": "pick-up"}
        unit.insert(RelatedPerson, **common, **past, until_date=TODAY - timedelta(days=1))
        unit.insert(Address, patient_id=patient, line="12 Elm St", city="Springfield")
        unit.say("Related.")

    desk.store.write(desk.who, "test.relate", body)


def typed(clinic: Clinic, desk: Desk, **more: object) -> call_notes.Typed:
    return {  # type: ignore[return-value,typeddict-item]
        "phone": SHARED,
        "patient_id": clinic.patient(desk, "8841"),
        "caller": "patient",
        "verified": ["birth date", "address"],
        "note": "wants refill of lisinopril, out since Sunday",
        "started_at": NOW.isoformat(),
        **more,
    }


def test_a_number_offers_everybody_who_shares_it(clinic: Clinic, desk: Desk) -> None:
    relate(clinic, desk)
    found = callers.household(desk, "(201) 555 0142")
    said = [(c.given, c.related.name if c.related else "") for c in found]
    assert said == [
        ("Maria Luisa", ""),
        ("Maria Luisa", "Luis Gonzalez"),
        ("Maria Luisa", "Hugo Gonzalez"),
    ]
    assert [c.key for c in callers.household(desk, "555-0142")] == [c.key for c in found]
    assert [c.mrn for c in callers.household(desk, "201-555-0155")] == ["10444", "10443"]
    assert callers.household(desk, "0142") == []


def test_a_number_with_a_name_tells_one_of_the_household(clinic: Clinic, desk: Desk) -> None:
    relate(clinic, desk)
    one = callers.read_caller(desk, "201-555-0155 dana")
    assert (one.phone, one.name) == ("201-555-0155", "dana")
    assert [c.given for c in one.callers] == ["Dana"]
    son = callers.read_caller(desk, "luis 201-555-0142").callers
    assert [c.related.name for c in son if c.related] == ["Luis Gonzalez"]


@pytest.mark.parametrize(("text", "mrns"), [("haddad", ["10442"]), ("03/04/1962", ["8841"])])
def test_a_name_or_a_birth_date_is_no_number(desk: Desk, text: str, mrns: list[str]) -> None:
    ringing = callers.read_caller(desk, text)
    assert ringing.phone == ""
    assert [c.mrn for c in ringing.callers] == mrns


def test_a_name_that_only_sounds_alike_is_not_sure(desk: Desk) -> None:
    assert [c.sure for c in callers.read_caller(desk, "hadad layla").callers] == [False]


def test_an_unknown_number_is_nobody(desk: Desk) -> None:
    ringing = callers.read_caller(desk, "201-555-0100")
    assert (ringing.phone, ringing.callers) == ("201-555-0100", ())


@pytest.mark.parametrize(
    ("caller", "said", "denied"),
    [
        ("patient", "the patient, once verified", False),
        ("Luis Gonzalez, son", "son: appointments, billing only", False),
        ("luis", "son: appointments, billing only", False),
        ("Hugo Gonzalez", "DENIED (order 12-334): tell nothing", True),
        ("Rosa Gonzalez", "neighbor: nothing agreed, message only", False),
        ("Gonzalez", "not on file: take a message only", False),
    ],
)
def test_what_may_be_discussed(
    clinic: Clinic, desk: Desk, caller: str, said: str, denied: bool
) -> None:
    relate(clinic, desk)
    about = callers.about(desk, clinic.patient(desk, "8841"))
    assert callers.may_discuss(about, caller) == (said, denied)
    assert (about.born, about.address) == ("03/04/1962", "12 Elm St, Springfield")


def test_looking_at_a_caller_is_one_event_in_ten_minutes(clinic: Clinic, desk: Desk) -> None:
    patient = clinic.patient(desk, "8841")
    count = f"SELECT count(*) FROM audit_event WHERE kind = 'read' AND patient_id = '{patient}'"
    for minutes in (0, 9, 2):
        clinic.clock.moment += timedelta(minutes=minutes)
        callers.about(desk, patient)
    assert desk.store.connection.exec_driver_sql(count).scalar_one() == 2


def test_a_typed_call_becomes_a_message_with_a_call_back(clinic: Clinic, desk: Desk) -> None:
    note = typed(clinic, desk, outcome="message", to="lee", due="by 16:00", urgent=True)
    step = call_notes.store(desk, note)
    assert step.said == (
        "Call 1001 stored: Gonzalez, Maria Luisa, message to LEE, call back Tue 24 Nov 16:00."
    )
    row, left = calls.one(desk, str(step.id))
    assert (row.reason, row.verified) == ("refill", "birth date, address")
    assert row.callback_due == clinic.at(16)
    assert [(m.text, m.urgent) for m in left] == [(note["note"], True)]


def test_taking_a_call_back_takes_its_message_too(clinic: Clinic, desk: Desk) -> None:
    call_notes.store(desk, typed(clinic, desk, outcome="message", to="lee"))
    steps.undo_last(desk)
    assert calls.load_log(desk, "today").rows == []
    assert calls.load_log(desk, "messages").counts["messages"] == 0


@pytest.mark.parametrize(
    ("more", "field", "words"),
    [
        ({"outcome": "message"}, "to", "whom the message is for"),
        ({"outcome": "message", "to": "zork"}, "to", "LEE, ORTIZ, SHAH"),
        ({"outcome": "message", "to": "lee", "note": " "}, "note", "what the message says"),
        ({"outcome": "callback"}, "due", "by when"),
        ({"outcome": "callback", "due": "soonish"}, "due", "soonish"),
        ({"outcome": "callback", "due": "8:30"}, "due", "past"),
    ],
)
def test_what_is_unclear_names_its_field(
    clinic: Clinic, desk: Desk, more: dict[str, str], field: str, words: str
) -> None:
    with pytest.raises(Unclear, match=words) as refused:
        call_notes.store(desk, typed(clinic, desk, **more))
    assert refused.value.field == field
    assert calls.load_log(desk, "today").rows == []


def test_a_day_alone_is_due_at_its_end(clinic: Clinic, desk: Desk) -> None:
    assert call_notes.read_due(desk, "tomorrow") == clinic.at(17, days=1)
    assert call_notes.read_due(desk, "tomorrow am") == clinic.at(12, days=1)
    assert call_notes.read_due(desk, "") is None


@pytest.mark.parametrize(
    ("text", "code"), [("ref", None), ("refi", "refill"), ("labs", "result"), ("parking", None)]
)
def test_reasons_are_coded_or_stay_as_typed(text: str, code: str | None) -> None:
    assert call_notes.read_reason(text) == (code or text)


def test_the_callers_number_verifies_nobody(clinic: Clinic, desk: Desk) -> None:
    with pytest.raises(Refused, match="A phone verifies nobody"):
        call_notes.store(desk, typed(clinic, desk, verified=["phone", "birth date"]))


def test_an_empty_call_is_refused(desk: Desk) -> None:
    with pytest.raises(Refused, match="at least a number"):
        call_notes.store(desk, {"outcome": "done"})


def test_a_note_is_kept_with_its_lines(clinic: Clinic, desk: Desk) -> None:
    text = "first line\n\n[bold]second[/] \x1b]0;x\x07line\n" + "word " * 12_000 + "end"
    step = call_notes.store(desk, typed(clinic, desk, note=text))
    row, _ = calls.one(desk, str(step.id))
    assert row.note.startswith("first line\n\n[bold]second[/] ]0;xline\nword word")
    assert row.note.endswith("end")


def test_the_views_and_their_counts(clinic: Clinic, desk: Desk) -> None:
    ben = clinic.desk("ben")
    call_notes.store(desk, typed(clinic, desk, outcome="callback", due="9:30"))
    call_notes.store(ben, typed(clinic, ben, outcome="message", to="lee"))
    clinic.clock.moment = clinic.at(10)
    log = calls.load_log(desk, "today")
    assert log.counts == {"today": 2, "mine": 1, "open": 1, "overdue": 1, "messages": 1}
    assert [row.taken_by_name for row in calls.load_log(desk, "mine").rows] == ["ana"]
    assert len(calls.load_log(desk, "open").rows) == 1
    assert [row.sender_name for row in calls.load_log(desk, "messages").rows] == ["ben"]
    clinic.clock.moment = clinic.at(9, days=1)
    later = calls.load_log(desk, "mine")
    assert (len(later.rows), later.counts["today"]) == (1, 0), "a call-back still owed stays mine"


def test_a_call_back_is_done_once(clinic: Clinic, desk: Desk) -> None:
    made = call_notes.store(desk, typed(clinic, desk, outcome="callback", due="16:00"))
    plain = call_notes.store(desk, typed(clinic, desk))
    assert calls.call_back_done(desk, call_id=made.id, seen=1).said.startswith("Called back")
    assert calls.load_log(desk, "open").rows == []
    with pytest.raises(Refused, match="done already"):
        calls.call_back_done(desk, call_id=made.id)
    with pytest.raises(Refused, match="No call-back was promised"):
        calls.call_back_done(desk, call_id=plain.id)
    steps.undo_last(desk)
    assert len(calls.load_log(desk, "open").rows) == 1


def test_two_desks_cannot_both_have_called_back(clinic: Clinic, desk: Desk) -> None:
    made = call_notes.store(desk, typed(clinic, desk, outcome="callback", due="16:00"))
    calls.call_back_done(clinic.desk("ben"), call_id=made.id, seen=1)
    with pytest.raises((Refused, Conflict)):
        calls.call_back_done(desk, call_id=made.id, seen=1)


def test_a_read_only_person_takes_no_call(clinic: Clinic) -> None:
    eve = clinic.desk("eve")
    with pytest.raises(NotPermitted):
        call_notes.store(eve, typed(clinic, eve))


def test_a_draft_open_in_two_windows_is_stored_once(clinic: Clinic, desk: Desk) -> None:
    key = calls.key_of_new_call()
    call_notes.store(desk, typed(clinic, desk, id=key))
    with pytest.raises(Refused, match="stored already, as call 1001"):
        call_notes.store(desk, typed(clinic, desk, id=key, note="and a form"))
    assert len(calls.log(desk)) == 1


def test_a_call_and_a_check_in_say_how_somebody_is_called(clinic: Clinic, desk: Desk) -> None:
    patient = clinic.patient(desk, "8841")
    assert callers.about(desk, patient).says == "F"
    typed = {"preferred": "Lu", "pronouns": "they/them", "language": "es, interpreter"}
    patients.edit(desk, patient_id=patient, **typed)
    assert callers.about(desk, patient).says == "F  called Lu  they/them  es  interpreter"


def test_who_calls_late_for_todays_visit_is_told_of_that_one_first(
    clinic: Clinic, desk: Desk
) -> None:
    layla = clinic.patient(desk, "10442")

    def book(at: datetime, *, kind: str = "fu") -> str:
        step = booking.book(
            desk,
            patient_id=layla,
            practitioner_id=desk.clinic.practitioner("LEE").id,
            start=at,
            visit_type_id=desk.clinic.visit_type(kind).id,
        )
        return str(step.id)

    first = book(clinic.at(10))
    clinic.clock.moment = clinic.at(10, 5)
    late = "not here yet: Tue 24 Nov 10:00 LEE fu"
    assert callers.about(desk, layla, "").next_visit == late
    book(clinic.at(14))
    assert callers.about(desk, layla, "").next_visit == f"{late}   next Tue 24 Nov 14:00 LEE fu"
    card = patients.card(desk, layla)
    assert [visit.id for visit in card.begun] == [first]
    assert card.next_appointment and card.next_appointment.start == clinic.at(14)
    flow.arrive(desk, appointment_id=first)
    assert callers.about(desk, layla, "").next_visit == "next Tue 24 Nov 14:00 LEE fu"
    assert patients.card(desk, layla).begun == ()

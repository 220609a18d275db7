"""Red flags on both engines: found in the words, open until a nurse accepts, in nobody's way."""

import pytest

from pcoord import quickline
from pcoord.actions import Selection
from pcoord.domain.errors import NotPermitted, Refused
from pcoord.services import booking, call_notes, calls, flow, messages, nurse, steps, waitlist
from pcoord.services.desk import Desk
from tests.clinic import Clinic

RED = "A nurse call is open for this patient"


def raised(clinic: Clinic, desk: Desk, mrn: str = "10443") -> str:
    """Raise a red flag for a patient and return its key."""
    step = nurse.raise_flag(
        desk,
        complaint="chest pain",
        patient_id=clinic.patient(desk, mrn),
        callback_number="201-555-0199",
        whereabouts="at home",
    )
    return str(step.id)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("Chest pain since noon", "chest"),
        ("has chest tightness", "chest"),
        ("pain in her chest", None),
        ("swelling of the face after lunch", "allergy"),
        ("he can’t breathe", "breath"),
        ("the baby just won't wake", "infant"),
        ("had a fit", "unwell"),
        ("wants to keep fit, benefits question", "unwell"),
        ("benefits and outfits", None),
        ("refill of lisinopril", None),
    ],
)
def test_red_flags_are_found_in_what_people_say(words: str, code: str | None) -> None:
    flag = nurse.flag_for(words)
    assert (flag["code"] if flag else None) == code


def test_every_flag_has_words_to_say_and_to_ask() -> None:
    flags = nurse.red_flags()
    assert flags["notice"] and flags["ask_always"]
    for flag in flags["flags"]:
        assert flag["say"] and flag["ask"] and flag["title"], flag["code"]
        assert all(nurse.flag_for(word) for word in flag["words"]), flag["code"]


def test_a_flag_stays_open_until_a_nurse_accepts_by_name(clinic: Clinic, desk: Desk) -> None:
    made = raised(clinic, desk)
    ben = clinic.desk("ben")
    assert [row.complaint for row in nurse.waiting(ben)] == ["chest pain"]
    with pytest.raises(Refused, match="name of the nurse"):
        nurse.accept(ben, nurse_call_id=made, name=" ")
    assert nurse.accept(ben, nurse_call_id=made, name="Mina Shah").said == (
        "Mina Shah has the nurse call: chest pain."
    )
    assert nurse.waiting(desk) == []
    with pytest.raises(Refused, match="Mina Shah has accepted this already"):
        nurse.accept(desk, nurse_call_id=made, name="Ana")


def test_nothing_takes_its_place_while_it_is_open(clinic: Clinic, desk: Desk) -> None:
    made = raised(clinic, desk)
    patient, lee = clinic.patient(desk, "10443"), desk.clinic.practitioner("LEE").id
    note: call_notes.Typed = {"patient_id": patient, "note": "x", "to": "lee"}
    refused = (
        lambda: messages.send(desk, practitioner_id=lee, text="x", patient_id=patient),
        lambda: waitlist.add(desk, patient_id=patient),
        lambda: booking.book(
            desk,
            patient_id=patient,
            practitioner_id=lee,
            start=clinic.at(14),
            visit_type_id=desk.clinic.visit_type("fu").id,
        ),
        lambda: call_notes.store(desk, {**note, "outcome": "message"}),
        lambda: call_notes.store(desk, {**note, "outcome": "callback", "due": "16:00"}),
    )
    for attempt in refused:
        with pytest.raises(Refused, match=RED):
            attempt()
    messages.send(desk, practitioner_id=lee, text="x", patient_id=clinic.patient(desk, "10444"))
    nurse.accept(desk, nurse_call_id=made, name="Mina Shah")
    for attempt in refused:
        attempt()


def test_a_call_without_a_patient_is_held_by_its_own_flag(clinic: Clinic, desk: Desk) -> None:
    made = nurse.raise_flag(desk, complaint="fainted", callback_number="1", whereabouts="at home")
    note: call_notes.Typed = {"note": "fainted", "to": "lee", "nurse_call_id": str(made.id)}
    with pytest.raises(Refused, match=RED):
        call_notes.store(desk, {**note, "outcome": "message"})
    stored = call_notes.store(desk, {**note, "outcome": "nurse"})
    assert nurse.waiting(desk)[0].call_id == stored.id
    with pytest.raises(Refused, match=RED):
        messages.send(
            desk, practitioner_id=desk.clinic.practitioner("LEE").id, text="x", call_id=stored.id
        )
    steps.undo_last(desk)
    assert nurse.waiting(desk)[0].call_id is None
    assert calls.load_log(desk, "today").rows == []


def test_number_and_place_are_asked_for_first(clinic: Clinic, desk: Desk) -> None:
    def read(text: str) -> quickline.Understanding:
        return quickline.understand(desk, text, action_id="nurse.raise", selection=Selection())

    empty = read("")
    assert empty.missing is not None and empty.missing.name == "complaint"
    shown = dict(empty.fields)
    assert "Chest pain" in shown["flags"] and "must approve" in shown["note"]
    assert read("chest pain").missing.name == "callback_number"  # type: ignore[union-attr]
    assert read("chest pain 201-555-0199").missing.name == "whereabouts"  # type: ignore[union-attr]
    whole = read("chest pain, at home, 201-555-0199 re kim dana")
    assert whole.call is not None
    assert whole.call.values == {
        "complaint": "chest pain",
        "callback_number": "201-555-0199",
        "whereabouts": "at home",
        "patient_id": clinic.patient(desk, "10443"),
    }
    assert "911" in dict(whole.fields)["say"]


def test_a_typed_name_or_code_accepts(clinic: Clinic, desk: Desk) -> None:
    made = raised(clinic, desk)
    nothing = quickline.understand(desk, "accept")
    assert nothing.missing is not None and nothing.missing.name == "name"
    ready = quickline.understand(desk, "accept shah")
    assert ready.would == "Mina Shah accepts the nurse call"
    assert ready.call is not None
    assert ready.call.values == {"nurse_call_id": made, "seen": 1, "name": "Mina Shah"}
    quickline.run(desk, ready.call)
    assert "No nurse call is open" in quickline.understand(desk, "accept shah").problem


def test_several_open_flags_are_asked_about(clinic: Clinic, desk: Desk) -> None:
    raised(clinic, desk)
    raised(clinic, desk, "10442")
    result = quickline.understand(desk, "accept shah")
    assert (result.choose, len(result.candidates)) == ("nurse_call", 2)


def test_a_signed_in_nurse_accepts_under_the_own_name(clinic: Clinic, desk: Desk) -> None:
    desk.store.connection.exec_driver_sql(
        "UPDATE staff_user SET name = 'Mina Shah' WHERE username = 'ben'"
    )
    desk.store.connection.commit()
    raised(clinic, desk)
    assert nurse.own_name(desk) is None
    result = quickline.understand(clinic.desk("ben"), "accept")
    assert result.call is not None and result.call.values["name"] == "Mina Shah"


def test_a_read_only_person_calls_no_nurse(clinic: Clinic) -> None:
    with pytest.raises(NotPermitted):
        nurse.raise_flag(clinic.desk("eve"), complaint="chest pain")


def test_somebody_else_than_the_row_is_not_here(clinic: Clinic, desk: Desk) -> None:
    maria = clinic.patient(desk, "8841")
    here = str(flow.walk_in(desk, patient_id=maria, queue="nurse", reason="bp").id)
    row = Selection(patient_id=maria, encounter_id=here)
    hers = quickline.understand(desk, 'nurse "chest pain"', selection=row)
    assert hers.call is not None and hers.call.values["encounter_id"] == here
    words = 'nurse kim dana "chest pain"'
    asked = quickline.understand(desk, words, selection=row)
    assert asked.call is None and "number" in asked.missing.prompt
    told = quickline.understand(
        desk, 'nurse kim dana "chest pain, at home, 201-555-0199"', selection=row
    )
    assert "encounter_id" not in told.call.values
    assert told.call.values["whereabouts"] == "at home"
    with pytest.raises(Refused, match="somebody else's visit"):
        nurse.raise_flag(
            desk,
            complaint="chest pain",
            patient_id=clinic.patient(desk, "10443"),
            encounter_id=here,
        )


def test_whoever_has_left_is_not_here(clinic: Clinic, desk: Desk) -> None:
    maria = clinic.patient(desk, "8841")
    here = str(flow.walk_in(desk, patient_id=maria, queue="nurse", reason="bp").id)
    flow.left(desk, encounter_id=here)
    row = Selection(patient_id=maria, encounter_id=here)
    assert quickline.understand(desk, 'nurse "chest pain"', selection=row).call is None

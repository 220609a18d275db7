"""The typed line: what each example is understood as, and that nothing is ever guessed."""

from typing import Any

import pytest

from pcoord import quickline
from pcoord.actions import Selection
from pcoord.services import booking, day, flow, lookup, merging
from pcoord.services.desk import Desk
from pcoord.store.tables import Identifier, Patient
from tests.clinic import TODAY, Clinic


def read(desk: Desk, text: str, **more: object) -> quickline.Understanding:
    """Understand a line."""
    return quickline.understand(desk, text, **more)  # type: ignore[arg-type]


def do(desk: Desk, text: str):
    """Run a line that is ready."""
    result = read(desk, text)
    assert result.call is not None, result
    return quickline.run(desk, result.call)


def booked(
    clinic: Clinic, desk: Desk, mrn: str, hour: int, code: str = "LEE", days: int = 0
) -> str:
    """Book a follow-up and return its id."""
    step = booking.book(
        desk,
        patient_id=clinic.patient(desk, mrn),
        practitioner_id=desk.clinic.practitioner("LEE").id,
        start=clinic.at(hour, days=days),
        visit_type_id=desk.clinic.visit_type("fu").id,
    )
    assert step.id is not None
    return step.id


def test_book_in_any_order(clinic: Clinic, desk: Desk) -> None:
    for number, line in enumerate(
        (
            "book gonzalez maria thu 2pm lee fu",
            "book fu lee maria gonzalez 3pm thu",
            "book haddad tomorrow at 10 with ortiz sick",
            "book kim dana 12/3 9:30 lee phys",
            "book obrien T+7 2:30p ortiz fu",
        )
    ):
        step = do(desk, line)
        assert step.said.startswith("Booked "), (number, step.said)


def test_a_window_takes_the_first_opening_and_says_it(clinic: Clinic, desk: Desk) -> None:
    booked(clinic, desk, "10442", 8, days=2)
    result = read(desk, "book gonzalez maria thu am lee fu")
    assert result.would == "books Gonzalez, Maria Luisa Thu 26 Nov 08:15 LEE"
    assert "Thu 26 Nov 08:15 LEE, Thu 26 Nov 08:30 LEE" in dict(result.fields)["when"]
    later = read(desk, "book gonzalez maria thu am lee fu", skip=1)
    assert later.would == "books Gonzalez, Maria Luisa Thu 26 Nov 08:30 LEE"


def test_a_stretch_takes_the_first_opening_that_begins_in_it(clinic: Clinic, desk: Desk) -> None:
    booked(clinic, desk, "10442", 14, days=2)
    result = read(desk, "book gonzalez maria thu 2-3pm lee fu")
    assert result.would == "books Gonzalez, Maria Luisa Thu 26 Nov 14:15 LEE"
    full = read(desk, "book gonzalez maria thu 2-2:15pm lee fu")
    assert "There is no opening then" in full.problem
    anyday = read(desk, "book gonzalez maria in 2 weeks between 2 and 3 lee fu")
    assert anyday.would == "books Gonzalez, Maria Luisa Tue 8 Dec 14:00 LEE"


def test_minutes_from_now_in_every_kind_of_line(clinic: Clinic, desk: Desk) -> None:
    assert read(desk, "book gonzalez maria in 20 minutes lee fu").would == (
        "books Gonzalez, Maria Luisa Tue 24 Nov 09:20 LEE"
    )
    said = do(desk, "call 201-555-0142 gonzalez maria callback in half an hour lee").said
    assert said.endswith("call back Tue 24 Nov 09:30 by LEE.")
    said = do(desk, "call 201-555-0142 gonzalez maria callback 2-3pm lee").said
    assert said.endswith("call back Tue 24 Nov 15:00 by LEE."), "a promise is due by its end"
    said = do(desk, 'msg lee "labs?" by in 2 hours').said
    assert said == "Message to LEE, by Tue 24 Nov 11:00."


def test_a_wished_time_is_kept_in_the_waiting_list(desk: Desk) -> None:
    result = read(desk, 'wait kim dana fu lee tue 2-3pm "calls from work"')
    assert result.call is not None
    values = result.call.values
    assert (values["part"], values["note"]) == ("pm", "calls from work, 14:00 to 15:00")
    assert dict(result.fields)["wish"].endswith("14:00 to 15:00")


def test_a_name_that_fits_several_is_asked_about(desk: Desk) -> None:
    result = read(desk, "book kim thu 2pm lee fu")
    assert result.call is None
    assert result.choose == "patient"
    assert [c.shown.split("   ")[0] for c in result.candidates] == ["Kim, Dana", "Kim, Daniel"]


def test_a_choice_settles_it(clinic: Clinic, desk: Desk) -> None:
    picked = {"patient": clinic.patient(desk, "10444")}
    result = read(desk, "book kim thu 2pm lee fu", picked=picked)
    assert result.would == "books Kim, Daniel Thu 26 Nov 14:00 LEE"


def test_one_on_todays_list_is_meant_when_nobody_resembles(clinic: Clinic, desk: Desk) -> None:
    booked(clinic, desk, "10443", 14)
    result = read(desk, "checkin kim")
    assert result.call is not None
    assert dict(result.fields)["checkin"].startswith("Kim, Dana")


def test_a_patient_named_as_a_practitioner(clinic: Clinic, desk: Desk) -> None:
    result = read(desk, "book lee thu 2pm fu")
    assert result.call is None
    assert "Nobody on file fits “lee”" in result.problem


def test_a_misspelt_name_is_never_taken_for_sure(desk: Desk) -> None:
    result = read(desk, "book hadad thu 2pm lee fu")
    assert result.call is None
    assert "sounds like" in result.candidates[0].shown


def test_what_is_missing_is_asked(desk: Desk) -> None:
    assert read(desk, "book").missing.name == "patient"
    assert read(desk, "book gonzalez maria thu 2pm lee").missing.name == "visit_type"
    assert read(desk, "move").missing.name == "visit"
    assert read(desk, "msg lee").missing.name == "text"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("book gonzalez maria 31 feb lee fu", "Feb"),
        ("book gonzalez maria 25:00 lee fu", "25:00"),
        ("book gonzalez maria sat 10am lee fu", "not in"),
        ("book gonzalez maria thu 7pm lee fu", "not in"),
        ("book zzyzx thu 2pm lee fu", "Nobody on file"),
        ("cancel kim dana reason because", "booked|no visit|no reason"),
        ("checkin gonzalez maria", "has no visit today"),
    ],
)
def test_what_cannot_be_is_refused_in_words(desk: Desk, line: str, words: str) -> None:
    import re

    result = read(desk, line)
    assert result.call is None
    assert re.search(words, result.problem), result


def test_who_has_the_time_is_said_before_enter(clinic: Clinic, desk: Desk) -> None:
    booked(clinic, desk, "10442", 14)
    result = read(desk, "book gonzalez maria 2pm lee fu")
    assert result.problem.startswith("LEE has Haddad, Layla Tue 24 Nov 14:00")


def test_move_and_cancel_by_line(clinic: Clinic, desk: Desk) -> None:
    made = booked(clinic, desk, "10442", 14)
    assert "to Thu 26 Nov 08:00 with LEE" in do(desk, "move haddad to thu am").said
    assert do(desk, "cancel haddad reason transport").said.startswith("Cancelled (no transport)")
    assert day.visit(desk, made).status == "cancelled"


def test_cancel_says_which_when_there_are_two(clinic: Clinic, desk: Desk) -> None:
    booked(clinic, desk, "10442", 14)
    booked(clinic, desk, "10442", 14, days=2)
    assert read(desk, "cancel haddad reason ill").choose == "visit"
    assert "Thu 26 Nov" in do(desk, "cancel haddad thu reason ill").said


def test_a_chosen_visit_settles_a_move(clinic: Clinic, desk: Desk) -> None:
    booked(clinic, desk, "10442", 10)
    later = booked(clinic, desk, "10442", 9, days=7)
    line = "move haddad to thu 10:15"
    assert read(desk, line).choose == "visit"
    result = read(desk, line, picked={"visit": later})
    assert result.would == "moves Haddad, Layla Thu 26 Nov 10:15 LEE"


def test_the_way_through_the_clinic_by_line(clinic: Clinic, desk: Desk) -> None:
    booked(clinic, desk, "10442", 14)
    assert do(desk, "checkin haddad").said.startswith("Checked in Haddad")
    assert do(desk, "room haddad 3").said == "Haddad, Layla is in room 3."
    assert do(desk, "next haddad").said == "Haddad, Layla: with practitioner."
    assert do(desk, "back haddad").said == "Haddad, Layla: back to roomed."
    do(desk, "next haddad")
    do(desk, "next haddad")
    assert do(desk, "next haddad").said == "Haddad, Layla: done."
    assert day.here(desk) == []


def test_walk_in_wait_late_and_message(clinic: Clinic, desk: Desk) -> None:
    assert "waits for the nurse" in do(desk, 'walkin haddad "rash" nurse').said
    assert "waits for LEE" in do(desk, "walkin gonzalez maria cough lee").said
    assert [row.reason for row in day.here(desk)] == ["rash", "cough"]
    said = do(desk, "wait kim dana fu lee mornings before dec 20").said
    assert said == "Kim, Dana is on the waiting list, Follow-up with LEE."
    assert read(desk, "late lee 40").would == "marks LEE 40 minutes late"
    assert read(desk, "late lee 0").would == "notes that LEE is on time"
    said = do(desk, "late lee 40m emergency").said
    assert said.startswith("LEE runs 40 minutes late: emergency.")
    said = do(desk, 'msg lee "please call about labs" re kim dana').said
    assert said == "Message to LEE about Kim, Dana."


def test_the_reason_of_a_walk_in_stays_when_the_name_is_chosen(clinic: Clinic, desk: Desk) -> None:
    asked = read(desk, "walkin kim rash nurse")
    assert asked.choose == "patient" and dict(asked.fields)["reason"] == "rash"
    daniel = clinic.patient(desk, "10444")
    chosen = read(desk, "walkin kim rash nurse", picked={"patient": daniel})
    assert chosen.call is not None
    assert (chosen.call.values["patient_id"], chosen.call.values["reason"]) == (daniel, "rash")


def test_a_call_by_line(clinic: Clinic, desk: Desk) -> None:
    line = 'call 201-555-0142 gonzalez maria "refill question" callback 4pm lee'
    said = do(desk, line).said
    assert said == ("Call 1001 stored: Gonzalez, Maria Luisa, call back Tue 24 Nov 16:00 by LEE.")


def test_a_red_flag_by_line(clinic: Clinic, desk: Desk) -> None:
    result = read(desk, 'nurse kim dana "chest pain, at home, 201-555-0199"')
    assert result.call is not None, result
    assert result.call.values["callback_number"] == "201-555-0199"
    assert result.call.values["whereabouts"] == "at home"
    assert "911" in dict(result.fields)["say"]
    assert read(desk, 'nurse kim dana "chest pain"').missing.name == "callback_number"


def test_the_selection_counts_only_where_no_word_says_otherwise(clinic: Clinic, desk: Desk) -> None:
    here = Selection(patient_id=clinic.patient(desk, "10442"))
    mine = read(desk, "thu 2pm lee fu", action_id="appointment.book", selection=here)
    assert mine.would == "books Haddad, Layla Thu 26 Nov 14:00 LEE"
    other = read(
        desk, "gonzalez maria thu 2pm lee fu", action_id="appointment.book", selection=here
    )
    assert other.would == "books Gonzalez, Maria Luisa Thu 26 Nov 14:00 LEE"


def test_a_gap_gives_time_and_practitioner(clinic: Clinic, desk: Desk) -> None:
    gap = Selection(
        practitioner_id=desk.clinic.practitioner("ORTIZ").id, start=clinic.at(14).isoformat()
    )
    result = read(desk, "haddad fu", action_id="appointment.book", selection=gap)
    assert result.would == "books Haddad, Layla Tue 24 Nov 14:00 ORTIZ"
    begun = read(desk, "", action_id="appointment.book", selection=gap)
    assert begun.fields == [("when", "Tue 24 Nov 14:00 ORTIZ")], "said before anything is typed"
    typed = read(desk, "haddad fu lee 3pm", action_id="appointment.book", selection=gap)
    assert typed.would == "books Haddad, Layla Tue 24 Nov 15:00 LEE"
    assert "14:00" not in str(typed.fields)


def test_what_is_past_is_no_promise_and_no_wish(clinic: Clinic, desk: Desk) -> None:
    for line, words in (
        ('call 201-555-0142 "x" callback yesterday', "Mon 23 Nov 12:00 is past; give a later time"),
        ('msg lee "x" by 8am', "Tue 24 Nov 08:00 is past; give a later time"),
        ("wait kim dana mornings before jan 1 2020", "is past; give a later day"),
        ("book kim dana fu lee yesterday", "Mon 23 Nov is past. Give today or a later day."),
    ):
        result = read(desk, line)
        assert result.call is None and words in result.problem, line


def test_a_verb_of_looking_up_says_what_a_name_alone_says(desk: Desk) -> None:
    found = read(desk, "find haddad")
    assert found.call is not None and found.call.action.id == "patient.open"
    assert found.fields == read(desk, "haddad").fields


def test_what_enter_does_is_said_in_the_words_of_the_desk(clinic: Clinic, desk: Desk) -> None:
    visit = booked(clinic, desk, "10442", 9)
    flow.check_in(desk, appointment_id=visit, verified="birth date,phone")
    booked(clinic, desk, "10443", 10)
    for line, would in (
        ("next haddad", "leads Haddad, Layla on: roomed"),
        ("room haddad 3", "takes Haddad, Layla to 3"),
        ("stage haddad held", "marks Haddad, Layla: held"),
        ("back haddad", "takes Haddad, Layla one stage back"),
        ("left haddad", "notes that Haddad, Layla left without being seen"),
        ("confirm kim dana", "notes that Kim, Dana confirmed"),
        ("cancel kim dana reason ill", "cancels the visit of Kim, Dana: patient is ill"),
        ('walkin gonzalez maria "rash" lee', "has Gonzalez, Maria Luisa wait for LEE: rash"),
        ("wait kim dana fu", "puts Kim, Dana on the waiting list"),
        (
            'msg lee "x" re kim dana by 4pm',
            "sends LEE a message about Kim, Dana, by Tue 24 Nov 16:00",
        ),
        ("call 201-555-0155 kim dana", "stores a call of Kim, Dana"),
        ("call", "opens a call to write down"),
    ):
        result = read(desk, line)
        assert result.would == would, result
        assert result.call is not None and not [n for n in result.call.values if n[0] == "_"]


def test_a_letter_alone_sets_the_stage_of_a_row(clinic: Clinic, desk: Desk) -> None:
    visit = booked(clinic, desk, "10442", 10)
    here = str(flow.arrive(desk, appointment_id=visit).id)
    row = Selection(encounter_id=here)
    result = read(desk, "h", action_id="encounter.stage", selection=row)
    assert result.call is not None and result.call.values["stage"] == "held"
    beside = read(desk, "haddad h", action_id="encounter.stage", selection=row)
    assert beside.call is None, "beside a name it may be an initial"


def test_typing_never_breaks_it(desk: Desk) -> None:
    line = 'book gonzález maria thu 2pm "it is [bold]" because urgent lee fu'
    for end in range(len(line) + 1):
        read(desk, line[:end])
        read(desk, line[:end], action_id="appointment.book")


def test_words_without_a_verb_offer_actions_and_patients(desk: Desk) -> None:
    assert read(desk, "boo").actions[0].id == "appointment.book"
    found = read(desk, "haddad")
    assert found.call is not None and found.call.action.id == "patient.open"


def test_the_stage_can_be_set_late(clinic: Clinic, desk: Desk) -> None:
    made = booked(clinic, desk, "10442", 14)
    flow.check_in(desk, appointment_id=made)
    clinic.clock.moment = clinic.at(14, 30)
    do(desk, "room haddad 3 at 14:05")
    row = day.here(desk)[0]
    assert row.stage_since == clinic.at(14, 5)
    assert desk.today == TODAY


def test_held_ready_and_waiting_by_line(clinic: Clinic, desk: Desk) -> None:
    made = booked(clinic, desk, "10442", 14)
    flow.check_in(desk, appointment_id=made)
    do(desk, "room haddad 3")
    do(desk, "next haddad")
    assert do(desk, "stage haddad held").said == "Haddad, Layla: held."
    assert do(desk, "stage haddad waits").said == "Haddad, Layla: waits for results."
    assert do(desk, "next haddad").said == "Haddad, Layla: checking out."
    assert [c.value for c in read(desk, "stage haddad").candidates] == [
        "held",
        "ready",
        "waiting-results",
    ]


def test_somebody_else_is_offered_when_the_usual_practitioner_is_full(
    clinic: Clinic, desk: Desk
) -> None:
    booked(clinic, desk, "10442", 10)
    do(desk, "book haddad fri 8am lee fu")
    for hour in (8, 9, 10, 11, 13, 14, 15, 16):
        booking.book(
            clinic.desk("boss"),
            patient_id=clinic.patient(desk, "8841"),
            practitioner_id=desk.clinic.practitioner("LEE").id,
            start=clinic.at(hour, days=2),
            visit_type_id=desk.clinic.visit_type("fu").id,
            minutes=60,
        )
    assert read(desk, "book haddad thu fu").would.endswith("Thu 26 Nov 08:00 ORTIZ")
    assert "no opening" in read(desk, "book haddad thu lee fu").problem


def test_a_nurse_is_not_offered_for_what_nurses_do_not_see(clinic: Clinic, desk: Desk) -> None:
    do(desk, "book haddad fri 8am shah bp")
    do(desk, "book gonzalez maria fri 8am lee fu")
    assert not read(desk, "book haddad thu phys").would.endswith("SHAH")
    assert read(desk, "book haddad thu bp").would.endswith("Thu 26 Nov 08:00 SHAH")


def test_those_of_today_are_offered_first(clinic: Clinic, desk: Desk) -> None:
    first = [c.shown for c in read(desk, "book gonz thu 2pm lee fu").candidates]
    assert first[0].startswith("Gonzales, Marta")
    booked(clinic, desk, "8841", 14)
    booked(clinic, desk, "10017", 15)
    names = [c.shown.split("   ")[0] for c in read(desk, "book gonz thu 2pm lee fu").candidates]
    assert names == ["Gonzalez, Maria Luisa", "Gonzalez, Mario", "Gonzales, Marta"]


@pytest.mark.parametrize(
    "line",
    [
        "book a follow up for kim dana with dr lee thu at 2",
        "book kim dana with dr. hannah lee for a follow-up thu 2pm",
        "book kim dana 1/31/1990 thu 14:00 lee recheck",
        "book mrn 10443 fu lee thu 2pm note bring records from dec 3",
    ],
)
def test_small_words_titles_and_birth_dates_may_stand_in_a_line(desk: Desk, line: str) -> None:
    result = read(desk, line)
    assert result.would == "books Kim, Dana Thu 26 Nov 14:00 LEE", result


def test_the_date_before_to_says_which_visit_moves(clinic: Clinic, desk: Desk) -> None:
    booked(clinic, desk, "10442", 14)
    booked(clinic, desk, "10442", 14, days=2)
    result = read(desk, "move haddad from thu to fri 10am")
    assert dict(result.fields)["move"].startswith("Haddad, Layla   Thu 26 Nov 14:00")
    assert result.would == "moves Haddad, Layla Fri 27 Nov 10:00 LEE"


def test_a_reason_may_stand_without_its_word(clinic: Clinic, desk: Desk) -> None:
    booked(clinic, desk, "10442", 14)
    assert read(desk, "cancel haddad sick").call.values["reason"] == "ill"  # type: ignore[union-attr]
    assert do(desk, "cancel haddad because she is ill").said.startswith("Cancelled (patient is ill")


def with_middle_name(desk: Desk, patient_id: str, middle: str) -> None:
    """Give a patient a middle name."""
    desk.step("patient.edit", lambda work: work.unit.update(Patient, patient_id, middle=middle))


def test_a_middle_name_on_todays_list_is_no_certain_person(clinic: Clinic, desk: Desk) -> None:
    booked(clinic, desk, "10442", 14)
    with_middle_name(desk, clinic.patient(desk, "10442"), "Kim")
    result = read(desk, "nurse kim “chest pain, at home, 555-0199”")
    assert result.call is None and result.choose == "patient"
    assert len(result.candidates) == 3


def test_the_number_beside_a_name_tells_who_of_several(clinic: Clinic, desk: Desk) -> None:
    haddad = clinic.patient(desk, "10442")
    with_middle_name(desk, haddad, "Kim")
    phone = lookup.one(desk, haddad).phone
    assert read(desk, 'call 555-0000 kim "refill"').choose == "patient"
    result = read(desk, f'call {phone} kim "refill"')
    assert result.call is not None and result.call.values["patient_id"] == haddad


def test_a_name_that_only_sounds_alike_is_asked_about_in_the_waiting_room(
    clinic: Clinic, desk: Desk
) -> None:
    booked(clinic, desk, "10442", 14)
    do(desk, "checkin haddad")
    result = read(desk, "room hadad 3")
    assert result.call is None and result.choose == "here"


@pytest.mark.parametrize(
    "line", ["pay kim 25 card", 'concern kim "waited" due fri', "recall kim 6m"]
)
def test_verbs_of_later_parts_are_refused_plainly(desk: Desk, line: str) -> None:
    result = read(desk, line)
    assert result.call is None and "not in this pcoord yet" in result.problem


def test_the_past_is_refused_before_enter(desk: Desk) -> None:
    assert "is past" in read(desk, "book kim dana yesterday 2pm lee fu").problem


def test_who_is_registered_is_said_before_enter(desk: Desk) -> None:
    new = read(desk, "register o'neil sean 2/3/1990 201-555-0177")
    assert new.would == "registers O'Neil, Sean   b. 3 Feb 1990"


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("msg lee re kim dana please call about labs", "please call about labs"),
        ("msg lee please call about kim dana", "please call"),
        ('msg lee "about the labs of last week" re kim dana', "about the labs of last week"),
    ],
)
def test_a_message_says_whom_it_is_about_anywhere(
    clinic: Clinic, desk: Desk, line: str, text: str
) -> None:
    call = read(desk, line).call
    assert call is not None
    assert call.values["text"] == text
    assert lookup.one(desk, call.values["patient_id"]).family == "Kim"


@pytest.mark.parametrize(
    ("line", "mrn", "text"),
    [
        ("msg 10443 lee please call about labs", "10443", "please call about labs"),
        ("msg lee 10443 please call about labs", "10443", "please call about labs"),
        ("msg kim dana lee please ask shah", "10443", "please ask shah"),
        ("msg shah please ask lee for 10443", None, "please ask lee for 10443"),
        ("msg lee 555-0142 called", None, "555-0142 called"),
        ("msg please call lee about k", None, "please call about k"),
        ("msg please call lee", None, "please call"),
        ('msg lee "10443 wants labs"', None, "10443 wants labs"),
        ("msg 10443 lee please call re haddad", "10443", "please call re haddad"),
    ],
)
def test_who_stands_before_a_message_or_its_text(
    clinic: Clinic, desk: Desk, line: str, mrn: str | None, text: str
) -> None:
    call = read(desk, line).call
    assert call is not None
    code = "SHAH" if line.startswith("msg shah") else "LEE"
    assert call.values["practitioner_id"] == desk.clinic.practitioner(code).id
    assert call.values["text"] == text
    assert call.values.get("patient_id") == (clinic.patient(desk, mrn) if mrn else None)


def test_a_whole_record_number_is_sure_whatever_begins_like_it(desk: Desk) -> None:
    """Numbers have any length and letters in some clinics; no longer one stands in the way."""
    names = {"A1": "Abbot", "A10": "Abel", "A1B": "Ames"}

    def body(unit: Any) -> None:
        for number, family in names.items():
            key = unit.insert(Patient, family=family, given="Al", created_at=unit.now)
            unit.insert(Identifier, patient_id=key, value=number)
        unit.say("Brought in.")

    desk.store.write(desk.who, "test", body)
    for number, family in names.items():
        for said in (number, f"mrn {number}"):
            would = read(desk, f"book {said} thu 2pm lee fu").would
            assert would.startswith(f"books {family}, Al "), said
    assert len(read(desk, "book a thu 2pm lee fu").candidates) > 2


def test_the_number_of_a_merged_record_is_sure_too(clinic: Clinic, desk: Desk) -> None:
    """Also in small letters, and among longer ones; several merged ones are told apart by it."""
    boss = clinic.desk("boss")
    ids = {}

    def body(unit: Any) -> None:
        for number in ("B1", "B2", "B10", "B20"):
            ids[number] = unit.insert(Patient, family=f"Abel {number}", created_at=unit.now)
            unit.insert(Identifier, patient_id=ids[number], value=number)
        unit.say("Brought in.")

    desk.store.write(desk.who, "test", body)
    for number in ("B1", "B2"):
        merging.merge(boss, patient_id=ids["B20"], other_id=ids[number])
    assert read(desk, "book b1 thu 2pm lee fu").would.startswith("books Abel B20 ")
    would = read(boss, "unmerge b1").would
    assert would.startswith("takes Abel B1, MRN B1 out of the record of Abel B20")


def test_no_visit_says_what_there_is_or_what_to_do(clinic: Clinic, desk: Desk) -> None:
    start = "Haddad, Layla has no "
    for line, told in (
        ("move haddad to thu am", "visit booked from today on. Book one (F6); the card (F4)"),
        ("noshow haddad", "booked visit whose time has come. Their card (F4) shows all"),
    ):
        assert read(desk, line).problem.startswith(start + told)
    for hour in (10, 11, 13, 14):
        booked(clinic, desk, "10442", hour, days=1)
    problem = read(desk, "cancel haddad dec 3 reason transport").problem
    assert problem == (
        f"{start}visit then, but Wed 25 Nov 10:00, Wed 25 Nov 11:00, Wed 25 Nov 13:00 and 1 more. "
        "Type that day instead."
    )


def test_about_something_is_part_of_the_message(clinic: Clinic, desk: Desk) -> None:
    layla = Selection(patient_id=clinic.patient(desk, "10442"))
    call = read(desk, "msg lee please call about labs", selection=layla).call
    assert call is not None
    assert call.values["text"] == "please call about labs"
    assert call.values["patient_id"] == layla.patient_id


def test_words_beside_a_number_are_told_from_the_name(desk: Desk) -> None:
    assert read(desk, "book 10442 fri 9:15 lee sick very tired").problem == (
        "“very tired” is not understood beside “10442”. Leave it out, or put a note in quotes."
    )
    assert "Nobody on file fits" in read(desk, "book zzyzx fri 9:15 lee sick").problem


def test_a_verb_in_two_words_and_a_mistyped_one(clinic: Clinic, desk: Desk) -> None:
    booked(clinic, desk, "10442", 10)
    assert read(desk, "check in haddad").would == read(desk, "checkin haddad").would
    newcomer = read(desk, "new patient doe jane 1/2/1990")
    assert newcomer.would == "registers Doe, Jane   b. 2 Jan 1990"
    assert read(desk, "chekin zzyzx").problem == "“chekin” is no action. Did you mean “checkin”?"

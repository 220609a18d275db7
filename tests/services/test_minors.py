"""Minors, confidential visits, restrictions, what may be left where, and what a death stops."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pcoord import quickline
from pcoord.domain.errors import Conflict, NotPermitted, Refused
from pcoord.services import (
    arrivals,
    board,
    booking,
    callers,
    calls,
    computed_work,
    confidential,
    downtime,
    flow,
    late,
    patients,
    printing,
    record,
    sheets,
    steps,
    views,
    waitlist,
    work_views,
)
from pcoord.services.desk import Desk
from pcoord.store.tables import Task
from pcoord.store.unit import Unit
from tests.clinic import TODAY, Clinic

MOTHER = {"family": "Nunez", "given": "Eva", "role": "mother", "scopes": "all", "from_date": ""}
AUNT = {"family": "Nunez", "given": "Rosa", "role": "aunt", "scopes": "appointments"}


@pytest.fixture
def ana(desk: Desk, clinic: Clinic) -> str:
    """A child of seven, with a mother who may hear and do everything."""
    child = clinic.patient(desk, "10446")
    record.add(desk, patient_id=child, part="contact", **MOTHER)
    return child


def book(desk: Desk, clinic: Clinic, patient_id: str, hour: int = 9, **more: Any) -> Any:
    values = {
        "patient_id": patient_id,
        "practitioner_id": desk.clinic.practitioner("LEE").id,
        "start": clinic.at(hour, days=1),
        "visit_type_id": desk.clinic.visit_type("fu").id,
    }
    return booking.book(desk, **values | more)


def test_who_may_consent_stands_on_the_card_and_in_every_call(desk: Desk, ana: str) -> None:
    record.add(desk, patient_id=ana, part="contact", **AUNT)
    record.add(
        desk, patient_id=ana, part="contact", family="Roe", role="father", denied="Order 12-7"
    )
    shown = patients.card(desk, ana)
    assert str(shown.minor_until) == "2037-06-06" and shown.of_age_since is None
    about = callers.about(desk, ana)
    assert about.minor and about.too_young
    assert (
        set(about.on_file.split("), "))
        == {
            "Eva Nunez (mother, may consent",
            "Rosa Nunez (aunt, times only",
            "Roe (father, DENIED)",
        }
        or "Roe (father, DENIED" in about.on_file
    )
    assert callers.may_discuss(about, "patient")[0] == "the patient, a minor, once verified"


def test_at_the_age_of_majority_consent_is_open_work(clinic: Clinic, desk: Desk, ana: str) -> None:
    assert computed_work.items(desk) == []
    patients.edit(desk, patient_id=ana, birth_date=f"11/25/{TODAY.year - 18}")
    assert computed_work.items(desk) == []
    clinic.clock.moment += timedelta(days=1)
    (item,) = work_views.work(desk, "tasks")
    assert item["what"] == (
        "of age since 11/25/2026: ask anew who may hear what; ended for mother Eva Nunez"
    )
    assert item["patient"]["mrn"] == "10446"
    assert item["due"].startswith("2026-11-25T00:00")
    shown = patients.card(desk, ana)
    assert shown.contacts[0].scopes == () and str(shown.of_age_since) == "2026-11-25"
    entry = record.load(desk, ana).of("contact")[0]
    record.change(desk, part="contact", part_id=entry.id, scopes="clinical", from_date="today")
    assert work_views.work(desk, "tasks") == []
    assert patients.card(desk, ana).contacts[0].scopes == ("clinical",)
    steps.undo_last(desk)
    assert len(work_views.work(desk, "tasks")) == 1


def test_the_clinic_sets_the_age(clinic: Clinic, desk: Desk, ana: str) -> None:
    patients.edit(desk, patient_id=ana, birth_date=f"1/1/{TODAY.year - 18}")
    assert len(computed_work.items(desk)) == 1

    def set_age(unit: Unit) -> None:
        unit.connection.exec_driver_sql("UPDATE organization SET majority_age = 19")

    desk.store.write(desk.who, "test.age", set_age)
    desk.reload()
    assert computed_work.items(desk) == []
    assert patients.card(desk, ana).minor_until is not None


def test_a_confidential_visit_is_told_to_the_patient_alone(
    clinic: Clinic, desk: Desk, ana: str
) -> None:
    first = book(desk, clinic, ana, 9).id
    book(desk, clinic, ana, 14)
    said = confidential.mark(desk, appointment_id=first).said
    assert said.startswith("Confidential, told to the patient alone: Nuñez-Garcia, Ana, Wed 25 Nov")
    about = callers.about(desk, ana)
    assert about.next_for("patient") == "next Wed 25 Nov 09:00 LEE fu  CONFIDENTIAL"
    for caller in ("Eva Nunez, mother", "", "somebody"):
        assert about.next_for(caller) == "next Wed 25 Nov 14:00 LEE fu"
    assert patients.card(desk, ana).next_appointment.confidential
    assert views.visits(desk, TODAY + timedelta(days=1))[0]["confidential"] is True
    steps.undo_last(desk)
    assert callers.about(desk, ana).next_for("mother") == "next Wed 25 Nov 09:00 LEE fu"


def test_a_visit_is_marked_by_a_typed_line(clinic: Clinic, desk: Desk, ana: str) -> None:
    book(desk, clinic, ana)
    found = quickline.understand(desk, "confidential nunez ana")
    assert found.call is not None, found.problem
    assert "Confidential" in quickline.run(desk, found.call).said


# Scheduling restrictions


def test_a_booking_against_a_restriction_needs_permission_and_a_reason(
    clinic: Clinic, desk: Desk, ana: str
) -> None:
    text = "Only with the interpreter in the house"
    record.add(desk, patient_id=ana, part="alert", kind="scheduling", text=text)
    with pytest.raises(Refused, match="Restricted: Only with the interpreter"):
        book(desk, clinic, ana)
    with pytest.raises(NotPermitted, match="front-desk"):
        book(desk, clinic, ana, overbook_reason="interpreter by telephone")
    boss = clinic.desk("boss")
    step = book(boss, clinic, ana, overbook_reason="interpreter by telephone")
    assert step.said.endswith("against a restriction (interpreter by telephone).")
    row = boss.store.connection.exec_driver_sql(
        "SELECT restriction_reason, overbook_reason, place FROM appointment"
    ).one()
    assert tuple(row) == ("interpreter by telephone", None, 0)
    with pytest.raises(Refused, match="Restricted"):
        booking.move(boss, appointment_id=step.id, start=clinic.at(15, days=1))


def test_a_restriction_counts_on_the_day_of_the_visit(clinic: Clinic, desk: Desk, ana: str) -> None:
    record.add(
        desk, patient_id=ana, part="alert", kind="scheduling", text="Casts off", from_date="+5d"
    )
    book(desk, clinic, ana)
    with pytest.raises(Refused, match="Restricted: Casts off"):
        book(desk, clinic, ana, start=clinic.at(9, days=6))


def test_the_typed_line_says_it_before_enter(clinic: Clinic, desk: Desk, ana: str) -> None:
    record.add(desk, patient_id=ana, part="alert", kind="scheduling", text="Mornings only")
    found = quickline.understand(desk, "book nunez ana tomorrow 2pm lee fu")
    assert found.call is None and found.problem.startswith("Restricted: Mornings only.")


def test_the_schedule_shows_the_alerts_meant_for_it(clinic: Clinic, desk: Desk, ana: str) -> None:
    book(desk, clinic, ana)
    record.add(desk, patient_id=ana, part="alert", kind="infection", text="Measles contact")
    record.add(desk, patient_id=ana, part="alert", kind="money", text="Payment plan")
    sheet = sheets.load(desk, TODAY + timedelta(days=1))
    said = sheet.say(sheet.visits[0])
    assert "! Measles contact" in said and "Payment" not in said


# What may be left where


def test_a_call_obeys_what_may_be_left_at_a_number(desk: Desk, clinic: Clinic) -> None:
    maria = clinic.patient(desk, "8841")
    (entry,) = record.load(desk, maria).of("phone")
    out = {"phone": "201-555-0142", "patient_id": maria, "direction": "out"}
    calls.log_call(desk, **out, outcome="voicemail")
    record.change(desk, part="phone", part_id=entry.id, may_leave="nothing")
    assert callers.about(desk, maria).reach == "(201) 555-0142 leave nothing at this number"
    with pytest.raises(Refused, match="Nothing may be left at this number"):
        calls.log_call(desk, **out, outcome="voicemail")
    calls.log_call(desk, **out, outcome="no-answer")
    calls.log_call(desk, **out, outcome="voicemail", note="left: pressed the wrong key")
    record.change(desk, part="phone", part_id=entry.id, never="y")
    with pytest.raises(Refused, match="Never call this number"):
        calls.log_call(desk, **out, outcome="no-answer")
    calls.log_call(desk, phone="201-555-0142", patient_id=maria, outcome="done")


# A death


def test_a_death_stops_what_reaches_out_and_undo_restores_it(clinic: Clinic, desk: Desk) -> None:
    maria = clinic.patient(desk, "8841")

    def recall(unit: Unit) -> None:
        for kind in ("recall", "survey", "records"):
            values = {"patient_id": maria, "what": kind, "created_at": unit.now}
            unit.insert(Task, kind=kind, **values)
        unit.say("Made.")

    desk.store.write(desk.who, "test.tasks", recall)
    waitlist.add(desk, patient_id=maria)
    book(desk, clinic, maria)

    def lists() -> list[tuple[str, str]]:
        return sorted((item["list"], item["what"][:8]) for item in work_views.work(desk))

    before = lists()
    patients.edit(desk, patient_id=maria, deceased_on="11/20/2026", cancel_visits=False)
    assert lists() == [("records", "records"), ("tasks", "deceased")]
    assert work_views.work(desk, "tasks")[0]["what"] == (
        "deceased: cancel the visit 2026-11-25 09:00 with LEE"
    )
    assert patients.card(desk, maria).open_work["waiting list"] == 0
    assert patients.card(desk, maria).open_work["tasks"] == 1
    steps.undo_last(desk)
    assert lists() == before and len(before) == 4


def test_a_booking_shows_what_is_to_be_minded(clinic: Clinic, desk: Desk, ana: str) -> None:
    record.add(desk, patient_id=ana, part="alert", kind="access", text="Wheelchair: large room")
    found = quickline.understand(desk, "book nunez ana tomorrow 2pm lee fu")
    assert ("mind", "Wheelchair: large room") in found.fields and found.call is not None


def test_who_is_told_of_a_delay_and_where(clinic: Clinic, desk: Desk) -> None:
    maria = clinic.patient(desk, "8841")
    visit = book(desk, clinic, maria, start=clinic.at(14))
    (entry,) = record.load(desk, maria).of("phone")
    record.change(desk, part="phone", part_id=entry.id, never="y")
    assert late.to_tell(desk)[0].phone == ""
    record.add(desk, patient_id=maria, part="phone", value="201-555-0190", may_leave="nothing")
    confidential.mark(desk, appointment_id=visit.id)
    (row,) = late.to_tell(desk)
    assert row.phone == "(201) 555-0190"
    assert row.says.endswith("leave nothing at this number  CONFIDENTIAL: tell the patient only")


def test_a_confidential_visit_says_so_wherever_it_could_be_read_out(
    clinic: Clinic, desk: Desk, ana: str, tmp_path: Path
) -> None:
    visit = str(book(desk, clinic, ana, start=clinic.at(14)).id)
    confidential.mark(desk, appointment_id=visit)
    said = arrivals.load(desk, appointment_id=visit).visit
    assert said.endswith("CONFIDENTIAL: the patient alone")
    for words in ("checkin nunez", "cancel nunez reason transport", "move nunez to thu 9am"):
        told = quickline.understand(desk, words)
        assert "CONFIDENTIAL" in str(told.fields), words
    printing.print_day(desk, TODAY, str(tmp_path / "day.txt"))
    downtime.write(desk, tmp_path / "dark", text_only=True)
    for path in (tmp_path / "day.txt", tmp_path / "dark" / f"day-{TODAY.isoformat()}.txt"):
        assert "CONFIDENTIAL" in path.read_text(), path
    here = str(flow.arrive(desk, appointment_id=visit).id)
    (person,) = board.load(desk).people
    assert "confid" in person.flags and "CONFIDENTIAL" in person.says
    assert "confidential" in views.board(desk)[0]["flags"]
    assert "CONFIDENTIAL" in arrivals.load(desk, encounter_id=here).visit


def test_a_death_taken_back_after_a_time_was_given_away_says_what_helps(
    clinic: Clinic, desk: Desk
) -> None:
    layla, dana = clinic.patient(desk, "10442"), clinic.patient(desk, "10443")
    book(desk, clinic, layla)
    step = patients.edit(desk, patient_id=layla, deceased_on="11/23/2026", cancel_visits=True)
    theirs = book(clinic.desk("ben"), clinic, dana)
    with pytest.raises(Conflict) as lost:
        steps.undo_step(desk, step.number)
    assert lost.value.sentence == (
        "This cannot be taken back any more. LEE is taken Wed 25 Nov 09:00 by Kim, Dana. "
        "Take the date of death out (Ctrl+E) and book those visits anew."
    )
    booking.cancel(desk, appointment_id=str(theirs.id), reason="ill")
    again = book(clinic.desk("ben"), clinic, dana)
    cancelled = booking.cancel(desk, appointment_id=str(again.id), reason="ill")
    book(desk, clinic, clinic.patient(desk, "10444"))
    with pytest.raises(Conflict, match=r"by Kim, Daniel\. Book another time instead\.$"):
        steps.undo_step(desk, cancelled.number)

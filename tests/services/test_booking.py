"""Booking, moving, cancelling, and taking it back, on both engines."""

from datetime import timedelta

import pytest

from pcoord import quickline
from pcoord.domain.errors import Conflict, NotPermitted, Overtaken, Refused
from pcoord.services import booking, day, openings, steps
from pcoord.services.desk import Desk
from pcoord.store.tables import Practitioner
from tests.clinic import TODAY, Clinic


def book(clinic: Clinic, desk: Desk, mrn: str, hour: int, minute: int = 0, **more: object):
    """Book a follow-up with LEE today."""
    values = {
        "patient_id": clinic.patient(desk, mrn),
        "practitioner_id": desk.clinic.practitioner("LEE").id,
        "start": clinic.at(hour, minute),
        "visit_type_id": desk.clinic.visit_type("fu").id,
    } | more
    return booking.book(desk, **values)


def test_a_booked_visit_stands_in_the_day(clinic: Clinic, desk: Desk) -> None:
    step = book(clinic, desk, "8841", 14)
    rows = day.load_day(desk, TODAY).visits
    assert [(r.family, r.mrn, r.status, day.letter(r)) for r in rows] == [
        ("Gonzalez", "8841", "booked", "B")
    ]
    assert step.said == "Booked Gonzalez, Maria Luisa: Tue 24 Nov 14:00 with LEE, Follow-up."
    assert step.id == rows[0].id


def test_the_same_time_is_refused_by_name(clinic: Clinic, desk: Desk) -> None:
    book(clinic, desk, "8841", 14)
    other = clinic.desk("ben")
    with pytest.raises(Conflict, match=r"LEE is taken Tue 24 Nov 14:00 by Gonzalez, Maria Luisa"):
        book(clinic, other, "10443", 14)
    assert len(day.load_day(desk, TODAY).visits) == 1


def test_one_patient_cannot_be_in_two_places(clinic: Clinic, desk: Desk) -> None:
    book(clinic, desk, "8841", 14)
    with pytest.raises(Conflict, match="already booked"):
        book(clinic, desk, "8841", 14, practitioner_id=desk.clinic.practitioner("ORTIZ").id)


def test_overbooking_needs_the_right_and_a_reason(clinic: Clinic, desk: Desk) -> None:
    book(clinic, desk, "8841", 14)
    with pytest.raises(NotPermitted):
        book(clinic, desk, "10443", 14, overbook_reason="urgent")
    boss = clinic.desk("boss")
    book(clinic, boss, "10443", 14, overbook_reason="urgent")
    assert [r.place for r in day.load_day(desk, TODAY).visits] == [0, 1]


@pytest.mark.parametrize(("hour", "words"), [(8, "is past"), (12, "not in"), (18, "not in")])
def test_past_and_closed_times_are_refused(
    clinic: Clinic, desk: Desk, hour: int, words: str
) -> None:
    with pytest.raises(Refused, match=words):
        book(clinic, desk, "8841", hour)


def test_a_moved_visit_keeps_its_id_and_frees_its_time(clinic: Clinic, desk: Desk) -> None:
    made = book(clinic, desk, "8841", 14)
    booking.move(desk, appointment_id=made.id, start=clinic.at(15), seen=1)
    book(clinic, desk, "10443", 14)
    rows = day.load_day(desk, TODAY).visits
    assert [(r.family, r.start_at) for r in rows] == [
        ("Kim", clinic.at(14)),
        ("Gonzalez", clinic.at(15)),
    ]
    assert rows[1].id == made.id


def test_moving_onto_a_taken_time_keeps_the_old_one(clinic: Clinic, desk: Desk) -> None:
    made = book(clinic, desk, "8841", 14)
    book(clinic, desk, "10443", 15)
    with pytest.raises(Conflict, match="Kim, Dana"):
        booking.move(desk, appointment_id=made.id, start=clinic.at(15))
    assert day.visit(desk, made.id).start_at == clinic.at(14)


def test_what_somebody_else_moved_is_told_with_name_and_time(clinic: Clinic, desk: Desk) -> None:
    made = book(clinic, desk, "8841", 14)
    ben = clinic.desk("ben")
    booking.move(ben, appointment_id=made.id, start=clinic.at(15), seen=1)
    with pytest.raises(Conflict, match=r"Ben Okafor moved it at 09:00: Moved Gonzalez"):
        booking.cancel(desk, appointment_id=made.id, reason="patient", seen=1)
    assert day.visit(desk, made.id).status == "booked"


def test_undo_takes_a_booking_back_and_frees_the_time(clinic: Clinic, desk: Desk) -> None:
    book(clinic, desk, "8841", 14)
    step = steps.undo_last(desk)
    assert step.said.startswith("Taken back: Booked Gonzalez")
    assert day.load_day(desk, TODAY).visits == []
    book(clinic, desk, "10443", 14)


def test_undo_walks_back_one_step_at_a_time(clinic: Clinic, desk: Desk) -> None:
    made = book(clinic, desk, "8841", 14)
    booking.move(desk, appointment_id=made.id, start=clinic.at(15))
    booking.cancel(desk, appointment_id=made.id, reason="ill")
    steps.undo_last(desk)
    assert day.visit(desk, made.id).status == "booked"
    steps.undo_last(desk)
    assert day.visit(desk, made.id).start_at == clinic.at(14)
    steps.undo_last(desk)
    assert day.load_day(desk, TODAY).visits == []
    with pytest.raises(Refused, match="nothing to take back"):
        steps.undo_last(desk)


def test_a_step_by_its_number_is_ones_own_or_a_supervisor_asks(clinic: Clinic, desk: Desk) -> None:
    made = book(clinic, desk, "8841", 14)
    with pytest.raises(NotPermitted, match="is somebody else"):
        steps.undo_own_step(clinic.desk("ben"), made.number)
    assert day.visit(desk, made.id).status == "booked"
    steps.undo_own_step(desk, made.number)
    again = book(clinic, desk, "8841", 14)
    steps.undo_own_step(clinic.desk("boss"), again.number)
    assert day.load_day(desk, TODAY).visits == []


def test_undo_refuses_when_somebody_built_on_it(clinic: Clinic, desk: Desk) -> None:
    made = book(clinic, desk, "8841", 14)
    booking.confirm(clinic.desk("ben"), appointment_id=made.id)
    with pytest.raises(Conflict, match=r"any more. Ben Okafor confirmed it at 09:00: Confirmed"):
        steps.undo_last(desk)


def test_undo_of_a_cancellation_refuses_when_the_time_went_to_another(
    clinic: Clinic, desk: Desk
) -> None:
    made = book(clinic, desk, "8841", 14)
    booking.cancel(desk, appointment_id=made.id, reason="ill")
    book(clinic, clinic.desk("ben"), "10443", 14)
    with pytest.raises(Conflict, match="LEE is taken"):
        steps.undo_last(desk)
    assert day.visit(desk, made.id).status == "cancelled"


def test_only_own_steps_of_this_session_are_taken_back(clinic: Clinic, desk: Desk) -> None:
    book(clinic, desk, "8841", 14)
    with pytest.raises(Refused):
        steps.undo_last(clinic.desk("ben"))


def test_a_late_cancel_counts_as_late(clinic: Clinic, desk: Desk) -> None:
    made = book(clinic, desk, "8841", 14)
    booking.cancel(desk, appointment_id=made.id, reason="transport")
    assert day.letter(day.visit(desk, made.id)) == "Z"


def test_a_read_only_person_books_nothing(clinic: Clinic) -> None:
    eve = clinic.desk("eve")
    with pytest.raises(NotPermitted):
        book(clinic, eve, "8841", 14)


def test_every_change_is_in_a_whole_chain(clinic: Clinic, desk: Desk) -> None:
    made = book(clinic, desk, "8841", 14)
    booking.move(desk, appointment_id=made.id, start=clinic.at(14) + timedelta(minutes=30))
    verdict = desk.store.verify()
    assert verdict.ok, verdict.first_bad
    assert verdict.events > 10


def only_follow_ups(boss: Desk, code: str) -> None:
    """Have a practitioner take follow-ups and nothing else."""
    who = boss.clinic.practitioner(code).id
    boss.step("clinic.edit", lambda work: work.unit.update(Practitioner, who, takes="fu|tele"))
    boss.reload()


def test_what_a_practitioner_does_not_take_is_refused_with_who_does(clinic: Clinic) -> None:
    boss = clinic.desk("boss")
    only_follow_ups(boss, "ORTIZ")
    new = {"patient_id": clinic.patient(boss, "8841"), "start": clinic.at(14)}
    new |= {"practitioner_id": boss.clinic.practitioner("ORTIZ").id}
    physical = boss.clinic.visit_type("phys").id
    with pytest.raises(Refused, match="ORTIZ takes no visits of the type Physical; LEE do"):
        booking.book(boss, visit_type_id=physical, **new)
    booking.book(boss, visit_type_id=physical, overbook_reason="sister's visit", **new)
    others = openings.able(boss, boss.clinic.visit_type("phys"))
    assert [p.code for p in others] == ["LEE"]


def test_a_visit_moves_only_to_who_takes_its_type(clinic: Clinic) -> None:
    boss = clinic.desk("boss")
    made = booking.book(
        boss,
        patient_id=clinic.patient(boss, "8841"),
        practitioner_id=boss.clinic.practitioner("LEE").id,
        start=clinic.at(14),
        visit_type_id=boss.clinic.visit_type("phys").id,
    )
    only_follow_ups(boss, "ORTIZ")
    ortiz = boss.clinic.practitioner("ORTIZ").id
    with pytest.raises(Refused, match="ORTIZ takes no visits"):
        booking.move(boss, appointment_id=made.id, start=clinic.at(15), practitioner_id=ortiz)
    line = quickline.understand(boss, "move gonzalez maria to 3pm ortiz")
    assert "ORTIZ takes no visits of the type Physical" in line.problem


def test_both_versions_are_told_and_one_may_go_on(clinic: Clinic, desk: Desk) -> None:
    made = book(clinic, desk, "8841", 14)
    booking.move(clinic.desk("ben"), appointment_id=made.id, start=clinic.at(15), seen=1)
    with pytest.raises(Overtaken) as refused:
        booking.move(desk, appointment_id=made.id, start=clinic.at(16), seen=1)
    told = refused.value
    assert told.exit_code == 4 and told.shown == {made.id: 2}
    assert told.theirs == (
        "Ben Okafor moved it at 09:00: Moved Gonzalez, Maria Luisa from Tue 24 Nov 14:00 to "
        "Tue 24 Nov 15:00 with LEE, Follow-up."
    )
    assert told.mine == (
        "Moved Gonzalez, Maria Luisa from Tue 24 Nov 15:00 to Tue 24 Nov 16:00 with LEE, Follow-up."
    )
    assert day.visit(desk, made.id).start_at == clinic.at(15), "asking stores nothing"
    with desk.having_shown(told.shown):
        booking.move(desk, appointment_id=made.id, start=clinic.at(16), seen=1)
    assert day.visit(desk, made.id).start_at == clinic.at(16)
    with pytest.raises(Overtaken):
        booking.confirm(desk, appointment_id=made.id, seen=1)


def test_what_cannot_be_done_any_more_says_why(clinic: Clinic, desk: Desk) -> None:
    made = book(clinic, desk, "8841", 14)
    booking.cancel(clinic.desk("ben"), appointment_id=made.id, reason="ill")
    with pytest.raises(
        Overtaken, match=r"Ben Okafor cancelled it at 09:00.* any more: Only a booked"
    ):
        booking.move(desk, appointment_id=made.id, start=clinic.at(16), seen=1)

"""What is typed in later, from paper: the true time beside the recorded one, marked late."""

from datetime import timedelta

import pytest

from pcoord import quickline
from pcoord.domain.errors import Refused
from pcoord.services import booking, calls, day, flow, views
from pcoord.services.desk import Desk
from tests.clinic import NOW, Clinic


def book(clinic: Clinic, desk: Desk, mrn: str, days: int = 0) -> str:
    step = booking.book(
        desk,
        patient_id=clinic.patient(desk, mrn),
        practitioner_id=desk.clinic.practitioner("LEE").id,
        start=clinic.at(14, days=days),
        visit_type_id=desk.clinic.visit_type("fu").id,
    )
    assert step.id is not None
    return step.id


def do(desk: Desk, line: str) -> str:
    """Do a typed line and return what was said."""
    understood = quickline.understand(desk, line)
    assert understood.call is not None, understood
    return str(quickline.run(desk, understood.call).said)


def test_an_arrival_keeps_both_times(clinic: Clinic, desk: Desk) -> None:
    book(clinic, desk, "10443")
    clinic.clock.moment = clinic.at(16)
    said = do(desk, "checkin mrn 10443 at 14:05")
    assert said.endswith("since 14:05 (late entry).")
    (row,) = day.here(desk)
    assert (row.arrived_at, row.stage_since) == (clinic.at(14, 5), clinic.at(14, 5))
    assert row.stage_recorded == clinic.at(16)
    shown = views.board(desk)[0]
    assert "late entry" in shown["flags"] and shown["recorded"] > shown["since"]


def test_a_walk_in_of_yesterday(clinic: Clinic, desk: Desk) -> None:
    said = do(desk, 'walkin mrn 10442 "rash" nurse at yesterday 16:30')
    assert "since Mon 23 Nov 16:30 (late entry)" in said
    (row,) = day.here(desk)
    assert row.arrived_at == clinic.at(16, 30, days=-1)
    said = do(desk, "left mrn 10442 at yesterday 16:45")
    assert "(late entry)" in said and day.here(desk) == []


def test_a_visit_of_yesterday_is_checked_in_then(clinic: Clinic, desk: Desk) -> None:
    book(clinic, desk, "10443")
    clinic.clock.moment = NOW + timedelta(days=1)
    assert quickline.understand(desk, "checkin mrn 10443").call is None
    assert "since Tue 24 Nov 14:05" in do(desk, "checkin mrn 10443 at yesterday 14:05")


def test_a_call_keeps_both_times(clinic: Clinic, desk: Desk) -> None:
    said = do(desk, 'call 201-555-0144 "refill" callback 4pm lee at 8:10')
    assert "since 08:10 (late entry)" in said
    (row,) = calls.log(desk)
    assert row.started_at == row.ended_at == clinic.at(8, 10)
    assert row.recorded_at == NOW and row.callback_due == clinic.at(16)
    shown = views.call(desk, row)
    assert shown["late_entry"] is True and shown["recorded"].startswith("2026-11-24T09:00")


def test_a_call_back_at_a_time_is_no_true_time(clinic: Clinic, desk: Desk) -> None:
    do(desk, 'call 201-555-0144 "refill" callback at 4pm')
    (row,) = calls.log(desk)
    assert row.callback_due == clinic.at(16) and row.started_at == NOW
    assert views.call(desk, row)["late_entry"] is False


def test_a_booking_keeps_both_times(clinic: Clinic, desk: Desk) -> None:
    said = do(desk, "book mrn 10443 thu 2pm lee fu at 8:10")
    assert said.endswith("Thu 26 Nov 14:00 with LEE, Follow-up, agreed 08:10 (late entry).")
    (visit,) = views.visits(desk, clinic.at(12, days=2).date())
    assert visit["agreed"].startswith("2026-11-24T08:10") and visit["late_entry"] is True
    stored = desk.read(lambda c: c.exec_driver_sql("SELECT created_at FROM appointment").scalar())
    assert str(stored).startswith("2026-11-24 15:00")
    said = do(desk, "move mrn 10443 to thu 3pm at yesterday 16:30")
    assert said.endswith("agreed Mon 23 Nov 16:30 (late entry).")
    assert "(late entry)" not in do(desk, "move mrn 10443 to thu 4pm")
    assert views.visits(desk, clinic.at(12, days=2).date())[0]["agreed"] is None


@pytest.mark.parametrize(
    ("line", "starts"),
    [
        ("book mrn 10443 fu lee at 2pm", "2026-11-24T14:00"),
        ("book mrn 10443 fu lee thu at 8:10", "2026-11-26T08:10"),
        ("book mrn 10443 fu thu at 2pm lee", "2026-11-26T14:00"),
        ("book mrn 10443 fu lee thu 2pm at 8:10", "2026-11-26T14:00"),
        ("book mrn 10443 at 2pm lee fu at 8:10", "2026-11-24T14:00"),
    ],
)
def test_at_alone_is_the_wanted_time(desk: Desk, line: str, starts: str) -> None:
    understood = quickline.understand(desk, line)
    assert understood.call is not None, understood
    found = understood.call.values["start"].astimezone(desk.clinic.zone)
    assert found.isoformat().startswith(starts)
    assert ("at" in understood.call.values) is line.endswith("at 8:10") or "thu at" in line


def test_a_cancellation_keeps_its_true_time(clinic: Clinic, desk: Desk) -> None:
    visit = book(clinic, desk, "10443", days=1)
    clinic.clock.moment = clinic.at(15)
    # Agreed more than a day before; typed in less than a day before.
    said = do(desk, "cancel mrn 10443 wed 2pm reason transport at 13:30")
    assert "agreed 13:30 (late entry)" in said
    row = day.visit(desk, visit)
    assert (row.status, row.late_cancel) == ("cancelled", False)


def test_a_visit_is_still_named_by_its_time(clinic: Clinic, desk: Desk) -> None:
    book(clinic, desk, "10443", days=1)
    assert "(late entry)" not in do(desk, "cancel mrn 10443 wed at 2pm reason transport")


def test_what_is_done_at_once_is_not_late(clinic: Clinic, desk: Desk) -> None:
    said = flow.walk_in(desk, patient_id=clinic.patient(desk, "10442")).said
    assert "late entry" not in said and "late entry" not in views.board(desk)[0]["flags"]


@pytest.mark.parametrize(
    ("at", "words"), [(timedelta(minutes=1), "still to come"), (timedelta(days=-8), "a week ago")]
)
def test_a_time_that_cannot_be_is_refused(
    clinic: Clinic, desk: Desk, at: timedelta, words: str
) -> None:
    with pytest.raises(Refused, match=words):
        flow.walk_in(desk, patient_id=clinic.patient(desk, "10442"), at=NOW + at)
    with pytest.raises(Refused, match=words):
        calls.log_call(desk, note="x", at=NOW + at)
    assert day.here(desk) == [] and calls.log(desk) == []

"""The day and the week as the schedule shows them, in few statements."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from pcoord.domain.errors import BadUsage, NotPermitted
from pcoord.services import (
    board,
    booking,
    calls,
    day,
    flow,
    late,
    patient_search,
    patients,
    sheets,
)
from pcoord.services.desk import Desk
from pcoord.store.queries import clinic as clinic_queries
from pcoord.store.tables import Availability
from pcoord.store.unit import Unit
from tests.clinic import TODAY, Clinic
from tests.screens.schedule import book
from tests.screens.waiting import pass_minutes


@contextmanager
def statements(desk: Desk) -> Iterator[list[str]]:
    """Collect the statements sent meanwhile."""
    sent: list[str] = []

    def note(*args: Any) -> None:
        sent.append(args[2])

    engine = desk.store.connection.engine
    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


def block(desk: Desk, start: int, end: int, reason: str) -> None:
    """Take time out of LEE's Tuesdays."""

    def body(unit: Unit) -> None:
        unit.insert(
            Availability,
            practitioner_id=desk.clinic.practitioner("LEE").id,
            location_id=desk.clinic.locations[0].id,
            weekday=1,
            start_minute=start,
            end_minute=end,
            kind="blocked",
            reason=reason,
        )
        unit.say("Blocked.")

    desk.store.write(desk.who, "test.block", body)


def test_visits_hours_and_lateness_of_a_day_are_two_statements(clinic: Clinic, desk: Desk) -> None:
    book(clinic, desk, "10442", 9)
    late.mark_late(
        desk, practitioner_id=desk.clinic.practitioner("LEE").id, minutes=25, reason="late"
    )
    with statements(desk) as sent:
        found = day.load_day(desk, TODAY)
    assert len(sent) == 2
    everybody = [p.id for p in desk.clinic.practitioners]
    assert found.hours == desk.read(clinic_queries.hours_of, everybody, TODAY, TODAY)
    assert found.late == desk.read(clinic_queries.late_marks, TODAY)
    assert found.late == {desk.clinic.practitioner("LEE").id: (25, "late")}
    assert len(found.visits) == 1


SCREENS: dict[str, Callable[[Desk], object]] = {
    "a day": lambda desk: sheets.load(desk, TODAY),
    "a week": lambda desk: sheets.load_week(desk, TODAY),
    "who is expected": late.to_tell,
    "the waiting room": board.load,
    "the patients": lambda desk: (patient_search.Search().look(desk, ""), day.state(desk)),
    **{
        f"calls, {view}": lambda desk, view=view: calls.load_log(desk, view) for view in calls.VIEWS
    },
}


@pytest.mark.parametrize("screen", SCREENS)
def test_a_screen_asks_twice_at_most(clinic: Clinic, desk: Desk, screen: str) -> None:
    flow.arrive(desk, appointment_id=book(clinic, desk, "10442", 9))
    book(clinic, desk, "8841", 10)
    patients.card(desk, clinic.patient(desk, "8841"))
    late.mark_late(desk, practitioner_id=desk.clinic.practitioner("LEE").id, minutes=25)
    with statements(desk) as sent:
        SCREENS[screen](desk)
    assert len(sent) <= 2, sent


def test_a_day_shows_visits_gaps_and_blocked_time(clinic: Clinic, desk: Desk) -> None:
    block(desk, 10 * 60, 11 * 60, "teaching")
    book(clinic, desk, "10442", 9, 30, kind="phys")
    sheet = sheets.load(desk, TODAY)
    lee = desk.clinic.practitioner("LEE").id
    free = [(s.start, s.end) for s in sheet.spans("free") if s.practitioner_id == lee]
    assert free == [(480, 570), (600 + 60, 720), (780, 1020)]
    assert sheet.bounds == (480, 1020)
    assert sheet.say_place(lee, 630) == "blocked  Tue 24 Nov 10:30 LEE   teaching"
    assert sheet.say_place(lee, 540) == "free  Tue 24 Nov 09:00 with LEE   30m to 09:30"
    assert sheet.start_at(lee, 540) == clinic.at(9).isoformat()
    assert sheet.start_at(lee, 570) is None and sheet.start_at(lee, 630) is None
    # Half past eight is over; a quarter hour that has begun can still be booked.
    assert sheet.start_at(lee, 510) is None and sheet.start_at(lee, 525) is not None


def test_words_of_a_visit_follow_the_patient(clinic: Clinic, desk: Desk) -> None:
    visit = book(clinic, desk, "10442", 9, kind="phys")

    def told() -> tuple[str, str, bool]:
        sheet = sheets.load(desk, TODAY)
        shown = sheet.by_id[visit]
        return shown.letter, shown.text, shown.over

    assert told() == ("B", "", False)
    pass_minutes(clinic, 12)
    assert told() == ("B", "late 12m", False)
    encounter = str(flow.arrive(desk, appointment_id=visit).id)
    pass_minutes(clinic, 16)
    assert told() == ("A", "waits 16m", True)
    flow.check_in(desk, encounter_id=encounter, verified="birth date,phone")
    assert told() == ("I", "waits 16m", False)
    flow.room(desk, encounter_id=encounter, room_id=desk.clinic.rooms[2].id)
    pass_minutes(clinic, 5)
    assert told() == ("R", "room 3 5m", False)
    for _ in range(3):
        flow.advance(desk, encounter_id=encounter)
    assert told() == ("D", "", False)
    assert (
        sheets.load(desk, TODAY)
        .say(sheets.load(desk, TODAY).by_id[visit])
        .startswith("Haddad, Layla  F 34  MRN 10442   phys 30m with LEE   done")
    )


def test_the_figures_count_who_is_here_and_over_a_limit(clinic: Clinic, desk: Desk) -> None:
    flow.arrive(desk, appointment_id=book(clinic, desk, "10442", 9))
    state = day.state(desk)
    assert (state.here, state.over, state.callbacks_due, state.nurse_calls) == (1, 0, 0, 0)
    pass_minutes(clinic, 15.9)
    assert day.state(desk).over == 0
    pass_minutes(clinic, 0.1)
    assert day.state(desk).over == 1


def test_a_week_has_a_character_a_quarter_hour(clinic: Clinic, desk: Desk) -> None:
    book(clinic, desk, "10442", 9, 30, kind="phys")
    week = sheets.load_week(desk, TODAY)
    assert (week.monday, week.first, week.last) == (date(2026, 11, 23), 8, 17)
    assert len(week.lines) == 15
    tuesday = week.lines[1]
    assert (tuesday.code, tuesday.day) == ("LEE", TODAY)
    shown = tuesday.places[week.first * 4 : week.last * 4]
    # What is past is no place; half past nine to ten is taken.
    assert shown == "....110011111111...." + "1111" * 4
    assert tuesday.start == clinic.at(9).isoformat()
    assert tuesday.says == "Tue 24 Nov with LEE: free 09:00 30m, 10:00 120m, 13:00 240m"


def test_a_day_on_which_the_clocks_change_has_its_wall_times(clinic: Clinic, desk: Desk) -> None:
    sunday = date(2027, 3, 14)
    lee = desk.clinic.practitioner("LEE").id

    def body(unit: Unit) -> None:
        for start, end in ((60, 240), (540, 600)):
            unit.insert(
                Availability,
                practitioner_id=lee,
                location_id=desk.clinic.locations[0].id,
                day=sunday,
                start_minute=start,
                end_minute=end,
            )
        unit.say("Open.")

    desk.store.write(desk.who, "test.open", body)
    sheet = sheets.load(desk, sunday)
    assert [(s.start, s.end) for s in sheet.spans("open")] == [(60, 240), (540, 600)]
    assert sheet.start_at(lee, 540) == "2027-03-14T14:00:00+00:00"


def test_dates_are_read_as_people_type_them(desk: Desk) -> None:
    assert day.read_date(desk, "+2w")[0] == TODAY + timedelta(days=14)
    found, at = day.read_date(desk, "thu 2pm")
    assert (found, at is not None and at.hour) == (date(2026, 11, 26), 14)
    with pytest.raises(BadUsage):
        day.read_date(desk, "feb 30")


def test_whoever_may_not_read_the_schedule_gets_none(clinic: Clinic, desk: Desk) -> None:
    nobody = clinic.desk("ana")
    nobody.who = replace(nobody.who, role="stranger")
    with pytest.raises(NotPermitted):
        sheets.load(nobody, TODAY)
    with pytest.raises(NotPermitted):
        sheets.load_week(nobody, TODAY)


def test_a_cancelled_visit_frees_its_time(clinic: Clinic, desk: Desk) -> None:
    booking.cancel(desk, appointment_id=book(clinic, desk, "10442", 10), reason="ill")
    sheet = sheets.load(desk, TODAY)
    assert [(v.letter, v.holds) for v in sheet.visits] == [("Z", False)]
    assert sheet.free_at(desk.clinic.practitioner("LEE").id, 600) is not None

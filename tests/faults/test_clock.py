"""A clock that steps back, and the two days of the year on which clocks are changed."""

from datetime import UTC, datetime, timedelta

import pytest

from pcoord import quickline
from pcoord.services import board, booking, flow, steps
from pcoord.store import check
from tests.clinic import Clinic
from tests.faults.conftest import Tried
from tests.screens.waiting import DANA, LAYLA, checked_in


def test_a_clock_that_steps_back(clinic: Clinic, tried: Tried, engine: str) -> None:
    desk, boss = clinic.desk("ana"), clinic.desk("boss")
    who = checked_in(clinic, desk, LAYLA, 9, 15)
    clinic.clock.moment -= timedelta(hours=2)
    (person,) = board.load(desk).people
    assert person.minutes_all >= 0
    flow.room(desk, encounter_id=who, room_id=desk.clinic.rooms[0].id)
    flow.advance(desk, encounter_id=who)
    assert steps.undo_last(desk).said.startswith("Taken back: Haddad, Layla")
    checked_in(clinic, clinic.desk("ben"), DANA, 9, 30)
    assert {one.minutes_all for one in board.load(desk).people} == {0}
    assert desk.store.verify().ok
    found = check.check(boss.store)
    assert found.ok, found.problems
    tried(
        "clock",
        f"the machine's clock steps back two hours in the middle of the day ({engine})",
        1,
        "steps, undo and the audit chain keep their order; nobody waits less than no time",
    )


@pytest.mark.parametrize(
    ("day", "before", "word"),
    [
        ("3/14/2027", datetime(2027, 3, 14, 7, 50, tzinfo=UTC), "forward"),
        ("11/7/2027", datetime(2027, 11, 7, 6, 50, tzinfo=UTC), "back"),
    ],
)
def test_the_days_on_which_clocks_are_changed(
    clinic: Clinic, tried: Tried, day: str, before: datetime, word: str, engine: str
) -> None:
    boss = clinic.desk("boss")
    at_night = "3/14/2027 2:30a" if word == "forward" else "11/7/2027 1:30a"
    line = quickline.understand(boss, f"book kim dana {at_night} lee fu because urgent")
    assert line.call is None
    assert ("clocks go forward" if word == "forward" else "first or the second") in line.problem
    clinic.clock.moment = before
    encounter = str(flow.walk_in(boss, patient_id=clinic.patient(boss, LAYLA)).id)
    clinic.clock.moment += timedelta(minutes=20)
    (person,) = board.load(boss).people
    assert person.minutes_all == 20, "minutes are counted across the change"
    flow.left(boss, encounter_id=encounter)
    for hours in (0, 1) if word == "back" else (1,):
        booking.book(
            boss,
            patient_id=clinic.patient(boss, DANA),
            practitioner_id=boss.clinic.practitioner("LEE").id,
            start=before + timedelta(minutes=30, hours=hours),
            visit_type_id=boss.clinic.visit_type("fu").id,
            overbook_reason="urgent",
        )
    found = check.check(boss.store)
    assert found.ok, found.problems
    tried(
        "clock",
        f"the night on which clocks go {word} ({engine})",
        1,
        "the hour that is not there is refused, with another time" * (word == "forward")
        + "the hour that comes twice is asked for, and both can be booked" * (word == "back")
        + "; minutes of waiting are true across the change",
    )

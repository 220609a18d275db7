"""The first openings."""

from datetime import timedelta

from pcoord.services import openings
from pcoord.services.desk import Desk
from tests.clinic import TODAY, Clinic
from tests.screens.schedule import book


def starts(clinic: Clinic, desk: Desk, **wishes: object) -> list[str]:
    found = openings.search(
        desk,
        minutes=30,
        practitioner_ids=[desk.clinic.practitioner("LEE").id],
        first=TODAY,
        limit=3,
        **wishes,  # type: ignore[arg-type]
    )
    return [f"{desk.clinic.local(one.start):%d %H:%M}" for one in found]


def test_openings_begin_now_and_keep_clear_of_visits(clinic: Clinic, desk: Desk) -> None:
    book(clinic, desk, "10442", 9, 30)
    assert starts(clinic, desk) == ["24 09:00", "24 09:45", "24 10:00"]


def test_part_of_the_day_and_weekdays_narrow_them(clinic: Clinic, desk: Desk) -> None:
    assert starts(clinic, desk, part="pm") == ["24 13:00", "24 13:15", "24 13:30"]
    assert starts(clinic, desk, weekdays=[3]) == ["26 08:00", "26 08:15", "26 08:30"]
    assert starts(clinic, desk, weekdays=[5], last=TODAY + timedelta(days=20)) == []


def test_nurses_visits_are_the_nurses(desk: Desk) -> None:
    assert [p.code for p in openings.able(desk, desk.clinic.visit_type("inj"))] == ["SHAH"]
    assert [p.code for p in openings.able(desk, desk.clinic.visit_type("fu"))] == ["LEE", "ORTIZ"]

"""A practitioner runs late: who is to be told, and who was."""

import pytest

from pcoord.domain.errors import Refused
from pcoord.services import flow, late
from pcoord.services.desk import Desk
from pcoord.services.steps import undo_last
from tests.clinic import Clinic
from tests.screens.schedule import book


def lee(desk: Desk) -> str:
    return desk.clinic.practitioner("LEE").id


def test_marking_late_says_how_many_are_to_be_told(clinic: Clinic, desk: Desk) -> None:
    book(clinic, desk, "10442", 9)
    book(clinic, desk, "8841", 10)
    book(clinic, desk, "10443", 10, who="ORTIZ")
    flow.arrive(desk, appointment_id=book(clinic, desk, "10445", 11))
    step = late.mark_late(desk, practitioner_id=lee(desk), minutes=40, reason="emergency")
    assert step.said == (
        "LEE runs 40 minutes late: emergency. 2 are not here yet; e in the schedule lists them."
    )
    assert (
        late.mark_late(desk, practitioner_id=lee(desk), minutes=0).said == "LEE is on time again."
    )


def test_those_of_late_practitioners_are_listed_by_time(clinic: Clinic, desk: Desk) -> None:
    book(clinic, desk, "8841", 10)
    book(clinic, desk, "10442", 9, 30)
    book(clinic, desk, "10443", 10, who="ORTIZ")
    assert [one.name for one in late.to_tell(desk, [lee(desk)])] == [
        "Haddad, Layla",
        "Gonzalez, Maria Luisa",
    ]
    assert len(late.to_tell(desk)) == 3
    late.mark_late(desk, practitioner_id=lee(desk), minutes=40)
    first = late.to_tell(desk)[0]
    assert (first.at, first.likely, first.phone) == ("09:30", "10:10", "(201) 555-0144")
    assert "not told yet" in first.says and len(late.to_tell(desk)) == 2


def test_telling_is_a_call_in_the_log_and_can_be_taken_back(clinic: Clinic, desk: Desk) -> None:
    visit = book(clinic, desk, "10442", 9, 30)
    with pytest.raises(Refused, match="not marked late"):
        late.tell(desk, appointment_id=visit)
    late.mark_late(desk, practitioner_id=lee(desk), minutes=40)
    assert late.tell(desk, appointment_id=visit).said == (
        "Told Haddad, Layla that LEE runs 40 minutes late."
    )
    assert [one.told for one in late.to_tell(desk)] == [True]
    undo_last(desk)
    assert [one.told for one in late.to_tell(desk)] == [False]


def test_nobody_left_to_tell(desk: Desk) -> None:
    said = late.mark_late(desk, practitioner_id=lee(desk), minutes=15).said
    assert said == "LEE runs 15 minutes late. Nobody is still expected."
    assert late.to_tell(desk) == []


@pytest.mark.parametrize("minutes", [-1, 8 * 60 + 1])
def test_impossible_lateness_is_refused(desk: Desk, minutes: int) -> None:
    with pytest.raises(Refused):
        late.mark_late(desk, practitioner_id=lee(desk), minutes=minutes)

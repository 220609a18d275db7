"""The words of a whole name are whom a line names, in any order, before they are anything else."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pcoord import quickline
from pcoord.services import patients
from pcoord.services.desk import Desk
from tests.clinic import PEOPLE, Clinic
from tests.screens.waiting import DANA, checked_in

MORE = (
    ("Kim", "Susan", "1/2/1980"),
    ("Le", "Kim Anh", "2/2/1982"),
    ("Park", "Rash", "2/2/1983"),
    ("Nurse", "Amy", "3/3/1984"),
    ("Lee", "Kim", "4/4/1985"),
    ("May", "April", "5/5/1987"),
    ("Van der Berg", "Anna Maria", "6/6/1988"),
    ("Today", "Tom", "7/7/1990"),
)
NAMES = [(family, given_) for _, family, given_, *_ in PEOPLE] + [(f, g) for f, g, _ in MORE]
REASONS = ("", "rash", "bad cough", "bp check please")


@pytest.fixture
def crowd(desk: Desk) -> Desk:
    """The people of the clinic, and some whose names are words of the desk."""
    for family, given_, born in MORE:
        patients.register(desk, family=family, given=given_, birth_date=born, force=True)
    return desk


def named(understood: Any) -> str:
    """Return whom a line was taken to name."""
    (said,) = [text for label, text in understood.fields if label == "walkin"]
    return str(said.split("   ")[0])


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(st.data())
def test_any_order_of_a_whole_name_is_the_person(crowd: Desk, data: st.DataObject) -> None:
    family, given_ = data.draw(st.sampled_from(NAMES))
    words = data.draw(st.permutations(f"{family} {given_}".split()))
    reason = data.draw(st.sampled_from(REASONS))
    understood = quickline.understand(crowd, f"walkin {' '.join(words)} {reason} nurse")
    assert understood.call is not None, understood
    assert named(understood) == f"{family}, {given_}"
    assert understood.call.values.get("reason", "") == ("" if reason == given_.lower() else reason)


def test_a_newcomers_name_is_not_why_somebody_else_came(crowd: Desk) -> None:
    understood = quickline.understand(crowd, "walkin haddad susan nurse")
    assert understood.call is None
    shown = [one.shown for one in understood.candidates]
    assert shown[0].startswith("Haddad, Layla") and "register Haddad, Susan" in shown[-1]
    picked = {"patient": understood.candidates[0].value}
    again = quickline.understand(crowd, "walkin haddad susan nurse", picked=picked)
    assert again.call is not None and again.call.values["reason"] == "susan"


def test_words_that_nobody_is_called_by_are_the_reason(crowd: Desk) -> None:
    understood = quickline.understand(crowd, "walkin haddad bad cough nurse")
    assert understood.call is not None and understood.call.values["reason"] == "bad cough"


@pytest.mark.parametrize("line", ["room kim 99", "room kim room 99", "room kim 2b"])
def test_a_room_that_is_not_there_is_what_is_wrong(clinic: Clinic, desk: Desk, line: str) -> None:
    checked_in(clinic, desk, DANA, 14)
    understood = quickline.understand(desk, line)
    assert understood.call is None
    assert understood.problem.endswith("here. The rooms are 1, 2, 3, 4.")
    assert quickline.understand(desk, "room kim 3").call is not None

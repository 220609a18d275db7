"""What may be said to whom and left where: the safe answer is the smaller one."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcoord.domain.alerts import AUDIENCES, KINDS, PLACES, seen_by
from pcoord.domain.disclosure import (
    LEAVE,
    SCOPES,
    Grant,
    Point,
    at_phone,
    ended_by_age,
    is_minor,
    letter_to,
    mail_to,
    of_age_on,
    say_scopes,
    scopes_now,
    text_to,
)

TODAY = date(2026, 11, 24)
ALL = tuple(SCOPES)
DAYS = st.dates(date(1930, 1, 1), date(2060, 1, 1))
MAYBE = st.none() | DAYS


def test_a_grant_counts_from_its_first_to_its_last_day() -> None:
    grant = Grant("son", ("clinical",), TODAY, TODAY + timedelta(days=1))
    assert scopes_now(grant, None, TODAY - timedelta(days=1)) == ()
    assert scopes_now(grant, None, TODAY) == ("clinical",)
    assert scopes_now(grant, None, TODAY + timedelta(days=1)) == ("clinical",)
    assert scopes_now(grant, None, TODAY + timedelta(days=2)) == ()


@given(st.sampled_from(("mother", "son", "proxy")), MAYBE, MAYBE, MAYBE, DAYS)
def test_an_order_wins_over_every_grant(role, since, until, born, day) -> None:
    denied = Grant(role, ALL, since, until, "Family court 2026-1")
    assert scopes_now(denied, born, day) == ()
    assert not ended_by_age(denied, born, day), "it does not end by age either"


def test_parents_rights_end_on_the_birthday_that_makes_of_age() -> None:
    born = date(2008, 11, 25)
    mother = Grant("mother", ALL)
    assert of_age_on(born) == date(2026, 11, 25)
    assert scopes_now(mother, born, TODAY) == ALL
    assert is_minor(born, TODAY) and not is_minor(born, TODAY + timedelta(days=1))
    assert scopes_now(mother, born, TODAY + timedelta(days=1)) == ()
    assert ended_by_age(mother, born, TODAY + timedelta(days=1))
    assert scopes_now(mother, born, TODAY + timedelta(days=1), age=19) == ALL


def test_what_an_adult_agreed_to_does_not_end_by_age() -> None:
    born, later = date(1990, 1, 31), date(2024, 1, 1)
    assert scopes_now(Grant("spouse", ("clinical",)), born, TODAY) == ("clinical",)
    assert scopes_now(Grant("mother", ("clinical",), later), born, TODAY) == ("clinical",)
    assert scopes_now(Grant("friend", ("pick-up",), date(2001, 1, 1)), born, TODAY) == ()


def test_what_ended_before_that_day_did_not_end_by_age() -> None:
    born = date(2000, 5, 5)
    assert not ended_by_age(Grant("mother", ALL, until=date(2010, 1, 1)), born, TODAY)


def test_born_on_29_february() -> None:
    assert of_age_on(date(2008, 2, 29)) == date(2026, 3, 1)
    assert of_age_on(None) is None


@given(st.sampled_from(("mother", "spouse")), MAYBE, MAYBE, MAYBE, DAYS)
def test_nothing_is_said_that_was_not_agreed(role, since, until, born, day) -> None:
    grant = Grant(role, ("appointments",), since, until)
    assert set(scopes_now(grant, born, day)) <= {"appointments"}


def test_the_least_is_said_as_such() -> None:
    assert say_scopes(("appointments",)) == "may only hear appointment times"
    assert say_scopes(()) == "nothing agreed"
    assert say_scopes(("consent", "clinical")) == "may consent, hear about care"
    assert say_scopes(("pick-up",)) == "may pick up"
    assert say_scopes(SCOPES) == "may hear and do everything"
    heard = say_scopes(("billing", "pick-up", "clinical", "appointments"))
    assert heard == "may hear about care, times and bills, pick up"


@pytest.mark.parametrize("leave", LEAVE)
def test_a_number_that_is_never_called(leave: str) -> None:
    told = at_phone(Point("555-0142", may_leave=leave, never=True))
    assert (told.allowed, told.leave) == (False, "nothing")
    assert at_phone(Point("555-0142", may_leave=leave)).leave == leave


def test_letters_go_to_the_safe_address_and_to_no_other() -> None:
    home = Point("4 Mill Lane", "home", "details")
    safe = Point("PO Box 7", "work", "name and number", safe=True)
    assert letter_to([home]).where == "4 Mill Lane"
    assert letter_to([home, safe]) == letter_to([safe, home])
    assert letter_to([home, safe]).where == "PO Box 7"
    blocked = Point("PO Box 7", "work", "nothing", safe=True)
    assert not letter_to([home, blocked]).allowed, "never home instead of the safe one"
    assert not letter_to([Point("4 Mill Lane", never=True)]).allowed
    gone = Point("PO Box 7", "work", safe=True, never=True)
    assert not letter_to([home, gone]).allowed
    assert not letter_to([]).allowed
    assert not letter_to([home], deceased=True).allowed


def test_texts_and_mail_need_consent_and_a_number_that_may_be_used() -> None:
    mobile = Point("201-555-0142", "mobile")
    home = Point("201-555-0100", "home")
    assert text_to([home, mobile], agreed=True).where == mobile.value
    assert not text_to([mobile], agreed=False).allowed
    assert not text_to([home], agreed=True).allowed
    assert not text_to([Point("1", "mobile", "nothing")], agreed=True).allowed
    assert not text_to([mobile], agreed=True, deceased=True).allowed
    assert mail_to("a@example.org", agreed=True).where == "a@example.org"
    assert not mail_to("a@example.org", agreed=False).allowed
    assert not mail_to(None, agreed=True).allowed


def test_alerts_are_shown_by_role_and_kind() -> None:
    assert all(set(places.split(",")) <= set(PLACES) for places in KINDS.values())
    assert seen_by("everybody", "read-only") and not seen_by("clinical", "front-desk")
    assert all(seen_by(audience, "supervisor") for audience in AUDIENCES)
    assert not seen_by("of another program", "front-desk")

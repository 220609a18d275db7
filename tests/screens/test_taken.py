"""A time that is taken: what was typed stays, and the nearest openings are offered."""

from pcoord import quickline
from pcoord.services import booking, views
from pcoord.services.desk import Desk
from tests.clinic import Clinic
from tests.screens.driver import Driver
from tests.screens.waiting import DANA, LAYLA, MARIA, book


def starts(desk: Desk) -> list[str]:
    """Return when today's visits begin, and whose they are."""
    found = views.visits(desk, desk.today)
    return [f"{v['start'][11:16]} {v['patient']['family']} {v['practitioner']}" for v in found]


def test_a_taken_time_offers_the_nearest(clinic: Clinic, desk: Desk) -> None:
    book(clinic, desk, DANA, 14)
    told = quickline.understand(desk, "book haddad fu 2pm lee")
    assert told.call is None and told.problem.startswith("LEE has Kim, Dana Tue 24 Nov 14:00.")
    shown = [one.shown for one in told.candidates]
    times = ("13:45 LEE", "14:15 LEE", "13:30 LEE", "14:00 ORTIZ")
    assert shown == [f"Tue 24 Nov {time}" for time in times]
    offered = next(one.value for one in told.candidates if one.shown.endswith("14:15 LEE"))
    again = quickline.understand(desk, "book haddad fu 2pm lee", picked={"start": offered})
    assert again.would == "books Haddad, Layla Tue 24 Nov 14:15 LEE"


def test_a_closed_time_offers_the_nearest(desk: Desk) -> None:
    told = quickline.understand(desk, "book haddad fu 12:15 lee")
    assert told.problem.startswith("LEE is not in Tue 24 Nov 12:15.")
    shown = [one.shown for one in told.candidates]
    assert "Tue 24 Nov 11:45 LEE" in shown and "Tue 24 Nov 13:00 LEE" in shown


def test_one_of_them_is_chosen_with_the_arrow(clinic: Clinic, at_desk: Driver, desk: Desk) -> None:
    book(clinic, desk, DANA, 14)
    at_desk.press("f6")
    at_desk.type("haddad fu 2pm lee")
    at_desk.see("LEE has Kim, Dana", "Tue 24 Nov 14:15 LEE")
    at_desk.press("down", "enter")
    at_desk.see("instead", "Tue 24 Nov 13:45 LEE", "Enter books Haddad, Layla")
    at_desk.press("enter")
    at_desk.see("Booked Haddad, Layla: Tue 24 Nov 13:45 with LEE")
    assert starts(desk) == ["13:45 Haddad LEE", "14:00 Kim LEE"]


def test_another_desk_was_quicker(clinic: Clinic, at_desk: Driver, desk: Desk) -> None:
    at_desk.press("f2", "f6")
    at_desk.type("haddad fu 2pm lee")
    at_desk.see("Enter books Haddad, Layla Tue 24 Nov 14:00 LEE")
    other = clinic.desk("ben")
    booking.book(
        other,
        patient_id=clinic.patient(other, MARIA),
        practitioner_id=other.clinic.practitioner("LEE").id,
        start=clinic.at(14),
        visit_type_id=other.clinic.visit_type("fu").id,
    )
    at_desk.press("enter")
    at_desk.see("book> haddad fu 2pm lee", "LEE has Gonzalez, Maria Luisa", "14:15 LEE")
    at_desk.press("down", "enter", "enter")
    at_desk.see("Booked Haddad, Layla")
    assert len(starts(desk)) == 2


def test_any_refusal_leaves_what_was_typed(clinic: Clinic, at_desk: Driver, desk: Desk) -> None:
    book(clinic, desk, LAYLA, 14)
    at_desk.press("f2", "f6")
    at_desk.type("haddad new 2pm ortiz")
    at_desk.see("Enter books")
    at_desk.press("enter")
    at_desk.see("book> haddad new 2pm ortiz", "Haddad, Layla is already booked")
    at_desk.press("backspace")
    at_desk.not_see("already booked Tue 24 Nov 14:00 with LEE. Choose another time.")
    at_desk.press("escape")
    at_desk.not_see("book>")

"""The palette and the typed line."""

from pcoord.services import day
from pcoord.services.desk import Desk
from tests.clinic import TODAY
from tests.screens.driver import Driver


def test_a_typed_line_books_after_showing_what_it_understood(at_desk: Driver, desk: Desk) -> None:
    at_desk.press("ctrl+p")
    at_desk.type("book gonzalez maria 2pm lee fu")
    at_desk.see("Gonzalez, Maria Luisa")
    at_desk.see("books Gonzalez, Maria Luisa")
    at_desk.press("enter")
    at_desk.see("Booked Gonzalez, Maria Luisa")
    assert [v.mrn for v in day.load_day(desk, TODAY).visits] == ["8841"]

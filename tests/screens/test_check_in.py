"""The check-in panel, key by key."""

from typing import Any

import pytest

from pcoord.screens.check_in_lines import panel_lines
from pcoord.services import booking, day, flow, patients, record
from pcoord.services.arrivals import Arrival, Identifier
from pcoord.services.desk import Desk
from pcoord.store.queries import schedule
from tests.clinic import Clinic
from tests.screens.driver import Driver
from tests.screens.waiting import ANA, DANA, DANIEL, LAYLA, add_facts, arrived, book


def checked_in_row(desk: Desk) -> Any:
    """Return the one person who is here."""
    (row,) = day.here(desk)
    return desk.read(schedule.encounter_row, row.id)


def test_t6_check_in_with_the_birth_date_typed(clinic: Clinic, at_desk: Driver, desk: Desk) -> None:
    add_facts(clinic, desk)
    book(clinic, desk, DANA, 14)
    at_desk.start_counting()
    at_desk.press("f7")
    at_desk.type("kim 1/31/1990")
    at_desk.press("enter")
    at_desk.see("CHECK IN", "Kim, Dana", "[x] b birth date", "[ ] p phone", "(201) 555-0155")
    at_desk.press("p", "enter")
    at_desk.see("Checked in Kim, Dana (birth date, phone fitted).", "u undo")
    assert at_desk.overhead == 4, "T6"
    print(f"T6: {at_desk.keys_pressed} keys for Kim, Dana with her birth date typed")
    row = checked_in_row(desk)
    assert (row.stage, row.verified) == ("checked-in", "birth date,phone")


def test_t6_check_in_by_name_alone_asks_both(clinic: Clinic, at_desk: Driver, desk: Desk) -> None:
    add_facts(clinic, desk)
    book(clinic, desk, LAYLA, 14)
    at_desk.start_counting()
    at_desk.press("f7")
    at_desk.type("hadd")
    at_desk.press("enter")
    at_desk.see("[ ] b birth date", "05/09/1992", "12 Ferry Landing, Willow Bend")
    at_desk.press("b", "a", "enter")
    at_desk.see("Checked in Haddad, Layla (birth date, address fitted).")
    # F7 and Enter choose the patient; two identifiers, one key each; Enter is the demographics.
    assert at_desk.overhead == 5


def test_t6_by_name_alone_with_the_birth_date_ticked_in_the_line(
    clinic: Clinic, at_desk: Driver, desk: Desk
) -> None:
    add_facts(clinic, desk)
    book(clinic, desk, LAYLA, 14)
    at_desk.start_counting()
    at_desk.press("f7")
    at_desk.type("hadd")
    at_desk.see("born      9 May 1992", "Tab birth date fits")
    at_desk.press("tab")
    at_desk.see("CHECK IN", "[x] b birth date", "[ ] a address")
    at_desk.press("a", "enter")
    at_desk.see("Checked in Haddad, Layla (birth date, address fitted).")
    assert at_desk.overhead == 4, "T6"
    print(f"T6 by name alone: {at_desk.keys_pressed} keys")


def test_t6_without_a_birth_date_tab_ticks_the_phone(
    clinic: Clinic, at_desk: Driver, desk: Desk
) -> None:
    add_facts(clinic, desk)
    patients.edit(desk, patient_id=clinic.patient(desk, LAYLA), birth_date="?")
    book(clinic, desk, LAYLA, 14)
    at_desk.start_counting()
    at_desk.press("f7")
    at_desk.type("hadd")
    at_desk.see("phone     (201) 555-0144", "Tab phone fits")
    at_desk.press("tab")
    at_desk.see("CHECK IN", "[x] p phone", "[ ] a address")
    at_desk.press("a", "enter")
    at_desk.see("Checked in Haddad, Layla (phone, address fitted).")
    assert at_desk.overhead == 4, "T6"


def test_the_panel_at_80x24(clinic: Clinic, at_desk: Driver, desk: Desk) -> None:
    add_facts(clinic, desk)
    book(clinic, desk, LAYLA, 14)
    at_desk.press("f3", "f7")
    at_desk.type("haddad 5/9/92")
    at_desk.press("enter")
    at_desk.see("CHECK IN")
    at_desk.golden("check_in_80x24")


def test_long_names_and_addresses_are_compared_as_a_whole() -> None:
    address = "12345 North Old Mill Creek Boulevard Building 7 Apartment 1204, Stone Ferry"
    name = "Featherstonehaugh-Cholmondeley, Hubert Blaine Maximilian Alexander"
    arrival = Arrival(
        patient_id="p",
        name=name,
        facts="M  age 42  MRN 10406",
        visit="Fri 27 Nov 06:30 LEE  Follow-up",
        identifiers=(Identifier("a", "address", address), Identifier("n", "name", name)),
        minor=False,
        age="42",
        related=(),
    )
    shown = ["".join(text for text, _ in line) for line in panel_lines(arrival, [], None, "", 80)]
    assert all(len(line) <= 80 for line in shown)
    assert shown[0].startswith(" CHECK IN  Feather") and shown[0].endswith(
        "…  M  age 42  MRN 10406"
    )
    assert " ".join(" ".join(shown[2:4]).split()).endswith(address)
    assert " ".join(" ".join(shown[4:6]).split()).endswith(name)


def test_a_phone_typed_to_find_somebody_counts(clinic: Clinic, at_desk: Driver, desk: Desk) -> None:
    book(clinic, desk, LAYLA, 14)
    at_desk.press("f7")
    at_desk.type("201-555-0144")
    at_desk.press("enter")
    at_desk.see("[x] p phone", "[ ] b birth date")


def test_the_end_of_a_phone_does_not_count(clinic: Clinic, at_desk: Driver, desk: Desk) -> None:
    book(clinic, desk, LAYLA, 14)
    at_desk.press("f7")
    at_desk.type("haddad 0144")
    at_desk.press("enter")
    at_desk.see("[ ] p phone")


def test_what_another_desk_did_meanwhile_is_said_to_its_end(
    clinic: Clinic, at_desk: Driver, desk: Desk
) -> None:
    visit = book(clinic, desk, LAYLA, 14)
    at_desk.press("f7")
    at_desk.type("haddad")
    at_desk.press("enter", "b", "p")
    at_desk.see("[x] b birth date", "[x] p phone")
    booking.cancel(desk, appointment_id=visit, reason="transport")
    at_desk.press("enter")
    at_desk.see("cancelled it at 09:00", "Esc leaves.", "[x] p phone")
    assert day.here(desk) == []


def test_less_than_two_is_kindly_asked_for(clinic: Clinic, at_desk: Driver, desk: Desk) -> None:
    book(clinic, desk, LAYLA, 14)
    at_desk.press("f7")
    at_desk.type("haddad")
    at_desk.press("enter", "enter")
    at_desk.see(
        "Two identifiers are to be asked: b a p n m. Or o checks in without, marked", " id?."
    )
    at_desk.press("enter")
    at_desk.see("Still: Two identifiers are to be asked: b a p n m.")
    at_desk.press("b", "enter", "enter")
    at_desk.see("Still: One more identifier is to be asked: b a p n m.", "marked", "id?.")
    assert day.here(desk) == []
    at_desk.press("n", "enter")
    at_desk.see("Checked in Haddad, Layla (birth date, name fitted).")


def test_another_key_checks_in_without_and_leaves_a_mark(
    clinic: Clinic, at_desk: Driver, desk: Desk
) -> None:
    book(clinic, desk, LAYLA, 14)
    at_desk.press("f3", "f7")
    at_desk.type("haddad")
    at_desk.press("enter", "o")
    at_desk.see("CHECK IN")
    assert day.here(desk) == []
    at_desk.press("enter", "o")
    at_desk.see("Checked in Haddad, Layla.")
    assert "id?" in at_desk.row("room 1 free")
    assert checked_in_row(desk).verified == ""


def test_a_tick_comes_off_again(clinic: Clinic, at_desk: Driver, desk: Desk) -> None:
    book(clinic, desk, LAYLA, 14)
    at_desk.press("f7")
    at_desk.type("haddad")
    at_desk.press("enter", "b", "p", "b", "enter")
    at_desk.see("[ ] b birth date", "[x] p phone", "One more identifier")


def test_escape_keeps_nothing(clinic: Clinic, at_desk: Driver, desk: Desk) -> None:
    book(clinic, desk, LAYLA, 14)
    at_desk.press("f7")
    at_desk.type("haddad")
    at_desk.press("enter", "b", "p", "escape")
    at_desk.not_see("CHECK IN")
    assert day.here(desk) == []


def test_t27_a_child_with_somebody_else(clinic: Clinic, at_desk: Driver, desk: Desk) -> None:
    add_facts(clinic, desk)
    book(clinic, desk, ANA, 14)
    at_desk.press("f3")
    at_desk.start_counting()
    at_desk.press("f7")
    at_desk.type("nunez ana 6/6/2019")
    at_desk.press("enter")
    at_desk.see(
        "1 Rosa Nuñez, mother: consent",
        "2 Ray Garcia, father: DENIED order 26-114",
        "3 Inés Nuñez, grandmother: NO CONSENT; pick-up, appointments",
    )
    at_desk.golden("check_in_child_80x24")
    at_desk.press("p", "3", "enter")
    at_desk.see("(birth date, phone fitted), with Inés Nuñez", "(grandmother).")
    assert at_desk.overhead <= 4 + 3, "T27"
    print(f"T27: {at_desk.keys_pressed} keys, {at_desk.overhead} overhead")
    assert checked_in_row(desk).accompanied_by == "Inés Nuñez (grandmother)"


def test_a_child_is_not_checked_in_with_somebody_shut_out(
    clinic: Clinic, at_desk: Driver, desk: Desk
) -> None:
    add_facts(clinic, desk)
    book(clinic, desk, ANA, 14)
    at_desk.press("f7")
    at_desk.type("nunez ana 6/6/2019")
    at_desk.press("enter", "p", "enter")
    at_desk.see("Who came along?")
    at_desk.press("2")
    at_desk.see("Ray Garcia is shut out by an order (order 26-114)")
    at_desk.press("enter")
    at_desk.see("Who came along?")
    assert day.here(desk) == []
    at_desk.press("0", "enter")
    at_desk.see("with somebody not on")


def test_the_service_too_refuses_somebody_shut_out(clinic: Clinic, desk: Desk) -> None:
    from pcoord.domain.errors import Refused
    from pcoord.services import arrivals

    add_facts(clinic, desk)
    visit = book(clinic, desk, ANA, 14)
    related = arrivals.load(desk, appointment_id=visit).related
    denied = next(person for person in related if person.denied)
    with pytest.raises(Refused, match="shut out by an order"):
        flow.check_in(desk, appointment_id=visit, accompanied_by=denied.id)


def test_somebody_who_arrived_and_a_walk_in_are_checked_in_too(
    clinic: Clinic, at_desk: Driver, desk: Desk
) -> None:
    arrived(clinic, desk, LAYLA, 14)
    flow.walk_in(desk, patient_id=clinic.patient(desk, DANIEL), reason="rash")
    for typed, name in (("haddad", "Haddad, Layla"), ("kim daniel", "Kim, Daniel")):
        at_desk.press("f7")
        at_desk.type(typed)
        at_desk.press("enter", "b", "p", "enter")
        at_desk.see(f"Checked in {name} (birth date, phone fitted).")
    assert {row.stage for row in day.here(desk)} == {"checked-in"}
    at_desk.press("f7")
    at_desk.type("haddad")
    at_desk.see("Haddad, Layla is checked in already, here since 09:00 (F3).")


def test_what_another_desk_did_meanwhile_is_said_in_the_panel(
    clinic: Clinic, at_desk: Driver, desk: Desk
) -> None:
    visit = book(clinic, desk, LAYLA, 14)
    at_desk.press("f7")
    at_desk.type("haddad")
    at_desk.press("enter", "b", "p")
    flow.check_in(clinic.desk("ben"), appointment_id=visit, verified="phone,name")
    at_desk.press("enter")
    at_desk.see("Ben Okafor checked them in at 09:00: Checked in Haddad", "[x] b birth date")
    at_desk.press("escape")
    assert checked_in_row(desk).verified == "phone,name"


def test_the_look_at_the_record_is_noted(clinic: Clinic, at_desk: Driver, desk: Desk) -> None:
    book(clinic, desk, LAYLA, 14)
    at_desk.press("f7")
    at_desk.type("haddad")
    at_desk.press("enter")
    at_desk.see("CHECK IN")
    looks = desk.store.connection.exec_driver_sql(
        "SELECT count(*) FROM audit_event WHERE kind = 'read' AND patient_id = "
        f"'{clinic.patient(desk, LAYLA)}'"
    ).scalar_one()
    assert looks == 1


def test_f7_on_a_row_that_is_checked_in_asks_for_somebody_else(
    clinic: Clinic, at_desk: Driver, desk: Desk
) -> None:
    visit = book(clinic, desk, LAYLA, 14)
    flow.check_in(desk, appointment_id=visit)
    at_desk.press("f3", "f7")
    at_desk.see("Whose visit?")


def test_c_on_an_arrival_opens_the_panel_for_that_row(
    clinic: Clinic, at_desk: Driver, desk: Desk
) -> None:
    arrived(clinic, desk, LAYLA, 14)
    at_desk.press("f3", "c")
    at_desk.see("checkin>", "Haddad, Layla")
    at_desk.press("enter")
    at_desk.see("CHECK IN", "Haddad, Layla")


# Who pays


def test_who_pays_is_seen_and_asked_after(clinic: Clinic, at_desk: Driver, desk: Desk) -> None:
    add_facts(clinic, desk)
    layla = clinic.patient(desk, LAYLA)
    first = {"payor": "Mesa Ridge Plan", "subscriber_id": "MES4314", "group_number": "551"}
    record.add(desk, patient_id=layla, part="coverage", **first)
    book(clinic, desk, LAYLA, 14)
    at_desk.press("f7")
    at_desk.type("haddad")
    at_desk.press("enter")
    at_desk.see(" pays      Mesa Ridge Plan  member MES4314  group 551")
    at_desk.see("demographics and coverage still valid, check in")
    record.add(desk, patient_id=layla, part="coverage", payor="Union Fund", position="2")
    at_desk.press("b", "v")
    at_desk.see("Coverages", "Mesa Ridge Plan")
    at_desk.press("escape")
    at_desk.see("[x] b birth date", "Union Fund  no member number yet")


def test_a_coverage_that_ended_and_none_are_asked_for(
    clinic: Clinic, at_desk: Driver, desk: Desk
) -> None:
    add_facts(clinic, desk)
    layla = clinic.patient(desk, LAYLA)
    book(clinic, desk, LAYLA, 14)
    at_desk.press("f7")
    at_desk.type("haddad")
    at_desk.press("enter")
    at_desk.see("nobody on file: ask for the card", " Enter demographics still valid")
    at_desk.press("escape")
    typed = {"payor": "Union Fund", "subscriber_id": "UF-77", "until_date": "10/31/2026"}
    record.add(desk, patient_id=layla, part="coverage", **typed)
    at_desk.press("f7")
    at_desk.type("haddad")
    at_desk.press("enter")
    at_desk.see("ENDED 10/31/2026: Union Fund  member UF-77")

"""Merging by key presses: side by side, field by field, and taken back; the work list."""

from collections.abc import Iterator

import pytest

from pcoord.services import duplicate_work, lookup, merging, patients
from pcoord.services.desk import Desk
from tests.clinic import Clinic
from tests.screens.driver import Driver
from tests.screens.opened import open_desk


@pytest.fixture
def double(clinic: Clinic, desk: Desk) -> str:
    """Layla Haddad once more: another birth date and language, the same telephone."""
    layla = clinic.patient(desk, "10442")
    patients.edit(desk, patient_id=layla, language="en", email="layla@example.org")
    fields = {"birth_date": "9/5/1992", "phone": "201-555-0144", "language": "es", "sex": "f"}
    step = patients.register(desk, family="Haddad", given="Layla", force=True, **fields)
    return str(step.id)


@pytest.fixture
def at_boss(clinic: Clinic, double: str) -> Iterator[Driver]:
    """A supervisor at the opened desk."""
    yield from open_desk(clinic, "boss")


def test_t20_merge_side_by_side_and_take_it_back(
    clinic: Clinic, at_boss: Driver, desk: Desk, double: str
) -> None:
    at_boss.start_counting()
    at_boss.press("f4")
    at_boss.type("10442")
    at_boss.press("enter", "j")
    at_boss.see("MERGE", "birth date", "1 05/09/1992", "2 09/05/1992", "1 en", "2 es")
    at_boss.golden("merge_80x24")
    at_boss.press("1", "2")
    at_boss.see("* 05/09/1992", "* es", "^D merges")
    at_boss.press("ctrl+d")
    at_boss.see("Merged Haddad, Layla, MRN 10001, into", "u undo")
    card = patients.card(desk, double)
    assert (card.mrn, str(card.birth_date), card.language) == ("10442", "1992-05-09", "es")
    at_boss.press("u")
    at_boss.see("Taken back: Merged Haddad, Layla")
    assert lookup.one(desk, double).id == double
    differing = 2
    assert at_boss.overhead <= 5 + differing, "T20"
    print(f"T20: {at_boss.keys_pressed} keys, {at_boss.overhead} overhead, 2 differing fields")


def test_sides_that_are_cut_are_said_in_full(
    clinic: Clinic, at_boss: Driver, desk: Desk, double: str
) -> None:
    same = "632 Pine Needle Path Apartment 12, Willow Bend"
    layla = clinic.patient(desk, "10442")
    patients.edit(desk, patient_id=layla, note=f"{same} East, second door on the left")
    patients.edit(desk, patient_id=double, note=f"{same} West, " + "and so on " * 80)
    at_boss.press("f4")
    at_boss.type("10442")
    at_boss.press("enter", "j")
    at_boss.see("1 05/09/1992", "? note")
    at_boss.not_see("East", "West")
    at_boss.press("1", "1")
    at_boss.see(f" 1 {same} East, second door", "West, and so on", "…\n\n 1 left")
    at_boss.press("home")
    at_boss.not_see("East")


def test_nothing_is_merged_before_every_field_is_chosen(at_boss: Driver, desk: Desk) -> None:
    at_boss.press("f4")
    at_boss.type("10442")
    at_boss.press("enter", "j", "ctrl+d")
    at_boss.see("Choose the birth date first: 1 the left, 2 the right.")
    at_boss.press("1", "ctrl+d")
    at_boss.see("Choose the language first")
    at_boss.press("escape")
    at_boss.not_see("MERGE")
    assert len(lookup.find(desk, "haddad")) == 2


def test_the_other_may_stay(at_boss: Driver, desk: Desk, double: str) -> None:
    at_boss.press("f4")
    at_boss.type("10442")
    at_boss.press("enter", "j", "1", "1", "tab")
    at_boss.see("stays  MRN 10001", "goes   MRN 10442", "MRN 10001, stays")
    at_boss.press("ctrl+d")
    at_boss.see("Merged Haddad, Layla, MRN 10442, into")
    card = patients.card(desk, double)
    assert (card.id, card.mrn, str(card.birth_date)) == (double, "10001", "1992-05-09")


def test_what_speaks_against_it_is_asked_with_another_key(
    clinic: Clinic, at_boss: Driver, desk: Desk, double: str
) -> None:
    merging.not_same(desk, patient_id=double, other_id=clinic.patient(desk, "10442"))
    at_boss.press("ctrl+p")
    at_boss.type("merge 10001 into 10442")
    at_boss.press("enter")
    at_boss.see("! Noted as two people by ana")
    at_boss.press("1", "1", "ctrl+d", "ctrl+d", "enter")
    at_boss.see("Are they one person all the same?", "2  yes, one person: merge them")
    assert len(lookup.find(desk, "haddad")) == 2
    at_boss.press("2")
    at_boss.see("Merged Haddad, Layla, MRN 10001, into")


def test_the_work_list_is_worked_off(at_boss: Driver, desk: Desk) -> None:
    at_boss.press("ctrl+p")
    at_boss.type("duplicates")
    at_boss.press("enter")
    at_boss.see("DUPLICATES", "1 open", "10442 Haddad, Layla", "10001 Haddad, Layla")
    at_boss.see("same name, birth date nearly the same, same phone")
    at_boss.golden("duplicates_80x24")
    at_boss.press("h")
    at_boss.see("Noted as two people", "0 open", "No two records look like one person.")
    at_boss.press("u")
    at_boss.see("1 open")
    at_boss.press("enter")
    at_boss.see("MERGE")
    at_boss.press("1", "1", "ctrl+d")
    at_boss.see("DUPLICATES", "0 open", "Merged Haddad, Layla")
    assert len(lookup.find(desk, "haddad")) == 1


def test_a_long_work_list_shows_the_likeliest_and_says_of_how_many(
    at_boss: Driver, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pcoord.services.duplicate_work.MOST", 2)
    for _ in range(3):
        patients.register(desk, family="Novak", given="Ina", birth_date="4/9/1988", force=True)
    at_boss.press("ctrl+p")
    at_boss.type("duplicates")
    at_boss.press("enter")
    at_boss.see("DUPLICATES", "2 of 4 open")


def test_a_front_desk_is_told_whom_to_ask(at_desk: Driver, double: str) -> None:
    at_desk.press("f4")
    at_desk.type("10442")
    at_desk.press("enter", "j")
    at_desk.see("Your role (front-desk) may not do this.")


def test_an_open_record_at_another_desk_leads_on(
    clinic: Clinic, at_desk: Driver, double: str
) -> None:
    at_desk.press("f4")
    at_desk.type("10001")
    at_desk.press("enter")
    at_desk.see("MRN 10001")
    boss = clinic.desk("boss")
    merging.merge(boss, patient_id=clinic.patient(boss, "10442"), other_id=double)
    at_desk.see("MRN 10442", "That record was merged into this one meanwhile.")


def test_unmerging_by_a_typed_line(clinic: Clinic, at_boss: Driver, double: str) -> None:
    boss = clinic.desk("boss")
    merging.merge(boss, patient_id=clinic.patient(boss, "10442"), other_id=double)
    at_boss.press("ctrl+p")
    at_boss.type("unmerge 10001")
    at_boss.see("takes Haddad, Layla, MRN 10001 out of the record of Haddad, Layla")
    at_boss.press("enter")
    at_boss.see("Taken apart: Haddad, Layla, MRN 10001 is a record of its own again")
    assert duplicate_work.waiting(boss)


def test_a_visit_of_the_wrong_patient_is_moved_from_the_schedule(
    clinic: Clinic, at_desk: Driver, desk: Desk
) -> None:
    from pcoord.services import booking

    booking.book(
        desk,
        patient_id=clinic.patient(desk, "10443"),
        practitioner_id=desk.clinic.practitioner("LEE").id,
        start=clinic.at(9, 15),
        visit_type_id=desk.clinic.visit_type("fu").id,
    )
    at_desk.press("f2")
    at_desk.press("down")
    at_desk.see("Kim, Dana")
    at_desk.press("i")
    at_desk.type("haddad reason alike")
    at_desk.see("moves from Kim, Dana to Haddad, Layla: visit of Tue 24 Nov 09:15")
    at_desk.press("enter")
    at_desk.see("Moved the visit of Tue 24 Nov 09:15 with LEE from Kim, Dana", "Haddad")

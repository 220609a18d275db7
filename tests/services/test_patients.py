"""Registering and editing patients, likely duplicates, the card, and what of it is recorded."""

from datetime import date, timedelta
from typing import Any

import pytest

from pcoord.domain.errors import BadUsage, Conflict, NotFound, NotPermitted, Refused
from pcoord.services import booking, lookup, patient_search, patients, steps
from pcoord.services.desk import Desk
from pcoord.store.queries import events
from pcoord.store.tables import Flag, Identifier, RelatedPerson
from pcoord.store.unit import Unit
from tests.clinic import TODAY, Clinic

NEW = {
    "family": "novak",
    "given": "petra",
    "birth_date": "4/9/1988",
    "sex": "f",
    "phone": "201-555-0188",
}


def looks(desk: Desk, kind: str) -> list[Any]:
    """Return the events of a kind, oldest first."""
    rows = desk.read(events.listing)
    return [row for row in reversed(rows) if row.kind == kind]


# Registering


def test_the_least_is_enough(desk: Desk) -> None:
    step = patients.register(desk, **NEW)
    assert step.said == "Registered Novak, Petra, MRN 10001."
    shown = patients.card(desk, str(step.id))
    assert (shown.family, shown.given, shown.mrn) == ("Novak", "Petra", "10001")
    assert (shown.birth_date, shown.sex, shown.age) == (date(1988, 4, 9), "female", "38")
    assert [hit.id for hit in lookup.find(desk, "2015550188")] == [step.id]


def test_the_same_registration_is_stored_once(desk: Desk) -> None:
    key = patients.key_of_new_patient()
    assert patients.register(desk, patient_id=key, **NEW).id == key
    with pytest.raises(Refused, match="Novak, Petra is registered already, MRN 10001"):
        patients.register(desk, patient_id=key, force=True, **NEW)
    assert [hit.mrn for hit in lookup.find(desk, "novak")] == ["10001"]


def test_everything_that_can_be_said(desk: Desk) -> None:
    step = patients.register(
        desk,
        **NEW | {"phone": "201-555-0188, 201-555-0189 h, work: 201-555-0190"},
        middle="anna",
        preferred="Peti",
        email="petra@example.org",
        language="czech interpreter",
        line="4 Mill Lane",
        city="Willow Bend",
        state="NJ",
        postal_code="07001",
        practitioner="lee",
        text_ok="y",
        note="Ring twice.",
    )
    shown = patients.card(desk, str(step.id))
    assert [(p.value, p.use) for p in shown.phones] == [
        ("201-555-0188", "mobile"),
        ("201-555-0189", "home"),
        ("201-555-0190", "work"),
    ]
    assert shown.address == "4 Mill Lane, Willow Bend, NJ 07001"
    assert (shown.language, shown.interpreter, shown.practitioner) == ("cs", True, "LEE")
    assert shown.text_ok and shown.note == "Ring twice." and shown.middle == "Anna"


def test_a_typed_line_registers(desk: Desk) -> None:
    step = patients.register(desk, newcomer="de la cruz, ana 4/9/1988 201-555-0188")
    shown = patients.card(desk, str(step.id))
    assert (shown.family, shown.given) == ("de la Cruz", "Ana")
    assert [p.value for p in shown.phones] == ["201-555-0188"]


def test_numbers_that_an_import_took_are_stepped_over(desk: Desk, clinic: Clinic) -> None:
    owner = clinic.patient(desk, "8841")

    def take(unit: Unit) -> None:
        unit.insert(Identifier, patient_id=owner, value="10001", use="old")
        unit.say("Taken.")

    desk.store.write(desk.who, "test.take", take)
    step = patients.register(desk, **NEW)
    assert patients.card(desk, str(step.id)).mrn == "10002"


def test_every_field_says_what_is_wrong_with_it(desk: Desk) -> None:
    with pytest.raises(patients.FieldErrors) as refused:
        patients.register(
            desk,
            family="",
            given="R2D2",
            birth_date="31/31/1999",
            sex="banana",
            phone="12",
            email="petra",
            language="klingonish",
            practitioner="WHO",
        )
    wrong = refused.value.fields
    assert set(wrong) == {
        *("family", "given", "birth_date", "sex", "phone", "email", "language", "practitioner")
    }
    assert wrong["sex"] == "Type f, m, o (other) or u (unknown)."
    assert all(sentence.endswith(".") for sentence in wrong.values())


def test_a_birth_date_nobody_knows_is_said_so(desk: Desk) -> None:
    with pytest.raises(patients.FieldErrors, match=r"or \? when nobody knows"):
        patients.register(desk, family="Novak")
    step = patients.register(desk, family="Novak", birth_date="?")
    assert patients.card(desk, str(step.id)).birth_date is None


def test_a_field_that_does_not_exist_is_refused(desk: Desk) -> None:
    with pytest.raises(BadUsage, match="no field"):
        patients.register(desk, **NEW, shoe_size="44")


def test_hostile_text_is_stored_scrubbed(desk: Desk) -> None:
    step = patients.register(desk, **NEW, note="[bold]\x1b]0;x\x07 \u202eevil")
    note = patients.card(desk, str(step.id)).note
    assert note == "[bold]]0;x evil"


# Likely duplicates


@pytest.mark.parametrize(
    ("typed", "mrn", "why"),
    [
        (("Gonzalez", "Maria Luisa", "3/4/62", ""), "8841", "same name, same birth date"),
        (("gonzález", "maría luisa", "3/4/62", ""), "8841", "same name, same birth date"),
        (
            ("Gonsales", "Marya", "3/4/62", ""),
            "8841",
            "like family name, like given name, same birth date",
        ),
        (("Kim", "Danny", "8/2/1958", ""), "10444", "nickname, same birth date"),
        (("Layla", "Haddad", "5/9/1992", ""), "10442", "names swapped, same birth date"),
        (("Ana", "Nunez", "6/6/2019", ""), "10446", "names swapped, same birth date"),
        (("Maria", "Gonzalez", "3/4/62", ""), "8841", "names swapped, same birth date"),
        (("Danny", "Kim", "8/2/1958", ""), "10444", "names swapped, same birth date"),
        (("Danny", "Kim", "8/2/1985", ""), "10444", "names swapped, birth date nearly the same"),
        (
            ("Novak", "Lay", "5/9/1992", "201-555-0144"),
            "10442",
            "like given name, same birth date, same phone",
        ),
        (
            ("Hadad-Cohen", "Layla", "", "201-555-0144"),
            "10442",
            "like family name, birth date unknown, same phone",
        ),
        (("Haddad", "Layla", "9/5/1992", ""), "10442", "same name, birth date nearly the same"),
        (("Haddad", "Layla", "?", ""), "10442", "same name, birth date unknown"),
        (("Haddad", "Layla", "5/9/1962", ""), "10442", "same name, birth date nearly the same"),
        (("Hadad", "Layla", "5/19/1992", ""), "10442", "like family name, birth date nearly"),
        (("Haddad", "Laila", "9/5/1992", ""), "10442", "like given name, birth date nearly"),
        (("Kim", "Danny", "2/8/1958", ""), "10444", "nickname, birth date nearly the same"),
    ],
)
def test_who_may_be_on_file(desk: Desk, typed: tuple[str, ...], mrn: str, why: str) -> None:
    family, given, born, phone = typed
    found = patients.duplicates(desk, family=family, given=given, birth_date=born, phone=phone)
    assert found[0].mrn == mrn
    assert why in found[0].why


@pytest.mark.parametrize(
    "typed",
    [
        {"family": "Kim", "given": "Min", "birth_date": "1/1/2020", "phone": "201-555-0155"},
        {"family": "Haddad", "given": "Omar", "birth_date": "5/9/1992"},
        {"family": "Kim", "given": "Daniel", "birth_date": "7/7/2011", "phone": "201-555-0155"},
        {"family": "", "given": "Maria", "birth_date": "3/4/62"},
        {"family": "G", "given": "", "birth_date": "3/4"},
    ],
)
def test_who_is_somebody_else(desk: Desk, typed: dict[str, str]) -> None:
    assert patients.duplicates(desk, **typed) == []


@pytest.mark.parametrize("born", ["5/4/1971", "4/5/1971", "5/14/1971", "?"])
@pytest.mark.parametrize(
    ("here", "typed"), [("McDonald", "MacDonald"), ("MacGregor", "Mc Gregor"), ("McKay", "Mackay")]
)
def test_mc_and_mac_are_one_name(desk: Desk, here: str, typed: str, born: str) -> None:
    patients.register(desk, family=here, given="Ronan", birth_date="5/4/1971")
    (found,) = patients.duplicates(desk, family=typed, given="Ronan", birth_date=born)
    assert (found.family, "same name" in found.why) == (here, True)
    other = {"family": typed, "given": "Fiona", "birth_date": "5/4/1971"}
    assert patients.duplicates(desk, **other) == []


def test_a_newborn_that_has_its_name_now_may_be_on_file(desk: Desk) -> None:
    baby = {"family": "Haddad", "birth_date": "11/20/2026"}
    patients.register(desk, given="Baby Girl", force=True, **baby)
    (found,) = patients.duplicates(desk, given="Emma", **baby)
    assert "a newborn without a given name" in found.why
    patients.register(desk, given="Emma", force=True, **baby)
    assert patients.duplicates(desk, given="Emma", **baby)[0].given == "Emma"
    assert patients.duplicates(desk, given="Boyd", **baby | {"birth_date": "1/1/2020"}) == []


def test_a_likely_duplicate_is_refused_until_it_was_shown(desk: Desk) -> None:
    twice = NEW | {"family": "Haddad", "given": "Layla", "birth_date": "5/9/1992"}
    with pytest.raises(patients.LikelyDuplicates, match="Haddad, Layla, born 9 May 1992") as told:
        patients.register(desk, **twice)
    shown = [one.id for one in told.value.duplicates]
    step = patients.register(desk, **twice, shown=shown)
    assert step.said.startswith("Registered Haddad, Layla")
    with pytest.raises(patients.LikelyDuplicates):
        patients.register(desk, **twice, shown=shown)
    patients.register(desk, **twice, force=True)


# Editing


def test_only_what_differs_is_changed(desk: Desk, clinic: Clinic) -> None:
    who = clinic.patient(desk, "10442")
    seen, said = patients.fields_of(desk, who)
    step = patients.edit(desk, patient_id=who, seen=seen, **said | {"language": "arabic"})
    assert step.said == "Changed Haddad, Layla: language."
    assert patients.card(desk, who).language == "ar"


def test_nothing_changed_is_said(desk: Desk, clinic: Clinic) -> None:
    who = clinic.patient(desk, "10442")
    seen, said = patients.fields_of(desk, who)
    with pytest.raises(Refused, match="Nothing was changed"):
        patients.edit(desk, patient_id=who, seen=seen, **said)


def test_a_new_family_name_keeps_the_old_one_findable(desk: Desk, clinic: Clinic) -> None:
    who = clinic.patient(desk, "10442")
    patients.edit(desk, patient_id=who, family="Svoboda")
    shown = patients.card(desk, who)
    assert shown.family == "Svoboda"
    assert shown.other_names == (("old", "Haddad, Layla"),)
    assert who in [hit.id for hit in lookup.find(desk, "haddad")]


@pytest.mark.parametrize(
    "typed", [{"family": "Hadad"}, {"given": "Layla Nur"}, {"family": "HADDAD"}]
)
def test_a_slip_put_right_is_no_old_name(desk: Desk, clinic: Clinic, typed: dict[str, str]) -> None:
    who = clinic.patient(desk, "10442")
    patients.edit(desk, patient_id=who, **typed)
    assert patients.card(desk, who).other_names == ()


def test_phones_come_and_go_and_are_found(desk: Desk, clinic: Clinic) -> None:
    who = clinic.patient(desk, "10442")
    patients.edit(desk, patient_id=who, phone="201-555-0144 h, 201-555-0111")
    assert [(p.value, p.use) for p in patients.card(desk, who).phones] == [
        ("201-555-0144", "home"),
        ("201-555-0111", "mobile"),
    ]
    patients.edit(desk, patient_id=who, phone="201-555-0112")
    assert [p.value for p in patients.card(desk, who).phones] == ["201-555-0112"]
    assert lookup.find(desk, "2015550111") == []
    assert [hit.id for hit in lookup.find(desk, "2015550112")] == [who]


@pytest.mark.parametrize("first", [{"language": "es"}, {"phone": "201-555-0111"}])
def test_two_desks_that_edit_at_once(desk: Desk, clinic: Clinic, first: dict[str, str]) -> None:
    who = clinic.patient(desk, "10442")
    seen, _ = patients.fields_of(desk, who)
    patients.edit(clinic.desk("ben"), patient_id=who, seen=seen, **first)
    with pytest.raises(Conflict, match="Ben Okafor changed it at 09:00"):
        patients.edit(desk, patient_id=who, seen=seen, email="layla@example.org")
    assert patients.card(desk, who).email is None


# Taking back


def test_a_registration_is_taken_back(desk: Desk) -> None:
    step = patients.register(desk, **NEW)
    assert steps.undo_last(desk).said == "Taken back: Registered Novak, Petra, MRN 10001."
    assert lookup.find(desk, "novak petra") == []
    with pytest.raises(NotFound):
        patients.card(desk, str(step.id))
    again = patients.register(desk, **NEW)
    assert patients.card(desk, str(again.id)).mrn == "10002", "a number is given out once"


def test_a_registration_stays_when_a_visit_was_booked_since(desk: Desk, clinic: Clinic) -> None:
    step = patients.register(desk, **NEW)
    ben = clinic.desk("ben")
    booking.book(
        ben,
        patient_id=str(step.id),
        practitioner_id=ben.clinic.practitioner("LEE").id,
        start=clinic.at(14),
        visit_type_id=ben.clinic.visit_type("new").id,
    )
    with pytest.raises(Conflict, match="Ben Okafor booked it at 09:00: Booked Novak, Petra"):
        steps.undo_last(desk)
    assert patients.card(desk, str(step.id)).next_appointment is not None


def test_an_edit_is_taken_back_whole(desk: Desk, clinic: Clinic) -> None:
    who = clinic.patient(desk, "10442")
    before = patients.fields_of(desk, who)[1]
    patients.edit(
        desk, patient_id=who, family="Svoboda", phone="201-555-0111, 201-555-0112", city="Kew"
    )
    steps.undo_last(desk)
    assert patients.fields_of(desk, who)[1] == before
    shown = patients.card(desk, who)
    assert shown.other_names == () and lookup.find(desk, "svoboda") == []


def test_a_reader_may_neither_register_nor_edit(clinic: Clinic) -> None:
    eve = clinic.desk("eve")
    for change in (patients.register, patients.edit):
        with pytest.raises(NotPermitted):
            change(eve)
    with pytest.raises(NotPermitted):
        patients.fields_of(eve, "x")


# The card


def test_the_card_has_everything(desk: Desk, clinic: Clinic) -> None:
    ana = clinic.patient(desk, "10446")

    def facts(unit: Unit) -> None:
        unit.insert(Flag, patient_id=ana, kind="allergy", text="Latex")
        unit.insert(
            Flag, patient_id=ana, kind="infection", text="Past", until_date=TODAY - timedelta(1)
        )
        about = {"patient_id": ana}
        unit.insert(
            RelatedPerson, family="Nuñez", given="Rosa", role="mother", scopes="consent", **about
        )
        unit.insert(
            RelatedPerson, family="Garcia", given="Ray", role="father", denied="order 26", **about
        )
        unit.insert(
            RelatedPerson,
            family="Lund",
            given="Eva",
            role="aunt",
            scopes="pick-up",
            until_date=TODAY - timedelta(1),
            **about,
        )
        unit.say("Facts.")

    desk.store.write(desk.who, "test.facts", facts)
    booking.book(
        desk,
        patient_id=ana,
        practitioner_id=desk.clinic.practitioner("ORTIZ").id,
        start=clinic.at(14),
        visit_type_id=desk.clinic.visit_type("fu").id,
    )
    shown = patients.card(desk, ana)
    assert shown.alerts == ("Latex",)
    assert {(c.given, c.scopes, c.denied) for c in shown.contacts} == {
        ("Ray", (), "order 26"),
        ("Rosa", ("consent",), None),
        ("Eva", (), None),
    }
    assert shown.contacts[0].denied, "whom an order shuts out stands first"
    assert shown.next_appointment and shown.next_appointment.practitioner == "ORTIZ"
    assert shown.open_work["messages"] == 0
    plain = shown.plain(desk.clinic)
    assert plain["next_appointment"]["start"] == "2026-11-24T14:00:00-06:00"
    assert (plain["coverages"], plain["balance"], plain["phones"]) == ([], None, ["201-555-0177"])


def test_a_card_is_one_look_in_ten_minutes(desk: Desk, clinic: Clinic) -> None:
    who = clinic.patient(desk, "10442")
    patients.card(desk, who)
    clinic.clock.moment += timedelta(minutes=9)
    patients.card(desk, who)
    assert len(looks(desk, "read")) == 1
    clinic.clock.moment += timedelta(minutes=2)
    patients.card(desk, who)
    patients.card(clinic.desk("ben"), who)
    assert [row.username for row in looks(desk, "read")] == ["ana", "ana", "ben"]
    clinic.clock.moment -= timedelta(minutes=11)


def test_a_search_is_one_event_and_its_end(desk: Desk) -> None:
    search = patient_search.Search()
    for text in ("g", "go", "gonz", "gonz"):
        search.find(desk, text)
    search.close(desk)
    search.close(desk)
    (opened,), (ended,) = looks(desk, "search"), looks(desk, "search end")
    assert opened.record_id == ended.record_id and opened.after == '{"text": "g"}'
    assert ended.said == "Searched “gonz”: 3 found."
    search.find(desk, "gonz")
    assert len(looks(desk, "search")) == 1, "the same rows again are no new search"
    search.find(desk, "kim")
    assert len(looks(desk, "search")) == 2
    assert desk.store.verify().ok


def test_letters_taken_back_bring_what_was_found_before(desk: Desk, clinic: Clinic) -> None:
    search = patient_search.Search()
    found = search.look(desk, "kim", fresh=False)
    more = search.look(desk, "k", fresh=False)
    assert search.look(desk, "kim", fresh=False) is found
    who = clinic.patient(desk, "10443")
    patients.edit(desk, patient_id=who, family="Kimball")
    assert search.look(desk, "kim", fresh=False) is found
    fresh = search.look(desk, "kim")
    assert "Kimball" in {hit.family for hit in fresh.hits}
    assert search.look(desk, "k", fresh=False) is not more, "all of it is looked for anew"
    search.look(desk, "kim", fresh=False)
    search.close(desk)
    (ended,) = looks(desk, "search end")
    assert ended.said == "Searched “kim”: 2 found."
    assert search.look(desk, "kim", fresh=False) is not fresh


def test_a_search_belongs_to_who_searches(desk: Desk, clinic: Clinic) -> None:
    search = patient_search.Search()
    search.find(desk, "gonz")
    search.find(clinic.desk("ben"), "gonz")
    assert [row.username for row in looks(desk, "search")] == ["ana", "ben"]


def test_recent_patients_are_those_this_user_opened(desk: Desk, clinic: Clinic) -> None:
    ben = clinic.desk("ben")
    for mrn in ("8841", "10442", "8841", "5530"):
        patients.card(desk, clinic.patient(desk, mrn))
        clinic.clock.moment += timedelta(minutes=11)
    patients.card(ben, clinic.patient(ben, "10443"))
    clinic.clock.moment -= timedelta(minutes=44)
    assert [hit.mrn for hit in patients.recent(desk)] == ["5530", "8841", "10442"]
    first = clinic.patient(desk, "10443")
    assert [hit.mrn for hit in patients.recent(desk, first=first)][:2] == ["10443", "5530"]


def test_a_date_in_the_phone_field_is_refused(desk: Desk) -> None:
    with pytest.raises(patients.FieldErrors) as refused:
        patients.register(
            desk, family="New", given="Ann", birth_date="4/3/1990", sex="f", phone="13/45/1962"
        )
    assert set(refused.value.fields) == {"phone"}


def test_a_phone_is_taken_back_whatever_else_changed_since(clinic: Clinic, desk: Desk) -> None:
    key = clinic.patient(desk, "10443")
    phone = patients.edit(desk, patient_id=key, phone="201-555-0199")
    patients.edit(desk, patient_id=key, email="dana@example.org")
    assert "Taken back" in steps.undo_step(desk, phone.number).said
    card = patients.card(desk, key)
    assert [one.value for one in card.phones] == ["201-555-0155"]
    assert card.email == "dana@example.org"


def test_other_fields_are_taken_back_whatever_phone_changed_since(
    clinic: Clinic, desk: Desk
) -> None:
    key = clinic.patient(desk, "10443")
    email = patients.edit(desk, patient_id=key, email="dana@example.org")
    patients.edit(desk, patient_id=key, phone="201-555-0199")
    steps.undo_step(desk, email.number)
    card = patients.card(desk, key)
    assert (card.email, card.phones[0].value) == (None, "201-555-0199")


def test_what_was_built_on_is_not_taken_back(clinic: Clinic, desk: Desk) -> None:
    key = clinic.patient(desk, "10443")
    first = patients.edit(desk, patient_id=key, phone="201-555-0199")
    patients.edit(desk, patient_id=key, phone="201-555-0198")
    mail = patients.edit(desk, patient_id=key, email="dana@example.org")
    patients.edit(desk, patient_id=key, email="kim@example.org")
    for step in (first, mail):
        with pytest.raises(Conflict):
            steps.undo_step(desk, step.number)
    assert patients.card(desk, key).phones[0].value == "201-555-0198"


def test_a_form_open_meanwhile_still_sees_a_changed_phone(clinic: Clinic, desk: Desk) -> None:
    key = clinic.patient(desk, "10443")
    seen, _ = patients.fields_of(desk, key)
    step = patients.edit(desk, patient_id=key, phone="201-555-0199")
    steps.undo_step(desk, step.number)
    with pytest.raises(Conflict):
        patients.edit(clinic.desk("ben"), patient_id=key, seen=seen, email="d@example.org")

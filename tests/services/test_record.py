"""The parts of a record: related persons and alerts, added, changed and taken out."""

from datetime import date, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest

from pcoord.domain.errors import BadUsage, Conflict, NotFound, NotPermitted, Refused
from pcoord.services import board, booking, callers, flow, history, lookup, patients, record, steps
from pcoord.services.desk import Desk
from tests.clinic import NOW, TODAY, Clinic

SON = {"family": "gomez", "given": "luis", "role": "son", "phone": "201-555-0199"}


@pytest.fixture
def maria(desk: Desk, clinic: Clinic) -> str:
    return clinic.patient(desk, "8841")


def the(desk: Desk, patient_id: str, kind: str) -> record.Entry:
    """Return the only entry of a kind."""
    (entry,) = record.load(desk, patient_id).of(kind)
    return entry


def add(desk: Desk, patient_id: str, part: str, **typed: str) -> Any:
    return record.add(desk, patient_id=patient_id, part=part, **typed)


def test_a_related_person_is_added_and_heard_of_in_calls(desk: Desk, maria: str) -> None:
    step = add(desk, maria, "contact", **SON, scopes="app, clin", from_date="today", emergency="y")
    assert step.said == (
        "Added to Gonzalez, Maria Luisa, related person: son  Luis Gomez  "
        "may hear about care and times  emergency  (201) 555-0199."
    )
    (person,) = patients.card(desk, maria).contacts
    assert (person.given, person.scopes, person.emergency) == (
        "Luis",
        ("clinical", "appointments"),
        True,
    )
    about = callers.about(desk, maria)
    assert callers.may_discuss(about, "Luis Gomez, son")[0] == "son: clinical, appointments only"
    assert callers.household(desk, "201-555-0199")[0].related.role == "son"


def test_an_order_shuts_out_whatever_was_agreed(desk: Desk, maria: str) -> None:
    add(desk, maria, "contact", **SON, scopes="all")
    entry = the(desk, maria, "contact")
    record.change(
        desk,
        part="contact",
        part_id=entry.id,
        seen=entry.version,
        denied="Order 12-7, copy on file",
    )
    assert the(desk, maria, "contact").line.startswith("son  Luis Gomez  DENIED (Order 12-7")
    assert patients.card(desk, maria).contacts[0].scopes == ()
    about = callers.about(desk, maria)
    assert callers.may_discuss(about, "luis")[1] is True
    steps.undo_last(desk)
    assert len(patients.card(desk, maria).contacts[0].scopes) == 5


def test_only_one_answers_for_the_bills(desk: Desk, maria: str) -> None:
    add(desk, maria, "contact", **SON, guarantor="y")
    add(desk, maria, "contact", family="Gomez", given="Rosa", role="daughter", guarantor="y")
    payers = [one.given for one in patients.card(desk, maria).contacts if one.guarantor]
    assert payers == ["Rosa"]
    steps.undo_last(desk)
    payers = [one.given for one in patients.card(desk, maria).contacts if one.guarantor]
    assert payers == ["Luis"]


def test_every_bad_field_is_refused_in_words(desk: Desk, maria: str) -> None:
    with pytest.raises(patients.FieldErrors) as refused:
        add(
            desk,
            maria,
            "contact",
            family="",
            role="x",
            phone="12",
            scopes="c",
            from_date="soonish",
            emergency="maybe",
            denied="y",
        )
    assert set(refused.value.fields) == {
        *("family", "role", "phone", "scopes", "from_date", "emergency", "denied")
    }
    assert refused.value.fields["scopes"] == "“c” may be consent or clinical; type more of it."
    assert record.load(desk, maria).of("contact") == []


def test_an_end_before_the_beginning_is_refused(desk: Desk, maria: str) -> None:
    with pytest.raises(patients.FieldErrors, match="end is before"):
        add(desk, maria, "contact", **SON, from_date="today", until_date="1/1/2020")


def test_two_who_change_one_entry_are_told(clinic: Clinic, desk: Desk, maria: str) -> None:
    add(desk, maria, "contact", **SON)
    entry = the(desk, maria, "contact")
    ben = clinic.desk("ben")
    record.change(ben, part="contact", part_id=entry.id, seen=entry.version, scopes="billing")
    with pytest.raises(Conflict, match="Ben Okafor changed it at 09:00"):
        record.change(desk, part="contact", part_id=entry.id, seen=entry.version, scopes="all")
    with pytest.raises(Refused, match="Nothing was changed"):
        record.change(desk, part="contact", part_id=entry.id, seen=2, scopes="billing")


def test_what_was_an_error_is_taken_out_and_comes_back(desk: Desk, maria: str) -> None:
    add(desk, maria, "alert", kind="latex", text="Latex allergy")
    entry = the(desk, maria, "alert")
    record.remove(desk, part="alert", part_id=entry.id, seen=entry.version)
    assert patients.card(desk, maria).alerts == ()
    with pytest.raises(NotFound):
        record.change(desk, part="alert", part_id=entry.id, text="x")
    with pytest.raises(NotFound):
        record.open_entry(desk, "alert", entry.id)
    steps.undo_last(desk)
    assert patients.card(desk, maria).alerts == ("Latex allergy",)


def test_an_alert_appears_where_its_kind_does(desk: Desk, clinic: Clinic, maria: str) -> None:
    add(desk, maria, "alert", kind="communication", text="Speaks slowly, give her time")
    add(desk, maria, "alert", kind="money", text="Payment plan", places="card")
    add(desk, maria, "alert", kind="fall", text="Needs an arm")
    flow.walk_in(desk, patient_id=maria)
    assert callers.about(desk, maria).alerts == ("Speaks slowly, give her time",)
    (person,) = board.load(desk).people
    assert {"communication", "fall"} <= set(person.flags) and "money" not in person.flags


def test_an_alert_stands_between_its_days(desk: Desk, maria: str) -> None:
    add(desk, maria, "alert", kind="infection", text="Flu", until_date="1/1/2020")
    add(desk, maria, "alert", kind="infection", text="Measles", from_date="+3d")
    assert patients.card(desk, maria).alerts == ()
    lines = [(entry.line, entry.standing) for entry in record.load(desk, maria).of("alert")]
    assert ("infection  Measles  from 11/27/2026", False) in lines


def test_who_sees_an_alert(clinic: Clinic, desk: Desk, maria: str) -> None:
    boss = clinic.desk("boss")
    step = add(boss, maria, "alert", kind="safety", text="Hit a nurse", audience="supervisor")
    assert step.said == "Added to Gonzalez, Maria Luisa, alert."
    assert patients.card(boss, maria).alerts == ("Hit a nurse",)
    assert patients.card(desk, maria).alerts == ()
    assert record.load(desk, maria).of("alert") == []
    with pytest.raises(NotPermitted):
        record.change(desk, part="alert", part_id=step.id, text="x")
    with pytest.raises(NotFound):
        record.open_entry(desk, "alert", step.id)


def test_the_form_shows_what_is_stored_and_takes_it_back_unchanged(desk: Desk, maria: str) -> None:
    add(desk, maria, "alert", kind="scheduling", text="Mornings only", until_date="3/4/2027")
    opened = record.open_entry(desk, "alert", the(desk, maria, "alert").id)
    assert opened.values["places"] == "card, call, booking"
    assert opened.values["until_date"] == "03/04/2027"
    with pytest.raises(Refused, match="Nothing was changed"):
        record.change(desk, part="alert", part_id=opened.id, seen=opened.seen, **opened.values)
    new = record.open_new(desk, maria, "contact")
    assert new.values == {"from_date": "11/24/2026"} and new.seen is None


def test_a_kind_that_does_not_exist(desk: Desk, maria: str) -> None:
    with pytest.raises(BadUsage, match="alert, contact, phone"):
        add(desk, maria, "shoe", size="44")
    with pytest.raises(BadUsage, match="no field 'size'"):
        add(desk, maria, "alert", size="44")


def test_parents_end_when_the_patient_is_of_age(clinic: Clinic, desk: Desk, maria: str) -> None:
    ana = clinic.patient(desk, "10446")
    add(desk, ana, "contact", family="Nunez", given="Eva", role="mother", scopes="all")
    assert len(patients.card(desk, ana).contacts[0].scopes) == 5
    patients.edit(desk, patient_id=ana, birth_date="6/6/2008")
    (eva,) = patients.card(desk, ana).contacts
    assert eva.scopes == () and eva.ended_by_age
    about = callers.about(desk, ana)
    assert "the patient is of age" in callers.may_discuss(about, "Eva")[0]
    assert date(2026, 6, 6) < TODAY


# Where the patient is reached, and names


def test_several_phones_each_with_what_may_be_left(desk: Desk, maria: str) -> None:
    step = add(desk, maria, "phone", value="201-555-0100", use="home", may_leave="nothing")
    assert step.said == (
        "Added to Gonzalez, Maria Luisa, phone: home  (201) 555-0100  leave nothing."
    )
    add(desk, maria, "phone", value="201-555-0101", never="y")
    phones = patients.card(desk, maria).phones
    assert [(p.value, p.may_leave, p.never) for p in phones] == [
        ("201-555-0142", "name and number", False),
        ("201-555-0100", "nothing", False),
        ("201-555-0101", "name and number", True),
    ]
    with pytest.raises(patients.FieldErrors, match="on record already"):
        add(desk, maria, "phone", value="(201) 555 0100")
    first = record.load(desk, maria).of("phone")[1]
    record.change(desk, part="phone", part_id=first.id, seen=first.version, position="1")
    assert patients.card(desk, maria).phones[0].may_leave == "nothing"


def test_desks_that_add_the_same_phones_at_once_add_each_once(
    clinic: Clinic, desk: Desk, maria: str
) -> None:
    begin, refused = Barrier(4), []

    def add_phones() -> None:
        own = clinic.desk("ana")
        begin.wait(20)
        for line in range(6):
            try:
                add(own, maria, "phone", value=f"201-555-01{line}7")
            except patients.FieldErrors:
                refused.append(line)

    threads = [Thread(target=add_phones) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(refused) == sorted(3 * [*range(6)])
    lines = [entry.line for entry in record.load(desk, maria).of("phone")]
    assert len(lines) == len(set(lines)) >= 6


def test_another_number_does_not_take_over_what_was_agreed(desk: Desk, maria: str) -> None:
    (entry,) = record.load(desk, maria).of("phone")
    record.change(desk, part="phone", part_id=entry.id, may_leave="details", never="y")
    patients.edit(desk, patient_id=maria, phone="201-555-0190")
    (phone,) = patients.card(desk, maria).phones
    assert (phone.value, phone.may_leave, phone.never) == ("201-555-0190", "name and number", False)


def test_a_form_open_since_before_a_phone_changed_is_told(desk: Desk, maria: str) -> None:
    seen, values = patients.fields_of(desk, maria)
    add(desk, maria, "phone", value="201-555-0100")
    with pytest.raises(Conflict):
        patients.edit(desk, patient_id=maria, seen=seen, **values | {"email": "m@example.org"})


def test_a_safe_address_is_the_one_on_the_card(desk: Desk, maria: str) -> None:
    add(desk, maria, "address", line="4 Mill Lane", city="Willow Bend", state="NJ")
    add(desk, maria, "address", line="PO Box 7", city="Union", use="temp", safe="y")
    assert patients.card(desk, maria).address == "PO Box 7, Union (safe address: letters only here)"
    with pytest.raises(patients.FieldErrors, match="a street, a post box"):
        add(desk, maria, "address", state="NJ")


def test_names_of_every_use_find_the_patient(desk: Desk, maria: str) -> None:
    add(desk, maria, "name", use="maiden", family="villanueva")
    add(desk, maria, "name", use="legal", family="Gonzalez Ortega", given="Maria Luisa")
    assert [hit.id for hit in lookup.find(desk, "villanueva")] == [maria]
    assert {line.line for line in record.load(desk, maria).of("name")} == {
        "maiden  Villanueva",
        "official  Gonzalez Ortega, Maria Luisa",
    }
    (entry,) = [e for e in record.load(desk, maria).of("name") if "Villanueva" in e.line]
    record.remove(desk, part="name", part_id=entry.id)
    assert lookup.find(desk, "villanueva") == [] or lookup.find(desk, "villanueva")[0].score < 1


# Demographics, consents, a second look


def test_gender_and_consents_with_when_and_by_whom(desk: Desk, maria: str) -> None:
    patients.edit(
        desk,
        patient_id=maria,
        birth_sex="f",
        gender_identity="non",
        pronouns="they/them",
        contact_by="letter",
        text_ok="y, daughter Rosa",
        email_ok="yes",
        pharmacy="Mill Street Pharmacy, 201-555-0110",
    )
    shown = patients.card(desk, maria)
    assert (shown.birth_sex, shown.gender_identity, shown.pronouns) == (
        "female",
        "non-binary",
        "they/them",
    )
    assert (shown.text_ok, shown.text_ok_by, shown.text_ok_at) == (True, "daughter Rosa", NOW)
    assert (shown.email_ok, shown.email_ok_by, shown.email_ok_at) == (True, "patient", NOW)
    _, values = patients.fields_of(desk, maria)
    assert values["text_ok"] == "yes, daughter Rosa"
    with pytest.raises(Refused, match="Nothing was changed"):
        patients.edit(desk, patient_id=maria, **values)
    patients.edit(desk, patient_id=maria, text_ok="n")
    assert patients.card(desk, maria).text_ok_by == "patient"
    assert steps.undo_last(desk).said == "Taken back: Changed Gonzalez, Maria Luisa: texts."
    assert patients.card(desk, maria).text_ok_by == "daughter Rosa"


def test_two_changes_of_who_it_is_need_a_second_look(desk: Desk, maria: str) -> None:
    change = {"patient_id": maria, "given": "Rosa", "birth_date": "5/5/1990"}
    with pytest.raises(patients.AnotherPerson) as alarm:
        patients.edit(desk, **change)
    assert alarm.value.changes == [
        "given name Maria Luisa to Rosa",
        "birth date 03/04/1962 to 05/05/1990",
    ]
    assert patients.card(desk, maria).given == "Maria Luisa"
    said = patients.edit(desk, **change, same_person=True).said
    assert said.endswith("Looked at twice: the same person.")


def test_one_change_or_what_nobody_knew_is_no_alarm(desk: Desk, maria: str) -> None:
    patients.edit(desk, patient_id=maria, given="Rosa", family="GONZÁLEZ")
    step = patients.register(desk, family="Novak", birth_date="?")
    patients.edit(desk, patient_id=str(step.id), given="Petra", birth_date="1/2/1990", sex="f")
    with pytest.raises(patients.AnotherPerson):
        patients.edit(desk, patient_id=str(step.id), birth_date="?", sex="m")


# A death


def book(desk: Desk, clinic: Clinic, patient_id: str, hour: int) -> str:
    return str(
        booking.book(
            desk,
            patient_id=patient_id,
            practitioner_id=desk.clinic.practitioner("LEE").id,
            start=clinic.at(hour, days=1),
            visit_type_id=desk.clinic.visit_type("fu").id,
        ).id
    )


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("today", date(2026, 11, 24)),
        ("yesterday", date(2026, 11, 23)),
        ("11/20", date(2026, 11, 20)),
        ("12/24", date(2025, 12, 24)),
        ("11202026", date(2026, 11, 20)),
    ],
)
def test_a_day_of_death_is_typed_as_people_say_it(
    desk: Desk, maria: str, typed: str, day: date
) -> None:
    patients.edit(desk, patient_id=maria, deceased_on=typed)
    assert patients.card(desk, maria).deceased_on == day


@pytest.mark.parametrize("typed", ["tomorrow", "2:30pm", "11/20/2027", "blue"])
def test_what_is_no_day_that_has_come_is_no_day_of_death(
    desk: Desk, maria: str, typed: str
) -> None:
    with pytest.raises(Refused) as refused:
        patients.edit(desk, patient_id=maria, deceased_on=typed)
    assert "birth" not in refused.value.sentence


def test_a_death_lists_the_visits_and_cancels_them_in_one_step(
    desk: Desk, clinic: Clinic, maria: str
) -> None:
    ids = [book(desk, clinic, maria, hour) for hour in (9, 14)]
    with pytest.raises(patients.FutureVisits) as asked:
        patients.edit(desk, patient_id=maria, deceased_on="11/20/2026")
    assert [visit.id for visit in asked.value.visits] == ids
    assert patients.card(desk, maria).deceased_on is None
    step = patients.edit(desk, patient_id=maria, deceased_on="11/20/2026", cancel_visits=True)
    assert step.said == "Changed Gonzalez, Maria Luisa: date of death. Cancelled 2 visits."
    card = patients.card(desk, maria)
    assert card.deceased_on == date(2026, 11, 20) and card.next_appointment is None
    assert {visit.status for visit in card.visits} == {"cancelled"}
    steps.undo_last(desk)
    card = patients.card(desk, maria)
    assert card.deceased_on is None and {visit.status for visit in card.visits} == {"booked"}


# History


def test_the_history_says_who_changed_what_and_takes_it_back(
    clinic: Clinic, desk: Desk, maria: str
) -> None:
    patients.edit(desk, patient_id=maria, email="m@example.org")
    clinic.clock.moment += timedelta(minutes=1)
    ben = clinic.desk("ben")
    patients.edit(ben, patient_id=maria, pronouns="she/her", practitioner="LEE")
    add(ben, maria, "alert", kind="latex", text="Latex allergy")
    past = history.history(desk, maria)
    assert [(one.who, one.said) for one in past[:3]] == [
        ("ben", "Added to Gonzalez, Maria Luisa, alert: latex Latex allergy."),
        ("ben", "Changed Gonzalez, Maria Luisa: pronouns, usual practitioner."),
        ("ana", "Changed Gonzalez, Maria Luisa: e-mail."),
    ]
    assert "pronouns: nothing to she/her" in past[1].lines
    assert "usual practitioner: nothing to LEE" in past[1].lines
    assert past[2].lines == ("e-mail: nothing to m@example.org",)
    assert past[0].at == "Tue 24 Nov 09:01"
    steps.undo_step(ben, past[1].step)
    again = history.history(desk, maria)
    assert next(one for one in again if one.step == past[1].step).standing is False


def test_an_alert_for_others_is_not_in_the_history(clinic: Clinic, desk: Desk, maria: str) -> None:
    boss = clinic.desk("boss")
    add(boss, maria, "alert", kind="safety", text="Hit a nurse", audience="supervisor")
    assert "Hit a nurse" in str(history.history(boss, maria))
    assert "alert" not in str([one.said for one in history.history(desk, maria)])


def test_an_alert_for_others_that_was_taken_out_is_not_told_by_the_history(
    clinic: Clinic, desk: Desk, maria: str
) -> None:
    boss = clinic.desk("boss")
    alert = {"kind": "safety", "text": "Threatened staff", "audience": "supervisor"}
    step = record.add(boss, patient_id=maria, part="alert", **alert)
    with pytest.raises(NotPermitted, match="not for your role"):
        steps.undo_step(desk, step.number)
    record.remove(boss, part="alert", part_id=str(step.id))
    assert "Threatened" in str(history.history(boss, maria))
    assert "Threatened" not in str(history.history(desk, maria))

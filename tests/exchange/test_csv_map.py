"""Headings of many systems find their fields, and a mapping file settles the rest."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcoord.domain.errors import BadUsage, DeskError, NotFound, Refused
from pcoord.exchange.csv_map import (
    MapFile,
    date_order,
    describe,
    fields_of,
    guess,
    load_map,
    parse_map,
    settle_names,
    settle_order,
)
from pcoord.exchange.csv_reader import open_table


def cut(text: str) -> list[str]:
    """Return headings written with commas."""
    return text.split(",")


SYNTHEA = cut(
    "Id,BIRTHDATE,DEATHDATE,SSN,DRIVERS,PASSPORT,PREFIX,FIRST,MIDDLE,LAST,SUFFIX,MAIDEN,MARITAL,"
    "RACE,ETHNICITY,GENDER,BIRTHPLACE,ADDRESS,CITY,STATE,COUNTY,FIPS,ZIP,LAT,LON"
)
OPENEMR = cut(
    "pid,pubpid,fname,lname,mname,DOB,sex,ss,street,city,state,postal_code,phone_home,phone_cell,"
    "phone_biz,email,language,interpretter,deceased_date,status"
)
OPEN_DENTAL = cut(
    "PatNum,LName,FName,MiddleI,Preferred,Gender,Birthdate,SSN,Address,Address2,City,State,Zip,"
    "HmPhone,WkPhone,WirelessPhone,Email,ChartNumber"
)
OPENMRS = cut(
    "uuid,OpenMRS ID,givenName,middleName,familyName,gender,birthdate,deathDate,address1,"
    "cityVillage"
)
FHIR = [
    *("id", "identifier[0].value", "name[0].family", "name[0].given[0]", "birthDate", "gender"),
    *("telecom[0].value", "address[0].line[0]", "address[0].city", "address[0].postalCode"),
    "deceasedDateTime",
]
WORDY = [
    *("Medical Record Number", "Patient Last Name", "Patient First Name", "Patient's DOB", "Sex"),
    *(
        "Home Phone",
        "Cell Phone #",
        "E-mail",
        "Zip Code",
        "Preferred Language",
        "Social Security #",
    ),
]


@pytest.mark.parametrize(
    ("headers", "wanted"),
    [
        (
            SYNTHEA,
            {"Id": "source_id", "FIRST": "given", "LAST": "family", "DEATHDATE": "deceased_on"}
            | {"ZIP": "postal_code", "GENDER": "sex", "MAIDEN": "maiden", "ADDRESS": "line"},
        ),
        (
            OPENEMR,
            {"pid": "source_id", "pubpid": "mrn", "fname": "given", "lname": "family"}
            | {"phone_cell": "phone_mobile", "phone_home": "phone_home", "street": "line"}
            | {"postal_code": "postal_code", "interpretter": "interpreter", "mname": "middle"},
        ),
        (
            OPEN_DENTAL,
            {
                "PatNum": "source_id",
                "ChartNumber": "mrn",
                "LName": "family",
                "HmPhone": "phone_home",
            }
            | {"WirelessPhone": "phone_mobile", "Preferred": "preferred", "Address2": "line2"},
        ),
        (
            OPENMRS,
            {"uuid": "source_id", "OpenMRS ID": "mrn", "familyName": "family", "givenName": "given"}
            | {"cityVillage": "city", "deathDate": "deceased_on"},
        ),
        (
            FHIR,
            {"identifier[0].value": "mrn", "name[0].family": "family", "name[0].given[0]": "given"}
            | {"telecom[0].value": "phone", "address[0].line[0]": "line", "birthDate": "birth_date"}
            | {"address[0].city": "city", "address[0].postalCode": "postal_code"},
        ),
        (
            WORDY,
            {"Medical Record Number": "mrn", "Patient Last Name": "family", "Patient's DOB": ""}
            | {"Cell Phone #": "phone_mobile", "Zip Code": "postal_code", "E-mail": "email"},
        ),
        (["DÉPARTEMENT", "Prénom", "Apellido"], {"Prénom": "given", "Apellido": "family"}),
    ],
)
def test_headings_of_many_systems(headers: list[str], wanted: dict[str, str]) -> None:
    mapping = guess(headers)
    assert {header: mapping.columns.get(header, "") for header in wanted} == wanted
    assert mapping.questions == ()
    assert set(mapping.columns) | set(mapping.ignored) | set(mapping.never) == set(headers)


def test_social_security_numbers_are_never_taken() -> None:
    assert guess(SYNTHEA).never == ("SSN", "DRIVERS", "PASSPORT")
    assert guess(WORDY).never == ("Social Security #",)
    assert guess(OPENEMR).never == ("ss",)
    with pytest.raises(BadUsage, match="never stored"):
        guess(SYNTHEA, said=MapFile({"SSN": "mrn"}))


def test_columns_left_out_are_told() -> None:
    told = describe(guess(SYNTHEA))
    assert "LAST: family name" in told
    assert any(line.startswith("Not taken: PREFIX, MARITAL, RACE") for line in told)


def test_the_order_of_columns_does_not_matter() -> None:
    assert guess(SYNTHEA[::-1]).columns == guess(SYNTHEA).columns


def test_of_two_columns_for_one_field_the_better_word_wins() -> None:
    mapping = guess(["Number", "Id", "Last", "Name", "Patient Sex", "Sex"])
    assert mapping.columns == {"Id": "source_id", "Last": "family", "Sex": "sex"}
    assert mapping.ignored == ("Number", "Name", "Patient Sex")


def test_several_phones_are_all_taken() -> None:
    mapping = guess(["Last", "Phone", "Phone (2)", "Cell"])
    assert mapping.places("phone") == (1, 2)
    assert mapping.places("phone_mobile") == (3,)


def test_a_table_without_names_asks() -> None:
    (asked,) = guess(["A", "B"]).questions
    assert "family name" in asked and "[columns]" in asked


def test_a_mapping_file_wins_over_guesses() -> None:
    said = parse_map(
        'date_order = "dmy"\nname_order = "given-first"\n'
        '[columns]\n"Col A" = "family"\n"LAST" = "ignore"\n[values.sex]\n"1" = "male"\n'
    )
    mapping = guess(["col a", "LAST", "FIRST"], said=said)
    assert mapping.columns == {"col a": "family", "FIRST": "given"}
    assert mapping.ignored == ("LAST",)
    assert (mapping.date_order, mapping.name_order) == ("dmy", "given-first")
    assert mapping.values == {"sex": {"1": "male"}}


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("[columns", "TOML"),
        ('date_order = "american"', "mdy, dmy, ymd"),
        ('date_order = ["mdy"]', "mdy, dmy, ymd"),
        ('colums = "x"', "unknown word"),
        ("[columns]\nA = 1", "columns"),
        ("columns = 3", "columns"),
        ('values = "x"', "values"),
        ('[values]\nsex = "x"', "values.sex"),
    ],
)
def test_a_wrong_mapping_file_is_refused_in_words(text: str, word: str) -> None:
    with pytest.raises(BadUsage, match=word):
        parse_map(text)


def test_a_mapping_file_has_to_fit_the_table(tmp_path: Path) -> None:
    with pytest.raises(BadUsage, match='"Nope" that the table lacks'):
        guess(["LAST"], said=MapFile({"Nope": "family"}))
    with pytest.raises(BadUsage, match='unknown field "surname"'):
        guess(["LAST"], said=MapFile({"LAST": "surname"}))
    with pytest.raises(NotFound):
        load_map(tmp_path / "no.toml")
    (tmp_path / "bad.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadUsage):
        load_map(tmp_path / "bad.toml")
    with pytest.raises(BadUsage):
        fields_of("claim")


def test_the_order_is_settled_over_all_dates_of_the_file() -> None:
    table = open_table(b"Last,DOB,Died\nLee,4/3/1962,\nKim,1/2/1930,12/25/2001\n")
    assert settle_order(table, guess(table.headers)) == "mdy"
    assert date_order(["25/12/1970"]) == "dmy"


@pytest.mark.parametrize(
    ("second", "word"),
    [("1/2/1930\nDiaz,12/2/1950", "could be"), ("25/12/1930\nDiaz,12/25/1950", "others")],
)
def test_an_unclear_order_says_what_to_write(second: str, word: str) -> None:
    text = f"Last,DOB\nLee,4/3/1962\nKim,{second}\n"
    table = open_table(text.encode())
    with pytest.raises(Refused, match=word) as refusal:
        settle_order(table, guess(table.headers))
    assert 'date_order = "dmy"' in refusal.value.sentence
    said = MapFile(date_order="dmy")
    assert settle_order(table, guess(table.headers, said=said)) == "dmy"


@pytest.mark.parametrize(
    ("headers", "wanted"),
    [
        (
            "Id,START,STOP,PATIENT,ORGANIZATION,PROVIDER,ENCOUNTERCLASS,DESCRIPTION",
            "source_id start end patient - practitioner visit_type note",
        ),
        (
            "pc_eid,pc_pid,pc_aid,pc_title,pc_eventDate,pc_startTime,pc_endTime,pc_apptstatus",
            "source_id patient_id practitioner visit_type date time end_time status",
        ),
        (
            "Appt Date,Appt Time,Patient Name,DOB,Provider,Type,Status,Minutes",
            "date time name birth_date practitioner visit_type status minutes",
        ),
        ("Patient MRN,Start,Duration,Doctor,Room", "patient_mrn start minutes practitioner room"),
    ],
)
def test_headings_of_appointments(headers: str, wanted: str) -> None:
    mapping = guess(headers.split(","), "appointment")
    found = [mapping.columns.get(header, "-") for header in headers.split(",")]
    assert found == wanted.split()
    assert mapping.questions == ()


def test_appointments_ask_for_what_is_missing() -> None:
    asked = " ".join(guess(["Date"], "appointment").questions)
    assert "time of the visit" in asked and "patient_mrn" in asked and "provider" in asked


@given(st.lists(st.text(max_size=20), max_size=12), st.sampled_from(["patient", "appointment"]))
def test_no_headings_crash_it(headers: list[str], kind: str) -> None:
    describe(guess(headers, kind))


@given(st.text(max_size=80))
def test_no_mapping_text_crashes_it(text: str) -> None:
    try:
        parse_map(text)
    except DeskError as refusal:
        assert refusal.sentence


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("BIRTH_DT_TM", "birth_date"),
        ("PAT_MRN_ID", "mrn"),
        ("SEX_CD", "sex"),
        ("ADD_LINE_1", "line"),
        ("INTRPTR_NEEDED_YN", "interpreter"),
        ("ptnt deceased dte", "deceased_on"),
        ("patient prim lang", "language"),
        ("CellPhoneNo", "phone_mobile"),
        ("rec_id", "source_id"),
        ("Telefon", "phone"),
        ("Ort", "city"),
    ],
)
def test_short_forms_of_headings_are_spelt_out(header: str, name: str) -> None:
    assert guess(("Last", header)).columns.get(header) == name


def test_short_forms_of_appointments_are_spelt_out() -> None:
    headers = ("APPT_DTTM", "PROV_NAME", "PAT_MRN_ID", "APPT_LENGTH", "APPT_STATUS_C")
    found = guess(headers, "appointment").columns
    assert list(found.values()) == ["start", "practitioner", "patient_mrn", "minutes", "status"]


def test_words_beat_codes_for_one_field() -> None:
    assert guess(("Last", "SEX_C", "SEX")).columns == {"Last": "family", "SEX": "sex"}


def test_beside_a_key_the_identifier_is_the_record_number() -> None:
    found = guess(("uuid", "identifier", "family_name")).columns
    assert found == {"uuid": "source_id", "identifier": "mrn", "family_name": "family"}
    assert guess(("identifier", "family_name")).columns["identifier"] == "source_id"


def test_whole_names_without_a_comma_are_asked_about_once() -> None:
    table = open_table(b"Name,DOB\nJohn Smith,1/31/1980\nMary Roe,2/28/1981\n")
    with pytest.raises(Refused, match="name_order"):
        settle_names(table, guess(table.headers))
    settle_names(table, guess(table.headers, said=MapFile(name_order="given-first")))
    clear = open_table(b'Name,DOB\n"Smith, John",1/31/1980\nMary Roe,2/28/1981\n')
    settle_names(clear, guess(clear.headers))

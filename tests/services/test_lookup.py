"""Finding patients as callers give themselves, on both engines."""

import re

import pytest

from pcoord.domain.list_line import Line
from pcoord.services import lookup, patients, steps
from pcoord.services.desk import Desk
from pcoord.store.tables import Coverage, Identifier
from pcoord.store.unit import Unit
from tests.clinic import Clinic


@pytest.mark.parametrize(
    ("typed", "mrns"),
    [
        ("gonz mar 62", ["8841", "10017", "5530"]),
        ("maria gonz", ["8841"]),
        ("gonzalez maria", ["8841"]),
        ("luisa", ["8841"]),
        ("kim", ["10443", "10444"]),
        ("da kim", ["10443", "10444"]),
        ("dan kim", ["10443", "10444"]),
        ("obrien", ["10445"]),
        ("o'brien", ["10445"]),
        ("sean obr", ["10445"]),
        ("brien", ["10445"]),
        ("nunez", ["10446"]),
        ("garcia ana", ["10446"]),
        ("nunez-garcia", ["10446"]),
        ("5550142", ["8841"]),
        ("555-0142", ["8841"]),
        ("(201) 555-0142", ["8841"]),
        ("0155", ["10443", "10444"]),
        ("03/04/1962", ["8841"]),
        ("3/4/62", ["8841"]),
        ("4 mar 1962", ["8841"]),
        ("1962-03-04", ["8841"]),
        ("8841", ["8841"]),
        ("mrn 8841", ["8841"]),
        ("#8841", ["8841"]),
        ("gonzalez 3/4/62", ["8841"]),
        ("gonzalez 5550142", ["8841"]),
        ("gonzalez 201-555-0142 ext. 7", ["8841"]),
        ("2015550142 x12", ["8841"]),
        ("201 555 01 42", ["8841"]),
        ("3 4 1962 gonzalez", ["8841"]),
        ("1962 03 04", ["8841"]),
    ],
)
def test_exact_clues(desk: Desk, typed: str, mrns: list[str]) -> None:
    hits = lookup.find(desk, typed)
    exact = sorted(hit.mrn for hit in hits if hit.exact)
    assert exact == sorted(mrns), [(h.mrn, h.family, h.given, h.exact) for h in hits]


@pytest.mark.parametrize(
    ("typed", "mrn"),
    [
        ("gonsalez maria", "8841"),
        ("hadad", "10442"),
        ("haddda", "10442"),
        ("obrian", "10445"),
        ("nunes garsia", "10446"),
        ("layla hadadd", "10442"),
    ],
)
def test_misspelt_names_are_found_after_the_exact_ones(desk: Desk, typed: str, mrn: str) -> None:
    hits = lookup.find(desk, typed)
    assert mrn in [hit.mrn for hit in hits[:3]]
    assert not next(hit for hit in hits if hit.mrn == mrn).exact


def test_nobody_is_found_by_nonsense(desk: Desk) -> None:
    assert lookup.find(desk, "xqzzw") == []
    assert lookup.find(desk, "kim 3/3/1933") == []


def test_an_extension_is_said_to_be_one(desk: Desk) -> None:
    words = lookup.read_query(desk, "gonz 555-0142 ext 7").words
    assert words == [("gonz", "name"), ("555-0142", "phone"), ("ext 7", "extension")]
    assert ("x12", "number or name") in lookup.read_query(desk, "gonz x12").words


def _register(desk: Desk, family: str, given: str, phone: str = "") -> str:
    fields = {"family": family, "given": given, "birth_date": "3/4/1962", "phone": phone}
    return str(patients.register(desk, force=True, **fields).id)


@pytest.mark.parametrize(
    ("family", "given", "typed"),
    [
        ("王", "小明", ["王小明", "王 小明", "小明", "王小", "小明 62"]),
        ("欧阳", "修", ["欧阳修", "欧阳 修"]),
        ("김", "민수", ["김민수", "민수", "김민"]),
        ("Ó Sé", "Tadhg", ["o se", "tadhg o s", "o tadhg"]),
        ("Ó Súilleabháin", "Tadhg", ["o suilleabhain", "o suil tadhg"]),
        ("Fitzgerald", "Wm", ["bill fitzgerald", "william fitz"]),
        ("St. John", "Ivy", ["saint john", "ivy st john", "stjohn"]),
        ("Garcia", "María José", ["majo garcia"]),
        ("O'Neill", "Elizabeth", ["lisa oneill"]),
        ("Иванов", "Сергей", ["ivanov", "sergey ivan", "ivanov 62", "Иванов"]),
        ("Παπαδόπουλος", "Γιώργος", ["papadopoulos giorgos", "papad 3/4/62"]),
        ("محمد", "أحمد", ["mohammed ahmed", "ahmad muham"]),
        ("כהן", "דוד", ["david cohen"]),
        ("김", "민수", ["kim min", "kim minsu", "minsoo kim"]),
        ("田中", "さくら", ["tanaka sakura", "sak tan"]),
        ("王", "小明", ["wang xiaoming", "xiao wang"]),
        ("Sokolov", "Dmitriy", ["Соколов", "Дмитрий Соколов"]),
    ],
)
def test_names_as_they_are_said_and_written(
    desk: Desk, family: str, given: str, typed: list[str]
) -> None:
    key = _register(desk, family, given)
    for text in typed:
        assert key in [hit.id for hit in lookup.find(desk, text) if hit.exact], text


def test_numbers_in_the_groups_of_their_country(desk: Desk) -> None:
    key = _register(desk, "Ward", "Noor", "+44 20 7946 0018")
    national = ["20 7946 0018", "020 7946 0018", "7946 0018", "79460018"]
    abroad = ["+44 20 7946 0018", "0044 20 7946 0018", "011 44 20 7946 0018"]
    for text in (*national, *abroad, "tel 020 7946 0018", "phone: 0018 ward"):
        assert [hit.id for hit in lookup.find(desk, text) if hit.exact] == [key], text


@pytest.mark.parametrize(
    "typed",
    [
        "kim 64y",
        "kim 64 yo",
        "kim 64 years old",
        "kim age 64",
        "kim aged 64",
        "64y/o kim",
        "dan kim 64 yrs",
    ],
)
def test_an_age_as_people_say_it(desk: Desk, typed: str) -> None:
    born = "3/4/1962"
    key = str(patients.register(desk, force=True, family="Kim", given="Dan", birth_date=born).id)
    assert [hit.id for hit in lookup.find(desk, typed) if hit.exact] == [key]
    assert "age" in [said for _, said in lookup.read_query(desk, typed).words]


@pytest.mark.parametrize(
    ("born", "typed"),
    [
        ("2026-05-20", ["6m", "6mo", "6 months", "6 months old", "zu 6m", "age 6 mos"]),
        ("2026-11-03", ["3w", "3 weeks", "zu 3wk", "21d", "21 days old"]),
        ("2026-01-02", ["10m", "10 months", "46w"]),
        ("2025-12-30", ["10m", "10 months"]),
    ],
)
def test_the_age_of_an_infant(desk: Desk, born: str, typed: list[str]) -> None:
    fields = {"family": "Zu", "given": "Baby", "birth_date": born}
    key = str(patients.register(desk, force=True, **fields).id)
    for text in typed:
        assert key in [hit.id for hit in lookup.find(desk, text) if hit.exact], text
        assert not [hit for hit in lookup.find(desk, text) if hit.exact and hit.mrn == "10443"]


@pytest.mark.parametrize(
    "typed",
    re.split(
        " *; *",
        "3 4 62; gonz 3 4 62; 62-03-04; 62/3/4 gonz; 201/555-0142;"
        "mrs gonzalez 62 maria luisa; Sra. Maria Luisa Gonzalez;"
        "Mar-04-62; mar-4-1962; 4-mar-62; dob 3 4 62 gonz; 12015550142;"
        "0012015550142; 001 201 555 0142; cell 555-0142; phone: (201) 555-0142; tel. 5550142;"
        "phone 0142 gonz; 008841; mrn 08841; chart 8841; chart no. 8841",
    ),
)
def test_dates_and_numbers_in_further_ways(desk: Desk, typed: str) -> None:
    assert [hit.mrn for hit in lookup.find(desk, typed) if hit.exact] == ["8841"]


def test_a_number_on_file_with_zeros_before_it_is_asked_for_without_them(desk: Desk) -> None:
    key = _register(desk, "Ward", "Noor")

    def body(unit: Unit) -> None:
        unit.insert(Identifier, patient_id=key, system="import", value="000731")
        unit.say("Filled.")

    desk.store.write(desk.who, "test", body)
    for text in ("731", "000731", "ward 731", "#731"):
        assert [hit.id for hit in lookup.find(desk, text) if hit.exact] == [key], text


@pytest.mark.parametrize(
    "typed",
    ["1420 n maple ave", "1420 maple st zu", "zu 1420 maple avenue apt", "1420 N. Maple Ave."],
)
def test_an_address_as_it_is_read_out(desk: Desk, typed: str) -> None:
    fields = {"family": "Zu", "given": "Ada", "birth_date": "3/4/1962"}
    key = str(patients.register(desk, force=True, line="1420 North Maple Avenue", **fields).id)
    assert [h.id for h in lookup.find(desk, typed, addresses=True) if h.exact] == [key]


def test_who_has_the_whole_of_a_number_stands_before_who_has_its_beginning(desk: Desk) -> None:
    keys = [_register(desk, family, "Noor") for family in ("Abel", "Brown", "Ward")]

    def body(unit: Unit) -> None:
        for key, number in zip(keys, ("00731", "W7312", "W731"), strict=True):
            unit.insert(Coverage, patient_id=key, payor="Guild", subscriber_id=number)
        unit.insert(Identifier, patient_id=keys[1], system="import", value="7319")
        unit.say("Filled.")

    desk.store.write(desk.who, "test", body)
    assert [hit.id for hit in lookup.find(desk, "w731")] == [keys[2], keys[1]]
    assert lookup.find(desk, "731")[0].id == keys[0]


def test_junior_and_senior_are_jr_and_sr(desk: Desk) -> None:
    key = _register(desk, "Zu Jr", "John")
    for text in ("zu john junior", "john zu jr"):
        assert [hit.id for hit in lookup.find(desk, text) if hit.exact] == [key], text


def test_who_has_a_whole_number_is_shown_though_another_name_was_typed(desk: Desk) -> None:
    for text in ("thistlewood 201-555-0142", "5550142 aetna", "thistlewood pat 2015550142"):
        best = lookup.find(desk, text, wide=True)[0]
        assert (best.mrn, best.exact) == ("8841", False), text
        assert best.matched.startswith("no "), best.matched
    assert lookup.find(desk, "thistlewood 0142", wide=True) == []


def test_who_has_the_typed_name_stands_before_a_rarer_one_like_it(desk: Desk) -> None:
    for given in ("Ann", "Bo", "Cy", "Di"):
        _register(desk, "Walsh", given)
    _register(desk, "Walshe", "Abe")
    found = [hit.family for hit in lookup.find(desk, "walsh 1931", wide=True)]
    assert found[:5] == [*4 * ["Walsh"], "Walshe"]


def test_a_wider_look_says_what_does_not_fit(desk: Desk) -> None:
    hits = lookup.find(desk, "gonzalez mar 71", wide=True)
    said = {hit.mrn: hit.matched for hit in hits}
    assert said["8841"] == said["10017"] == "another year"
    assert said["5530"] == "sounds like gonzales; another year"
    best = lookup.find(desk, "gonsalez maria 555-9999", wide=True)[0]
    assert (best.mrn, best.matched) == ("8841", "sounds like gonzalez; no 555-9999")


def test_a_line_is_what_is_on_record_at_once(desk: Desk, clinic: Clinic) -> None:
    maria = clinic.patient(desk, "8841")
    patients.edit(desk, patient_id=maria, phone="201-555-0777", preferred="Mari", language="fr")
    (hit,) = lookup.find(desk, "mari gonzalez 1962", limit=1)
    assert (hit.mrn, hit.phone, hit.preferred) == ("8841", "201-555-0777", "Mari")
    assert hit.language == "fr"
    steps.undo_last(desk)
    (hit,) = lookup.find(desk, "8841")
    assert (hit.phone, hit.preferred) == ("201-555-0142", None)


def test_the_fields_of_a_hit_stand_in_the_order_of_a_line() -> None:
    assert lookup.Found._fields[1 : 1 + len(Line._fields)] == Line._fields


def test_a_query_of_many_words_is_answered(desk: Desk) -> None:
    words = " ".join(f"{chr(97 + n % 26)}{chr(97 + n // 26)}{chr(97 + n % 7)}" for n in range(60))
    assert lookup.find(desk, words, addresses=True, wide=True) == []
    for count in (12, 13, 60):
        mixed = " ".join(f"{chr(97 + n % 26)}{n}x" for n in range(count))
        assert lookup.find(desk, mixed, addresses=True, wide=True) == []

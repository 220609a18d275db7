"""Finding patients as callers give themselves, on both engines."""

import pytest

from pcoord.domain.list_line import Line
from pcoord.services import lookup, patients, steps
from pcoord.services.desk import Desk
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
    for text in ("20 7946 0018", "020 7946 0018", "+44 20 7946 0018", "0044 20 7946 0018"):
        assert [hit.id for hit in lookup.find(desk, text) if hit.exact] == [key], text


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

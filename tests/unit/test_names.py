"""Finding people by what is typed of them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcoord.domain import names
from pcoord.domain.lookup_words import Lookup, parse_lookup

TODAY = date(2026, 11, 24)


def read(text: str) -> Lookup:
    return parse_lookup(text, TODAY)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Núñez-García", "nunez garcia"),
        ("O’Brien", "obrien"),
        ("Łukasz Ødegård", "lukasz odegard"),
        ("Straße", "strasse"),
        ("Þórður Æsir Œuvre Đặng", "thordur aesir oeuvre dang"),
        ("St. John", "st john"),
        ("İpek Işık", "ipek isik"),
        ("ＳＭＩＴＨ", "smith"),
        ("Фёдор", "федор"),
        ("김민준", "김민준"),
        ("  ", ""),
    ],
)
def test_names_are_folded_for_comparing(text: str, folded: str) -> None:
    assert names.fold(text) == folded


@pytest.mark.parametrize(
    ("name", "tokens"),
    [
        ("O'Brien", {"obrien", "brien"}),
        ("al-Hassan", {"alhassan", "hassan"}),
        ("Nunez-Garcia", {"nunez", "garcia", "nunezgarcia"}),
        ("de la Cruz", {"delacruz", "lacruz", "cruz"}),
        ("Müller", {"muller", "mueller"}),
        ("Le", {"le"}),
        ("王小明", {"王小明", "wang", "xiao", "ming", "wangxiaoming"}),
        ("", set()),
    ],
)
def test_tokens_of_a_name(name: str, tokens: set[str]) -> None:
    assert names.name_tokens(name, "") == tokens


def test_tokens_of_a_person() -> None:
    found = names.name_tokens("Lee", "Jo Ann", ["Park"])
    assert found == {"lee", "jo", "ann", "joann", "park"}


def test_nicknames_come_with_given_names_only() -> None:
    groups = {"william": ("Bill", "Will"), "lee": ("Leroy",)}
    found = names.name_tokens("Lee", "William", nicknames=groups)
    assert found == {"lee", "william", "bill", "will"}


@pytest.mark.parametrize(
    ("one", "other"),
    [("smith", "smyth"), ("gonzalez", "gonzales"), ("smith", "smiht"), ("catherine", "katherine")],
)
def test_misspelt_names_share_a_key(one: str, other: str) -> None:
    assert names.sound_keys(one) & names.sound_keys(other)


def test_keys_say_what_they_are() -> None:
    assert names.sound_keys("lee") == {"m:L", "d:lee", "d:ee", "d:le"}
    assert names.sound_keys("王") == {"d:王"}
    assert names.sound_keys("") == set()


def test_closeness_puts_the_nearest_first() -> None:
    near = sorted(
        ["gonzalez", "gonzaga", "garcia", "lee"],
        key=lambda name: -names.closeness("gonzales", name),
    )
    assert near == ["gonzalez", "gonzaga", "garcia", "lee"]
    assert names.closeness("Núñez", "nunez") == 1
    assert names.closeness("gonz", "gonzalez") > 0.9
    assert names.closeness("", "lee") == 0


def test_a_name_with_a_year() -> None:
    found = read("gonz mar 62")
    assert (found.names, found.year, found.birth_date) == (["gonz", "mar"], 1962, None)
    assert found.words == [("gonz", "name"), ("mar", "name"), ("62", "year or number")]


@pytest.mark.parametrize("text", ["smith jo", "smith, jo", "SMITH  Jo"])
def test_names_in_either_order(text: str) -> None:
    assert read(text).names == ["smith", "jo"]


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("(555) 123-0142", "5551230142"),
        ("555 123 0142", "5551230142"),
        ("+1 555 123 0142", "15551230142"),
        ("5551230142", "5551230142"),
        ("555-0142", "5550142"),
        ("555 0142", "5550142"),
        ("555-01", "55501"),
        ("(555", "555"),
    ],
)
def test_phone_numbers_whole_or_half_typed(text: str, digits: str) -> None:
    found = read(f"gonz {text}")
    assert (found.names, found.digits, found.identifiers) == (["gonz"], [digits], [])


def test_a_bare_number_stands_under_each_of_its_readings() -> None:
    found = read("1962")
    assert (found.year, found.digits, found.identifiers) == (1962, ["1962"], ["1962"])
    found = read("5550142")
    assert (found.year, found.digits, found.identifiers) == (None, ["5550142"], ["5550142"])
    found = read("03041962")
    assert (found.birth_date, found.digits) == (date(1962, 3, 4), ["03041962"])


@pytest.mark.parametrize("text", ["MRN 8841", "mrn8841", "MRN: 8841", "#8841", "# 8841"])
def test_a_number_that_says_it_is_one(text: str) -> None:
    found = read(text)
    assert (found.identifiers, found.digits, found.names) == (["8841"], [], [])


@pytest.mark.parametrize(
    "text", ["03/04/1962", "1962-03-04", "4.3.1962", "4 mar 1962", "dob 3/4/62"]
)
def test_birth_dates(text: str) -> None:
    found = read(f"gonz {text}")
    assert (found.names, found.birth_date) == (["gonz"], date(1962, 3, 4))
    assert found.digits == found.identifiers == []


def test_an_age_is_the_two_years_it_may_mean() -> None:
    assert read("62y").years == (1964, 1963)


def test_email_and_mixed_words() -> None:
    assert read("Ana@example.org lee").email == "ana@example.org"
    found = read("Abbott774")
    assert (found.names, found.identifiers) == (["abbott774"], ["abbott774"])


def test_a_date_half_typed_narrows_nothing() -> None:
    assert read("gonz 3/").names == ["gonz"]
    assert [read(text).words for text in ("3/", "3/4/196", "13/31/")] == [
        [("3/", "unfinished")],
        [("3/4/196", "unfinished")],
        [("13/31/", "unfinished")],
    ]


@pytest.mark.parametrize(
    ("shouted", "tidy"),
    [
        ("SMITH", "Smith"),
        ("MCDONALD", "McDonald"),
        ("McDONALD", "McDonald"),
        ("mcdonald", "mcdonald"),
        ("o'BRIEN", "O'Brien"),
        ("DE LA CRUZ", "de la Cruz"),
        ("NUNEZ-GARCIA", "Nunez-Garcia"),
        ("JO ANN", "Jo Ann"),
        ("SMITH III", "Smith III"),
        ("LE", "Le"),
        ("Abbott774", "Abbott774"),
        ("van der Berg", "van der Berg"),
        ("JP Morgan", "JP Morgan"),
        ("MÜLLER", "Müller"),
        ("王小明", "王小明"),
    ],
)
def test_shouted_names_are_tidied(shouted: str, tidy: str) -> None:
    assert names.tidy_name(shouted) == tidy


def test_names_of_scripts_in_capitals_alone_stay_as_they_are() -> None:
    for name in ("ᎣᎳᎩ", "𐒰𐓓𐒷"):
        assert names.tidy_name(name) == name
    assert names.tidy_name("ΠΑΠΑΔΌΠΟΥΛΟΣ") == "Παπαδόπουλος"


def test_odd_names() -> None:
    assert [n for n in ("O'Brien", "St. John", "ශ්‍රී", "Łukasz", "Nguyễn") if names.odd_name(n)] == []
    others = (
        "བསྟན་འཛིན",
        "צ׳רלי",
        "בן־דוד",
        "Smith\u2010Jones",
        "マリア・ガルシア",
        "അന്\u200dവര്\u200d",
    )
    assert [n for n in others if names.odd_name(n)] == []
    assert all(names.odd_name(n) for n in ("Abbott774", "Test*", "", "123", "<b>Ann", "-"))


any_text = st.text(st.characters(codec=None), max_size=30)
queries = st.text("0123456789/-.()+#@' abmrndoy", max_size=20)


@given(any_text | queries, st.sampled_from(["mdy", "dmy", "ymd"]))
def test_anything_typed_is_some_lookup(text: str, order: str) -> None:
    found = parse_lookup(text, TODAY, order)
    assert all(found.names) and all(found.digits) and all(found.identifiers)
    for word in found.names:
        assert names.fold(word) == word


@given(any_text, any_text)
def test_names_of_any_text(one: str, other: str) -> None:
    assert names.fold(names.fold(one)) == names.fold(one)
    for token in names.name_tokens(one, other):
        assert token and names.sound_keys(token)
    assert 0 <= names.closeness(one, other) <= 1
    assert isinstance(names.odd_name(one), bool)
    assert names.tidy_name(names.tidy_name(one)) == names.tidy_name(one)


letters = st.text("abcdefghijklmnopqrstuvwxyz", min_size=3, max_size=12)


@given(letters, st.data())
def test_one_letter_left_out_is_found(name: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(name) - 1))
    assert names.sound_keys(name) & names.sound_keys(name[:at] + name[at + 1 :])

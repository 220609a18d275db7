"""Names of other scripts in Latin letters, as they are said."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcoord.domain.names import name_forms
from pcoord.domain.other_scripts import in_latin
from pcoord.domain.same_person import Person, compare


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Иванов-Петров", "ivanov petrov"),
        ("Наталья", "natalya"),
        ("Παπαδόπουλος", "papadopoulos"),
        ("Ευαγγελία", "evangelia"),
        ("محمد", "mohammed"),
        ("مُحَمَّد", "mohammed"),
        ("احمد", "ahmed"),
        ("الحسن", "al hassan"),
        ("כהן", "cohen"),
        ("小明", "xiao ming"),
        ("田中", "tanaka"),
        ("さくら", "sakura"),
        ("이영희", "lee young hee"),
        ("शर्मा", "sharma"),
        ("राजेश", "rajesh"),
        ("ਸਿੰਘ", "singh"),
        ("გიორგი", "giorgi"),
    ],
)
def test_a_name_is_spelt_as_it_is_said(name: str, said: str) -> None:
    assert in_latin(name)[0] == said


@pytest.mark.parametrize(
    "name", ["", "Smith", "Nguyễn", "Łukasz", "Kaʻiulani", "Weiß-O’Brien", "3"]
)
def test_a_latin_name_stays_as_it_is(name: str) -> None:
    assert in_latin(name) == ()


def test_every_usual_spelling_is_one() -> None:
    assert in_latin("محمد")[:3] == ("mohammed", "muhammad", "mohamed")
    assert set(in_latin("김")) == {"kim", "gim"}
    parts, joined = name_forms("小明")
    assert (set(parts), set(joined)) == ({"小明", "xiao", "ming"}, {"xiaoming"})


@given(st.text(st.characters(categories=("L", "Mn", "Nd")), max_size=12))
def test_whatever_the_script_only_plain_letters_come_of_it(name: str) -> None:
    for said in in_latin(name):
        assert said.replace(" ", "").isascii() and said.replace(" ", "").isalpha(), said


@pytest.mark.parametrize("first", range(0x0900, 0x0E00, 0x80))
def test_signs_without_their_letter_say_nothing_and_stop_nothing(first: int) -> None:
    for code in range(first, first + 0x80):
        for name in (f"{chr(code)} राम", f"कमल {chr(code)}", f"{chr(code)}{chr(code)} Ana"):
            assert all(said.replace(" ", "").isalpha() for said in in_latin(name)), name
    assert in_latin("\u0a3c \u0a71 राम")[0].strip() == "ram"


def test_two_records_of_one_person_in_two_scripts_are_alike() -> None:
    found = compare(Person("Иванов", "Сергей"), Person("Ivanov", "Sergey"))
    assert found.reasons[0] == "same name"


def test_latin_names_cost_no_table() -> None:
    code = (
        "import sys; from pcoord.domain.names import name_forms as f; f('Núñez'); f('Smith');"
        "sys.exit('anyascii' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)

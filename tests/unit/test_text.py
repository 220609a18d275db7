"""The one boundary for text that enters."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcoord.domain.text import cell_width, csv_safe, fit, is_clean, scrub

# Names as people write them; none of them may change.
NAMES = (
    *("O'Brien, Seán", "Nuñez-García", "Łukasz Żak", "Nguyễn Thị Hồng Đào", "Þórður Æsir"),
    *("Ελένη Παπαδοπούλου", "Фёдор Щукин", "محمّد الحسن", "שָׂרָה כהן", "王小明", "さくら が"),
    *("김민준", "สมชาย ใจดี", "क्षितिज", "ශ්‍රී ලංකා", "می‌خواهم", "தமிழ்ச்செல்வி", "ཀརྨ་", "Abbott774"),
    # Joiners behind a virama at a word's end (Malayalam), variants of ideographs, joined emoji.
    *("അന്\u200dവര്\u200d", "ര്\u200d, അ", "葛\U000e0100城", "ᠪ\u180bᠢ", "Ann 👨\u200d👩\u200d👧"),
    *("👩🏽\u200d⚕\ufe0f", "1\ufe0f\u20e3", "رض\u200cا", "ক্\u200cষ"),
)


@pytest.mark.parametrize("name", [unicodedata.normalize("NFC", name) for name in NAMES])
def test_names_of_every_script_stay_as_they_are(name: str) -> None:
    assert scrub(name) == name
    assert is_clean(name)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Ann \x1b[31mLee\x1b[0m", "Ann [31mLee[0m"),
        ("\x9b2JAnn", "2JAnn"),
        ("\x1b]52;c;aGk=\x07Ann", "]52;c;aGk=Ann"),
        ("A\x00n\x7fn", "Ann"),
        ("Ann\u202eeeL", "AnneeL"),
        ("\u2066Ann\u2069\u061c\ufeff", "Ann"),
        ("A\u200bn\u00adn\u2060", "Ann"),
        ("Ann\u200d \u200cLee\u200d", "Ann Lee"),
        ("Ann\ud800", "Ann"),
        ("Ann\U000e0041", "Ann"),
        ("An\ufe0fn\U000e0101 \ufe00Lee", "Ann Lee"),
        ("葛\U000e0100\U000e0101\ufe0f城", "葛\U000e0100城"),
        ("\u115f\u1160\u17b4\u17b5\U0001bca0\U000e0200Ann\ufdd0\U0001ffff", "Ann"),
        ("\u2800Ann\u2800\u2800Lee", "Ann Lee"),
        ("👨\u200dAnn \u200d👩", "👨Ann 👩"),
        ("  Ann \t\u00a0 Lee\r\n", "Ann Lee"),
        ("e\u0301", "é"),
        ("a" + "\u0300\u0301\u0302\u0303\u0304\u0305\u0306", "à" + "\u0301\u0302\u0303\u0304"),
        ("Ann [/bold] Lee", "Ann [/bold] Lee"),
    ],
)
def test_what_could_harm_a_terminal_is_taken_out(typed: str, kept: str) -> None:
    assert scrub(typed) == kept
    assert is_clean(typed) is (typed == kept)


def test_lines_stay_only_where_they_may() -> None:
    assert scrub("one\r\ntwo\u2028three", multiline=True) == "one\ntwo\nthree"
    assert scrub("one\r\ntwo\u2028three") == "one two three"


def test_long_text_is_cut() -> None:
    assert scrub("abc def", limit=4) == "abc"


def test_width_and_fit_count_cells() -> None:
    assert [cell_width(text) for text in ("Ann", "王小明", "e\u0301x", "김")] == [3, 6, 2, 2]
    assert fit("Ann", 5) == "Ann  "
    assert fit("Annabel", 3) == "Ann"
    assert fit("王小明", 5) == "王小 "
    assert fit("e\u0301x", 1) == "e\u0301"


def test_cells_of_a_spreadsheet_are_no_formulas() -> None:
    for cell in ("=1+1", "+1", "-1", "@x", "\tx", "\rx"):
        assert csv_safe(cell) == "'" + cell
    assert csv_safe("Ann") == "Ann"
    assert csv_safe("") == ""


any_text = st.text(st.characters(codec=None), max_size=40)
nasty = st.text(
    "ab \n\t\x1b\x9b\u200d\u200c\u0301\u094d\u0915\u202e\ud800\ufeff\u1100\u1161\u0344\u212b王",
    max_size=20,
)


@given(any_text | nasty, st.booleans(), st.integers(1, 30))
def test_scrubbed_text_is_safe_and_scrubbing_ends(text: str, multiline: bool, limit: int) -> None:
    clean = scrub(text, multiline=multiline, limit=limit)
    assert is_clean(clean, multiline=multiline)
    assert len(clean) <= limit
    clean.encode("utf-8")
    assert all(c == "\n" or unicodedata.category(c) not in {"Cc", "Cs"} for c in clean)
    assert multiline or "\n" not in clean


@given(any_text | nasty, st.integers(0, 30))
def test_fit_fills_its_cells_exactly(text: str, width: int) -> None:
    assert cell_width(fit(scrub(text), width)) == width

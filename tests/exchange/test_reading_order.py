"""Names that are read from the right, beside signs and numbers, on a sheet read from the left."""

from collections.abc import Iterator
from itertools import groupby

import pytest

from pcoord.exchange.reading_order import drawing_order, has_right_to_left


def _by_font(text: str) -> Iterator[tuple[bool, str]]:
    """Part text as fonts do: signs and digits are in the Latin one."""
    for other, stretch in groupby(text, lambda letter: ord(letter) >= 0x590):
        yield other, "".join(stretch)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("Smith, Ann, 10001", ["Smith", ", ", "Ann", ", ", "10001"]),
        ("כהן, משה, 10002", ["כהן", ", ", "משה", ", ", "10002"]),
        ("בן-דוד", ["דוד", "-", "בן"]),
        ("ג'ורג'", ["'", "ורג", "'", "ג"]),
        ("عيادة (مركز)", ["(", "مركز", ") ", "عيادة"]),
        ("لي   family", ["لي", "   ", "family"]),
        ("x שלום 12 y", ["x ", "12", " ", "שלום", " y"]),
        ("א 12-34", ["12-34", " ", "א"]),
        ("ن\u200dن", ["ن\u200dن"]),
    ],
)
def test_pieces_stand_as_they_are_read(text: str, pieces: list[str]) -> None:
    assert [piece for _, piece in drawing_order(text, _by_font)] == pieces


def test_only_letters_read_from_the_right_need_it() -> None:
    assert has_right_to_left("Ann כהן") and has_right_to_left("أحمد")
    assert not has_right_to_left("Nuñez (12)") and not has_right_to_left("สมิทธ์")

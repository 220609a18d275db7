"""Numbers for sexes: read as ISO/IEC 5218 where the whole column has them, else not guessed."""

import pytest

from pcoord.exchange.csv_codes import settle_sexes
from pcoord.exchange.csv_map import MapFile, guess
from pcoord.exchange.csv_reader import open_table
from pcoord.exchange.csv_rows import Taken, rows_to_patients
from tests.clinic import NOW


def sexes(cells: list[str], said: MapFile | None = None) -> tuple[list[str], str | None]:
    """What a column of these cells is read as, and what is told of it."""
    lines = "".join(f"Word{n},Ann,{cell}\n" for n, cell in enumerate(cells))
    table = open_table(f"Last,First,Sex\n{lines}".encode())
    mapping, told = settle_sexes(table, guess(table.headers, "patient", said))
    rows = rows_to_patients(table, mapping, "ymd", today=NOW.date())
    return [one.row.sex for one in rows if isinstance(one, Taken)], told


def test_the_codes_of_open_dental_are_its_own() -> None:
    table = open_table(b"PatNum,LName,FName,Gender\n1,Oak,Al,0\n2,Oak,Bea,1\n3,Oak,Cy,2\n")
    mapping, told = settle_sexes(table, guess(table.headers))
    rows = rows_to_patients(table, mapping, "ymd", today=NOW.date())
    assert [one.row.sex for one in rows if isinstance(one, Taken)] == ["male", "female", "unknown"]
    assert told == "Gender: 0 male, 1 female, 2 unknown (Open Dental)."


@pytest.mark.parametrize(
    ("cells", "read"),
    [
        (["1", "2", "", "2"], ["male", "female", "unknown", "female"]),
        (["0", "1", "2", "9"], ["unknown", "male", "female", "unknown"]),
        (["1.0", "02", "NULL"], ["male", "female", "unknown"]),
        (["2"], ["female"]),
    ],
)
def test_a_column_of_iso_codes_is_read(cells: list[str], read: list[str]) -> None:
    found, told = sexes(cells)
    assert found == read
    assert told is not None and told.startswith("Sex: ") and told.endswith("(ISO/IEC 5218).")


@pytest.mark.parametrize(
    ("cells", "read"),
    [
        (["1", "0", "1"], ["unknown"] * 3),  # which is which?
        (["0", "1", "0", "2"], ["unknown"] * 4),  # 0 is hardly "not known" here
        (["1", "2", "3"], ["unknown"] * 3),
        (["1", "F"], ["unknown", "female"]),
        (["9", ""], ["unknown"] * 2),
        (["F", "m"], ["female", "male"]),
    ],
)
def test_any_other_column_is_not_guessed(cells: list[str], read: list[str]) -> None:
    assert sexes(cells) == (read, None)


def test_the_mapping_file_comes_first() -> None:
    turned = MapFile(values={"sex": {"1": "female", "2": "male"}})
    assert sexes(["1", "2"], turned) == (["female", "male"], None)
    # With a word of the clinic's own beside them, the numbers are still a whole column.
    own = MapFile(values={"sex": {"div": "other"}})
    assert sexes(["1", "Div", "2"], own)[0] == ["male", "other", "female"]


def test_m_beside_h_or_v_is_a_woman() -> None:
    """Hombre, varón and mujer: the one letter that means the opposite in two languages."""
    found, told = sexes(["H", "m", "", "M"])
    assert found == ["male", "female", "unknown", "female"]
    assert told == "Sex: H or V male, M female (hombre, varón, mujer)."
    assert sexes(["V", "M"])[0] == ["male", "female"]
    assert sexes(["M", "F", "V"])[0] == ["male", "female", "male"]
    assert sexes(["M", "M"]) == (["male", "male"], None)
    assert sexes(["H", "M"], MapFile(values={"sex": {"M": "male"}}))[0] == ["male", "male"]

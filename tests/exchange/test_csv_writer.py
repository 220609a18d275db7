"""Tables that leave open in a spreadsheet without harm, and come back as they were."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from pcoord.exchange.csv_reader import open_table
from pcoord.exchange.csv_rows import clean
from pcoord.exchange.csv_writer import csv_chunks, to_csv


def test_values_are_written_in_standard_form() -> None:
    moment = datetime(2026, 11, 24, 14, 30, tzinfo=UTC)
    row = ("Núñez", 3, True, False, None, date(1962, 4, 3), moment, Decimal("12.5"))
    data = to_csv(["a"] * 8, [row], mark=False)
    wanted = "Núñez,3,yes,no,,1962-04-03,2026-11-24T14:30:00+00:00,12.50\r\n"
    assert data.decode().splitlines(keepends=True)[1] == wanted


def test_excel_is_told_the_encoding() -> None:
    assert to_csv(["a"], []).startswith(b"\xef\xbb\xbf")
    assert open_table(to_csv(["Näme", "b"], [("ü", "1")])).headers == ("Näme", "b")


def test_formulas_are_only_text() -> None:
    hostile = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("x")']
    data = to_csv(["=x"], [(cell,) for cell in hostile], mark=False)
    rows = list(csv.reader(io.StringIO(data.decode(), newline="")))
    assert all(row[0].startswith("'") for row in rows)
    assert to_csv(["n"], [(-5,)], mark=False).endswith(b"-5\r\n")


def test_long_tables_are_written_piece_by_piece() -> None:
    pieces = csv_chunks(["n"], ((n,) for n in range(3)), mark=False)
    assert list(pieces) == [b"", b"n\r\n", b"0\r\n", b"1\r\n", b"2\r\n"]


# What is stored has no blanks at its ends, so no cell is written with any.
CELLS = st.text(alphabet="ab=+-@',;\"ü ", max_size=12).map(str.strip).filter(bool)


@given(st.lists(CELLS, min_size=1, max_size=6))
def test_a_cell_comes_back_as_it_was(cells: list[str]) -> None:
    data = to_csv(["first", "second"], [("x", cell) for cell in cells])
    back = [clean(row.cells[1]) for row in open_table(data, delimiter=",")]
    assert back == [" ".join(cell.split()) for cell in cells]

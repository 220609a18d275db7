"""Tables of other systems open whatever their encoding, delimiter and faults."""

import codecs
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcoord.domain.errors import BadUsage, DeskError, NotFound
from pcoord.exchange.csv_reader import Row, Table, open_table

TEXT = "Last,First,City\nNúñez,Zoë,Peñas\nO'Brien,Sean,Lake\n"


def cells(table: Table) -> list[tuple[str, ...]]:
    """Return the cells of every row."""
    return [row.cells for row in table]


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (TEXT.encode(), "utf-8"),
        (codecs.BOM_UTF8 + TEXT.encode(), "utf-8-sig"),
        (TEXT.encode("utf-16"), "utf-16"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "utf-16"),
        (TEXT.encode("utf-16-le"), "utf-16-le"),
        (TEXT.encode("utf-16-be"), "utf-16-be"),
        (TEXT.encode("cp1252"), "cp1252"),
        (TEXT.encode("latin-1") + b"\x81x,,\n", "latin-1"),
    ],
)
def test_the_encoding_is_found(data: bytes, encoding: str) -> None:
    table = open_table(data)
    assert table.encoding == encoding
    assert table.headers == ("Last", "First", "City")
    assert cells(table)[:2] == [("Núñez", "Zoë", "Peñas"), ("O'Brien", "Sean", "Lake")]


def test_one_late_strange_byte_decides_for_the_whole_file() -> None:
    data = b"Last,First\n" + b"Lee,Ann\n" * 60_000 + "Peña,Zoë\n".encode("cp1252")
    table = open_table(data)
    assert table.encoding == "cp1252"
    assert cells(table)[-1] == ("Peña", "Zoë")


def test_one_cut_letter_does_not_spoil_the_others() -> None:
    data = b"Last,First\n" + "Peña,Zoë\n".encode() * 50 + b"Pe\xc3,Zoe\n"
    table = open_table(data)
    assert table.encoding == "utf-8"
    assert cells(table)[0] == ("Peña", "Zoë")
    assert cells(table)[-1] == ("Pe\ufffd", "Zoe")


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(mark: str) -> None:
    lines = [mark.join(("Name", "Weight", "Born"))]
    lines += [mark.join(('"Lee, Ann; x"', '"70,5"', "1962-03-04"))] * 5
    table = open_table("\r\n".join(lines).encode())
    assert table.delimiter == mark
    assert cells(table)[0] == ("Lee, Ann; x", "70,5", "1962-03-04")


def test_commas_inside_cells_do_not_beat_semicolons() -> None:
    table = open_table(b"Name;Born\nLee, Ann;1962\nDiaz, Jo;1970\nKim, Al;1980\n")
    assert table.delimiter == ";"


def test_excel_may_name_the_delimiter() -> None:
    table = open_table(b"sep=|\r\na,b|c,d\r\n1|2\r\n")
    assert (table.delimiter, table.headers) == ("|", ("a,b", "c,d"))
    assert list(table) == [Row(3, ("1", "2"))]


def test_a_delimiter_and_encoding_given_by_hand_win() -> None:
    table = open_table(b"a:b\n\xe9:2\n", delimiter=":", encoding="latin-1")
    assert cells(table) == [("é", "2")]


def test_rows_know_their_physical_lines() -> None:
    data = b'a,b\n\n1,"two\r\nlines"\n\n"x\n\ny",2\n3,4'
    assert list(open_table(data)) == [
        Row(3, ("1", "two\r\nlines")),
        Row(6, ("x\n\ny", "2")),
        Row(9, ("3", "4")),
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_is_understood(end: str) -> None:
    table = open_table(end.join(["a,b", "1,2", "3,4", ""]).encode())
    assert [row.line for row in table] == [2, 3]


def test_separators_inside_a_line_do_not_end_it() -> None:
    table = open_table("a,b\none\u2028more\x0bthing,2\n".encode())
    assert cells(table) == [("one\u2028more\x0bthing", "2")]


def test_nul_bytes_are_dropped() -> None:
    assert cells(open_table(b"a,b\nL\0ee,A\0nn\n\x1a")) == [("Lee", "Ann")]


def test_ragged_rows_are_told_apart() -> None:
    rows = list(open_table(b"a,b,c,d\n1,2,3\n1,2,3,4,,\n1,2,3,4,5,6\nlonely\n,,,\n"))
    assert rows[0] == Row(2, ("1", "2", "3", ""), None, 1)
    assert rows[1] == Row(3, ("1", "2", "3", "4"))
    assert rows[2].problem == "has 2 cells more than there are headings"
    assert rows[3].problem == "has one cell only"
    assert len(rows) == 4


def test_headings_are_told_apart() -> None:
    table = open_table(b'Phone,phone,,"Two\nlines",Phone (2),\n1,2,3,4,5\n')
    assert table.headers == ("Phone", "phone (2)", "column 3", "Two lines", "Phone (2) (2)")
    assert list(table.column("phone (2)", "column 3")) == ["2", "3"]


def test_title_lines_above_the_headings_are_passed_over() -> None:
    table = open_table(b"Patient list of 11/24/2026\n\nLast,First\nLee,Ann\n")
    assert (table.headers, table.header_line) == (("Last", "First"), 3)
    assert [row.line for row in table] == [4]


def test_a_table_of_one_column_is_a_table() -> None:
    assert cells(open_table(b"Name\nLee\nKim\n")) == [("Lee",), ("Kim",)]


def test_marks_in_the_middle_of_a_cell_are_text() -> None:
    table = open_table(b'a,b\n5" tall,x\nAnn "Annie" Lee,y\n"say ""hi""" ,z\n')
    assert [row[0] for row in cells(table)] == ['5" tall', 'Ann "Annie" Lee', 'say "hi"']


def test_a_blank_before_a_quoted_cell_does_no_harm() -> None:
    assert cells(open_table(b'a, b\n1, "x, y"\n')) == [("1", "x, y")]


def test_a_mark_never_closed_costs_one_row_only() -> None:
    data = b'a,b\n1,2\n"bad,2\n' + b"3,4\n" * 1000
    rows = list(open_table(data))
    assert rows[1].problem == "has a quotation mark that is never closed"
    assert [row.line for row in rows] == list(range(2, 1004))
    assert rows[-1].cells == ("3", "4")


def test_a_huge_line_and_a_huge_cell_are_refused_alone() -> None:
    data = b"a,b\n" + b"x" * 3_000_000 + b",1\n" + b"y" * 200_000 + b",1\n3,4\n"
    rows = list(open_table(data, delimiter=","))
    assert [row.problem for row in rows] == [
        "is too long for one line",
        "has a cell that is too long",
        None,
    ]
    assert [row.line for row in rows] == [2, 3, 4]


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "empty"),
        (b"PK\x03\x04rest", "Excel"),
        (b"%PDF-1.7", "PDF"),
        (b"\n\n ,\n", "headings"),
        (codecs.BOM_UTF8, "headings"),
    ],
)
def test_what_is_no_table_is_refused_in_words(data: bytes, word: str) -> None:
    with pytest.raises(BadUsage, match=word):
        open_table(data)


def test_a_missing_file_is_said_by_name(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"nothing\.csv"):
        open_table(tmp_path / "nothing.csv")
    with pytest.raises(DeskError):
        open_table(tmp_path)


def test_a_long_file_streams_and_tells_how_far_it_is(tmp_path: Path) -> None:
    file = tmp_path / "long.csv"
    line = "b9c610cd-28a6-4636,2019-02-17,Damon455,Langosh790,620 Lynch Tunnel,Springfield\n"
    file.write_text("Id,BIRTHDATE,FIRST,LAST,ADDRESS,CITY\n" + line * 100_000)
    told: list[tuple[int, int]] = []
    table = open_table(file, progress=lambda done, total: told.append((done, total)))
    tracemalloc.start()
    assert sum(1 for _ in table) == 100_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3_000_000
    assert told == sorted(told)
    assert told[-1] == (file.stat().st_size, file.stat().st_size)
    assert len(told) >= 100


def test_a_table_can_be_read_twice() -> None:
    table = open_table(b"a,b\n1,2\n")
    assert list(table) == list(table)


HOSTILE = st.one_of(
    st.binary(max_size=400),
    st.text(alphabet='ab1,;|\t"\r\n \0\u2028é', max_size=300).map(lambda text: text.encode()),
)


@given(HOSTILE)
def test_nothing_ever_crashes_it(data: bytes) -> None:
    try:
        table = open_table(data)
    except DeskError as refusal:
        assert refusal.sentence
        return
    last = table.header_line
    for row in table:
        assert row.line > last
        assert row.problem or len(row.cells) == len(table.headers)
        last = row.line


@given(
    st.lists(
        st.tuples(*[st.text(alphabet='abü ",;\n|\t', min_size=1, max_size=12)] * 3), max_size=8
    ),
    st.sampled_from(",;\t|"),
)
def test_what_a_writer_wrote_is_read_back(rows: list[tuple[str, str, str]], mark: str) -> None:
    quoted = [mark.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    data = "\n".join([mark.join(("one", "two", "three")), *quoted, ""]).encode()
    wanted = [tuple(cell.strip() for cell in row) for row in rows]
    assert cells(open_table(data, delimiter=mark)) == [row for row in wanted if any(row)]

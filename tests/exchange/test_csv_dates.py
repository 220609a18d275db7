"""Dates of a column: the order is settled once, and every common spelling is read."""

from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcoord.exchange.csv_dates import Unreadable, date_order, is_empty, parse_clock, parse_date

TODAY = date(2026, 11, 24)
BORN = date(1962, 4, 3)


@pytest.mark.parametrize(
    ("values", "order"),
    [
        (["04/03/1962", "12/25/1970"], "mdy"),
        (["04/03/1962", "25/12/1970"], "dmy"),
        (["04/03/1962", "25-12-1970 10:30"], "dmy"),
        (["04/03/1962", "1/2/1970"], None),
        (["04/03/1962"] * 1000 + ["4/13/62"], "mdy"),
        (["12/25/1970", "25/12/1970"], "conflict"),
        (["3.4.1962", "1.2.1970"], "dmy"),
        (["3.25.1962", "1.2.1970"], "mdy"),
        (["1962-04-03", "19700102", "3-Apr-1962", "22739"], "ymd"),
        (["1962-04-03", "5/5/1970"], "mdy"),
        (["", "n/a", "rubbish"], "ymd"),
        ([], "ymd"),
        (["5/5/1970", "04/03/1962"], None),
    ],
)
def test_the_order_of_a_column(values: list[str], order: str | None) -> None:
    assert date_order(values) == order


@pytest.mark.parametrize(
    ("text", "order"),
    [
        *[("1962-04-03", order) for order in ("mdy", "dmy", "ymd")],
        *[("04/03/1962", "mdy"), ("4/3/1962", "mdy"), ("3/4/1962", "dmy"), ("03.04.1962", "dmy")],
        *[("3. 4. 1962", "dmy"), ("04-03-1962", "mdy"), ("1962/4/3", "mdy"), ("1962.04.03", "dmy")],
        *[("19620403", "mdy"), ("04031962", "mdy"), ("03041962", "dmy")],
        *[("3-Apr-1962", "mdy"), ("03-APR-62", "ymd"), ("Apr 3, 1962", "dmy")],
        *[("April 3rd, 1962", "ymd"), ("3 April 1962", "mdy"), ("3 de abril de 1962", "mdy")],
        *[("3 abr 1962", "mdy"), ("Tue, Apr 3, 1962", "mdy"), ("Tuesday, 3 April 1962", "mdy")],
        *[("4/3/62", "mdy"), ("3/4/62", "dmy"), ("62/04/03", "ymd")],
        *[("1962-04-03T00:00:00Z", "mdy"), ("4/3/1962 12:00:00 AM", "mdy")],
        *[("1962-04-03 00:00:00.000", "mdy"), ("19620403120000", "mdy"), ("'04/03/1962", "mdy")],
        *[("22739", "mdy"), ("22739.5", "dmy"), (" 1962-04-03 ", "mdy")],
    ],
)
def test_spellings_of_one_day(text: str, order: str) -> None:
    assert parse_date(text, order, today=TODAY).day == BORN


@pytest.mark.parametrize(
    "text",
    [
        *(
            "13/45/1962",
            "1962-02-30",
            "yesterday",
            "12",
            "1962",
            "4/3",
            "99999999999",
            "Smarch 3 1962",
        ),
        *(
            "25/12/1970",
            "1962-04-03 late",
            "29 Feb 1963",
            "00/05/1962",
            "1962-04-03T25:00",
            "x" * 999,
        ),
    ],
)
def test_what_is_no_date_is_said(text: str) -> None:
    with pytest.raises(Unreadable, match=r"not a date|no time"):
        parse_date(text, "mdy", today=TODAY)


def test_a_year_of_two_digits_is_told_and_lies_in_the_past() -> None:
    assert parse_date("11/24/26", "mdy", today=TODAY).day == TODAY
    found = parse_date("11/25/26", "mdy", today=TODAY)
    assert found.day == date(1926, 11, 25)
    assert found.told == 'The year in "11/25/26" was taken as 1926.'
    assert parse_date("11/25/26", "mdy", today=TODAY, past=False).day == date(2026, 11, 25)
    assert parse_date("2/29/00", "mdy", today=TODAY).day == date(2000, 2, 29)


def test_a_spreadsheet_day_number_is_told() -> None:
    assert "Excel day number" in (parse_date("22739", "mdy", today=TODAY).told or "")


@pytest.mark.parametrize(
    ("text", "clock", "hours"),
    [
        ("2026-11-26T14:30:00-05:00", time(14, 30), -5),
        ("2026-11-26 14:30Z", time(14, 30), 0),
        ("20261126143000+0530", time(14, 30), 5.5),
        ("11/26/2026 2:30 PM", time(14, 30), None),
        ("11/26/2026 at 2p", time(14), None),
        ("2026-11-26 12:05 a.m.", time(0, 5), None),
        ("46352.604166667", time(14, 30), None),
    ],
)
def test_times_behind_dates(text: str, clock: time, hours: float | None) -> None:
    found = parse_date(text, "mdy", today=TODAY, past=False)
    assert (found.day, found.clock) == (date(2026, 11, 26), clock)
    offset = found.offset.utcoffset(None) if found.offset else None
    assert offset == (None if hours is None else timedelta(hours=hours))


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        *[("14:30", time(14, 30)), ("2:30 PM", time(14, 30)), ("2 pm", time(14))],
        *[("1430", time(14, 30)), ("0.604166667", time(14, 30)), ("14:30:59", time(14, 30))],
        *[("14h30", time(14, 30)), ("9:05a", time(9, 5)), ("12 am", time(0))],
    ],
)
def test_times_alone(text: str, clock: time) -> None:
    assert parse_clock(text) == (clock, None)


@pytest.mark.parametrize("text", ["", "late", "25:00", "13 pm", "14", "9:75", "0.99999"])
def test_what_is_no_time_is_said(text: str) -> None:
    with pytest.raises(Unreadable):
        parse_clock(text)


@pytest.mark.parametrize(
    "text", ["", " ", "NULL", "\\N", "n/a", "0000-00-00", "00/00/0000", "0", "-"]
)
def test_cells_that_say_there_is_no_date(text: str) -> None:
    assert is_empty(text)


@given(st.dates(date(1900, 1, 1), TODAY), st.sampled_from(["mdy", "dmy", "ymd"]))
def test_every_day_comes_back(day: date, order: str) -> None:
    patterns = {"mdy": "%m/%d/%Y", "dmy": "%d/%m/%Y", "ymd": "%Y/%m/%d"}
    for pattern in (patterns[order], "%Y-%m-%d", "%d-%b-%Y", "%Y%m%d"):
        assert parse_date(day.strftime(pattern), order, today=TODAY).day == day


@given(st.text(max_size=30) | st.text(alphabet="0123456789/.-: TZapm+", max_size=24))
def test_no_text_crashes_it(text: str) -> None:
    date_order([text])
    for read in (lambda: parse_date(text, "mdy", today=TODAY), lambda: parse_clock(text)):
        try:
            read()
        except Unreadable as refusal:
            assert str(refusal)

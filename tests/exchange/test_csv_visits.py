"""Rows become appointments, or are left out with a reason a person understands."""

from datetime import UTC, date, datetime

import pytest

from pcoord.exchange.csv_map import MapFile, guess, settle_order
from pcoord.exchange.csv_reader import open_table
from pcoord.exchange.csv_rows import Skipped
from pcoord.exchange.csv_visits import AppointmentRow, TakenVisit, rows_to_appointments

TODAY = date(2026, 11, 24)
START = datetime(2026, 11, 26, 14, 30)


def read(text: str, said: MapFile | None = None) -> TakenVisit | Skipped:
    """Return what the one row of a table becomes."""
    table = open_table(text.encode())
    mapping = guess(table.headers, "appointment", said)
    order = settle_order(table, mapping)
    (found,) = rows_to_appointments(table, mapping, order, today=TODAY)
    return found


def row(text: str, said: MapFile | None = None) -> AppointmentRow:
    """Return the one row of a table, which must be taken."""
    found = read(text, said)
    assert isinstance(found, TakenVisit), found
    return found.row


def why(text: str) -> str:
    """Return why the one row of a table is left out."""
    found = read(text)
    assert isinstance(found, Skipped), found
    return found.why


def test_a_full_row() -> None:
    text = (
        "Appt ID,Patient MRN,Appt Date,Appt Time,Minutes,Provider,Type,Status,Notes,Location\n"
        "77,10442,11/26/2026,2:30 PM,30,LEE,phys,Confirmed,bring records,MAIN\n"
    )
    assert row(text) == AppointmentRow(
        start=START,
        practitioner="LEE",
        mrn="10442",
        minutes=30,
        visit_type="phys",
        status="booked",
        confirmed=True,
        location="MAIN",
        note="bring records",
        source_id="77",
    )


@pytest.mark.parametrize(
    ("headers", "cells"),
    [
        ("Start", "2026-11-26 14:30"),
        ("Start", "11/26/26 2:30p"),
        ("Date,Time", "2026-11-26,14:30"),
        ("Date,Time", "2026-11-26 00:00:00,1899-12-30 14:30:00"),
        ("Date,Time", "11/26/2026,0.604166666667"),
        ("Date,Start Time", "26-Nov-2026,1430"),
    ],
)
def test_start_in_one_column_or_two(headers: str, cells: str) -> None:
    assert row(f"MRN,Provider,{headers}\n1,LEE,{cells}\n").start == START


def test_an_offset_that_was_written_is_kept() -> None:
    text = "Id,START,STOP,PATIENT,PROVIDER\n5,2026-11-26T14:30:00Z,2026-11-26T14:45:00Z,ab12,9f\n"
    found = row(text)
    assert found.start == datetime(2026, 11, 26, 14, 30, tzinfo=UTC)
    assert (found.minutes, found.patient_id, found.practitioner) == (15, "ab12", "9f")


@pytest.mark.parametrize(
    ("header", "cell", "minutes"),
    [
        *[("Minutes", "30", 30), ("Duration", "30 min", 30), ("Duration", "0:45", 45)],
        *[("Duration", "PT20M", 20), ("Duration", "1 h", 60), ("Duration", "1h 15m", 75)],
        *[("End", "15:00", 30), ("End", "2026-11-26 15:00", 30), ("End Time", "3 PM", 30)],
        ("End", "", None),
    ],
)
def test_lengths(header: str, cell: str, minutes: int | None) -> None:
    text = f"MRN,Provider,Start,{header}\n1,LEE,2026-11-26 14:30,{cell}\n"
    assert row(text).minutes == minutes


def test_the_patient_by_name_and_birth_date() -> None:
    found = row(
        'Patient Name,DOB,Date,Time,Doctor\n"GONZALEZ, MARIA L",04/03/1962,11/26/2026,14:30,Lee\n'
    )
    assert (found.family, found.given) == ("Gonzalez", "Maria")
    assert found.birth_date == date(1962, 4, 3)


def test_references_lose_their_kind() -> None:
    found = row("Patient,Provider,Start\nPatient/a1,Practitioner/b2,2026-11-26T14:30\n")
    assert (found.patient_id, found.practitioner) == ("a1", "b2")


@pytest.mark.parametrize(
    ("word", "status"),
    [
        *[("Scheduled", "booked"), ("No Show", "noshow"), ("Canceled", "cancelled")],
        *[("checked-in", "checked-in"), ("Completed", "fulfilled"), ("@", "arrived")],
        *[("x", "cancelled"), ("?", "noshow"), ("-", "booked"), ("", "booked"), (">", "fulfilled")],
    ],
)
def test_status_words(word: str, status: str) -> None:
    assert row(f"MRN,Provider,Start,Status\n1,LEE,2026-11-26 14:30,{word}\n").status == status


@pytest.mark.parametrize("nothing", ["0", "?", "-", "0:00", "n/a"])
def test_a_length_of_nothing_is_the_usual_one(nothing: str) -> None:
    assert row(f"MRN,Provider,Start,Minutes\n1,LEE,2026-11-26 14:30,{nothing}\n").minutes is None
    text = f"MRN,Provider,Start,Minutes,End\n1,LEE,2026-11-26 14:30,{nothing},14:50\n"
    assert row(text).minutes == 20


def test_codes_can_be_explained() -> None:
    said = MapFile(values={"status": {"5": "cancelled"}, "visit_type": {"P": "phys"}})
    found = row("MRN,Provider,Start,Status,Type\n1,LEE,2026-11-26 14:30,5,P\n", said)
    assert (found.status, found.visit_type) == ("cancelled", "phys")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("MRN,Provider,Start,Status\n1,LEE,2026-11-26 14:30,5\n", "[values.status]"),
        ("MRN,Provider,Start\n1,LEE,2026-11-26\n", "There is no time of the visit."),
        ("MRN,Provider,Start\n1,LEE,\n", "There is no day of the visit."),
        ("MRN,Provider,Start\n1,,2026-11-26 14:30\n", "There is no provider."),
        ("MRN,Provider,Start\n,LEE,2026-11-26 14:30\n", "There is no patient number"),
        ("Last,Provider,Start\nLee,LEE,2026-11-26 14:30\n", "no name with a birth date"),
        ("MRN,Provider,Start,End\n1,LEE,2026-11-26 14:30,14:00\n", "is not after the start"),
        ("MRN,Provider,Start,Minutes\n1,LEE,2026-11-26 14:30,long\n", "not a length in minutes"),
        ("MRN,Provider,Start\n1,LEE,thursday 9\n", '"thursday 9" is not a date'),
    ],
)
def test_rows_left_out_say_why(text: str, reason: str) -> None:
    assert reason in why(text)

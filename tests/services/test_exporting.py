"""Taking records out: with permission, on record, and back in without a change."""

import csv
import io
import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from pcoord.domain.errors import BadUsage, NotPermitted
from pcoord.domain.phones import normal
from pcoord.services import booking, exporting, patients, record
from pcoord.services.desk import Desk
from pcoord.services.exporting import export_csv
from pcoord.services.importing import import_csv
from pcoord.store.queries import events
from pcoord.store.tables import Address, ContactPoint, Coverage, HumanName, Patient
from tests.clinic import TODAY, Clinic

HARD = {
    "family": "=SUM(A1) Ng",
    "given": "O'Neill-Zoë",
    "middle": "J",
    "preferred": "Zo",
    "birth_date": date(1961, 2, 3),
    "sex": "female",
    "language": "es",
    "interpreter": True,
    "email": "zo@example.org",
    "note": 'first line\nsecond; "quoted", and more',
}


@pytest.fixture
def boss(clinic: Clinic) -> Desk:
    """A supervisor's desk."""
    return clinic.desk("boss")


def table(desk: Desk, what: str, **more: object) -> list[dict[str, str]]:
    """Export and read the table back."""
    text = b"".join(export_csv(desk, what, **more)).decode("utf-8-sig")  # type: ignore[arg-type]
    return list(csv.DictReader(io.StringIO(text)))


def add_hard_patient(clinic: Clinic, desk: Desk) -> None:
    """Register somebody with everything filled in, and with text that tables break on."""

    def body(work: object) -> None:
        unit = work.unit  # type: ignore[attr-defined]
        person = clinic.patient(desk, "10446")
        unit.update(Patient, person, **HARD)
        home = {"line": "1 Elm St, Apt 2", "city": "Springfield", "state": "IL"}
        unit.insert(Address, patient_id=person, postal_code="01199", country="US", **home)
        unit.insert(HumanName, patient_id=person, use="maiden", family="de la Cruz")
        cover = {"payor": 'Mesa, "Ridge"; Plan', "subscriber_id": "-77-014", "group_number": "7"}
        unit.insert(Coverage, patient_id=person, **cover)
        unit.insert(Coverage, patient_id=person, payor="Second", position=1)
        for at, (use, value) in enumerate((("mobile", "+48 22 123 45 67"), ("home", "555-0101"))):
            unit.insert(
                ContactPoint,
                patient_id=person,
                use=use,
                value=value,
                digits=normal(value),
                position=at,
            )
        unit.say("Filled in.")

    desk.step("test.fill", body)


def book(clinic: Clinic, desk: Desk, mrn: str, hour: int, days: int = 0) -> str:
    step = booking.book(
        desk,
        patient_id=clinic.patient(desk, mrn),
        practitioner_id=desk.clinic.practitioner("LEE").id,
        start=clinic.at(hour, days=days),
        visit_type_id=desk.clinic.visit_type("fu").id,
        note="bring; papers",
    )
    assert step.id
    return step.id


def test_patients_leave_with_all_that_is_known(clinic: Clinic, boss: Desk) -> None:
    add_hard_patient(clinic, boss)
    rows = {row["MRN"]: row for row in table(boss, "patients")}
    assert len(rows) == 8
    row = rows["10446"]
    assert row["Family Name"] == "'=SUM(A1) Ng"  # no spreadsheet may run it
    assert row["Birth Date"] == "1961-02-03"
    assert row["Mobile Phone"] == "201-555-0177; +48 22 123 45 67"
    assert row["Maiden Name"] == "de la Cruz"
    paid = [row[name] for name in ("Payer", "Member Number", "Group Number")]
    assert paid == ['Mesa, "Ridge"; Plan', "'-77-014", "7"]


def test_visits_leave_by_day(clinic: Clinic, boss: Desk) -> None:
    book(clinic, boss, "8841", 14)
    book(clinic, boss, "10443", 14, days=1)
    both = table(boss, "appointments")
    assert [row["Patient MRN"] for row in both] == ["8841", "10443"]
    assert both[0]["Start"] == "2026-11-24T14:00-06:00"
    today = table(boss, "appointments", first=TODAY, last=TODAY)
    assert [row["Patient MRN"] for row in today] == ["8841"]
    assert [row["MRN"] for row in table(boss, "patients", first=TODAY, last=TODAY)] == ["8841"]


@pytest.mark.parametrize("page", [1, 3, 400])
def test_whatever_the_page_everything_leaves_once(
    clinic: Clinic, boss: Desk, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    monkeypatch.setattr(exporting, "PAGE", page)
    for hour, mrn in ((14, "8841"), (14, "10443"), (15, "8841"), (9, "10446")):
        days = 1 if hour == 9 else 0
        step = booking.book(
            boss,
            patient_id=clinic.patient(boss, mrn),
            practitioner_id=boss.clinic.practitioner("ORTIZ" if mrn == "10443" else "LEE").id,
            start=clinic.at(hour, days=days),
            visit_type_id=boss.clinic.visit_type("fu").id,
        )
        assert step.id
    people = [row["MRN"] for row in table(boss, "patients")]
    assert len(people) == len(set(people)) == 8
    visits = [(row["Start"][8:13], row["Patient MRN"]) for row in table(boss, "appointments")]
    assert sorted(visits[:2]) == [("24T14", "10443"), ("24T14", "8841")]
    assert visits[2:] == [("24T15", "8841"), ("25T09", "10446")]


def test_who_comes_while_it_is_read_is_not_among_what_left(clinic: Clinic, boss: Desk) -> None:
    pieces = export_csv(boss, "patients")
    next(pieces)
    patients.register(boss, family="Latecomer", given="Lee", birth_date="1/2/1990", force=True)
    assert b"Latecomer" not in b"".join(pieces)


def test_what_left_is_on_record_before_it_leaves(boss: Desk) -> None:
    export_csv(boss, "patients")  # not yet read by anybody
    event = boss.read(events.listing)[0]
    assert (event.kind, event.username) == ("export", "boss")
    assert json.loads(event.after) == {
        "what": "patients",
        "count": 8,
        "from": None,
        "to": None,
    }


@pytest.mark.parametrize("what", ["patients", "appointments"])
def test_our_own_file_comes_back_unchanged(
    clinic: Clinic, boss: Desk, tmp_path: Path, what: str
) -> None:
    add_hard_patient(clinic, boss)
    visit = book(clinic, boss, "8841", 14)
    booking.confirm(boss, appointment_id=visit)
    gone = book(clinic, boss, "10443", 16)
    booking.cancel(boss, appointment_id=gone, reason="ill")
    book(clinic, boss, "10443", 16)
    file = tmp_path / "own.csv"
    file.write_bytes(b"".join(export_csv(boss, what)))
    told = import_csv(boss, [file])
    count = 8 if what == "patients" else 3
    assert told == {
        "read": count,
        "created": 0,
        "updated": 0,
        "unchanged": count,
        "skipped": [],
        "notes": [],
    }


def test_only_some_may_export(desk: Desk) -> None:
    with pytest.raises(NotPermitted):
        export_csv(desk, "patients")


def test_an_unknown_table_is_refused(boss: Desk) -> None:
    with pytest.raises(BadUsage, match="patients or appointments"):
        export_csv(boss, "bills")


@pytest.mark.parametrize(
    ("beside", "street"),
    [
        ({}, "4 Mill"),
        ({"line": "Box 9", "use": "temp", "safe": "y"}, ""),
        ({"line": "Old Rd 1", "use": "old"}, "4 Mill"),
        ({"line": "Box 9", "use": "home", "safe": "y"}, "Box 9"),
        ({"line": "1 Main", "use": "work", "never": "y"}, "4 Mill"),
    ],
)
def test_what_must_not_be_used_stays_here_and_comes_back_unharmed(
    clinic: Clinic, boss: Desk, tmp_path: Path, beside: dict[str, str], street: str
) -> None:
    maria = clinic.patient(boss, "8841")
    if beside:
        record.add(boss, patient_id=maria, part="address", city="Union", **beside)
    record.add(boss, patient_id=maria, part="address", line="4 Mill", city="Union")
    record.add(boss, patient_id=maria, part="phone", value="201-555-0190", never="y")
    (row,) = [row for row in table(boss, "patients") if row["MRN"] == "8841"]
    assert (row["Street"], row["Mobile Phone"]) == (street, "201-555-0142")
    before = [entry.line for entry in record.load(boss, maria).entries]
    file = tmp_path / "own.csv"
    file.write_bytes(b"".join(export_csv(boss, "patients")))
    assert import_csv(boss, [file])["unchanged"] == 8
    assert [entry.line for entry in record.load(boss, maria).entries] == before


@pytest.mark.parametrize("forbids", [{"never": "y"}, {"may_leave": "nothing"}])
def test_no_letter_no_address(clinic: Clinic, boss: Desk, forbids: dict[str, str]) -> None:
    maria = clinic.patient(boss, "8841")
    record.add(boss, patient_id=maria, part="address", line="4 Mill", city="Union", **forbids)
    assert "4 Mill" not in str(table(boss, "patients"))


def test_restricted_records_go_along_with_a_supervisor_or_a_reason(
    clinic: Clinic, boss: Desk
) -> None:
    patients.edit(boss, patient_id=clinic.patient(boss, "8841"), restricted="yes")
    book(clinic, boss, "8841", 14)
    book(clinic, boss, "10443", 15)
    bill = clinic.desk("boss")
    bill.who = replace(bill.who, role="billing")

    def left(desk: Desk, **more: object) -> list[int]:
        return [len(table(desk, what, **more)) for what in ("patients", "appointments")]

    assert (left(boss), left(bill)) == ([8, 2], [7, 1])
    assert left(bill, reason="claims of November") == [8, 2]
    event = boss.read(events.listing)[0]
    assert json.loads(event.after)["reason"] == "claims of November"
    with pytest.raises(BadUsage, match="Say in a word or two why"):
        export_csv(bill, "patients", reason=" ")

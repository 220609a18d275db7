"""Letters on paper: to the address that may be written to, and no more than may be said there."""

from collections import namedtuple
from pathlib import Path
from typing import Any

import pytest

from pcoord.domain.errors import BadUsage, NotPermitted, Refused
from pcoord.services import booking, confidential, letters, patients, record, steps
from pcoord.services.desk import Desk
from pcoord.store.queries import cards, events
from tests.clinic import Clinic


@pytest.fixture
def maria(desk: Desk, clinic: Clinic) -> str:
    """A patient with a home address where details may be left, and a visit tomorrow at nine."""
    who = clinic.patient(desk, "8841")
    address(desk, who, line="4 Mill Lane", city="Union", may_leave="details")
    book(desk, clinic, who, 9)
    return who


def address(desk: Desk, who: str, **typed: str) -> None:
    record.add(desk, patient_id=who, part="address", **typed)


def book(desk: Desk, clinic: Clinic, who: str, hour: int) -> Any:
    return booking.book(
        desk,
        patient_id=who,
        practitioner_id=desk.clinic.practitioner("LEE").id,
        start=clinic.at(hour, days=1),
        visit_type_id=desk.clinic.visit_type("fu").id,
    )


def test_a_reminder_goes_home_and_is_accounted_for(desk: Desk, maria: str, tmp_path: Path) -> None:
    file = tmp_path / "letter.txt"
    done = letters.print_letter(desk, maria, "reminder", str(file))
    text = file.read_text()
    assert "Maria Luisa Gonzalez\n4 Mill Lane\nUnion\n" in text
    assert "your visit on Wed 25 Nov at 09:00" in text
    assert file.stat().st_mode & 0o777 == 0o600 and done.letter.to == "4 Mill Lane, Union"
    (event,) = [row for row in desk.read(events.listing) if row.action == "letter.print"]
    assert event.patient_id == maria and "Printed a letter (reminder)" in event.said
    (paper,) = patients.card(desk, maria).documents
    assert (paper.kind, paper.title) == ("letter", "Visit reminder")
    assert (paper.sent_on, paper.sent_to) == (desk.today, "4 Mill Lane, Union")
    with pytest.raises(Refused, match="cannot be taken back: Printed a letter"):
        steps.undo_last(desk)
    with pytest.raises(Refused, match="exists already"):
        letters.print_letter(desk, maria, "reminder", str(file))


def test_who_may_only_read_prints_none(
    clinic: Clinic, desk: Desk, maria: str, tmp_path: Path
) -> None:
    file = tmp_path / "letter.txt"
    with pytest.raises(NotPermitted):
        letters.print_letter(clinic.desk("eve"), maria, "reminder", str(file))
    assert not file.exists() and patients.card(desk, maria).documents == ()


def test_a_record_number_of_another_system_names_no_other_folder(
    desk: Desk, maria: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    row: Any = desk.read(cards.patient_row, maria)
    shown = namedtuple("shown", row._fields)(*row)._replace(mrn="../A/1 (x)")  # type: ignore[misc]
    monkeypatch.setattr(cards, "patient_row", lambda *_: shown)
    done = letters.print_letter(desk, maria, "reminder", "")
    assert done.file.parent == tmp_path and done.file.exists()


def test_a_full_disk_leaves_no_part_of_a_letter(desk: Desk, maria: str, tmp_path: Path) -> None:
    with open("/dev/full", "w") as full, pytest.MonkeyPatch.context() as patch:
        patch.setattr("pcoord.services.printing.os.fdopen", lambda *_, **__: full)
        with pytest.raises(Refused, match="cannot be written"):
            letters.print_letter(desk, maria, "reminder", str(tmp_path / "letter.txt"))
    assert not (tmp_path / "letter.txt").exists()


def test_the_safe_address_is_the_only_one(desk: Desk, maria: str) -> None:
    address(desk, maria, line="PO Box 7", city="Union", use="temp", safe="y", may_leave="details")
    assert letters.compose(desk, maria, "recall").to == "PO Box 7, Union"
    entry = next(e for e in record.load(desk, maria).of("address") if "PO Box" in e.line)
    record.change(desk, part="address", part_id=entry.id, never="y")
    with pytest.raises(Refused, match="no address may be written to"):
        letters.compose(desk, maria, "recall")


def test_where_only_a_name_may_be_left_no_visit_is_spoken_of(desk: Desk, maria: str) -> None:
    (entry,) = record.load(desk, maria).of("address")
    record.change(desk, part="address", part_id=entry.id, may_leave="name")
    with pytest.raises(Refused, match="Take one that says no more: unreached"):
        letters.compose(desk, maria, "reminder")
    assert "09:00" not in letters.compose(desk, maria, "unreached").text
    record.change(desk, part="address", part_id=entry.id, may_leave="nothing")
    with pytest.raises(Refused, match="No letter goes to Gonzalez, Maria Luisa"):
        letters.compose(desk, maria, "unreached")


def test_a_confidential_visit_is_in_no_letter(desk: Desk, clinic: Clinic, maria: str) -> None:
    later = book(desk, clinic, maria, 15)
    first = patients.card(desk, maria).next_appointment
    confidential.mark(desk, appointment_id=first.id)
    assert "at 15:00" in letters.compose(desk, maria, "reminder").text
    confidential.mark(desk, appointment_id=later.id)
    with pytest.raises(Refused, match="no visit that this letter may speak of"):
        letters.compose(desk, maria, "reminder")


def test_nothing_is_sent_after_a_death(desk: Desk, maria: str) -> None:
    patients.edit(desk, patient_id=maria, deceased_on="11/20/2026", cancel_visits=True)
    with pytest.raises(Refused, match="recorded as deceased"):
        letters.compose(desk, maria, "unreached")


def test_in_the_patients_language_where_there_is_one(desk: Desk, maria: str) -> None:
    patients.edit(desk, patient_id=maria, language="es")
    assert "Estimad" in letters.compose(desk, maria, "reminder").text
    assert "Dear Maria Luisa" in letters.compose(desk, maria, "reminder", language="en").text
    with pytest.raises(BadUsage, match="there are reminder, missed"):
        letters.compose(desk, maria, "bill")

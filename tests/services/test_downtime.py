"""Downtime on paper: what stands on the sheets, in which files, and who may read them."""

import io
import os
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from pcoord.domain.errors import BadUsage, Refused, Unavailable
from pcoord.domain.text import cell_width
from pcoord.exchange.paper import WIDTH, Column, Paper, Table, as_text
from pcoord.exchange.paper_pdf import MISSING, as_pdf
from pcoord.services import booking, calls, downtime, patients
from pcoord.services.desk import Desk
from pcoord.store.tables import Flag
from tests.clinic import NOW, TODAY, Clinic

SCRIPTS = (
    "Nguyễn Thị Ưỡng",
    "Ђорђевић Щёґї",
    "Παπαδόπουλος Ἀλέξανδρος",
    "בֶּן דוד שלום",
    "محمد رضایی",
    "श्रीमती क्षत्रिय",
    "สมชาย ใจดี",
    "Ådne Łęž Şığ Õim",
)
THANKS = "2026-11-26"


def book(clinic: Clinic, desk: Desk, patient_id: str, hour: int, **more: Any) -> None:
    """Book a follow-up with LEE."""
    values = {
        "practitioner_id": desk.clinic.practitioner("LEE").id,
        "start": clinic.at(hour),
        "visit_type_id": desk.clinic.visit_type("fu").id,
    } | more
    booking.book(desk, patient_id=patient_id, **values)


def texts(folder: Path) -> dict[str, str]:
    """Return the plain text sheets of a folder by name."""
    return {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.txt")}


def test_the_sheets_say_who_comes_and_what_they_need(
    clinic: Clinic, desk: Desk, tmp_path: Path
) -> None:
    kim = clinic.patient(desk, "10443")
    book(clinic, desk, kim, 14, note="knee, second visit")
    desk.store.write(
        desk.who, "test", lambda u: u.insert(Flag, patient_id=kim, kind="latex", text="x")
    )
    book(clinic, desk, clinic.patient(desk, "8841"), 9, start=clinic.at(9, days=1))
    calls.log_call(
        desk,
        phone="201-555-0199",
        caller="somebody new",
        note="wants the results",
        callback_due=clinic.at(16),
        callback_practitioner_id=desk.clinic.practitioner("SHAH").id,
    )
    done = downtime.write(desk, tmp_path / "sheets")
    found = texts(tmp_path / "sheets")
    assert set(found) == {
        "day-2026-11-24.txt",
        "day-2026-11-25.txt",
        f"day-{THANKS}.txt",
        "call-backs.txt",
        "forms.txt",
    }
    today = found["day-2026-11-24.txt"]
    for word in ("Kim, Dana", "10443", "14:00", "01/31/1990", "(201) 555-0155", "fu 15m"):
        assert word in today
    assert "latex" in today and "knee" in today and "Gonzalez" not in today
    assert "Gonzalez, Maria" in found["day-2026-11-25.txt"]
    owed = found["call-backs.txt"]
    assert "somebody new" in owed and "SHAH" in owed and "results" in owed
    for title in ("REGISTRATION", "WALK-IN", "CALL", "RECEIPT"):
        assert title in found["forms.txt"]
    assert (done.visits, done.call_backs, done.warning) == (2, 1, "")
    assert all(cell_width(line) <= WIDTH for text in found.values() for line in text.splitlines())


def test_weekends_are_left_out(clinic: Clinic, tmp_path: Path) -> None:
    clinic.clock.moment = NOW + timedelta(days=3)
    done = downtime.write(clinic.desk("ana"), tmp_path, text_only=True)
    assert [f"{day:%a}" for day in done.days] == ["Fri", "Mon", "Tue"]


def test_only_the_owner_reads_them_and_each_is_replaced_whole(
    clinic: Clinic, desk: Desk, tmp_path: Path
) -> None:
    folder = tmp_path / "sheets"
    folder.mkdir(mode=0o755)
    downtime.write(desk, folder, text_only=True)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    (folder / "day-2026-11-20.pdf").write_text("of last week")
    (folder / ".pcoord-downtime-1.tmp").write_text("half")
    (folder / "notes of ours.txt").write_text("stays")
    before = (folder / "forms.txt").stat().st_ino
    downtime.write(desk, folder, text_only=True)
    names = set(os.listdir(folder))
    assert "day-2026-11-20.pdf" not in names and ".pcoord-downtime-1.tmp" not in names
    assert "notes of ours.txt" in names
    assert (folder / "forms.txt").stat().st_ino != before
    modes = {
        stat.S_IMODE((folder / name).stat().st_mode) for name in texts(folder) if " " not in name
    }
    assert modes == {0o600}


def test_a_folder_with_other_things_in_it_keeps_its_doors(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "home"
    folder.mkdir(mode=0o755)
    (folder / "other.txt").write_text("")
    downtime.write(desk, folder, text_only=True)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o755


def test_the_printing_is_in_the_audit_log(desk: Desk, tmp_path: Path) -> None:
    said = downtime.write(desk, tmp_path, text_only=True).said
    query = "SELECT said FROM audit_event WHERE kind = 'print'"
    assert desk.read(lambda c: c.exec_driver_sql(query).scalars().all()) == [said]


def test_a_place_that_cannot_be_written_is_refused_in_words(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Refused, match="is a file"):
        downtime.write(desk, tmp_path / "file", text_only=True)
    with pytest.raises((Unavailable, Refused)):
        downtime.write(desk, Path("/proc/nowhere"), text_only=True)


def test_sheets_are_written_when_nothing_can_be_recorded(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object, **words: object) -> None:
        raise Unavailable("The disk is full.")

    monkeypatch.setattr(desk.store, "note", full)
    done = downtime.write(desk, tmp_path, text_only=True)
    assert "not in the audit log: The disk is full." in done.warning
    assert "forms.txt" in texts(tmp_path)
    desk.store.read_only = True
    assert "read from here" in downtime.write(desk, tmp_path, text_only=True).warning


def paper(*names: str) -> Paper:
    """Return a sheet with these names."""
    columns = (Column("time", 5), Column("name", 40), Column("needs", 31))
    rows = tuple(("09:00", name, "") for name in names)
    return Paper("day-2026-11-24", "Riverside", "printed", (Table("LEE", columns, rows),))


def printed(pdf: bytes) -> tuple[str, int]:
    """Return the text of a PDF, and its pages."""
    read = PdfReader(io.BytesIO(pdf))
    return "\n".join(page.extract_text() for page in read.pages), len(read.pages)


@pytest.mark.parametrize("name", SCRIPTS)
def test_names_of_every_script_print(name: str) -> None:
    text, _ = printed(as_pdf(paper(name), NOW, letter=True))
    assert MISSING not in text and "09:00" in text
    plain = as_pdf(paper("Smith"), NOW, letter=True)
    assert len(as_pdf(paper(name), NOW, letter=True)) > len(plain)  # glyphs of its own


def test_what_no_font_has_is_said_and_never_a_box() -> None:
    text, _ = printed(as_pdf(paper("李小龍 Lee", "Հայկ"), NOW, letter=False))
    assert f"{MISSING} Lee" in text
    assert "stands for letters that this print has no font for" in text
    assert "day-2026-11-24.txt has them" in text
    assert "李小龍 Lee" in as_text(paper("李小龍 Lee"))


def test_a_file_that_is_no_font_is_refused(tmp_path: Path) -> None:
    wrong = tmp_path / "font.ttf"
    wrong.write_text("no font")
    with pytest.raises(BadUsage, match="is no font"):
        as_pdf(paper("Kim"), NOW, letter=True, fonts=[wrong])


def test_long_days_and_long_words_go_over_pages() -> None:
    names = [f"Name {number} {'ab' * 40}" for number in range(120)]
    text, pages = printed(as_pdf(paper(*names), NOW, letter=True))
    assert pages > 2 and "Name 119" in text and "page 2" in text
    assert max(map(cell_width, as_text(paper(*names)).splitlines())) <= WIDTH


def test_a_day_of_a_clinic_becomes_pdf(clinic: Clinic, desk: Desk, tmp_path: Path) -> None:
    made = patients.register(
        desk, family="Nguyễn", given="Ưỡng", birth_date="3/4/1962", sex="f", phone="201-555-0111"
    )
    assert made.id is not None
    book(clinic, desk, made.id, 14)
    downtime.write(desk, tmp_path)
    text, _ = printed((tmp_path / f"day-{TODAY.isoformat()}.pdf").read_bytes())
    assert "14:00" in text and "(201) 555-0111" in text and MISSING not in text
    text, pages = printed((tmp_path / "forms.pdf").read_bytes())
    assert pages >= 2 and text.count("RECEIPT") == 2

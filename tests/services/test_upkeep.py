"""Backup, restore and check: whole copies, nothing overwritten, and every fault in words."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from pcoord.clock import FixedClock
from pcoord.domain.errors import DeskError, NotFound, NotPermitted, Refused, Unavailable
from pcoord.services import booking, lookup, upkeep
from pcoord.services.desk import Desk
from pcoord.store.engine import parse_address
from tests.clinic import NOW, Clinic

CLOCK = FixedClock(NOW)
sqlite_only = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
postgres_only = pytest.mark.parametrize("engine", ["postgresql"], indirect=True)


@pytest.fixture
def boss(clinic: Clinic) -> Iterator[Desk]:
    """A supervisor's desk with one visit booked."""
    desk = clinic.desk("boss")
    booking.book(
        desk,
        patient_id=clinic.patient(desk, "8841"),
        practitioner_id=desk.clinic.practitioner("LEE").id,
        start=clinic.at(14),
        visit_type_id=desk.clinic.visit_type("fu").id,
    )
    yield desk


def run(desk: Desk, statement: str) -> None:
    """Change the database behind the program's back."""
    desk.store.connection.execute(text(statement))


def problems(desk: Desk) -> list[str]:
    """Return what a check says is wrong; it must say so in `ok` too."""
    told = upkeep.check(desk)
    assert told["ok"] == (not told["problems"])
    return list(told["problems"])


# Backup and restore


@sqlite_only
def test_a_backup_is_whole_and_nobody_elses(boss: Desk, tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        told = upkeep.backup(boss, tmp_path / "copy.db")
    finally:
        os.umask(old)
    file = tmp_path / "copy.db"
    assert told["ok"] and told["bytes"] == file.stat().st_size
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["copy.db"]
    with closing(sqlite3.connect(file)) as copy:
        assert copy.execute("SELECT count(*) FROM appointment").fetchone() == (1,)


@sqlite_only
def test_a_backup_overwrites_nothing(boss: Desk, tmp_path: Path) -> None:
    (tmp_path / "copy.db").write_text("mine")
    with pytest.raises(Refused, match="exists already"):
        upkeep.backup(boss, tmp_path / "copy.db")
    assert (tmp_path / "copy.db").read_text() == "mine"
    with pytest.raises(Unavailable, match="cannot be written"):
        upkeep.backup(boss, tmp_path / "none" / "copy.db")


@sqlite_only
def test_a_restored_clinic_is_as_it_was_and_keeps_the_other(
    clinic: Clinic, boss: Desk, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.db"
    upkeep.backup(boss, copy)
    visit = boss.store.read(lambda c: c.exec_driver_sql("SELECT id FROM appointment").scalar())
    booking.cancel(boss, appointment_id=visit, reason="ill")
    clinic.close()
    told = upkeep.restore(parse_address(clinic.url), copy, CLOCK)
    assert told["said"].startswith("Riverside is back") and "stays as it is" in told["said"]
    again = clinic.desk("boss")
    statuses = "SELECT status FROM appointment"
    assert again.store.connection.exec_driver_sql(statuses).scalar() == "booked"
    with closing(sqlite3.connect(told["kept"])) as kept:
        assert kept.execute(statuses).fetchone() == ("cancelled",)
    assert problems(again) == []
    assert Path(clinic.url).stat().st_mode & 0o777 == 0o600


@sqlite_only
def test_nothing_is_restored_under_an_open_desk(clinic: Clinic, boss: Desk, tmp_path: Path) -> None:
    upkeep.backup(boss, tmp_path / "copy.db")
    with pytest.raises(Refused, match="A desk has this clinic open"):
        upkeep.restore(parse_address(clinic.url), tmp_path / "copy.db", CLOCK)
    assert lookup.find(boss, "gonzalez")
    assert not [p for p in Path(clinic.url).parent.iterdir() if "restor" in p.name]


@sqlite_only
def test_a_damaged_clinic_can_be_replaced(clinic: Clinic, boss: Desk, tmp_path: Path) -> None:
    upkeep.backup(boss, tmp_path / "copy.db")
    clinic.close()
    Path(clinic.url).write_bytes(b"no database at all" * 1000)
    with pytest.raises(Unavailable):
        clinic.desk("boss")
    upkeep.restore(parse_address(clinic.url), tmp_path / "copy.db", CLOCK)
    assert problems(clinic.desk("boss")) == []


@sqlite_only
def test_a_clinic_can_be_brought_to_a_new_place(boss: Desk, tmp_path: Path) -> None:
    upkeep.backup(boss, tmp_path / "copy.db")
    told = upkeep.restore(
        parse_address(str(tmp_path / "new" / "c.db")), tmp_path / "copy.db", CLOCK
    )
    assert told["kept"] is None
    assert "is missing" in told["said"]  # the key is not part of a backup


def _text(file: Path) -> None:
    file.write_text("hello " * 500)


def _newer(file: Path) -> None:
    with closing(sqlite3.connect(file)) as copy, copy:
        copy.execute("UPDATE alembic_version SET version_num = '9999'")


def _damaged(file: Path) -> None:
    data = bytearray(file.read_bytes())
    for at in range(20 * 4096, len(data), 4096):
        data[at : at + 2000] = b"\xff" * 2000
    file.write_bytes(data)


def _other(file: Path) -> None:
    file.unlink()
    with closing(sqlite3.connect(file)) as copy, copy:
        copy.execute("CREATE TABLE t (a)")


def _gone(file: Path) -> None:
    file.unlink()


@sqlite_only
@pytest.mark.parametrize("spoil", [_text, _newer, _damaged, _other, _gone])
def test_what_is_no_clinic_is_not_restored(
    clinic: Clinic, boss: Desk, tmp_path: Path, spoil: object
) -> None:
    upkeep.backup(boss, tmp_path / "copy.db")
    spoil(tmp_path / "copy.db")  # type: ignore[operator]
    clinic.close()
    before = Path(clinic.url).read_bytes()
    with pytest.raises((Unavailable, NotFound)) as refused:
        upkeep.restore(parse_address(clinic.url), tmp_path / "copy.db", CLOCK)
    assert refused.value.sentence.endswith(".")
    assert Path(clinic.url).read_bytes() == before


@sqlite_only
def test_the_clinic_is_no_backup_of_itself(clinic: Clinic, boss: Desk) -> None:
    clinic.close()
    with pytest.raises(Refused, match="the clinic itself"):
        upkeep.restore(parse_address(clinic.url), Path(clinic.url), CLOCK)


@postgres_only
def test_postgres_says_what_to_use(clinic: Clinic, boss: Desk, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="pg_dump"):
        upkeep.backup(boss, tmp_path / "copy.db")
    with pytest.raises(Refused, match="pg_restore"):
        upkeep.restore(parse_address(clinic.url), tmp_path / "copy.db", CLOCK)


def test_only_a_supervisor_may(desk: Desk, tmp_path: Path) -> None:
    for call in (lambda: upkeep.backup(desk, tmp_path / "c.db"), lambda: upkeep.check(desk)):
        with pytest.raises(NotPermitted):
            call()


# Check


def test_a_whole_clinic_has_no_problem(boss: Desk) -> None:
    told = upkeep.check(boss)
    assert told == {
        "ok": True,
        "problems": [],
        "events": told["events"],
        "patients": 8,
        "appointments": 1,
        "said": "Everything is as it must be.",
    }
    assert told["events"] > 50


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("DELETE FROM occupancy WHERE kind = 'patient'", "guard against double booking"),
        ("UPDATE occupancy SET place = 7 WHERE kind = 'practitioner'", "guard"),
        ("DELETE FROM lookup_token WHERE token = 'gonzalez'", "Lookup would miss"),
        ("DELETE FROM lookup_sound WHERE name = 'haddad'", "haddad"),
        ("UPDATE patient SET family = 'Renamed' WHERE family = 'Kim'", "Lookup would miss"),
        ("UPDATE patient SET restricted = true WHERE family = 'Kim'", "show otherwise"),
        ("UPDATE contact_point SET value = '5' WHERE digits LIKE '%0142'", "show otherwise"),
    ],
)
def test_what_is_derived_wrongly_is_found_and_mended(
    boss: Desk, statement: str, words: str
) -> None:
    run(boss, statement)
    (problem,) = problems(boss)
    assert words in problem and "--mend" in problem
    assert upkeep.check(boss, mend=True)["ok"]


def test_visits_that_new_zone_rules_would_move_are_found(boss: Desk) -> None:
    run(boss, "UPDATE appointment SET wall = '2026-11-24 13:00'")
    (problem,) = problems(boss)
    assert "agreed for 2026-11-24 13:00, now 2026-11-24 14:00" in problem


def test_a_double_booking_is_found(clinic: Clinic, boss: Desk) -> None:
    booking.book(
        boss,
        patient_id=clinic.patient(boss, "10443"),
        practitioner_id=boss.clinic.practitioner("LEE").id,
        start=clinic.at(15),
        visit_type_id=boss.clinic.visit_type("fu").id,
    )
    if clinic.url.startswith("postgres"):
        run(boss, "ALTER TABLE appointment DROP CONSTRAINT ex_appointment_practitioner")
    other = "SELECT start_at FROM appointment WHERE wall LIKE '%14:00'"
    run(boss, f"UPDATE appointment SET start_at = ({other}) WHERE wall LIKE '%15:00'")
    said = "\n".join(problems(boss))
    assert "Some providers are booked twice: LEE" in said


def test_a_changed_log_is_found_by_name(boss: Desk) -> None:
    run(boss, "UPDATE audit_event SET said = 'Booked nobody.' WHERE said LIKE 'Booked%'")
    (problem,) = problems(boss)
    assert "of boss at" in problem and "it was changed" in problem


@sqlite_only
def test_records_that_point_at_nothing_are_found(boss: Desk) -> None:
    run(boss, "PRAGMA foreign_keys=OFF")
    run(boss, "UPDATE contact_point SET patient_id = 'nobody' WHERE digits LIKE '%0142'")
    assert any("points at a patient that is not there" in one for one in problems(boss))


@sqlite_only
def test_a_damaged_file_is_told_and_not_a_fault_of_ours(clinic: Clinic, boss: Desk) -> None:
    clinic.close()
    with closing(sqlite3.connect(clinic.url)) as log:
        log.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    whole = Path(clinic.url).read_bytes()
    pages = len(whole) // 4096
    for page in range(30, pages, 7):
        data = bytearray(whole)
        data[page * 4096 : page * 4096 + 3000] = b"\xee" * 3000
        Path(clinic.url).write_bytes(data)
        for beside in ("-wal", "-shm"):
            Path(clinic.url + beside).unlink(missing_ok=True)
        try:
            told = problems(clinic.desk("boss"))
            assert any("restore FILE" in one or "--mend" in one for one in told), (page, told)
        except DeskError as refused:
            assert refused.exit_code == 5
        clinic.close()


@sqlite_only
def test_a_missing_key_is_one_of_the_findings(clinic: Clinic, boss: Desk) -> None:
    clinic.close()
    shutil.move(clinic.url + ".key", clinic.url + ".key.away")
    (problem,) = problems(clinic.desk("boss"))
    assert "audit key" in problem


def test_desks_go_on_during_a_check(clinic: Clinic, boss: Desk, monkeypatch: object) -> None:
    from pcoord.store import check as checks

    ben = clinic.desk("ben")
    looked = checks._occupancy

    def slowly(connection: object, found: object) -> None:
        looked(connection, found)  # type: ignore[arg-type]
        booking.book(
            ben,
            patient_id=clinic.patient(ben, "10444"),
            practitioner_id=ben.clinic.practitioner("ORTIZ").id,
            start=clinic.at(14) + timedelta(days=1),
            visit_type_id=ben.clinic.visit_type("fu").id,
        )

    monkeypatch.setattr(checks, "_occupancy", slowly)  # type: ignore[attr-defined]
    assert problems(boss) == []

"""Databases in trouble: one plain sentence each, nothing half stored, and reading goes on."""

import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy import text

from pcoord.clock import FixedClock
from pcoord.domain.errors import DeskError, Unavailable
from pcoord.services import accounts, booking, day, lookup
from pcoord.services.desk import Desk
from pcoord.store.audit import Who
from pcoord.store.engine import parse_address
from pcoord.store.store import Store
from pcoord.store.unit import Unit
from tests.another_user import NOBODY, as_user
from tests.clinic import NOW, TODAY, Clinic

ROOT = Path(__file__).resolve().parents[2]
CLOCK = FixedClock(NOW)
SQLITE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
POSTGRES = pytest.mark.parametrize("engine", ["postgresql"], indirect=True)


def in_a_sentence(call: Callable[[], object]) -> str:
    """Return the sentence that a call is refused with; it must be plain, short and exit 5."""
    with pytest.raises(Unavailable) as refused:
        call()
    said = refused.value.sentence
    assert refused.value.exit_code == 5
    assert said.endswith(".") and len(said) < 260 and "Error" not in said and "sqlite3" not in said
    return said


def note(desk: Desk, size: int = 10) -> None:
    """Store one event with some text."""

    def body(unit: Unit) -> None:
        unit.event(table_name="patient", record_id="0", after="x" * size)
        unit.say("Noted.")

    desk.store.write(desk.who, "test", body)


def count(desk: Desk) -> int:
    """Return how many events are stored."""
    query = text("SELECT count(*) FROM audit_event")
    return int(desk.read(lambda c: c.execute(query).scalar_one()))


def at_rest(clinic: Clinic) -> Path:
    """Close the clinic, bring its log into the file, and return the file."""
    clinic.close()
    with closing(sqlite3.connect(clinic.url)) as file:
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for beside in ("-wal", "-shm"):
        Path(clinic.url + beside).unlink(missing_ok=True)
    return Path(clinic.url)


# Opening


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    address = parse_address(str(tmp_path / "none.db"))
    assert "pcoord init" in in_a_sentence(lambda: Store.open(address, CLOCK))
    assert not (tmp_path / "none.db").exists()


def test_a_folder_is_no_clinic(tmp_path: Path) -> None:
    address = parse_address(str(tmp_path))
    assert "is a folder" in in_a_sentence(lambda: Store.open(address, CLOCK))


@pytest.mark.parametrize("content", [b"", b"hello", b"hello " * 9000, b"SQLite format 3\0" * 600])
def test_a_file_of_another_kind_is_no_clinic(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.db").write_bytes(content)
    in_a_sentence(lambda: Store.open(parse_address(str(tmp_path / "a.db")), CLOCK))
    assert (tmp_path / "a.db").read_bytes()[:20] == content[:20]


@SQLITE
@pytest.mark.parametrize("left", [0, 100, 4096, 100_000])
def test_a_file_cut_short_is_told(clinic: Clinic, left: int) -> None:
    file = at_rest(clinic)
    os.truncate(file, left)
    try:
        desk = clinic.desk("ana")
        in_a_sentence(lambda: note(desk))
    except DeskError as refused:
        assert refused.exit_code == 5


@SQLITE
def test_a_damaged_page_is_told_and_nothing_is_stored(clinic: Clinic, desk: Desk) -> None:
    root = desk.store.connection.exec_driver_sql(
        "SELECT rootpage FROM sqlite_master WHERE name = 'audit_event'"
    ).scalar_one()
    file = at_rest(clinic)
    with file.open("r+b") as raw:
        raw.seek((root - 1) * 4096)
        raw.write(b"\xff" * 4096)
    desk = clinic.desk("ana")
    assert "damaged" in in_a_sentence(lambda: note(desk))
    assert lookup.find(desk, "gonz")  # what is whole can still be read


# Read-only places


@SQLITE
def test_a_read_only_folder_can_be_read(clinic: Clinic) -> None:
    read_all(clinic.url)  # all that is imported late is imported now
    file = at_rest(clinic)
    for_readers(file)
    assert as_user(NOBODY, lambda: read_all(str(file))) == "3 found, write refused: True, visits: 0"
    assert not Path(clinic.url + "-wal").exists()


@SQLITE
def test_a_read_only_folder_shows_the_last_booking(clinic: Clinic, desk: Desk) -> None:
    booking.book(
        desk,
        patient_id=clinic.patient(desk, "8841"),
        practitioner_id=desk.clinic.practitioner("LEE").id,
        start=clinic.at(14),
        visit_type_id=desk.clinic.visit_type("fu").id,
    )
    read_all(clinic.url)
    assert Path(clinic.url + "-wal").stat().st_size  # the desk is open: it stands in the log
    for_readers(Path(clinic.url))
    said = as_user(NOBODY, lambda: read_all(clinic.url))
    assert said == "3 found, write refused: True, visits: 1"


def read_all(url: str) -> str:
    """Read a clinic with a connection of its own, try to write, and say what came of it."""
    store = Store.open(parse_address(url), CLOCK)
    desk = Desk(store, Who(None, "x", "x", "supervisor", "s", "t"))
    refused = False
    if store.read_only:
        refused = "may only be read" in in_a_sentence(lambda: note(desk))
    store.note(desk.who, "read") if store.read_only else None
    found, visits = len(lookup.find(desk, "gonz")), len(day.load_day(desk, TODAY).visits)
    store.close()
    return f"{found} found, write refused: {refused}, visits: {visits}"


def for_readers(file: Path) -> None:
    """Let everybody read a clinic's folder, and nobody but root write it."""
    for place in (file.parent, *file.parents):
        if len(place.parts) > 2 and place.stat().st_uid == os.getuid():
            place.chmod(place.stat().st_mode | 0o055)
    for one in file.parent.iterdir():
        one.chmod(0o644)


# Full and locked


@contextmanager
def files_at_most(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond a size, as on a full disk."""
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, old[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
        signal.signal(signal.SIGXFSZ, handler)


@SQLITE
def test_a_full_disk_is_told_and_nothing_half_stored(clinic: Clinic, desk: Desk) -> None:
    note(desk)
    before = count(desk)
    wal = Path(clinic.url + "-wal").stat().st_size
    with files_at_most(wal + 50_000):
        in_a_sentence(lambda: note(desk, 200_000))
        assert lookup.find(desk, "gonz")
    assert count(desk) == before
    note(desk)
    assert count(desk) == before + 1 and desk.store.verify().ok


@SQLITE
def test_a_full_database_is_told(desk: Desk) -> None:
    pages = desk.store.connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    desk.store.connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 1}")
    before = count(desk)
    assert "disk is full" in in_a_sentence(lambda: note(desk, 100_000))
    assert count(desk) == before and desk.store.verify().ok


def test_a_full_disk_when_a_clinic_is_made(tmp_path: Path) -> None:
    with files_at_most(30_000):
        in_a_sentence(
            lambda: accounts.make_clinic(
                parse_address(str(tmp_path / "c.db")), CLOCK, name="X", timezone="UTC", admin="a"
            )
        )


@SQLITE
def test_a_file_that_another_program_holds_is_told(clinic: Clinic, desk: Desk) -> None:
    before = count(desk)
    desk.store.connection.exec_driver_sql("PRAGMA busy_timeout=50")
    with closing(sqlite3.connect(clinic.url, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        assert "holds the clinic" in in_a_sentence(lambda: note(desk))
        assert lookup.find(desk, "gonz")
    note(desk)
    assert count(desk) == before + 1


@SQLITE
def test_the_queue_of_writers_refuses_in_words_and_lets_go_later(
    clinic: Clinic, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert desk.store._lock is not None
    assert desk.store._lock.seconds == 5.0
    monkeypatch.setattr(desk.store._lock, "seconds", 0.1)
    other = clinic.desk("ben")
    before = count(desk)
    with other.store._lock.held():  # type: ignore[union-attr]
        assert "kept the clinic's database busy" in in_a_sentence(lambda: note(desk))
    # The wait that was given up must not keep the lock when its turn comes.
    monkeypatch.setattr(other.store._lock, "seconds", 2.0)
    note(other)
    note(desk)
    assert count(desk) == before + 2


@SQLITE
def test_a_lock_that_cannot_be_opened_is_told(clinic: Clinic, desk: Desk) -> None:
    Path(clinic.url + ".lock").unlink()
    Path(clinic.url + ".lock").mkdir()
    assert "lock file" in in_a_sentence(lambda: note(desk))


@SQLITE
def test_a_clinic_that_is_taken_away_meanwhile(clinic: Clinic, desk: Desk) -> None:
    folder = Path(clinic.url).parent
    shutil.move(folder, folder.with_name(folder.name + ".away"))
    try:
        in_a_sentence(lambda: note(desk))
    finally:
        shutil.move(folder.with_name(folder.name + ".away"), folder)
    note(desk)


# kill -9


WRITER = """
import sys
from pcoord.clock import FixedClock
from tests.clinic import NOW, Clinic
desk = Clinic(sys.argv[1], FixedClock(NOW)).desk("ana")
number = 0
while True:
    number += 1
    def body(unit):
        unit.event(table_name="patient", record_id=str(number))
        unit.say(f"Number {number}.")
    desk.store.write(desk.who, "test", body)
    print(number, flush=True)
"""


def test_a_killed_program_loses_nothing_it_confirmed(clinic: Clinic) -> None:
    for _ in range(2):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, clinic.url],
            cwd=ROOT,
            env=dict(os.environ),
            stdout=subprocess.PIPE,
            text=True,
        ) as writer:
            assert writer.stdout
            told = [int(writer.stdout.readline()) for _ in range(40)]
            writer.send_signal(signal.SIGKILL)
            told += [int(line) for line in writer.stdout if line.endswith("\n")]
        desk = clinic.desk("ben")
        stored = desk.read(
            lambda c: c.execute(
                text(
                    "SELECT count(*) FROM audit_event WHERE action = 'test' AND session_id = "
                    "(SELECT session_id FROM audit_event ORDER BY seq DESC LIMIT 1)"
                )
            ).scalar_one()
        )
        assert told[-1] <= stored <= told[-1] + 1
        assert desk.store.verify().ok
        note(desk)


# PostgreSQL


def test_a_server_that_is_away_is_told_without_its_address() -> None:
    address = parse_address("postgresql://someone:secret@127.0.0.1:9/hidden")
    said = in_a_sentence(lambda: Store.open(address, CLOCK))
    assert "cannot be reached" in said
    assert not any(word in said for word in ("secret", "127.0.0.1", "hidden", "someone"))


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("postgresql://someone:secret@127.0.0.1:9/hidden?bogus=1", "address cannot be read"),
        ("postgresql://someone:secret@127.0.0.1:9/hidden?sslmode=x", "address cannot be read"),
        ("postgresql://someone:secret@127.0.0.1:99999/hidden", "address cannot be read"),
        ("postgresql://someone:secret@hidden.invalid/x", "name of the database server"),
    ],
)
def test_an_address_that_no_try_helps_is_told_apart(address: str, words: str) -> None:
    said = in_a_sentence(lambda: Store.open(parse_address(address), CLOCK))
    assert words in said
    assert not any(word in said for word in ("secret", "127.0.0.1", "hidden", "someone"))


@POSTGRES
def test_who_is_not_let_in_is_told_what_to_check(clinic: Clinic) -> None:
    whole = conninfo_to_dict(clinic.url)
    if "password" not in whole:
        pytest.skip("this server lets everybody in")
    for change, words in (
        ({"password": "wrong"}, "does not let this account in"),
        ({"user": "nobody_here"}, "does not let this account in"),
        ({"dbname": "not_there"}, "no database of that name"),
        ({"sslmode": "verify-full"}, "safe line"),
    ):
        address = parse_address(make_conninfo("", **(whole | change)))
        said = in_a_sentence(lambda address=address: Store.open(address, CLOCK))
        assert words in said and str(whole["password"]) not in said


def end_connections(clinic: Clinic, desk: Desk) -> None:
    """Cut the desk's line to the server."""
    pid = desk.store.connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    with psycopg.connect(clinic.url, autocommit=True) as admin:
        admin.execute("SELECT pg_terminate_backend(%s)", (pid,))


@POSTGRES
def test_a_cut_line_is_made_anew(clinic: Clinic, desk: Desk) -> None:
    end_connections(clinic, desk)
    assert lookup.find(desk, "gonz")  # reading again is harmless, so that nobody notices
    before = count(desk)
    end_connections(clinic, desk)
    note(desk)  # nothing had been sent, so that it is harmless to begin again
    assert count(desk) == before + 1


@POSTGRES
@pytest.mark.parametrize("stored", [True, False])
def test_a_line_cut_during_commit_is_looked_up(
    clinic: Clinic, desk: Desk, monkeypatch: pytest.MonkeyPatch, stored: bool
) -> None:
    before = count(desk)
    real = desk.store.connection.exec_driver_sql

    def cut(statement: str, *values: Any) -> object:
        if statement != "COMMIT":
            return real(statement, *values)
        if stored:
            real(statement)
        end_connections(clinic, desk)
        return real("SELECT 1")

    monkeypatch.setattr(desk.store.connection, "exec_driver_sql", cut)
    if stored:
        note(desk)
    else:
        in_a_sentence(lambda: note(desk))
    assert count(desk) == before + stored
    assert desk.store.verify().ok


@POSTGRES
def test_a_database_that_may_only_be_read(clinic: Clinic, desk: Desk) -> None:
    desk.store.connection.execute(text("SET default_transaction_read_only = on"))
    assert "may only be read" in in_a_sentence(lambda: note(desk))


def test_deadlocks_are_run_again(clinic: Clinic, desk: Desk) -> None:
    from sqlalchemy.exc import OperationalError

    class Deadlock(Exception):
        sqlstate = "40P01"

    tries: list[int] = []

    def body(unit: Unit) -> None:
        tries.append(1)
        if len(tries) < 3:
            raise OperationalError("x", None, Deadlock())
        unit.event(table_name="patient", record_id="0")
        unit.say("Noted.")

    before = count(desk)
    desk.store.write(desk.who, "test", body)
    assert len(tries) == 3 and count(desk) == before + 1

"""The demo clinic looks like the middle of a busy day whenever it is made."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from pcoord.clock import FixedClock
from pcoord.domain.errors import BadUsage, Refused
from pcoord.domain.phones import normal
from pcoord.domain.slots import open_spans
from pcoord.services import accounts, booking, day, demo, demo_make, upkeep, views, work_views
from pcoord.services.demo_clinic import session_rows
from pcoord.services.desk import Desk
from pcoord.services.newcomers import FIRST_NUMBER
from pcoord.store.engine import Address, parse_address
from pcoord.store.queries import clinic as clinic_queries
from pcoord.store.queries import schedule
from pcoord.store.store import KEY_VARIABLE, Store

CHICAGO = ZoneInfo("America/Chicago")
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=CHICAGO)
MOMENTS = [
    *(NOON.replace(hour=hour, minute=minute) for hour, minute in ((3, 0), (12, 0), (23, 50))),
    # A Sunday, and the nights on which the clocks go forward and back.
    datetime(2026, 11, 22, 9, 20, tzinfo=CHICAGO),
    datetime(2026, 3, 8, 1, 40, tzinfo=CHICAGO),
    datetime(2026, 3, 8, 8, 0, tzinfo=CHICAGO),
    datetime(2026, 11, 1, 1, 30, tzinfo=CHICAGO),
    datetime(2026, 11, 1, 1, 30, fold=1, tzinfo=CHICAGO),
    datetime(2026, 11, 1, 21, 0, tzinfo=CHICAGO),
]
EVERY_STAGE = {
    *("arrived", "checked-in", "roomed", "with-practitioner", "held", "ready"),
    *("waiting-results", "checking-out"),
}


@pytest.fixture(autouse=True)
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home of its own, in Chicago, with a key file for servers."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TZ", "America/Chicago")
    monkeypatch.delenv(KEY_VARIABLE, raising=False)


@contextmanager
def made(address: Address, moment: datetime, patients: int = 150, seed: int = 1) -> Iterator[Desk]:
    """A desk in a new demo."""
    clock = FixedClock(moment)
    store, who = demo_make.make(
        address, clock, timezone="America/Chicago", admin="kit", patients=patients, seed=seed
    )
    try:
        yield Desk(store, who)
    finally:
        store.close()


def in_file(folder: Path, name: str = "demo.db") -> Address:
    """Return the address of a file."""
    return Address(path=folder / name)


def everything(desk: Desk, *tables: str) -> list[tuple[object, ...]]:
    """Return whole tables."""
    run = desk.store.connection.exec_driver_sql
    return [tuple(row) for table in tables for row in run(f"SELECT * FROM {table} ORDER BY 1")]


@pytest.mark.parametrize("moment", MOMENTS, ids=str)
def test_it_is_the_middle_of_a_full_day(tmp_path: Path, moment: datetime) -> None:
    with made(in_file(tmp_path), moment) as desk:
        board = views.board(desk)
        assert {one["stage"] for one in board} == EVERY_STAGE
        late = [one for one in board if "past limit" in one["flags"]]
        assert {"arrived", "roomed"} <= {one["stage"] for one in late}
        assert any(one["appointment_start"] is None for one in board)
        first, last = desk.now - timedelta(hours=4), desk.now + timedelta(hours=6)
        visits = _between(desk, first, last)
        letters = Counter(day.letter(row) for row in visits)
        assert {*"BCAIRPOHYWDLNXZ"} <= set(letters)
        assert min(row.start_at for row in visits) < desk.now - timedelta(hours=2)
        assert max(row.start_at for row in visits) > desk.now + timedelta(hours=2)
        assert upkeep.check(desk)["problems"] == []


def _between(desk: Desk, first: datetime, last: datetime) -> list[Any]:
    return list(desk.read(schedule.day, first, last))


@pytest.mark.parametrize("moment", MOMENTS, ids=str)
def test_everybody_is_in_for_the_whole_session(tmp_path: Path, moment: datetime) -> None:
    with made(in_file(tmp_path), moment, patients=5) as desk:
        first, last = desk.now - timedelta(hours=4), desk.now + timedelta(hours=6)
        days = sorted({desk.clinic.day_of(first), desk.clinic.day_of(last)})
        ids = [one.id for one in desk.clinic.practitioners]
        hours = desk.read(clinic_queries.hours_of, ids, days[0], days[-1])
        for who in ids:
            spans = [s for on in days for s in open_spans(hours[who], on, desk.clinic.zone)]
            at = first
            for span in sorted(spans):
                at = max(at, span.end) if span.start <= at else at
            assert at >= last


def test_sessions_over_midnight_are_two_rows() -> None:
    moment = datetime(2026, 11, 25, 5, 50, tzinfo=UTC)
    assert session_rows(moment, CHICAGO) == [
        (date(2026, 11, 24), 19 * 60, 24 * 60),
        (date(2026, 11, 25), 0, 6 * 60),
    ]


def test_history_bookings_and_open_work(tmp_path: Path) -> None:
    with made(in_file(tmp_path), NOON) as desk:
        past = _between(desk, desk.now - timedelta(days=200), desk.now - timedelta(days=90))
        ahead = _between(desk, desk.now + timedelta(days=14), desk.now + timedelta(days=40))
        assert len(past) > 20 and len(ahead) > 10
        due = [item["due"] for item in work_views.work(desk, "callbacks")]
        assert len(due) >= 3
        assert due[0] < views.at(desk, desk.now) < due[1]
        lists = {item["list"] for item in work_views.work(desk)}
        assert {"messages", "waitlist", "recalls", "authorizations"} <= lists
        late = desk.read(clinic_queries.late_marks, desk.today)
        assert [minutes for minutes, _ in late.values()] == [25]
        assert day.state(desk).nurse_calls == 0


def test_it_is_a_clinic_to_work_in(tmp_path: Path) -> None:
    with made(in_file(tmp_path), NOON) as desk:
        assert desk.clinic.is_demo and desk.who.username == "kit"
        patient = views.id_of(desk, str(FIRST_NUMBER))
        kind, who = desk.clinic.visit_type("fu"), desk.clinic.practitioner("LEE")
        tuesday = (NOON + timedelta(days=35)).replace(hour=10).astimezone(UTC)
        step = booking.book(
            desk,
            patient_id=patient,
            practitioner_id=who.id,
            start=tuesday,
            visit_type_id=kind.id,
        )
        assert step.said.startswith("Booked ")
        assert demo.counts(desk.store)["patients"] == 150


def test_on_both_engines(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "postgres" in database_url:
        monkeypatch.setenv(KEY_VARIABLE, str(tmp_path / "audit.key"))
    with made(parse_address(database_url), NOON, patients=60) as desk:
        assert {one["stage"] for one in views.board(desk)} == EVERY_STAGE
        assert views.verify(desk)["ok"]
        assert len(views.find(desk, str(FIRST_NUMBER), 5)) == 1


def test_the_same_seed_makes_the_same_clinic(tmp_path: Path) -> None:
    tables = ("patient", "appointment", "encounter_stage", "call", "lookup_token")
    with made(in_file(tmp_path, "a.db"), NOON, 40) as one:
        first = everything(one, *tables)
    with made(in_file(tmp_path, "b.db"), NOON, 40) as two:
        assert everything(two, *tables) == first
    with made(in_file(tmp_path, "c.db"), NOON, 40, seed=2) as three:
        assert everything(three, "patient") != everything(two, "patient")


@pytest.mark.parametrize("patients", [1, 2, 7, 30])
def test_small_demos_are_whole_too(tmp_path: Path, patients: int) -> None:
    with made(in_file(tmp_path), NOON, patients) as desk:
        assert demo.counts(desk.store)["patients"] == patients
        assert upkeep.check(desk)["problems"] == []


@pytest.mark.parametrize("patients", [0, -3, 1_000_001])
def test_impossible_numbers_are_refused(tmp_path: Path, patients: int) -> None:
    with pytest.raises(BadUsage, match="between 1 and 1,000,000"):
        demo_make.make(
            in_file(tmp_path), FixedClock(NOON), timezone="UTC", admin="kit", patients=patients
        )
    assert not (tmp_path / "demo.db").exists()


def test_digits_are_those_of_the_desk(tmp_path: Path) -> None:
    with made(in_file(tmp_path), NOON, 30) as desk:
        run = desk.store.connection.exec_driver_sql
        rows = run("SELECT value, digits FROM contact_point").all()
        assert rows and all(normal(row.value) == row.digits for row in rows)


# Where it lives


def ready(moment: datetime, **more: object) -> tuple[Path, str]:
    """Have the demo of the home folder ready and return its file and what was said."""
    address, said = demo.ready(None, FixedClock(moment), **more)  # type: ignore[arg-type]
    assert address.path is not None
    return address.path, said


def work_in(path: Path, moment: datetime) -> None:
    """Change something in a demo."""
    store = Store.open(Address(path=path), FixedClock(moment))
    who = accounts.sign_in_linked(store)
    assert who is not None
    desk = Desk(store, who)
    accounts.set_role(desk, username="ana", role="read-only")
    store.close()


def patients_in(path: Path) -> int:
    store = Store.open(Address(path=path), FixedClock(NOON))
    try:
        return demo.counts(store)["patients"]
    finally:
        store.close()


def test_it_lives_in_the_users_data_folder_and_is_kept_for_now(tmp_path: Path) -> None:
    path, said = ready(NOON, patients=20)
    assert path == tmp_path / ".local/share/pcoord/demo.db" and said == ""
    assert path.stat().st_mode & 0o777 == 0o600
    assert sorted(one.name for one in path.parent.iterdir()) == ["demo.db", "demo.db.key"]
    before = path.stat().st_ino
    ready(NOON + timedelta(hours=1))
    assert path.stat().st_ino == before


@pytest.mark.parametrize("later", [timedelta(days=1), timedelta(hours=4), timedelta(days=-30)])
def test_an_untouched_demo_is_made_anew_for_now(later: timedelta) -> None:
    path, _ = ready(NOON, patients=20, seed=5)
    before = path.stat().st_ino
    ready(NOON + later)
    assert path.stat().st_ino != before and patients_in(path) == 20


def test_a_demo_somebody_worked_in_is_kept_beside(tmp_path: Path) -> None:
    path, _ = ready(NOON, patients=20)
    work_in(path, NOON)
    assert ready(NOON + timedelta(hours=9))[1] == ""
    _, said = ready(NOON + timedelta(days=1))
    kept = path.with_name("demo-2026-11-24.db")
    assert str(kept) in said
    assert patients_in(kept) == 20
    work_in(path, NOON)
    assert patients_in(path) == 20


def test_another_size_takes_the_place_of_an_untouched_demo_only(tmp_path: Path) -> None:
    path, _ = ready(NOON, patients=20)
    ready(NOON, patients=30)
    assert patients_in(path) == 30
    work_in(path, NOON)
    with pytest.raises(Refused, match="--reset"):
        ready(NOON, patients=20)
    ready(NOON, patients=20, reset=True)
    assert patients_in(path) == 20


def test_another_clinic_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "clinic.db"
    address = Address(path=path)
    store, _ = accounts.make_clinic(
        address, FixedClock(NOON), name="Ours", timezone="UTC", admin="boss"
    )
    store.close()
    before = path.read_bytes()
    with pytest.raises(Refused, match="no demo"):
        demo.ready(address, FixedClock(NOON), reset=True)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("named", "zone"),
    [
        ("Europe/Madrid", "Europe/Madrid"),
        (":Asia/Tokyo", "Asia/Tokyo"),
        ("no/where", None),
        ("../../etc/passwd", None),
    ],
)
def test_the_zone_is_the_machines(
    monkeypatch: pytest.MonkeyPatch, named: str, zone: str | None
) -> None:
    monkeypatch.setenv("TZ", named)
    found = demo.machine_zone()
    assert found == zone if zone else ZoneInfo(found)

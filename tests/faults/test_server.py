"""A PostgreSQL server that dies, and lines that break: nothing confirmed is lost, nothing twice."""

import random
import threading
import time
from collections.abc import Iterator

import pytest

from pcoord.clock import FixedClock
from pcoord.domain.errors import Unavailable, Unknown
from pcoord.services.desk import Desk
from pcoord.store import check, doubt
from pcoord.store.unit import Step
from tests.clinic import NOW, Clinic
from tests.faults import work
from tests.faults.conftest import Tried
from tests.faults.server import Line, MortalServer
from tests.faults.table import rounds


@pytest.fixture
def clinic(server: MortalServer, line: Line) -> Iterator[Clinic]:
    """The clinic over that line."""
    made = Clinic(server.url(line.port), FixedClock(NOW))
    yield made
    made.leave()


@pytest.mark.parametrize("how", ["before", "after"])
def test_a_line_cut_at_commit(
    server: MortalServer, clinic: Clinic, line: Line, tried: Tried, how: str
) -> None:
    times = rounds(200, 10)
    desk = clinic.desk("ana")
    steps = work.steps(clinic, desk, random.randrange(9999), days=3000)
    for told in range(1, times + 1):
        line.cut_at(b"COMMIT", how)
        step = None
        while step is None:
            try:
                step = next(steps)
            except Unavailable:  # it was not stored, and the person presses the key again
                steps = work.steps(clinic, desk, random.randrange(9999), days=3000)
        assert work.stored(desk, desk.who.session_id) == told
        assert desk.store.doubt is None
    assert line.cuts == times
    assert check.check(clinic.desk("boss").store).ok
    what = "before it reached the server" if how == "before" else "before its answer came back"
    tried(
        "server",
        f"line cut at COMMIT, {what}",
        times,
        f"{times} steps told as stored, {times} stored, none twice: each was looked up by its key",
    )


@pytest.mark.parametrize("word", [b"BEGIN", b"INSERT INTO call", b"INSERT INTO audit_event"])
def test_a_line_cut_before_commit_is_not_noticed(
    clinic: Clinic, line: Line, tried: Tried, word: bytes
) -> None:
    times = rounds(50, 5)
    desk = clinic.desk("ana")
    person = clinic.patient(desk, "8841")
    from pcoord.services import calls

    for told in range(1, times + 1):
        line.cut_at(word, ("before", "after")[told % 2])
        calls.log_call(desk, patient_id=person, note="refill")
        assert work.stored(desk, desk.who.session_id) == told
    assert line.cuts == times
    tried(
        "server",
        f"line cut at {word.decode()}",
        times,
        "each step was begun anew on a new line and stored once; nobody noticed",
    )


def test_a_server_killed_under_load(server: MortalServer, tried: Tried) -> None:
    times = rounds(20, 2)
    clinic = Clinic(server.url(), FixedClock(NOW))
    told: dict[str, int] = {}
    unknown: list[str] = []
    refused: list[str] = []
    stop = threading.Event()

    def sit(desk: Desk, seed: int) -> None:
        steps = work.steps(clinic, desk, seed, days=3000)
        told[desk.who.session_id] = 0
        while not stop.is_set():
            try:
                next(steps)
            except Unknown as error:
                unknown.append(error.sentence)
                while (found := _settled(desk)) is True:
                    time.sleep(0.05)
                told[desk.who.session_id] += isinstance(found, Step)
                steps = work.steps(clinic, desk, seed + 1, days=3000)
            except Unavailable as error:
                refused.append(error.sentence)
                steps = work.steps(clinic, desk, seed + 1, days=3000)
            else:
                told[desk.who.session_id] += 1

    sitting = [
        threading.Thread(target=sit, args=(clinic.desk(name), seed))
        for seed, name in enumerate(("ana", "ben", "boss", "ana"))
    ]
    for one in sitting:
        one.start()
    for _ in range(times):
        time.sleep(0.5 + random.random() / 2)
        server.kill()
        time.sleep(random.random() / 2)
        server.start()
    time.sleep(0.5)
    stop.set()
    for one in sitting:
        one.join(60)
    boss = clinic.desk("boss")
    for session, count in told.items():
        assert work.stored(boss, session) == count
    found = check.check(boss.store)
    assert found.ok, found.problems
    clinic.leave()
    tried(
        "server",
        "server killed (-9, all its processes) and started again under four desks at work",
        times,
        f"{sum(told.values()):,} steps confirmed and stored, none lost, none twice; "
        f"{len(refused)} refused in words, {len(unknown)} said to be unknown and then looked up",
    )


def _settled(desk: Desk) -> Step | bool:
    try:
        return desk.store.settle()
    except Unavailable:
        return True


def test_a_step_that_waits_for_the_standby_is_unknown_until_it_is_confirmed(
    server: MortalServer, clinic: Clinic, tried: Tried, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doubt.deadline.__wrapped__, "__defaults__", (0.5,))  # type: ignore[attr-defined]
    desk = clinic.desk("ana")
    desk.store.patience = 0.5
    _standby(server, "away")
    try:
        with pytest.raises(Unknown) as said:
            next(work.steps(clinic, desk, 77, days=3000))
        assert "Not known yet" in said.value.sentence and said.value.exit_code == 5
        assert work.stored(desk, desk.who.session_id) == 0, "nobody sees it yet"
        assert _settled(desk) is True
        with pytest.raises(Unavailable, match="Please wait"):
            next(work.steps(clinic, desk, 78, days=3000))
    finally:
        _standby(server, "")
    assert isinstance(_until_settled(desk), Step)
    assert work.stored(desk, desk.who.session_id) == 1
    tried(
        "server",
        "COMMIT waits for a standby that is away",
        1,
        "said to be unknown after the deadline; reading went on; told as stored once confirmed",
    )


def test_a_wait_for_the_standby_that_was_given_up_is_unknown(
    server: MortalServer, clinic: Clinic, tried: Tried
) -> None:
    desk = clinic.desk("ana")
    desk.store.patience = 0.3
    _standby(server, "away")
    cancel = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
    stop = threading.Event()

    def give_up() -> None:
        while not stop.is_set():
            server.run(cancel)
            time.sleep(0.05)

    cancelling = threading.Thread(target=give_up)
    cancelling.start()
    try:
        with pytest.raises(Unknown):
            next(work.steps(clinic, desk, 79, days=3000))
        assert desk.store.doubt is not None and desk.store.doubt.unconfirmed
        assert _settled(desk) is True
    finally:
        stop.set()
        cancelling.join()
        _standby(server, "")
    assert isinstance(_until_settled(desk), Step)
    assert work.stored(desk, desk.who.session_id) == 1
    tried(
        "server",
        "a wait for the standby given up by hand: the server says success, with warning 01000",
        1,
        "said to be unknown; told as stored when the standby had confirmed a later mark",
    )


def _standby(server: MortalServer, name: str) -> None:
    server.run(f"ALTER SYSTEM SET synchronous_standby_names = '{name}'")
    server.run("SELECT pg_reload_conf()")
    wanted = [(name,)]
    for _ in range(3000):
        if server.run("SHOW synchronous_standby_names") == wanted:
            return
        time.sleep(0.02)
    raise AssertionError("the server did not take it")


def _until_settled(desk: Desk) -> Step | bool:
    for _ in range(2400):
        found = _settled(desk)
        if found is not True:
            return found
        time.sleep(0.05)
    return True

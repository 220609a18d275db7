"""The chains of events: whatever is changed, removed, moved or cut off shows, and where."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, select, text, update

from pcoord.domain.errors import Unavailable
from pcoord.services import lookup
from pcoord.services.desk import Desk
from pcoord.store.audit import Verdict, verify
from pcoord.store.store import KEY_VARIABLE
from pcoord.store.tables import AuditChain, AuditEvent
from pcoord.store.unit import Unit
from tests.clinic import Clinic

_events = AuditEvent.__table__  # type: ignore[attr-defined]
_chains = AuditChain.__table__  # type: ignore[attr-defined]
SEALED = sorted(c.name for c in _events.c if c.name not in {"seq", "transaction"})
HEADS = ("count", "last_mac", "head")


@pytest.fixture
def busy(clinic: Clinic) -> Iterator[Desk]:
    """A desk of a clinic where three sessions have worked in turn."""
    desks = [clinic.desk(name) for name in ("ana", "ben", "ana")]
    for turn in range(4):
        for desk in desks:
            desk.store.write(desk.who, "test", _said(f"Did {turn}."))
            desk.store.note(desk.who, "read", patient_id=clinic.patient(desk, "8841"))
    yield desks[0]


def _said(sentence: str) -> Callable[[Unit], None]:
    def body(unit: Unit) -> None:
        unit.event(table_name="patient", record_id="0", before='{"a":1}', after='{"a":2}')
        unit.say(sentence)

    return body


def spoiled(desk: Desk, spoil: Callable[[Connection], Any]) -> Verdict:
    """Return the verdict after something was done to the log; it is put right again."""
    connection = desk.store.connection
    connection.exec_driver_sql("BEGIN")
    try:
        spoil(connection)
        return verify(connection, desk.store.key)
    finally:
        connection.exec_driver_sql("ROLLBACK")


def numbers(desk: Desk) -> list[int]:
    """Return the numbers of all events."""
    return list(desk.read(lambda c: c.execute(select(_events.c.seq).order_by("seq")).scalars()))


def other(value: Any) -> Any:
    """Return another value of the same kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1000
    if isinstance(value, str):
        return value[:-1] + ("x" if value[-1:] != "x" else "y")
    if value is None:
        return None
    return value.replace(year=2001)


def test_a_busy_clinic_is_whole(busy: Desk) -> None:
    verdict = busy.store.verify()
    assert verdict.ok and verdict.events == len(numbers(busy)) > 24


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_changed_column_of_any_event_shows(busy: Desk, data: st.DataObject) -> None:
    seq = data.draw(st.sampled_from(numbers(busy)))
    name = data.draw(st.sampled_from(SEALED))

    def spoil(connection: Connection) -> None:
        row = connection.execute(select(_events).where(_events.c.seq == seq)).mappings().one()
        value = 7 if row[name] is None and name in {"step", "undoes"} else other(row[name])
        value = "x" if value is None and name not in {"version_before", "version_after"} else value
        value = 99 if value is None else value
        connection.execute(update(_events).where(_events.c.seq == seq).values({name: value}))

    verdict = spoiled(busy, spoil)
    assert not verdict.ok
    if name not in {"session_id", "link", "username", "terminal"}:
        assert f"event {seq} " in str(verdict.first_bad)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_removed_events_show(busy: Desk, data: st.DataObject) -> None:
    gone = data.draw(st.sets(st.sampled_from(numbers(busy)), min_size=1, max_size=5))
    statement = delete(_events).where(_events.c.seq.in_(gone))
    verdict = spoiled(busy, lambda c: c.execute(statement))
    assert "missing" in str(verdict.first_bad)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_two_events_that_change_places_show(busy: Desk, data: st.DataObject) -> None:
    mine = select(_events.c.seq).where(_events.c.session_id == busy.who.session_id)
    own = list(busy.read(lambda c: c.execute(mine.order_by("seq")).scalars()))
    pair = st.lists(st.sampled_from(own), min_size=2, max_size=2, unique=True)
    one, two = data.draw(pair)

    def spoil(connection: Connection) -> None:
        for old, new in ((one, -1), (two, one), (-1, two)):
            connection.execute(update(_events).where(_events.c.seq == old).values(seq=new))

    assert "moved" in str(spoiled(busy, spoil).first_bad)


def test_a_cut_tail_shows(busy: Desk) -> None:
    last = select(_events.c.seq).where(_events.c.session_id == busy.who.session_id)
    seq = busy.read(lambda c: c.execute(last.order_by(_events.c.seq.desc())).scalars().first())
    verdict = spoiled(busy, lambda c: c.execute(delete(_events).where(_events.c.seq == seq)))
    assert verdict.first_bad == "session of ana at tests: 1 event(s) at its end are missing"


def test_a_cut_tail_with_its_head_set_back_shows(busy: Desk) -> None:
    mine = _events.c.session_id == busy.who.session_id
    rows = busy.read(lambda c: c.execute(select(_events).where(mine).order_by("link")).all())

    def spoil(connection: Connection) -> None:
        connection.execute(delete(_events).where(_events.c.seq == rows[-1].seq))
        known = {"count": rows[-2].link, "last_mac": rows[-2].mac}
        chain = _chains.c.session_id == busy.who.session_id
        connection.execute(update(_chains).where(chain).values(known))

    assert "its head was changed" in str(spoiled(busy, spoil).first_bad)


@pytest.mark.parametrize("name", HEADS)
def test_a_changed_head_shows(busy: Desk, name: str) -> None:
    def spoil(connection: Connection) -> None:
        chain = _chains.c.session_id == busy.who.session_id
        row = connection.execute(select(_chains).where(chain)).mappings().one()
        connection.execute(update(_chains).where(chain).values({name: other(row[name])}))

    assert not spoiled(busy, spoil).ok


def test_a_removed_head_or_chain_shows(busy: Desk) -> None:
    mine = busy.who.session_id
    heads = delete(_chains).where(_chains.c.session_id == mine)
    rows = delete(_events).where(_events.c.session_id == mine)
    assert "head is missing" in str(spoiled(busy, lambda c: c.execute(heads)).first_bad)
    assert "at its end are missing" in str(spoiled(busy, lambda c: c.execute(rows)).first_bad)


def test_an_added_event_shows(busy: Desk) -> None:
    def spoil(connection: Connection) -> None:
        row = dict(connection.execute(select(_events).limit(1)).mappings().one())
        connection.execute(_events.insert(), [row | {"seq": 10**6, "link": 10**6}])

    assert not spoiled(busy, spoil).ok


def test_another_key_fits_nothing(busy: Desk) -> None:
    busy.store._key = b"x" * 32
    assert not busy.store.verify().ok


def test_what_is_written_during_a_check_is_no_fault(clinic: Clinic, busy: Desk) -> None:
    from threading import Event, Thread

    over = Event()
    writer = clinic.desk("ben")

    def write() -> None:
        while not over.is_set():
            writer.store.write(writer.who, "test", _said("More."))

    thread = Thread(target=write)
    thread.start()
    try:
        verdicts = [busy.store.verify() for _ in range(15)]
    finally:
        over.set()
        thread.join()
    assert [verdict.first_bad for verdict in verdicts] == [None] * 15
    assert verdicts[-1].events > verdicts[0].events


# The key


def key_file(clinic: Clinic) -> Path:
    """Return where the clinic's key is."""
    named = os.environ.get(KEY_VARIABLE)
    return Path(named) if named else Path(clinic.url + ".key")


def test_without_its_key_a_clinic_can_be_read_but_not_changed(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(KEY_VARIABLE, str(tmp_path / "none.key"))
    desk = clinic.desk("ana")
    assert lookup.find(desk, "gonz")
    for call in (
        lambda: desk.store.write(desk.who, "test", _said("No.")),
        lambda: desk.store.note(desk.who, "read"),
        desk.store.verify,
    ):
        with pytest.raises(Unavailable, match=r"audit key .* is missing") as refused:
            call()
        assert refused.value.exit_code == 5
    count = text("SELECT count(*) FROM audit_event WHERE said = 'No.'")
    assert desk.read(lambda c: c.execute(count).scalar()) == 0


@pytest.mark.parametrize("content", ["", "short", "zz" * 32, "ab" * 4])
def test_a_broken_key_is_a_missing_one(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str
) -> None:
    (tmp_path / "broken.key").write_text(content)
    monkeypatch.setenv(KEY_VARIABLE, str(tmp_path / "broken.key"))
    with pytest.raises(Unavailable, match="missing or not readable"):
        desk.store.write(desk.who, "test", _said("No."))


def test_the_key_of_another_clinic_changes_nothing(
    clinic: Clinic, desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    desk.store.note(desk.who, "read")
    (tmp_path / "other.key").write_text("ab" * 32)
    monkeypatch.setenv(KEY_VARIABLE, str(tmp_path / "other.key"))
    other = clinic.desk("ben")
    for call in (
        lambda: other.store.write(other.who, "test", _said("No.")),
        lambda: other.store.note(other.who, "read"),
    ):
        with pytest.raises(Unavailable, match="another clinic's"):
            call()
    assert desk.store.verify().ok


def test_one_changed_head_locks_nobody_out(clinic: Clinic, busy: Desk) -> None:
    first = select(_chains.c.session_id).order_by("session_id").limit(1).scalar_subquery()
    change = update(_chains).where(_chains.c.session_id == first).values(head="0" * 64)
    connection = busy.store.connection
    connection.exec_driver_sql("BEGIN")
    connection.execute(change)
    connection.exec_driver_sql("COMMIT")
    late = clinic.desk("ben")
    late.store.note(late.who, "read")


def test_the_key_is_its_owners(clinic: Clinic) -> None:
    assert key_file(clinic).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_postgres_needs_a_key_file_before_anything_is_made(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pcoord.clock import FixedClock
    from pcoord.store.engine import connect, parse_address
    from pcoord.store.store import Store
    from tests.clinic import NOW

    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    address = parse_address(database_url)
    with pytest.raises(Unavailable, match=KEY_VARIABLE):
        Store.create(address, FixedClock(NOW))
    with connect(address) as connection:
        tables = text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        assert connection.execute(tables).scalar() == 0

"""Migrations make what the tables declare; older clinics are upgraded, newer ones refused."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from pcoord.clock import FixedClock
from pcoord.domain.errors import Conflict, Unavailable
from pcoord.services import booking
from pcoord.services.desk import Desk
from pcoord.store import schema
from pcoord.store.engine import connect, parse_address
from pcoord.store.store import Store
from pcoord.store.tables import metadata
from tests.clinic import NOW, Clinic

SQLITE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
CLOCK = FixedClock(NOW)

HEAD = schema.HEAD
AFTER = f"{int(HEAD) + 1:04}"
NEXT = '''"""A further step."""
import sqlalchemy as sa
from alembic import op
revision = "{after}"
down_revision = "{head}"
def upgrade() -> None:
    with op.batch_alter_table("patient", recreate="auto") as batch:
        batch.add_column(sa.Column("colour", sa.String(), nullable=True))
    {more}
'''


@pytest.fixture
def newer_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Makes this program one that knows a further migration."""

    def become(more: str = "pass") -> None:
        copy = tmp_path / "migrations"
        shutil.copytree(schema.MIGRATIONS, copy, ignore=shutil.ignore_patterns("__pycache__"))
        step = NEXT.format(head=HEAD, after=AFTER, more=more)
        (copy / "versions" / f"v{AFTER}_next.py").write_text(step)
        monkeypatch.setattr(schema, "MIGRATIONS", copy)
        monkeypatch.setattr(schema, "HEAD", AFTER)

    return become


def open_store(clinic: Clinic) -> Store:
    return Store.open(parse_address(clinic.url), CLOCK)


def columns(store: Store) -> set[str]:
    """Return the columns of the patient table as the database has them."""
    return {column["name"] for column in inspect(store.connection).get_columns("patient")}


def test_the_migrations_make_what_the_tables_declare(desk: Desk) -> None:
    context = MigrationContext.configure(
        desk.store.connection, opts={"compare_type": True, "compare_server_default": True}
    )
    assert compare_metadata(context, metadata) == []


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_the_second_net_and_the_step_numbers_are_there(desk: Desk) -> None:
    query = text(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE conname = 'ex_appointment_practitioner'"
    )
    said = desk.store.connection.execute(query).scalar_one()
    assert said.startswith("EXCLUDE USING gist") and "DEFERRABLE INITIALLY DEFERRED" in said
    assert desk.store.connection.execute(text("SELECT nextval('step_number')")).scalar_one() > 0


def test_lookup_words_are_in_byte_order(desk: Desk) -> None:
    if desk.store.connection.dialect.name == "postgresql":
        query = text(
            "SELECT count(*) FROM information_schema.columns "
            "WHERE table_name IN ('lookup_token', 'lookup_sound') AND collation_name = 'C'"
        )
        assert desk.store.connection.execute(query).scalar_one() == 5


def test_nothing_cascades(desk: Desk) -> None:
    look = inspect(desk.store.connection)
    keys = [key for table in metadata.tables for key in look.get_foreign_keys(table)]
    assert len(keys) > 30
    assert all(not key["options"].get("ondelete") for key in keys)


def test_an_older_clinic_is_upgraded_and_keeps_its_records(
    clinic: Clinic, desk: Desk, newer_program: Callable[..., None]
) -> None:
    count = "SELECT count(*) FROM contact_point"
    before = desk.store.connection.exec_driver_sql(count).scalar()
    clinic.close()
    newer_program()
    store = open_store(clinic)
    assert "colour" in columns(store)
    assert store.connection.exec_driver_sql(count).scalar() == before
    assert schema.version(store.connection) == AFTER
    assert store.verify().ok
    store.close()
    copies = [
        p for p in Path(clinic.url).parent.glob("*before*") if not p.name.endswith(("-wal", "-shm"))
    ]
    if clinic.url.startswith("postgres"):
        assert copies == []
    else:
        (copy,) = copies
        assert copy.name == f"clinic.db.before-{AFTER}-20261124-150000"
        assert copy.stat().st_mode & 0o777 == 0o600
        with closing(sqlite3.connect(copy)) as kept:
            assert kept.execute("SELECT version_num FROM alembic_version").fetchone() == (HEAD,)


def test_an_upgrade_that_fails_leaves_the_clinic_as_it_was(
    clinic: Clinic, desk: Desk, newer_program: Callable[..., None]
) -> None:
    clinic.close()
    newer_program("raise RuntimeError('stop')")
    with pytest.raises(RuntimeError, match="stop"):
        open_store(clinic)
    with connect(parse_address(clinic.url)) as connection:
        assert schema.version(connection) == HEAD
        names = {column["name"] for column in inspect(connection).get_columns("patient")}
        assert "colour" not in names


@SQLITE
def test_an_upgrade_that_would_break_records_is_not_done(
    clinic: Clinic, desk: Desk, newer_program: Callable[..., None]
) -> None:
    clinic.close()
    newer_program("op.execute(\"UPDATE contact_point SET patient_id = 'nobody'\")")
    with pytest.raises(Unavailable, match="would have broken records"):
        open_store(clinic)
    with connect(parse_address(clinic.url)) as connection:
        assert schema.version(connection) == HEAD


def stamp(clinic: Clinic, number: str) -> None:
    """Have the clinic say that it is of another version."""
    with connect(parse_address(clinic.url)) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :n"), {"n": number})


def test_a_newer_clinic_is_refused_in_words(clinic: Clinic) -> None:
    stamp(clinic, AFTER)
    with pytest.raises(Unavailable, match="newer pcoord") as refused:
        open_store(clinic)
    assert refused.value.exit_code == 5


def test_a_clinic_of_no_known_version_is_left_alone(clinic: Clinic) -> None:
    stamp(clinic, "0000")
    with pytest.raises(Unavailable, match="no version that pcoord knows"):
        open_store(clinic)


def test_a_desk_with_old_code_is_told_to_reopen(clinic: Clinic, desk: Desk) -> None:
    stamp(clinic, AFTER)
    before = "SELECT count(*) FROM audit_event"
    events = desk.store.connection.exec_driver_sql(before).scalar()
    for call in (
        lambda: desk.store.note(desk.who, "read"),
        lambda: desk.store.write(desk.who, "test", lambda unit: unit.next_number("x")),
    ):
        with pytest.raises(Unavailable, match="leave and open pcoord again"):
            call()
    assert desk.store.connection.exec_driver_sql(before).scalar() == events


def test_two_programs_may_open_an_older_clinic_at_once(
    clinic: Clinic, desk: Desk, newer_program: Callable[..., None]
) -> None:
    from threading import Thread

    clinic.close()
    newer_program()
    failed: list[BaseException] = []

    def open_it(second: int) -> None:
        try:
            from datetime import timedelta

            clock = FixedClock(NOW + timedelta(seconds=second))
            Store.open(parse_address(clinic.url), clock).close()
        except BaseException as error:
            failed.append(error)

    threads = [Thread(target=open_it, args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert failed == []
    assert "colour" in columns(open_store(clinic))


def test_a_database_without_a_clinic_says_how_to_make_one(
    engine: str, database_url: str, tmp_path: Path
) -> None:
    if engine == "sqlite":
        with closing(sqlite3.connect(database_url)) as made:
            made.execute("CREATE TABLE other (a)")
    else:
        with psycopg.connect(database_url, autocommit=True) as made:
            made.execute("CREATE TABLE other (a int)")
    with pytest.raises(Unavailable, match="pcoord init"):
        Store.open(parse_address(database_url), CLOCK)


def test_a_clinic_is_not_made_where_one_is(clinic: Clinic) -> None:
    from pcoord.domain.errors import DeskError

    with pytest.raises(DeskError, match=r"exists already|a clinic in"):
        Store.create(parse_address(clinic.url), CLOCK)


def test_a_write_after_the_upgrade_goes_through(
    clinic: Clinic, newer_program: Callable[..., None]
) -> None:
    newer_program()
    desk = clinic.desk("ana")
    values = {
        "patient_id": clinic.patient(desk, "8841"),
        "practitioner_id": desk.clinic.practitioner("LEE").id,
        "start": clinic.at(14),
        "visit_type_id": desk.clinic.visit_type("fu").id,
    }
    booking.book(desk, **values)
    with pytest.raises(Conflict):
        booking.book(desk, **values | {"patient_id": clinic.patient(desk, "10443")})

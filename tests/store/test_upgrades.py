"""Clinics of older programs: what they hold is there, whole, after each migration."""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from pcoord.store import schema
from pcoord.store.engine import connect, parse_address
from tests.clinic import NOW

OLD = """
INSERT INTO organization (id, version, entered_in_error, name, timezone, date_order, region,
    language, idle_minutes, day_start_minute, day_end_minute, is_demo)
VALUES ('o', 1, false, 'Riverside', 'America/Chicago', 'mdy', 'US', 'en', 10, 420, 1140, false);
INSERT INTO patient (id, version, entered_in_error, family, given, sex, interpreter, active,
    restricted, text_ok, created_at)
VALUES ('p', 3, false, 'Kim', 'Dana', 'female', false, true, false, true, '2026-01-02 03:04:05');
INSERT INTO contact_point (id, version, entered_in_error, patient_id, system, use, value, digits,
    position, may_leave)
VALUES ('c', 1, false, 'p', 'phone', 'mobile', '201-555-0155', '12015550155', 0, 'nothing');
INSERT INTO flag (id, version, entered_in_error, patient_id, kind, text)
VALUES ('f', 1, false, 'p', 'latex', 'Latex allergy');
INSERT INTO related_person (id, version, entered_in_error, patient_id, family, given, role, scopes)
VALUES ('r', 1, false, 'p', 'Kim', 'Daniel', 'father', 'consent');
INSERT INTO address (id, version, entered_in_error, patient_id, use, line)
VALUES ('a', 1, false, 'p', 'home', '4 Mill Lane');
INSERT INTO audit_event (session_id, link, at, username, terminal, kind, action, patient_id, final,
    mac)
VALUES ('s', 1, '2026-03-05 02:00:00', 'ana', 'tty', 'print', 'letter.print', 'p', false, '');
"""


def at_version(connection: Connection, number: str) -> None:
    """Make the tables as a program of that version did."""
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    connection.exec_driver_sql("BEGIN")
    command.upgrade(config, number)
    connection.exec_driver_sql("COMMIT")


@contextmanager
def upgraded(database_url: str, number: str, rows: str) -> Iterator[Connection]:
    """Give a clinic of that version with these rows, after its upgrade to today's."""
    address = parse_address(database_url)
    if address.path is not None:
        address.path.touch()
    with connect(address) as connection:
        at_version(connection, number)
        connection.exec_driver_sql("BEGIN")
        for statement in filter(str.strip, rows.split(";")):
            connection.exec_driver_sql(statement)
        connection.exec_driver_sql("COMMIT")
        schema.upgrade(connection, address, NOW)
        yield connection


def test_the_first_tables_become_todays_with_careful_defaults(
    engine: str, database_url: str
) -> None:
    with upgraded(database_url, "0001", OLD) as connection:
        assert schema.version(connection) == schema.HEAD
        row = connection.execute(text("SELECT * FROM patient")).mappings().one()
        assert (row["family"], row["version"], row["text_ok"], row["email_ok"]) == ("Kim", 3, 1, 0)
        assert row["text_ok_at"] is None
        phone = connection.execute(text("SELECT may_leave, never FROM contact_point")).one()
        assert tuple(phone) == ("nothing", False)
        flag = connection.execute(text("SELECT text, audience, places FROM flag")).one()
        assert tuple(flag) == ("Latex allergy", "everybody", "card,board")
        home = connection.execute(text("SELECT line, may_leave, safe, never FROM address")).one()
        assert tuple(home) == ("4 Mill Lane", "details", False, False)
        near = connection.execute(text("SELECT scopes, guarantor FROM related_person")).one()
        assert tuple(near) == ("consent", False)
        assert connection.execute(text("SELECT majority_age FROM organization")).scalar() == 18
        letter = connection.execute(text("SELECT patient_id, kind, sent_on FROM document")).one()
        assert tuple(map(str, letter)) == ("p", "letter", "2026-03-04")


SERGEY = """
INSERT INTO patient (id, version, entered_in_error, family, given, sex, interpreter, active,
    restricted, test, text_ok, email_ok, created_at)
VALUES ('p', 1, false, 'Иванов', 'Сергей', 'male', false, true, false, false, false, false,
    '2026-01-02 03:04:05');
INSERT INTO lookup_person (patient_id, clues) VALUES ('p', 'fиванов gсергеи');
"""


def test_names_in_other_scripts_are_found_by_latin_letters_after_the_upgrade(
    engine: str, database_url: str
) -> None:
    with upgraded(database_url, "0014", SERGEY) as connection:
        words = connection.execute(text("SELECT token FROM lookup_token WHERE kind = 'n'"))
        assert set(words.scalars()) >= {"ivanov", "sergey"}

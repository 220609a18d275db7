"""Making, checking and upgrading the tables of a database."""

from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from pcoord.domain.errors import Unavailable
from pcoord.store.copying import copy_into
from pcoord.store.engine import Address

HEAD = "0016"
MIGRATIONS = Path(__file__).parent / "migrations"
_UPGRADE_LOCK = 7_026_001


def version(connection: Connection) -> str | None:
    """Return the migration number a database stands at, None when it has no tables of ours."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


_VERSION = "(SELECT version_num FROM alembic_version)"
_XID = "CAST(CAST(pg_current_xact_id() AS text) AS bigint)"
# One statement each: on PostgreSQL every one of them is a way to the server and back.
_step_on_server = text(f"SELECT {_VERSION}, nextval('step_number'), {_XID}")
_step_in_file = text(f"SELECT {_VERSION}, (SELECT max(seq) FROM audit_event), NULL")
_look_on_server = text(f"SELECT {_VERSION}, 0, {_XID}")
_look_in_file = text(f"SELECT {_VERSION}, 0, NULL")


class Begun(NamedTuple):
    """What a write transaction starts from: its step's number, and PostgreSQL's id of it."""

    step: int
    transaction: int | None


def begin_step(connection: Connection) -> Begun:
    """Return the next step's number; refuse a write as `_demand_current` says."""
    server = connection.dialect.name == "postgresql"
    row = connection.execute(_step_on_server if server else _step_in_file).one()
    _demand_current(row[0])
    return Begun(int(row[1]) if server else int(row[1] or 0) + 1, row[2])


def begin_look(connection: Connection) -> Begun:
    """Begin what changes nothing and takes no number: a look, a search, a sign-in."""
    server = connection.dialect.name == "postgresql"
    row = connection.execute(_look_on_server if server else _look_in_file).one()
    _demand_current(row[0])
    return Begun(0, row[2])


def _demand_current(found: str | None) -> None:
    """Refuse a write when another desk upgraded the database while this one was open."""
    if found != HEAD:
        raise Unavailable(
            "The clinic's database was upgraded by a newer pcoord. Nothing was stored; "
            "please leave and open pcoord again."
        )


def check_age(connection: Connection, address: Address) -> bool:
    """Tell whether the tables are current; refuse those of a newer program or of another one."""
    found = version(connection)
    if found is None:
        raise Unavailable(
            f"There is no clinic in {address}. Make one with `pcoord init`, or try `pcoord demo`."
        )
    if found > HEAD:
        raise Unavailable(
            "This clinic was made by a newer pcoord. Please upgrade pcoord on this machine."
        )
    return found == HEAD


def upgrade(connection: Connection, address: Address, now: datetime) -> Path | None:
    """Bring the tables to the newest form in one transaction; return the backup made before it."""
    copy = _copy_before(connection, address, now)
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if sqlite else "BEGIN")
    try:
        if not sqlite:
            # A large clinic is gone through between two statements: that is no desk that died.
            connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_UPGRADE_LOCK})"))
        _run(connection)
        _refill(connection)
        if sqlite:
            _demand_whole(connection)
        connection.exec_driver_sql("COMMIT")
    except BaseException:
        with suppress(SQLAlchemyError):
            connection.exec_driver_sql("ROLLBACK")
        raise
    finally:
        if sqlite:
            connection.exec_driver_sql("PRAGMA foreign_keys=ON")
    return copy


def _copy_before(connection: Connection, address: Address, now: datetime) -> Path | None:
    """Copy an older SQLite file beside itself; PostgreSQL is backed up by its own means."""
    if address.path is None or version(connection) is None:
        return None
    copy = address.path.with_name(f"{address.path.name}.before-{HEAD}-{now:%Y%m%d-%H%M%S}")
    copy_into(connection, copy)
    return copy


def _run(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise Unavailable(
            "This clinic's tables are of no version that pcoord knows, so they were left alone. "
            "Restore a backup, or open it with the pcoord that made it."
        ) from error


def _refill(connection: Connection) -> None:
    """Write what is derived in a clinic whose patients came from tables of an older form."""
    from pcoord.store import childhood, deceased, lookup_index

    if connection.execute(text("SELECT 1 FROM lookup_person LIMIT 1")).first() is None:
        lookup_index.rebuild(connection)
    else:
        lookup_index.fill_lines(connection)
        lookup_index.find_anew(connection)
    if connection.execute(text("SELECT 1 FROM childhood_grant LIMIT 1")).first() is None:
        childhood.rebuild(connection)
    deceased.rebuild(connection)


def _demand_whole(connection: Connection) -> None:
    if connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise Unavailable("The upgrade would have broken records, so it was not done.")

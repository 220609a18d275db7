"""Clinics to measure on, made once by pcoord's own bulk path and kept under build/bench.

    python -m tests.benchmarks.clinics                  # 20,000 patients, SQLite
    python -m tests.benchmarks.clinics --full           # 1,000,000, 200 practitioners, 5,000 a day
    python -m tests.benchmarks.clinics --full --engine postgresql

prints the address for `pcoord --db`; PostgreSQL runs as long as the command does. A clinic is
made anew when what it was made with has changed.
"""

import argparse
import hashlib
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from psycopg import sql

from pcoord.clock import FixedClock
from pcoord.commands.progress import bar
from pcoord.services import demo, demo_make
from pcoord.store.bulk import insert_many
from pcoord.store.derived import occupancy, occupied_rows
from pcoord.store.engine import parse_address
from pcoord.store.ids import new_id
from pcoord.store.store import KEY_VARIABLE, Store
from pcoord.store.tables import Appointment, Availability, Practitioner
from pcoord.store.unit import Unit
from tests import postgres
from tests.benchmarks import crowd

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ.get("PCOORD_BENCH_FOLDER") or ROOT / "build" / "bench")
ZONE = ZoneInfo("America/Chicago")
# A Tuesday, nine in the morning; the crowded day lies behind the demo's own.
NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
CROWDED = date(2027, 1, 5)
VISIT_MINUTES, FIRST_HOUR = 20, 7
MADE_WITH = (
    *("tests/benchmarks/clinics.py", "tests/benchmarks/crowd.py", "pcoord/domain/names.py"),
    *("pcoord/store/derived.py", "pcoord/store/filling.py", "pcoord/services/demo_register.py"),
    *("pcoord/store/tables/people.py", "pcoord/store/tables/visits.py"),
    *("pcoord/domain/clues.py", "pcoord/store/lookup_index.py"),
)


@dataclass(frozen=True)
class Size:
    """How large a clinic is."""

    patients: int = 20_000
    practitioners: int = 20
    day: int = 500
    seed: int = 1

    def stamp(self) -> str:
        """Name the clinic after its size and what it is made with."""
        told = hashlib.sha256(repr(asdict(self)).encode())
        migrations = sorted((ROOT / "pcoord/store/migrations/versions").glob("v*.py"))
        for path in [*(ROOT / name for name in MADE_WITH), *migrations]:
            told.update(path.read_bytes())
        return f"{self.patients}_{self.practitioners}_{self.day}_{told.hexdigest()[:10]}"


SMALL = Size()
FULL = Size(patients=1_000_000, practitioners=200, day=5_000)


@dataclass(frozen=True)
class Place:
    """A clinic that is there: its address for --db, and the environment that opens it."""

    url: str
    env: dict[str, str]

    def open(self) -> Store:
        """Return its store, at the fixed moment."""
        os.environ.update(self.env)
        return Store.open(parse_address(self.url), FixedClock(NOW))


def sqlite(size: Size) -> Place:
    """Return the SQLite clinic of a size, made now when it is not there."""
    folder = FOLDER / f"sqlite_{size.stamp()}"
    path = folder / "clinic.db"
    if not (folder / "whole").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, mode=0o700)
        make(str(path), size)
        (folder / "whole").touch()
    return Place(str(path), {"PCOORD_NOW": NOW.isoformat()})


@contextmanager
def postgresql(size: Size) -> Iterator[Place]:
    """Give the PostgreSQL clinic of a size for the length of the block, made when not there."""
    key = FOLDER / "postgresql.key"
    FOLDER.mkdir(parents=True, exist_ok=True)
    if not key.exists():
        key.write_text("5e" * 32 + "\n")
        key.chmod(0o600)
    env = {KEY_VARIABLE: str(key), "PCOORD_NOW": NOW.isoformat()}
    name = f"clinic_{size.stamp()}"
    with postgres.running(keep=FOLDER / "postgresql") as server:
        url = server.url(name)
        with psycopg.connect(server.dsn, autocommit=True) as admin:
            if not admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                _make_on_server(admin, server.url(f"{name}_new"), name, size, env)
        yield Place(url, env)


def _make_on_server(
    admin: psycopg.Connection, url: str, name: str, size: Size, env: dict[str, str]
) -> None:
    """Make a database under another name, which it changes when it is whole."""
    new = sql.Identifier(f"{name}_new")
    admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(new))
    admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(new))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION btree_gist")
    os.environ.update(env)
    make(url, size)
    admin.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(new, sql.Identifier(name)))


def make(url: str, size: Size) -> None:
    """Make a clinic of a size at an empty address."""
    started = time.monotonic()
    with bar("patients") as progress:
        store, who = demo_make.make(
            parse_address(url),
            FixedClock(NOW),
            timezone=ZONE.key,
            admin=demo.machine_user(),
            patients=size.patients,
            seed=size.seed,
            crowd=crowd.people,
            progress=progress,
        )
    store.write(who, "bench.make", lambda unit: _crowded_day(unit, size))
    if store.address.path:
        store.connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    took = time.monotonic() - started
    print(f"made {size.patients:,} patients in {took:.0f} s", file=sys.stderr)


def _crowded_day(unit: Unit, size: Size) -> None:
    """Add practitioners, all in every day, and one day that fills them."""
    run = unit.connection.exec_driver_sql
    location = run("SELECT id FROM location ORDER BY position").scalars().first()
    there = run("SELECT id FROM practitioner ORDER BY position").scalars().all()
    new = [_practitioner(n, str(location)) for n in range(len(there), size.practitioners)]
    unit.bulk(Practitioner, new)
    unit.bulk(Availability, [_always(row["id"], str(location)) for row in new])
    everyone = [*map(str, there), *(row["id"] for row in new)][: size.practitioners]
    kind = run("SELECT id FROM visit_type WHERE code = 'fu'").scalars().one()
    query = f"SELECT id FROM patient ORDER BY id LIMIT {size.day}"
    rows = [
        _visit(unit, n, everyone[n % len(everyone)], n // len(everyone), str(patient))
        | {"visit_type_id": kind, "location_id": location}
        for n, patient in enumerate(run(query).scalars().all())
    ]
    unit.bulk(Appointment, rows)
    cells = [cell for row in rows for cell in occupied_rows(row)]
    insert_many(unit.connection, occupancy, cells)
    unit.say(f"Filled {CROWDED} with {len(rows)} visits.", final=True)


def _practitioner(number: int, location: str) -> dict[str, Any]:
    return {
        "id": new_id(),
        "code": f"P{number:03d}",
        "family": crowd.surnames()[0][number],
        "given": crowd.given_names("female")[0][number],
        "role": "family",
        "specialty": "family medicine",
        "location_id": location,
        "position": number,
    }


def _always(practitioner: str, location: str) -> dict[str, Any]:
    return {
        "id": new_id(),
        "practitioner_id": practitioner,
        "location_id": location,
        "kind": "open",
        "weekday": CROWDED.weekday(),
        "start_minute": FIRST_HOUR * 60,
        "end_minute": 19 * 60,
    }


def _visit(unit: Unit, number: int, who: str, nth: int, patient: str) -> dict[str, Any]:
    local = datetime(CROWDED.year, CROWDED.month, CROWDED.day, FIRST_HOUR, tzinfo=ZONE)
    start = (local + timedelta(minutes=VISIT_MINUTES * nth)).astimezone(UTC)
    return {
        "id": new_id(),
        "patient_id": patient,
        "practitioner_id": who,
        "room_id": None,
        "start_at": start,
        "end_at": start + timedelta(minutes=VISIT_MINUTES),
        "zone": ZONE.key,
        "wall": f"{start.astimezone(ZONE):%Y-%m-%d %H:%M}",
        "status": "booked",
        "entered_in_error": False,
        "place": 0,
        "patient_place": 0,
        "note": f"visit {number}",
        "created_at": unit.now,
    }


def main() -> None:
    """Make a clinic, or find it, and print its address."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--full", action="store_true", help="a million patients")
    parser.add_argument("--patients", type=int, help="another number of patients")
    told = parser.parse_args()
    size = FULL if told.full else SMALL
    if told.patients:
        size = Size(told.patients, size.practitioners, size.day)
    if told.engine == "sqlite":
        print(sqlite(size).url)
        return
    with postgresql(size) as place:
        print(f"{KEY_VARIABLE}={place.env[KEY_VARIABLE]}")
        print(place.url, flush=True)
        print("The server runs until Enter.", file=sys.stderr)
        sys.stdin.read(1)


if __name__ == "__main__":
    main()

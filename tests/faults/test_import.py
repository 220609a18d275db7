"""`pcoord import` on a disk that is full and on a clinic that may only be read."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from pcoord import cli
from pcoord.store import check
from tests.clinic import NOW, Clinic
from tests.faults.conftest import Tried
from tests.faults.test_disk import at_rest, small_disk
from tests.faults.work import ROOT

SQLITE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
ROWS = 300
FULL_FROM = """
import os, sys
from pcoord import cli
from tests.faults.disk import FULL, WatchedDisk

left = [int(sys.argv[1])]

def judge(kind, name):
    left[0] -= 1
    return FULL if left[0] < 0 else 0

disk = WatchedDisk()
disk.judge = judge
code = cli.main(sys.argv[2:])
sys.stdout.flush()
os._exit(code)
"""


@pytest.fixture
def file(tmp_path: Path, clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A table of patients for the small clinic, which commands are about."""
    monkeypatch.setenv("PCOORD_NOW", NOW.isoformat())
    monkeypatch.setenv("PCOORD_DB", clinic.url)
    path = tmp_path / "people.csv"
    rows = "".join(
        f"{50_000 + n},Word{n % 40},First{n},19{n % 90 + 10}-01-02,303-555-{n:04d}\n"
        for n in range(ROWS)
    )
    path.write_text("MRN,Last,First,DOB,Cell\n" + rows)
    return path


def whole(clinic: Clinic) -> int:
    """Demand that nothing is wrong and each patient is there in full; return how many came in."""
    store = clinic.desk("boss").store
    assert check.check(store).problems == []
    counts = [
        store.read(lambda c, query=query: c.execute(text(query)).scalar_one())
        for query in (
            "SELECT count(*) FROM identifier WHERE value LIKE '50___'",
            "SELECT count(*) FROM contact_point WHERE digits LIKE '1303555____'",
            "SELECT count(*) FROM audit_event WHERE action = 'import.csv' "
            "AND table_name = 'patient'",
            "SELECT count(*) FROM imported",
        )
    ]
    clinic.close()
    assert len(set(counts)) == 1, counts
    return int(counts[0])


@SQLITE
def test_a_disk_that_fills_up_while_a_file_comes_in(
    clinic: Clinic, file: Path, tried: Tried, capsys: pytest.CaptureFixture[str]
) -> None:
    there, refused = [], 0
    for writes in (0, 40, 150, 400, 1200):
        clinic.close()
        words = [sys.executable, "-c", FULL_FROM, str(writes), "import", "csv", str(file), "--json"]
        done = subprocess.run(words, cwd=ROOT, env=dict(os.environ), capture_output=True, text=True)
        said = done.stderr.splitlines()[-1]
        if done.returncode:
            refused += 1
            assert (done.returncode, done.stdout) == (5, "")
            assert said.startswith("The disk is full.") and "Traceback" not in done.stderr
        there.append(whole(clinic))
        if 0 < there[-1] < ROWS:
            assert f"{there[-1] - (there[-2] if there[:-1] else 0)} rows are in" in said
    assert refused >= 2 and there == sorted(there) and there[0] == 0
    assert cli.main(["import", "csv", str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["read"] == ROWS
    assert whole(clinic) == ROWS
    tried(
        "file",
        "`pcoord import` where the disk is full from the n-th write on, then repeated",
        len(there),
        f"{refused} ended with 5 and a sentence; {there} rows were in, each whole; the file again "
        "brought the rest",
    )


@SQLITE
def test_a_clinic_that_may_only_be_read_takes_no_file(
    clinic: Clinic,
    file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    here = at_rest(clinic)
    with small_disk(tmp_path / "disk", 3_000_000) as disk:
        if disk is None:
            pytest.skip("mounting a small disk needs root")
        for one in (here, here.with_name(here.name + ".key")):
            shutil.copy(one, disk / one.name)
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        monkeypatch.setenv("PCOORD_DB", str(disk / here.name))
        assert cli.main(["find", "gonz"]) == 0
        capsys.readouterr()
        assert cli.main(["import", "csv", str(file)]) == 5
        told = capsys.readouterr()
        assert "may only be read" in told.err.splitlines()[-1] and told.out == ""

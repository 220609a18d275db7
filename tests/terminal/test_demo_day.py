"""A day at the desk in a real terminal: open the demo, book, check in, leave."""

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.terminal.terminal import PATIENCE, Terminal

pytestmark = pytest.mark.terminal
PCOORD = [sys.executable, "-m", "pcoord"]
DRAFTS = "SELECT content FROM draft"
FIVE_PAST = datetime.now(UTC).replace(second=5, microsecond=0).isoformat()
"""A clock that stands, so that no minute passes on the screen."""


MORNING = f"Etc/GMT{datetime.now(UTC).hour - 11:+d}"
"""A zone where it is eleven now: at whatever hour the tests run, somebody is yet to come.

POSIX counts hours behind Greenwich as positive ones.
"""


def make_clinic(home: Path) -> None:
    """Make a demo clinic of four hundred people, where it is about eleven in the morning."""
    ask(home, "demo", "--patients", "400", "--no-open", TZ=MORNING)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty home with a demo clinic of four hundred people."""
    made = tmp_path_factory.mktemp("home")
    make_clinic(made)
    return made


SCREENS = {"f2": "SCHEDULE", "f3": "WAITING ROOM", "f4": "PATIENTS", "f5": "CALLS"}
"""The keys of the main screens, and what stands on top of each."""


def ask(home: Path, *words: str, **env: str):
    """Run a command and return its JSON."""
    done = subprocess.run(
        [*PCOORD, *words, "--json"],
        env={**os.environ, "HOME": str(home), **env},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return json.loads(done.stdout)


def wait_kept(home: Path, text: str) -> None:
    """Wait until a draft with a text is stored; a desk writes it at most a second later."""
    (path,) = home.glob(".local/share/pcoord/*.db")
    end = time.monotonic() + PATIENCE
    with closing(sqlite3.connect(path)) as clinic:
        while not any(text in content for (content,) in clinic.execute(DRAFTS)):
            assert time.monotonic() < end, f"no draft with {text!r}"
            time.sleep(0.05)


def grown_up_to_come(home: Path) -> str:
    """Return the number of an adult who is booked today and not here yet."""
    for visit in ask(home, "day"):
        if visit["status"] == "booked" and visit["stage"] is None:
            born = ask(home, "patient", visit["patient"]["mrn"])["birth_date"]
            if born < f"{datetime.now(UTC).year - 19}":
                return str(visit["patient"]["mrn"])
    raise AssertionError("nobody is booked today")


def test_open_book_check_in_and_leave(home: Path) -> None:
    mrn = grown_up_to_come(home)
    with Terminal([*PCOORD, "demo"], env={"HOME": str(home), "TZ": MORNING}) as desk:
        desk.wait_for("SCHEDULE")
        desk.send("f6")
        desk.type(f"mrn {mrn} +7d fu")
        desk.wait_for("books ")
        desk.send("enter")
        desk.wait_for("Booked ")
        desk.send("f7")
        desk.type(f"mrn {mrn}")
        desk.wait_for(f"MRN {mrn}")
        desk.send("enter")
        desk.wait_for("CHECK IN")
        desk.send("b", "p", "enter")
        desk.wait_for("Checked in ")
        desk.send("f3")
        desk.wait_for("WAITING ROOM")
        desk.send("ctrl+q")
        assert desk.wait_exit() == 0
        # The mouse is never asked for, so that the terminal goes on selecting with it.
        assert re.findall(rb"\x1b\[\?(?:9|100[0-35-7]|101[0-6])[hl]", desk.bytes_since()) == []
    assert mrn in [row["patient"]["mrn"] for row in ask(home, "board")]


def test_a_killed_desk_offers_the_half_typed_call_again(home: Path) -> None:
    with Terminal([*PCOORD, "demo"], env={"HOME": str(home), "TZ": MORNING}) as desk:
        desk.wait_for("SCHEDULE")
        desk.send("ctrl+n")
        desk.wait_for("CALL in")
        desk.type("201-555-0199 somebody new")
        desk.wait_for("somebody new")
        desk.send("enter")
        wait_kept(home, "somebody new")
        desk.kill(signal.SIGKILL)
    with Terminal([*PCOORD], env={"HOME": str(home)}) as desk:
        desk.wait_for("SCHEDULE")
        desk.wait_for("was not saved")
        desk.send("ctrl+n")
        desk.wait_for("somebody new")
        desk.send("esc", "ctrl+q")
        assert desk.wait_exit() == 0


@pytest.mark.parametrize("how", ["--mono", "NO_COLOR"])
def test_no_colour_is_sent_when_none_is_wanted(home: Path, how: str) -> None:
    words = [*PCOORD, "--mono"] if how == "--mono" else PCOORD
    env = {"HOME": str(home)} | ({"NO_COLOR": "1"} if how == "NO_COLOR" else {})
    with Terminal(words, env=env) as desk:
        start = desk.mark()
        desk.wait_for("SCHEDULE")
        for key in ("f3", "f4", "f5", "ctrl+p", "esc", "f1"):
            desk.send(key)
            desk.wait_quiet()
        sent = desk.bytes_since(start).decode(errors="replace")
        desk.send("ctrl+q")
    codes = {code for run in re.findall(r"\x1b\[([0-9;]*)m", sent) for code in run.split(";")}
    assert codes <= {"", "0", "1", "4", "7"}, codes


def test_an_idle_desk_sends_nothing(home: Path) -> None:
    with Terminal(PCOORD, env={"HOME": str(home), "PCOORD_NOW": FIVE_PAST}) as desk:
        desk.wait_for("SCHEDULE")
        for key, title in SCREENS.items():
            desk.send(key)
            desk.wait_for(title)
            desk.wait_quiet(1.0)  # some looks for news of other desks
        desk.send("ctrl+q")


def test_keys_that_arrive_in_one_burst_stay_in_order(home: Path) -> None:
    with Terminal(PCOORD, env={"HOME": str(home)}) as desk:
        desk.wait_for("SCHEDULE")
        desk.wait_quiet()
        desk.type("\x1bOSnovak petra 4/9/1988+\t555-0142000\x1b[Zf")
        desk.wait_for("NEW PATIENT")
        desk.wait_for("Novak")
        desk.wait_for("sex           f")
        desk.wait_for("phones        555-0142000")
        desk.send("esc", "f2")
        desk.wait_for("SCHEDULE")
        desk.type("bzyzzyx")
        desk.wait_for("book> zyzzyx")
        desk.send("esc", "ctrl+q")

"""What a key costs on the line, and what is loaded before the first frame; no time is asserted."""

import json
import os
import re
import subprocess
import sys
import time
import zlib
from pathlib import Path

import pytest

from tests.terminal.terminal import Terminal

pytestmark = pytest.mark.terminal
PCOORD = [sys.executable, "-m", "pcoord"]
NOON = "2026-11-24T12:00:05+00:00"
ANSWERED = 3.0
"""Seconds until a key that sends nothing is taken for that."""
TYPED, MOVED, SWITCHED, DEFLATED = 4_500, 400, 7_000, 1_200
HEAVY = {"sqlalchemy", "sqlmodel", "pydantic", "alembic", "numpy", "phonenumbers", "reportlab"}
HEAVY |= {"psycopg", "jellyfish", "anyascii", "argon2", "pcoord.store", "pcoord.exchange"}

FIRST_FRAME = """
import asyncio, json, sys
from pcoord import app, cli, sitting, terminal

def run(self, **how):
    async def show():
        async with self.run_test(size=(120, 50)) as pilot:
            await pilot.pause()
            sys.stdout.write(json.dumps(sorted(sys.modules)))
    asyncio.run(show())

terminal.refuse_without_terminal = lambda: None
sitting.Sitting.open = lambda self: None
app.PcoordApp.run = run
cli.main(["--db", "/nowhere/clinic.db"])
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a demo clinic that fills every list of a large terminal."""
    made = tmp_path_factory.mktemp("home")
    subprocess.run(
        [*PCOORD, "demo", "--patients", "600", "--no-open"],
        env={**os.environ, "HOME": str(made), "PCOORD_NOW": NOON},
        capture_output=True,
        timeout=300,
        check=True,
    )
    return made


@pytest.fixture(scope="module")
def desk(home: Path):
    """A desk of 120 by 50 on it, every screen shown once."""
    with Terminal(PCOORD, {"HOME": str(home), "PCOORD_NOW": NOON}, cols=120, rows=50) as opened:
        opened.wait_for("SCHEDULE")
        opened.wait_for("MRN")
        for key in ("f3", "f4", "f5", "f2"):
            opened.send(key)
            opened.wait_quiet(0.6)
        yield opened
        opened.send("ctrl+q")


def sent(desk: Terminal, key: str) -> int:
    """Press a key and return how many bytes came."""
    mark = desk.mark()
    desk.send(key)
    # A busy machine may take longer to answer at all than its answer then takes.
    end = time.monotonic() + ANSWERED
    while not desk.bytes_since(mark) and time.monotonic() < end:
        desk.wait_quiet(0.05)
    # In lookup a card comes when the cursor has rested.
    patients = key == "f4" or desk.screen()[0].startswith("PATIENTS")
    desk.wait_quiet(0.5 if patients else 0.25)
    return len(desk.bytes_since(mark))


def test_a_typed_letter_in_lookup(desk: Terminal) -> None:
    desk.send("f4")
    desk.wait_for("PATIENTS")
    desk.wait_quiet(0.5)
    begun = desk.mark()
    costs = {key: sent(desk, key) for key in "mar"}
    costs |= {f"{n} back": sent(desk, "backspace") for n in range(3)}
    costs |= {key: sent(desk, key) for key in "go"}
    assert len(re.findall("MRN|found", "\n".join(desk.screen()))) >= 1
    assert max(costs.values()) <= TYPED, costs
    small = len(zlib.compress(desk.bytes_since(begun))) / len(costs)
    assert small <= DEFLATED, small


@pytest.mark.parametrize("screen", ["f2", "f3", "f4", "f5"])
def test_a_cursor_move(desk: Terminal, screen: str) -> None:
    sent(desk, screen)
    costs = sorted(sent(desk, key) for key in ("down", "down", "up", "down", "up"))
    # Half a page is sent when the cursor leaves the window, and in lookup a card is taken away
    # and another one shown when the cursor has come to rest.
    assert costs[2] <= (MOVED if screen != "f4" else TYPED), costs


def test_going_to_another_screen(desk: Terminal) -> None:
    costs = {key: sent(desk, key) for key in ("f3", "f4", "f5", "f2", "f3", "f5")}
    assert max(costs.values()) <= SWITCHED, costs


def test_opening_the_line_and_typing_in_it(desk: Terminal) -> None:
    sent(desk, "f2")
    costs = {key: sent(desk, key) for key in ("ctrl+p", *"book")}
    sent(desk, "escape")
    assert costs.pop("ctrl+p") <= SWITCHED
    assert max(costs.values()) <= TYPED, costs


def test_what_is_loaded_before_the_first_frame() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FIRST_FRAME], capture_output=True, text=True, timeout=120, check=True
    )
    loaded = set(json.loads(done.stdout))
    assert "pcoord.screens.schedule" in loaded, "no frame was shown"
    assert {name for name in HEAVY if name in loaded} == set()

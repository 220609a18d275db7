"""Bad days at a real terminal: what ends the desk in the middle, and what comes back."""

import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pcoord.clock import SystemClock
from pcoord.store.engine import Address
from pcoord.store.store import Store
from tests.faults.conftest import Tried
from tests.faults.hostile import PAYLOADS, SENT, poison
from tests.faults.table import rounds
from tests.terminal.terminal import Terminal
from tests.terminal.test_demo_day import ask, grown_up_to_come, make_clinic, wait_kept

pytestmark = pytest.mark.terminal
PCOORD = [sys.executable, "-m", "pcoord"]
SAID = "fell from the ladder"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty home with a demo clinic of four hundred people."""
    made = tmp_path_factory.mktemp("home")
    make_clinic(made)
    return made


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    """A home of its own, so that nobody finds another's drafts."""
    return Path(shutil.copytree(made, tmp_path / "home"))


@pytest.fixture
def desk(home: Path) -> Iterator[Terminal]:
    """A desk that is open on its schedule."""
    with Terminal(PCOORD, {"HOME": str(home)}) as opened:
        opened.wait_for("SCHEDULE")
        opened.wait_quiet()
        yield opened


# What is half done, and how it is found again


def begin_call(desk: Terminal, home: Path) -> None:
    desk.send("ctrl+n")
    desk.wait_for("CALL in")
    desk.type("201-555-0199 new caller")
    desk.send("enter")
    desk.wait_for("caller    new caller")
    desk.wait_quiet()
    desk.type(SAID)
    desk.wait_for(SAID)


def call_is_back(desk: Terminal) -> None:
    desk.wait_for("was not saved")
    desk.send("ctrl+n")
    desk.wait_for(SAID)


def begin_line(desk: Terminal, home: Path) -> None:
    desk.send("f6")
    desk.wait_for("book>")
    desk.type(f"mrn {grown_up_to_come(home)} +7d fu")
    desk.wait_for("books ")
    desk.type(f' "{SAID}')
    desk.wait_for(SAID)


def line_is_back(desk: Terminal) -> None:
    desk.wait_for("Not finished: “book mrn")
    desk.send("ctrl+p")
    desk.wait_for(re_line := f'fu "{SAID}')
    assert re_line in desk.wait_for("book> mrn ")
    desk.wait_for("books ")
    desk.send("enter")
    desk.wait_for("Booked ")


def begin_form(desk: Terminal, home: Path) -> None:
    desk.send("f4")
    desk.wait_for("PATIENTS")
    desk.type("novotny petra 4/9/1988")
    desk.wait_for("name name birth date")
    desk.wait_quiet()
    desk.send("+")
    desk.wait_for("NEW PATIENT")
    desk.send("f", "tab")
    desk.type("201-555-0177")
    desk.wait_for("201-555-0177")


def form_is_back(desk: Terminal) -> None:
    desk.wait_for("Not finished: new patient Novotny, Petra.")
    desk.send("ctrl+p")
    desk.wait_for("NEW PATIENT")
    desk.wait_for("phones        201-555-0177")
    desk.wait_for("04/09/1988")


def begin_check_in(desk: Terminal, home: Path) -> None:
    desk.send("f7")
    mrn = grown_up_to_come(home)
    desk.type(f"mrn {mrn}")
    desk.wait_for(f"MRN {mrn}")
    desk.send("enter")
    desk.wait_for("CHECK IN")
    desk.send("b")
    desk.wait_for("[x] b birth date")


def check_in_is_back(desk: Terminal) -> None:
    desk.wait_for("Not finished: check-in of ")
    desk.send("ctrl+p")
    desk.wait_for("[x] b birth date")
    desk.send("p", "enter")
    desk.wait_for("Checked in ")


def throw_call_away(desk: Terminal) -> None:
    desk.wait_quiet()  # the hint of the field must not take the place of the question
    desk.send("ctrl+x")
    desk.wait_for("Throw this call note away")
    desk.send("y")
    desk.wait_gone("outcome")


def save_form(desk: Terminal) -> None:
    """Store it, though others like it are on file by now."""
    desk.send("ctrl+d")
    desk.wait_until(lambda lines: "NEW PATIENT" not in lines[0] or _asks(lines))
    if _asks(desk.screen()):
        desk.send("end", "enter")
    desk.wait_for("PATIENTS")


def take_check_in_back(desk: Terminal) -> None:
    """Leave the same person to come, for the next round."""
    desk.wait_quiet()
    desk.send("u")
    desk.wait_for("Taken back: Checked in ")


def _asks(lines: list[str]) -> bool:
    return any("Is it one of these?" in line for line in lines)


THROWS_AWAY = {"call": throw_call_away, "form": save_form, "check-in": take_check_in_back}
"""Leaving would keep these for later, and the next round would find two."""

Begin = Callable[[Terminal, Path], None]
Back = Callable[[Terminal], None]
HALF_DONE: dict[str, tuple[Begin, Back]] = {
    "call": (begin_call, call_is_back),
    "line": (begin_line, line_is_back),
    "form": (begin_form, form_is_back),
    "check-in": (begin_check_in, check_in_is_back),
}
ENDS: dict[str, tuple[Callable[[Terminal], None], int]] = {
    "kill -9": (lambda desk: desk.kill(signal.SIGKILL), -signal.SIGKILL),
    "SIGHUP": (lambda desk: desk.kill(signal.SIGHUP), 129),
    "SIGTERM": (lambda desk: desk.kill(signal.SIGTERM), 143),
    "SIGQUIT": (lambda desk: desk.kill(signal.SIGQUIT), 131),
    "SIGINT": (lambda desk: desk.kill(signal.SIGINT), 130),
    "closed terminal": (lambda desk: desk.drop(), 129),
}
IN_EVERY_RUN = [
    *(("call", end) for end in ("kill -9", "SIGTERM", "closed terminal")),
    *((what, "kill -9") for what in ("line", "form", "check-in")),
]
AT_LAST = {"call": "SIGHUP", "line": "SIGINT", "form": "SIGQUIT", "check-in": "SIGTERM"}
"""How the last desk of each is ended, when everything is done."""

LAST_TYPED = {"call": SAID, "line": SAID, "form": "201-555-0177", "check-in": "given"}
"""What stands in the draft of each once all of it is kept."""

NAMES = {"call": "a call note", "line": "a booking", "form": "a registration"}


@pytest.mark.parametrize("what", HALF_DONE)
def test_what_was_half_done_is_offered_again(home: Path, tried: Tried, what: str) -> None:
    every = [end for end in ENDS if rounds(2, 1) > 1 or (what, end) in IN_EVERY_RUN]
    times = rounds(5, 1)
    if times > 1:
        for end in every * times:
            _end_in_the_middle(home, what, [end])
    else:
        _end_in_the_middle(home, what, every)
    assert ask(home, "check")["ok"]
    middle = NAMES.get(what, "a check-in")
    tried(
        "terminal",
        f"{', '.join(every)} in the middle of {middle}",
        len(every) * times,
        "the exit code told it, and the next sign-in offered all of it again "
        "(after kill -9: all but the last second)",
    )


def _end_in_the_middle(home: Path, what: str, ends: list[str]) -> None:
    """End the desk with something half done, and again when it was offered, then finish it."""
    begin, is_back = HALF_DONE[what]
    with Terminal(PCOORD, {"HOME": str(home)}) as desk:
        desk.wait_for("SCHEDULE")
        begin(desk, home)
        if ends[0] == "kill -9":
            wait_kept(home, LAST_TYPED[what])  # what came in the last second may be missing then
        _end(desk, ends[0])
    for end in ends[1:]:
        with Terminal(PCOORD, {"HOME": str(home)}) as desk:
            desk.wait_for("SCHEDULE")
            is_back(desk)
            _end(desk, end)
    with Terminal(PCOORD, {"HOME": str(home)}) as again:
        again.wait_for("SCHEDULE")
        is_back(again)
        THROWS_AWAY.get(what, lambda desk: None)(again)
        again.send("esc")
        again.wait_quiet()
        _end(again, AT_LAST[what])


def _end(desk: Terminal, end: str) -> None:
    finish, code = ENDS[end]
    finish(desk)
    assert desk.wait_exit() == code
    if end.startswith("SIG"):
        assert left_on(desk.bytes_since()) == set()


def test_a_frozen_client_costs_nothing_that_was_typed(
    desk: Terminal, home: Path, tried: Tried
) -> None:
    begin_call(desk, home)
    desk.freeze()
    for _ in range(40):
        desk.resize(80, 24)
        desk.resize(100, 30)  # whole frames that nobody reads
        time.sleep(0.03)
    desk.kill(signal.SIGKILL)
    desk.process.wait(60)
    with Terminal(PCOORD, {"HOME": str(home)}) as again:
        again.wait_for("SCHEDULE")
        call_is_back(again)
    tried("terminal", "a client that froze, then kill -9", 1, "all that was typed is offered again")


def test_a_frozen_client_that_goes_away_ends_the_desk(
    desk: Terminal, home: Path, tried: Tried
) -> None:
    begin_call(desk, home)
    desk.freeze()
    for _ in range(40):
        desk.resize(80, 24)
        desk.resize(100, 30)
        time.sleep(0.03)
    desk.drop()
    assert desk.wait_exit() == 129
    with Terminal(PCOORD, {"HOME": str(home)}) as again:
        again.wait_for("SCHEDULE")
        call_is_back(again)
    told = "the desk leaves with 129; all that was typed is offered again"
    tried("terminal", "a client that froze, then went away", 1, told)


# What a desk lives through


def test_a_stopped_desk_goes_on(desk: Terminal, tried: Tried) -> None:
    times = rounds(20, 1)
    for _ in range(times):
        desk.kill(signal.SIGSTOP)
        desk.send("f3")
        time.sleep(0.3)
        desk.kill(signal.SIGCONT)
        desk.wait_for("WAITING ROOM")
        desk.kill(signal.SIGTSTP)
        desk.wait_stopped()  # going on before would leave it stopped for good
        desk.kill(signal.SIGCONT)
        desk.send("f5")
        desk.wait_for("CALLS")
    told = "goes on where it was, with the keys typed meanwhile"
    tried("terminal", "SIGSTOP or SIGTSTP, a key typed, SIGCONT", 2 * times, told)


def test_any_size_of_the_window_is_lived_through(desk: Terminal, tried: Tried) -> None:
    keys = ("f2", "f3", "f4", "f5", "ctrl+p", "esc", "f1", "esc", "ctrl+n", "esc", "f6", "esc")
    sizes = ((20, 5), (1, 1), (3, 2), (400, 200), (80, 24))
    # A wall of a window takes long to draw: in the short runs one screen and one panel get it.
    walls = keys if rounds(2, 1) > 1 else ("f2", "ctrl+p")
    for key in keys:
        desk.send(key)
        for cols, rows in sizes:
            if cols < 400 or key in walls:
                desk.resize(cols, rows)
                time.sleep(0.05)
    desk.send("f3")
    desk.wait_for("WAITING ROOM")
    tried(
        "terminal",
        "the window made 20x5, 1x1, 3x2, 400x200 and 80x24 again, on every screen",
        len(keys) * len(sizes),
        "the desk lives and draws",
    )


PIECE = 4096 if rounds(2, 1) > 1 else 1200


def noise(pieces: int) -> Iterator[bytes]:
    """Every byte but the key that leaves, escapes and bytes that are no UTF-8 in plenty."""
    dice = random.Random(3)
    for _ in range(pieces):
        chosen = (
            dice.choice((0xFF, 0x1B, 0x1B, dice.randrange(256), dice.randrange(32, 127)))
            for _ in range(PIECE)
        )
        yield bytes(byte for byte in chosen if byte != 0x11)


def test_random_bytes_end_nothing(desk: Terminal, tried: Tried) -> None:
    """Anything may come down the line, half sequences and bytes that are no text."""
    pieces = rounds(256, 1)
    for piece in noise(pieces):
        desk.type(piece)
        assert desk.exit_code is None
    # A paste may be open, and a list or a question may lie over the screen.
    desk.type(b"\x1b[201~")
    desk.wait_quiet(1.5, timeout=900)
    patience = time.monotonic() + 600
    while not desk.screen()[0].startswith("WAITING ROOM"):
        # What was no flood is still worked off: many of its keys open a form.
        assert time.monotonic() < patience, desk.picture()
        desk.send("esc")
        desk.wait_quiet(timeout=900)
        desk.send("f3")
        desk.wait_quiet(timeout=900)
    desk.send("ctrl+q")
    assert desk.wait_exit() == 0
    tried("terminal", "a random byte typed, every fifth a 0xFF", pieces * PIECE, "the desk lives")


@pytest.mark.parametrize("key", ["ctrl+p", "f6", "f4", "ctrl+n"])
def test_a_huge_paste_freezes_nothing(desk: Terminal, tried: Tried, key: str) -> None:
    desk.send(key)
    desk.wait_quiet()
    desk.type("\x1b[200~" + "gonzalez " * 22_000 + "\x1b[201~")
    desk.wait_for("gonzalez gonzalez")
    desk.send("esc", "f3")
    desk.wait_for("WAITING ROOM")
    tried("terminal", f"200 kB pasted after {key}", 1, "cut to what a line holds; typing goes on")


def test_a_huge_paste_into_a_note_is_cut_and_said(desk: Terminal, home: Path, tried: Tried) -> None:
    begin_call(desk, home)
    desk.type("\x1b[200~" + "worse since then " * 12_000 + "\x1b[201~")
    desk.wait_for("worse since then worse since then")
    desk.wait_for("65,536")
    desk.send("ctrl+d")
    desk.wait_for("stored")
    note = ask(home, "calls")[0]["note"]
    assert note.startswith(SAID) and len(note) <= 65_536
    told = "cut to 65,536 characters, said so, and stored"
    tried("terminal", "200 kB pasted into a call note", 1, told)


def test_an_unfinished_paste_swallows_nothing(desk: Terminal, tried: Tried) -> None:
    times = rounds(10, 1)
    for _ in range(times):
        desk.send("f2")
        desk.wait_for("SCHEDULE")
        desk.send("f4")
        desk.wait_for("PATIENTS")
        desk.wait_quiet()
        desk.type("\x1b[200~gonz")
        desk.wait_for("find gonz")
        desk.type("a")
        desk.wait_for("find gonza")
        desk.send(*["backspace"] * 5)
        desk.wait_gone("find gonza")
    told = "after a second what was pasted is there, and keys are keys again"
    tried("terminal", "a paste whose end never comes", times, told)


# Terminals, and none


KINDS = ["vt220", "linux", "no-such-terminal"]
if rounds(2, 1) > 1:
    KINDS += ["screen", "tmux-256color", "xterm", "xterm-256color"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_terminal_is_left_as_it_was(home: Path, tried: Tried, kind: str) -> None:
    with Terminal(PCOORD, {"HOME": str(home), "TERM": kind}) as desk:
        desk.wait_for("SCHEDULE")
        desk.send("f3")
        desk.wait_for("WAITING ROOM")
        desk.send("ctrl+q")
        assert desk.wait_exit() == 0
        assert left_on(desk.bytes_since()) == set()
    told = "opens, works, and leaves the terminal as it was"
    tried("terminal", f"TERM={kind}", 1, told)


AT_FIRST = {b"7", b"25"}
"""Private modes that are on when a terminal starts: lines wrap, and the cursor shows."""


def left_on(sent: bytes) -> set[bytes]:
    """Return the modes of a terminal that are not as they were before a program ran."""

    changed: dict[bytes, bool] = {}
    for modes, state in re.findall(rb"\x1b\[\?([0-9;]+)([hl])", sent):
        for mode in modes.split(b";"):
            changed[mode] = state == b"h"
    wrong = {mode for mode, on in changed.items() if on != (mode in AT_FIRST)}
    if sent.count(b"\x1b[>") > sent.count(b"\x1b[<u"):
        wrong.add(b"keyboard protocol")
    styles = re.findall(rb"\x1b\[([0-9;]*)m", sent)
    if styles and styles[-1] not in (b"", b"0"):
        wrong.add(b"style")
    return wrong


@pytest.mark.parametrize("kind", ["dumb", "unknown", ""])
def test_a_terminal_that_cannot_be_drawn_on_is_refused(home: Path, tried: Tried, kind: str) -> None:
    with Terminal(PCOORD, {"HOME": str(home), "TERM": kind}, cols=200) as desk:
        assert desk.wait_exit() == 64
        assert "Set TERM to your terminal's kind" in desk.screen()[0]
        assert b"\x1b" not in desk.bytes_since()
    tried("terminal", f"TERM={kind or '(empty)'}", 1, "refused with 64 in one line")


@pytest.mark.parametrize("words", [[], ["demo"]])
def test_without_a_terminal_one_line_says_so(home: Path, tried: Tried, words: list[str]) -> None:
    done = subprocess.run(
        [*PCOORD, *words],
        env={"HOME": str(home), "PATH": "/usr/bin:/bin", "TERM": "xterm"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 64 and done.stdout == ""
    assert done.stderr.count("\n") == 1 and "needs a terminal" in done.stderr
    typed = " ".join(["pcoord", *words])
    tried("terminal", f"`{typed}` without a terminal", 1, "refused with 64 in one line")


@pytest.mark.parametrize(
    ("locale", "sends", "name"),
    [
        ({"LANG": "C", "LC_ALL": "C"}, "utf-8", "González"),
        ({"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}, "utf-8", "González"),
        ({"PYTHONIOENCODING": "latin-1"}, "latin-1", "González"),
    ],
)
def test_a_locale_of_another_character_set(
    home: Path, tried: Tried, locale: dict[str, str], sends: str, name: str
) -> None:
    with Terminal(PCOORD, {"HOME": str(home), **locale}) as desk:
        desk.wait_for("SCHEDULE")
        desk.send("f4")
        desk.wait_for("PATIENTS")
        mark = desk.mark()
        desk.type("gonzále".encode(sends))
        desk.wait_for("Gonz")
        desk.wait_quiet()
        drawn = desk.bytes_since(mark).decode(sends)
        assert name in drawn and "gonzále" in drawn.replace("\x1b[7m", "").replace("\x1b[0m", "")
        desk.send("ctrl+q")
        assert desk.wait_exit() == 0
    set_to = " ".join(f"{name}={value}" for name, value in locale.items())
    told = f"accents are read and drawn as {sends}"
    tried("terminal", f"a locale of another character set: {set_to}", 1, told)


def test_the_screen_is_on_standard_output_wherever_errors_go(home: Path, tmp_path: Path) -> None:
    errors = tmp_path / "errors"
    words = ["/bin/sh", "-c", f"exec {' '.join(PCOORD)} 2>{errors}"]
    with Terminal(words, {"HOME": str(home)}) as desk:
        desk.wait_for("SCHEDULE")
        desk.send("ctrl+q")
        assert desk.wait_exit() == 0
    assert errors.read_bytes().count(b"\x1b") == 0


def test_the_environment_runs_and_writes_nothing(home: Path, tmp_path: Path, tried: Tried) -> None:
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "evil.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\nclass D: pass\n")
    settings = {
        "PYTHONPATH": str(foreign),
        "TEXTUAL_DRIVER": "evil:D",
        "TEXTUAL": "debug,devtools",
        "TEXTUAL_LOG": str(tmp_path / "typed"),
        "TEXTUAL_SCREENSHOT": "1",
        "TEXTUAL_SCREENSHOT_LOCATION": str(tmp_path),
        "TEXTUAL_PRESS": "ctrl+q",
    }
    with Terminal(PCOORD, {"HOME": str(home), **settings}, cwd=tmp_path) as desk:
        desk.wait_for("SCHEDULE")
        desk.send("f3")
        desk.wait_for("WAITING ROOM")
        desk.send("ctrl+q")
        assert desk.wait_exit() == 0
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == ["foreign", "home"]
    told = "no foreign code ran, nothing typed was written"
    tried("terminal", f"{', '.join(settings)} set to run or write things", len(settings), told)


# A fault of ours, and hostile records, on the real screen


def _store(home: Path) -> Store:
    path = next(home.glob(".local/share/pcoord/*.db"))
    return Store.open(Address(path=path), SystemClock())


def test_a_fault_shows_a_number_and_no_patient(home: Path, tried: Tried) -> None:
    store = _store(home)
    # Behind the foreign keys, as a hand in the file would.
    store.connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
    store.connection.exec_driver_sql("UPDATE encounter_stage SET stage = 'nowhere'")
    names = store.connection.exec_driver_sql("SELECT family FROM patient").scalars().all()
    store.close()
    with Terminal(PCOORD, {"HOME": str(home)}) as desk:
        desk.wait_for("SCHEDULE")
        desk.send("f3")
        assert desk.wait_exit() == 70
        sent = desk.bytes_since()
    said = sent.rpartition(b"\x1b[?1049l")[2].decode()
    assert "incident" in said and "Traceback" not in said
    (log,) = home.glob(".local/state/pcoord/incidents/*.txt")
    assert log.stat().st_mode & 0o777 == 0o600 and log.stem in "".join(said.split())
    told = said + log.read_text(encoding="utf-8")
    assert not [name for name in names if name in told]
    assert left_on(sent) == set()
    tried("terminal", "a fault of ours", 1, "exit 70, a number, a scrubbed log 0600, no patient")


def test_hostile_records_send_nothing_active(home: Path, tried: Tried) -> None:
    store = _store(home)
    store.connection.exec_driver_sql("DELETE FROM draft")
    columns = poison(store, " ".join(text for text in PAYLOADS.values() if len(text) < 1000))
    store.close()
    keys = ("f3", "enter", "esc", "f4", "gonz", "esc", "f5", "v", "v", "v", "enter", "esc")
    keys = (
        *keys,
        "f2",
        "v",
        "v",
        "v",
        "enter",
        "esc",
        "ctrl+p",
        "esc",
        "f6",
        "esc",
        "ctrl+n",
        "esc",
    )
    with Terminal(PCOORD, {"HOME": str(home)}) as desk:
        desk.wait_for("SCHEDULE")
        for key in keys:
            desk.send(key)
            desk.wait_quiet(0.15)
        desk.send("ctrl+q")
        assert desk.wait_exit() == 0
        sent = desk.bytes_since()
    # What asks a terminal to do something has no place in what a desk sends.
    found = SENT.search(sent)
    assert found is None, sent[max(0, found.start() - 60) : found.end() + 60]
    assert left_on(sent) == set()
    assert b"\x1b[4;95;123m" not in sent and b"\x1b[6n" not in sent
    tried(
        "text",
        f"a desk on records with {len(PAYLOADS)} hostile texts in {columns} columns, byte by byte",
        len(keys),
        "not one of their controls was sent",
    )

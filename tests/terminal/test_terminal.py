"""The terminal that other tests drive shows, sends, resizes and ends as a real one does."""

import re
import signal
import sys
from collections.abc import Iterator

import pytest

from tests.terminal.terminal import KEYS, Terminal

pytestmark = pytest.mark.terminal

CURSES = """
import curses, os, signal
told = []
signal.signal(signal.SIGWINCH, lambda *_: told.append(1))  # that of curses now and then misses one
def main(window):
    curses.set_escdelay(25)
    window.timeout(200)
    pressed = []
    while True:
        if told:
            told.clear()
            size = os.get_terminal_size()
            curses.resizeterm(size.lines, size.columns)
        rows, cols = window.getmaxyx()
        window.erase()
        window.addstr(0, 0, f"size {cols}x{rows}")
        window.addstr(1, 0, "keys " + " ".join(pressed))
        window.addstr(rows - 1, 0, "F1 Help")
        window.refresh()
        key = window.getch()
        if key == ord("q"):
            raise SystemExit(3)
        if key != -1:
            pressed.append(curses.keyname(key).decode())
curses.wrapper(main)
"""


def program(text: str) -> list[str]:
    """Return the command that runs a small program."""
    return [sys.executable, "-I", "-c", text]


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    """A curses program that shows its size and the keys it was sent."""
    with Terminal(program(CURSES)) as opened:
        opened.wait_for("F1 Help")
        yield opened


def test_the_screen_shows_what_the_program_drew(terminal: Terminal) -> None:
    lines = terminal.screen()
    assert (len(lines), lines[0], lines[23]) == (24, "size 80x24", "F1 Help")
    assert terminal.cursor == (7, 23)


def test_keys_arrive_by_name_and_text_as_text(terminal: Terminal) -> None:
    terminal.send("f6", "down", "ab", "ctrl+n")
    terminal.wait_for("keys KEY_F(6) KEY_DOWN a b ^N")
    terminal.type("esc")
    terminal.wait_for(re.compile("e s c$"))
    terminal.send("esc")
    assert terminal.wait_for("^[").endswith("e s c ^[")


def test_resizing_reaches_the_program(terminal: Terminal) -> None:
    terminal.resize(100, 30)
    terminal.wait_until(lambda lines: (lines[0], lines[-1]) == ("size 100x30", "F1 Help"))
    assert len(terminal.screen()) == 30


def test_the_bytes_of_one_key_can_be_counted(terminal: Terminal) -> None:
    terminal.wait_quiet(0.1)
    mark = terminal.mark()
    assert terminal.bytes_since(mark) == b""
    terminal.send("x")
    terminal.wait_for("keys x")
    assert 0 < len(terminal.bytes_since(mark)) < 100


def test_the_exit_code_is_told(terminal: Terminal) -> None:
    assert terminal.exit_code is None
    terminal.send("q")
    assert terminal.wait_exit() == 3


def test_a_kill_is_told_by_its_number(terminal: Terminal) -> None:
    terminal.kill()
    assert terminal.wait_exit() == -signal.SIGKILL


def test_waiting_in_vain_shows_the_screen(terminal: Terminal) -> None:
    with pytest.raises(AssertionError, match="size 80x24"):
        terminal.wait_for("Waiting room", timeout=0.1)


def test_the_environment_is_clean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    show = 'import os; print(sorted(os.environ), os.environ["HOME"]); open("/dev/tty").close()'
    with Terminal(program(show), {"PCOORD_NOW": "x"}, cols=200) as opened:
        opened.wait_exit()
        assert "NO_COLOR" not in opened.screen()[0]
        assert "PCOORD_NOW" in opened.screen()[0] and str(opened.home) in opened.screen()[0]
    assert not opened.home.exists()


def test_sequences_without_a_picture_leave_none() -> None:
    silent = r"\x1b[>1u\x1b[?2026$p\x1b[<u\x1bP+q544e\x1b\\\x1b[?u\x1b[1 q\x1b[>4;1m"
    split = f"""
import os, time
for part in b"{silent}Ana \\xc3", b"\\xa9\\x1b[", b"<", b"u!":
    os.write(1, part)
    time.sleep(0.05)
"""
    with Terminal(program(split)) as opened:
        opened.wait_exit()
        assert opened.screen()[0] == "Ana é!"


def test_a_program_that_will_not_end_is_ended() -> None:
    stubborn = """
import signal, time
signal.signal(signal.SIGHUP, signal.SIG_IGN)
print("ready", flush=True)
time.sleep(60)
"""
    opened = Terminal(program(stubborn))
    opened.wait_for("ready")
    opened.close()
    assert opened.exit_code == -signal.SIGKILL


def test_control_letters_have_the_codes_of_a_real_keyboard() -> None:
    assert KEYS["ctrl+i"] == KEYS["tab"] and KEYS["ctrl+m"] == KEYS["enter"]

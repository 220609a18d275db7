"""The terminal's safeguards: environment, refusals, hostile bytes, incidents and hangups."""

import asyncio
import io
import os
import pty
import random
import select
import signal
import stat
import subprocess
import sys
import time
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import pyte
import pytest
from rich.cells import cell_len

from pcoord.terminal import (
    Incident,
    missing_terminal,
    on_hangup,
    prepare_environment,
    record_incident,
    refuse_without_terminal,
    scrubbed_traceback,
    wants_mono,
)
from pcoord.terminal.anchors import anchored
from pcoord.terminal.driver import PASTE_END, PASTE_START, PasteWatch, QuietFile, plain, squeeze
from pcoord.terminal.painted import Painted


def test_textual_variables_are_dropped_and_ours_are_set() -> None:
    environ = {"TEXTUAL_LOG": "/tmp/typed", "TEXTUAL": "debug", "HOME": "/home/ana"}
    prepare_environment(environ)
    assert "TEXTUAL_LOG" not in environ and "TEXTUAL" not in environ
    assert environ["TEXTUAL_FPS"] == "240" and environ["HOME"] == "/home/ana"
    assert environ["ESCDELAY"] == "100"


@pytest.mark.parametrize(
    ("environ", "delay"),
    [
        ({"SSH_TTY": "/dev/pts/3"}, "200"),
        ({"ESCDELAY": "50"}, "50"),
        ({"ESCDELAY": "soon"}, "100"),
        ({"ESCDELAY": "99999"}, "100"),
    ],
)
def test_the_escape_delay_is_longer_over_ssh(environ: dict[str, str], delay: str) -> None:
    prepare_environment(environ)
    assert environ["ESCDELAY"] == delay


def test_importing_the_safeguards_loads_no_textual() -> None:
    code = "import sys, pcoord.terminal; print('textual' in sys.modules or 'rich' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


def test_no_color_counts_only_when_it_says_something() -> None:
    assert wants_mono({"NO_COLOR": "1"})
    assert not wants_mono({"NO_COLOR": ""}) and not wants_mono({})


def test_without_a_terminal_the_desk_says_so_and_leaves_64(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "__stdin__", io.StringIO())
    with pytest.raises(SystemExit) as left:
        refuse_without_terminal()
    assert left.value.code == 64
    assert capsys.readouterr().err.startswith("The desk needs a terminal")


def test_a_dumb_terminal_is_refused_with_what_to_do() -> None:
    main, side = pty.openpty()
    with open(side, closefd=True) as tty:
        assert "Set TERM" in missing_terminal(tty, tty, "dumb")
        assert "Set TERM" in missing_terminal(tty, tty, "")
        assert missing_terminal(tty, tty, "xterm-256color") == ""
    os.close(main)


def _fail() -> None:
    patient = "Gonzalez"
    try:
        raise KeyError(patient)
    except KeyError as error:
        raise ValueError(f"no {patient}") from error


def test_an_incident_names_nobody_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    with pytest.raises(ValueError) as caught:
        _fail()
    incident = record_incident(caught.value, tmp_path / "incidents")
    assert incident.path is not None
    text = incident.path.read_text()
    assert "Gonzalez" not in text and "ValueError" in text and "KeyError" in text
    assert "_fail" in text and incident.number in incident.sentence
    assert stat.S_IMODE(incident.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(incident.path.parent.stat().st_mode) == 0o700


def test_an_incident_that_cannot_be_written_still_has_its_number(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    incident = record_incident(ValueError("x"), blocked)
    assert isinstance(incident, Incident) and incident.path is None
    assert "Details" not in incident.sentence


def test_a_fault_within_a_fault_is_told_once() -> None:
    assert scrubbed_traceback(ValueError("Gonzalez")) == "ValueError (message left out)\n"


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_a_hangup_calls_the_hook_once(number: signal.Signals) -> None:
    called: list[signal.Signals] = []

    async def run() -> None:
        done = asyncio.Event()

        async def hook(seen: signal.Signals) -> None:
            called.append(seen)
            done.set()

        on_hangup(hook)
        os.kill(os.getpid(), number)
        os.kill(os.getpid(), number)
        await asyncio.wait_for(done.wait(), 5)
        await asyncio.sleep(0)
        for each in (signal.SIGHUP, signal.SIGTERM):
            asyncio.get_running_loop().remove_signal_handler(each)

    asyncio.run(run())
    assert called == [number]


def test_a_paste_without_an_end_is_overdue_after_a_second() -> None:
    now = 0.0
    watch = PasteWatch(lambda: now)
    watch.saw(PASTE_START[:3])
    watch.saw(PASTE_START[3:] + "Gonzalez")
    assert not watch.overdue()
    now = 1.5
    assert watch.overdue() and not watch.overdue()
    watch.saw(f"{PASTE_START}x{PASTE_END[:4]}")
    watch.saw(PASTE_END[4:])
    now = 9.0
    assert not watch.overdue()


def test_writing_to_a_dropped_line_is_no_error() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    file = QuietFile(os.fdopen(writer, "w", buffering=1))
    assert file.write("x\n") == 0
    file.flush()


def _drawn(data: str, size: tuple[int, int]) -> list[object]:
    """Return every cell of an emulated terminal that showed the data over old text."""
    return _drawing(size)(data)


def _drawing(size: tuple[int, int]) -> Callable[[str], list[object]]:
    """Return an emulated terminal with old text: it is given data and returns every cell."""
    width, height = size
    screen = pyte.Screen(width, height)
    stream = pyte.Stream(screen)
    stream.feed("\x1b[?7l" + "".join(f"\x1b[{y + 1};1H" + "o" * width for y in range(height)))

    def draw(data: str) -> list[object]:
        stream.feed(data)
        return [screen.buffer[y][x] for y in range(height) for x in range(width)]

    return draw


def test_squeezed_output_looks_the_same() -> None:
    dice = random.Random(7)
    for _ in range(60):
        pieces = []
        for y in sorted(dice.sample(range(10), 6)):
            spans = [_span(dice) for _ in range(4)]
            pieces.append(f"\x1b[{y + 1};{dice.choice([1, 1, 5])}H" + "".join(spans))
        data = "\n".join(pieces) + "\x1b[3;4H"
        assert _drawn(squeeze(data), (100, 10)) == _drawn(data, (100, 10))
        assert len(squeeze(data)) <= len(data)


ROWS = (
    "देवनागरी, राम      02/03/1986  10408 | MRN 7",
    "สมชาย, ใจดี          02/03/1986  10407 | b. 3 Feb",
    "हिन्दी हिन्दी हि…  02/03/1986  10409 | x",
    "Kim, Dina            01/31/1990  10443 | y",
)


@pytest.mark.parametrize("cells", [0, 1])
def test_columns_stand_in_their_place_however_wide_a_vowel_sign_comes_out(
    cells: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def width(character: str) -> int:
        return cells if unicodedata.category(character) in ("Mc", "Mn") else 1

    monkeypatch.setattr(pyte.screens, "wcwidth", width)
    laid_out = [row + " " * (60 - cell_len(row)) for row in ROWS]
    data = "\n".join(
        f"\x1b[{y + 1};1H\x1b[7m{row[:30]}\x1b[0m{row[30:]}" for y, row in enumerate(laid_out)
    )
    drawn = [str(cell[0])[:1] for cell in _drawn(squeeze(anchored(data)), (60, 4))]  # type: ignore[index]
    for y, row in enumerate(laid_out):
        line = "".join(drawn[y * 60 : (y + 1) * 60])
        born = row.index("0", 3)
        assert "o" not in line, "old text shows through"
        assert line.index(row[born : born + 10]) == cell_len(row[:born])
        assert line.index("|") == cell_len(row[: row.index("|")])


def test_output_without_unsure_letters_is_sent_as_it_is() -> None:
    data = "\x1b[1;1HNguyễn, José  山田  الحسن\x1b[2;1H\x1b[1mb\x1b[0m"
    assert anchored(data) is data


def test_the_terminals_own_colours_are_not_asked_for() -> None:
    data = "\x1b[1;39;49ma\x1b[0m\x1b[39;49m b \x1b[0m\x1b[36;49mc\x1b[0m\x1b[38;5;49md\x1b[0m"
    assert plain(data) == "\x1b[1ma\x1b[0m b \x1b[36mc\x1b[0m\x1b[38;5;49md\x1b[0m"
    assert _drawn("\x1b[1;1H" + plain(data), (20, 2)) == _drawn("\x1b[1;1H" + data, (20, 2))


def _picture(dice: random.Random, size: tuple[int, int]) -> str:
    """Return a whole picture as Textual sends it, of few different rows."""
    rows = [f"\x1b[{y + 1};1H" + dice.choice("abc") * size[0] for y in range(size[1])]
    return "\n".join(rows) + f"\x1b[{dice.randrange(size[1]) + 1};3H"


def test_pictures_that_follow_each_other_look_the_same_without_what_stands() -> None:
    dice, size = random.Random(3), (12, 5)
    now = 0.0
    painted = Painted(lambda: now)
    whole, lean = _drawing(size), _drawing(size)
    sent = needed = 0
    for _ in range(200):
        now += dice.choice([0.1, 0.1, 0.1, 3.0])
        part = f"\x1b[{dice.randrange(5) + 1};{dice.randrange(8) + 1}Hxyz\x1b[1;1H"
        data = dice.choice([_picture(dice, size), _picture(dice, size), part])
        less = painted.lean(data, size)
        assert lean(less) == whole(data)
        sent, needed = sent + len(data), needed + len(less)
    assert needed < 0.9 * sent


def test_a_picture_is_sent_whole_after_a_while_a_new_size_and_a_wiped_screen() -> None:
    now = 0.0
    painted = Painted(lambda: now)
    data = _picture(random.Random(1), (12, 5))
    assert painted.lean(data, (12, 5)) == data
    assert len(painted.lean(data, (12, 5))) < 10
    now = 2.5
    assert painted.lean(data, (12, 5)) == data
    painted.forget()
    assert painted.lean(data, (12, 5)) == data
    painted.lean("\x1b[2J", (12, 5))
    assert painted.lean(data, (12, 5)) == data
    painted.lean(data, (12, 4))
    assert painted.lean(data, (12, 5)) == data


def _span(dice: random.Random) -> str:
    text = dice.choice(["Kim", "x", ""]) + " " * dice.randrange(20)
    style = dice.choice(["", "", "7", "1;4"])
    return f"\x1b[{style}m{text}\x1b[0m" if style else text


DESK = """
import contextlib, os
from pcoord.terminal import prepare_environment
prepare_environment()
from textual.app import App
from pcoord.terminal.driver import SafeDriver, fatal
from pcoord.widgets.row_list import RowList

class Desk(App):
    ENABLE_COMMAND_PALETTE = False
    def compose(self):
        self.list = RowList((), query=True)
        yield self.list
    def on_mount(self):
        self.list.focus()
    def key_f6(self):
        raise KeyError("Gonzalez")
    def _handle_exception(self, error):
        fatal(self, error)

app = Desk(driver_class=SafeDriver)
app.run(mouse=False)
with contextlib.suppress(OSError):
    os.write(1, f"typed: {app.list.text!a}".encode())
raise SystemExit(app.return_code)
"""


class Line:
    """A person's end of a line to a small desk."""

    def __init__(self, home: Path) -> None:
        pid, self.fd = pty.fork()
        if pid == 0:
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
            settings = {"TERM": "xterm-256color", "XDG_STATE_HOME": str(home)}
            os.execve(sys.executable, [sys.executable, "-c", DESK], os.environ | settings)
        self.pid = pid
        self.shown = ""

    def send(self, data: bytes, wait_for: str) -> None:
        """Send bytes and read until the text has come."""
        os.write(self.fd, data)
        self.read(wait_for)

    def read(self, wait_for: str) -> None:
        end = time.monotonic() + 120
        while wait_for not in self.shown and time.monotonic() < end:
            if select.select([self.fd], [], [], 0.1)[0]:
                try:
                    self.shown += os.read(self.fd, 65536).decode(errors="replace")
                except OSError:
                    break
        assert wait_for in self.shown, self.shown[-2000:]

    def hang_up(self) -> None:
        """Let the line drop."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def code(self) -> int:
        """Return how the desk left."""
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    line = Line(tmp_path)
    line.read("Nothing here.")
    yield line
    line.hang_up()


@pytest.mark.terminal
def test_bytes_that_are_no_text_and_a_paste_without_end_swallow_nothing(line: Line) -> None:
    line.send(b"\xffa", "a\x1b[7m")
    line.send(b"\x1b[200~bc", "abc\x1b[7m")
    line.send(b"d", "abcd\x1b[7m")
    line.send(b"\x11", "typed: '\\ufffdabcd'")
    assert line.code() == 0
    assert "?1004h" not in line.shown


@pytest.mark.terminal
def test_a_line_that_drops_ends_the_desk(line: Line) -> None:
    line.hang_up()
    assert line.code() == 129


@pytest.mark.terminal
def test_a_fault_shows_a_number_and_no_name(line: Line) -> None:
    line.send(b"\x1b[17~", "incident")
    line.read("typed:")
    assert line.code() == 70
    assert "Gonzalez" not in line.shown and "Traceback" not in line.shown

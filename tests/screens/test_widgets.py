"""The widgets keep the cursor where it was, send only what changed, and draw nothing hostile."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult
from textual.color import Color
from textual.containers import Vertical
from textual.message import Message
from textual.widget import Widget

from pcoord.terminal.driver import squeeze
from pcoord.widgets.card import Card
from pcoord.widgets.day_grid import Block, DayGrid, DaySpan, GridColumn
from pcoord.widgets.entry import Entry
from pcoord.widgets.filters import line_filters
from pcoord.widgets.form import Field, Form
from pcoord.widgets.key_footer import KeyFooter
from pcoord.widgets.key_rows import Choice, KeyRow
from pcoord.widgets.line_view import NamedLine, OneLine
from pcoord.widgets.notice import Notice
from pcoord.widgets.paint import wrapped
from pcoord.widgets.picker import Candidate, Picker
from pcoord.widgets.row_list import Column, Row, RowList
from pcoord.widgets.status_line import StatusLine
from pcoord.widgets.theme import NAME, desk_theme
from pcoord.widgets.week_lines import WeekLine, WeekLines
from tests.screens.driver import Driver

HOSTILE = "Ann [/bold] [@click=app.quit]Lee\x1b[2J\x07\u202e\u200b\x9b31m\x1b]52;c;QQ==\x07"


class Bench(App[None]):
    """Shows one widget, keeps its messages and what each frame would have sent."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, make: Callable[[], Widget], mono: bool = False) -> None:
        super().__init__()
        self.register_theme(desk_theme())
        self.theme = NAME
        self._make = make
        self.own_filters = line_filters(mono)
        self.sent: list[str] = []
        self.posted: list[Message] = []

    def get_line_filters(self):
        return [*super().get_line_filters(), *self.own_filters]

    def compose(self) -> ComposeResult:
        self.widget = self._make()
        yield self.widget

    def on_mount(self) -> None:
        self.widget.focus()

    def _display(self, screen, renderable) -> None:
        if renderable is not None and hasattr(renderable, "render_segments"):
            self.sent.append(squeeze(renderable.render_segments(self.console)))
        super()._display(screen, renderable)

    def on_row_list_moved(self, event) -> None:
        self.posted.append(event)

    on_row_list_opened = on_row_list_query_changed = on_row_list_moved
    on_day_grid_moved = on_day_grid_opened = on_picker_chosen = on_row_list_moved
    on_form_changed = on_form_finished = on_row_list_moved


@contextmanager
def bench(
    make: Callable[[], Widget], size: tuple[int, int] = (80, 24), mono: bool = False
) -> Iterator[Driver]:
    with Driver(lambda: Bench(make, mono), size) as desk:
        yield desk


def sent_by(desk: Driver, act: Callable[[], None]) -> str:
    """Return what the frames caused by an act send."""
    desk.ask(lambda app: app.sent.clear())
    act()
    return "".join(desk.ask(lambda app: list(app.sent)))


def posted(desk: Driver, kind: type[Message]) -> list:
    return [m for m in desk.ask(lambda app: list(app.posted)) if type(m) is kind]


COLUMNS = (
    Column("name", "patient", 20, flex=True, most=40),
    Column("born", "born", 10),
    Column("mrn", "MRN", 6, "right"),
    Column("phone", "phone", 12),
    Column("street", "street", 20, min_screen=100),
)


def people(count: int, prefix: str = "Patient") -> list[Row]:
    return [
        Row(str(i), (f"{prefix} {i}", "03/04/1962", str(i), "555-0142", "Elm Street 7"))
        for i in range(count)
    ]


def list_of(rows: list[Row], **options) -> Callable[[], RowList]:
    def make() -> RowList:
        made = RowList(COLUMNS, **options)
        made.set_rows(rows)
        return made

    return make


def set_rows(desk: Driver, rows: list[Row], **options) -> None:
    desk.ask(lambda app: app.widget.set_rows(rows, **options))
    desk.settle()


def cursor(desk: Driver) -> str | None:
    return desk.ask(lambda app: app.widget.cursor_key)


# The row list


def test_a_cursor_move_sends_two_lines() -> None:
    with bench(list_of(people(60)), (120, 50)) as desk:
        sent = sent_by(desk, lambda: desk.press("down"))
        assert cursor(desk) == "1"
        assert "Patient 0" in sent and "Patient 1" in sent and "Patient 2" not in sent
        assert len(sent) <= 400


def test_a_changed_row_sends_one_line() -> None:
    with bench(list_of(people(20))) as desk:
        rows = people(20)
        rows[7] = Row("7", ("Patient 7 moved", "03/04/1962", "7", "555-0142", ""))
        sent = sent_by(desk, lambda: set_rows(desk, rows))
        assert "Patient 7 moved" in sent and "Patient 6" not in sent and len(sent) < 100


def test_equal_rows_and_rest_send_nothing() -> None:
    with bench(list_of(people(20))) as desk:
        assert sent_by(desk, lambda: set_rows(desk, people(20))) == ""


def test_a_key_that_changes_the_whole_list_stays_small() -> None:
    with bench(list_of(people(60), query=True), (120, 50)) as desk:

        def key() -> None:
            desk.type("s")
            set_rows(desk, people(60, "Schneider, Maria Luisa"), home=True)

        assert len(sent_by(desk, key)) <= 4_500


def test_the_cursor_stays_on_its_row_and_line_when_rows_come_and_go() -> None:
    with bench(list_of(people(30))) as desk:
        desk.press("down", "down", "down", "down", "down")
        line = desk.frame().splitlines().index(desk.row("Patient 5 "))
        set_rows(desk, [*people(3, "New"), *[r for r in people(30) if r.key >= "3"]])
        assert cursor(desk) == "5"
        set_rows(desk, [row for row in people(30) if row.key != "1"])
        assert cursor(desk) == "5" and posted(desk, RowList.Moved)[-1].key == "5"
        assert desk.frame().splitlines().index(desk.row("Patient 5 ")) <= line


def test_a_row_that_goes_gives_its_place_to_the_next_and_says_so() -> None:
    with bench(list_of(people(4))) as desk:
        desk.press("down")
        set_rows(desk, [row for row in people(4) if row.key != "1"])
        assert posted(desk, RowList.Moved)[-1].key == "2" == cursor(desk)


def test_home_end_and_pages_reach_every_row_and_headings_are_passed_over() -> None:
    rows = [Row("", ("Morning",), kind="head"), *people(40), Row("", ("that is all",), kind="note")]
    with bench(list_of(rows)) as desk:
        desk.press("end")
        assert cursor(desk) == "39"
        desk.see("that is all")
        desk.press("home")
        assert cursor(desk) == "0"
        desk.see("Morning")
        desk.press("up")
        assert cursor(desk) == "0"
        desk.press("pagedown", "enter")
        assert posted(desk, RowList.Opened)[-1].key == cursor(desk) == "22"


def test_letters_are_text_in_a_query_and_keys_in_a_list() -> None:
    with bench(list_of(people(5), query=True, prompt="PATIENTS  ")) as desk:
        desk.type("ab c")
        desk.press("left", "backspace")
        assert posted(desk, RowList.QueryChanged)[-1].text == "abc"
        desk.press("home")
        desk.type("x")
        assert desk.ask(lambda app: app.widget.text) == "xabc"
        desk.press("ctrl+u", "end")
        assert cursor(desk) == "4"
        desk.ask(lambda app: setattr(app.widget, "editing", False))
        desk.type("b")
        assert desk.ask(lambda app: app.widget.text) == ""


def test_the_filter_narrows_enter_keeps_and_escape_clears() -> None:
    with bench(list_of(people(30))) as desk:
        desk.press("slash")
        desk.type("patient 27")
        desk.see("/patient 27", "1 of 30")
        assert posted(desk, RowList.QueryChanged)[-1].filtering
        desk.press("enter")
        assert posted(desk, RowList.Opened) == []
        desk.press("enter")
        assert posted(desk, RowList.Opened)[-1].key == "27"
        desk.press("escape")
        desk.see("Patient 26")
        assert cursor(desk) == "27"


def test_the_filter_finds_names_typed_without_their_marks() -> None:
    rows = [Row("1", ("Nguyễn, Hùng", "", "")), Row("2", ("O'Connor, Séan", "", ""))]
    with bench(list_of(rows)) as desk:
        desk.press("slash")
        desk.type("nguyen")
        desk.see("Nguyễn, Hùng", "1 of 2")
        desk.press("ctrl+u")
        desk.type("oconnor sean")
        desk.see("O'Connor, Séan", "1 of 2")
        desk.type("x")
        desk.see("Nothing here fits “oconnor seanx”; Esc shows all.")
        desk.press("escape")
        desk.see("Nguyễn, Hùng", "O'Connor, Séan")


def test_an_empty_list_says_so_and_survives_every_key() -> None:
    with bench(list_of([], empty="Nobody is waiting.")) as desk:
        desk.press("up", "down", "home", "end", "pageup", "pagedown", "enter", "slash", "escape")
        desk.see("Nobody is waiting.")
        assert cursor(desk) is None and posted(desk, RowList.Opened) == []


def test_a_wider_terminal_shows_more_columns() -> None:
    with bench(list_of(people(3))) as desk:
        desk.not_see("Elm Street")
        desk.resize(120, 30)
        desk.see("Elm Street")


def test_columns_that_grow_share_what_is_left_in_their_order() -> None:
    columns = (
        Column("name", "patient", 10, flex=True, most=20),
        Column("born", "born", 10),
        Column("flags", "flags", 5, flex=True),
    )
    cells = [Row("k", ("Featherstonehaugh, Hubert", "01/31/1990", "interpreter needed"))]

    def make() -> RowList:
        made = RowList(columns)
        made.set_rows(cells)
        return made

    with bench(make) as desk:
        desk.resize(40, 10)
        desk.see("Featherstonehaugh, … 01/31/1990 interp…")
        desk.resize(34, 10)
        desk.see("Featherstonehau… 01/31/1990 inte…")
        desk.resize(60, 10)
        desk.see("Featherstonehaugh, … 01/31/1990 interpreter needed")
        desk.resize(24, 10)
        desk.see("Featherst… 01/31/1990 i…")


# The day and the week

DAY = (
    [GridColumn("L", "LEE family", 25), GridColumn("O", "ORTIZ peds")],
    [
        Block("L", 810, 30, "A", "Haddad L", "phys", "waits 22m", key="h", flags="!"),
        Block("O", 840, 15, "B", "Diaz J", "sick", key="d"),
        Block("O", 840, 15, "B", "Second Q", "new", key="q"),
        Block("O", 865, 20, "B", "Late P", "fu", key="p"),
    ],
    [
        DaySpan("L", 780, 900),
        DaySpan("O", 780, 1020),
        DaySpan("O", 900, 930, "blocked", "staff meeting"),
    ],
)


def day(columns=DAY[0]) -> Callable[[], DayGrid]:
    def make() -> DayGrid:
        made = DayGrid()
        made.set_day(columns, DAY[1], DAY[2], first=780, last=1020, now=815)
        return made

    return make


def test_the_day_shows_visits_gaps_closed_and_blocked_hours() -> None:
    with bench(day()) as desk:
        assert desk.row("13:30").startswith("13:30> A Haddad L")
        assert "|  waits 22m !" in desk.row("13:45")
        assert "x staff meeting" in desk.row("15:00") and ". . . ." in desk.row("15:00")
        assert "LEE family +25m" in desk.frame() and "Late P" in desk.row("14:15")
        assert ":25 fu" in desk.row("14:15")
        assert desk.row("14:30").split() == ["14:30", "-", "|"]


def test_overbooked_visits_are_both_reached() -> None:
    with bench(day()) as desk:
        desk.ask(lambda app: app.widget.go(840, "O"))
        desk.settle()
        assert "B*Diaz" in desk.frame() and "B*Second" in desk.frame()
        first = desk.ask(lambda app: app.widget.selected)
        desk.press("down")
        second = desk.ask(lambda app: app.widget.selected)
        assert (first[2].key, second[2].key) == ("d", "q")
        desk.press("down", "enter")
        opened = posted(desk, DayGrid.Opened)[-1]
        assert (opened.column, opened.minute, opened.block.key) == ("O", 855, "p")
        assert desk.ask(lambda app: app.widget.go_block("q"))
        assert desk.ask(lambda app: app.widget.selected[2].key) == "q"


def test_columns_that_do_not_fit_are_paged() -> None:
    columns = [GridColumn(str(i), f"Provider {i}") for i in range(6)]
    with bench(day(columns)) as desk:
        desk.see("Provider 0", "1-4/6")
        desk.press("right", "right", "right", "right")
        desk.see("Provider 4", "3-6/6")
        assert desk.ask(lambda app: app.widget.selected) == ("4", 780, None)


def test_a_move_in_the_grid_stays_small_and_rest_sends_nothing() -> None:
    with bench(day()) as desk:
        assert len(sent_by(desk, lambda: desk.press("down"))) <= 400
        assert len(sent_by(desk, lambda: desk.press("right"))) <= 400
        assert sent_by(desk, lambda: desk.ask(lambda app: app.widget.set_now(816))) == ""


def test_a_new_picture_of_the_day_keeps_the_cursor() -> None:
    with bench(day()) as desk:
        desk.press("right", "down", "down", "down")
        before = desk.ask(lambda app: app.widget.selected[:2])
        desk.ask(lambda app: app.widget.set_day(*DAY[:1], DAY[1][:1], DAY[2], first=720, last=1080))
        desk.settle()
        assert desk.ask(lambda app: app.widget.selected[:2]) == before
        desk.ask(lambda app: app.widget.set_day([], [], [], first=720, last=1080))
        desk.settle()
        desk.press("down", "right", "enter", "end")
        desk.see("Nobody works this day.")


def test_the_week_has_hours_above_its_lines() -> None:
    def make() -> WeekLines:
        made = WeekLines(first_hour=8, last_hour=11)
        made.set_week([WeekLine("m", "Mon 23", "10000011....", "LEE")])
        return made

    with bench(make) as desk:
        line = desk.row("Mon 23")
        assert line.split() == ["Mon", "23", "1000", "0011", "....", "LEE"]
        assert desk.frame().splitlines()[0].index("9") == line.index("0011")


# The small ones


@pytest.mark.parametrize(
    "text",
    [
        "“03/16/1987Qq” is not a birth date. Type day, month and year, such as 03/04/1962.",
        "王小明 " * 30 + "is on file already; open that record.",
        "x" * 75 + " and 王" + "明" * 40,
        "two  blanks stay\nand a new line is a blank",
    ],
)
def test_a_sentence_is_parted_by_cells_and_nothing_of_it_is_lost(text: str) -> None:
    for width in (20, 33, 80):
        lines = wrapped(text, width)
        assert all(cell_len(line) <= width for line in lines)
        assert "".join("".join(lines).split()) == "".join(text.split())
    assert wrapped("two  blanks", 40) == ["two  blanks"]
    assert wrapped("", 40) == []


def test_the_footer_fits_and_keeps_help_first() -> None:
    keys = [("Enter", "open"), ("F1", "help"), *[(f"F{i}", "something long") for i in range(2, 9)]]
    with bench(lambda: KeyFooter(keys)) as desk:
        line = desk.frame().splitlines()[0]
        assert line.startswith(" F1 help  Enter open") and line.endswith("something long")
        assert len(line) <= 80


def test_the_status_line_keeps_what_is_urgent() -> None:
    with bench(StatusLine) as desk:
        facts = ["6 here", "1 late", "2 call-backs due", "14:07 ana"]
        show = ["SCHEDULE", "Tue 24 Nov 2026 today", facts, "nurse call 1"]
        desk.ask(lambda app: app.widget.set(*show))
        desk.settle()
        line = desk.frame().splitlines()[0]
        assert line.startswith("SCHEDULE") and "nurse call 1" in line and line.endswith("ana")
        again = sent_by(desk, lambda: desk.ask(lambda app: app.widget.set(*show)))
        assert again == ""


def test_what_changed_while_it_was_hidden_is_shown_when_it_is_back() -> None:
    with bench(lambda: OneLine("call in")) as desk:
        desk.see("call in")
        desk.ask(lambda app: setattr(app.widget, "display", False))
        desk.not_see("call in")
        desk.ask(lambda app: app.widget.set("call out"))
        desk.ask(lambda app: setattr(app.widget, "display", True))
        desk.see("call out")


def boxed(text: str) -> Callable[[], Widget]:
    return lambda: Vertical(OneLine(text))


def say(desk: Driver, text: str, **box) -> None:
    """Say a text on the one line of a box, and in the same moment change the box."""

    def act(app):
        app.query_one(OneLine).set(text)
        for name, value in box.items():
            setattr(app.widget.styles, name, value)

    desk.ask(act)
    desk.settle()


def test_what_changed_on_the_way_out_of_sight_is_not_what_comes_back() -> None:
    with bench(boxed("call in")) as desk:
        desk.see("call in")
        say(desk, "call out", display="none")
        desk.not_see("call")
        say(desk, "call back")
        say(desk, "call back", display="block")
        assert desk.see("call").strip() == "call back"


def test_a_whole_repaint_asked_for_while_hidden_is_made_when_it_is_back() -> None:
    def change(app):
        app.widget._spans = (("call out", ""),)
        app.widget.refresh()

    with bench(lambda: OneLine("call in")) as desk:
        desk.see("call in")
        desk.ask(lambda app: setattr(app.widget, "display", False))
        desk.not_see("call in")
        desk.ask(change)
        desk.ask(lambda app: setattr(app.widget, "display", True))
        desk.see("call out")


def test_a_line_that_was_partly_out_of_sight_is_as_it_changed_meanwhile() -> None:
    with bench(boxed("call 0")) as desk:
        for number, left in enumerate((-2, 0, -2, 0)):
            say(desk, f"call {number}", offset=(left, 0))
            assert desk.see("ll").rstrip() == f"call {number}"[-left:]
            say(desk, f"call {number + 1}")
            assert desk.see("ll").rstrip() == f"call {number + 1}"[-left:]


def test_a_notice_is_read_to_its_end_however_long() -> None:
    with bench(Notice) as desk:
        desk.ask(lambda app: app.widget.say("Booked Kim, Dana.", undo=True))
        desk.settle()
        assert desk.frame().splitlines()[0] == " Booked Kim, Dana.  u undo"
        desk.ask(lambda app: app.widget.refuse("Nothing was stored. " * 5 + "Press F6."))
        desk.see("Press F6.")
        assert desk.frame().splitlines()[1].strip()
        desk.ask(lambda app: app.widget.clear())
        desk.not_see("Nothing")


def test_a_form_is_walked_says_what_changed_and_what_is_refused() -> None:
    with bench(
        lambda: Form([Field("family", "Family name", "Gonz"), Field("born", "Born")])
    ) as desk:
        desk.ask(lambda app: app.widget.focus_field())
        desk.settle()
        desk.type("a")
        assert posted(desk, Form.Changed)[-1].value == "Gonza"
        desk.press("enter")
        desk.type("x")
        desk.press("enter")
        assert len(posted(desk, Form.Finished)) == 1
        desk.ask(lambda app: app.widget.set_error("family", "Type a family name."))
        desk.see("Type a family name.")
        assert desk.ask(lambda app: app.widget.current) == "family"
        assert desk.ask(lambda app: app.widget.values()) == {"family": "Gonza", "born": "x"}


def test_a_long_refusal_is_read_to_its_end() -> None:
    with bench(lambda: Form([Field("born", "Born"), Field("sex", "Sex")]), (60, 20)) as desk:
        long = "“03/16/1987Qq” is not a birth date. Type day, month and year, such as 03/04/1962."
        desk.ask(lambda app: app.widget.set_error("born", long))
        shown = desk.see("03/04/1962.").splitlines()
        assert shown[1].startswith("  “03/16") and shown[3].startswith("Sex")
        desk.ask(lambda app: app.widget.set_error("born", "Type a day."))
        desk.see("Type a day.")
        desk.settle()
        assert desk.frame().splitlines()[2].startswith("Sex")
        desk.ask(lambda app: app.widget.set_error("born", ""))
        desk.not_see("Type a day.")
        desk.settle()
        assert desk.frame().splitlines()[1].startswith("Sex")


def test_a_picker_has_nothing_chosen_until_a_person_chooses() -> None:
    candidates = [Candidate(str(i), f"Kim, Dana {i}") for i in range(3)]
    with bench(lambda: Picker("Which Kim?", candidates)) as desk:
        desk.press("enter", "9", "b")
        assert posted(desk, Picker.Chosen) == []
        desk.press("2")
        assert posted(desk, Picker.Chosen)[-1].key == "1"


def test_home_and_end_lead_to_the_first_and_the_last_of_a_picker() -> None:
    candidates = [Candidate(str(i), f"Kim, Dana {i}") for i in range(12)]
    with bench(lambda: Picker("Which Kim?", candidates)) as desk:
        desk.press("end", "enter")
        assert posted(desk, Picker.Chosen)[-1].key == "11"
        desk.press("home", "enter")
        assert posted(desk, Picker.Chosen)[-1].key == "0"


# What may be sent


def hostile_widgets() -> dict[str, Callable[[], Widget]]:
    """Every widget of ours, filled with a name that tries to act."""
    week = WeekLine("k", HOSTILE, "0" * 36, HOSTILE)
    block = Block("c", 780, 30, "B", HOSTILE, HOSTILE, HOSTILE)

    def status() -> StatusLine:
        made = StatusLine()
        made.set(HOSTILE, HOSTILE, [HOSTILE], HOSTILE)
        return made

    def notice() -> Notice:
        made = Notice()
        made.refuse(HOSTILE)
        return made

    def grid() -> DayGrid:
        made = DayGrid()
        made.set_day([GridColumn("c", HOSTILE)], [block], [], first=780, last=840)
        return made

    def weeks() -> WeekLines:
        made = WeekLines()
        made.set_week([week])
        return made

    return {
        "row list": list_of([Row("k", (HOSTILE,) * 5)], query=True, prompt=HOSTILE),
        "day grid": grid,
        "week lines": weeks,
        "status line": status,
        "footer": lambda: KeyFooter([("F1", HOSTILE)]),
        "notice": notice,
        "entry": lambda: Entry(HOSTILE, placeholder=HOSTILE),
        "form": lambda: Form([Field("k", HOSTILE, HOSTILE, HOSTILE)]),
        "card": lambda: Card([HOSTILE, (HOSTILE, "bold")]),
        "picker": lambda: Picker(HOSTILE, [Candidate("k", HOSTILE)]),
    }


@pytest.mark.parametrize("name", hostile_widgets())
def test_no_widget_sends_what_a_terminal_would_obey(name: str) -> None:
    with bench(hostile_widgets()[name], mono=True) as desk:
        desk.see("Ann [/bold] ")
        sent = "".join(desk.ask(lambda app: list(app.sent)))
        assert "\x07" not in sent and "\x1b]" not in sent and "\x1b[2J" not in sent
        assert not set(sent) & set("\x9b\u202e\u200b")


@pytest.mark.parametrize("name", hostile_widgets())
def test_mono_sends_no_colour(name: str) -> None:
    with bench(hostile_widgets()[name], mono=True) as desk:
        desk.press("tab", "down")
        sent = "".join(desk.ask(lambda app: list(app.sent)))
        codes = {code for part in sent.split("\x1b[")[1:] for code in _codes(part)}
        assert codes <= {"0", "1", "4", "7"}


def _codes(part: str) -> list[str]:
    body = part.split("m", 1)[0]
    return body.split(";") if body.replace(";", "").isdigit() else []


def test_mono_keeps_bold_reverse_and_underline() -> None:
    style = Style.parse("bold reverse underline red on blue italic")
    (segment,) = line_filters(True)[-1].apply([Segment("x", style)], Color(0, 0, 0))
    assert segment.style == Style(bold=True, reverse=True, underline=True)


def test_the_top_line_keeps_the_number_behind_a_long_name() -> None:
    line = StatusLine()
    name = "Featherstonehaugh-Cholmondeley, Hubert Blaine Maximilian Alexander"
    line.set("RECORD", f"{name}   MRN 10406", ("Riverside", "ana"))
    with bench(lambda: line) as desk:
        desk.see("RECORD  Featherstonehaugh-Cholmondeley, Hubert Blaine Maximilian Al…   MRN 10406")


def test_a_long_name_leaves_room_for_what_stands_behind_it() -> None:
    name = "Featherstonehaugh-Cholmondeley, Hubert Blaine Maximilian Alexander"
    line = NamedLine()
    line.set(f" {name}  M 42  MRN 10406  walk-in with LEE", "bold")
    with bench(lambda: line) as desk:
        desk.see(" Featherstonehaugh-Cholmondeley, Hubert Blai…  M 42  MRN 10406  walk-in with LEE")
        desk.resize(160, 30)
        desk.see(f" {name}  M 42  MRN 10406  walk-in with LEE")
        desk.resize(40, 12)
        desk.see(" Featherstonehaugh-Cholmondel…  M 42  M…")


def test_options_that_do_not_fit_go_on_below() -> None:
    address = "786 Bellflower Lane Floor 3 Apartment 12, Stone Ferry"
    options = [Choice("7", "born", "born 07/30/1994"), Choice("8", "mrn", "MRN 10399")]
    options += [Choice("9", "name", "name"), Choice("0", "address", address)]

    def make() -> KeyRow:
        row = KeyRow("verified  ", several=True)
        row.offer(options)
        return row

    with bench(make) as desk:
        lines = desk.see(address).splitlines()
        assert lines[0].startswith("verified  [ ] 7 born 07/30/1994  [ ] 8 MRN 10399")
        assert lines[1] == f"          [ ] 0 {address}"
        desk.press("0")
        desk.see(f"[x] 0 {address}")
        desk.resize(132, 30)
        desk.see(f"[ ] 9 name  [x] 0 {address}")
        desk.resize(40, 12)
        desk.see("[ ] 8 MRN 10399", "[x] 0 786 Bellflower")


LONG = "Featherstonehaugh-Cholmondeley, Hubert Blaine Maximilian  M  3 Feb 1984  MRN 10406  (same)"


def test_a_long_candidate_takes_a_second_line_where_few_are_asked_about() -> None:
    few = [Candidate("a", LONG), Candidate("b", "none of these")]
    with bench(lambda: Picker("Which?", few)) as desk:
        shown = desk.see("MRN 10406", " 2  none of these")
        assert all(len(line) <= 80 for line in shown.splitlines())
        desk.press("2")
        assert posted(desk, Picker.Chosen)[-1].key == "b"
        desk.resize(160, 30)
        assert "(same)" in desk.row("Featherstonehaugh")


def test_many_long_candidates_take_a_line_each() -> None:
    many = [Candidate(str(n), f"{n} {LONG}") for n in range(12)]
    with bench(lambda: Picker("Which?", many)) as desk:
        desk.see(" 9  8 Feather", "3 more, PgDn")
        desk.press("pagedown")
        desk.see(" 1  9 Feather", " 3  11 Feather", "PgUp shows the first")

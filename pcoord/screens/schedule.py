"""F2, the schedule: a day by practitioner, one practitioner's list, the week, who is expected."""

from collections.abc import Iterable
from datetime import date, time, timedelta
from typing import TYPE_CHECKING

from textual import events, on
from textual.widget import Widget

from pcoord.actions import Selection
from pcoord.screens import schedule_do as doing
from pcoord.screens.base import DeskScreen
from pcoord.screens.schedule_views import (
    EXPECTED_COLUMNS,
    LIST_COLUMNS,
    draw_day,
    draw_week,
    expected_rows,
    footer_of,
    list_rows,
    minute_of,
)
from pcoord.widgets.day_grid import DayGrid
from pcoord.widgets.paint import fit
from pcoord.widgets.row_list import RowList
from pcoord.widgets.week_lines import WeekLines

if TYPE_CHECKING:
    from pcoord.services.late import Expected
    from pcoord.services.sheets import Sheet, Visit, Week

CUT_NAME = 22
"""Cells for the name of the cut visit in the top line, so that the day stays in it."""

# What `v` turns to; Esc comes back to the day.
TURNS = {"day": "list", "list": "week", "week": "day", "expected": "day"}
NOBODY = "Nobody is on the list. [ and ] turn the day; g goes to a date."
ALL_HERE = "Nobody is still expected today."


class ScheduleScreen(DeskScreen):
    """The eye rests on a visit or a gap; the next key acts on what the bottom line names."""

    CONTEXT = "schedule"
    TITLE = "SCHEDULE"
    TABLES = frozenset(
        {
            *("appointment", "availability", "encounter", "encounter_stage", "patient"),
            *("practitioner_day", "call"),
        }
    )

    def __init__(self) -> None:
        super().__init__()
        self.grid = DayGrid()
        self.list = RowList(LIST_COLUMNS, empty=NOBODY)
        self.week = WeekLines()
        self.expected = RowList(EXPECTED_COLUMNS, empty=ALL_HERE)
        self.view = "day"
        self.day: date | None = None
        self.who = ""
        self.sheet: Sheet | None = None
        self.cut: doing.Cut | None = None
        self.space_at = float("-inf")
        self.the_week: Week | None = None
        self._people: dict[str, Expected] = {}
        # Where the cursor goes with the next answer: a minute, or now.
        self._to: int | None = None
        self._to_now = True
        # The day that was shown as today, whichever that is.
        self._follows: date | None = None

    def body(self) -> Iterable[Widget]:
        """Return the views; one of them is shown."""
        for widget in self._views().values():
            widget.display = widget is self.grid
        return self._views().values()

    def _views(self) -> dict[str, Widget]:
        return {
            "day": self.grid,
            "list": self.list,
            "week": self.week,
            "expected": self.expected,
        }

    def on_mount(self) -> None:
        """Take the keys."""
        self.grid.focus()

    def keys_shown(self) -> list[tuple[str, str]]:
        """Return the keys of the view."""
        view = "cut" if self.cut and self.view != "expected" else self.view
        return footer_of(view, self.app.keys)

    def on_resize(self) -> None:
        """Show more of each visit where there is room."""
        if self.sheet is not None:
            self.draw_sheet(self.sheet)

    def minute_passed(self) -> None:
        """Waiting times and the mark of the present go on."""
        self.load()

    # Reading

    def load(self) -> None:
        """Ask for what this view shows."""
        doing.ask(self)

    def sheet_shown(self, sheet: "Sheet") -> None:
        """Show a day; the cursor stays where it was unless a key wanted it elsewhere."""
        # A new day begins at its now, not at the time where yesterday was left.
        follows = self.day is None and self._follows is not None
        self._to_now = self._to_now or (follows and self._follows != sheet.day)
        self._follows = sheet.day if self.day is None else None
        self.sheet = sheet
        self.cut = doing.still_cut(self, sheet)
        self.draw_sheet(sheet)
        self._point(sheet)
        self.say_place()

    def draw_sheet(self, sheet: "Sheet") -> None:
        """Draw the day and the list."""
        cut_id = self.cut.id if self.cut else None
        draw_day(self.grid, sheet, cut_id)
        self.list.set_rows(list_rows(sheet, self.who, cut_id))

    def _point(self, sheet: "Sheet") -> None:
        """Put the cursor where the last key wanted it, at now when the day is opened."""
        minute = self._to if self._to is not None else (sheet.now if self._to_now else None)
        self._to, self._to_now = None, False
        if minute is None:
            return
        self.grid.go(minute, self.who or None)
        starts = [(row.key, self._start_of(sheet, row.key)) for row in self.list.rows]
        begun = [key for key, start in starts if start <= minute] or [k for k, _ in starts[:1]]
        if begun:
            self.list.move_to(begun[-1])

    def _start_of(self, sheet: "Sheet", key: str) -> int:
        visit = sheet.by_id.get(key)
        return visit.start if visit else minute_of(key) or 0

    def week_shown(self, week: "Week") -> None:
        """Show a week; the cursor goes to the day that was shown before."""
        fresh = self.the_week is None or self.the_week.monday != week.monday
        before = self.week.cursor_key
        self.the_week = week
        draw_week(self.week, week)
        if fresh or before is None:
            self._point_week(week)
        self.say_place()

    def _point_week(self, week: "Week") -> None:
        day = self.day or week.today
        mine = [line for line in week.lines if self.who in ("", line.practitioner_id)]
        line = next((one for one in mine if one.day >= day), mine[0] if mine else None)
        if line is not None:
            self.week.move_to(line.key)

    def expected_shown(self, people: "list[Expected]") -> None:
        """Show who is not here yet."""
        self._people = {one.id: one for one in people}
        self.expected.set_rows(expected_rows(people))
        self.say_place()

    def next_to_tell(self, told_id: str) -> None:
        """Go on to the next one who is to be told."""
        keys = list(self._people)
        after = keys[keys.index(told_id) + 1 :] if told_id in keys else []
        following = next((key for key in after if not self._people[key].told), None)
        if following is not None and self.expected.cursor_key == told_id:
            self.expected.move_to(following)

    # What the eye rests on

    def say_place(self) -> None:
        """Bring the top line and the bottom line up to where the cursor is."""
        cut = f"CUT {fit(self.cut.name, CUT_NAME).strip()}  Esc lets go" if self.cut else ""
        self.say_state(self._detail(), self._state(), cut)
        self.footer.set(self.keys_shown())
        self.say_selected()

    def _detail(self) -> str:
        if self.view == "week":
            return self.the_week.title if self.the_week else ""
        if self.view == "expected":
            left = sum(not one.told for one in self._people.values())
            return f"not here yet: {len(self._people)}, {left} to tell"
        if self.sheet is None:
            return ""
        whose = doing.whose(self) if self.view == "list" else ""
        return f"{self.sheet.title}  {whose}".rstrip()

    def _state(self) -> "doing.State | None":
        if self.view == "week":
            return self.the_week.state if self.the_week else None
        return self.sheet.state if self.sheet and self.view != "expected" else None

    @on(DayGrid.Moved)
    @on(RowList.Moved)
    def _moved(self) -> None:
        self.say_selected()

    def visit(self) -> "Visit | None":
        """Return the visit under the cursor of the day or the list."""
        if self.sheet is None or self.view not in ("day", "list"):
            return None
        block = self.grid.selected[2]
        key = self.list.cursor_key if self.view == "list" else block.key if block else None
        return self.sheet.by_id.get(key or "")

    def place(self) -> tuple[str, int] | None:
        """Return practitioner and minute under the cursor, in the day or on a free row."""
        if self.sheet is None:
            return None
        if self.view == "day":
            who, minute, _ = self.grid.selected
            return (who, minute) if who else None
        minute_there = minute_of(self.list.cursor_key or "")
        return (self.who, minute_there) if minute_there is not None else None

    def person(self) -> "Expected | None":
        """Return who is under the cursor among those not here yet."""
        return self._people.get(self.expected.cursor_key or "") if self.view == "expected" else None

    def selection(self) -> Selection:
        """Return the visit, the gap or the day under the cursor."""
        if self.view == "week":
            return doing.of_week(self.the_week, self.week.cursor_key)
        person, visit, place = self.person(), self.visit(), self.place()
        if person is not None:
            return doing.of_person(person)
        if visit is not None and self.sheet is not None:
            return doing.of_visit(self.sheet, visit)
        if place is not None and self.sheet is not None and self.view != "expected":
            return doing.of_place(self.sheet, *place)
        return Selection()

    # Moving about

    def turn(self, view: str) -> None:
        """Show another view; the cursor stays with the practitioner and the time."""
        self._carry()
        if view != self.view:
            self.list.show_all()
            self.expected.show_all()
        self.view = view
        for name, widget in self._views().items():
            widget.display = name == view
        self._views()[view].focus()
        if view in ("day", "list") and self.sheet is not None:
            self.draw_sheet(self.sheet)
            self._point(self.sheet)
        self.say_place()
        self.load()

    def _carry(self) -> None:
        """Take practitioner, day and time along to another view."""
        visit, place = self.visit(), self.place()
        if self.view == "day":
            self.who = self.grid.selected[0]
        elif visit is not None:
            self.who = visit.row.practitioner_id
        if self.view in ("day", "list"):
            self._to = visit.start if visit else place[1] if place else None
        line = self._week_line()
        if self.view == "week" and line is not None:
            self.who = line[0]
            self.go_to(line[1], load=False)

    def _week_line(self) -> tuple[str, date] | None:
        key = self.week.cursor_key
        if self.the_week is None or key is None:
            return None
        line = next((one for one in self.the_week.lines if one.key == key), None)
        return (line.practitioner_id, line.day) if line else None

    def go_to(self, day: date, at: time | None = None, *, load: bool = True) -> None:
        """Show a day, with the cursor at a time if one was given."""
        today = self.app.desk.today if self.app.desk else None
        self.day = None if day == today else day
        self._to = at.hour * 60 + at.minute if at else self._to
        if load:
            self.load()

    def step(self, count: int) -> None:
        """Go on or back by a day; in the week, by a week."""
        if self.view != "expected" and self.app.desk is not None:
            days = count * (7 if self.view == "week" else 1)
            self.go_to((self.day or self.app.desk.today) + timedelta(days=days))

    def on_key(self, event: events.Key) -> None:
        """Turn to the practitioner beside this one; Esc goes one step back."""
        if event.key in ("left", "right") and self.view in ("list", "week"):
            self._beside(1 if event.key == "right" else -1)
        elif event.key == "escape":
            self._back()
        else:
            return
        event.stop()
        event.prevent_default()

    def _beside(self, step: int) -> None:
        ids = doing.practitioners(self.sheet if self.view == "list" else self.the_week)
        if not ids:
            return
        line = self._week_line()
        who = line[0] if self.view == "week" and line else self.who
        at = ids.index(who) + step if who in ids else 0
        self.who = ids[max(0, min(at, len(ids) - 1))]
        if self.view == "week" and self.the_week is not None and line is not None:
            self.week.move_to(f"{self.who} {line[1].isoformat()}")
        elif self.sheet is not None:
            self.draw_sheet(self.sheet)
            self.say_place()

    def _back(self) -> None:
        """Let go of what is cut, else come back to the day. Nothing is stored or lost."""
        if self.cut is not None:
            doing.let_go(self)
        elif self.view != "day":
            self.turn("day")

    # What the keys do

    @on(DayGrid.Opened)
    @on(RowList.Opened)
    def _opened(self) -> None:
        self.do_row_open()

    def do_row_open(self) -> None:
        """Open the card of the patient, the day of the week's line, or a booking in a gap."""
        line = self._week_line()
        selection = self.selection()
        if self.view == "week" and line is not None:
            self.turn("day")
        elif selection.patient_id:
            doing.show_card(self, selection.patient_id)
        elif selection.start:
            self.app.open_line("appointment.book", selection)

    def do_schedule_view(self) -> None:
        """Turn from the day to one practitioner's list, to the week, and back."""
        self.turn(TURNS[self.view])

    def do_schedule_before(self) -> None:
        """Show the day before, or the week before."""
        self.step(-1)

    def do_schedule_after(self) -> None:
        """Show the day after, or the week after."""
        self.step(1)

    def do_schedule_today(self) -> None:
        """Come back to today and now."""
        self.day, self._to, self._to_now = None, None, True
        self.the_week = None
        if self.view == "expected":
            self.turn("day")
        else:
            self.load()

    def do_schedule_expected(self) -> None:
        """List who is not here yet."""
        if self.view == "expected":
            self.turn("day")
        else:
            self.turn("expected")

    def do_list_filter(self) -> None:
        """In the day, turn to everybody's visits and filter those."""
        if self.view == "day":
            self.turn("list")
            self.who = ""
            if self.sheet is not None:
                self.draw_sheet(self.sheet)
        widget = self._views()[self.view]
        if isinstance(widget, RowList):
            widget.editing = True
        self.say_place()

    def do_schedule_goto(self) -> None:
        """Ask for a date."""
        doing.ask_date(self)

    def do_schedule_print(self) -> None:
        """Ask for a file, and print the day into it."""
        doing.ask_file(self)

    def do_appointment_move(self) -> bool:
        """Cut the visit under the cursor; a second x types where it goes."""
        return doing.cut(self)

    def do_schedule_put(self) -> None:
        """Put the cut visit where the cursor is."""
        doing.put(self)

    def do_encounter_advance(self) -> bool:
        """Lead the patient on: here, checked in, to a room, to the next stage; or note as told."""
        return doing.lead_on(self)

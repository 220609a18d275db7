"""The day as a grid: a line per slot, a column per practitioner."""

from bisect import bisect_right
from collections.abc import Sequence

from textual import events
from textual.message import Message

from pcoord.widgets.day_plan import Block, DayPlan, DaySpan, GridColumn, Place
from pcoord.widgets.line_view import LineView
from pcoord.widgets.paint import LETTER_STYLES, Line, fit, join

LABEL = 7
LEAST = 18
MOST = 36
UNSEEN = 10_000
"""Stands for the height of a widget that has none yet, so that nothing scrolls too early."""

__all__ = ["Block", "DayGrid", "DaySpan", "GridColumn", "clock_text"]


def clock_text(minute: int) -> str:
    """Return minutes since midnight as HH:MM; midnight after the day is 00:00."""
    return f"{minute // 60 % 24:02}:{minute % 60:02}"


def _behind(flags: str) -> str:
    """Return the flags that stand behind the text, without the one before the name."""
    return flags.replace("=", "").strip()


class DayGrid(LineView, can_focus=True):
    """Visits, gaps and closed hours of a day; the cursor stands on a column and a slot."""

    class Moved(Message):
        """The cursor stands elsewhere, or something else stands under it."""

        def __init__(self, grid: "DayGrid") -> None:
            super().__init__()
            self.grid = grid
            self.column, self.minute, self.block = grid.selected

        @property
        def control(self) -> "DayGrid":
            """Return the grid, so that handlers can select by it."""
            return self.grid

    class Opened(Moved):
        """Enter was pressed; `block` is None on a gap."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._plan = DayPlan()
        self._now: int | None = None
        self._empty = ""
        self._places: tuple[Place, ...] = ()
        self._column = 0
        self._row = 0
        self._top = 0
        self._left = 0

    # What stands in it

    def set_day(
        self,
        columns: Sequence[GridColumn],
        blocks: Sequence[Block],
        spans: Sequence[DaySpan],
        *,
        first: int,
        last: int,
        now: int | None = None,
        grain: int = 15,
        empty: str = "Nobody works this day.",
    ) -> None:
        """Show a day; times in minutes since midnight, `now` None when it is not today.

        The cursor stays on its column and slot, and on its line of the screen.
        """
        before, column = self.selected, self._column_key
        place, offset = self._place, self._row - self._top
        self._plan = DayPlan(tuple(columns), tuple(blocks), tuple(spans), first, last, grain)
        self._now, self._empty = now, empty
        keys = [item.key for item in columns]
        self._column = keys.index(column) if column in keys else 0
        self._places = ()
        self._relayout(place)
        if place is not None:
            self._top = self._row - offset
        self._settle()
        self.redraw()
        if self.selected != before:
            self.post_message(self.Moved(self))

    def set_now(self, minute: int | None) -> None:
        """Move the mark of the present minute."""
        self._now = minute
        self.redraw()

    def go(self, minute: int, column: str | None = None) -> None:
        """Put the cursor on the slot that holds a minute, in a column or the present one."""
        keys = [item.key for item in self._plan.columns]
        index = keys.index(column) if column in keys else self._column
        self._go(index, self._row_of(Place(minute)))

    def go_block(self, key: str) -> bool:
        """Put the cursor on a visit; False when this day has none of that id."""
        block = next((item for item in self._plan.blocks if item.key == key), None)
        if block is None:
            return False
        self.go(block.start, block.column)
        rows = range(self._row, len(self._places))
        self._go(self._column, next((i for i in rows if self._block(i) is block), self._row))
        return True

    @property
    def selected(self) -> tuple[str, int, Block | None]:
        """Return the column's key, the slot's minute and the visit there; ("", 0, None) if empty.

        A gap within a column is (key, minute, None).
        """
        place = self._place
        if place is None or not self._plan.columns:
            return ("", 0, None)
        return (self._column_key, place.minute, self._block(self._row))

    @property
    def page_text(self) -> str:
        """Return which columns are shown of how many, such as "1-4/6"; "" when all are."""
        count, shown = len(self._plan.columns), len(self._visible)
        return f"{self._left + 1}-{self._left + shown}/{count}" if shown < count else ""

    @property
    def _column_key(self) -> str:
        columns = self._plan.columns
        return columns[self._column].key if self._column < len(columns) else ""

    @property
    def _place(self) -> Place | None:
        return self._places[self._row] if self._row < len(self._places) else None

    def _block(self, row: int) -> Block | None:
        return self._plan.block_at(self._column_key, self._places[row])

    # Layout

    @property
    def _room(self) -> int:
        """How many columns fit beside each other."""
        return max(1, (self.size.width - LABEL) // LEAST)

    @property
    def _width(self) -> int:
        """The cells of a column, the gap behind it included."""
        shown = min(self._room, len(self._plan.columns)) or 1
        return max(LEAST, min(MOST, (self.size.width - LABEL) // shown))

    @property
    def _visible(self) -> tuple[GridColumn, ...]:
        return self._plan.columns[self._left : self._left + self._room]

    @property
    def _page(self) -> int:
        return max(1, self.size.height - 1) if self.size.height else UNSEEN

    def _relayout(self, place: Place | None) -> None:
        """Find the page of columns that holds the cursor, its lines, and the cursor's line."""
        count = len(self._plan.columns)
        page = self._column // self._room * self._room
        left = max(0, min(page, count - self._room))
        if left != self._left or not self._places:
            self._left = left
            self._places = self._plan.places(self._visible)
        self._row = self._row_of(place) if place is not None else 0

    def _row_of(self, place: Place) -> int:
        keys = [(item.minute, item.sub) for item in self._places]
        row = max(0, bisect_right(keys, (place.minute, place.sub)) - 1)
        while row and not self._plan.reachable(self._column_key, self._places[row]):
            row -= 1
        return row

    def _settle(self) -> None:
        """Scroll half a page when the cursor left the window, and never past the ends."""
        if not self._top <= self._row < self._top + self._page:
            self._top = self._row - self._page // 2
        self._top = max(0, min(self._top, len(self._places) - self._page))
        x = LABEL + (self._column - self._left) * self._width
        self.point_at(x, self._row - self._top + 1)

    # Keys

    def on_key(self, event: events.Key) -> None:
        """Move by slot and column, and open; other keys go on to the screen."""
        if event.key == "enter" and self._places:
            self.post_message(self.Opened(self))
        elif not self._moved(event.key):
            return
        event.stop()
        event.prevent_default()

    def on_resize(self) -> None:
        """Lay the columns out for the new size."""
        place, self._places = self._place, ()
        self._relayout(place)
        self._settle()
        self.redraw()

    def on_focus(self) -> None:
        """Bring the terminal's cursor here."""
        self._settle()

    def _moved(self, key: str) -> bool:
        count = len(self._places)
        rows = {"up": -1, "down": 1, "home": -count, "end": count}
        rows |= {"pageup": 1 - self._page, "pagedown": self._page - 1}
        columns = {"left": -1, "right": 1}
        if key in rows:
            self._go(self._column, self._next(rows[key]))
        elif key in columns:
            column = max(0, min(self._column + columns[key], len(self._plan.columns) - 1))
            self._go(column, self._row)
        return key in rows or key in columns

    def _next(self, step: int) -> int:
        """Return the line `step` lines on, or the next one the cursor may stand on."""
        last = len(self._places) - 1
        row = max(0, min(self._row + step, last))
        way = 1 if step > 0 and row < last else -1
        while 0 < row <= last and not self._plan.reachable(self._column_key, self._places[row]):
            row += way
        return row if row <= last else self._row

    def _go(self, column: int, row: int) -> None:
        place = self._places[row] if row < len(self._places) else None
        if place is None or (column, row) == (self._column, self._row):
            return
        before, view = self._row, (self._top, self._left)
        self._column = column
        self._relayout(place)
        self._settle()
        same = view == (self._top, self._left)
        self.redraw([i - self._top + 1 for i in (before, self._row)] if same else None)
        self.post_message(self.Moved(self))

    # Drawing

    def line(self, y: int) -> Line:
        """Return the titles or one slot."""
        if y == 0:
            return self._titles()
        row = y - 1 + self._top
        if not self._plan.columns:
            return ((self._empty, "dim"),) if y == 1 else ()
        return self._slot(row) if row < len(self._places) else ()

    def _titles(self) -> Line:
        cells = [self._title(column) for column in self._visible]
        text = " " * LABEL + " ".join(fit(cell, self._width - 1) for cell in cells)
        if self.page_text:
            room = min(self.size.width, len(text)) - len(self.page_text) - 1
            text = fit(text.rstrip(), room) + " " + self.page_text
        return ((text, "bold"),)

    def _title(self, column: GridColumn) -> str:
        late = f" +{column.late_minutes}m" if column.late_minutes else ""
        return fit(column.title, self._width - 1 - len(late)).rstrip() + late

    def _slot(self, row: int) -> Line:
        place = self._places[row]
        spans = [(self._label(place), "")]
        for index, column in enumerate(self._visible, self._left):
            cell = self._cell(column.key, place)
            here = row == self._row and index == self._column
            spans.extend(join(cell, "reverse") if here else cell)
            spans.append((" ", ""))
        return tuple(spans)

    def _label(self, place: Place) -> str:
        if place.sub:
            return " " * LABEL
        now = self._now is not None and 0 <= self._now - place.minute < self._plan.grain
        return clock_text(place.minute) + ("> " if now else "  ")

    def _cell(self, column: str, place: Place) -> Line:
        """Return one slot of one column, as wide as the column without its gap."""
        width = self._width - 1
        starting = self._plan.starting(column, place.minute)
        if place.sub < len(starting):
            return self._first_line(starting[place.sub], place.minute, width)
        running = self._plan.running(column, place.minute)
        if running:
            return ((fit(self._further_line(running, place, bool(starting)), width), ""),)
        return ((fit("" if starting or place.sub else self._gap(column, place), width), ""),)

    def _first_line(self, block: Block, minute: int, width: int) -> Line:
        late = f":{block.start % 60:02} " if block.start != minute else ""
        over = self._plan.overlaps(block)
        flags = "" if self._has_text(block) else _behind(block.flags)
        # Who could be mixed up is marked beside the name, where nothing is ever cut.
        mark = "=" if "=" in block.flags else "*" if over else " "
        flags += "*" if over and mark == "=" else ""
        ends = f"{flags} {late}{block.tag}".rstrip()
        name = fit(block.name, max(4, width - 2 - len(ends)))
        style = block.style or LETTER_STYLES.get(block.letter, "")
        return ((block.letter[:1] or " ", style), (fit(mark + name + ends, width - 1), ""))

    def _has_text(self, block: Block) -> bool:
        """Tell whether the visit has a line of its own for its text and flags."""
        second = (block.start // self._plan.grain + 1) * self._plan.grain
        free = not self._plan.starting(block.column, second)
        return second < block.end and free and self._plan.running(block.column, second)[-1] is block

    def _further_line(self, running: list[Block], place: Place, starting: bool) -> str:
        block = running[-1]
        bar = "|*" if len(running) > 1 else "|"
        second = place.minute - block.start <= self._plan.grain and place.sub == 0
        if not second or starting:
            return bar
        return f"{bar:<3}{block.text} {_behind(block.flags)}".rstrip()

    def _gap(self, column: str, place: Place) -> str:
        span = self._plan.span_at(column, place.minute)
        if span is None:
            return ". " * ((self._width - 1) // 2)
        if span.kind == "open":
            return "-"
        first = (
            place.minute - span.start < self._plan.grain or place.minute == self._places[0].minute
        )
        return f"x {span.text}".rstrip() if first else "x"

"""The list of every hot screen: rows and, if wanted, the query typed above them, in one widget."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.message import Message

from pcoord.widgets.line_edit import LineEdit
from pcoord.widgets.line_view import LineView
from pcoord.widgets.paint import Line, Span, fit, join, width_of

UNSEEN = 10_000
"""Stands for the height of a widget that has none yet, so that nothing scrolls too early."""


LEAST = 12
"""Cells that a column keeps however narrow the terminal is, unless it began with fewer.

A name of three letters tells nobody from anybody; what stands at the right end is cut instead.
"""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `width` in cells (the least when `flex`), shown from `min_screen` columns on.

    Columns that are `flex` share what is left, the first one first, up to `most` cells each (0: no
    limit); where there is too little they give way, the last one first.
    """

    key: str
    title: str
    width: int
    align: str = "left"
    min_screen: int = 0
    flex: bool = False
    most: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """A row: a cell of plain text per column, and styles for single cells in `marks`.

    Rows of kind "head" and "note" show their first cell over the whole line, cannot be chosen
    and need no key.
    """

    key: str
    cells: tuple[str, ...]
    style: str | None = None
    marks: tuple[tuple[str, str], ...] = ()
    kind: str = "row"


class ListMessage(Message):
    """What a list tells its screen; handlers can select by the list."""

    def __init__(self, row_list: "RowList") -> None:
        super().__init__()
        self.row_list = row_list

    @property
    def control(self) -> "RowList":
        """Return the list it comes from."""
        return self.row_list


class RowList(LineView, can_focus=True):
    """A list that repaints only what changed and keeps the cursor on its row.

    It does its own scrolling, half a page at a time, so that pinned lines stay put and most
    cursor moves send two lines.
    """

    class Moved(ListMessage):
        """The cursor stands on another row; `key` is None when there is none."""

        def __init__(self, row_list: "RowList", key: str | None) -> None:
            super().__init__(row_list)
            self.key = key

    class Opened(ListMessage):
        """Enter was pressed on a row."""

        def __init__(self, row_list: "RowList", key: str) -> None:
            super().__init__(row_list)
            self.key = key

    class QueryChanged(ListMessage):
        """The typed text is another; `filtering` when it was typed behind `/`."""

        def __init__(self, row_list: "RowList", text: str, filtering: bool) -> None:
            super().__init__(row_list)
            self.text = text
            self.filtering = filtering

    def __init__(
        self,
        columns: Sequence[Column],
        *,
        query: bool = False,
        prompt: str = "",
        titles: bool = True,
        filters: bool = True,
        empty: str = "Nothing here.",
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.columns = tuple(columns)
        self.prompt = prompt
        self.titles = titles
        self.filters = filters and not query
        self.empty = empty
        # Before the first answer nobody knows whether the list is empty.
        self._asked = query
        self.asks = query
        self._editing = query
        self._hint = ""
        self._edit = LineEdit()
        self._all: tuple[Row, ...] = ()
        self._rows: tuple[Row, ...] = ()
        self._cursor = -1
        self._top = 0
        self._widths: tuple[int, ...] = ()

    # What stands in it

    @property
    def rows(self) -> tuple[Row, ...]:
        """Return the rows shown, after the filter."""
        return self._rows

    @property
    def cursor_key(self) -> str | None:
        """Return the key of the row under the cursor."""
        return self._rows[self._cursor].key if 0 <= self._cursor < len(self._rows) else None

    @property
    def text(self) -> str:
        """Return what is typed as query or filter."""
        return self._edit.text

    @property
    def editing(self) -> bool:
        """Tell whether printable keys are text here at present."""
        return self._editing

    @editing.setter
    def editing(self, value: bool) -> None:
        self._editing = value
        self.redraw()

    def set_rows(self, rows: Sequence[Row], *, home: bool = False) -> None:
        """Show other rows; the cursor stays on its key and its line, or goes to the first row.

        When its row is gone the cursor takes the row that moved into its place.
        """
        self._all = tuple(rows)
        self._asked = True
        self._show(home)

    def set_columns(self, columns: Sequence[Column]) -> None:
        """Have rows of other columns; rows of those are to be set next."""
        if tuple(columns) != self.columns:
            self.columns, self._widths, self._rows, self._all = tuple(columns), (), (), ()

    def set_text(self, text: str) -> None:
        """Replace the query without posting a message."""
        self._edit.set(text)
        self._show(False)

    def show_all(self) -> None:
        """Let a typed filter go."""
        self._editing = self.asks
        self.set_text("")

    def set_hint(self, text: str) -> None:
        """Show a short text at the right end of the query line."""
        self._hint = text
        self.redraw((0,))

    def move_to(self, key: str) -> bool:
        """Put the cursor on the row with this key; False when it is not shown."""
        found = self._index(key)
        if found >= 0:
            self._go(found)
        return found >= 0

    def _show(self, home: bool) -> None:
        before, offset = self.cursor_key, self._cursor - self._top
        self._rows = self._narrowed()
        kept = -1 if home or before is None else self._index(before)
        if kept >= 0:
            self._cursor = kept
        else:
            self._cursor = self._nearest(0 if home else max(0, self._cursor), 1)
        self._top = 0 if home else self._cursor - max(0, offset)
        self._settle()
        self.redraw()
        if self.cursor_key != before:
            self.post_message(self.Moved(self, self.cursor_key))

    def _narrowed(self) -> tuple[Row, ...]:
        words = [] if self.asks else self._edit.text.casefold().split()
        if not words:
            return self._all
        return tuple(row for row in self._all if row.kind == "row" and _holds(row, words))

    def _index(self, key: str) -> int:
        found = (i for i, row in enumerate(self._rows) if row.key == key and row.kind == "row")
        return next(found, -1)

    # Moving about

    @property
    def _pinned(self) -> int:
        """The lines above the rows."""
        return (1 if self.asks else 0) + (1 if self.titles or self._filter_shown else 0)

    @property
    def _filter_shown(self) -> bool:
        return not self.asks and (self._editing or bool(self._edit.text))

    @property
    def page(self) -> int:
        """Return how many rows fit."""
        return max(1, self.size.height - self._pinned) if self.size.height else UNSEEN

    def _nearest(self, index: int, step: int) -> int:
        """Return the row to choose at `index`, looking on in direction `step`, then back."""
        count = len(self._rows)
        if not count:
            return -1
        index = max(0, min(index, count - 1))
        onward = range(index, count) if step > 0 else range(index, -1, -1)
        back = range(index, -1, -1) if step > 0 else range(index, count)
        places = (i for part in (onward, back) for i in part if self._rows[i].kind == "row")
        return next(places, -1)

    def _go(self, index: int) -> None:
        if index == self._cursor or index < 0:
            return
        before, top = self._cursor, self._top
        self._cursor = index
        self._settle()
        moved = (before, index) if top == self._top else None
        self.redraw(None if moved is None else (self._y(i) for i in moved))
        self.post_message(self.Moved(self, self.cursor_key))

    def _y(self, index: int) -> int:
        return index - self._top + self._pinned

    def _settle(self) -> None:
        """Scroll half a page when the cursor left the window, and never past the ends."""
        if not self._top <= self._cursor < self._top + self.page:
            self._top = self._cursor - self.page // 2
        if self._cursor == self._nearest(0, 1):
            self._top = 0
        self._top = max(0, min(self._top, len(self._rows) - self.page))
        x = self._edit.at + len(self.prompt if self.asks else "/") if self._editing else 0
        self.point_at(x, 0 if self._editing else self._y(self._cursor))

    def _step(self, step: int) -> None:
        target = self._nearest(self._cursor + step, 1 if step > 0 else -1)
        if (target > self._cursor) == (step > 0):
            self._go(target)

    def _turn(self, step: int) -> None:
        self._top = max(0, min(self._top + step, len(self._rows) - self.page))
        self._step(step)
        self.redraw()

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Keep printable keys from the app's letters while they are text here."""
        return self._editing and character is not None and character.isprintable()

    def on_key(self, event: events.Key) -> None:
        """Move, open, edit; other keys go on to the screen."""
        if self._edited(event) or self._moved(event.key) or self._filtered(event):
            event.stop()
            event.prevent_default()

    def on_paste(self, event: events.Paste) -> None:
        """Take pasted text as typed."""
        if self._editing:
            event.stop()
            self._edit.insert(event.text)
            self._query_changed()
            self._settle()
            self.redraw((0,))

    def on_resize(self) -> None:
        """Lay out the columns for the new width."""
        self._widths = ()
        self._settle()
        self.redraw()

    def on_focus(self) -> None:
        """Bring the terminal's cursor here."""
        self._settle()

    def _edited(self, event: events.Key) -> bool:
        if not self._editing:
            return False
        before = self._edit.text
        if not self._edit.key(event.key, event.character):
            return False
        if self._edit.text != before:
            self._query_changed()
        self._settle()
        self.redraw((0,))
        return True

    def _moved(self, key: str) -> bool:
        moves = {"up": -1, "down": 1, "home": -len(self._rows), "end": len(self._rows)}
        if key in moves:
            self._step(moves[key])
        elif key in ("pageup", "pagedown"):
            self._turn(self.page - 1 if key == "pagedown" else 1 - self.page)
        else:
            return False
        return True

    def _filtered(self, event: events.Key) -> bool:
        if event.key == "enter" and self._filter_shown and self._editing:
            self.editing = False
        elif event.key == "enter" and self.cursor_key is not None:
            self.post_message(self.Opened(self, self.cursor_key))
        elif event.character == "/" and self.filters:
            self.editing = True
        elif event.key == "escape" and self._filter_shown:
            self._edit.set("")
            self._editing = False
            self._query_changed()
        else:
            return False
        return True

    def _query_changed(self) -> None:
        if not self.asks:
            gone = all(row.key != self.cursor_key for row in self._narrowed())
            self._show(home=gone)
        self.post_message(self.QueryChanged(self, self._edit.text, not self.asks))

    def line(self, y: int) -> Line:
        """Return the query, the titles, a row, or the sentence of an empty list."""
        if self.asks and y == 0:
            return self._query_line()
        if y < self._pinned:
            return self._filter_line() if self._filter_shown else self._title_line()
        index = y - self._pinned + self._top
        if index < len(self._rows):
            return self._row_line(index)
        return ((self._nothing, "dim"),) if not self._rows and y == self._pinned else ()

    @property
    def _nothing(self) -> str:
        """Say why no row is shown: there is none, or the filter fits none."""
        if self._all:
            return f"Nothing here fits “{self.text}”; Esc shows all."
        return self.empty if self._asked else ""

    @property
    def _room(self) -> int:
        """Cells for a typed text: as much as keeps its cursor in sight."""
        return max(1, self.size.width - len(self.prompt))

    def _query_line(self) -> Line:
        left = ((self.prompt, "bold"), *self._edit.spans(self._editing, self._room))
        room = self.size.width - width_of(left) - 1
        return (*left, (fit(self._hint, room, "right"), "dim")) if room > 0 else left

    def _filter_line(self) -> Line:
        count = f"  {len(self._rows)} of {len(self._all)}"
        return (("/", "bold"), *self._edit.spans(self._editing, self._room), (count, "dim"))

    def _title_line(self) -> Line:
        cells = tuple(column.title for column in self.columns)
        text = "".join(text for text, _ in self._cell_spans(Row("", cells)))
        return ((text.rstrip(), "underline"),)

    def _row_line(self, index: int) -> Line:
        row = self._rows[index]
        if row.kind != "row":
            return ((row.cells[0], row.style or ("bold" if row.kind == "head" else "dim")),)
        spans = self._cell_spans(row)
        if index == self._cursor:
            return join((*spans, (" " * (self.size.width - width_of(spans)), "")), "reverse")
        return spans

    def _cell_spans(self, row: Row) -> Line:
        """Return the cells side by side, neighbours of one style as one span."""
        marks = dict(row.marks)
        spans: list[Span] = []
        plain = row.style or ""
        pairs = zip(self.columns, row.cells, self._layout(), strict=False)
        for column, cell, width in pairs:
            if width:
                text = fit(cell, width, column.align)
                _add(spans, text, marks.get(column.key, plain))
                _add(spans, " ", plain)
        return tuple(spans)

    def _layout(self) -> tuple[int, ...]:
        """Return the width of each column, 0 for those this screen is too narrow for."""
        if not self._widths:
            screen = self.app.size.width
            shown = [column.width * (column.min_screen <= screen) for column in self.columns]
            left = self.size.width - sum(width + 1 for width in shown if width)
            flexible = [i for i, column in enumerate(self.columns) if column.flex and shown[i]]
            for i in flexible if left > 0 else reversed(flexible):
                room = shown[i] + left
                given = max(min(LEAST, shown[i]), min(room, self.columns[i].most or room))
                left -= given - shown[i]
                shown[i] = given
            self._widths = tuple(shown)
        return self._widths


def _holds(row: Row, words: list[str]) -> bool:
    text = " ".join(row.cells).casefold()
    return all(word in text for word in words) or _holds_folded(text, words)


def _holds_folded(text: str, words: list[str]) -> bool:
    """Tell whether a row holds words that were typed without their marks: nguyen is Nguyễn."""
    from pcoord.domain.names import fold

    plain = fold(text)
    return all(fold(word) in plain for word in words)


def _add(spans: list[Span], text: str, style: str) -> None:
    if spans and spans[-1][1] == style:
        spans[-1] = (spans[-1][0] + text, style)
    else:
        spans.append((text, style))

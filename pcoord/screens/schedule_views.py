"""How the schedule's three views draw a sheet: the grid, one practitioner's list, the week."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pcoord.actions import ACTIONS, EVERYWHERE
from pcoord.keymap import Keymap, key_name
from pcoord.widgets.day_grid import LABEL, LEAST, Block, DayGrid, DaySpan, GridColumn
from pcoord.widgets.paint import LETTER_STYLES
from pcoord.widgets.row_list import Column, Row
from pcoord.widgets.week_lines import WeekLine, WeekLines

if TYPE_CHECKING:
    from pcoord.services.late import Expected
    from pcoord.services.sheets import Sheet, Stretch, Visit, Week

ROOMY = 28
"""A column as wide as this shows whole names, and birth dates where they matter."""

WEEK_BESIDE = 20
"""Cells that day and practitioner take beside the hours of a week's line."""

TITLES_FROM = 100
"""Columns of the terminal from which on a week's line says what the practitioner does."""

TURN = "turn"
"""Stands in a footer for the two keys that turn the day."""

GAP_KEY = "gap "
LIST_COLUMNS = (
    Column("time", "time", 5),
    Column("st", "st", 2),
    Column("name", "patient", 18, flex=True, most=36),
    Column("born", "born", 10),
    Column("mrn", "mrn", 7),
    Column("type", "for", 6),
    Column("min", "min", 3, "right"),
    Column("with", "with", 6),
    Column("text", "now", 13),
    Column("note", "note", 16, flex=True, min_screen=110),
)
EXPECTED_COLUMNS = (
    Column("time", "time", 5),
    Column("likely", "then", 6),
    Column("name", "patient", 18, flex=True, most=36),
    Column("born", "born", 10),
    Column("phone", "phone", 16),
    Column("type", "for", 5),
    Column("with", "with", 6),
    Column("told", "told", 4),
)


FOOTERS: dict[str, tuple[tuple[str, str], ...]] = {
    "day": (
        ("help.show", ""),
        ("row.open", ""),
        ("appointment.book", ""),
        ("encounter.check_in", ""),
        ("appointment.move", ""),
        ("appointment.cancel", ""),
        (TURN, "day"),
        ("schedule.view", ""),
        ("list.filter", "find"),
        ("schedule.goto", ""),
        ("schedule.expected", ""),
        ("encounter.advance", ""),
        ("schedule.late", ""),
        ("palette.open", ""),
    ),
    "cut": (
        ("help.show", ""),
        ("schedule.put", "put here"),
        ("appointment.move", "type where to"),
        ("", "let go"),
        (TURN, "day"),
        ("schedule.goto", ""),
        ("schedule.view", ""),
    ),
    "expected": (
        ("help.show", ""),
        ("encounter.advance", "told"),
        ("appointment.move", "move"),
        ("appointment.cancel", ""),
        ("call.new", ""),
        ("row.open", "card"),
        ("", "back"),
        ("step.undo", ""),
        ("palette.open", ""),
    ),
}
"""The actions of each footer, the most wanted first, with another word where one fits better."""


def footer_of(view: str, keymap: Keymap) -> list[tuple[str, str]]:
    """Return the keys of a view, or of the day while a visit is cut."""
    shown = FOOTERS.get(view, FOOTERS["day"])
    return [
        (_key_of(action_id, keymap), word or ACTIONS[action_id].label) for action_id, word in shown
    ]


def _key_of(action_id: str, keymap: Keymap) -> str:
    """Return the key as the footer writes it; those that work in fields too come first."""
    if not action_id:
        return "Esc"
    if action_id == TURN:
        pair = (_key_of("schedule.before", keymap), _key_of("schedule.after", keymap))
        return " ".join(pair)
    everywhere = ACTIONS[action_id].keys.get(EVERYWHERE)
    if everywhere:
        return key_name(keymap.of(action_id, EVERYWHERE, everywhere).split(",")[0])
    return key_name(keymap.label(action_id, "schedule"))


def clock(minute: int) -> str:
    """Return minutes since midnight as HH:MM."""
    return f"{minute // 60 % 24:02}:{minute % 60:02}"


# The day


def draw_day(grid: DayGrid, sheet: "Sheet", cut_id: str | None) -> None:
    """Show a sheet in the grid; a visit that is cut is shown as cut."""
    roomy = _is_roomy(grid.app.size.width, len(sheet.columns))
    first, last = sheet.bounds
    grid.set_day(
        [GridColumn(c.id, c.title, c.late) for c in sheet.columns],
        [_block(v, roomy, v.id == cut_id) for v in sheet.visits if v.holds],
        [
            DaySpan(s.practitioner_id, s.start, s.end, s.kind, s.text)
            for s in sheet.stretches
            if s.kind != "free"
        ],
        first=first // 60 * 60,
        last=last,
        now=sheet.now,
    )


def _is_roomy(width: int, columns: int) -> bool:
    shown = max(1, min(columns, (width - LABEL) // LEAST))
    return (width - LABEL) // shown >= ROOMY


def _block(visit: "Visit", roomy: bool, cut: bool) -> Block:
    born = f"{visit.born}" if visit.alike and (roomy or not visit.text) else ""
    flags = ("=" if visit.alike else "", "!" if visit.over else "")
    return Block(
        column=visit.row.practitioner_id,
        start=visit.start,
        minutes=visit.minutes,
        letter=visit.letter,
        name=visit.name if roomy else visit.short,
        tag="CUT" if cut else visit.tag,
        text=f"{visit.text} {born}".strip(),
        key=visit.id,
        flags=" ".join(filter(None, flags)),
    )


# One practitioner's list, or everybody's visits


def list_rows(sheet: "Sheet", practitioner_id: str, cut_id: str | None) -> list[Row]:
    """Return visits, free and blocked time by the clock; of everybody only the visits."""
    mine = [v for v in sheet.visits if practitioner_id in ("", v.row.practitioner_id)]
    rows = [((v.start, 1, v.id), _visit_row(sheet, v, v.id == cut_id)) for v in mine]
    if practitioner_id:
        for stretch in sheet.stretches:
            if stretch.practitioner_id == practitioner_id and stretch.kind != "open":
                rows.append(((stretch.start, 0, ""), _stretch_row(stretch)))
    return [row for _, row in sorted(rows, key=lambda pair: pair[0])]


def _visit_row(sheet: "Sheet", visit: "Visit", cut: bool) -> Row:
    column = sheet.column(visit.row.practitioner_id)
    mark = "= " if visit.alike else ""
    cells = (
        clock(visit.start),
        visit.letter,
        mark + visit.name,
        visit.born,
        visit.row.mrn or "-",
        visit.tag,
        str(visit.minutes),
        column.code if column else "",
        "CUT" if cut else f"{visit.text}{' !' if visit.over else ''}",
        " ".join((visit.row.note or "").split()),
    )
    style = "bold red" if visit.over else LETTER_STYLES.get(visit.letter, "")
    return Row(visit.id, cells, marks=(("st", style),) if style else ())


def _stretch_row(stretch: "Stretch") -> Row:
    minutes = stretch.end - stretch.start
    what = "free" if stretch.kind == "free" else f"blocked  {stretch.text}".rstrip()
    mark = "-" if stretch.kind == "free" else "x"
    cells = (
        clock(stretch.start),
        mark,
        what,
        "",
        "",
        "",
        str(minutes),
        "",
        f"to {clock(stretch.end)}",
        "",
    )
    return Row(f"{GAP_KEY}{stretch.start}", cells, style="dim")


def minute_of(key: str) -> int | None:
    """Return the minute of a row of free or blocked time, None for a visit."""
    return int(key.removeprefix(GAP_KEY)) if key.startswith(GAP_KEY) else None


# The week


def draw_week(lines: WeekLines, week: "Week") -> None:
    """Show the week's openings in the hours in which people are in, as many as fit."""
    hours = _window(week, (lines.app.size.width - WEEK_BESIDE) // 5)
    shown = [
        WeekLine(
            line.key,
            f"{line.day:%a} {line.day.day:>2}{'>' if line.day == week.today else ''}",
            line.places[hours.start * 4 : hours.stop * 4],
            line.title if lines.app.size.width >= TITLES_FROM else line.code,
        )
        for line in week.lines
    ]
    lines.set_week(shown, hours)


def _window(week: "Week", most: int) -> range:
    """Return the hours to show: all of them, or those that hold the most open time."""
    if week.last - week.first <= most:
        return range(week.first, week.last)

    def open_from(start: int) -> int:
        cut = [line.places[start * 4 : (start + most) * 4] for line in week.lines]
        return sum(len(text) - text.count(".") for text in cut)

    start = max(range(week.first, week.last - most + 1), key=lambda hour: (open_from(hour), -hour))
    return range(start, start + most)


# Who is not here yet


def expected_rows(people: "Sequence[Expected]") -> list[Row]:
    """Return who is to be told, with phones; who was told is marked and dim."""
    return [
        Row(
            one.id,
            (
                one.at,
                f"~{one.likely}" if one.likely else "",
                one.name,
                one.born,
                one.phone or "no phone",
                one.kind,
                one.code,
                "told" if one.told else "-",
            ),
            style="dim" if one.told else None,
        )
        for one in people
    ]

"""The day on paper: plain text for whoever works without a screen, or when the power is out."""

import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from pcoord.domain.dates import say_time
from pcoord.domain.errors import BadUsage, DeskError, Refused
from pcoord.domain.visit import letter_word
from pcoord.services.desk import Desk
from pcoord.services.sheets import Sheet, SheetColumn, Visit, load

WIDTH = 80


def default_name(day: date, code: str = "") -> str:
    """Return the file that is offered: in the home folder, named by the day and for whom."""
    return f"~/schedule-{day.isoformat()}{'-' + code if code else ''}.txt"


def print_day(
    desk: Desk, day: date, path: str, practitioner_ids: Sequence[str] | None = None
) -> str:
    """Write a day, of all or some practitioners, to a new file that only its owner may read.

    Returns a sentence. Refuses to write over a file; stores a note of what was printed and where.
    """
    sheet = load(desk, day, on_paper=True)
    columns = [c for c in sheet.columns if practitioner_ids is None or c.id in practitioner_ids]
    target = target_of(path)
    count = sum(len(_of(sheet, column)) for column in columns)
    write_new(
        target, day_text(sheet, columns, desk.clinic.local(desk.now).time().strftime("%H:%M"))
    )
    whose = ", ".join(column.code for column in columns)
    said = f"Printed {sheet.title}, {whose}, {count} visits, to {target}"
    try:
        desk.store.note(desk.who, "print", said=f"{said}.")
    except DeskError:
        # What left the clinic and is not accounted for must not be left lying about.
        target.unlink(missing_ok=True)
        raise
    return f"{said}; only you may read it."


def target_of(path: str) -> Path:
    """Return the file a person named; one without a folder is in their home."""
    if not path.strip():
        raise BadUsage("Name the file, such as ~/schedule.txt.")
    target = Path(path.strip()).expanduser()
    return target if target.is_absolute() else Path.home() / target


def write_new(target: Path, text: str) -> None:
    """Write a file that only its owner may read; refuse to write over one."""
    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Refused(f"{target} exists already; give another name.") from None
    except OSError as error:
        raise Refused(f"{target} cannot be written: {error.strerror}. Give another name.") from None
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        target.unlink(missing_ok=True)
        raise Refused(
            f"{target} cannot be written: {error.strerror}. Nothing is left of it; make room, or "
            "name another place."
        ) from None


def day_text(sheet: Sheet, columns: Sequence[SheetColumn], at: str) -> str:
    """Return the day as plain text, a practitioner below the other."""
    head = f"{sheet.clinic.name}   {sheet.title.removesuffix(' today')}   printed {at}"
    parts = [head, *(line for column in columns for line in _column_lines(sheet, column))]
    return "\n".join(line.rstrip() for line in parts) + "\n"


def _column_lines(sheet: Sheet, column: SheetColumn) -> list[str]:
    late = f"   runs {column.late} minutes late" if column.late else ""
    visits = _of(sheet, column)
    lines = ["", f"{column.title}{late}", "-" * WIDTH]
    lines += [_visit_line(sheet, visit) for visit in visits]
    return [*lines, *([] if visits else ["no visits"])]


def _of(sheet: Sheet, column: SheetColumn) -> list[Visit]:
    """Return the visits of a practitioner that still stand."""
    return [v for v in sheet.visits if v.row.practitioner_id == column.id and v.holds]


def _visit_line(sheet: Sheet, visit: Visit) -> str:
    at = say_time(sheet.clinic.local(visit.row.start_at).time())
    mark = "=" if visit.alike else " "
    kept = "  CONFIDENTIAL" if visit.row.confidential else ""
    return (
        f"{at} {visit.minutes:>3}m {mark}{visit.name[:30]:<30} {visit.born:<10} "
        f"{visit.row.mrn or '-':<8} {visit.tag:<6} {letter_word(visit.letter)}{kept}"
    )

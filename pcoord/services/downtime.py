"""Downtime on paper: what the desk needs when the screens are dark, written before they are.

Today and the next two business days by practitioner, the open call-backs, and blank forms; as
text and as PDF. Run every half hour by a timer, each file is replaced as a whole, files of days
that are past go, and only their owner may read them.
"""

import contextlib
import os
import re
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from pcoord.domain import alerts
from pcoord.domain.clinic import Clinic
from pcoord.domain.dates import say_birth, say_day, say_time
from pcoord.domain.errors import DeskError, Refused, Unavailable
from pcoord.domain.visit import letter_word
from pcoord.exchange.paper import Column, Paper, Table, as_text
from pcoord.services import sheets
from pcoord.services.desk import Desk
from pcoord.services.downtime_forms import blank_forms
from pcoord.services.late import say_phone
from pcoord.services.restricted_records import called, is_closed, veiled
from pcoord.store.queries import calls as call_queries
from pcoord.store.queries import people, schedule

BUSINESS_DAYS = 2
"""Days printed besides today."""

MOST = 200
"""Characters of a cell that are printed."""

_LOOK_AHEAD = 14
_OURS = re.compile(r"(day-\d{4}-\d\d-\d\d|call-backs|forms)\.(txt|pdf)|\.pcoord-downtime-\d+\.tmp")
_LETTER_PAPER = frozenset({"US", "CA", "MX", "PR", "PH", "CL", "CO"})
KEPT = "restricted"
"""Stands on paper for what a restricted record keeps: nobody can say there why they read it."""

_UNSAID = frozenset({"money"})
"""Kinds of alert that paper does not show."""

VISITS = (
    Column("time", 5),
    Column("type", 6),
    Column("name, MRN", 22),
    Column("born", 10),
    Column("phone", 14),
    Column("needs", 13),
)
CALLBACKS = (
    Column("due", 12),
    Column("for", 6),
    Column("who", 20),
    Column("phone", 14),
    Column("what", 20),
)


@dataclass(frozen=True)
class Printed:
    """What was printed: a sentence, the files, how many visits and call-backs, and a warning."""

    said: str
    files: tuple[Path, ...]
    days: tuple[date, ...]
    visits: int
    call_backs: int
    warning: str = ""


def write(
    desk: Desk, folder: Path, *, text_only: bool = False, fonts: Sequence[Path] = ()
) -> Printed:
    """Write the sheets into a folder, and note in the audit log what was printed and where.

    Where nothing can be recorded (a read-only or failing database) they are written all the same:
    that is when they are needed. The warning says so.
    """
    books = _books(desk)
    days = tuple(sheet.day for sheet in books)
    due = veiled(desk, desk.read(call_queries.calls, open_only=True), always=True)
    at = f"printed {_moment(desk)}"
    papers = [*(_day_paper(desk, sheet, at) for sheet in books), _due_paper(desk, due, at)]
    papers.append(blank_forms(desk.clinic.name, desk.today))
    contents = {f"{paper.name}.txt": as_text(paper).encode() for paper in papers}
    if not text_only:
        contents |= {f"{paper.name}.pdf": _pdf(desk, paper, fonts) for paper in papers}
    _make(folder)
    for name, content in contents.items():
        _replace(folder / name, content)
    _remove_old(folder, set(contents))
    visits = sum(len(_standing(sheet)) for sheet in books)
    named = ", ".join(say_day(day, desk.today) for day in days)
    counted = f"{_count(visits, 'visit')} and {_count(len(due), 'open call-back')}"
    said = f"Printed {named}: {counted}, to {folder}."
    files = tuple(folder / name for name in contents)
    return Printed(said, files, days, visits, len(due), _note(desk, said))


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _note(desk: Desk, said: str) -> str:
    """Record the printing; return what to warn of when that cannot be done."""
    if desk.store.read_only:
        return "The database may only be read from here, so this printing is not in its audit log."
    try:
        desk.store.note(desk.who, "print", said=said)
    except DeskError as error:
        return f"This printing is not in the audit log: {error.sentence}"
    return ""


def _books(desk: Desk) -> list[sheets.Sheet]:
    """Return today and the next days on which anybody is in or booked."""
    found = [sheets.load(desk, desk.today, on_paper=True)]
    for ahead in range(1, _LOOK_AHEAD + 1):
        sheet = sheets.load(desk, desk.today + timedelta(days=ahead), on_paper=True)
        if sheet.spans("open") or _standing(sheet):
            found.append(sheet)
        if len(found) > BUSINESS_DAYS:
            break
    return found


def _moment(desk: Desk) -> str:
    local = desk.clinic.local(desk.now)
    return f"{say_day(local.date(), desk.today)} {say_time(local.time())}"


# What stands on the sheets


def _standing(sheet: sheets.Sheet) -> list[sheets.Visit]:
    return [visit for visit in sheet.visits if visit.holds]


def _day_paper(desk: Desk, sheet: sheets.Sheet, at: str) -> Paper:
    ids = list({visit.row.patient_id for visit in _standing(sheet)})
    numbers = desk.read(schedule.phones_of, ids)
    minded = _alerts(desk, ids, sheet.day)
    tables = [_column(desk.clinic, sheet, one, numbers, minded) for one in sheet.columns]
    title = sheets.say_long(sheet.day, sheet.day).removesuffix(" today")
    return Paper(
        f"day-{sheet.day.isoformat()}",
        f"{desk.clinic.name}   {title}",
        f"{at}   = could be mixed up with somebody of this day: ask the birth date",
        tuple(tables),
        "Names of patients: keep under lock, and destroy when the next one is printed.",
    )


def _alerts(desk: Desk, ids: list[str], day: date) -> dict[str, list[str]]:
    """Return the kinds of alert that anybody may read: paper is for no role in particular."""
    found: dict[str, list[str]] = {}
    rows = desk.read(people.alerts_of, ids)
    for row in alerts.shown(rows, place="board", role="", day=day):
        found.setdefault(row.patient_id, []).append(row.kind)
    return found


def _column(
    clinic: Clinic,
    sheet: sheets.Sheet,
    column: sheets.SheetColumn,
    numbers: dict[str, Any],
    alerts: dict[str, list[str]],
) -> Table:
    own = [v for v in _standing(sheet) if v.row.practitioner_id == column.id]
    rows = tuple(_short(_visit_row(clinic, visit, numbers, alerts)) for visit in own)
    late = f"runs {column.late} minutes late" if column.late else ""
    return Table(column.title, VISITS, rows, late, "no visits")


def _phone_to_call(row: Any | None, region: str) -> str:
    if row is None:
        return "none"
    kept = " leave nothing" if row.may_leave == "nothing" else ""
    return say_phone(row.value, region) + kept


def _short(cells: tuple[str, ...]) -> tuple[str, ...]:
    """Cut what would fill a page; the screen has it in full."""
    return tuple(cell if len(cell) <= MOST else f"{cell[: MOST - 4]} ..." for cell in cells)


def _visit_row(
    clinic: Clinic, visit: sheets.Visit, numbers: dict[str, Any], alerts: dict[str, list[str]]
) -> tuple[str, ...]:
    row = visit.row
    return (
        say_time(clinic.local(row.start_at).time()),
        f"{visit.tag} {visit.minutes}m",
        f"{'= ' if visit.alike else ''}{visit.name}, {row.mrn or '-'}",
        KEPT if is_closed(row) else visit.born or "unknown",
        KEPT if is_closed(row) else _phone_to_call(numbers.get(row.patient_id), clinic.region),
        "; ".join(_needs(visit, alerts.get(row.patient_id, ()))),
    )


def _needs(visit: sheets.Visit, alerts: Sequence[str]) -> list[str]:
    """Return what is to be known of a visit: where it stands, language, alerts, the note."""
    row = visit.row
    foreign = row.language if row.language and row.language != "en" else ""
    spoken = f"interpreter {foreign}".strip() if row.interpreter else foreign
    stands = "" if visit.letter == "B" else letter_word(visit.letter)
    kept = "CONFIDENTIAL" if row.confidential else ""
    shown = [kind for kind in dict.fromkeys(alerts) if kind not in _UNSAID]
    return [text for text in (kept, stands, spoken, *shown, row.note) if text]


def _due_paper(desk: Desk, due: Sequence[Any], at: str) -> Paper:
    rows = tuple(_short(_due_row(desk, row)) for row in due)
    table = Table("Open call-backs", CALLBACKS, rows, "by the time they are due", "none")
    foot = "Names of patients: keep under lock, and destroy when the next one is printed."
    return Paper("call-backs", f"{desk.clinic.name}   open call-backs", at, (table,), foot)


def _due_row(desk: Desk, row: Any) -> tuple[str, ...]:
    clinic = desk.clinic
    local = clinic.local(row.callback_due)
    born = say_birth(row.birth_date, clinic.date_order) if row.birth_date else ""
    who = ", ".join(filter(None, (called(row), born, row.mrn or "-"))) if row.family else row.caller
    by = row.callback_practitioner_id
    return (
        f"{say_day(local.date(), desk.today)} {say_time(local.time())}",
        clinic.practitioner(by).code if by else "",
        who or "",
        KEPT if is_closed(row) else say_phone(row.phone, clinic.region) or "none",
        f"call {row.number}: {row.note or row.reason or ''}",
    )


def _pdf(desk: Desk, paper: Paper, fonts: Sequence[Path]) -> bytes:
    # Heavy, and asked for by nothing else.
    from pcoord.exchange.paper_pdf import as_pdf

    letter = desk.clinic.region in _LETTER_PAPER
    return as_pdf(paper, desk.clinic.local(desk.now), letter=letter, fonts=fonts)


# Files


def _make(folder: Path) -> None:
    """Make the folder for its owner alone; one that holds nothing else is closed to others."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        found = folder.stat()
        ours = all(_OURS.fullmatch(name) for name in os.listdir(folder))
        if ours and found.st_uid == os.geteuid() and stat.S_IMODE(found.st_mode) & 0o077:
            folder.chmod(0o700)
    except (FileExistsError, NotADirectoryError):
        raise Refused(f"{folder} is a file; name a folder for the sheets.") from None
    except OSError as error:
        raise _unwritable(folder, error) from error


def _replace(path: Path, content: bytes) -> None:
    """Put a file in the place of an older one, whole or not at all; only its owner reads it."""
    made = path.with_name(f".pcoord-downtime-{os.getpid()}.tmp")
    try:
        with contextlib.suppress(FileNotFoundError):
            made.unlink()
        handle = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(handle)
        made.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            made.unlink()
        raise _unwritable(path, error) from error


def _remove_old(folder: Path, written: set[str]) -> None:
    """Remove sheets of other days and what an interrupted run left; a stale sheet misleads."""
    for name in os.listdir(folder):
        if _OURS.fullmatch(name) and name not in written:
            with contextlib.suppress(OSError):
                (folder / name).unlink()


def _unwritable(path: Path, error: OSError) -> Unavailable:
    return Unavailable(f"{path} cannot be written: {error.strerror}. Name another folder.")

"""The schedule as the desk sees it: a day by practitioner, and a week's openings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from pcoord.domain import alerts, standing
from pcoord.domain.clinic import Clinic, Practitioner
from pcoord.domain.dates import say_birth, say_day, say_time
from pcoord.domain.likeness import alike
from pcoord.domain.sentences import full_name
from pcoord.domain.slots import Hours, Span, blocked_spans, gaps, open_spans, quarter_line, wall
from pcoord.services import day as days
from pcoord.services import restricted_records
from pcoord.services.booking import GRACE
from pcoord.services.desk import Desk
from pcoord.services.sheet_words import Facts, say_text, say_visit
from pcoord.store.queries import schedule
from pcoord.store.queries.beside import beside

NOT_SHOWN = frozenset({"cancelled", "waitlist"})
"""Statuses that leave the time free: such visits stand in the list only."""

MODALITY_MARKS = {"video": "v", "telephone": "t", "phone": "t", "virtual": "v"}


@dataclass(frozen=True)
class SheetColumn:
    """A practitioner of the day; `late` in minutes."""

    id: str
    code: str
    title: str
    late: int = 0
    why: str | None = None


@dataclass(frozen=True)
class Visit:
    """A visit of the day; `start` in minutes since midnight on the clinic's wall clock.

    `short` is the name where there is little room, `text` where the patient is and since when.
    """

    row: Any
    start: int
    minutes: int
    letter: str
    name: str
    short: str
    tag: str
    text: str
    over: bool
    alike: bool
    born: str

    @property
    def id(self) -> str:
        """Return the appointment's id."""
        return str(self.row.id)

    @property
    def holds(self) -> bool:
        """Tell whether the visit stands in the practitioner's time."""
        return self.row.status not in NOT_SHOWN


@dataclass(frozen=True)
class Stretch:
    """Open, blocked or free time of a practitioner, in minutes since midnight."""

    practitioner_id: str
    start: int
    end: int
    kind: str
    text: str = ""


@dataclass(frozen=True)
class Sheet:
    """A day of the schedule, with what it takes to say any place of it in words."""

    day: date
    today: date
    now: int | None
    clinic: Clinic
    facts: Facts
    columns: tuple[SheetColumn, ...]
    visits: tuple[Visit, ...]
    stretches: tuple[Stretch, ...]
    state: days.State

    @property
    def title(self) -> str:
        """Return the day as the top line names it: "Tue 24 Nov 2026 today"."""
        return say_long(self.day, self.today)

    @cached_property
    def by_id(self) -> dict[str, Visit]:
        """Return the visits by their appointment's id."""
        return {visit.id: visit for visit in self.visits}

    def column(self, practitioner_id: str) -> SheetColumn | None:
        """Return the column of a practitioner, None when there is none this day."""
        return next((c for c in self.columns if c.id == practitioner_id), None)

    def spans(self, kind: str) -> list[Stretch]:
        """Return the stretches of a kind: open, blocked or free."""
        return [stretch for stretch in self.stretches if stretch.kind == kind]

    def free_at(self, practitioner_id: str, minute: int) -> Stretch | None:
        """Return the free stretch a minute lies in."""
        return next(
            (
                s
                for s in self.spans("free")
                if s.practitioner_id == practitioner_id and s.start <= minute < s.end
            ),
            None,
        )

    @property
    def bounds(self) -> tuple[int, int]:
        """Return the first minute of the day's open time or visits, and the one after its last."""
        open_ = [(s.start, s.end) for s in self.spans("open")]
        held = [(v.start, v.start + v.minutes) for v in self.visits if v.holds]
        both = open_ + held
        if not both:
            return self.clinic.day_start_minute, self.clinic.day_end_minute
        return min(start for start, _ in both), max(end for _, end in both)

    def start_at(self, practitioner_id: str, minute: int) -> str | None:
        """Return a free minute that can still be booked as UTC ISO 8601, else None."""
        moment = wall(self.day, minute, self.clinic.zone)
        past = moment < self.facts.now - GRACE
        if past or self.free_at(practitioner_id, minute) is None:
            return None
        return moment.isoformat()

    def say(self, visit: Visit) -> str:
        """Name a visit in full: who, how old, number, what for, with whom, and how it stands."""
        return say_visit(visit.row, self.facts, visit.letter, alike=visit.alike)

    def say_place(self, practitioner_id: str, minute: int) -> str:
        """Say what a place without a visit is: free, blocked or closed."""
        column = self.column(practitioner_id)
        if column is None:
            return ""
        at = f"{say_day(self.day, self.today)} {_clock(minute)}"
        free = self.free_at(practitioner_id, minute)
        if free is not None:
            left = free.end - max(free.start, minute)
            word = "free" if self.start_at(practitioner_id, minute) else "past"
            return f"{word}  {at} with {column.code}   {left}m to {_clock(free.end)}"
        for span in self.spans("blocked"):
            if span.practitioner_id == practitioner_id and span.start <= minute < span.end:
                return f"blocked  {at} {column.code}   {span.text}".rstrip()
        return f"closed  {at}: {column.code} is not in"


def load(desk: Desk, day: date, *, on_paper: bool = False) -> Sheet:
    """Return a day of all practitioners; two statements.

    `on_paper` is for whoever may read it: of restricted patients it shows the least.
    """
    book = days.load_day(desk, day, also=("alerts", "figures"))
    stages = {s.code: s for s in desk.stages}
    facts = Facts(desk.clinic, stages, desk.now, desk.today, _alerts(desk, book))
    held = [row for row in book.visits if row.status not in NOT_SHOWN]
    like = alike(held, held)
    shown = restricted_records.veiled(desk, book.visits, always=on_paper)
    visits = tuple(_visit(row, facts, like) for row in shown)
    stretches = _stretches(desk.clinic, day, book)
    return Sheet(
        day=day,
        today=facts.today,
        now=_minute(desk.clinic, facts.now) if day == facts.today else None,
        clinic=desk.clinic,
        facts=facts,
        columns=_columns(desk.clinic, book, {s.practitioner_id for s in stretches}),
        visits=visits,
        stretches=stretches,
        state=days.state_of(book.beside),
    )


def _alerts(desk: Desk, book: days.Day) -> dict[str, list[str]]:
    """Return the alerts that the schedule shows this person, by patient."""
    found: dict[str, list[str]] = {}
    rows = book.beside.alerts
    for row in alerts.shown(rows, place="schedule", role=desk.who.role, day=book.date):
        found.setdefault(row.patient_id, []).append(row.text)
    return found


def _columns(clinic: Clinic, book: days.Day, inside: set[str]) -> tuple[SheetColumn, ...]:
    """Return those who are in or have visits; everybody when nobody is."""
    inside = inside | {row.practitioner_id for row in book.visits}
    shown = [p for p in clinic.practitioners if p.id in inside]
    everybody = [p for p in clinic.practitioners if p.active]
    return tuple(_column(p, *book.late.get(p.id, (0, None))) for p in shown or everybody)


def _column(practitioner: Practitioner, late: int, why: str | None) -> SheetColumn:
    return SheetColumn(practitioner.id, practitioner.code, titled(practitioner), late, why)


def titled(practitioner: Practitioner) -> str:
    """Return "LEE family": the code and the first word of what they do."""
    what = (practitioner.specialty or practitioner.role or "").casefold().split()
    same = bool(what) and what[0].casefold() == practitioner.code.casefold()
    return " ".join([practitioner.code, *([] if same else what[:1])])


def _visit(row: Any, facts: Facts, like: set[str]) -> Visit:
    clinic = facts.clinic
    kind = clinic.visit_type(row.visit_type_id)
    text, over = say_text(row, facts)
    initial = row.given[:1]
    marked = row.patient_id in like
    return Visit(
        row=row,
        start=_minute(clinic, row.start_at),
        minutes=int((row.end_at - row.start_at).total_seconds() // 60),
        letter=days.letter(row),
        name=restricted_records.in_list(row),
        # Two of one family differ only in what comes behind the first letter.
        short=standing.marked(
            full_name(row) if marked else f"{row.family} {initial}".rstrip(), row.standing
        ),
        tag=_tag(kind.code, row.modality),
        text=text,
        over=over,
        alike=marked,
        born=_born(row, clinic),
    )


def _born(row: Any, clinic: Clinic) -> str:
    """Return the birth date, or why there is none to be seen."""
    if restricted_records.is_closed(row):
        return "restricted"
    return say_birth(row.birth_date, clinic.date_order) if row.birth_date else ""


def _tag(code: str, modality: str) -> str:
    """Return the visit type, with v or t where the code does not say that it is no room visit."""
    mark = MODALITY_MARKS.get(modality, "")
    return code if not mark or code.startswith(mark) else f"{code} {mark}"


def _minute(clinic: Clinic, moment: datetime) -> int:
    local = clinic.local(moment)
    return local.hour * 60 + local.minute


def _stretches(clinic: Clinic, day: date, book: days.Day) -> tuple[Stretch, ...]:
    held: dict[str, list[Span]] = {}
    for row in book.visits:
        if row.status not in NOT_SHOWN | {"noshow"}:
            held.setdefault(row.practitioner_id, []).append(Span(row.start_at, row.end_at))
    found: list[Stretch] = []
    for who, hours in book.hours.items():
        found += _of_practitioner(who, hours, held.get(who, []), day, clinic.zone)
    return tuple(found)


def _of_practitioner(
    who: str, hours: Sequence[Hours], held: list[Span], day: date, zone: ZoneInfo
) -> list[Stretch]:
    open_, blocked = open_spans(hours, day, zone), blocked_spans(hours, day, zone)
    free = gaps(open_, [*held, *blocked])
    return [
        Stretch(who, *_minutes(span, day, zone), kind, span.reason or "")
        for kind, spans in (("open", open_), ("blocked", blocked), ("free", free))
        for span in spans
    ]


def _minutes(span: Span, day: date, zone: ZoneInfo) -> tuple[int, int]:
    """Return a stretch as minutes of the wall clock since the day's midnight."""
    start, end = span.start.astimezone(zone), span.end.astimezone(zone)
    after = (end.date() - day).days * 24 * 60
    return start.hour * 60 + start.minute, end.hour * 60 + end.minute + after


def _clock(minute: int) -> str:
    return f"{minute // 60 % 24:02}:{minute % 60:02}"


def say_long(day: date, today: date) -> str:
    """Return "Tue 24 Nov 2026", and today, tomorrow or yesterday behind it."""
    near = {0: " today", 1: " tomorrow", -1: " yesterday"}.get((day - today).days, "")
    return f"{say_day(day, today).removesuffix(f' {day.year}')} {day.year}{near}"


# The week


@dataclass(frozen=True)
class WeekDay:
    """A practitioner's day in the week: a character a quarter hour, and its first opening."""

    practitioner_id: str
    code: str
    title: str
    day: date
    places: str
    start: str | None
    says: str

    @property
    def key(self) -> str:
        """Return what names the line."""
        return f"{self.practitioner_id} {self.day.isoformat()}"


@dataclass(frozen=True)
class Week:
    """The openings of a week, practitioner by practitioner, from hour `first` to `last`."""

    monday: date
    today: date
    first: int
    last: int
    lines: tuple[WeekDay, ...]
    state: days.State

    @property
    def title(self) -> str:
        """Return the week as the top line names it."""
        return f"week of {say_long(self.monday, self.monday).removesuffix(' today')}"


def load_week(desk: Desk, day: date) -> Week:
    """Return the openings of the week that a day is in; two statements."""
    desk.demand("appointment.read")
    monday = day - timedelta(days=day.weekday())
    who = [p for p in desk.clinic.practitioners if p.active]
    ids, sunday = [p.id for p in who], monday + timedelta(days=6)
    begin, end = days.bounds(desk, monday, 7)
    values = {"who": ids, "day": monday, "until": sunday, **days.counting(desk)}
    found = desk.read(beside, ("hours", "figures"), **values)
    hours = found.hours
    held: dict[str, list[Span]] = {}
    for row in desk.read(schedule.busy, ids, begin, end):
        held.setdefault(row.practitioner_id, []).append(Span(row.start_at, row.end_at))
    first, last = _hours_shown(desk.clinic, hours, monday)
    lines = [
        _week_day(desk, p, monday + timedelta(days=n), hours.get(p.id, []), held.get(p.id, []))
        for p in who
        for n in range(7)
    ]
    shown = tuple(line for line in lines if line is not None)
    return Week(monday, desk.today, first, last, shown, days.state_of(found))


def _hours_shown(clinic: Clinic, hours: dict[str, list[Hours]], monday: date) -> tuple[int, int]:
    """Return the first and last hour in which anybody is in; the clinic's when nobody is."""
    week = [monday + timedelta(days=n) for n in range(7)]
    open_ = [
        h
        for each in hours.values()
        for h in each
        if h.kind == "open" and any(h.holds_on(day) for day in week)
    ]
    if not open_:
        return clinic.hours
    return min(h.start_minute for h in open_) // 60, -(-max(h.end_minute for h in open_) // 60)


def _week_day(
    desk: Desk, practitioner: Practitioner, day: date, hours: list[Hours], held: list[Span]
) -> WeekDay | None:
    zone = desk.clinic.zone
    open_ = open_spans(hours, day, zone)
    if not open_:
        return None
    blocked = blocked_spans(hours, day, zone)
    begun = _quarter(desk.now)
    inside = [Span(max(g.start, begun), g.end) for g in gaps(open_, blocked) if g.end > begun]
    free = gaps(inside, held)
    return WeekDay(
        practitioner_id=practitioner.id,
        code=practitioner.code,
        title=titled(practitioner),
        day=day,
        places=quarter_line(inside, held, day, zone, 0, 24),
        start=free[0].start.isoformat() if free else None,
        says=_say_openings(desk, practitioner, day, free),
    )


def _quarter(moment: datetime) -> datetime:
    """Return the quarter hour that has begun."""
    return moment - timedelta(minutes=moment.minute % 15, seconds=moment.second)


def _say_openings(desk: Desk, practitioner: Practitioner, day: date, free: list[Span]) -> str:
    where = f"{say_day(day, desk.today)} with {practitioner.code}"
    if not free:
        return f"{where}: nothing free"
    shown = [
        f"{say_time(desk.clinic.local(g.start).time())} {int((g.end - g.start).seconds // 60)}m"
        for g in free[:4]
    ]
    return f"{where}: free {', '.join(shown)}{' ...' if len(free) > 4 else ''}"

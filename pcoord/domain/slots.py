"""Time as the schedule sees it: wall-time availability, gaps, openings, 5-minute cells.

Availability is wall time in a zone; everything compared or subtracted is UTC, so that a day with
a clock change has its true length.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from datetime import date as Date
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
QUARTER = 15


@dataclass(frozen=True, slots=True)
class Hours:
    """Open or blocked wall time: on a weekday (0 is Monday) or one date; minutes since midnight."""

    start_minute: int
    end_minute: int
    weekday: int | None = None
    date: Date | None = None
    from_date: Date | None = None
    until_date: Date | None = None
    kind: str = "open"
    every_weeks: int = 1
    reason: str | None = None

    def holds_on(self, day: Date) -> bool:
        """Tell whether this applies on a day."""
        if self.date is not None:
            return day == self.date
        if self.weekday != day.weekday():
            return False
        if (self.from_date and day < self.from_date) or (self.until_date and day > self.until_date):
            return False
        if self.every_weeks <= 1 or self.from_date is None:
            return True
        monday = self.from_date - timedelta(days=self.from_date.weekday())
        return (day - monday).days // 7 % self.every_weeks == 0


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of time, UTC; the end is not part of it."""

    start: datetime
    end: datetime
    reason: str | None = field(default=None, compare=False)


def wall(day: Date, minute: int, zone: ZoneInfo) -> datetime:
    """Return a wall time of a day as UTC; a time that the clocks skip is where they go on."""
    local = datetime.combine(day, time(), zone) + timedelta(minutes=minute)
    late, early = local.astimezone(UTC), local.replace(fold=1).astimezone(UTC)
    return late if late <= early else _clock_change(early, late, zone)


def _clock_change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Return the minute between two moments, UTC, at which the zone's offset changes."""
    old = before.astimezone(zone).utcoffset()
    while after - before > timedelta(minutes=1):
        middle = before + (after - before) // 2
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after.replace(second=0, microsecond=0)


def _spans(hours: Iterable[Hours], day: Date, zone: ZoneInfo, kind: str) -> list[Span]:
    found = [
        Span(wall(day, h.start_minute, zone), wall(day, h.end_minute, zone), h.reason)
        for h in hours
        if h.kind == kind and h.holds_on(day)
    ]
    return sorted(span for span in found if span.start < span.end)


def open_spans(hours: Iterable[Hours], day: Date, zone: ZoneInfo) -> list[Span]:
    """Return when somebody is in on a day, merged, in order, UTC."""
    merged: list[Span] = []
    for span in _spans(hours, day, zone, "open"):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(Span(span.start, span.end))
    return merged


def blocked_spans(hours: Iterable[Hours], day: Date, zone: ZoneInfo) -> list[Span]:
    """Return what is blocked on a day, with the reason, in order, UTC."""
    return _spans(hours, day, zone, "blocked")


def gaps(open_: Iterable[Span], busy: Iterable[Span]) -> list[Span]:
    """Return the open time that nothing holds."""
    taken = sorted(busy)
    return [gap for span in open_ for gap in _free(span, taken)]


def _free(span: Span, taken: Sequence[Span]) -> Iterable[Span]:
    at = span.start
    for other in taken:
        if other.end <= at or other.start >= span.end:
            continue
        if other.start > at:
            yield Span(at, other.start)
        at = max(at, other.end)
    if at < span.end:
        yield Span(at, span.end)


def openings(
    open_: Iterable[Span],
    busy: Iterable[Span],
    minutes: int,
    *,
    step: int = QUARTER,
    not_before: datetime | None = None,
) -> list[datetime]:
    """Return the starts, UTC, at which a visit of so many minutes fits.

    Starts stand where a gap begins, and from there on the grid of `step` minutes past the hour.
    """
    found: list[datetime] = []
    for gap in gaps(open_, busy):
        first = max(gap.start, not_before) if not_before else gap.start
        found += _starts(first, gap, timedelta(minutes=minutes), step)
    return found


def _starts(first: datetime, gap: Span, length: timedelta, step: int) -> Iterable[datetime]:
    # A gap that begins off the grid is worth filling from its beginning.
    at = first if first == gap.start else _up(first, step)
    while at + length <= gap.end:
        yield at
        at = _up(at + timedelta(minutes=1), step)


def _up(moment: datetime, step: int) -> datetime:
    seconds = int(moment.timestamp())
    rest = -seconds % (step * 60)
    return datetime.fromtimestamp(seconds + rest, UTC)


def cells(start: datetime, end: datetime, grain: int = 5) -> range:
    """Return the cells of `grain` minutes since 1970, UTC, that a stretch touches; at least one."""
    size = timedelta(minutes=grain)
    first = (start - EPOCH) // size
    return range(first, max(-((EPOCH - end) // size), first + 1))


def quarter_line(
    open_: Sequence[Span],
    busy: Sequence[Span],
    day: Date,
    zone: ZoneInfo,
    from_hour: int,
    to_hour: int,
    capacity: int = 1,
) -> str:
    """Return a day as one character a quarter hour: open places, `.` closed, `*` overbooked."""
    return "".join(
        _quarter(wall(day, minute, zone), open_, busy, capacity)
        for minute in range(from_hour * 60, to_hour * 60, QUARTER)
    )


def _quarter(start: datetime, open_: Sequence[Span], busy: Sequence[Span], capacity: int) -> str:
    end = start + timedelta(minutes=QUARTER)
    held = _most_at_once([span for span in busy if span.start < end and start < span.end])
    inside = any(span.start <= start and end <= span.end for span in open_)
    if held > capacity:
        return "*"
    if not inside:
        return "." if not held else "0"
    return str(min(capacity - held, 9))


def _most_at_once(spans: Sequence[Span]) -> int:
    """Return how many of these overlap at the busiest moment; one after the other counts once."""
    return max((sum(s.start <= at.start < s.end for s in spans) for at in spans), default=0)

"""The first openings: a plain search through the gaps of open time."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from pcoord.domain.clinic import Practitioner, VisitType
from pcoord.domain.slots import Span, blocked_spans, open_spans
from pcoord.domain.slots import openings as starts_in
from pcoord.services.desk import Desk
from pcoord.store.queries import clinic as clinic_queries
from pcoord.store.queries import schedule

SEARCH_DAYS = 90
_CHUNK_DAYS = 7
# Of the openings that are offered instead of a time that is taken.
_OWN, _OTHERS = 3, 1


@dataclass(frozen=True, order=True)
class Opening:
    """A time at which a visit fits, UTC."""

    start: datetime
    practitioner_id: str
    end: datetime
    location_id: str


def able(desk: Desk, kind: VisitType) -> list[Practitioner]:
    """Return the practitioners who see visits of a type; all of them where nobody is said to."""
    fits = [p for p in desk.clinic.practitioners if p.active and p.sees(kind)]
    return fits or [p for p in desk.clinic.practitioners if p.active]


def search(
    desk: Desk,
    *,
    minutes: int,
    practitioner_ids: Sequence[str],
    first: date,
    last: date | None = None,
    part: str | None = None,
    weekdays: Sequence[int] = (),
    location_id: str | None = None,
    between: tuple[time, time] | None = None,
    limit: int = 20,
) -> list[Opening]:
    """Return the first openings from `first` to `last` (clinic dates), in time order.

    `part` is am or pm, `between` two wall times (they begin before the second), `weekdays` are
    0 (Monday) to 6; without `last` 90 days are searched.
    """
    end = last or first + timedelta(days=SEARCH_DAYS - 1)
    found: list[Opening] = []
    day = max(first, desk.today)
    while day <= end and len(found) < limit:
        until = min(end, day + timedelta(days=_CHUNK_DAYS - 1))
        found += _in_days(desk, minutes, practitioner_ids, day, until, part, weekdays)
        found = [opening for opening in found if _suits(desk, opening, location_id, between)]
        day = until + timedelta(days=1)
    return found[:limit]


def near(
    desk: Desk, minutes: int, practitioner_id: str, others: Sequence[str], start: datetime
) -> list[Opening]:
    """Return what is open nearest to a moment (UTC): with one practitioner, and with another then.

    The nearest first, at most three of the one within a week, and one of the others.
    """
    day = desk.clinic.day_of(start)
    first, last = max(desk.today, day - timedelta(days=1)), day + timedelta(days=_CHUNK_DAYS)

    def distance(opening: Opening) -> tuple[timedelta, datetime]:
        return abs(opening.start - start), opening.start

    own = _in_days(desk, minutes, [practitioner_id], first, last, None, ())
    then = [o for o in _in_days(desk, minutes, others, day, day, None, ()) if o.start == start]
    return [*sorted(own, key=distance)[:_OWN], *then[:_OTHERS]]


def _suits(
    desk: Desk, opening: Opening, location_id: str | None, between: tuple[time, time] | None
) -> bool:
    if location_id is not None and opening.location_id != location_id:
        return False
    return between is None or between[0] <= desk.clinic.local(opening.start).time() < between[1]


def _in_days(
    desk: Desk,
    minutes: int,
    practitioner_ids: Sequence[str],
    first: date,
    last: date,
    part: str | None,
    weekdays: Sequence[int],
) -> list[Opening]:
    hours = desk.read(clinic_queries.hours_of, practitioner_ids, first, last)
    busy = _busy(desk, practitioner_ids, first, last)
    found = []
    for count in range((last - first).days + 1):
        day = first + timedelta(days=count)
        if weekdays and day.weekday() not in weekdays:
            continue
        for who in practitioner_ids:
            held = [*busy[who], *blocked_spans(hours[who], day, desk.clinic.zone)]
            open_ = _part_of_day(desk, open_spans(hours[who], day, desk.clinic.zone), day, part)
            found += _openings(desk, who, open_, held, minutes)
    return sorted(found)


def _openings(
    desk: Desk, who: str, open_: list[Span], held: list[Span], minutes: int
) -> list[Opening]:
    place = desk.clinic.practitioner(who).location_id
    length = timedelta(minutes=minutes)
    starts = starts_in(open_, held, minutes, not_before=desk.now)
    return [Opening(start, who, start + length, place) for start in starts]


def _busy(
    desk: Desk, practitioner_ids: Sequence[str], first: date, last: date
) -> dict[str, list[Span]]:
    zone = desk.clinic.zone
    begin = datetime.combine(first, time(), zone).astimezone(UTC)
    end = datetime.combine(last + timedelta(days=1), time(), zone).astimezone(UTC)
    held: dict[str, list[Span]] = defaultdict(list)
    for row in desk.read(schedule.busy, practitioner_ids, begin, end):
        held[row.practitioner_id].append(Span(row.start_at, row.end_at))
    return held


def _part_of_day(desk: Desk, open_: list[Span], day: date, part: str | None) -> list[Span]:
    """Keep only the morning or the afternoon; noon parts them."""
    if part is None:
        return open_
    noon = datetime.combine(day, time(12), desk.clinic.zone).astimezone(UTC)
    if part == "am":
        return [Span(s.start, min(s.end, noon)) for s in open_ if s.start < noon]
    return [Span(max(s.start, noon), s.end) for s in open_ if s.end > noon]

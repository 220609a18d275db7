"""Wall-time availability, gaps and openings across clock changes."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from pcoord.domain import slots
from pcoord.domain.slots import Hours, Span

NEW_YORK = ZoneInfo("America/New_York")
TUESDAY = date(2026, 11, 24)
SPRING, AUTUMN = date(2026, 3, 8), date(2026, 11, 1)


def local(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=NEW_YORK).astimezone(UTC)


def span(hour: int, minute: int, to_hour: int, to_minute: int) -> Span:
    return Span(local(TUESDAY, hour, minute), local(TUESDAY, to_hour, to_minute))


def hours(start: int, end: int, kind: str = "open", weekday: int = 1) -> Hours:
    return Hours(start * 60, end * 60, weekday=weekday, kind=kind)


def test_hours_hold_on_their_weekday_and_between_their_dates() -> None:
    rule = Hours(0, 60, weekday=1, from_date=TUESDAY, until_date=date(2026, 12, 1))
    held = [rule.holds_on(TUESDAY + timedelta(days)) for days in (-7, 0, 1, 7, 14)]
    assert held == [False, True, False, True, False]


def test_every_second_week_counts_from_its_first() -> None:
    rule = Hours(0, 60, weekday=1, from_date=date(2026, 11, 25), every_weeks=2)
    held = [rule.holds_on(TUESDAY + timedelta(weeks=n)) for n in range(4)]
    assert held == [False, False, True, False]


def test_hours_of_one_date() -> None:
    rule = Hours(0, 60, date=TUESDAY)
    assert rule.holds_on(TUESDAY)
    assert not rule.holds_on(TUESDAY + timedelta(7))


def test_open_time_is_merged_and_blocks_keep_their_reason() -> None:
    block = Hours(12 * 60, 13 * 60, weekday=1, kind="blocked", reason="lunch")
    rules = [hours(8, 10), hours(10, 12), hours(14, 17), block]
    assert slots.open_spans(rules, TUESDAY, NEW_YORK) == [span(8, 0, 12, 0), span(14, 0, 17, 0)]
    blocked = slots.blocked_spans(rules, TUESDAY, NEW_YORK)
    assert blocked == [span(12, 0, 13, 0)]
    assert blocked[0].reason == "lunch"


def test_days_with_a_clock_change_have_their_true_length() -> None:
    def length(day: date) -> float:
        night = slots.open_spans([hours(0, 6, weekday=6)], day, NEW_YORK)
        return sum((s.end - s.start).total_seconds() for s in night) / 3600

    assert (length(SPRING), length(AUTUMN), length(date(2026, 11, 8))) == (5, 7, 6)


def test_hours_inside_the_skipped_hour_shrink_to_nothing() -> None:
    inside = Hours(2 * 60 + 10, 2 * 60 + 50, weekday=6)
    assert slots.open_spans([inside], SPRING, NEW_YORK) == []
    across = Hours(2 * 60 + 30, 4 * 60, weekday=6)
    assert slots.open_spans([across], SPRING, NEW_YORK) == [
        Span(local(SPRING, 3), local(SPRING, 4))
    ]


def test_gaps_are_what_nothing_holds() -> None:
    busy = [span(9, 0, 9, 30), span(9, 15, 10, 0), span(11, 45, 12, 15)]
    assert slots.gaps([span(8, 0, 12, 0)], busy) == [span(8, 0, 9, 0), span(10, 0, 11, 45)]


def test_openings_stand_on_the_quarter_or_where_a_gap_begins() -> None:
    busy = [span(8, 0, 9, 10), span(9, 45, 12, 0)]
    found = slots.openings([span(8, 0, 12, 0)], busy, 15)
    assert found == [local(TUESDAY, 9, 10), local(TUESDAY, 9, 15), local(TUESDAY, 9, 30)]
    later = slots.openings([span(8, 0, 9, 0)], [], 20, not_before=local(TUESDAY, 8, 5))
    assert later == [local(TUESDAY, 8, 15), local(TUESDAY, 8, 30)]


def test_cells_are_floored_and_ceiled() -> None:
    start = datetime(1970, 1, 1, 0, 7, tzinfo=UTC)
    assert slots.cells(start, start + timedelta(minutes=4)) == range(1, 3)
    assert slots.cells(start, start + timedelta(minutes=3)) == range(1, 2)
    assert slots.cells(start, start + timedelta(minutes=3, seconds=1)) == range(1, 3)
    assert slots.cells(start, start) == range(1, 2)
    assert slots.cells(start, start + timedelta(hours=1), grain=15) == range(5)


def test_a_day_as_one_line() -> None:
    open_ = [span(8, 0, 9, 30)]
    busy = [span(8, 15, 8, 30), span(8, 30, 8, 35), span(8, 35, 8, 45), span(9, 0, 9, 15)]
    line = slots.quarter_line(open_, [*busy, span(9, 0, 9, 5)], TUESDAY, NEW_YORK, 8, 10)
    assert line == "1001*1.."
    assert slots.quarter_line(open_, busy, TUESDAY, NEW_YORK, 8, 9, capacity=3) == "3223"


minutes = st.integers(0, 24 * 60)
rules = st.builds(Hours, minutes, minutes, weekday=st.integers(0, 6))
zones = st.sampled_from(["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "UTC"])
days = st.dates(date(2020, 1, 1), date(2030, 12, 31)) | st.sampled_from([SPRING, AUTUMN])


@given(st.lists(rules, max_size=5), days, zones, st.lists(st.tuples(minutes, minutes), max_size=4))
def test_gaps_lie_in_open_time_and_touch_nothing_busy(
    rules: list[Hours], day: date, name: str, held: list[tuple[int, int]]
) -> None:
    zone = ZoneInfo(name)
    open_ = slots.open_spans(rules, day, zone)
    assert all(a.end < b.start for a, b in pairwise(open_))
    busy = [
        Span(slots.wall(day, min(pair), zone), slots.wall(day, max(pair), zone)) for pair in held
    ]
    found = slots.gaps(open_, busy)
    assert all(any(o.start <= g.start < g.end <= o.end for o in open_) for g in found)
    assert not any(g.start < b.end and b.start < g.end for g in found for b in busy)
    assert all(start >= g.start for g in found[:1] for start in slots.openings(open_, busy, 15))


@given(days, zones, minutes, minutes)
def test_wall_time_never_runs_backwards_over_a_whole_day(
    day: date, name: str, one: int, other: int
) -> None:
    zone = ZoneInfo(name)
    first, second = (slots.wall(day, minute, zone) for minute in sorted((one, other)))
    assert first <= second

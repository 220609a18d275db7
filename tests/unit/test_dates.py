"""Dates and times as desk people type them."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pcoord.domain import dates
from pcoord.domain.dates import AmbiguousTime, When
from pcoord.domain.errors import BadUsage, DeskError, Refused

TODAY = date(2026, 11, 24)  # a Tuesday
NOW = time(14, 7)
NEW_YORK = ZoneInfo("America/New_York")


def read(text: str, **how: Any) -> When:
    return dates.parse_when(text, today=TODAY, now=NOW, **how)


def take(line: str, **how: Any) -> tuple[When | None, str]:
    words = line.split()
    when, used, rest = dates.take_when(words, today=TODAY, now=NOW, **how)
    assert sorted(used + rest) == sorted(words)
    return when, " ".join(rest)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("today", "2026-11-24"),
        ("t", "2026-11-24"),
        ("Tomorrow", "2026-11-25"),
        ("yesterday", "2026-11-23"),
        ("tue", "2026-11-24"),
        ("thu", "2026-11-26"),
        ("monday", "2026-11-30"),
        ("this thu", "2026-11-26"),
        ("next thu", "2026-12-03"),
        ("last thu", "2026-11-19"),
        ("+3d", "2026-11-27"),
        ("+3", "2026-11-27"),
        ("+2w", "2026-12-08"),
        ("+1m", "2026-12-24"),
        ("-1d", "2026-11-23"),
        ("T+7", "2026-12-01"),
        ("T+2W", "2026-12-08"),
        ("t-3", "2026-11-21"),
        ("in 2 weeks", "2026-12-08"),
        ("day after tomorrow", "2026-11-26"),
        ("3 days ago", "2026-11-21"),
        ("12/3", "2026-12-03"),
        ("1/5", "2027-01-05"),
        ("2/29", "2028-02-29"),
        ("12/3/26", "2026-12-03"),
        ("25/12", "2026-12-25"),
        ("3.12.2026", "2026-12-03"),
        ("3.12.", "2026-12-03"),
        ("2026-12-03", "2026-12-03"),
        ("dec 3", "2026-12-03"),
        ("3 dec 2026", "2026-12-03"),
        ("3-Dec-26", "2026-12-03"),
        ("dec 3rd, 2026", "2026-12-03"),
        ("3rd of December", "2026-12-03"),
        ("march 4 1962", "1962-03-04"),
        ("Thu 26 Nov", "2026-11-26"),
        ("Sat Dec 5th 2026", "2026-12-05"),
        ("Dec. 3, '26", "2026-12-03"),
    ],
)
def test_a_day_is_read(text: str, day: str) -> None:
    assert read(text) == When(date.fromisoformat(day))


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("2pm", "14:00"),
        ("2 pm", "14:00"),
        ("2 p.m.", "14:00"),
        ("2:30p", "14:30"),
        ("2.30pm", "14:30"),
        ("2:30pm.", "14:30"),
        ("2 o'clock", "14:00"),
        ("230p", "14:30"),
        ("230", "14:30"),
        ("0230", "02:30"),
        ("14:30", "14:30"),
        ("1430", "14:30"),
        ("noon", "12:00"),
        ("12am", "00:00"),
        ("12", "12:00"),
        ("9", "09:00"),
        ("2", "14:00"),
        ("7", "07:00"),
        ("6:30", "18:30"),
        ("at 9", "09:00"),
        ("14h", "14:00"),
        ("9h", "09:00"),
        ("2h", "14:00"),
        ("9h30", "09:30"),
    ],
)
def test_a_time_is_read(text: str, clock: str) -> None:
    assert read(text) == When(time=time.fromisoformat(clock))


def test_a_bare_hour_lies_in_clinic_hours() -> None:
    assert read("7", hours=(8, 20)).time == time(19)
    assert read("7", hours=(6, 18)).time == time(7)
    assert read("mornings 7", hours=(8, 20)).time == time(7)


def test_day_and_time_together_in_either_order() -> None:
    wanted = When(date(2026, 11, 26), time(14))
    for text in ("thu 2pm", "2pm thu", "thu 2", "on thu at 2", "26 nov 14:00", "2026-11-26T14:00"):
        assert read(text) == wanted


def test_halves_of_the_day_and_windows() -> None:
    assert read("thu am") == When(date(2026, 11, 26), part="am")
    assert read("tomorrow afternoon") == When(date(2026, 11, 25), part="pm")
    assert read("mornings") == When(part="am")
    assert read("this afternoon") == When(TODAY, part="pm")
    assert read("mornings before dec 20") == When(part="am", until=date(2026, 12, 19))
    assert read("fri until dec 20") == When(date(2026, 11, 27), until=date(2026, 12, 20))
    assert read("next week am") == When(date(2026, 11, 30), None, "am", date(2026, 12, 6))


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2-3pm", "14:00", "15:00"),
        ("2 - 3pm", "14:00", "15:00"),
        ("2-3:30", "14:00", "15:30"),
        ("2pm-3", "14:00", "15:00"),
        ("11-1pm", "11:00", "13:00"),
        ("9-11am", "09:00", "11:00"),
        ("9:30-11", "09:30", "11:00"),
        ("11:30–1", "11:30", "13:00"),
        ("14:00-15:30", "14:00", "15:30"),
        ("noon-2", "12:00", "14:00"),
        ("14h-16h", "14:00", "16:00"),
        ("9h30-11h", "09:30", "11:00"),
        ("between 2 and 3pm", "14:00", "15:00"),
        ("between 9 and 11", "09:00", "11:00"),
    ],
)
def test_a_stretch_of_the_day_is_read(text: str, first: str, last: str) -> None:
    times = {"time": time.fromisoformat(first), "to": time.fromisoformat(last)}
    assert read(text) == When(**times)
    assert read(f"thu {text}") == When(date(2026, 11, 26), **times)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("in 20 minutes", "2026-11-24T14:30"),
        ("in 20 min", "2026-11-24T14:30"),
        ("in 20m", "2026-11-24T14:30"),
        ("in 3 minutes", "2026-11-24T14:10"),
        ("in half an hour", "2026-11-24T14:40"),
        ("in an hour", "2026-11-24T15:10"),
        ("in 2 hours", "2026-11-24T16:10"),
        ("in 1h", "2026-11-24T15:10"),
        ("in 12 hours", "2026-11-25T02:10"),
        ("20 minutes ago", "2026-11-24T13:47"),
        ("an hour ago", "2026-11-24T13:07"),
    ],
)
def test_minutes_from_now_are_read(text: str, moment: str) -> None:
    """What lies ahead is rounded up to five minutes; what is past is not."""
    found = datetime.fromisoformat(moment)
    assert read(text) == When(found.date(), found.time())


def test_todays_weekday_is_next_week_once_the_time_has_passed() -> None:
    assert read("tue 3pm").date == TODAY
    assert read("tue 2pm").date == TODAY + timedelta(7)
    assert read("tue am").date == TODAY + timedelta(7)
    assert read("tue 2pm", facing="nearest").date == TODAY


def test_a_date_without_a_year_follows_where_one_looks() -> None:
    assert read("oct 30", facing="future").date == date(2027, 10, 30)
    assert read("oct 30", facing="past").date == date(2026, 10, 30)
    assert read("oct 30", facing="nearest").date == date(2026, 10, 30)
    assert read("jan 5", facing="nearest").date == date(2027, 1, 5)
    assert read("thu", facing="past").date == date(2026, 11, 19)


def test_the_clinics_date_order() -> None:
    assert read("3/12", order="dmy").date == date(2026, 12, 3)
    assert read("26/12/3", order="ymd").date == date(2026, 12, 3)
    assert read("12/25/2026", order="dmy").date == date(2026, 12, 25)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "may",
        "april",
        "mar 62",
        "now and then",
        "31 feb",
        "13/13",
        "25.25.2026",
        "25:00",
        "9:75",
        "13pm",
        "midnight",
        "2/29/2027",
        "1/1/9999",
        "+999y",
        "tue thu",
        "2pm 3pm",
        "14:30 am",
        "tue 3 dec",
        "dec 5 until dec 3",
        "3pm-2pm",
        "25-26pm",
        "thu in 20 minutes",
        "lunch",
        "0/0",
        "٣/٤ ?",
    ],
)
def test_what_cannot_be_is_refused_with_what_to_type(text: str) -> None:
    with pytest.raises(BadUsage, match=r"Type |Leave one "):
        read(text)


def test_a_weekday_that_does_not_fit_its_date_is_told() -> None:
    with pytest.raises(BadUsage, match="3 Dec 2026 is a Thursday, not a Tuesday"):
        read("tue 3 dec")


@pytest.mark.parametrize(
    ("line", "when", "rest"),
    [
        (
            "gonzalez maria thu 2pm lee fu",
            When(date(2026, 11, 26), time(14)),
            "gonzalez maria lee fu",
        ),
        ("2pm lee thu kim", When(date(2026, 11, 26), time(14)), "lee kim"),
        ("kim to thu am", When(date(2026, 11, 26), part="am"), "kim"),
        ("kim tue reason transport", When(TODAY), "kim reason transport"),
        (
            "555-0142 gonzalez callback 4pm lee",
            When(time=time(16)),
            "555-0142 gonzalez callback lee",
        ),
        ("kim thu 9 fu", When(date(2026, 11, 26), time(9)), "kim fu"),
        ("kim thu 2-3pm lee", When(date(2026, 11, 26), time(14), to=time(15)), "kim lee"),
        ("kim thu 2-3 lee", When(date(2026, 11, 26), time(14), to=time(15)), "kim lee"),
        ("kim in 20 minutes fu", When(TODAY, time(14, 30)), "kim fu"),
        ("kim in 2 weeks fu", When(date(2026, 12, 8)), "kim fu"),
        ("kim in 2 weeks 2-3pm", When(date(2026, 12, 8), time(14), to=time(15)), "kim"),
        ("kim at 9", When(time=time(9)), "kim"),
        ("8841 thu 1430", When(date(2026, 11, 26), time(14, 30)), "8841"),
        ("kim thu 8841", When(date(2026, 11, 26)), "kim 8841"),
        ("smith may 3", When(date(2027, 5, 3)), "smith"),
        ("may april sun", When(date(2026, 11, 29)), "may april"),
        ("april jones 12/3 9", When(date(2026, 12, 3), time(9)), "april jones"),
        ("abebe t 3pm", When(TODAY, time(15)), "abebe"),
        ("lee mornings before dec 20", When(part="am", until=date(2026, 12, 19)), "lee"),
    ],
)
def test_date_words_are_taken_out_of_a_line(line: str, when: When, rest: str) -> None:
    assert take(line) == (when, rest)


@pytest.mark.parametrize(
    "line",
    [
        "kim 3",
        "late lee 40m",
        "pay kim 25.50 card",
        "recall kim 6m",
        "gonz mar 62",
        "abebe t",
        "april may",
        "kim 120/80",
        "555-0142",
        "kim 2-3",
        "smith-jones",
        "pills in 2 bags",
        "(555) 123-0142",
        "room 12",
        "jan smith",
        "8841",
        "24h holter",
    ],
)
def test_names_and_numbers_are_left_alone(line: str) -> None:
    assert take(line) == (None, line)


def test_a_phone_number_behind_a_day_is_no_stretch() -> None:
    assert take("kim thu 555-0142") == (When(date(2026, 11, 26)), "kim 555-0142")


def test_a_second_date_is_left_for_a_second_look() -> None:
    when, rest = take("kim tue to thu am")
    assert (when, rest) == (When(TODAY), "kim to thu am")
    assert take(rest) == (When(date(2026, 11, 26), part="am"), "kim")


def test_an_impossible_date_in_a_line_is_refused() -> None:
    with pytest.raises(BadUsage, match="February has no day 31"):
        take("kim feb 31")


@pytest.mark.parametrize(
    "text",
    [
        "03/04/1962",
        "3/4/62",
        "1962-03-04",
        "4.3.1962",
        "mar 4 1962",
        "4 March 62",
        "4mar62",
        "03041962",
        "030462",
        "19620304",
        "March 4th, 1962",
    ],
)
def test_birth_dates_are_read(text: str) -> None:
    assert dates.parse_birth_date(text, today=TODAY) == date(1962, 3, 4)


def test_birth_dates_are_never_in_the_future() -> None:
    assert dates.parse_birth_date("11/24/26", today=TODAY) == TODAY
    assert dates.parse_birth_date("11/25/26", today=TODAY) == date(1926, 11, 25)
    with pytest.raises(BadUsage, match="still to come"):
        dates.parse_birth_date("11/25/2026", today=TODAY)


@pytest.mark.parametrize(
    "text", ["3/4", "march 4", "1962", "mar 62", "62", "tomorrow", "2/29/1961"]
)
def test_a_birth_date_needs_all_its_parts(text: str) -> None:
    with pytest.raises(BadUsage, match="such as 04/03/1962"):
        dates.parse_birth_date(text, today=TODAY, order="dmy")


def test_what_a_word_says_of_a_birth_date() -> None:
    def clue(word: str) -> Any:
        found = dates.birth_clues(word, today=TODAY)
        return found and (found.date or found.years)

    assert clue("62") == clue("1962") == (1962,)
    assert clue("05") == (2005,)
    assert clue("12") == (2012, 1912)
    assert clue("62y") == (1964, 1963)
    assert clue("03/04/1962") == date(1962, 3, 4)
    assert [clue(w) for w in ("mar", "5550142", "2027", "1700", "")] == [None] * 5


def test_wall_time_to_utc() -> None:
    assert dates.to_utc(TODAY, time(9), NEW_YORK) == datetime(2026, 11, 24, 14, tzinfo=UTC)


def test_a_time_that_the_clocks_skip_is_refused() -> None:
    with pytest.raises(Refused, match=r"There is no 2:30 on 8 Mar 2026.*03:30"):
        dates.to_utc(date(2026, 3, 8), time(2, 30), NEW_YORK)


def test_a_time_that_comes_twice_is_asked_about() -> None:
    day = date(2026, 11, 1)
    with pytest.raises(AmbiguousTime, match="first or the second 1:30"):
        dates.to_utc(day, time(1, 30), NEW_YORK)
    for word, hour in (("first", 5), ("second", 6)):
        when = read(f"11/1/2026 1:30 {word}")
        assert when.time == time(1, 30)
        found = dates.to_utc(day, when.time, NEW_YORK, fold=when.fold)
        assert found == datetime(2026, 11, 1, hour, 30, tzinfo=UTC)
        assert read(f"11/1/2026 {word} 1:30") == when
        assert dates.say_clock(found.astimezone(NEW_YORK).time()).split()[1:] == (
            ["second"] if word == "second" else []
        )


@pytest.mark.parametrize("word", ["first", "second"])
def test_which_of_two_times_may_stand_before_it_in_a_line(word: str) -> None:
    for words in (f"kim sun {word} 1:30am lee", f"kim sun 1:30am {word} lee"):
        when, _, rest = dates.take_when(words.split(), today=TODAY, now=time(9))
        assert when is not None and when.fold == ("first", "second").index(word)
        assert rest == ["kim", "lee"]
    _, _, rest = dates.take_when(f"{word} sun 1:30am".split(), today=TODAY, now=time(9))
    assert rest == [word]


def test_dates_are_said_as_the_desk_says_them() -> None:
    assert dates.say_day(date(2026, 11, 26), TODAY) == "Thu 26 Nov"
    assert dates.say_day(date(2027, 1, 5), TODAY) == "Tue 5 Jan 2027"
    assert dates.say_date(date(2026, 9, 2), TODAY) == "2 Sep"
    assert dates.say_time(time(9, 15)) == "09:15"
    born = date(1962, 3, 4)
    said = [dates.say_birth(born, order) for order in ("mdy", "dmy", "ymd")]
    assert said == ["03/04/1962", "04/03/1962", "1962-03-04"]
    assert dates.say_birth(born, long=True) == "4 Mar 1962"


def test_ages() -> None:
    ages = {date(1992, 11, 25): "33", date(1992, 11, 24): "34", date(2024, 11, 24): "2"}
    ages |= {date(2024, 11, 25): "23mo", date(2026, 10, 24): "1mo", date(2026, 10, 25): "30d"}
    ages |= {TODAY: "0d", date(2026, 11, 25): ""}
    assert {born: dates.say_age(born, TODAY) for born in ages} == ages


near_days = st.dates(date(1990, 1, 1), date(2060, 12, 31))
orders = st.sampled_from(["mdy", "dmy", "ymd"])
typed = st.text(alphabet="0123456789/:-.+ tTaApPmMdDwW'", max_size=12) | st.text(max_size=30)


@given(near_days, st.times(), near_days)
def test_what_is_said_can_be_typed(day: date, clock: time, today: date) -> None:
    text = f"{dates.say_day(day, today)} {clock.hour:02}:{clock.minute:02}"
    found = dates.parse_when(text, today=today, now=clock, facing="nearest", hours=(0, 24))
    assert (found.date, found.time) == (day, time(clock.hour, clock.minute))


@given(st.dates(date(1900, 1, 1), TODAY), orders)
def test_a_shown_birth_date_can_be_typed(day: date, order: str) -> None:
    for text in (dates.say_birth(day, order), dates.say_birth(day, long=True)):
        assert dates.parse_birth_date(text, today=TODAY, order=order) == day


@given(typed, orders, st.sampled_from(["future", "past", "nearest"]))
@example("1a" * 15, "mdy", "past")
def test_anything_typed_gives_a_value_or_a_sentence(text: str, order: str, facing: str) -> None:
    how: dict[str, Any] = {"today": TODAY, "order": order}
    for attempt in (
        lambda: dates.parse_when(text, now=NOW, facing=facing, **how),
        lambda: dates.take_when(text.split(), now=NOW, facing=facing, **how),
        lambda: dates.parse_birth_date(text, **how),
        lambda: dates.birth_clues(text, **how),
    ):
        try:
            attempt()
        except DeskError as refusal:
            assert refusal.sentence.isprintable()


@given(
    near_days, st.times(), st.sampled_from(["America/New_York", "Europe/Berlin", "Asia/Kolkata"])
)
def test_wall_time_comes_back_or_is_refused(day: date, clock: time, name: str) -> None:
    zone = ZoneInfo(name)
    try:
        found = dates.to_utc(day, clock, zone)
    except Refused:
        return
    assert found.astimezone(zone).replace(tzinfo=None) == datetime.combine(day, clock)

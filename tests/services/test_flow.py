"""From the door to the door: arrival, check-in, rooms, stages, walk-ins, and all of it undone."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pcoord.domain.errors import Conflict, DeskError, NotFound, NotPermitted, Refused
from pcoord.services import booking, day, flow, patients, steps
from pcoord.services.desk import Desk, Work
from pcoord.store.queries import schedule
from pcoord.store.tables import Encounter
from tests.clinic import Clinic

LAYLA, DANA, DANIEL, MARIA = "10442", "10443", "10444", "8841"


def book(clinic: Clinic, desk: Desk, mrn: str, hour: int = 14, **more: Any) -> str:
    """Book a follow-up with LEE and return its id."""
    values = {
        "patient_id": clinic.patient(desk, mrn),
        "practitioner_id": desk.clinic.practitioner("LEE").id,
        "start": clinic.at(hour, days=more.pop("days", 0)),
        "visit_type_id": desk.clinic.visit_type("fu").id,
    } | more
    return str(booking.book(desk, **values).id)


def checked_in(clinic: Clinic, desk: Desk, mrn: str, hour: int = 14) -> str:
    """Book, check in, and return the encounter's id."""
    return str(flow.check_in(desk, appointment_id=book(clinic, desk, mrn, hour)).id)


def with_practitioner(clinic: Clinic, desk: Desk, mrn: str) -> str:
    """Take somebody as far as the practitioner, through the first room."""
    who = checked_in(clinic, desk, mrn)
    flow.room(desk, encounter_id=who, room_id=desk.clinic.rooms[0].id)
    flow.advance(desk, encounter_id=who)
    return who


def at(desk: Desk, encounter_id: str) -> Any:
    """Return how the encounter stands."""
    return desk.read(schedule.encounter_row, encounter_id)


def way(desk: Desk, encounter_id: str) -> list[str]:
    """Return the stages that stand, in order."""
    return [row["stage"] for row in desk.read(schedule.stage_rows, encounter_id)]


def encounter(desk: Desk, encounter_id: str) -> Any:
    """Return the encounter's own row."""
    table = Encounter.__table__  # type: ignore[attr-defined]
    query = table.select().where(table.c.id == encounter_id)
    return desk.read(lambda connection: connection.execute(query).one())


def minutes_later(clinic: Clinic, minutes: int) -> None:
    """Let time go by."""
    clinic.clock.moment += timedelta(minutes=minutes)


def test_an_arrival_is_on_the_board_and_in_the_day(clinic: Clinic, desk: Desk) -> None:
    visit = book(clinic, desk, LAYLA)
    step = flow.arrive(desk, appointment_id=visit, seen=1)
    assert step.said == "Haddad, Layla arrived."
    assert [(r.family, r.stage) for r in day.here(desk)] == [("Haddad", "arrived")]
    row = day.visit(desk, visit)
    assert (row.status, day.letter(row), row.encounter_id) == ("arrived", "A", step.id)


def test_checking_in_notes_the_arrival_too(clinic: Clinic, desk: Desk) -> None:
    visit = book(clinic, desk, LAYLA)
    step = flow.check_in(desk, appointment_id=visit, verified="birth date,address", seen=1)
    assert step.said == "Checked in Haddad, Layla (birth date, address fitted)."
    assert way(desk, str(step.id)) == ["arrived", "checked-in"]
    assert at(desk, str(step.id)).verified == "birth date,address"
    assert (day.visit(desk, visit).status, day.letter(day.visit(desk, visit))) == (
        "checked-in",
        "I",
    )


def test_checking_in_whoever_arrived_before(clinic: Clinic, desk: Desk) -> None:
    visit = book(clinic, desk, LAYLA)
    who = str(flow.arrive(desk, appointment_id=visit).id)
    flow.check_in(desk, encounter_id=who, verified="phone", accompanied_by="sister")
    row = encounter(desk, who)
    assert (row.verified, row.accompanied_by) == ("phone", "sister")
    assert way(desk, who) == ["arrived", "checked-in"]
    assert day.visit(desk, visit).status == "checked-in"


def test_an_arrival_is_checked_in_by_its_appointment_too(clinic: Clinic, desk: Desk) -> None:
    visit = book(clinic, desk, LAYLA)
    who = flow.arrive(desk, appointment_id=visit).id
    assert flow.check_in(desk, appointment_id=visit).id == who
    assert way(desk, str(who)) == ["arrived", "checked-in"]


def test_the_whole_way_keeps_all_three_in_step(clinic: Clinic, desk: Desk) -> None:
    visit = book(clinic, desk, LAYLA)
    who = str(flow.arrive(desk, appointment_id=visit).id)
    seen = []
    for letter in "AIRPOD":
        row = day.visit(desk, visit)
        seen.append((letter, encounter(desk, who).status, row.status))
        assert day.letter(row) == letter
        if letter == "I":
            flow.room(desk, encounter_id=who, room_id=desk.clinic.rooms[0].id)
        elif letter != "D":
            flow.advance(desk, encounter_id=who)
    assert seen == [
        ("A", "arrived", "arrived"),
        ("I", "arrived", "checked-in"),
        ("R", "triaged", "checked-in"),
        ("P", "in-progress", "checked-in"),
        ("O", "in-progress", "checked-in"),
        ("D", "finished", "fulfilled"),
    ]
    assert day.here(desk) == []
    assert encounter(desk, who).ended_at == clinic.clock.now()
    with pytest.raises(Refused, match="not here any more"):
        flow.advance(desk, encounter_id=who)


def test_each_stage_ends_when_the_next_begins(clinic: Clinic, desk: Desk) -> None:
    who = checked_in(clinic, desk, LAYLA)
    minutes_later(clinic, 7)
    flow.room(desk, encounter_id=who, room_id=desk.clinic.rooms[0].id)
    minutes_later(clinic, 5)
    flow.advance(desk, encounter_id=who)
    rows = desk.read(schedule.stage_rows, who)
    assert [row["ended_at"] for row in rows[:-1]] == [row["started_at"] for row in rows[1:]]
    assert rows[-1]["ended_at"] is None
    assert rows[2]["ended_at"] - rows[2]["started_at"] == timedelta(minutes=5)


def test_going_on_to_a_room_asks_which(clinic: Clinic, desk: Desk) -> None:
    who = checked_in(clinic, desk, LAYLA)
    with pytest.raises(Refused, match="Choose a room for Haddad, Layla"):
        flow.advance(desk, encounter_id=who)
    assert way(desk, who) == ["arrived", "checked-in"]


@pytest.mark.parametrize("days", [-1, 1])
def test_a_visit_of_another_day_is_not_checked_in(clinic: Clinic, desk: Desk, days: int) -> None:
    visit = book(clinic, desk, LAYLA, days=1)
    clinic.clock.moment += timedelta(days=1 - days)
    with pytest.raises(Refused, match=r"booked for Wed 25 Nov 14:00, not today"):
        flow.check_in(desk, appointment_id=visit)
    assert day.visit(desk, visit).status == "booked"
    assert day.here(desk) == []


def test_about_midnight_yesterday_and_tomorrow_are_near_enough(clinic: Clinic, desk: Desk) -> None:
    boss = clinic.desk("boss")
    late = book(clinic, boss, LAYLA, 23, overbook_reason="night clinic")
    clinic.clock.moment = clinic.at(0, 20, days=1)
    flow.check_in(desk, appointment_id=late)
    clinic.clock.moment = clinic.at(23, 40, days=1)
    early = book(clinic, boss, DANA, 0, days=2, overbook_reason="night clinic")
    assert [v.id for v in day.visits_for(desk, clinic.patient(desk, DANA), "encounter.check_in")]
    flow.check_in(desk, appointment_id=early)


def test_who_is_here_is_not_checked_in_twice(clinic: Clinic, desk: Desk) -> None:
    visit, later = book(clinic, desk, LAYLA), book(clinic, desk, LAYLA, 15)
    flow.check_in(desk, appointment_id=visit)
    for again in (flow.arrive, flow.check_in):
        with pytest.raises(Refused, match="Haddad, Layla is checked in already"):
            again(desk, appointment_id=visit)
        with pytest.raises(Refused, match="Haddad, Layla is here already"):
            again(desk, appointment_id=later)
    with pytest.raises(Refused, match="is here already"):
        flow.walk_in(desk, patient_id=clinic.patient(desk, LAYLA))
    assert len(day.here(desk)) == 1


def test_a_cancelled_visit_is_not_checked_in(clinic: Clinic, desk: Desk) -> None:
    visit = book(clinic, desk, LAYLA)
    booking.cancel(desk, appointment_id=visit, reason="ill")
    with pytest.raises(Refused, match="cancelled"):
        flow.check_in(desk, appointment_id=visit)


def test_who_came_after_all_is_no_longer_a_no_show(clinic: Clinic, desk: Desk) -> None:
    visit = book(clinic, desk, LAYLA, 10)
    minutes_later(clinic, 90)
    booking.no_show(desk, appointment_id=visit)
    offered = day.visits_for(desk, clinic.patient(desk, LAYLA), "encounter.check_in")
    assert [row.id for row in offered] == [visit]
    flow.check_in(desk, appointment_id=visit)
    assert day.visit(desk, visit).status == "checked-in"
    steps.undo_last(desk)
    assert day.visit(desk, visit).status == "noshow"


def test_who_left_and_comes_back_is_told_how(clinic: Clinic, desk: Desk) -> None:
    visit = book(clinic, desk, LAYLA)
    who = str(flow.check_in(desk, appointment_id=visit).id)
    flow.left(desk, encounter_id=who)
    with pytest.raises(Refused, match=r"left without being seen.*walk-in \(w\)"):
        flow.check_in(desk, appointment_id=visit)


def test_what_is_not_there_is_not_found(clinic: Clinic, desk: Desk) -> None:
    with pytest.raises(NotFound):
        flow.check_in(desk, appointment_id="0" * 32)
    with pytest.raises(NotFound):
        flow.advance(desk, encounter_id="0" * 32)
    with pytest.raises(Refused, match="Choose whose visit"):
        flow.check_in(desk)


# Rooms


def test_a_taken_room_is_refused_by_name(clinic: Clinic, desk: Desk) -> None:
    first, second = checked_in(clinic, desk, LAYLA), checked_in(clinic, desk, DANA, 15)
    room = desk.clinic.rooms[0]
    flow.room(desk, encounter_id=first, room_id=room.id)
    with pytest.raises(Refused, match="Room 1 is taken by Haddad, Layla"):
        flow.room(desk, encounter_id=second, room_id=room.id)
    assert way(desk, second)[-1] == "checked-in"
    assert room.id not in {free.id for free in day.free_rooms(desk)}


def test_the_database_itself_refuses_a_second_person_in_a_room(
    clinic: Clinic, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = checked_in(clinic, desk, LAYLA), checked_in(clinic, desk, DANA, 15)
    room = desk.clinic.rooms[0]
    flow.room(desk, encounter_id=first, room_id=room.id)
    monkeypatch.setattr(schedule, "room_taken_by", lambda *_: None)
    with pytest.raises(Conflict, match="That room was taken first"):
        flow.room(desk, encounter_id=second, room_id=room.id)
    assert at(desk, second).room_id is None
    assert way(desk, second)[-1] == "checked-in"


def test_moving_to_another_room_frees_the_first(clinic: Clinic, desk: Desk) -> None:
    who = with_practitioner(clinic, desk, LAYLA)
    one, two = desk.clinic.rooms[:2]
    step = flow.room(desk, encounter_id=who, room_id=two.id)
    assert step.said == "Haddad, Layla is in room 2."
    assert way(desk, who)[-1] == "with-practitioner"
    assert one.id in {free.id for free in day.free_rooms(desk)}
    with pytest.raises(Refused, match="in room 2 already"):
        flow.room(desk, encounter_id=who, room_id=two.id)


@pytest.mark.parametrize("ending", ["done", "left"])
def test_leaving_frees_the_room(clinic: Clinic, desk: Desk, ending: str) -> None:
    who = checked_in(clinic, desk, LAYLA)
    flow.room(desk, encounter_id=who, room_id=desk.clinic.rooms[0].id)
    flow.set_stage(desk, encounter_id=who, stage=ending)
    assert len(day.free_rooms(desk)) == len(desk.clinic.rooms)
    other = checked_in(clinic, desk, DANA, 15)
    flow.room(desk, encounter_id=other, room_id=desk.clinic.rooms[0].id)


def test_undoing_a_leave_is_refused_when_the_room_went_to_another(
    clinic: Clinic, desk: Desk
) -> None:
    who = checked_in(clinic, desk, LAYLA)
    flow.room(desk, encounter_id=who, room_id=desk.clinic.rooms[0].id)
    flow.left(desk, encounter_id=who)
    ben = clinic.desk("ben")
    other = checked_in(clinic, ben, DANA, 15)
    flow.room(ben, encounter_id=other, room_id=desk.clinic.rooms[0].id)
    with pytest.raises(Conflict, match="That room was taken first"):
        steps.undo_last(desk)
    assert at(desk, who).stage == "left"


# Late entries


def test_a_stage_may_be_typed_in_late(clinic: Clinic, desk: Desk) -> None:
    who = checked_in(clinic, desk, LAYLA)
    minutes_later(clinic, 40)
    step = flow.room(desk, encounter_id=who, room_id=desk.clinic.rooms[0].id, at=clinic.at(9, 5))
    assert step.said == "Haddad, Layla is in room 1 since 09:05 (late entry)."
    flow.advance(desk, encounter_id=who, at=clinic.at(9, 15))
    row = at(desk, who)
    assert (row.stage, row.stage_since) == ("with-practitioner", clinic.at(9, 15))
    recorded = [r["recorded_at"] for r in desk.read(schedule.stage_rows, who)]
    assert recorded[-1] == clinic.clock.now()


def test_a_late_ending_ends_when_it_was(clinic: Clinic, desk: Desk) -> None:
    who = with_practitioner(clinic, desk, LAYLA)
    minutes_later(clinic, 60)
    flow.set_stage(desk, encounter_id=who, stage="done", at=clinic.at(9, 30))
    assert encounter(desk, who).ended_at == clinic.at(9, 30)


def test_late_means_after_the_last_stage_and_not_to_come(clinic: Clinic, desk: Desk) -> None:
    who = with_practitioner(clinic, desk, LAYLA)
    with pytest.raises(Refused, match="10:00 is still to come"):
        flow.advance(desk, encounter_id=who, at=clinic.at(10))
    with pytest.raises(Refused, match="since Tue 24 Nov 09:00"):
        flow.advance(desk, encounter_id=who, at=clinic.at(8, 50))
    assert way(desk, who)[-1] == "with-practitioner"


# Walk-ins


def test_a_walk_in_waits_for_a_practitioner_or_the_nurse(clinic: Clinic, desk: Desk) -> None:
    lee = desk.clinic.practitioner("LEE").id
    step = flow.walk_in(
        desk, patient_id=clinic.patient(desk, LAYLA), practitioner_id=lee, reason="rash"
    )
    assert step.said == "Haddad, Layla walked in and waits for LEE."
    flow.walk_in(desk, patient_id=clinic.patient(desk, DANA), queue="nurse")
    rows = {row.family: row for row in day.here(desk)}
    assert (rows["Haddad"].queue, rows["Haddad"].reason) == ("practitioner", "rash")
    assert (rows["Kim"].queue, rows["Kim"].practitioner_id) == ("nurse", None)
    assert {row.appointment_id for row in rows.values()} == {None}


def test_a_walk_in_goes_the_whole_way_without_an_appointment(clinic: Clinic, desk: Desk) -> None:
    who = str(flow.walk_in(desk, patient_id=clinic.patient(desk, LAYLA)).id)
    flow.check_in(desk, encounter_id=who, verified="phone")
    flow.room(desk, encounter_id=who, room_id=desk.clinic.rooms[0].id)
    for _ in range(3):
        flow.advance(desk, encounter_id=who)
    assert (at(desk, who).stage, encounter(desk, who).status) == ("done", "finished")


def test_a_walk_in_with_nobody_on_file_is_not_found(clinic: Clinic, desk: Desk) -> None:
    with pytest.raises(NotFound, match="not on file"):
        flow.walk_in(desk, patient_id="0" * 32)


def test_somebody_unknown_walks_in_with_as_little_as_a_name(clinic: Clinic, desk: Desk) -> None:
    step = flow.walk_in(desk, name="Novak, Petr", practitioner_id=None, reason="cut hand")
    row = at(desk, str(step.id))
    assert (row.family, row.given, row.birth_date) == ("Novak", "Petr", None)
    assert row.mrn and row.mrn.isdigit()
    assert step.said == "Novak, Petr is new, walked in and waits for the nurse."
    steps.undo_last(desk)
    assert day.here(desk) == []
    with pytest.raises(NotFound):
        flow.walk_in(desk, patient_id=row.patient_id)


def test_somebody_who_cannot_say_a_name_walks_in(clinic: Clinic, desk: Desk) -> None:
    step = flow.walk_in(desk, name="", reason="does not speak")
    assert at(desk, str(step.id)).family == "Unknown"


# Out of turn, back, left


def test_side_steps_lead_back_into_the_way(clinic: Clinic, desk: Desk) -> None:
    who = with_practitioner(clinic, desk, LAYLA)
    for side, onward in (
        ("held", "with-practitioner"),
        ("ready", "with-practitioner"),
        ("waiting-results", "checking-out"),
    ):
        flow.set_stage(desk, encounter_id=who, stage=side)
        assert at(desk, who).room_id == desk.clinic.rooms[0].id
        flow.advance(desk, encounter_id=who)
        assert at(desk, who).stage == onward


@pytest.mark.parametrize(
    ("stage", "words"),
    [
        ("nowhere", "There is no stage nowhere; choose one of arrived, "),
        ("checked-in", "is checked in already"),
        ("arrived", "z takes them back"),
        ("roomed", "Choose a room"),
    ],
)
def test_a_stage_that_cannot_be_is_refused(
    clinic: Clinic, desk: Desk, stage: str, words: str
) -> None:
    who = checked_in(clinic, desk, LAYLA)
    with pytest.raises(Refused, match=words):
        flow.set_stage(desk, encounter_id=who, stage=stage)
    assert way(desk, who) == ["arrived", "checked-in"]


def test_back_reopens_the_stage_before(clinic: Clinic, desk: Desk) -> None:
    who = with_practitioner(clinic, desk, LAYLA)
    since = desk.read(schedule.stage_rows, who)[-2]["started_at"]
    minutes_later(clinic, 3)
    step = flow.back(desk, encounter_id=who)
    assert step.said == "Haddad, Layla: back to roomed."
    row = at(desk, who)
    assert (row.stage, row.stage_since, row.room_id) == (
        "roomed",
        since,
        desk.clinic.rooms[0].id,
    )
    flow.back(desk, encounter_id=who)
    assert (at(desk, who).stage, at(desk, who).room_id) == ("checked-in", None)
    flow.back(desk, encounter_id=who)
    with pytest.raises(Refused, match="at the first stage"):
        flow.back(desk, encounter_id=who)


def test_back_brings_back_who_was_done_by_mistake(clinic: Clinic, desk: Desk) -> None:
    who = with_practitioner(clinic, desk, LAYLA)
    flow.advance(desk, encounter_id=who)
    flow.advance(desk, encounter_id=who)
    assert day.here(desk) == []
    flow.back(desk, encounter_id=who)
    row = at(desk, who)
    visit = day.visit(desk, row.appointment_id)
    assert (row.stage, visit.status, encounter(desk, who).ended_at) == (
        "checking-out",
        "checked-in",
        None,
    )


def test_back_from_done_finds_that_another_visit_began(clinic: Clinic, desk: Desk) -> None:
    who = checked_in(clinic, desk, LAYLA)
    flow.left(desk, encounter_id=who)
    flow.walk_in(desk, patient_id=clinic.patient(desk, LAYLA))
    with pytest.raises(Refused, match="is here already"):
        flow.back(desk, encounter_id=who)


def test_left_without_being_seen_counts_as_a_no_show(clinic: Clinic, desk: Desk) -> None:
    who = checked_in(clinic, desk, LAYLA)
    minutes_later(clinic, 50)
    step = flow.left(desk, encounter_id=who)
    assert step.said == "Haddad, Layla left without being seen."
    visit = day.visit(desk, at(desk, who).appointment_id)
    assert (visit.status, day.letter(visit)) == ("noshow", "L")
    assert encounter(desk, who).status == "cancelled"
    assert day.here(desk) == []


def test_who_was_seen_did_not_leave_unseen(clinic: Clinic, desk: Desk) -> None:
    who = with_practitioner(clinic, desk, LAYLA)
    for call in (
        lambda: flow.left(desk, encounter_id=who),
        lambda: flow.set_stage(desk, encounter_id=who, stage="left"),
    ):
        with pytest.raises(Refused, match="was seen already"):
            call()


# Undo of each, and other desks

Change = Callable[[Clinic, Desk, str], Any]
CHANGES: dict[str, tuple[Change, str]] = {
    "check in": (lambda c, d, who: flow.check_in(d, encounter_id=who, verified="phone"), ""),
    "room": (lambda c, d, who: flow.room(d, encounter_id=who, room_id=d.clinic.rooms[1].id), "I"),
    "advance": (lambda c, d, who: flow.advance(d, encounter_id=who), "P"),
    "check out": (lambda c, d, who: flow.advance(d, encounter_id=who), "O"),
    "hold": (lambda c, d, who: flow.set_stage(d, encounter_id=who, stage="held"), "P"),
    "back": (lambda c, d, who: flow.back(d, encounter_id=who), "P"),
    "back to the desk": (lambda c, d, who: flow.back(d, encounter_id=who), "R"),
    "left": (lambda c, d, who: flow.left(d, encounter_id=who), "R"),
}


def _bring_to(desk: Desk, encounter_id: str, letter: str) -> None:
    """Take an arrival as far as a letter says."""
    letters = {stage.code: stage.letter for stage in desk.stages}
    while letter and letters[at(desk, encounter_id).stage] != letter:
        if at(desk, encounter_id).stage == "checked-in":
            flow.room(desk, encounter_id=encounter_id, room_id=desk.clinic.rooms[0].id)
        else:
            flow.advance(desk, encounter_id=encounter_id)


def _picture(desk: Desk, encounter_id: str) -> tuple[Any, ...]:
    row, visit = at(desk, encounter_id), None
    rows = desk.read(schedule.stage_rows, encounter_id)
    if row is not None and row.appointment_id:
        visit = day.visit(desk, row.appointment_id)
    kept = encounter(desk, encounter_id)
    return (
        [(r["id"], r["stage"], r["started_at"], r["ended_at"]) for r in rows],
        (kept.status, kept.room_id, kept.ended_at, kept.verified, kept.accompanied_by),
        visit and visit.status,
    )


@pytest.mark.parametrize("name", CHANGES)
def test_undo_brings_back_exactly_what_was(clinic: Clinic, desk: Desk, name: str) -> None:
    change, letter = CHANGES[name]
    visit = book(clinic, desk, LAYLA)
    who = str(flow.arrive(desk, appointment_id=visit).id)
    _bring_to(desk, who, letter)
    before = _picture(desk, who)
    minutes_later(clinic, 4)
    change(clinic, desk, who)
    assert _picture(desk, who) != before
    steps.undo_last(desk)
    assert _picture(desk, who) == before


def test_undo_of_an_arrival_leaves_a_booked_visit(clinic: Clinic, desk: Desk) -> None:
    visit = book(clinic, desk, LAYLA)
    flow.check_in(desk, appointment_id=visit)
    steps.undo_last(desk)
    row = day.visit(desk, visit)
    assert (row.status, row.encounter_id, day.here(desk)) == ("booked", None, [])
    flow.check_in(desk, appointment_id=visit)
    assert len(day.here(desk)) == 1


def test_undo_of_a_walk_in_takes_them_off_the_board(clinic: Clinic, desk: Desk) -> None:
    flow.walk_in(desk, patient_id=clinic.patient(desk, LAYLA))
    steps.undo_last(desk)
    assert day.here(desk) == []
    flow.walk_in(desk, patient_id=clinic.patient(desk, LAYLA))


@pytest.mark.parametrize("name", CHANGES)
def test_a_stage_changed_at_another_desk_is_not_changed_again(
    clinic: Clinic, desk: Desk, name: str
) -> None:
    _, letter = CHANGES[name]
    who = str(flow.arrive(desk, appointment_id=book(clinic, desk, LAYLA)).id)
    _bring_to(desk, who, letter)
    seen = at(desk, who).version
    ben = clinic.desk("ben")
    CHANGES[name][0](clinic, ben, who)
    stage = at(desk, who).stage
    calls: list[Callable[[], Any]] = [
        lambda: flow.set_stage(desk, encounter_id=who, stage="held", seen=seen),
        lambda: flow.back(desk, encounter_id=who, seen=seen),
        lambda: flow.room(desk, encounter_id=who, room_id=desk.clinic.rooms[2].id, seen=seen),
    ]
    for call in calls:
        with pytest.raises(Conflict, match=r"Ben Okafor .* at 09:00: "):
            call()
    assert at(desk, who).stage == stage


def test_what_was_undone_meanwhile_is_not_what_was_seen(clinic: Clinic, desk: Desk) -> None:
    visit = book(clinic, desk, LAYLA)
    who = str(flow.arrive(desk, appointment_id=visit).id)
    flow.advance(desk, encounter_id=who)
    seen = at(desk, who).version
    steps.undo_last(desk)
    with pytest.raises(Conflict):
        flow.advance(clinic.desk("ben"), encounter_id=who, seen=seen)


def _at_once(first: Desk, second: Desk, case: Any, mine: dict, theirs: dict) -> Exception | None:
    """Run a use case while the same is open and not yet committed elsewhere."""
    refusal: list[Exception] = []

    def other() -> None:
        try:
            case(second, **theirs)
        except DeskError as error:
            refusal.append(error)

    thread = threading.Thread(target=other)

    def body(work: Work) -> None:
        case.within(work, **mine)
        thread.start()
        thread.join(0.4)

    first.step(case.action, body)
    thread.join()
    return refusal[0] if refusal else None


def test_two_desks_arrive_one_visit_once(clinic: Clinic, desk: Desk) -> None:
    values = {"appointment_id": book(clinic, desk, LAYLA)}
    refused = _at_once(desk, clinic.desk("ben"), flow.check_in, values, values)
    assert refused is not None
    assert len(day.here(desk)) == 1


def test_two_desks_take_one_walk_in_once(clinic: Clinic, desk: Desk) -> None:
    values = {"patient_id": clinic.patient(desk, LAYLA)}
    refused = _at_once(desk, clinic.desk("ben"), flow.walk_in, values, values)
    assert isinstance(refused, Refused)
    assert len(day.here(desk)) == 1


def test_two_desks_advance_one_stage(clinic: Clinic, desk: Desk) -> None:
    who = with_practitioner(clinic, desk, LAYLA)
    values = {"encounter_id": who, "seen": at(desk, who).version}
    refused = _at_once(desk, clinic.desk("ben"), flow.advance, values, values)
    assert isinstance(refused, Conflict)
    assert way(desk, who)[-2:] == ["with-practitioner", "checking-out"]


def test_two_desks_room_two_people_in_one_room(clinic: Clinic, desk: Desk) -> None:
    room = desk.clinic.rooms[0].id
    one, two = checked_in(clinic, desk, LAYLA), checked_in(clinic, desk, DANA, 15)
    refused = _at_once(
        desk,
        clinic.desk("ben"),
        flow.room,
        {"encounter_id": one, "room_id": room},
        {"encounter_id": two, "room_id": room},
    )
    assert refused is not None and "taken" in str(refused)
    assert (at(desk, one).room_id, at(desk, two).room_id) == (room, None)


def test_a_read_only_person_moves_nobody(clinic: Clinic, desk: Desk) -> None:
    eve = clinic.desk("eve")
    visit = book(clinic, desk, LAYLA)
    with pytest.raises(NotPermitted):
        flow.check_in(eve, appointment_id=visit)
    with pytest.raises(NotPermitted):
        flow.walk_in(eve, patient_id=clinic.patient(desk, DANA))


def test_the_stages_are_the_only_truth(clinic: Clinic, desk: Desk) -> None:
    who = with_practitioner(clinic, desk, LAYLA)
    flow.back(desk, encounter_id=who)
    flow.advance(desk, encounter_id=who)
    rows = desk.read(schedule.stage_rows, who)
    assert [row["stage"] for row in rows if row["ended_at"] is None] == ["with-practitioner"]
    assert [row["stage"] for row in rows] == [
        "arrived",
        "checked-in",
        "roomed",
        "with-practitioner",
    ]
    verdict = desk.store.verify()
    assert verdict.ok, verdict.first_bad


def test_the_state_line_counts_who_waits_too_long(clinic: Clinic, desk: Desk) -> None:
    checked_in(clinic, desk, LAYLA)
    assert (day.state(desk).here, day.state(desk).over) == (1, 0)
    minutes_later(clinic, 25)
    assert day.state(desk).over == 1


def test_moments_are_stored_in_utc(clinic: Clinic, desk: Desk) -> None:
    who = checked_in(clinic, desk, LAYLA)
    assert at(desk, who).arrived_at == datetime(2026, 11, 24, 15, tzinfo=UTC)


def test_nobody_who_died_is_here_or_moved(clinic: Clinic, desk: Desk) -> None:
    layla = clinic.patient(desk, LAYLA)
    visit = book(clinic, desk, LAYLA, 9)
    clinic.clock.moment += timedelta(minutes=5)
    patients.edit(desk, patient_id=layla, deceased_on="11/23/2026", cancel_visits=False)
    for attempt in (
        lambda: flow.walk_in(desk, patient_id=layla, queue="nurse"),
        lambda: flow.check_in(desk, appointment_id=visit),
        lambda: flow.arrive(desk, appointment_id=visit),
        lambda: booking.move(desk, appointment_id=visit, start=clinic.at(14)),
    ):
        with pytest.raises(Refused, match=r"^Haddad, Layla is recorded as deceased"):
            attempt()
    assert day.here(desk) == []
    # What is typed in from paper was before that day, or on it.
    patients.edit(desk, patient_id=layla, deceased_on="11/24/2026")
    flow.arrive(desk, appointment_id=visit)

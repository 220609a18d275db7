"""What the day's work shows of restricted, test, deceased and inactive people."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pcoord import quickline
from pcoord.domain.errors import Conflict, NotPermitted, ReasonNeeded, Refused
from pcoord.services import (
    arrivals,
    board,
    booking,
    call_notes,
    callers,
    calls,
    day,
    downtime,
    duplicates,
    exporting,
    flow,
    history,
    late,
    letters,
    lookup,
    merging,
    patients,
    printing,
    reassigning,
    record,
    restricted_records,
    sheets,
    steps,
    views,
    waitlist,
    work_views,
)
from pcoord.services.desk import Desk
from pcoord.store.queries import events
from pcoord.store.tables import Appointment, Patient
from tests.clinic import TODAY, Clinic
from tests.screens.waiting import DANA, DANIEL, LAYLA, add_facts, book

HOUR = timedelta(hours=1)
SECRETS = ("Layla", "1992", "5/9", "05/09", "0144", "555 01 44", "Ferry", "rash", "her sister")


@pytest.fixture
def layla(clinic: Clinic, desk: Desk) -> str:
    """A restricted patient with a visit today that has a note, who is late, and a call-back due."""
    add_facts(clinic, desk)
    key = clinic.patient(desk, LAYLA)
    visit = book(clinic, desk, LAYLA, 9, 30)
    calls.log_call(
        desk,
        phone="201-555-0144",
        patient_id=key,
        caller="her sister",
        note="about the rash",
        callback_due=desk.now + timedelta(hours=2),
    )

    def body(unit: Any) -> None:
        unit.update(Patient, key, restricted=True)
        unit.update(Appointment, visit, note="rash on both arms")
        unit.say("Restricted.")

    desk.store.write(desk.who, "test", body)
    return key


def shown(desk: Desk) -> Iterator[tuple[str, str]]:
    """Return what each list, picker and preview shows, as one text each."""
    yield "find", str(views.find(desk, "haddad", 5))
    yield "find phone", str(views.find(desk, "201-555-0144", 5)[0] | {"matched": ""})
    yield "day", str(views.visits(desk, desk.today))
    yield "board", str(views.board(desk))
    yield "calls", str([views.call(desk, row) for row in calls.log(desk)])
    yield "work", str(work_views.work(desk))
    yield "log", " ".join(str(row) for row in calls.load_log(desk, "open").rows)
    sheet = sheets.load(desk, desk.today)
    yield "schedule", " ".join(f"{v.name} {v.short} {v.born} {sheet.say(v)}" for v in sheet.visits)
    yield "waiting room", str(board.load(desk).people)
    yield "not here", str(late.to_tell(desk))
    yield "household", str(callers.household(desk, "201-555-0144"))
    yield "caller", str(callers.read_caller(desk, "haddad").callers)
    for text in ("book haddad fu thu 2pm lee", "checkin haddad", "walkin haddad nurse"):
        told = quickline.understand(desk, text)
        yield text, f"{told.fields} {told.would} {told.candidates}"
    yield "card", str(quickline.understand(desk, "haddad").candidates)


def leaks(desk: Desk) -> list[tuple[str, str]]:
    """Return where what a restricted record keeps is shown."""
    return [(where, word) for where, text in shown(desk) for word in SECRETS if word in text]


def test_no_list_shows_more_than_the_least(desk: Desk, layla: str) -> None:
    assert leaks(desk) == []
    (visit,) = views.visits(desk, desk.today)
    assert visit["patient"] == {"mrn": LAYLA, "family": "Haddad", "given": "L."}
    assert visit["patient_state"] == "restricted"
    assert visit["visit_type"] == "fu" and visit["note"] is None
    (call,) = [views.call(desk, row) for row in calls.log(desk)]
    assert (call["number"], call["caller"], call["note"]) == (None, None, None)
    assert call["callback_due"] is not None


def test_once_opened_everything_is_as_usual_at_this_desk(
    clinic: Clinic, desk: Desk, layla: str
) -> None:
    restricted_records.open_with(desk, layla, "on the phone with her")
    found = {where for where, _ in leaks(desk)}
    assert found >= {"find", "day", "calls", "log", "schedule", "not here", "household", "caller"}
    assert leaks(clinic.desk("ben")) == []


def test_what_opens_her_record_takes_a_reason(clinic: Clinic, desk: Desk, layla: str) -> None:
    (row,) = calls.log(desk)
    boss = clinic.desk("boss")
    for look in (
        lambda: callers.about(desk, layla),
        lambda: calls.one(desk, row.id),
        lambda: call_notes.typed_of(desk, row.id),
        lambda: record.load(desk, layla),
        lambda: history.history(desk, layla),
        lambda: patients.fields_of(desk, layla),
        lambda: patients.card(boss, layla),
    ):
        with pytest.raises(ReasonNeeded) as needed:
            look()
        assert needed.value.patient_id == layla


def test_at_the_desk_the_check_in_is_the_reason(desk: Desk, layla: str) -> None:
    (visit,) = day.visits_for(desk, layla, "encounter.check_in")
    arrival = arrivals.load(desk, appointment_id=visit.id)
    assert arrival.identifiers[0].stored.endswith("1992")
    said = [row.said for row in desk.read(events.listing, patient_id=layla)]
    assert "Asked after a restricted record: check-in" in said
    # Whoever leaves the panel has opened nothing by it.
    with pytest.raises(ReasonNeeded):
        patients.card(desk, layla)
    assert leaks(desk) == []
    arrivals.load(desk, appointment_id=visit.id)
    said = [row.said for row in desk.read(events.listing, patient_id=layla)]
    assert said.count("Asked after a restricted record: check-in") == 1


def test_whoever_is_here_can_be_looked_after(desk: Desk, layla: str) -> None:
    (visit,) = day.visits_for(desk, layla, "encounter.check_in")
    flow.arrive(desk, appointment_id=visit.id)
    (person,) = board.load(desk).people
    assert person.name == "Haddad, L." and person.says.startswith("restricted Haddad, L.")
    assert {"restricted", "es", "interp"} <= set(person.flags)
    assert quickline.understand(desk, "room haddad 3").call is not None
    assert leaks(desk) == []


def test_a_slot_or_room_lost_in_the_moment_of_storing_names_the_least(
    clinic: Clinic, desk: Desk, layla: str
) -> None:
    (visit,) = day.visits_for(desk, layla, "encounter.check_in")
    dana = clinic.patient(desk, DANA)
    wanted = {"practitioner_id": visit.practitioner_id, "visit_type_id": visit.visit_type_id}
    with pytest.raises(Conflict, match=r"LEE is taken .* by Haddad, L\. Choose"):
        booking.book(desk, patient_id=dana, start=visit.start_at, **wanted)
    shah = desk.clinic.practitioner("SHAH").id
    with pytest.raises(Conflict, match=r"^Haddad, L\. is already booked"):
        booking.book(
            desk, patient_id=layla, start=visit.start_at, **wanted | {"practitioner_id": shah}
        )
    said = flow.arrive(desk, appointment_id=visit.id).said
    room = desk.clinic.rooms[0].id
    key = board.load(desk).people[0].id
    said += flow.room(desk, encounter_id=key, room_id=room).said
    walked = flow.walk_in(desk, patient_id=dana, queue="nurse", reason="rash")
    with pytest.raises(Refused, match=r"taken by Haddad, L\. Choose another"):
        flow.room(desk, encounter_id=str(walked.id), room_id=room)
    with pytest.raises(Refused, match=r"Haddad, L\. is in room 1 already"):
        flow.room(desk, encounter_id=key, room_id=room)
    undone = [steps.undo_last(desk).said for _ in range(2)][-1]
    assert undone == "Taken back: Haddad, L. is in room 1."
    said += undone + flow.room(desk, encounter_id=key, room_id=room).said
    assert "Haddad, L." in said and "Layla" not in said
    restricted_records.open_with(desk, layla, "on the phone with her")
    assert "Haddad, Layla" in flow.advance(desk, encounter_id=key).said
    log = {row.said for row in desk.read(events.listing, patient_id=layla)}
    assert "Haddad, Layla arrived." in log


def test_a_visit_moved_to_a_closed_record_names_the_least_of_both(
    clinic: Clinic, desk: Desk, layla: str
) -> None:
    visit = book(clinic, desk, DANIEL, 11, 0)
    said = reassigning.reassign(
        desk, kind="appointment", record_id=visit, patient_id=layla, reason="alike"
    ).said
    assert "from Kim, Daniel" in said and "to Haddad, L." in said and "Layla" not in said
    log = " ".join(row.said for row in desk.read(events.listing, patient_id=layla) if row.said)
    assert "to Haddad, Layla" in log


def test_paper_shows_the_least_whoever_prints_it(desk: Desk, layla: str, tmp_path: Path) -> None:
    restricted_records.open_with(desk, layla, "on the phone with her")
    printing.print_day(desk, desk.today, str(tmp_path / "day.txt"))
    downtime.write(desk, tmp_path / "dark", text_only=True)
    for path in (tmp_path / "day.txt", *(tmp_path / "dark").iterdir()):
        text = path.read_text()
        assert not [word for word in ("Layla", "1992", "0144", "rash") if word in text], path
    assert "restricted" in (tmp_path / "dark" / f"day-{TODAY.isoformat()}.txt").read_text()


def test_a_registration_is_warned_without_telling(desk: Desk, layla: str) -> None:
    typed = {"family": "Haddad", "given": "Layla", "birth_date": "5/9/1992"}
    (found,) = duplicates.duplicates(desk, **typed)
    assert (found.given, found.birth_date, found.phone) == ("L.", None, None)


# Test people


@pytest.fixture
def trial(clinic: Clinic, desk: Desk) -> str:
    """A test record, marked by a supervisor."""
    key = clinic.patient(desk, DANA)
    patients.edit(clinic.desk("boss"), patient_id=key, test="yes")
    return key


def test_only_a_supervisor_marks_a_record(clinic: Clinic, desk: Desk) -> None:
    key = clinic.patient(desk, DANA)
    for mark in ("test", "restricted"):
        with pytest.raises(NotPermitted, match="Ask a supervisor"):
            patients.edit(desk, patient_id=key, **{mark: "yes"})
        with pytest.raises(NotPermitted):
            patients.register(desk, family="New", given="One", birth_date="1/1/2001", **{mark: "y"})
    step = patients.edit(clinic.desk("boss"), patient_id=key, restricted="yes")
    assert step.said == "Changed Kim, Dana: restricted."


def test_test_people_are_marked_wherever_people_are_mixed_up(
    clinic: Clinic, desk: Desk, trial: str
) -> None:
    book(clinic, desk, DANA, 14)
    (hit,) = (hit for hit in lookup.find(desk, "kim") if hit.id == trial)
    assert hit.called == "TEST Kim, Dana"
    assert views.visits(desk, desk.today)[0]["patient_state"] == "test"
    (visit,) = sheets.load(desk, desk.today).visits
    assert (visit.name, visit.short) == ("TEST Kim, Dana", "TEST Kim D")
    told = quickline.understand(desk, "book kim fu thu 2pm lee")
    assert told.would.startswith("books TEST Kim, Dana")
    marks = {caller.mark for caller in callers.household(desk, "201-555-0155")}
    assert marks == {"TEST", ""}


def test_test_people_are_no_duplicates_and_do_not_leave(
    clinic: Clinic, desk: Desk, trial: str
) -> None:
    book(clinic, desk, DANA, 14)
    assert duplicates.duplicates(desk, family="Kim", given="Dana", birth_date="1/31/1990") == []
    boss = clinic.desk("boss")
    for what in ("patients", "appointments"):
        assert b"Dana" not in b"".join(exporting.export_csv(boss, what))
        assert b"Dana" in b"".join(exporting.export_csv(boss, what, tests=True))


def test_the_dead_and_the_inactive_are_marked_too(clinic: Clinic, desk: Desk) -> None:
    book(clinic, desk, DANIEL, 14)
    boss, key = clinic.desk("boss"), clinic.patient(desk, DANIEL)
    patients.edit(boss, patient_id=key, active="no")
    assert sheets.load(desk, desk.today).visits[0].name == "inactive Kim, Daniel"
    patients.edit(boss, patient_id=key, deceased_on="11/20/2026", cancel_visits=False)
    assert views.visits(desk, desk.today)[0]["patient_state"] == "deceased inactive"
    (caller,) = (c for c in callers.household(desk, "201-555-0155") if c.id == key)
    assert caller.mark == "deceased inactive"


def test_a_mark_is_taken_back_by_whoever_may_set_it(clinic: Clinic, desk: Desk) -> None:
    boss, key = clinic.desk("boss"), clinic.patient(desk, DANA)
    step = patients.edit(boss, patient_id=key, restricted="yes")
    with pytest.raises(NotPermitted):
        steps.undo_step(desk, step.number)
    steps.undo_step(boss, step.number)
    assert patients.card(desk, key).restricted is False


def test_a_merge_does_not_open_a_restricted_record(clinic: Clinic, desk: Desk, layla: str) -> None:
    boss = clinic.desk("boss")
    typed = {"family": "Haddad", "given": "Layla", "birth_date": "5/9/1992", "force": True}
    second = str(patients.register(desk, **typed).id)
    step = merging.merge(boss, patient_id=second, other_id=layla)
    assert lookup.one(desk, second).restricted
    assert leaks(desk) == []
    steps.undo_step(boss, step.number)
    assert not lookup.one(desk, second).restricted and lookup.one(desk, layla).restricted


# The log, and sentences out of it


def test_the_log_says_who_did_what_and_no_more(clinic: Clinic, desk: Desk, layla: str) -> None:
    boss = clinic.desk("boss")
    restricted_records.open_with(desk, layla, "asked for a form")
    rows = views.audit(boss, patient_id=layla, user=None, since=None)
    assert not [word for word in SECRETS if word in str(rows)]
    assert {row["patient"]["given"] for row in rows} == {"L."}
    assert {row["patient_state"] for row in rows} == {"restricted"}
    (opened,) = [row for row in rows if row["action"] == restricted_records.OPENED]
    assert opened["user"] == "ana" and opened["detail"].endswith("asked for a form")
    assert {row["detail"] for row in rows if row["action"] == "call.new"} == {views.WITHHELD}
    restricted_records.open_with(boss, layla, "a complaint of hers")
    rows = views.audit(boss, patient_id=layla, user=None, since=None)
    assert "Haddad, Layla" in str(rows)


def test_reading_the_log_stands_in_the_log(clinic: Clinic, desk: Desk, layla: str) -> None:
    boss = clinic.desk("boss")
    assert views.READ_LOG not in str(views.audit(boss, patient_id=layla, user="ana", since=None))
    (row,) = [
        one
        for one in views.audit(boss, patient_id=layla, user=None, since=None)
        if one["action"] == views.READ_LOG
    ]
    assert (row["user"], row["kind"]) == ("boss", "read")
    with pytest.raises(NotPermitted):
        views.audit(desk, patient_id=layla, user=None, since=None)


def test_what_another_desk_did_is_told_with_the_least(
    clinic: Clinic, desk: Desk, layla: str
) -> None:
    (visit,) = day.visits_for(desk, layla, "encounter.check_in")
    ben = clinic.desk("ben")
    restricted_records.open_with(ben, layla, "on the phone with her")
    assert "Layla" in booking.move(ben, appointment_id=visit.id, start=visit.start_at + HOUR).said
    with pytest.raises(Conflict) as lost:
        booking.cancel(desk, appointment_id=visit.id, seen=visit.version, reason="patient")
    told = f"{lost.value.sentence} {getattr(lost.value, 'theirs', '')} {lost.value.mine}"
    assert "Haddad, L." in told and "Layla" not in told
    with pytest.raises(Conflict) as built:
        steps.undo_step(desk, _step_that_booked(desk, visit.id))
    assert "Layla" not in built.value.sentence


def _step_that_booked(desk: Desk, visit_id: str) -> int:
    rows = desk.read(events.listing)
    return next(r.step for r in rows if r.record_id == visit_id and r.action == "appointment.book")


def test_what_is_taken_back_is_told_with_the_least(clinic: Clinic, desk: Desk, layla: str) -> None:
    visit = book(clinic, desk, DANIEL, 11, 0)
    daniel = clinic.patient(desk, DANIEL)
    move: Any = {"kind": "appointment", "record_id": visit, "reason": "alike"}
    said = reassigning.reassign(desk, patient_id=layla, **move).said
    said += reassigning.reassign(desk, patient_id=daniel, **move).said
    said += steps.undo_last(desk).said
    said += merging.not_same(desk, patient_id=daniel, other_id=layla).said
    said += steps.undo_last(desk).said
    assert said.count("Haddad, L.") == 5 and "Layla" not in said


@pytest.mark.parametrize("words", ["merge 10442 into 10444", "notsame 10442 and 10444"])
def test_what_two_records_would_become_is_told_with_the_least(
    clinic: Clinic, layla: str, words: str
) -> None:
    told = quickline.understand(clinic.desk("boss"), words)
    assert "Haddad, L." in told.would and "Layla" not in f"{told.would} {told.fields}"


@pytest.mark.parametrize("words", ["call haddad", "call 1001", "haddad today"])
def test_what_was_written_is_not_read_by_moving_it(desk: Desk, layla: str, words: str) -> None:
    told = quickline.understand(desk, f"wrongpatient {words} to 10444 reason alike")
    shown = f"{told.would} {told.fields} {told.candidates}"
    assert "Haddad, L." in told.would and not [word for word in SECRETS if word in shown]


def test_a_name_that_sounds_alike_is_not_spelt_out(desk: Desk, layla: str) -> None:
    (told,) = views.find(desk, "haddad lyala", 5)
    assert told["matched"] == "sounds like it" and told["given"] == "L."


def test_refusals_tell_the_least(clinic: Clinic, desk: Desk, layla: str) -> None:
    (visit,) = day.visits_for(desk, layla, "encounter.check_in")
    where = {"practitioner_id": visit.practitioner_id, "visit_type_id": visit.visit_type_id}
    boss = clinic.desk("boss")
    restricted_records.open_with(boss, layla, "her sister called")
    for change in ({"active": "no"}, {"deceased_on": "11/20/2026", "cancel_visits": False}):
        patients.edit(boss, patient_id=layla, **change)  # type: ignore[arg-type]
        with pytest.raises(Refused, match=r"^Haddad, L\."):
            booking.book(desk, patient_id=layla, start=visit.start_at + 4 * HOUR, **where)
    with pytest.raises(Refused, match=r"^Haddad, L\. is recorded as deceased"):
        waitlist.add(desk, patient_id=layla)


def test_a_letter_needs_the_record_opened(desk: Desk, layla: str) -> None:
    with pytest.raises(ReasonNeeded):
        letters.compose(desk, layla, "unreached")


def test_work_that_follows_from_a_closed_record_tells_the_least(
    clinic: Clinic, desk: Desk, layla: str
) -> None:
    boss = clinic.desk("boss")
    typed = {"family": "Ferry", "given": "Eva", "role": "mother", "scopes": "clinical"}
    restricted_records.open_with(boss, layla, "her mother called")
    record.add(boss, patient_id=layla, part="contact", **typed)
    patients.edit(boss, patient_id=layla, birth_date="11/1/2008")
    (item,) = [one for one in work_views.work(desk, "tasks") if one["id"] == f"of-age {layla}"]
    assert (item["what"], item["patient"]["given"]) == (views.WITHHELD, "L.")
    assert "Eva Ferry" in str(work_views.work(boss, "tasks"))


def test_what_an_entry_said_is_not_read_by_taking_it_back(
    clinic: Clinic, desk: Desk, layla: str
) -> None:
    boss = clinic.desk("boss")
    restricted_records.open_with(boss, layla, "her new card")
    entry = {"payor": "Union Fund", "subscriber_id": "UF-77"}
    step = record.add(boss, patient_id=layla, part="coverage", **entry)
    again = record.add(boss, patient_id=layla, part="name", family="Ferry", use="maiden")
    assert steps.undo_step(clinic.desk("boss"), step.number).said == (
        "Taken back: Added to Haddad, L., coverage."
    )
    assert "Ferry" in steps.undo_step(boss, again.number).said


@pytest.mark.parametrize("turned", [False, True])
def test_two_people_are_told_apart_with_the_least_of_either(
    clinic: Clinic, desk: Desk, layla: str, turned: bool
) -> None:
    daniel = clinic.patient(desk, DANIEL)
    pair = (layla, daniel) if turned else (daniel, layla)
    step = merging.not_same(desk, patient_id=pair[0], other_id=pair[1])
    said = step.said + steps.undo_step(clinic.desk("ben"), step.number).said
    assert said.count("Haddad, L.") == 2 and "Layla" not in said

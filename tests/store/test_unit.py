"""The unit of work: rows, versions, events, scrubbing; and taking steps back; on both engines."""

import json
from typing import Any

import pytest
from sqlalchemy import select

from pcoord.domain.errors import Conflict, NotFound, Refused
from pcoord.services import steps
from pcoord.services.desk import Desk
from pcoord.store.derived import OccupancyTaken
from pcoord.store.failures import TakenFirst
from pcoord.store.ids import new_id, seeded_maker, use_maker
from pcoord.store.tables import (
    Appointment,
    AuditEvent,
    ContactPoint,
    Flag,
    Identifier,
    LookupPerson,
    LookupToken,
    Occupancy,
    Patient,
    StaffUser,
)
from pcoord.store.unit import ChangedMeanwhile, Step, Unit, defaults
from tests.clinic import NOW, Clinic

_events = AuditEvent.__table__  # type: ignore[attr-defined]


def write(desk: Desk, body: Any) -> Step:
    """Run one step."""
    return desk.store.write(desk.who, "test", body)


def add(desk: Desk, **values: Any) -> str:
    """Add a patient and return the key."""
    made: list[str] = []

    def body(unit: Unit) -> None:
        known = {"family": "Test", "created_at": unit.now} | values
        made.append(unit.insert(Patient, **known))
        unit.say("Added.")

    write(desk, body)
    return made[0]


def change(desk: Desk, key: str, seen: int | None = None, **values: Any) -> Step:
    """Change a patient in one step."""

    def body(unit: Unit) -> None:
        unit.update(Patient, key, seen, **values)
        unit.say("Changed.")

    return write(desk, body)


def row(desk: Desk, model: Any, key: str) -> Any:
    """Return a record."""
    table = model.__table__
    query = select(table).where(table.c.id == key)
    return desk.read(lambda c: c.execute(query).first())


def events(desk: Desk, step: int) -> list[Any]:
    """Return the events of a step."""
    query = select(_events).where(_events.c.step == step).order_by(_events.c.seq)
    return list(desk.read(lambda c: c.execute(query).all()))


def test_a_new_record_has_its_defaults_and_an_event(desk: Desk) -> None:
    key = add(desk, given="Tom")
    found = row(desk, Patient, key)
    assert (found.version, found.entered_in_error, found.sex, found.active) == (
        1,
        False,
        "unknown",
        True,
    )
    last = desk.read(lambda c: undo_number(c, key))
    (event,) = events(desk, last)
    assert (event.table_name, event.record_id, event.patient_id) == ("patient", key, key)
    assert (event.version_before, event.version_after, event.before) == (None, 1, None)
    assert json.loads(event.after)["given"] == "Tom"
    assert (event.said, event.username, event.terminal) == ("Added.", "ana", "tests")


def undo_number(connection: Any, key: str) -> int:
    """Return the step that made a record."""
    query = select(_events.c.step).where(_events.c.record_id == key).order_by(_events.c.seq)
    return int(connection.execute(query).scalars().first())


def test_the_client_may_bring_the_key(desk: Desk) -> None:
    key = new_id()
    assert add(desk, id=key) == key


def test_a_change_holds_only_what_changed(desk: Desk) -> None:
    key = add(desk, given="Tom")
    step = change(desk, key, seen=1, given="Tim", sex="unknown")
    (event,) = events(desk, step.number)
    assert (event.before, event.after) == ('{"given":"Tom"}', '{"given":"Tim"}')
    assert (event.version_before, event.version_after) == (1, 2)
    assert row(desk, Patient, key).version == 2


def test_a_change_of_nothing_is_no_event(desk: Desk) -> None:
    key = add(desk, given="Tom")
    step = change(desk, key, seen=1, given="Tom")
    assert events(desk, step.number) == []
    assert row(desk, Patient, key).version == 1


@pytest.mark.parametrize("given", ["Tim", "Tom"])
def test_what_was_changed_meanwhile_is_refused(clinic: Clinic, desk: Desk, given: str) -> None:
    key = add(desk, given="Tom")
    change(clinic.desk("ben"), key, seen=1, given="Tam")
    with pytest.raises(ChangedMeanwhile) as refused:
        change(desk, key, seen=1, given=given)
    assert refused.value.exit_code == 4
    assert row(desk, Patient, key).given == "Tam"


def test_without_a_version_the_present_one_counts(desk: Desk) -> None:
    key = add(desk)
    change(desk, key, given="A")
    change(desk, key, given="B")
    assert row(desk, Patient, key).version == 3


def test_a_record_that_is_not_here_is_said_so(desk: Desk) -> None:
    with pytest.raises(NotFound):
        change(desk, "0" * 32, given="A")


def test_nothing_of_a_step_stays_when_it_fails(desk: Desk) -> None:
    before = desk.store.verify().events

    def body(unit: Unit) -> None:
        unit.insert(Patient, family="Half", created_at=unit.now)
        unit.next_number("half")
        raise Refused("No.")

    with pytest.raises(Refused):
        write(desk, body)
    assert desk.store.verify().events == before
    found = desk.store.connection.exec_driver_sql(
        "SELECT count(*) FROM patient WHERE family = 'Half'"
    )
    assert found.scalar() == 0
    numbers: list[int] = []
    write(desk, lambda unit: numbers.append(unit.next_number("half", 7)))
    assert numbers == [7]


HOSTILE = "A\x1b[31m\x00B\u202eC\x9b\r\nD\u200b"


def test_text_is_scrubbed_where_it_enters(desk: Desk) -> None:
    key = add(desk, family=HOSTILE, note=HOSTILE)
    found = row(desk, Patient, key)
    assert (found.family, found.note) == ("A[31mBC D", "A[31mBC\nD")
    change(desk, key, given=HOSTILE)
    assert row(desk, Patient, key).given == "A[31mBC D"
    last = events(desk, desk.read(lambda c: undo_number(c, key)))[0]
    assert "\\u001b" not in last.after and "\u202e" not in last.after


def test_bulk_rows_are_scrubbed_too(desk: Desk) -> None:
    key = new_id()
    rows = [{"id": key, "family": HOSTILE, "created_at": NOW}]
    write(desk, lambda unit: unit.bulk(Patient, rows))
    assert row(desk, Patient, key).family == "A[31mBC D"


def test_a_password_hash_never_enters_the_log(desk: Desk) -> None:
    def body(unit: Unit) -> None:
        key = unit.insert(StaffUser, username="kay", name="K", role="billing", password_hash="$h$1")
        unit.update(StaffUser, key, password_hash="$h$2")

    step = write(desk, body)
    assert all("$h$" not in f"{e.before} {e.after}" for e in events(desk, step.number))


def test_every_required_column_is_asked_for() -> None:
    known = defaults(Patient)
    assert "family" not in known and known["version"] == 1


def test_numbers_are_given_out_once(clinic: Clinic, desk: Desk) -> None:
    found: list[int] = []
    for who in (desk, clinic.desk("ben"), desk):
        write(who, lambda unit: found.append(unit.next_number("call", 1001)))
    assert found == [1001, 1002, 1003]
    write(desk, lambda unit: unit.pass_number("call", 2000))
    write(desk, lambda unit: unit.pass_number("call", 5))
    write(desk, lambda unit: found.append(unit.next_number("call")))
    assert found[-1] == 2001


def test_a_step_may_go_on_in_further_transactions(desk: Desk) -> None:
    first = change(desk, add(desk), given="A")
    key = add(desk)

    def body(unit: Unit) -> None:
        unit.continues(first.number)
        unit.update(Patient, key, given="B")

    assert write(desk, body).number == first.number
    assert [e.said for e in events(desk, first.number)] == ["Changed.", None]


def test_keys_rise_and_a_seed_repeats_them() -> None:
    keys = [new_id() for _ in range(100)]
    assert sorted(keys) == keys and all(len(k) == 32 and k[12] == "7" for k in keys)
    one, other = seeded_maker(1, NOW), seeded_maker(1, NOW)
    assert [one() for _ in range(5000)] == [other() for _ in range(5000)]
    use_maker(one)
    assert new_id()[12] == "7"
    use_maker(None)


# Lookup words follow the record


def tokens(desk: Desk, key: str) -> set[str]:
    """Return the words a patient is found by."""
    table = LookupToken.__table__  # type: ignore[attr-defined]
    person = LookupPerson.__table__  # type: ignore[attr-defined]
    query = select(table.c.token).join(person, person.c.no == table.c.no)
    query = query.where(person.c.patient_id == key)
    return set(desk.read(lambda c: c.execute(query).scalars().all()))


def test_lookup_words_follow_every_part_of_a_patient(desk: Desk) -> None:
    key = add(desk, family="Alder", given="Tom")
    assert tokens(desk, key) == {"alder", "tom"}

    def body(unit: Unit) -> None:
        unit.insert(Identifier, patient_id=key, value="X-77")
        unit.insert(ContactPoint, patient_id=key, value="555-0199", digits="5550199")

    write(desk, body)
    assert {"x77", "5550199"} <= tokens(desk, key)
    change(desk, key, family="Birch")
    assert "alder" not in tokens(desk, key) and "birch" in tokens(desk, key)
    change(desk, key, entered_in_error=True)
    assert tokens(desk, key) == set()


# Occupancy


def visit(clinic: Clinic, desk: Desk, mrn: str = "8841", hour: int = 14, **more: Any) -> Any:
    """Return the values of a visit with LEE."""
    lee = desk.clinic.practitioner("LEE")
    return {
        "patient_id": clinic.patient(desk, mrn),
        "practitioner_id": lee.id,
        "location_id": lee.location_id,
        "visit_type_id": desk.clinic.visit_type("fu").id,
        "start_at": clinic.at(hour),
        "end_at": clinic.at(hour, 15),
        "zone": "America/Chicago",
        "wall": f"2026-11-24 {hour}:00",
        "created_at": NOW,
    } | more


def held(desk: Desk) -> int:
    """Return how many rows the guard has."""
    table = Occupancy.__table__  # type: ignore[attr-defined]
    return len(desk.read(lambda c: c.execute(select(table)).all()))


def test_the_guard_refuses_whatever_the_rules_above_it_say(clinic: Clinic, desk: Desk) -> None:
    write(desk, lambda unit: unit.insert(Appointment, **visit(clinic, desk)))
    assert held(desk) == 6  # three cells each of patient and practitioner
    again = visit(clinic, desk, "10443", end_at=clinic.at(14, 5))
    with pytest.raises(OccupancyTaken) as taken:
        write(desk, lambda unit: unit.insert(Appointment, **again))
    assert taken.value.exit_code == 4
    assert held(desk) == 6


def test_one_after_the_other_is_no_clash(clinic: Clinic, desk: Desk) -> None:
    write(desk, lambda unit: unit.insert(Appointment, **visit(clinic, desk)))
    after = visit(clinic, desk, "10443", start_at=clinic.at(14, 15), end_at=clinic.at(14, 30))
    write(desk, lambda unit: unit.insert(Appointment, **after))
    assert held(desk) == 12


@pytest.mark.parametrize(
    ("values", "count"),
    [
        ({"status": "cancelled"}, 0),
        ({"status": "noshow"}, 0),
        ({"entered_in_error": True}, 0),
        ({"status": "fulfilled"}, 6),
        ({"place": 1}, 6),
    ],
)
def test_the_guard_follows_the_status(
    clinic: Clinic, desk: Desk, values: dict[str, Any], count: int
) -> None:
    keys: list[str] = []
    write(desk, lambda unit: keys.append(unit.insert(Appointment, **visit(clinic, desk))))
    write(desk, lambda unit: unit.update(Appointment, keys[0], 1, **values))
    assert held(desk) == count


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_the_second_net_holds_without_the_guard(clinic: Clinic, desk: Desk) -> None:
    write(desk, lambda unit: unit.insert(Appointment, **visit(clinic, desk)))
    rows = [visit(clinic, desk, "10443") | {"id": new_id()}]
    with pytest.raises(TakenFirst, match="Somebody else took that first") as refused:
        write(desk, lambda unit: unit.bulk(Appointment, rows))
    assert "ex_appointment_practitioner" in str(refused.value.__cause__)


# Taking back


def test_a_chain_of_steps_goes_back_one_by_one(desk: Desk) -> None:
    key = add(desk, given="A")
    for given in "BCD":
        change(desk, key, given=given)
    for given in "CBA":
        assert steps.undo_last(desk).said == "Taken back: Changed."
        assert row(desk, Patient, key).given == given
    steps.undo_last(desk)
    assert row(desk, Patient, key).entered_in_error
    with pytest.raises(Refused, match="nothing to take back"):
        steps.undo_last(desk)


def test_after_taking_back_one_may_go_on(desk: Desk) -> None:
    key = add(desk, given="A")
    change(desk, key, given="B")
    steps.undo_last(desk)
    change(desk, key, given="C")
    steps.undo_last(desk)
    assert row(desk, Patient, key).given == "A"


def test_a_step_is_taken_back_once(desk: Desk) -> None:
    step = change(desk, add(desk), given="B")
    steps.undo_step(desk, step.number)
    with pytest.raises(Refused, match="taken back already"):
        steps.undo_step(desk, step.number)


def test_a_final_step_says_so(desk: Desk) -> None:
    key = add(desk)

    def body(unit: Unit) -> None:
        unit.update(Patient, key, given="Sent")
        unit.say("Sent the letter.", final=True)

    write(desk, body)
    with pytest.raises(Refused, match=r"cannot be taken back: Sent the letter\."):
        steps.undo_last(desk)


def test_no_such_step(desk: Desk) -> None:
    with pytest.raises(NotFound):
        steps.undo_step(desk, 999_999)


def test_what_somebody_changed_since_stays(clinic: Clinic, desk: Desk) -> None:
    key = add(desk, given="A")
    step = change(desk, key, given="B")
    change(clinic.desk("ben"), key, family="Later")
    with pytest.raises(Conflict, match="Ben Okafor changed it"):
        steps.undo_step(desk, step.number)
    assert row(desk, Patient, key).given == "B"


def test_a_record_that_others_hang_on_stays(clinic: Clinic, desk: Desk) -> None:
    key = add(desk)
    made = desk.read(lambda c: undo_number(c, key))
    other = clinic.desk("ben")

    def flag(unit: Unit) -> None:
        unit.insert(Flag, patient_id=key, kind="alert", text="Dog bites.")
        unit.say("Put up a flag.")

    write(other, flag)
    with pytest.raises(Conflict, match="Ben Okafor changed it"):
        steps.undo_step(desk, made)
    steps.undo_last(other)
    steps.undo_step(desk, made)
    assert row(desk, Patient, key).entered_in_error


def test_several_records_of_a_step_go_back_together(desk: Desk) -> None:
    keys: dict[str, str] = {}

    def body(unit: Unit) -> None:
        keys["patient"] = unit.insert(Patient, family="Whole", created_at=unit.now)
        keys["phone"] = unit.insert(ContactPoint, patient_id=keys["patient"], value="1", digits="1")
        unit.update(Patient, keys["patient"], given="W")
        unit.say("Registered.")

    write(desk, body)
    steps.undo_last(desk)
    assert row(desk, Patient, keys["patient"]).entered_in_error
    assert row(desk, ContactPoint, keys["phone"]).entered_in_error


def test_two_desks_cannot_take_back_the_same_step(clinic: Clinic, desk: Desk) -> None:
    step = change(desk, add(desk), given="B")

    def body(unit: Unit) -> None:
        unit.undoing(step.number)
        unit.event(table_name="patient", record_id="0")

    write(desk, body)
    other = clinic.desk("ben")
    with pytest.raises(TakenFirst):
        write(other, body)

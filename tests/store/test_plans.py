"""Hot queries search an index: no plan scans people, visits or events."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, text

from pcoord.domain.slots import cells
from pcoord.services import (
    accounts,
    board,
    calls,
    computed_work,
    duplicate_work,
    duplicates,
    late,
    nurse,
    patient_search,
    sheets,
)
from pcoord.services import lookup as service
from pcoord.services.desk import Desk
from pcoord.store import childhood
from pcoord.store.queries import events, likely, lookup, matching, people, schedule
from pcoord.store.queries.events import Tail
from tests.clinic import NOW, TODAY, Clinic

LARGE = {
    "patient",
    "lookup_token",
    "lookup_sound",
    "lookup_person",
    "appointment",
    "audit_event",
    "identifier",
}
LARGE |= {"contact_point", "encounter", "encounter_stage", "occupancy", "call", "communication"}
LARGE |= {"related_person", "childhood_grant", "deceased_visit", "duplicate_due", "imported"}
SOON = NOW + timedelta(days=1)


@contextmanager
def explained(desk: Desk) -> Iterator[list[tuple[str, str]]]:
    """Collect the plan of every statement that is run inside the block."""
    connection, plans = desk.store.connection, []
    sqlite = connection.dialect.name == "sqlite"
    inside = False

    def look(_c: Any, cursor: Any, statement: str, values: Any, _x: Any, many: bool) -> None:
        nonlocal inside
        if inside or many or not statement.lstrip().startswith(("SELECT", "WITH")):
            return
        inside = True
        word = "EXPLAIN QUERY PLAN " if sqlite else "EXPLAIN "
        rows = connection.connection.cursor().execute(word + statement, values).fetchall()
        plans.append((statement, "\n".join(str(row[-1]) for row in rows)))
        inside = False

    event.listen(connection, "before_cursor_execute", look)
    try:
        yield plans
    finally:
        event.remove(connection, "before_cursor_execute", look)


def scanned(plan: str) -> set[str]:
    """Return the large tables that a plan reads from end to end."""
    found = set()
    for line in plan.splitlines():
        words = line.replace("->", "").split()
        # An index of the open ones alone is as long as a day.
        if words[:1] == ["SCAN"] and not words[-1].endswith("_open"):
            found.add(words[1])
        if words[:3] == ["Seq", "Scan", "on"]:
            found.add(words[3])
    return found & LARGE


@pytest.fixture
def planned(desk: Desk) -> Desk:
    """A desk whose server prefers an index wherever there is one, as with many rows."""
    if desk.store.connection.dialect.name == "postgresql":
        desk.store.connection.execute(text("SET enable_seqscan = off"))
    return desk


def ids(clinic: Clinic, desk: Desk) -> list[str]:
    return [clinic.patient(desk, mrn) for mrn in ("8841", "10443")]


TYPED = (
    *("g", "gonz", "gonz mar", "g m", "bob smith", "gonz 62", "gonz mar 62y", "kim 1/31/1990"),
    *("0142", "5550142 gonz", "8841", "a@b.org", "maria luisa gonzalez", "springfield gonz"),
    *("kim 3/4", "g 3/4", "3/4", "kim mar 4", "medicare gonz", "gonz apt 5b", "12 mill st"),
    *("kim 5550124", "kimdana", "kim 0124 3", "de la g maria", "mary.ob", "kim 3/1990", "a@c.org"),
    *("gonsalez mria", "gonzlez 3/4/1926", "3/4/1926", "5550124", "1962", "x77", "19804103"),
)


def run_lookup(clinic: Clinic, desk: Desk) -> None:
    some = ids(clinic, desk)
    for typed in TYPED:
        service.find(desk, typed, wide=True, addresses=True)
    desk.read(lookup.people_of, some)
    year = range(19620000, 19630000)
    walk = lookup.Walk("n", lookup.Begins("g"), born=year)
    bounded = desk.read(lookup.holders, walk._replace(within=100))
    assert bounded == desk.read(lookup.holders, walk) != []
    assert desk.read(lookup.count_begun, "gonz", 100) == 3
    desk.read(lookup.sounding, ["m:KNSL", "d:gonzalez"])
    desk.read(lookup.lines, some)
    desk.read(lookup.first_phones, some)
    desk.read(people.short_patient, some[0])


def run_schedule(clinic: Clinic, desk: Desk) -> None:
    lee = desk.clinic.practitioner("LEE").id
    some = ids(clinic, desk)
    desk.read(schedule.day, NOW, SOON)
    desk.read(schedule.day, NOW, SOON, [lee])
    desk.read(schedule.visit, "0" * 32)
    desk.read(schedule.visits_of, some[0])
    desk.read(schedule.encounter_row, "0" * 32)
    desk.read(schedule.busy, [lee], NOW, SOON)
    desk.read(schedule.holders, "practitioner", lee, cells(NOW, SOON))
    desk.read(schedule.phones_of, some)
    desk.read(schedule.stage_rows, "0" * 32)
    desk.read(schedule.recorded_practitioner, some[0])


def run_screens(clinic: Clinic, desk: Desk) -> None:
    sheets.load(desk, TODAY)
    sheets.load_week(desk, TODAY)
    late.to_tell(desk)
    board.load(desk)
    patient_search.recent(desk, first=ids(clinic, desk)[0])
    for view in calls.VIEWS:
        calls.load_log(desk, view)
    nurse.waiting(desk)


def run_board(clinic: Clinic, desk: Desk) -> None:
    desk.read(schedule.board)
    desk.read(schedule.count_here)


def run_events(clinic: Clinic, desk: Desk) -> None:
    desk.read(events.last_change, "0" * 32)
    desk.read(events.sentence_of, 1)
    desk.read(events.read_lately, "s", ids(clinic, desk)[0], NOW)
    desk.read(events.failures_since, "ana", NOW)
    desk.read(events.listing, patient_id=ids(clinic, desk)[0])
    tail = Tail(desk.store.connection)
    tail._version = -1
    tail.changes(desk.store.connection, "s")


def run_matching(clinic: Clinic, desk: Desk) -> None:
    some = ids(clinic, desk)
    desk.read(matching.owners, "mrn", ["8841"])
    desk.read(matching.patients, some)
    desk.read(matching.with_name_word, "gonzalez", None)
    desk.read(matching.visits, some, NOW, SOON)
    desk.read(matching.held, "patient", some[0], 1, 100)


def run_open_work(clinic: Clinic, desk: Desk) -> None:
    list(computed_work.items(desk))
    desk.read(childhood.wanted, ids(clinic, desk))
    desk.read(childhood.stored, ids(clinic, desk))


def run_duplicates(clinic: Clinic, desk: Desk) -> None:
    some = ids(clinic, desk)
    desk.read(duplicate_work.compare_all, some)
    desk.read(likely.stamps, some)
    desk.read(likely.still_due, some)
    typed = {"family": "Gonzalez", "given": "Maria", "birth_date": "3/4/1962"}
    duplicates.duplicates(desk, **typed, phone="201-555-0142")


@pytest.mark.parametrize(
    "run",
    [
        *(run_lookup, run_schedule, run_screens, run_board, run_events, run_matching),
        *(run_open_work, run_duplicates),
    ],
    ids=lambda f: f.__name__,
)
def test_no_plan_scans_a_large_table(clinic: Clinic, planned: Desk, run: Any) -> None:
    ids(clinic, planned)
    with explained(planned) as plans:
        run(clinic, planned)
    bad = [(scanned(plan), plan, sql) for sql, plan in plans if scanned(plan)]
    assert len(plans) > 1
    assert bad == []
    # All record numbers have one system: seeking by that alone is a scan by another name.
    assert [plan for _, plan in plans if "uq_identifier_system_value (system=?)" in plan] == []
    # So do nearly all patients stand for themselves.
    stands = [plan for sql, plan in plans if "replaced_by_id IS NULL" in sql]
    assert [plan for plan in stands if "ix_patient_replaced_by_id" in plan] == []


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_lookup_never_leaves_its_own_tree(clinic: Clinic, planned: Desk) -> None:
    with explained(planned) as plans:
        for token in (lookup.Begins("gonz"), ["gonzalez"], ["gonzalez", "gonzales"]):
            for other in (None, lookup.Begins("mar"), ["maria"]):
                for born in (None, range(19620000, 19630000), [19620304, 19620403]):
                    planned.read(lookup.search, lookup.Walk("b", token, other, born))
    for _, plan in plans:
        assert plan.startswith("SEARCH lookup_token USING PRIMARY KEY (kind=? AND token")
        assert "TEMP B-TREE" not in plan
    # Whole words are sought, down to the birth date.
    assert plans[13][1].endswith("(kind=? AND token=? AND other>? AND other<?)")
    assert plans[16][1].endswith("(kind=? AND token=? AND other=? AND born>? AND born<?)")


def test_signing_in_searches(clinic: Clinic, planned: Desk) -> None:
    with explained(planned) as plans:
        accounts.sign_in_linked(planned.store)
    assert [plan for _, plan in plans if scanned(plan)] == []

"""Visits still booked for patients who died are kept with the records, and sought."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from pcoord.domain.errors import Refused
from pcoord.services import booking, computed_work, merging, patients, reassigning, steps
from pcoord.services.desk import Desk
from pcoord.store import check, deceased
from pcoord.store.deceased import deceased_visit
from tests.clinic import Clinic


def book(clinic: Clinic, desk: Desk, mrn: str, hour: int) -> str:
    step = booking.book(
        desk,
        patient_id=clinic.patient(desk, mrn),
        practitioner_id=desk.clinic.practitioner("LEE").id,
        start=clinic.at(hour, days=1),
        visit_type_id=desk.clinic.visit_type("fu").id,
    )
    return str(step.id)


def shown(desk: Desk) -> list[str]:
    """The keys of the visits that open work tells to cancel, whole and checked."""
    assert check.check(desk.store).problems == []
    keys = [item.id for item in computed_work.items(desk)]
    return [key.removeprefix("deceased ") for key in keys if key.startswith("deceased ")]


def die(clinic: Clinic, desk: Desk, mrn: str) -> None:
    key = clinic.patient(desk, mrn)
    patients.edit(desk, patient_id=key, deceased_on="11/20/2026", cancel_visits=False)


@pytest.fixture
def visits(clinic: Clinic, desk: Desk) -> list[str]:
    """Two visits of somebody who died then, and one of somebody else."""
    found = [book(clinic, desk, "10443", hour) for hour in (9, 10)]
    book(clinic, desk, "10442", 11)
    die(clinic, desk, "10443")
    return found


def test_it_follows_every_change_and_its_undoing(
    clinic: Clinic, desk: Desk, visits: list[str]
) -> None:
    first, second = visits
    assert shown(desk) == visits
    booking.cancel(desk, appointment_id=first, reason="patient")
    assert shown(desk) == [second]
    steps.undo_last(desk)
    with pytest.raises(Refused, match="recorded as deceased"):
        booking.move(desk, appointment_id=first, start=clinic.at(14, days=2))
    assert shown(desk) == visits
    right = clinic.patient(desk, "10444")
    reassigning.reassign(
        desk, kind="appointment", record_id=first, patient_id=right, reason="alike"
    )
    assert shown(desk) == [second]
    steps.undo_last(desk)
    assert shown(desk) == visits
    steps.undo_last(desk)  # the death itself
    assert shown(desk) == []


def test_a_merge_takes_it_along(clinic: Clinic, desk: Desk, visits: list[str]) -> None:
    boss = clinic.desk("boss")
    living, dead = clinic.patient(desk, "10444"), clinic.patient(desk, "10443")
    merging.merge(boss, patient_id=living, other_id=dead)
    assert shown(boss) == []
    merging.unmerge(boss, patient_id=dead)
    assert shown(boss) == visits


def test_it_is_past_when_its_time_has_passed(clinic: Clinic, desk: Desk, visits: list[str]) -> None:
    clinic.clock.moment += timedelta(days=2)
    assert shown(desk) == []


def test_a_check_finds_and_mends_what_differs(
    clinic: Clinic, desk: Desk, visits: list[str]
) -> None:
    boss = clinic.desk("boss")
    wrong = update(deceased_visit).values(patient_id=clinic.patient(desk, "10442"))
    for damage in (delete(deceased_visit), wrong):
        desk.store.write(desk.who, "test", lambda unit, what=damage: unit.connection.execute(what))
        (problem,) = check.check(boss.store).problems
        assert "2 visits" in problem and "--mend" in problem
        check.mend(boss.store, boss.who)
        assert shown(boss) == visits


def test_an_upgrade_writes_it_for_everybody(desk: Desk, visits: list[str]) -> None:
    def anew(unit: Any) -> None:
        unit.connection.execute(delete(deceased_visit))
        deceased.rebuild(unit.connection)

    desk.store.write(desk.who, "test", anew)
    assert shown(desk) == visits
    stored = desk.read(lambda c: c.execute(select(deceased_visit.c.appointment_id)).scalars().all())
    assert sorted(stored) == sorted(visits)

"""Grants that end when a patient comes of age: kept with every change, as the records say."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, update

from pcoord.domain.disclosure import OF_CHILDHOOD, Grant, begun_at, ended_by_age, of_age_on
from pcoord.services import computed_work, patients, record, settings, steps
from pcoord.services.desk import Desk
from pcoord.store import check, childhood
from pcoord.store.childhood import childhood_grant
from tests.clinic import Clinic

DAYS = st.dates(date(1990, 1, 1), date(2030, 12, 31))


@given(
    born=DAYS,
    since=st.none() | DAYS,
    role=st.sampled_from(["mother", "Guardian", "spouse"]),
    age=st.integers(16, 21),
)
def test_the_age_when_it_began_says_whether_it_ends(
    born: date, since: date | None, role: str, age: int
) -> None:
    grant = Grant(role, ("consent",), since)
    years, day = begun_at(grant, born), of_age_on(born, age)
    assert day is not None
    assert ended_by_age(grant, born, day, age) == (years is not None and years < age)
    assert (years is None) == (since is None and role.casefold() not in OF_CHILDHOOD)


@pytest.fixture
def ana(desk: Desk) -> str:
    """Somebody who came of age this year, and her mother, who was heard for her."""
    fields = {"family": "Nunez", "given": "Ana", "birth_date": "3/4/2008"}
    key = str(patients.register(desk, force=True, **fields).id)
    values = {"family": "Nunez", "given": "Rosa", "role": "mother", "scopes": "consent"}
    record.add(desk, patient_id=key, part="contact", **values)
    return key


def asked(desk: Desk) -> list[str]:
    return [item.row.id for item in computed_work.items(desk)]


def whole(desk: Desk) -> None:
    assert check.check(desk.store).problems == []


def test_it_follows_every_change_and_its_undoing(clinic: Clinic, desk: Desk, ana: str) -> None:
    assert asked(desk) == [ana]
    (mother,) = record.load(desk, ana).of("contact")
    for change in (
        lambda: patients.edit(desk, patient_id=ana, birth_date="3/4/2018"),
        lambda: patients.edit(desk, patient_id=ana, deceased_on="11/1/2026"),
        lambda: record.change(desk, part="contact", part_id=mother.id, from_date="11/1/2026"),
        lambda: record.change(desk, part="contact", part_id=mother.id, role="friend"),
        lambda: record.remove(desk, part="contact", part_id=mother.id),
    ):
        change()
        assert asked(desk) == []
        whole(desk)
        steps.undo_last(desk)
        assert asked(desk) == [ana]
        whole(desk)


def test_another_age_of_majority_needs_nothing_written_anew(clinic: Clinic, ana: str) -> None:
    boss = clinic.desk("boss")
    settings.change(boss, majority_age="19")
    assert asked(clinic.desk("boss")) == []
    whole(boss)


def test_a_check_finds_and_mends_what_differs(clinic: Clinic, desk: Desk, ana: str) -> None:
    boss = clinic.desk("boss")
    for damage in (delete(childhood_grant), update(childhood_grant).values(years=20)):
        desk.store.write(desk.who, "test", lambda unit, what=damage: unit.connection.execute(what))
        (problem,) = check.check(boss.store).problems
        assert "comes of age" in problem and "--mend" in problem
        check.mend(boss.store, boss.who)
        whole(boss)
        assert asked(boss) == [ana]


def test_an_upgrade_writes_it_for_everybody(desk: Desk, ana: str) -> None:
    def empty(unit: object) -> None:
        connection = unit.connection  # type: ignore[attr-defined]
        connection.execute(delete(childhood_grant))
        childhood.rebuild(connection)

    desk.store.write(desk.who, "test", empty)
    assert asked(desk) == [ana]
    whole(desk)

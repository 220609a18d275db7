"""What hangs on a patient is registered, and what is registered moves and comes back."""

import importlib
import inspect
import pkgutil
from typing import Any

import pytest

import pcoord.services
from pcoord.services import merging
from pcoord.services.desk import USE_CASES, Desk
from pcoord.store.belongings import BELONGINGS, DERIVED, LINKS, LOGS, OWNERS, children
from pcoord.store.tables import metadata
from tests.clinic import Clinic
from tests.people import make_row

for module in pkgutil.iter_modules(pcoord.services.__path__):
    importlib.import_module(f"pcoord.services.{module.name}")

PATIENT = metadata.tables["patient"]


def pointers() -> list[tuple[str, str]]:
    """Return every (table, column) that points at a patient, by a key or by its name."""
    found = []
    for table in metadata.sorted_tables:
        for column in table.c:
            key = any(one.column.table is PATIENT for one in column.foreign_keys)
            named = column.name.endswith("patient_id") or column.name in ("subject_id", "person_id")
            if key or named:
                found.append((table.name, column.name))
    return found


def test_every_pointer_at_a_patient_is_registered() -> None:
    known = {(one.table, one.column) for one in BELONGINGS} | LINKS
    forgotten = [pair for pair in pointers() if pair not in known and pair[0] not in DERIVED | LOGS]
    assert forgotten == [], (
        "enter them in pcoord/store/belongings.py, or they stay behind in a merge"
    )


def test_nothing_is_registered_that_is_not_there() -> None:
    assert {(one.table, one.column) for one in BELONGINGS} <= set(pointers())
    for one in BELONGINGS:
        assert set(one.doubles) <= set(one.rows.c.keys()), one.table
        assert "entered_in_error" in one.rows.c, one.table


def test_children_of_things_that_move_are_found_in_the_tables() -> None:
    assert {entry.table for entry, _ in children("call")} == {"communication", "nurse_call"}
    assert "encounter" in {entry.table for entry, _ in children("appointment")}


def test_every_use_case_names_its_patient_alike() -> None:
    """A merged record's id leads on in `patient_id`; another name for it would be forgotten."""
    for action, case in USE_CASES.items():
        names = [n for n in inspect.signature(case.body).parameters if "patient" in n]
        assert set(names) <= {"patient_id"}, action
        if not case.follows:
            assert action == "patient.edit", f"{action} must refuse a merged record by itself"


@pytest.mark.parametrize("entry", BELONGINGS, ids=lambda one: f"{one.table}.{one.column}")
def test_a_thing_of_each_kind_moves_and_comes_back(clinic: Clinic, desk: Desk, entry: Any) -> None:
    boss = clinic.desk("boss")
    stays, goes = (clinic.patient(desk, mrn) for mrn in ("10443", "10444"))
    third = clinic.patient(desk, "8841")
    made: list[str] = []
    boss.store.write(boss.who, "test", lambda u: made.append(make_row(u, entry, goes, third)))
    merging.merge(boss, patient_id=stays, other_id=goes)
    owner = f"SELECT {entry.column} FROM {entry.table} WHERE id = '{made[0]}'"
    read = boss.store.connection.exec_driver_sql
    assert read(owner).scalar_one() == stays
    left = [
        one.table
        for one in BELONGINGS
        if read(
            f"SELECT count(*) FROM {one.table} WHERE {one.column} = '{goes}' "
            "AND NOT entered_in_error"
        ).scalar_one()
    ]
    assert left == [], "nothing that stands is left on the record that gave way"
    merging.unmerge(boss, patient_id=stays)
    assert read(owner).scalar_one() == goes
    assert set(OWNERS) == {one.table for one in BELONGINGS}

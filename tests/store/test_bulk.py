"""Many rows at once: as an ordinary insert would store them, and found like any others."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from pcoord.services.desk import Desk
from pcoord.store.bulk import insert_many
from pcoord.store.failures import TakenFirst
from pcoord.store.filling import Lookups, filling
from pcoord.store.ids import new_id
from pcoord.store.tables import Identifier, LookupPerson, LookupSound, LookupToken, Patient
from pcoord.store.unit import Unit
from tests.clinic import NOW

_patients = Patient.__table__  # type: ignore[attr-defined]
_tokens = LookupToken.__table__  # type: ignore[attr-defined]
_people = LookupPerson.__table__  # type: ignore[attr-defined]
_sounds = LookupSound.__table__  # type: ignore[attr-defined]


def many(count: int) -> list[dict[str, Any]]:
    """Rows of as many patients, with texts that a copying statement must not trip over."""
    return [
        {
            "id": new_id(),
            "family": f"Tab\\t and 'quote' {n}",
            "given": "\\N" if n % 2 else "",
            "middle": None if n % 3 else "Ünï",
            "birth_date": date(1950, 1, 1 + n % 28),
            "created_at": NOW,
        }
        for n in range(count)
    ]


@pytest.mark.parametrize("count", [1, 19, 20, 300])
def test_rows_are_stored_as_they_are(desk: Desk, count: int) -> None:
    rows = many(count)
    desk.store.write(desk.who, "test", lambda unit: unit.bulk(Patient, rows))
    ids = [row["id"] for row in rows]
    query = select(_patients).where(_patients.c.id.in_(ids)).order_by(_patients.c.id)
    stored = desk.read(lambda c: c.execute(query).mappings().all())
    assert [{key: one[key] for key in rows[0]} for one in stored] == sorted(
        rows, key=lambda row: str(row["id"])
    )
    assert {(one["version"], one["active"]) for one in stored} == {(1, True)}


@pytest.mark.parametrize("count", [1, 50])
def test_a_taken_key_is_the_usual_error_and_nothing_is_stored(desk: Desk, count: int) -> None:
    patient = str(desk.read(lambda c: c.execute(select(_patients.c.id)).scalar()))
    numbers = [str(90_000 + n) for n in range(count - 1)] + ["8841"]
    rows = [{"id": new_id(), "patient_id": patient, "value": value} for value in numbers]
    with pytest.raises(TakenFirst):
        desk.store.write(desk.who, "test", lambda unit: unit.bulk(Identifier, rows))
    table = Identifier.__table__  # type: ignore[attr-defined]
    left = desk.read(lambda c: c.execute(select(table).where(table.c.value.in_(numbers))).all())
    assert [one.value for one in left] == ["8841"]


def test_keys_that_are_there_are_passed_over(desk: Desk) -> None:
    rows = [{"key": f"d:{n}", "name": "word"} for n in range(40)]

    def body(unit: Unit) -> None:
        insert_many(unit.connection, _sounds, rows[:25], missing=True)
        insert_many(unit.connection, _sounds, rows, missing=True)

    desk.store.write(desk.who, "test", body)
    query = select(_sounds.c.key).where(_sounds.c.name == "word")
    assert len(desk.read(lambda c: c.execute(query).all())) == 40


def all_rows(desk: Desk, table: Any) -> set[tuple[Any, ...]]:
    return {tuple(row) for row in desk.read(lambda c: c.execute(select(table)).all())}


def tree(desk: Desk) -> set[tuple[Any, ...]]:
    """The lookup tree with the patients' ids in place of their short numbers."""
    columns = (_tokens.c.kind, _tokens.c.token, _tokens.c.other, _tokens.c.born)
    query = select(*columns, _people.c.patient_id).join(_people, _people.c.no == _tokens.c.no)
    return {tuple(row) for row in desk.read(lambda c: c.execute(query).all())}


def test_a_filled_clinic_is_found_by_what_any_other_is(desk: Desk) -> None:
    """The same people, their lookup rows written by filling: row for row what was there."""
    wanted = tree(desk), all_rows(desk, _sounds)
    ids = desk.read(lambda c: list(c.execute(select(_patients.c.id)).scalars()))

    def empty(unit: Unit) -> None:
        unit.connection.execute(_tokens.delete())
        unit.connection.execute(_people.delete())
        unit.connection.execute(_sounds.delete())

    desk.store.write(desk.who, "test", empty)
    with filling(desk.store.connection) as lookups:
        for one in ids:
            desk.store.write(
                desk.who, "test", lambda unit, one=one: lookups.write(unit.connection, [one])
            )
    assert (tree(desk), all_rows(desk, _sounds)) == wanted
    if desk.store.address.path:
        assert desk.store.connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2


def test_words_of_a_refused_batch_are_written_again(desk: Desk) -> None:
    lookups, values = Lookups(), {"family": "Zyxwvut", "given": "Quirin", "created_at": desk.now}

    def body(unit: Unit) -> None:
        key = new_id()
        unit.bulk(Patient, [values | {"id": key}])
        lookups.write(unit.connection, [key])

    def refused(unit: Unit) -> None:
        body(unit)
        raise LookupError

    with pytest.raises(LookupError):
        desk.store.write(desk.who, "test", refused)
    lookups.forget()
    desk.store.write(desk.who, "test", body)
    assert {name for _, name in all_rows(desk, _sounds)} >= {"zyxwvut", "quirin"}

"""A file that would make another person of a record: the row is listed, nothing of it is stored."""

from pathlib import Path

import pytest
from sqlalchemy import select

from pcoord.services import patients
from pcoord.services.desk import Desk
from pcoord.services.importing import import_csv
from pcoord.store.tables import Patient
from tests.clinic import Clinic

HEAD = "MRN,Last,First,DOB,Sex,Cell\n"
ADA = "70001,Okoye,Ada,1980-02-03,F,201-555-0190\n"
_p = Patient.__table__.c  # type: ignore[attr-defined]


@pytest.fixture
def boss(clinic: Clinic) -> Desk:
    """A supervisor's desk where Ada has come in from a file."""
    return clinic.desk("boss")


def bring(desk: Desk, folder: Path, *rows: str, dry_run: bool = False) -> dict:
    file = folder / "table.csv"
    file.write_text(HEAD + "".join(rows), encoding="utf-8")
    return import_csv(desk, [file], dry_run=dry_run)


def on_file(desk: Desk) -> tuple:
    """Ada's record: names, birth date, sex, version."""
    columns = (_p.family, _p.given, _p.birth_date, _p.sex, _p.version)
    query = select(*columns).where(_p.family.in_(("Okoye", "Brandt", "Okoye-Brandt")))
    rows = desk.read(lambda c: c.execute(query).all())
    assert len(rows) == 1
    return tuple(map(str, rows[0]))


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (
            "70001,Brandt,Joan,1980-02-03,F,\n",
            "Okoye to Brandt; given name Ada to Joan",
        ),
        ("70001,Okoye,Ada,1991-05-06,M,201-555-0123\n", "birth date 02/03/1980 to 05/06/1991"),
        ("70001,Brandt,Ada,1980-02-03,M,\n", "family name Okoye to Brandt; sex female to male"),
    ],
)
@pytest.mark.parametrize("dry_run", [False, True])
def test_two_things_at_once_are_listed_and_left_out(
    boss: Desk, tmp_path: Path, row: str, says: str, dry_run: bool
) -> None:
    bring(boss, tmp_path, ADA)
    before = on_file(boss)
    told = bring(boss, tmp_path, row, "70002,Newman,Nora,2001-01-01,F,\n", dry_run=dry_run)
    assert (told["created"], told["updated"], told["unchanged"]) == (1, 0, 0)
    (skipped,) = told["skipped"]
    assert skipped["line"] == 2
    assert skipped["why"].startswith("This may be another person than MRN 70001: ")
    assert says in skipped["why"]
    assert on_file(boss) == before


@pytest.mark.parametrize(
    "row",
    [
        "70001,Okoye-Brandt,Ada,1980-02-03,F,\n",
        "70001,OKOYE,ADA,1980-03-02,F,\n",
        "70001,Okoye,Ada,1980-02-03,M,201-555-0123\n",
    ],
)
def test_one_thing_is_taken_over(boss: Desk, tmp_path: Path, row: str) -> None:
    bring(boss, tmp_path, ADA)
    assert bring(boss, tmp_path, row)["updated"] == 1


def test_what_nobody_knew_is_filled_in(boss: Desk, tmp_path: Path) -> None:
    bring(boss, tmp_path, "70001,Okoye,,,,\n")
    assert bring(boss, tmp_path, ADA)["updated"] == 1
    assert on_file(boss)[:4] == ("Okoye", "Ada", "1980-02-03", "female")


def test_once_the_desk_has_looked_the_row_comes_in(
    boss: Desk, clinic: Clinic, tmp_path: Path
) -> None:
    bring(boss, tmp_path, ADA)
    row = "70001,Brandt,Joan,1980-02-03,F,201-555-0123\n"
    assert len(bring(boss, tmp_path, row)["skipped"]) == 1
    ada = clinic.patient(boss, "70001")
    patients.edit(boss, patient_id=ada, family="Brandt", given="Joan", same_person=True)
    told = bring(boss, tmp_path, row)
    assert (told["updated"], told["skipped"]) == (1, [])  # the telephone
    assert bring(boss, tmp_path, row)["unchanged"] == 1


def test_what_the_desk_changed_and_the_file_did_not_counts_for_nothing(
    boss: Desk, clinic: Clinic, tmp_path: Path
) -> None:
    """The name stays as the desk put it: the birth date alone moves."""
    bring(boss, tmp_path, ADA)
    patients.edit(boss, patient_id=clinic.patient(boss, "70001"), family="Brandt")
    assert bring(boss, tmp_path, ADA.replace("1980-02-03", "1980-02-04"))["updated"] == 1
    assert on_file(boss)[:3] == ("Brandt", "Ada", "1980-02-04")

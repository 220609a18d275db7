"""A clinic's own facts from a file: once, again, changed, wrong; both engines."""

from pathlib import Path

import pytest

from pcoord.domain.errors import BadUsage, NotFound, NotPermitted, Refused
from pcoord.services import openings, steps
from pcoord.services.clinic_setup import set_up
from pcoord.services.desk import Desk
from tests.clinic import Clinic

TOLD = """
[[sites]]
code = "EAST"
name = "East Side"
[[rooms]]
site = "EAST"
names = ["E1", "E2"]
[[providers]]
code = "quill"
family = "Quill"
given = "Ada"
site = "EAST"
takes = ["fu"]
hours = [{ days = ["mon", "tue"], start = "08:00", end = "17:00" }]
blocks = [{ days = ["tue"], start = "08:00", end = "12:00", reason = "Rounds" }]
"""


@pytest.fixture
def boss(clinic: Clinic) -> Desk:
    """A supervisor's desk."""
    return clinic.desk("boss")


def bring(desk: Desk, folder: Path, text: str = TOLD) -> str:
    """Set the clinic up from a file and return what was said."""
    file = folder / "clinic.toml"
    file.write_text(text)
    return set_up(desk, file).said


def first_opening(desk: Desk) -> str:
    """Return the wall time of Quill's first opening."""
    quill = desk.clinic.practitioner("QUILL").id
    (found,) = openings.search(
        desk, minutes=15, practitioner_ids=[quill], first=desk.today, limit=1
    )
    return f"{desk.clinic.local(found.start):%a %H:%M}"


def test_a_provider_of_a_file_can_be_booked(boss: Desk, tmp_path: Path) -> None:
    assert bring(boss, tmp_path) == "Set up the clinic: site EAST, room E1, room E2, QUILL."
    quill = boss.clinic.practitioner("QUILL")
    assert boss.clinic.location(quill.location_id).code == "EAST" and quill.takes == ("fu",)
    assert first_opening(boss) == "Tue 12:00"


def test_the_same_file_again_changes_nothing(boss: Desk, tmp_path: Path) -> None:
    bring(boss, tmp_path)
    with pytest.raises(Refused, match="nothing was changed"):
        bring(boss, tmp_path)


def test_a_name_that_is_scrubbed_is_the_same_again(boss: Desk, tmp_path: Path) -> None:
    told = TOLD.replace("East Side", "East\u202e  Side").replace('["E1", "E2"]', '["E1\u200b", 2]')
    bring(boss, tmp_path, told)
    with pytest.raises(Refused, match="nothing was changed"):
        bring(boss, tmp_path, told)


def test_changed_hours_take_the_place_of_those_here_and_come_back(
    boss: Desk, tmp_path: Path
) -> None:
    bring(boss, tmp_path)
    said = bring(
        boss,
        tmp_path,
        TOLD.replace('start = "08:00", end = "12:00"', 'start = "08:00", end = "13:00"'),
    )
    assert said == "Set up the clinic: QUILL."
    assert first_opening(boss) == "Tue 13:00"
    steps.undo_last(boss)
    assert first_opening(boss) == "Tue 12:00"


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("[[sites]]", "[[places]]", 'unknown word "places"'),
        ('name = "East', 'nmae = "East', 'no "nmae"'),
        ('family = "Quill"', "", "needs family"),
        ('"08:00", end = "17:00"', '"8am", end = "17:00"', "hours of quill cannot be read"),
        ('"08:00", end = "17:00"', '"18:00", end = "17:00"', "end before they begin"),
        ('takes = ["fu"]', 'takes = ["surgery"]', "none of"),
        ('site = "EAST"\ntakes', 'site = "WEST"\ntakes', "no site 'WEST'"),
        ("[[rooms]]", "[[rooms]", "not right TOML"),
        ('name = "East Side"', 'name = "East"\ntimezone = "Mars/X"', "no time zone 'Mars/X'"),
        ('name = "East Side"', 'name = "East"\nphone = 5', 'phone is text in "quotes"'),
        ('name = "East Side"', 'name = "East"\naddress = ["x"]', 'address is text in "quotes"'),
        ('code = "EAST"', 'code = "EAST SIDE"', "cannot be typed as one word"),
        ('code = "quill"', f'code = "{"q" * 40}"', "cannot be typed as one word"),
        ('code = "quill"', 'code = "\\u202e"', "needs code"),
        ('given = "Ada"', f'given = "{"a" * 101}"', "longer than 100"),
        ('names = ["E1", "E2"]', 'names = [""]', "one of names is empty"),
        ('names = ["E1", "E2"]', "names = []", "needs names"),
        ('takes = ["fu"]', 'takes = "fu"', "takes is a list"),
        ('takes = ["fu"]', 'active = "no"', "active is true or false"),
        ('hours = [{ days = ["mon", "tue"]', "hours = [{ days = []", "hours of quill cannot be"),
        (
            '["mon", "tue"], start',
            '["mon"], every_weeks = 9999999999999, start',
            "cannot be",
        ),
        ('["mon", "tue"], start', '["mon"], until = "may", start', 'no "until"'),
        ('reason = "Rounds"', "reason = 5", 'reason is text in "quotes"'),
        ("[[rooms]]", '[[sites]]\ncode = "EAST"\nname = "E"\n[[rooms]]', "Two of [[sites]]"),
    ],
)
def test_what_is_wrong_in_a_file_is_said(
    boss: Desk, tmp_path: Path, old: str, new: str, why: str
) -> None:
    with pytest.raises(BadUsage) as refusal:
        bring(boss, tmp_path, TOLD.replace(old, new, 1))
    assert why in refusal.value.sentence
    assert [p.code for p in boss.clinic.practitioners if p.code == "QUILL"] == []


def test_only_a_supervisor_sets_up(desk: Desk, boss: Desk, tmp_path: Path) -> None:
    with pytest.raises(NotPermitted):
        bring(desk, tmp_path)
    with pytest.raises(NotFound):
        set_up(boss, tmp_path / "nowhere.toml")

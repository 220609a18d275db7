"""A clinic without providers takes those of its first file of appointments."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pcoord.clock import FixedClock
from pcoord.services import accounts
from pcoord.services.desk import Desk
from pcoord.services.importing import import_csv
from pcoord.store.engine import parse_address
from tests.clinic import NOW

PEOPLE = "MRN,Last,First,DOB\n1,Ames,Al,1/31/1980\n2,Boyd,Bo,2/28/1981\n"
VISITS = """Patient MRN,Start,Provider,Type
1,2026-12-01 09:00,"Lee, Hannah MD",Office Visit
2,2026-12-01 09:30,Dr. Lee,fu
1,2026-12-02 09:00,Rafael O'Neil NP,fu
"""


@pytest.fixture
def boss(
    fresh_database: Callable[[], str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Desk:
    """The first supervisor of a clinic that has nothing else yet."""
    monkeypatch.setenv("PCOORD_AUDIT_KEY_FILE", str(tmp_path / "audit.key"))
    store, who = accounts.make_clinic(
        parse_address(fresh_database()),
        FixedClock(NOW),
        name="New",
        timezone="America/New_York",
        admin="boss",
    )
    return Desk(store, who)


def test_the_named_providers_are_added_once(boss: Desk, tmp_path: Path) -> None:
    people, visits = tmp_path / "people.csv", tmp_path / "visits.csv"
    people.write_text(PEOPLE)
    visits.write_text(VISITS)
    import_csv(boss, [people])
    told = import_csv(boss, [visits], dry_run=True)
    assert told["created"] == 3 and "added LEE (Hannah Lee), ONEIL" in told["notes"][0]["note"]
    boss.reload()
    assert boss.clinic.practitioners == ()
    assert import_csv(boss, [visits])["created"] == 3
    assert [p.code for p in boss.clinic.practitioners] == ["LEE", "ONEIL"]
    again = import_csv(boss, [visits])
    assert (again["created"], again["unchanged"], again["notes"]) == (0, 3, [])

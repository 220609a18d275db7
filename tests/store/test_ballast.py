"""The room that is kept for a full disk: made, given up, made again, and told of."""

import os
import stat
from pathlib import Path

import pytest

from pcoord.domain.errors import Unavailable
from pcoord.services import booking, patients, upkeep
from pcoord.services.desk import Desk
from pcoord.services.session import Opening, Session
from pcoord.store import ballast
from pcoord.store.ballast import NEEDED, RESERVE, SIZE, Ballast
from pcoord.store.engine import parse_address
from pcoord.store.store import Store
from tests.clinic import Clinic
from tests.faults.work import stored

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.fixture
def kept(clinic: Clinic, desk: Desk) -> Path:
    """The ballast of the clinic that is open."""
    return Path(clinic.url + ".ballast")


def free(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """Let the disk have so many free bytes."""
    monkeypatch.setattr(Ballast, "free", size)


def book(clinic: Clinic, desk: Desk) -> None:
    booking.book(
        desk,
        patient_id=clinic.patient(desk, "8841"),
        practitioner_id=desk.clinic.practitioner("LEE").id,
        start=clinic.at(14),
        visit_type_id=desk.clinic.visit_type("fu").id,
    )


def test_it_holds_real_room_and_is_its_owners_alone(kept: Path) -> None:
    found = kept.stat()
    assert found.st_size == SIZE and found.st_blocks * 512 >= SIZE
    assert stat.S_IMODE(found.st_mode) == 0o600


def test_a_groups_folder_makes_it_the_groups(kept: Path, clinic: Clinic) -> None:
    kept.unlink()
    kept.parent.chmod(0o2770)
    clinic.desk("ben")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o660


def test_one_that_was_not_made_to_its_end_is_made_anew(kept: Path, clinic: Clinic) -> None:
    os.truncate(kept, 4096)
    clinic.desk("ben")
    assert kept.stat().st_size == SIZE


def test_it_is_not_what_fills_the_disk(
    kept: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.unlink()
    free(monkeypatch, NEEDED - 1)
    desk.store.look_for_room()
    assert desk.store.full and not kept.exists()
    free(monkeypatch, NEEDED)
    desk.store.look_for_room()
    assert kept.exists() and not desk.store.full


def test_the_last_of_the_room_is_for_texts_and_looks(
    kept: Path, clinic: Clinic, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.unlink()
    free(monkeypatch, RESERVE)
    book(clinic, desk)
    free(monkeypatch, RESERVE - 1)
    before = desk.store.verify().events
    with pytest.raises(Unavailable, match=r"disk is full\. Nothing was stored"):
        book(clinic, desk)
    assert desk.store.verify().events == before and stored(desk, desk.who.session_id) == 1
    assert patients.card(desk, clinic.patient(desk, "8841")).id
    assert desk.store.verify().events == before + 1


def test_check_and_the_top_line_tell_of_it(
    kept: Path, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    boss = clinic.desk("boss")
    assert upkeep.check(boss)["ok"]
    kept.unlink()
    free(monkeypatch, RESERVE)
    found = upkeep.check(boss)
    assert (found["ok"], found["problems"]) == (False, [ballast.NEARLY_FULL])
    store = Store.open(parse_address(clinic.url), clinic.clock)
    session = Session(_Idle(), Opening(store, boss.who), None)  # type: ignore[arg-type]
    assert session.trouble == "the disk is full: free some space"
    free(monkeypatch, NEEDED)
    session.poll(lambda tables: None, lambda step: None)
    assert session.trouble == "" and kept.exists()
    session.store.close()


class _Idle:
    """Does at once what a store thread would do."""

    busy_seconds = 0.0

    def write(self, run: object, then: object, failed: object) -> None:
        then(run())  # type: ignore[operator]


def test_a_backup_and_a_restore_leave_it_alone(kept: Path, clinic: Clinic, tmp_path: Path) -> None:
    upkeep.backup(clinic.desk("boss"), tmp_path / "copy.db")
    assert [one.name for one in tmp_path.iterdir()] == ["copy.db"]
    clinic.close()
    before = kept.stat().st_ino
    upkeep.restore(parse_address(clinic.url), tmp_path / "copy.db", clinic.clock)
    assert kept.stat().st_ino == before
    assert upkeep.check(clinic.desk("boss"))["ok"]


def test_without_a_right_to_make_it_the_desk_goes_on(
    kept: Path, clinic: Clinic, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.unlink()

    def refuse(*_: object) -> int:
        raise PermissionError

    monkeypatch.setattr(ballast, "make_file", refuse)
    book(clinic, desk)
    assert not desk.store.full and not kept.exists()

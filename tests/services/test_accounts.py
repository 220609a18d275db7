"""Who may sit at the desk: passwords, throttling, PINs, linked accounts, roles, and files."""

import os
import stat
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import argon2
import pytest
from sqlalchemy import text

from pcoord.clock import FixedClock
from pcoord.domain.errors import (
    BadUsage,
    Conflict,
    DeskError,
    NotFound,
    NotPermitted,
    Refused,
    Unavailable,
)
from pcoord.services import accounts, lookup
from pcoord.services.desk import Desk
from pcoord.store.engine import parse_address
from pcoord.store.store import KEY_VARIABLE, Store
from pcoord.store.unit import Unit
from tests.another_user import as_user
from tests.clinic import NOW, Clinic

PASSWORD = "a long enough sentence"
OTHER = "another long sentence"


@pytest.fixture
def boss(clinic: Clinic) -> Desk:
    """The supervisor's desk."""
    return clinic.desk("boss")


def last(desk: Desk, kind: str) -> int:
    """Return how many events of a kind there are."""
    query = text("SELECT count(*) FROM audit_event WHERE kind = :kind")
    return int(desk.read(lambda c: c.execute(query, {"kind": kind}).scalar_one()))


# Passwords


def test_the_right_password_signs_in_and_is_on_record(boss: Desk) -> None:
    who = accounts.sign_in(boss.store, "boss", PASSWORD)
    assert (who.username, who.role) == ("boss", "supervisor")
    assert who.session_id != accounts.sign_in(boss.store, "BOSS", PASSWORD).session_id
    assert last(boss, "sign-in") == 2


@pytest.mark.parametrize(
    ("username", "password"),
    [("boss", "wrong sentence, sorry"), ("nobody", PASSWORD), ("ana", PASSWORD), ("boss", "")],
)
def test_what_is_wrong_is_not_told(boss: Desk, username: str, password: str) -> None:
    with pytest.raises(NotPermitted, match="do not fit together") as refused:
        accounts.sign_in(boss.store, username, password)
    assert refused.value.exit_code == 3
    assert last(boss, "sign-in failed") == 1


def test_a_disabled_account_is_told_the_same(boss: Desk) -> None:
    accounts.add_user(boss, username="kay", password=OTHER)
    accounts.sign_in(boss.store, "kay", OTHER)
    accounts.disable_user(boss, username="kay")
    with pytest.raises(NotPermitted, match="do not fit together"):
        accounts.sign_in(boss.store, "kay", OTHER)


def test_wrong_tries_are_slowed_down_and_the_right_one_waits_too(
    clinic: Clinic, boss: Desk
) -> None:
    for _ in range(3):
        with pytest.raises(NotPermitted, match="fit together"):
            accounts.sign_in(boss.store, "boss", "wrong sentence, sorry")
    with pytest.raises(NotPermitted, match="wait 1 second"):
        accounts.sign_in(boss.store, "boss", PASSWORD)
    clinic.clock.moment += timedelta(seconds=2)
    accounts.sign_in(boss.store, "boss", PASSWORD)
    with pytest.raises(NotPermitted, match="fit together"):  # counted from the start again
        accounts.sign_in(boss.store, "boss", "wrong sentence, sorry")


def test_ten_wrong_tries_close_the_door_for_a_quarter_of_an_hour(
    clinic: Clinic, boss: Desk
) -> None:
    for _ in range(10):
        with pytest.raises(NotPermitted, match="fit together"):
            accounts.sign_in(boss.store, "boss", "wrong sentence, sorry")
        clinic.clock.moment += timedelta(seconds=61)
    with pytest.raises(NotPermitted, match="15 minutes"):
        accounts.sign_in(boss.store, "boss", PASSWORD)
    assert accounts.sign_in_linked(boss.store) is not None  # the machine's account still opens
    clinic.clock.moment += timedelta(minutes=16)
    accounts.sign_in(boss.store, "boss", PASSWORD)


def test_the_wait_grows_to_a_minute() -> None:
    waits = [accounts.wait_seconds([NOW] * tries, NOW) for tries in range(12)]
    assert waits == [0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_tries_on_one_name_do_not_shut_others_out(boss: Desk) -> None:
    for _ in range(5):
        with pytest.raises(NotPermitted):
            accounts.sign_in(boss.store, "ana", "wrong sentence, sorry")
    accounts.sign_in(boss.store, "boss", PASSWORD)


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("fourteen chars", "at least 15"),
        ("x" * 257, "at most 256"),
        ("aaaaaaaaaaaaaaaaaaaa", "everybody tries first"),
        ("ab ab ab ab ab ab ab", "everybody tries first"),
    ],
)
def test_weak_passwords_are_refused_with_why(boss: Desk, password: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        accounts.add_user(boss, username="kay", password=password)
    with pytest.raises(Refused, match=why):
        accounts.set_password(boss, "boss", password)
    accounts.sign_in(boss.store, "boss", PASSWORD)


def test_a_password_of_any_script_and_with_blanks_is_fine(boss: Desk) -> None:
    for password in (
        "żółta łódź na Wiśle",
        "correct horse battery",
        "一二三四五六七八九十甲乙丙丁戊",
    ):
        accounts.set_password(boss, "boss", password)
        accounts.sign_in(boss.store, "boss", password)


def test_hashes_are_argon2id_at_full_cost(
    monkeypatch: pytest.MonkeyPatch, light_hashes: type[argon2.PasswordHasher]
) -> None:
    monkeypatch.setattr("argon2.PasswordHasher", light_hashes)
    hashed = accounts.hash_password(PASSWORD)
    assert hashed.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert PASSWORD not in hashed


def test_a_new_password_ends_the_old_one_and_is_not_in_the_log(boss: Desk) -> None:
    accounts.set_password(boss, "boss", OTHER)
    with pytest.raises(NotPermitted):
        accounts.sign_in(boss.store, "boss", PASSWORD)
    accounts.sign_in(boss.store, "boss", OTHER)
    query = text("SELECT count(*) FROM audit_event WHERE after LIKE :what OR before LIKE :what")
    for secret in (OTHER, "argon2"):
        values = {"what": f"%{secret}%"}
        found = boss.read(lambda c, v=values: c.execute(query, v).scalar_one())
        assert found == 0


def test_anybody_sets_their_own_password_and_only_a_supervisor_anothers(
    desk: Desk, boss: Desk
) -> None:
    accounts.set_password(desk, "ana", OTHER)
    accounts.sign_in(boss.store, "ana", OTHER)
    with pytest.raises(NotPermitted):
        accounts.set_password(desk, "ben", OTHER)
    accounts.set_password(boss, "ben", OTHER)
    with pytest.raises(NotFound):
        accounts.set_password(boss, "nobody", OTHER)


# PIN


def test_a_pin_has_five_tries() -> None:
    pin = accounts.Pin("4711")
    assert pin.opens("4711")
    assert [pin.opens(wrong) for wrong in ("1", "2", "3", "4")] == [False] * 4
    assert pin.opens("4711") and pin.tries_left == 5  # a right one gives them back
    assert [pin.opens("0000") for _ in range(5)] == [False] * 5
    assert pin.tries_left == 0
    assert not pin.opens("4711")


@pytest.mark.parametrize("pin", ["", "123", "12a4", "1234567890123", "１２３４ "])
def test_what_is_no_pin(pin: str) -> None:
    with pytest.raises(Refused, match="4 to 12 digits"):
        accounts.Pin(pin)


# Linked accounts


def test_the_machines_account_signs_its_person_in(boss: Desk) -> None:
    who = accounts.sign_in_linked(boss.store)
    assert who is not None and who.username == "boss"
    assert last(boss, "sign-in") == 1


def test_the_account_is_the_real_one_not_what_the_environment_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = accounts.machine_account()
    for name in ("LOGNAME", "USER", "USERNAME", "SUDO_USER"):
        monkeypatch.setenv(name, "somebody")
    assert accounts.machine_account() == told
    assert "@" in told and "somebody" not in told


def test_an_account_linked_to_nobody_or_to_a_disabled_one_signs_nobody_in(
    boss: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts.add_user(boss, username="kay", os_login="kay@desk1")
    monkeypatch.setattr(accounts, "machine_account", lambda: "kay@desk1")
    who = accounts.sign_in_linked(boss.store)
    assert who is not None and who.username == "kay"
    accounts.disable_user(boss, username="kay")
    assert accounts.sign_in_linked(boss.store) is None
    monkeypatch.setattr(accounts, "machine_account", lambda: "kay@desk2")
    assert accounts.sign_in_linked(boss.store) is None


def test_a_linked_person_without_a_password_is_known(clinic: Clinic, boss: Desk) -> None:
    assert accounts.has_password(boss)
    assert not accounts.has_password(clinic.desk("ana"))


# Managing


def test_accounts_are_listed_for_supervisors(desk: Desk, boss: Desk) -> None:
    accounts.add_user(boss, username="kay", name="Kay Orr", role="billing", password=OTHER)
    listed = {one["user"]: one for one in accounts.list_users(boss)}
    assert listed["kay"] == {
        "user": "kay",
        "name": "Kay Orr",
        "role": "billing",
        "active": True,
        "os_login": None,
    }
    with pytest.raises(NotPermitted):
        accounts.list_users(desk)


@pytest.mark.parametrize(
    ("values", "error", "why"),
    [
        ({"username": "ANA", "password": OTHER}, Conflict, "already"),
        ({"username": "kay"}, BadUsage, "nobody could sign in"),
        ({"username": "kay", "password": OTHER, "role": "king"}, BadUsage, "no role"),
        ({"username": "a b", "password": OTHER}, BadUsage, "letters, digits"),
        ({"username": "", "password": OTHER}, BadUsage, "letters, digits"),
    ],
)
def test_accounts_that_cannot_be(
    boss: Desk, values: dict[str, str], error: type[DeskError], why: str
) -> None:
    with pytest.raises(error, match=why):
        accounts.add_user(boss, **values)  # type: ignore[arg-type]


def test_a_new_role_counts_at_the_next_sign_in(boss: Desk) -> None:
    accounts.add_user(boss, username="kay", password=OTHER)
    accounts.set_role(boss, username="kay", role="read-only")
    assert accounts.sign_in(boss.store, "kay", OTHER).role == "read-only"


def test_nobody_shuts_themselves_out(boss: Desk) -> None:
    with pytest.raises(Refused, match="your own account"):
        accounts.disable_user(boss, username="boss")
    with pytest.raises(Refused, match="your own role"):
        accounts.set_role(boss, username="boss", role="read-only")
    with pytest.raises(NotFound, match="pcoord user list"):
        accounts.disable_user(boss, username="nobody")


@pytest.mark.parametrize("host", ["h\x1b[2Jx", "hôte é", "\u202eh\udcff", ""])
def test_a_machine_of_any_name_signs_its_account_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    monkeypatch.setattr("pcoord.services.accounts.socket.gethostname", lambda: host)
    store, who = accounts.make_clinic(
        parse_address(str(tmp_path / "c.db")),
        FixedClock(NOW),
        name="X",
        timezone="UTC",
        admin="ana@corp.example",
    )
    again = accounts.sign_in_linked(store)
    assert again is not None and again.user_id == who.user_id
    store.close()


def test_a_clinic_with_a_wrong_zone_or_password_is_not_begun(tmp_path: Path) -> None:
    address = parse_address(str(tmp_path / "c.db"))
    for values in ({"timezone": "Mars/Base"}, {"timezone": "UTC", "password": "short"}):
        with pytest.raises(Refused):
            accounts.make_clinic(address, FixedClock(NOW), name="X", admin="a", **values)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


# Whose files

OWNER, COLLEAGUE, STRANGER, GROUP = 61001, 61002, 61003, 61000


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that every user can reach."""
    with tempfile.TemporaryDirectory(prefix="clinic", dir="/tmp") as place:
        os.chmod(place, 0o755)
        yield Path(place)


def made(path: Path) -> str:
    """Make a clinic, and say so."""
    os.environ.pop(KEY_VARIABLE, None)
    os.umask(0o077)
    store, _ = accounts.make_clinic(
        parse_address(str(path)), FixedClock(NOW), name="X", timezone="UTC", admin="a"
    )
    store.close()
    return "made"


def worked(path: Path) -> str:
    """Change something in a clinic while another connection is open; say what came of it."""
    os.environ.pop(KEY_VARIABLE, None)
    os.umask(0o077)
    try:
        store = Store.open(parse_address(str(path)), FixedClock(NOW))
        other = Store.open(parse_address(str(path)), FixedClock(NOW))
    except Unavailable as refused:
        return refused.sentence

    def body(unit: Unit) -> None:
        unit.event(table_name="patient", record_id="0")
        unit.say("Done.")

    who = accounts.system_who("a")
    store.write(who, "test", body)
    other.write(who, "test", body)
    whole = store.verify().ok
    assert lookup.find(Desk(other, who), "x") == []
    store.close()
    other.close()
    return f"wrote, whole: {whole}"


def modes(folder: Path) -> set[int]:
    """Return the modes of all files."""
    return {stat.S_IMODE(one.stat().st_mode) for one in folder.iterdir()}


@pytest.fixture
def warm(tmp_path: Path) -> None:
    """Import all that is imported late: another user may not be able to read this checkout."""
    if os.getuid() == 0:
        old = os.umask(0o022)
        made(tmp_path / "warm.db")
        worked(tmp_path / "warm.db")
        os.umask(old)


def test_a_clinic_of_one_person_is_closed_to_others(folder: Path, warm: None) -> None:
    home = folder / "home"
    home.mkdir()
    os.chown(home, OWNER, OWNER) if os.getuid() == 0 else None
    home.chmod(0o700)
    file = home / "clinic.db"
    assert as_user(OWNER, lambda: made(file), gid=OWNER) == "made"
    assert as_user(OWNER, lambda: worked(file), gid=OWNER) == "wrote, whole: True"
    assert modes(home) == {0o600}
    said = as_user(STRANGER, lambda: worked(file), gid=STRANGER)
    assert said.startswith(("You may not read", "There is no clinic")) and said.endswith(".")


def test_a_clinic_of_a_group_is_shared_by_two_accounts(folder: Path, warm: None) -> None:
    shared = folder / "shared"
    shared.mkdir()
    os.chown(shared, 0, GROUP) if os.getuid() == 0 else None
    shared.chmod(0o2770)
    file = shared / "clinic.db"
    assert as_user(OWNER, lambda: made(file), gid=OWNER, groups=[GROUP]) == "made"
    for uid in (COLLEAGUE, OWNER, COLLEAGUE):
        said = as_user(uid, lambda: worked(file), gid=uid, groups=[GROUP])
        assert said == "wrote, whole: True"
    assert modes(shared) == {0o660}
    assert {one.stat().st_gid for one in shared.iterdir()} == {GROUP}
    said = as_user(STRANGER, lambda: worked(file), gid=STRANGER)
    assert said.startswith(("You may not read", "There is no clinic"))

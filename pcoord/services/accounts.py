"""Who may sit at the desk: making a clinic, signing in, locking, staff accounts.

Passwords follow NIST SP 800-63B-4: at least 15 characters while they are the only factor, no
composition rules, a list of common ones refused, tries throttled. Hashes are argon2id (RFC 9106).
"""

import os
import pwd
import re
import socket
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pcoord import resources
from pcoord.clock import Clock
from pcoord.domain.errors import BadUsage, Conflict, NotFound, NotPermitted, Refused
from pcoord.domain.roles import ROLES
from pcoord.domain.text import scrub
from pcoord.services.desk import Desk, Work, use_case
from pcoord.store.audit import Who
from pcoord.store.engine import Address, Connection
from pcoord.store.ids import new_id
from pcoord.store.queries import events, staff
from pcoord.store.store import Store
from pcoord.store.tables import Location, Organization, StaffUser
from pcoord.store.unit import Step, Unit

MIN_PASSWORD = 15
MAX_PASSWORD = 256
MIN_PIN, MAX_PIN, PIN_TRIES = 4, 12, 5
MAX_USERNAME = 64
_USERNAME = re.compile(rf"[\w.@-]{{1,{MAX_USERNAME}}}")
_WINDOW = timedelta(minutes=15)
_FREE_TRIES = 3
_LOCK_AFTER = 10
# Costs of RFC 9106's second recommended option: 64 MiB, 3 passes, 4 lanes.
_WRONG = "That name and password do not fit together. Please try again."


def terminal_name() -> str:
    """Return where this person sits: the terminal line and the host it reached."""
    try:
        line = os.ttyname(sys.stdin.fileno()).removeprefix("/dev/")
    except (OSError, ValueError, AttributeError):
        line = "no terminal"
    peer = os.environ.get("SSH_CONNECTION", "").split(" ")[0]
    return scrub(f"{line} {peer}", limit=100)


def machine_account() -> str:
    """Return the machine's account as name@host, from the real uid (never from LOGNAME)."""
    uid = os.getuid()
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        name = str(uid)
    # As it is stored: a host may be called anything.
    return scrub(f"{name}@{socket.gethostname()}")


def system_who(username: str = "setup") -> Who:
    """Return the person of record while nobody can have signed in yet."""
    return Who(None, username, username, "supervisor", new_id(), terminal_name())


def who_is(row: Any) -> Who:
    """Return a signed-in person for a staff row, at this terminal, in a new session."""
    return Who(row.id, row.username, row.name, row.role, new_id(), terminal_name())


def hash_password(password: str, *, minimum: int = MIN_PASSWORD) -> str:
    """Return the argon2id hash of an acceptable password; refuse others in words."""
    from argon2 import PasswordHasher

    _demand_acceptable(password, minimum)
    return PasswordHasher().hash(password)


def fits(hashed: str | None, password: str) -> bool:
    """Tell whether a password fits; an unknown user costs the same time."""
    from argon2 import PasswordHasher
    from argon2.exceptions import Argon2Error, InvalidHashError

    hasher = PasswordHasher()
    try:
        return hasher.verify(hashed or _dummy(hasher), password) and hashed is not None
    except (Argon2Error, InvalidHashError):
        return False


_dummy_hash: str | None = None


def _dummy(hasher: Any) -> str:
    global _dummy_hash
    if _dummy_hash is None:
        _dummy_hash = hasher.hash("nobody has this password")
    return _dummy_hash


def _demand_acceptable(password: str, minimum: int) -> None:
    if len(password) < minimum:
        raise Refused(f"A password needs at least {minimum} characters; a short sentence is fine.")
    if len(password) > MAX_PASSWORD:
        raise Refused(f"A password may have at most {MAX_PASSWORD} characters.")
    folded = password.casefold().replace(" ", "")
    if folded in _common() or len(set(folded)) < 5:
        raise Refused("That password is one of those everybody tries first; choose another.")


def _common() -> frozenset[str]:
    lines = resources.read_text("common_passwords.txt").splitlines()
    return frozenset(line.strip().casefold().replace(" ", "") for line in lines if line.strip())


def make_clinic(
    address: Address,
    clock: Clock,
    *,
    name: str,
    timezone: str,
    admin: str,
    password: str | None = None,
    demo: bool = False,
) -> tuple[Store, Who]:
    """Make a clinic with its first supervisor, linked to the machine's account.

    Raises Refused for an unknown zone or a weak password before anything is made.
    """
    _demand_zone(timezone)
    if not scrub(name):
        raise BadUsage("Type the clinic's name; it stands on letters and sheets.")
    if not demo:
        _demand_well_formed(admin)
    hashed = hash_password(password) if password is not None else None
    store = Store.create(address, clock)
    row: dict[str, str] = {}

    def body(unit: Unit) -> None:
        _first_rows(unit, name, timezone, demo)
        row["id"] = unit.insert(
            StaffUser,
            username=admin,
            name=admin,
            role="supervisor",
            password_hash=hashed,
            os_login=machine_account(),
        )
        unit.say(f"Made the clinic {name}, with {admin} as its supervisor.", final=True)

    store.write(system_who(), "clinic.init", body)
    return store, _admin(store, row["id"])


def _admin(store: Store, user_id: str) -> Who:
    return who_is(store.read(lambda c: staff.by_id(c, user_id)))


def _demand_zone(timezone: str) -> None:
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Refused(
            f"There is no time zone {timezone!r}; write it as in America/Chicago or Europe/Madrid."
        ) from None


def _first_rows(unit: Unit, name: str, timezone: str, demo: bool) -> None:
    from pcoord.services.setup import standard_rows

    clinic = unit.insert(Organization, name=name, timezone=timezone, is_demo=demo)
    if not demo:
        unit.insert(Location, organization_id=clinic, code="MAIN", name=name, timezone=timezone)
    standard_rows(unit)


def sign_in_linked(store: Store) -> Who | None:
    """Return the person linked to the machine's account, signed in; None when nobody is."""
    row = store.read(lambda c: staff.by_os_login(c, machine_account()))
    if row is None or not row.active:
        return None
    who = who_is(row)
    store.note(who, "sign-in", after='{"by":"machine account"}')
    return who


def sign_in(store: Store, username: str, password: str) -> Who:
    """Return the person signed in with a password; wrong tries are recorded and slowed down."""
    row = store.read(lambda c: staff.by_username(c, username))
    _demand_not_throttled(store, username)
    good = fits(row.password_hash if row else None, password)
    if row is None or not row.active or not good:
        nobody = Who(row.id if row else None, username, username, "", new_id(), terminal_name())
        store.note(nobody, "sign-in failed")
        raise NotPermitted(_WRONG)
    who = who_is(row)
    store.note(who, "sign-in", after='{"by":"password"}')
    return who


def wait_seconds(tries: Sequence[datetime], now: datetime) -> int:
    """Return how long the next try must wait: 1, 2, 4 ... 60 s after the third failure in a row."""
    if len(tries) < _FREE_TRIES:
        return 0
    pause = min(2 ** (len(tries) - _FREE_TRIES), 60)
    passed = (now - max(tries)).total_seconds()
    return max(0, int(pause - passed + 0.999))


def _demand_not_throttled(store: Store, username: str) -> None:
    now = store.clock.now()
    rows = store.read(lambda c: events.failures_since(c, username, now - _WINDOW))
    tries = []
    for row in rows:
        if row.kind == "sign-in":
            break
        tries.append(row.at)
    if len(tries) >= _LOCK_AFTER:
        raise NotPermitted("Too many wrong passwords. Wait 15 minutes, or ask a supervisor.")
    seconds = wait_seconds(tries, now)
    if seconds:
        raise NotPermitted(f"Too many wrong passwords. Please wait {seconds} seconds.")


def check_password(store: Store, who: Who, password: str) -> None:
    """Refuse, in words, a password that is not this person's (to unlock or to confirm)."""
    sign_in(store, who.username, password)


class Pin:
    """A short PIN for unlocking within a shift, bound to one session: 5 tries, then the password.

    It is kept in this process only, so it ends with the session and works at no other terminal.
    """

    def __init__(self, pin: str) -> None:
        if not (pin.isdigit() and MIN_PIN <= len(pin) <= MAX_PIN):
            raise Refused(f"A PIN has {MIN_PIN} to {MAX_PIN} digits.")
        self._hash = hash_password_unchecked(pin)
        self.tries_left = PIN_TRIES

    def opens(self, pin: str) -> bool:
        """Tell whether this PIN opens; a wrong one uses up a try."""
        if self.tries_left <= 0:
            return False
        if fits(self._hash, pin):
            self.tries_left = PIN_TRIES
            return True
        self.tries_left -= 1
        return False


def hash_password_unchecked(secret: str) -> str:
    """Return the argon2id hash of a secret that has its own rule (a PIN)."""
    from argon2 import PasswordHasher

    return PasswordHasher().hash(secret)


def has_password(desk: Desk) -> bool:
    """Tell whether the signed-in person has a password to unlock with."""
    row = desk.read(staff.by_username, desk.who.username)
    return bool(row and row.password_hash)


@use_case("user.add", "user.manage")
def add_user(
    work: Work,
    *,
    username: str,
    name: str | None = None,
    role: str = "front-desk",
    password: str | None = None,
    os_login: str | None = None,
    practitioner: str | None = None,
) -> None:
    """Add a staff account; it needs a password or the machine's account it is linked to."""
    _demand_username(work.connection, username)
    _demand_role(role)
    if password is None and os_login is None:
        raise BadUsage("Give --password-file or --os-login, or nobody could sign in with it.")
    work.unit.insert(
        StaffUser,
        username=username,
        name=name or username,
        role=role,
        password_hash=hash_password(password) if password is not None else None,
        os_login=os_login,
        practitioner_id=work.clinic.practitioner(practitioner).id if practitioner else None,
    )
    work.unit.say(f"Added {username} ({role}).")


@use_case("user.disable", "user.manage")
def disable_user(work: Work, *, username: str) -> None:
    """Close a staff account; what it did stays on record."""
    row = _user(work.connection, username)
    if row.id == work.who.user_id:
        raise Refused("You cannot disable your own account; ask another supervisor.")
    work.unit.update(StaffUser, row.id, active=False)
    work.unit.say(f"Disabled {username}.")


@use_case("user.role", "user.manage")
def set_role(work: Work, *, username: str, role: str) -> None:
    """Give a staff account another role."""
    _demand_role(role)
    row = _user(work.connection, username)
    if row.id == work.who.user_id:
        raise Refused("You cannot change your own role; ask another supervisor.")
    work.unit.update(StaffUser, row.id, role=role)
    work.unit.say(f"{username} is now {role}.")


def set_password(desk: Desk, username: str, password: str) -> Step:
    """Set a password: one's own, or with the right to manage users anybody's."""
    row = desk.read(staff.by_username, username)
    if row is None:
        raise NotFound(f"There is no account {username}.")
    if row.id != desk.who.user_id:
        desk.demand("user.manage")
    hashed = hash_password(password)

    def body(work: Work) -> None:
        work.unit.update(StaffUser, row.id, password_hash=hashed)
        work.unit.say(f"{username} has a new password.", final=True)

    return desk.step("user.password", body)


def list_users(desk: Desk) -> list[dict[str, Any]]:
    """Return all accounts, for supervisors."""
    desk.demand("user.manage")
    return [
        {
            "user": r.username,
            "name": r.name,
            "role": r.role,
            "active": r.active,
            "os_login": r.os_login,
        }
        for r in desk.read(staff.everybody)
    ]


def _demand_role(role: str) -> None:
    if role not in ROLES:
        raise BadUsage(f"There is no role {role!r}; choose one of {', '.join(ROLES)}.")


def _demand_username(connection: Connection, username: str) -> None:
    _demand_well_formed(username)
    if staff.by_username(connection, username) is not None:
        raise Conflict(f"There is an account {username} already; choose another name.")


def _demand_well_formed(username: str) -> None:
    if not _USERNAME.fullmatch(username):
        raise BadUsage(
            "A user name has letters, digits, dots, hyphens, underscores and @ only, "
            f"at most {MAX_USERNAME}."
        )


def _user(connection: Connection, username: str) -> Any:
    row = staff.by_username(connection, username)
    if row is None:
        raise NotFound(f"There is no account {username}; `pcoord user list` shows them.")
    return row

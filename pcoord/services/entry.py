"""Coming in: from an address and a name to an opened clinic and who is signed in."""

from collections.abc import Callable
from pathlib import Path

from pcoord.clock import Clock
from pcoord.domain.errors import NotPermitted, Unavailable
from pcoord.services import accounts
from pcoord.services.desk import Desk
from pcoord.services.session import Opening
from pcoord.store.audit import Who
from pcoord.store.engine import Address, parse_address
from pcoord.store.queries import staff
from pcoord.store.store import Store

__all__ = ["Address", "Desk", "Opening", "Store", "Who", "open_clinic", "parse_address", "sign_in"]

Password = Callable[[str], str | None]
"""Gives the password of a user, None when there is nobody to ask."""


def open_clinic(address: Address, clock: Clock) -> Store:
    """Open the clinic at an address; raise Unavailable, in words, when it cannot be."""
    return Store.open(address, clock)


def sign_in(store: Store, wanted: str | None, password: Password) -> Who:
    """Return who is signed in: the machine's account, or `wanted` with that user's password.

    Raises NotPermitted, saying what to do, for nobody.
    """
    who = linked(store, wanted)
    if who is not None:
        return who
    if wanted is None:
        raise NotPermitted(
            "Nobody here goes with this machine's account. Say who you are with --as USER."
        )
    secret = password(wanted)
    if secret is None:
        raise NotPermitted(
            f"Signing in as {wanted} needs the password; "
            "put it in a file and name that in PCOORD_PASSWORD_FILE."
        )
    return accounts.sign_in(store, wanted, secret)


def linked(store: Store, wanted: str | None) -> Who | None:
    """Return the machine's account signed in, None when it is not linked (to `wanted`)."""
    row = store.read(lambda c: staff.by_os_login(c, accounts.machine_account()))
    if row is None or (wanted is not None and row.username.casefold() != wanted.casefold()):
        return None
    return accounts.sign_in_linked(store)


def read_password(path: Path) -> str:
    """Return the password on the first line of a file; raise NotPermitted when it has none."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not text"
        raise NotPermitted(f"The password file {path} cannot be read: {why}.") from error
    if not lines or not lines[0]:
        raise NotPermitted(f"The password file {path} is empty.")
    return lines[0]


def default_address() -> Address | None:
    """Return the demo's address when this user has one."""
    from pcoord.services.demo import demo_path

    path = demo_path()
    return Address(path=path) if path.exists() else None


def missing() -> Unavailable:
    """Return the refusal for a user without any clinic."""
    return Unavailable(
        "There is no clinic yet. Make one with `pcoord init`, or look around with `pcoord demo`."
    )

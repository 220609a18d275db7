"""The demo clinic on this machine: where it lives, whose it is, and when it is made anew."""

import json
import os
import pwd
import shutil
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pcoord.clock import Clock
from pcoord.domain.errors import BadUsage, DeskError, Refused, Unavailable
from pcoord.services import demo_make
from pcoord.services.demo_make import PATIENTS, SEED, Progress, make
from pcoord.store.engine import Address
from pcoord.store.queries import clinic as clinic_queries
from pcoord.store.queries import demo as queries
from pcoord.store.store import Store

__all__ = ["counts", "demo_path", "machine_user", "machine_zone", "make", "ready"]

FRESH = timedelta(hours=3)
# The lock file stays where it is: whoever waits in the queue for it goes on waiting there.
_BESIDE = ("", ".key", "-wal", "-shm")


@dataclass(frozen=True)
class _Found:
    """A demo that is there already."""

    made_at: datetime
    patients: int
    seed: int
    timezone: str
    changed: bool


@dataclass(frozen=True)
class _Wish:
    """What kind of demo is asked for; None leaves it as it is."""

    patients: int | None
    seed: int | None
    reset: bool
    progress: Progress | None

    def fits(self, found: _Found) -> bool:
        """Tell whether a demo is of the kind that is asked for."""
        return self.patients in (None, found.patients) and self.seed in (None, found.seed)

    def like(self, found: _Found) -> "_Wish":
        """Return this wish, with what it leaves open as in a demo that was found."""
        patients = found.patients if self.patients is None else self.patients
        seed = found.seed if self.seed is None else self.seed
        return _Wish(patients, seed, self.reset, self.progress)


def demo_path() -> Path:
    """Return where this user's demo lives."""
    from platformdirs import user_data_path

    return user_data_path("pcoord") / "demo.db"


def machine_user() -> str:
    """Return the name of the machine's account, from the real uid."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"user{os.getuid()}"


def machine_zone() -> str:
    """Return the machine's time zone by its name; UTC when it has none that is known."""
    named = os.environ.get("TZ", "").removeprefix(":")
    for name in (named, _linked_zone()):
        if name and _is_zone(name):
            return name
    return "UTC"


def _linked_zone() -> str:
    try:
        target = os.path.realpath("/etc/localtime")
    except OSError:
        return ""
    return target.partition("zoneinfo/")[2].removeprefix("posix/").removeprefix("right/")


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def ready(
    address: Address | None,
    clock: Clock,
    *,
    patients: int | None = None,
    seed: int | None = None,
    reset: bool = False,
    progress: Progress | None = None,
) -> tuple[Address, str]:
    """Have a demo ready for now: the one there is, or a new one; return it and what was done.

    An untouched demo of another day is made anew; one somebody worked in is kept beside it.
    `progress` hears patients written and patients in all.
    Raises Refused where another clinic is, or where a demo in use would be lost.
    """
    address = address or Address(path=demo_path())
    wish = _Wish(patients, seed, reset, progress)
    if address.path is None:
        return address, _on_server(address, clock, wish)
    found = _look(address, clock) if _is_there(address.path) else None
    if found is None:
        _make_at(address.path, clock, wish)
        return address, ""
    return address, _again(address.path, clock, found, wish)


def counts(store: Store) -> dict[str, int]:
    """Return how many patients, appointments and practitioners a clinic has."""
    found: dict[str, int] = store.read(queries.counts)
    return found


def _is_there(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0


def _look(address: Address, clock: Clock) -> _Found:
    """Return what is known of the demo at an address; refuse a clinic that is none."""
    store = Store.open(address, clock)
    try:
        row = store.read(queries.made)
        if row is None:
            raise Refused(f"{address} holds a clinic that is no demo. Choose another --db.")
        told = json.loads(row.after)
        zone = store.read(clinic_queries.load_clinic).timezone
        return _Found(row.at, told["patients"], told["seed"], zone, store.read(queries.is_changed))
    finally:
        store.close()


def _again(path: Path, clock: Clock, found: _Found, wish: _Wish) -> str:
    """Open the demo there is, or make a new one in its place."""
    same = wish.fits(found)
    if wish.reset or (not found.changed and not (same and _is_fresh(found, clock))):
        _make_at(path, clock, wish.like(found))
        return ""
    if _is_of_today(found, clock):
        if not same:
            raise Refused(
                "Somebody has worked in the demo today, and another one would take its place. "
                "Say --reset to throw it away."
            )
        return ""
    kept = _set_aside(path, found)
    _make_at(path, clock, wish.like(found))
    return f"The demo you worked in is kept as {kept}."


def _is_of_today(found: _Found, clock: Clock) -> bool:
    zone = ZoneInfo(found.timezone)
    return found.made_at.astimezone(zone).date() == clock.now().astimezone(zone).date()


def _is_fresh(found: _Found, clock: Clock) -> bool:
    """Tell whether its waiting room still looks like now."""
    here = found.timezone == machine_zone()
    age = abs(clock.now() - found.made_at)
    return here and age < FRESH and _is_of_today(found, clock)


def _make_at(path: Path, clock: Clock, wish: _Wish) -> None:
    """Make a demo beside its place and put it there when it is whole."""
    folder = _folder_beside(path)
    try:
        new = Address(path=folder / path.name)
        store, _ = _fill(new, clock, wish)
        store.close()
        for ending in reversed(_BESIDE):
            (path.parent / (path.name + ending)).unlink(missing_ok=True)
        for made in (folder / (path.name + ending) for ending in reversed(_BESIDE)):
            if made.exists():
                os.replace(made, path.parent / made.name)
    except OSError as error:
        raise Unavailable(f"The demo cannot be made: {error.strerror}. Try --db FILE.") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _fill(address: Address, clock: Clock, wish: _Wish) -> tuple[Store, object]:
    return demo_make.make(
        address,
        clock,
        timezone=machine_zone(),
        admin=machine_user(),
        patients=PATIENTS if wish.patients is None else wish.patients,
        seed=SEED if wish.seed is None else wish.seed,
        progress=wish.progress,
    )


def _folder_beside(path: Path) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return Path(tempfile.mkdtemp(prefix=".demo-", dir=path.parent))
    except OSError as error:
        raise Unavailable(
            f"{path} cannot be made: {error.strerror}. Name another place with --db FILE."
        ) from error


def _set_aside(path: Path, found: _Found) -> Path:
    """Keep a demo somebody worked in under the date it was made."""
    day = found.made_at.astimezone(ZoneInfo(found.timezone)).date()
    kept = path.with_name(f"{path.stem}-{day:%Y-%m-%d}{path.suffix}")
    number = 2
    while kept.exists():
        kept = path.with_name(f"{path.stem}-{day:%Y-%m-%d}-{number}{path.suffix}")
        number += 1
    for ending in reversed(_BESIDE):
        old = path.parent / (path.name + ending)
        if old.exists():
            os.replace(old, kept.parent / (kept.name + ending))
    return kept


def _on_server(address: Address, clock: Clock, wish: _Wish) -> str:
    """Make the demo in an empty schema of a server; one that is there is only opened."""
    try:
        store, _ = _fill(address, clock, wish)
        store.close()
    except (BadUsage, Unavailable):
        raise
    except DeskError:
        # There is a clinic already: opened when it is a demo, refused when it is none.
        _look(address, clock)
        if wish.reset or wish.patients is not None or wish.seed is not None:
            raise Refused(
                "There is a demo on that server already; empty its schema to make another."
            ) from None
    return ""

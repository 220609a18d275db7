"""Opens the desk in tests: the real app on a test clinic."""

from collections.abc import Iterator

from pcoord.app import PcoordApp
from pcoord.services.session import Opening
from pcoord.store.engine import parse_address
from pcoord.store.store import Store
from tests.clinic import Clinic
from tests.screens.driver import Driver


def app_for(clinic: Clinic, username: str = "ana") -> PcoordApp:
    """Return the app for a person of the test clinic, signed in."""

    def opening() -> Opening:
        who = clinic.desk(username).who
        return Opening(Store.open(parse_address(clinic.url), clinic.clock), who)

    return PcoordApp(opening, clock=clinic.clock)


def open_desk(clinic: Clinic, username: str = "ana") -> Iterator[Driver]:
    """Yield a driver at the opened desk."""
    with Driver(lambda: app_for(clinic, username)) as driver:
        yield driver

"""What the fault tests share: a way to report what was tried."""

from collections.abc import Iterator
from typing import Protocol

import pytest

from tests.clinic import fill
from tests.faults.server import Line, MortalServer, mortal_server
from tests.faults.table import record


class Tried(Protocol):
    """Reports one row: what was tried, how often, and what happened."""

    def __call__(self, group: str, what: str, times: int, happened: str) -> None: ...


@pytest.fixture
def tried(request: pytest.FixtureRequest) -> Tried:
    """Report a row of the README's table; call it after the last assertion."""
    key = request.node.nodeid.removeprefix("tests/faults/")

    def report(group: str, what: str, times: int, happened: str) -> None:
        record(key, group, what, times, happened)

    return report


@pytest.fixture(scope="module")
def server() -> Iterator[MortalServer]:
    """A server that may be killed, with a clinic in it."""
    with mortal_server() as made:
        fill(made.url())
        yield made


@pytest.fixture
def line(server: MortalServer) -> Iterator[Line]:
    """A line to the server that can be cut."""
    made = Line(server.port)
    yield made
    made.close()

"""What the fault tests share: a way to report what was tried."""

from typing import Protocol

import pytest

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

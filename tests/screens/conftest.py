"""The opened desk for screen tests."""

from collections.abc import Iterator

import pytest

from tests.clinic import Clinic
from tests.screens.driver import Driver
from tests.screens.opened import open_desk


@pytest.fixture
def at_desk(clinic: Clinic) -> Iterator[Driver]:
    """Ana at the opened desk, on the engine of this test."""
    yield from open_desk(clinic)

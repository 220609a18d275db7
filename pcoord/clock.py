"""The only place that asks the time."""

import os
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Gives the present moment, in UTC, and seconds that never step back."""

    def now(self) -> datetime: ...

    def monotonic(self) -> float: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present moment in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds that never step back, for idle times and running calls."""
        return time.monotonic()


class FixedClock:
    """A clock that stands where it is put; tests move it on by hand."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment.astimezone(UTC)

    def now(self) -> datetime:
        """Return the moment the clock stands at, in UTC."""
        return self.moment

    def monotonic(self) -> float:
        """Return the same moment as seconds."""
        return self.moment.timestamp()


class PinnedClock(FixedClock):
    """A clock whose moment is fixed while a person works: keys and idle times still take time."""

    def monotonic(self) -> float:
        """Return seconds that go on."""
        return time.monotonic()


def from_environment() -> Clock:
    """Return the clock of this process: PCOORD_NOW (ISO 8601 with offset) fixes it, for tests."""
    fixed = os.environ.get("PCOORD_NOW")
    return PinnedClock(datetime.fromisoformat(fixed)) if fixed else SystemClock()

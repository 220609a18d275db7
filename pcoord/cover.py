"""The lock over this terminal: when it falls, what works under it, and what comes back after it."""

from collections.abc import Callable
from typing import Any, Protocol

from pcoord.clock import Clock

MODE = "lock"
# What still works while the lock holds.
WORKS = frozenset({"desk.quit"})


class Stage(Protocol):
    """What is covered; the app is one."""

    @property
    def current_mode(self) -> str:
        """Return the mode that is shown."""

    def switch_mode(self, mode: str) -> Any:
        """Show another mode; the present one is kept."""


class Cover:
    """Covers the screen at once by hand or when nobody has pressed a key for a while."""

    def __init__(self, stage: Stage, clock: Clock) -> None:
        self._stage = stage
        self._monotonic: Callable[[], float] = clock.monotonic
        self.locked = False
        self.by_hand = False
        self._mode_before = ""
        self._last_key = self._monotonic()

    def key_pressed(self) -> None:
        """Note that somebody is at the desk."""
        self._last_key = self._monotonic()

    @property
    def idle_seconds(self) -> float:
        """Return how long ago a key was pressed."""
        return self._monotonic() - self._last_key

    def lock(self, *, by_hand: bool = False) -> None:
        """Cover the screen and keep everything underneath."""
        if self.locked:
            return
        self.locked, self.by_hand = True, by_hand
        self._mode_before = self._stage.current_mode
        self._stage.switch_mode(MODE)

    def unlock(self) -> None:
        """Show what was there before."""
        self.locked = False
        self.key_pressed()
        self._stage.switch_mode(self._mode_before)

    def lock_when_idle(self, minutes: float) -> None:
        """Cover the screen when no key was pressed for so long."""
        if self.idle_seconds > minutes * 60:
            self.lock()

    def lets(self, action: str, parameters: tuple[object, ...]) -> bool:
        """Tell whether an app's action may be done: under the lock hardly any."""
        return not self.locked or action != "do" or parameters[0] in WORKS

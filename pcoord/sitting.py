"""Who sits at this terminal: the clinic being opened, the session, and all work with its records.

Work happens on the session's store thread; answers arrive at the handlers that were given with it.
Nothing here draws: what is to be said, shown or timed goes to the `Room` around it.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from pcoord.domain.errors import Conflict, DeskError, Overtaken, ReasonNeeded, Unavailable, Unknown

if TYPE_CHECKING:
    from pcoord.services.desk import Desk
    from pcoord.services.session import Opening, Session, Step

T = TypeVar("T")
DRAFT_SECONDS = 0.8


class Room(Protocol):
    """What a sitting needs around it; the app is one."""

    def opened(self) -> None:
        """The clinic is open; somebody may be signed in already."""

    def not_opened(self, error: DeskError) -> None:
        """The clinic could not be opened."""

    def said(self, step: Any) -> None:
        """A change was made."""

    def failed(self, error: BaseException) -> None:
        """A read or a change was refused."""

    def ask_which_stands(
        self,
        overtaken: Overtaken,
        again: Callable[[dict[str, int]], None],
        leave: Callable[[], None],
    ) -> None:
        """Somebody else was quicker: show both versions, and go on or leave it."""

    def ask_why(self, patient_id: str, then: Callable[[], None]) -> None:
        """A restricted record is to be opened: ask for the reason, and go on once it is given."""

    def refresh_screens(self) -> None:
        """Read anew what is shown."""

    def set_timer(self, delay: float, callback: Callable[[], None], *, name: str) -> Any:
        """Call back once after so many seconds."""


class Sitting:
    """One person after another at one terminal, from opening the clinic to leaving it."""

    def __init__(self, room: Room, make: "Callable[[], Opening]") -> None:
        self.room = room
        self._make = make
        self.session: Session | None = None
        self.draft_timer: Any = None
        self._waiting: list[Callable[[], None]] = []
        self.busy: set[str] = set()
        self.holding: set[str] = set()
        """Groups of reads whose answers the next key waits for."""
        # The change of which nobody knows yet whether it was stored.
        self.doubted: _Change | None = None

    @property
    def desk(self) -> "Desk | None":
        """Return the signed-in person's desk."""
        return self.session.desk if self.session else None

    # Coming and going

    def open(self) -> None:
        """Import the data layer and open the clinic on its store thread."""
        from pcoord.services.session import open_session

        open_session(asyncio.get_running_loop(), self._make, self._opened, self._not_opened)

    def _opened(self, session: "Session") -> None:
        self.session = session
        self.room.opened()

    def _not_opened(self, error: BaseException) -> None:
        if not isinstance(error, DeskError):
            raise error
        self.room.not_opened(error)

    def begin(self) -> None:
        """Somebody is signed in: do what waited for it."""
        self.holding.clear()
        waiting, self._waiting = self._waiting, []
        for callback in waiting:
            callback()

    def when_ready(self, callback: Callable[[], None]) -> None:
        """Call back once somebody is signed in; at once when somebody is."""
        if self.desk is not None:
            callback()
        else:
            self._waiting.append(callback)

    def close(self) -> None:
        """Finish what was given to the store."""
        if self.session is not None:
            self.session.close()

    @property
    def idle(self) -> bool:
        """Tell whether the clinic is open and the store has answered everything."""
        return self.session is not None and self.session.idle

    # Reading and changing

    def ask(
        self,
        group: str,
        query: "Callable[[Desk], T]",
        then: Callable[[T], None],
        *,
        holds: bool = False,
    ) -> None:
        """Read on the store thread; only the newest answer of a group arrives at `then`.

        A restricted record is asked for again once somebody said why it is opened. With `holds`
        the next key waits for the answer: it is meant for what that opens.
        """
        session, desk = self.session, self.desk
        if session is None or desk is None:
            self.when_ready(lambda: self.ask(group, query, then, holds=holds))
            return

        def answered(answer: T) -> None:
            self.holding.discard(group)
            then(answer)

        def refused(error: BaseException) -> None:
            self.holding.discard(group)
            if isinstance(error, ReasonNeeded):
                self.room.ask_why(
                    error.patient_id, lambda: self.ask(group, query, then, holds=holds)
                )
            else:
                self.room.failed(error)

        if holds:
            self.holding.add(group)
        session.thread.read(group, lambda: query(desk), answered, refused)

    def act(
        self,
        change: "Callable[[Desk], Any]",
        then: Callable[[Any], None] | None = None,
        failed: Callable[[DeskError], None] | None = None,
        *,
        once: str = "",
        merges: bool = False,
    ) -> None:
        """Change records on the store thread and have the step said.

        When somebody else was quicker, the room asks which stands and the change may be made
        over what was shown; with `merges` that is left to `failed`.

        With `once`, the same change is not made again before the store has answered: a key that
        is held down acts once.
        """
        session, desk = self.session, self.desk
        if session is None or desk is None or once in self.busy:
            return
        if once:
            self.busy.add(once)
        sent = _Change(self, change, then, failed, once, merges)
        session.thread.write(lambda: change(desk), sent.done, sent.refused)

    def _looked_up(self, step: "Step | None") -> None:
        """The step in doubt was looked up: go on as if the answer had come in time."""
        from pcoord.services.session import NOT_STORED

        doubted, self.doubted = self.doubted, None
        to_hear = doubted or _Change(self)
        if step is not None:
            to_hear.done(step)
        else:
            to_hear.refused(Unavailable(NOT_STORED))

    def poll(self, heard: Callable[[set[str]], None]) -> str:
        """Ask what other desks changed, and return what is wrong with the database, if anything.

        Drafts that are in memory only are tried again.
        """
        if self.session is None:
            return ""
        self.session.poll(heard, self._looked_up)
        if self.session.drafts_in_memory:
            self.session.flush()
        return self.session.trouble

    # Drafts

    def keep(self, screen: str, key: str, content: dict[str, Any] | None) -> None:
        """Keep what is typed as a draft, stored within a second; None lets it go."""
        if self.session is None:
            return
        self.session.keep(screen, key, content)
        if self.draft_timer is None:
            self.draft_timer = self.room.set_timer(DRAFT_SECONDS, self.flush, name="drafts")

    def flush(self) -> None:
        """Store the drafts now."""
        self.draft_timer = None
        if self.session is not None:
            self.session.flush()


@dataclass(frozen=True)
class _Change:
    """One change on its way to the store, and who is to hear what became of it."""

    sitting: Sitting
    change: "Callable[[Desk], Any] | None" = None
    then: Callable[[Any], None] | None = None
    failed: Callable[[DeskError], None] | None = None
    once: str = ""
    merges: bool = False

    def done(self, step: Any) -> None:
        """It is stored."""
        self.sitting.busy.discard(self.once)
        self.sitting.room.said(step)
        if self.then is not None:
            self.then(step)

    def refused(self, error: BaseException) -> None:
        """It is not stored, or nobody knows yet."""
        sitting = self.sitting
        if isinstance(error, Unknown) and sitting.doubted is None:
            # Neither stored nor refused: whoever asked hears of it once it is looked up.
            sitting.doubted = self
            sitting.room.failed(error)
            return
        sitting.busy.discard(self.once)
        if isinstance(error, Overtaken) and error.mine and not self.merges:
            sitting.room.ask_which_stands(error, self._again, lambda: self._tell(error))
        else:
            self._tell(error)

    def _tell(self, error: BaseException) -> None:
        if self.failed is not None and isinstance(error, DeskError):
            self.failed(error)
        else:
            self.sitting.room.failed(error)
        if isinstance(error, Conflict):
            # Whoever was overtaken sees at once how things stand.
            self.sitting.room.refresh_screens()

    def _again(self, shown: dict[str, int]) -> None:
        """Make the same change over what was shown meanwhile."""

        def insisting(desk: "Desk") -> Any:
            assert self.change is not None
            with desk.having_shown(shown):
                return self.change(desk)

        self.sitting.act(insisting, self.then, self.failed, once=self.once)

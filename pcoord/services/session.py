"""One terminal's session: the store thread, who is signed in, the drafts, and news of others."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pcoord.domain.errors import DeskError, NotPermitted
from pcoord.services import accounts
from pcoord.services.desk import Desk
from pcoord.services.thread import Loop, StoreThread
from pcoord.store.audit import Who
from pcoord.store.drafts import DraftBook, Kept
from pcoord.store.queries.events import Tail
from pcoord.store.store import NOT_STORED, Store
from pcoord.store.unit import Step

Then = Callable[[Any], None]
SLOW_SECONDS = 2.0
"""After so long a person is told that the database is slow to answer."""

LOOK_UP_SECONDS = 1.0


@dataclass
class Opening:
    """An opened clinic, and who is signed in at once (None: a password is asked for)."""

    store: Store
    who: Who | None = None
    wanted: str = ""


class Session:
    """What one terminal holds while pcoord runs."""

    def __init__(self, thread: StoreThread, opening: Opening, loop: Loop) -> None:
        self.thread = thread
        self.store = opening.store
        self.wanted = opening.wanted
        self.desk: Desk | None = Desk(opening.store, opening.who) if opening.who else None
        self.pin: accounts.Pin | None = None
        self.has_password = self.desk is not None and accounts.has_password(self.desk)
        self._tail = opening.store.read(Tail)
        self._book = DraftBook(opening.store.address, opening.store.clock)
        self._keeper = StoreThread(loop, "drafts")
        self._unsaved: dict[tuple[str, str], dict[str, Any] | None] = {}
        self._polling = False
        self._look_up_at = 0.0
        self._room_at = 0.0
        self.drafts_in_memory = False

    def poll(
        self, heard: Callable[[set[str]], None], settled: Callable[[Step | None], None]
    ) -> None:
        """Ask once for what other sessions changed; nothing is queued behind a slow answer.

        A step that was in doubt is looked up first: `settled` gets it, or None when it is not
        there after all.
        """
        desk = self.desk
        if self._polling or desk is None:
            return
        self._polling = True

        def look() -> tuple[set[str], Step | bool]:
            self._look_for_room()
            told = self._settle()
            tables = self.store.read(lambda c: self._tail.changes(c, desk.who.session_id))
            return tables, told

        def done(answer: tuple[set[str], Step | bool]) -> None:
            self._polling = False
            if answer[1] is not True:
                settled(answer[1] or None)
            heard(answer[0])

        def lost(error: BaseException) -> None:
            self._polling = False
            if not isinstance(error, DeskError):
                raise error

        self.thread.write(look, done, lost)

    def _look_for_room(self) -> None:
        """See now and then whether the disk is full, here or by what another desk met."""
        if time.monotonic() >= self._room_at:
            self._room_at = time.monotonic() + LOOK_UP_SECONDS
            self.store.look_for_room()

    def _settle(self) -> Step | bool:
        """Look up a step in doubt, now and then; True as long as there is nothing to tell."""
        if self.store.doubt is None or time.monotonic() < self._look_up_at:
            return True
        self._look_up_at = time.monotonic() + LOOK_UP_SECONDS
        return self.store.settle()

    @property
    def trouble(self) -> str:
        """Say in a few words what keeps the desk from storing; nothing when all is well."""
        if self.store.doubt is not None:
            return "not known yet whether your last step was stored"
        if self.store.away:
            return "reconnecting"
        if self.store.full:
            return "the disk is full: free some space"
        return "waiting for the database" if self.thread.busy_seconds > SLOW_SECONDS else ""

    def sign_in(self, username: str, password: str, then: Then, failed: Then) -> None:
        """Sign somebody in with a password; `then` gets the desk."""

        def check() -> Desk:
            return Desk(self.store, accounts.sign_in(self.store, username, password))

        def signed_in(desk: Desk) -> None:
            if self.desk is None or self.desk.who.user_id != desk.who.user_id:
                self.pin = None
            self.flush()
            self.desk = desk
            self.has_password = True
            then(desk)

        self.thread.write(check, signed_in, failed)

    def unlock(self, secret: str, then: Then, failed: Then) -> None:
        """Unlock for the signed-in person: PIN, password, or Enter alone in the demo."""
        desk = self.desk
        if desk is None:
            failed(NotPermitted("Nobody is signed in; type your name and password."))
            return

        def check() -> bool:
            return self._may_unlock(desk, secret)

        self.thread.write(check, then, failed)

    @property
    def opens_bare(self) -> bool:
        """Tell whether Enter alone unlocks: only in the demo, where nobody has set anything."""
        demo = self.desk is not None and self.desk.clinic.is_demo
        return demo and self.pin is None and not self.has_password

    @property
    def wants_pin(self) -> bool:
        """Tell whether there is nothing yet to unlock with, so that a PIN must be chosen first."""
        bare = self.pin is None and not self.has_password
        return self.desk is not None and bare and not self.desk.clinic.is_demo

    def _may_unlock(self, desk: Desk, secret: str) -> bool:
        if self.opens_bare:
            return True
        if self.pin is not None and self.pin.opens(secret):
            return True
        if self.has_password and not (self.pin is not None and secret.isdigit()):
            accounts.check_password(self.store, desk.who, secret)
            return True
        raise NotPermitted(self._wrong_pin())

    def _wrong_pin(self) -> str:
        if self.pin is None:
            return "There is no PIN or password yet. Leave with Ctrl+Q and come in again."
        if self.pin.tries_left > 0:
            return f"That PIN does not fit; {self.pin.tries_left} tries are left."
        if self.has_password:
            return "The PIN was wrong 5 times. Please type your password."
        return "The PIN was wrong 5 times. Leave with Ctrl+Q and come in again; drafts are kept."

    def set_pin(self, pin: str) -> None:
        """Set the PIN of this session; it ends with it."""
        self.pin = accounts.Pin(pin)

    # Drafts

    def keep(self, screen: str, key: str, content: dict[str, Any] | None) -> None:
        """Note what is typed now; `flush` writes it, at most a second later."""
        self._unsaved[(screen, key)] = content

    def flush(self) -> None:
        """Give the newest text of each place to the drafts' thread."""
        desk = self.desk
        if desk is None or desk.who.user_id is None or not self._unsaved:
            return
        unsaved, self._unsaved = self._unsaved, {}
        user_id = desk.who.user_id

        def write() -> None:
            for (screen, key), content in unsaved.items():
                self._book.save(user_id, screen, key, content)

        def kept(_: Any) -> None:
            self.drafts_in_memory = False

        def away(_: BaseException) -> None:
            self.drafts_in_memory = True
            self._unsaved = unsaved | self._unsaved

        self._keeper.write(write, kept, away)

    def drafts(self, then: Callable[[list[Kept]], None]) -> None:
        """Read the signed-in person's drafts."""
        desk = self.desk
        if desk is None or desk.who.user_id is None:
            return
        self.flush()  # what was typed a moment ago is among them
        user_id = desk.who.user_id
        self._keeper.write(lambda: self._book.all_of(user_id), then, lambda error: None)

    @property
    def idle(self) -> bool:
        """Tell whether both threads have answered everything."""
        return self.thread.idle and self._keeper.idle

    def close(self) -> None:
        """Write the last drafts, finish what was given, and let the connections go."""
        self.flush()
        self._keeper.close()
        self.thread.close()
        self._book.close()
        self.store.close()


def open_session(
    loop: Loop,
    make: Callable[[], Opening],
    opened: Callable[[Session], None],
    failed: Callable[[BaseException], None],
) -> None:
    """Open the clinic on a new store thread; the session or the refusal comes on the loop."""
    thread = StoreThread(loop)
    thread.write(lambda: Session(thread, make(), loop), opened, failed)


__all__ = ["NOT_STORED", "Desk", "Kept", "Opening", "Session", "Step", "open_session"]

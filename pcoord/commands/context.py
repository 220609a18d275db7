"""What every command starts from: options, settings, the clinic, and who is signed in."""

import contextlib
import sys
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from pcoord import clock, config
from pcoord.commands.out import hint
from pcoord.domain.errors import BadUsage

if TYPE_CHECKING:
    from pcoord.services.entry import Address, Desk, Opening, Store


@dataclass(frozen=True)
class Options:
    """The options that every command has."""

    db: str | None = None
    as_user: str | None = None
    mono: bool = False
    json: bool = False


class Context:
    """One run of a command; the clinic is opened when it is first asked for."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.config = config.load()
        self.clock = _clock()
        self._desk: Desk | None = None
        self._stores: list[Store] = []

    @property
    def json(self) -> bool:
        """Tell whether one JSON document is wanted."""
        return self.options.json

    @property
    def named(self) -> str | None:
        """Return the address that was typed or set, None when there is none."""
        return self.options.db or self.config.db

    @property
    def wanted(self) -> str | None:
        """Return who wants to be signed in, None for the machine's account."""
        return self.options.as_user or self.config.user

    @cached_property
    def address(self) -> "Address":
        """Return the clinic's address: as named, else the demo's, which is said in one line."""
        from pcoord.services import entry

        if self.named:
            return entry.parse_address(self.named)
        found = entry.default_address()
        if found is None:
            raise entry.missing()
        hint(f"Using the demo clinic ({found}); name another with --db.")
        return found

    def store(self) -> "Store":
        """Open the clinic; it is closed at the end of the command."""
        from pcoord.services import entry

        store = entry.open_clinic(self.address, self.clock)
        self._stores.append(store)
        return store

    @property
    def desk(self) -> "Desk":
        """Return the signed-in person's desk."""
        from pcoord.services import entry

        if self._desk is None:
            store = self.store()
            self._desk = entry.Desk(store, entry.sign_in(store, self.wanted, self.password))
        return self._desk

    def opening(self) -> "Opening":
        """Open the clinic for the screen; who is not signed in is asked there."""
        from pcoord.services import entry

        store = entry.open_clinic(self.address, self.clock)
        who = entry.linked(store, self.wanted)
        if who is None and self.wanted and self.config.password_file:
            who = entry.sign_in(store, self.wanted, self.password)
        return entry.Opening(store, who, self.wanted or "")

    def password(self, user: str) -> str | None:
        """Return a user's password: from the file named, else asked for on a terminal."""
        from pcoord.services import entry

        if self.config.password_file is not None:
            return entry.read_password(self.config.password_file)
        return ask_secret(f"Password of {user}: ")

    def close(self) -> None:
        """Let the connections go."""
        for store in self._stores:
            store.close()


def _clock() -> clock.Clock:
    try:
        return clock.from_environment()
    except ValueError:
        raise BadUsage("PCOORD_NOW is not a moment such as 2026-11-01T09:30:00-05:00.") from None


def ask_secret(prompt: str) -> str | None:
    """Ask for a password without showing it; None when there is no terminal to ask on."""
    if not is_terminal():
        return None
    from getpass import getpass

    with contextlib.suppress(EOFError):
        return getpass(prompt, sys.stderr)
    return None


def is_terminal() -> bool:
    """Tell whether somebody types here."""
    try:
        return sys.stdin.isatty()
    except (AttributeError, ValueError):
        return False

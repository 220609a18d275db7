"""Half-typed text, kept beside the typing: what a crash or a lost line must not take.

A connection of its own with `synchronous=NORMAL`: that survives a killed process, and a draft is
not worth a wait for the disk. Drafts pass: they make no event and are deleted when saved.
"""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from pcoord.clock import Clock
from pcoord.store.ballast import Ballast
from pcoord.store.engine import Address, connect
from pcoord.store.failures import is_full
from pcoord.store.tables import Draft
from pcoord.store.writelock import WriteLock

_draft = Draft.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Kept:
    """A draft: where it was typed, about what, what, and when (UTC)."""

    screen: str
    object_key: str
    content: dict[str, Any]
    updated_at: datetime


class DraftBook:
    """The drafts of one clinic's desks."""

    def __init__(self, address: Address, clock: Clock) -> None:
        self._address = address
        self._clock = clock
        self._connection: Connection | None = None
        lock = address.path.with_name(address.path.name + ".lock") if address.path else None
        self._lock = WriteLock(lock) if lock else None
        self._ballast = Ballast(address.path) if address.path else None

    def save(self, user_id: str, screen: str, key: str, content: dict[str, Any] | None) -> None:
        """Keep what is typed on a screen about an object; None lets it go.

        On a full disk the ballast is given up for it.
        """
        try:
            self._save(user_id, screen, key, content)
        except SQLAlchemyError as error:
            full = is_full(error, self._address)
            if not (full and self._ballast is not None and self._ballast.give_up()):
                raise
            self._save(user_id, screen, key, content)

    def _save(self, user_id: str, screen: str, key: str, content: dict[str, Any] | None) -> None:
        with self._open() as connection:
            if content is None:
                connection.execute(delete(_draft).where(*_about(user_id, screen, key)))
                return
            values = {"content": json.dumps(content), "updated_at": self._clock.now()}
            dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
            statement = dialect.insert(_draft).values(
                user_id=user_id, screen=screen, object_key=key, **values
            )
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["user_id", "screen", "object_key"], set_=values
                )
            )

    def all_of(self, user_id: str) -> list[Kept]:
        """Return a person's drafts, the newest first."""
        query = select(_draft).where(_draft.c.user_id == user_id)
        with self._open(write=False) as connection:
            rows = connection.execute(query.order_by(_draft.c.updated_at.desc())).all()
        return [Kept(r.screen, r.object_key, json.loads(r.content), r.updated_at) for r in rows]

    def close(self) -> None:
        """Let the connection go."""
        if self._connection is not None:
            with contextlib.suppress(SQLAlchemyError):
                self._connection.close()
            self._connection = None

    @contextlib.contextmanager
    def _open(self, *, write: bool = True) -> Iterator[Connection]:
        with self._lock.held() if self._lock and write else contextlib.nullcontext():
            if self._connection is None:
                self._connection = connect(self._address)
                if self._address.path:
                    self._connection.exec_driver_sql("PRAGMA synchronous=NORMAL")
            try:
                yield self._connection
            except SQLAlchemyError:
                self.close()  # a lost line is made anew at the next save
                raise


def _about(user_id: str, screen: str, key: str) -> tuple[Any, ...]:
    return (_draft.c.user_id == user_id, _draft.c.screen == screen, _draft.c.object_key == key)

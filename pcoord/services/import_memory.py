"""What another system said last: a file changes here only what it changed itself since.

What the desk corrected stays, as long as the other system goes on saying the same.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from pcoord.store import imported
from pcoord.store.engine import Connection
from pcoord.store.imported import Last
from pcoord.store.values import plain

Digests = dict[str, str]
_PLAIN = json.JSONEncoder(default=plain, ensure_ascii=False)


class Memory:
    """What the rows of one batch said the last time."""

    def __init__(self, connection: Connection, kind: str, sources: Iterable[str]) -> None:
        self.kind = kind
        self._last = imported.read(connection, kind, sources)
        self._now: dict[str, Last] = {}

    def record(self, source: str) -> str | None:
        """Return the record that a row was the last time."""
        last = self._last.get(source)
        return last.record_id if last else None

    def records(self) -> set[str]:
        """Return all records that rows of this batch were the last time."""
        return {last.record_id for last in self._last.values()}

    def news(self, source: str, told: Digests) -> set[str]:
        """Return the fields that say otherwise than the last time; all for a row never seen."""
        said = self.said(source)
        return {name for name, value in told.items() if said.get(name) != value}

    def said(self, source: str) -> Digests:
        """Return what a row said the last time."""
        last = self._last.get(source)
        return json.loads(last.said) if last else {}

    def keep(self, source: str, record_id: str, told: Digests) -> None:
        """Note what a row says now; what it leaves empty stays as it was said before."""
        last = self._last.get(source)
        said = self.said(source) | told
        now = Last(source, record_id, json.dumps(said, sort_keys=True, separators=(",", ":")))
        if now != last:
            self._now[source] = now

    def store(self, connection: Connection) -> None:
        """Write what was noted, in the transaction that stores the rows themselves."""
        known = self._now.keys() & self._last.keys()
        imported.keep(connection, self.kind, list(self._now.values()), known)


def digests(told: Mapping[str, Any]) -> Digests:
    """Return what a row says as it is kept and compared."""
    return {name: digest(value) for name, value in told.items()}


def digest(value: Any, size: int = 6) -> str:
    """Return a short digest of a value: enough to see a change, and nothing to read back."""
    text = _PLAIN.encode(value)
    return hashlib.blake2s(text.encode(), digest_size=size).hexdigest()

"""The append-only events: one keyed chain a session, sealed by its head.

A row's MAC covers the row and the MAC before it (HMAC-SHA-256, RFC 2104), so that a changed,
swapped or removed row shows; the head row, under a second label of the key, shows a cut tail.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, insert, select, update

from pcoord.domain.errors import Conflict, Unavailable
from pcoord.domain.text import scrub
from pcoord.store.bulk import insert_many
from pcoord.store.tables import AuditChain, AuditEvent
from pcoord.store.values import plain

_events = AuditEvent.__table__  # type: ignore[attr-defined]
_chains = AuditChain.__table__  # type: ignore[attr-defined]
_SEALED = tuple(c.name for c in _events.c if c.name not in {"seq", "mac", "transaction"})
_START = "0" * 64
_WORDS = ("said", "username", "terminal")
"""What holds words of people; the other columns are keys, codes and JSON of scrubbed records."""


@dataclass(frozen=True)
class Who:
    """The signed-in person at one terminal; every step and every look carries it."""

    user_id: str | None
    username: str
    name: str
    role: str
    session_id: str
    terminal: str


def _mac(key: bytes, label: bytes, *parts: str) -> str:
    return hmac.new(key, label + b"\0" + "\0".join(parts).encode(), hashlib.sha256).hexdigest()


def _row_mac(key: bytes, before: str, row: dict[str, Any]) -> str:
    sealed = json.dumps([plain(row.get(name)) for name in _SEALED], ensure_ascii=False)
    return _mac(key, b"pcoord event", before, sealed)


def _head_mac(key: bytes, session_id: str, count: int, last: str) -> str:
    return _mac(key, b"pcoord head", session_id, str(count), last)


class Sealed(NamedTuple):
    """By what one transaction is found again: its last event, and PostgreSQL's transaction id."""

    session_id: str
    link: int
    mac: str
    transaction: int | None


_head = select(_chains.c.count, _chains.c.last_mac).where(
    _chains.c.session_id == bindparam("session")
)
_first_heads = (
    select(_chains.c.session_id, _chains.c.count, _chains.c.last_mac, _chains.c.head)
    .order_by(_chains.c.session_id)
    .limit(5)
)
_move_head = (
    update(_chains)
    .where(
        _chains.c.session_id == bindparam("session"),
        _chains.c.count == bindparam("was_count"),
        _chains.c.last_mac == bindparam("was_mac"),
    )
    .values({name: bindparam(name) for name in ("count", "last_mac", "head")})
)


def append(
    connection: Connection,
    key: bytes,
    who: Who,
    at: datetime,
    rows: list[dict[str, Any]],
    transaction: int | None,
    known: Sealed | None = None,
) -> Sealed:
    """Add events to the session's chain and move its head, inside the caller's transaction.

    `known` is how this session's last transaction left its chain; a head that is not there any
    more is read. Returns by what the events are found again.
    """
    chain = _Chain(connection, key, who, at, transaction)
    if known is not None and known.session_id == who.session_id:
        sealed = chain.extend(rows, (known.link, known.mac))
        if sealed is not None:
            return sealed
    head = chain.head()
    if head is None:
        _demand_own_key(connection, key)
    sealed = chain.extend(rows, head)
    if sealed is None:
        raise Conflict("Another desk wrote under this sign-in. Please leave and sign in again.")
    return sealed


def _demand_own_key(connection: Connection, key: bytes) -> None:
    """Refuse to begin a chain under a key that fits none of the clinic's first heads.

    A key of another clinic, left in the environment, would make the log look changed for good.
    One head that was tampered with must not lock everybody out, so several are tried.
    """
    heads = connection.execute(_first_heads).all()
    fits = (head == _head_mac(key, session, count, last) for session, count, last, head in heads)
    if heads and not any(fits):
        raise Unavailable(
            "The audit key at hand is another clinic's, so nothing may be changed. Name this "
            "clinic's key file in PCOORD_AUDIT_KEY_FILE, or unset that for the one beside the file."
        )


_Head = tuple[int, str]
"""How many events a chain has, and the code of the last."""


@dataclass(frozen=True)
class _Chain:
    """The chain of a session, to which one transaction adds events."""

    connection: Connection
    key: bytes
    who: Who
    at: datetime
    transaction: int | None

    def head(self) -> _Head | None:
        """Return where the chain stands; None when there is none yet."""
        row = self.connection.execute(_head, {"session": self.who.session_id}).first()
        return (int(row[0]), str(row[1])) if row else None

    def extend(self, rows: list[dict[str, Any]], head: _Head | None) -> Sealed | None:
        """Write events behind a head; None, and nothing written, when it has another one."""
        count, last = head or (0, _START)
        ready = []
        for row in rows:
            count += 1
            full = dict.fromkeys(_SEALED) | {"final": False} | row | self._origin(count)
            full |= {name: scrub(full[name]) for name in _WORDS if full[name]}
            last = _row_mac(self.key, last, full)
            ready.append(full | {"mac": last, "transaction": self.transaction})
        if not self._seal(count, last, head):
            return None
        insert_many(self.connection, _events, ready)
        return Sealed(self.who.session_id, count, last, self.transaction)

    def _origin(self, count: int) -> dict[str, Any]:
        return {
            "session_id": self.who.session_id,
            "link": count,
            "at": self.at,
            "user_id": self.who.user_id,
            "username": self.who.username,
            "terminal": self.who.terminal,
        }

    def _seal(self, count: int, last: str, was: _Head | None) -> bool:
        """Move the head from where it was (None: there is none); tell whether it was there."""
        who = self.who
        head = _head_mac(self.key, who.session_id, count, last)
        values = {"count": count, "last_mac": last, "head": head}
        if was is None:
            origin = {"username": who.username, "terminal": who.terminal}
            new = values | origin | {"session_id": who.session_id}
            self.connection.execute(insert(_chains), [new])
            return True
        old = {"session": who.session_id, "was_count": was[0], "was_mac": was[1]}
        return self.connection.execute(_move_head, values | old).rowcount == 1


@dataclass(frozen=True)
class Verdict:
    """What a check of all chains found; `first_bad` names the first bad row."""

    events: int
    first_bad: str | None

    @property
    def ok(self) -> bool:
        """Tell whether every chain is whole."""
        return self.first_bad is None


def verify(connection: Connection, key: bytes) -> Verdict:
    """Recompute every chain and compare it with its head; name the first row that does not fit."""
    heads = {row.session_id: row for row in connection.execute(select(_chains))}
    events, first_bad = 0, None
    seen: dict[str, tuple[int, str]] = {}
    newest: tuple[str, int] = ("", 0)
    for row in _in_chain_order(connection):
        events += 1
        count, last = seen.get(row["session_id"], (0, _START))
        fault = _fault(key, row, count, last, heads) or _displaced(row, newest)
        if fault and first_bad is None:
            first_bad = fault
        seen[row["session_id"]] = (row["link"], row["mac"])
        newest = (row["session_id"], row["seq"])
    first_bad = first_bad or _head_fault(key, heads, seen)
    return Verdict(events, first_bad)


def _in_chain_order(connection: Connection) -> Iterator[dict[str, Any]]:
    query = select(_events).order_by(_events.c.session_id, _events.c.link)
    result = connection.execute(query.execution_options(yield_per=1000))
    for row in result.mappings():
        yield dict(row)


def _fault(
    key: bytes, row: dict[str, Any], count: int, last: str, heads: dict[str, Any]
) -> str | None:
    place = f"event {row['seq']} of {row['username']} at {row['terminal']}"
    if row["session_id"] not in heads:
        return f"{place}: its session's head is missing"
    if row["link"] != count + 1:
        return f"{place}: {row['link'] - count - 1} event(s) before it are missing"
    if not hmac.compare_digest(_row_mac(key, last, row), row["mac"]):
        return f"{place}: it was changed, or is not in its place"
    return None


def _displaced(row: dict[str, Any], newest: tuple[str, int]) -> str | None:
    """Say when a row stands before an earlier one of its session in the order people see."""
    if (row["session_id"], row["seq"]) < newest and row["session_id"] == newest[0]:
        return f"event {row['seq']} of {row['username']} at {row['terminal']}: it was moved"
    return None


def _head_fault(key: bytes, heads: dict[str, Any], seen: dict[str, tuple[int, str]]) -> str | None:
    for session_id, head in heads.items():
        count, last = seen.get(session_id, (0, _START))
        place = f"session of {head.username} at {head.terminal}"
        if count != head.count:
            return f"{place}: {head.count - count} event(s) at its end are missing"
        if head.last_mac != last or head.head != _head_mac(key, session_id, count, last):
            return f"{place}: its head was changed"
    return None

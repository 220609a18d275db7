"""Record values as canonical JSON and back, the same on both engines."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Date, Table
from sqlmodel import UTCDateTime


def plain(value: Any) -> Any:
    """Return a JSON value: times as ISO 8601 in UTC, dates as ISO, money as text."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return value


def canonical(values: dict[str, Any] | None) -> str | None:
    """Return values as JSON with sorted keys and no spaces, None for None."""
    if values is None:
        return None
    ready = {key: plain(value) for key, value in values.items()}
    return json.dumps(ready, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def restore(table: Table, text: str) -> dict[str, Any]:
    """Return the values of `table`'s columns that `canonical` wrote."""
    return {name: _typed(table, name, value) for name, value in json.loads(text).items()}


def _typed(table: Table, name: str, value: Any) -> Any:
    kind = table.c[name].type
    if value is None or not isinstance(value, str):
        return value
    if isinstance(kind, UTCDateTime):
        return datetime.fromisoformat(value)
    if isinstance(kind, Date):
        return date.fromisoformat(value)
    return value

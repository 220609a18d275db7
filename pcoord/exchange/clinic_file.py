"""A clinic's own facts in a TOML file: sites, rooms, providers with their hours.

[[sites]]
code = "MAIN"
name = "Riverside"
[[rooms]]
site = "MAIN"
names = ["1", "2", "Lab"]
[[providers]]
code = "LEE"
family = "Lee"
given = "Hannah"
takes = ["fu", "new"]             # visit types; without it all that their role sees
hours = [{ days = ["mon", "tue"], start = "08:00", end = "17:00" }]
blocks = [{ days = ["mon"], start = "12:00", end = "13:00", reason = "Lunch" }]
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from os import PathLike
from typing import Any

from pcoord.domain.errors import BadUsage
from pcoord.exchange.toml_file import parse_toml, read_toml_text

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WORDS = {
    "sites": {"code", "name", "timezone", "phone", "address"},
    "rooms": {"site", "names", "kind"},
    "providers": {
        *("code", "family", "given", "role", "specialty", "site", "takes", "active"),
        *("hours", "blocks"),
    },
}
# Every second week is counted from a Monday; any will do.
FIRST_WEEK = date(2024, 1, 1)


@dataclass(frozen=True)
class Stretch:
    """Weekly wall time of a provider, minutes since midnight: open or blocked."""

    kind: str
    weekday: int
    start_minute: int
    end_minute: int
    every_weeks: int = 1
    reason: str | None = None


@dataclass(frozen=True)
class Provider:
    """A provider as a file tells: `facts` by the store's names; `stretches` None when not told."""

    code: str
    facts: dict[str, Any]
    site: str | None
    stretches: tuple[Stretch, ...] | None


@dataclass(frozen=True)
class ClinicFile:
    """What a file says of a clinic."""

    sites: tuple[dict[str, Any], ...]
    rooms: tuple[dict[str, Any], ...]
    providers: tuple[Provider, ...]


def load_clinic(source: str | PathLike[str]) -> ClinicFile:
    """Read a clinic's file; raise a DeskError in words for what is wrong in it."""
    return parse_clinic(read_toml_text(source, "file"))


def parse_clinic(text: str) -> ClinicFile:
    """Return what a file's text says; raise BadUsage in words."""
    tables = parse_toml(text, "file", WORDS, _list(WORDS))
    rows = {name: _rows(tables, name) for name in WORDS}
    for row in rows["rooms"]:
        row.setdefault("site", None)
        if not isinstance(row.get("names"), list):
            raise BadUsage('A room line needs names = ["1", "2"].')
    return ClinicFile(
        tuple(_site(row) for row in rows["sites"]),
        tuple(rows["rooms"]),
        tuple(_provider(row) for row in rows["providers"]),
    )


def _list(words: Any) -> str:
    return ", ".join(sorted(words))


def _rows(tables: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    rows = tables.get(name, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise BadUsage(f"The part {name} begins with [[{name}]] each time.")
    for row in rows:
        if strange := set(row) - WORDS[name]:
            raise BadUsage(f'[[{name}]] has no "{min(strange)}"; it has {_list(WORDS[name])}.')
    return rows


def _site(row: dict[str, Any]) -> dict[str, Any]:
    _demand(row, "sites", "code", "name")
    return row


def _demand(row: Mapping[str, Any], part: str, *names: str) -> None:
    for name in names:
        if not isinstance(row.get(name), str) or not row[name].strip():
            raise BadUsage(f'Each of [[{part}]] needs {name} = "...".')


def _provider(row: dict[str, Any]) -> Provider:
    _demand(row, "providers", "code", "family")
    names = ("family", "given", "role", "specialty")
    facts: dict[str, Any] = {name: row[name] for name in names if name in row}
    if "active" in row:
        facts["active"] = bool(row["active"])
    if "takes" in row:
        facts["takes"] = "|".join(str(code) for code in row["takes"])
    told = "hours" in row or "blocks" in row
    stretches = tuple(
        stretch
        for kind, name in (("open", "hours"), ("blocked", "blocks"))
        for line in row.get(name, [])
        for stretch in _stretches(row["code"], kind, line)
    )
    return Provider(
        row["code"].strip().upper(), facts, row.get("site"), stretches if told else None
    )


def _stretches(code: str, kind: str, line: Any) -> list[Stretch]:
    example = 'hours = [{ days = ["mon"], start = "08:00", end = "17:00" }]'
    try:
        days = [WEEKDAYS.index(str(day).casefold()[:3]) for day in line["days"]]
        start, end = _minute(line["start"]), _minute(line["end"])
        every = int(line.get("every_weeks", 1))
    except (KeyError, TypeError, ValueError):
        raise BadUsage(f"The hours of {code} cannot be read; write {example}.") from None
    if start >= end or every < 1:
        raise BadUsage(f"The hours of {code} end before they begin; write {example}.")
    return [Stretch(kind, day, start, end, every, line.get("reason")) for day in days]


def _minute(text: str) -> int:
    found = re.fullmatch(r"(\d{1,2}):(\d{2})", text, re.ASCII)
    if not found or int(found[1]) * 60 + int(found[2]) > 24 * 60 or int(found[2]) > 59:
        raise ValueError(text)
    return int(found[1]) * 60 + int(found[2])

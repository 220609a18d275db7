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
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pcoord.domain.errors import BadUsage
from pcoord.domain.text import scrub
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
STRETCH = {"days", "start", "end", "every_weeks", "reason"}
_LISTS = ("names", "takes", "hours", "blocks")
_CODE = re.compile(r"[^\s,;|\"']{1,16}")
_MOST = 100
_MOST_WEEKS = 52
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
        if not row.get("names"):
            raise BadUsage('A room line needs names = ["1", "2"].')
    told = ClinicFile(
        tuple(_site(row) for row in rows["sites"]),
        tuple(rows["rooms"]),
        tuple(_provider(row) for row in rows["providers"]),
    )
    _demand_once("sites", [site["code"] for site in told.sites])
    _demand_once("providers", [provider.code for provider in told.providers])
    return told


def _demand_once(part: str, codes: list[str]) -> None:
    for code in codes:
        if codes.count(code) > 1:
            raise BadUsage(f"Two of [[{part}]] have the code {code}; give each one of its own.")


def _list(words: Any) -> str:
    return ", ".join(sorted(words))


def _rows(tables: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    rows = tables.get(name, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise BadUsage(f"The part {name} begins with [[{name}]] each time.")
    for row in rows:
        if strange := set(row) - WORDS[name]:
            raise BadUsage(f'[[{name}]] has no "{min(strange)}"; it has {_list(WORDS[name])}.')
    return [{word: _checked(name, word, value) for word, value in row.items()} for row in rows]


def _checked(part: str, word: str, value: Any) -> Any:
    """Return a value as it will be stored; refuse one of another kind than the word takes."""
    if word == "active":
        if not isinstance(value, bool):
            raise BadUsage(f"In [[{part}]], active is true or false, without quotes.")
        return value
    if word not in _LISTS:
        return _text(part, word, value)
    if not isinstance(value, list):
        raise BadUsage(f"In [[{part}]], {word} is a list in [brackets].")
    if word in ("hours", "blocks"):
        return value
    texts = [_text(part, word, str(one) if type(one) is int else one) for one in value]
    if not all(texts):
        raise BadUsage(f"In [[{part}]], one of {word} is empty.")
    return texts


def _text(part: str, word: str, value: Any) -> str:
    if not isinstance(value, str):
        raise BadUsage(f'In [[{part}]], {word} is text in "quotes".')
    text = scrub(value)
    if len(text) > _MOST:
        raise BadUsage(f"In [[{part}]], {word} is longer than {_MOST} letters: {text[:30]}…")
    if word == "code" and text and not _CODE.fullmatch(text):
        raise BadUsage(
            f"In [[{part}]], the code {text[:30]} cannot be typed as one word; "
            "give one of at most 16 letters and digits, such as LEE."
        )
    if word == "timezone":
        _demand_zone(text)
    return text


def _demand_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadUsage(
            f"There is no time zone {name!r}; write it as in America/Chicago or Europe/Madrid."
        ) from None


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
        facts["active"] = row["active"]
    if "takes" in row:
        facts["takes"] = "|".join(row["takes"])
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
    if isinstance(line, dict) and (strange := set(line) - STRETCH):
        raise BadUsage(f'The hours of {code} have no "{min(strange)}"; write {example}.')
    try:
        days = [WEEKDAYS.index(str(day).casefold()[:3]) for day in line["days"]]
        start, end = _minute(line["start"]), _minute(line["end"])
        every = int(line.get("every_weeks", 1))
        if not days or not 1 <= every <= _MOST_WEEKS:
            raise ValueError(line)
    except (KeyError, TypeError, ValueError):
        raise BadUsage(f"The hours of {code} cannot be read; write {example}.") from None
    if start >= end:
        raise BadUsage(f"The hours of {code} end before they begin; write {example}.")
    reason = _text("providers", "reason", line["reason"]) if "reason" in line else None
    return [Stretch(kind, day, start, end, every, reason) for day in days]


def _minute(text: str) -> int:
    found = re.fullmatch(r"(\d{1,2}):(\d{2})", text, re.ASCII)
    if not found or int(found[1]) * 60 + int(found[2]) > 24 * 60 or int(found[2]) > 59:
        raise ValueError(text)
    return int(found[1]) * 60 + int(found[2])

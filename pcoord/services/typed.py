"""One field as people type it: read into a value, or refused in one sentence that helps."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from pcoord.domain.clinic import Clinic
from pcoord.domain.dates import parse_birth_date, parse_when, say_birth
from pcoord.domain.errors import Refused
from pcoord.domain.names import odd_name
from pcoord.domain.phones import normal
from pcoord.exchange import csv_words

LONGEST = 200
LONGEST_NOTE = 2000
PHONE_USES = {"m": "mobile", "h": "home", "w": "work"}
_USE_WORDS = PHONE_USES | {"cell": "mobile", "mobile": "mobile", "home": "home", "work": "work"}
_DATED = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}")


@dataclass(frozen=True)
class Typed:
    """A field's key, the word the desk knows it by, and what was typed, scrubbed."""

    clinic: Clinic
    today: date
    name: str
    label: str
    text: str


@dataclass(frozen=True)
class Phone:
    """A phone as it was given, its use, and its digits for lookup."""

    use: str
    value: str
    digits: str


Reader = Callable[[Typed], Any]


def needed(reader: Reader, sentence: str) -> Reader:
    """Return a reader that refuses an empty field with a sentence."""

    def read(typed: Typed) -> Any:
        if not typed.text:
            raise Refused(sentence)
        return reader(typed)

    return read


def text(typed: Typed) -> str | None:
    """Return a text of ordinary length, None for an empty field."""
    if len(typed.text) > LONGEST:
        raise Refused(f"This is too long for a {typed.label}.")
    return typed.text or None


def note(typed: Typed) -> str | None:
    """Return a text of some length, None for an empty field."""
    if len(typed.text) > LONGEST_NOTE:
        raise Refused(f"This is too long for a {typed.label}.")
    return typed.text or None


def name(typed: Typed) -> str | None:
    """Return a name; digits and signs are refused."""
    if typed.text and odd_name(typed.text):
        raise Refused(f"“{typed.text}” does not look like a name; only letters belong in it.")
    return text(typed)


def yes_no(typed: Typed) -> bool:
    """Return yes or no; an empty field is no."""
    said = csv_words.yes_no_word(typed.text) if typed.text else "no"
    if said is None:
        raise Refused("Type y or n.")
    return said == "yes"


def day(typed: Typed) -> date | None:
    """Return a day as people type it: today, +6m, 3/4/2027."""
    return _day(typed, "nearest", "today, +6m or 3/4/2027") if typed.text else None


def past_day(typed: Typed) -> date | None:
    """Return a day that has come: today, yesterday, 3/4/2026, bare digits; None when empty."""
    if not typed.text:
        return None
    if typed.text.isdecimal() and len(typed.text) >= _WHOLE_DATE:
        return parse_birth_date(typed.text, today=typed.today, order=typed.clinic.date_order)
    found = _day(typed, "past", "today, yesterday or 3/4/2026")
    if found > typed.today:
        raise Refused(f"{say_birth(found, long=True)} is still to come; type a day up to today.")
    return found


_WHOLE_DATE = 6
"""So many bare digits are day, month and year."""


def _day(typed: Typed, facing: str, such: str) -> date:
    """Read a day without a time; refuse anything else with what may be typed."""
    clinic = typed.clinic
    when = parse_when(
        typed.text,
        today=typed.today,
        now=time(),
        order=clinic.date_order,
        facing=facing,
        hours=clinic.hours,
    )
    if when.date is None or when.time is not None:
        raise Refused(f"“{typed.text}” is not a day; type one such as {such}.")
    return when.date


def say_day(value: date | None, clinic: Clinic) -> str:
    """Return a day as somebody would type it, "" for none."""
    return say_birth(value, clinic.date_order) if value else ""


def one_of(choices: Iterable[str], aliases: Mapping[str, str] | None = None) -> Reader:
    """Return a reader of one choice by its first letters; refusals list them all."""
    known, others = tuple(choices), dict(aliases or {})

    def read(typed: Typed) -> str | None:
        return _choice(typed.text, known, others) if typed.text else None

    return read


def some_of(choices: Iterable[str]) -> Reader:
    """Return a reader of several choices with commas; "all" and "none" are understood."""
    known = tuple(choices)

    def read(typed: Typed) -> str:
        if typed.text.casefold() in ("all", "none", ""):
            return ",".join(known) if typed.text.casefold() == "all" else ""
        words = [word.strip() for word in re.split(r"[,;]", typed.text) if word.strip()]
        found = {_choice(word, known, {}) for word in words}
        return ",".join(choice for choice in known if choice in found)

    return read


def _choice(text: str, choices: tuple[str, ...], aliases: Mapping[str, str]) -> str:
    folded = text.casefold().strip()
    folded = aliases.get(folded, folded)
    if folded in choices:
        return folded
    begun = [choice for choice in choices if choice.startswith(folded)]
    if len(begun) == 1:
        return begun[0]
    if begun:
        raise Refused(f"“{text}” may be {' or '.join(begun)}; type more of it.")
    raise Refused(f"“{text}” is not known here; type one of: {', '.join(choices)}.")


def phone(typed: Typed) -> Phone | None:
    """Return a phone with its use behind it or before it (h, w, mobile ...), None for none."""
    return read_phone(typed.text, typed.clinic.region) if typed.text else None


def read_phone(typed: str, region: str) -> Phone:
    """Read a whole number with its use; raise Refused for half a number or a date."""
    words = typed.split()
    ends = (words[-1].casefold(), words[0].rstrip(":").casefold()) if len(words) > 1 else ("", "")
    use = "mobile"
    if ends[0] in _USE_WORDS:
        use, words = _USE_WORDS[ends[0]], words[:-1]
    elif ends[1] in _USE_WORDS:
        use, words = _USE_WORDS[ends[1]], words[1:]
    value = " ".join(words)
    digits = normal(value, region)
    whole = 7 <= len(digits) <= 15 and re.fullmatch(r"[\d\s().+/x#-]+", value)
    if not whole or _DATED.fullmatch(value):
        raise Refused(f"“{typed}” is not a whole phone number, such as 201-555-0142 or 555-0142 h.")
    return Phone(use, value, digits)

"""How a part of a record that comes in a list is declared: field by field, read and said again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pcoord.domain.clinic import Clinic
from pcoord.domain.disclosure import stands
from pcoord.domain.errors import BadUsage, Refused
from pcoord.domain.text import scrub
from pcoord.services import typed as read
from pcoord.services.patient_fields import FieldErrors
from pcoord.services.typed import Typed

Values = dict[str, Any]


@dataclass(frozen=True)
class PartField:
    """A field of a part: its word, a hint, how it is read into columns and said again."""

    key: str
    label: str
    hint: str
    read: Callable[[Typed], Values]
    say: Callable[[Any, Clinic], str]


@dataclass(frozen=True)
class Part:
    """A kind of part: `one` is what the desk calls it, `model` its table.

    `line` says a row in one line; `fresh` are the fields of a new one as the form first shows
    them; `settle` fills in and checks what depends on several fields; `keeps` says why
    a row may not be taken out, where it may not. A part that `owns` the
    patient's version is also a field of the patient's own form; two entries of one patient never
    share the `unique` column.
    """

    kind: str
    title: str
    one: str
    model: Any
    fields: tuple[PartField, ...]
    line: Callable[[Any, Clinic, date], str]
    fresh: Callable[[Clinic, date], dict[str, str]] = field(default=lambda clinic, today: {})
    settle: Callable[[Values], Values] = field(default=lambda values: values)
    keeps: Callable[[Any], str] = field(default=lambda row: "")
    owns: bool = False
    unique: str = ""

    def stands(self, row: Any, today: date) -> bool:
        """Tell whether a row counts on a day; what has no dates always does."""
        return stands(getattr(row, "from_date", None), getattr(row, "until_date", None), today)

    @property
    def labels(self) -> dict[str, str]:
        """Return the word of each field."""
        return {one.key: one.label for one in self.fields}


def read_part(
    part: Part, clinic: Clinic, today: date, typed: Mapping[str, str | None], *, whole: bool = True
) -> Values:
    """Return the columns of what was typed; raise FieldErrors with a sentence for each bad field.

    With `whole`, a field that was not typed counts as empty.
    """
    known = {one.key: one for one in part.fields}
    for key in typed:
        if key not in known:
            article = "An" if part.one[0] in "aeiou" else "A"
            raise BadUsage(f"{article} {part.one} has no field {key!r}; it has {', '.join(known)}.")
    wanted = known if whole else {key: known[key] for key in typed}
    values: Values = {}
    wrong: dict[str, str] = {}
    for key, one in wanted.items():
        try:
            text = scrub(typed.get(key) or "")
            values |= one.read(Typed(clinic, today, key, one.label, text))
        except (Refused, BadUsage) as refusal:
            wrong[key] = refusal.sentence
    if wrong:
        raise FieldErrors(wrong)
    return part.settle(values)


def check_field(part: Part, clinic: Clinic, today: date, key: str, text: str) -> str:
    """Return what is wrong with one field as typed, "" when nothing is."""
    one = next(field for field in part.fields if field.key == key)
    try:
        one.read(Typed(clinic, today, key, one.label, scrub(text)))
    except (Refused, BadUsage) as refusal:
        return refusal.sentence
    return ""


def say_part(part: Part, row: Any, clinic: Clinic) -> dict[str, str]:
    """Return the fields of a stored row as somebody would type them."""
    return {one.key: one.say(row, clinic) for one in part.fields}


# How fields become columns


def plain(
    key: str, label: str, hint: str = "", reader: read.Reader = read.text, *, empty: Any = None
) -> PartField:
    """Return a field that is one column of the same name."""

    def to_columns(typed: Typed) -> Values:
        value = reader(typed)
        return {key: empty if value is None else value}

    def say(row: Any, clinic: Clinic) -> str:
        value = getattr(row, key)
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, date):
            return read.say_day(value, clinic)
        return str(value or "")

    return PartField(key, label, hint, to_columns, say)


def listed(
    key: str, label: str, hint: str, choices: tuple[str, ...] | Mapping[str, Any]
) -> PartField:
    """Return a field of several choices, stored with commas."""

    def say(row: Any, clinic: Clinic) -> str:
        return ", ".join(filter(None, str(getattr(row, key)).split(",")))

    reader = read.some_of(choices)
    return PartField(key, label, hint, lambda typed: {key: reader(typed)}, say)


def in_order(values: Values) -> Values:
    """Refuse an end before its beginning."""
    since, until = values.get("from_date"), values.get("until_date")
    if since and until and until < since:
        raise FieldErrors({"until_date": "The end is before the beginning; give a later day."})
    return values


SINCE = plain("from_date", "from", "today, 3/4/2026; empty: since ever", read.day)
UNTIL = plain("until_date", "until", "+6m, 3/4/2027; empty: until changed", read.day)

"""What a list says of a patient, kept as one text beside what they are found by.

So that whoever is met in the lookup tree is read together with their line, in one statement.
"""

import json
from datetime import date
from typing import Any, NamedTuple


class Line(NamedTuple):
    """What a list says of a patient; `phone` is the first, as it was typed."""

    family: str
    given: str
    middle: str | None
    preferred: str | None
    birth_date: date | None
    sex: str
    language: str | None
    interpreter: bool
    deceased_on: date | None
    active: bool
    restricted: bool
    test: bool
    mrn: str | None
    phone: str | None


def as_text(line: Line) -> str:
    """Return a line as one text: a JSON list, dates as ISO 8601 has them."""
    return json.dumps(line, ensure_ascii=False, separators=(",", ":"), default=date.isoformat)


def read(text: str) -> list[Any]:
    """Return the values of a line in the order of `Line`."""
    values: list[Any] = _decode(text)[0]
    for place in _DATES:
        if values[place]:
            values[place] = date.fromisoformat(values[place])
    return values


_decode = json.JSONDecoder().raw_decode
_DATES = [Line._fields.index(name) for name in ("birth_date", "deceased_on")]

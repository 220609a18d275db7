"""Turns the rows of a table into patients, each kept or left out with a reason in plain words."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from pcoord.domain.text import MAX_TEXT, csv_meant, scrub
from pcoord.exchange import csv_words
from pcoord.exchange.csv_coverage import FIELDS, PLACES, keyed
from pcoord.exchange.csv_dates import OLDEST, Unreadable, is_empty, parse_date
from pcoord.exchange.csv_map import Mapping
from pcoord.exchange.csv_names import (
    nickname,
    says_a_name,
    tidied,
    tidy_suffix,
    tidy_whole_name,
    without_suffix,
)
from pcoord.exchange.csv_reader import Row, Table

NULLS = {"null", "\\n", "n/a", "(null)", "<null>", "nan"}
PHONE_USES = {
    "phone_mobile": "mobile",
    "phone_home": "home",
    "phone_work": "work",
    "phone": "",
}
NO_DAYS = frozenset({date(1899, 12, 30), date(1899, 12, 31), date(1900, 1, 1)})
"""The first days of spreadsheets: an empty cell that was made a date."""

SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?e\+?\d+", re.IGNORECASE | re.ASCII)
_LONGEST = 15
_NEXT = re.compile(r"(?<=\d{4})[, ]+(?=\+?\(?\d{3}\)?[ .-]?\d{3}[ .-]?\d{4}(?!\d))", re.ASCII)
_LOCAL = 7
"""A number with an area code has more digits."""


class Rejected(ValueError):
    """The row cannot be taken; the message says why in plain words."""


@dataclass(frozen=True, slots=True)
class PatientRow:
    """A patient as a table tells it; names tidied, dates as dates, empty things None.

    `sex` is FHIR's (female, male, other, unknown), `phones` pairs of use ("" when not said) and
    the number as written, `mrn` the record number, `source_id` the other system's own key,
    `subscriber_id` the member number with the payor.
    """

    family: str
    given: str = ""
    middle: str | None = None
    suffix: str | None = None
    preferred: str | None = None
    maiden: str | None = None
    birth_date: date | None = None
    deceased_on: date | None = None
    sex: str = "unknown"
    language: str | None = None
    interpreter: bool | None = None
    phones: tuple[tuple[str, str], ...] = ()
    email: str | None = None
    line: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: str | None = None
    mrn: str | None = None
    source_id: str | None = None
    payor: str | None = None
    subscriber_id: str | None = None
    group_number: str | None = None
    payor_2: str | None = None
    subscriber_id_2: str | None = None
    group_number_2: str | None = None
    payor_3: str | None = None
    subscriber_id_3: str | None = None
    group_number_3: str | None = None
    note: str | None = None
    active: bool | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """A row that can be stored; `told` has sentences about what was changed or left out of it."""

    line: int
    row: PatientRow
    told: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row that was left out, and why; `cells` as they were read, but for what is never stored."""

    line: int
    why: str
    cells: tuple[str, ...]


def rows_to_patients(
    table: Table, mapping: Mapping, order: str, region: str = "US", *, today: date
) -> Iterator[Taken | Skipped]:
    """Return each row as a patient or as left out, in the file's order.

    `order` is the date order of the whole file; `today` is the clinic's date.
    """
    reader = _PatientReader(mapping, order, region, today)
    for row in table:
        yield _try(row, reader)


def _try(row: Row, reader: "_PatientReader") -> Taken | Skipped:
    try:
        cells = Cells(row, reader.mapping)
        return Taken(row.line, reader.read(cells), tuple(cells.told))
    except (Rejected, Unreadable) as refusal:
        return Skipped(row.line, sentence(str(refusal)), shown(row, reader.mapping))


def shown(row: Row, mapping: Mapping) -> tuple[str, ...]:
    """Return the cells of a row without those of columns that are never stored."""
    if not mapping.never:
        return row.cells
    if row.problem:  # nobody knows which cell is which
        return ()
    hidden = {at for at, header in enumerate(mapping.headers) if header in mapping.never}
    return tuple("" if at in hidden else cell for at, cell in enumerate(row.cells))


def sentence(words: str) -> str:
    """Return words with a capital and a full stop."""
    return words[:1].upper() + words[1:] + ("" if words.endswith((".", "?")) else ".")


class Cells:
    """One row by field names, and what is to be told about it."""

    def __init__(self, row: Row, mapping: Mapping) -> None:
        if row.problem:
            raise Rejected(f"the row {row.problem}")
        self.cells, self.mapping = row.cells, mapping
        self.told: list[str] = []
        if row.missing:
            count = "cell was" if row.missing == 1 else "cells were"
            self.told.append(f"{row.missing} {count} missing at the end and taken as empty.")
        if any("\ufffd" in cell for cell in row.cells):
            self.told.append("A letter on this line could not be read. Please check the spelling.")

    def all(self, name: str) -> list[str]:
        """Return the filled cells of a field, scrubbed."""
        found = (clean(self.cells[at]) for at in self.mapping.places(name))
        return [cell for cell in found if cell and cell.casefold() not in NULLS]

    def one(self, name: str) -> str | None:
        """Return the first filled cell of a field, or None."""
        return next(iter(self.all(name)), None)

    def name(self, name: str) -> str | None:
        """Return a part of a name, tidied; "Null" is a family name, and "-" or "?" is none."""
        places = self.mapping.places(name)
        cell = clean(self.cells[places[0]]) if places else ""
        if cell in ("", "\\N", "NULL", "(null)") or not says_a_name(cell):
            return None
        return tidied(cell)

    def coded(self, name: str, meaning: Callable[[str], str | None]) -> str | None:
        """Return a cell as the mapping file or else `meaning` reads it; tell when neither can."""
        cell = self.one(name)
        if cell is None:
            return None
        said = self.mapping.values.get(name, {})
        by_fold = {word.casefold(): value for word, value in said.items()}
        found = by_fold.get(cell.casefold()) or meaning(cell)
        if found is None:
            self.told.append(
                f'The {name} "{cell[:40]}" is not known. '
                f"Say what it means in the mapping file under [values.{name}]."
            )
        return found


def clean(cell: str) -> str:
    """Return a cell scrubbed, without the marks that spreadsheets put around text."""
    if cell.startswith('="') and cell.endswith('"'):
        cell = cell[2:-1]
    cell = csv_meant(cell)
    if cell.isascii() and cell.isprintable():  # nothing to scrub, as in nearly every cell
        return " ".join(cell.split())[:MAX_TEXT]
    return scrub(cell)


class _PatientReader:
    """Reads rows of one table with one mapping."""

    def __init__(self, mapping: Mapping, order: str, region: str, today: date) -> None:
        self.mapping, self.order, self.region, self.today = mapping, order, region, today

    def read(self, cells: Cells) -> PatientRow:
        """Return the row as a patient; raise Rejected or Unreadable."""
        family, given, middle, suffix = self._names(cells)
        given, middle, called = nickname(given, middle)
        born = self._day(cells, "birth_date", "birth date")
        died = self._day(cells, "deceased_on", "date of death")
        if born and died and died < born:
            raise Rejected("the date of death is before the birth date")
        country = cells.one("country")
        region = (csv_words.country(country) or country) if country else self.region
        return PatientRow(
            family=family,
            given=given,
            middle=middle,
            suffix=suffix,
            preferred=cells.name("preferred") or called,
            maiden=cells.name("maiden"),
            birth_date=born,
            deceased_on=died,
            sex=cells.coded("sex", csv_words.sex) or "unknown",
            language=cells.coded("language", csv_words.language),
            interpreter=csv_words.yes_or_no(cells.coded("interpreter", csv_words.yes_no_word)),
            phones=_phones(cells),
            email=_email(cells),
            line=_street(cells),
            city=_place(cells.name("city")),
            state=csv_words.state(cells.one("state"), region),
            postal_code=_postal(cells, region),
            active=_active(cells, died),
            country=csv_words.country(country) or country,
            mrn=number(cells, "mrn"),
            source_id=number(cells, "source_id"),
            **_coverages(cells),
            note="; ".join(cells.all("note")) or None,
        )

    def _names(self, cells: Cells) -> tuple[str, str, str | None, str | None]:
        if not self.mapping.places("family"):
            return self._whole_name(cells)
        family, given = cells.name("family"), cells.name("given")
        if family is None and given is None:
            raise Rejected("there is no name")
        if family is None:
            cells.told.append("There is one name only; it was taken as the family name.")
            family, given = given, None
        assert family is not None
        family = " ".join(filter(None, (family, cells.name("second_family"))))
        family, tail = without_suffix(family)
        said = cells.name("suffix")
        suffix = tidy_suffix(said) if said else tail
        return family, given or "", cells.name("middle"), suffix

    def _whole_name(self, cells: Cells) -> tuple[str, str, str | None, str | None]:
        text = cells.one("name")
        if text is None:
            raise Rejected("there is no name")
        return tidy_whole_name(text, self.mapping.name_order)

    def _day(self, cells: Cells, name: str, what: str) -> date | None:
        return past_day(cells, name, what, self.order, self.today)


def past_day(cells: Cells, name: str, what: str, order: str, today: date) -> date | None:
    """Return a date that must lie in the past; raise Rejected or Unreadable with what it is."""
    text = cells.one(name)
    if text is None or is_empty(text):
        return None
    try:
        found = parse_date(text, order, today=today)
    except Unreadable as error:
        raise Rejected(f"the {what} cannot be read: {error}") from None
    if found.day > today:
        raise Rejected(f"the {what} {found.day.isoformat()} is in the future")
    if found.day.year < OLDEST:
        raise Rejected(f"the {what} {found.day.isoformat()} is too long ago")
    if found.day in NO_DAYS:
        cells.told.append(
            f"The {what} {found.day.isoformat()} is what spreadsheets make of none, so it was left "
            "out."
        )
        return None
    if found.told:
        cells.told.append(found.told)
    return found.day


def number(cells: Cells, name: str) -> str | None:
    """Return an identifier as text; raise Rejected for one that a spreadsheet has cut short."""
    cell = cells.one(name)
    if cell is None:
        return None
    if SCIENTIFIC.fullmatch(cell):
        raise Rejected(
            f'the number "{cell}" was cut short by a spreadsheet. '
            "Please export the file anew without opening it there"
        )
    return re.sub(r"(?<=\d)\.0+$", "", cell) if cell.replace(".", "", 1).isdigit() else cell


def _coverages(cells: Cells) -> dict[str, Any]:
    """Return who pays first, second and third, by the names of a row's fields."""
    found: dict[str, Any] = {}
    for place in PLACES:
        payor, member, group = (keyed(name, place) for name in FIELDS)
        found[payor] = csv_words.payer(cells.one(payor))
        found[member] = _policy_number(cells, member, "member number")
        found[group] = _policy_number(cells, group, "group number")
    return found


def _policy_number(cells: Cells, name: str, what: str) -> str | None:
    """Return a number of a policy; one that was cut short is told and left to be asked again."""
    cell = cells.one(name)
    if cell and SCIENTIFIC.fullmatch(cell):
        cells.told.append(f"The {what} {cell} was cut short by a spreadsheet, and was left out.")
        return None
    return number(cells, name)


def _place(name: str | None) -> str | None:
    """Return a town, which begins with a capital whatever its first word is (Los Angeles)."""
    return name and name[:1].upper() + name[1:]


def _street(cells: Cells) -> str | None:
    """Return number and street, and the second line behind them."""
    first = " ".join(cells.all("house")[:1] + cells.all("line")[:1])
    return ", ".join(filter(None, (first, cells.one("line2")))) or None


def _active(cells: Cells, died: date | None) -> bool | None:
    """Return False for a patient whom the table calls inactive, or deceased without saying when."""
    word = cells.one("deceased")
    gone = csv_words.gone(word) if word else None
    if died or not gone:
        return None
    how = "deceased without a date" if gone == "deceased" else "inactive"
    cells.told.append(f"Marked as {how}; the record is made inactive.")
    return False


def _phones(cells: Cells) -> tuple[tuple[str, str], ...]:
    found: dict[str, tuple[str, str]] = {}
    area = re.sub(r"\D", "", cells.one("area") or "")
    for name, use in PHONE_USES.items():
        for cell in cells.all(name):
            for text in _numbers_in(cell):
                text = re.sub(r"(?<=\d)\.0$", "", text)
                digits = re.sub(r"\D", "", re.split(r"(?i)x|ext", text)[0])
                if not digits.strip("0"):
                    continue
                if area and len(digits) <= _LOCAL:
                    text, digits = f"{area}-{text}", area + digits
                if 7 <= len(digits) <= 15 and not SCIENTIFIC.fullmatch(text):
                    found.setdefault(digits, (use, text))
                else:
                    cells.told.append(f'The phone "{text[:40]}" is no full number; left out.')
    return tuple(found.values())


def _numbers_in(cell: str) -> list[str]:
    """Return the phones of a cell, also those with a line break or a comma alone between them."""
    texts = re.split(r"\s*(?:[;|/&]|\bor\b|\band\b)\s*", cell)
    return [
        one
        for text in texts
        for one in (_NEXT.split(text) if len(re.sub(r"\D", "", text)) > _LONGEST else [text])
    ]


def _email(cells: Cells) -> str | None:
    cell = cells.one("email")
    if cell is None or re.fullmatch(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;]+", cell):
        return cell
    if "@" in cell:
        cells.told.append(f'The e-mail address "{cell[:60]}" cannot be right; left out.')
    return None


def _postal(cells: Cells, region: str) -> str | None:
    cell = cells.one("postal_code")
    if cell is None:
        return None
    place = cells.one("state")
    foreign = re.search(r"[^\W\d_]", place or "") and not csv_words.is_us_state(place or "")
    if region == "US" and foreign:
        return cell
    code = csv_words.postal_code(cell, region)
    if not code.strip("0-"):
        return None
    if code != cell and code.startswith("0"):
        cells.told.append(f"The ZIP code {cell} had lost its leading zero; it is {code}.")
    return code

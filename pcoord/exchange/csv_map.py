"""Which column of a strange table holds what: guessed from its headings, or said in a TOML file.

date_order = "dmy"                # or "mdy", "ymd"
name_order = "given-first"        # or "family-first", for a column of whole names
[columns]
"Their Heading" = "family"        # or "ignore"
[values.sex]
"1" = "male"
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import islice
from os import PathLike
from typing import Any

from pcoord import resources
from pcoord.domain.errors import BadUsage, Refused
from pcoord.exchange.csv_coverage import coverage_field
from pcoord.exchange.csv_dates import (
    AMBIGUOUS_ORDER,
    CONFLICTING_ORDER,
    ORDERS,
)
from pcoord.exchange.csv_dates import (
    date_order as date_order,
)
from pcoord.exchange.csv_reader import Table
from pcoord.exchange.toml_file import parse_toml, read_toml_text

KINDS = ("patient", "appointment")
_PARTS = ("date_order", "name_order", "columns", "values")
_MAY_HAVE = "date_order, name_order, [columns] and [values.FIELD]"
NAME_ORDERS = ("family-first", "given-first")
SAMPLE = 500
_BY_WORDS = 1000
UNCLEAR_NAMES = (
    "It is unclear which part of the names in this file is the family name. Say so in the mapping "
    'file: name_order = "given-first" or name_order = "family-first".'
)
# Fields that may come from several columns.
SEVERAL = {"phone", "phone_home", "phone_mobile", "phone_work", "note"}
DATE_FIELDS = {
    "patient": ("birth_date", "deceased_on"),
    "appointment": ("birth_date", "start", "date", "end"),
}
PREFIXES = ("patient", "pat", "pt", "client", "member", "address", "demographics", "person", "the")
# Short forms that database columns are named with; an empty word is left out.
SPELT_OUT = {
    **dict.fromkeys(("dt", "dte"), "date"),
    **dict.fromkeys(("dttm",), "datetime"),
    **dict.fromkeys(("nm",), "name"),
    **dict.fromkeys(("no", "nbr", "num", "nr"), "number"),
    **dict.fromkeys(("addr", "add", "adr"), "address"),
    **dict.fromkeys(("ph", "tel", "telephone", "fone"), "phone"),
    **dict.fromkeys(("lang", "lng"), "language"),
    **dict.fromkeys(("pref", "prefd"), "preferred"),
    **dict.fromkeys(("prim",), "primary"),
    **dict.fromkeys(("intrptr", "interp", "intrp"), "interpreter"),
    **dict.fromkeys(("ptnt", "pt", "pat"), "patient"),
    **dict.fromkeys(("appt", "apt", "app"), "appointment"),
    **dict.fromkeys(("prov", "prv", "prvdr", "practnr"), "provider"),
    **dict.fromkeys(("dept", "dep"), "department"),
    **dict.fromkeys(("stat",), "status"),
    **dict.fromkeys(("lst",), "last"),
    **dict.fromkeys(("fst", "frst"), "first"),
    **dict.fromkeys(("mid", "mdl"), "middle"),
    **dict.fromkeys(("init",), "initial"),
    **dict.fromkeys(("cel",), "cell"),
    **dict.fromkeys(("dur", "len"), "duration"),
}
# Words behind a heading that only say what kind of value it has.
_QUALIFIERS = """
c cd code id key number yn flag ind indicator desc description text txt value tm time name date
datetime needed abbr abbreviation
"""
QUALIFIERS = frozenset(_QUALIFIERS.split())
VISIT_PREFIXES = ("appointment", "appt", "visit", "scheduled")
SAID = {
    "house": "number of the house",
    "deceased": "whether deceased or inactive",
    "mrn": "record number",
    "source_id": "number in the other system",
    "name": "whole name",
    "family": "family name",
    "second_family": "second family name",
    "given": "given name",
    "area": "area code of the phones",
    "middle": "middle name",
    "birth_date": "birth date",
    "deceased_on": "date of death",
    "line": "street",
    "line2": "second line of the street",
    "postal_code": "postal code",
    "phone_home": "home phone",
    "phone_mobile": "mobile phone",
    "phone_work": "work phone",
    "maiden": "maiden name",
    "payor": "payer",
    "subscriber_id": "member number",
    "group_number": "group number",
    "payor_2": "second payer",
    "subscriber_id_2": "member number with the second payer",
    "group_number_2": "group number with the second payer",
    "payor_3": "third payer",
    "subscriber_id_3": "member number with the third payer",
    "group_number_3": "group number with the third payer",
    "preferred": "preferred name",
    "patient_mrn": "patient's record number",
    "patient_id": "patient's number in the other system",
    "end_time": "time of the end",
    "visit_type": "visit type",
}


@dataclass(frozen=True)
class MapFile:
    """What a clinic said about a table in its mapping file."""

    columns: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    date_order: str | None = None
    name_order: str | None = None


@dataclass(frozen=True)
class Mapping:
    """Where each field of a table is; `columns` goes from heading to field, in the file's order.

    `ignored` columns are not taken, `never` ones are not even looked at. `questions` are sentences
    about what has to be said in a mapping file first; with any, nothing should be imported.
    """

    kind: str
    headers: tuple[str, ...]
    columns: dict[str, str]
    ignored: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    date_order: str | None = None
    name_order: str | None = None
    values: dict[str, dict[str, str]] = field(default_factory=dict)

    def places(self, name: str) -> tuple[int, ...]:
        """Return the places of the columns that hold a field."""
        return self._places.get(name, ())

    @cached_property
    def _places(self) -> dict[str, tuple[int, ...]]:
        found: dict[str, tuple[int, ...]] = {}
        for at, header in enumerate(self.headers):
            if name := self.columns.get(header):
                found[name] = (*found.get(name, ()), at)
        return found

    def date_headers(self) -> list[str]:
        """Return the headings of the columns with dates."""
        dated = DATE_FIELDS[self.kind]
        return [header for header, name in self.columns.items() if name in dated]


def load_map(source: str | PathLike[str]) -> MapFile:
    """Read a mapping file; raise a DeskError in words when it is none."""
    return parse_map(read_toml_text(source, "mapping file"))


def parse_map(text: str) -> MapFile:
    """Return what a mapping file's TOML text says; raise BadUsage in words when it is wrong."""
    file = parse_toml(text, "mapping file", _PARTS, _MAY_HAVE)
    _demand_choice(file, "date_order", ORDERS)
    _demand_choice(file, "name_order", NAME_ORDERS)
    columns = _words(file.get("columns", {}), "[columns]")
    values = file.get("values", {})
    if not isinstance(values, dict):
        raise BadUsage('In the mapping file, [values.FIELD] must have lines like "1" = "male".')
    kept = {str(name): _words(one, f"[values.{name}]") for name, one in values.items()}
    return MapFile(columns, kept, file.get("date_order"), file.get("name_order"))


def _demand_choice(file: AnyMapping[str, Any], key: str, choices: Sequence[str]) -> None:
    if key in file and file[key] not in choices:
        raise BadUsage(f"In the mapping file, {key} must be one of {', '.join(choices)}.")


def _words(table: Any, where: str) -> dict[str, str]:
    if not isinstance(table, dict) or not all(isinstance(word, str) for word in table.values()):
        raise BadUsage(f'In the mapping file, {where} must have lines like "A" = "b".')
    return {str(key): word for key, word in table.items()}


def guess(headers: Iterable[str], kind: str = "patient", said: MapFile | None = None) -> Mapping:
    """Return where each field is: as the mapping file says, and for the rest by the headings."""
    known = tuple(headers)
    said = said or MapFile()
    never = tuple(header for header in known if _is_never(header))
    columns = _said_columns(known, kind, said, never)
    ignored = {header for header, name in columns.items() if name == "ignore"}
    columns = {header: name for header, name in columns.items() if name != "ignore"}
    free = [header for header in known if header not in {*columns, *ignored, *never}]
    columns |= _guessed(free, kind, set(columns.values()))
    columns = {header: columns[header] for header in known if header in columns}
    left = tuple(header for header in known if header not in columns and header not in never)
    questions = _questions(kind, set(columns.values()), said)
    return Mapping(
        kind, known, columns, left, never, questions, said.date_order, said.name_order, said.values
    )


def describe(mapping: Mapping) -> list[str]:
    """Return sentences that tell a person which columns are taken and which are not."""
    told = [f"{header}: {SAID.get(name, name)}" for header, name in mapping.columns.items()]
    if mapping.ignored:
        told.append(f"Not taken: {', '.join(mapping.ignored)}.")
    if mapping.never:
        told.append(f"Never stored: {', '.join(mapping.never)}.")
    return told + list(mapping.questions)


def settle_order(table: Table, mapping: Mapping) -> str:
    """Return the date order of a table; raise Refused with what to write when it is unclear."""
    if mapping.date_order:
        return mapping.date_order
    headers = mapping.date_headers()
    order = date_order(table.column(*headers)) if headers else "ymd"
    if order is None:
        raise Refused(AMBIGUOUS_ORDER)
    if order == "conflict":
        raise Refused(CONFLICTING_ORDER)
    return order


def settle_names(table: Table, mapping: Mapping) -> None:
    """Raise Refused where whole names have no comma and nothing says which part is the family's."""
    places = mapping.places("name") if mapping.kind == "patient" else ()
    if mapping.name_order or not places or mapping.places("family"):
        return
    names = [row.cells[places[0]] for row in islice(table, SAMPLE) if row.problem is None]
    unclear = [name for name in names if " " in name.strip() and "," not in name]
    if 2 * len(unclear) > len(names):
        raise Refused(f'{UNCLEAR_NAMES} The first one is "{unclear[0][:60]}".')


@cache
def _known_headers(kind: str) -> dict[str, tuple[str, int]]:
    """Return the words a heading may be: each with its field and its rank."""
    fields: dict[str, list[str]] = resources.load_toml("csv_headers.toml")[kind]
    return {word: (name, n) for name, words in fields.items() for n, word in enumerate(words)}


@cache
def _never_words() -> frozenset[str]:
    return frozenset(resources.load_toml("csv_headers.toml")["never"])


@cache
def fields_of(kind: str) -> tuple[str, ...]:
    """Return the names of the fields that a kind of table may have."""
    if kind not in KINDS:
        raise BadUsage(f"A table has patients or appointments, not {kind}.")
    return tuple(resources.load_toml("csv_headers.toml")[kind])


def _bare(header: str) -> str:
    """Return a heading's letters and digits, without accents, [0] and a (2) behind it."""
    text = re.sub(r"\[\d+\]|\(\d+\)$", "", header)
    folded = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in folded if c.isalnum())


def _is_never(header: str) -> bool:
    bare = _bare(header)
    forms = (bare, *_spelt_out(header))
    return any(f.removeprefix(p) in _never_words() for f in forms for p in ("", *PREFIXES))


def _said_columns(
    headers: Sequence[str], kind: str, said: MapFile, never: Sequence[str]
) -> dict[str, str]:
    """Return what the mapping file says about columns, once it fits the table."""
    by_fold = {header.strip().casefold(): header for header in headers}
    found: dict[str, str] = {}
    for wanted, name in said.columns.items():
        header = by_fold.get(" ".join(wanted.split()).casefold())
        if header is None:
            raise BadUsage(f'The mapping file names a column "{wanted}" that the table lacks.')
        if name not in (*fields_of(kind), "ignore"):
            raise BadUsage(
                f'The mapping file gives "{wanted}" to an unknown field "{name}". '
                f"Fields are {', '.join(fields_of(kind))} and ignore."
            )
        if header in never and name != "ignore":
            raise BadUsage(f'The column "{wanted}" is never stored. Please take it out.')
        found[header] = name
    return found


def _guessed(headers: Sequence[str], kind: str, taken: set[str]) -> dict[str, str]:
    """Return the fields of headings that are known words; of two for one field the better."""
    best: dict[str, tuple[int, str]] = {}
    found: dict[str, str] = {}
    for header in headers:
        hit = _look_up(header, kind)
        if hit is None or (hit[0] in taken and hit[0] not in SEVERAL):
            continue
        name, rank = hit
        if name in SEVERAL:
            found[header] = name
        elif name not in best or rank < best[name][0]:
            best[name] = (rank, header)
    if "family" in {*best, *taken}:
        best.pop("name", None)
    if kind == "patient" and "mrn" not in {*best, *taken} and "source_id" in best:
        found |= _people_number(headers, best["source_id"][1])
    return found | {header: name for name, (_, header) in best.items()}


def _people_number(headers: Sequence[str], key: str) -> dict[str, str]:
    """Beside a system's own key, a column of identifiers is the number that people use."""
    others = (h for h in headers if h != key and _bare(h) in ("identifier", "identifiers"))
    return dict.fromkeys(list(others)[:1], "mrn")


def _look_up(header: str, kind: str) -> tuple[str, int] | None:
    """Return the field of a heading and how sure it is (lower is surer); or None."""
    known = _known_headers(kind)
    prefixes = ("", *PREFIXES, *(VISIT_PREFIXES if kind == "appointment" else ()))
    for rank, bare in enumerate((_bare(header), *_spelt_out(header))):
        for prefix in prefixes:
            if bare.startswith(prefix) and (hit := known.get(bare.removeprefix(prefix))):
                return hit[0], hit[1] + 100 * bool(prefix) + 200 * rank
    paid = coverage_field(_words_of(header.replace("#", " number "))) if kind == "patient" else None
    return (paid, _BY_WORDS) if paid else None


def _spelt_out(header: str) -> tuple[str, ...]:
    """Return a heading with its short forms spelt out, and without the words for its type behind.

    "BIRTH_DT_TM" is birthdatetime and birthdate, "SEX_CD" sex, "ADD_LINE_1" addressline1.
    """
    words = [SPELT_OUT.get(word, word) for word in _words_of(header)]
    words = [word for n, word in enumerate(words) if word or n == len(words) - 1]
    found = ["".join(words)]
    while len(words) > 1 and words[-1] in QUALIFIERS:
        words = words[:-1]
        found.append("".join(words))
    return tuple(found)


def _words_of(header: str) -> list[str]:
    """Return the words of a heading: apart by marks, and by capitals inside ("BirthDate")."""
    text = re.sub(r"\[\d+\]|\(\d+\)$", "", header)
    text = re.sub(r"(?<=[a-z])(?=[A-Z0-9])|(?<=[A-Z])(?=[A-Z][a-z])", " ", text)
    folded = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(c if c.isalnum() else " " for c in folded if not unicodedata.combining(c))
    return plain.split()


def _questions(kind: str, fields: set[str], said: MapFile) -> tuple[str, ...]:
    asked = []
    if kind == "patient" and not fields & {"family", "name"}:
        asked.append(_ask("family name", "Their Heading", "family"))
    if kind == "appointment":
        if not fields & {"start", "date"}:
            asked.append(_ask("day and time of the visit", "Their Heading", "start"))
        if "date" in fields and not fields & {"time", "start"}:
            asked.append(_ask("time of the visit", "Their Heading", "time"))
        if not fields & {"patient", "patient_mrn", "patient_id", "name", "family"}:
            asked.append(_ask("patient's number", "Their Heading", "patient_mrn"))
        if "practitioner" not in fields:
            asked.append(_ask("provider", "Their Heading", "practitioner"))
    return tuple(asked)


def _ask(what: str, header: str, name: str) -> str:
    return f'Which column has the {what}? Say so under [columns]: "{header}" = "{name}".'

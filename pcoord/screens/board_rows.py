"""How a row of the waiting room is written."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pcoord.widgets.paint import LETTER_STYLES
from pcoord.widgets.row_list import Column, Row

if TYPE_CHECKING:
    from pcoord.services.board import Person

WIDE_FROM = 117
NARROW = (
    Column("appt", "appt", 5),
    Column("name", "patient", 18, flex=True, most=34),
    Column("st", "st", 3),
    Column("in", "in", 3, "right"),
    Column("all", "all", 3, "right"),
    Column("room", "room", 4),
    Column("with", "with", 10),
    Column("next", "next", 12),
    Column("flags", "flags", 13, flex=True),
)
WIDE = (
    Column("appt", "appt", 5),
    Column("name", "patient", 24, flex=True, most=36),
    Column("born", "born", 10),
    Column("mrn", "mrn", 8),
    Column("st", "st", 3),
    Column("in", "in", 3, "right"),
    Column("all", "all", 3, "right"),
    Column("room", "room", 5),
    Column("kind", "for", 6),
    Column("with", "with", 11),
    Column("next", "next", 14),
    Column("flags", "flags", 13, flex=True),
)


def row_of(person: "Person", *, wide: bool) -> Row:
    """Return a person's row; who is past a limit stands out by a mark and in bold."""
    cells = {
        "appt": person.appt,
        "name": person.name,
        "born": person.born,
        "mrn": person.mrn,
        "st": f"{person.letter} !" if person.over else person.letter,
        "in": str(person.minutes),
        "all": str(person.minutes_all),
        "room": person.room,
        "kind": person.kind,
        "with": f"{person.whom} +{person.late}m" if person.late else person.whom,
        "next": person.next,
        "flags": " ".join(person.flags),
    }
    marks = {"st": LETTER_STYLES.get(person.letter, "")}
    if person.over:
        marks = {"st": "bold red", "in": "bold"}
    columns = WIDE if wide else NARROW
    return Row(
        person.id,
        tuple(cells[column.key] for column in columns),
        marks=tuple((key, style) for key, style in marks.items() if style),
    )


def in_order(people: Sequence["Person"], keys: Sequence[str]) -> list["Person"]:
    """Return the people in the order of these ids; whoever is new comes last."""
    places = {key: place for place, key in enumerate(keys)}
    return sorted(people, key=lambda person: places.get(person.id, len(places)))

"""Derived rows, kept in the same transaction as what they come from, and rebuilt by `check`.

`occupancy` is the guard against double booking; `lookup_token` and `lookup_sound` are what
patients are found by. They are deleted freely and make no event.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, text

from pcoord.domain import names
from pcoord.domain.errors import Conflict
from pcoord.domain.slots import cells
from pcoord.store.bulk import insert_many
from pcoord.store.failures import is_taken
from pcoord.store.tables import (
    Appointment,
    ContactPoint,
    DuplicateDue,
    HumanName,
    Identifier,
    LookupSound,
    LookupToken,
    Occupancy,
    Patient,
)

appointment = Appointment.__table__  # type: ignore[attr-defined]
occupancy = Occupancy.__table__  # type: ignore[attr-defined]
patient = Patient.__table__  # type: ignore[attr-defined]
human_name = HumanName.__table__  # type: ignore[attr-defined]
contact_point = ContactPoint.__table__  # type: ignore[attr-defined]
identifier = Identifier.__table__  # type: ignore[attr-defined]
lookup_token = LookupToken.__table__  # type: ignore[attr-defined]
lookup_sound = LookupSound.__table__  # type: ignore[attr-defined]
duplicate_due = DuplicateDue.__table__  # type: ignore[attr-defined]

TABLES = frozenset({"occupancy", "lookup_token", "lookup_sound", "duplicate_pair"})
HOLDING = frozenset({"booked", "arrived", "checked-in", "fulfilled"})


class OccupancyTaken(Conflict):
    """The guard refused: somebody else holds the practitioner, patient or room at that time."""

    def __init__(self, appointment_id: str, rows: list[dict[str, Any]]) -> None:
        super().__init__("That time was taken first; nothing was stored. Please choose another.")
        self.appointment_id = appointment_id
        self.rows = rows


def occupied_rows(row: Any) -> list[dict[str, Any]]:
    """Return the guard's rows of one appointment, in key order; none when it holds nothing."""
    if row["status"] not in HOLDING or row["entered_in_error"]:
        return []
    holders = [
        ("patient", row["patient_id"], row["patient_place"]),
        ("practitioner", row["practitioner_id"], row["place"]),
    ]
    if row["room_id"]:
        holders.append(("room", row["room_id"], 0))
    return [
        {
            "kind": kind,
            "resource_id": holder,
            "cell": cell,
            "place": place,
            "appointment_id": row["id"],
        }
        for kind, holder, place in holders
        for cell in cells(row["start_at"], row["end_at"])
    ]


def queue_up(connection: Connection, *rows: Any) -> None:
    """On PostgreSQL wait for one's turn at the days these visits touch, always in one order.

    Without it two desks that move visits about on one day wait for each other's cells, and the
    server needs a second to notice each time. The turn ends with the transaction.
    """
    if connection.dialect.name != "postgresql":
        return
    days = {(one["resource_id"], one["cell"] // 288) for row in rows for one in occupied_rows(row)}
    for resource, day in sorted(days):
        connection.execute(_turn, {"place": f"{resource} {day}"})


_turn = text("SELECT pg_advisory_xact_lock(hashtextextended(:place, 0))")


def reoccupy(connection: Connection, appointment_ids: Sequence[str]) -> None:
    """Write the guard's rows of these appointments anew; raise OccupancyTaken when refused."""
    connection.execute(delete(occupancy).where(occupancy.c.appointment_id.in_(appointment_ids)))
    query = select(appointment).where(appointment.c.id.in_(appointment_ids))
    for row in connection.execute(query.order_by(appointment.c.id)).mappings().all():
        rows = occupied_rows(row)
        if rows:
            _occupy(connection, row["id"], rows)


def _occupy(connection: Connection, appointment_id: str, rows: list[dict[str, Any]]) -> None:
    try:
        connection.execute(insert(occupancy), rows)
    except Exception as error:
        if is_taken(error):
            raise OccupancyTaken(appointment_id, rows) from error
        raise


@dataclass
class Findable:
    """All that one patient can be found by."""

    patient_id: str
    family: str
    given: str
    birth_date: date | None = None
    others: list[tuple[str, str]] = field(default_factory=list)
    digits: list[str] = field(default_factory=list)
    identifiers: list[str] = field(default_factory=list)
    email: str | None = None


def token_rows(person: Findable) -> list[dict[str, Any]]:
    """Return the lookup rows of one patient, without doubles."""
    year = person.birth_date.year if person.birth_date else 0
    found = {("n", token, other) for token, other in _name_pairs(person)}
    for number in person.digits:
        found |= {("p", part, "") for part in phone_parts(number)}
    found |= {("i", names.fold_identifier(value), "") for value in person.identifiers}
    if person.birth_date:
        found.add(("d", person.birth_date.strftime("%Y%m%d"), ""))
    if person.email:
        found.add(("e", person.email.casefold(), ""))
    return [
        {
            "kind": kind,
            "token": token,
            "other": other,
            "year": year,
            "patient_id": person.patient_id,
        }
        for kind, token, other in sorted(found)
        if token
    ]


def phone_parts(digits: str) -> set[str]:
    """Return the ways a number is asked for: whole, without country code, last 7, last 4."""
    national = digits[1:] if len(digits) == 11 and digits.startswith("1") else digits
    return {digits, national, national[-7:], national[-4:]} - {""}


def _name_pairs(person: Findable) -> set[tuple[str, str]]:
    families, givens = _words(person)
    everything = families | givens
    pairs = {(a, b) for a in families for b in everything if a != b}
    pairs |= {(a, b) for a in givens for b in families if a != b}
    covered = {a for a, _ in pairs}
    return pairs | {(word, "") for word in everything - covered}


def _words(person: Findable) -> tuple[set[str], set[str]]:
    families = set(names.name_tokens(person.family, ""))
    givens = set(names.name_tokens("", person.given))
    for family, given in person.others:
        families |= set(names.name_tokens(family, ""))
        givens |= set(names.name_tokens("", given))
    return families, givens


def sound_rows(words: Iterable[str]) -> list[dict[str, Any]]:
    """Return the sound keys of distinct name words, sorted so that writers agree on an order."""
    found = {(key, word) for word in words if len(word) > 2 for key in names.sound_keys(word)}
    return [{"key": key, "name": word} for key, word in sorted(found)]


def retoken(connection: Connection, patient_ids: Sequence[str]) -> None:
    """Write the lookup rows of these patients anew, and have duplicates of them looked for."""
    compare_later(connection, patient_ids)
    connection.execute(delete(lookup_token).where(lookup_token.c.patient_id.in_(patient_ids)))
    people = gather(connection, patient_ids)
    rows = [row for person in people for row in token_rows(person)]
    if rows:
        connection.execute(insert(lookup_token), rows)
    words = {row["token"] for row in rows if row["kind"] == "n"}
    insert_many(connection, lookup_sound, sound_rows(words), missing=True)


def compare_later(connection: Connection, patient_ids: Iterable[str]) -> None:
    """Note that likely duplicates of these patients are to be looked for."""
    rows = [{"patient_id": key} for key in sorted(set(patient_ids))]
    insert_many(connection, duplicate_due, rows, missing=True)


def gather(connection: Connection, patient_ids: Sequence[str]) -> list[Findable]:
    """Read what these patients can be found by; not those entered in error or merged away."""
    people = {
        row.id: Findable(
            row.id,
            row.family,
            " ".join(filter(None, (row.given, row.middle))),
            row.birth_date,
            others=[("", row.preferred)] if row.preferred else [],
            email=row.email,
        )
        for row in connection.execute(
            select(patient).where(
                patient.c.id.in_(patient_ids),
                ~patient.c.entered_in_error,
                patient.c.replaced_by_id.is_(None),
            )
        )
    }
    for row in _parts(connection, human_name, patient_ids):
        if row.patient_id in people:
            people[row.patient_id].others.append((row.family or "", row.given or ""))
    for row in _parts(connection, contact_point, patient_ids):
        if row.patient_id in people:
            people[row.patient_id].digits.append(row.digits)
    for row in _parts(connection, identifier, patient_ids):
        if row.patient_id in people:
            people[row.patient_id].identifiers.append(row.value)
    return list(people.values())


def _parts(connection: Connection, table: Any, patient_ids: Sequence[str]) -> Sequence[Any]:
    query = select(table).where(table.c.patient_id.in_(patient_ids), ~table.c.entered_in_error)
    return connection.execute(query).all()


# What a changed row of a table makes stale: which refresher, and the column that names the owner.
REFRESH = {
    "appointment": (reoccupy, "id"),
    "patient": (retoken, "id"),
    "human_name": (retoken, "patient_id"),
    "contact_point": (retoken, "patient_id"),
    "identifier": (retoken, "patient_id"),
}


def as_utc_cell(moment: datetime) -> int:
    """Return the 5-minute cell a moment lies in."""
    return int(moment.timestamp()) // 300

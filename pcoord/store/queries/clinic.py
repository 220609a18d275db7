"""Reading what seldom changes, and when practitioners are in."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection, Table, select

from pcoord.domain import clinic as values
from pcoord.domain.slots import Hours
from pcoord.domain.visit import Stage
from pcoord.store.queries.beside import beside
from pcoord.store.queries.common import (
    AnyRow,
    availability,
    location,
    organization,
    practitioner,
    practitioner_day,
    room,
    stage,
    visit_type,
)


def load_clinic(connection: Connection) -> values.Clinic:
    """Return the clinic with its sites, practitioners, visit types and rooms."""
    row = connection.execute(select(organization)).mappings().one()
    kept = {k: row[k] for k in values.Clinic.__dataclass_fields__ if k in row}
    return values.Clinic(
        **kept,
        locations=_locations(connection),
        practitioners=_practitioners(connection),
        visit_types=_visit_types(connection),
        rooms=_rooms(connection),
    )


def _standing(connection: Connection, table: Table) -> Sequence[AnyRow]:
    query = select(table).where(~table.c.entered_in_error)
    return connection.execute(query.order_by(table.c.position, table.c.id)).all()


def _locations(connection: Connection) -> tuple[values.Location, ...]:
    return tuple(
        values.Location(r.id, r.code, r.name, r.timezone, r.phone)
        for r in _standing(connection, location)
    )


def _practitioners(connection: Connection) -> tuple[values.Practitioner, ...]:
    return tuple(
        values.Practitioner(
            r.id,
            r.code,
            r.family,
            r.given,
            r.role,
            r.specialty,
            r.location_id,
            r.active,
            _words(r.takes),
        )
        for r in _standing(connection, practitioner)
    )


def _visit_types(connection: Connection) -> tuple[values.VisitType, ...]:
    return tuple(
        values.VisitType(
            r.id,
            r.code,
            r.title,
            r.minutes,
            r.modality,
            _words(r.words),
            r.role,
        )
        for r in _standing(connection, visit_type)
        if r.active
    )


def _words(joined: str) -> tuple[str, ...]:
    return tuple(word for word in joined.split("|") if word)


def _rooms(connection: Connection) -> tuple[values.Room, ...]:
    return tuple(values.Room(r.id, r.location_id, r.name) for r in _standing(connection, room))


def load_stages(connection: Connection) -> tuple[Stage, ...]:
    """Return the stages of a visit in their order."""
    return tuple(
        Stage(
            r.code,
            r.letter,
            r.title,
            r.position,
            r.limit_minutes,
            r.encounter_status,
            r.appointment_status,
        )
        for r in connection.execute(select(stage).order_by(stage.c.position))
    )


def hours_of(
    connection: Connection, practitioner_ids: Sequence[str], first: date, last: date
) -> dict[str, list[Hours]]:
    """Return the open and blocked wall time that may touch the days from `first` to `last`."""
    who = list(practitioner_ids)
    return beside(connection, ("hours",), who=who, day=first, until=last).hours


def weekly_rows(connection: Connection, practitioner_id: str) -> Sequence[AnyRow]:
    """Return the weekly hours of a practitioner, open and blocked."""
    a = availability.c
    query = select(availability).where(
        a.practitioner_id == practitioner_id, a.weekday.is_not(None), ~a.entered_in_error
    )
    return connection.execute(query.order_by(a.id)).all()


def late_marks(connection: Connection, day: date) -> dict[str, tuple[int, str | None]]:
    """Return minutes late and the reason by practitioner, of one day."""
    return beside(connection, ("late",), day=day).late


def late_row(connection: Connection, practitioner_id: str, day: date) -> AnyRow | None:
    """Return the record of what is special about a practitioner's day, if there is one."""
    p = practitioner_day.c
    query = select(practitioner_day).where(
        p.practitioner_id == practitioner_id, p.day == day, ~p.entered_in_error
    )
    return connection.execute(query).first()

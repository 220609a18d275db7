"""Reading what seldom changes, and when practitioners are in."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from sqlalchemy import (
    Connection,
    Date,
    Integer,
    Table,
    bindparam,
    cast,
    literal,
    null,
    or_,
    select,
    union_all,
)

from pcoord.domain import clinic as values
from pcoord.domain.slots import Hours
from pcoord.domain.visit import Stage
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


_a, _p = availability.c, practitioner_day.c
_first, _last = bindparam("first", type_=Date()), bindparam("last", type_=Date())
_LATE = "late"
_hours = select(
    _a.practitioner_id,
    _a.kind,
    _a.weekday,
    _a.day,
    _a.start_minute,
    _a.end_minute,
    _a.from_date,
    _a.until_date,
    _a.every_weeks,
    _a.reason,
).where(
    _a.practitioner_id.in_(bindparam("who", expanding=True)),
    ~_a.entered_in_error,
    or_(_a.day.is_(None), _a.day.between(_first, _last)),
    or_(_a.until_date.is_(None), _a.until_date >= _first),
    or_(_a.from_date.is_(None), _a.from_date <= _last),
)
# Who is late stands in the same answer: the kind is another, the minutes are those of lateness.
_marks = select(
    _p.practitioner_id,
    literal(_LATE),
    cast(null(), Integer),
    _p.day,
    _p.late_minutes,
    cast(null(), Integer),
    cast(null(), Date),
    cast(null(), Date),
    cast(null(), Integer),
    _p.reason,
).where(_p.day == _first, _p.late_minutes > 0, ~_p.entered_in_error)
_hours_and_marks = union_all(_hours, _marks)


def hours_of(
    connection: Connection, practitioner_ids: Sequence[str], first: date, last: date
) -> dict[str, list[Hours]]:
    """Return the open and blocked wall time that may touch the days from `first` to `last`."""
    values = {"who": list(practitioner_ids), "first": first, "last": last}
    found: dict[str, list[Hours]] = defaultdict(list)
    for row in connection.execute(_hours, values):
        found[row.practitioner_id].append(_as_hours(row))
    return found


def weekly_rows(connection: Connection, practitioner_id: str) -> Sequence[AnyRow]:
    """Return the weekly hours of a practitioner, open and blocked."""
    a = availability.c
    query = select(availability).where(
        a.practitioner_id == practitioner_id, a.weekday.is_not(None), ~a.entered_in_error
    )
    return connection.execute(query.order_by(a.id)).all()


def hours_and_marks(
    connection: Connection, practitioner_ids: Sequence[str], first: date, last: date
) -> tuple[dict[str, list[Hours]], dict[str, tuple[int, str | None]]]:
    """Return `hours_of` these days and the `late_marks` of the first, in one statement."""
    values = {"who": list(practitioner_ids), "first": first, "last": last}
    hours: dict[str, list[Hours]] = defaultdict(list)
    late: dict[str, tuple[int, str | None]] = {}
    for row in connection.execute(_hours_and_marks, values):
        if row.kind == _LATE:
            late[row.practitioner_id] = (row.start_minute, row.reason)
        else:
            hours[row.practitioner_id].append(_as_hours(row))
    return hours, late


def _as_hours(row: AnyRow) -> Hours:
    return Hours(
        weekday=row.weekday,
        date=row.day,
        start_minute=row.start_minute,
        end_minute=row.end_minute,
        from_date=row.from_date,
        until_date=row.until_date,
        kind=row.kind,
        every_weeks=row.every_weeks,
        reason=row.reason,
    )


def late_marks(connection: Connection, day: date) -> dict[str, tuple[int, str | None]]:
    """Return minutes late and the reason by practitioner, of one day."""
    p = practitioner_day.c
    query = select(p.practitioner_id, p.late_minutes, p.reason).where(
        p.day == day, p.late_minutes > 0, ~p.entered_in_error
    )
    return {r.practitioner_id: (r.late_minutes, r.reason) for r in connection.execute(query)}


def late_row(connection: Connection, practitioner_id: str, day: date) -> AnyRow | None:
    """Return the record of what is special about a practitioner's day, if there is one."""
    p = practitioner_day.c
    query = select(practitioner_day).where(
        p.practitioner_id == practitioner_id, p.day == day, ~p.entered_in_error
    )
    return connection.execute(query).first()

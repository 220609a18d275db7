"""What a screen shows beside its rows, in one statement: hours, lateness, alerts, figures.

Each is short and comes from another table. They are the branches of one UNION ALL whose rows say
what they are, so that a screen asks twice: for its rows, and for all that stands beside them.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Date,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    cast,
    false,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)

from pcoord.domain.slots import Hours
from pcoord.store.derived import HOLDING
from pcoord.store.queries.common import (
    appointment,
    availability,
    call,
    contact_point,
    encounter,
    encounter_stage,
    flag,
    nurse_call,
    patient,
    practitioner_day,
)

_a, _e, _f, _p, _s = appointment.c, encounter.c, flag.c, patient.c, encounter_stage.c
_day, _until = bindparam("day", type_=Date()), bindparam("until", type_=Date())

# Every branch has these columns, in this order; what a branch does not need is NULL.
_COLUMNS: dict[str, Any] = {
    **dict.fromkeys(("what", "id", "kind"), String()),
    **dict.fromkeys(("a", "b", "c", "d"), Integer()),
    **dict.fromkeys(("day", "from_date", "until_date"), Date()),
    **dict.fromkeys(("text", "other", "more"), String()),
}


class Alert(NamedTuple):
    """An alert on a patient, as a list of many patients needs it."""

    patient_id: str
    kind: str
    text: str
    from_date: date | None
    until_date: date | None
    audience: str
    places: str


class Figures(NamedTuple):
    """What the top line counts in the whole clinic."""

    here: int
    over: int
    callbacks_due: int
    nurse_calls: int


NO_FIGURES = Figures(0, 0, 0, 0)


class Booked(NamedTuple):
    """Somebody who has a visit in the time that is asked about."""

    patient_id: str
    family: str
    given: str
    birth_date: date | None


class Phone(NamedTuple):
    """A number at which somebody may be called, and what may be left there."""

    patient_id: str
    position: int
    value: str
    use: str
    may_leave: str
    never: bool = False


@dataclass
class Beside:
    """What was asked for; the rest is empty."""

    hours: dict[str, list[Hours]] = field(default_factory=lambda: defaultdict(list))
    late: dict[str, tuple[int, str | None]] = field(default_factory=dict)
    alerts: list[Alert] = field(default_factory=list)
    figures: Figures = NO_FIGURES
    booked: list[Booked] = field(default_factory=list)
    phones: dict[str, Phone] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)


def beside(connection: Connection, parts: Collection[str], **values: Any) -> Beside:
    """Return the parts that are asked for, in one statement.

    hours: of `who`, between the dates `day` and `until`; late: on `day`; alerts: of patients with
    a visit from `first` to `last` (UTC); alerts_here: of those who are here; figures: at `now`, and
    in `past`, by stage, since when somebody there is over its limit; booked: who holds a time from
    `first` to `last`; phones: of those expected in that time; told: those of them who were called
    for a `reason` since `since` (UTC).
    """
    past: Mapping[str, datetime] = values.pop("past", {})
    values |= {f"past_{n}": moment for n, moment in enumerate(past.values())}
    found = Beside()
    for row in connection.execute(_statement(tuple(parts), tuple(past)), values):
        _TAKE[row.what](found, row)
    return found


@lru_cache(32)
def _statement(parts: tuple[str, ...], codes: tuple[str, ...]) -> CompoundSelect[Any]:
    return union_all(
        *(_figures(codes) if part == "figures" else _BRANCHES[part]() for part in parts)
    )


def _line(what: str, **columns: Any) -> Select[Any]:
    """Return a branch: its columns by name, typed NULL for the rest."""
    return select(
        *(
            (cast(literal(what), kind) if name == "what" else _of(columns.get(name), kind)).label(
                name
            )
            for name, kind in _COLUMNS.items()
        )
    )


def _of(column: Any, kind: Any) -> ColumnElement[Any]:
    return cast(null(), kind) if column is None else column


def _hours() -> Select[Any]:
    v = availability.c
    return _line(
        "hours",
        id=v.practitioner_id,
        kind=v.kind,
        a=v.weekday,
        b=v.start_minute,
        c=v.end_minute,
        d=v.every_weeks,
        day=v.day,
        from_date=v.from_date,
        until_date=v.until_date,
        text=v.reason,
    ).where(
        v.practitioner_id.in_(bindparam("who", expanding=True)),
        ~v.entered_in_error,
        or_(v.day.is_(None), v.day.between(_day, _until)),
        or_(v.until_date.is_(None), v.until_date >= _day),
        or_(v.from_date.is_(None), v.from_date <= _until),
    )


def _late() -> Select[Any]:
    d = practitioner_day.c
    return _line("late", id=d.practitioner_id, a=d.late_minutes, text=d.reason).where(
        d.day == _day, d.late_minutes > 0, ~d.entered_in_error
    )


_visits = select(_a.patient_id).where(
    _a.start_at >= bindparam("first"), _a.start_at < bindparam("last"), ~_a.entered_in_error
)
_expected = _visits.where(_a.status == "booked")
_here = select(_e.patient_id).where(_e.ended_at.is_(None), ~_e.entered_in_error)
_here_ids = _here.with_only_columns(_e.id)


def _alerts(of: Select[Any]) -> Select[Any]:
    return _line(
        "alerts",
        id=_f.patient_id,
        kind=_f.kind,
        from_date=_f.from_date,
        until_date=_f.until_date,
        text=_f.text,
        other=_f.audience,
        more=_f.places,
    ).where(_f.patient_id.in_(of), ~_f.entered_in_error)


def _figures(codes: tuple[str, ...]) -> Select[Any]:
    # From those who are here to their stages: a join goes through all stages that ever were.
    present = select(func.count()).where(
        _s.encounter_id.in_(_here_ids), _s.ended_at.is_(None), ~_s.entered_in_error
    )
    past = [
        and_(_s.stage == code, _s.started_at <= bindparam(f"past_{n}"))
        for n, code in enumerate(codes)
    ]
    due = select(func.count()).where(
        call.c.callback_due <= bindparam("now"),
        call.c.callback_done_at.is_(None),
        ~call.c.entered_in_error,
    )
    raised = select(func.count()).where(
        nurse_call.c.accepted_at.is_(None), ~nurse_call.c.entered_in_error
    )
    over = present.where(or_(false(), *past))
    counts = zip("abcd", (present, over, due, raised), strict=True)
    return _line("figures", **{name: query.scalar_subquery() for name, query in counts})


def _booked() -> Select[Any]:
    query = _line("booked", id=_p.id, text=_p.family, other=_p.given, day=_p.birth_date)
    return query.where(_p.id.in_(_visits.where(_a.status.in_(HOLDING))))


def _phones() -> Select[Any]:
    c = contact_point.c
    return _line(
        "phones", id=c.patient_id, a=c.position, text=c.value, other=c.use, more=c.may_leave
    ).where(c.patient_id.in_(_expected), ~c.entered_in_error, c.system == "phone", ~c.never)


def _told() -> Select[Any]:
    c = call.c
    return _line("told", id=c.patient_id).where(
        c.reason == bindparam("reason"),
        c.started_at >= bindparam("since"),
        c.patient_id.in_(_expected),
        ~c.entered_in_error,
    )


_BRANCHES = {
    "hours": _hours,
    "late": _late,
    "alerts": lambda: _alerts(_visits),
    "alerts_here": lambda: _alerts(_here),
    "booked": _booked,
    "phones": _phones,
    "told": _told,
}


def _take_hours(found: Beside, row: Any) -> None:
    found.hours[row.id].append(
        Hours(
            weekday=row.a,
            date=row.day,
            start_minute=row.b,
            end_minute=row.c,
            from_date=row.from_date,
            until_date=row.until_date,
            kind=row.kind,
            every_weeks=row.d,
            reason=row.text,
        )
    )


def _take_late(found: Beside, row: Any) -> None:
    found.late[row.id] = (row.a, row.text)


def _take_alert(found: Beside, row: Any) -> None:
    found.alerts.append(
        Alert(row.id, row.kind, row.text, row.from_date, row.until_date, row.other, row.more)
    )


def _take_figures(found: Beside, row: Any) -> None:
    found.figures = Figures(row.a, row.b, row.c, row.d)


def _take_booked(found: Beside, row: Any) -> None:
    found.booked.append(Booked(row.id, row.text, row.other, row.day))


def _take_phone(found: Beside, row: Any) -> None:
    """Keep the first by position; a UNION gives them in any order."""
    known = found.phones.get(row.id)
    if known is None or row.a < known.position:
        found.phones[row.id] = Phone(row.id, row.a, row.text, row.other, row.more)


def _take_told(found: Beside, row: Any) -> None:
    found.told.add(row.id)


_TAKE: dict[str, Callable[[Beside, Any], None]] = {
    "hours": _take_hours,
    "late": _take_late,
    "alerts": _take_alert,
    "figures": _take_figures,
    "booked": _take_booked,
    "phones": _take_phone,
    "told": _take_told,
}

"""What asks for a second look before a patient is changed: another person, and a death."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pcoord.domain.dates import say_birth
from pcoord.domain.errors import Refused
from pcoord.domain.names import fold
from pcoord.services.desk import Work
from pcoord.services.newcomers import UNKNOWN
from pcoord.store.queries import schedule
from pcoord.store.tables import Appointment

TELL_APART = {"family": "family name", "given": "given name", "birth_date": "birth date"}
TELL_APART |= {"sex": "sex"}
"""What tells people apart; two of these changing at once may be another person."""

_NOTHING = {None, "", "unknown", UNKNOWN}


@dataclass(frozen=True)
class Booked:
    """A visit that is still to come; `start` is UTC."""

    id: str
    version: int
    start: datetime
    says: str


class AnotherPerson(Refused):
    """Two or more of what tells people apart change at once; `changes` says each in words."""

    def __init__(self, changes: Sequence[str]) -> None:
        super().__init__(
            f"{len(changes)} things that tell people apart change at once: {'; '.join(changes)}. "
            "Look again whether this is the same person (--same-person says so)."
        )
        self.changes = list(changes)


class FutureVisits(Refused):
    """A death is recorded while visits are booked; `visits` says which."""

    def __init__(self, visits: Sequence[Booked]) -> None:
        said = "; ".join(visit.says for visit in visits)
        super().__init__(
            f"{len(visits)} booked: {said}. Say whether to cancel them in the same step "
            "(--cancel-visits or --keep-visits)."
        )
        self.visits = list(visits)


def demand_same_person(work: Work, old: Mapping[str, Any], moved: Mapping[str, Any]) -> None:
    """Raise AnotherPerson when two or more things that were known become other ones."""
    changes = identity_changes(old, moved, work.clinic.date_order)
    if len(changes) > 1:
        raise AnotherPerson(changes)


def identity_changes(old: Mapping[str, Any], moved: Mapping[str, Any], order: str) -> list[str]:
    """Return in words which things that tell people apart become other ones."""
    return [
        f"{word} {_say(order, old[name])} to {_say(order, moved[name])}"
        for name, word in TELL_APART.items()
        if name in moved and _is_other(old[name], moved[name])
    ]


def _is_other(before: Any, after: Any) -> bool:
    """Filling in what nobody knew, or other capitals and accents, makes nobody another person."""
    if before in _NOTHING or after in _NOTHING:
        return before not in _NOTHING
    if isinstance(before, str):
        return fold(before) != fold(after)
    return bool(before != after)


def _say(order: str, value: Any) -> str:
    if value in _NOTHING:
        return "unknown"
    return value if isinstance(value, str) else say_birth(value, order)


def end_visits(
    work: Work, old: Mapping[str, Any], moved: Mapping[str, Any], cancel: bool | None
) -> str:
    """Cancel what is booked for somebody who died, when told to; return the words for it."""
    if old["deceased_on"] is not None or not moved.get("deceased_on"):
        return ""
    visits = coming(work, old["id"])
    if visits and cancel is None:
        raise FutureVisits(visits)
    if not visits or not cancel:
        return ""
    for visit in visits:
        work.unit.update(
            Appointment,
            visit.id,
            visit.version,
            status="cancelled",
            cancel_reason="deceased",
            cancelled_at=work.now,
        )
    return f" Cancelled {len(visits)} visit{'s' if len(visits) > 1 else ''}."


def coming(work: Work, patient_id: str) -> list[Booked]:
    """Return the visits of a patient that are booked and have not begun."""
    rows = schedule.visits_of(work.connection, patient_id)
    booked = [row for row in rows if row.status in ("booked", "waitlist")]
    return [_booked(work, row) for row in booked if row.start_at >= work.now]


def _booked(work: Work, row: Any) -> Booked:
    code = work.clinic.practitioner(row.practitioner_id).code
    kind = work.clinic.visit_type(row.visit_type_id).code
    return Booked(row.id, row.version, row.start_at, f"{work.say_when(row.start_at)} {code} {kind}")

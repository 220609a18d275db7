"""The wrong patient: something is put on the right record, and both keep a trace of it."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pcoord.domain.dates import say_day, say_time
from pcoord.domain.errors import NotFound, Refused
from pcoord.domain.sentences import full_name
from pcoord.domain.wrong_patient import REASONS
from pcoord.services import restricted_records, restrictions
from pcoord.services.desk import Desk, Work, use_case
from pcoord.services.merging import say_counts
from pcoord.store import moving
from pcoord.store.belongings import BELONGINGS, belonging
from pcoord.store.tables import Appointment, Encounter, Task
from pcoord.store.unit import model_of
from pcoord.store.values import canonical

KINDS = {one.table: one for one in BELONGINGS if one.alone}
LATEST = 12
# By when somebody must look into what went out under the wrong name.
PRIVACY_DUE = timedelta(days=1)


@dataclass(frozen=True)
class Thing:
    """Something on a patient's record: which, its version as it was seen, and in words."""

    kind: str
    id: str
    version: int
    patient_id: str | None
    said: str
    at: datetime | None = None


def thing(desk: Desk, kind: str, record_id: str) -> Thing:
    """Return one thing in words; raise NotFound."""
    row = desk.read(moving.row_of, kind, record_id)
    if row is None:
        raise NotFound("That is not on record any more; look again.")
    return _thing(desk, kind, row)


def things_of(desk: Desk, patient_id: str, kind: str) -> list[Thing]:
    """Return a patient's things of a kind, the latest first."""
    rows = desk.read(moving.latest, kind, patient_id, LATEST)
    return [_thing(desk, kind, row) for row in rows]


def call_of_number(desk: Desk, number: int) -> Thing:
    """Return the call of that number; raise NotFound."""
    row = desk.read(moving.call_of_number, number)
    if row is None:
        raise NotFound(f"There is no call {number}; `pcoord calls` lists them.")
    return _thing(desk, "call", row)


def _thing(desk: Desk, kind: str, row: Any) -> Thing:
    """What was written of somebody whose record is closed is not repeated."""
    written = not restricted_records.is_shut(desk, row["patient_id"])
    said = _say(desk, kind, row, written)
    return Thing(kind, row["id"], row["version"], row["patient_id"], said, _moment(row))


def _moment(row: Any) -> datetime | None:
    names = ("start_at", "arrived_at", "started_at", "raised_at", "sent_at", "created_at")
    return next((row[name] for name in names if row.get(name) is not None), None)


def _say(desk: Desk, kind: str, row: Any, written: bool) -> str:
    entry = belonging(kind)
    at = _moment(row)
    text = _text(row) if written else ""
    number = f" {row['number']}" if row.get("number") else ""
    code = _code(desk, row.get("practitioner_id"))
    when = f" of {_when(desk, at)}" if at is not None else ""
    return f"{entry.word}{number}{when}{code}{': ' + text[:60] if text else ''}"


def _text(row: Any) -> str:
    texts = ("what", "text", "complaint", "reason", "note", "payor", "title")
    text = next((" ".join(str(row[name]).split()) for name in texts if row.get(name)), "")
    return text + (f" {row['subscriber_id']}" if row.get("subscriber_id") else "")


def _when(desk: Desk, at: Any) -> str:
    local = desk.clinic.local(at)
    return f"{say_day(local.date(), desk.today)} {say_time(local.time())}"


def _code(desk: Desk, practitioner_id: str | None) -> str:
    return f" with {desk.clinic.practitioner(practitioner_id).code}" if practitioner_id else ""


@use_case("record.reassign", "record.reassign")
def reassign(
    work: Work,
    *,
    kind: str,
    record_id: str,
    patient_id: str,
    reason: str,
    seen: int | None = None,
) -> None:
    """Put a thing, and what hangs on it, on the record of `patient_id`, with a coded reason.

    Raises Refused for what cannot be moved alone, Conflict when it was changed since `seen` or the
    right patient is booked elsewhere at that time. What left the house is made a task.
    """
    if kind not in KINDS:
        raise Refused(f"Only {_kinds()} can be put on another record by themselves.")
    if reason not in REASONS:
        raise Refused(f"Choose a reason: {', '.join(REASONS)}.")
    old = work.unit.row(model_of(belonging(kind).rows), record_id)
    wrong, right = _two(work, old, patient_id)
    against = _demand_bookable(work, kind, old, right, reason)
    if kind == "encounter":
        moved = _move_presence(work, old, right.id, seen)
    else:
        moved = moving.move(work.unit, kind, record_id, right.id, seen, _fresh(kind, against))
    _say_both(work, kind, old, wrong, right, reason, moved)


def _kinds() -> str:
    *most, last = (one.many for one in KINDS.values())
    return f"{', '.join(most)} and {last}"


def _two(work: Work, old: Any, patient_id: str) -> tuple[Any, Any]:
    if old["entered_in_error"]:
        raise NotFound("That was taken back; look again.")
    if old["patient_id"] is None:
        raise Refused("That stands on nobody's record, so there is nothing to put right.")
    wrong: Any = work.person(old["patient_id"])
    right = work.person(patient_id)
    if right is None or right.entered_in_error:
        raise NotFound("That patient is not on file any more; look again (F4).")
    if wrong.id == right.id:
        raise Refused(f"That is on the record of {restricted_records.told(work, right)} already.")
    return wrong, right


def _demand_bookable(work: Work, kind: str, old: Any, right: Any, reason: str) -> str | None:
    """Refuse a visit to come that could not be booked for the right patient.

    Returns why it stands there against a restriction of theirs, None where none does.
    """
    if kind != "appointment" or old["start_at"] <= work.now:
        return None
    if right.deceased_on:
        whom = restricted_records.told(work, right)
        raise Refused(f"{whom} is recorded as deceased; nothing can be booked.")
    return restrictions.demand(work, right.id, old["start_at"], REASONS[reason])


def _fresh(kind: str, against: str | None) -> dict[str, Any]:
    """A visit takes its patient's time anew, so that the guard sees a double booking.

    Whoever confirmed it was somebody else, and a restriction was the other one's.
    """
    if kind != "appointment":
        return {}
    return {"patient_place": 0, "confirmed_at": None, "restriction_reason": against}


def _move_presence(work: Work, old: Any, right_id: str, seen: int | None) -> moving.Moved:
    """Somebody else is here: their own visit of today has begun, that of the other one has not."""
    changes: dict[str, Any] = {}
    if old["appointment_id"] is not None:
        visit = work.unit.row(Appointment, old["appointment_id"])
        own = _own_visit(work, right_id, visit)
        changes["appointment_id"] = own
        if own is not None:
            work.unit.update(Appointment, own, status=visit["status"])
        if visit["status"] in ("arrived", "checked-in", "fulfilled"):
            work.unit.update(Appointment, visit["id"], status="booked")
    moved = moving.move(work.unit, "encounter", old["id"], right_id, seen, changes)
    if old["verified"]:
        work.unit.update(Encounter, old["id"], verified="")
    return moved


def _own_visit(work: Work, patient_id: str, visit: Any) -> str | None:
    """Return the one visit that the patient has booked on that day, None when there is no one."""
    day = work.clinic.day_of(visit["start_at"])
    booked = [
        row["id"]
        for row in moving.standing_rows(work.connection, "appointment", patient_id)
        if row["status"] == "booked" and work.clinic.day_of(row["start_at"]) == day
    ]
    return booked[0] if len(booked) == 1 else None


def _say_both(
    work: Work, kind: str, old: Any, wrong: Any, right: Any, reason: str, moved: moving.Moved
) -> None:
    what = _say_old(work, kind, old)
    with_it = Counter(moved.records)
    with_it[kind] -= 1
    along = f", with {say_counts(+with_it)}" if +with_it else ""
    left = _note_left(work, wrong, right, moved.sent)
    work.unit.say(
        f"Moved {what} from {_named(wrong)}, to {_named(right)}{along} ({REASONS[reason]}).{left}",
        about=(kind, old["id"]),
        patient_id=right.id,
    )
    work.unit.event(
        patient_id=wrong.id,
        after=canonical(
            {"reassigned": kind, "record": old["id"], "to": right.id, "reason": reason}
        ),
        said=f"{what[:1].upper()}{what[1:]} stood on this record by mistake, and was moved to "
        f"MRN {right.mrn or '-'} ({REASONS[reason]}).",
    )


def _named(person: Any) -> str:
    return f"{full_name(person)}, MRN {person.mrn or '-'}"


def _say_old(work: Work, kind: str, old: Any) -> str:
    if kind == "appointment":
        code = work.clinic.practitioner(old["practitioner_id"]).code
        return f"the visit of {work.say_when(old['start_at'])} with {code}"
    if kind == "encounter":
        return f"the presence since {work.say_when(old['arrived_at'])}"
    if kind == "call":
        return f"call {old['number']}"
    if kind == "coverage":
        return f"the coverage by {old['payor']}"
    if kind == "document":
        return f"the document “{old['title']}”"
    return f"a {belonging(kind).word}"


def _note_left(work: Work, wrong: Any, right: Any, sent: Counter[str]) -> str:
    """Make open work of what went out under the wrong name: it may be a privacy incident."""
    said = say_counts(sent)
    if not said:
        return ""
    work.unit.insert(
        Task,
        kind="privacy",
        patient_id=right.id,
        what=f"Possible privacy incident: {said} about this patient went out under "
        f"MRN {wrong.mrn or '-'}. Find out who has seen it, and tell whoever answers for privacy.",
        due_at=work.now + PRIVACY_DUE,
        priority="urgent",
        created_at=work.now,
    )
    return f" {said[:1].upper()}{said[1:]} had gone out: a task says to look into it."

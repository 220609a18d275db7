"""Records as other programs read them: plain dicts in the shapes of the command line.

Times are in the clinic's zone with their offset, money is text, absent values are None. Who looks
at a patient or searches for one is recorded before the answer is given.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from pcoord.domain.errors import NotFound
from pcoord.domain.visit import is_past_limit
from pcoord.services import day, lookup
from pcoord.services.desk import Desk
from pcoord.services.lookup import Found
from pcoord.services.openings import Opening
from pcoord.store.queries import calls as call_queries
from pcoord.store.queries import card as card_queries
from pcoord.store.queries import events, schedule

Shape = dict[str, Any]
LOOKS_COUNT_ONCE = timedelta(minutes=10)
LISTS = (
    *("callbacks", "messages", "tasks", "recalls", "waitlist", "authorizations"),
    *("eligibility", "denials", "concerns", "records"),
)
_TASK_LISTS = {"recall": "recalls", "authorization": "authorizations", "denial": "denials"}
_TASK_LISTS |= {"eligibility": "eligibility", "concern": "concerns", "records": "records"}


def at(desk: Desk, moment: datetime | None) -> str | None:
    """Return a moment as ISO 8601 in the clinic's zone."""
    return desk.clinic.local(moment).isoformat() if moment is not None else None


def _on(value: date | None) -> str | None:
    return value.isoformat() if value is not None else None


def _person(row: Any) -> Shape | None:
    """Return who a row is about; its patient's columns may be absent."""
    if row.family is None:
        return None
    return {"mrn": row.mrn, "family": row.family, "given": row.given}


# Looking patients up


def find(desk: Desk, text: str, limit: int) -> list[Shape]:
    """Return who fits, best first; the search is recorded."""
    found = [_hit(hit) for hit in lookup.find(desk, text, limit=limit)]
    _note_search(desk, [(text, len(found))])
    return found


def find_each(desk: Desk, texts: Sequence[str], limit: int) -> list[list[Shape]]:
    """Return one list of hits for each text; one event records these searches."""
    found = [[_hit(hit) for hit in lookup.find(desk, text, limit=limit)] for text in texts]
    _note_search(desk, list(zip(texts, map(len, found), strict=True)))
    return found


def _note_search(desk: Desk, searches: list[tuple[str, int]]) -> None:
    told = [{"text": text, "count": count} for text, count in searches]
    after = json.dumps(told[0] if len(told) == 1 else told, ensure_ascii=False)
    desk.store.note(desk.who, "search", after=after)


def _hit(hit: Found) -> Shape:
    return {
        "id": hit.id,
        "mrn": hit.mrn,
        "family": hit.family,
        "given": hit.given,
        "birth_date": _on(hit.birth_date),
        "phone": hit.phone,
        "score": round(hit.score, 3),
        "matched": hit.matched,
    }


def id_of(desk: Desk, mrn: str) -> str:
    """Return the id of the patient with a record number; raise NotFound."""
    found: str | None = desk.read(card_queries.numbered, mrn.strip())
    if found is None:
        raise NotFound(
            f"Nobody has the record number {mrn.strip()}; "
            "`pcoord find` looks for a name, phone or birth date."
        )
    return found


def card(desk: Desk, patient_id: str) -> Shape:
    """Return a patient's card; the look is recorded first."""
    desk.demand("patient.read")
    person = desk.read(card_queries.person, patient_id)
    if person is None or person.entered_in_error:
        raise NotFound("That patient is not on file any more; look again.")
    _note_look(desk, patient_id)
    line = lookup.one(desk, patient_id)
    phones = desk.read(card_queries.phones, patient_id)
    visits = desk.read(schedule.visits_of, patient_id)
    return {
        "id": patient_id,
        "version": person.version,
        "mrn": line.mrn,
        "family": person.family,
        "given": person.given,
        "middle": person.middle,
        "preferred": person.preferred,
        "birth_date": _on(person.birth_date),
        "sex": person.sex,
        "language": person.language,
        "interpreter": person.interpreter,
        "phones": [row.value for row in phones],
        "telecom": [{"use": row.use, "value": row.value} for row in phones],
        "email": person.email,
        "address": _address(desk.read(card_queries.address_row, patient_id)),
        "next_appointment": _next(desk, visits),
        "last_visit": _last(desk, visits),
        "coverages": [],
        "balance": None,
        "alerts": [_alert(row) for row in desk.read(card_queries.flags, patient_id, desk.today)],
        "contacts": [_near(row) for row in desk.read(card_queries.related, patient_id, desk.today)],
        "note": person.note,
        "deceased_on": _on(person.deceased_on),
        "active": person.active,
    }


def _note_look(desk: Desk, patient_id: str) -> None:
    """Record a look; within ten minutes one session's looks at a patient are one."""
    since = desk.now - LOOKS_COUNT_ONCE
    if not desk.read(events.read_lately, desk.who.session_id, patient_id, since):
        desk.store.note(desk.who, "read", action="patient.open", patient_id=patient_id)


def _address(row: Any) -> str | None:
    if row is None:
        return None
    town = " ".join(filter(None, (row.state, row.postal_code)))
    return ", ".join(filter(None, (row.line, row.city, town))) or None


def _alert(row: Any) -> Shape:
    return {"kind": row.kind, "text": row.text}


def _near(row: Any) -> Shape:
    return {
        "family": row.family,
        "given": row.given,
        "role": row.role,
        "phone": row.phone,
        "may_discuss": [word for word in row.scopes.split(",") if word],
        "denied": row.denied,
    }


def _next(desk: Desk, visits: Iterable[Any]) -> Shape | None:
    coming = [row for row in visits if row.status == "booked" and row.start_at >= desk.now]
    return visit(desk, coming[0]) if coming else None


def _last(desk: Desk, visits: Iterable[Any]) -> Shape | None:
    been = [row for row in visits if row.status == "fulfilled"]
    return visit(desk, been[-1]) if been else None


# The day


def visit(desk: Desk, row: Any) -> Shape:
    """Return one appointment."""
    return {
        "id": row.id,
        "start": at(desk, row.start_at),
        "end": at(desk, row.end_at),
        "status": row.status,
        "stage": row.stage,
        "patient": _person(row),
        "practitioner": desk.clinic.practitioner(row.practitioner_id).code,
        "location": desk.clinic.location(row.location_id).code,
        "visit_type": desk.clinic.visit_type(row.visit_type_id).code,
        "note": row.note,
        "letter": day.letter(row),
        "confirmed": row.confirmed_at is not None,
        "version": row.version,
    }


def visits(desk: Desk, on: date, practitioner_id: str | None = None) -> list[Shape]:
    """Return the appointments of a clinic day, of everybody or of one practitioner."""
    whose = None if practitioner_id is None else [practitioner_id]
    return [visit(desk, row) for row in day.load_day(desk, on, whose).visits]


def board(desk: Desk) -> list[Shape]:
    """Return who is here now, first come first."""
    return [_present(desk, row) for row in day.here(desk)]


def _present(desk: Desk, row: Any) -> Shape:
    minutes = int((desk.now - row.stage_since).total_seconds() // 60)
    who = desk.clinic.practitioner(row.practitioner_id).code if row.practitioner_id else None
    return {
        "id": row.id,
        "patient": _person(row),
        "practitioner": who,
        "location": desk.clinic.location(row.location_id).code,
        "room": desk.clinic.room(row.room_id).name if row.room_id else None,
        "stage": row.stage,
        "since": at(desk, row.stage_since),
        "waited_minutes": minutes,
        "arrived": at(desk, row.arrived_at),
        "appointment_start": at(desk, row.start_at),
        "flags": _flags(desk, row, minutes),
        "version": row.version,
    }


def _flags(desk: Desk, row: Any, minutes: int) -> list[str]:
    stage = next(stage for stage in desk.stages if stage.code == row.stage)
    flags = ["past limit"] if is_past_limit(stage, minutes) else []
    flags += ["walk-in"] if row.appointment_id is None else []
    flags += ["nurse"] if row.queue == "nurse" else []
    return flags + (["interpreter"] if row.interpreter else [])


def opening(desk: Desk, found: Opening) -> Shape:
    """Return a time at which a visit fits."""
    return {
        "start": at(desk, found.start),
        "end": at(desk, found.end),
        "practitioner": desk.clinic.practitioner(found.practitioner_id).code,
        "location": desk.clinic.location(found.location_id).code,
    }


# Calls and open work


def call(desk: Desk, row: Any) -> Shape:
    """Return a call; `number` is the telephone's, `call_number` the clinic's own."""
    return {
        "id": row.id,
        "call_number": row.number,
        "started": at(desk, row.started_at),
        "ended": at(desk, row.ended_at),
        "direction": row.direction,
        "number": row.phone,
        "caller": row.caller,
        "patient": _person(row),
        "reason": row.reason,
        "note": row.note,
        "outcome": row.outcome,
        "callback_due": at(desk, row.callback_due),
        "callback_done": at(desk, row.callback_done_at),
        "taken_by": row.taken_by_name,
    }


def work(desk: Desk, wanted: str | None = None) -> list[Shape]:
    """Return open work, of all lists or one, the earliest due first and what has no time last."""
    desk.demand("work.read")
    items = [*_callbacks(desk), *_messages(desk), *_tasks(desk), *_waiting(desk)]
    items = [item for item in items if wanted in (None, item["list"])]
    return sorted(items, key=lambda item: (item["due"] is None, item["due"] or "", item["id"]))


def _item(desk: Desk, row: Any, name: str, what: str, **more: Any) -> Shape:
    return {
        "id": row.id,
        "list": name,
        "patient": _person(row),
        "what": what,
        "due": None,
        "owner": None,
        "priority": "routine",
    } | more


def _code(desk: Desk, practitioner_id: str | None) -> str | None:
    return desk.clinic.practitioner(practitioner_id).code if practitioner_id else None


def _callbacks(desk: Desk) -> list[Shape]:
    return [
        _item(
            desk,
            row,
            "callbacks",
            row.note or row.reason or "call back",
            due=at(desk, row.callback_due),
            owner=_code(desk, row.callback_practitioner_id) or row.taken_by_name,
            priority="urgent" if row.callback_due <= desk.now else "routine",
        )
        for row in desk.read(call_queries.calls, open_only=True)
    ]


def _messages(desk: Desk) -> list[Shape]:
    return [
        _item(
            desk,
            row,
            "messages",
            row.text,
            due=at(desk, row.due_at),
            owner=_code(desk, row.practitioner_id),
            priority="urgent" if row.urgent else "routine",
        )
        for row in desk.read(call_queries.open_messages)
    ]


def _tasks(desk: Desk) -> list[Shape]:
    return [
        _item(
            desk,
            row,
            _TASK_LISTS.get(row.kind, "tasks"),
            row.what,
            due=at(desk, row.due_at),
            owner=row.owner,
            priority=row.priority,
        )
        for row in desk.read(call_queries.open_tasks)
    ]


def _waiting(desk: Desk) -> list[Shape]:
    return [
        _item(desk, row, "waitlist", _wish(desk, row), owner=_code(desk, row.practitioner_id))
        for row in desk.read(call_queries.waiting_list)
    ]


def _wish(desk: Desk, row: Any) -> str:
    kind = desk.clinic.visit_type(row.visit_type_id).title if row.visit_type_id else "Any visit"
    parts = {"am": "mornings", "pm": "afternoons"}
    last = f"until {row.not_after.isoformat()}" if row.not_after else ""
    return ", ".join(filter(None, (kind, parts.get(row.part or ""), last, row.note)))


# The audit log


def audit(
    desk: Desk, *, patient_id: str | None, user: str | None, since: datetime | None
) -> list[Shape]:
    """Return who did and saw what, newest first."""
    desk.demand("audit.read")
    rows = desk.read(events.listing, patient_id=patient_id, username=user, since=since)
    return [
        {
            "seq": row.seq,
            "at": at(desk, row.at),
            "user": row.username,
            "action": row.action,
            "patient": _person(row),
            "detail": row.said or row.after,
            "kind": row.kind,
            "step": row.step,
            "terminal": row.terminal,
        }
        for row in rows
    ]


def verify(desk: Desk) -> Shape:
    """Check every chain of events, and return how many there are and the first bad one."""
    desk.demand("audit.read")
    found = desk.store.verify()
    return {"events": found.events, "ok": found.ok, "first_bad": found.first_bad}

"""Records as other programs read them: plain dicts in the shapes of the command line.

Times are in the clinic's zone with their offset, money is text, absent values are None. Who looks
at a patient or searches for one is recorded before the answer is given.
"""

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from pcoord.domain import standing
from pcoord.domain.clues import LONGEST_NUMBER
from pcoord.domain.disclosure import STOPPED_BY_DEATH
from pcoord.domain.errors import NotFound, Refused
from pcoord.domain.names import fold_identifier
from pcoord.domain.visit import is_late_entry, is_past_limit
from pcoord.services import (
    computed_work,
    day,
    duplicate_work,
    lookup,
    patients,
    record,
    restricted_records,
)
from pcoord.services import history as histories
from pcoord.services.desk import Desk
from pcoord.services.lookup import Found
from pcoord.services.openings import Opening
from pcoord.services.restricted_records import veil, veiled
from pcoord.store.queries import calls as call_queries
from pcoord.store.queries import events
from pcoord.store.queries import lookup as lookup_queries

Shape = dict[str, Any]
LISTS = (
    *("callbacks", "messages", "tasks", "recalls", "waitlist", "authorizations"),
    *("eligibility", "denials", "concerns", "records", "duplicates"),
)
READ_LOG = "audit.read"
WITHHELD = "restricted; say why you open the record to read it"
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


def _about(row: Any) -> Shape:
    """Return who a row is about, and what must not be overlooked of them."""
    state = _state(row.standing, restricted_records.is_closed(row))
    return {"patient": _person(row), "patient_state": state}


# Looking patients up


def find(desk: Desk, text: str, limit: int, reason: str | None = None) -> list[Shape]:
    """Return who fits, best first; the search is recorded.

    A `reason` opens the restricted records among them; it is recorded for each.
    """
    hits = _all_means(desk, text, limit)
    for hit in hits if reason is not None else ():
        restricted_records.demand(desk, hit.id, hit.restricted, reason)
    found = [_hit(restricted_records.least(desk, hit)) for hit in hits]
    _note_search(desk, [(text, len(found))])
    return found


def find_each(desk: Desk, texts: Sequence[str], limit: int) -> list[list[Shape]]:
    """Return one list of hits for each text; one event records these searches."""
    found = [
        [_hit(restricted_records.least(desk, hit)) for hit in _all_means(desk, text, limit)]
        for text in texts
    ]
    _note_search(desk, list(zip(texts, map(len, found), strict=True)))
    return found


def _all_means(desk: Desk, text: str, limit: int) -> list[Found]:
    """Look by every clue at once: nobody is typing on who could wait for the wider look."""
    return lookup.find(desk, text, limit=limit, wide=True, addresses=True)


def _note_search(desk: Desk, searches: list[tuple[str, int]]) -> None:
    told = [{"text": text, "count": count} for text, count in searches]
    after = json.dumps(told[0] if len(told) == 1 else told, ensure_ascii=False)
    desk.store.note(desk.who, "search", action="patient.search", after=after)


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
        "state": _state(hit.standing, hit.closed),
    }


def _state(letters: str | None, closed: bool) -> str | None:
    """Return what must not be overlooked of somebody in a list, None when there is nothing."""
    return standing.say(letters, closed=closed).casefold() or None


def id_of(desk: Desk, mrn: str) -> str:
    """Return the id of the patient with a record number; raise NotFound."""
    desk.demand("patient.read")
    token = fold_identifier(mrn)
    found = desk.read(lookup_queries.ids_with, "i", token[:LONGEST_NUMBER]) if token else []
    hits = lookup.some(desk, found)
    named = [hit.id for hit in hits if fold_identifier(hit.mrn or "") == token]
    ids = named or [hit.id for hit in hits]
    if len(ids) == 1:
        return ids[0]
    if ids:
        raise Refused(f"{mrn} is a number of {len(ids)} patients; `pcoord find {mrn}` lists them.")
    raise NotFound(
        f"Nobody has the record number {mrn}; `pcoord find` looks for a name, phone or birth date."
    )


def card(desk: Desk, patient_id: str) -> Shape:
    """Return a patient's card; the look is recorded first."""
    return patients.card(desk, patient_id).plain(desk.clinic)


def record_entries(desk: Desk, patient_id: str, part: str | None = None) -> list[Shape]:
    """Return the entries of a record, all or of one part, each with its fields as typed."""
    found = record.load(desk, patient_id)
    return [
        {
            "id": entry.id,
            "part": entry.kind,
            "version": entry.version,
            "says": entry.line,
            "standing": entry.standing,
            "fields": entry.fields,
        }
        for entry in found.entries
        if part in (None, entry.kind)
    ]


def history(desk: Desk, patient_id: str) -> list[Shape]:
    """Return who changed what of a record, newest first."""
    return [
        {
            "step": past.step,
            "at": at(desk, past.moment),
            "user": past.who,
            "said": past.said,
            "changes": list(past.lines),
            "standing": past.standing,
        }
        for past in histories.history(desk, patient_id)
    ]


def duplicate(found: patients.Duplicate) -> Shape:
    """Return somebody on file who may be the one being registered."""
    return {
        "id": found.id,
        "mrn": found.mrn,
        "family": found.family,
        "given": found.given,
        "birth_date": _on(found.birth_date),
        "phone": found.phone,
        "score": round(found.score, 3),
        "why": found.why,
    }


# The day


def visit(desk: Desk, row: Any) -> Shape:
    """Return one appointment."""
    return {
        "id": row.id,
        "start": at(desk, row.start_at),
        "end": at(desk, row.end_at),
        "status": row.status,
        "stage": row.stage,
        **_about(row),
        "practitioner": desk.clinic.practitioner(row.practitioner_id).code,
        "location": desk.clinic.location(row.location_id).code,
        "visit_type": desk.clinic.visit_type(row.visit_type_id).code,
        "note": row.note,
        "letter": day.letter(row),
        "confirmed": row.confirmed_at is not None,
        "confidential": row.confidential,
        "agreed": at(desk, row.agreed_at),
        "late_entry": row.agreed_at is not None,
        "version": row.version,
    }


def visits(desk: Desk, on: date, practitioner_id: str | None = None) -> list[Shape]:
    """Return the appointments of a clinic day, of everybody or of one practitioner."""
    whose = None if practitioner_id is None else [practitioner_id]
    rows = veiled(desk, day.load_day(desk, on, whose).visits)
    return [visit(desk, row) for row in rows]


def board(desk: Desk) -> list[Shape]:
    """Return who is here now, first come first."""
    return [_present(desk, row) for row in day.here(desk)]


def _present(desk: Desk, row: Any) -> Shape:
    minutes = int((desk.now - row.stage_since).total_seconds() // 60)
    who = desk.clinic.practitioner(row.practitioner_id).code if row.practitioner_id else None
    return {
        "id": row.id,
        **_about(row),
        "practitioner": who,
        "location": desk.clinic.location(row.location_id).code,
        "room": desk.clinic.room(row.room_id).name if row.room_id else None,
        "stage": row.stage,
        "since": at(desk, row.stage_since),
        "recorded": at(desk, row.stage_recorded),
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
    flags += ["late entry"] if is_late_entry(row.stage_since, row.stage_recorded) else []
    flags += ["confidential"] if row.confidential else []
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
        "recorded": at(desk, row.recorded_at),
        "late_entry": is_late_entry(row.ended_at or row.started_at, row.recorded_at),
        "direction": row.direction,
        "number": row.phone,
        "caller": row.caller,
        **_about(row),
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
    items += _computed(desk) if wanted in (None, "tasks") else []
    items += _duplicates(desk) if wanted in (None, "duplicates") else []
    items = [item for item in items if wanted in (None, item["list"])]
    return sorted(items, key=_by_due)


def _by_due(item: Shape) -> tuple[Any, ...]:
    return item["due"] is None, item["due"] or "", -item.get("score", 0), item["id"]


def _item(desk: Desk, row: Any, name: str, what: str, **more: Any) -> Shape:
    return {
        "id": row.id,
        "list": name,
        **_about(row),
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
        for row in veiled(desk, desk.read(call_queries.calls, open_only=True))
    ]


def _messages(desk: Desk) -> list[Shape]:
    return [
        _item(
            desk,
            row,
            "messages",
            row.text or WITHHELD,
            due=at(desk, row.due_at),
            owner=_code(desk, row.practitioner_id),
            priority="urgent" if row.urgent else "routine",
        )
        for row in veiled(desk, desk.read(call_queries.open_messages))
    ]


def _tasks(desk: Desk) -> list[Shape]:
    return [
        _item(
            desk,
            row,
            _TASK_LISTS.get(row.kind, "tasks"),
            row.what or WITHHELD,
            due=at(desk, row.due_at),
            owner=row.owner,
            priority=row.priority,
        )
        for row in veiled(desk, desk.read(call_queries.open_tasks))
        if not (row.kind in STOPPED_BY_DEATH and standing.is_out_of_reach(row.standing))
    ]


def _computed(desk: Desk) -> list[Shape]:
    """Work that follows from the records: consents to ask anew, visits of people who died."""
    return [_computed_item(desk, found) for found in computed_work.items(desk)]


def _computed_item(desk: Desk, found: computed_work.Item) -> Shape:
    """Who is around somebody whose record is closed is not told."""
    row = veil(desk, found.row)
    what = WITHHELD if restricted_records.is_closed(row) else found.what
    return _item(desk, row, "tasks", what, due=at(desk, found.due)) | {"id": found.id}


def _waiting(desk: Desk) -> list[Shape]:
    return [
        _item(desk, row, "waitlist", _wish(desk, row), owner=_code(desk, row.practitioner_id))
        for row in veiled(desk, desk.read(call_queries.waiting_list))
        if not standing.is_out_of_reach(row.standing)
    ]


def _duplicates(desk: Desk) -> list[Shape]:
    return [
        {
            "id": f"{pair.id}+{pair.other_id}",
            "list": "duplicates",
            "patient": {"mrn": pair.mrn, "family": pair.family, "given": pair.given},
            "what": f"may be {', '.join(filter(None, (pair.other_family, pair.other_given)))}, "
            f"MRN {pair.other_mrn or '-'}: {pair.why}",
            "due": None,
            "owner": None,
            "priority": "routine",
            "other": {
                "mrn": pair.other_mrn,
                "family": pair.other_family,
                "given": pair.other_given,
            },
            "score": pair.score,
            "why": pair.why,
        }
        for pair in duplicate_work.pairs(desk)
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
    """Return who did and saw what, newest first; that the log was read stands in it before.

    Of a closed restricted record it says who did what when, and why it was opened: no more.
    """
    desk.demand("audit.read")
    rows = desk.read(events.listing, patient_id=patient_id, username=user, since=since)
    asked = {"user": user, "since": at(desk, since)}
    told = json.dumps({k: v for k, v in asked.items() if v}, ensure_ascii=False)
    desk.store.note(desk.who, "read", action=READ_LOG, patient_id=patient_id, after=told)
    return [_event(desk, row) for row in veiled(desk, rows)]


def _event(desk: Desk, row: Any) -> Shape:
    detail = row.said or row.after
    if restricted_records.is_closed(row) and row.action not in restricted_records.REASONS:
        detail = WITHHELD if detail else None
    return {
        "seq": row.seq,
        "at": at(desk, row.at),
        "user": row.username,
        "action": row.action,
        **_about(row),
        "detail": detail,
        "kind": row.kind,
        "step": row.step,
        "terminal": row.terminal,
    }


def verify(desk: Desk) -> Shape:
    """Check every chain of events, and return how many there are and the first bad one."""
    desk.demand("audit.read")
    found = desk.store.verify()
    return {"events": found.events, "ok": found.ok, "first_bad": found.first_bad}

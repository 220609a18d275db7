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
from pcoord.domain.day_words import shown
from pcoord.domain.errors import NotFound, Refused
from pcoord.domain.lookup_text import LONGEST_QUERY
from pcoord.domain.names import fold_identifier
from pcoord.domain.visit import is_late_entry, is_past_limit
from pcoord.services import day, lookup, patients, record, restricted_records
from pcoord.services import history as histories
from pcoord.services.desk import Desk
from pcoord.services.lookup import Found
from pcoord.services.openings import Opening
from pcoord.services.restricted_records import veiled
from pcoord.store.queries import events
from pcoord.store.queries import lookup as lookup_queries

Shape = dict[str, Any]
READ_LOG = "audit.read"
WITHHELD = "restricted; say why you open the record to read it"


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


def about(row: Any) -> Shape:
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


def nobody(desk: Desk, text: str) -> str:
    """Return what to do where a text finds nobody."""
    words = lookup.find(desk, text, limit=1, addresses=True).words
    if [said for _, said in words] == [lookup.DOOR_ALONE]:
        return f"Nobody is found by “{shown(text)}” alone: it {lookup.DOOR_ALONE}."
    return f"Nobody on file fits “{shown(text)}”. Type less of the name, or another clue."


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
    told = [{"text": text[:LONGEST_QUERY], "count": count} for text, count in searches]
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
        **about(row),
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
        **about(row),
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


# Calls


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
        **about(row),
        "reason": row.reason,
        "note": row.note,
        "outcome": row.outcome,
        "callback_due": at(desk, row.callback_due),
        "callback_done": at(desk, row.callback_done_at),
        "taken_by": row.taken_by_name,
    }


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
        **about(row),
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

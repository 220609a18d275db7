"""Open work as other programs read it: plain dicts in the shapes of the command line."""

from typing import Any

from pcoord.domain import standing
from pcoord.domain.disclosure import STOPPED_BY_DEATH
from pcoord.services import computed_work, duplicate_work, restricted_records
from pcoord.services.desk import Desk
from pcoord.services.restricted_records import veil, veiled
from pcoord.services.views import WITHHELD, Shape, about, at
from pcoord.store.queries import calls as call_queries

LISTS = (
    *("callbacks", "messages", "tasks", "recalls", "waitlist", "authorizations"),
    *("eligibility", "denials", "concerns", "records", "duplicates"),
)
_TASK_LISTS = {"recall": "recalls", "authorization": "authorizations", "denial": "denials"}
_TASK_LISTS |= {"eligibility": "eligibility", "concern": "concerns", "records": "records"}


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
        **about(row),
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

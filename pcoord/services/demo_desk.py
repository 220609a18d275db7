"""What lies on the demo's desk: the calls of today, messages, tasks and the waiting list."""

from datetime import datetime, timedelta
from typing import Any

from pcoord.domain.clinic import Practitioner, VisitType
from pcoord.domain.outcomes import OUTCOMES
from pcoord.services.demo_clinic import Setting
from pcoord.services.demo_register import CHILD, Enrolled
from pcoord.services.demo_stories import CallStory, Stories
from pcoord.store.ids import new_id
from pcoord.store.tables import Call, Communication, Task, WaitlistEntry
from pcoord.store.unit import Unit

CALLS, MESSAGES, WAITING, TASKS = 18, 7, 9, 4
OWED = frozenset(outcome.code for outcome in OUTCOMES if outcome.owes)
FOR_CHILDREN = frozenset({"mother", "father", "school"})
# Minutes from now until the call-backs still owed are due; the first is overdue.
DUE = (-35, 20, 75, 150, 240, 330)
ERRANDS = (
    ("authorization", "Prior auth for the knee MRI: send the notes", "urgent"),
    ("records", "Copies of the last two years, release is signed", "routine"),
    ("recall", "Yearly physical is due", "routine"),
    ("eligibility", "New insurance card, check it before the visit", "routine"),
)


def fill(unit: Unit, setting: Setting, stories: Stories, people: list[Enrolled]) -> None:
    """Write what the desk has noted down today about some of these people."""
    known = setting.rng.sample(people, min(40, len(people)))
    _calls(unit, setting, stories, known)
    unit.bulk(Communication, _messages(setting, stories, known[-MESSAGES:]))
    unit.bulk(WaitlistEntry, _waiting(setting, known[5 : 5 + WAITING]))
    rows = zip(ERRANDS, known[-TASKS:], strict=False)
    unit.bulk(Task, [_task(setting, *errand, one) for errand, one in rows])


def _calls(unit: Unit, setting: Setting, stories: Stories, people: list[Enrolled]) -> None:
    count = min(CALLS, len(people) * 2)
    last = unit.next_numbers("call", count, 1001)
    calls, messages, due = [], [], iter(DUE)
    told: set[str] = set()
    for nth in range(count):
        one = people[nth % len(people)]
        ago = timedelta(minutes=(count - nth) * 12 - 5)
        story = _story(setting, stories, one, _weekday(setting, nth % 3 + 1), told)
        call = _call(setting, story, one, setting.now - ago)
        call["number"] = last - count + 1 + nth
        if call["outcome"] in OWED:
            _owe(setting, call, due)
        calls.append(call)
        if story.message and call["callback_due"]:
            messages.append(_message(setting, call, story))
    unit.bulk(Call, calls)
    unit.bulk(Communication, messages)


def _story(
    setting: Setting, stories: Stories, one: Enrolled, day: str, told: set[str]
) -> CallStory:
    """Return a story that suits somebody's age and was not told yet, if there is one."""
    child = (setting.today - one.birth_date).days < CHILD * 365
    for _ in range(12):
        story = stories.call(one.given, day, one.phone or "")
        suits = story.caller in FOR_CHILDREN if child else story.caller not in FOR_CHILDREN
        if suits and story.note not in told:
            break
    told.add(story.note)
    return story


def _call(setting: Setting, story: CallStory, one: Enrolled, at: datetime) -> dict[str, Any]:
    stranger = story.caller in ("unknown", "office", "school", "lawyer", "pharmacy")
    return {
        "id": new_id(),
        "direction": "out" if story.outgoing else "in",
        "started_at": at,
        "ended_at": at + timedelta(minutes=story.minutes),
        "phone": None if stranger else one.phone,
        "digits": None if stranger or not one.phone else _digits(one.phone),
        "caller": _caller(story, one),
        "patient_id": None if story.caller == "unknown" else one.id,
        "reason": story.reason,
        "note": story.note,
        "verified": "" if stranger or story.outgoing else "name,birth date",
        "outcome": story.outcome,
        "callback_due": None,
        "callback_practitioner_id": None,
        "callback_done_at": None,
        "taken_by": setting.rng.choice(setting.staff),
    }


def _caller(story: CallStory, one: Enrolled) -> str | None:
    if story.outgoing or story.caller == "self":
        return f"{one.given} {one.family}".strip()
    return None if story.caller == "unknown" else story.caller


def _digits(number: str) -> str:
    return "1" + "".join(c for c in number.removeprefix("+1") if c.isdigit())


def _owe(setting: Setting, call: dict[str, Any], due: Any) -> None:
    """Promise a call-back; once the first few are owed, the others are done already."""
    doctors = [p.id for p in setting.clinic.practitioners]
    call["callback_practitioner_id"] = setting.rng.choice(doctors)
    minutes = next(due, None)
    if minutes is None:
        call["callback_due"] = call["ended_at"] + timedelta(minutes=10)
        call["callback_done_at"] = min(call["callback_due"], setting.now)
    else:
        call["callback_due"] = setting.now + timedelta(minutes=minutes)


def _message(setting: Setting, call: dict[str, Any], story: CallStory) -> dict[str, Any]:
    return {
        "id": new_id(),
        "patient_id": call["patient_id"],
        "call_id": call["id"],
        "practitioner_id": call["callback_practitioner_id"],
        "sender_user_id": call["taken_by"],
        "text": story.message,
        "urgent": story.urgent,
        "due_at": call["callback_due"],
        "sent_at": call["ended_at"],
        "done_at": call["callback_done_at"],
    }


def _messages(setting: Setting, stories: Stories, people: list[Enrolled]) -> list[dict[str, Any]]:
    rows = []
    for nth, one in enumerate(people):
        text, urgent = stories.message(one.given, _weekday(setting, nth % 4 + 1))
        who = setting.clinic.practitioners[nth % len(setting.clinic.practitioners)]
        sent = setting.now - timedelta(minutes=25 + 31 * nth)
        rows.append(
            {
                "id": new_id(),
                "patient_id": one.id,
                "practitioner_id": who.id,
                "sender_user_id": setting.rng.choice(setting.staff),
                "text": text,
                "urgent": urgent,
                "sent_at": sent,
                "done_at": sent + timedelta(minutes=20) if nth % 3 == 2 else None,
            }
        )
    return rows


def _waiting(setting: Setting, people: list[Enrolled]) -> list[dict[str, Any]]:
    """Return people who would take an earlier visit, each with another wish."""
    doctors = [p for p in setting.clinic.practitioners if p.role != "nurse"]
    wishes = (
        {"part": "am", "note": "Any morning, lives near by"},
        {"part": "pm", "weekdays": "13"},
        {"not_after": setting.today + timedelta(days=21)},
        {"note": "Call the mobile, can come within the hour"},
    )
    none = {"part": None, "weekdays": "", "not_after": None, "note": None}
    return [
        {
            "id": new_id(),
            "patient_id": one.id,
            "visit_type_id": _wished(setting, doctors[nth % len(doctors)], nth).id,
            "practitioner_id": doctors[nth % len(doctors)].id if nth % 4 else None,
            "created_at": setting.now - timedelta(days=3 * nth, hours=2),
        }
        | none
        | wishes[nth % len(wishes)]
        for nth, one in enumerate(people)
    ]


def _wished(setting: Setting, doctor: Practitioner, nth: int) -> VisitType:
    """Return what somebody waits for: something this practitioner takes."""
    kinds = [setting.clinic.visit_type(code) for code in ("fu", "phys", "new")]
    taken = [kind for kind in kinds if doctor.sees(kind)]
    return taken[nth % len(taken)]


def _task(setting: Setting, kind: str, what: str, priority: str, one: Enrolled) -> dict[str, Any]:
    return {
        "id": new_id(),
        "kind": kind,
        "patient_id": one.id,
        "what": what,
        "due_at": setting.now + timedelta(hours=setting.rng.randrange(2, 60)),
        "owner": "ana",
        "priority": priority,
        "created_at": setting.now - timedelta(days=1),
    }


def _weekday(setting: Setting, days: int) -> str:
    return f"{setting.today + timedelta(days=days):%A}"

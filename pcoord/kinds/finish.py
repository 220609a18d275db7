"""Finishing: what an action makes of all that was read."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from pcoord.domain import dates
from pcoord.domain.errors import BadUsage, Conflict, Refused
from pcoord.domain.visit import CANCEL_REASONS
from pcoord.kinds import same, talk
from pcoord.kinds.clauses import said
from pcoord.kinds.line import Candidate, Elsewhere, Lacking, Line, Unsure
from pcoord.kinds.people import say_newcomer
from pcoord.kinds.small import take_practitioner
from pcoord.kinds.when import say_moment
from pcoord.services import booking, day, newcomers, openings, restrictions
from pcoord.services.staging import SIDE_STEPS


def _finish_book(line: Line) -> None:
    param = line.has("visit_type")
    if "visit_type_id" not in line.found and param is not None:
        kinds = line.desk.clinic.visit_types
        shown = [Candidate(k.id, f"{k.code:<6}{k.title} {k.minutes}m") for k in kinds]
        raise Lacking(param, shown)
    kind = line.desk.clinic.visit_type(line.found["visit_type_id"])
    _pick_time(line, kind.minutes, kind)


def _finish_move(line: Line) -> None:
    visit = line.found.pop("_visit", None)
    if visit is None:
        return
    minutes = int((visit.end_at - visit.start_at).total_seconds() // 60)
    line.found.setdefault("practitioner_id", visit.practitioner_id)
    _pick_time(
        line, minutes, line.desk.clinic.visit_type(visit.visit_type_id), visit.id, visit.patient_id
    )


def _pick_time(
    line: Line, minutes: int, kind: Any, but: str = "", patient_id: str | None = None
) -> None:
    """Settle practitioner and start: exactly as typed, or the first opening of a window."""
    _check_type(line, kind)
    when = line.found.pop("when", None)
    gap = line.selection.start
    if "start" in line.picked:
        _take_offered(line, line.picked["start"])
    elif when is None and gap and line.action.id != "appointment.move":
        line.found["start"] = datetime.fromisoformat(gap)
        line.found.setdefault("practitioner_id", line.selection.practitioner_id)
    elif when is not None and when.time is not None and when.to is None:
        start = dates.to_utc(
            when.date or line.desk.today, when.time, line.desk.clinic.zone, fold=when.fold
        )
        line.found["start"] = start
        _settle_practitioner(line, start, minutes, kind)
    elif when is None and line.action.id == "appointment.move":
        param = line.has("when")
        assert param is not None
        raise Lacking(param)
    else:
        _first_opening(line, when, minutes, kind)
    _check_free(line, minutes, but, line.found.get("patient_id") or patient_id, kind)


def _take_offered(line: Line, offered: str) -> None:
    """Take one of the times that were offered instead of one that cannot be had."""
    moment, _, who = offered.partition(" ")
    line.found |= {"start": datetime.fromisoformat(moment), "practitioner_id": who}
    code = line.desk.clinic.practitioner(who).code
    line.show("instead", f"{say_moment(line, line.found['start'])} {code}")


def _check_type(line: Line, kind: Any) -> None:
    """Say before Enter that a practitioner sees nobody for this type of visit."""
    chosen = line.found.get("practitioner_id")
    if chosen is None or line.found.get("overbook_reason"):
        return
    clinic = line.desk.clinic
    why = booking.not_taken(clinic, clinic.practitioner(chosen), kind)
    if why:
        raise Refused(f"{why} Name another provider, or add: because ...")


def _settle_practitioner(line: Line, start: datetime, minutes: int, kind: Any) -> None:
    if "practitioner_id" in line.found:
        return
    usual = _usual(line, kind)
    if usual is not None:
        line.found["practitioner_id"] = usual
        line.show("with", f"{line.desk.clinic.practitioner(usual).code}  (usual)")
        return
    end = start + timedelta(minutes=minutes)
    able = openings.able(line.desk, kind)
    free = [
        p
        for p in able
        if booking.is_open(line.desk, p.id, start, end)
        and booking.clash(line.desk, p.id, start, minutes) is None
    ]
    if len(free) == 1:
        take_practitioner(line, free[0].id)
        return
    choices = [Candidate(p.id, f"{p.code:<8}{p.given} {p.family}") for p in free or able]
    raise Unsure("practitioner", choices)


def _first_opening(line: Line, when: Any, minutes: int, kind: Any) -> None:
    """Take the first opening of the window: with whom was typed, else the usual one, else anybody.

    With whom it will be is shown before Enter, so that nobody is booked elsewhere unawares.
    """
    last = (when.until or when.date) if when else None
    if last is not None and last < line.desk.today:
        past = dates.say_day(last, line.desk.today)
        raise Refused(f"{past} is past. Give today or a later day.")
    for who in _whom_to_ask(line, kind):
        found = _search(line, when, minutes, who)
        if found:
            break
    else:
        raise Refused(
            "There is no opening then. Give another day, or put them on the waiting list (^L)."
        )
    at = found[min(line.skip, len(found) - 1)]
    line.found["start"] = at.start
    line.found["practitioner_id"] = at.practitioner_id
    line.show("when", ", ".join(_say_opening(line, o) for o in found[line.skip : line.skip + 3]))


def _whom_to_ask(line: Line, kind: Any) -> list[list[str]]:
    if "practitioner_id" in line.found:
        return [[line.found["practitioner_id"]]]
    usual = _usual(line, kind)
    anybody = [p.id for p in openings.able(line.desk, kind)]
    return [[usual], anybody] if usual else [anybody]


def _usual(line: Line, kind: Any) -> str | None:
    """Return whom the patient usually sees, if they see visits of this type at all."""
    usual = day.usual_practitioner(line.desk, line.found.get("patient_id"))
    return usual if usual in {p.id for p in openings.able(line.desk, kind)} else None


def _search(line: Line, when: Any, minutes: int, who: list[str]) -> list[openings.Opening]:
    return openings.search(
        line.desk,
        minutes=minutes,
        practitioner_ids=who,
        first=when.date if when and when.date else line.desk.today,
        last=(when.until or when.date) if when and when.date else None,
        part=when.part if when else None,
        between=(when.time, when.to) if when and when.time and when.to else None,
        limit=line.skip + 4,
    )


def _say_opening(line: Line, opening: Any) -> str:
    code = line.desk.clinic.practitioner(opening.practitioner_id).code
    return f"{say_moment(line, opening.start)} {code}"


def _check_free(line: Line, minutes: int, but: str, patient_id: str | None, kind: Any) -> None:
    """Say before Enter who has the time, that nobody is in, or what stands against it."""
    start, chosen = line.found["start"], line.found["practitioner_id"]
    booking.demand_future(line.desk.clinic, start, line.desk.now)
    for text in restrictions.to_mind(line.desk, patient_id, start) if patient_id else ():
        line.show("mind", text)
    if line.found.get("overbook_reason"):
        return
    if patient_id and (against := restrictions.refusal(line.desk, patient_id, start)):
        raise Refused(against)
    code = line.desk.clinic.practitioner(chosen).code
    when = say_moment(line, start)
    if not booking.is_open(line.desk, chosen, start, start + timedelta(minutes=minutes)):
        away = Refused(f"{code} is not in {when}. Choose or type another time, or add: because ...")
        raise Elsewhere(away, _offers(line, minutes, kind))
    holder = booking.clash(line.desk, chosen, start, minutes, but)
    if holder is not None:
        taken = f"{code} has {holder} {when}. Choose or type another time, or overbook: because ..."
        raise Elsewhere(Conflict(taken), _offers(line, minutes, kind))


def _offers(line: Line, minutes: int, kind: Any) -> list[Candidate]:
    """Return the openings nearest to the wanted time: of that provider, and of others then."""
    who, start = line.found["practitioner_id"], line.found["start"]
    others = [p.id for p in openings.able(line.desk, kind) if p.id != who]
    found = openings.near(line.desk, minutes, who, others, start)
    return [
        Candidate(f"{one.start.isoformat()} {one.practitioner_id}", _say_opening(line, one))
        for one in found
    ]


def _finish_cancel(line: Line) -> None:
    param = line.has("cancel_reason")
    if "reason" not in line.found and param is not None:
        raise Lacking(param, [Candidate(c, f"{c:<12}{t}") for c, t in CANCEL_REASONS.items()])


def _finish_room(line: Line) -> None:
    param = line.has("room")
    if "room_id" not in line.found and param is not None:
        free = day.free_rooms(line.desk)
        raise Lacking(param, [Candidate(r.id, r.name) for r in free])


def _finish_stage(line: Line) -> None:
    param = line.has("stage")
    if "stage" not in line.found and param is not None:
        aside = [s for s in line.desk.stages if s.code in SIDE_STEPS]
        raise Lacking(param, [Candidate(s.code, f"{s.letter}  {s.title}") for s in aside])


def _finish_walk_in(line: Line) -> None:
    param = line.has("queue")
    if "queue" not in line.found and param is not None:
        raise Lacking(param)


def _finish_late(line: Line) -> None:
    for param in line.action.params[:2]:
        name = "practitioner_id" if param.kind == "practitioner" else param.name
        if name not in line.found:
            raise Lacking(param)


def _finish_message(line: Line) -> None:
    for param in line.action.params[:2]:
        name = "practitioner_id" if param.kind == "practitioner" else param.name
        if name not in line.found:
            raise Lacking(param)


def demand_all(line: Line) -> None:
    """What starts with an underscore helped to read; the rest are the use case's arguments."""
    if line.words:
        rest = said(line.words)
        raise BadUsage(f"“{rest}” was not understood; take it out or write it in quotes.")
    for name in ("when", "which", "_visit"):
        line.found.pop(name, None)


def _would_book(line: Line) -> str:
    who = line.found.pop("_who", "")
    code = line.desk.clinic.practitioner(line.found["practitioner_id"]).code
    verb = "moves" if line.action.id == "appointment.move" else "books"
    over = " as an overbooking" if line.found.get("overbook_reason") else ""
    return f"{verb} {who} {say_moment(line, line.found['start'])} {code}{over}"


def _would_late(line: Line) -> str:
    code = line.desk.clinic.practitioner(line.found["practitioner_id"]).code
    minutes = line.found["minutes"]
    return f"marks {code} {minutes} minutes late" if minutes else f"notes that {code} is on time"


def _would_register(line: Line) -> str:
    typed = line.found.get("newcomer")
    return f"registers {say_newcomer(*newcomers.read(line.desk, typed))}" if typed else "registers"


FINISH: dict[str, Callable[[Line], None]] = {
    "appointment.book": _finish_book,
    "appointment.move": _finish_move,
    "appointment.cancel": _finish_cancel,
    "encounter.room": _finish_room,
    "encounter.stage": _finish_stage,
    "encounter.walk_in": _finish_walk_in,
    "schedule.late": _finish_late,
    "message.send": _finish_message,
    "nurse.raise": talk.finish_nurse,
    "nurse.accept": talk.finish_accept,
    "call.new": talk.finish_call,
    "call.done": talk.finish_done,
    **same.FINISH,
}
WOULD: dict[str, Callable[[Line], str]] = {
    "appointment.book": _would_book,
    "appointment.move": _would_book,
    "schedule.late": _would_late,
    "patient.register": _would_register,
    "nurse.raise": talk.would_nurse,
    "nurse.accept": talk.would_accept,
    **same.WOULD,
}

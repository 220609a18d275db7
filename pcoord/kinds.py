"""How typed words become values, kind by kind: patient, visit, practitioner, when, room ...

Each reader takes the words it understands out of the line, writes what it took them for into the
preview, and puts the use case's argument into `found`. What is left over at the end is a name.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from pcoord.domain import dates, phones
from pcoord.domain.errors import BadUsage, NotFound, Refused
from pcoord.domain.names import fold
from pcoord.domain.visit import CANCEL_REASONS, CANCEL_WORDS
from pcoord.quickline import Candidate, Lacking, Line, Unsure, Word
from pcoord.services import booking, day, lookup, nurse, openings

MAX_CHOICES = 12
_MINUTES = re.compile(r"(\d{1,3})\s*(m|min|mins|minutes)?$", re.I)
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_PARTS = {
    "morning": "am",
    "mornings": "am",
    "am": "am",
    "afternoon": "pm",
    "afternoons": "pm",
    "pm": "pm",
}


def read(line: Line) -> None:
    """Read all of a line's words for its action; raise Unsure, Lacking or a refusal in words."""
    for kind, reader in _READERS:
        if line.has(*kind):
            reader(line)
    _text(line)
    _people(line)
    _FINISH.get(line.action.id, _nothing)(line)
    _demand_all(line)


def would(line: Line) -> str:
    """Return what Enter will do, as a sentence without a full stop."""
    saying = _WOULD.get(line.action.id)
    if saying is not None:
        return saying(line)
    who = line.found.pop("_who", "")
    return f"{line.action.title}: {who}" if who else line.action.title


def _nothing(line: Line) -> None:
    """Some actions need no finishing."""


# Clauses: a word that names what follows


def _clause(line: Line, *names: str, to_end: bool = True) -> list[Word] | None:
    """Take the words behind the last of these names (to the line's end); None when absent."""
    for index in range(len(line.words) - 1, -1, -1):
        word = line.words[index]
        if not word.quoted and word.text.casefold() in names:
            end = len(line.words) if to_end else index + 2
            taken = line.words[index + 1 : end]
            line.words = line.words[:index] + line.words[end:]
            return taken
    return None


def _said(words: Sequence[Word]) -> str:
    return " ".join(word.text for word in words)


def _because(line: Line) -> None:
    taken = _clause(line, "because")
    if taken:
        line.found["overbook_reason"] = _said(taken)
        line.show("because", _said(taken))


def _cancel_reason(line: Line) -> None:
    if "reason" in line.picked:
        code = line.picked["reason"]
    else:
        taken = _clause(line, "reason")
        code = _reason_code(_said(taken)) if taken else _reason_word(line)
    if code:
        line.found["reason"] = code
        line.show("reason", CANCEL_REASONS[code])


def _reason_code(text: str) -> str:
    folded = text.casefold().strip()
    for code, words in CANCEL_WORDS.items():
        if folded == code or folded in words or (folded and code.startswith(folded)):
            return code
    raise BadUsage(f"“{text}” is no reason; choose {', '.join(CANCEL_REASONS)}.")


def _reason_word(line: Line) -> str | None:
    for word in reversed(line.words):
        if not word.quoted and word.text.casefold() in CANCEL_REASONS:
            line.words.remove(word)
            return word.text.casefold()
    return None


def _about(line: Line) -> list[Word] | None:
    return _clause(line, "re", "about")


def _at(line: Line) -> None:
    taken = _clause(line, "at", "since")
    if taken:
        moment = _moment(line, _said(taken), facing="past")
        line.found["at"] = moment
        line.show("since", _say_time(line, moment))


def _by(line: Line) -> None:
    taken = _clause(line, "by", "before")
    if taken:
        line.found["due"] = _moment(line, _said(taken), facing="future")
        line.show("by", _say_moment(line, line.found["due"]))


def _callback(line: Line) -> None:
    taken = _clause(line, "callback", "call-back")
    if taken is None:
        return
    words = [word.text for word in taken]
    for text in list(words):
        practitioner = _practitioner_named(line, text)
        if practitioner is not None:
            words.remove(text)
            line.found["callback_practitioner_id"] = practitioner.id
    due = _moment(line, " ".join(words), facing="future") if words else None
    if due is None:
        raise BadUsage("Say when to call back: callback 4pm, callback tomorrow 9am lee.")
    line.found["callback_due"] = due
    line.show("callback", _say_moment(line, due))


def _wish(line: Line) -> None:
    """Which days and parts of the day would suit: mornings, tue thu, before dec 20."""
    before = _clause(line, "before", "until")
    after = _clause(line, "after", "from")
    shown = []
    if before:
        line.found["not_after"] = _date(line, _said(before))
        shown.append(f"before {dates.say_day(line.found['not_after'], line.desk.today)}")
    if after:
        line.found["not_before"] = _date(line, _said(after))
        shown.append(f"from {dates.say_day(line.found['not_before'], line.desk.today)}")
    shown = _parts_and_days(line) + shown
    if shown:
        line.show("wish", ", ".join(shown))


def _parts_and_days(line: Line) -> list[str]:
    kept, days, part = [], [], None
    for text in line.plain():
        folded = text.casefold().rstrip("s.") if len(text) > 3 else text.casefold()
        if text.casefold() in _PARTS:
            part = _PARTS[text.casefold()]
        elif folded[:3] in _WEEKDAYS and (len(folded) == 3 or folded.endswith("day")):
            days.append(_WEEKDAYS.index(folded[:3]))
        else:
            kept.append(text)
    line.keep(kept)
    if part:
        line.found["part"] = part
    if days:
        line.found["weekdays"] = "".join(str(d) for d in sorted(set(days)))
    names = [_WEEKDAYS[d].capitalize() for d in days]
    return [*(["mornings" if part == "am" else "afternoons"] if part else []), *names]


# When


def _when(line: Line) -> None:
    """Take date and time words; a bare window stays a window."""
    desk = line.desk
    when, _, rest = dates.take_when(
        [text for text in line.plain() if text.casefold() != "to"],
        today=desk.today,
        now=desk.clinic.local(desk.now).time(),
        order=desk.clinic.date_order,
        facing="future",
        hours=desk.clinic.hours,
    )
    line.keep(rest)
    if when is not None:
        line.found["_when"] = when


def _moment(line: Line, text: str, *, facing: str) -> datetime:
    """Return one moment, UTC: a date with a time, or a time of today."""
    desk = line.desk
    when = dates.parse_when(
        text,
        today=desk.today,
        now=desk.clinic.local(desk.now).time(),
        order=desk.clinic.date_order,
        facing=facing,
        hours=desk.clinic.hours,
    )
    clock_time = when.time or {"am": time(9), "pm": time(13)}.get(when.part or "", time(12))
    return dates.to_utc(when.date or desk.today, clock_time, desk.clinic.zone, fold=when.fold)


def _date(line: Line, text: str) -> date:
    desk = line.desk
    when = dates.parse_when(
        text,
        today=desk.today,
        now=time(0),
        order=desk.clinic.date_order,
        facing="future",
        hours=desk.clinic.hours,
    )
    if when.date is None:
        raise BadUsage(f"“{text}” is no date; type it as dec 20 or 12/20.")
    return when.date


def _say_moment(line: Line, moment: datetime) -> str:
    local = line.desk.clinic.local(moment)
    return f"{dates.say_day(local.date(), line.desk.today)} {dates.say_time(local.time())}"


def _say_time(line: Line, moment: datetime) -> str:
    return dates.say_time(line.desk.clinic.local(moment).time())


# Small things


def _minutes(line: Line) -> None:
    for text in line.plain():
        match = _MINUTES.fullmatch(text)
        if match:
            line.found["minutes"] = int(match.group(1))
            rest = line.plain()
            rest.remove(text)
            line.keep([word for word in rest if word.casefold() not in {"min", "minutes", "late"}])
            line.show("late", f"{match.group(1)} minutes")
            return


def _phone(line: Line) -> None:
    words = line.plain()
    for text in words:
        if sum(c.isdigit() for c in text) >= 7 and not re.search(r"[a-z/]", text, re.I):
            line.found["phone"] = text
            words.remove(text)
            line.keep(words)
            line.show("phone", phones.say(text, line.desk.clinic.region))
            return


def _room(line: Line) -> None:
    if "room" in line.picked:
        _take_room(line, line.picked["room"])
        return
    words = line.plain()
    rooms = {fold(room.name): room for room in line.desk.clinic.rooms}
    rooms |= {fold(room.name).removeprefix("room").strip(): room for room in rooms.values()}
    for text in reversed(words):
        room = rooms.get(fold(text))
        if room is not None:
            words.remove(text)
            line.keep([word for word in words if word.casefold() != "room"])
            _take_room(line, room.id)
            return


def _take_room(line: Line, room_id: str) -> None:
    line.found["room_id"] = room_id
    line.show("room", line.desk.clinic.room(room_id).name)


def _visit_type(line: Line) -> None:
    chosen = line.picked.get("visit_type")
    if chosen is None:
        words = line.plain()
        for text in reversed(words):
            kind = _type_named(line, text)
            if kind is not None:
                words.remove(text)
                line.keep(words)
                chosen = kind.id
                break
    if chosen is not None:
        kind = line.desk.clinic.visit_type(chosen)
        line.found["visit_type_id"] = kind.id
        line.show("type", f"{kind.code}  {kind.title} {kind.minutes}m")


def _type_named(line: Line, text: str) -> Any:
    folded = text.casefold()
    for kind in line.desk.clinic.visit_types:
        if folded == kind.code.casefold() or folded in kind.words:
            return kind
    return None


def _practitioner(line: Line) -> None:
    """Take the last word that names a practitioner, unless it is the only name there is."""
    chosen = line.picked.get("practitioner")
    if chosen is None:
        chosen = _practitioner_word(line)
    if chosen is None and not line.has("patient", "visit") and line.selection.practitioner_id:
        chosen = line.selection.practitioner_id
    if chosen is not None:
        _take_practitioner(line, chosen)


def _practitioner_word(line: Line) -> str | None:
    words = line.plain()
    for index in range(len(words) - 1, -1, -1):
        practitioner = _practitioner_named(line, words[index])
        if practitioner is None or _is_the_patient(line, words):
            continue
        del words[index]
        before = words[index - 1].casefold() if index else ""
        line.keep(words[: index - 1] + words[index:] if before in {"with", "to"} else words)
        return str(practitioner.id)
    return None


def _is_the_patient(line: Line, words: list[str]) -> bool:
    """A lone name is the patient's, as long as nobody else is selected."""
    needs = line.has("patient", "visit", "here")
    return bool(needs and needs.required and len(words) == 1 and not _selected(line))


def _selected(line: Line) -> bool:
    s = line.selection
    return bool({"patient", "visit"} & set(line.picked) or s.patient_id or s.appointment_id)


def _practitioner_named(line: Line, text: str) -> Any:
    folded = fold(text)
    named = [p for p in line.desk.clinic.practitioners if p.active]
    for practitioner in named:
        if folded == fold(practitioner.code):
            return practitioner
    families = [p for p in named if folded == fold(p.family)]
    return families[0] if len(families) == 1 else None


def _take_practitioner(line: Line, practitioner_id: str) -> None:
    practitioner = line.desk.clinic.practitioner(practitioner_id)
    line.found["practitioner_id"] = practitioner.id
    title = practitioner.specialty or practitioner.role
    line.show("with", f"{practitioner.code}  {practitioner.given} {practitioner.family}, {title}")


def _queue(line: Line) -> None:
    """Whose queue: the nurse's, or a practitioner's."""
    words = line.plain()
    if "nurse" in [word.casefold() for word in words]:
        line.keep([word for word in words if word.casefold() != "nurse"])
        line.found["queue"] = "nurse"
        line.show("queue", "nurse")
        return
    _practitioner(line)
    if "practitioner_id" in line.found:
        line.found["queue"] = "practitioner"


# Text and people: what is left


def _text(line: Line) -> None:
    """A quoted text; without quotes, what is left, where the action is about no patient."""
    param = line.has("text")
    if param is None:
        return
    quoted = [word for word in line.words if word.quoted]
    if quoted:
        line.found[param.name] = quoted[0].text
        line.words = [word for word in line.words if not word.quoted]
    elif line.action.id == "schedule.late" and line.words:
        line.found[param.name] = _said(line.words)
        line.words = []
    if param.name in line.found:
        line.show(param.name, line.found[param.name])


def _people(line: Line) -> None:
    for kind, reader in (("patient", _patient), ("visit", _visit), ("here", _here)):
        if line.has(kind):
            reader(line)


def _patient(line: Line) -> None:
    param = line.has("patient")
    assert param is not None
    if "patient" in line.picked:
        _take_patient(line, lookup.one(line.desk, line.picked["patient"]))
        return
    text = _said(line.words)
    if text:
        line.words = []
        _take_patient(line, _the_patient(line, text))
    elif line.selection.patient_id:
        _take_patient(line, lookup.one(line.desk, line.selection.patient_id))
    elif param.required:
        raise Lacking(param)


def _the_patient(line: Line, text: str) -> Any:
    """Return the one patient meant: alone in the clinic, or on today's list and like nobody."""
    hits = lookup.find(line.desk, text, limit=MAX_CHOICES + 1)
    if not hits:
        raise NotFound(f"Nobody on file fits “{text}”. Type less of the name, or register (F4, +).")
    sure = [hit for hit in hits if hit.exact]
    if len(sure) == 1:
        return sure[0]
    here = lookup.find_today(line.desk, text)
    if len(here) == 1 and here[0].exact and not lookup.resembles(line.desk, here[0]):
        return here[0]
    raise Unsure("patient", [Candidate(hit.id, _say_person(line, hit)) for hit in hits])


def _say_person(line: Line, hit: Any) -> str:
    born = dates.say_birth(hit.birth_date) if hit.birth_date else "birth date unknown"
    name = f"{hit.family}, {hit.given}" if hit.given else hit.family
    sounds = "" if hit.exact else "  * sounds like"
    return f"{name}   b. {born}   MRN {hit.mrn or '-'}   {hit.phone or ''}{sounds}"


def _take_patient(line: Line, hit: Any) -> None:
    line.found["patient_id"] = hit.id
    line.found["_who"] = f"{hit.family}, {hit.given}" if hit.given else hit.family
    line.show(line.action.verb or "patient", _say_person(line, hit))


def _visit(line: Line) -> None:
    """Whose visit, and which: today's for arrivals, the coming ones otherwise."""
    if "visit" in line.picked:
        _take_visit(line, day.visit(line.desk, line.picked["visit"]))
        return
    text = _said(line.words)
    if not text and line.selection.appointment_id:
        _take_visit(line, day.visit(line.desk, line.selection.appointment_id))
        if line.selection.seen_appointment is not None:
            line.found["seen"] = line.selection.seen_appointment
        return
    patient_id = _whose(line, text)
    visits = _fitting(line, day.visits_for(line.desk, patient_id, line.action.id))
    if not visits:
        raise Refused(_no_visit(line, patient_id))
    if len(visits) > 1:
        choices = [Candidate(v.id, _say_visit(line, v)) for v in visits[:MAX_CHOICES]]
        raise Unsure("visit", choices)
    _take_visit(line, visits[0])


def _whose(line: Line, text: str) -> str:
    line.words = []
    if "patient" in line.picked:
        return str(line.picked["patient"])
    if text:
        return str(_the_patient(line, text).id)
    if line.selection.patient_id:
        return line.selection.patient_id
    param = line.has("visit")
    assert param is not None
    raise Lacking(param)


def _fitting(line: Line, visits: list[Any]) -> list[Any]:
    """A date typed for an action that needs none says which visit is meant."""
    when = line.found.get("_when")
    if when is None or line.has("when"):
        return visits
    return [v for v in visits if line.desk.clinic.day_of(v.start_at) == when.date]


def _no_visit(line: Line, patient_id: str) -> str:
    hit = lookup.one(line.desk, patient_id)
    name = f"{hit.family}, {hit.given}"
    if line.action.id == "encounter.check_in":
        return f"{name} has no visit today. Book one (F6), or take a walk-in (w, waiting room)."
    return f"{name} has no visit that this would fit."


def _say_visit(line: Line, visit: Any) -> str:
    code = line.desk.clinic.practitioner(visit.practitioner_id).code
    kind = line.desk.clinic.visit_type(visit.visit_type_id).code
    name = f"{visit.family}, {visit.given}"
    return f"{name}   {_say_moment(line, visit.start_at)} {code} {kind}   MRN {visit.mrn or '-'}"


def _take_visit(line: Line, visit: Any) -> None:
    line.found["appointment_id"] = visit.id
    line.found["seen"] = visit.version
    line.found["_who"] = f"{visit.family}, {visit.given}"
    line.found["_visit"] = visit
    line.show(line.action.verb, _say_visit(line, visit))


def _here(line: Line) -> None:
    """One of those who are here now."""
    text = _said(line.words)
    line.words = []
    chosen = line.picked.get("here") or (None if text else line.selection.encounter_id)
    people = day.here(line.desk)
    if chosen is None:
        if not text:
            param = line.has("here")
            assert param is not None
            raise Lacking(param, [Candidate(p.id, _say_here(line, p)) for p in people])
        ids = {hit.id for hit in lookup.find_among(line.desk, text, [p.patient_id for p in people])}
        fits = [p for p in people if p.patient_id in ids]
        if not fits:
            raise NotFound(f"Nobody who is here fits “{text}”. F3 shows who is here.")
        if len(fits) > 1:
            raise Unsure("here", [Candidate(p.id, _say_here(line, p)) for p in fits])
        chosen = fits[0].id
    row = next((p for p in people if p.id == chosen), None)
    if row is None:
        raise Refused("That patient is not here any more; look again.")
    line.found["encounter_id"] = row.id
    line.found["_who"] = f"{row.family}, {row.given}"
    line.show(line.action.verb, _say_here(line, row))


def _say_here(line: Line, row: Any) -> str:
    return f"{row.family}, {row.given}   MRN {row.mrn or '-'}   here since {_say_time(line, row.arrived_at)}"


# Finishing: what an action makes of it all


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
    _pick_time(line, minutes, line.desk.clinic.visit_type(visit.visit_type_id), but=visit.id)


def _pick_time(line: Line, minutes: int, kind: Any, but: str = "") -> None:
    """Settle practitioner and start: exactly as typed, or the first opening of a window."""
    when = line.found.pop("_when", None)
    gap = line.selection.start
    if when is None and gap and line.action.id != "appointment.move":
        line.found["start"] = datetime.fromisoformat(gap)
        line.found.setdefault("practitioner_id", line.selection.practitioner_id)
    elif when is not None and when.time is not None:
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
    _check_free(line, minutes, but)


def _settle_practitioner(line: Line, start: datetime, minutes: int, kind: Any) -> None:
    if "practitioner_id" in line.found:
        return
    usual = day.usual_practitioner(line.desk, line.found.get("patient_id"))
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
        _take_practitioner(line, free[0].id)
        return
    choices = [Candidate(p.id, f"{p.code:<8}{p.given} {p.family}") for p in free or able]
    raise Unsure("practitioner", choices)


def _first_opening(line: Line, when: Any, minutes: int, kind: Any) -> None:
    desk = line.desk
    chosen = line.found.get("practitioner_id")
    if chosen is None:
        chosen = day.usual_practitioner(desk, line.found.get("patient_id"))
    found = openings.search(
        desk,
        minutes=minutes,
        practitioner_ids=[chosen] if chosen else [p.id for p in openings.able(desk, kind)],
        first=when.date if when and when.date else desk.today,
        last=(when.until or when.date) if when and when.date else None,
        part=when.part if when else None,
        limit=line.skip + 4,
    )
    if not found:
        raise Refused("There is no opening then. Give another day, or ^L for the waiting list.")
    at = found[min(line.skip, len(found) - 1)]
    line.found["start"] = at.start
    line.found["practitioner_id"] = at.practitioner_id
    line.show("when", ", ".join(_say_opening(line, o) for o in found[line.skip : line.skip + 3]))


def _say_opening(line: Line, opening: Any) -> str:
    code = line.desk.clinic.practitioner(opening.practitioner_id).code
    return f"{_say_moment(line, opening.start)} {code}"


def _check_free(line: Line, minutes: int, but: str) -> None:
    """Say before Enter who has the time, or that the practitioner is not in."""
    if line.found.get("overbook_reason"):
        return
    start, chosen = line.found["start"], line.found["practitioner_id"]
    code = line.desk.clinic.practitioner(chosen).code
    when = _say_moment(line, start)
    if not booking.is_open(line.desk, chosen, start, start + timedelta(minutes=minutes)):
        raise Refused(f"{code} is not in {when}. Give another time, or add: because ...")
    holder = booking.clash(line.desk, chosen, start, minutes, but)
    if holder is not None:
        raise Refused(f"{code} has {holder} {when}. Give another time, or overbook: because ...")


def _finish_cancel(line: Line) -> None:
    param = line.has("cancel_reason")
    if "reason" not in line.found and param is not None:
        raise Lacking(param, [Candidate(c, f"{c:<12}{t}") for c, t in CANCEL_REASONS.items()])


def _finish_room(line: Line) -> None:
    param = line.has("room")
    if "room_id" not in line.found and param is not None:
        free = day.free_rooms(line.desk)
        raise Lacking(param, [Candidate(r.id, r.name) for r in free])


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


def _finish_nurse(line: Line) -> None:
    """Pick number and place out of the words; both are asked for before anything is sent."""
    from pcoord.actions import Param

    said = line.found["complaint"]
    number = re.search(r"\+?[\d()][\d\s().-]{5,}\d", said)
    if number:
        line.found["callback_number"] = number.group().strip()
        said = said.replace(number.group(), " ")
    where = re.search(r"\b(at|in|on)\s+[^,;]+", said)
    if where:
        line.found["whereabouts"] = where.group().strip()
        said = said.replace(where.group(), " ")
    line.found["complaint"] = re.sub(r"\s*[,;]\s*(?=[,;]|$)|\s{2,}", " ", said).strip(" ,;")
    flag = nurse.flag_for(line.found["complaint"])
    if flag is not None:
        line.show("say", flag["words"])
    here = line.selection.encounter_id is not None
    if "callback_number" not in line.found and not here:
        raise Lacking(Param("callback_number", "text", "Which number do we call back? Ask first."))
    if "whereabouts" not in line.found and not here:
        raise Lacking(Param("whereabouts", "text", "Where is the person now? (at home ...)"))
    if here:
        line.found["encounter_id"] = line.selection.encounter_id
        line.found.setdefault("whereabouts", "here")


def _demand_all(line: Line) -> None:
    """What starts with an underscore helped to read; the rest are the use case's arguments."""
    if line.words:
        rest = _said(line.words)
        raise BadUsage(f"“{rest}” was not understood; take it out or write it in quotes.")
    for name in ("_when", "_visit"):
        line.found.pop(name, None)


def _would_book(line: Line) -> str:
    who = line.found.pop("_who", "")
    code = line.desk.clinic.practitioner(line.found["practitioner_id"]).code
    verb = "moves" if line.action.id == "appointment.move" else "books"
    over = " as an overbooking" if line.found.get("overbook_reason") else ""
    return f"{verb} {who} {_say_moment(line, line.found['start'])} {code}{over}"


_READERS: tuple[tuple[tuple[str, ...], Callable[[Line], None]], ...] = (
    (("because",), _because),
    (("cancel_reason",), _cancel_reason),
    (("at",), _at),
    (("by",), _by),
    (("callback",), _callback),
    (("wish",), _wish),
    (("when", "visit"), _when),
    (("minutes",), _minutes),
    (("phone",), _phone),
    (("room",), _room),
    (("visit_type",), _visit_type),
    (("queue",), _queue),
    (("practitioner",), _practitioner),
)
_FINISH: dict[str, Callable[[Line], None]] = {
    "appointment.book": _finish_book,
    "appointment.move": _finish_move,
    "appointment.cancel": _finish_cancel,
    "encounter.room": _finish_room,
    "encounter.walk_in": _finish_walk_in,
    "schedule.late": _finish_late,
    "message.send": _finish_message,
    "nurse.raise": _finish_nurse,
}
_WOULD: dict[str, Callable[[Line], str]] = {
    "appointment.book": _would_book,
    "appointment.move": _would_book,
}

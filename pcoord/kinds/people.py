"""People: what is left of a line names a patient, a visit, or somebody who is here."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from pcoord.domain import dates
from pcoord.domain.errors import NotFound, Refused
from pcoord.domain.names import fold, fold_identifier
from pcoord.domain.sentences import full_name
from pcoord.kinds.clauses import said
from pcoord.kinds.line import Candidate, Lacking, Line, Unsure
from pcoord.kinds.when import say_moment, say_time
from pcoord.services import arrivals, day, lookup, newcomers, restricted_records, staging

MAX_CHOICES = 12
MOST_TIMES = 3
_NAME_WORDS = 3
_PHONE_DIGITS = 7
CHECK_IN = "encounter.check_in"
NEW = "new "
"""Stands before the typed name where somebody new was picked."""


def read_text(line: Line, *, free: bool) -> None:
    """A quoted text; without quotes, what is left, where the action is about no patient."""
    param = line.has("text")
    if param is None:
        return
    quoted = [word for word in line.words if word.quoted]
    if quoted:
        line.found[param.name] = quoted[0].text
        line.words = [word for word in line.words if not word.quoted]
    elif free and line.words:
        line.found[param.name] = said(line.words)
        line.words = []
    if param.name in line.found:
        line.show(param.name, line.found[param.name])


def read_people(line: Line) -> None:
    for kind, reader in (("patient", _patient), ("visit", _visit), ("here", _here)):
        if line.has(kind):
            reader(line)


def _patient(line: Line) -> None:
    param = line.has("patient")
    assert param is not None
    text = line.about or _named(line)
    if not line.about:
        line.words = []
    if str(line.picked.get("patient", "")).startswith(NEW):
        _take_newcomer(line, line.picked["patient"].removeprefix(NEW))
    elif "patient" in line.picked:
        if line.action.id == "encounter.walk_in":
            _name_and_reason(line, text.split())
        _take_patient(line, lookup.one(line.desk, line.picked["patient"]))
    elif text and line.action.id == "encounter.walk_in":
        _walk_in(line, text)
    elif text:
        _take_patient(line, the_patient(line, text))
    elif line.selection.patient_id and not _is_here_already(line):
        _take_patient(line, lookup.one(line.desk, line.selection.patient_id))
    elif param.required:
        raise Lacking(param)


def _named(line: Line) -> str:
    """Return the words that are left as whom they name: "for kim" is kim."""
    words = line.words
    return said([w for w in words if w.quoted or len(words) == 1 or w.text.casefold() != "for"])


def _is_here_already(line: Line) -> bool:
    """Tell whether the row is somebody here, and the line about somebody who comes in."""
    return line.action.id == "encounter.walk_in" and line.selection.encounter_id is not None


def _walk_in(line: Line, text: str) -> None:
    """Somebody on file, or somebody new: nobody stays at the door for want of a record."""
    try:
        hit = _patient_and_reason(line, text.split())
        if _may_be_another(line, text, hit):
            raise Unsure("patient", [Candidate(hit.id, say_person(line, hit))])
        _take_patient(line, hit)
    except NotFound:
        raise Unsure("patient", [_newcomer(line, text)]) from None
    except Unsure as unsure:
        line.found.pop("reason", None)
        raise Unsure(unsure.choose, [*unsure.candidates, _newcomer(line, text)]) from None


def _newcomer(line: Line, text: str) -> Candidate:
    who = say_newcomer(*newcomers.read(line.desk, text))
    return Candidate(NEW + text, f"register {who}, and put in the queue")


def say_newcomer(name: str, born: date | None) -> str:
    """Return somebody not on file yet as the desk reads it: name and birth date."""
    birth = f"b. {dates.say_birth(born, long=True)}" if born else "birth date unknown"
    return f"{name}   {birth}"


def _take_newcomer(line: Line, text: str) -> None:
    name, born = newcomers.read(line.desk, text)
    line.found |= {"name": name, "birth_date": born, "_who": f"{name} (new)"}
    line.show("register", say_newcomer(name, born))


def _patient_and_reason(line: Line, words: list[str]) -> Any:
    """Return whom a walk-in's words name; those left over are taken for the reason."""
    return the_patient(line, _name_and_reason(line, words))


def _name_and_reason(line: Line, words: list[str]) -> str:
    """Take as many words as fit somebody for the name; the others are why they came."""
    for end in range(len(words), 0, -1):
        if "reason" in line.found and end < len(words):
            break
        hits = lookup.find(line.desk, " ".join(words[:end]), limit=1)
        if hits and (end == 1 or not _leaves_out(hits[0])):
            _take_reason(line, words[end:])
            return " ".join(words[:end])
    return " ".join(words)


def _leaves_out(hit: Any) -> bool:
    """Tell whether a typed word is nothing of this person: it may be why somebody came."""
    return not hit.exact and any(part.startswith("no ") for part in hit.matched.split("; "))


def _may_be_another(line: Line, text: str, hit: Any) -> bool:
    """Tell whether a word taken for the reason is a name: of "kim susan" Susan may be new here.

    Where a first name was typed that fits, what follows is why they came.
    """
    reason = str(line.found.get("reason", "")) if not line.picked else ""
    named = fold(text.removesuffix(reason)).split()
    if not reason or any(word.startswith(n) for word in fold(hit.given).split() for n in named):
        return False
    return any(_is_name(line, word) for word in reason.split()[:_NAME_WORDS])


def _is_name(line: Line, word: str) -> bool:
    folded = fold(word)
    hits = lookup.find(line.desk, word, limit=1) if folded.isalpha() else []
    return any(hit.exact and folded in fold(f"{hit.family} {hit.given}").split() for hit in hits)


def _take_reason(line: Line, words: list[str]) -> None:
    if words:
        line.found["reason"] = " ".join(words)
        line.show("reason", line.found["reason"])


def the_patient(line: Line, text: str) -> Any:
    """Return the one patient meant: alone in the clinic, or on today's list and like nobody."""
    hits = lookup.find(line.desk, text, limit=MAX_CHOICES + 1)
    if not hits:
        raise NotFound(_say_nobody(line, text))
    sure = _with_the_number(line, text, [hit for hit in hits if hit.exact])
    sure = _with_the_phone(line, sure)
    if len(sure) == 1:
        return sure[0]
    here = lookup.find_today(line.desk, text)
    if len(here) == 1 and _is_surely(line, text, here[0], sure):
        return here[0]
    # Whoever is expected or here today comes first: at the desk it is nearly always one of them.
    today = [hit for hit in here if hit.exact]
    known = {hit.id for hit in today}
    ordered = [*today, *(hit for hit in hits if hit.id not in known)]
    raise Unsure("patient", [Candidate(hit.id, say_person(line, hit)) for hit in ordered])


def _say_nobody(line: Line, text: str) -> str:
    """Return what to do where nobody fits: perhaps only the last words are no part of the name."""
    words = text.split()
    for end in range(len(words) - 1, 0, -1):
        name, rest = " ".join(words[:end]), " ".join(words[end:])
        if [hit.exact for hit in lookup.find(line.desk, name, limit=2)] == [True]:
            note = ", or put a note in quotes" if line.has("text") else ""
            return f"“{rest}” is not understood beside “{name}”. Leave it out{note}."
    return f"Nobody on file fits “{text}”. Type less of the name, or register (F4, +)."


def _with_the_number(line: Line, text: str, sure: list[Any]) -> list[Any]:
    """Of several whose numbers begin so, whoever has it as the whole record number.

    Seven bare digits may as well be a phone or a birth date, and then nobody is sure.
    """
    query = lookup.read_query(line.desk, text)
    numbers = query.typed[0].means("number") if len(query.typed) == 1 else []
    if not numbers or (numbers[0].isdecimal() and len(numbers[0]) >= _PHONE_DIGITS):
        return sure
    if len(sure) < 2:
        return sure
    named = [hit for hit in sure if fold_identifier(hit.mrn or "") == numbers[0]]
    theirs = set() if named else lookup.having_number(line.desk, numbers[0])
    return named or [hit for hit in sure if hit.id in theirs] or sure


def _with_the_phone(line: Line, sure: list[Any]) -> list[Any]:
    """Of several, whoever has the number that was typed beside the name."""
    phone = line.found.get("phone")
    if not phone or len(sure) < 2:
        return sure
    theirs = {hit.id for hit in lookup.find(line.desk, str(phone), limit=MAX_CHOICES)}
    return [hit for hit in sure if hit.id in theirs] or sure


def _is_surely(line: Line, text: str, hit: Any, others: Sequence[Any]) -> bool:
    """Tell whether one of today's list is meant: like nobody, and nobody fits the words better."""
    if not hit.exact or lookup.resembles(line.desk, hit):
        return False
    names = lookup.read_query(line.desk, text).names
    return not names or 0 < _nearness(names, hit) >= max(
        (_nearness(names, other) for other in others), default=0
    )


def _nearness(names: Sequence[str], hit: Any) -> int:
    """Return 2 where a typed word begins the family name, 1 for a first name, 0 for any other."""
    called = fold(f"{hit.given} {hit.preferred or ''}").split()
    if any(fold(hit.family).startswith(name) for name in names):
        return 2
    return int(any(word.startswith(name) for name in names for word in called))


def say_person(line: Line, hit: Any) -> str:
    """Return what tells somebody from the others; of a closed restricted record the least."""
    hit = restricted_records.least(line.desk, hit)
    born = dates.say_birth(hit.birth_date, long=True) if hit.birth_date else "birth date unknown"
    sounds = "" if hit.exact else "  * sounds like"
    told = "" if hit.closed else f"   b. {born}"
    return f"{hit.in_full}{told}   MRN {hit.mrn or '-'}   {hit.phone or ''}{sounds}"


def _take_patient(line: Line, hit: Any) -> None:
    line.found["patient_id"] = hit.id
    line.found["_who"] = restricted_records.least(line.desk, hit).called
    line.show(line.action.verb or "patient", say_person(line, hit))


def _visit(line: Line) -> None:
    """Whose visit, and which: today's for arrivals, the coming ones otherwise."""
    text = _named(line)
    if "visit" in line.picked:
        line.words = []
        _take_visit(line, day.visit(line.desk, line.picked["visit"]))
        return
    if not text and line.selection.encounter_id and line.action.id == CHECK_IN:
        _selected_arrival(line)
        return
    if not text and line.selection.appointment_id:
        _take_visit(line, day.visit(line.desk, line.selection.appointment_id))
        if line.selection.seen_appointment is not None:
            line.found["seen"] = line.selection.seen_appointment
        return
    patient_id = _whose(line, text)
    true = line.found.get("at")
    open_to = day.visits_for(line.desk, patient_id, line.action.id, true)
    visits = _fitting(line, open_to)
    if line.action.id == CHECK_IN:
        line.found["verified"] = _asked(line, arrivals.given(line.desk, patient_id, text))
        here = [row for row in day.here(line.desk) if row.patient_id == patient_id]
        if here and (not visits or here[0].stage != "arrived"):
            _take_arrived(line, here[0])
            return
    if not visits:
        raise Refused(_no_visit(line, patient_id, open_to))
    if len(visits) > 1:
        choices = [Candidate(v.id, _say_visit(line, v)) for v in visits[:MAX_CHOICES]]
        raise Unsure("visit", choices)
    _take_visit(line, visits[0])


def _asked(line: Line, typed: list[str]) -> str:
    """Return what fitted: what the words themselves say, and what was said to be verified."""
    told = [name.strip() for name in str(line.found.get("verified") or "").split(",")]
    return ",".join(dict.fromkeys(name for name in (*typed, *told) if name))


def _whose(line: Line, text: str) -> str:
    line.words = []
    if "patient" in line.picked:
        return str(line.picked["patient"])
    if text:
        return str(the_patient(line, text).id)
    if line.selection.patient_id:
        return line.selection.patient_id
    param = line.has("visit")
    assert param is not None
    raise Lacking(param)


def _fitting(line: Line, visits: list[Any]) -> list[Any]:
    """A date typed beside the name says which visit is meant: all of it, where it is not when."""
    which = line.found.get("which") or (None if line.has("when") else line.found.get("when"))
    if which is None:
        return visits
    starts = [(visit, line.desk.clinic.local(visit.start_at)) for visit in visits]
    return [
        visit
        for visit, at in starts
        if which.date in (None, at.date()) and which.time in (None, at.time())
    ]


def _no_visit(line: Line, patient_id: str, others: Sequence[Any]) -> str:
    """Say what there is instead, or where to look: nobody is left at a dead end."""
    name = restricted_records.least(line.desk, lookup.one(line.desk, patient_id)).called
    if line.action.id == CHECK_IN:
        return f"{name} has no visit today. Book one (F6), or take a walk-in (w, waiting room)."
    if others:
        times = ", ".join(say_moment(line, visit.start_at) for visit in others[:MOST_TIMES])
        more = f" and {len(others) - MOST_TIMES} more" if len(others) > MOST_TIMES else ""
        return f"{name} has no visit then, but {times}{more}. Type that day instead."
    if line.action.id == "appointment.noshow":
        return f"{name} has no booked visit whose time has come. Their card (F4) shows all visits."
    return f"{name} has no visit booked from today on. Book one (F6); the card (F4) shows the past."


def _say_visit(line: Line, visit: Any) -> str:
    code = line.desk.clinic.practitioner(visit.practitioner_id).code
    kind = line.desk.clinic.visit_type(visit.visit_type_id).code
    name = restricted_records.called(visit)
    kept = "   CONFIDENTIAL" if visit.confidential else ""
    when = say_moment(line, visit.start_at)
    return f"{name}   {when} {code} {kind}   MRN {visit.mrn or '-'}{kept}"


def _take_visit(line: Line, visit: Any) -> None:
    line.found["appointment_id"] = visit.id
    line.found["seen"] = visit.version
    line.found["_who"] = full_name(visit)
    line.found["_visit"] = visit
    line.show(line.action.verb, _say_visit(line, visit))
    _show_born(line, visit)


def _selected_arrival(line: Line) -> None:
    """The row under the cursor, unless it is checked in: then somebody else is meant."""
    row = _present(day.here(line.desk), str(line.selection.encounter_id))
    if row.stage != staging.WAY[0]:
        param = line.has("visit")
        assert param is not None
        raise Lacking(param)
    _take_arrived(line, row)


def _take_arrived(line: Line, row: Any) -> None:
    """Somebody who arrived, with an appointment or without, is checked in by their presence."""
    if row.stage != staging.WAY[0]:
        since = say_time(line, row.arrived_at)
        raise Refused(f"{row.family}, {row.given} is checked in already, here since {since} (F3).")
    line.found |= {"encounter_id": row.id, "seen": row.version}
    line.found["_who"] = full_name(row)
    line.show(line.action.verb, _say_here(line, row))
    _show_born(line, row)


def _show_born(line: Line, row: Any) -> None:
    """Show the birth date to ask for, else the phone, unless it was given already."""
    if line.action.id != CHECK_IN or restricted_records.is_closed(row):
        return
    given = str(line.found.get("verified", ""))
    if row.birth_date and "birth date" not in given:
        line.show("born", dates.say_birth(row.birth_date, long=True))
    elif not row.birth_date and "phone" not in given:
        phone = arrivals.first_phone(line.desk, row.patient_id)
        if phone:
            line.show("phone", phone)


def _present(people: Sequence[Any], encounter_id: str) -> Any:
    row = next((p for p in people if p.id == encounter_id), None)
    if row is None:
        raise Refused("That patient is not here any more; look again.")
    return row


def _here(line: Line) -> None:
    """One of those who are here now."""
    text = said(line.words)
    line.words = []
    chosen = line.picked.get("here") or (None if text else line.selection.encounter_id)
    people = day.here(line.desk)
    if chosen is None:
        if not text:
            param = line.has("here")
            assert param is not None
            raise Lacking(param, [Candidate(p.id, _say_here(line, p)) for p in people])
        hits = lookup.find_among(line.desk, text, [p.patient_id for p in people])
        sure = {hit.id for hit in _with_the_number(line, text, [hit for hit in hits if hit.exact])}
        ids = sure or {hit.id for hit in hits}
        fits = [p for p in people if p.patient_id in ids]
        if not fits:
            raise NotFound(f"Nobody who is here fits “{text}”. F3 shows who is here.")
        if len(fits) > 1 or not sure:
            raise Unsure("here", [Candidate(p.id, _say_here(line, p)) for p in fits])
        chosen = fits[0].id
    row = _present(people, chosen)
    line.found["encounter_id"] = row.id
    line.found["_stage"] = row.stage
    if row.id == line.selection.encounter_id and line.selection.seen_encounter is not None:
        line.found["seen"] = line.selection.seen_encounter
    line.found["_who"] = full_name(row)
    line.show(line.action.verb, _say_here(line, row))


def _say_here(line: Line, row: Any) -> str:
    since = say_time(line, row.arrived_at)
    name = restricted_records.called(row)
    return f"{name}   MRN {row.mrn or '-'}   here since {since}"

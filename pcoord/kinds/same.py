"""Two records in one line, and something that stands on the wrong one."""

from collections.abc import Callable, Sequence
from typing import Any

from pcoord.domain.errors import NotFound, Refused
from pcoord.domain.names import fold, fold_identifier
from pcoord.domain.sentences import full_name
from pcoord.domain.wrong_patient import REASONS, reason_code
from pcoord.kinds import when
from pcoord.kinds.clauses import clause, said
from pcoord.kinds.line import Candidate, Lacking, Line, Unsure, Word
from pcoord.kinds.people import say_person, the_patient
from pcoord.services import duplicate_work, lookup, merging, reassigning, restricted_records

_BETWEEN = ("into", "and", "with")
_THINGS = {
    "visit": "appointment",
    "appointment": "appointment",
    "here": "encounter",
    "presence": "encounter",
    "call": "call",
    "message": "communication",
    "msg": "communication",
    "task": "task",
    "nurse": "nurse_call",
    "wait": "waitlist_entry",
    "waitlist": "waitlist_entry",
    "coverage": "coverage",
    "insurance": "coverage",
    "document": "document",
    "paper": "document",
    "letter": "document",
}


def _who(line: Line, choose: str, text: str) -> Any:
    """Return one patient: chosen before, or meant by the text; ask under a name of its own."""
    if choose in line.picked:
        return lookup.one(line.desk, line.picked[choose])
    try:
        return the_patient(line, text)
    except Unsure as unsure:
        raise Unsure(choose, unsure.candidates) from None


# Two records


def read_other(line: Line) -> None:
    """The words before "into" (or "and") name the other record, those behind it the patient."""
    known = line.selection.patient_id
    behind = clause(line, *_BETWEEN)
    before, line.words = line.words, []
    if behind is not None:
        line.about = said(behind)
    elif not known and before:
        # One name alone says who stays; the other is still to be asked for.
        line.about, before = said(before), []
    if before or "other" in line.picked:
        _take_other(line, _who(line, "other", said(before)).id)


def _take_other(line: Line, patient_id: str) -> None:
    line.found["other_id"] = patient_id
    line.show("record", say_person(line, lookup.one(line.desk, patient_id)))


def finish_other(line: Line) -> None:
    """Ask for the other record, the likely duplicates first; on the screen one alone is taken."""
    if "other_id" not in line.found:
        ids = duplicate_work.alike(line.desk, line.found["patient_id"])
        if len(ids) == 1 and line.selection.patient_id and line.action.id == "patient.merge":
            _take_other(line, ids[0])
        else:
            param = line.has("other")
            assert param is not None
            hits = lookup.some(line.desk, ids)
            lacking = Lacking(param, [Candidate(hit.id, say_person(line, hit)) for hit in hits])
            raise Unsure("other", lacking.candidates) if hits else lacking
    if line.found["other_id"] == line.found["patient_id"]:
        raise Refused("That is one record already. Name two different ones.")
    line.found["_other"] = lookup.one(line.desk, line.found["other_id"])


def read_fields(line: Line) -> None:
    """The words behind "taking" name fields of the record that goes."""
    taken = clause(line, "taking")
    if taken is not None:
        line.found["take"] = tuple(merging.fields_named(said(taken)))
        line.show("taking", said(taken))


def read_merged(line: Line) -> None:
    """A typed number may be that of the merged record itself."""
    line.found["_typed"] = said(line.words)


def finish_merged(line: Line) -> None:
    """Settle which of the merged records is meant."""
    typed = line.found.pop("_typed", "")
    known = merging.merged_into(line.desk, line.found["patient_id"])
    meant = line.picked.get("merged")
    numbers = {fold_identifier(word) for word in typed.split()}
    chosen = [
        one
        for one in known
        if meant == one.id or (not meant and fold_identifier(one.mrn) in numbers)
    ]
    chosen = chosen or known
    if not chosen:
        raise Refused("Nothing was merged into this record, so there is nothing to take apart.")
    if len(chosen) > 1:
        raise Unsure("merged", [Candidate(m.id, f"{m.name}   MRN {m.mrn}") for m in chosen])
    line.found["other_id"] = chosen[0].id
    line.show("apart", f"{chosen[0].name}   MRN {chosen[0].mrn}")
    line.found["_other"] = chosen[0]


def _pair(line: Line) -> tuple[str, str]:
    other, who = line.found.pop("_other"), line.found.pop("_who", "")
    name = getattr(other, "name", None) or _least_name(line, other)
    return f"{name}, MRN {other.mrn or '-'}", who


def _least_name(line: Line, hit: Any) -> str:
    return full_name(restricted_records.least(line.desk, hit))


def would_merge(line: Line) -> str:
    other, who = _pair(line)
    return f"merges {other}, into {who}; `unmerge` takes them apart again"


def would_part(line: Line) -> str:
    other, who = _pair(line)
    return f"takes {other} out of the record of {who} again"


def would_tell_apart(line: Line) -> str:
    other, who = _pair(line)
    return f"notes that {other}, and {who} are two people"


# The wrong patient


def read_thing(line: Line) -> None:
    """What is meant, on whose record it stands, to whom it goes, and why."""
    _read_reason(line)
    to = clause(line, "to")
    chosen = _selected(line)
    if chosen is not None and to is None:
        to, line.words = line.words, []
    thing = reassigning.thing(line.desk, *chosen) if chosen else _typed_thing(line)
    line.words = []
    line.found |= {"kind": thing.kind, "record_id": thing.id, "seen": thing.version}
    wrong = lookup.one(line.desk, thing.patient_id) if thing.patient_id else None
    if wrong is None:
        raise Refused("That stands on nobody's record, so there is nothing to put right.")
    line.show("what", thing.said)
    line.show("from", say_person(line, wrong))
    _read_to(line, to)
    line.found["_thing"] = (thing.said, wrong)
    if "reason" not in line.found:
        param = line.has("wrong_reason")
        assert param is not None
        raise Lacking(param, [Candidate(code, f"{code:<12}{t}") for code, t in REASONS.items()])


def _read_reason(line: Line) -> None:
    code = line.picked.get("reason")
    taken = clause(line, "reason")
    if code is None and taken:
        code = reason_code(said(taken))
        if code is None:
            raise Refused(f"“{said(taken)}” is no reason; choose {', '.join(REASONS)}.")
    if code is not None:
        line.found["reason"] = code
        line.show("reason", REASONS[code])


def _selected(line: Line) -> tuple[str, str] | None:
    """Return what the eye rests on, unless the words name something."""
    words = line.plain()
    if "thing" in line.picked:
        kind, _, key = str(line.picked["thing"]).partition(" ")
        return kind, key
    if words and words[0].casefold() in _THINGS:
        return None
    at = line.selection
    things: tuple[tuple[str, str | None], ...] = (
        ("communication", at.message_id),
        ("call", at.call_id),
        ("nurse_call", at.nurse_call_id),
        ("encounter", None if at.appointment_id else at.encounter_id),
        ("appointment", at.appointment_id),
    )
    return next(((kind, key) for kind, key in things if key), None)


def _typed_thing(line: Line) -> reassigning.Thing:
    words = line.plain()
    kind = "appointment"
    if words and words[0].casefold() in _THINGS:
        kind = _THINGS[words[0].casefold()]
        line.words = line.words[1:]
    if kind == "call" and len(line.words) == 1 and line.words[0].text.isdecimal():
        return reassigning.call_of_number(line.desk, int(line.words[0].text))
    if kind == "appointment":
        when.read_when(line)
    asked = line.found.pop("when", None)
    quoted = [word.text for word in line.words if word.quoted]
    line.words = [word for word in line.words if not word.quoted]
    text, selected = said(line.words), line.selection.patient_id
    if text or "patient" in line.picked:
        person = _who(line, "patient", text)
    elif selected:
        person = lookup.one(line.desk, selected)
    else:
        param = line.has("thing")
        assert param is not None
        raise Lacking(param)
    return _one_of(line, kind, person, asked, quoted)


def _one_of(
    line: Line, kind: str, person: Any, asked: Any, quoted: Sequence[str]
) -> reassigning.Thing:
    found = reassigning.things_of(line.desk, person.id, kind)
    for part in quoted:
        found = [t for t in found if fold(part) in fold(t.said)]
    if asked is not None and asked.date is not None:
        clinic = line.desk.clinic
        then = [t for t in found if t.at is not None and clinic.day_of(t.at) == asked.date]
        if found and not then:
            # Another day was meant: what there is stands to be chosen, though it be one alone.
            raise Unsure("thing", [Candidate(f"{t.kind} {t.id}", t.said) for t in found])
        found = then
    if not found:
        raise NotFound("There is nothing of that kind on this record; `pcoord patient` shows it.")
    if len(found) > 1:
        raise Unsure("thing", [Candidate(f"{t.kind} {t.id}", t.said) for t in found])
    return found[0]


def _read_to(line: Line, words: list[Word] | None) -> None:
    text = said(words or [])
    if not text and "to" not in line.picked:
        param = line.has("to")
        assert param is not None
        raise Lacking(param)
    right = _who(line, "to", text)
    line.found["patient_id"] = right.id
    line.found["_to"] = right
    line.show("to", say_person(line, right))


def would_reassign(line: Line) -> str:
    said_thing, wrong = line.found.pop("_thing")
    right = line.found.pop("_to")
    names = (_least_name(line, one) for one in (wrong, right))
    return f"moves from {' to '.join(names)}: {said_thing}"


FINISH: dict[str, Callable[[Line], None]] = {
    "patient.merge": finish_other,
    "patient.notsame": finish_other,
    "patient.unmerge": finish_merged,
}
WOULD: dict[str, Callable[[Line], str]] = {
    "patient.merge": would_merge,
    "patient.notsame": would_tell_apart,
    "patient.unmerge": would_part,
    "record.reassign": would_reassign,
}

"""Talk: nurse calls and call-backs, what a red flag still needs, and who accepts it."""

import re
from typing import Any

from pcoord.actions import Param
from pcoord.domain.errors import Refused
from pcoord.domain.phones import say
from pcoord.domain.sentences import full_name
from pcoord.kinds.clauses import clause, said
from pcoord.kinds.line import Candidate, Lacking, Line, Unsure
from pcoord.kinds.when import say_moment, say_time
from pcoord.services import callers, calls, day, nurse

_NUMBER = re.compile(r"\+?[\d()][\d\s().-]{5,}\d")
_PLACE = re.compile(r"\b(at|in|on)\s+[^,;]+")


def read_re(line: Line) -> None:
    """Take "re NAME" of a nurse call; other words stay, since a complaint may hold any."""
    taken = clause(line, "re")
    if taken:
        line.about = said(taken)


def finish_nurse(line: Line) -> None:
    """Pick number and place out of the words; both are asked for before anything is sent."""
    if not line.found.get("complaint"):
        _show_flags(line)
        raise Lacking(line.action.params[0])
    _part_complaint(line)
    if not line.found["complaint"]:
        raise Lacking(line.action.params[0])
    _show_flag(line)
    here = _is_about_whom_eye_rests_on(line)
    if here:
        line.found["encounter_id"] = line.selection.encounter_id
        line.found.setdefault("whereabouts", "here")
    if "callback_number" not in line.found and not here:
        raise Lacking(Param("callback_number", "text", "Which number do we call back? Ask first."))
    if "whereabouts" not in line.found:
        raise Lacking(Param("whereabouts", "text", "Where is the person now? (at home ...)"))


def _is_about_whom_eye_rests_on(line: Line) -> bool:
    """Tell whether the call is about the row's own patient, and that person is still here.

    Whoever else is typed may be anywhere: where, and a number, are asked for.
    """
    at = line.selection
    if at.encounter_id is None or line.found.get("patient_id") != at.patient_id:
        return False
    return any(row.id == at.encounter_id for row in day.here(line.desk))


def _part_complaint(line: Line) -> None:
    text = line.found["complaint"]
    number = _NUMBER.search(text)
    if number:
        line.found["callback_number"] = number.group().strip()
        text = text.replace(number.group(), " , ")
    where = _PLACE.search(text)
    if where:
        line.found["whereabouts"] = where.group().strip()
        text = text.replace(where.group(), " , ")
    line.found["complaint"] = re.sub(r"(\s*[,;]\s*)+", ", ", text).strip(" ,;")


def _show_flags(line: Line) -> None:
    flags = nurse.red_flags()
    for question in flags["ask_always"]:
        line.show("ask", question)
    line.show("flags", ", ".join(flag["title"] for flag in flags["flags"]))
    _show_notice(line)


def _show_flag(line: Line) -> None:
    flag = nurse.flag_for(line.found["complaint"])
    if flag is None:
        return
    line.show("say", flag["say"])
    line.show("ask", " ".join(flag["ask"]))
    _show_notice(line)


def _show_notice(line: Line) -> None:
    flags = nurse.red_flags()
    if flags["approved_by"]:
        line.show("approved", f"{flags['approved_by']}, {flags['approved_on']}")
    else:
        line.show("note", flags["notice"])


def would_nurse(line: Line) -> str:
    """Say what Enter sends."""
    who = line.found.pop("_who", "")
    where = ", ".join(
        line.found[name] for name in ("callback_number", "whereabouts") if name in line.found
    )
    return f"calls a nurse{' for ' + who if who else ''}: {line.found['complaint']}, {where}"


def finish_accept(line: Line) -> None:
    """Which nurse call, and the nurse's name: typed, or the signed-in nurse's own."""
    row = _open_nurse_call(line)
    line.found["nurse_call_id"], line.found["seen"] = row.id, row.version
    line.show("call", _say_nurse_call(line, row))
    typed = line.found.get("name")
    name = nurse.full_nurse_name(line.desk, typed) if typed else nurse.own_name(line.desk)
    if name is None:
        raise Lacking(line.action.params[1])
    line.found["name"] = name


def would_accept(line: Line) -> str:
    """Say who takes over."""
    return f"{line.found['name']} accepts the nurse call"


def _open_nurse_call(line: Line) -> Any:
    rows = nurse.waiting(line.desk)
    if not rows:
        raise Refused("No nurse call is open. F9 makes one.")
    wanted = line.picked.get("nurse_call") or line.selection.nurse_call_id
    chosen = [row for row in rows if row.id == wanted] or rows
    if len(chosen) > 1:
        shown = [Candidate(row.id, _say_nurse_call(line, row)) for row in chosen]
        raise Unsure("nurse_call", shown)
    return chosen[0]


def _say_nurse_call(line: Line, row: Any) -> str:
    facts = [row.complaint, row.callback_number, row.whereabouts]
    family = row.family
    who = f"{family}, {row.given}: " if family else ""
    since = say_time(line, row.raised_at)
    return f"{who}{', '.join(filter(None, facts))}   since {since}"


def finish_call(line: Line) -> None:
    """Say before Enter who may consent for a child, and whom an order shuts out."""
    patient_id, phone = line.found.get("patient_id"), line.found.get("phone")
    for text in callers.to_mind(line.desk, patient_id, phone) if patient_id else ():
        line.show("mind", text)


def finish_done(line: Line) -> None:
    """Which call-back was made: the row under the cursor, or one of those still open."""
    chosen = line.picked.get("call") or line.selection.call_id
    if chosen is None:
        rows = calls.log(line.desk, open_only=True)
        if not rows:
            raise Refused("No call-back is open.")
        raise Lacking(line.action.params[0], [Candidate(r.id, _say_call(line, r)) for r in rows])
    line.found["call_id"] = chosen
    if line.selection.call_id == chosen and line.selection.seen_call is not None:
        line.found["seen"] = line.selection.seen_call


def _say_call(line: Line, row: Any) -> str:
    phone = row.phone
    number = say(phone, line.desk.clinic.region) if phone else ""
    who = full_name(row) if row.family else row.caller or ""
    return f"{say_moment(line, row.callback_due)}   {who}   {number}"

"""Clauses: a word such as "reason", "by" or "callback" names what follows it."""

from collections.abc import Sequence
from datetime import datetime, time

from pcoord.domain import dates
from pcoord.domain.errors import BadUsage
from pcoord.domain.visit import CANCEL_REASONS, CANCEL_WORDS
from pcoord.kinds.line import Line, Word
from pcoord.kinds.small import is_selected, practitioner_named
from pcoord.kinds.when import moment_of, say_moment, say_time, take_moment

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_REASONS = {word: code for code, words in CANCEL_WORDS.items() for word in (code, *words)}
_PARTS = {
    "morning": "am",
    "mornings": "am",
    "am": "am",
    "afternoon": "pm",
    "afternoons": "pm",
    "pm": "pm",
}


def clause(line: Line, *names: str, to_end: bool = True) -> list[Word] | None:
    """Take the words behind the last of these names (to the line's end); None when absent."""
    for index in range(len(line.words) - 1, -1, -1):
        word = line.words[index]
        if not word.quoted and word.text.casefold() in names:
            end = len(line.words) if to_end else index + 2
            taken = line.words[index + 1 : end]
            line.words = line.words[:index] + line.words[end:]
            return taken
    return None


def said(words: Sequence[Word]) -> str:
    return " ".join(word.text for word in words)


_IDENTIFIERS = {
    "dob": "birth date",
    "birthdate": "birth date",
    "birth": "birth date",
    "born": "birth date",
    "address": "address",
    "street": "address",
    "mrn": "record number",
    "record": "record number",
    "name": "name",
    "phone": "phone",
}
# What may stand between them: "birth date and record number".
_BETWEEN = frozenset({"and", "date", "number"})


def read_identifiers(line: Line) -> None:
    """Take "verified dob, address": what was asked and fitted; other words stay."""
    words = [word.text.casefold() if not word.quoted else "" for word in line.words]
    if "verified" not in words:
        return
    first = words.index("verified")
    end = first + 1
    while end < len(words) and words[end].strip(",;") in _IDENTIFIERS.keys() | _BETWEEN:
        end += 1
    named = [_IDENTIFIERS.get(word.strip(",;")) for word in words[first + 1 : end]]
    given = list(dict.fromkeys(name for name in named if name))
    if not given:
        raise BadUsage("Say what was asked and fitted: verified dob address.")
    line.words = [*line.words[:first], *line.words[end:]]
    line.found["verified"] = ", ".join(given)
    line.show("verified", line.found["verified"])


def read_because(line: Line) -> None:
    taken = clause(line, "because")
    if taken:
        line.found["overbook_reason"] = said(taken)
        line.show("because", said(taken))


def read_note(line: Line) -> None:
    """Take "note" and what follows it, where the action keeps a note: dates in it are words."""
    param = line.has("text")
    if param is None or param.name != "note":
        return
    taken = clause(line, "note")
    if taken:
        line.words.append(Word(said(taken), quoted=True))


def read_cancel_reason(line: Line) -> None:
    if "reason" in line.picked:
        code = line.picked["reason"]
    else:
        taken = clause(line, "reason") or clause(line, "because")
        code = _reason_code(said(taken)) if taken else _reason_word(line)
    if code:
        line.found["reason"] = code
        line.show("reason", CANCEL_REASONS[code])


def _reason_code(text: str) -> str:
    folded = text.casefold().strip()
    for code, words in CANCEL_WORDS.items():
        if folded == code or folded in words or (folded and code.startswith(folded)):
            return code
    for word in folded.split():
        if code_of := _REASONS.get(word.strip(".,;!")):
            return code_of
    raise BadUsage(f"“{text}” is no reason; choose {', '.join(CANCEL_REASONS)}.")


def _reason_word(line: Line) -> str | None:
    """Take the last word that is a reason by itself; a first word is whose visit it is."""
    first = 0 if is_selected(line) else 1
    for index in range(len(line.words) - 1, first - 1, -1):
        word = line.words[index]
        code = None if word.quoted else _REASONS.get(word.text.casefold())
        if code:
            del line.words[index]
            return code
    return None


# Where the time stands behind the line's other words, "since" may belong to what is said.
_ONLY_AT = frozenset({"call.new", "encounter.walk_in"})


# Here "at" leads to a visit's own time as well.
_AGREED = frozenset({"appointment.book", "appointment.move", "appointment.cancel"})


def read_at(line: Line) -> None:
    """Take "at 14:05", the true time of what is typed in later; "callback at 4pm" is no such.

    Where a time is wanted, too, "at" may lead to that one: `_read_agreed` tells them apart.
    """
    if line.action.id in _AGREED:
        _read_agreed(line)
        return
    names = ("at",) if line.action.id in _ONLY_AT else ("at", "since")
    words = [word.text.casefold() for word in line.words]
    last = max((i for i, word in enumerate(words) if word in names), default=0)
    if line.has("callback") and "callback" in words[max(0, last - 2) : last]:
        return
    taken = clause(line, *names)
    if taken:
        moment = moment_of(line, said(taken), facing="past")
        line.found["at"] = moment
        today = line.desk.clinic.day_of(moment) == line.desk.today
        line.show("since", say_time(line, moment) if today else say_moment(line, moment))


def _read_agreed(line: Line) -> None:
    """Take a past "at 8:10" beside the wanted time: when it was agreed, and written on paper.

    Alone it is the wanted time, as is one that is still to come.
    """
    at = max((n for n, w in enumerate(line.words) if w.text.casefold() == "at"), default=-1)
    if at < 0 or line.words[at].quoted:
        return
    before, after = ([w.text for w in part if not w.quoted] for part in _parted(line.words, at))
    wanted, _ = take_moment(line, before, facing="future")
    settled = line.selection.start or line.selection.appointment_id
    if not settled and (wanted is None or wanted.time is None):
        return
    true, rest = take_moment(line, ["at", *after], facing="past")
    if true is None or true.time is None or "at" in rest:
        return
    desk = line.desk
    moment = dates.to_utc(true.date or desk.today, true.time, desk.clinic.zone, fold=true.fold)
    if moment > desk.now:
        return
    line.keep([*before, *rest])
    line.found["at"] = moment
    today = desk.clinic.day_of(moment) == desk.today
    line.show("agreed", say_time(line, moment) if today else say_moment(line, moment))


def _parted(words: Sequence[Word], at: int) -> tuple[Sequence[Word], Sequence[Word]]:
    return words[:at], words[at + 1 :]


def read_by(line: Line) -> None:
    taken = clause(line, "by", "before")
    if taken:
        line.found["due"] = _still_to_come(line, said(taken))
        line.show("by", say_moment(line, line.found["due"]))


def read_callback(line: Line) -> None:
    taken = clause(line, "callback", "call-back")
    if taken is None:
        return
    words = [word.text for word in taken]
    for text in list(words):
        practitioner = practitioner_named(line, text)
        if practitioner is not None:
            words.remove(text)
            line.found["callback_practitioner_id"] = practitioner.id
    due = _still_to_come(line, " ".join(words)) if words else None
    if due is None:
        raise BadUsage("Say when to call back: callback 4pm, callback tomorrow 9am lee.")
    line.found["callback_due"] = due
    line.show("callback", say_moment(line, due))


def _still_to_come(line: Line, text: str) -> datetime:
    """Return by when something is promised, UTC; what is past can be no promise."""
    due = moment_of(line, text, facing="future")
    if due <= line.desk.now:
        raise BadUsage(f"{say_moment(line, due)} is past; give a later time (4pm, tomorrow 9am).")
    return due


def read_wish(line: Line) -> None:
    """Take which days and parts of the day would suit: mornings, tue thu, before dec 20."""
    shown = _parts_and_days(line)
    desk = line.desk
    when, _, rest = dates.take_when(
        line.plain(),
        today=desk.today,
        now=desk.clinic.local(desk.now).time(),
        order=desk.clinic.date_order,
        facing="future",
        hours=desk.clinic.hours,
    )
    line.keep(rest)
    if when is not None and when.date is not None:
        line.found["not_before"] = when.date
        shown.append(f"from {dates.say_day(when.date, desk.today)}")
    if when is not None and when.until is not None:
        line.found["not_after"] = when.until
        if when.until < desk.today:
            raise BadUsage(f"{dates.say_day(when.until, desk.today)} is past; give a later day.")
        shown.append(f"to {dates.say_day(when.until, desk.today)}")
    if when is not None and when.time is not None:
        shown.append(_note_time(line, when))
    if shown:
        line.show("wish", ", ".join(shown))


def _note_time(line: Line, when: dates.When) -> str:
    """Keep a wished time, which the list holds as half a day, in the words of the note."""
    assert when.time is not None
    last = when.to or when.time
    at = dates.say_time(when.time) + (f" to {dates.say_time(when.to)}" if when.to else "")
    if (when.time.hour < 12) == (last < time(12, 1)):
        line.found.setdefault("part", "am" if when.time.hour < 12 else "pm")
    notes = [word.text for word in line.words if word.quoted] or [""]
    rest = [word for word in line.words if not word.quoted]
    line.words = [*rest, Word(", ".join(filter(None, (notes[0], at))), True)]
    return at


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

"""Small kinds: minutes, phone, room, visit type, practitioner, queue."""

import re
from typing import Any

from pcoord.domain import phones
from pcoord.domain.errors import BadUsage
from pcoord.domain.names import fold
from pcoord.kinds.line import Line

MOST_WORDS = 3
_ARTICLES = frozenset({"a", "an", "the", "for", "as"})
_TITLES = frozenset({"with", "to", "dr", "doctor", "prof", "nurse"})
_ROOM = re.compile(r"[a-z]?\d{1,3}[a-z]?", re.I | re.ASCII)
_MINUTES = re.compile(r"(\d{1,3})\s*(m|min|mins|minutes)?$", re.I)


def read_minutes(line: Line) -> None:
    for text in line.plain():
        match = _MINUTES.fullmatch(text)
        if match:
            line.found["minutes"] = int(match.group(1))
            rest = line.plain()
            rest.remove(text)
            line.keep([word for word in rest if word.casefold() not in {"min", "minutes", "late"}])
            line.show("late", f"{match.group(1)} minutes")
            return


def read_phone(line: Line) -> None:
    words = line.plain()
    for text in words:
        if sum(c.isdigit() for c in text) >= 7 and not re.search(r"[a-z/]", text, re.I):
            line.found["phone"] = text
            words.remove(text)
            line.keep(words)
            line.show("phone", phones.say(text, line.desk.clinic.region))
            return


def read_room(line: Line) -> None:
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
    if line.action.id == "encounter.room":
        _demand_no_room(line, words)


def _demand_no_room(line: Line, words: list[str]) -> None:
    """Refuse a room that is not here by itself: nobody's name is at fault then."""
    selected = is_selected(line) or line.selection.encounter_id is not None
    for text in words if selected else words[1:]:
        if _ROOM.fullmatch(text):
            names = ", ".join(room.name for room in line.desk.clinic.rooms)
            raise BadUsage(f"There is no room “{text}” here. The rooms are {names}.")


def _take_room(line: Line, room_id: str) -> None:
    line.found["room_id"] = room_id
    line.show("into", f"room {line.desk.clinic.room(room_id).name}")


def read_visit_type(line: Line) -> None:
    chosen = line.picked.get("visit_type")
    if chosen is None:
        chosen = _take_type_words(line)
    if chosen is not None:
        kind = line.desk.clinic.visit_type(chosen)
        line.found["visit_type_id"] = kind.id
        line.show("type", f"{kind.code}  {kind.title} {kind.minutes}m")


def _take_type_words(line: Line) -> str | None:
    """Take the last words that name a visit type, the longest run first: new patient, fu."""
    words = line.plain()
    types = {
        fold(name): kind.id
        for kind in reversed(line.desk.clinic.visit_types)
        for name in (kind.title, *kind.words, kind.code)
    }
    for length in range(min(MOST_WORDS, len(words)), 0, -1):
        for at in range(len(words) - length, -1, -1):
            found = types.get(fold(" ".join(words[at : at + length])))
            if found is not None:
                line.keep(_without_article(words[:at]) + words[at + length :])
                return found
    return None


def _without_article(words: list[str]) -> list[str]:
    """Drop the small words that lead to a visit type: "for a follow-up"."""
    while words and words[-1].casefold() in _ARTICLES:
        words = words[:-1]
    return words


def read_practitioner(line: Line) -> None:
    """Take the last word that names a practitioner, unless it is the only name there is.

    Of a message the first: its text may name others ("msg shah please ask lee").
    """
    chosen = line.picked.get("practitioner")
    if chosen is None:
        chosen = _practitioner_word(line)
    if chosen is None and not line.has("patient", "visit") and line.selection.practitioner_id:
        chosen = line.selection.practitioner_id
    if chosen is not None:
        take_practitioner(line, chosen)


def _practitioner_word(line: Line) -> str | None:
    words = line.plain()
    order = range(len(words))
    for index in order if line.action.id == "message.send" else reversed(order):
        practitioner = practitioner_named(line, words[index])
        if practitioner is None or _is_the_patient(line, words):
            continue
        line.keep(_before_practitioner(words[:index], practitioner) + words[index + 1 :])
        return str(practitioner.id)
    return None


def _before_practitioner(words: list[str], practitioner: Any) -> list[str]:
    """Drop what belongs to a practitioner's name: "with Dr. Hannah" before "Lee"."""
    led = len(words) > 1 and words[-2].casefold().rstrip(".") in _TITLES
    if led and fold(words[-1]) == fold(practitioner.given):
        words = words[:-1]
    while words and words[-1].casefold().rstrip(".") in _TITLES:
        words = words[:-1]
    return words


def _is_the_patient(line: Line, words: list[str]) -> bool:
    """A lone name is the patient's, as long as nobody else is selected."""
    needs = line.has("patient", "visit", "here")
    return bool(needs and needs.required and len(words) == 1 and not is_selected(line))


def is_selected(line: Line) -> bool:
    """Tell whether a key or a choice has settled already whom the line is about."""
    s = line.selection
    return bool({"patient", "visit"} & set(line.picked) or s.patient_id or s.appointment_id)


def practitioner_named(line: Line, text: str) -> Any:
    folded = fold(text)
    named = [p for p in line.desk.clinic.practitioners if p.active]
    for practitioner in named:
        if folded == fold(practitioner.code):
            return practitioner
    families = [p for p in named if folded == fold(p.family)]
    return families[0] if len(families) == 1 else None


def take_practitioner(line: Line, practitioner_id: str) -> None:
    practitioner = line.desk.clinic.practitioner(practitioner_id)
    line.found["practitioner_id"] = practitioner.id
    title = practitioner.specialty or practitioner.role
    line.show("with", f"{practitioner.code}  {practitioner.given} {practitioner.family}, {title}")


def read_queue(line: Line) -> None:
    """Whose queue: the nurse's, or a practitioner's."""
    words = line.plain()
    if "nurse" in [word.casefold() for word in words]:
        line.keep([word for word in words if word.casefold() != "nurse"])
        line.found["queue"] = "nurse"
        line.show("queue", "nurse")
        return
    read_practitioner(line)
    if "practitioner_id" in line.found:
        line.found["queue"] = "practitioner"


def read_stage(line: Line) -> None:
    """Take a stage by code, title or first word (held, ready, waits), or by its letter alone."""
    chosen = line.picked.get("stage")
    words = line.plain()
    alone = len(words) == 1 and line.selection.encounter_id is not None
    for text in [] if chosen else words:
        folded = text.casefold()
        fits = [s.code for s in line.desk.stages if folded in (s.code, s.title.split()[0])]
        if alone:
            # A letter beside a name may be an initial.
            fits += [s.code for s in line.desk.stages if folded == s.letter.casefold()]
        if fits:
            chosen = fits[0]
            line.keep([word for word in words if word != text])
            break
    if chosen:
        line.found["stage"] = chosen
        line.show("stage", next(s.title for s in line.desk.stages if s.code == chosen))

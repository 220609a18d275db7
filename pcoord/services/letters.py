"""Letters on paper: where one may go, what it may say there, and that it is accounted for."""

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pcoord import resources
from pcoord.domain import disclosure
from pcoord.domain.dates import say_day, say_time
from pcoord.domain.errors import BadUsage, DeskError, NotFound, Refused
from pcoord.domain.sentences import full_name
from pcoord.services import reaching, restricted_records
from pcoord.services.desk import Desk, Work, use_case
from pcoord.services.part_documents import LETTER
from pcoord.services.printing import target_of, write_new
from pcoord.store.queries import cards, schedule
from pcoord.store.tables import Document

DEFAULT_LANGUAGE = "en"


@dataclass(frozen=True)
class Letter:
    """A letter as it would be printed; `to` is the address on one line, `about` the visit's id."""

    code: str
    to: str
    text: str
    about: str | None = None


@dataclass(frozen=True)
class Printed:
    """A letter that was written to a file, and the sentence for it."""

    letter: Letter
    file: Path
    said: str


def codes() -> dict[str, dict[str, Any]]:
    """Return the letters there are, from `data/letters/index.toml`."""
    listed = resources.load_toml("letters/index.toml")["letters"]
    return {str(one["code"]): one for one in listed}


def compose(desk: Desk, patient_id: str, code: str, *, language: str | None = None) -> Letter:
    """Return a letter to a patient; Refused with why when it may not be sent, or not to there.

    A confidential visit is in no letter: others open the mail at home.
    """
    desk.demand("patient.read")
    known = codes()
    if code not in known:
        raise BadUsage(f"There is no letter {code!r}; there are {', '.join(known)}.")
    row = desk.read(cards.patient_row, patient_id)
    if row is None:
        raise NotFound("That patient is not on file any more; look again (F4).")
    restricted_records.demand(desk, patient_id, row.restricted)
    told = desk.read(reaching.may_reach, patient_id, "letter")
    if not told.allowed:
        raise Refused(f"No letter goes to {full_name(row)}: {told.says}.")
    if not told.may_say(code):
        neutral = ", ".join(sorted(disclosure.NEUTRAL_LETTERS))
        raise Refused(
            f"At this address only a name and a number may be left, so “{known[code]['title']}” "
            f"may not go there. Take one that says no more: {neutral}."
        )
    wanted = language or row.language or DEFAULT_LANGUAGE
    chosen = wanted if wanted in known[code]["languages"] else DEFAULT_LANGUAGE
    template = resources.read_text(f"letters/{code}.{chosen}.txt")
    words, about = _words(desk, row), None
    if "{date}" in template:
        visit = _visit_about(desk, patient_id, code)
        words |= _say_visit(desk, visit, desk.clinic.local(visit.start_at))
        about = visit.id
    text = _page(desk, row, told.where, template.format_map(words))
    return Letter(code, told.where, text, about)


def print_letter(
    desk: Desk, patient_id: str, code: str, path: str, *, language: str | None = None
) -> Printed:
    """Write a letter to a new file that only its owner may read; it is put on record as sent."""
    desk.demand("message.write")
    letter = compose(desk, patient_id, code, language=language)
    row: Any = desk.read(cards.patient_row, patient_id)
    number = re.sub(r"[^\w.-]", "_", row.mrn or "patient")
    name = f"~/letter-{number}-{code}-{desk.today.isoformat()}.txt"
    target = target_of(path or name)
    write_new(target, letter.text)
    said = f"Printed a letter ({code}) to {full_name(row)}, {letter.to}, as {target}"
    try:
        _put_on_record(desk, patient_id=patient_id, letter=letter, target=target, said=said)
    except DeskError:
        # What left the clinic and is not accounted for must not be left lying about.
        target.unlink(missing_ok=True)
        raise
    return Printed(letter, target, f"{said}; only you may read it.")


@use_case("letter.print", "message.write")
def _put_on_record(work: Work, *, patient_id: str, letter: Letter, target: Path, said: str) -> None:
    made = work.unit.insert(
        Document,
        patient_id=patient_id,
        kind=LETTER,
        title=codes()[letter.code]["title"],
        dated=work.today,
        kept_at=str(target),
        sent_on=work.today,
        sent_to=letter.to,
        appointment_id=letter.about,
        created_at=work.now,
    )
    work.unit.say(f"{said}.", about=("document", made), patient_id=patient_id, final=True)


def _page(desk: Desk, row: Any, to: str, text: str) -> str:
    name = " ".join(filter(None, (row.given, row.family)))
    address = "\n".join(part.strip() for part in to.split(","))
    return f"{desk.clinic.name}\n\n\n{name}\n{address}\n\n\n{text.strip()}\n"


def _words(desk: Desk, row: Any) -> dict[str, str]:
    phone = next((place.phone for place in desk.clinic.locations if place.phone), None)
    words = {"clinic": desk.clinic.name, "phone": phone or "our number"}
    return words | {"family": row.family, "given": row.given}


_ABOUT = {"reminder": ("booked",), "missed": ("noshow",), "recall": ("fulfilled",)}


def _visit_about(desk: Desk, patient_id: str, code: str) -> Any:
    """Return the visit a letter is about: the next one, or the last that was so."""
    rows = [
        row
        for row in desk.read(schedule.visits_of, patient_id)
        if row.status in _ABOUT.get(code, ("booked",)) and reaching.tells_visits(row)
    ]
    coming = [row for row in rows if row.start_at >= desk.now]
    chosen = (coming[0] if coming else None) if code == "reminder" else (rows or [None])[-1]
    if chosen is None:
        raise Refused("There is no visit that this letter may speak of.")
    return chosen


def _say_visit(desk: Desk, row: Any, local: datetime) -> dict[str, str]:
    practitioner = desk.clinic.practitioner(row.practitioner_id)
    return {
        "date": say_day(local.date(), desk.today),
        "time": say_time(local.time()),
        "practitioner": f"{practitioner.given} {practitioner.family}",
        "location": desk.clinic.location(row.location_id).name,
    }

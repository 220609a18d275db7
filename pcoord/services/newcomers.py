"""Somebody nobody knows stands at the desk: on file in a moment, the rest is asked later."""

from datetime import date

from pcoord.domain.lookup_text import without_title
from pcoord.services import lookup
from pcoord.services.desk import Desk, Work
from pcoord.store.queries.people import number_taken
from pcoord.store.tables import Identifier, Patient

UNKNOWN = "Unknown"
FIRST_NUMBER = 10001


def register_in_haste(work: Work, name: str, birth_date: date | None = None) -> str:
    """Put somebody on file with what is known: a name, or none, and maybe a birth date.

    The name is "Family, Given", as `read` gives it; an empty one is nobody's.
    """
    family, _, given = (part.strip() for part in name.partition(","))
    patient_id = work.unit.insert(
        Patient,
        family=family or UNKNOWN,
        given=given,
        birth_date=birth_date,
        created_at=work.now,
    )
    work.unit.insert(Identifier, patient_id=patient_id, value=next_record_number(work))
    return patient_id


def read(desk: Desk, text: str) -> tuple[str, date | None]:
    """Return (name as "Family, Given", birth date or None) of a typed text.

    The family's name stands first, as in every typed line of the desk, unless a comma parts them.
    """
    clues = lookup.read_query(desk, without_title(text))
    named = " ".join(word for word, taken in clues.words if "name" in taken)
    family, _, given = named.partition("," if "," in named else " ")
    if family.casefold().strip() in {"", UNKNOWN.casefold()}:
        return UNKNOWN, clues.birth_date
    parts = (_shown(family), _shown(given))
    return ", ".join(filter(None, parts)), clues.birth_date


def _shown(words: str) -> str:
    """Return a name typed in small letters with capitals; any other as it was typed."""
    words = " ".join(words.split())
    return words.title() if words == words.lower() else words


def next_record_number(work: Work) -> str:
    """Return a number that no patient has; numbers brought in from elsewhere are stepped over."""
    number = str(work.unit.next_number("mrn", FIRST_NUMBER))
    while number_taken(work.connection, number):
        number = str(work.unit.next_number("mrn", FIRST_NUMBER))
    return number

"""Somebody nobody knows stands at the desk: on file in a moment, the rest is asked later."""

from datetime import date

from pcoord.services.desk import Work
from pcoord.store.queries.people import number_taken
from pcoord.store.tables import Identifier, Patient

UNKNOWN = "Unknown"
FIRST_NUMBER = 10001


def register_in_haste(work: Work, name: str, birth_date: date | None = None) -> str:
    """Put somebody on file with what is known: a name, or none, and maybe a birth date.

    The name is read as "Family, Given" or "Given Family".
    """
    family, given = split_name(name)
    patient_id = work.unit.insert(
        Patient,
        family=family or UNKNOWN,
        given=given,
        birth_date=birth_date,
        created_at=work.now,
    )
    work.unit.insert(Identifier, patient_id=patient_id, value=_next_record_number(work))
    return patient_id


def split_name(name: str) -> tuple[str, str]:
    """Return family and given name of a typed name; a lone word is the family's."""
    family, comma, given = name.partition(",")
    if not comma:
        given, _, family = name.strip().rpartition(" ")
    return _shown(family), _shown(given)


def _shown(words: str) -> str:
    """Return a name typed in small letters with capitals; any other as it was typed."""
    words = " ".join(words.split())
    return words.title() if words == words.lower() else words


def _next_record_number(work: Work) -> str:
    """Return a number that no patient has; numbers brought in from elsewhere are stepped over."""
    number = str(work.unit.next_number("mrn", FIRST_NUMBER))
    while number_taken(work.connection, number):
        number = str(work.unit.next_number("mrn", FIRST_NUMBER))
    return number

"""May we reach this person by this way, about this visit, and what may be said there?

The one door through which whatever reaches out to a patient goes: calls and letters do, and texts
and mail will. It gathers what is on record; `domain.disclosure` decides. An architecture test
finds whatever sends without asking here.
"""

from dataclasses import dataclass
from typing import Any

from pcoord.domain import disclosure
from pcoord.domain.disclosure import Verdict
from pcoord.domain.errors import NotFound
from pcoord.domain.phones import national_digits
from pcoord.services.patient_card import point_of
from pcoord.store.engine import Connection
from pcoord.store.queries import cards, schedule

_WHOLE = 7
WAYS = ("call", "letter", "text", "mail")
NOBODY = "nobody"
"""What stands in "reached by" of somebody who wants to hear from nobody."""

_DEAD = "is recorded as deceased: nothing is sent any more"
_TEST = "is a test record: nobody is reached"
_WISH = "asked not to be written to"
UNCALLED = "asked not to be contacted"
_KEPT = "this visit is confidential: it is told to the patient alone, and written nowhere"


@dataclass(frozen=True)
class Reach:
    """Whether, where and how much: `leave` as in `disclosure.LEAVE`, `says` is why (in words)."""

    way: str
    allowed: bool
    where: str = ""
    leave: str = "nothing"
    says: str = ""

    def may_say(self, letter: str) -> bool:
        """Tell whether so much as a letter of this code says may be left there."""
        return self.allowed and disclosure.letter_fits(letter, self.leave)


def may_reach(
    connection: Connection,
    patient_id: str,
    way: str,
    *,
    digits: str | None = None,
    visit_id: str | None = None,
) -> Reach:
    """Answer for one of WAYS; `digits` is the number that is called, `visit_id` what it is about.

    A number that is not on record says nothing of what may be left there: a name and a number. A
    confidential visit is told on the telephone, to the patient; it is written nowhere.
    """
    person = cards.patient_row(connection, patient_id)
    if person is None:
        raise NotFound("That patient is not on file any more; look again (F4).")
    if way == "call":
        return _call(connection, person, digits)
    visit = schedule.visit(connection, visit_id) if visit_id else None
    refused = _unwritten(person) or (_KEPT if visit is not None and visit.confidential else "")
    if refused:
        return Reach(way, False, says=refused)
    return _of(way, _WRITTEN[way](connection, person))


def at_number(row: Any) -> Verdict:
    """Return what a call to a number on record may leave there; for lists of whom to call."""
    return disclosure.at_phone(point_of(row))


def shut_out(connection: Connection, patient_id: str, digits: str | None) -> Any | None:
    """Return the related person who has this number and whom an order shuts out.

    None where it is the patient's own number too, or that of somebody else who is not shut out.
    """
    ending = national_digits(digits or "")
    if len(ending) < _WHOLE:
        return None
    rows = cards.parts_of(connection, patient_id, "related_person")
    own = cards.parts_of(connection, patient_id, "contact_point")
    theirs = [row for row in rows if (row.digits or "").endswith(ending)]
    if any((row.digits or "").endswith(ending) for row in own):
        return None
    return theirs[0] if theirs and all(row.denied for row in theirs) else None


def say_shut_out(person: Any) -> str:
    """Return whose number it is, and the order."""
    name = f"{person.given} {person.family}".strip()
    return f"this is the number of {name}, whom an order shuts out ({person.denied})"


def tells_visits(row: Any) -> bool:
    """Tell whether a visit may be written of at all."""
    return not row.confidential


def _unwritten(person: Any) -> str:
    """Return why nothing is written to somebody by any way, "" when it may be."""
    if person.deceased_on is not None:
        return _DEAD
    if person.test:
        return _TEST
    return _WISH if person.contact_by == NOBODY else ""


def _call(connection: Connection, person: Any, digits: str | None) -> Reach:
    if person.contact_by == NOBODY:
        return Reach("call", False, digits or "", says=UNCALLED)
    for row in cards.parts_of(connection, person.id, "contact_point"):
        if digits is not None and row.digits == digits:
            return _of("call", at_number(row))
    denied = shut_out(connection, person.id, digits)
    if denied is not None:
        return Reach("call", False, digits or "", says=say_shut_out(denied))
    return Reach("call", True, leave="name and number")


def _letter(connection: Connection, person: Any) -> Verdict:
    rows = cards.parts_of(connection, person.id, "address")
    return disclosure.letter_to(map(_address, rows))


def _text(connection: Connection, person: Any) -> Verdict:
    rows = cards.parts_of(connection, person.id, "contact_point")
    return disclosure.text_to(map(point_of, rows), agreed=person.text_ok)


def _mail(connection: Connection, person: Any) -> Verdict:
    return disclosure.mail_to(person.email, agreed=person.email_ok)


_WRITTEN = {"letter": _letter, "text": _text, "mail": _mail}


def _of(way: str, told: Verdict) -> Reach:
    return Reach(way, told.allowed, told.where, told.leave, told.says)


def _address(row: Any) -> disclosure.Point:
    town = " ".join(filter(None, (row.state, row.postal_code)))
    where = ", ".join(filter(None, (row.line, row.city, town, row.country)))
    return disclosure.Point(where, row.use, row.may_leave, row.safe, row.never)

"""Documents as a part of the record: papers and files about a patient, and which of them left."""

from datetime import date
from typing import Any

from pcoord.domain.clinic import Clinic
from pcoord.domain.errors import Refused
from pcoord.services import typed as read
from pcoord.services.parts import Part, Values, plain
from pcoord.services.patient_fields import FieldErrors
from pcoord.services.typed import Typed
from pcoord.store.tables import Document

LETTER = "letter"
KINDS = (
    *("court order", "consent", "advance directive", "identity", "insurance card"),
    *("referral", "result", "form", LETTER, "other"),
)
"""What documents are, as the desk calls them (FHIR DocumentReference.type)."""

_WORDS = {"order": "court order", "custody": "court order", "id": "identity", "lab": "result"}
_WORDS |= {"living will": "advance directive", "passport": "identity", "card": "insurance card"}
_SENT = (
    "This was sent, so it stays on record. Is it about somebody else? Esc, then ^P and "
    "`wrongpatient document` puts it on the right record."
)


def _past_day(typed: Typed) -> date | None:
    value = read.day(typed)
    if value is not None and value > typed.today:
        raise Refused("That day is still to come; type one such as today or 3/4/2026.")
    return value


def _settle(values: Values) -> Values:
    if values.get("sent_to") and not values.get("sent_on"):
        raise FieldErrors({"sent_on": "Type when it was sent, or leave to whom empty."})
    return values


def say_document(row: Any, clinic: Clinic) -> str:
    """Return a document in one line: what it is, whose, of when, where it lies, where it went."""
    day = read.say_day
    sent = f"SENT {day(row.sent_on, clinic)}" if row.sent_on else ""
    facts = (
        row.kind,
        row.title if row.title.casefold() != row.kind else "",
        day(row.dated, clinic),
        f"from {row.author}" if row.author else "",
        f"in {row.kept_at}" if row.kept_at else "",
        f"{sent} to {row.sent_to}" if sent and row.sent_to else sent,
    )
    return "  ".join(filter(None, facts))


def _keeps(row: Any) -> str:
    return _SENT if row.sent_on else ""


DOCUMENT = Part(
    "document",
    "Documents",
    "document",
    Document,
    (
        plain("title", "title", reader=read.needed(read.text, "Say what it is, in a few words.")),
        plain(
            "kind",
            "kind",
            "court order, consent, id, insurance card, referral ...",
            read.one_of(KINDS, _WORDS),
            empty="other",
        ),
        plain("dated", "dated", "the day it bears: 3/4/2026", _past_day),
        plain("author", "from", "whose it is: a court, Dr. Osei ..."),
        plain("kept_at", "lies in", "binder 3, scan 1182.pdf ..."),
        plain("sent_on", "sent on", "where it left the clinic: today, 3/4/2026", _past_day),
        plain("sent_to", "sent to", "whom it was sent to, and where"),
    ),
    lambda row, clinic, today: say_document(row, clinic),
    settle=_settle,
    keeps=_keeps,
)

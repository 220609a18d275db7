"""What the desk writes down: calls, messages, open work, half-typed text."""

from datetime import date, datetime

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from pcoord.store.tables.base import Record, link

_PROMISED = "callback_due IS NOT NULL AND callback_done_at IS NULL"


def _open(name: str, column: str, where: str) -> Index:
    """Return an index of the few rows that are still open, however many are done."""
    return Index(name, column, sqlite_where=text(where), postgresql_where=text(where))


class Call(Record, table=True):
    """A telephone call. `verified` lists the identifiers the caller gave (birth date, address).

    `started_at` and `ended_at` are when it was, `recorded_at` when it was written down.
    """

    number: int = Field(index=True)
    direction: str = "in"
    started_at: datetime = Field(index=True)
    ended_at: datetime | None = None
    recorded_at: datetime | None = None
    phone: str | None = None
    digits: str | None = Field(default=None, index=True)
    caller: str | None = None
    patient_id: str | None = link("patient.id", default=None, index=True)
    reason: str | None = None
    note: str | None = None
    verified: str = ""
    outcome: str | None = None
    callback_due: datetime | None = None
    callback_practitioner_id: str | None = link("practitioner.id", default=None)
    callback_done_at: datetime | None = None
    taken_by: str = link("staff_user.id")

    __table_args__ = (_open("ix_call_open", "callback_due", _PROMISED),)


class NurseCall(Record, table=True):
    """A red flag handed to a nurse; open until a nurse accepts it by name."""

    __tablename__ = "nurse_call"

    patient_id: str | None = link("patient.id", default=None)
    call_id: str | None = link("call.id", default=None)
    encounter_id: str | None = link("encounter.id", default=None)
    complaint: str
    callback_number: str | None = None
    whereabouts: str | None = None
    raised_at: datetime
    raised_by: str = link("staff_user.id")
    accepted_at: datetime | None = Field(default=None, index=True)
    accepted_by: str | None = link("staff_user.id", default=None)
    accepted_name: str | None = None


class Communication(Record, table=True):
    """A message to a practitioner or a colleague (FHIR Communication)."""

    patient_id: str | None = link("patient.id", default=None, index=True)
    call_id: str | None = link("call.id", default=None)
    practitioner_id: str | None = link("practitioner.id", default=None)
    recipient_user_id: str | None = link("staff_user.id", default=None)
    sender_user_id: str = link("staff_user.id")
    text: str
    urgent: bool = False
    due_at: datetime | None = None
    sent_at: datetime = Field(index=True)
    done_at: datetime | None = None

    __table_args__ = (_open("ix_communication_open", "sent_at", "done_at IS NULL"),)


class Task(Record, table=True):
    """Open work with an owner and a due time (FHIR Task)."""

    kind: str
    patient_id: str | None = link("patient.id", default=None, index=True)
    what: str
    due_at: datetime | None = Field(default=None, index=True)
    owner: str | None = None
    priority: str = "routine"
    status: str = "requested"
    created_at: datetime
    done_at: datetime | None = None


class WaitlistEntry(Record, table=True):
    """A patient who wants an earlier or a first opening, with what would suit.

    `weekdays` holds digits (0 is Monday), `part` am or pm.
    """

    __tablename__ = "waitlist_entry"

    patient_id: str = link("patient.id", index=True)
    visit_type_id: str | None = link("visit_type.id", default=None)
    practitioner_id: str | None = link("practitioner.id", default=None)
    part: str | None = None
    weekdays: str = ""
    not_before: date | None = None
    not_after: date | None = None
    note: str | None = None
    status: str = "waitlist"
    created_at: datetime


class Draft(SQLModel, table=True):
    """Passing: half-typed text of one person, screen and object (JSON), until it is saved."""

    user_id: str = Field(primary_key=True)
    screen: str = Field(primary_key=True)
    object_key: str = Field(primary_key=True, default="")
    content: str
    updated_at: datetime

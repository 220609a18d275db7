"""Messages to practitioners and colleagues."""

from datetime import datetime

from pcoord.domain.errors import Refused
from pcoord.domain.sentences import full_name
from pcoord.services.desk import Work, use_case
from pcoord.services.nurse import demand_no_open_flag
from pcoord.store.tables import Communication


@use_case("message.send", "message.write")
def send(
    work: Work,
    *,
    practitioner_id: str,
    text: str,
    patient_id: str | None = None,
    due: datetime | None = None,
    urgent: bool = False,
    call_id: str | None = None,
) -> None:
    """Leave a message for a practitioner, about a patient if there is one; due in UTC."""
    if not text.strip():
        raise Refused("Write what the message says.")
    demand_no_open_flag(work, patient_id=patient_id, call_id=call_id)
    practitioner = work.clinic.practitioner(practitioner_id)
    made = work.unit.insert(
        Communication,
        patient_id=patient_id,
        call_id=call_id,
        practitioner_id=practitioner.id,
        sender_user_id=work.who.user_id,
        text=text,
        urgent=urgent,
        due_at=due,
        sent_at=work.now,
    )
    person = work.person(patient_id) if patient_id else None
    about = f" about {full_name(person)}" if person else ""
    by = f", by {work.say_when(due)}" if due else ""
    work.unit.say(
        f"Message to {practitioner.code}{about}{by}.",
        about=("communication", made),
        patient_id=patient_id,
    )


@use_case("message.done", "message.write")
def done(work: Work, *, message_id: str, seen: int | None = None) -> None:
    """Note that a message has been dealt with."""
    row = work.unit.row(Communication, message_id, seen)
    if row["done_at"] is not None:
        raise Refused("This message is done already.")
    work.unit.update(Communication, message_id, seen, done_at=work.now)
    person = work.person(row["patient_id"]) if row["patient_id"] else None
    about = f" about {full_name(person)}" if person else ""
    work.unit.say(
        f"Message done{about}.", about=("communication", message_id), patient_id=row["patient_id"]
    )

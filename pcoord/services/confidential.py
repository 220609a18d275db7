"""A visit that guardians are not told of: not in their calls, reminders, letters or statements."""

from pcoord.domain.errors import Refused
from pcoord.domain.sentences import full_name
from pcoord.services.desk import Work, use_case
from pcoord.store.tables import Appointment

MAY_BE = frozenset({"booked", "waitlist", "arrived", "checked-in", "fulfilled"})


@use_case("appointment.confidential", "appointment.write")
def mark(
    work: Work, *, appointment_id: str, confidential: bool | None = None, seen: int | None = None
) -> None:
    """Mark a visit confidential, or open to guardians again; without a word it is turned."""
    old = work.unit.row(Appointment, appointment_id)
    if old["status"] not in MAY_BE:
        raise Refused(f"This visit is {old['status']}; there is nothing to keep to oneself.")
    wanted = not old["confidential"] if confidential is None else confidential
    if wanted == old["confidential"]:
        raise Refused("This visit is marked so already.")
    work.unit.update(Appointment, appointment_id, seen, confidential=wanted)
    person = work.person(old["patient_id"])
    what = "Confidential, told to the patient alone" if wanted else "No longer confidential"
    work.unit.say(
        f"{what}: {full_name(person)}, {work.say_when(old['start_at'])}.",
        about=("appointment", appointment_id),
        patient_id=old["patient_id"],
    )

"""The waiting list: who would like an opening, and which one would suit."""

from datetime import date

from pcoord.domain.errors import NotFound, Refused
from pcoord.domain.sentences import full_name
from pcoord.services import restricted_records
from pcoord.services.desk import Work, use_case
from pcoord.services.nurse import demand_no_open_flag
from pcoord.store.tables import WaitlistEntry


@use_case("waitlist.add", "appointment.write")
def add(
    work: Work,
    *,
    patient_id: str,
    visit_type_id: str | None = None,
    practitioner_id: str | None = None,
    part: str | None = None,
    weekdays: str = "",
    not_before: date | None = None,
    not_after: date | None = None,
    note: str | None = None,
) -> None:
    """Put a patient on the waiting list; `weekdays` holds digits (0 is Monday)."""
    person = work.person(patient_id)
    if person is None or person.entered_in_error:
        raise NotFound("That patient is not on file; look the name up again (F4).")
    if person.deceased_on:
        raise Refused(f"{restricted_records.told(work, person)} is recorded as deceased.")
    if not_after is not None and not_after < work.today:
        raise Refused("The last day that would suit is past; give a later one.")
    demand_no_open_flag(work, patient_id=patient_id)
    made = work.unit.insert(
        WaitlistEntry,
        patient_id=patient_id,
        visit_type_id=visit_type_id,
        practitioner_id=practitioner_id,
        part=part,
        weekdays=weekdays,
        not_before=not_before,
        not_after=not_after,
        note=note,
        created_at=work.now,
    )
    kind = f", {work.clinic.visit_type(visit_type_id).title}" if visit_type_id else ""
    whom = f" with {work.clinic.practitioner(practitioner_id).code}" if practitioner_id else ""
    work.unit.say(
        f"{full_name(person)} is on the waiting list{kind}{whom}.",
        about=("waitlist_entry", made),
        patient_id=patient_id,
    )

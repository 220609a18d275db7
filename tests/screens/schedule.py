"""A morning in the test clinic, half past nine."""

from pcoord.services import booking, flow, late
from pcoord.services.desk import Desk
from tests.clinic import Clinic
from tests.screens.waiting import pass_minutes

BUSY = ("10442", "8841", "10443", "10446", "10445")


def book(
    clinic: Clinic,
    desk: Desk,
    mrn: str,
    hour: int,
    minute: int = 0,
    *,
    who: str = "LEE",
    kind: str = "fu",
    days: int = 0,
    why: str | None = None,
) -> str:
    """Book a visit and return its id; `why` is the reason of an overbooking, by the supervisor."""
    booker = clinic.desk("boss") if why else desk
    step = booking.book(
        booker,
        patient_id=clinic.patient(desk, mrn),
        practitioner_id=desk.clinic.practitioner(who).id,
        start=clinic.at(hour, minute, days),
        visit_type_id=desk.clinic.visit_type(kind).id,
        overbook_reason=why,
    )
    return str(step.id)


def busy_day(clinic: Clinic, desk: Desk) -> None:
    """One waits too long, one is in a room, one has confirmed, two are to come; LEE runs late."""
    layla = book(clinic, desk, BUSY[0], 9, kind="phys")
    maria = book(clinic, desk, BUSY[1], 10)
    book(clinic, desk, BUSY[2], 10, 30, who="ORTIZ", kind="new")
    ana = book(clinic, desk, BUSY[3], 9, who="ORTIZ", kind="phys")
    book(clinic, desk, BUSY[4], 14, who="SHAH")
    booking.confirm(desk, appointment_id=maria)
    pass_minutes(clinic, 10)
    flow.arrive(desk, appointment_id=layla)
    encounter = str(flow.check_in(desk, appointment_id=ana, verified="birth date,phone").id)
    pass_minutes(clinic, 8)
    flow.room(desk, encounter_id=encounter, room_id=desk.clinic.rooms[2].id)
    late.mark_late(desk, practitioner_id=desk.clinic.practitioner("LEE").id, minutes=25)
    pass_minutes(clinic, 12)

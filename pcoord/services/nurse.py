"""Red flags: handed to a nurse, and open at every desk until a nurse accepts by name."""

from typing import Any

from pcoord import resources
from pcoord.domain.errors import Refused
from pcoord.services.desk import Desk, Work, full_name, use_case
from pcoord.store.queries import calls as queries
from pcoord.store.queries.people import short_patient
from pcoord.store.tables import NurseCall


@use_case("nurse.raise", "nurse.raise")
def raise_flag(
    work: Work,
    *,
    complaint: str,
    patient_id: str | None = None,
    callback_number: str | None = None,
    whereabouts: str | None = None,
    call_id: str | None = None,
    encounter_id: str | None = None,
) -> None:
    """Call for a nurse: what is wrong, where the person is, and the number to call back."""
    if not complaint.strip():
        raise Refused("Say in a few words what is wrong.")
    made = work.unit.insert(
        NurseCall,
        patient_id=patient_id,
        call_id=call_id,
        encounter_id=encounter_id,
        complaint=complaint,
        callback_number=callback_number,
        whereabouts=whereabouts,
        raised_at=work.now,
        raised_by=work.who.user_id,
    )
    person = short_patient(work.connection, patient_id) if patient_id else None
    whom = f" for {full_name(person)}" if person else ""
    work.unit.say(
        f"Nurse called{whom}: {complaint}. It stays in every desk's top line until accepted.",
        about=("nurse_call", made),
        patient_id=patient_id,
    )


@use_case("nurse.accept", "nurse.accept")
def accept(work: Work, *, nurse_call_id: str, name: str, seen: int | None = None) -> None:
    """A nurse takes over, by name."""
    row = work.unit.row(NurseCall, nurse_call_id)
    if row["accepted_at"] is not None:
        raise Refused(f"{row['accepted_name']} has accepted this already.")
    if not name.strip():
        raise Refused("Type the name of the nurse who takes over.")
    work.unit.update(
        NurseCall,
        nurse_call_id,
        seen,
        accepted_at=work.now,
        accepted_by=work.who.user_id,
        accepted_name=name,
    )
    work.unit.say(
        f"{name} has the nurse call: {row['complaint']}.",
        about=("nurse_call", nurse_call_id),
        patient_id=row["patient_id"],
    )


def demand_no_open_flag(work: Work, call_id: str | None, patient_id: str | None) -> None:
    """Refuse to turn a red flag into a message, call-back or booking before a nurse has it."""
    for row in queries.open_nurse_calls(work.connection):
        same_call = call_id is not None and row.call_id == call_id
        if same_call or (patient_id is not None and row.patient_id == patient_id):
            raise Refused(
                "A nurse call is open for this patient; until a nurse accepts it (a) it cannot "
                "become a message, call-back or booking."
            )


def waiting(desk: Desk) -> list[Any]:
    """Return the nurse calls that nobody has accepted yet, oldest first."""
    return list(desk.read(queries.open_nurse_calls))


def red_flags() -> dict[str, Any]:
    """Return the clinic's red-flag list and approved words (`data/red_flags.toml`)."""
    return resources.load_toml("red_flags.toml")


def flag_for(text: str) -> dict[str, Any] | None:
    """Return the red flag that a complaint names, with its approved words; None when none fits."""
    folded = text.casefold()
    for flag in red_flags()["flags"]:
        if any(word in folded for word in flag["words"]):
            return dict(flag)
    return None

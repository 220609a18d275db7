"""Red flags: handed to a nurse, and open at every desk until a nurse accepts by name."""

import re
from functools import cache
from typing import Any

from pcoord import resources
from pcoord.domain.clinic import Practitioner
from pcoord.domain.errors import Refused
from pcoord.domain.sentences import full_name
from pcoord.services.desk import Desk, Work, use_case
from pcoord.store.queries import calls as queries
from pcoord.store.queries import staff
from pcoord.store.tables import Encounter, NurseCall


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
    if encounter_id and work.unit.row(Encounter, encounter_id)["patient_id"] != patient_id:
        raise Refused("That is somebody else's visit. Say where this person is, and the number.")
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
    person = work.person(patient_id) if patient_id else None
    whom = f" for {full_name(person)}" if person else ""
    work.unit.say(
        f"Nurse called{whom}: {complaint}. It stays in every desk's top line until accepted.",
        about=("nurse_call", made),
        patient_id=patient_id,
    )


@use_case("nurse.accept", "nurse.accept")
def accept(work: Work, *, nurse_call_id: str, name: str, seen: int | None = None) -> None:
    """A nurse takes over, by name."""
    row = work.unit.row(NurseCall, nurse_call_id, seen)
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


def demand_no_open_flag(
    work: Work,
    *,
    patient_id: str | None,
    call_id: str | None = None,
    nurse_call_id: str | None = None,
) -> None:
    """Refuse to turn a red flag into a message, call-back or booking before a nurse has it."""
    for row in queries.open_nurse_calls(work.connection):
        same = row.id == nurse_call_id or (call_id is not None and row.call_id == call_id)
        if same or (patient_id is not None and row.patient_id == patient_id):
            raise Refused(
                "A nurse call is open for this patient; until a nurse accepts it (a) it cannot "
                "become a message, call-back or booking."
            )


def waiting(desk: Desk) -> list[Any]:
    """Return the nurse calls that nobody has accepted yet, oldest first."""
    return list(desk.read(queries.open_nurse_calls))


@cache
def red_flags() -> dict[str, Any]:
    """Return the clinic's red-flag list and approved words (`data/red_flags.toml`)."""
    return resources.load_toml("red_flags.toml")


def flag_for(text: str) -> dict[str, Any] | None:
    """Return the red flag that a complaint names, with its approved words; None when none fits."""
    folded = text.casefold().replace("’", "'")
    for flag in red_flags()["flags"]:
        if any(_phrase(words).search(folded) for words in flag["words"]):
            return dict(flag)
    return None


@cache
def _phrase(words: str) -> re.Pattern[str]:
    """Match a phrase as people say it: up to two words between its own, any ending of the last."""
    parts = [re.escape(part) for part in words.casefold().split()]
    ending = r"\w*" if len(parts) > 1 or len(words) > 4 else r"s?\b"
    return re.compile(r"\b" + r"\W+(?:\w+\W+){0,2}?".join(parts) + ending)


def own_name(desk: Desk) -> str | None:
    """Return the signed-in person's name when that is a nurse of this clinic."""
    names = {f"{p.given} {p.family}".casefold() for p in _nurses(desk)}
    ids = {p.id for p in _nurses(desk)}
    linked = desk.read(staff.by_id, desk.who.user_id) if desk.who.user_id else None
    if linked is not None and (linked.practitioner_id in ids or linked.name.casefold() in names):
        return str(linked.name)
    return None


def full_nurse_name(desk: Desk, typed: str) -> str:
    """Return the full name of the nurse that was typed by code or family name, else as typed."""
    folded = typed.strip().casefold()
    fits = [p for p in _nurses(desk) if folded in {p.code.casefold(), p.family.casefold()}]
    return f"{fits[0].given} {fits[0].family}" if len(fits) == 1 else typed.strip()


def _nurses(desk: Desk) -> list[Practitioner]:
    return [p for p in desk.clinic.practitioners if p.active and p.role == "nurse"]

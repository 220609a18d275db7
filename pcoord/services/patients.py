"""Putting patients on file and changing what is known of them."""

from collections.abc import Collection, Mapping
from typing import Any

from pcoord.domain.errors import Conflict, NotFound, NotPermitted, Refused
from pcoord.domain.likeness import SOUNDS_LIKE
from pcoord.domain.names import closeness, fold
from pcoord.domain.roles import allows
from pcoord.domain.sentences import full_name
from pcoord.services import patient_fields, restricted_records, second_look
from pcoord.services.desk import Desk, Work, use_case
from pcoord.services.duplicates import (
    Duplicate,
    LikelyDuplicates,
    duplicates,
    likely,
    newcomer_of,
)
from pcoord.services.newcomers import UNKNOWN, next_record_number
from pcoord.services.patient_card import Card, card
from pcoord.services.patient_fields import FieldErrors, Fields, Phone
from pcoord.services.patient_search import recent
from pcoord.services.second_look import AnotherPerson, FutureVisits
from pcoord.store.ids import new_id
from pcoord.store.queries import cards, matching
from pcoord.store.queries.merged import survivor_of
from pcoord.store.queries.people import short_patient
from pcoord.store.tables import Address, ContactPoint, HumanName, Identifier, Patient

__all__ = [
    "AnotherPerson",
    "Card",
    "Duplicate",
    "FieldErrors",
    "FutureVisits",
    "LikelyDuplicates",
    "card",
    "duplicates",
    "edit",
    "fields_of",
    "guess",
    "key_of_new_patient",
    "recent",
    "register",
]


MARK = "patient.mark"


@use_case("patient.register", "patient.write")
def register(
    work: Work,
    *,
    newcomer: str = "",
    patient_id: str | None = None,
    shown: Collection[str] = (),
    force: bool = False,
    **typed: str | None,
) -> None:
    """Put somebody on file; fields come as typed (family, given, birth_date, sex, phone ...).

    `newcomer` is a line such as "smith john 3/4/62 555-0142". Raises FieldErrors, and
    LikelyDuplicates for whoever is not among the ids `shown` to the person, unless `force`.
    Refuses a `patient_id` that is on file: this registration was stored before.
    """
    _demand_not_stored(work, patient_id)
    guessed = patient_fields.guess(work.clinic, work.today, newcomer)
    given = guessed | {name: text for name, text in typed.items() if text}
    asked = dict.fromkeys(("family", "birth_date"), "") | given
    fields = patient_fields.read(work.clinic, work.today, asked)
    _demand_may_mark(work, {name: True for name in patient_fields.MARKS if fields.values.get(name)})
    for name in patient_fields.NAMES & set(fields.values):
        fields.values[name] = patient_fields.as_written(fields.values[name] or "") or None
    fields.values["given"] = fields.values.get("given") or ""
    found = likely(work.connection, newcomer_of(fields))
    if not force and any(one.id not in shown for one in found):
        raise LikelyDuplicates(found)
    _insert(work, fields, patient_id)


def _demand_not_stored(work: Work, patient_id: str | None) -> None:
    row = short_patient(work.connection, patient_id) if patient_id else None
    if row is not None:
        raise Refused(
            f"{full_name(row)} is registered already, MRN {row.mrn or '-'}: nothing was stored "
            "twice. Esc closes this form."
        )


def _insert(work: Work, fields: Fields, patient_id: str | None) -> None:
    values = fields.values | _consents(work, {}, fields.values)
    key = work.unit.insert(Patient, id=patient_id, created_at=work.now, **values)
    number = next_record_number(work)
    work.unit.insert(Identifier, patient_id=key, value=number)
    for position, phone in enumerate(fields.phones or []):
        work.unit.insert(ContactPoint, patient_id=key, position=position, **phone.__dict__)
    if any((fields.address or {}).values()):
        work.unit.insert(Address, patient_id=key, **(fields.address or {}))
    name = ", ".join(filter(None, (values["family"], values["given"])))
    work.unit.say(f"Registered {name}, MRN {number}.", about=("patient", key), patient_id=key)


@use_case("patient.edit", "patient.write", follows=False)
def edit(
    work: Work,
    *,
    patient_id: str,
    seen: int | None = None,
    same_person: bool = False,
    cancel_visits: bool | None = None,
    **typed: str | None,
) -> None:
    """Change what is known of a patient; only fields that are given, as typed, and differ.

    A family or given name that really changed is kept as an old name, so that it is still found.
    Raises FieldErrors; Conflict when somebody else changed the patient since version `seen`;
    AnotherPerson when two of the things that tell people apart change at once and `same_person`
    does not say that it was looked at; FutureVisits when a death is recorded and `cancel_visits`
    does not say what becomes of the visits that are booked.
    """
    known = matching.patients(work.connection, [patient_id]).get(patient_id)
    if known is None:
        raise NotFound("That patient is not on file any more; look again (F4).")
    _demand_standing(work, known)
    fields = patient_fields.read(work.clinic, work.today, typed)
    old = known.patient
    told = fields.values | _consents(work, old, fields.values)
    moved = {name: value for name, value in told.items() if old[name] != value}
    _demand_may_mark(work, moved)
    if not same_person:
        second_look.demand_same_person(work, old, moved)
    ended = second_look.end_visits(work, old, moved, cancel_visits)
    work.unit.update(Patient, patient_id, seen, **moved)
    others = _change_phones(work, known, fields.phones) + _change_address(work, known, fields)
    if not moved and not others:
        raise Refused("Nothing was changed, so nothing was stored.")
    if not moved:
        work.unit.touch(Patient, patient_id)
    _keep_old_name(work, known, moved)
    name = _full(dict(old) | moved)
    what = ", ".join(filter(None, dict.fromkeys([*map(_word, moved), *others])))
    looked = " Looked at twice: the same person." if same_person else ""
    said = f"Changed {name}: {what}.{looked}{ended}"
    work.unit.say(said, about=("patient", patient_id), patient_id=patient_id)


def _demand_may_mark(work: Work, moved: Mapping[str, Any]) -> None:
    """Refuse a mark that changes who sees or reaches a record, unless a supervisor sets it."""
    marks = [patient_fields.WORDS[name] for name in patient_fields.MARKS if name in moved]
    if marks and not allows(work.who.role, MARK):
        raise NotPermitted(
            f"Your role ({work.who.role}) may not mark a record ({', '.join(marks)}). "
            "Ask a supervisor."
        )


def _consents(work: Work, old: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
    """Return who gave or took a consent and when, for those that are told anew."""
    found: dict[str, Any] = {}
    for name in patient_fields.CONSENTS:
        by, at = f"{name}_by", f"{name}_at"
        if name not in told:
            continue
        changed = told[name] != old.get(name, False)
        found[by] = told.get(by) or (patient_fields.BY_SELF if changed else old.get(by))
        if changed or found[by] != old.get(by):
            found[at] = work.now
    return found


def _demand_standing(work: Work, known: matching.Known) -> None:
    """What was typed over a record that was merged meanwhile was about what stood there then."""
    now = survivor_of(work.connection, known.patient["id"])
    if now != known.patient["id"]:
        person: Any = short_patient(work.connection, now)
        raise Conflict(
            f"This record was merged into {_full(person._mapping)}, MRN {person.mrn or '-'}, "
            "meanwhile. Nothing was stored; open that one (F4)."
        )


def key_of_new_patient() -> str:
    """Return the key of somebody about to be registered: no second try stores them twice."""
    return new_id()


def guess(desk: Desk, text: str) -> dict[str, str]:
    """Return the fields of a newcomer that a lookup's text already says."""
    return patient_fields.guess(desk.clinic, desk.today, text)


def fields_of(desk: Desk, patient_id: str) -> tuple[int, dict[str, str]]:
    """Return a patient's version, and the fields as somebody would type them."""
    desk.demand("patient.write")
    patient_id = desk.read(survivor_of, patient_id)
    row = desk.read(cards.patient_row, patient_id)
    if row is None:
        raise NotFound("That patient is not on file any more; look again (F4).")
    restricted_records.demand(desk, patient_id, row.restricted)
    phones = [
        Phone(one.use, one.value, one.digits)
        for one in desk.read(cards.parts_of, patient_id, "contact_point")
    ]
    home = next(iter(desk.read(cards.parts_of, patient_id, "address")), None)
    return row.version, patient_fields.say(desk.clinic, row, phones, home)


def _change_phones(work: Work, known: matching.Known, phones: list[Phone] | None) -> list[str]:
    """Bring the phones on record in line; a number that is gone gives its row to a new one."""
    if phones is None:
        return []
    olds = {row["digits"]: row for row in sorted(known.phones, key=lambda r: r["position"])}
    gone = [row for digits, row in olds.items() if digits not in {p.digits for p in phones}]
    changed = len(phones) != len(known.phones)
    for position, phone in enumerate(phones):
        values: dict[str, Any] = phone.__dict__ | {"position": position}
        row = olds.get(phone.digits) or (gone.pop(0) if gone else None)
        if row is not None and row["digits"] != phone.digits:
            # Another number: what was agreed for the one before does not hold for it.
            least = "nothing" if row["may_leave"] == "nothing" else "name and number"
            values |= {"never": False, "may_leave": least}
        if row is None:
            work.unit.insert(ContactPoint, patient_id=known.patient["id"], **values)
        elif any(row[name] != value for name, value in values.items()):
            work.unit.update(ContactPoint, row["id"], **values)
            changed = True
    for row in gone:
        work.unit.update(ContactPoint, row["id"], entered_in_error=True)
    return ["phone"] if changed else []


def _change_address(work: Work, known: matching.Known, fields: Fields) -> list[str]:
    if fields.address is None:
        return []
    home = next((row for row in known.addresses if row["use"] == "home"), None)
    told: dict[str, Any] = dict(fields.address)
    if home is None and any(told.values()):
        work.unit.insert(Address, patient_id=known.patient["id"], **told)
        return ["address"]
    if home is None or all(home[name] == value for name, value in told.items()):
        return []
    work.unit.update(Address, home["id"], **told)
    return ["address"]


def _keep_old_name(work: Work, known: matching.Known, moved: Mapping[str, Any]) -> None:
    """Keep the former name where it was another one, not a slip of the keys put right."""
    old = known.patient
    parts = [name for name in ("family", "given") if name in moved]
    if not any(_is_another(old[part], moved[part]) for part in parts):
        return
    was = {"family": old["family"], "given": old["given"]}
    if any((row["family"], row["given"]) == tuple(was.values()) for row in known.names):
        return
    work.unit.insert(HumanName, patient_id=old["id"], use="old", **was)


def _is_another(old: str, new: str) -> bool:
    before, after = set(fold(old).split()), set(fold(new).split())
    if not before or old == UNKNOWN or before <= after:
        return False
    return closeness(old, new) < SOUNDS_LIKE


def _full(values: Mapping[str, Any]) -> str:
    return ", ".join(filter(None, (values["family"], values["given"])))


def _word(column: str) -> str:
    column = "practitioner" if column == "practitioner_id" else column
    for consent in patient_fields.CONSENTS:
        if column in (f"{consent}_by", f"{consent}_at"):
            column = consent
    return patient_fields.WORDS.get(column, column.replace("_", " "))

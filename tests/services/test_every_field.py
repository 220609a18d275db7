"""Every field of a record: changed, told by the history, taken back, also past another desk."""

from typing import Any

import pytest

from pcoord.domain.errors import Conflict
from pcoord.services import history, patients, record, steps
from pcoord.services.desk import Desk
from pcoord.services.patient_fields import WORDS
from tests.clinic import Clinic

TYPED = {
    "family": "Quartermain",
    "given": "Octavia",
    "middle": "June",
    "preferred": "Tavi",
    "birth_date": "3/5/1962",
    "sex": "male",
    "phone": "201-555-0142, 201-555-0190 h",
    "email": "tavi@example.org",
    "language": "es, interpreter",
    "line": "9 Quay",
    "city": "Union",
    "state": "NJ",
    "postal_code": "07083",
    "practitioner": "LEE",
    "birth_sex": "female",
    "gender_identity": "non-binary",
    "pronouns": "they/them",
    "contact_by": "letter",
    "text_ok": "yes, daughter",
    "email_ok": "yes",
    "pharmacy": "Main Street Pharmacy",
    "note": "Comes by bus",
    "deceased_on": "11/20/2026",
    "active": "no",
    "restricted": "yes",
    "test": "yes",
}


def test_each_field_has_something_to_type() -> None:
    assert set(TYPED) == set(WORDS)


@pytest.mark.parametrize("field", sorted(TYPED))
def test_a_field_is_changed_told_and_taken_back(clinic: Clinic, field: str) -> None:
    boss = clinic.desk("boss")
    maria = clinic.patient(boss, "8841")
    _, before = patients.fields_of(boss, maria)
    more: dict[str, Any] = {"cancel_visits": False} if field == "deceased_on" else {}
    step = patients.edit(boss, patient_id=maria, **{field: TYPED[field]}, **more)
    assert WORDS[field] in step.said or field in ("line", "city", "state", "postal_code")
    _reopen(boss, maria)
    _, after = patients.fields_of(boss, maria)
    assert {name for name in after if after[name] != before[name]} == {field}
    told = history.history(boss, maria)[0]
    assert (told.step, told.who) == (step.number, "boss") and told.lines
    steps.undo_step(boss, step.number)
    assert patients.fields_of(boss, maria)[1] == before
    again = history.history(boss, maria)
    assert not next(one for one in again if one.step == step.number).standing


def _reopen(desk: Desk, patient_id: str) -> None:
    """A record that was restricted just now asks for a reason."""
    patients.card(desk, patient_id, reason="to look at what was stored")


@pytest.mark.parametrize("field", sorted(set(TYPED) - {"note", "restricted", "test"}))
def test_what_another_desk_built_upon_stays_until_it_is_gone(clinic: Clinic, field: str) -> None:
    boss, ben = clinic.desk("boss"), clinic.desk("ben")
    maria = clinic.patient(boss, "8841")
    before = patients.fields_of(boss, maria)[1]
    more: dict[str, Any] = {"cancel_visits": False} if field == "deceased_on" else {}
    step = patients.edit(boss, patient_id=maria, **{field: TYPED[field]}, **more)
    theirs = patients.edit(ben, patient_id=maria, note="Hard of hearing")
    if field in _OF_A_ROW_OF_ITS_OWN:
        steps.undo_step(boss, step.number)
    else:
        with pytest.raises(
            Conflict, match=r"cannot be taken back any more\. Ben Okafor changed it"
        ):
            steps.undo_step(boss, step.number)
    steps.undo_step(ben, theirs.number)
    if field not in _OF_A_ROW_OF_ITS_OWN:
        steps.undo_step(boss, step.number)
    assert patients.fields_of(boss, maria)[1] == before


_OF_A_ROW_OF_ITS_OWN = {"phone", "line", "city", "state", "postal_code"}

ENTRIES: dict[str, dict[str, str]] = {
    "phone": {"value": "201-555-0191", "may_leave": "nothing"},
    "address": {"line": "9 Quay", "city": "Union", "safe": "y"},
    "name": {"use": "maiden", "family": "Quartermain"},
    "coverage": {"payor": "Union Fund", "subscriber_id": "UF-77"},
    "contact": {"family": "Roe", "role": "father", "denied": "order 26-77"},
    "alert": {"kind": "latex", "text": "Latex allergy"},
}
CHANGED = {
    "phone": {"never": "y"},
    "address": {"never": "y"},
    "name": {"given": "Octavia"},
    "coverage": {"group_number": "551"},
    "contact": {"denied": "", "scopes": "all"},
    "alert": {"audience": "desk"},
}


@pytest.mark.parametrize("kind", sorted(ENTRIES))
def test_an_entry_is_added_changed_taken_out_and_each_taken_back(clinic: Clinic, kind: str) -> None:
    boss, ben = clinic.desk("boss"), clinic.desk("ben")
    maria = clinic.patient(boss, "8841")

    def lines() -> list[str]:
        return [entry.line for entry in record.load(ben, maria).of(kind)]

    begun = lines()
    added = record.add(boss, patient_id=maria, part=kind, **ENTRIES[kind])
    key, seen = str(added.id), [lines()]
    changed = record.change(ben, part=kind, part_id=key, **CHANGED[kind])
    seen.append(lines())
    with pytest.raises(Conflict, match="Ben Okafor changed it"):
        steps.undo_step(boss, added.number)
    removed = record.remove(boss, part=kind, part_id=key)
    assert lines() == begun
    steps.undo_step(ben, removed.number)
    assert lines() == seen[1] != seen[0]
    steps.undo_step(boss, changed.number)
    assert lines() == seen[0] != begun
    steps.undo_step(boss, added.number)
    assert lines() == begun
    told = [one.standing for one in history.history(boss, maria) if one.step >= added.number]
    assert told.count(False) == 3

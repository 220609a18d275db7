"""Papers about a patient: on record, on the card, moved with what they speak of, never unsent."""

from pathlib import Path
from typing import Any

import pytest

from pcoord import quickline
from pcoord.domain.errors import Refused
from pcoord.services import (
    booking,
    history,
    letters,
    merging,
    patients,
    record,
    steps,
    views,
    work_views,
)
from pcoord.services.desk import Desk
from pcoord.services.reassigning import reassign, things_of
from pcoord.store import check
from tests.clinic import Clinic

ORDER = {"title": "Order 26-FA-118", "kind": "custody", "dated": "3/4/2026", "author": "a court"}
SENT = {"title": "Referral to eye clinic", "kind": "ref", "sent_on": "today", "sent_to": "Dr. Osei"}


@pytest.fixture
def maria(desk: Desk, clinic: Clinic) -> str:
    return clinic.patient(desk, "8841")


def add(desk: Desk, patient_id: str, **typed: str) -> Any:
    return record.add(desk, patient_id=patient_id, part="document", **typed)


def of(desk: Desk, patient_id: str) -> list[record.Entry]:
    return record.load(desk, patient_id).of("document")


def titles(desk: Desk, patient_id: str) -> list[str]:
    return sorted(one.fields["title"] for one in of(desk, patient_id))


def test_a_paper_is_on_record_and_on_the_card(desk: Desk, maria: str) -> None:
    step = add(desk, maria, **ORDER, kept_at="binder 3")
    said = "court order  Order 26-FA-118  03/04/2026  from a court  in binder 3"
    assert step.said == f"Added to Gonzalez, Maria Luisa, document: {said}."
    (paper,) = patients.card(desk, maria).documents
    assert paper.says == said
    assert paper.plain() == {
        "kind": "court order",
        "title": "Order 26-FA-118",
        "author": "a court",
        "kept_at": "binder 3",
        "dated": "2026-03-04",
        "sent_on": None,
        "sent_to": None,
    }
    (entry,) = of(desk, maria)
    record.change(desk, part="document", part_id=entry.id, seen=entry.version, kept_at="drawer 2")
    assert any("drawer 2" in line for line in history.history(desk, maria)[0].lines)
    steps.undo_last(desk)
    record.remove(desk, part="document", part_id=entry.id)
    assert patients.card(desk, maria).documents == ()


def test_bad_fields_are_refused_in_words(desk: Desk, maria: str) -> None:
    bad = {"title": "", "kind": "poem", "dated": "1/1/2030", "sent_on": "tomorrow"}
    with pytest.raises(patients.FieldErrors) as refused:
        add(desk, maria, **bad)
    assert set(refused.value.fields) == set(bad)
    assert "still to come" in refused.value.fields["dated"]
    with pytest.raises(patients.FieldErrors, match="Type when it was sent"):
        add(desk, maria, title="Referral", sent_to="Dr. Osei")
    assert of(desk, maria) == []


def test_what_was_sent_is_not_taken_out(desk: Desk, maria: str) -> None:
    add(desk, maria, **SENT)
    (entry,) = of(desk, maria)
    assert entry.line.endswith("SENT 11/24/2026 to Dr. Osei")
    with pytest.raises(Refused, match="This was sent, so it stays on record"):
        record.remove(desk, part="document", part_id=entry.id)
    assert len(of(desk, maria)) == 1


def test_a_paper_on_the_wrong_record_is_put_right(clinic: Clinic, desk: Desk) -> None:
    kim, haddad = (clinic.patient(desk, mrn) for mrn in ("10443", "10442"))
    add(desk, kim, **ORDER)
    add(desk, kim, **SENT)
    line = 'wrongpatient document kim dana "{}" to haddad reason alike'
    result = quickline.understand(desk, line.format("eye"))
    assert result.would.startswith("moves from Kim, Dana to Haddad, Layla: document of")
    assert result.would.endswith(": Referral to eye clinic")
    by_title = {one.said.rpartition(": ")[2]: one for one in things_of(desk, kim, "document")}
    to: dict[str, Any] = {"kind": "document", "patient_id": haddad, "reason": "alike"}
    step = reassign(desk, record_id=by_title["Order 26-FA-118"].id, **to)
    assert step.said.startswith("Moved the document “Order 26-FA-118” from Kim, Dana, MRN 10443")
    assert work_views.work(desk, "tasks") == []
    step = reassign(desk, record_id=by_title["Referral to eye clinic"].id, **to)
    assert step.said.endswith("1 document had gone out: a task says to look into it.")
    (task,) = work_views.work(desk, "tasks")
    assert "Possible privacy incident: 1 document" in task["what"]
    assert len(titles(desk, haddad)) == 2 and titles(desk, kim) == []
    for person in (kim, haddad):
        trace = views.audit(clinic.desk("boss"), patient_id=person, user=None, since=None)
        assert "Order 26-FA-118" in str(trace)
    steps.undo_last(desk)
    assert titles(desk, kim) == ["Referral to eye clinic"] and work_views.work(desk, "tasks") == []


def test_a_letter_goes_where_its_visit_goes(clinic: Clinic, desk: Desk, tmp_path: Path) -> None:
    kim, other = clinic.patient(desk, "10443"), clinic.patient(desk, "10444")
    home = {"line": "4 Mill Lane", "city": "Union", "may_leave": "details"}
    record.add(desk, patient_id=kim, part="address", **home)
    visit = booking.book(
        desk,
        patient_id=kim,
        practitioner_id=desk.clinic.practitioner("LEE").id,
        start=clinic.at(9, days=1),
        visit_type_id=desk.clinic.visit_type("fu").id,
    )
    letters.print_letter(desk, kim, "reminder", str(tmp_path / "letter.txt"))
    reassign(
        desk, kind="appointment", record_id=str(visit.id), patient_id=other, reason="alike", seen=1
    )
    assert titles(desk, kim) == [] and titles(desk, other) == ["Visit reminder"]
    steps.undo_last(desk)
    assert titles(desk, kim) == ["Visit reminder"]


def test_the_same_paper_of_two_records_is_one_after_a_merge(clinic: Clinic) -> None:
    boss = clinic.desk("boss")
    one, other = (clinic.patient(boss, mrn) for mrn in ("10443", "10444"))
    for person in (one, other):
        add(boss, person, **ORDER)
    add(boss, other, title="Living will", kind="living will")
    merging.merge(boss, patient_id=one, other_id=other)
    assert titles(boss, one) == ["Living will", "Order 26-FA-118"]
    merging.unmerge(boss, patient_id=one)
    assert [len(of(boss, person)) for person in (one, other)] == [1, 2]
    assert check.check(boss.store).problems == []

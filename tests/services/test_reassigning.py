"""The wrong patient: what stands on a wrong record moves, and both records keep a trace."""

from pathlib import Path

import pytest

from pcoord import quickline
from pcoord.actions import Selection
from pcoord.domain.errors import Conflict, NotPermitted, Refused
from pcoord.services import (
    booking,
    calls,
    day,
    flow,
    history,
    letters,
    merging,
    messages,
    patients,
    record,
    restricted_records,
    steps,
    views,
    work_views,
)
from pcoord.services.desk import Desk
from pcoord.services.reassigning import KINDS, reassign, things_of
from pcoord.store import moving
from pcoord.store.check import check
from tests.clinic import Clinic
from tests.people import make_row


def booked(clinic: Clinic, desk: Desk, mrn: str, hour: int, code: str = "LEE") -> str:
    """Book a follow-up today and return its id."""
    step = booking.book(
        desk,
        patient_id=clinic.patient(desk, mrn),
        practitioner_id=desk.clinic.practitioner(code).id,
        start=clinic.at(hour),
        visit_type_id=desk.clinic.visit_type("fu").id,
    )
    return str(step.id)


def say(desk: Desk, line: str, **more: object) -> quickline.Understanding:
    return quickline.understand(desk, line, **more)  # type: ignore[arg-type]


def test_a_visit_moves_and_both_records_say_so(clinic: Clinic, desk: Desk) -> None:
    visit = booked(clinic, desk, "10443", 14)
    result = say(desk, "wrongpatient kim dana to haddad reason alike")
    assert result.would == (
        "moves from Kim, Dana to Haddad, Layla: visit of Tue 24 Nov 14:00 with LEE"
    )
    step = quickline.run(desk, result.call)
    assert step.said == (
        "Moved the visit of Tue 24 Nov 14:00 with LEE from Kim, Dana, MRN 10443, to Haddad, Layla, "
        "MRN 10442 (taken for somebody with a like name)."
    )
    right, wrong = (clinic.patient(desk, mrn) for mrn in ("10442", "10443"))
    assert [v.id for v in patients.card(desk, right).visits] == [visit]
    assert patients.card(desk, wrong).visits == ()
    boss = clinic.desk("boss")
    trace = views.audit(boss, patient_id=wrong, user=None, since=None)
    assert any("stood on this record by mistake" in (one["detail"] or "") for one in trace)
    assert not any("Haddad" in (one["detail"] or "") for one in trace), "the number says enough"
    assert any(
        "Moved the visit" in (one["detail"] or "")
        for one in views.audit(boss, patient_id=right, user=None, since=None)
    )
    assert check(desk.store).problems == []
    steps.undo_last(desk)
    assert [v.id for v in patients.card(desk, wrong).visits] == [visit]
    assert check(desk.store).problems == []


def test_a_double_booking_of_the_right_patient_is_refused_plainly(
    clinic: Clinic, desk: Desk
) -> None:
    visit = booked(clinic, desk, "10443", 14)
    booked(clinic, desk, "10442", 14, "ORTIZ")
    with pytest.raises(
        Conflict, match=r"Haddad, Layla is already booked Tue 24 Nov 14:00 with ORT"
    ):
        reassign(
            desk,
            kind="appointment",
            record_id=visit,
            patient_id=clinic.patient(desk, "10442"),
            reason="slip",
        )
    assert check(desk.store).problems == []


def test_a_visit_takes_its_presence_along(clinic: Clinic, desk: Desk) -> None:
    visit = booked(clinic, desk, "10443", 9)
    flow.check_in(desk, appointment_id=visit)
    result = say(desk, "wrongpatient visit kim dana to haddad reason twin")
    assert "with 1 presence" in quickline.run(desk, result.call).said
    assert [row.family for row in day.here(desk)] == ["Haddad"]


def test_a_presence_alone_leaves_the_visit_to_its_patient(clinic: Clinic, desk: Desk) -> None:
    theirs, own = booked(clinic, desk, "10443", 9), booked(clinic, desk, "10444", 11)
    flow.check_in(desk, appointment_id=theirs, verified="birth date")
    (here,) = day.here(desk)
    reassign(
        desk,
        kind="encounter",
        record_id=here.id,
        patient_id=clinic.patient(desk, "10444"),
        reason="alike",
        seen=here.version,
    )
    (now,) = day.here(desk)
    assert (now.given, now.appointment_id) == ("Daniel", own)
    states = {
        v.id: v.status
        for mrn in ("10443", "10444")
        for v in patients.card(desk, clinic.patient(desk, mrn)).visits
    }
    assert states[theirs] == "booked" and states[own] in ("arrived", "checked-in")
    assert check(desk.store).problems == []


def test_a_call_takes_its_message_along_and_makes_a_privacy_task(
    clinic: Clinic, desk: Desk
) -> None:
    wrong, right = (clinic.patient(desk, mrn) for mrn in ("10443", "10442"))
    call = calls.log_call(desk, patient_id=wrong, note="refill", started_at=desk.now)
    lee = desk.clinic.practitioner("LEE").id
    messages.send(
        desk, patient_id=wrong, practitioner_id=lee, text="Refill please", call_id=call.id
    )
    number = calls.log(desk, open_only=False, since=None)[0].number
    line = f"wrongpatient call {number} to haddad reason caller"
    said = quickline.run(desk, say(desk, line).call).said
    assert f"Moved call {number} from Kim, Dana" in said and "with 1 message" in said
    assert "1 message had gone out: a task says to look into it." in said
    (task,) = work_views.work(desk, "tasks")
    assert task["patient"]["mrn"] == "10442" and task["priority"] == "urgent"
    assert "Possible privacy incident: 1 message" in task["what"] and "MRN 10443" in task["what"]
    work = patients.card(desk, right).open_work
    assert (work["messages"], work["tasks"]) == (1, 1)


def test_a_letter_about_a_visit_that_moves_had_gone_out(
    clinic: Clinic, desk: Desk, tmp_path: Path
) -> None:
    wrong, right = clinic.patient(desk, "10443"), clinic.patient(desk, "10444")
    home = {"line": "4 Mill Lane", "city": "Union", "may_leave": "details"}
    record.add(desk, patient_id=wrong, part="address", **home)
    visit, other = booked(clinic, desk, "10443", 10), booked(clinic, desk, "10443", 11)
    for n in range(2):
        letters.print_letter(desk, wrong, "reminder", str(tmp_path / f"{n}.txt"))
    to = {"patient_id": right, "reason": "alike", "kind": "appointment"}
    assert "had gone out" not in reassign(desk, record_id=other, **to).said
    step = reassign(desk, record_id=visit, **to)
    assert step.said.endswith("2 documents had gone out: a task says to look into it.")
    (task,) = work_views.work(desk, "tasks")
    assert "Possible privacy incident: 2 documents" in task["what"] and "MRN 10443" in task["what"]
    steps.undo_last(desk)
    assert work_views.work(desk, "tasks") == []


def test_another_day_than_any_visit_s_offers_what_there_is(clinic: Clinic, desk: Desk) -> None:
    booked(clinic, desk, "10443", 10)
    told = say(desk, "wrongpatient 10443 fri to 10444 reason alike")
    assert told.choose == "thing" and len(told.candidates) == 1


def test_what_is_selected_needs_only_to_whom_and_why(clinic: Clinic, desk: Desk) -> None:
    visit = booked(clinic, desk, "10443", 14)
    selection = Selection(appointment_id=visit, patient_id=clinic.patient(desk, "10443"))
    result = say(desk, "haddad", action_id="record.reassign", selection=selection)
    assert result.missing is not None and result.missing.name == "reason"
    assert [c.value for c in result.candidates][:2] == ["alike", "family"]
    result = say(desk, "haddad reason alike", action_id="record.reassign", selection=selection)
    assert result.call is not None and result.call.values["record_id"] == visit


def test_refusals_are_in_words(clinic: Clinic, desk: Desk) -> None:
    visit = booked(clinic, desk, "10443", 14)
    dana = clinic.patient(desk, "10443")
    about = {"kind": "appointment", "record_id": visit}
    with pytest.raises(Refused, match="on the record of Kim, Dana already"):
        reassign(desk, **about, patient_id=dana, reason="slip")
    with pytest.raises(Refused, match="Choose a reason"):
        reassign(desk, **about, patient_id=clinic.patient(desk, "8841"), reason="because")
    with pytest.raises(Refused, match="Only visits, presences, calls"):
        reassign(desk, kind="identifier", record_id="x", patient_id=dana, reason="slip")
    with pytest.raises(NotPermitted):
        reassign(clinic.desk("eve"), **about, patient_id=dana, reason="slip")
    nobody = calls.log_call(desk, note="wrong number", started_at=desk.now)
    with pytest.raises(Refused, match="nobody's record"):
        reassign(desk, kind="call", record_id=str(nobody.id), patient_id=dana, reason="slip")


@pytest.mark.parametrize("kind", KINDS)
def test_a_thing_of_each_kind_finds_its_record(clinic: Clinic, desk: Desk, kind: str) -> None:
    wrong, right, third = (clinic.patient(desk, mrn) for mrn in ("10443", "10442", "8841"))
    made: list[str] = []
    desk.store.write(
        desk.who, "test", lambda unit: made.append(make_row(unit, KINDS[kind], wrong, third))
    )
    step = reassign(desk, kind=kind, record_id=made[0], patient_id=right, reason="slip")
    assert "from Kim, Dana, MRN 10443, to Haddad, Layla, MRN 10442" in step.said
    (thing,) = things_of(desk, right, kind)
    assert thing.id == made[0] and things_of(desk, wrong, kind) == []
    steps.undo_last(desk)
    assert things_of(desk, right, kind) == []


def why(desk: Desk, visit: str) -> object:
    """Return the reason that stands with a visit against a restriction."""
    return desk.read(moving.row_of, "appointment", visit)["restriction_reason"]


def test_a_visit_to_come_moves_against_no_restriction(clinic: Clinic, desk: Desk) -> None:
    visit, dana = booked(clinic, desk, "10444", 14), clinic.patient(desk, "10443")
    typed = {"kind": "scheduling", "text": "Mornings only"}
    record.add(desk, patient_id=dana, part="alert", **typed)
    move = {"kind": "appointment", "record_id": visit, "reason": "alike"}
    with pytest.raises(NotPermitted, match="may not book against a restriction"):
        reassign(desk, patient_id=dana, **move)
    reassign(clinic.desk("boss"), patient_id=dana, **move)
    assert why(desk, visit) == "taken for somebody with a like name"
    daniel = clinic.patient(desk, "10444")
    reassign(desk, patient_id=daniel, **move)
    assert why(desk, visit) is None


def test_both_charts_show_the_trace_to_whoever_reads_them(clinic: Clinic, desk: Desk) -> None:
    dana, daniel = clinic.patient(desk, "10443"), clinic.patient(desk, "10444")
    visit = booked(clinic, desk, "10444", 14)
    step = reassign(desk, kind="appointment", record_id=visit, patient_id=dana, reason="alike")
    (left,) = [past for past in history.history(desk, daniel) if past.step == step.number]
    assert left.said == (
        "The visit of Tue 24 Nov 14:00 with LEE stood on this record by mistake, and was moved to "
        "MRN 10443 (taken for somebody with a like name)."
    )
    (came,) = [past for past in history.history(desk, dana) if past.step == step.number]
    assert came.said == step.said and (left.lines, came.lines) == ((), ())
    steps.undo_step(clinic.desk("ben"), step.number)
    assert not next(p for p in history.history(desk, daniel) if p.step == step.number).standing


def test_the_trace_tells_the_least_of_a_closed_record_and_outlives_a_merge(
    clinic: Clinic, desk: Desk
) -> None:
    boss, dana = clinic.desk("boss"), clinic.patient(desk, "10443")
    daniel, maria = clinic.patient(desk, "10444"), clinic.patient(desk, "8841")
    visit = booked(clinic, desk, "10444", 14)
    step = reassign(desk, kind="appointment", record_id=visit, patient_id=dana, reason="alike")
    patients.edit(boss, patient_id=daniel, restricted="yes")
    (came,) = [past for past in history.history(desk, dana) if past.step == step.number]
    assert "from Kim, D., MRN 10444" in came.said and "Daniel" not in came.said
    restricted_records.open_with(boss, daniel, "two records of one person")
    merging.merge(boss, patient_id=maria, other_id=daniel)
    restricted_records.open_with(desk, maria, "on the phone")
    told = [past.said for past in history.history(desk, maria)]
    assert any("stood on this record by mistake" in said for said in told)

"""Bringing tables in: matched, repeated, stopped half-way, refused with reasons; both engines."""

import os
import signal
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from pcoord.domain.errors import Away, BadUsage, NotFound, NotPermitted, Refused
from pcoord.services import booking, importing, letters, lookup, patient_card, record, steps
from pcoord.services.desk import Desk
from pcoord.services.import_patients import PatientRows
from pcoord.services.import_visit_words import LeftOut, VisitWords
from pcoord.services.importing import import_csv, preview
from pcoord.store import check
from pcoord.store.failures import LOST
from pcoord.store.queries import matching, schedule
from pcoord.store.tables import ContactPoint, Patient
from tests.clinic import Clinic

ROOT = Path(__file__).resolve().parents[2]
PEOPLE = """MRN,Last,First,DOB,Sex,Cell,Home Phone,Address,City,State,Zip,Maiden,Email
70001,Okoye,Ada,1980-02-03,F,201-555-0190,201-555-0191,1 Elm St,Springfield,IL,62701,Obi,a@b.example
70002,Núñez,José,1975-12-31,M,,,,,,,,
,Newman,Nora,2001-01-01,F,,,,,,,,
"""
VISITS = """Patient MRN,Start,Minutes,Provider,Type,Status,Note
8841,2026-12-01 09:00,30,LEE,fu,confirmed,bring papers
10443,2026-12-01 09:15,15,Hannah Lee,fu,scheduled,
10444,2026-11-02 10:00,15,"Ortiz, Rafael",phys,completed,
"""


@pytest.fixture
def boss(clinic: Clinic) -> Desk:
    """A supervisor's desk."""
    return clinic.desk("boss")


def bring(desk: Desk, folder: Path, text: str, **more: object) -> dict:
    """Import a table and return what became of it."""
    file = folder / "table.csv"
    file.write_text(text, encoding="utf-8")
    return import_csv(desk, [file], **more)  # type: ignore[arg-type]


def counts(told: dict) -> tuple[int, int, int, int, int]:
    """Return read, created, updated, unchanged, skipped."""
    names = ("read", "created", "updated", "unchanged")
    return (*(told[name] for name in names), len(told["skipped"]))  # type: ignore[return-value]


def whole(desk: Desk) -> None:
    """Demand that nothing is wrong in the clinic."""
    assert check.check(desk.store).problems == []


def test_patients_come_in_and_are_found(boss: Desk, tmp_path: Path) -> None:
    assert counts(bring(boss, tmp_path, PEOPLE)) == (3, 3, 0, 0, 0)
    for words in (
        "okoye ada",
        "ada obi",
        "nunez jose",
        "70001",
        "555-0191",
        "a@b.example",
        "okoya",
    ):
        assert lookup.find(boss, words)[0].mrn in ("70001", "70002"), words
    nora = lookup.find(boss, "newman")[0]
    assert nora.mrn == "10001"
    whole(boss)


def test_the_same_file_again_changes_nothing(boss: Desk, tmp_path: Path) -> None:
    bring(boss, tmp_path, PEOPLE)
    events = boss.store.verify().events
    assert counts(bring(boss, tmp_path, PEOPLE)) == (3, 0, 0, 3, 0)
    assert boss.store.verify().events == events + 1  # the note about the run


def test_changed_cells_change_records_with_their_versions(boss: Desk, tmp_path: Path) -> None:
    bring(boss, tmp_path, PEOPLE)
    changed = PEOPLE.replace("Okoye", "Okoye-Lee").replace("0190", "0188").replace("1 Elm", "2 Oak")
    assert counts(bring(boss, tmp_path, changed)) == (3, 0, 1, 2, 0)
    found = lookup.find(boss, "okoye-lee")[0]
    assert (found.mrn, found.phone) == ("70001", "201-555-0188")
    assert patient_card.card(boss, found.id).version == 2
    assert lookup.find(boss, "555-0190") == []
    whole(boss)


def test_an_empty_cell_takes_nothing_away(boss: Desk, tmp_path: Path) -> None:
    bring(boss, tmp_path, PEOPLE)
    assert counts(bring(boss, tmp_path, "MRN,Last,First,Cell\n70001,Okoye,Ada,\n"))[3] == 1


def test_a_number_of_somebody_else_is_left_out_by_name(boss: Desk, tmp_path: Path) -> None:
    told = bring(boss, tmp_path, "MRN,Last,First,DOB\n8841,Stranger,Sam,1999-09-09\n")
    assert told["skipped"][0]["line"] == 2
    why = told["skipped"][0]["why"]
    assert "8841 is already given to Gonzalez, Maria Luisa, born 1962-03-04" in why
    assert lookup.find(boss, "stranger") == []


def test_a_number_twice_in_one_file_is_taken_once(boss: Desk, tmp_path: Path) -> None:
    told = bring(boss, tmp_path, "MRN,Last,First\n7,Ames,Al\n7,Ames,Bo\n")
    assert counts(told) == (2, 1, 0, 0, 1)
    assert "further up" in told["skipped"][0]["why"]


def test_the_other_systems_number_matches_too(boss: Desk, tmp_path: Path) -> None:
    text = "Id,LAST,FIRST,BIRTHDATE\nb9c610cd,Langosh,Damon,2019-02-17\n"
    assert counts(bring(boss, tmp_path, text))[1] == 1
    renamed = text.replace("Damon", "Damian")
    assert counts(bring(boss, tmp_path, renamed)) == (1, 0, 1, 0, 0)
    assert lookup.find(boss, "damian langosh")[0].mrn == "10001"


def test_a_new_record_number_makes_the_former_an_old_one(boss: Desk, tmp_path: Path) -> None:
    text = "Id,LAST,FIRST,BIRTHDATE\nx1,Langosh,Damon,2019-02-17\n"
    bring(boss, tmp_path, text)
    numbered = "Id,MRN,LAST,FIRST,BIRTHDATE\nx1,555,Langosh,Damon,2019-02-17\n"
    assert counts(bring(boss, tmp_path, numbered)) == (1, 0, 1, 0, 0)
    assert [hit.mrn for hit in lookup.find(boss, "langosh")] == ["555"]
    assert lookup.find(boss, "10001")[0].family == "Langosh"
    assert counts(bring(boss, tmp_path, numbered))[3] == 1


def test_numbers_go_on_behind_those_brought_in(boss: Desk, tmp_path: Path) -> None:
    rows = "".join(f"{n},Dense,D{n}\n" for n in range(10001, 10400))
    bring(boss, tmp_path, "MRN,Last,First\n" + rows)
    bring(boss, tmp_path, "Last,First,DOB\nLater,Lou,1990-01-01\n")
    taken = {"10442", "10443", "10444", "10445", "10446"}
    mrn = lookup.find(boss, "later lou")[0].mrn
    assert mrn == "10400" and mrn not in taken


def test_two_files_are_read_before_the_first_is_stored(boss: Desk, tmp_path: Path) -> None:
    (tmp_path / "good.csv").write_text("MRN,Last\n1,Good\n")
    with pytest.raises(NotFound, match="no file"):
        import_csv(boss, [tmp_path / "good.csv", tmp_path / "none.csv"])
    assert lookup.find(boss, "good") == []


def test_questions_stop_the_import(boss: Desk, tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"Which column has the family name\?.*--map"):
        bring(boss, tmp_path, "A,B\n1,2\n")
    with pytest.raises(Refused, match="date"):
        bring(boss, tmp_path, "Last,DOB\nLee,01/02/2003\n")


def test_a_mapping_file_answers_them(boss: Desk, tmp_path: Path) -> None:
    (tmp_path / "map.toml").write_text('date_order = "dmy"\n[columns]\n"Q" = "family"\n')
    told = bring(boss, tmp_path, "Q,DOB\nQuill,01/02/2003\n", mapping=tmp_path / "map.toml")
    assert told["created"] == 1
    assert lookup.find(boss, "quill")[0].birth_date == date(2003, 2, 1)


def test_what_it_will_do_can_be_read_before(boss: Desk, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(PEOPLE)
    words = preview([tmp_path / "t.csv"])
    assert "DOB: birth date" in words and "cannot be taken back as a whole" in words


def test_a_dry_run_counts_and_stores_nothing(boss: Desk, tmp_path: Path) -> None:
    before = boss.store.verify().events
    assert counts(bring(boss, tmp_path, PEOPLE, dry_run=True)) == (3, 3, 0, 0, 0)
    assert boss.store.verify().events == before
    assert lookup.find(boss, "okoye") == []


def test_it_is_one_final_step_with_an_event_a_patient(boss: Desk, tmp_path: Path) -> None:
    rows = "".join(f"{n},Many,M{n}\n" for n in range(50001, 50001 + importing.BATCH + 5))
    bring(boss, tmp_path, "MRN,Last,First\n" + rows)
    events = boss.store.read(
        lambda c: c.exec_driver_sql(
            "SELECT step, count(*) FROM audit_event WHERE action = 'import.csv' "
            "AND kind = 'change' GROUP BY step"
        ).all()
    )
    assert [count for _, count in events] == [importing.BATCH + 5]
    with pytest.raises(Refused, match=r"cannot be taken back: Brought in patients from table\.csv"):
        steps.undo_last(boss)
    whole(boss)


def test_progress_is_told_in_bytes(boss: Desk, tmp_path: Path) -> None:
    heard: list[tuple[int, int]] = []
    bring(boss, tmp_path, PEOPLE, progress=lambda done, size: heard.append((done, size)))
    size = len(PEOPLE.encode())
    assert heard[-1] == (size, size) and all(done <= size for done, _ in heard)


def test_only_a_supervisor_imports(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(NotPermitted):
        bring(desk, tmp_path, PEOPLE)


def test_visits_come_in_and_clashes_take_the_next_place(boss: Desk, tmp_path: Path) -> None:
    assert counts(bring(boss, tmp_path, VISITS)) == (3, 3, 0, 0, 0)
    rows = boss.store.read(
        lambda c: c.exec_driver_sql(
            "SELECT place, overbook_reason, status, wall FROM appointment ORDER BY start_at"
        ).all()
    )
    assert [tuple(row) for row in rows] == [
        (0, None, "fulfilled", "2026-11-02 10:00"),
        (0, None, "booked", "2026-12-01 09:00"),
        (1, "imported", "booked", "2026-12-01 09:15"),
    ]
    assert counts(bring(boss, tmp_path, VISITS)) == (3, 0, 0, 3, 0)
    whole(boss)


def test_a_changed_visit_is_changed_and_frees_its_time(boss: Desk, tmp_path: Path) -> None:
    bring(boss, tmp_path, VISITS)
    cancelled = VISITS.replace("confirmed", "cancelled")
    assert counts(bring(boss, tmp_path, cancelled)) == (3, 0, 1, 2, 0)
    whole(boss)
    # What stands further on here is the desk's: a file does not bring it back.
    assert counts(bring(boss, tmp_path, VISITS)) == (3, 0, 0, 3, 0)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("999,2026-12-01 09:00,LEE,fu", "No patient has the number 999"),
        ("8841,2026-12-01 09:00,Nobody,fu", "no provider of this clinic"),
        ("8841,2026-12-01 09:00,LEE,zzz", "visit type"),
        ("8841,2027-03-14 02:30,LEE,fu", "clocks go forward"),
    ],
)
def test_a_visit_that_cannot_be_placed_says_why(
    boss: Desk, tmp_path: Path, row: str, why: str
) -> None:
    told = bring(boss, tmp_path, f"MRN,Start,Provider,Type\n{row}\n")
    assert why in told["skipped"][0]["why"]


def test_an_unknown_kind_is_refused(boss: Desk, tmp_path: Path) -> None:
    with pytest.raises(BadUsage, match="patients or appointments"):
        bring(boss, tmp_path, PEOPLE, kind="bills")


STOPPED = """
import os, signal, sys
from pcoord.services import importing
from tests.clinic import NOW, Clinic
from pcoord.clock import FixedClock
taken = importing._Run.take
def take(self, batch):
    taken(self, batch)
    if self.tally.created >= 2 * importing.BATCH:
        os.kill(os.getpid(), signal.SIGKILL)
importing._Run.take = take
importing.import_csv(Clinic(sys.argv[1], FixedClock(NOW)).desk("boss"), [sys.argv[2]])
"""


def test_a_killed_import_is_finished_by_running_it_again(clinic: Clinic, tmp_path: Path) -> None:
    count = 3 * importing.BATCH + 7
    file = tmp_path / "many.csv"
    rows = "".join(f"{n},Word{n % 90},First{n}\n" for n in range(50001, 50001 + count))
    file.write_text("MRN,Last,First\n" + rows)
    killed = subprocess.run(
        [sys.executable, "-c", STOPPED, clinic.url, str(file)], cwd=ROOT, env=dict(os.environ)
    )
    assert killed.returncode == -signal.SIGKILL
    boss = clinic.desk("boss")
    whole(boss)
    told = import_csv(boss, [file])
    read, created, updated, unchanged, skipped = counts(told)
    assert (read, updated, skipped) == (count, 0, 0)
    assert created + unchanged == count and created >= 7 and unchanged >= importing.BATCH
    whole(boss)


def facts(desk: Desk, mrn: str) -> Any:
    """Return the line of the patient with a record number."""
    (hit,) = lookup.find(desk, f"mrn {mrn}")
    return hit


def test_what_the_desk_corrected_stays_until_the_file_says_otherwise(
    boss: Desk, tmp_path: Path
) -> None:
    bring(boss, tmp_path, "MRN,Last,First,DOB,Language\n70001,Okoye,Ada,1980-02-03,en\n")
    person = facts(boss, "70001").id
    boss.step("patient.edit", lambda work: work.unit.update(Patient, person, given="Adaeze"))
    same = "MRN,Last,First,DOB,Language\n70001,Okoye,Ada,1980-02-03,es\n"
    assert counts(bring(boss, tmp_path, same)) == (1, 0, 1, 0, 0)
    assert (facts(boss, "70001").given, facts(boss, "70001").language) == ("Adaeze", "es")
    assert counts(bring(boss, tmp_path, same)) == (1, 0, 0, 1, 0)
    other = same.replace("Ada,", "Ada Maria,")
    assert counts(bring(boss, tmp_path, other)) == (1, 0, 1, 0, 0)
    assert facts(boss, "70001").given == "Ada Maria"
    whole(boss)


def test_a_phone_that_the_desk_changed_stays_too(boss: Desk, tmp_path: Path) -> None:
    table = "MRN,Last,First,Cell\n70001,Okoye,Ada,201-555-0190\n"
    bring(boss, tmp_path, table)
    person = facts(boss, "70001").id
    with_phone = boss.read(lambda c: matching.patients(c, [person])[person].phones[0]["id"])
    new = {"value": "201-555-0777", "digits": "12015550777"}
    boss.step("patient.edit", lambda work: work.unit.update(ContactPoint, with_phone, **new))
    assert counts(bring(boss, tmp_path, table)) == (1, 0, 0, 1, 0)
    assert facts(boss, "70001").phone == "201-555-0777"


NUMBERED = "Appt ID,Patient MRN,Start,Minutes,Provider,Status\n"


def days_of(desk: Desk, mrn: str) -> list[tuple[str, str, str]]:
    """Return wall time, practitioner and status of a patient's visits."""
    person = facts(desk, mrn).id
    rows = desk.read(schedule.visits_of, person)
    code = desk.clinic.practitioner
    return [
        (f"{desk.clinic.local(r.start_at):%m-%d %H:%M}", code(r.practitioner_id).code, r.status)
        for r in rows
    ]


def test_a_visit_moved_in_the_other_system_moves_here(boss: Desk, tmp_path: Path) -> None:
    bring(boss, tmp_path, NUMBERED + "A1,8841,2026-12-01 09:00,30,LEE,booked\n")
    told = bring(boss, tmp_path, NUMBERED + "A1,8841,2026-12-02 10:00,30,ORTIZ,booked\n")
    assert counts(told) == (1, 0, 1, 0, 0)
    assert days_of(boss, "8841") == [("12-02 10:00", "ORTIZ", "booked")]
    whole(boss)


def test_a_visit_moved_at_the_desk_stays_where_it_is(boss: Desk, tmp_path: Path) -> None:
    for table in (
        NUMBERED + "A1,8841,2026-12-01 09:00,30,LEE,booked\n",
        "Patient MRN,Start,Provider\n10443,2026-12-01 09:00,ORTIZ\n",
    ):
        bring(boss, tmp_path, table)
        mrn = "8841" if "8841" in table else "10443"
        (visit,) = boss.read(schedule.visits_of, facts(boss, mrn).id)
        start = visit.start_at + timedelta(days=2)
        booking.move(boss, appointment_id=visit.id, start=start)
        assert counts(bring(boss, tmp_path, table)) == (1, 0, 0, 1, 0)
        assert [day for day, _, _ in days_of(boss, mrn)] == ["12-03 09:00"]


def test_two_visits_change_places_in_one_file(boss: Desk, tmp_path: Path) -> None:
    first, second = (
        "A1,8841,2026-12-01 {},30,LEE,booked\n",
        "A2,10443,2026-12-01 {},30,LEE,booked\n",
    )
    bring(boss, tmp_path, NUMBERED + first.format("09:00") + second.format("09:30"))
    told = bring(boss, tmp_path, NUMBERED + first.format("09:30") + second.format("09:00"))
    assert counts(told) == (2, 0, 2, 0, 0)
    assert days_of(boss, "8841")[0][0] == "12-01 09:30"
    whole(boss)


def test_a_number_of_another_patients_visit_is_left_out(boss: Desk, tmp_path: Path) -> None:
    bring(boss, tmp_path, NUMBERED + "A1,8841,2026-12-01 09:00,30,LEE,booked\n")
    told = bring(boss, tmp_path, NUMBERED + "A1,10443,2026-12-01 09:00,30,LEE,booked\n")
    assert "another patient" in told["skipped"][0]["why"]


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("Follow Up 15 min", "fu"),
        ("NEW PATIENT VISIT", "new"),
        ("Annual Physical", "phys"),
        ("Well Child Check", "well"),
    ],
)
def test_a_longer_name_of_a_visit_type_is_known(boss: Desk, word: str, code: str) -> None:
    assert VisitWords(boss.clinic, {}).kind(word).code == code


def test_a_name_that_holds_two_visit_types_is_not_guessed(boss: Desk) -> None:
    with pytest.raises(LeftOut, match="is not known here"):
        VisitWords(boss.clinic, {}).kind("Physical or Injection")


def paced(boss: Desk, folder: Path, monkeypatch: pytest.MonkeyPatch, *, turn: int) -> list[int]:
    """Bring in 400 rows where each takes 10 ms, or each batch waits for its turn; the batches."""
    sizes: list[int] = []
    store, step = PatientRows.store, Desk.step

    def pass_time(seconds: float) -> None:
        boss.clock.moment += timedelta(seconds=seconds)  # type: ignore[attr-defined]

    def slow(rows: PatientRows, connection: Any, unit: Any, batch: list[Any]) -> importing.Tally:
        sizes.append(len(batch))
        pass_time(0 if turn else len(batch) / 100)
        return store(rows, connection, unit, batch)

    def late(desk: Desk, action: str, body: Any) -> Any:
        pass_time(turn)
        return step(desk, action, body)

    monkeypatch.setattr(PatientRows, "store", slow)
    monkeypatch.setattr(Desk, "step", late)
    rows = "".join(f"{n},Word{n % 90},First{n}\n" for n in range(50001, 50001 + 400))
    bring(boss, folder, "MRN,Last,First\n" + rows)
    assert sum(sizes) == 400
    return sizes


def test_transactions_grow_shorter_where_they_take_long(
    boss: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = paced(boss, tmp_path, monkeypatch, turn=0)
    assert sizes[0] == importing.BATCH
    assert set(sizes[1:]) == {importing.FEWEST}


def test_waiting_for_other_desks_makes_no_transaction_shorter(
    boss: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = paced(boss, tmp_path, monkeypatch, turn=3)
    assert sizes[1] == 2 * importing.BATCH


def test_a_server_that_goes_away_half_way_is_said_with_what_is_in(
    boss: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step, parts = Desk.step, 0

    def lost(self: Desk, *values: Any, **more: Any) -> Any:
        nonlocal parts
        parts += 1
        if parts > 1:
            raise Away(LOST)
        return step(self, *values, **more)

    monkeypatch.setattr(Desk, "step", lost)
    rows = "".join(f"{n},Word{n % 90},First{n}\n" for n in range(50001, 50001 + 400))
    with pytest.raises(Away, match=r"cannot be reached\. .* \d+ rows are in; run the") as refused:
        bring(boss, tmp_path, "MRN,Last,First\n" + rows)
    assert "nothing was stored" not in refused.value.sentence


OPENEMR = """id,title,fname,lname,DOB,street,city,zip,status,date,sex,providerID,pubpid,pid
1,Mr.,PHIL,BELFORD,1972-02-09,2 OAK ST,LOS ANGELES,333444,married,2024-01-02 03:04:05,Male,2,P1,1
2,,Wanda,Moore,0000-00-00,,,,,,Female,,P2,2
"""


def test_a_table_of_patients_with_a_date_and_a_provider_is_one_of_patients(
    boss: Desk, tmp_path: Path
) -> None:
    assert counts(bring(boss, tmp_path, OPENEMR)) == (2, 2, 0, 0, 0)
    phil = patient_card.card(boss, lookup.find(boss, "belford phil")[0].id)
    assert phil.birth_date == date(1972, 2, 9)
    assert "Los Angeles" in str(phil)


# What the desk said of a phone and an address


def test_a_file_undoes_nothing_of_what_may_be_used(
    clinic: Clinic, desk: Desk, tmp_path: Path
) -> None:
    boss, maria = clinic.desk("boss"), clinic.patient(desk, "8841")
    record.add(desk, patient_id=maria, part="address", line="Box 9", city="Lodi", safe="y")
    record.add(desk, patient_id=maria, part="address", line="1 Elm", city="Lodi", never="y")
    (phone,) = record.load(desk, maria).of("phone")
    record.change(desk, part="phone", part_id=phone.id, never="y")
    file = tmp_path / "other.csv"
    for street, number in (("5 Oak", "201-555-0190"), ("6 Oak", "201-555-0191")):
        file.write_text(
            "MRN,Family Name,Given Name,Birth Date,Mobile Phone,Street,City\n"
            f"8841,Gonzalez,Maria Luisa,1962-03-04,{number},{street},Lodi\n"
        )
        assert import_csv(boss, [file])["updated"] == 1
        assert import_csv(boss, [file])["unchanged"] == 1
    told = [entry.line for entry in record.load(desk, maria).entries]
    assert told == [
        "mobile  (201) 555-0142  NEVER CALL",
        "mobile  (201) 555-0191  leave name and number",
        "home  Box 9, Lodi  SAFE: letters only here  leave name and number",
        "home  1 Elm, Lodi  NEVER WRITE",
        "home  6 Oak, Lodi  leave details",
    ]
    assert letters.compose(desk, maria, "unreached").to == "Box 9, Lodi"

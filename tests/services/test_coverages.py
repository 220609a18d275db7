"""Who pays: coverages on record, found by member number, moved, merged, imported and exported."""

from pathlib import Path
from typing import Any

import pytest

from pcoord import quickline
from pcoord.actions import Selection
from pcoord.domain.errors import Conflict
from pcoord.exchange.csv_map import guess
from pcoord.services import (
    exporting,
    history,
    lookup,
    merging,
    patient_card,
    patients,
    record,
    steps,
    views,
)
from pcoord.services.desk import Desk
from pcoord.services.importing import import_csv
from pcoord.services.reassigning import reassign, things_of
from pcoord.store import check
from tests.clinic import Clinic

CARD = {"payor": "Harbor Mutual Health", "subscriber_id": "HMX 4471-902", "group_number": "G12"}
TABLE = """MRN,Last,First,DOB,Insurance Company,Policy Number,Group No
70001,Okoye,Ada,1980-02-03,Mesa Ridge Health Plan,MRH-55512,88
70002,Okoye,Ben,2010-02-03,Mesa Ridge Health Plan,MRH-55512,88
70003,Novak,Ida,1951-02-03,,1EG4-TE5-MK72,
70004,Poole,Sam,1962-02-03,Self Pay,,
70005,Quist,Una,1963-02-03,Lakeland HMO,4.71E+11,12
"""


@pytest.fixture
def maria(desk: Desk, clinic: Clinic) -> str:
    return clinic.patient(desk, "8841")


def add(desk: Desk, patient_id: str, **typed: str) -> Any:
    return record.add(desk, patient_id=patient_id, part="coverage", **typed)


def of(desk: Desk, patient_id: str) -> list[record.Entry]:
    return record.load(desk, patient_id).of("coverage")


def found(desk: Desk, typed: str) -> list[str | None]:
    return [hit.mrn for hit in lookup.find(desk, typed)]


def bring(desk: Desk, folder: Path, text: str) -> dict[str, Any]:
    file = folder / "table.csv"
    file.write_text(text, encoding="utf-8")
    return import_csv(desk, [file])


def test_a_patient_is_found_by_the_member_number(desk: Desk, maria: str) -> None:
    step = add(desk, maria, **CARD)
    assert step.said == (
        "Added to Gonzalez, Maria Luisa, coverage: 1  Harbor Mutual Health  member HMX 4471-902  "
        "group G12."
    )
    for typed in (
        "hmx4471",
        "hmx 4471 902",
        "4471-902",
        "gonz HMX 447",
        "HMX 4471-902",
        "hmx-4471-902",
        "4471902",
        "hmx4471902 gonz",
    ):
        assert found(desk, typed)[:1] == ["8841"], typed
    (cover,) = patient_card.card(desk, maria).coverages
    assert cover.plain() == {
        "payer": "Harbor Mutual Health",
        "member_number": "HMX 4471-902",
        "group_number": "G12",
        "relationship": "self",
        "subscriber": None,
        "standing": True,
        "from": None,
        "until": None,
    }
    (entry,) = of(desk, maria)
    record.remove(desk, part="coverage", part_id=entry.id, seen=entry.version)
    assert "8841" not in found(desk, "hmx4471")
    steps.undo_last(desk)
    assert found(desk, "hmx4471")[:1] == ["8841"]
    assert check.check(desk.store).problems == []


def test_a_child_is_on_the_mother_s_policy_and_so_are_others(
    clinic: Clinic, desk: Desk, maria: str
) -> None:
    holder = {"relationship": "daughter", "subscriber": "rosa gomez"}
    add(desk, maria, **CARD, **holder)
    assert of(desk, maria)[0].line.endswith("child of Rosa Gomez")
    add(desk, clinic.patient(desk, "10443"), **CARD)
    assert set(found(desk, "hmx4471")) == {"8841", "10443"}


def test_what_is_billed_first_stands_first(desk: Desk, maria: str) -> None:
    add(desk, maria, payor="Lakeland", subscriber_id="L1")
    add(desk, maria, payor="Medicare", subscriber_id="1EG4")
    add(desk, maria, payor="Guild", position="1", until_date="1/1/2020")
    lines = [(one.fields["position"], one.fields["payor"]) for one in of(desk, maria)]
    assert lines == [("1", "Guild"), ("2", "Lakeland"), ("3", "Medicare")]
    assert [one.standing for one in of(desk, maria)] == [False, True, True]
    card = patient_card.card(desk, maria)
    assert [one.payer for one in card.coverages if one.standing] == ["Lakeland", "Medicare"]


def test_bad_fields_are_refused_in_words(desk: Desk, maria: str) -> None:
    bad = {"payor": "", "subscriber_id": "---", "relationship": "neighbour", "position": "first"}
    with pytest.raises(patients.FieldErrors) as refused:
        add(desk, maria, **bad, from_date="soonish")
    assert set(refused.value.fields) == {*bad, "from_date"}
    with pytest.raises(patients.FieldErrors, match="Say what the patient is to the holder"):
        add(desk, maria, payor="Lakeland", subscriber="Rosa Gomez")
    with pytest.raises(patients.FieldErrors, match="end is before"):
        add(desk, maria, payor="Lakeland", from_date="today", until_date="1/1/2020")
    assert of(desk, maria) == []


def test_who_changed_a_coverage_is_known(clinic: Clinic, desk: Desk, maria: str) -> None:
    add(desk, maria, **CARD)
    (entry,) = of(desk, maria)
    change = {"part": "coverage", "part_id": entry.id, "seen": entry.version}
    record.change(clinic.desk("ben"), **change, subscriber_id="HMX 9")
    with pytest.raises(Conflict, match="Ben Okafor changed it"):
        record.change(desk, **change, subscriber_id="HMX 8")
    last = history.history(desk, maria)[0]
    assert last.who == "ben"
    assert any("HMX 4471-902" in line and "HMX 9" in line for line in last.lines)
    assert found(desk, "hmx9")[:1] == ["8841"]


def test_a_coverage_on_the_wrong_record_is_put_right(clinic: Clinic, desk: Desk) -> None:
    kim, haddad = (clinic.patient(desk, mrn) for mrn in ("10443", "10442"))
    add(desk, kim, **CARD)
    result = quickline.understand(desk, "wrongpatient coverage kim dana to haddad reason alike")
    assert result.would == (
        "moves from Kim, Dana to Haddad, Layla: coverage: Harbor Mutual Health HMX 4471-902"
    )
    (thing,) = things_of(desk, kim, "coverage")
    step = reassign(
        desk, kind="coverage", record_id=thing.id, patient_id=haddad, reason="alike", seen=1
    )
    assert step.said.startswith("Moved the coverage by Harbor Mutual Health from Kim, Dana")
    assert found(desk, "hmx4471") == ["10442"]
    trace = views.audit(clinic.desk("boss"), patient_id=kim, user=None, since=None)
    assert "stood on this record by mistake" in str(trace)
    steps.undo_last(desk)
    assert found(desk, "hmx4471") == ["10443"]


def test_some_of_its_words_in_quotes_say_which_coverage(clinic: Clinic, desk: Desk) -> None:
    kim = clinic.patient(desk, "10443")
    add(desk, kim, **CARD)
    add(desk, kim, payor="Lakeland HMO", subscriber_id="L1")
    line = "wrongpatient coverage kim dana {} to haddad reason alike"
    both = quickline.understand(desk, line.format(""))
    assert (both.choose, len(both.candidates)) == ("thing", 2)
    one = quickline.understand(desk, line.format('"lakeland"'))
    assert one.would.endswith("coverage: Lakeland HMO L1")
    none = quickline.understand(desk, line.format('"aetna"'))
    assert "nothing of that kind" in none.problem


def test_the_same_coverage_of_two_records_is_one_after_a_merge(clinic: Clinic, desk: Desk) -> None:
    boss = clinic.desk("boss")
    one, other = (clinic.patient(boss, mrn) for mrn in ("10443", "10444"))
    for person in (one, other):
        add(boss, person, **CARD)
    add(boss, other, payor="Medicare", subscriber_id="1EG4")
    merging.merge(boss, patient_id=one, other_id=other)
    assert sorted(e.fields["payor"] for e in of(boss, one)) == ["Harbor Mutual Health", "Medicare"]
    merging.unmerge(boss, patient_id=one)
    assert [len(of(boss, person)) for person in (one, other)] == [1, 2]


def test_tables_of_other_systems_bring_who_pays(clinic: Clinic, tmp_path: Path) -> None:
    boss = clinic.desk("boss")
    told = bring(boss, tmp_path, TABLE)
    assert (told["created"], told["skipped"]) == (5, [])
    assert "The member number 4.71E+11 was cut short" in str(told["notes"])
    assert set(found(boss, "mrh55512")) == {"70001", "70002"}
    assert found(boss, "1eg4te5mk72") == ["70003"]

    def payers(mrn: str) -> list[tuple[str, str | None]]:
        covers = patient_card.card(boss, clinic.patient(boss, mrn)).coverages
        return [(one.payer, one.member_number) for one in covers]

    assert payers("70001") == [("Mesa Ridge Health Plan", "MRH-55512")]
    assert payers("70003") == [("payer not said", "1EG4-TE5-MK72")]
    assert payers("70004") == []
    assert payers("70005") == [("Lakeland HMO", None)]
    again = bring(boss, tmp_path, TABLE)
    assert (again["updated"], again["unchanged"]) == (0, 5)
    other = bring(boss, tmp_path, TABLE.replace("Ada,1980-02-03,Mesa", "Ada,1980-02-03,New Mesa"))
    assert (other["updated"], other["unchanged"]) == (1, 4)
    assert payers("70001") == [("New Mesa Ridge Health Plan", "MRH-55512")]
    assert check.check(boss.store).problems == []


SEVERAL = """MRN,Last,First,DOB,Primary Payor,Primary Subscr Num,SECONDARY PAYOR,sec ins id no,Ins 3
70011,Abbott,Ada,1980-02-03,Mesa Ridge,MRH-1,Medicare,1EG4-TE5-MK72,Guild
70012,Abbott,Bea,1990-02-03,,,Medicaid,990011,
"""


def _covers(boss: Desk, mrn: str) -> list[tuple[str, str | None, bool]]:
    covers = patient_card.card(boss, boss_patient(boss, mrn)).coverages
    return [(one.payer, one.member_number, one.standing) for one in covers]


def boss_patient(boss: Desk, mrn: str) -> str:
    (key,) = lookup.having_number(boss, mrn)
    return key


def test_a_table_brings_all_who_pay_in_the_order_of_billing(clinic: Clinic, tmp_path: Path) -> None:
    boss = clinic.desk("boss")
    bring(boss, tmp_path, SEVERAL)
    assert _covers(boss, "70011") == [
        ("Mesa Ridge", "MRH-1", True),
        ("Medicare", "1EG4-TE5-MK72", True),
        ("Guild", None, True),
    ]
    assert _covers(boss, "70012") == [("Medicaid", "990011", True)]
    assert found(boss, "1eg4te5mk72") == ["70011"]
    assert bring(boss, tmp_path, SEVERAL)["unchanged"] == 2
    out = b"".join(exporting.export_csv(boss, "patients"))
    told = bring(boss, tmp_path, out.decode("utf-8-sig"))
    assert (told["created"], told["updated"]) == (0, 0)
    assert _covers(boss, "70011")[2] == ("Guild", None, True)


def test_a_new_payer_ends_the_one_before_and_takes_nothing_away(
    clinic: Clinic, tmp_path: Path
) -> None:
    boss = clinic.desk("boss")
    bring(boss, tmp_path, SEVERAL)
    moved = SEVERAL.replace("Mesa Ridge,MRH-1", "Lakeland HMO,L-7")
    assert bring(boss, tmp_path, moved)["updated"] == 1
    assert sorted(_covers(boss, "70011")) == [
        ("Guild", None, True),
        ("Lakeland HMO", "L-7", True),
        ("Medicare", "1EG4-TE5-MK72", True),
        ("Mesa Ridge", "MRH-1", False),
    ]
    entries = {one.fields["payor"]: one.fields for one in of(boss, boss_patient(boss, "70011"))}
    assert entries["Lakeland HMO"]["position"] == "1"
    assert set(found(boss, "mrh1")) == {"70011"}
    assert bring(boss, tmp_path, moved)["unchanged"] == 2
    assert check.check(boss.store).problems == []


def test_a_payer_of_the_desk_is_not_written_over(clinic: Clinic, tmp_path: Path) -> None:
    boss = clinic.desk("boss")
    kim = clinic.patient(boss, "10443")
    add(boss, kim, **CARD)
    row = "MRN,Last,First,DOB,Payer,Member ID\n10443,Kim,Dana,1990-01-31,{},{}\n"
    bring(boss, tmp_path, row.format("Lakeland", "L1"))
    assert _covers(boss, "10443") == [
        ("Harbor Mutual Health", "HMX 4471-902", True),
        ("Lakeland", "L1", True),
    ]
    bring(boss, tmp_path, row.format("HARBOR MUTUAL HEALTH", "HMX 4471-903"))
    assert ("Harbor Mutual Health", "HMX 4471-903", True) in _covers(boss, "10443")


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("Primary Insurance Policy Company Name", "payor"),
        ("Primary Insurance Policy Number", "subscriber_id"),
        ("pri ins grp no", "group_number"),
        ("Secondary Insurance", "payor_2"),
        ("Insurance 2 ID", "subscriber_id_2"),
        ("2nd Insurance Group #", "group_number_2"),
        ("Policy # 2", "subscriber_id_2"),
        ("Tertiary Payer Name", "payor_3"),
        ("Primary Subscriber Name", None),
        ("Secondary Insurance Phone", None),
        ("Primary Care Plan", None),
        ("Primary Phone", "phone"),
        ("Secondary", None),
        ("Group Name", None),
    ],
)
def test_headings_of_coverages_are_read_word_by_word(heading: str, field: str | None) -> None:
    assert guess(["Last", heading]).columns.get(heading) == field


def test_what_the_desk_corrected_stays_while_the_table_says_the_same(
    clinic: Clinic, tmp_path: Path
) -> None:
    boss = clinic.desk("boss")
    bring(boss, tmp_path, TABLE)
    ada = clinic.patient(boss, "70001")
    (entry,) = of(boss, ada)
    record.change(boss, part="coverage", part_id=entry.id, subscriber_id="MRH-55513")
    bring(boss, tmp_path, TABLE)
    assert of(boss, ada)[0].fields["subscriber_id"] == "MRH-55513"


def test_a_selected_patient_needs_no_name(clinic: Clinic, desk: Desk) -> None:
    kim = clinic.patient(desk, "10443")
    add(desk, kim, **CARD)
    at = Selection(patient_id=kim, says="Kim, Dana")
    line = "wrongpatient insurance to haddad reason alike"
    result = quickline.understand(desk, line, selection=at)
    assert result.would.startswith("moves from Kim, Dana to Haddad, Layla: coverage")

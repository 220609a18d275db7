"""Merging two records of one person, and taking it apart again whatever happened meanwhile."""

from collections.abc import Callable
from contextlib import suppress
from random import Random
from threading import Barrier, Thread
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from pcoord.domain.errors import Conflict, NotPermitted, Refused, Unavailable
from pcoord.services import (
    booking,
    calls,
    flow,
    lookup,
    merging,
    messages,
    patients,
    steps,
    views,
    waitlist,
)
from pcoord.services.desk import Desk
from pcoord.store import merging as store_merging
from pcoord.store import parting
from pcoord.store.belongings import BELONGINGS
from pcoord.store.check import check
from pcoord.store.derived import TABLES as DERIVED
from pcoord.store.unit import Unit
from tests.clinic import Clinic
from tests.people import make_row, picture


@pytest.fixture
def boss(clinic: Clinic) -> Desk:
    """The desk of a supervisor."""
    return clinic.desk("boss")


def register(desk: Desk, **typed: str) -> str:
    """Register somebody and return the id."""
    fields = {"family": "Novak", "given": "Petra", "birth_date": "4/9/1988", "sex": "f"} | typed
    return str(patients.register(desk, force=True, **fields).id)


def book(clinic: Clinic, desk: Desk, patient_id: str, hour: int, who: str = "LEE") -> str:
    """Book a follow-up today and return its id."""
    step = booking.book(
        desk,
        patient_id=patient_id,
        practitioner_id=desk.clinic.practitioner(who).id,
        start=clinic.at(hour),
        visit_type_id=desk.clinic.visit_type("fu").id,
    )
    return str(step.id)


@pytest.fixture
def two(desk: Desk) -> tuple[str, str]:
    """Two records of one person; the second has another phone and an address."""
    one = register(desk, phone="201-555-0188", email="p@example.org")
    other = register(
        desk, family="Nowak", phone="201-555-0189", line="4 Mill Lane", postal_code="62701"
    )
    return one, other


def test_everything_moves_and_both_numbers_find_it(
    clinic: Clinic, boss: Desk, two: tuple[str, str]
) -> None:
    stays, goes = two
    book(clinic, boss, goes, 14)
    mrn = lookup.one(boss, goes).mrn
    said = merging.merge(boss, patient_id=stays, other_id=goes).said
    assert said.startswith(f"Merged Nowak, Petra, MRN {mrn}, into Novak, Petra, MRN ")
    assert "1 visit" in said and "Both numbers find it." in said
    for words in (mrn, "nowak petra", "novak petra", "201-555-0189", "201-555-0188"):
        assert [hit.id for hit in lookup.find(boss, words)] == [stays], words
    assert views.id_of(boss, mrn) == stays
    card = patients.card(boss, goes)
    assert card.id == stays and len(card.visits) == 1
    assert [phone.value for phone in card.phones] == ["201-555-0188", "201-555-0189"]
    assert card.address and "4 Mill Lane" in card.address
    assert check(boss.store).problems == []


def test_only_a_supervisor_merges(desk: Desk, two: tuple[str, str]) -> None:
    with pytest.raises(NotPermitted, match="supervisor"):
        merging.merge(desk, patient_id=two[0], other_id=two[1])


def test_fields_are_chosen_one_by_one(boss: Desk, desk: Desk) -> None:
    stays = register(desk, language="es", phone="201-555-0188")
    goes = register(desk, birth_date="4/8/1988", language="fr", email="p@example.org")
    seen = merging.side_by_side(boss, stays, goes)
    assert [(f.label, f.this, f.other) for f in seen.differing] == [
        ("birth date", "04/09/1988", "04/08/1988"),
        ("language", "es", "fr"),
    ]
    assert "birth date nearly the same" in seen.likeness.why
    merging.merge(
        boss,
        patient_id=stays,
        other_id=goes,
        take=["birth_date"],
        seen=seen.this.version,
        seen_other=seen.other.version,
    )
    card = patients.card(boss, stays)
    assert (str(card.birth_date), card.language, card.email) == (
        "1988-04-08",
        "es",
        "p@example.org",
    )


def test_what_both_have_is_kept_once_with_the_more_careful_word(boss: Desk, desk: Desk) -> None:
    stays, goes = (register(desk, phone="201-555-0188") for _ in range(2))
    row = next(r for r in patients.card(boss, goes).phones)
    assert row.may_leave == "name and number"

    def careful(unit: Any) -> None:
        from pcoord.store.tables import ContactPoint

        key = unit.connection.exec_driver_sql(
            f"SELECT id FROM contact_point WHERE patient_id = '{goes}'"
        ).scalar_one()
        unit.update(ContactPoint, key, may_leave="nothing")

    boss.store.write(boss.who, "test", careful)
    merging.merge(boss, patient_id=stays, other_id=goes)
    assert [p.may_leave for p in patients.card(boss, stays).phones] == ["nothing"]
    merging.unmerge(boss, patient_id=stays)
    assert [p.may_leave for p in patients.card(boss, stays).phones] == ["name and number"]


def test_visits_that_overlap_are_kept_and_said(
    clinic: Clinic, boss: Desk, two: tuple[str, str]
) -> None:
    book(clinic, boss, two[0], 14)
    book(clinic, boss, two[1], 14, "ORTIZ")
    assert "1 of the visits overlap" in merging.merge(boss, patient_id=two[0], other_id=two[1]).said
    assert check(boss.store).problems == []
    merging.unmerge(boss, patient_id=two[0])
    assert check(boss.store).problems == []


def test_what_is_written_about_the_old_record_goes_to_the_one_that_stands(
    clinic: Clinic, boss: Desk, desk: Desk, two: tuple[str, str]
) -> None:
    stays, goes = two
    merging.merge(boss, patient_id=stays, other_id=goes)
    book(clinic, desk, goes, 15)
    waitlist.add(desk, patient_id=goes)
    messages.send(
        desk, patient_id=goes, practitioner_id=desk.clinic.practitioner("LEE").id, text="Call back"
    )
    card = patients.card(desk, stays)
    assert len(card.visits) == 1
    assert card.open_work["messages"] == card.open_work["waiting list"] == 1
    with pytest.raises(Conflict, match=r"was merged into Novak, Petra, MRN \d+, meanwhile"):
        patients.edit(desk, patient_id=goes, email="x@example.org", seen=1)
    assert patients.fields_of(desk, goes)[1]["family"] == "Novak"


def test_a_record_changed_meanwhile_is_not_merged_unseen(
    boss: Desk, desk: Desk, two: tuple[str, str]
) -> None:
    seen = merging.side_by_side(boss, *two)
    patients.edit(desk, patient_id=two[1], email="q@example.org")
    with pytest.raises(Conflict, match=r"Ana Flores changed it at 09:00: .* Nothing was stored"):
        merging.merge(
            boss,
            patient_id=two[0],
            other_id=two[1],
            seen=seen.this.version,
            seen_other=seen.other.version,
        )
    assert lookup.one(boss, two[1]).id == two[1]


def test_one_record_is_not_merged_with_itself(boss: Desk, two: tuple[str, str]) -> None:
    with pytest.raises(Refused, match="one record already"):
        merging.merge(boss, patient_id=two[0], other_id=two[0])
    merging.merge(boss, patient_id=two[0], other_id=two[1])
    with pytest.raises(Refused, match="one record already"):
        merging.merge(boss, patient_id=two[0], other_id=two[1])


def test_undo_takes_a_merge_back_until_somebody_built_on_it(
    clinic: Clinic, boss: Desk, two: tuple[str, str]
) -> None:
    book(clinic, boss, two[1], 14)
    before = picture(boss)
    merging.merge(boss, patient_id=two[0], other_id=two[1])
    steps.undo_last(boss)
    assert picture(boss) == before
    step = merging.merge(boss, patient_id=two[0], other_id=two[1])
    patients.edit(boss, patient_id=two[0], email="new@example.org")
    with pytest.raises(Conflict, match="You yourself changed it at 09:00"):
        steps.undo_step(boss, step.number)
    merging.unmerge(boss, patient_id=two[0])
    assert lookup.one(boss, two[1]).family == "Nowak"


def test_a_merge_is_not_taken_back_from_under_a_new_visit(
    clinic: Clinic, boss: Desk, desk: Desk, two: tuple[str, str]
) -> None:
    step = merging.merge(boss, patient_id=two[0], other_id=two[1])
    visit = book(clinic, desk, two[1], 15)  # typed for the one that was merged
    with pytest.raises(Conflict, match=r"Ana Flores booked it at 09:00: .*`unmerge` takes them"):
        steps.undo_step(boss, step.number)
    booking.cancel(desk, appointment_id=visit, reason="other")
    steps.undo_last(desk)
    steps.undo_last(desk)  # the booking itself: nothing is left of it
    steps.undo_step(boss, step.number)
    assert lookup.one(boss, two[1]).family == "Nowak"


def test_unmerging_after_later_work_says_what_stays_where(
    clinic: Clinic, boss: Desk, desk: Desk, two: tuple[str, str]
) -> None:
    stays, goes = two
    theirs = book(clinic, desk, goes, 9, "LEE")
    merging.merge(boss, patient_id=stays, other_id=goes, take=["family"])
    # Later work: the other's visit arrives and a call about it is logged; a new visit is booked.
    flow.check_in(desk, appointment_id=theirs)
    mine = book(clinic, desk, stays, 15)
    patients.edit(desk, patient_id=stays, email="later@example.org")
    said = merging.unmerge(boss, patient_id=stays).said
    assert "Nowak, Petra, MRN" in said and "is a record of its own again" in said
    assert "1 visit" in said and "1 presence" in said
    assert "Added since, and stays with Novak, Petra" in said
    back, there = patients.card(desk, goes), patients.card(desk, stays)
    assert [v.id for v in back.visits] == [theirs] and back.here
    assert [v.id for v in there.visits] == [mine] and not there.here
    assert (there.family, there.email) == ("Novak", "later@example.org")
    assert [p.value for p in back.phones] == ["201-555-0189"]
    assert check(boss.store).problems == []
    with pytest.raises(Refused, match="nothing to take apart"):
        merging.unmerge(boss, patient_id=stays)


def test_what_was_changed_since_stays_as_it_is(boss: Desk, desk: Desk) -> None:
    stays, goes = register(desk), register(desk, language="es")
    merging.merge(boss, patient_id=stays, other_id=goes)
    patients.edit(desk, patient_id=stays, language="fr")
    said = merging.unmerge(boss, patient_id=stays).said
    assert "Changed since, and stays as it is: language." in said
    assert patients.card(desk, stays).language == "fr"
    assert patients.card(desk, goes).language == "es"


def test_a_chain_of_merges_leads_to_the_end_and_comes_apart_link_by_link(
    boss: Desk, desk: Desk
) -> None:
    one, two, three = (register(desk, phone=f"201-555-018{n}") for n in range(3))
    before = picture(boss)
    merging.merge(boss, patient_id=two, other_id=one)
    between = picture(boss)
    merging.merge(boss, patient_id=three, other_id=two)
    assert lookup.one(boss, one).id == three
    assert [p.id for p in merging.merged_into(boss, one)] == [two]
    merging.unmerge(boss, patient_id=one)
    assert picture(boss) == between
    merging.unmerge(boss, patient_id=two)
    assert picture(boss) == before


def test_a_link_in_the_midst_of_a_chain_says_what_to_take_apart_first(
    boss: Desk, desk: Desk
) -> None:
    one, two, three = (register(desk) for _ in range(3))
    merging.merge(boss, patient_id=two, other_id=one)
    merging.merge(boss, patient_id=three, other_id=two)
    with pytest.raises(Refused, match=r"merged into MRN 10002 .* Take MRN 10002 apart"):
        merging.unmerge(boss, patient_id=three, other_id=one)


def test_a_value_of_a_record_that_went_back_does_not_come_again(boss: Desk, desk: Desk) -> None:
    stays = register(desk, email="a@example.org")
    one, other = register(desk, email="b@example.org"), register(desk, email="c@example.org")
    merging.merge(boss, patient_id=stays, other_id=one, take=["email"])
    merging.merge(boss, patient_id=stays, other_id=other, take=["email"])
    merging.unmerge(boss, patient_id=stays, other_id=one)
    assert patients.card(desk, stays).email == "c@example.org"
    merging.unmerge(boss, patient_id=stays, other_id=other)
    assert patients.card(desk, stays).email == "a@example.org"


def test_a_phone_that_two_had_stays_while_one_of_them_is_there(boss: Desk, desk: Desk) -> None:
    stays = register(desk)
    one, other = (register(desk, phone="201-555-0188") for _ in range(2))
    for goes in (one, other):
        merging.merge(boss, patient_id=stays, other_id=goes)
    merging.unmerge(boss, patient_id=stays, other_id=one)
    for key in (stays, one):
        assert [p.value for p in patients.card(desk, key).phones] == ["201-555-0188"]
    merging.unmerge(boss, patient_id=stays, other_id=other)
    assert patients.card(desk, stays).phones == ()
    assert [p.value for p in patients.card(desk, other).phones] == ["201-555-0188"]


def test_several_are_told_apart_by_their_numbers(boss: Desk, desk: Desk) -> None:
    stays, one, other = (register(desk) for _ in range(3))
    for goes in (one, other):
        merging.merge(boss, patient_id=stays, other_id=goes)
    with pytest.raises(Refused, match="say which: MRN 1000"):
        merging.unmerge(boss, patient_id=stays)
    merging.unmerge(boss, patient_id=stays, other_id=one)
    assert [m.id for m in merging.merged_into(boss, stays)] == [other]
    assert [m.mrn for m in merging.merged_into(boss, stays)] == ["10003"]


def test_two_people_are_remembered_and_that_can_be_taken_back(
    boss: Desk, desk: Desk, two: tuple[str, str]
) -> None:
    merging.not_same(desk, patient_id=two[1], other_id=two[0])
    with pytest.raises(Refused, match="noted already"):
        merging.not_same(desk, patient_id=two[0], other_id=two[1])
    assert any("Noted as two people by ana" in c for c in merging.side_by_side(boss, *two).cautions)
    steps.undo_last(desk)
    assert merging.side_by_side(boss, *two).cautions == ()
    merging.not_same(desk, patient_id=two[0], other_id=two[1])
    merging.merge(boss, patient_id=two[0], other_id=two[1])
    merging.unmerge(boss, patient_id=two[0])
    with pytest.raises(Refused, match="noted already"):
        merging.not_same(desk, patient_id=two[0], other_id=two[1])


def test_a_call_in_hand_about_the_old_record_is_stored_with_the_new_one(
    boss: Desk, desk: Desk, two: tuple[str, str]
) -> None:
    merging.merge(boss, patient_id=two[0], other_id=two[1])
    step = calls.log_call(desk, patient_id=two[1], note="asks for a refill", started_at=desk.now)
    assert step.patient_id == two[0]


@settings(
    max_examples=8,
    # A smaller example says no more here, and each one costs half a second.
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 2**32), size=st.integers(0, 25), take=st.integers(0, 2**20))
def test_merge_then_unmerge_is_the_identity(
    clinic: Clinic, seed: int, size: int, take: int
) -> None:
    boss = clinic.desk("boss")
    chance = Random(seed)
    third = clinic.patient(boss, "8841")
    one, other = (
        register(
            boss,
            family=chance.choice(("Novak", "Nowak")),
            given=chance.choice(("Petra", "P")),
            phone=chance.choice(("", "201-555-0188", "201-555-0189")),
            line=chance.choice(("", "1 Elm St", "2 Oak St")),
            email=chance.choice(("", "a@example.org")),
            preferred=chance.choice(("", "Pet")),
        )
        for _ in range(2)
    )

    def fill(unit: Any) -> None:
        for _ in range(size):
            entry = chance.choice(BELONGINGS)
            make_row(unit, entry, chance.choice((one, other)), third, chance)

    boss.store.write(boss.who, "test", fill)
    before = picture(boss)
    names = [n for k, n in enumerate([*merging.columns(), merging.HOME]) if take >> k & 1]
    merging.merge(boss, patient_id=one, other_id=other, take=names)
    assert check(boss.store).problems == []
    merging.unmerge(boss, patient_id=one)
    assert picture(boss) == before
    assert check(boss.store).problems == []


@settings(
    max_examples=5,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 2**32))
def test_merges_taken_apart_in_any_order_leave_all_as_it_was(clinic: Clinic, seed: int) -> None:
    boss, chance = clinic.desk("boss"), Random(seed)
    third = clinic.patient(boss, "8841")
    ids = [
        register(
            boss,
            given=chance.choice(("Petra", "P")),
            phone=chance.choice(("", "201-555-0188")),
            line=chance.choice(("", "1 Elm St")),
            email=chance.choice(("", "a@example.org", "b@example.org")),
        )
        for _ in range(4)
    ]
    kinds = [entry for entry in BELONGINGS if entry.table != "not_same_person"]

    def add(owners: list[str], count: int) -> list[str]:
        def fill(unit: Any) -> None:
            for _ in range(count):
                owner = chance.choice(owners)
                made.append(make_row(unit, chance.choice(kinds), owner, third, chance))

        made: list[str] = []
        boss.store.write(boss.who, "test", fill)
        return made

    add(ids, 20)
    before = picture(boss)
    roots, links, later = list(ids), [], []
    for _ in range(3):
        stays, goes = chance.sample(roots, 2)
        take = [name for name in (*merging.columns(), merging.HOME) if chance.random() < 0.4]
        merging.merge(boss, patient_id=stays, other_id=goes, take=take)
        roots.remove(goes)
        links.append((stays, goes))
        later += add([stays], chance.randrange(3))
    while links:
        stays, goes = chance.choice([link for link in links if link[0] in roots])
        merging.unmerge(boss, patient_id=stays, other_id=goes)
        links.remove((stays, goes))
        roots.append(goes)
        assert check(boss.store).problems == []
    found = picture(boss)
    for table in before.keys() - DERIVED:
        rows = [row for row in found[table] if dict(row).get("id") not in later]
        assert rows == before[table], table


def test_the_links_are_those_of_fhir(boss: Desk, two: tuple[str, str]) -> None:
    stays, goes = two
    assert merging.links(boss, stays) == []
    merging.merge(boss, patient_id=stays, other_id=goes)
    assert merging.links(boss, stays) == [
        {"other": {"reference": f"Patient/{goes}"}, "type": "replaces"}
    ]
    assert merging.links(boss, goes) == [
        {"other": {"reference": f"Patient/{stays}"}, "type": "replaced-by"}
    ]
    active = f"SELECT active FROM patient WHERE id = '{goes}'"
    assert not boss.store.connection.exec_driver_sql(active).scalar_one()
    merging.unmerge(boss, patient_id=stays)
    assert merging.links(boss, stays) == merging.links(boss, goes) == []


def test_taking_apart_is_not_taken_back_by_the_key(boss: Desk, two: tuple[str, str]) -> None:
    merging.merge(boss, patient_id=two[0], other_id=two[1])
    step = merging.unmerge(boss, patient_id=two[0])
    assert step.final
    with pytest.raises(Refused, match="cannot be taken back"):
        steps.undo_step(boss, step.number)


def test_a_list_from_elsewhere_does_not_write_over_a_merged_record(
    boss: Desk, two: tuple[str, str], tmp_path: Any
) -> None:
    from pcoord.services import importing

    stays, goes = two
    mrn = lookup.one(boss, goes).mrn
    merging.merge(boss, patient_id=stays, other_id=goes)
    file = tmp_path / "again.csv"
    file.write_text(f"MRN,Last,First,DOB\n{mrn},Nowak,Petra,1988-04-09\n")
    found = importing.import_csv(boss, [file])
    assert (found["created"], found["updated"]) == (0, 0)
    assert "was merged into MRN" in found["skipped"][0]["why"]
    assert patients.card(boss, stays).family == "Novak"


def _patiently(change: Any, *args: Any, **kwargs: Any) -> Any:
    """Press the key again where a busy machine has another desk hold things for too long."""
    for _ in range(20):
        with suppress(Unavailable):
            return change(*args, **kwargs)
    return change(*args, **kwargs)


def test_nothing_booked_during_a_merge_is_left_behind(clinic: Clinic, boss: Desk) -> None:
    """Whoever writes about a record waits for its merge, and then goes where it leads."""
    stays, goes = register(boss), register(boss)
    begin, failed = Barrier(4), []

    def take_bookings(n: int) -> None:
        own = clinic.desk("ana")
        begin.wait(20)
        for at in range(4):
            try:
                _patiently(waitlist.add, own, patient_id=goes, note=f"{n} {at}")
                _patiently(register, own, family="Other", given="abcd"[at] * (n + 2))
            except BaseException as error:
                failed.append(error)

    threads = [Thread(target=take_bookings, args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    begin.wait(20)
    _patiently(merging.merge, boss, patient_id=stays, other_id=goes)
    for thread in threads:
        thread.join(300)
    assert failed == []
    count = "SELECT count(*) FROM waitlist_entry WHERE patient_id = '{}'"
    read = boss.store.connection.exec_driver_sql
    assert read(count.format(goes)).scalar_one() == 0
    assert read(count.format(stays)).scalar_one() == 12


def test_a_death_is_never_taken_over_unasked(boss: Desk, desk: Desk) -> None:
    stays, goes = register(desk), register(desk)
    patients.edit(desk, patient_id=goes, deceased_on="1/2/2026")
    seen = merging.side_by_side(boss, stays, goes)
    assert [one.name for one in seen.differing] == ["deceased_on"]
    merging.merge(boss, patient_id=stays, other_id=goes)
    assert patients.card(boss, stays).deceased_on is None
    merging.unmerge(boss, patient_id=stays)
    merging.merge(boss, patient_id=stays, other_id=goes, take=["deceased_on"])
    assert str(patients.card(boss, stays).deceased_on) == "2026-01-02"


def test_two_who_merge_the_same_records_the_other_way_round_make_no_circle(
    clinic: Clinic, boss: Desk, two: tuple[str, str]
) -> None:
    one, other = two
    clinic.desk("boss").store.write(boss.who, merging.MERGE, half_of_a_merge(one, other))
    # What the second desk had read before it waited for the records of the first is over.
    for stays, goes in ((other, one), (one, other)):
        with pytest.raises(Conflict, match="changed this just now"):
            boss.store.write(boss.who, merging.MERGE, half_of_a_merge(stays, goes))
    assert check(boss.store).problems == [] and lookup.one(boss, other).id == one


def test_nothing_is_taken_apart_that_was_merged_further_just_now(
    boss: Desk, desk: Desk, two: tuple[str, str]
) -> None:
    one, other = two
    last = register(desk, given="Pia")
    step = merging.merge(boss, patient_id=one, other_id=other).number
    merging.merge(boss, patient_id=last, other_id=one)
    with pytest.raises(Conflict, match="changed this just now"):
        boss.store.write(
            boss.who, "patient.unmerge", lambda unit: parting.part(unit, step, one, other)
        )
    assert check(boss.store).problems == [] and lookup.one(boss, other).id == last


def half_of_a_merge(stays: str, goes: str) -> Callable[[Unit], object]:
    """What a merge does once it has looked at both records."""
    return lambda unit: store_merging.merge(unit, stays, goes, chosen={})


def test_merged_records_that_lead_nowhere_are_told(
    boss: Desk, desk: Desk, two: tuple[str, str]
) -> None:
    one, other = two
    calls.log_call(desk, patient_id=one, phone="201-555-0155", note="asks", outcome="done")
    lead = text("UPDATE patient SET replaced_by_id = :further WHERE id = :id")
    for key, further in ((one, other), (other, one)):
        boss.store.connection.execute(lead, {"id": key, "further": further})
    (problem,) = [said for said in check(boss.store).problems if said.startswith("Merged")]
    assert "2 records lead to each other and none stands" in problem
    assert "1 call of a record merged away" in problem and "`pcoord undo STEP`" in problem


def test_a_circle_of_merges_is_mended_as_the_check_says(
    boss: Desk, two: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = two
    merging.merge(boss, patient_id=one, other_id=other)
    # As two desks at once left it before what they had read was looked at again.
    monkeypatch.setattr(store_merging, "demand_leads_to", lambda *_: None)
    later = boss.store.write(boss.who, merging.MERGE, half_of_a_merge(other, one))
    (problem,) = check(boss.store).problems
    assert "`pcoord undo STEP`; `pcoord audit --json` shows its step" in problem
    log = views.audit(boss, patient_id=None, user=None, since=None)
    assert later.number in [entry["step"] for entry in log]
    steps.undo_own_step(boss, later.number)
    assert check(boss.store).problems == [] and lookup.one(boss, other).id == one

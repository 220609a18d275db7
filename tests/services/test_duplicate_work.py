"""Duplicates over the whole clinic: found little by little, with reasons in words."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcoord import quickline
from pcoord.actions import Selection
from pcoord.domain.errors import Refused
from pcoord.domain.same_person import WARN, WORK, Person, compare, misread, slips_of_year
from pcoord.services import duplicate_work, lookup, merging, patients, steps, work_views
from pcoord.services.desk import Desk
from pcoord.services.lookup import nicknames
from pcoord.store.engine import Connection
from pcoord.store.queries import likely
from pcoord.store.tables import Coverage
from pcoord.store.unit import Unit
from tests.clinic import Clinic

HOUSE = {"phones": frozenset({"12015550142"}), "address": "4 mill lane 62701"}


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        (Person("Kim", "Dana", birth_date=date(1990, 1, 31)), {}, "same name, same birth date"),
        (Person("Kim", "Dana", birth_date=date(1990, 1, 31)), {"given": "Dena"}, "like given name"),
        (Person("Kim", "Dana", birth_date=date(1990, 5, 3)), {"birth_date": date(1990, 3, 5)},
         "same name, birth date nearly the same"),
        (Person("Kim", "Ana Dana", birth_date=date(1990, 5, 3)), {"given": "Dana"},
         "one of the given names"),
        (Person("Kim", "Dana Ruth", birth_date=date(1990, 5, 3)), {"given": "Dana R"}, "same name"),
        (Person("Kim", "Dana Ruth", birth_date=date(1990, 5, 3)), {"given": "Dana"}, "same name"),
        (Person("Kim", "Dana Ruth", birth_date=date(1990, 5, 3)), {"given": "Dana Lee"},
         "one of the given names"),
        (Person("Kim", "Dana", birth_date=date(1990, 5, 3)), {"family": "Dana", "given": "Kim"},
         "names swapped, same birth date"),
        (Person("Kim", "Dana", birth_date=date(1990, 5, 3), sex="female", **HOUSE),
         {"family": "Oakes"}, "same given name, same birth date, same phone, same address"),
    ],
)  # fmt: skip
def test_one_person_is_found_with_the_reason(one: Person, other: dict, why: str) -> None:
    found = compare(one, Person(**{**one.__dict__, **other}))
    assert found.points >= WORK, found
    assert why in found.why


def test_names_may_be_swapped_and_shortened_at_once() -> None:
    born = date(1951, 7, 8)
    whole = Person("Theodore", "Walsh", birth_date=born)
    for short in (Person("Walsh", "Ted", birth_date=born), Person("Walsh", "Ted James")):
        found = compare(replace(short, birth_date=born), whole, nicknames())
        assert found.points >= WORK, found
    swapped = compare(Person("Walsh", "Ted", birth_date=born), whole, nicknames())
    assert swapped.why == "names swapped, same birth date"
    other = compare(Person("Walsh", "Tim", birth_date=born), whole, nicknames())
    assert other.points < WARN, other


@pytest.mark.parametrize("nothing", ["-", "?", ".", "Jr", "II", "'", "\u00b7"])
def test_a_given_name_that_says_nothing_is_none(nothing: str) -> None:
    born = date(1951, 7, 8)
    one, other = (Person("Walsh", given, birth_date=born) for given in (nothing, "Theodore"))
    found = compare(one, other, nicknames())
    assert not found.others and found.points > 0, found


_PIECES = ("Jr", "II", "Baby", "Boy", "-", "'", "de la", "Mc", "MacDonald", "O'Brien", "Ng", "a")
_NAMES = st.lists(st.sampled_from(_PIECES) | st.text(max_size=5), max_size=3).map(" ".join)


@given(names=st.lists(_NAMES, min_size=6, max_size=6))
def test_any_two_people_can_be_compared_whichever_stands_first(names: list[str]) -> None:
    born = date(1951, 7, 8)
    one, other = Person(*names[:3], birth_date=born), Person(*names[3:], birth_date=born)
    assert compare(one, other, nicknames()).points == compare(other, one, nicknames()).points


SHORT = frozenset({("aetna", "12")})
CARD = {"members": frozenset({("aetna", "w123456789")})}


@pytest.mark.parametrize(
    ("other", "alike"),
    [
        ({"family": "Oakes"}, True),
        ({"family": "Oakes", "members": frozenset({("aetna ppo", "w123456789")})}, True),
        ({"family": "Oakes", "members": SHORT}, False),
        ({"given": "Omar"}, False),
        ({"birth_date": date(1958, 8, 2)}, False),
        ({"given": "Omar", "birth_date": date(1988, 2, 1)}, False),
    ],
)
def test_a_member_number_counts_for_one_person_and_not_for_a_household(
    other: dict, alike: bool
) -> None:
    one = Person("Kim", "Dana", birth_date=date(1990, 1, 31), **CARD)
    found = compare(one, Person(**{**one.__dict__, **other}))
    assert (found.points >= WORK) is alike, found
    assert ("same member number" in found.why) is (other.get("members") != SHORT)


def test_a_middle_name_in_common_tells_more() -> None:
    one = Person("Kim", "Dana", "Marie", birth_date=date(1990, 1, 31), sex="female")
    other = Person("Oakes", "Dana", "Marie", birth_date=date(1990, 1, 31), sex="female")
    plain = Person("Oakes", "Dana", "M", birth_date=date(1990, 1, 31), sex="female")
    assert compare(one, other).points >= WARN > compare(one, plain).points


@pytest.mark.parametrize(
    ("one", "other", "work"),
    [
        (("MacLeod", "Duncan", "10/11/1960"), ("McLeod", "Duncan", "11/10/1960"), True),
        (("Walsh", "Theodore", "12/12/1980"), ("Walsh", "Ted", "12/21/1980"), True),
        (("Olsen", "Peter", "2/2/1950"), ("Olson", "Peter", "2/3/1950"), True),
        (("Соколова", "Анна", "8/8/1988"), ("Sokolova", "Anna", "8/8/1988"), True),
        (("Walsh", "Theodore", "12/12/1980"), ("Walsh", "Ted", "3/4/1980"), False),
        (("Olsen", "Peter", "2/2/1950"), ("Olson", "Anna", "2/3/1950"), False),
    ],
)
def test_a_slip_in_the_name_and_one_in_the_birth_date_are_work(
    desk: Desk, one: tuple[str, str, str], other: tuple[str, str, str], work: bool
) -> None:
    names = ("family", "given", "birth_date")
    keys = {
        str(patients.register(desk, force=True, **dict(zip(names, who, strict=True))).id)
        for who in (one, other)
    }
    duplicate_work.look(desk)
    assert (keys in [{p.id, p.other_id} for p in duplicate_work.pairs(desk)]) is work


def test_two_records_with_one_members_card_are_work(desk: Desk) -> None:
    born = {"birth_date": "1/31/1990", "force": True}
    keys = [
        str(patients.register(desk, family=family, given="Danae", **born).id)
        for family in ("Abbott", "Oakes")
    ]

    def body(unit: Unit) -> None:
        for key, payor in zip(keys, ("Aetna", "AETNA PPO"), strict=True):
            unit.insert(Coverage, patient_id=key, payor=payor, subscriber_id="W123456789")
        unit.say("Filled.")

    desk.store.write(desk.who, "test", body)
    duplicate_work.look(desk)
    (pair,) = [p for p in duplicate_work.pairs(desk) if {p.id, p.other_id} == set(keys)]
    assert "same birth date, same member number" in pair.why


@pytest.mark.parametrize(
    ("other", "caution"),
    [
        ({"given": "Omar"}, ""),
        ({"birth_date": date(1958, 8, 2)}, "parent and child"),
        ({"birth_date": date(1992, 7, 19)}, ""),
        ({"family": "Kim Jr.", "birth_date": date(1958, 8, 2)}, "Jr."),
        ({"given": "Dana", "family": "Lopez"}, ""),
    ],
)
def test_twins_and_fathers_and_namesakes_are_no_work(other: dict, caution: str) -> None:
    one = Person("Kim", "Dana", birth_date=date(1990, 1, 31), sex="female")
    household = HOUSE if "Lopez" not in other.values() else {}
    one = Person(**{**one.__dict__, **household})
    found = compare(one, Person(**{**one.__dict__, **other}))
    assert found.points < WORK, found
    assert caution in " ".join(found.cautions)


def test_like_named_twins_are_never_merged_without_a_caution() -> None:
    one = Person("Kim", "Jayden", birth_date=date(2019, 1, 3), sex="male", **HOUSE)
    found = compare(one, Person(**{**one.__dict__, "given": "Hayden"}))
    assert any("twins" in said for said in found.cautions)


def test_a_misread_date_is_one_slip_away() -> None:
    assert misread(date(1962, 3, 4), date(1962, 4, 3))
    assert misread(date(1962, 3, 4), date(1926, 3, 4))
    assert misread(date(1962, 3, 4), date(1963, 3, 4))
    assert not misread(date(1962, 3, 4), date(1971, 3, 4))
    assert not misread(date(1962, 3, 4), date(1962, 12, 4))


def test_a_slip_in_the_year_is_one_digit_or_their_order() -> None:
    assert {1926, 1960, 1969, 1912, 1992} <= set(slips_of_year(1962))
    assert not {1962, 1973, 1862} & set(slips_of_year(1962))


def again(desk: Desk, **typed: str) -> str:
    fields = {"family": "Haddad", "given": "Layla", "birth_date": "5/9/1992"} | typed
    return str(patients.register(desk, force=True, **fields).id)


def test_the_list_fills_as_patients_come_and_empties_as_it_is_worked(
    clinic: Clinic, desk: Desk
) -> None:
    assert duplicate_work.look(desk) == 0
    assert work_views.work(desk, "duplicates") == []
    double = again(desk)
    assert work_views.work(desk, "duplicates") == [], (
        "it is looked for on the next look at the list"
    )
    duplicate_work.look(desk)
    (item,) = work_views.work(desk, "duplicates")
    assert {item["patient"]["mrn"], item["other"]["mrn"]} == {"10442", "10001"}
    assert "may be Haddad, Layla, MRN" in item["what"] and item["why"].startswith("same name")
    assert item["score"] > 0.75 and item["list"] == "duplicates"
    merging.not_same(desk, patient_id=double, other_id=clinic.patient(desk, "10442"))
    assert work_views.work(desk, "duplicates") == []
    steps.undo_last(desk)
    assert len(work_views.work(desk, "duplicates")) == 1
    boss = clinic.desk("boss")
    merging.merge(boss, patient_id=clinic.patient(desk, "10442"), other_id=double)
    assert work_views.work(desk, "duplicates") == []
    merging.unmerge(boss, patient_id=double)
    duplicate_work.look(desk)
    assert len(work_views.work(desk, "duplicates")) == 1
    patients.edit(desk, patient_id=double, given="Omar")
    duplicate_work.look(desk)
    assert work_views.work(desk, "duplicates") == []


def test_a_look_goes_on_where_it_stopped(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicate_work, "BATCH", 3)
    before = duplicate_work.waiting(desk)
    assert before >= 8
    assert duplicate_work.look(desk, most=3) == before - 3
    told: list[tuple[int, int]] = []
    assert duplicate_work.look(desk, tell=lambda done, whole: told.append((done, whole))) == 0
    assert told[-1] == (before - 3, before - 3)


def test_whoever_is_changed_while_compared_is_compared_again(
    clinic: Clinic, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another desk gives the double another name after it was read: no pair of what it was."""
    duplicate_work.look(desk)
    double = again(desk)
    other = clinic.desk("boss")

    def changed(connection: Connection) -> duplicate_work._Batch:
        batch = look_at(connection)
        if not edited:
            edited.append(patients.edit(other, patient_id=double, given="Omar"))
        return batch

    look_at, edited = duplicate_work._look_at, list[object]()
    monkeypatch.setattr(duplicate_work, "_look_at", changed)
    assert duplicate_work.look(desk) == 0
    assert edited and duplicate_work.pairs(desk) == []


def test_two_desks_that_compare_the_same_patients_write_each_pair_once(
    clinic: Clinic, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    again(desk)
    look_at, other, left = duplicate_work._look_at, clinic.desk("boss"), list[int]()

    def overtaken(connection: Connection) -> duplicate_work._Batch:
        batch = look_at(connection)
        if not left:
            left.append(1)
            left.append(duplicate_work.look(other))
        return batch

    monkeypatch.setattr(duplicate_work, "_look_at", overtaken)
    assert duplicate_work.look(desk) == 0
    assert left[1] == 0 and len(duplicate_work.pairs(desk)) == 1


@given(st.dates(date(1905, 1, 1), date(2026, 1, 1)), st.data())
def test_a_slip_in_day_month_or_the_last_digits_of_the_year_is_looked_for(
    born: date, data: st.DataObject
) -> None:
    digits = f"{born:%Y%m%d}"
    at = data.draw(st.integers(4, 7))
    year = f"{born.year + data.draw(st.sampled_from((-10, -1, 1, 10)))}"
    slips = (
        digits[:at] + data.draw(st.sampled_from("0123456789")) + digits[at + 1 :],
        digits[:4] + digits[6:] + digits[4:6],
        digits[:2] + digits[3] + digits[2] + digits[4:],
        year + digits[4:],
    )
    spans = likely._spans(int(digits))
    for slip in slips:
        assert any(low <= int(slip) <= high for low, high in spans), (digits, slip, spans)
    assert likely._near(int(digits), int(slips[0]))
    assert any(low <= 0 <= high for low, high in spans), "and who is of unknown date"


def test_merging_by_a_typed_line(clinic: Clinic, desk: Desk) -> None:
    again(desk, sex="f", language="es")
    boss = clinic.desk("boss")
    line = "merge 10001 into 10442"
    result = quickline.understand(boss, line)
    assert result.would.startswith("merges Haddad, Layla, MRN 10001, into Haddad, Layla;")
    step = quickline.run(boss, result.call)
    assert step.said.startswith("Merged Haddad, Layla, MRN 10001, into Haddad, Layla, MRN 10442")
    assert lookup.one(boss, str(step.id)).mrn == "10442"
    apart = quickline.understand(boss, "unmerge 10001")
    assert apart.would == "takes Haddad, Layla, MRN 10001 out of the record of Haddad, Layla again"
    assert "record of its own" in quickline.run(boss, apart.call).said
    with pytest.raises(Refused, match="noted already"):
        for _ in range(2):
            told = quickline.understand(desk, "notsame 10001 and 10442")
            quickline.run(desk, told.call)


def test_fields_are_named_in_the_line(clinic: Clinic, desk: Desk) -> None:
    again(desk, birth_date="5/8/1992", language="es")
    boss = clinic.desk("boss")
    result = quickline.understand(boss, "merge 10001 into 10442 taking birth date")
    assert result.call is not None and result.call.values["take"] == ("birth_date",)
    quickline.run(boss, result.call)
    card = patients.card(boss, clinic.patient(desk, "10442"))
    assert (str(card.birth_date), card.language) == ("1992-05-08", "es")
    wrong = quickline.understand(boss, "merge 10017 into 10442 taking shoe size")
    assert "“shoe size” is no field" in wrong.problem


def test_the_only_likely_one_is_offered_on_the_screen_but_never_taken_by_a_line(
    clinic: Clinic, desk: Desk
) -> None:
    double = again(desk)
    boss = clinic.desk("boss")
    chosen = Selection(patient_id=clinic.patient(desk, "10442"))
    shown = quickline.understand(boss, "", action_id="patient.merge", selection=chosen)
    assert shown.call is not None and shown.call.values["other_id"] == double
    typed = quickline.understand(boss, "merge 10442")
    assert typed.call is None and [c.value for c in typed.candidates] == [double]
    assert typed.choose == "other"


def test_a_restricted_record_says_the_least_in_the_list(clinic: Clinic, desk: Desk) -> None:
    typed = {"family": "Haddad", "given": "Layla", "birth_date": "5/9/1992", "force": True}
    patients.register(desk, **typed)
    boss = clinic.desk("boss")
    patients.edit(boss, patient_id=clinic.patient(desk, "10442"), restricted="yes")
    duplicate_work.look(desk)
    (pair,) = duplicate_work.pairs(desk)
    shown = {(pair.given, pair.birth_date), (pair.other_given, pair.other_birth_date)}
    assert shown == {("L.", None), ("Layla", date(1992, 5, 9))}
    patients.edit(boss, patient_id=clinic.patient(desk, "10442"), test="yes")
    duplicate_work.look(desk)
    assert duplicate_work.pairs(desk) == [] and duplicate_work.count(desk) == 0

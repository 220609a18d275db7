"""The people of the demo are many, invented, and the same for the same seed."""

import re
import tomllib
from collections import Counter, defaultdict
from datetime import date

import pytest

from pcoord import resources
from pcoord.domain.outcomes import BY_CODE, OUTCOMES
from pcoord.services.demo_people import Person, people, stories

TODAY = date(2026, 11, 24)
FREE_NUMBER = re.compile(r"(\+1 )?[2-9]\d\d-555-01\d\d")


@pytest.fixture(scope="module")
def crowd() -> list[Person]:
    """Two thousand people."""
    return list(people(2000, 7, TODAY))


def households(crowd: list[Person]) -> dict[int, list[Person]]:
    """Return the people by household."""
    found = defaultdict(list)
    for person in crowd:
        found[person.household].append(person)
    return found


def test_the_same_seed_gives_the_same_people(crowd: list[Person]) -> None:
    assert list(people(2000, 7, TODAY)) == crowd
    assert list(people(2000, 8, TODAY)) != crowd
    assert [one.family for one in people(30, 7, TODAY)] == [one.family for one in crowd[:30]]


@pytest.mark.parametrize("count", [0, 1, 2, 17, 100])
def test_exactly_as_many_people_as_asked(count: int) -> None:
    assert [one.number for one in people(count, 3, TODAY)] == list(range(1, count + 1))


def test_every_number_and_address_is_invented(crowd: list[Person]) -> None:
    numbers = [phone.number for one in crowd for phone in one.phones]
    numbers += [near.phone for one in crowd for near in one.related if near.phone]
    assert all(FREE_NUMBER.fullmatch(number) for number in numbers)
    emails = [one.email for one in crowd if one.email]
    assert len(set(emails)) == len(emails)
    assert all(re.fullmatch(r"[a-z0-9.]+@example\.(com|org|net)", email) for email in emails)
    assert {one.address.postal_code[:2] for one in crowd} == {"00"}


def test_numbers_outside_the_country_carry_its_code() -> None:
    numbers = [phone.number for one in people(50, 1, TODAY, "GB") for phone in one.phones]
    assert numbers and all(number.startswith("+1 ") for number in numbers)


def test_few_strangers_share_a_number(crowd: list[Person]) -> None:
    homes = defaultdict(set)
    for one in crowd:
        for phone in one.phones:
            homes[phone.number].add(one.household)
    assert max(len(shared) for shared in homes.values()) == 1


def test_nobody_is_born_tomorrow_or_died_before_birth(crowd: list[Person]) -> None:
    assert all(one.birth_date <= TODAY for one in crowd)
    assert max(one.age(TODAY) for one in crowd) < 115
    # One in a thousand or so: some crowds have none.
    gone = [one for one in (*crowd, *people(2000, 3, TODAY)) if one.deceased_on]
    assert gone
    assert all(one.birth_date < one.deceased_on <= TODAY for one in gone if one.deceased_on)


def test_parents_are_older_than_their_children(crowd: list[Person]) -> None:
    by_number = {one.number: one for one in crowd}
    for child in crowd:
        for near in child.related:
            if near.role in ("mother", "father") and near.number in by_number:
                parent = by_number[near.number]
                assert parent.birth_date.year + 16 <= child.birth_date.year
                if parent.sex in ("female", "male"):
                    assert (near.role == "mother") == (parent.sex == "female")


def test_twins_and_namesakes_live_among_them(crowd: list[Person]) -> None:
    twins = namesakes = 0
    for house in households(crowd).values():
        births = Counter(one.birth_date for one in house)
        names = Counter((one.family, one.given) for one in house)
        twins += births.most_common(1)[0][1] > 1
        namesakes += names.most_common(1)[0][1] > 1
    assert twins >= 10
    assert namesakes >= 10


def test_children_can_be_reached_and_spoken_for(crowd: list[Person]) -> None:
    minors = [one for one in crowd if one.age(TODAY) < 16]
    spoken_for = [one for one in minors if any("consent" in n.scopes for n in one.related)]
    assert len(spoken_for) >= len(minors) - 3  # the last household may be cut off
    assert sum(bool(one.phones) for one in minors) >= len(minors) * 0.95


def test_some_relatives_are_shut_out_by_an_order(crowd: list[Person]) -> None:
    denied = [near for one in crowd for near in one.related if near.denied]
    assert denied
    assert all(near.scopes == "" and near.number is None for near in denied)


def test_rare_things_are_rare_but_there(crowd: list[Person]) -> None:
    assert 1 <= sum(one.restricted for one in crowd) <= 40
    assert 40 <= sum(bool(one.alerts) for one in crowd) <= 200
    assert {use for one in crowd for use in (n.use for n in one.other_names)} == {"maiden", "old"}
    assert 0.02 < sum(one.interpreter for one in crowd) / len(crowd) < 0.25
    assert len({one.language for one in crowd}) >= 7


def test_names_come_from_many_places(crowd: list[Person]) -> None:
    families = " ".join(one.family for one in crowd)
    for part in ("O'", "al-", "Nguy", "-", "García", "ska", "ová", "Abebe", "Wang"):
        assert part in families


def test_stories_are_told_in_the_same_order_and_filled_in() -> None:
    first, second = stories(5), stories(5)
    for _ in range(100):
        told = first.call("Ana", "Sunday", "201-555-0199")
        assert told == second.call("Ana", "Sunday", "201-555-0199")
        assert "{" not in told.note + (told.message or "")
    assert "{" not in "".join(first.message("Ana", "Sunday")[0] for _ in range(100))
    assert first.note()


def test_stories_use_the_reasons_and_outcomes_of_the_clinic() -> None:
    known = resources.load_toml("call_reasons.toml")
    reasons = {one["code"] for one in known["reasons"]}
    tales = resources.load_toml("demo_stories.toml")
    assert {one["reason"] for one in tales["calls"]} <= reasons
    assert {one["outcome"] for one in tales["calls"]} <= set(BY_CODE)
    types = {one["code"] for one in resources.load_toml("visit_types.toml")["visit_types"]}
    assert set(tales["visit_reasons"]) == types
    assert stories(1).visit_reason("fu") and stories(1).visit_reason("unknown") is None


def test_every_data_table_can_be_read() -> None:
    for name in resources.names(suffix=".toml"):
        assert tomllib.loads(resources.read_text(name)), name


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("visit_types.toml", "visit_types"),
        ("call_reasons.toml", "reasons"),
        ("red_flags.toml", "flags"),
        ("payers.toml", "payers"),
        ("demo_clinic.toml", "practitioners"),
        ("demo_clinic.toml", "locations"),
    ],
)
def test_codes_are_unique(name: str, table: str) -> None:
    codes = [one["code"] for one in resources.load_toml(name)[table]]
    assert len(codes) == len(set(codes))


def test_outcomes_have_keys_of_their_own() -> None:
    assert len(BY_CODE) == len(OUTCOMES) == len({one.key for one in OUTCOMES})


def test_practitioners_work_where_the_clinic_is() -> None:
    clinic = resources.load_toml("demo_clinic.toml")
    places = {one["code"] for one in clinic["locations"]}
    roles = {one["role"] for one in clinic["practitioners"]}
    for one in clinic["practitioners"]:
        assert {one["location"]} | {
            h["location"] for h in one["hours"] if "location" in h
        } <= places
        assert all(hours["start"] < hours["end"] for hours in one["hours"] + one["blocks"])
    wanted = resources.load_toml("visit_types.toml")["visit_types"]
    assert {one["role"] for one in wanted if "role" in one} <= roles


def test_short_names_are_many_and_not_repeated_in_a_group() -> None:
    file = resources.load_toml("nicknames.toml")
    groups = file["english"] + file["spanish"]
    assert len(groups) >= 120
    assert all(len(group) == len(set(group)) > 1 for group in groups)


@pytest.mark.parametrize("folder", ["sheets", "letters"])
def test_sheets_and_letters_are_there_in_each_language(folder: str) -> None:
    for one in resources.load_toml(f"{folder}/index.toml")[folder]:
        for language in one["languages"]:
            text = resources.read_text(f"{folder}/{one['code']}.{language}.txt")
            title, empty, *body = text.splitlines()
            assert title and not empty and body
            assert max(len(line) for line in text.splitlines()) <= 100


def test_common_passwords_are_long_enough_to_be_tried() -> None:
    words = resources.read_text("common_passwords.txt").splitlines()
    assert len(words) == len(set(words)) >= 300
    assert all(len(word) >= 8 and word == word.casefold().strip() for word in words)

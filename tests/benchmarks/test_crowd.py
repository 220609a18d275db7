"""The invented crowd: the same each time, as unevenly named as a country, and as odd."""

from collections import Counter
from datetime import date
from itertools import islice

from tests.benchmarks import crowd

TODAY = date(2026, 11, 24)


def test_the_same_seed_gives_the_same_people_and_fewer_are_their_beginning() -> None:
    more = list(crowd.people(300, 5, TODAY))
    assert list(crowd.people(100, 5, TODAY)) == more[:100]
    assert list(crowd.people(100, 6, TODAY)) != more[:100]


def test_few_names_are_frequent_and_many_are_rare() -> None:
    names, _ = crowd.surnames()
    assert len(names) == len(set(names)) == crowd.SURNAMES
    everybody = list(crowd.people(5_000, 1, TODAY))
    counts = Counter(one.family.split()[0] for one in everybody)
    ten = sum(count for _, count in counts.most_common(10))
    assert 0.04 < ten / len(everybody) < 0.12
    assert len(counts) > 1_500


def test_they_are_of_every_kind() -> None:
    everybody = list(islice(crowd.people(2_000, 1, TODAY), 2_000))
    kinds = {
        "two surnames": sum(" " in one.family for one in everybody),
        "hyphen": sum("-" in one.family for one in everybody),
        "nickname": sum(one.preferred is not None for one in everybody),
        "former name": sum(bool(one.other_names) for one in everybody),
        "second phone": sum(len(one.phones) > 1 for one in everybody),
        "child": sum(one.age(TODAY) < 18 for one in everybody),
    }
    assert all(count > 20 for count in kinds.values()), kinds
    assert all(one.birth_date <= TODAY for one in everybody)

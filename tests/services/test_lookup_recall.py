"""How many are found by a misspelt name: the same seeded slips of the tongue and keys each time."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial
from random import Random

import pytest

from pcoord.clock import FixedClock
from pcoord.services import accounts, lookup, lookup_exact, patient_search
from pcoord.services.desk import Desk
from pcoord.store.engine import parse_address
from pcoord.store.filling import Lookups
from pcoord.store.ids import new_id
from pcoord.store.queries import lookup as queries
from pcoord.store.store import Store
from pcoord.store.tables import Identifier, Patient
from pcoord.store.unit import Unit
from tests.benchmarks import crowd
from tests.clinic import NOW, Clinic, fill
from tests.databases import Factory
from tests.slips import slip

PATIENTS, ASKED = 1500, 150


def people() -> list[tuple[str, str]]:
    """Return (family, given) as unevenly spread as in a country."""
    chance = Random(11)
    families, weights = crowd.surnames()
    female, male = crowd.given_names("female"), crowd.given_names("male")
    chosen = chance.choices(families, cum_weights=weights, k=PATIENTS)
    given = [
        chance.choices(*pool[:1], cum_weights=pool[1])[0] for pool in [female, male] * PATIENTS
    ]
    return list(zip(chosen, given, strict=False))


def fill_crowd(url: str) -> None:
    fill(url)
    store = Store.open(parse_address(url), FixedClock(NOW))
    lookups = Lookups()

    def body(unit: Unit) -> None:
        rows = [
            {
                "id": new_id(),
                "family": family,
                "given": given,
                "birth_date": date(1930, 1, 1) + timedelta(days=n * 17),
                "created_at": unit.now,
            }
            for n, (family, given) in enumerate(people())
        ]
        unit.bulk(Patient, rows)
        numbers = [
            {"id": new_id(), "patient_id": row["id"], "value": str(20_000 + n)}
            for n, row in enumerate(rows)
        ]
        unit.bulk(Identifier, numbers)
        for at in range(0, len(rows), 500):
            lookups.write(unit.connection, [row["id"] for row in rows[at : at + 500]])
        unit.say("Filled.", final=True)

    store.write(accounts.system_who("boss"), "test.fill", body)
    store.close()


@pytest.fixture
def crowded(migrated_template: Callable[[Factory], str]) -> Iterator[Desk]:
    made = Clinic(migrated_template(fill_crowd), FixedClock(NOW))
    yield made.desk("ana")
    made.leave()


def missed(desk: Desk, errors: int, *, wide: bool) -> list[tuple[str, str]]:
    """Return whom the first ten of the list do not show, by misspelt family and given name."""
    chance = Random(23 + errors)
    lost = []
    for number, (family, given) in chance.sample(list(enumerate(people())), ASKED):
        typed = family.lower()
        for _ in range(errors):
            typed = slip(typed, chance)
        hits = lookup.find(desk, f"{typed} {given}", limit=10, wide=wide)
        if str(20_000 + number) not in [hit.mrn for hit in hits]:
            lost.append((typed, f"{family}, {given}"))
    return lost


def test_one_error_is_found_at_once(crowded: Desk) -> None:
    lost = missed(crowded, 1, wide=False)
    assert len(lost) <= 0.03 * ASKED, lost


def test_two_errors_are_found_after_the_pause(crowded: Desk) -> None:
    lost = missed(crowded, 2, wide=True)
    assert len(lost) <= 0.25 * ASKED, lost


def test_beginnings_of_both_names_and_the_year_find_everybody(crowded: Desk) -> None:
    chance = Random(31)
    for number, (family, given) in chance.sample(list(enumerate(people())), 40):
        born = date(1930, 1, 1) + timedelta(days=number * 17)
        for letters in (1, 2, 3):
            typed = f"{given[:letters]} {family[:letters]} {born.year}"
            found = {hit.mrn for hit in lookup.find(crowded, typed, limit=1000) if hit.exact}
            assert str(20_000 + number) in found, typed


@pytest.mark.parametrize("few", [lookup_exact.FEW_BORN, 1])
def test_a_beginning_of_a_name_and_the_birthday_find_everybody(
    crowded: Desk, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(lookup_exact, "FEW_BORN", few)
    chance = Random(37)
    for number, (family, given) in chance.sample(list(enumerate(people())), 30):
        born = date(1930, 1, 1) + timedelta(days=number * 17)
        day = f"{born.month}/{born.day}"
        for typed in (
            f"{family} {day}",
            f"{day} {given} {family}",
            f"{family} {born:%b} {born.day}",
        ):
            found = {hit.mrn for hit in lookup.find(crowded, typed, limit=1000) if hit.exact}
            assert str(20_000 + number) in found, typed
        for letters in (1, 2, 3) if few > 1 else ():
            typed = f"{given[:letters]} {family[:letters]} {day}"
            found = {hit.mrn for hit in lookup.find(crowded, typed, limit=1000) if hit.exact}
            assert str(20_000 + number) in found, typed


def test_a_search_says_when_not_all_were_looked_at(crowded: Desk) -> None:
    search = patient_search.Search()
    assert search.look(crowded, "s").more
    (family, given), count = Counter(people()).most_common(1)[0]
    whole = search.look(crowded, f"{given} {family}")
    assert len([hit for hit in whole.hits if hit.exact]) == count and not whole.maybe_more
    assert not search.look(crowded, "a 9999").maybe_more, "nobody has that number"
    (letter, _), *_ = Counter(family[0].lower() for family, _ in people()).most_common(1)
    assert search.look(crowded, f"{letter} 62 nobody").maybe_more is False
    found = search.look(crowded, f"{letter} 2")
    assert found.more or found.maybe_more


def test_walks_that_stop_together_leave_out_the_later_ones(crowded: Desk) -> None:
    common = Counter(family.lower() for family, _ in people()).most_common(14)
    walks = [queries.Walk("n", [name], limit=40) for name, _ in common]
    first = crowded.read(queries.holders, *walks[:2])
    enough = min(common[0][1], 40) + 1
    met = crowded.read(partial(queries.holders, in_all=enough), *walks)
    assert len(met) == enough < len(first) < len(crowded.read(queries.holders, *walks))
    assert {person.no for person in met} <= {person.no for person in first}
    assert met.cut  # not all were begun

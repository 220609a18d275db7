"""What is looked up when lookup is measured."""

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from pcoord.domain.lookup_words import parse_lookup
from pcoord.services.desk import Desk
from pcoord.services.patient_fields import read
from tests.benchmarks.lookups import KINDS, REGISTERED

WHO = SimpleNamespace(
    family="Núñez-García", given="Ana María", birth_date=date(1962, 3, 4), digits="12015550142"
)


@pytest.mark.parametrize("number", range(len(KINDS)))
def test_every_kind_of_query_means_something(number: int) -> None:
    typed = KINDS[number](WHO)
    query = parse_lookup(typed, date(2026, 11, 24))
    assert len(query.typed) == len(typed.split()) and query.words


@pytest.mark.parametrize("way", REGISTERED)
def test_every_way_of_registering_is_read(desk: Desk, way: Callable[[Any], dict[str, str]]) -> None:
    who = SimpleNamespace(**{**vars(WHO), "birth_date": str(WHO.birth_date)})
    typed = way(who)
    assert typed == way(WHO)
    fields = read(desk.clinic, desk.today, typed)
    assert fields.values["family"] and fields.values["given"]
    assert fields.values.get("birth_date") or fields.phones


def test_the_kinds_differ() -> None:
    assert len({kind(WHO) for kind in KINDS}) == len(KINDS)

"""What is looked up when lookup is measured."""

from datetime import date
from types import SimpleNamespace

import pytest

from pcoord.domain.lookup_words import parse_lookup
from tests.benchmarks.lookups import KINDS

WHO = SimpleNamespace(
    family="Núñez-García", given="Ana María", birth_date=date(1962, 3, 4), digits="12015550142"
)


@pytest.mark.parametrize("number", range(len(KINDS)))
def test_every_kind_of_query_means_something(number: int) -> None:
    typed = KINDS[number](WHO)
    query = parse_lookup(typed, date(2026, 11, 24))
    assert len(query.typed) == len(typed.split()) and query.words


def test_the_kinds_differ() -> None:
    assert len({kind(WHO) for kind in KINDS}) == len(KINDS)

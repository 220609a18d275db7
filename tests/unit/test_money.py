"""Amounts as typed and shown."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcoord.domain.errors import BadUsage
from pcoord.domain.money import LARGEST, parse_money, say_money


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("25", "25.00"),
        ("25.5", "25.50"),
        ("$1,250.00", "1250.00"),
        (".50", "0.50"),
        ("$ 5", "5.00"),
        ("-5", "-5.00"),
        ("-$5", "-5.00"),
        ("-0", "0.00"),
    ],
)
def test_amounts(typed: str, shown: str) -> None:
    assert say_money(parse_money(typed)) == shown


@pytest.mark.parametrize("typed", ["", "$", ".", "1,25", "1e5", "NaN", "25.505", "ten", "9999999"])
def test_what_is_no_amount(typed: str) -> None:
    with pytest.raises(BadUsage):
        parse_money(typed)


@given(st.decimals(-LARGEST, LARGEST, places=2))
def test_what_is_shown_can_be_typed(amount: Decimal) -> None:
    assert parse_money(say_money(amount)) == amount


@given(st.text(max_size=20) | st.text("0123456789.,-$ ", max_size=12))
def test_anything_typed_gives_an_amount_or_a_sentence(text: str) -> None:
    try:
        assert abs(parse_money(text)) <= LARGEST
    except BadUsage as refusal:
        assert refusal.sentence

"""Finding patients as callers give themselves, on both engines."""

import pytest

from pcoord.services import lookup
from pcoord.services.desk import Desk


@pytest.mark.parametrize(
    ("typed", "mrns"),
    [
        ("gonz mar 62", ["8841", "10017", "5530"]),
        ("maria gonz", ["8841"]),
        ("gonzalez maria", ["8841"]),
        ("luisa", ["8841"]),
        ("kim", ["10443", "10444"]),
        ("da kim", ["10443", "10444"]),
        ("dan kim", ["10443", "10444"]),
        ("obrien", ["10445"]),
        ("o'brien", ["10445"]),
        ("sean obr", ["10445"]),
        ("brien", ["10445"]),
        ("nunez", ["10446"]),
        ("garcia ana", ["10446"]),
        ("nunez-garcia", ["10446"]),
        ("5550142", ["8841"]),
        ("555-0142", ["8841"]),
        ("(201) 555-0142", ["8841"]),
        ("0155", ["10443", "10444"]),
        ("03/04/1962", ["8841"]),
        ("3/4/62", ["8841"]),
        ("4 mar 1962", ["8841"]),
        ("1962-03-04", ["8841"]),
        ("8841", ["8841"]),
        ("mrn 8841", ["8841"]),
        ("#8841", ["8841"]),
        ("gonzalez 3/4/62", ["8841"]),
        ("gonzalez 5550142", ["8841"]),
    ],
)
def test_exact_clues(desk: Desk, typed: str, mrns: list[str]) -> None:
    hits = lookup.find(desk, typed)
    exact = sorted(hit.mrn for hit in hits if hit.exact)
    assert exact == sorted(mrns), [(h.mrn, h.family, h.given, h.exact) for h in hits]


@pytest.mark.parametrize(
    ("typed", "mrn"),
    [
        ("gonsalez maria", "8841"),
        ("hadad", "10442"),
        ("haddda", "10442"),
        ("obrian", "10445"),
        ("nunes garsia", "10446"),
        ("layla hadadd", "10442"),
    ],
)
def test_misspelt_names_are_found_after_the_exact_ones(desk: Desk, typed: str, mrn: str) -> None:
    hits = lookup.find(desk, typed)
    assert mrn in [hit.mrn for hit in hits[:3]]
    assert not next(hit for hit in hits if hit.mrn == mrn).exact


def test_nobody_is_found_by_nonsense(desk: Desk) -> None:
    assert lookup.find(desk, "xqzzw") == []
    assert lookup.find(desk, "kim 3/3/1933") == []

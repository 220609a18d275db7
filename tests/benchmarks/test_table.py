"""The tables of a result, and that the README says what the last committed one says."""

import sys
from typing import Any

import pytest

from tests.benchmarks.probe import Probe
from tests.benchmarks.table import README, cells, committed, section, text_table
from tests.benchmarks.targets import TARGETS, stands, verdict

TYPING = {"name": "typing in lookup: CPU a key", "unit": "ms", "n": 9, "pcoord": 10.0}
ONE_ERROR = {"name": "lookup, one error in the name: found in the first ten", "unit": ""}
CURSES = """
import curses
def main(window):
    while True:
        window.erase()
        window.addstr(0, 0, "waits for " + "keys")
        window.refresh()
        if window.getkey() == "x":
            window.addstr(1, 0, "x" * 60)
            window.refresh()
            window.getkey()
curses.wrapper(main)
"""


def test_the_readme_says_what_the_last_result_says() -> None:
    assert committed(), "no result is committed: python -m tests.benchmarks --keep"
    assert section(committed()) in README.read_text(encoding="utf-8"), (
        "python -m tests.benchmarks.table --write"
    )


def test_what_a_result_was_measured_with_is_told() -> None:
    for result in committed():
        assert result["rounds"] >= 9 and result["commit"] and result["machine"]["cores"]
        assert {"Python", "SQLite", "textual", "sqlmodel"} <= set(result["versions"])
        assert {found["name"] for found in result["rows"]} & set(TARGETS)


@pytest.mark.parametrize(
    ("found", "stood", "said"),
    [
        (TYPING | {"naive": 100.0}, (0.1, True), "0.1 of naive, at most 0.2"),
        (TYPING | {"naive": 20.0}, (0.5, False), "0.5 of naive, at most 0.2: MISSED"),
        (TYPING, None, ""),
        ({"name": "no such row", "unit": "", "pcoord": 1}, None, ""),
        (
            {"name": "typing in lookup: bytes a key", "unit": "bytes", "pcoord": 9, "most": 4501},
            (4501.0, False),
            "4501, at most 4500: MISSED",
        ),
        (ONE_ERROR | {"pcoord": 0.98}, (0.98, True), "0.98, at least 0.97"),
        (ONE_ERROR | {"pcoord": 0.5}, (0.5, False), "0.5, at least 0.97: MISSED"),
    ],
)
def test_how_a_row_stands(found: dict[str, Any], stood: object, said: str) -> None:
    assert (stands(found), verdict(found)) == (stood, said)


def test_a_row_in_words() -> None:
    found = TYPING | {"floor": 0.5, "naive": 100.0}
    assert cells(found)[:4] == [found["name"], "10 ms", "0.5 ms", "100 ms"]
    assert cells(found | {"naive": 0.0, "widgets": 4})[4] == "widgets 4 ms"
    assert text_table([found]).splitlines()[1].startswith("typing in lookup")


def test_a_program_is_measured() -> None:
    with Probe([sys.executable, "-I", "-c", CURSES], {}) as probe:
        probe.shows("waits for keys")
        cost = probe.keys(["a", "x"])
        assert cost.sent[1] > 60 > cost.deflated[1] > 0
        assert 0 < cost.cpu < 5 and len(cost.waits) == 2
        assert probe.memory() > 2**20

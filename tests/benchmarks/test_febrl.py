"""The recall rows: a set is read whole, and its people are found by the program's own lookup."""

from pathlib import Path

import pytest

from pcoord.domain.errors import BadUsage
from tests.benchmarks import febrl

HEAD = "rec_id, given_name, surname, date_of_birth"
ROWS = (
    "rec-1-org, michaela, neumann, 19151111",
    "rec-1-dup-0, michafla, neumann, 19151111",
    "rec-1-dup-1, , neuman, 19151112",
    "rec-2-org, courtney, painter, ",
    "rec-2-dup-0, painter, courtney, 19161214",
)


@pytest.fixture
def one_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "dataset1.csv").write_text("\n".join((HEAD, *ROWS)) + "\n")
    monkeypatch.setattr(febrl, "folder_of_sets", lambda: tmp_path)


@pytest.mark.usefixtures("one_set")
def test_originals_and_copies_share_their_numbers() -> None:
    originals, copies = febrl.read_set(1)
    assert [number for number, _ in originals] == ["1", "2"]
    assert [number for number, _ in copies] == ["1", "1", "2"]
    asked = [text for _, text in febrl.queries(copies, born=True)]
    assert asked[0] == "michafla neumann 1915-11-11" and asked[1] == "neuman 1915-11-12"


@pytest.mark.usefixtures("one_set")
def test_each_set_gives_two_rows() -> None:
    by_name, with_date = febrl.rows([1])
    assert by_name["name"] == "FEBRL 1, by name: found in the first five"
    assert (by_name["pcoord"], by_name["n"]) == (1.0, 3)
    assert with_date["pcoord"] == 1.0 and with_date["also"].startswith("first 1, ten 1, ")


def test_without_the_package_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(febrl.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(BadUsage, match="Install the data first"):
        febrl.read_set(4)

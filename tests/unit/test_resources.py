"""Data files are found by name, installed or in a checkout."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pcoord import resources


@pytest.fixture
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An installed layout: the data folder lies inside the package."""
    folder = tmp_path / "pcoord" / "data"
    (folder / "letters").mkdir(parents=True)
    (folder / "letters" / "reminder.es.txt").write_text("Mañana", encoding="utf-8")
    (folder / "clinic.toml").write_text('[clinic]\nname = "Elm Street"\n', encoding="utf-8")
    monkeypatch.setattr(resources, "PACKAGE", folder.parent)
    resources.root.cache_clear()
    yield folder
    resources.root.cache_clear()


def test_installed_files_are_read_by_name(data_folder: Path) -> None:
    assert resources.read_text("letters/reminder.es.txt") == "Mañana"
    assert resources.load_toml("clinic.toml") == {"clinic": {"name": "Elm Street"}}
    assert resources.path("clinic.toml") == data_folder / "clinic.toml"
    assert resources.names("letters", ".txt") == ["letters/reminder.es.txt"]


def test_a_checkout_keeps_its_files_beside_the_package(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside = data_folder.parent.parent / "data"
    data_folder.rename(beside)
    resources.root.cache_clear()
    assert resources.path("clinic.toml") == beside / "clinic.toml"


def test_a_missing_file_says_what_to_do(data_folder: Path) -> None:
    with pytest.raises(FileNotFoundError, match="install pcoord again"):
        resources.read_text("letters/none.txt")


def test_a_name_cannot_leave_the_data_folder(data_folder: Path) -> None:
    with pytest.raises(ValueError, match="not inside"):
        resources.read_text("../__init__.py")

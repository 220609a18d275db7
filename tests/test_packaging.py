"""What is installed is whole: the wheel has every file, the lock every package, one version."""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import pcoord

ROOT = Path(__file__).resolve().parent.parent
NOT_SHIPPED = {"__pycache__", ".DS_Store"}


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    """The project file."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def in_wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names of the files in a wheel that was built from the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        return set(wheel.namelist())


def files_under(folder: str) -> set[str]:
    """Return the files of a folder of the checkout, relative to it."""
    base = ROOT / folder
    files = (file.relative_to(base) for file in base.rglob("*") if file.is_file())
    return {file.as_posix() for file in files if not NOT_SHIPPED & set(file.parts)}


def test_the_wheel_has_every_file_of_the_package(in_wheel: set[str]) -> None:
    """Modules, stylesheets, migrations and their template."""
    assert {f"pcoord/{name}" for name in files_under("pcoord")} <= in_wheel


def test_the_wheel_has_every_data_file(in_wheel: set[str]) -> None:
    wanted = {f"pcoord/data/{name}" for name in files_under("data")}
    assert wanted and wanted <= in_wheel


def test_the_wheel_has_nothing_else(in_wheel: set[str]) -> None:
    foreign = {name for name in in_wheel if not re.match(r"pcoord(-[^/]+\.dist-info)?/", name)}
    assert foreign == set()
    assert not [name for name in in_wheel if name.endswith((".pyc", ".db", ".key"))]


def test_one_version_everywhere(project: dict[str, Any]) -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    numbers = re.findall(r"^## \[(\d[^\]]*)\]", changelog, re.MULTILINE)
    assert numbers[0] == pcoord.__version__ == project["project"]["version"]


def test_the_lock_fits_the_project(project: dict[str, Any]) -> None:
    """Run `make lock` when this fails."""
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pinned = dict(re.findall(r"^([a-z0-9-]+)==(\S+)", lock, re.MULTILINE))
    wanted = [
        *project["project"]["dependencies"],
        *project["project"]["optional-dependencies"]["postgres"],
        *project["dependency-groups"]["dev"],
        *project["build-system"]["requires"],
    ]
    for requirement in map(Requirement, wanted):
        assert requirement.specifier.contains(pinned[canonicalize_name(requirement.name)])


def test_the_lock_names_no_place() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in lock and "--index-url" not in lock and "--find-links" not in lock
    pins = re.findall(r"^[a-z0-9-]+==\S+ \\\n +--hash=sha256:", lock, re.MULTILINE)
    assert len(pins) == len(re.findall(r"^[^\s#]", lock, re.MULTILINE))

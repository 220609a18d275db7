"""Records in and out by the command line, choosing on a terminal, settings and plain output."""

import io
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pcoord import cli, config
from pcoord.commands import context as context_module
from pcoord.commands import doing, out
from pcoord.domain.errors import BadUsage, Unavailable
from pcoord.services import duplicate_work
from pcoord.store.store import KEY_VARIABLE
from tests.clinic import NOW, Clinic

Run = Callable[..., tuple[int, str, str]]
PATIENTS = "MRN,Family Name,Given Name,Birth Date\n77001,Larsen,Nils,1984-05-17\n77002,,Ada,x\n"


@pytest.fixture
def run(clinic: Clinic, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command on the small clinic, on both engines, and give code, output and errors."""
    monkeypatch.setenv("PCOORD_NOW", NOW.isoformat())
    monkeypatch.setenv("PCOORD_DB", clinic.url)
    monkeypatch.setattr(sys, "stdin", io.StringIO())

    def runs(*words: str) -> tuple[int, str, str]:
        code = cli.main(list(words))
        told = capsys.readouterr()
        return code, told.out, told.err

    return runs


def test_a_file_comes_in_once(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "patients.csv"
    file.write_text(PATIENTS)
    code, told, _ = run("import", "csv", str(file), "--dry-run", "--json")
    assert code == 0 and json.loads(told)["created"] == 1
    assert run("patient", "77001")[0] == 1
    found = json.loads(run("import", "csv", str(file), "--json")[1])
    assert {*found} >= {"read", "created", "updated", "unchanged", "skipped"}
    assert (found["read"], found["created"]) == (2, 1)
    assert {*found["skipped"][0]} >= {"file", "line", "why"}
    assert run("patient", "77001")[0] == 0
    code, told, err = run("import", "csv", str(file))
    assert code == 0 and "0 created" in told and "1 unchanged" in told and "line 3" in err
    assert run("import", "csv", str(tmp_path / "nowhere.csv"))[0] in (1, 2)


def test_a_file_is_in_even_when_no_duplicates_can_be_looked_for(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise Unavailable("The disk is full. Nothing was stored; free some space and try again.")

    monkeypatch.setattr(duplicate_work, "look", full)
    file = tmp_path / "patients.csv"
    file.write_text(PATIENTS)
    code, told, err = run("import", "csv", str(file))
    assert code == 0 and "1 created" in told
    assert "The file is in, but duplicates were not looked for. The disk is full." in err
    assert run("patient", "77001")[0] == 0


def test_records_go_out(run: Run, tmp_path: Path) -> None:
    code, told, _ = run("export", "csv", "patients")
    assert code == 0 and "Gonzalez" in told
    file = tmp_path / "out.csv"
    assert run("export", "csv", "patients", "--out", str(file))[0] == 0
    assert file.stat().st_mode & 0o777 == 0o600 and "Gonzalez" in file.read_text("utf-8-sig")
    assert run("export", "csv", "patients", "--out", str(file))[0] == 1
    code, told, _ = run("export", "csv", "appointments", "--out", f"{file}2", "--json")
    assert code == 0 and json.loads(told)["bytes"] > 0
    assert run("export", "csv", "patients", "--json")[0] == 2
    assert run("export", "csv", "feelings")[0] == 2


def test_a_copy_is_made_and_comes_back(run: Run, tmp_path: Path, engine: str) -> None:
    copy = tmp_path / "copy.db"
    code, told, _ = run("backup", str(copy), "--json")
    if engine == "postgresql":
        assert code == 1
        return
    assert code == 0 and json.loads(told)["ok"] is True
    run("do", "book haddad thu 2pm lee fu")
    assert run("backup", str(copy))[0] == 1
    assert run("restore", str(copy))[0] == 0
    assert json.loads(run("day", "thu", "--json")[1]) == []


def test_on_a_terminal_a_number_chooses(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doing, "is_terminal", lambda: True)
    monkeypatch.setattr(context_module, "is_terminal", lambda: True)
    for typed, code in (("2\n", 0), ("", 1), ("9\n", 1), ("kim\n", 1)):
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        ended, told, err = run("do", "book kim fri 10am lee fu")
        assert ended == code and "10444" in err
        assert told.startswith("Booked Kim, ") == (code == 0)


# Settings


def settings(folder: Path, text: str) -> config.Config:
    """Return what a settings file says."""
    path = folder / "settings.toml"
    path.write_text(text)
    return config.load({"PCOORD_CONFIG": str(path)})


def test_settings(tmp_path: Path) -> None:
    found = settings(tmp_path, 'db = "x.db"\nkeymap = "keys.toml"\nmono = true\n')
    assert (found.db, found.keymap, found.mono) == ("x.db", tmp_path / "keys.toml", True)
    assert settings(tmp_path, "[keys]\n").keymap == tmp_path / "settings.toml"
    assert settings(tmp_path, "") == config.Config()


def test_the_environment_wins(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text('db = "x.db"\n')
    environ = {
        "PCOORD_CONFIG": str(path),
        "PCOORD_DB": "y.db",
        "PCOORD_USER": "ana",
        "PCOORD_PASSWORD_FILE": "/p",
        "NO_COLOR": "1",
    }
    assert config.load(environ) == config.Config("y.db", None, True, "ana", Path("/p"))


def test_settings_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(BadUsage, match="PCOORD_CONFIG"):
        config.load({"PCOORD_CONFIG": str(tmp_path / "nowhere.toml")})
    with pytest.raises(BadUsage, match="cannot be read"):
        config.load({"PCOORD_CONFIG": os.fspath(tmp_path)})


# Output


def test_columns_are_aligned_whatever_the_script(capsys: pytest.CaptureFixture[str]) -> None:
    out.print_table(
        [("Ngô", "1", ""), ("王小明", "22", "x"), ("very long name", "3", "")], (8, 4, 3)
    )
    assert capsys.readouterr().out.splitlines() == [
        "Ngô       1",
        "王小明    22  x",
        "very lo…  3",
    ]


def test_a_long_text_at_the_end_of_a_line_runs_on(capsys: pytest.CaptureFixture[str]) -> None:
    what = "of age since 10/30/2024: ask anew who may hear what; ended for Rosa Gomez (mother)"
    out.print_table([("tasks", what), ("recalls", "word " * 200)], (14, 20))
    first, second = capsys.readouterr().out.splitlines()
    assert first == f"tasks    {what}"
    assert second.endswith("…") and len(second) == 9 + out.LONGEST_CELL


@pytest.mark.parametrize(
    ("text", "shown"),
    [("Ann \x1b[31mLee", "Ann [31mLee"), ("a\u202eb", "ab"), ("क्\u200dष", "क्\u200dष"), ("é", "é")],
)
def test_nothing_that_drives_a_terminal_is_printed(text: str, shown: str) -> None:
    assert out.plain(text) == shown


def test_a_demo_is_made_once_on_either_engine(
    database_url: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PCOORD_NOW", NOW.isoformat())
    monkeypatch.setenv(KEY_VARIABLE, str(tmp_path / "audit.key"))
    words = ["demo", "--db", database_url, "--no-open", "--json"]
    assert cli.main([*words, "--patients", "0"]) == 2
    assert cli.main([*words, "--patients", "15"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert cli.main(words) == 0
    assert json.loads(capsys.readouterr().out) == made


def test_what_was_mended_in_a_row_is_said(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "patients.csv"
    file.write_text("MRN,Last,First,Sex,State,Zip\n77002,Lee,Ann,7,MA,2115\n")
    notes = json.loads(run("import", "csv", str(file), "--dry-run", "--json")[1])["notes"]
    assert [note["line"] for note in notes] == [2, 2]
    _, told, err = run("import", "csv", str(file))
    assert told.startswith("1 rows read: 1 created") and '"7" is not known' in err

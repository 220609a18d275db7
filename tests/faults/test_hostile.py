"""Hostile text: what enters is scrubbed, what is drawn is filtered, and nothing becomes active."""

import contextlib
import io
import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import pytest
from rich.segment import Segment
from rich.style import Style
from sqlalchemy import select
from textual import events
from textual.color import Color

from pcoord import cli, quickline
from pcoord.commands.out import plain, print_json
from pcoord.domain.errors import Refused
from pcoord.domain.text import is_clean, scrub
from pcoord.exchange.csv_rows import clean as read_cell
from pcoord.exchange.csv_writer import to_csv
from pcoord.services import calls, downtime, late, messages, nurse, patients, waitlist
from pcoord.services.desk import Desk
from pcoord.store.tables import Flag, Identifier, Patient, RelatedPerson, Task, metadata
from pcoord.store.unit import Unit
from pcoord.store.unit import clean as enter
from pcoord.widgets import paint
from pcoord.widgets.filters import CleanFilter
from tests.clinic import NOW, Clinic
from tests.faults.conftest import Tried
from tests.faults.hostile import NAMES, PAYLOADS, active, poison, texts
from tests.faults.table import rounds
from tests.screens.driver import Driver
from tests.screens.opened import app_for
from tests.screens.schedule import busy_day

T = TypeVar("T")
Run = Callable[..., tuple[int, str, str]]
MULTILINE = {"note", "text"}
LONG_RUN = rounds(2, 1) > 1


def on_each_engine(*which: str) -> list[tuple[str, str]]:
    """Return engine and kind: what is drawn does not differ by engine, so that one kind will do
    on PostgreSQL in the short runs."""
    some = [("postgresql", one) for one in which if LONG_RUN or one == which[0]]
    return [*(("sqlite", one) for one in which), *some]


EVERYTHING = " ".join(text for text in PAYLOADS.values() if len(text) < 1000)


# The boundary


def test_nothing_active_enters_any_text_column_of_any_table(tried: Tried) -> None:
    count = 0
    for table in metadata.tables.values():
        names = [n for n in texts(table) if n not in ("id", "password_hash", "pin_hash")]
        for name in [n for n in names if not n.endswith("_id")]:
            for payload in PAYLOADS.values():
                kept = enter(table, {name: payload})[name]
                assert active(kept) == [], (table.name, name, payload)
                assert name in MULTILINE or "\n" not in kept
                assert is_clean(kept, multiline=name in MULTILINE)
                count += 1
    assert count > 20 * 100
    tried(
        "text",
        f"{len(PAYLOADS)} hostile texts into each text column of all {len(metadata.tables)} tables",
        count,
        "no control, bidi override or invisible character is stored",
    )


@pytest.mark.parametrize("name", NAMES)
def test_ordinary_names_stay_as_they_are(name: str) -> None:
    assert scrub(name) == name
    assert paint.clean(name) == name and plain(name) == name
    assert paint.width_of(((paint.fit(name, 20), ""),)) == 20
    assert read_cell(to_csv(["n"], [[name]], mark=False).decode().split("\r\n")[1]) == name


# The filter


@pytest.mark.parametrize("what", PAYLOADS)
def test_nothing_active_is_drawn_or_printed(what: str, capsys: pytest.CaptureFixture[str]) -> None:
    payload = PAYLOADS[what]
    for text in (payload, f"Ann {payload} Lee", payload * 3):
        drawn = CleanFilter().apply([Segment(text, Style(link="http://x"))], Color(0, 0, 0))
        assert all(active(part.text) == [] and "\n" not in part.text for part in drawn)
        assert not any(part.style and part.style.link for part in drawn)
        assert active(paint.fit(text, 30)) == [] and active(plain(text)) == []
        assert paint.width_of(((paint.fit(text, 30), ""),)) == 30
    print_json({"name": payload})
    told = capsys.readouterr().out
    assert active(told) == [] and told.count("\n") == 1
    assert json.loads(told)["name"] == payload


# Through the services, and what is stored then


TYPED_FIELDS = ("family", "given", "middle", "preferred", "line", "city", "note")


def say_everything(clinic: Clinic, desk: Desk, payload: str) -> None:
    """Store a payload through every use case that takes words."""
    with contextlib.suppress(Refused):  # most are no names, and are refused as such
        patients.register(
            desk,
            force=True,
            **dict.fromkeys(TYPED_FIELDS, f"Ann{payload}"),
            birth_date="3/4/1962",
            sex="f",
            phone="201-555-0142",
        )
    step = desk.store.write(desk.who, "test", lambda unit: _person(unit, payload))
    boss = clinic.desk("boss")
    calls.log_call(desk, caller=payload, note=payload, reason=payload, patient_id=step.id)
    who = desk.clinic.practitioner("LEE").id
    messages.send(desk, practitioner_id=who, text=f"x{payload}", patient_id=step.id)
    waitlist.add(desk, patient_id=str(step.id), note=payload)
    late.mark_late(boss, practitioner_id=who, minutes=10, reason=payload)
    nurse.raise_flag(
        desk, complaint=f"x{payload}", callback_number="201-555-0142", whereabouts=payload
    )
    desk.store.write(
        desk.who,
        "test",
        lambda unit: unit.insert(Task, kind="task", what=payload, created_at=unit.now),
    )


def _person(unit: Unit, payload: str) -> None:
    """Put a patient on file as an import does, which takes names as they come."""
    names = {"family": payload, "given": payload, "preferred": payload, "note": payload}
    made = unit.insert(Patient, **names, created_at=unit.now)
    unit.insert(Flag, patient_id=made, kind="other", text=payload)
    unit.insert(RelatedPerson, patient_id=made, family=payload, role=payload, proof_seen=payload)
    unit.say(f"Registered {payload}.", about=("patient", made), patient_id=made)


def stored(desk: Desk) -> Iterator[tuple[str, str, str]]:
    """Return every text in the database: table, column, text."""
    for table in metadata.tables.values():
        columns = [table.c[name] for name in texts(table)]
        for row in desk.read(
            lambda c, cols=columns: c.execute(select(*cols)).all() if cols else []
        ):
            for column, text in zip(columns, row, strict=True):
                if isinstance(text, str):
                    yield table.name, column.name, text


def test_what_people_type_is_stored_without_harm(clinic: Clinic, desk: Desk, engine: str) -> None:
    for _, payload in some(1 if engine == "sqlite" else 5):
        say_everything(clinic, desk, payload)
    found = [(t, c, text) for t, c, text in stored(desk) if active(text)]
    assert found == []


# Behind the boundary: what somebody else wrote into the database


@pytest.fixture
def run(clinic: Clinic, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command on the small clinic and give code, output and errors."""
    monkeypatch.setenv("PCOORD_NOW", NOW.isoformat())
    monkeypatch.setenv("PCOORD_DB", clinic.url)
    monkeypatch.setattr(sys, "stdin", io.StringIO())

    def runs(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = cli.main(list(words))
        told = capsys.readouterr()
        return code, told.out, told.err

    return runs


READS = (
    *(("find", "gonz"), ("patient", "{mrn}"), ("day",), ("board",), ("openings", "fu")),
    *(
        ("calls",),
        ("calls", "--open"),
        ("work",),
        ("audit",),
        ("audit", "verify"),
        ("user", "list"),
    ),
    *(("export", "csv", "patients"), ("export", "csv", "appointments"), ("check",)),
    *(("do", "checkin kim", "--dry-run"), ("do", "book gonz thu am lee fu", "--dry-run")),
)


@pytest.mark.parametrize(
    ("engine", "which"),
    on_each_engine("everything", "long", "marks", "own words"),
    indirect=["engine"],
)
def test_commands_print_nothing_active_of_what_others_stored(
    clinic: Clinic, desk: Desk, run: Run, tried: Tried, tmp_path: Path, which: str
) -> None:
    busy_day(clinic, desk)
    say_everything(clinic, desk, "x")
    long = {"long": PAYLOADS["a very long word"], "marks": PAYLOADS["a stack of marks"]}
    spoilt = which == "own words"  # what the program itself wrote: a fault, with its number
    columns = poison(desk.store, long.get(which, EVERYTHING), own_words=spoilt)
    mrn = desk.read(lambda c: c.exec_driver_sql("SELECT value FROM identifier").scalars().first())
    count = 0
    for words in READS:
        for form in ((), ("--json",)):
            if words[0] == "export" and form:
                continue
            code, told, err = run(*(word.replace("{mrn}", mrn) for word in words), *form)
            assert code in (0, 1, 3, 5, *((70,) if spoilt else ())), (words, code, err)
            told = told.removeprefix("\ufeff").replace("\r\n", "\n")  # as spreadsheets want it
            assert active(told) == [] and active(err) == [], words
            if form and code == 0:
                json.loads(told)
            count += 1
    printed = () if spoilt else downtime.write(clinic.desk("ana"), tmp_path).files
    for path in printed:
        if path.suffix == ".txt":
            assert active(path.read_text(encoding="utf-8")) == []
    tried(
        "text",
        f"every reading command and the sheets on paper, {which} in {columns} columns",
        count,
        "no control character printed, nothing stopped, JSON stays JSON",
    )


SCREENS = (
    "f2",
    "v",
    "v",
    "f3",
    "f4",
    "f5",
    "v",
    "v",
    "v",
    "f1",
    "escape",
    "f6",
    "escape",
    "ctrl+n",
)


@pytest.mark.parametrize(
    ("engine", "which"), on_each_engine("everything", "long", "marks"), indirect=["engine"]
)
def test_screens_draw_nothing_active_of_what_others_stored(
    clinic: Clinic, desk: Desk, tried: Tried, which: str
) -> None:
    busy_day(clinic, desk)
    say_everything(clinic, desk, "x")
    long = {"long": PAYLOADS["a very long word"], "marks": PAYLOADS["a stack of marks"]}
    poison(desk.store, long.get(which, EVERYTHING))
    with Driver(lambda: app_for(clinic)) as at_desk:
        for key in SCREENS:
            at_desk.press(key)
            _look(at_desk)
            if key in ("f2", "f3", "f5"):
                for more in ("down", "enter", "escape", "space", "k", "escape", "m", "escape"):
                    at_desk.press(more)
                    _look(at_desk)
        at_desk.press("escape")
    tried("text", f"every screen with {which} in every text column", len(SCREENS), "nothing active")


def _look(at_desk: Driver) -> None:
    shown = at_desk.frame()
    assert active(shown) == [], shown
    assert at_desk.ask(lambda app: app.is_running)


def some(step: int) -> list[tuple[str, str]]:
    """Return every so many of the payloads in a test run, and all of them in the long runs."""
    return list(PAYLOADS.items())[:: rounds(1, step)]


def part_of(places: Sequence[T], number: int, parts: int = 5) -> Sequence[T]:
    """Return all places a text goes to; in a test run each text goes to another part of them."""
    return places if LONG_RUN else places[number % parts :: parts]


def test_what_is_pasted_on_a_screen_does_nothing(
    clinic: Clinic, desk: Desk, engine: str, tried: Tried
) -> None:
    payloads = some(3)
    fields = ("f4", "f6", "ctrl+p", "ctrl+n", "slash")
    count = 0
    with Driver(lambda: app_for(clinic)) as at_desk:
        for number, (_, payload) in enumerate(payloads):
            for key in part_of(fields, number):
                count += 1
                at_desk.press("f2", key)
                paste = events.Paste(payload)
                at_desk.ask(lambda app, paste=paste: app.screen.focused.post_message(paste))
                at_desk.settle()
                _look(at_desk)
                # A letter that is left of a text may begin a word of the desk, such as "quit".
                if not (key == "ctrl+p" and quickline.matching(scrub(payload))):
                    at_desk.press("enter")
                _look(at_desk)
                at_desk.press("escape", "escape")
            at_desk.ask(lambda app, payload=payload: app.notice(f"Said {payload}."))
            at_desk.settle()
            _look(at_desk)
    tried(
        "text",
        f"hostile texts pasted into every kind of field, and said in a notice, {engine}",
        count + len(payloads),
        "nothing active is drawn, nothing stops",
    )


# What is typed behind a command, and named in its environment


TYPED = (
    *(("find", "{}"), ("patient", "{}"), ("day", "{}"), ("openings", "{}"), ("do", "{}")),
    *(("do", "book {}"), ("calls", "--since", "{}"), ("work", "{}"), ("audit", "--user", "{}")),
    *(
        ("export", "csv", "{}"),
        ("import", "csv", "{}"),
        ("{}",),
        ("--{}",),
        ("user", "disable", "{}"),
    ),
    *(("undo", "{}"), ("restore", "{}"), ("--as", "{}", "day"), ("--db", "{}", "day")),
    ("patient", "add", "--family", "{}", "--given", "{}", "--birth-date", "{}"),
)


def test_commands_repeat_nothing_active_of_what_was_typed(
    run: Run, engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tried: Tried
) -> None:
    monkeypatch.chdir(tmp_path)
    count = 0
    for number, (_, payload) in enumerate(some(2)):
        told = payload.replace("\x00", "")
        count += _repeats_nothing(run, told, part_of((*TYPED, *ENVIRONMENT), number), monkeypatch)
    tried(
        "text",
        f"hostile texts typed behind commands and set in the environment, {engine}",
        count,
        "refused or not found in one line without controls",
    )


ENVIRONMENT = ("PCOORD_USER", "PCOORD_PASSWORD_FILE", "PCOORD_CONFIG", "SSH_CONNECTION")


def _repeats_nothing(
    run: Run,
    payload: str,
    places: Sequence[str | tuple[str, ...]],
    monkeypatch: pytest.MonkeyPatch,
) -> int:
    """Type a text behind commands, and set it in the environment; return how often."""
    for place in places:
        with monkeypatch.context() as patch:
            if isinstance(place, str):
                patch.setenv(place, payload.replace("\ud800", ""))
                words: tuple[str, ...] = ("day",)
            else:
                words = tuple(word.replace("{}", payload) for word in place)
            code, told, err = run(*words)
            assert code in (0, 1, 2, 3, 4, 5), (place, code, err)
            assert active(told) == [] and active(err) == [], (place, told, err)
    return len(places)


def test_settings_and_keys_of_a_user_do_nothing(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "config.toml"
    monkeypatch.setenv("PCOORD_CONFIG", str(file))
    for payload in PAYLOADS.values():
        _settings_do_nothing(run, re.sub("[\ud800-\udfff]", "", payload), file, monkeypatch)


def _settings_do_nothing(
    run: Run, payload: str, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for text in (
        f"db = {json.dumps(payload)}",
        f"{json.dumps(payload)} = 1",
        f'[keys]\n"desk.lock" = {json.dumps(payload)}',
        payload,
    ):
        file.write_text(text, encoding="utf-8")
        monkeypatch.delenv("PCOORD_DB", raising=False)
        code, told, err = run("day")
        assert code in (0, 1, 2, 3, 5), (text, err)
        assert active(told) == [] and active(err) == []


# Files in and out


def test_imported_files_bring_nothing_active(clinic: Clinic, run: Run, tmp_path: Path) -> None:
    import csv

    file = tmp_path / "patients.csv"
    with file.open("w", encoding="utf-8", errors="replace", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(["MRN", "Family Name", "Given Name", "Birth Date", "Phone", "Notes"])
        for number, payload in enumerate(PAYLOADS.values()):
            writer.writerow(
                [f"9{number:04}", f"A{payload}", f"B{payload}", "1984-05-17", payload, payload]
            )
    code, told, err = run("import", "csv", str(file))
    assert code == 0 and active(told) == [] and active(err) == []
    assert [(t, c) for t, c, text in stored(clinic.desk("ana")) if active(text)] == []


@pytest.mark.parametrize("name", [b"M\xfcller", b"a\x1b]0;b\x07", b"\xff\xfe", "\u202ex".encode()])
def test_a_file_of_any_name_comes_in_and_copies_go_out(
    clinic: Clinic, run: Run, tmp_path: Path, name: bytes
) -> None:
    file = tmp_path / os.fsdecode(name + b".csv")
    file.write_text("MRN,Family Name,Given Name\n7001,Novak,Petr\n")
    for words in (("import", "csv", str(file)), ("import", "csv", str(file), "--json")):
        code, told, err = run(*words)
        assert code == 0 and active(told) == [] and active(err) == []
    code, told, err = run("backup", str(tmp_path / os.fsdecode(b"copy" + name)))
    assert code == (1 if clinic.url.startswith("postgres") else 0)
    assert active(told) == [] and active(err) == []
    assert run("check")[0] == 0 and run("audit", "verify")[0] == 0


FORMULAS = ("=1+1", "+1", "-1", "@x", "'=1", "''@x", "\t=1", "＝1+1", "'Plain", "-")


@pytest.mark.parametrize("name", FORMULAS)
def test_cells_are_made_harmless_and_come_back_as_they_were(name: str) -> None:
    line = to_csv(["n"], [[name]], mark=False).decode().split("\r\n")[1]
    assert line.strip('"')[:1] not in tuple("=+-@\t\r＝＋－＠")
    assert read_cell(line.strip('"')) == scrub(name)


def test_an_export_comes_back_unchanged(
    clinic: Clinic, desk: Desk, run: Run, tmp_path: Path
) -> None:
    def on_file(unit: Unit) -> None:
        for number, name in enumerate((*FORMULAS[:-1], *NAMES)):
            made = unit.insert(Patient, family=name, given=name, created_at=unit.now)
            unit.insert(Identifier, patient_id=made, value=f"77{number:03}")
            unit.say("On file.")

    desk.store.write(desk.who, "test", on_file)
    file = tmp_path / "out.csv"
    assert run("export", "csv", "patients", "--out", str(file))[0] == 0
    rows = file.read_text("utf-8-sig").splitlines()
    assert not any(re.search(r'(^|,)"?[=+@\t\r-]', row) for row in rows[1:])
    before = _names_on_file(desk)
    found = json.loads(run("import", "csv", str(file), "--json")[1])
    assert (found["created"], found["skipped"]) == (0, [])
    assert _names_on_file(clinic.desk("ben")) == before


def _names_on_file(desk: Desk) -> list[tuple[str, str]]:
    query = "SELECT family, given FROM patient ORDER BY id"
    return [tuple(row) for row in desk.read(lambda c: c.exec_driver_sql(query).all())]

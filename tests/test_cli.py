"""The command line: shapes, exit codes, and how it behaves among other programs."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from pcoord import cli
from pcoord.commands import context as context_module
from pcoord.services.work_views import LISTS
from pcoord.store.store import KEY_VARIABLE
from pcoord.terminal import record_incident
from tests.clinic import NOW, Clinic

PASSWORD = "a long enough sentence"
Run = Callable[..., Any]


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fixed moment, an empty home, and nobody at a terminal."""
    for name in ("DATA", "CONFIG", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    monkeypatch.setenv("PCOORD_NOW", NOW.isoformat())
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    for name in ("PCOORD_DB", "PCOORD_USER", "PCOORD_PASSWORD_FILE", "PCOORD_CONFIG"):
        monkeypatch.delenv(name, raising=False)


class Ran:
    """What a command printed, and how it ended."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def json(self) -> Any:
        """Return the one document on standard output."""
        assert self.out.count("\n") == 1, self.out
        return json.loads(self.out)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command line here and now."""

    def runs(*words: str) -> Ran:
        code = cli.main(list(words))
        told = capsys.readouterr()
        return Ran(code, told.out, told.err)

    return runs


@pytest.fixture
def desk_run(clinic: Clinic, run: Run) -> Run:
    """Run a command on the small clinic, as its supervisor; on both engines."""
    return lambda *words: run("--db", clinic.url, *words)


@pytest.fixture
def password_file(tmp_path: Path) -> Path:
    """A file with the supervisor's password."""
    path = tmp_path / "password"
    path.write_text(PASSWORD + "\n")
    return path


# Shapes


def test_find_lists_who_fits_best_first(desk_run: Run) -> None:
    ran = desk_run("find", "gonzalez", "maria", "--json")
    assert ran.code == 0
    first = ran.json[0]
    assert {*first} >= {
        *("id", "mrn", "family", "given", "birth_date", "phone", "score", "matched"),
    }
    assert (first["mrn"], first["birth_date"], first["phone"]) == (
        "8841",
        "1962-03-04",
        "201-555-0142",
    )
    assert "Gonzalez, Maria Luisa" in desk_run("find", "0142").out
    assert len(desk_run("--json", "find", "--limit", "1", "gonz").json) == 1


def test_find_without_a_hit_leaves_one(desk_run: Run) -> None:
    ran = desk_run("find", "zzzz", "--json")
    assert (ran.code, ran.json) == (1, []) and ran.err.count("\n") == 1
    ran = desk_run("find", "zzzz")
    assert (ran.code, ran.out) == (1, "") and "zzzz" in ran.err


@pytest.mark.parametrize(
    "word", ["two\nlines\r\nthree", "W" * 100_000, "Z" + "\u0300\u0316" * 3000]
)
def test_a_refusal_is_one_line_whatever_was_typed(desk_run: Run, word: str) -> None:
    for words in (("find", word), ("patient", word), ("work", word), (word,), ("undo", word)):
        ran = desk_run(*words)
        assert ran.code in (1, 2) and ran.out == ""
        assert ran.err.count("\n") == 1 and len(ran.err) < 1100


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("find", "smith", "--limit", "9" * 40), 1),
        (("find", " "), 2),
        (("undo", "9" * 40), 1),
        (("openings", "fu", "--limit", "0"), 2),
        (("openings", "fu", "--limit", "9" * 40), 0),
        (("openings", "fu", "--days", "9" * 40), 2),
        (("user", "add", "a b", "--os-login", "x@y"), 2),
        (("user", "add", "x" * 65, "--os-login", "x@y"), 2),
        (("patient", "add", "--family", "A", "--given", "B", "--birth-date", "3/4/1850"), 1),
    ],
)
def test_numbers_and_names_beyond_sense_are_refused_in_words(
    desk_run: Run, words: tuple[str, ...], code: int
) -> None:
    ran = desk_run(*words)
    assert ran.code == code and "fault of ours" not in ran.err, ran.err


def test_one_name_alone_is_shown_without_a_comma(desk_run: Run) -> None:
    ran = desk_run("patient", "add", "--family", "Sukarno", "--given", "", "--birth-date", "2000")
    assert ran.code == 1
    words = ("--family", "Sukarno", "--given", "", "--birth-date", "3/4/2000")
    ran = desk_run("patient", "add", *words)
    assert ran.code == 0 and "Sukarno," not in ran.out.replace("Sukarno, MRN", ""), ran.out
    assert desk_run("do", "book sukarno thu 2pm lee fu", "--dry-run").out.count("Sukarno,") == 0


@pytest.mark.parametrize("name", ["PCOORD_USER", "PCOORD_PASSWORD_FILE", "PCOORD_DB"])
@pytest.mark.parametrize("value", ["M\udcfcller", "x\udc80", "postgresql://127.0.0.1:1/x\udcfc"])
def test_a_setting_whose_bytes_are_no_text_is_refused_in_words(
    desk_run: Run, run: Run, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    ran = run("board") if name == "PCOORD_DB" else desk_run("board")
    assert ran.code in (0, 1, 3, 5) and "\udcfc" not in ran.err and ran.err.count("\n") <= 1


def test_find_lines_prints_one_array_a_line(desk_run: Run, tmp_path: Path) -> None:
    file = tmp_path / "queries"
    file.write_text("gonzalez\n\nzzzz\n8841\n")
    ran = desk_run("find", "--lines", str(file), "--limit", "3")
    found = [json.loads(line) for line in ran.out.splitlines()]
    assert ran.code == 0 and len(found) == 4
    assert [len(one) for one in found] == [3, 0, 0, 1]


HOSTILE = (
    *(
        b"",
        b"   ",
        b"\x00",
        b"gon\x00zalez maria",
        b"\xff\xfe\xfd",
        b"\xed\xa0\x80",
        b"\xef\xbb\xbfkim",
    ),
    *(b"Nu\xf1ez", "Nuñez".encode(), b"O\x92Brien", b"kim\rdana", b"kim\x0bdana", b"kim\r"),
    *(
        b"8841" + b" " * 1_000_000,
        b"a" * 1_000_000,
        b"kim " + "é".encode() * 500_000,
        b"1" * 70_000,
    ),
    *(b"'; DROP TABLE patient; --", b"%", b"*", b"\\", b"--json", b"[bold]kim[/]", b"8841"),
)


def _answers(ran: Ran) -> list[list[str]]:
    """What each line was answered: the record numbers of the exact ones."""
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.split("\n")[:-1]
    return [[hit["mrn"] for hit in json.loads(line) if hit["score"] == 1] for line in lines]


@pytest.mark.parametrize("from_file", [True, False])
def test_each_hostile_line_has_its_array(
    desk_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, from_file: bool
) -> None:
    file = tmp_path / "queries"
    file.write_bytes(b"\n".join(HOSTILE))
    with file.open() as typed:
        monkeypatch.setattr("sys.stdin", typed)
        ran = desk_run("find", "--lines", str(file) if from_file else "-", "--json")
    told = dict(zip(HOSTILE, _answers(ran), strict=True))
    kims, ana = ["10444", "10443"], ["10446"]
    assert [told[text] for text in HOSTILE if text[:3] == b"Nu\xf1" or text[:3] == b"Nu\xc3"] == [
        ana
    ] * 2
    assert sorted(told[b"\xef\xbb\xbfkim"]) == sorted(told[b"kim\r"]) == sorted(kims)
    assert told[b"kim\rdana"] == told[b"kim\x0bdana"] == ["10443"]
    assert told[b"O\x92Brien"] == ["10445"] and told[b"gon\x00zalez maria"] == ["8841"]
    assert told[HOSTILE[13]] == told[b"8841"] == ["8841"]
    assert not any(told[text] for text in (b"", b"   ", b"\x00", b"%", b"a" * 1_000_000))
    kept = [one["detail"] for one in desk_run("audit", "--json").json if "search" in one["action"]]
    assert kept and max(map(len, kept)) < 20_000


@pytest.mark.parametrize(
    ("data", "count"),
    [
        (b"", 0),
        (b"\n", 1),
        (b"kim", 1),
        (b"kim\r\n\r\nkim\r\n", 3),
        (b"\xef\xbb\xbfkim\n", 1),
        ("kim\r\n\r\nkim".encode("utf-16"), 3),
        (b"kim\n" * 450, 450),
    ],
)
def test_as_many_arrays_as_lines(desk_run: Run, tmp_path: Path, data: bytes, count: int) -> None:
    file = tmp_path / "queries"
    file.write_bytes(data)
    found = _answers(desk_run("find", "--lines", str(file), "--json"))
    assert len(found) == count
    assert {len(one) for one in found} <= {0, 2}


def test_a_search_and_a_look_are_recorded(desk_run: Run) -> None:
    desk_run("find", "gonzalez")
    desk_run("patient", "8841")
    events = desk_run("audit", "--json").json
    assert {*events[0]} >= {"seq", "at", "user", "action", "patient", "detail"}
    told = {one["action"]: one for one in events}
    assert json.loads(told["patient.search"]["detail"]) == {"text": "gonzalez", "count": 3}
    assert told["patient.open"]["patient"]["mrn"] == "8841"
    only = desk_run("audit", "--patient", "8841", "--user", "boss", "--since", "today", "--json")
    assert "patient.open" in {one["action"] for one in only.json}
    assert {one["patient"]["mrn"] for one in only.json} == {"8841"}


def test_a_card(desk_run: Run) -> None:
    card = desk_run("patient", "8841", "--json").json
    assert {*card} >= {
        *("id", "mrn", "family", "given", "birth_date", "sex", "language", "phones", "email"),
        *("address", "next_appointment", "last_visit", "coverages", "balance", "alerts"),
        "contacts",
    }
    assert card["email"] is None and card["coverages"] == [] and card["phones"]
    ran = desk_run("patient", "8841")
    assert ran.code == 0 and "4 Mar 1962" in ran.out
    ran = desk_run("patient", "999999", "--json")
    assert (ran.code, ran.out) == (1, "") and "999999" in ran.err


NEW = ("--family", "Larsen", "--given", "Nils", "--birth-date", "5/17/1984")


def test_registering_and_likely_duplicates(desk_run: Run) -> None:
    card = desk_run("patient", "add", *NEW, "--phone", "201-555-0190", "--json").json
    assert (card["family"], card["birth_date"]) == ("Larsen", "1984-05-17")
    again = desk_run("patient", "add", *NEW, "--json")
    assert again.code == 1
    assert [one["mrn"] for one in again.json["duplicates"]] == [card["mrn"]]
    assert "--force" in again.err
    assert desk_run("patient", "add", *NEW, "--force", "--json").json["mrn"] != card["mrn"]
    assert desk_run("patient", "add", *NEW[:4], "--birth-date", "someday").code in (1, 2)


def test_a_list_of_the_likeliest_duplicates_says_how_many_there_are(
    desk_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for given in ("Ina", "Ina", "Ina"):
        named = ("--family", "Novak", "--given", given, "--birth-date", "1988-04-09")
        assert desk_run("patient", "add", *named, "--force").code == 0
    assert desk_run("work", "duplicates").err == ""
    monkeypatch.setattr("pcoord.services.duplicate_work.MOST", 2)
    ran = desk_run("work", "duplicates", "--json")
    assert len(ran.json) == 2
    assert ran.err == "Of 3 pairs that may be one person, the 2 likeliest are listed.\n"


def test_duplicates_are_work_and_are_merged_by_a_line(desk_run: Run) -> None:
    first, second = (
        desk_run("patient", "add", *NEW, "--force", "--json").json["mrn"] for _ in range(2)
    )
    (item,) = desk_run("work", "duplicates", "--json").json
    assert {*item} >= {"id", "list", "patient", "what", "due", "owner", "priority", "score"}
    assert {item["patient"]["mrn"], item["other"]["mrn"]} == {first, second}
    step = desk_run("do", f"merge {second} into {first}", "--json").json
    assert step["said"].startswith(f"Merged Larsen, Nils, MRN {second}, into Larsen, Nils")
    assert desk_run("patient", second, "--json").json["mrn"] == first
    assert desk_run("work", "duplicates", "--json").json == []
    apart = desk_run("do", f"unmerge {second}", "--json").json
    assert "is a record of its own again" in apart["said"]
    assert desk_run("patient", second, "--json").json["mrn"] == second


def test_booking_shows_on_the_day_and_can_be_taken_back(desk_run: Run) -> None:
    line = "book gonzalez maria thu 2pm lee fu"
    plan = desk_run("do", line, "--dry-run", "--json").json
    assert {*plan} == {"understood", "would"} and "Thu 26 Nov 14:00" in plan["would"]
    assert desk_run("day", "thu", "--json").json == []
    step = desk_run("do", line, "--json").json
    assert step["kind"] == "appointment" and isinstance(step["step"], int)
    visit = desk_run("day", "thu", "--practitioner", "lee", "--json").json[0]
    assert {*visit} >= {
        *("id", "start", "end", "status", "stage", "patient", "practitioner", "location"),
        *("visit_type", "note"),
    }
    assert visit["id"] == step["id"]
    assert (visit["start"], visit["status"], visit["stage"]) == (
        "2026-11-26T14:00:00-06:00",
        "booked",
        None,
    )
    assert visit["patient"] == {"mrn": "8841", "family": "Gonzalez", "given": "Maria Luisa"}
    assert desk_run("patient", "8841", "--json").json["next_appointment"]["id"] == step["id"]
    said = desk_run("undo", "--json").json["said"]
    assert said.startswith("Taken back: Booked Gonzalez")
    assert desk_run("day", "thu", "--json").json == []
    assert desk_run("undo", str(step["step"])).code == 1


def test_what_was_understood_of_a_day_is_shown(desk_run: Run) -> None:
    assert desk_run("day").out.startswith("Tue 24 Nov (today): no visits")
    assert desk_run("day", "+3d").out.startswith("Fri 27 Nov: ")
    ran = desk_run("day", "next", "thu", "--json")
    assert ran.json == [] and "Thu 3 Dec" in ran.err
    assert desk_run("day", "bananas").code == 2


def test_the_board(desk_run: Run) -> None:
    assert desk_run("board", "--json").json == []
    desk_run("do", "book haddad 10am lee fu")
    desk_run("do", "checkin haddad")
    here = desk_run("board", "--json").json[0]
    assert {*here} >= {
        *("id", "patient", "practitioner", "location", "stage", "since", "waited_minutes"),
        *("arrived", "appointment_start", "flags"),
    }
    assert (here["stage"], here["waited_minutes"], here["flags"]) == ("checked-in", 0, [])
    assert datetime.fromisoformat(here["arrived"]) == NOW
    assert "Haddad, Layla" in desk_run("board").out


def test_openings(desk_run: Run) -> None:
    words = ("openings", "follow-up", "--practitioner", "LEE", "--weekday", "wed", "--part", "pm")
    found = desk_run(*words, "--from", "+1w", "--limit", "3", "--json").json
    assert [one["start"] for one in found] == [
        "2026-12-02T13:00:00-06:00",
        "2026-12-02T13:15:00-06:00",
        "2026-12-02T13:30:00-06:00",
    ]
    assert {*found[0]} >= {"start", "end", "practitioner", "location"}
    assert desk_run("openings", "fu", "--days", "1", "--from", "sat", "--json").json == []
    assert "no opening" in desk_run("openings", "fu", "--days", "1", "--from", "sat").out
    assert desk_run("openings", "teleport").code == 2
    assert desk_run("openings", "fu", "--practitioner", "nobody").code == 2
    assert desk_run("openings", "fu", "--weekday", "day").code == 2


def test_calls_and_open_work(desk_run: Run) -> None:
    assert desk_run("calls", "--json").json == [] and desk_run("work", "--json").json == []
    line = 'call 201-555-0144 haddad "refill question" callback 4pm lee'
    desk_run("do", line)
    call = desk_run("calls", "--open", "--json").json[0]
    assert {*call} >= {
        *("id", "started", "ended", "direction", "number", "caller", "patient", "reason"),
        *("note", "outcome", "callback_due", "taken_by"),
    }
    assert (call["number"], call["taken_by"]) == ("201-555-0144", "boss")
    assert call["callback_due"] == "2026-11-24T16:00:00-06:00"
    item = desk_run("work", "callbacks", "--json").json[0]
    assert {*item} >= {"id", "list", "patient", "what", "due", "owner", "priority"}
    assert (item["list"], item["owner"]) == ("callbacks", "LEE")
    for name in LISTS:
        assert desk_run("work", name).code == 0
    assert desk_run("work", "homework").code == 2
    assert desk_run("calls", "--since", "tomorrow", "--json").json == []


def test_words_that_the_shell_has_unquoted_are_one_text(desk_run: Run) -> None:
    words = ("call", "201-555-0144", "haddad", "kim asks about labs")
    fields = desk_run("do", *words, "--dry-run", "--json").json["understood"]
    assert fields["note"] == "kim asks about labs"


def test_who_is_meant_is_never_guessed(desk_run: Run) -> None:
    ran = desk_run("do", "book kim thu 2pm lee fu")
    assert ran.code == 1 and ran.out == ""
    assert "10443" in ran.err and "10444" in ran.err
    told = desk_run("do", "book kim thu 2pm lee fu", "--json")
    assert told.code == 1 and len(told.json["candidates"]) == 2
    assert desk_run("do", "book").code == 2
    assert desk_run("do", "").code == 2
    assert desk_run("do", "help").code == 2


def test_somebody_else_was_quicker(desk_run: Run) -> None:
    assert desk_run("do", "book haddad thu 2pm lee fu").code == 0
    assert desk_run("do", "book mrn 8841 thu 2pm lee fu").code in (1, 4)


def test_the_audit_log_is_verified(desk_run: Run, clinic: Clinic) -> None:
    whole = desk_run("audit", "verify", "--json")
    assert whole.code == 0 and whole.json["ok"] and whole.json["first_bad"] is None
    store = clinic.desk("ana").store
    store.connection.exec_driver_sql("UPDATE audit_event SET username = 'eve' WHERE link = 1")
    broken = desk_run("audit", "verify", "--json")
    assert broken.code == 1 and not broken.json["ok"] and broken.json["first_bad"]


def test_staff_accounts(desk_run: Run, password_file: Path) -> None:
    added = desk_run("user", "add", "zoe", "--password-file", str(password_file), "--name", "Zoe W")
    assert added.code == 0
    assert desk_run("user", "role", "zoe", "billing").code == 0
    zoe = next(one for one in desk_run("user", "list", "--json").json if one["user"] == "zoe")
    assert zoe == {
        "user": "zoe",
        "name": "Zoe W",
        "role": "billing",
        "active": True,
        "os_login": None,
    }
    assert desk_run("user", "password", "zoe", "--password-file", str(password_file)).code == 0
    assert desk_run("user", "disable", "zoe").code == 0
    assert desk_run("user", "add", "zed").code == 2
    assert desk_run("user", "password", "zoe").code == 2
    assert desk_run("user", "role", "zoe", "king").code == 2
    assert desk_run("user", "disable", "nobody").code == 1
    assert desk_run("user", "add", "zoe", "--password-file", str(password_file)).code == 4


def test_everything_is_whole(desk_run: Run) -> None:
    ran = desk_run("check", "--json")
    assert ran.code == 0 and ran.json["ok"] is True


# Who is signed in


def test_somebody_else_needs_a_password(
    desk_run: Run, monkeypatch: pytest.MonkeyPatch, password_file: Path
) -> None:
    assert desk_run("--as", "ana", "day").code == 3
    assert desk_run("--as", "boss", "day").code == 0
    desk_run("user", "add", "zoe", "--password-file", str(password_file))
    monkeypatch.setenv("PCOORD_PASSWORD_FILE", str(password_file))
    assert desk_run("day", "--as", "zoe").code == 0
    assert desk_run("user", "list", "--as", "zoe").code == 3
    monkeypatch.setenv("PCOORD_USER", "zoe")
    assert desk_run("user", "list").code == 3
    password_file.write_text("something quite different\n")
    assert desk_run("day").code == 3
    password_file.unlink()
    assert desk_run("day").code == 3


def test_a_password_is_asked_for_on_a_terminal_only(
    desk_run: Run, monkeypatch: pytest.MonkeyPatch, password_file: Path
) -> None:
    desk_run("user", "add", "zoe", "--password-file", str(password_file))
    monkeypatch.setattr(context_module, "is_terminal", lambda: True)
    monkeypatch.setattr("getpass.getpass", lambda prompt, stream: PASSWORD)
    assert desk_run("day", "--as", "zoe").code == 0


# Making clinics


def test_making_a_clinic(
    database_url: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "postgres" in database_url:
        monkeypatch.setenv(KEY_VARIABLE, str(tmp_path / "audit.key"))
    words = ("init", "--name", "Ours", "--timezone", "Europe/Madrid", "--admin", "boss")
    ran = run("--db", database_url, *words, "--json")
    assert ran.json == {"clinic": "Ours", "timezone": "Europe/Madrid", "admin": "boss"}
    assert run("--db", database_url, *words).code == 1
    assert run("--db", database_url, "board", "--json").json == []
    assert run("--db", str(tmp_path / "x.db"), *words[:4], "Mars/Base", *words[5:]).code in (1, 2)
    assert run(*words).code == 2


def test_a_clinic_needs_a_name_and_a_supervisor_who_can_sign_in(run: Run, tmp_path: Path) -> None:
    for name, admin in (("", "ana"), (" \u200b ", "ana"), ("Riverside", "a b"), ("Riverside", "")):
        path = tmp_path / "clinic.db"
        words = ("init", "--name", name, "--timezone", "UTC", "--admin", admin, "--db", str(path))
        assert run(*words).code == 2 and not path.exists(), (name, admin)


def test_the_demo_is_used_when_nothing_else_is_named(run: Run, tmp_path: Path) -> None:
    ran = run("day")
    assert ran.code == 5 and "pcoord demo" in ran.err and ran.err.count("\n") == 1
    made = run("demo", "--no-open", "--patients", "30", "--json").json
    assert made["patients"] == 30 and {*made} >= {"patients", "appointments", "practitioners"}
    ran = run("board", "--json")
    assert ran.json and "demo clinic" in ran.err and ran.err.count("\n") == 1


def test_a_demo_where_it_is_wanted(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "sub" / "mine.db"
    made = run("demo", "--no-open", "--patients", "12", "--db", f"sqlite:///{path}")
    assert made.code == 0 and "12 patients" in made.out
    monkeypatch.setenv("PCOORD_DB", str(path))
    ran = run("day", "--json")
    assert ran.code == 0 and ran.err == ""
    assert run("demo", "--no-open", "--patients", "0").code == 2


# Settings


def test_settings_name_the_clinic_and_the_environment_wins(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "mine.db"
    run("demo", "--no-open", "--patients", "12", "--db", str(path))
    settings = tmp_path / "config" / "pcoord" / "config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text(f'db = "{path}"\n')
    assert run("board").code == 0
    monkeypatch.setenv("PCOORD_DB", str(tmp_path / "nowhere.db"))
    assert run("board").code == 5


def test_a_clock_set_wrongly_is_refused_in_words(
    desk_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PCOORD_NOW", "nonsense")
    ran = desk_run("board")
    assert ran.code == 2 and ran.err.count("\n") == 1 and "PCOORD_NOW" in ran.err
    assert record_incident(ZeroDivisionError()).number


@pytest.mark.parametrize("text", ["db = 3", "colour = 'red'", "db = ", "mono = 'yes'"])
def test_bad_settings_are_refused_in_words(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    settings = tmp_path / "settings.toml"
    monkeypatch.setenv("PCOORD_CONFIG", str(settings))
    assert run("board").code == 2
    settings.write_text(text)
    ran = run("board")
    assert ran.code == 2 and str(settings) in ran.err


# Typing


def test_options_stand_before_or_after(clinic: Clinic, run: Run) -> None:
    for words in (
        ("--db", clinic.url, "--json", "board"),
        ("board", "--json", f"--db={clinic.url}"),
        ("--json", "board", "--db", clinic.url, "--mono", "--as", "boss"),
    ):
        assert run(*words).json == []


@pytest.mark.parametrize(
    "words",
    [
        ("fnd", "x"),
        ("--colour", "board"),
        ("board", "--colour"),
        ("--db",),
        ("user",),
        ("find",),
        ("find", "x", "--limit", "0"),
        ("find", "x", "--limit", "many"),
        ("undo", "yesterday"),
        ("--db", "mysql://x/y", "board"),
        ("--json",),
        ("demo", "--json"),
        ("import", "fhir", "x"),
    ],
)
def test_what_is_typed_wrongly_leaves_two_and_one_line(run: Run, words: tuple[str, ...]) -> None:
    ran = run(*words)
    assert (ran.code, ran.out) == (2, "") and ran.err.count("\n") == 1, ran.err


def test_help_lists_every_command(run: Run) -> None:
    ran = run("--help")
    assert ran.code == 0 and all(name in ran.out for name in cli.COMMANDS)
    assert run("--version").out.startswith("pcoord ")
    for name in cli.COMMANDS:
        ran = run(*name.split(), "--help")
        assert ran.code == 0 and f"usage: pcoord {name}" in ran.out


def test_the_desk_needs_a_terminal(run: Run) -> None:
    assert run("--db", "x.db").code == 64
    assert run("demo").code == 64


def test_no_database_is_said_in_one_line(run: Run, tmp_path: Path) -> None:
    for address in (str(tmp_path / "nowhere.db"), str(tmp_path), "postgresql://localhost:1/x"):
        ran = run("--db", address, "board")
        assert (ran.code, ran.out) == (5, "") and ran.err.count("\n") == 1, ran.err


def test_a_fault_of_ours_has_a_number_and_no_traceback(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(context: object, args: object) -> int:
        raise ZeroDivisionError("Gonzalez")

    monkeypatch.setattr("pcoord.commands.schedule.board", broken)
    ran = run("board")
    assert ran.code == 70 and "incident" in ran.err
    assert "Gonzalez" not in ran.err and "Traceback" not in ran.err


def test_an_interruption_leaves_130(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(context: object, args: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("pcoord.commands.schedule.board", stopped)
    assert run("board").code == 130


def test_hostile_text_never_reaches_the_terminal(run: Run) -> None:
    for words in (("fnd\x1b[2J",), ("find", "x\x1b]52;c;aGk=\x07", "--limit", "z\x9b1m")):
        ran = run(*words)
        assert not set("\x1b\x07\x9b") & set(ran.out + ran.err)


def test_a_closed_pipe_is_no_error(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "d.db"
    environ = {**os.environ, "PCOORD_DB": str(path), "PYTHONPATH": os.getcwd()}
    made = run("demo", "--no-open", "--patients", "300", "--db", str(path))
    assert made.code == 0, made.err
    piped = f"{sys.executable} -m pcoord find a --limit 200 | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", piped], env=environ, capture_output=True, text=True, timeout=60
    )
    assert (done.stdout.strip(), done.stderr) == ("0", "")


@pytest.fixture
def shell(clinic: Clinic, tmp_path: Path) -> Callable[[str], tuple[int, str, str]]:
    """Run a line of a shell in which `pcoord` is the command on the small clinic."""
    environ = {**os.environ, "PCOORD_DB": clinic.url, "PYTHONPATH": os.getcwd()}
    environ.pop("PYTHONUNBUFFERED", None)

    def runs(line: str) -> tuple[int, str, str]:
        start = f'pcoord() {{ {sys.executable} -m pcoord "$@"; }}; {line}'
        done = subprocess.run(
            ["bash", "-c", start], env=environ, capture_output=True, text=True, timeout=60
        )
        return done.returncode, done.stdout, done.stderr

    return runs


@pytest.mark.parametrize("words", ["find gonz", "day --json", "export csv patients", "--help"])
def test_an_answer_that_finds_no_room_is_lost_in_words(
    shell: Callable[[str], tuple[int, str, str]], words: str
) -> None:
    for start in ("", "export PYTHONUNBUFFERED=1; "):
        code, _, err = shell(f"{start}pcoord {words} > /dev/full")
        assert code == 1 and err.count("\n") == 1 and "could not be written" in err, err


def test_closed_standard_streams_do_no_harm(
    shell: Callable[[str], tuple[int, str, str]],
) -> None:
    booked = 'pcoord do "book haddad thu 2pm lee fu" <&- >&- 2>&-'
    assert shell(f"{booked}; echo $?")[1] == "0\n"
    code, out, _ = shell("pcoord find nobodyatall --json 2>&-")
    assert code == 1 and json.loads(out) == []
    code, out, _ = shell("pcoord day thu --json <&- 2>&-")
    assert code == 0 and "Haddad" in [one["patient"]["family"] for one in json.loads(out)]
    assert shell("pcoord check --json >&-")[0] == 0


def test_do_undo_reaches_back_like_undo(desk_run: Run) -> None:
    booked = desk_run("do", "book haddad thu 2pm lee fu", "--json").json
    ran = desk_run("do", "undo", "--json")
    assert ran.code == 0 and ran.json["said"].startswith("Taken back: Booked Haddad"), booked


def test_do_leaves_what_the_refusal_means(desk_run: Run) -> None:
    assert desk_run("do", "book haddad thu 2pm lee fu").code == 0
    assert desk_run("do", "book mrn 8841 thu 2pm lee fu").code == 4
    assert desk_run("do", "book haddad 2/30 2pm lee fu").code == 2
    assert desk_run("do", "book haddad sun 2pm lee fu").code == 1
    assert desk_run("do", "pay haddad 25 card").code == 1


def test_a_line_that_lacks_something_asks_for_it_with_the_choices(desk_run: Run) -> None:
    ran = desk_run("do", "book haddad thu 2pm lee")
    assert ran.code == 1 and "What for?" in ran.err and "Follow-up 15m" in ran.err
    assert desk_run("openings", "fu", "--practitioner", "LEE", "--json").code == 0

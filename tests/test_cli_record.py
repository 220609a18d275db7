"""A patient's record on the command line: entries, demographics, history, letters, settings."""

import json
from pathlib import Path

import pytest

from tests.test_cli import Run, desk_run, run, surroundings  # noqa: F401


def test_entries_are_listed_added_changed_and_taken_out(desk_run: Run) -> None:  # noqa: F811
    words = ("kind=latex", "text=Latex allergy")
    done = desk_run("patient", "entries", "8841", "alert", *words, "--json")
    assert done.code == 0, done.err
    assert done.json["said"] == ("Added to Gonzalez, Maria Luisa, alert: latex  Latex allergy.")
    (entry,) = desk_run("patient", "entries", "8841", "alert", "--json").json
    assert entry["says"] == "latex  Latex allergy" and entry["fields"]["audience"] == "everybody"
    changed = desk_run("patient", "entries", "8841", "alert", "text=Gloves", "--id", entry["id"])
    assert changed.code == 0 and "latex  Gloves" in changed.out
    other = desk_run("patient", "entries", "10443", "alert", "text=x", "--id", entry["id"])
    assert (other.code, "not on record" in other.err) == (1, True)
    gone = desk_run("patient", "entries", "8841", "alert", "--remove", entry["id"])
    assert gone.code == 0
    assert desk_run("patient", "entries", "8841", "alert", "--json").json == []
    listed = desk_run("patient", "entries", "8841")
    assert "phone" in listed.out and "leave name and number" in listed.out


def test_what_is_typed_wrongly_is_said(desk_run: Run) -> None:  # noqa: F811
    bad = desk_run("patient", "entries", "8841", "alert", "kind=banana", "text=")
    assert bad.code == 1 and "type one of: name alike, custody" in bad.err
    assert desk_run("patient", "entries", "8841", "shoe").code == 2
    assert desk_run("patient", "entries", "8841", "alert", "kind").code == 2
    assert desk_run("patient", "entries", "8841", "alert", "seen=4", "kind=fall").code == 2
    assert desk_run("patient", "edit", "8841", "shoe_size=44").code == 2


def test_editing_and_the_card(desk_run: Run) -> None:  # noqa: F811
    fields = ("pronouns=she/her", "text_ok=y, daughter", "contact_by=text")
    assert desk_run("patient", "edit", "8841", *fields).code == 0
    card = desk_run("patient", "8841", "--json").json
    assert (card["pronouns"], card["contact_by"]) == ("she/her", "text")
    assert card["consents"][0] == {
        "to": "text",
        "agreed": True,
        "by": "daughter",
        "at": "2026-11-24T09:00:00-06:00",
    }
    alarm = desk_run("patient", "edit", "8841", "given=Rosa", "birth_date=5/5/1990")
    assert alarm.code == 1 and "--same-person" in alarm.err
    again = ("given=Rosa", "birth_date=5/5/1990", "--same-person")
    assert desk_run("patient", "edit", "8841", *again).code == 0
    past = desk_run("patient", "history", "8841", "--json").json
    assert "given name: Maria Luisa to Rosa" in past[0]["changes"]
    assert past[0]["standing"] is True and past[0]["user"] == "boss"


def test_a_letter_and_a_setting(
    desk_run: Run,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refused = desk_run("letter", "8841", "recall")
    assert refused.code == 1 and "there is no address on file" in refused.err
    place = ("line=4 Mill Lane", "city=Union", "may_leave=details")
    assert desk_run("patient", "entries", "8841", "address", *place).code == 0
    file = tmp_path / "letter.txt"
    done = desk_run("letter", "8841", "recall", "--out", str(file), "--json")
    assert done.json["to"] == "4 Mill Lane, Union" and "Time for a visit" in file.read_text()
    monkeypatch.chdir(tmp_path)
    done = desk_run("letter", "8841", "recall", "--out", "here.txt", "--json")
    assert done.json["file"] == str(tmp_path / "here.txt") and Path("here.txt").exists()
    assert desk_run("clinic", "--json").json["majority_age"] == 18
    assert desk_run("clinic", "majority_age=19").code == 0
    assert desk_run("clinic", "--json").json["majority_age"] == 19
    assert "from 16 to 21" in desk_run("clinic", "majority_age=99").err
    assert json.loads(desk_run("audit", "--json").out)


def test_a_restricted_record_takes_a_reason(desk_run: Run, tmp_path: Path) -> None:  # noqa: F811
    assert desk_run("do", "book 10442 thu 2pm lee fu").code == 0
    assert desk_run("patient", "edit", "10442", "restricted=yes").code == 0
    for words in (("find", "haddad"), ("day", "thu"), ("do", "checkin haddad", "--dry-run")):
        plain = desk_run(*words)
        told = plain.out + plain.err + desk_run(*words, "--json").out
        for secret in ("Layla", "1992", "0144"):
            assert secret not in told, words
    (hit,) = desk_run("find", "haddad", "--json").json
    assert {*hit} >= {"id", "mrn", "family", "given", "birth_date", "phone", "score", "matched"}
    assert (hit["birth_date"], hit["phone"], hit["state"]) == (None, None, "restricted")
    file = tmp_path / "letter.txt"
    for words in (
        ("patient", "10442"),
        ("patient", "entries", "10442"),
        ("patient", "history", "10442"),
        ("patient", "edit", "10442", "language=es"),
        ("letter", "10442", "unreached", "--out", str(file)),
    ):
        refused = desk_run(*words)
        assert refused.code == 1 and "--reason TEXT" in refused.err, words
    opened = desk_run("patient", "10442", "--reason", "she asked for a form", "--json")
    assert (opened.json["given"], opened.json["restricted"]) == ("Layla", True)
    log = desk_run("audit", "--patient", "10442", "--json").json
    assert any("she asked for a form" in (one["detail"] or "") for one in log)


def test_a_test_record_is_marked_and_stays_here(desk_run: Run) -> None:  # noqa: F811
    assert desk_run("patient", "edit", "10443", "test=yes").code == 0
    assert "TEST Kim, Dana" in desk_run("find", "kim dana").out
    (hit,) = desk_run("find", "10443", "--json").json
    assert hit["state"] == "test"
    assert "Dana" not in desk_run("export", "csv", "patients").out
    assert "Dana" in desk_run("export", "csv", "patients", "--tests").out


def test_no_word_of_a_state_is_cut(desk_run: Run) -> None:  # noqa: F811
    assert desk_run("do", 'walkin 10443 "rash" nurse').code == 0
    assert desk_run("do", "book 10442 today 2pm lee fu").code == 0
    assert desk_run("do", "checkin 10442").code == 0
    assert desk_run("do", "left 10442").code == 0
    assert "left without being seen" in desk_run("day").out

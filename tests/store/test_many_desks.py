"""Many desks on one clinic: nobody is double booked, nobody sees a lock, nobody misses a change."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from pcoord.clock import FixedClock
from pcoord.domain.errors import Conflict
from pcoord.services import booking, callers, flow
from pcoord.services.desk import Desk
from pcoord.store.drafts import DraftBook
from pcoord.store.engine import parse_address
from pcoord.store.queries.events import Tail
from tests.clinic import NOW, Clinic

ROOT = Path(__file__).resolve().parents[2]


def test_only_one_of_two_gets_the_last_opening(clinic: Clinic) -> None:
    from threading import Barrier, Thread

    barrier, told = Barrier(4), []

    def book(name: str, mrn: str) -> None:
        desk = clinic.desk(name)
        barrier.wait()
        try:
            booking.book(
                desk,
                patient_id=clinic.patient(desk, mrn),
                practitioner_id=desk.clinic.practitioner("LEE").id,
                start=clinic.at(14),
                visit_type_id=desk.clinic.visit_type("fu").id,
            )
            told.append("booked")
        except Conflict as refused:
            told.append(refused.sentence)

    people = ("8841", "10017", "5530", "10442")
    threads = [
        Thread(target=book, args=(name, mrn))
        for name, mrn in zip(("ana", "ben", "ana", "boss"), people, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert told.count("booked") == 1 and len(told) == 4
    assert all("LEE is taken Tue 24 Nov 14:00 by" in said for said in told if said != "booked")


# News of others


@pytest.fixture
def other(clinic: Clinic) -> Iterator[Desk]:
    """Ben's desk."""
    yield clinic.desk("ben")


def news(desk: Desk, tail: Tail) -> set[str]:
    """Return what other desks changed since the last look."""
    found: set[str] = desk.store.read(lambda c: tail.changes(c, desk.who.session_id))
    return found


def book(clinic: Clinic, desk: Desk, hour: int) -> str:
    step = booking.book(
        desk,
        patient_id=clinic.patient(desk, "8841"),
        practitioner_id=desk.clinic.practitioner("LEE").id,
        start=clinic.at(hour),
        visit_type_id=desk.clinic.visit_type("fu").id,
    )
    assert step.id
    return step.id


def test_a_change_of_another_desk_is_heard_once(clinic: Clinic, desk: Desk, other: Desk) -> None:
    tail = desk.read(Tail)
    assert news(desk, tail) == set()
    visit = book(clinic, other, 14)
    assert news(desk, tail) == {"appointment"}
    assert news(desk, tail) == set()
    flow.check_in(other, appointment_id=visit)
    assert news(desk, tail) == {"appointment", "encounter", "encounter_stage"}


def test_own_changes_and_looks_of_others_are_no_news(
    clinic: Clinic, desk: Desk, other: Desk
) -> None:
    tail = desk.read(Tail)
    book(clinic, desk, 14)
    callers.about(other, clinic.patient(other, "8841"))
    other.store.note(other.who, "search", after="gonz")
    assert news(desk, tail) == set()


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_a_change_that_commits_late_is_not_missed(clinic: Clinic, desk: Desk, other: Desk) -> None:
    tail = desk.read(Tail)
    with psycopg.connect(clinic.url) as slow:
        slow.execute("SELECT pg_current_xact_id()")  # an older transaction that is still going on
        slow.execute(
            "INSERT INTO audit_event (session_id, link, at, username, terminal, kind, action, "
            "table_name, final, transaction, mac) VALUES ('s', 1, now(), 'u', 't', 'change', 'a', "
            "'flag', false, pg_current_xact_id()::text::bigint, '')"
        )
        book(clinic, other, 14)
        assert news(desk, tail) == {"appointment"}
        assert news(desk, tail) == set()
        slow.commit()
    assert news(desk, tail) == {"flag"}
    assert news(desk, tail) == set()


# Drafts


def test_drafts_survive_a_killed_program(clinic: Clinic, desk: Desk) -> None:
    program = (
        "import os, signal, sys\n"
        "from pcoord.clock import FixedClock\n"
        "from pcoord.store.drafts import DraftBook\n"
        "from pcoord.store.engine import parse_address\n"
        "from tests.clinic import NOW\n"
        "book = DraftBook(parse_address(sys.argv[1]), FixedClock(NOW))\n"
        "for typed in ('r', 're', 'refill'):\n"
        "    book.save('u1', 'call', '', {'reason': typed})\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run(
        [sys.executable, "-c", program, clinic.url], cwd=ROOT, env=dict(os.environ), check=False
    )
    book = DraftBook(parse_address(clinic.url), FixedClock(NOW))
    (kept,) = book.all_of("u1")
    assert (kept.screen, kept.content, kept.updated_at) == ("call", {"reason": "refill"}, NOW)
    assert book.all_of("u2") == []
    book.save("u1", "call", "", None)
    assert book.all_of("u1") == []
    book.close()


def test_a_draft_is_no_event_and_no_news(clinic: Clinic, desk: Desk) -> None:
    tail = desk.read(Tail)
    before = desk.store.verify().events
    book = DraftBook(parse_address(clinic.url), FixedClock(NOW))
    book.save("u1", "call", "8841", {"note": "x"})
    assert news(desk, tail) == set()
    assert desk.store.verify().events == before
    book.close()


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_drafts_find_a_server_again_that_was_away(clinic: Clinic) -> None:
    book = DraftBook(parse_address(clinic.url), FixedClock(NOW))
    book.save("u1", "call", "", {"a": 1})
    with psycopg.connect(clinic.url, autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    with pytest.raises(Exception, match="terminating connection"):
        book.save("u1", "call", "", {"a": 2})
    book.save("u1", "call", "", {"a": 3})
    assert book.all_of("u1")[0].content == {"a": 3}
    book.close()

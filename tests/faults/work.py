"""The desk's ordinary work, as fault tests do it: visits booked, moved and cancelled in turn."""

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from sqlalchemy import text

from pcoord.domain.errors import Conflict
from pcoord.services import booking
from pcoord.services.desk import Desk
from pcoord.store.unit import Step
from tests.clinic import PEOPLE, Clinic

ROOT = Path(__file__).resolve().parents[2]


def run(program: str, *words: object, timeout: float = 600) -> str:
    """Run a program in a process of its own, with the checkout importable; return its output."""
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, words)],
        cwd=ROOT,
        env=dict(os.environ),
        stdout=subprocess.PIPE,
        text=True,
        timeout=timeout,
        check=True,
    )
    return done.stdout


def steps(clinic: Clinic, desk: Desk, seed: int, *, days: int = 30) -> Iterator[Step]:
    """Do one step after another, forever; each is stored when it is given."""
    chance = random.Random(seed)
    people = [clinic.patient(desk, one[0]) for one in PEOPLE]
    mine: dict[str, datetime] = {}
    while True:
        try:
            yield _one(clinic, desk, chance, people, mine, days)
        except Conflict:
            continue  # somebody else has that time


def _one(
    clinic: Clinic,
    desk: Desk,
    chance: random.Random,
    people: list[str],
    mine: dict[str, datetime],
    days: int,
) -> Step:
    minute = 5 * chance.randrange(40)
    weeks = chance.randrange(1, max(2, days // 7))
    start = clinic.at(13 + minute // 60, minute % 60, days=7 * weeks)
    if len(mine) > 4:
        visit = chance.choice(list(mine))
        del mine[visit]
        return booking.cancel(desk, appointment_id=visit, reason="other")
    if mine and chance.random() < 0.3:
        visit = chance.choice([key for key, at in mine.items() if at != start] or [None])
        if visit is not None:  # moved to where it is already, nothing would be stored
            step = booking.move(desk, appointment_id=visit, start=start)
            mine[visit] = start
            return step
    step = booking.book(
        desk,
        patient_id=chance.choice(people),
        start=start,
        practitioner_id=desk.clinic.practitioner("LEE").id,
        visit_type_id=desk.clinic.visit_type("fu").id,
    )
    mine[str(step.id)] = start
    return step


def stored(desk: Desk, session_id: str) -> int:
    """Return how many steps of a session are stored."""
    query = text(
        "SELECT count(DISTINCT step) FROM audit_event WHERE session_id = :s AND kind = 'change'"
    )
    return int(desk.read(lambda c: c.execute(query, {"s": session_id}).scalar_one()))

"""Several desks: what one does the others see at once, and eight or forty of them side by side."""

import json
import os
import statistics
import sys
import time
from pathlib import Path

from sqlalchemy import text

from pcoord.services import flow
from pcoord.services.desk import Desk
from pcoord.store import check
from pcoord.store.store import KEY_VARIABLE
from tests.clinic import Clinic
from tests.faults import work
from tests.faults.conftest import Tried
from tests.faults.table import rounds
from tests.screens.waiting import DANA, LAYLA, MARIA, checked_in
from tests.terminal.terminal import Terminal
from tests.terminal.test_demo_day import SCREENS

PCOORD = [sys.executable, "-m", "pcoord"]


def sit_down(clinic: Clinic, home: Path) -> Terminal:
    """Open a desk of its own in a real terminal, as the machine's account."""
    env = {"HOME": str(home), "PCOORD_NOW": clinic.clock.now().isoformat()}
    if KEY_VARIABLE in os.environ:
        env[KEY_VARIABLE] = os.environ[KEY_VARIABLE]
    return Terminal([*PCOORD, "--db", clinic.url], env=env)


def test_another_desks_change_is_seen_where_one_looks(
    clinic: Clinic, tmp_path: Path, tried: Tried, engine: str
) -> None:
    times = rounds(40, 2)
    ben = clinic.desk("ben")
    for number, mrn in enumerate((LAYLA, DANA, MARIA)):
        checked_in(clinic, ben, mrn, 9, 15 + 15 * number)
    waits: list[float] = []
    with sit_down(clinic, tmp_path) as desk:
        desk.wait_for("SCHEDULE")
        desk.send("f3")
        desk.wait_for("Haddad, Layla")
        desk.send("down")
        desk.wait_for("Kim, Dana  F")
        waits += _watch(desk, ben, range(times // 2))
        assert "Kim, Dana  F" in "\n".join(desk.screen()), "the row that keys act on"
        desk.send("ctrl+n")
        desk.wait_for("CALL in")
        desk.type("201-555-0199 somebody")
        desk.wait_for("201-555-0199 somebody")
        desk.wait_quiet()
        place = desk.cursor
        waits += _watch(desk, ben, range(times // 2, times))
        assert desk.cursor == place and desk.wait_for("201-555-0199 somebody")
        desk.send("esc")
        desk.wait_gone("CALL in 0")
        # A look for news comes every 0.15 seconds; other tests leave every screen idle.
        for key, title in [*SCREENS.items()][: rounds(4, 1)]:
            desk.send(key)
            desk.wait_for(title)
            desk.wait_quiet(1.0)
        desk.send("ctrl+q")
        assert desk.wait_exit() == 0
    assert len(waits) == 2 * (times // 2) * 2
    tried(
        "desks",
        f"a change of another desk, seen in a real terminal ({engine})",
        len(waits),
        f"after {statistics.median(waits) * 1000:.0f} ms (median), {max(waits) * 1000:.0f} ms "
        "(worst); cursor, row and half-typed text stayed; the idle screens sent no byte",
    )


def _watch(desk: Terminal, ben: Desk, numbers: range) -> list[float]:
    """Have somebody walk in and leave at another desk; return the seconds until each was seen."""
    waits = []
    for number in numbers:
        name = f"Visitor{number}"
        encounter = str(flow.walk_in(ben, name=name).id)
        start = time.monotonic()
        desk.wait_for(name)
        waits.append(time.monotonic() - start)
        flow.left(ben, encounter_id=encounter)
        start = time.monotonic()
        desk.wait_gone(name)
        waits.append(time.monotonic() - start)
    return waits


HAMMER = """
import json, multiprocessing, random, sys
from collections import Counter
from pcoord.clock import FixedClock
from pcoord.domain.errors import DeskError
from pcoord.services import booking
from tests.clinic import NOW, PEOPLE, Clinic

url, desks, tries = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
fork = multiprocessing.get_context("fork")
together, over = fork.Barrier(desks), fork.Event()

def hammer(seed, told_to):
    clinic = Clinic(url, FixedClock(NOW))
    desk = clinic.desk("ana")
    people = [clinic.patient(desk, one[0]) for one in PEOPLE]
    chance, told, mine = random.Random(seed), Counter(), []
    together.wait()
    while not over.is_set():
        minute = 5 * chance.randrange(45)
        start = clinic.at(13 + minute // 60, minute % 60)
        try:
            if mine and chance.random() < 0.4:
                booking.cancel(desk, appointment_id=mine.pop(), reason="other")
                told["cancelled"] += 1
            elif mine and chance.random() < 0.3:
                booking.move(desk, appointment_id=chance.choice(mine), start=start)
                told["moved"] += 1
            else:
                step = booking.book(
                    desk,
                    patient_id=chance.choice(people),
                    start=start,
                    practitioner_id=desk.clinic.practitioner("LEE").id,
                    visit_type_id=desk.clinic.visit_type("fu").id,
                )
                mine.append(step.id)
                told["booked"] += 1
        except DeskError as refused:
            told[f"exit {refused.exit_code}"] += 1
        except Exception as error:
            told[f"fault {type(error).__name__} {error}"] += 1
        if told.total() >= tries:
            over.set()
    told_to.put([dict(told), mine])

told_to = fork.Queue()
children = [fork.Process(target=hammer, args=(seed, told_to)) for seed in range(desks)]
for child in children:
    child.start()
print(json.dumps([told_to.get() for _ in children]))
"""


def test_eight_desks_on_one_day_book_nothing_twice(
    clinic: Clinic, tried: Tried, engine: str
) -> None:
    # Whoever has made so many tries ends it for all, so that there is always enough to compare.
    tries = rounds(500, 50)
    answers = json.loads(work.run(HAMMER, clinic.url, 8, tries))
    told = [one for one, _ in answers]
    names = {name for one in told for name in one}
    # Refused because a time was taken is right; a lock or a fault is not.
    assert names <= {"booked", "moved", "cancelled", "exit 4"}, names
    assert sum(one.get("booked", 0) for one in told)
    boss = clinic.desk("boss")
    assert check.check(boss.store).problems == []
    standing = boss.read(
        lambda c: c.execute(text("SELECT id FROM appointment WHERE status = 'booked'")).scalars()
    )
    assert set(standing) == {key for _, mine in answers for key in mine}
    done = sorted(sum(one.values()) for one in told)
    assert done[-1] >= tries and done[0] >= done[-1] * 0.2, done
    steps = sum(n for one in told for name, n in one.items() if name != "exit 4")
    tried(
        "desks",
        f"eight processes book, move and cancel on one practitioner's afternoon ({engine})",
        sum(done),
        f"{steps:,} stored, the rest refused as taken by somebody; 0 double bookings, 0 lock "
        f"errors; the slowest did {done[0] / done[-1]:.2f} of the fastest",
    )


FORTY = """
import json, multiprocessing, random, sys, time
from pcoord.clock import FixedClock
from pcoord.domain.errors import DeskError
from tests.clinic import NOW, Clinic
from tests.faults import work

url, desks, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
fork = multiprocessing.get_context("fork")
together = fork.Barrier(desks)

def sit(seed, told_to):
    waits, faults, refused = [], [], 0
    try:
        clinic = Clinic(url, FixedClock(NOW))
        desk = clinic.desk("ana")
        steps = work.steps(clinic, desk, seed, days=20000)
        for _ in range(8):  # a desk that has been open for a while
            next(steps)
        together.wait(120)
        time.sleep(random.Random(seed).random() / 2)
        end = time.monotonic() + seconds
        while (start := time.monotonic()) < end:
            try:
                next(steps)
            except DeskError:  # a machine that cannot keep up says so in words
                refused += 1
                steps = work.steps(clinic, desk, seed, days=20000)
            waits.append(time.monotonic() - start)
            time.sleep(max(0, 0.5 - waits[-1]))
    except Exception as error:
        faults.append(f"{type(error).__name__}: {error}")
    told_to.put([waits, faults, refused])

told_to = fork.Queue()
children = [fork.Process(target=sit, args=(seed, told_to)) for seed in range(desks)]
for child in children:
    child.start()
print(json.dumps([told_to.get() for _ in children]))
"""


def test_forty_desks_with_a_step_every_half_second(
    clinic: Clinic, tried: Tried, engine: str
) -> None:
    desks = rounds(40, 8)
    answers = json.loads(work.run(FORTY, clinic.url, desks, rounds(30, 2)))
    waits = [wait for one, _, _ in answers for wait in one]
    assert [fault for _, faults, _ in answers for fault in faults] == []
    assert len(answers) == desks and waits
    assert check.check(clinic.desk("boss").store).problems == []
    refused = sum(one[2] for one in answers)
    tried(
        "desks",
        f"{desks} processes, each a step every half second ({engine})",
        len(waits),
        f"{refused} refused in words; a step took {statistics.median(waits) * 1000:.1f} ms "
        f"(median), {max(waits) * 1000:.0f} ms (worst)",
    )

"""kill -9 under load: every step that a desk was told is stored, whole, and none is half there.

Desks are forked from one process, so that a kill costs no start of Python. Two others work on
undisturbed all the while.
"""

import json

from pcoord.store import check
from tests.clinic import Clinic
from tests.faults import work
from tests.faults.conftest import Tried
from tests.faults.table import rounds

KILLER = """
import json, multiprocessing, os, random, signal, sys, time
from pcoord.clock import FixedClock
from tests.clinic import NOW, Clinic
from tests.faults import work

url, times = sys.argv[1], int(sys.argv[2])
fork = multiprocessing.get_context("fork")

def sit(seed, told):
    clinic = Clinic(url, FixedClock(NOW))
    desk = clinic.desk("ana")
    os.write(told, f"session {desk.who.session_id}\\n".encode())
    for step in work.steps(clinic, desk, seed, days=300):
        os.write(told, b"stored\\n")

def start(seed):
    reading, writing = os.pipe()
    child = fork.Process(target=sit, args=(seed, writing), daemon=True)
    child.start()
    os.close(writing)
    return child, open(reading)

chance = random.Random(3)
others = [start(1), start(2)]
for _, lines in others:
    lines.readline(), lines.readline()
killed = []
for number in range(times):
    child, lines = start(100 + number)
    session = lines.readline().split()[1]
    lines.readline()
    time.sleep(chance.random() * 0.1)
    os.kill(child.pid, signal.SIGKILL)
    child.join()
    killed.append([session, 1 + sum(line == "stored\\n" for line in lines)])
for child, lines in others:
    os.kill(child.pid, signal.SIGKILL)
    child.join()
print(json.dumps(killed))
"""


def test_a_killed_desk_loses_nothing(clinic: Clinic, tried: Tried, engine: str) -> None:
    times = rounds(200, 5)
    killed = json.loads(work.run(KILLER, clinic.url, times, timeout=1200))
    boss = clinic.desk("boss")
    assert len(killed) == times
    unheard = 0
    for session, told in killed:
        stored = work.stored(boss, session)
        assert told <= stored <= told + 1, (session, told, stored)
        unheard += stored - told
    found = check.check(boss.store)
    assert found.ok, found.problems
    confirmed = sum(told for _, told in killed)
    tried(
        "file" if engine == "sqlite" else "server",
        f"kill -9 of a desk at work beside two others ({engine})",
        times,
        f"0 of {confirmed:,} confirmed steps lost, none twice; {unheard} were stored though the "
        "desk died before it could say so; integrity, guard and audit whole",
    )

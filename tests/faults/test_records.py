"""Several desks merge, take apart, move, edit and undo on the same few records at once."""

import json
from collections import Counter

from sqlalchemy import text

from pcoord.services import views
from pcoord.store import check
from pcoord.store.queries.merged import survivor_of
from tests.clinic import Clinic
from tests.faults import work
from tests.faults.conftest import Tried
from tests.faults.table import rounds

DESKS = 4

AT_ONCE = """
import json, multiprocessing, random, sys
from collections import Counter
from sqlalchemy import text
from pcoord.clock import FixedClock
from pcoord.domain.errors import DeskError, Unavailable
from pcoord.services import booking, calls, flow, merging, patients, reassigning, record, steps
from tests.clinic import NOW, Clinic

url, desks, tries = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
fork = multiprocessing.get_context("fork")
together = fork.Barrier(desks)
PARTS = {
    "document": {"title": "Referral", "kind": "other"},
    "contact": {"family": "Ray", "given": "Mo", "relationship": "friend"},
    "name": {"family": "Oldname", "given": "Nora", "use": "old"},
    "address": {"line": "1 Main St", "city": "Troy"},
}

class Sitting:
    def __init__(self, seed):
        self.clinic, self.chance = Clinic(url, FixedClock(NOW)), random.Random(seed)
        self.desk = self.clinic.desk("boss")

    def any(self, table, where="patient_id IS NOT NULL"):
        query = text(f"SELECT id FROM {table} WHERE {where} ORDER BY id")
        found = self.desk.read(lambda c: c.execute(query).scalars().all())
        return self.chance.choice(found or ["?"])

    def somebody(self):
        return self.any("patient", "NOT entered_in_error")

    def edit(self):
        named = {self.chance.choice(["preferred", "middle", "given"]): self.chance.choice("ABC")}
        patients.edit(self.desk, patient_id=self.somebody(), same_person=True, **named)

    def register(self):
        patients.register(self.desk, family="Kim", given=self.chance.choice("ABC"), force=True)

    def die(self):
        died = self.chance.choice(["11/20/2026", ""])
        patients.edit(self.desk, patient_id=self.somebody(), deceased_on=died, cancel_visits=True)

    def add(self):
        part = self.chance.choice(list(PARTS))
        record.add(self.desk, patient_id=self.somebody(), part=part, **PARTS[part])

    def book(self):
        clinic = self.desk.clinic
        booking.book(
            self.desk,
            patient_id=self.somebody(),
            start=self.clinic.at(13 + self.chance.randrange(7), 15 * self.chance.randrange(4)),
            practitioner_id=clinic.practitioner(self.chance.choice(["LEE", "ORTIZ"])).id,
            visit_type_id=clinic.visit_type("fu").id,
        )

    def cancel(self):
        booking.cancel(self.desk, appointment_id=self.any("appointment"), reason="other")

    def arrive(self):
        flow.arrive(self.desk, appointment_id=self.any("appointment"))

    def call(self):
        calls.log_call(self.desk, patient_id=self.somebody(), phone="201-555-0155", note="asks")

    def merge(self):
        merging.merge(self.desk, patient_id=self.somebody(), other_id=self.somebody())

    def part(self):
        gone = self.any("patient", "replaced_by_id IS NOT NULL")
        query = text("SELECT replaced_by_id FROM patient WHERE id = :id")
        stays = self.desk.read(lambda c: c.execute(query, {"id": gone}).scalar()) or gone
        merging.unmerge(self.desk, patient_id=stays, other_id=gone)

    def move(self):
        kind = self.chance.choice(["appointment", "call", "document"])
        reassigning.reassign(
            self.desk,
            kind=kind,
            record_id=self.any(kind),
            patient_id=self.somebody(),
            reason=self.chance.choice(list(reassigning.REASONS)),
        )

    def undo(self):
        steps.undo_last(self.desk)

KINDS = ("edit register die add book cancel arrive call merge merge part move move undo undo")

def sit(seed, told_to):
    sitting, told = Sitting(seed), Counter()
    together.wait()
    for _ in range(tries):
        kind = sitting.chance.choice(KINDS.split())
        try:
            getattr(sitting, kind)()
            told[kind] += 1
        except Unavailable as away:
            told[f"fault {kind} {away.sentence}"] += 1
        except DeskError:
            told["refused"] += 1
        except Exception as error:
            told[f"fault {kind} {type(error).__name__} {error}"] += 1
    told_to.put(dict(told))

told_to = fork.Queue()
children = [fork.Process(target=sit, args=(seed, told_to)) for seed in range(desks)]
for child in children:
    child.start()
print(json.dumps([told_to.get() for _ in children]))
"""


def test_records_that_many_merge_and_part_at_once_stay_whole(
    clinic: Clinic, tried: Tried, engine: str
) -> None:
    tries = rounds(400, 25)
    told: Counter[str] = Counter()
    for one in json.loads(work.run(AT_ONCE, clinic.url, DESKS, tries)):
        told.update(one)
    assert [name for name in told if name.startswith("fault")] == []
    assert told["merge"] + told["move"] and told.total() == DESKS * tries
    boss = clinic.desk("boss")
    assert check.check(boss.store).problems == []
    query = text("SELECT id FROM patient WHERE NOT entered_in_error")
    every = boss.read(lambda c: c.execute(query).scalars().all())
    for patient_id in {boss.read(survivor_of, key) for key in every}:
        assert views.card(boss, patient_id) and views.history(boss, patient_id)
    stored = told.total() - told["refused"]
    tried(
        "desks",
        f"four processes merge, part, move, edit and undo on the same few records ({engine})",
        told.total(),
        f"{stored:,} stored, {told['merge']} of them merges; the rest refused in words; every "
        "record whole, none that leads nowhere",
    )

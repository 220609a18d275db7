"""What is measured: programs beside each other in one run, taking turns."""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from sqlalchemy import event

from pcoord.domain.slots import cells
from pcoord.services import booking, day, sheets, steps
from pcoord.services.desk import Desk
from pcoord.store.audit import Who
from pcoord.store.ids import new_id
from tests.benchmarks.clinics import CROWDED, NOW, ZONE, Place
from tests.benchmarks.probe import Cost, Probe, probes

TYPED = ["s", "m", "i", *["backspace"] * 3, "j", "o", "h", *["backspace"] * 3]
MOVES = [*["down"] * 6, *["up"] * 6]
SWITCHES = ["f2", "f3", "f4", "f5"]
OURS = "pcoord"
SHOWS = {OURS: "F1 help", "floor": "F1 help", "naive": "Calls", "widgets": "Calls"}
Row = dict[str, Any]


@dataclass(frozen=True)
class Bench:
    """One run: where the clinic is, and how many rounds every measure takes."""

    place: Place
    rounds: int = 9

    @property
    def on_server(self) -> bool:
        """Tell whether the work is another process's, so that only the time tells what it costs."""
        return self.place.url.startswith("postgres")

    def clock(self) -> float:
        """Return seconds of this process's own work, or where a server does it, of the time."""
        return time.perf_counter() if self.on_server else time.process_time()

    def named(self, name: str) -> str:
        """Return the name of a row: what was measured of a server, and with what."""
        return f"PostgreSQL, {name}: time" if self.on_server else f"{name}: CPU"

    def programs(self, *names: str) -> dict[str, tuple[Sequence[str], dict[str, str]]]:
        """Return the commands of some programs by name."""
        env = self.place.env | {"BENCH_DAY": f"{NOW:%Y-%m-%d}"}
        twin = [sys.executable, "-m"]
        known = {
            OURS: [*twin, "pcoord", "--db", self.place.url],
            "floor": [*twin, "tests.benchmarks.twins.floor", self.place.url],
            "naive": [*twin, "tests.benchmarks.twins.naive", self.place.url],
            "widgets": [*twin, "tests.benchmarks.twins.naive", self.place.url, "memory"],
            "hello": [*twin, "tests.benchmarks.twins.hello"],
        }
        return {name: (known[name], env) for name in names}


def row(name: str, unit: str, **found: Any) -> Row:
    """Return one row of the result; each program's figures, already in their unit."""
    return {"name": name, "unit": unit, **found}


def median(values: Sequence[float], digits: int = 2) -> float:
    """Return the median, rounded for people."""
    return round(statistics.median(values), digits)


# In a terminal


def keys(bench: Bench) -> Iterator[Row]:
    """Type, move and switch in all four programs, a block of keys each in turn."""
    with probes(**bench.programs(OURS, "floor", "naive", "widgets")) as opened:
        for name, probe in opened.items():
            probe.shows(SHOWS[name])
            probe.rest()
        yield from _block(bench, opened, "typing in lookup", ["f4"], TYPED)
        yield from _block(bench, opened, "cursor moves", ["f2"], MOVES)
        yield from _block(bench, opened, "screen switches", [], SWITCHES)
        palette = ["ctrl+p", *"book smi", "escape", "escape"]
        some = {name: opened[name] for name in (OURS, "widgets")}
        yield from _block(bench, some, "palette: open, type, leave", ["f2"], palette)


def _block(
    bench: Bench, opened: dict[str, Probe], name: str, before: list[str], block: list[str]
) -> Iterator[Row]:
    costs: dict[str, list[Cost]] = {program: [] for program in opened}
    for probe in opened.values():
        probe.keys([*before, *block])  # the first time imports what it needs
    for _ in range(bench.rounds):
        for program, probe in opened.items():
            costs[program].append(probe.keys(block))
    n = bench.rounds * len(block)
    cpu = {p: median([one.cpu_each * 1e3 for one in found]) for p, found in costs.items()}
    waits = {
        p: median([wait * 1e3 for one in found for wait in one.waits], 1)
        for p, found in costs.items()
    }
    yield row(f"{name}: CPU a key", "ms", n=n, **cpu)
    yield row(f"{name}: key to last byte", "ms", n=n, **waits)
    for what, take in (("bytes a key", "sent"), ("bytes a key, deflated", "deflated")):
        sizes = {
            p: int(statistics.median([size for one in found for size in getattr(one, take)]))
            for p, found in costs.items()
        }
        most = max(size for one in costs[OURS] for size in getattr(one, take))
        yield row(f"{name}: {what}", "bytes", n=n, most=most, **sizes)


def starts(bench: Bench) -> Iterator[Row]:
    """Start programs in turn: to the first frame, and to the answer of a key typed at once."""
    names = (OURS, "hello", "floor", "naive")
    frames: dict[str, list[float]] = {name: [] for name in names}
    spent: dict[str, list[float]] = {name: [] for name in names}
    answers: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(bench.rounds):
        for name, (argv, env) in bench.programs(*names).items():
            probe = Probe(argv, env)
            try:
                frames[name].append(probe.shows(SHOWS.get(name, "hello")) * 1e3)
                spent[name].append(probe.cpu() * 1e3)
                if name in (OURS, "floor"):  # the naive one loses keys typed so early
                    mark = probe.mark()
                    probe.send("f4", *"smi")
                    answers[name].append(probe.shows("Smith", mark) * 1e3)
            finally:
                probe.leave()
    n = bench.rounds
    yield row("first frame", "ms", n=n, **{p: median(f, 0) for p, f in frames.items()})
    yield row("first frame: CPU", "ms", n=n, **{p: median(f, 0) for p, f in spent.items()})
    told = {p: median(f, 0) for p, f in answers.items() if f}
    yield row("start to the first typed name found", "ms", n=n, **told)


def sessions(bench: Bench, counts: Sequence[int], twins: Sequence[int]) -> Iterator[Row]:
    """Open many sessions at once: when the last is there, and what each takes of the memory."""
    for name, sizes in ((OURS, counts), ("naive", twins)):
        for size in sizes:
            opened: list[Probe] = []
            argv, env = bench.programs(name)[name]
            began = time.monotonic()
            try:
                opened += [Probe(argv, env) for _ in range(size)]
                shown = [probe.shows(SHOWS[name], timeout=180) for probe in opened]
                took = time.monotonic() - began
                for probe in opened:
                    if name == OURS:  # its data layer is loaded behind the first frame
                        probe.shows("MRN", timeout=180)
                    probe.rest(60)
                each = sum(probe.memory() for probe in opened) / size / 2**20
            finally:
                for probe in opened:
                    probe.leave()
            yield row(
                f"{size} sessions started at once: median and last frame",
                "s",
                n=size,
                **{name: round(statistics.median(shown), 2), f"{name} last": round(took, 2)},
            )
            yield row(f"memory of a session, {size} open", "MB", n=size, **{name: round(each, 1)})


def news(bench: Bench, name: str) -> Iterator[Row]:
    """Change a visit at another desk: until a desk that shows the day has drawn it."""
    with probes(**bench.programs(OURS)) as opened:
        probe = opened[OURS]
        probe.shows(SHOWS[OURS])
        probe.rest()
        desk = new_desk(bench)
        seen: list[float] = []
        with let_go(desk):
            visit = _booked_today(desk)
            for count in range(bench.rounds):
                mark = probe.mark()
                if count % 2 == 0:
                    booking.confirm(desk, appointment_id=visit)
                else:
                    steps.undo_last(desk)
                stored = time.monotonic()
                while len(probe.bytes_since(mark)) == 0:
                    assert time.monotonic() - stored < 20, "the change was never drawn"
                    time.sleep(0.001)
                seen.append(max(0.0, probe.came[-1][0] - stored) * 1e3)
                time.sleep(0.3)
            if bench.rounds % 2:
                steps.undo_last(desk)  # a clinic that is kept finds the visit again the next time
    yield row(
        f"another desk's change seen, {name}",
        "ms",
        n=len(seen),
        most=round(max(seen)),
        **{OURS: median(seen, 0)},
    )


# Below the screen


def days(bench: Bench) -> Iterator[Row]:
    """Load the crowded day: as the schedule does, with the raw driver, as entities."""
    desk = new_desk(bench)
    with let_go(desk):
        shown = [one.id for one in desk.clinic.practitioners][:8]
        everyone = [one.id for one in desk.clinic.practitioners]
        for what, who in (("of 8 practitioners on the screen", shown), ("whole", everyone)):
            with statements(desk) as asked:
                loaded = day.load_day(desk, CROWDED, who)
            takes = {
                OURS: lambda who=who: day.load_day(desk, CROWDED, who),
                "raw": lambda asked=tuple(asked): _raw(desk, asked),
                "naive": lambda who=who: _entity_day(desk, who),
            }
            cpu = _in_turns(bench, takes)
            visits = len(loaded.visits)
            name = bench.named(f"crowded day, {what}")
            yield row(name, "ms", n=bench.rounds, visits=visits, **cpu)
            if bench.on_server:
                continue
            yield row(
                f"crowded day, {what}: statements", "", n=1, visits=visits, **{OURS: len(asked)}
            )
        if bench.on_server:
            return
        takes = {OURS: lambda: sheets.load(desk, CROWDED)}
        cpu = _in_turns(bench, takes)
        visits = len(sheets.load(desk, CROWDED).visits)
    yield row(
        "crowded day as the schedule shows it: CPU", "ms", n=bench.rounds, visits=visits, **cpu
    )


def bookings(bench: Bench) -> Iterator[Row]:
    """Book a visit: the whole step, and the rows alone with the raw driver.

    On a server also what the guard costs beside the exclusion constraint alone.
    """
    desk = new_desk(bench)
    with let_go(desk):
        slots = _free_slots(desk, Random().randrange(1, 500) if bench.on_server else 1)
        takes = {OURS: lambda: _book(desk, next(slots)), "raw": lambda: _raw_book(desk)}
        if bench.on_server:
            # The clinic on a server is kept, with what an earlier run booked.
            starts = iter(range(Random().randrange(10_000_000), 20_000_000))
            guard = {
                OURS: lambda: _server_book(desk, next(starts), guarded=True),
                "raw": lambda: _server_book(desk, next(starts), guarded=False),
            }
            yield row(
                "PostgreSQL, guard of a booking: time",
                "ms",
                n=bench.rounds,
                **_in_turns(bench, guard),
            )
            takes.pop("raw")
        cpu = _in_turns(bench, takes)
        wall = _in_turns(bench, takes, time.perf_counter)
        with statements(desk) as asked:
            _book(desk, next(slots))
    yield row(bench.named("booking step"), "ms", n=bench.rounds, **cpu)
    if bench.on_server:
        return
    yield row("booking step: with the disk", "ms", n=bench.rounds, **wall)
    yield row("booking step: statements", "", n=1, **{OURS: len(asked)})


def _in_turns(
    bench: Bench, takes: dict[str, Callable[[], Any]], clock: Callable[[], float] | None = None
) -> Row:
    clock = clock or bench.clock
    found: dict[str, list[float]] = {name: [] for name in takes}
    for take in takes.values():
        take()
    for _ in range(bench.rounds):
        for name, take in takes.items():
            before = clock()
            take()
            found[name].append((clock() - before) * 1e3)
    return {name: median(times) for name, times in found.items()}


@contextmanager
def statements(desk: Desk) -> Iterator[list[tuple[str, Any]]]:
    """Collect the statements that are run inside the block, with their values."""
    asked: list[tuple[str, Any]] = []

    def note(_c: Any, _k: Any, statement: str, values: Any, *_: Any) -> None:
        asked.append((statement, values))

    connection = desk.store.connection
    event.listen(connection, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(connection, "before_cursor_execute", note)


def new_desk(bench: Bench) -> Desk:
    """Return a desk of its own connection, signed in as a colleague."""
    store = bench.place.open()
    query = "SELECT id, username, name, role FROM staff_user WHERE username = 'ana'"
    found = store.read(lambda c: c.exec_driver_sql(query).one())
    who = Who(found.id, found.username, found.name, found.role, new_id(), "measuring")
    return Desk(store, who)


@contextmanager
def let_go(desk: Desk) -> Iterator[None]:
    """Close the desk's store behind the block."""
    try:
        yield
    finally:
        desk.store.close()


def _booked_today(desk: Desk) -> str:
    """Return a visit of this afternoon that nobody has confirmed yet."""
    first = desk.clinic.practitioners[0].id
    visits = day.load_day(desk, desk.today, [first]).visits
    fits = [one for one in visits if one.status == "booked" and one.confirmed_at is None]
    return str(fits[0].id)


def _raw(desk: Desk, asked: Sequence[tuple[str, Any]]) -> Any:
    """Run the same statements with the driver alone."""
    driver: Any = desk.store.connection.connection.driver_connection
    return [driver.execute(statement, values).fetchall() for statement, values in asked]


def _entity_day(desk: Desk, who: Sequence[str]) -> Any:
    from sqlmodel import Session, col, select

    from pcoord.store.tables import Appointment, Patient

    first, last = day.bounds(desk, CROWDED)
    with Session(desk.store.connection) as session:
        query = select(Appointment, Patient).join(Patient)
        query = query.where(col(Appointment.practitioner_id).in_(who))
        query = query.where(Appointment.start_at >= first, Appointment.start_at < last)
        return session.exec(query.order_by(col(Appointment.start_at))).all()


def _free_slots(desk: Desk, weeks: int) -> Iterator[tuple[str, Any, str]]:
    """Yield practitioner, start and patient of visits so many weeks behind the crowded day."""
    from datetime import UTC, datetime, timedelta

    query = "SELECT id FROM patient WHERE deceased_on IS NULL ORDER BY id DESC LIMIT 400"
    patients = [str(one) for one in desk.store.connection.exec_driver_sql(query).scalars()]
    who = [one.id for one in desk.clinic.practitioners if one.code.startswith("P")]
    local = datetime(CROWDED.year, CROWDED.month, CROWDED.day, 16, 40, tzinfo=ZONE)
    while True:
        for n, one in enumerate(who):
            start = (local + timedelta(weeks=weeks)).astimezone(UTC)
            yield one, start, patients[(n + weeks) % len(patients)]
        weeks += 1


def _book(desk: Desk, slot: tuple[str, Any, str]) -> Any:
    who, start, patient = slot
    kind = desk.clinic.visit_type("fu")
    return booking.book(
        desk, patient_id=patient, practitioner_id=who, start=start, visit_type_id=kind.id
    )


def _raw_book(desk: Desk) -> None:
    """Insert one visit and what it holds, and take both away again, in two transactions."""
    driver: Any = desk.store.connection.connection.driver_connection
    run, key = driver.execute, new_id()
    source = "SELECT * FROM appointment LIMIT 1"
    names = [column[0] for column in run(source).description]
    values = dict(zip(names, run(source).fetchone(), strict=True)) | {"id": key}
    run("BEGIN IMMEDIATE")
    marks = ",".join("?" * len(names))
    run(f"INSERT INTO appointment ({','.join(names)}) VALUES ({marks})", list(values.values()))
    rows = [("practitioner", key, cell, 0, key) for cell in cells(NOW, NOW.replace(minute=20))]
    driver.executemany("INSERT INTO occupancy VALUES (?, ?, ?, ?, ?)", rows)
    run("COMMIT")


def _server_book(desk: Desk, number: int, *, guarded: bool) -> None:
    """Insert one visit that the exclusion constraint guards, and the guard's rows beside it."""
    driver: Any = desk.store.connection.connection.driver_connection
    run, key = driver.execute, new_id()
    source = run("SELECT * FROM appointment WHERE status = 'booked' LIMIT 1")
    names = [column.name for column in source.description]
    start = NOW + timedelta(days=1000, minutes=5 * number)
    values = dict(zip(names, source.fetchone(), strict=True))
    values |= {"id": key, "start_at": start, "end_at": start + timedelta(minutes=5)}
    run("BEGIN")
    marks = ",".join(["%s"] * len(names))
    run(f"INSERT INTO appointment ({','.join(names)}) VALUES ({marks})", list(values.values()))
    for kind, holder in (("patient", "patient_id"), ("practitioner", "practitioner_id")):
        for cell in cells(start, values["end_at"]) if guarded else ():
            held = [kind, values[holder], cell, 0, key]
            run(f"INSERT INTO occupancy ({_GUARD}) VALUES (%s, %s, %s, %s, %s)", held)
    run("COMMIT")


_GUARD = "kind, resource_id, cell, place, appointment_id"


def git_commit() -> str:
    """Return the commit that is measured, "" outside of a checkout."""
    told = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    return told.stdout.strip()

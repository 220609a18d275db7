"""The desk: one signed-in person at one clinic, and the frame that every use case runs in.

A use case is a function that takes `Work` (the open transaction and the clinic). Declared with
`use_case`, it is called with a desk: permission, rule, writes, event and commit are one step.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from pcoord.clock import Clock
from pcoord.domain.clinic import Clinic
from pcoord.domain.dates import say_clock, say_day, say_time
from pcoord.domain.errors import Conflict, NotPermitted
from pcoord.domain.roles import allows
from pcoord.domain.sentences import end_sentence, full_name
from pcoord.domain.visit import Stage
from pcoord.services import overtaken, restricted_records
from pcoord.store.audit import Who
from pcoord.store.derived import OccupancyTaken
from pcoord.store.engine import Connection
from pcoord.store.queries import clinic as clinic_queries
from pcoord.store.queries import schedule
from pcoord.store.queries.merged import survivor_of
from pcoord.store.queries.people import short_patient
from pcoord.store.store import Store
from pcoord.store.undo import BuiltUpon
from pcoord.store.unit import ChangedMeanwhile, Step, Unit

P = ParamSpec("P")
T = TypeVar("T")


@dataclass
class Work:
    """What a use case works with: the open transaction, the clinic, and the person."""

    unit: Unit
    clinic: Clinic
    stages: tuple[Stage, ...]
    _people: dict[str, Any] = field(default_factory=dict)

    @property
    def who(self) -> Who:
        """Return the signed-in person."""
        return self.unit.who

    @property
    def now(self) -> datetime:
        """Return the moment of this step, UTC."""
        return self.unit.now

    @property
    def today(self) -> date:
        """Return the clinic's date."""
        return self.clinic.day_of(self.now)

    @property
    def connection(self) -> Connection:
        """Return the connection, for reads inside the transaction."""
        return self.unit.connection

    def person(self, patient_id: str) -> Any:
        """Return what a line says of one patient (None: not on file), read once for this step."""
        if patient_id not in self._people:
            self._people[patient_id] = short_patient(self.connection, patient_id)
        return self._people[patient_id]

    def about(self) -> list[Any]:
        """Return everybody whom this step is about or looked up."""
        if self.unit.patient_id is not None:
            self.person(self.unit.patient_id)
        return [person for person in self._people.values() if person is not None]

    def say_when(self, moment: datetime) -> str:
        """Return a moment as the desk says it: "Thu 26 Nov 09:15"."""
        local = self.clinic.local(moment)
        return f"{say_day(local.date(), self.today)} {say_clock(local.time())}"


class UseCase(Generic[P]):
    """A declared use case: call it with a desk, or `within` the work of another one."""

    def __init__(
        self,
        action: str,
        permission: str,
        body: Callable[Concatenate[Work, P], None],
        *,
        follows: bool = True,
    ) -> None:
        self.action = action
        self.permission = permission
        self.body = body
        self.follows = follows
        self.__doc__ = body.__doc__

    def within(self, work: Work, *args: P.args, **kwargs: P.kwargs) -> None:
        """Do it in an open transaction; the id of a merged record leads to the one that stands."""
        patient_id = kwargs.get("patient_id")
        if self.follows and isinstance(patient_id, str):
            kwargs["patient_id"] = survivor_of(work.connection, patient_id)
        self.body(work, *args, **kwargs)

    def __call__(self, desk: "Desk", *args: P.args, **kwargs: P.kwargs) -> Step:
        desk.demand(self.permission)
        return desk.step(self.action, lambda work: self.within(work, *args, **kwargs))


USE_CASES: dict[str, UseCase[Any]] = {}


def use_case(
    action: str, permission: str, *, follows: bool = True
) -> Callable[[Callable[Concatenate[Work, P], None]], UseCase[P]]:
    """Declare a use case: its action id (as in the registry) and the permission it needs.

    Its argument `patient_id` leads on from a merged record, unless it does not follow.
    """

    def declare(body: Callable[Concatenate[Work, P], None]) -> UseCase[P]:
        case = UseCase(action, permission, body, follows=follows)
        USE_CASES[action] = case
        return case

    return declare


class Desk:
    """One person at work: reads, steps and the clinic's facts."""

    def __init__(self, store: Store, who: Who) -> None:
        self.store = store
        self.who = who
        self._shown: Mapping[str, int] = {}
        self.reload()

    def reload(self) -> None:
        """Read the clinic's facts anew, after somebody changed them."""
        self.clinic: Clinic = self.store.read(clinic_queries.load_clinic)
        self.stages: tuple[Stage, ...] = self.store.read(clinic_queries.load_stages)

    @property
    def clock(self) -> Clock:
        """Return the clock of this desk."""
        return self.store.clock

    @property
    def now(self) -> datetime:
        """Return the present moment, UTC."""
        return self.store.clock.now()

    @property
    def today(self) -> date:
        """Return the clinic's date."""
        return self.clinic.day_of(self.now)

    def may(self, permission: str) -> bool:
        """Tell whether the signed-in person may do this."""
        return allows(self.who.role, permission)

    def demand(self, permission: str) -> None:
        """Refuse in words what the signed-in person may not do."""
        if not self.may(permission):
            raise NotPermitted(
                f"Your role ({self.who.role}) may not do this. Ask a supervisor at this desk."
            )

    def read(self, query: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Run a reading query and return its rows."""
        return self.store.read(lambda connection: query(connection, *args, **kwargs))

    def step(self, action: str, body: Callable[[Work], None]) -> Step:
        """Run `body` as one transaction; conflicts come back as sentences with name and time."""

        said = ""

        def run(unit: Unit) -> str:
            nonlocal said
            unit.shown = self._shown
            work = Work(unit, self.clinic, self.stages)
            body(work)
            # Before the end: after it nothing may go wrong that would make a stored step refused.
            said = restricted_records.least_said(work, work.about())
            return said

        try:
            return replace(self.store.write(self.who, action, run), said=said)
        except OccupancyTaken as taken:
            raise Conflict(self._say_taken(taken)) from taken
        except ChangedMeanwhile as changed:
            raise overtaken.by_change(self, changed, action, run) from changed
        except BuiltUpon as built:
            raise overtaken.by_building(self, built.event, built.instead) from built

    @contextmanager
    def having_shown(self, versions: Mapping[str, int]) -> Iterator[None]:
        """Take it, inside the block, that the person was shown these versions of these records."""
        self._shown = versions
        try:
            yield
        finally:
            self._shown = {}

    def _say_taken(self, taken: OccupancyTaken) -> str:
        for row in _clashing(taken):
            held = self.read(schedule.holders, row["kind"], row["resource_id"], [row["cell"]])
            ids = [h.appointment_id for h in held if h.place == row["place"]]
            visit = self.read(schedule.visit, ids[0]) if ids else None
            if visit is not None and visit.id != taken.appointment_id:
                return self._say_holder(row, visit)
        return taken.sentence

    def _say_holder(self, row: dict[str, Any], visit: Any) -> str:
        local = self.clinic.local(visit.start_at)
        when = f"{say_day(local.date(), self.today)} {say_time(local.time())}"
        whom = full_name(restricted_records.veil(self, visit))
        if row["kind"] == "patient":
            code = self.clinic.practitioner(visit.practitioner_id).code
            return f"{whom} is already booked {when} with {code}. Choose another time."
        if row["kind"] == "room":
            taken = end_sentence(f"That room is taken {when} by {whom}")
            return f"{taken} Choose another room or time."
        code = self.clinic.practitioner(visit.practitioner_id).code
        taken = end_sentence(f"{code} is taken {when} by {whom}")
        return f"{taken} Choose another time, or overbook with a reason."


def _clashing(taken: OccupancyTaken) -> list[dict[str, Any]]:
    """Order the refused cells so that the practitioner is named before the patient."""
    return sorted(taken.rows, key=lambda row: (row["kind"] == "patient", row["cell"]))

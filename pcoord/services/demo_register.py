"""The demo's patients: from invented people to rows, a batch at a time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

from pcoord.services.demo_clinic import Setting
from pcoord.services.demo_people import Person
from pcoord.services.newcomers import FIRST_NUMBER
from pcoord.store.filling import Lookups
from pcoord.store.ids import new_id
from pcoord.store.tables import (
    Address,
    ContactPoint,
    Flag,
    HumanName,
    Identifier,
    Patient,
    RelatedPerson,
)
from pcoord.store.unit import Unit

BATCH = 500
CHILD = 18


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What the rest of the demo needs to know of a patient."""

    id: str
    number: int
    household: int
    family: str
    given: str
    sex: str
    birth_date: date
    alive: bool
    phone: str | None


class Register:
    """Writes patients batch by batch and remembers who they are."""

    def __init__(self, setting: Setting, people: Iterator[Person], lookups: Lookups) -> None:
        self.setting = setting
        self.enrolled: list[Enrolled] = []
        self._people = people
        self._lookups = lookups
        doctors = [p for p in setting.clinic.practitioners if p.role != "nurse"]
        usual = {role: [p.id for p in doctors if p.role == role] for role in ("peds", "family")}
        self._of_children = usual["peds"] or [p.id for p in doctors]
        self._of_adults = usual["family"] or [p.id for p in doctors]

    def batch(self) -> list[Person]:
        """Return the next people to write; none when all are written."""
        return list(islice(self._people, BATCH))

    def write(self, unit: Unit, batch: list[Person]) -> None:
        """Write the rows of a batch."""
        ids = {person.number: new_id() for person in batch}
        written = {}
        for model, rows in (
            (Patient, [self._patient(ids[one.number], one) for one in batch]),
            (Identifier, [_identifier(ids[one.number], one) for one in batch]),
            (ContactPoint, self._phones(ids, batch)),
            (HumanName, _names(ids, batch)),
            (Address, [_address(ids[one.number], one) for one in batch]),
            (RelatedPerson, self._related(ids, batch)),
            (Flag, _flags(ids, batch)),
        ):
            written[str(model.__tablename__)] = unit.bulk(model, rows)
        self._lookups.add(unit.connection, written)
        unit.pass_number("mrn", FIRST_NUMBER - 1 + batch[-1].number)
        self.enrolled += [_enrolled(ids[one.number], one) for one in batch]

    def _patient(self, key: str, one: Person) -> dict[str, Any]:
        child = one.age(self.setting.today) < CHILD
        usual = self._of_children if child else self._of_adults
        return {
            "id": key,
            "family": one.family,
            "given": one.given,
            "middle": one.middle,
            "preferred": one.preferred,
            "birth_date": one.birth_date,
            "sex": one.sex,
            "language": one.language,
            "interpreter": one.interpreter,
            "email": one.email,
            "deceased_on": one.deceased_on,
            "restricted": one.restricted,
            "text_ok": one.text_ok,
            "practitioner_id": usual[one.household % len(usual)],
            "note": one.note,
            "created_at": self._since(one),
        }

    def _since(self, one: Person) -> datetime:
        """Return when somebody came to the clinic first: since last year, or since birth."""
        days = min(380 + one.household % 900, max(0, (self.setting.today - one.birth_date).days))
        return self.setting.now - timedelta(days=days)

    def _digits(self, number: str) -> str:
        """Return an invented number as it is compared: with the country's code."""
        return "1" + "".join(c for c in number.removeprefix("+1") if c.isdigit())

    def _phones(self, ids: dict[int, str], batch: Iterable[Person]) -> list[dict[str, Any]]:
        return [
            {
                "id": new_id(),
                "patient_id": ids[one.number],
                "use": phone.use,
                "value": phone.number,
                "digits": self._digits(phone.number),
                "position": position,
            }
            for one in batch
            for position, phone in enumerate(one.phones)
        ]

    def _related(self, ids: dict[int, str], batch: Iterable[Person]) -> list[dict[str, Any]]:
        return [
            {
                "id": new_id(),
                "patient_id": ids[one.number],
                "family": near.family,
                "given": near.given,
                "role": near.role,
                "phone": near.phone,
                "digits": self._digits(near.phone) if near.phone else None,
                "scopes": near.scopes,
                "denied": near.denied,
                "from_date": near.since,
            }
            for one in batch
            for near in one.related
        ]


def _number(one: Person) -> str:
    return str(FIRST_NUMBER - 1 + one.number)


def _identifier(key: str, one: Person) -> dict[str, Any]:
    return {"id": new_id(), "patient_id": key, "value": _number(one)}


def _names(ids: dict[int, str], batch: Iterable[Person]) -> list[dict[str, Any]]:
    return [
        {
            "id": new_id(),
            "patient_id": ids[one.number],
            "use": name.use,
            "family": name.family,
            "given": name.given,
        }
        for one in batch
        for name in one.other_names
    ]


def _address(key: str, one: Person) -> dict[str, Any]:
    place = one.address
    return {
        "id": new_id(),
        "patient_id": key,
        "line": place.line,
        "city": place.city,
        "state": place.state,
        "postal_code": place.postal_code,
        "country": place.country,
    }


def _flags(ids: dict[int, str], batch: Iterable[Person]) -> list[dict[str, Any]]:
    return [
        {"id": new_id(), "patient_id": ids[one.number], "kind": alert.kind, "text": alert.text}
        for one in batch
        for alert in one.alerts
    ]


def _enrolled(key: str, one: Person) -> Enrolled:
    phone = one.phones[0].number if one.phones else None
    alive = one.deceased_on is None
    return Enrolled(
        key, one.number, one.household, one.family, one.given, one.sex, one.birth_date, alive, phone
    )

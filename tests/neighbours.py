"""The small clinic with people whom a desk easily mixes up or mishears."""

from collections.abc import Iterable
from datetime import date
from functools import partial
from typing import Any

from pcoord.clock import FixedClock
from pcoord.domain.phones import normal
from pcoord.services import accounts
from pcoord.store.engine import parse_address
from pcoord.store.store import Store
from pcoord.store.tables import (
    Address,
    ContactPoint,
    Coverage,
    HumanName,
    Identifier,
    Patient,
    RelatedPerson,
)
from pcoord.store.unit import Unit
from tests.clinic import NOW, fill

Row = dict[str, Any]


def who(number: str, family: str, given: str, born: str = "", **more: Any) -> Row:
    """Return a person's row; `born` is written as ISO 8601 has it."""
    return {"mrn": number, "family": family, "given": given, "born": born} | more


PEOPLE = (
    who("200", "Nguyễn", "Thị Mai", "1980-05-12", phone="2015550201"),
    who("201", "Müller", "Jürgen", "1955-07-30", phone="2015550202"),
    who("202", "Øster", "Åse", "1948-01-09"),
    who("203", "O'Connor", "Siobhán", "1977-03-17", phone="2015550203"),
    who("204", "al-Hassan", "Omar", "1969-11-02", phone="2015550204"),
    who("205", "García Márquez", "José Luis", "1950-06-21", preferred="Pepe"),
    who("206", "Smith", "Robert", "1940-02-03", phone="2015550210"),
    who("207", "Smith", "Robert", "1971-08-15", phone="2015550210"),
    who("208", "Lopez", "Ana", "2012-09-09", phone="2015550211"),
    who("209", "Lopez", "Eva", "2012-09-09", phone="2015550211"),
    who("210", "Johnson", "Alberto", "1962-03-14", phone="2015550212"),
    who("211", "Brown", "Anna", "1985-12-24", maiden="Kowalski"),
    who("212", "Jean-Baptiste", "Marie", "1990-10-10"),
    who("213", "van der Berg", "Pieter", "1961-04-05"),
    who("214", "St. John", "Olivia", "1999-06-01"),
    who("215", "Li", "Wei", "1970-01-20"),
    who("216", "Lim", "Wei", "1971-01-20"),
    who("217", "Thompson", "Katherine", "1966-08-08", phone="2015550217"),
    who("218", "Ibrahim", "Yusuf", "2003-02-27", email="yusuf.ibrahim@example.org"),
    who("219", "Walker", "Grace", "1931-05-05", line="12 Maple Street", city="Springfield"),
    who("220", "Young", "Dean", "2019-07-07", mother="2015550299"),
    who("221", "de la Cruz", "Maria Jose", "1993-03-30"),
    who("222", "Chen", "Daniel", "1945-10-12", deceased_on=date(2024, 3, 3)),
    who("223", "Chen", "Daniel", "1988-10-12"),
    who("224", "Patel", "Priya", "1988-02-11", active=False, postal_code="60614"),
    who("225", "Gonzalez-Rivera", "Carmen", "1959-09-19", member="WXQ-774-210"),
    who("226", "Fitzgerald", "Eleanor", "1929-12-31", phone="2015550226"),
    who("227", "Abdullah", "Fatima", "1974-04-18", phone="2015550227"),
)


def fill_neighbours(url: str) -> None:
    """Make the small clinic, and these people in it."""
    fill_with(url, PEOPLE)


def fill_with(url: str, people: Iterable[Row]) -> None:
    """Make the small clinic with some people in it."""
    fill(url)
    store = Store.open(parse_address(url), FixedClock(NOW))
    store.write(accounts.system_who("boss"), "test.fill", partial(_add_all, people))
    store.close()


def _add_all(people: Iterable[Row], unit: Unit) -> None:
    for row in people:
        _add(unit, dict(row))
    unit.say("Filled.", final=True)


def _add(unit: Unit, row: Row) -> None:
    born, number = row.pop("born"), row.pop("mrn")
    phone, mother, maiden = (row.pop(name, None) for name in ("phone", "mother", "maiden"))
    home = {name: row.pop(name) for name in ("line", "city", "postal_code") if name in row}
    member, row_payer = row.pop("member", None), row.pop("payer", None)
    birth = date.fromisoformat(born) if born else None
    key = unit.insert(Patient, birth_date=birth, created_at=unit.now, **row)
    unit.insert(Identifier, patient_id=key, value=number)
    if phone:
        unit.insert(ContactPoint, patient_id=key, value=phone, digits=normal(phone))
    if mother:
        near = {"family": row["family"], "given": "Ruth", "role": "mother", "phone": mother}
        unit.insert(RelatedPerson, patient_id=key, digits="1" + mother, **near)
    if maiden:
        unit.insert(HumanName, patient_id=key, use="maiden", family=maiden)
    if home:
        unit.insert(Address, patient_id=key, **home)
    if member:
        payer = row_payer or "Harbor Mutual"
        unit.insert(Coverage, patient_id=key, payor=payer, subscriber_id=member)

"""The invented people of the demo: households, with names from many places.

Pure and seeded: the same seed, day and region give the same people in the same order, and fewer
people are the beginning of more. Telephone numbers lie in the 555-0100 to 0199 ranges, which are
kept free for invented numbers; there are about 35,000, after which numbers come again.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import accumulate
from random import Random

from pcoord.domain.disclosure import of_age_on
from pcoord.services.demo_names import Culture, Numbers, cultures, places, short_names
from pcoord.services.demo_stories import Stories as Stories
from pcoord.services.demo_stories import stories as stories
from pcoord.services.demo_stories import story_texts

ALL_SCOPES = "consent,clinical,appointments,billing,pick-up"
TWINS_EVERY, SAME_NAME_EVERY, DENIAL_EVERY = 40, 40, 60
KINDS = ("single", "couple", "family", "one parent", "three generations")
KIND_WEIGHTS = list(accumulate((34, 20, 28, 11, 7)))


@dataclass(frozen=True, slots=True)
class Phone:
    """A telephone number as it is written; `use` is mobile, home or work."""

    use: str
    number: str


@dataclass(frozen=True, slots=True)
class Address:
    """Where a household lives."""

    line: str
    city: str
    state: str
    postal_code: str
    country: str = "US"


@dataclass(frozen=True, slots=True)
class OtherName:
    """Another name of a person; `use` is maiden, old or nickname."""

    use: str
    family: str | None
    given: str | None


@dataclass(frozen=True, slots=True)
class Related:
    """Somebody around a person; `number` is set when they are one of the people themselves.

    `scopes` has what may be discussed, with commas; `denied` names the order that shuts them out.
    `since` is when an adult agreed to it.
    """

    family: str
    given: str
    role: str
    phone: str | None
    scopes: str
    denied: str | None = None
    number: int | None = None
    since: date | None = None


@dataclass(frozen=True, slots=True)
class Alert:
    """A word of warning on a person's card."""

    kind: str
    text: str


@dataclass(slots=True)
class Person:
    """One invented patient; `number` counts from 1, `household` groups those who live together."""

    number: int
    household: int
    family: str
    given: str
    sex: str
    birth_date: date
    language: str
    address: Address
    middle: str | None = None
    preferred: str | None = None
    interpreter: bool = False
    phones: list[Phone] = field(default_factory=list)
    email: str | None = None
    text_ok: bool = False
    other_names: list[OtherName] = field(default_factory=list)
    related: list[Related] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)
    note: str | None = None
    deceased_on: date | None = None
    restricted: bool = False

    def age(self, today: date) -> int:
        """Return the age in whole years on a day."""
        early = (today.month, today.day) < (self.birth_date.month, self.birth_date.day)
        return today.year - self.birth_date.year - early


def people(count: int, seed: int, today: date, region: str = "US") -> Iterator[Person]:
    """Return that many invented people, household by household, as of `today`."""
    maker = _Maker(seed, today, region)
    made = 0
    while made < count:
        for person in maker.household(made):
            if made == count:
                return
            made += 1
            yield person


class _Maker:
    """Makes households one after another from one stream of chance."""

    def __init__(self, seed: int, today: date, region: str) -> None:
        self.rng = Random(seed)
        self.today = today
        self.numbers = Numbers(self.rng, region)
        self.made = 0
        cities = places()["cities"]
        self.cities = cities
        self.city_weights = list(accumulate(city["weight"] for city in cities))

    def household(self, before: int) -> list[Person]:
        """Return the next household; its people are numbered after `before`."""
        self.made += 1
        known, shares = cultures()
        culture = self.rng.choices(known, cum_weights=shares)[0]
        house = _Household(self, culture, self.made, before)
        house.fill(self._kind())
        return house.people

    def _kind(self) -> str:
        if self.made % TWINS_EVERY == 5 or self.made % SAME_NAME_EVERY == 11:
            return "family"
        if self.made % DENIAL_EVERY == 20:
            return "one parent"
        return self.rng.choices(KINDS, cum_weights=KIND_WEIGHTS)[0]

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def address(self) -> Address:
        rng, known = self.rng, places()
        city = rng.choices(self.cities, cum_weights=self.city_weights)[0]
        line = f"{rng.randrange(1, 990)} {rng.choice(known['streets'])}"
        if rng.random() < 0.3:
            line += f" {rng.choice(known['units'])} {rng.randrange(1, 40)}"
        return Address(line, city["name"], city["state"], f"{city['postal']}{rng.randrange(10)}")

    def born(self, youngest: int, oldest: int) -> date:
        """Return a birth date of somebody of `youngest` to `oldest` years today."""
        first = int(oldest * 365.25)
        return self.today - timedelta(days=self.rng.randrange(int(youngest * 365.25), first + 1))


class _Household:
    """People under one roof while they are being made."""

    def __init__(self, maker: _Maker, culture: Culture, number: int, before: int) -> None:
        self.maker, self.rng, self.culture = maker, maker.rng, culture
        self.number, self.before = number, before
        self.people: list[Person] = []
        self.parents: list[Person] = []
        self.generation: dict[int, int] = {}
        self.address = maker.address()
        self.shared = Phone("home", maker.numbers.next()) if maker.chance(0.45) else None
        self.name = self._family_name()

    def fill(self, kind: str) -> None:
        """Make the people of a household of that kind, and what joins them."""
        maker = self.maker
        if kind in ("single", "couple"):
            head = self._adult(self._sex(), maker.born(19, 96 if kind == "single" else 88))
            self._former_name(head)
            others = [self._partner(head)] if kind == "couple" else []
            self._near(head, others)
        else:
            self._with_children(kind)
        for person in self.people:
            self._reach(person)
        self._relate()
        for person in self.people:
            self._rarities(person)

    def _with_children(self, kind: str) -> None:
        alone = kind == "one parent"
        sex = "female" if alone and self.maker.chance(0.8) else "male"
        head = self._adult(sex, self.maker.born(24, 54))
        other = None if alone else self._partner(head)
        self.parents = [head] if other is None else [head, other]
        self._children()
        if kind == "three generations":
            self._grandparent(head)

    # People

    def _family_name(self) -> str:
        name = self.culture.family.pick(self.rng)
        if self.maker.chance(self.culture.double):
            name += " " + self.culture.family.pick(self.rng)
        elif self.maker.chance(self.culture.hyphen) and "-" not in name:
            name += "-" + self.culture.family.pick(self.rng)
        return name

    def _sex(self) -> str:
        return "female" if self.maker.chance(0.54) else "male"

    def _person(self, family: str, given: str, sex: str, born: date) -> Person:
        number = self.before + len(self.people) + 1
        child = (self.maker.today - born).days < 18 * 365
        abroad = self.culture.language != "en" and self.maker.chance(0.2 if child else 0.5)
        language = self.culture.language if abroad else "en"
        made = Person(number, self.number, family, given, sex, born, language, self.address)
        made.interpreter = abroad and self.maker.chance(0.5)
        made.middle = self._middle(sex)
        short = short_names().get(given)
        if short and self.maker.chance(0.15):
            made.preferred = self.rng.choice(short)
        self.people.append(made)
        self.generation[number] = 1
        return made

    def _middle(self, sex: str) -> str | None:
        fixed = self.culture.middle[sex]
        if fixed:
            return str(self.rng.choice(fixed)) if self.maker.chance(0.7) else None
        if self.culture.language == "en" and self.maker.chance(0.45):
            name = self._given(sex)
            return name if self.maker.chance(0.5) else name[0]
        return None

    def _given(self, sex: str) -> str:
        return self.culture.given[sex].pick(self.rng)

    def _adult(self, sex: str, born: date) -> Person:
        family = self.culture.family_for(self.name, sex)
        return self._person(family, self._given(sex), sex, born)

    def _partner(self, head: Person) -> Person:
        """Make a partner: the name taken, joined by a hyphen, or kept."""
        opposite = "female" if head.sex == "male" else "male"
        sex = head.sex if self.maker.chance(0.04) else opposite
        days = self.rng.randrange(-2500, 2500)
        born = min(head.birth_date + timedelta(days=days), self.maker.today - timedelta(days=7000))
        own = self.culture.family_for(self.culture.family.pick(self.rng), sex)
        made = self._person(own, self._given(sex), sex, born)
        drawn = self.rng.random()
        if self.culture.patronymic or sex == "male" or drawn > 0.65:
            return made
        shared = self.culture.family_for(self.name, sex)
        joined = f"{own}-{shared}" if "-" not in own + shared else shared
        made.family = joined if drawn < 0.08 else shared
        if made.family != own:
            made.other_names.append(OtherName("maiden", own, made.given))
        return made

    def _former_name(self, person: Person) -> None:
        if person.sex == "female" and self.maker.chance(0.12):
            former = self.culture.family_for(self.culture.family.pick(self.rng), "female")
            person.other_names.append(OtherName("old", former, person.given))

    def _children(self) -> None:
        head = self.parents[0]
        youngest = max(parent.birth_date for parent in self.parents)
        span = min(22, max(1, (self.maker.today - youngest).days // 365 - 19))
        count = self.rng.choices((1, 2, 3, 4), cum_weights=(40, 80, 95, 100))[0]
        twins = self.number % TWINS_EVERY == 5
        same = self.number % SAME_NAME_EVERY == 11
        taken = {head.given}
        for nth in range(max(count, 2) if twins else count):
            born = self.maker.born(0, span)
            if twins and nth == 1:
                born = self.people[-1].birth_date
            sex = "male" if same and nth == 0 else self._sex()
            given = head.given if same and nth == 0 else self._fresh(sex, taken)
            taken.add(given)
            self.generation[self._child(given, sex, born).number] = 0

    def _fresh(self, sex: str, taken: set[str]) -> str:
        return next(
            (name for name in (self._given(sex) for _ in range(8)) if name not in taken), "Robin"
        )

    def _child(self, given: str, sex: str, born: date) -> Person:
        family = self.parents[0].given if self.culture.patronymic else self.name
        return self._person(self.culture.family_for(family, sex), given, sex, born)

    def _grandparent(self, head: Person) -> None:
        born = head.birth_date - timedelta(days=self.rng.randrange(7300, 12800))
        made = self._adult("female" if self.maker.chance(0.7) else "male", born)
        self.generation[made.number] = 2
        made.language = self.culture.language
        made.interpreter = made.language != "en" and self.maker.chance(0.8)

    # What joins and reaches them

    def _reach(self, person: Person) -> None:
        age = person.age(self.maker.today)
        if age >= 16 and self.maker.chance(0.7 if self.shared else 0.97):
            person.phones.append(Phone("mobile", self.maker.numbers.next()))
            person.text_ok = self.maker.chance(0.75)
        if self.shared:
            person.phones.append(self.shared)
        if age >= 16 and self.maker.chance(0.62 if age < 70 else 0.25):
            person.email = _email(person, self.rng)

    def _near(self, head: Person, others: list[Person]) -> None:
        """Give somebody without family in the clinic a daughter, son or friend at times."""
        if others or not self.maker.chance(0.35):
            return
        role = self.rng.choice(
            ("daughter", "son") if head.age(self.maker.today) > 55 else ("friend",)
        )
        given = self._given("male" if role == "son" else "female")
        scopes = self.rng.choice(("appointments", "clinical,appointments", "pick-up"))
        number = self.maker.numbers.next()
        head.related.append(
            Related(self.culture.family.pick(self.rng), given, role, number, scopes)
        )

    def _relate(self) -> None:
        """Note down who may speak for whom; a child without a number takes the parents'."""
        adults = [one for one in self.people if one.age(self.maker.today) >= 18]
        for person in self.people:
            minor = person.age(self.maker.today) < 18
            for other in adults:
                if other is not person and (minor or self.maker.chance(0.6)):
                    person.related.append(self._related(person, other, minor))
            if not person.phones and adults and adults[0].phones:
                person.phones.append(adults[0].phones[0])
        if self.number % DENIAL_EVERY == 20:
            self._deny()

    def _related(self, person: Person, other: Person, minor: bool) -> Related:
        above = self.generation[other.number] - self.generation[person.number]
        role = _role(above, other, self.generation[person.number] > 0)
        scopes = "appointments,pick-up" if minor else "appointments"
        if minor and role in ("mother", "father"):
            scopes = ALL_SCOPES
        elif not minor and self.maker.chance(0.4):
            scopes = "clinical,appointments,billing"
        phone = other.phones[0].number if other.phones else None
        since = None if minor else self._agreed(person)
        return Related(
            other.family, other.given, role, phone, scopes, number=other.number, since=since
        )

    def _agreed(self, person: Person) -> date | None:
        """Return when an adult agreed who may hear what; who came of age lately was not asked."""
        since = self.maker.today - timedelta(days=20 + person.number * 7 % 900)
        of_age = of_age_on(person.birth_date)
        return since if of_age is not None and since >= of_age else None

    def _deny(self) -> None:
        """Shut a parent who lives elsewhere out, by an order the clinic has seen."""
        sex = "male" if self.parents[0].sex == "female" else "female"
        family, given = self.culture.family.pick(self.rng), self._given(sex)
        role, number = "father" if sex == "male" else "mother", self.maker.numbers.next()
        order = f"Family court order {self.maker.today.year - 1}-{self.number:04d}, copy on file"
        for child in self.people[1:]:
            if child.age(self.maker.today) < 18:
                child.related.append(Related(family, given, role, number, "", order))

    def _rarities(self, person: Person) -> None:
        rng, drawn, file = self.rng, self.rng.random(), story_texts()
        if drawn < 0.05:
            person.alerts.append(Alert(**rng.choice(file["alerts"])))
        elif drawn < 0.12:
            person.note = rng.choice(file["notes"])
        elif drawn < 0.124:
            person.restricted = True
        elif drawn < 0.126:
            person.sex = rng.choice(("other", "unknown"))
        if person.age(self.maker.today) > 60 and self.maker.chance(0.012):
            person.deceased_on = self.maker.today - timedelta(days=rng.randrange(10, 1500))


ROLES = {
    2: ("grandmother", "grandfather"),
    1: ("mother", "father"),
    -1: ("daughter", "son"),
    -2: ("granddaughter", "grandson"),
}


def _role(older: int, other: Person, adults: bool) -> str:
    """Return what `other` is called who stands that many generations above."""
    if older == 0 and adults:
        return "spouse"
    return ROLES.get(older, ("sister", "brother"))[other.sex != "female"]


def _email(person: Person, rng: Random) -> str:
    plain = unicodedata.normalize("NFKD", f"{person.given}.{person.family}".replace("đ", "d"))
    kept = "".join(c for c in plain.casefold() if c.isascii() and (c.isalnum() or c == "."))
    return f"{kept}{person.number}@example.{rng.choice(('com', 'org', 'net'))}"

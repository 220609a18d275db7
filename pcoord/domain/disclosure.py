"""What may be said to whom and left where: the one place that decides it.

Whatever reaches out asks by `services.reaching`; calls and check-in ask here what a person may
hear. The
safe answer is always the smaller one: what nobody agreed to is not said.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

LEAVE = ("nothing", "name and number", "details")
"""What may be left at a phone or an address, the least first."""

SCOPES = {
    "consent": "consent to care",
    "clinical": "hear about care",
    "appointments": "hear appointment times",
    "billing": "hear about bills",
    "pick-up": "pick up papers or the patient",
}
"""What may be agreed with a related person, and how the desk says it."""

ROLES = (
    *("mother", "father", "parent", "stepparent", "guardian", "foster parent"),
    *("grandmother", "grandfather", "spouse", "partner", "daughter", "son"),
    *("sister", "brother", "granddaughter", "grandson", "aunt", "uncle", "relative"),
    *("agency", "case worker", "proxy", "power of attorney", "escort"),
    *("friend", "neighbor", "caregiver", "other"),
)
"""What somebody is to a patient (FHIR RelatedPerson.relationship, in desk words)."""

OF_CHILDHOOD = frozenset(
    {
        *("mother", "father", "parent", "stepparent", "guardian", "foster parent"),
        *("grandmother", "grandfather", "agency", "case worker"),
    }
)
"""Roles whose rights come from the patient's being a minor where no date says otherwise."""

MAJORITY_AGE = 18
MAJORITY_BETWEEN = (16, 21)

STOPPED_BY_DEATH = frozenset({"reminder", "recall", "survey", "statement"})
"""Kinds of work that reach out to a patient: a death stops them all at once."""


@dataclass(frozen=True)
class Grant:
    """What was agreed with a related person, since and until when; `denied` names an order."""

    role: str
    scopes: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    denied: str | None = None


def stands(since: date | None, until: date | None, day: date) -> bool:
    """Tell whether something that holds between two dates holds on a day; both days count."""
    return (since is None or since <= day) and (until is None or day <= until)


def of_age_on(born: date | None, age: int = MAJORITY_AGE) -> date | None:
    """Return the day on which somebody comes of age; for 29 February the day after the 28th."""
    if born is None:
        return None
    try:
        return born.replace(year=born.year + age)
    except ValueError:
        return date(born.year + age, 3, 1)


def is_minor(born: date | None, day: date, age: int = MAJORITY_AGE) -> bool:
    """Tell whether somebody is not of age on a day; of an unknown birth date nobody is minor."""
    of_age = of_age_on(born, age)
    return of_age is not None and day < of_age


def ended_by_age(grant: Grant, born: date | None, day: date, age: int = MAJORITY_AGE) -> bool:
    """Tell whether a grant ended because the patient came of age, and was not renewed since.

    A grant that began before that day came from being a minor; one without a beginning did when
    its role is one of childhood. An order against somebody never ends by age.
    """
    of_age = of_age_on(born, age)
    if of_age is None or day < of_age or not grant.scopes or grant.denied:
        return False
    if grant.since is None:
        return grant.role.casefold() in OF_CHILDHOOD and stands(None, grant.until, of_age)
    return grant.since < of_age and stands(grant.since, grant.until, of_age)


def begun_at(grant: Grant, born: date | None) -> int | None:
    """Return at what age of the patient, in years, a grant began that coming of age may end.

    None for what never ends by age; 0 for a role of childhood without a date.
    """
    if born is None or not grant.scopes or grant.denied:
        return None
    if grant.since is None:
        return 0 if grant.role.casefold() in OF_CHILDHOOD else None
    years = max(0, grant.since.year - born.year)
    birthday = of_age_on(born, years)
    return years - 1 if years and birthday and grant.since < birthday else years


def scopes_now(
    grant: Grant, born: date | None, day: date, age: int = MAJORITY_AGE
) -> tuple[str, ...]:
    """Return what may be discussed with somebody on a day: nothing when an order denies it."""
    if grant.denied or not stands(grant.since, grant.until, day):
        return ()
    return () if ended_by_age(grant, born, day, age) else grant.scopes


def say_scopes(scopes: Iterable[str]) -> str:
    """Return what somebody may hear or do: "may consent, hear about care"; the least as such."""
    held = set(scopes)
    if not held:
        return "nothing agreed"
    if held == {"appointments"}:
        return "may only hear appointment times"
    if held == set(SCOPES):
        return "may hear and do everything"
    heard = [word for scope, word in _HEARD.items() if scope in held]
    done = [
        "consent" if "consent" in held else "",
        f"hear about {_and(heard)}" if heard else "",
        "pick up" if "pick-up" in held else "",
    ]
    return f"may {', '.join(filter(None, done))}"


_HEARD = {"clinical": "care", "appointments": "times", "billing": "bills"}


def _and(words: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


# Where something may be left


@dataclass(frozen=True)
class Point:
    """A phone or an address; `safe` is the only one to use, `never` one never to use."""

    value: str
    use: str = "home"
    may_leave: str = "name and number"
    safe: bool = False
    never: bool = False


@dataclass(frozen=True)
class Verdict:
    """Whether and where somebody may be reached, what may be left there, and why (in words)."""

    allowed: bool
    where: str = ""
    leave: str = "nothing"
    says: str = ""


_PHONE_WORDS = {
    "nothing": "leave nothing at this number",
    "name and number": "leave only a name and a number",
    "details": "details may be left",
}


def at_phone(point: Point) -> Verdict:
    """Return what a call to a number may leave there."""
    if point.never:
        return Verdict(False, point.value, "nothing", "NEVER call this number")
    return Verdict(True, point.value, point.may_leave, _PHONE_WORDS[point.may_leave])


def letter_to(points: Iterable[Point], *, deceased: bool = False) -> Verdict:
    """Return the address a letter goes to: the safe one alone when there is one, else home."""
    if deceased:
        return Verdict(False, says="is recorded as deceased: nothing is sent any more")
    known = list(points)
    safe = [one for one in known if one.safe and not one.never]
    able = safe or [one for one in known if not one.never and not any(p.safe for p in known)]
    able = [one for one in able if one.may_leave != "nothing"]
    chosen = min(able, key=lambda one: one.use != "home", default=None)
    if chosen is not None:
        return Verdict(True, chosen.value, chosen.may_leave)
    why = "no address may be written to" if known else "there is no address on file"
    return Verdict(False, says=why)


NEUTRAL_LETTERS = frozenset({"unreached"})
"""Letters that say no more than who writes and where to call."""


def letter_fits(code: str, leave: str) -> bool:
    """Tell whether a letter may go where so much may be left."""
    return leave == "details" or (leave == "name and number" and code in NEUTRAL_LETTERS)


def text_to(points: Iterable[Point], *, agreed: bool, deceased: bool = False) -> Verdict:
    """Return the mobile number a text may go to, which the patient must have agreed to."""
    if deceased:
        return Verdict(False, says="is recorded as deceased: nothing is sent any more")
    if not agreed:
        return Verdict(False, says="did not agree to texts")
    able = (p for p in points if p.use == "mobile" and not p.never and p.may_leave != "nothing")
    chosen = next(able, None)
    if chosen is None:
        return Verdict(False, says="there is no mobile number that may be written to")
    return Verdict(True, chosen.value, chosen.may_leave)


def mail_to(email: str | None, *, agreed: bool, deceased: bool = False) -> Verdict:
    """Return the e-mail address that may be written to, which the patient must have agreed to."""
    if deceased:
        return Verdict(False, says="is recorded as deceased: nothing is sent any more")
    if not agreed:
        return Verdict(False, says="did not agree to e-mail")
    if not email:
        return Verdict(False, says="there is no e-mail address on file")
    return Verdict(True, email, "name and number")

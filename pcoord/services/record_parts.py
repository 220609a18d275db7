"""The parts of a record that come in lists: phones, addresses, names, coverages, alerts ..."""

from datetime import date
from typing import Any

from pcoord.domain import alerts
from pcoord.domain.clinic import Clinic
from pcoord.domain.disclosure import LEAVE, ROLES, SCOPES, say_scopes
from pcoord.domain.errors import Refused
from pcoord.domain.phones import say as say_phone
from pcoord.services import typed as read
from pcoord.services.part_documents import DOCUMENT
from pcoord.services.parts import SINCE, UNTIL, Part, PartField, Values, in_order, listed, plain
from pcoord.services.patient_fields import FieldErrors, as_written
from pcoord.services.typed import Typed
from pcoord.store.tables import Address, ContactPoint, Coverage, Flag, HumanName, RelatedPerson

# Where the patient is reached

PHONE_USES = ("mobile", "home", "work", "temp", "old")
ADDRESS_USES = ("home", "work", "temp", "billing", "old")
NAME_USES = ("official", "usual", "nickname", "maiden", "old", "temp", "anonymous")
"""FHIR's uses of a phone, an address and a name, in the order in which they are offered."""

_LEAVE_HINT = f"{LEAVE[0]}; {LEAVE[1]}; {LEAVE[2]}"
_LEAVE = read.one_of(LEAVE, {"name": LEAVE[1], "number": LEAVE[1], "no": LEAVE[0]})


def _number(typed: Typed) -> Values:
    if not typed.text:
        raise Refused("Type the whole number, such as 201-555-0142.")
    phone = read.read_phone(typed.text, typed.clinic.region)
    return {"value": phone.value, "digits": phone.digits}


def _order(typed: Typed) -> int | None:
    if typed.text and not (typed.text.isdecimal() and 1 <= int(typed.text) <= 99):
        raise Refused("Type 1 for the one that comes first, 2 for the next ...")
    return int(typed.text) - 1 if typed.text else None


def _position(typed: Typed) -> Values:
    order = _order(typed)
    return {} if order is None else {"position": order}


def _say_phone(row: Any, clinic: Clinic, today: date) -> str:
    told = "NEVER CALL" if row.never else f"leave {row.may_leave}"
    return f"{row.use}  {say_phone(row.value, clinic.region)}  {told}"


PHONE = Part(
    "phone",
    "Phones",
    "phone",
    ContactPoint,
    (
        PartField("value", "number", "201-555-0142", _number, lambda row, clinic: row.value),
        plain("use", "use", ", ".join(PHONE_USES), read.one_of(PHONE_USES), empty="mobile"),
        plain("may_leave", "may be left", _LEAVE_HINT, _LEAVE, empty=LEAVE[1]),
        plain("never", "never call", "y: this number is never called", read.yes_no),
        PartField(
            "position",
            "order",
            "1: the first to try",
            _position,
            lambda row, c: str(row.position + 1),
        ),
    ),
    _say_phone,
    owns=True,
    unique="digits",
)


def _settle_address(values: Values) -> Values:
    if not (values.get("line") or values.get("city")):
        raise FieldErrors({"line": "Type a street, a post box or at least a town."})
    return values


def _say_address(row: Any, clinic: Clinic, today: date) -> str:
    town = " ".join(filter(None, (row.state, row.postal_code)))
    place = ", ".join(filter(None, (row.line, row.city, town, row.country)))
    marks = ["SAFE: letters only here"] if row.safe else []
    marks += ["NEVER WRITE"] if row.never else [f"leave {row.may_leave}"]
    return "  ".join((row.use, place, *marks))


ADDRESS = Part(
    "address",
    "Addresses",
    "address",
    Address,
    (
        plain("line", "street"),
        plain("city", "city"),
        plain("state", "state"),
        plain("postal_code", "postal code"),
        plain("country", "country"),
        plain("use", "use", ", ".join(ADDRESS_USES), read.one_of(ADDRESS_USES), empty="home"),
        plain("may_leave", "may be sent", _LEAVE_HINT, _LEAVE, empty=LEAVE[1]),
        plain("safe", "safe address", "y: letters go here and nowhere else", read.yes_no),
        plain("never", "never write", "y: nothing is sent here", read.yes_no),
    ),
    _say_address,
    settle=_settle_address,
    owns=True,
)


def _named(reader: read.Reader) -> read.Reader:
    def to_name(typed: Typed) -> str | None:
        value = reader(typed)
        return as_written(value) if value else None

    return to_name


def _settle_name(values: Values) -> Values:
    if not (values.get("family") or values.get("given")):
        raise FieldErrors({"family": "Type a family name or a given name."})
    return values


def _say_name(row: Any, clinic: Clinic, today: date) -> str:
    return f"{row.use}  {', '.join(filter(None, (row.family, row.given)))}"


NAME = Part(
    "name",
    "Other names",
    "name",
    HumanName,
    (
        plain(
            "use",
            "use",
            ", ".join(NAME_USES),
            read.needed(
                read.one_of(NAME_USES, {"legal": "official", "former": "old", "birth": "maiden"}),
                f"Choose what it is: {', '.join(NAME_USES)}.",
            ),
        ),
        plain("family", "family name", reader=_named(read.name)),
        plain("given", "given names", reader=_named(read.name)),
    ),
    _say_name,
    settle=_settle_name,
)


# Related persons

_ALIASES = {"mom": "mother", "mum": "mother", "dad": "father", "wife": "spouse"}
_ALIASES |= {"husband": "spouse", "poa": "power of attorney", "child": "other"}


def _related_phone(typed: Typed) -> Values:
    phone = read.phone(typed)
    return {"phone": phone.value if phone else None, "digits": phone.digits if phone else None}


def _court_order(typed: Typed) -> str | None:
    if typed.text.casefold() in ("y", "yes", "n", "no"):
        raise Refused("Name the order: court, number, date; or leave this empty.")
    return read.text(typed)


def related_name(row: Any) -> str:
    """Return a related person's name as it is spoken."""
    return f"{row.given} {row.family}".strip()


def _say_related(row: Any, clinic: Clinic, today: date) -> str:
    scopes = tuple(filter(None, row.scopes.split(",")))
    said = f"DENIED ({row.denied})" if row.denied else say_scopes(scopes)
    marks = [word for word in ("emergency", "guarantor") if getattr(row, word)]
    until = f"until {read.say_day(row.until_date, clinic)}" if row.until_date else ""
    phone = say_phone(row.phone, clinic.region) if row.phone else ""
    return "  ".join(filter(None, (row.role, related_name(row), said, *marks, until, phone)))


CONTACT = Part(
    "contact",
    "Related persons",
    "related person",
    RelatedPerson,
    (
        plain(
            "family",
            "family name",
            reader=_named(read.needed(read.name, "Type the family name, or the agency's name.")),
        ),
        plain("given", "given name", reader=_named(read.name), empty=""),
        plain(
            "role",
            "is the",
            "mother, guardian, son, agency, proxy, power of attorney, escort ...",
            read.needed(
                read.one_of(ROLES, _ALIASES), "Say what they are to the patient: mother, son ..."
            ),
        ),
        PartField(
            "phone", "phone", "201-555-0142", _related_phone, lambda row, clinic: row.phone or ""
        ),
        listed("scopes", "may", f"{', '.join(SCOPES)}, or all", SCOPES),
        SINCE,
        UNTIL,
        plain("proof_seen", "proof seen", "court paper of 3/4/2026, patient said so ..."),
        plain("emergency", "emergency", "y: called in an emergency", read.yes_no),
        plain("guarantor", "guarantor", "y: answers for the bills", read.yes_no),
        plain(
            "denied",
            "shut out by",
            "an order's reference; it wins over all above",
            _court_order,
        ),
    ),
    _say_related,
    lambda clinic, today: {"from_date": read.say_day(today, clinic)},
    in_order,
)


# Coverages

RELATIONSHIPS = ("self", "spouse", "child", "parent", "other")
"""What the patient is to the holder of a policy, in FHIR's words."""

_HOLDERS = {"own": "self", "patient": "self", "wife": "spouse", "husband": "spouse"}
_HOLDERS |= {"partner": "spouse", "son": "child", "daughter": "child", "dependent": "child"}
_HOLDERS |= {"mother": "parent", "father": "parent"}


def _member_number(typed: Typed) -> str | None:
    value = read.text(typed)
    if value and not any(character.isalnum() for character in value):
        raise Refused("Type the number as it stands on the card, or leave this empty.")
    return value


def _settle_coverage(values: Values) -> Values:
    if values.get("relationship", "self") == "self" and values.get("subscriber"):
        what = "Say what the patient is to the holder (spouse, child ...), or leave the name empty."
        raise FieldErrors({"relationship": what})
    return in_order(values)


def say_coverage(row: Any) -> str:
    """Return a coverage in a few words: payer, member number, and whose policy it is."""
    holder = (
        ""
        if row.relationship == "self"
        else f"{row.relationship} of {row.subscriber or 'the holder'}"
    )
    number = f"member {row.subscriber_id}" if row.subscriber_id else "no member number yet"
    group = f"group {row.group_number}" if row.group_number else ""
    return "  ".join(filter(None, (row.payor, number, group, holder)))


def _say_coverage(row: Any, clinic: Clinic, today: date) -> str:
    since = f"from {read.say_day(row.from_date, clinic)}" if row.from_date else ""
    until = f"until {read.say_day(row.until_date, clinic)}" if row.until_date else ""
    return "  ".join(filter(None, (str(row.position + 1), say_coverage(row), since, until)))


COVERAGE = Part(
    "coverage",
    "Coverages",
    "coverage",
    Coverage,
    (
        plain("payor", "payer", reader=read.needed(read.text, "Type who pays, as on the card.")),
        plain("subscriber_id", "member number", "as on the card", _member_number),
        plain("group_number", "group", "as on the card"),
        plain(
            "relationship",
            "patient is",
            f"{', '.join(RELATIONSHIPS)} of the policy's holder",
            read.one_of(RELATIONSHIPS, _HOLDERS),
            empty="self",
        ),
        plain("subscriber", "holder", "whose policy it is, where it is another", _named(read.text)),
        PartField(
            "position",
            "order",
            "1: billed first",
            _position,
            lambda row, c: str(row.position + 1),
        ),
        SINCE,
        UNTIL,
    ),
    _say_coverage,
    settle=_settle_coverage,
)


# Alerts


def _settle_alert(values: Values) -> Values:
    if "places" in values and "kind" in values:
        values["places"] = values["places"] or alerts.KINDS[values["kind"]]
    return in_order(values)


def _say_alert(row: Any, clinic: Clinic, today: date) -> str:
    for_whom = f"for {row.audience}" if row.audience != "everybody" else ""
    until = f"until {read.say_day(row.until_date, clinic)}" if row.until_date else ""
    since = f"from {read.say_day(row.from_date, clinic)}" if row.from_date else ""
    if row.from_date and row.from_date <= today:
        since = ""
    return "  ".join(filter(None, (row.kind, row.text, since, until, for_whom)))


ALERT = Part(
    "alert",
    "Alerts",
    "alert",
    Flag,
    (
        plain(
            "kind",
            "kind",
            "safety, infection, fall, latex, custody, scheduling ...",
            read.needed(read.one_of(alerts.KINDS), f"Choose a kind: {', '.join(alerts.KINDS)}."),
        ),
        plain("text", "text", reader=read.needed(read.text, "Write what to mind, in a few words.")),
        SINCE,
        UNTIL,
        plain(
            "audience",
            "seen by",
            f"{', '.join(alerts.AUDIENCES)}; empty: everybody",
            read.one_of(alerts.AUDIENCES),
            empty="everybody",
        ),
        listed(
            "places",
            "appears on",
            f"{', '.join(alerts.PLACES)}; empty: by kind",
            alerts.PLACES,
        ),
    ),
    _say_alert,
    settle=_settle_alert,
)

_ALL = (ALERT, CONTACT, PHONE, ADDRESS, COVERAGE, DOCUMENT, NAME)
PARTS = {part.kind: part for part in _ALL}
"""The parts by their kind."""

"""A patient's fields as people type them: read and checked one by one, and said again."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from pcoord.domain.clinic import Clinic
from pcoord.domain.dates import parse_birth_date, say_birth
from pcoord.domain.errors import BadUsage, Refused
from pcoord.domain.lookup_text import without_title
from pcoord.domain.lookup_words import parse_lookup
from pcoord.domain.names import tidy_name
from pcoord.domain.text import scrub
from pcoord.exchange import csv_words
from pcoord.services import typed as fields
from pcoord.services.typed import PHONE_USES, Phone, Typed

LEAST = ("family", "given", "birth_date", "sex", "phone")
"""What is asked of everybody; the rest may come later."""

WORDS = {
    "family": "family name",
    "given": "given name",
    "birth_date": "birth date",
    "sex": "sex",
    "phone": "phone",
    "email": "e-mail",
    "language": "language",
    "line": "street",
    "city": "city",
    "state": "state",
    "postal_code": "postal code",
    "middle": "middle name",
    "preferred": "called",
    "practitioner": "usual practitioner",
    "birth_sex": "sex at birth",
    "gender_identity": "gender identity",
    "pronouns": "pronouns",
    "contact_by": "reached best by",
    "text_ok": "texts",
    "email_ok": "e-mails",
    "pharmacy": "pharmacy",
    "note": "note",
    "deceased_on": "date of death",
    "active": "active",
    "restricted": "restricted",
    "test": "test record",
}
BIRTH_SEXES = ("female", "male", "other", "unknown")
GENDERS = (
    *("female", "male", "transgender female", "transgender male", "non-binary"),
    *("other", "asked, not told", "unknown"),
)
CONTACT_BY = ("phone", "text", "e-mail", "letter", "nobody")
MARKS = ("restricted", "test")
"""What a supervisor alone says of a record."""

CONSENTS = ("text_ok", "email_ok")
BY_SELF = "patient"
ADDRESS = ("line", "city", "state", "postal_code")
UNKNOWN = frozenset({"?", "unknown", "u"})


class FieldErrors(Refused):
    """Some fields cannot be stored as typed; `fields` has a sentence for each."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(" ".join(fields.values()))
        self.fields = dict(fields)


@dataclass
class Fields:
    """What was typed, as values: columns of the patient, phones and address (None: not typed)."""

    values: dict[str, Any] = field(default_factory=dict)
    phones: list[Phone] | None = None
    address: dict[str, str | None] | None = None


def read(clinic: Clinic, today: date, typed: Mapping[str, str | None]) -> Fields:
    """Return the typed fields as values; raise FieldErrors with a sentence for each bad one."""
    found, wrong = Fields(), {}
    for name, text in typed.items():
        if name not in WORDS:
            raise BadUsage(f"A patient has no field {name!r}.")
        try:
            one = Typed(clinic, today, name, WORDS[name], scrub(text or ""))
            _READERS.get(name, _text)(one, found)
        except (Refused, BadUsage) as refusal:
            wrong[name] = refusal.sentence
    if wrong:
        raise FieldErrors(wrong)
    return found


def wrong_with(clinic: Clinic, today: date, key: str, text: str) -> str:
    """Return what is wrong with one field as typed, "" when nothing is."""
    try:
        read(clinic, today, {key: text})
    except FieldErrors as refusal:
        return refusal.fields[key]
    return ""


def say(clinic: Clinic, row: Any, phones: list[Phone], home: Any) -> dict[str, str]:
    """Return a stored patient's fields as somebody would type them."""
    born = say_birth(row.birth_date, clinic.date_order) if row.birth_date else "?"
    died = say_birth(row.deceased_on, clinic.date_order) if row.deceased_on else ""
    spoken = ", ".join(filter(None, (row.language, "interpreter" if row.interpreter else "")))
    usual = clinic.practitioner(row.practitioner_id).code if row.practitioner_id else ""
    plain = {name: getattr(row, name) or "" for name in _PLAIN}
    where = {name: getattr(home, name, None) or "" for name in ADDRESS}
    return {
        **plain,
        **where,
        "birth_date": born,
        "sex": row.sex,
        "phone": ", ".join(_say_phone(phone) for phone in phones),
        "email": row.email or "",
        "language": spoken,
        "practitioner": usual,
        "text_ok": _say_consent(row.text_ok, row.text_ok_by),
        "email_ok": _say_consent(row.email_ok, row.email_ok_by),
        "note": " ".join((row.note or "").split()),
        "deceased_on": died,
        **{name: "yes" if getattr(row, name) else "no" for name in ("active", *MARKS)},
    }


_PLAIN = (
    *("family", "given", "middle", "preferred"),
    *("birth_sex", "gender_identity", "pronouns", "contact_by", "pharmacy"),
)


def _say_consent(agreed: bool, by: str | None) -> str:
    return f"{'yes' if agreed else 'no'}{f', {by}' if by else ''}"


def guess(clinic: Clinic, today: date, text: str) -> dict[str, str]:
    """Return the fields that a lookup's text already says: names, birth date, phone, e-mail.

    The family's name stands first, as in every typed line of the desk, unless a comma parts them.
    """
    text = without_title(text)
    clues = parse_lookup(text, today, clinic.date_order)
    names = [word for word, taken in clues.words if "name" in taken]
    first = 1
    if "," in text:
        before = parse_lookup(text.partition(",")[0], today, clinic.date_order)
        first = max(1, sum("name" in taken for _, taken in before.words))
    found = {"family": " ".join(names[:first]), "given": " ".join(names[first:])}
    if clues.birth_date:
        found["birth_date"] = say_birth(clues.birth_date, clinic.date_order)
    phones = [w for w, taken in clues.words if "phone" in taken and sum(map(str.isdigit, w)) >= 7]
    found |= {"phone": ", ".join(phones), "email": clues.email or ""}
    return {key: as_written(value) if key in NAMES else value for key, value in found.items()}


NAMES = frozenset({"family", "given", "middle", "preferred"})


def as_written(name: str) -> str:
    """Return a name typed in small letters, or shouted, with ordinary capitals."""
    loud = name.upper()
    if name == name.lower() and loud.lower() == name:
        return tidy_name(loud)
    return tidy_name(name)


def _text(typed: Typed, found: Fields) -> None:
    found.values[typed.name] = fields.text(typed)


def _note(typed: Typed, found: Fields) -> None:
    found.values[typed.name] = fields.note(typed)


def _name(typed: Typed, found: Fields) -> None:
    found.values[typed.name] = fields.name(typed)
    if typed.name == "given":
        found.values["given"] = typed.text


def _family(typed: Typed, found: Fields) -> None:
    if not typed.text:
        raise Refused("Type the family name; for somebody with one name only, type it here.")
    _name(typed, found)


def _birth_date(typed: Typed, found: Fields) -> None:
    if not typed.text:
        raise Refused("Type the birth date, or ? when nobody knows it.")
    unknown = typed.text.casefold() in UNKNOWN
    found.values["birth_date"] = None if unknown else _date(typed)


def _deceased_on(typed: Typed, found: Fields) -> None:
    found.values["deceased_on"] = fields.past_day(typed)


def _date(typed: Typed) -> date:
    return parse_birth_date(typed.text, today=typed.today, order=typed.clinic.date_order)


def _sex(typed: Typed, found: Fields) -> None:
    known = csv_words.sex(typed.text) if typed.text else "unknown"
    if known is None and typed.text != "?":
        raise Refused("Type f, m, o (other) or u (unknown).")
    found.values["sex"] = known or "unknown"


def _phones(typed: Typed, found: Fields) -> None:
    each = [part.strip() for part in re.split(r"[,;]", typed.text) if part.strip()]
    phones = [fields.read_phone(part, typed.clinic.region) for part in each]
    found.phones = list({phone.digits: phone for phone in reversed(phones)}.values())[::-1]


def _say_phone(phone: Phone) -> str:
    letter = {use: letter for letter, use in PHONE_USES.items()}.get(phone.use, "m")
    return phone.value if letter == "m" else f"{phone.value} {letter}"


def _email(typed: Typed, found: Fields) -> None:
    if typed.text and not re.fullmatch(r"[^\s@,;<>]+@[^\s@,;<>]+\.[^\s@,;<>.]+", typed.text):
        raise Refused(f"“{typed.text}” is not an e-mail address, such as ana@example.org.")
    _text(typed, found)


def _language(typed: Typed, found: Fields) -> None:
    words = re.split(r"[\s,]+", typed.text.casefold())
    needed = [word for word in words if word and "interpreter".startswith(word) and len(word) > 3]
    spoken = " ".join(word for word in words if word not in needed)
    code = csv_words.language(spoken) if spoken else None
    if spoken and code is None:
        raise Refused(f"“{spoken}” is no language known here; type its name or code (es).")
    found.values |= {"language": code, "interpreter": bool(needed)}


def _yes_no(typed: Typed, found: Fields) -> None:
    found.values[typed.name] = fields.yes_no(typed)


def _consent(typed: Typed, found: Fields) -> None:
    """Yes or no, and behind a comma who said so: "yes, mother"."""
    said, _, by = typed.text.partition(",")
    agreed = fields.yes_no(replace(typed, text=said.strip()))
    found.values |= {typed.name: agreed, f"{typed.name}_by": by.strip() or None}


def _choice(*choices: str) -> "Callable[[Typed, Fields], None]":
    reader = fields.one_of(choices)

    def read_choice(typed: Typed, found: Fields) -> None:
        found.values[typed.name] = reader(typed)

    return read_choice


def _practitioner(typed: Typed, found: Fields) -> None:
    found.values["practitioner_id"] = None
    if typed.text:
        found.values["practitioner_id"] = _named(typed.clinic, typed.text)


def _named(clinic: Clinic, text: str) -> str:
    try:
        return clinic.practitioner(text).id
    except KeyError:
        codes = ", ".join(p.code for p in clinic.practitioners if p.active)
        raise Refused(f"Nobody here is called {text}; type one of {codes}.") from None


def _address(typed: Typed, found: Fields) -> None:
    found.address = (found.address or {}) | {typed.name: typed.text or None}


_READERS: dict[str, Callable[[Typed, Fields], None]] = {
    "family": _family,
    "given": _name,
    "middle": _name,
    "preferred": _name,
    "birth_date": _birth_date,
    "deceased_on": _deceased_on,
    "sex": _sex,
    "phone": _phones,
    "email": _email,
    "language": _language,
    "note": _note,
    "text_ok": _consent,
    "email_ok": _consent,
    "birth_sex": _choice(*BIRTH_SEXES),
    "gender_identity": _choice(*GENDERS),
    "contact_by": _choice(*CONTACT_BY),
    "active": _yes_no,
    "restricted": _yes_no,
    "test": _yes_no,
    "practitioner": _practitioner,
    **dict.fromkeys(ADDRESS, _address),
}

"""Patients and those around them."""

from datetime import date, datetime

from sqlalchemy import Index, PrimaryKeyConstraint, text
from sqlmodel import Field, SQLModel

from pcoord.store.tables.base import BYTES, Record, link


class Patient(Record, table=True):
    """A person the clinic looks after, under the name the desk calls out.

    `sex` is FHIR's administrative gender; birth sex and gender identity are further statements.
    `test` is FHIR's security label HTEST (`meta.security`): a record for trying things out.
    `text_ok` and `email_ok` are consents: `_by` is who gave or took it, `_at` when.
    """

    family: str
    given: str = ""
    middle: str | None = None
    preferred: str | None = None
    birth_date: date | None = Field(default=None, index=True)
    sex: str = "unknown"
    language: str | None = None
    interpreter: bool = False
    email: str | None = None
    deceased_on: date | None = None
    active: bool = True
    restricted: bool = False
    test: bool = False
    birth_sex: str | None = None
    gender_identity: str | None = None
    pronouns: str | None = None
    contact_by: str | None = None
    text_ok: bool = False
    text_ok_by: str | None = None
    text_ok_at: datetime | None = None
    email_ok: bool = False
    email_ok_by: str | None = None
    email_ok_at: datetime | None = None
    pharmacy: str | None = None
    practitioner_id: str | None = link("practitioner.id", default=None)
    note: str | None = None
    created_at: datetime
    # The record this one was merged into (FHIR Patient.link, replaced-by); it leads there.
    replaced_by_id: str | None = link("patient.id", default=None, index=True)


class NotSamePerson(Record, table=True):
    """Two records that somebody looked at and found to be two people; `patient_id` is the lesser.

    It keeps them out of the work list of duplicates.
    """

    __tablename__ = "not_same_person"

    patient_id: str = link("patient.id", index=True)
    other_id: str = link("patient.id", index=True)
    decided_at: datetime
    decided_by: str | None = link("staff_user.id", default=None)


class HumanName(Record, table=True):
    """Another name of a patient: FHIR use (usual, official, nickname, maiden, old)."""

    __tablename__ = "human_name"

    patient_id: str = link("patient.id", index=True)
    use: str
    family: str | None = None
    given: str | None = None


class ContactPoint(Record, table=True):
    """A phone: as it was given, its digits for lookup, and what may be left there."""

    __tablename__ = "contact_point"

    patient_id: str = link("patient.id", index=True)
    system: str = "phone"
    use: str = "mobile"
    value: str
    digits: str = Field(index=True)
    position: int = 0
    may_leave: str = "name and number"
    never: bool = False


class Address(Record, table=True):
    """A postal address of a patient; a `safe` one is the only one letters go to."""

    patient_id: str = link("patient.id", index=True)
    use: str = "home"
    line: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: str | None = None
    may_leave: str = "details"
    safe: bool = False
    never: bool = False


class Identifier(Record, table=True):
    """A number of a patient in some system: the clinic's own is `mrn`."""

    patient_id: str = link("patient.id", index=True)
    system: str = "mrn"
    value: str = Field(index=True)
    use: str = "usual"

    __table_args__ = (
        Index(
            "uq_identifier_system_value",
            "system",
            "value",
            unique=True,
            sqlite_where=text("NOT entered_in_error"),
            postgresql_where=text("NOT entered_in_error"),
        ),
    )


class RelatedPerson(Record, table=True):
    """Somebody who acts for or comes with a patient, and what the clinic may discuss with them.

    `scopes` lists consent, clinical, appointments, billing, pick-up, with commas. `denied` names
    the order (its reference) that shuts the person out; it wins over every grant.
    """

    __tablename__ = "related_person"

    patient_id: str = link("patient.id", index=True)
    family: str
    given: str = ""
    role: str
    phone: str | None = None
    digits: str | None = Field(default=None, index=True)
    scopes: str = ""
    proof_seen: str | None = None
    from_date: date | None = None
    until_date: date | None = None
    denied: str | None = None
    emergency: bool = False
    guarantor: bool = False


class Coverage(Record, table=True):
    """Who pays for a patient's care (FHIR Coverage): the first `position` is billed first.

    `subscriber_id` is the member number on the card. `relationship` says what the patient is to the
    holder of the policy (self, spouse, child ...), whom `subscriber` names where it is another.
    """

    patient_id: str = link("patient.id", index=True)
    payor: str
    subscriber_id: str | None = None
    group_number: str | None = None
    relationship: str = "self"
    subscriber: str | None = None
    position: int = 0
    from_date: date | None = None
    until_date: date | None = None


class Document(Record, table=True):
    """A paper or file about a patient (FHIR DocumentReference): what it is, and where it lies.

    `dated` is the day it bears, `author` whose it is, `kept_at` the binder, drawer or file. What
    the clinic gave away has `sent_on` and `sent_to`; a letter names the visit that it speaks of.
    """

    patient_id: str = link("patient.id", index=True)
    kind: str
    title: str
    dated: date | None = None
    author: str | None = None
    kept_at: str | None = None
    sent_on: date | None = None
    sent_to: str | None = None
    appointment_id: str | None = link("appointment.id", default=None, index=True)
    created_at: datetime


class ChildhoodGrant(SQLModel, table=True):
    """Derived: grants that end when the patient comes of age, by the age at which they began.

    Whose consents are to be asked anew is found here by a seek, however many patients there are.
    """

    __tablename__ = "childhood_grant"
    __table_args__ = (Index("ix_childhood_grant_years_born", "years", "born"),)

    related_id: str = link("related_person.id", primary_key=True)
    patient_id: str = link("patient.id", index=True)
    years: int
    born: date


class Flag(Record, table=True):
    """An alert on a patient (FHIR Flag): who sees it, and the places where it appears (commas)."""

    patient_id: str = link("patient.id", index=True)
    kind: str
    text: str
    from_date: date | None = None
    until_date: date | None = None
    audience: str = "everybody"
    places: str = "card,board"


class LookupPerson(SQLModel, table=True):
    """Derived: everything one patient can be found by, as one line of clues (`domain.clues`).

    `no` is a short number of the patient's own for the lookup tree, given out once; `line` is what
    a list says of the patient (`domain.list_line`).
    """

    __tablename__ = "lookup_person"

    no: int | None = Field(default=None, primary_key=True)
    patient_id: str = link("patient.id", unique=True)
    clues: str
    line: str | None = None


class LookupToken(SQLModel, table=True):
    """Derived: the tree of what patients can be found by; `born` is YYYYMMDD, 0 when unknown.

    Kinds: n a name word, b a name word and another one, p a phone's digits, d a birth date, i a
    number, e an e-mail, a a word of an address and a family name. Covering: a lookup by prefix
    never leaves this b-tree. `no` is that of `lookup_person`, from which all rows follow.
    """

    __tablename__ = "lookup_token"
    __table_args__ = (
        PrimaryKeyConstraint("kind", "token", "other", "born", "no"),
        {"sqlite_with_rowid": False},
    )

    kind: str = Field(sa_type=BYTES)
    token: str = Field(sa_type=BYTES)
    other: str = Field(default="", sa_type=BYTES)
    born: int = 0
    no: int


class LookupSound(SQLModel, table=True):
    """Derived: the distinct name words (key `w`) and those that sound or are spelt alike.

    Keys: m and a metaphone code, d and the word or the word with one letter left out.
    """

    __tablename__ = "lookup_sound"
    __table_args__ = (PrimaryKeyConstraint("key", "name"), {"sqlite_with_rowid": False})

    key: str = Field(sa_type=BYTES)
    name: str = Field(sa_type=BYTES)


class DuplicatePair(SQLModel, table=True):
    """Derived: two records that may be one person; `patient_id` is the lesser key of the two."""

    __tablename__ = "duplicate_pair"

    patient_id: str = link("patient.id", primary_key=True)
    other_id: str = link("patient.id", primary_key=True, index=True)
    points: int = Field(index=True)
    why: str = ""


class DuplicateDue(SQLModel, table=True):
    """Passing: patients, new or changed, whose likely duplicates are to be looked for."""

    __tablename__ = "duplicate_due"

    patient_id: str = link("patient.id", primary_key=True)

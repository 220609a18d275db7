"""A patient's card: everything the desk needs at a glance, the look at it recorded first."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pcoord.domain import alerts, disclosure, standing
from pcoord.domain.clinic import Clinic
from pcoord.domain.dates import say_age
from pcoord.domain.errors import NotFound
from pcoord.services import day, restricted_records
from pcoord.services.desk import Desk
from pcoord.services.looks import note_look
from pcoord.services.part_documents import say_document
from pcoord.services.record_parts import say_coverage
from pcoord.store.queries import calls as call_queries
from pcoord.store.queries import cards, schedule
from pcoord.store.queries.merged import survivor_of


@dataclass(frozen=True)
class CardVisit:
    """A visit on a card; `start` is in UTC."""

    id: str
    version: int
    start: datetime
    practitioner: str
    visit_type: str
    status: str
    letter: str
    confidential: bool = False


@dataclass(frozen=True)
class CardPhone:
    """A phone as it was given; `may_leave` says what may be left on its voice mail."""

    value: str
    use: str
    may_leave: str
    never: bool = False


@dataclass(frozen=True)
class Related:
    """Somebody around a patient: what may be discussed, or the order that shuts them out."""

    id: str
    family: str
    given: str
    role: str
    phone: str | None
    scopes: tuple[str, ...]
    denied: str | None
    emergency: bool = False
    guarantor: bool = False
    ended_by_age: bool = False


@dataclass(frozen=True)
class CardCoverage:
    """Who pays, in the order of billing; `relationship` is the patient's to the policy's holder.

    `standing` when it counts today.
    """

    payer: str
    member_number: str | None
    group_number: str | None
    relationship: str
    subscriber: str | None
    from_date: date | None
    until_date: date | None
    says: str
    standing: bool

    def plain(self) -> dict[str, Any]:
        """Return it as JSON values."""
        days = {"from": self.from_date, "until": self.until_date}
        names = ("payer", "member_number", "group_number", "relationship", "subscriber", "standing")
        told = {name: getattr(self, name) for name in names}
        return told | {name: day.isoformat() if day else None for name, day in days.items()}


@dataclass(frozen=True)
class CardDocument:
    """A paper or file about the patient: what it is, where it lies, and where it was sent."""

    kind: str
    title: str
    dated: date | None
    author: str | None
    kept_at: str | None
    sent_on: date | None
    sent_to: str | None
    says: str

    def plain(self) -> dict[str, Any]:
        """Return it as JSON values."""
        days = {"dated": self.dated, "sent_on": self.sent_on}
        told = {name: getattr(self, name) for name in ("kind", "title", "author", "kept_at")}
        told |= {name: day.isoformat() if day else None for name, day in days.items()}
        return told | {"sent_to": self.sent_to}


@dataclass(frozen=True)
class Card:
    """What is known of a patient; `numbers` are (system, value) besides the record number."""

    id: str
    version: int
    mrn: str | None
    family: str
    given: str
    middle: str | None
    preferred: str | None
    birth_date: date | None
    age: str
    sex: str
    language: str | None
    interpreter: bool
    email: str | None
    text_ok: bool
    text_ok_by: str | None
    text_ok_at: datetime | None
    email_ok: bool
    email_ok_by: str | None
    email_ok_at: datetime | None
    birth_sex: str | None
    gender_identity: str | None
    pronouns: str | None
    contact_by: str | None
    pharmacy: str | None
    deceased_on: date | None
    active: bool
    restricted: bool
    test: bool
    note: str | None
    practitioner: str | None
    phones: tuple[CardPhone, ...]
    address: str | None
    numbers: tuple[tuple[str, str], ...]
    other_names: tuple[tuple[str, str], ...]
    alerts: tuple[str, ...]
    contacts: tuple[Related, ...]
    here: str | None
    next_appointment: CardVisit | None
    begun: tuple[CardVisit, ...]
    last_visit: CardVisit | None
    visits: tuple[CardVisit, ...]
    open_work: dict[str, int]
    minor_until: date | None = None
    of_age_since: date | None = None
    coverages: tuple[CardCoverage, ...] = ()
    documents: tuple[CardDocument, ...] = ()
    balance: str | None = None

    @property
    def standing(self) -> str:
        """Return what must not be overlooked of them, as letters (`domain.standing`)."""
        return standing.letters_of(self)

    def plain(self, clinic: Clinic) -> dict[str, Any]:
        """Return the card as JSON values, as `pcoord patient --json` prints it."""
        return {
            "id": self.id,
            "mrn": self.mrn,
            "family": self.family,
            "given": self.given,
            "birth_date": self.birth_date.isoformat() if self.birth_date else None,
            "sex": self.sex,
            "state": standing.say(self.standing).casefold() or None,
            "restricted": self.restricted,
            "language": self.language,
            "interpreter": self.interpreter,
            "phones": [phone.value for phone in self.phones],
            "email": self.email,
            "address": self.address,
            "next_appointment": _plain_visit(self.next_appointment, clinic),
            "last_visit": _plain_visit(self.last_visit, clinic),
            "coverages": [one.plain() for one in self.coverages],
            "documents": [one.plain() for one in self.documents],
            "balance": self.balance,
            "minor_until": self.minor_until.isoformat() if self.minor_until else None,
            "alerts": list(self.alerts),
            "names": [{"use": use, "name": name} for use, name in self.other_names],
            "phone_details": [one.__dict__ for one in self.phones],
            "birth_sex": self.birth_sex,
            "gender_identity": self.gender_identity,
            "pronouns": self.pronouns,
            "contact_by": self.contact_by,
            "consents": [
                _plain_consent("text", self.text_ok, self.text_ok_by, self.text_ok_at, clinic),
                _plain_consent("email", self.email_ok, self.email_ok_by, self.email_ok_at, clinic),
            ],
            "pharmacy": self.pharmacy,
            "practitioner": self.practitioner,
            "deceased": self.deceased_on.isoformat() if self.deceased_on else None,
            "contacts": [one.__dict__ | {"scopes": list(one.scopes)} for one in self.contacts],
            "numbers": [{"system": system, "value": value} for system, value in self.numbers],
        }


def card(desk: Desk, patient_id: str, *, reason: str | None = None) -> Card:
    """Return a patient's card; the look is stored before anything is returned.

    `reason` opens a restricted record; without one ReasonNeeded is raised until that was done.

    The id of a merged record leads to the one that stands. Raises NotFound for a record that is
    not there or was entered in error.
    """
    desk.demand("patient.read")
    patient_id = desk.read(survivor_of, patient_id)
    row = desk.read(cards.patient_row, patient_id)
    if row is None:
        raise NotFound("That patient is not on file any more; look again (F4).")
    restricted_records.demand(desk, patient_id, row.restricted, reason)
    note_look(desk, patient_id, "patient.open")
    of_age = disclosure.of_age_on(row.birth_date, desk.clinic.majority_age)
    visits = [_visit(desk, one) for one in desk.read(schedule.visits_of, patient_id)]
    return Card(
        **{name: getattr(row, name) for name in _COLUMNS},
        age=say_age(row.birth_date, desk.today) if row.birth_date else "",
        practitioner=_code(desk, row.practitioner_id),
        address=_address(desk, patient_id),
        here=_here(desk, patient_id),
        next_appointment=_coming(desk, visits),
        begun=_begun(desk, visits),
        last_visit=next((v for v in reversed(visits) if v.status == "fulfilled"), None),
        visits=tuple(reversed(visits)),
        open_work=_open_work(desk, row),
        minor_until=of_age if of_age and desk.today < of_age else None,
        of_age_since=of_age if of_age and of_age <= desk.today else None,
        **_parts(desk, patient_id, row.birth_date),
    )


_COLUMNS = (
    *("id", "version", "mrn", "family", "given", "middle", "preferred", "birth_date", "sex"),
    *("language", "interpreter", "email", "deceased_on", "active", "restricted", "test", "note"),
    *("text_ok", "text_ok_by", "text_ok_at", "email_ok", "email_ok_by", "email_ok_at"),
    *("birth_sex", "gender_identity", "pronouns", "contact_by", "pharmacy"),
)


def _parts(desk: Desk, patient_id: str, born: date | None) -> dict[str, Any]:
    def rows(table: str) -> Any:
        return desk.read(cards.parts_of, patient_id, table)

    return {
        "phones": tuple(
            CardPhone(r.value, r.use, r.may_leave, r.never) for r in rows("contact_point")
        ),
        "numbers": tuple(
            (r.system if r.use == "usual" else r.use, r.value)
            for r in rows("identifier")
            if (r.system, r.use) != ("mrn", "usual")
        ),
        "other_names": tuple(
            (r.use, ", ".join(filter(None, (r.family, r.given)))) for r in rows("human_name")
        ),
        "alerts": tuple(r.text for r in _alerts(desk, rows("flag"))),
        "contacts": tuple(_related(desk, r, born) for r in rows("related_person")),
        "coverages": tuple(_coverage(r, desk.today) for r in rows("coverage")),
        "documents": tuple(_document(r, desk.clinic) for r in rows("document")),
    }


def _open_work(desk: Desk, row: Any) -> dict[str, int]:
    """A death stops whatever would reach out to the patient, the waiting list too."""
    stopped = disclosure.STOPPED_BY_DEATH if row.deceased_on else ()
    found = desk.read(call_queries.open_work_of, row.id, stopped)
    return found | ({"waiting list": 0} if row.deceased_on else {})


def _alerts(desk: Desk, rows: Any) -> Any:
    return alerts.shown(rows, place="card", role=desk.who.role, day=desk.today)


def point_of(row: Any) -> disclosure.Point:
    """Return what a row of a phone says may be left there."""
    return disclosure.Point(row.value, row.use, row.may_leave, never=row.never)


def grant_of(row: Any) -> disclosure.Grant:
    """Return what a row of a related person grants."""
    scopes = tuple(scope.strip() for scope in (row.scopes or "").split(",") if scope.strip())
    return disclosure.Grant(row.role, scopes, row.from_date, row.until_date, row.denied)


def _related(desk: Desk, row: Any, born: date | None) -> Related:
    """What was agreed counts only while it stands; an order against somebody always does."""
    grant, age = grant_of(row), desk.clinic.majority_age
    return Related(
        id=row.id,
        family=row.family,
        given=row.given,
        role=row.role,
        phone=row.phone,
        scopes=disclosure.scopes_now(grant, born, desk.today, age),
        denied=row.denied,
        emergency=row.emergency,
        guarantor=row.guarantor,
        ended_by_age=disclosure.ended_by_age(grant, born, desk.today, age),
    )


def _coverage(row: Any, today: date) -> CardCoverage:
    return CardCoverage(
        payer=row.payor,
        member_number=row.subscriber_id,
        group_number=row.group_number,
        relationship=row.relationship,
        subscriber=row.subscriber,
        from_date=row.from_date,
        until_date=row.until_date,
        says=say_coverage(row),
        standing=disclosure.stands(row.from_date, row.until_date, today),
    )


def _document(row: Any, clinic: Clinic) -> CardDocument:
    names = ("kind", "title", "dated", "author", "kept_at", "sent_on", "sent_to")
    told = {name: getattr(row, name) for name in names}
    return CardDocument(**told, says=say_document(row, clinic))


def _visit(desk: Desk, row: Any) -> CardVisit:
    return CardVisit(
        id=row.id,
        version=row.version,
        start=row.start_at,
        practitioner=desk.clinic.practitioner(row.practitioner_id).code,
        visit_type=desk.clinic.visit_type(row.visit_type_id).code,
        status=row.status,
        letter=day.letter(row),
        confidential=row.confidential,
    )


def _coming(desk: Desk, visits: list[CardVisit]) -> CardVisit | None:
    """Return the next booked visit; one of today that began lately is still expected."""
    first, _ = day.bounds(desk, desk.today)
    booked = [v for v in visits if v.status == "booked" and v.start >= first]
    later = [v for v in booked if v.start >= desk.now]
    return next(iter(later or booked), None)


def _begun(desk: Desk, visits: list[CardVisit]) -> tuple[CardVisit, ...]:
    """Return the visits of today whose time has come without the patient."""
    first, _ = day.bounds(desk, desk.today)
    return tuple(v for v in visits if v.status == "booked" and first <= v.start < desk.now)


def _here(desk: Desk, patient_id: str) -> str | None:
    """Return the stage of somebody who is here now."""
    titles = {stage.code: stage.title for stage in desk.stages}
    here = (row for row in desk.read(schedule.board) if row.patient_id == patient_id)
    return next((titles.get(row.stage, row.stage) for row in here), None)


def _code(desk: Desk, practitioner_id: str | None) -> str | None:
    return desk.clinic.practitioner(practitioner_id).code if practitioner_id else None


def _address(desk: Desk, patient_id: str) -> str | None:
    rows = desk.read(cards.parts_of, patient_id, "address")
    row = next((one for one in rows if one.safe), next(iter(rows), None))
    if row is None:
        return None
    town = " ".join(filter(None, (row.state, row.postal_code)))
    safe = " (safe address: letters only here)" if row.safe else ""
    return ", ".join(filter(None, (row.line, row.city, town))) + safe


def _plain_consent(
    to: str, agreed: bool, by: str | None, at: datetime | None, clinic: Clinic
) -> dict[str, Any]:
    when = clinic.local(at).isoformat() if at else None
    return {"to": to, "agreed": agreed, "by": by, "at": when}


def _plain_visit(visit: CardVisit | None, clinic: Clinic) -> dict[str, Any] | None:
    if visit is None:
        return None
    return {
        "id": visit.id,
        "start": clinic.local(visit.start).isoformat(),
        "practitioner": visit.practitioner,
        "visit_type": visit.visit_type,
        "status": visit.status,
        "confidential": visit.confidential,
    }

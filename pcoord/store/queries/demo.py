"""Reading how a demo clinic was made, and whether anybody has worked in it since."""

from collections.abc import Sequence

from sqlalchemy import Connection, func, select

from pcoord.store.queries.common import (
    AnyRow,
    appointment,
    audit_event,
    organization,
    patient,
    practitioner,
    related_person,
)

MADE_BY = ("clinic.init", "demo.make")
_ev = audit_event.c


def made(connection: Connection) -> AnyRow | None:
    """Return (at, after) of the event that finished a demo; None in any other clinic."""
    query = select(_ev.at, _ev.after).where(_ev.action == "demo.make")
    if not connection.execute(select(organization.c.is_demo)).scalar():
        return None
    return connection.execute(query.order_by(_ev.seq.desc()).limit(1)).first()


def is_changed(connection: Connection) -> bool:
    """Tell whether anything was stored in a demo since it was made."""
    query = select(_ev.seq).where(_ev.kind == "change", _ev.action.not_in(MADE_BY))
    return connection.execute(query.limit(1)).first() is not None


def denials(connection: Connection) -> Sequence[AnyRow]:
    """Return (patient_id, denied) for everybody whom an order shuts out."""
    query = select(related_person.c.patient_id, related_person.c.denied)
    query = query.where(related_person.c.denied.is_not(None)).order_by(related_person.c.id)
    return connection.execute(query).all()


def counts(connection: Connection) -> dict[str, int]:
    """Return how many patients, appointments and practitioners there are."""
    tables = {"patients": patient, "appointments": appointment, "practitioners": practitioner}
    return {
        name: int(connection.execute(select(func.count()).select_from(table)).scalar_one())
        for name, table in tables.items()
    }

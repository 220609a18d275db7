"""Reading the event stream: who changed what, and what is new since the last look."""

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import BigInteger, Connection, String, and_, bindparam, cast, func, or_, select

from pcoord.store.queries.common import STANDING, AnyRow, audit_event, identifier, patient
from pcoord.store.queries.merged import all_ids

_ev = audit_event.c
REASSIGNED = "record.reassign"


def last_change(connection: Connection, record_id: str) -> AnyRow | None:
    """Return the newest change event of a record."""
    query = select(audit_event).where(_ev.record_id == record_id, _ev.kind == "change")
    return connection.execute(query.order_by(_ev.seq.desc()).limit(1)).first()


def changes_since(connection: Connection, record_id: str, version: int) -> Sequence[AnyRow]:
    """Return the change events of a record that came after a version of it, oldest first."""
    query = select(audit_event).where(
        _ev.record_id == record_id, _ev.kind == "change", _ev.version_after > version
    )
    return connection.execute(query.order_by(_ev.seq)).all()


def sentence_of(connection: Connection, step: int) -> str:
    """Return the sentence of a step."""
    query = select(_ev.said).where(_ev.step == step, _ev.said.is_not(None))
    return str(connection.execute(query.order_by(_ev.seq).limit(1)).scalar() or "")


def listing(
    connection: Connection,
    *,
    patient_id: str | None = None,
    username: str | None = None,
    since: datetime | None = None,
    limit: int = 1000,
) -> Sequence[AnyRow]:
    """Return events, newest first, each with the patient's number where it has a patient.

    Those of the records that were merged into a patient's are among that patient's.
    """
    mrn = identifier.c.value.label("mrn")
    shown = (mrn, patient.c.family, patient.c.given, STANDING)
    query = (
        select(audit_event, *shown)
        .outerjoin(patient, patient.c.id == _ev.patient_id)
        .outerjoin(
            identifier,
            (identifier.c.patient_id == _ev.patient_id)
            & (identifier.c.system == "mrn")
            & (identifier.c.use == "usual")
            & ~identifier.c.entered_in_error,
        )
    )
    if patient_id is not None:
        query = query.where(_ev.patient_id.in_(all_ids(connection, patient_id)))
    if username is not None:
        query = query.where(_ev.username == username)
    if since is not None:
        query = query.where(_ev.at >= since)
    return connection.execute(query.order_by(_ev.seq.desc()).limit(limit)).all()


def patients_of(connection: Connection, step: int) -> Sequence[str]:
    """Return the ids of the patients whom a step was about, of a pair both."""
    query = select(_ev.patient_id, _ev.table_name, _ev.after).where(_ev.step == step)
    rows = connection.execute(query).all()
    pairs = [json.loads(row.after) for row in rows if row.table_name == "not_same_person"]
    ids = [row.patient_id for row in rows] + [pair.get("other_id") for pair in pairs]
    return list(dict.fromkeys(one for one in ids if one))


def record_changes(
    connection: Connection, patient_id: str, tables: Sequence[str], limit: int
) -> Sequence[AnyRow]:
    """Return the changes of a patient's own tables, newest first.

    And the traces of what came from another record or went to one, those of the records that were
    merged into this one too.
    """
    own = and_(_ev.patient_id == patient_id, _ev.table_name.in_(tables))
    traces = and_(
        _ev.patient_id.in_(all_ids(connection, patient_id)),
        _ev.action == REASSIGNED,
        _ev.said.is_not(None),
    )
    query = select(audit_event).where(_ev.kind == "change", or_(own, traces))
    return connection.execute(query.order_by(_ev.seq.desc()).limit(limit)).all()


def of_steps(connection: Connection, steps: Sequence[int]) -> Sequence[AnyRow]:
    """Return the first events of some steps, and of those that took them back."""
    query = select(_ev.step, _ev.said, _ev.undoes, _ev.final).where(
        or_(_ev.step.in_(steps), _ev.undoes.in_(steps)), _ev.said.is_not(None)
    )
    return connection.execute(query.order_by(_ev.seq)).all()


def did(connection: Connection, session_id: str, patient_id: str, action: str) -> bool:
    """Tell whether this session did something to this patient's record."""
    query = select(_ev.seq).where(
        _ev.patient_id == patient_id, _ev.session_id == session_id, _ev.action == action
    )
    return connection.execute(query.limit(1)).first() is not None


def did_to(
    connection: Connection, session_id: str, patient_ids: Sequence[str], action: str
) -> set[str]:
    """Return those of some patients to whose record this session did something."""
    query = select(_ev.patient_id).where(
        _ev.patient_id.in_(patient_ids), _ev.session_id == session_id, _ev.action == action
    )
    return set(connection.execute(query).scalars())


def read_lately(connection: Connection, session_id: str, patient_id: str, since: datetime) -> bool:
    """Tell whether this session's look at this patient is recorded since then."""
    query = select(_ev.seq).where(
        _ev.patient_id == patient_id,
        _ev.session_id == session_id,
        _ev.kind == "read",
        _ev.at >= since,
    )
    return connection.execute(query.limit(1)).first() is not None


def failures_since(connection: Connection, username: str, since: datetime) -> Sequence[AnyRow]:
    """Return failed sign-ins of a user since then, newest first."""
    query = select(_ev.at, _ev.kind).where(
        _ev.username == username,
        _ev.kind.in_(("sign-in failed", "sign-in")),
        _ev.at >= since,
    )
    return connection.execute(query.order_by(_ev.at.desc())).all()


_news = (_ev.seq, _ev.table_name, _ev.kind, _ev.session_id)
_after = select(*_news).where(_ev.seq > bindparam("mark"))
_last_seq = select(func.coalesce(func.max(_ev.seq), 0))
_snapshot = select(
    cast(cast(func.pg_snapshot_xmin(func.pg_current_snapshot()), String), BigInteger).label("here")
)
_present = _snapshot.subquery()
_since = select(_present.c.here, *_news).outerjoin_from(
    _present, audit_event, _ev.transaction >= bindparam("mark")
)


class Tail:
    """What other sessions changed since the last look.

    SQLite: `data_version` moves when another connection commits, then rows above the last seq.
    PostgreSQL: sequence order is not commit order, so rows are read by transaction id, from the
    oldest one that was still running at the last look, and those seen already are left out.
    """

    def __init__(self, connection: Connection) -> None:
        self._sqlite = connection.dialect.name == "sqlite"
        self._mark = self._here(connection)
        self._version = self._data_version(connection)
        self._seen: set[int] = set()

    def changes(self, connection: Connection, session_id: str) -> set[str]:
        """Return the tables that other sessions changed since the last call."""
        if self._sqlite:
            version = self._data_version(connection)
            if version == self._version:
                return set()
            self._version = version
        rows = self._fresh(connection)
        return {
            row.table_name
            for row in rows
            if row.kind == "change" and row.table_name and row.session_id != session_id
        }

    def _fresh(self, connection: Connection) -> Sequence[AnyRow]:
        if self._sqlite:
            rows = connection.execute(_after, {"mark": self._mark}).all()
            self._mark = max((row.seq for row in rows), default=self._mark)
            return rows
        # One statement, so one snapshot: what it does not show is at or above its xmin.
        found = connection.execute(_since, {"mark": self._mark}).all()
        fresh = [row for row in found if row.seq is not None and row.seq not in self._seen]
        self._seen = {row.seq for row in found}
        self._mark = int(found[0].here)
        return fresh

    def _here(self, connection: Connection) -> int:
        return int(connection.execute(_last_seq if self._sqlite else _snapshot).scalar_one())

    def _data_version(self, connection: Connection) -> int:
        if not self._sqlite:
            return 0
        return int(connection.exec_driver_sql("PRAGMA data_version").scalar_one())

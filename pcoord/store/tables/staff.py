"""Who signs in, and the append-only record of what they did and saw."""

from datetime import datetime

from sqlalchemy import BigInteger, Column, Index, Integer, text
from sqlmodel import Field, SQLModel

from pcoord.store.tables.base import Record, link


class StaffUser(Record, table=True):
    """Somebody who works at the desk; `os_login` links the machine's account (name@host)."""

    __tablename__ = "staff_user"

    username: str = Field(unique=True)
    name: str
    role: str
    practitioner_id: str | None = link("practitioner.id", default=None)
    password_hash: str | None = None
    os_login: str | None = Field(default=None, index=True)
    active: bool = True


class DeskSession(SQLModel, table=True):
    """Passing: one sign-in at one terminal, with its PIN and the failed tries."""

    __tablename__ = "desk_session"

    id: str = Field(primary_key=True)
    username: str = Field(index=True)
    terminal: str
    started_at: datetime
    ended_at: datetime | None = None
    pin_hash: str | None = None
    pin_tries: int = 0


class AuditEvent(SQLModel, table=True):
    """One event: who did or saw what, when, at which terminal. Rows are only ever added.

    `step` joins the events of one transaction; `undoes` (unique) names the step taken back;
    `before` and `after` are canonical JSON of the changed columns; `mac` chains the rows of a
    session (`session_id`, `link`).
    """

    __tablename__ = "audit_event"

    seq: int | None = Field(
        default=None,
        sa_column=Column(
            BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True
        ),
    )
    session_id: str
    link: int
    step: int | None = Field(default=None, sa_type=BigInteger)
    at: datetime
    user_id: str | None = None
    username: str
    terminal: str
    kind: str
    action: str
    patient_id: str | None = None
    table_name: str | None = None
    record_id: str | None = None
    version_before: int | None = None
    version_after: int | None = None
    before: str | None = None
    after: str | None = None
    said: str | None = None
    final: bool = False
    undoes: int | None = Field(default=None, sa_type=BigInteger)
    transaction: int | None = Field(default=None, sa_type=BigInteger)
    mac: str

    __table_args__ = (
        Index("uq_audit_event_session_link", "session_id", "link", unique=True),
        Index("ix_audit_event_step", "step"),
        Index("uq_audit_event_undoes", "undoes", unique=True),
        Index("ix_audit_event_patient_id_seq", "patient_id", "seq"),
        Index("ix_audit_event_record_id", "record_id"),
        Index("ix_audit_event_user_id_seq", "user_id", "seq"),
        Index("ix_audit_event_at", "at"),
        # What other desks changed is asked several times a second; SQLite keeps no such numbers.
        Index(
            "ix_audit_event_transaction",
            "transaction",
            sqlite_where=text('"transaction" IS NOT NULL'),
            postgresql_where=text('"transaction" IS NOT NULL'),
        ),
    )


class AuditChain(SQLModel, table=True):
    """The sealed head of one session: how many events, and their last MAC under another label."""

    __tablename__ = "audit_chain"

    session_id: str = Field(primary_key=True)
    username: str
    terminal: str
    count: int
    last_mac: str
    head: str

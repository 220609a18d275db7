"""Papers and files about a patient: what they are, where they lie, and which of them were sent."""

from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

from pcoord.store.ids import new_id

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; the letters of which the log tells are its first documents."""
    document = op.create_table(
        "document",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("entered_in_error", sa.Boolean(), nullable=False),
        sa.Column("patient_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("dated", sa.Date(), nullable=True),
        sa.Column("author", sa.String(), nullable=True),
        sa.Column("kept_at", sa.String(), nullable=True),
        sa.Column("sent_on", sa.Date(), nullable=True),
        sa.Column("sent_to", sa.String(), nullable=True),
        sa.Column("appointment_id", sa.String(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_document_appointment_id")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_document_patient_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
    )
    op.create_index("ix_document_patient_id", "document", ["patient_id"])
    op.create_index("ix_document_appointment_id", "document", ["appointment_id"])
    connection = op.get_bind()
    merged: dict[str, str] = {row.id: row.replaced_by_id for row in connection.execute(_merged)}
    zone = ZoneInfo(
        connection.execute(sa.text("SELECT timezone FROM organization")).scalar() or "UTC"
    )
    rows = [_letter(event, merged, zone) for event in connection.execute(_printed)]
    if rows:
        connection.execute(document.insert(), rows)


_event = sa.table(
    "audit_event",
    sa.column("seq"),
    sa.column("at", UTCDateTime()),
    sa.column("action"),
    sa.column("patient_id"),
    sa.column("table_name"),
    sa.column("record_id"),
)
_printed = (
    sa.select(_event)
    .where(_event.c.action == "letter.print", _event.c.patient_id.is_not(None))
    .order_by(_event.c.seq)
)


_merged = sa.text("SELECT id, replaced_by_id FROM patient WHERE replaced_by_id IS NOT NULL")


def _letter(event: sa.Row, merged: dict[str, str], zone: ZoneInfo) -> dict[str, object]:
    """What hangs on a patient stands on the record that a merge left."""
    patient_id, day = event.patient_id, event.at.astimezone(zone).date()
    while patient_id in merged:
        patient_id = merged[patient_id]
    return {
        "id": new_id(),
        "version": 1,
        "entered_in_error": False,
        "patient_id": patient_id,
        "kind": "letter",
        "title": "Letter",
        "dated": day,
        "sent_on": day,
        "appointment_id": event.record_id if event.table_name == "appointment" else None,
        "created_at": event.at,
    }

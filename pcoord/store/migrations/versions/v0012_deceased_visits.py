"""Visits still booked for patients who died are sought, not looked for among all to come."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; it is filled once all tables have their newest form."""
    op.create_table(
        "deceased_visit",
        sa.Column("appointment_id", sa.String(), nullable=False),
        sa.Column("patient_id", sa.String(), nullable=False),
        sa.Column("start_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_deceased_visit_appointment_id")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_deceased_visit_patient_id")
        ),
        sa.PrimaryKeyConstraint("appointment_id", name=op.f("pk_deceased_visit")),
    )
    op.create_index("ix_deceased_visit_patient_id", "deceased_visit", ["patient_id"])
    op.create_index("ix_deceased_visit_start_at", "deceased_visit", ["start_at"])

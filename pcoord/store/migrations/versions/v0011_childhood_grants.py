"""Grants that end when a patient comes of age are sought, not looked for among all patients."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; it is filled once all tables have their newest form."""
    op.create_table(
        "childhood_grant",
        sa.Column("related_id", sa.String(), nullable=False),
        sa.Column("patient_id", sa.String(), nullable=False),
        sa.Column("years", sa.Integer(), nullable=False),
        sa.Column("born", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["related_id"], ["related_person.id"], name=op.f("fk_childhood_grant_related_id")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_childhood_grant_patient_id")
        ),
        sa.PrimaryKeyConstraint("related_id", name=op.f("pk_childhood_grant")),
    )
    op.create_index("ix_childhood_grant_patient_id", "childhood_grant", ["patient_id"])
    op.create_index("ix_childhood_grant_years_born", "childhood_grant", ["years", "born"])

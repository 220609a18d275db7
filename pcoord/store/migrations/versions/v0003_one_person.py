"""Records of one person: which one replaced which, who is not the same, and who may be."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the link between merged records, and what duplicates are worked through with."""
    with op.batch_alter_table("patient", schema=None) as batch_op:
        batch_op.add_column(sa.Column("replaced_by_id", sa.String(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_patient_replaced_by_id"), "patient", ["replaced_by_id"], ["id"]
        )
        batch_op.create_index(batch_op.f("ix_patient_replaced_by_id"), ["replaced_by_id"])
    _not_same_person()
    _pairs()
    op.execute("INSERT INTO duplicate_due (patient_id) SELECT id FROM patient")


def _not_same_person() -> None:
    op.create_table(
        "not_same_person",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("entered_in_error", sa.Boolean(), nullable=False),
        sa.Column("patient_id", sa.String(), nullable=False),
        sa.Column("other_id", sa.String(), nullable=False),
        sa.Column("decided_at", UTCDateTime(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=True),
        _to("patient.id", "not_same_person", "patient_id"),
        _to("patient.id", "not_same_person", "other_id"),
        _to("staff_user.id", "not_same_person", "decided_by"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_not_same_person")),
    )
    for column in ("patient_id", "other_id"):
        op.create_index(op.f(f"ix_not_same_person_{column}"), "not_same_person", [column])


def _pairs() -> None:
    op.create_table(
        "duplicate_pair",
        sa.Column("patient_id", sa.String(), nullable=False),
        sa.Column("other_id", sa.String(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        _to("patient.id", "duplicate_pair", "patient_id"),
        _to("patient.id", "duplicate_pair", "other_id"),
        sa.PrimaryKeyConstraint("patient_id", "other_id", name=op.f("pk_duplicate_pair")),
    )
    for column in ("other_id", "points"):
        op.create_index(op.f(f"ix_duplicate_pair_{column}"), "duplicate_pair", [column])
    op.create_table(
        "duplicate_due",
        sa.Column("patient_id", sa.String(), nullable=False),
        _to("patient.id", "duplicate_due", "patient_id"),
        sa.PrimaryKeyConstraint("patient_id", name=op.f("pk_duplicate_due")),
    )


def _to(target: str, table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{table}_{column}"))

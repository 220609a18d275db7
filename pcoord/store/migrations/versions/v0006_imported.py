"""What other systems said last, so that a file changes only what it changed itself."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the rows of other systems."""
    op.create_table(
        "imported",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("record_id", sa.String(), nullable=False),
        sa.Column("said", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "source", name=op.f("pk_imported")),
    )
    op.create_index(op.f("ix_imported_record_id"), "imported", ["record_id"])

"""The lookup tree anew: one line of clues a patient, short numbers, whole birth dates.

All of it is derived; the program fills it again right after the upgrade.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# Prefix ranges need byte order on PostgreSQL too.
BYTES = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the tables of the new form in place of the old ones."""
    op.drop_table("lookup_token")
    op.execute("DELETE FROM lookup_sound")
    op.create_table(
        "lookup_person",
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.String(), nullable=False),
        sa.Column("clues", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_lookup_person_patient_id")
        ),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_lookup_person")),
        sa.UniqueConstraint("patient_id", name=op.f("uq_lookup_person_patient_id")),
    )
    op.create_table(
        "lookup_token",
        sa.Column("kind", BYTES, nullable=False),
        sa.Column("token", BYTES, nullable=False),
        sa.Column("other", BYTES, nullable=False),
        sa.Column("born", sa.Integer(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "token", "other", "born", "no", name="pk_lookup_token"),
        sqlite_with_rowid=False,
    )

"""Which visit types a practitioner takes."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Leave it to the types' role until somebody says otherwise."""
    with op.batch_alter_table("practitioner", schema=None) as batch_op:
        batch_op.add_column(sa.Column("takes", sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("practitioner", schema=None) as batch_op:
        batch_op.alter_column("takes", server_default=None)

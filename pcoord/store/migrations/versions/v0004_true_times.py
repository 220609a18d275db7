"""When a call was written down, beside when it was."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the time; of older calls it is not known apart from their end."""
    with op.batch_alter_table("call") as batch:
        batch.add_column(sa.Column("recorded_at", UTCDateTime(), nullable=True))

"""When a visit was agreed, where it was written down later."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the time; visits until now were written down at once."""
    with op.batch_alter_table("appointment") as batch:
        batch.add_column(sa.Column("agreed_at", UTCDateTime(), nullable=True))

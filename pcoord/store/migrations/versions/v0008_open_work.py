"""Call-backs and messages that are still open are found among however many that are done."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

OPEN = {
    "call": ("callback_due", "callback_due IS NOT NULL AND callback_done_at IS NULL"),
    "communication": ("sent_at", "done_at IS NULL"),
}


def upgrade() -> None:
    """Index the open ones."""
    for table, (column, where) in OPEN.items():
        op.create_index(
            f"ix_{table}_open",
            table,
            [column],
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )

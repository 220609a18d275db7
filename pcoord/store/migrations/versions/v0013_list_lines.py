"""What a list says of a patient stands beside what they are found by.

It is derived; the program fills it in right after the upgrade.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the line, empty for now."""
    op.add_column("lookup_person", sa.Column("line", sa.String(), nullable=True))

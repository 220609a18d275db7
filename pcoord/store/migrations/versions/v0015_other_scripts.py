"""Names in other scripts are found by Latin letters too, foreign phones by their last eight digits.

No table changes: the program writes anew what these patients are found by, right after the upgrade.
"""

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change no table."""

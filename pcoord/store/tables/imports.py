"""What other systems said last of the records they send again and again."""

from sqlalchemy import PrimaryKeyConstraint
from sqlmodel import Field, SQLModel


class Imported(SQLModel, table=True):
    """One row of another system: which record it is here, and what it said last.

    `source` is how that system names the row (its number, or what it is told apart by). `said`
    holds a short digest of each cell and no value, so that only what the other system changed
    since changes here. Kept beside the records; makes no event.
    """

    __table_args__ = (PrimaryKeyConstraint("kind", "source"),)

    kind: str
    source: str
    record_id: str = Field(index=True)
    said: str

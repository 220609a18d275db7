"""What every table that people edit has in common."""

from typing import Any

from sqlalchemy import String
from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

# Prefix ranges need byte order: PostgreSQL's own collations would not serve them from an index.
BYTES = String().with_variant(String(collation="C"), "postgresql")


class Record(SQLModel):
    """A record that people change: client-made key, version, and the mark that it was an error."""

    id: str = Field(primary_key=True)
    version: int = 1
    entered_in_error: bool = False


def link(to: str, **more: Any) -> Any:
    """Return a foreign key column to `to` ("table.column"); nothing ever cascades."""
    return Field(foreign_key=to, **more)

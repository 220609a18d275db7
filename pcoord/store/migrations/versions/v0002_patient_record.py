"""The whole record: gender, consents, what may be left where, who sees an alert, majority."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.String(), nullable=True)


def _moment(name: str) -> sa.Column[Any]:
    return sa.Column(name, UTCDateTime(), nullable=True)


def _no(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())


def _said(name: str, text: str) -> sa.Column[Any]:
    return sa.Column(name, sa.String(), nullable=False, server_default=text)


def upgrade() -> None:
    """Add the columns; what was on record before keeps the careful defaults."""
    _add(
        "patient",
        *(_text("birth_sex"), _text("gender_identity"), _text("pronouns"), _text("contact_by")),
        *(_text("text_ok_by"), _moment("text_ok_at")),
        *(_no("email_ok"), _text("email_ok_by"), _moment("email_ok_at"), _text("pharmacy")),
    )
    _add("contact_point", _no("never"))
    _add("address", _said("may_leave", "details"), _no("safe"), _no("never"))
    _add("related_person", _no("emergency"), _no("guarantor"))
    _add("flag", _said("audience", "everybody"), _said("places", "card,board"))
    _add("appointment", _text("restriction_reason"), _no("confidential"))
    age = sa.Column("majority_age", sa.Integer(), nullable=False, server_default="18")
    _add("organization", age)


def _add(table: str, *columns: "sa.Column[Any]") -> None:
    """Add columns to a table whose rows take the default; later rows name their value."""
    with op.batch_alter_table(table) as batch:
        for column in columns:
            batch.add_column(column)
    named = [column for column in columns if column.server_default is not None]
    if named:
        with op.batch_alter_table(table) as batch:
            for column in named:
                batch.alter_column(column.name, server_default=None)

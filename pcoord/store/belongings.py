"""What hangs on a patient: the one list that merging, parting and the wrong patient go by.

A new table that points at a patient is entered here, or a test that walks the tables fails. What
is entered moves when two records are merged, comes back when they are parted, and its children
(rows of other entries that point at it) go where it goes.
"""

from dataclasses import dataclass
from functools import cache

from sqlalchemy import Column, Table

from pcoord.store.tables import metadata


@dataclass(frozen=True)
class Belonging:
    """A table of things that belong to a patient, by `column`.

    `word` and `many` are what the desk calls them. `doubles` are the columns that tell one from
    another: where both records of a merge have the same, only one is kept. `alone` may be put on
    the right patient by itself; the others only go along. What has its `sent` column filled has
    left for somebody, so that the wrong name on it may be a privacy incident.
    """

    table: str
    word: str
    many: str
    column: str = "patient_id"
    doubles: tuple[str, ...] = ()
    alone: bool = False
    sent: str = ""

    @property
    def rows(self) -> Table:
        """Return the table itself."""
        return metadata.tables[self.table]

    @property
    def owner(self) -> Column[str]:
        """Return the column that names the patient."""
        return self.rows.c[self.column]


BELONGINGS = (
    Belonging("appointment", "visit", "visits", alone=True),
    Belonging("encounter", "presence", "presences", alone=True),
    Belonging("call", "call", "calls", alone=True),
    Belonging("nurse_call", "nurse call", "nurse calls", alone=True),
    Belonging("communication", "message", "messages", alone=True, sent="sent_at"),
    Belonging("task", "task", "tasks", alone=True),
    Belonging("waitlist_entry", "waiting list entry", "waiting list entries", alone=True),
    Belonging("identifier", "number", "numbers"),
    Belonging("human_name", "other name", "other names", doubles=("family", "given")),
    Belonging("contact_point", "phone", "phones", doubles=("system", "digits")),
    Belonging(
        "address",
        "address",
        "addresses",
        doubles=("line", "city", "state", "postal_code", "country"),
    ),
    Belonging(
        "related_person",
        "contact",
        "contacts",
        doubles=("family", "given", "role", "digits", "scopes", "denied", "until_date"),
    ),
    Belonging(
        "coverage",
        "coverage",
        "coverages",
        doubles=("payor", "subscriber_id", "from_date", "until_date"),
        alone=True,
    ),
    Belonging(
        "document",
        "document",
        "documents",
        doubles=("kind", "title", "dated", "author", "kept_at", "sent_on", "sent_to"),
        alone=True,
        sent="sent_on",
    ),
    Belonging("flag", "alert", "alerts", doubles=("kind", "text", "from_date", "until_date")),
    Belonging("not_same_person", "note on two people", "notes on two people"),
    Belonging("not_same_person", "note on two people", "notes on two people", column="other_id"),
)

# Tables that point at a patient and are written anew from the records (or pass away by
# themselves), and the link by which merged records lead to each other.
DERIVED = frozenset({"lookup_person", "occupancy", "duplicate_pair", "duplicate_due"})
DERIVED |= {"childhood_grant", "deceased_visit"}
LINKS = frozenset({("patient", "replaced_by_id")})
# The log of what was done keeps the patient that it was done to.
LOGS = frozenset({"audit_event"})


@cache
def belonging(table: str) -> Belonging:
    """Return the first entry of a table; KeyError when nothing of it belongs to a patient."""
    return _FIRST[table]


_FIRST = {one.table: one for one in reversed(BELONGINGS)}
OWNERS = {table: tuple(one.column for one in BELONGINGS if one.table == table) for table in _FIRST}
"""The columns that name a patient, by table."""


@cache
def children(table: str) -> tuple[tuple[Belonging, Column[str]], ...]:
    """Return the entries whose rows may point at a row of a table, with the column that does."""
    target = metadata.tables[table]
    return tuple(
        (one, column)
        for one in _FIRST.values()
        for column in one.rows.c
        if one.table != table and any(key.column.table is target for key in column.foreign_keys)
    )

"""The Core tables under short names, and the pieces that several queries share."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeAlias

from sqlalchemy import (
    ARRAY,
    Boolean,
    Column,
    ColumnElement,
    Dialect,
    Label,
    String,
    Table,
    and_,
    bindparam,
    case,
    null,
    type_coerce,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.visitors import InternalTraversal
from sqlalchemy.types import TypeDecorator, TypeEngine, UserDefinedType

from pcoord.store.tables import metadata

# A plain row of named columns; its statement says which.
AnyRow: TypeAlias = Any


def core(name: str) -> Table:
    """Return the Core table of that name."""
    return metadata.tables[name]


address = core("address")
appointment = core("appointment")
audit_event = core("audit_event")
availability = core("availability")
call = core("call")
communication = core("communication")
contact_point = core("contact_point")
counter = core("counter")
coverage = core("coverage")
desk_session = core("desk_session")
document = core("document")
draft = core("draft")
duplicate_due = core("duplicate_due")
duplicate_pair = core("duplicate_pair")
encounter = core("encounter")
encounter_stage = core("encounter_stage")
flag = core("flag")
human_name = core("human_name")
identifier = core("identifier")
location = core("location")
lookup_person = core("lookup_person")
lookup_sound = core("lookup_sound")
lookup_token = core("lookup_token")
not_same_person = core("not_same_person")
nurse_call = core("nurse_call")
occupancy = core("occupancy")
organization = core("organization")
patient = core("patient")
practitioner = core("practitioner")
practitioner_day = core("practitioner_day")
related_person = core("related_person")
room = core("room")
staff_user = core("staff_user")
stage = core("stage")
task = core("task")
visit_type = core("visit_type")
waitlist_entry = core("waitlist_entry")


class _Moment(UserDefinedType[datetime]):
    """Reads a moment in one call a value; the column's own type takes three, 5,000 times a day."""

    cache_ok = True

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        read = datetime.fromisoformat
        if dialect.name == "sqlite":
            return lambda value: value and read(value + "+00:00")
        return lambda value: value and value.astimezone(UTC)


def moment(column: "Column[Any]", name: str | None = None) -> "Label[Any]":
    """Return a column of moments for a hot read, UTC as ever."""
    return type_coerce(column, _Moment()).label(name or column.name)


class _Ids(TypeDecorator[Sequence[Any]]):
    """A list of ids as one value: an array, or JSON where the engine has none."""

    impl = String
    cache_ok = True

    def __init__(self, item: type[TypeEngine[Any]]) -> None:
        super().__init__()
        self.item = item

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(String() if dialect.name == "sqlite" else ARRAY(self.item))

    def process_bind_param(self, value: Sequence[Any] | None, dialect: Dialect) -> Any:
        return json.dumps(value) if dialect.name == "sqlite" else value


class OneOf(ColumnElement[bool]):
    """Tells whether an id is one of a list, given as one value under a name.

    The statement is then the same for every length of the list: an `IN` is written anew for each,
    and prepared anew, which costs more than looking for thirty people.
    """

    inherit_cache = True
    type = Boolean()
    # Else it would be written as "... = 1", by which SQLite finds no index (a plan test sees it).
    _is_implicitly_boolean = True
    _traverse_internals = [  # noqa: RUF012  (as its base class has it)
        ("column", InternalTraversal.dp_clauseelement),
        ("ids", InternalTraversal.dp_clauseelement),
    ]

    def __init__(self, column: ColumnElement[Any], name: str) -> None:
        self.column = column
        self.ids = bindparam(name, type_=_Ids(type(column.type)))


@compiles(OneOf, "sqlite")
def _in_json(element: OneOf, compiler: SQLCompiler, **how: Any) -> str:
    column, ids = compiler.process(element.column, **how), compiler.process(element.ids, **how)
    return f"{column} IN (SELECT value FROM json_each({ids}))"


@compiles(OneOf, "postgresql")
def _in_array(element: OneOf, compiler: SQLCompiler, **how: Any) -> str:
    column, ids = compiler.process(element.column, **how), compiler.process(element.ids, **how)
    return f"{column} = ANY ({ids})"


# What a line of a list says of a patient.
PERSON_LINE = (
    patient.c.id,
    patient.c.version,
    patient.c.family,
    patient.c.given,
    patient.c.middle,
    patient.c.preferred,
    patient.c.birth_date,
    patient.c.sex,
    patient.c.language,
    patient.c.interpreter,
    patient.c.deceased_on,
    patient.c.active,
    patient.c.restricted,
    patient.c.test,
    identifier.c.value.label("mrn"),
)

# What must not be overlooked of somebody, as letters (`domain.standing`); nearly all have none.
STANDING = case(
    (
        and_(
            ~patient.c.restricted,
            ~patient.c.test,
            patient.c.active,
            patient.c.deceased_on.is_(None),
        ),
        null(),
    ),
    else_=case((patient.c.restricted, "r"), else_="")
    .concat(case((patient.c.test, "t"), else_=""))
    .concat(case((patient.c.deceased_on.is_not(None), "d"), else_=""))
    .concat(case((~patient.c.active, "i"), else_="")),
).label("standing")

# Not merged away. Nearly all are, so that SQLite is kept from seeking by it.
STANDS = patient.c.replaced_by_id.concat("").is_(None)

# The number is sought by its patient: SQLite would rather walk all numbers of the system, a million
# of them, so that column is kept from its index.
MRN = and_(
    identifier.c.patient_id == patient.c.id,
    identifier.c.system.concat("") == "mrn",
    identifier.c.use == "usual",
    ~identifier.c.entered_in_error,
)
NOW_AT = and_(
    encounter_stage.c.encounter_id == encounter.c.id,
    encounter_stage.c.ended_at.is_(None),
    ~encounter_stage.c.entered_in_error,
)

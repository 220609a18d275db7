"""Appointments, the guard against double booking, and where people are right now."""

from datetime import datetime

from sqlalchemy import Index, PrimaryKeyConstraint, text
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint
from sqlalchemy.schema import Table
from sqlmodel import Field, SQLModel, func

from pcoord.store.tables.base import Record, link


class Appointment(Record, table=True):
    """A visit agreed on. `status` is FHIR's; times are UTC, zone and wall text as it was agreed.

    `place` counts who shares the practitioner's time (0 is the booking proper, above it an
    overbooking with a reason); `patient_place` does so for the patient. `restriction_reason` is why
    it was booked against a scheduling alert; a `confidential` visit is not told to guardians.
    """

    patient_id: str = link("patient.id")
    practitioner_id: str = link("practitioner.id")
    location_id: str = link("location.id")
    visit_type_id: str = link("visit_type.id")
    room_id: str | None = link("room.id", default=None)
    start_at: datetime
    end_at: datetime
    zone: str
    wall: str
    status: str = "booked"
    confirmed_at: datetime | None = None
    modality: str = "in-person"
    place: int = 0
    patient_place: int = 0
    overbook_reason: str | None = None
    restriction_reason: str | None = None
    confidential: bool = False
    note: str | None = None
    cancel_reason: str | None = None
    cancelled_at: datetime | None = None
    late_cancel: bool = False
    created_at: datetime
    # When its time was agreed, where that was before it was written down; else None.
    agreed_at: datetime | None = None

    __table_args__ = (
        Index("ix_appointment_practitioner_id_start_at", "practitioner_id", "start_at"),
        Index("ix_appointment_start_at", "start_at"),
        Index("ix_appointment_patient_id_start_at", "patient_id", "start_at"),
    )


class Occupancy(SQLModel, table=True):
    """Derived, and the guard: who holds a resource for 5 minutes. Its key refuses the second.

    `cell` counts 5 minutes since 1970-01-01 UTC.
    """

    __table_args__ = (
        PrimaryKeyConstraint("kind", "resource_id", "cell", "place"),
        {"sqlite_with_rowid": False},
    )

    kind: str
    resource_id: str
    cell: int
    place: int = 0
    appointment_id: str = link("appointment.id", index=True)


class Stage(SQLModel, table=True):
    """A step of the way through the clinic; the clinic may change titles, limits and order."""

    code: str = Field(primary_key=True)
    letter: str
    title: str
    position: int
    limit_minutes: int | None = None
    encounter_status: str
    appointment_status: str | None = None


class Encounter(Record, table=True):
    """Somebody's presence: made by arrival; without an appointment it is a walk-in."""

    patient_id: str = link("patient.id", index=True)
    appointment_id: str | None = link("appointment.id", default=None, index=True)
    location_id: str = link("location.id")
    practitioner_id: str | None = link("practitioner.id", default=None)
    room_id: str | None = link("room.id", default=None)
    queue: str = "practitioner"
    status: str = "arrived"
    reason: str | None = None
    arrived_at: datetime
    ended_at: datetime | None = None
    verified: str = ""
    accompanied_by: str | None = None

    __table_args__ = (
        Index("ix_encounter_arrived_at", "arrived_at"),
        Index(
            "uq_encounter_open_room",
            "room_id",
            unique=True,
            sqlite_where=text("room_id IS NOT NULL AND ended_at IS NULL AND NOT entered_in_error"),
            postgresql_where=text(
                "room_id IS NOT NULL AND ended_at IS NULL AND NOT entered_in_error"
            ),
        ),
        Index(
            "ix_encounter_open",
            "location_id",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )


class EncounterStage(Record, table=True):
    """Where somebody was from when to when: the only truth for where they are.

    `started_at` is when it was so, `recorded_at` when it was typed in.
    """

    __tablename__ = "encounter_stage"

    encounter_id: str = link("encounter.id", index=True)
    stage: str = link("stage.code")
    started_at: datetime
    ended_at: datetime | None = None
    recorded_at: datetime
    user_id: str | None = link("staff_user.id", default=None)


class DeceasedVisit(SQLModel, table=True):
    """Derived: visits still booked for patients who died, for open work to find them by a seek."""

    __tablename__ = "deceased_visit"

    appointment_id: str = link("appointment.id", primary_key=True)
    patient_id: str = link("patient.id", index=True)
    start_at: datetime = Field(index=True)


def _second_net(table: Table) -> None:
    """Put PostgreSQL's exclusion constraint behind the occupancy guard."""
    table.append_constraint(
        ExcludeConstraint(
            (table.c.practitioner_id, "="),
            (table.c.place, "="),
            (func.tstzrange(table.c.start_at, table.c.end_at, type_=TSTZRANGE), "&&"),
            name="ex_appointment_practitioner",
            where=text(
                "status IN ('booked','arrived','checked-in','fulfilled') AND NOT entered_in_error"
            ),
            using="gist",
            # Checked at COMMIT: the occupancy guard speaks first, and it names the holder.
            deferrable=True,
            initially="DEFERRED",
        ).ddl_if(dialect="postgresql")
    )


_second_net(Appointment.__table__)  # type: ignore[attr-defined]

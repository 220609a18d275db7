"""The tables, in the standards' words (FHIR R4); every class here only declares."""

from sqlmodel import SQLModel

from pcoord.store.tables.clinic import (
    Availability,
    Counter,
    Location,
    Organization,
    Practitioner,
    PractitionerDay,
    Room,
    VisitType,
)
from pcoord.store.tables.desk import (
    Call,
    Communication,
    Draft,
    NurseCall,
    Task,
    WaitlistEntry,
)
from pcoord.store.tables.imports import Imported
from pcoord.store.tables.people import (
    Address,
    ChildhoodGrant,
    ContactPoint,
    Coverage,
    Document,
    DuplicateDue,
    DuplicatePair,
    Flag,
    HumanName,
    Identifier,
    LookupPerson,
    LookupSound,
    LookupToken,
    NotSamePerson,
    Patient,
    RelatedPerson,
)
from pcoord.store.tables.staff import AuditChain, AuditEvent, DeskSession, StaffUser
from pcoord.store.tables.visits import (
    Appointment,
    DeceasedVisit,
    Encounter,
    EncounterStage,
    Occupancy,
    Stage,
)

metadata = SQLModel.metadata

__all__ = [
    "Address",
    "Appointment",
    "AuditChain",
    "AuditEvent",
    "Availability",
    "Call",
    "ChildhoodGrant",
    "Communication",
    "ContactPoint",
    "Counter",
    "Coverage",
    "DeceasedVisit",
    "DeskSession",
    "Document",
    "Draft",
    "DuplicateDue",
    "DuplicatePair",
    "Encounter",
    "EncounterStage",
    "Flag",
    "HumanName",
    "Identifier",
    "Imported",
    "Location",
    "LookupPerson",
    "LookupSound",
    "LookupToken",
    "NotSamePerson",
    "NurseCall",
    "Occupancy",
    "Organization",
    "Patient",
    "Practitioner",
    "PractitionerDay",
    "RelatedPerson",
    "Room",
    "StaffUser",
    "Stage",
    "Task",
    "VisitType",
    "WaitlistEntry",
    "metadata",
]

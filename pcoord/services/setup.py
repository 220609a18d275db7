"""What every new clinic starts from: stages and visit types."""

from pcoord import resources
from pcoord.domain.visit import STAGES
from pcoord.store.tables import Stage, VisitType
from pcoord.store.unit import Unit


def standard_rows(unit: Unit) -> None:
    """Write the stages of a visit and the visit types of `data/visit_types.toml`."""
    unit.bulk(
        Stage,
        [
            {
                "code": s.code,
                "letter": s.letter,
                "title": s.title,
                "position": s.position,
                "limit_minutes": s.limit_minutes,
                "encounter_status": s.encounter_status,
                "appointment_status": s.appointment_status,
            }
            for s in STAGES
        ],
    )
    for position, kind in enumerate(resources.load_toml("visit_types.toml")["visit_types"]):
        unit.insert(
            VisitType,
            code=kind["code"],
            title=kind["title"],
            minutes=kind["minutes"],
            modality=kind.get("modality", "in-person"),
            words="|".join(kind.get("words", [])),
            role=kind.get("role"),
            position=position,
        )

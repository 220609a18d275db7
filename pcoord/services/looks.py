"""Looking at a patient is recorded before anything is shown."""

from datetime import timedelta

from pcoord.services.desk import Desk
from pcoord.store.queries import events

LOOKS_COUNT_ONCE = timedelta(minutes=10)


def note_look(desk: Desk, patient_id: str, action: str) -> None:
    """Record that this session looks at a patient, and where; within ten minutes once."""
    since = desk.now - LOOKS_COUNT_ONCE
    if not desk.read(events.read_lately, desk.who.session_id, patient_id, since):
        desk.store.note(desk.who, "read", action=action, patient_id=patient_id)

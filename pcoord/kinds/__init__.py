"""How typed words become values, kind by kind: patient, visit, practitioner, when, room ...

Each reader takes the words it understands out of the line, writes what it took them for into the
preview, and puts the use case's argument into `found`. What is left over at the end is a name.
"""

from collections.abc import Callable

from pcoord.kinds import about, clauses, people, same, small, talk, when
from pcoord.kinds.finish import FINISH, WOULD, demand_all
from pcoord.kinds.line import Line
from pcoord.kinds.saying import SAYING

# Actions whose unquoted words are their text; a patient is named behind "re" or selected.
TALKING = frozenset(
    {"message.send", "nurse.raise", "nurse.accept", "schedule.late", "patient.register"}
)
READERS: tuple[tuple[tuple[str, ...], Callable[[Line], None]], ...] = (
    (("fields",), same.read_fields),
    (("other",), same.read_other),
    (("merged",), same.read_merged),
    (("thing",), same.read_thing),
    (("text",), clauses.read_note),
    (("because",), clauses.read_because),
    (("identifiers",), clauses.read_identifiers),
    (("at",), clauses.read_at),
    (("cancel_reason",), clauses.read_cancel_reason),
    (("by",), clauses.read_by),
    (("callback",), clauses.read_callback),
    (("wish",), clauses.read_wish),
    (("when", "visit"), when.read_when),
    (("minutes",), small.read_minutes),
    (("phone",), small.read_phone),
    (("room",), small.read_room),
    (("stage",), small.read_stage),
    (("visit_type",), small.read_visit_type),
    (("queue",), small.read_queue),
    (("practitioner",), small.read_practitioner),
)


def read(line: Line) -> None:
    """Read all of a line's words for its action; raise Unsure, Lacking or a refusal in words."""
    if line.action.id == "message.send":
        about.read_before(line)
    for kind, reader in READERS:
        if line.has(*kind):
            reader(line)
    if line.action.id == "message.send":
        about.read_about(line)
    if line.action.id == "nurse.raise":
        talk.read_re(line)
    people.read_text(line, free=line.action.id in TALKING)
    people.read_people(line)
    FINISH.get(line.action.id, _nothing)(line)
    demand_all(line)


def would(line: Line) -> str:
    """Return what Enter will do, as a sentence without a full stop."""
    saying = WOULD.get(line.action.id) or SAYING.get(line.action.id, _title)
    said = saying(line)
    # What helped to read and to say is no argument of the use case.
    for name in [name for name in line.found if name.startswith("_")]:
        del line.found[name]
    return said


def _title(line: Line) -> str:
    who = line.found.get("_who", "")
    return f"{line.action.title}: {who}" if who else line.action.title


def _nothing(line: Line) -> None:
    """Some actions need no finishing."""

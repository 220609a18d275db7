"""What Enter will do, in the desk's words: who, what, and what becomes of it."""

from collections.abc import Callable

from pcoord.domain.visit import CANCEL_REASONS, next_stages
from pcoord.kinds.line import Line
from pcoord.kinds.when import say_moment


def _who(line: Line) -> str:
    return str(line.found.get("_who", ""))


def _stage_title(line: Line, code: str) -> str:
    return next((stage.title for stage in line.desk.stages if stage.code == code), code)


def _next(line: Line) -> str:
    coming = next_stages(str(line.found.get("_stage", "")), line.desk.stages)
    return f"leads {_who(line)} on: {coming[0].title}" if coming else f"leads {_who(line)} on"


def _stage(line: Line) -> str:
    return f"marks {_who(line)}: {_stage_title(line, str(line.found['stage']))}"


def _room(line: Line) -> str:
    room = line.desk.clinic.room(line.found["room_id"])
    return f"takes {_who(line)} to {room.name}"


def _walk_in(line: Line) -> str:
    queue, whose = line.found.get("queue"), line.found.get("practitioner_id")
    code = line.desk.clinic.practitioner(whose).code if whose else "the nurse"
    reason = f": {line.found['reason']}" if line.found.get("reason") else ""
    return f"has {_who(line)} wait for {code if queue else 'somebody'}{reason}"


def _cancel(line: Line) -> str:
    return f"cancels the visit of {_who(line)}: {CANCEL_REASONS[line.found['reason']]}"


def _message(line: Line) -> str:
    code = line.desk.clinic.practitioner(line.found["practitioner_id"]).code
    about = f" about {_who(line)}" if _who(line) else ""
    due = f", by {say_moment(line, line.found['due'])}" if line.found.get("due") else ""
    return f"sends {code} a message{about}{due}"


def _call(line: Line) -> str:
    if not any(line.found.get(name) for name in ("phone", "patient_id", "note")):
        return "opens a call to write down"
    about = f" of {_who(line)}" if _who(line) else ""
    due = line.found.get("callback_due")
    return f"stores a call{about}{f', call back {say_moment(line, due)}' if due else ''}"


SAYING: dict[str, Callable[[Line], str]] = {
    "encounter.advance": _next,
    "encounter.stage": _stage,
    "encounter.room": _room,
    "encounter.walk_in": _walk_in,
    "encounter.back": lambda line: f"takes {_who(line)} one stage back",
    "encounter.left": lambda line: f"notes that {_who(line)} left without being seen",
    "appointment.cancel": _cancel,
    "appointment.confirm": lambda line: f"notes that {_who(line)} confirmed",
    "appointment.noshow": lambda line: f"notes that {_who(line)} did not come",
    "waitlist.add": lambda line: f"puts {_who(line)} on the waiting list",
    "message.send": _message,
    "call.new": _call,
}

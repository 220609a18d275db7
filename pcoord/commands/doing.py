"""Any action as a typed line, and taking steps back."""

import argparse
import sys
from typing import TYPE_CHECKING, Any

from pcoord.commands.context import Context, is_terminal
from pcoord.commands.out import hint, print_json, say
from pcoord.commands.words import number
from pcoord.domain.errors import BadUsage, Refused

if TYPE_CHECKING:
    from pcoord.quickline import Call, Understanding
    from pcoord.services.desk import Desk


_MORE = {
    "patient": ("whom", "the MRN"),
    "here": ("whom", "the MRN"),
    "visit": ("which visit", "its day and time"),
    "practitioner": ("with whom", "the provider's code"),
    "visit_type": ("what for", "the visit type"),
    "thing": ("which of them", 'some of its words in quotes ("...")'),
    "to": ("to whom", "the MRN"),
}
"""What a line leaves open, and what would settle it."""


def do_options(parser: argparse.ArgumentParser) -> None:
    """Declare what `pcoord do` takes."""
    parser.add_argument("line", nargs="+", metavar="LINE", help='"book kim tue 2pm lee fu"')
    parser.add_argument("--dry-run", action="store_true", help="say what it would do, and stop")


def do(context: Context, args: argparse.Namespace) -> int:
    """Do what a line says, or say what it would do."""

    line = args.line[0] if len(args.line) == 1 else " ".join(map(_quoted, args.line))
    result = _understood(context, line)
    if result.refusal is not None:
        raise result.refusal
    if result.call is None:
        raise Refused(_why(context, result, line))
    if args.dry_run:
        _print_plan(context, result)
        return 0
    if not context.json and result.fields:
        hint(_fields(result))
    step = _run(context.desk, result.call)
    if context.json:
        print_json({"said": step.said, "kind": step.kind, "id": step.id, "step": step.number})
    else:
        say(f"{step.said} (step {step.number})")
    return 0


def _run(desk: "Desk", call: "Call") -> Any:
    """Run a call; each command is a session of its own, so undo reaches back over today."""
    from pcoord import quickline
    from pcoord.services import steps

    if call.action.id == steps.UNDO:
        return steps.undo_today(desk)
    return quickline.run(desk, call)


def _quoted(word: str) -> str:
    """Return a word as the line has it: the shell has taken the quotes of several off."""
    return f'"{word}"' if " " in word else word


def _understood(context: Context, line: str) -> "Understanding":
    """Read the line; on a terminal a number chooses among several who could be meant."""
    from pcoord import quickline

    picked: dict[str, Any] = {}
    result = quickline.understand(context.desk, line, picked=picked)
    while result.candidates and result.choose not in picked and _may_ask(context):
        picked[result.choose] = _ask(result)
        result = quickline.understand(context.desk, line, picked=picked)
    return result


def _may_ask(context: Context) -> bool:
    return is_terminal() and not context.json


def _ask(result: "Understanding") -> Any:
    if result.problem:
        hint(result.problem)
    for place, candidate in enumerate(result.candidates, 1):
        hint(f"{place:>3}  {candidate.shown}")
    hint("Which? Its number, or nothing to stop:")
    typed = sys.stdin.readline().strip()
    if not typed.isdecimal() or not 1 <= int(typed) <= len(result.candidates):
        raise Refused("Nothing was chosen, and nothing was stored.")
    return result.candidates[int(typed) - 1].value


def _why(context: Context, result: "Understanding", line: str) -> str:
    """Return why a line cannot be done; candidates are listed."""
    if result.missing is not None and not result.candidates:
        raise BadUsage(f"Say more: {result.missing.prompt}")
    if result.missing is not None:
        _list_candidates(context, result)
        return f"“{line}” does not say all yet. {result.missing.prompt}"
    if result.candidates:
        _list_candidates(context, result)
        what, more = _MORE.get(result.choose, ("which", "a word of the line meant"))
        return f"“{line}” does not say {what} for certain; say more, for example {more}."
    raise BadUsage(f"“{line}” is no action; `pcoord --help` and F1 in pcoord list them.")


def _list_candidates(context: Context, result: "Understanding") -> None:
    if context.json:
        found = [{"id": str(c.value), "shown": c.shown} for c in result.candidates]
        print_json({"choose": result.choose, "candidates": found})
        return
    for candidate in result.candidates:
        hint(f"  {candidate.shown}")


def _print_plan(context: Context, result: "Understanding") -> None:
    if context.json:
        print_json({"understood": dict(result.fields), "would": result.would})
        return
    say(_fields(result))
    say(f"would: {result.would}")


def _fields(result: "Understanding") -> str:
    return "; ".join(f"{label}: {text}" for label, text in result.fields)


def undo_options(parser: argparse.ArgumentParser) -> None:
    """Declare what `pcoord undo` takes."""
    parser.add_argument("step", nargs="?", type=number, metavar="STEP", help="the step's number")


def undo(context: Context, args: argparse.Namespace) -> int:
    """Take back the last step of today, or a step by its number."""
    from pcoord.services import steps

    desk = context.desk
    step = steps.undo_today(desk) if args.step is None else steps.undo_own_step(desk, args.step)
    if context.json:
        print_json({"said": step.said, "step": step.number})
    else:
        say(step.said)
    return 0

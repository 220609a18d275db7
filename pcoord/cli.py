"""The command line: which command was typed, its options, and how it may end.

Each command lives in `pcoord.commands` and is imported when it is asked for, so that a quick
lookup loads no more than it needs.
"""

import argparse
import contextlib
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from typing import Any, NoReturn

from pcoord import __version__
from pcoord.commands.context import Context, Options
from pcoord.commands.out import Unanswered, answering, one_line, say
from pcoord.domain.errors import BadUsage, DeskError
from pcoord.domain.text import readable

INTERRUPTED, FAULT = 130, 70


@dataclass(frozen=True)
class Command:
    """A command: what it is typed with, what it does, and where it is found.

    `at` names a module of `pcoord.commands` and its function `NAME(context, args)`, which has
    `NAME_options(parser)` beside it.
    """

    words: str
    usage: str
    does: str
    at: str


COMMANDS = {
    command.words: command
    for command in (
        Command("find", "TEXT... | --lines FILE", "look patients up", "patients:find"),
        Command("patient", "MRN", "a patient's card", "patients:patient"),
        Command("patient add", "--family F ...", "register a patient", "patients:add"),
        Command("patient edit", "MRN FIELD=VALUE ...", "change what is known", "record:edit"),
        Command(
            "patient entries",
            "MRN [PART [FIELD=VALUE ...]]",
            "alerts, contacts, phones, addresses, names",
            "record:entries",
        ),
        Command("patient history", "MRN", "who changed what of a record", "record:history"),
        Command("letter", "MRN LETTER [--out FILE]", "print a letter", "record:letter"),
        Command("day", "[WHEN] [--practitioner P]", "the day's appointments", "schedule:day"),
        Command("board", "", "who is here now", "schedule:board"),
        Command("openings", "VISIT_TYPE [...]", "first openings", "schedule:openings"),
        Command("do", '"QUICK LINE" [--dry-run]', "any action, as in the palette", "doing:do"),
        Command("undo", "[STEP]", "take a step of yours back", "doing:undo"),
        Command("calls", "[--open] [--since WHEN]", "the call log", "logs:calls"),
        Command("work", "[LIST]", "open work", "logs:work"),
        Command("audit", "[--patient MRN] [--user U]", "who did and saw what", "logs:audit"),
        Command("audit verify", "", "whether the audit log is whole", "logs:verify"),
        Command("user add", "USER [...]", "add a staff account", "users:add"),
        Command("user list", "", "all staff accounts", "users:everybody"),
        Command("user disable", "USER", "close an account", "users:disable"),
        Command("user password", "USER", "set a password", "users:password"),
        Command("user role", "USER ROLE", "give another role", "users:role"),
        Command("import", "csv FILE... [--map FILE]", "bring records in", "records:bring_in"),
        Command("export", "csv WHAT [--out FILE]", "take records out", "records:take_out"),
        Command("downtime", "DIR", "print what is needed without screens", "paper:downtime"),
        Command("backup", "FILE", "copy the clinic", "records:backup"),
        Command("restore", "FILE", "bring a copy back", "records:restore"),
        Command("check", "", "whether everything is whole", "records:check"),
        Command("clinic", "[NAME=VALUE ...]", "the clinic's settings", "record:clinic"),
        Command("init", "--name CLINIC [...]", "make a clinic", "clinic:init"),
        Command("setup", "FILE", "bring in sites, rooms, providers, hours", "clinic:set_up"),
        Command("demo", "[--patients N]", "make and open a demo clinic", "clinic:demo"),
    )
}


def main(words: Sequence[str]) -> int:
    """Run what was typed and return the exit code; every refusal is one line in words."""
    _have_streams()
    _be_lenient_with_output()
    try:
        code = _ended([_readable(word) for word in words])
        with answering():
            sys.stdout.flush()
        return code
    except Unanswered as lost:
        _give_up_output()
        _complain(lost.sentence)
        return lost.exit_code
    except DeskError as refusal:
        _complain(refusal.sentence)
        return refusal.exit_code
    except BrokenPipeError:
        _give_up_output()
        return 0
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        return _fault(error)


def _ended(words: list[str]) -> int:
    """Run what was typed; asking for help ends it too."""
    try:
        return _run(words)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)


def _readable(word: str) -> str:
    """Return a word whose bytes are no UTF-8 as a Latin terminal meant it; a file's name stays."""
    if word.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in word):
        return word
    with contextlib.suppress(OSError, ValueError):
        if os.path.lexists(word):
            return word
    return readable(word)


def _run(words: list[str]) -> int:
    options, rest = _leading(words)
    if not rest:
        args = _Parser("pcoord", "").parse_args([])
        return _call("clinic:desk", options, args)
    name, rest = _named(rest)
    command = COMMANDS[name]
    parser = _Parser(f"pcoord {command.words}", command.does)
    _part(command.at + "_options")(parser)
    _add_options(parser, options)
    args = parser.parse_intermixed_args(rest)
    return _call(command.at, Options(args.db, args.as_user, args.mono, args.json), args)


def _call(at: str, options: Options, args: argparse.Namespace) -> int:
    context = Context(options)
    try:
        return int(_part(at)(context, args) or 0)
    finally:
        context.close()


def _part(at: str) -> Any:
    module, _, name = at.partition(":")
    return getattr(import_module(f"pcoord.commands.{module}"), name)


class _Parser(argparse.ArgumentParser):
    """Says in one line what was wrong, and leaves 2."""

    def __init__(self, prog: str, does: str) -> None:
        super().__init__(prog=prog, description=does, allow_abbrev=False)

    def error(self, message: str) -> NoReturn:
        raise BadUsage(f"{message[:1].upper()}{message[1:]}. See `{self.prog} --help`.")


def _add_options(parser: argparse.ArgumentParser, before: Options) -> None:
    """Let the common options stand behind the command too."""
    group = parser.add_argument_group("common options")
    group.add_argument("--db", metavar="PATH_OR_URL", default=before.db, help="the clinic")
    group.add_argument(
        "--as", dest="as_user", metavar="USER", default=before.as_user, help="who you are"
    )
    group.add_argument("--mono", action="store_true", default=before.mono, help="no colours")
    group.add_argument(
        "--json", action="store_true", default=before.json, help="print one JSON document"
    )


def _leading(words: list[str]) -> tuple[Options, list[str]]:
    """Take the options that stand before the command."""
    found: dict[str, Any] = {"db": None, "as_user": None, "mono": False, "json": False}
    while words and words[0].startswith("-"):
        word, equals, value = words.pop(0).partition("=")
        if word in ("-h", "--help"):
            say(_overview())
            raise SystemExit(0)
        if word == "--version":
            say(f"pcoord {__version__}")
            raise SystemExit(0)
        if word in ("--mono", "--json") and not equals:
            found[word[2:]] = True
        elif word in ("--db", "--as"):
            if not equals and not words:
                raise BadUsage(f"{word} needs a value behind it. See `pcoord --help`.")
            found["db" if word == "--db" else "as_user"] = value if equals else words.pop(0)
        else:
            raise BadUsage(f"There is no option {word}. See `pcoord --help`.")
    return Options(**found), words


def _named(words: list[str]) -> tuple[str, list[str]]:
    """Return the command, of one word or two, and the words behind it."""
    pair = " ".join(words[:2])
    if pair in COMMANDS:
        return pair, words[2:]
    if words[0] in COMMANDS:
        return words[0], words[1:]
    fuller = [name for name in COMMANDS if name.startswith(words[0] + " ")]
    if fuller:
        raise BadUsage(f"Say more: {', '.join(f'`pcoord {name}`' for name in fuller)}.")
    near = get_close_matches(words[0], COMMANDS, 1)
    hint = f" Did you mean `pcoord {near[0]}`?" if near else " `pcoord --help` lists them."
    raise BadUsage(f"There is no command {words[0]!r}.{hint}")


def _overview() -> str:
    lines = [
        "The front desk of a clinic. Without a command, pcoord opens the desk.",
        "",
        "usage: pcoord [--db PATH_OR_URL] [--as USER] [--mono] [--json] [COMMAND ...]",
        "",
    ]
    for command in COMMANDS.values():
        lines.append(f"  {command.words} {command.usage}".rstrip())
        lines.append(f"        {command.does}")
    lines += ["", "Options stand before or after the command; `pcoord COMMAND --help` says more."]
    return "\n".join(lines)


# How it may end


def _complain(sentence: str) -> None:
    with contextlib.suppress(OSError, ValueError):
        print(one_line(sentence), file=sys.stderr)


def _have_streams() -> None:
    """Give closed standard streams a place to go, or the next file opened would take theirs."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            handle = os.open(os.devnull, os.O_RDWR)  # the lowest that is free: the closed one
            os.set_inheritable(handle, True)
            setattr(sys, name, open(handle, mode, encoding="utf-8"))  # noqa: SIM115


def _be_lenient_with_output() -> None:
    """Print what a terminal's character set lacks as escapes, rather than fail."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _give_up_output() -> None:
    """Nobody reads any more: let what is still buffered go nowhere."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fault(error: Exception) -> int:
    from pcoord.terminal import record_incident

    _complain(record_incident(error).sentence)
    return FAULT

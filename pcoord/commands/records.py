"""Records in and out of the clinic, copies of it, and whether all is whole."""

import argparse
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pcoord.commands import words
from pcoord.commands.context import Context
from pcoord.commands.out import answering, hint, print_json, say
from pcoord.commands.progress import bar
from pcoord.domain.errors import BadUsage, DeskError, Refused, Unavailable

DAMAGED = 5
FEW = 20
LOOKED_AT = 5_000
"""So many of those whom a file brought are compared at once; the others as the list is used."""


def bring_in_options(parser: argparse.ArgumentParser) -> None:
    """Declare what `pcoord import` takes."""
    parser.add_argument("format", choices=("csv",), help="what kind of file it is")
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--map", metavar="FILE", help="which column is what (TOML)")
    parser.add_argument("--dry-run", action="store_true", help="read and count only")


def bring_in(context: Context, args: argparse.Namespace) -> int:
    """Bring records in; again with the same file changes nothing."""
    from pcoord.services import importing

    mapping = Path(args.map).expanduser() if args.map else None
    files = [Path(name).expanduser() for name in args.files]
    desk = context.desk
    desk.demand("import.run")
    hint(importing.preview(files, mapping=mapping))
    with bar("bytes") as progress:
        found = importing.import_csv(
            desk,
            files,
            mapping=mapping,
            dry_run=args.dry_run,
            progress=None if context.json else progress,
        )
    if found["created"] and not args.dry_run:
        found["duplicates"] = _duplicates(context)
    if context.json:
        print_json(found)
    else:
        _tell_of_rows(found, args.dry_run)
    return 0


def _tell_of_rows(found: dict[str, Any], dry_run: bool) -> None:
    """Say what became of the rows of a file."""
    for skipped in found["skipped"]:
        hint(f"{skipped['file']}, line {skipped['line']}: {skipped['why']}")
    for note in found["notes"][:FEW]:
        hint(f"{note['file']}, line {note['line']}: {note['note']}")
    if len(found["notes"]) > FEW:
        hint(f"... and {len(found['notes']) - FEW} more such notes; --json lists them.")
    figures = ", ".join(f"{found[name]} {name}" for name in ("created", "updated", "unchanged"))
    counts = f"{found['read']} rows read: {figures}, {len(found['skipped'])} skipped"
    say(f"{counts}; nothing was stored yet." if dry_run else f"{counts}.")
    if found.get("duplicates"):
        few = found["duplicates"]
        pairs = "1 pair of records" if few == 1 else f"{few} pairs of records"
        hint(f"{pairs} may be one person each: `pcoord work duplicates` lists them.")


def _duplicates(context: Context) -> int | None:
    """Compare whom the file brought with everybody, and count who may be one person.

    The file is in by then: what goes wrong here is told, and must not look as if it were not.
    """
    from pcoord.services import duplicate_work

    try:
        with bar("patients compared") as progress:
            tell = None if context.json else progress
            duplicate_work.look(context.desk, LOOKED_AT, tell)
        return duplicate_work.count(context.desk)
    except Unavailable as refusal:
        hint(f"The file is in, but duplicates were not looked for. {refusal.sentence}")
        return None


def take_out_options(parser: argparse.ArgumentParser) -> None:
    """Declare what `pcoord export` takes."""
    parser.add_argument("format", choices=("csv",), help="what kind of file is wanted")
    parser.add_argument("what", metavar="WHAT", help="patients or appointments")
    parser.add_argument("--from", dest="from_", metavar="WHEN", help="the first day")
    parser.add_argument("--to", metavar="WHEN", help="the last day")
    parser.add_argument("--out", metavar="FILE", help="write here instead of standard output")
    parser.add_argument("--tests", action="store_true", help="test records too")
    parser.add_argument("--reason", metavar="TEXT", help="why restricted records go along")


def take_out(context: Context, args: argparse.Namespace) -> int:
    """Take records out."""
    from pcoord.services import exporting

    if context.json and not args.out:
        raise BadUsage("CSV is no JSON: leave out --json, or name a file with --out.")
    desk = context.desk
    first = words.day_of(desk, args.from_) if args.from_ else None
    last = words.day_of(desk, args.to) if args.to else None
    pieces = exporting.export_csv(
        desk, args.what, first=first, last=last, tests=args.tests, reason=args.reason
    )
    if not exporting.takes_restricted(desk, args.reason):
        hint(
            "Restricted records stay here; with --reason TEXT they go along, and the log keeps it."
        )
    if not args.out:
        _write_out(pieces)
        return 0
    path = Path(args.out).expanduser()
    size = _write_file(path, pieces)
    if context.json:
        print_json({"file": str(path), "bytes": size})
    else:
        say(f"Wrote the {args.what} to {path}; only you may read it.")
    return 0


def _write_out(pieces: Iterable[bytes]) -> None:
    raw = getattr(sys.stdout, "buffer", None)
    for piece in pieces:
        with answering():
            if raw is None:
                sys.stdout.write(piece.decode("utf-8"))
            else:
                raw.write(piece)


def _write_file(path: Path, pieces: Iterable[bytes]) -> int:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Refused(f"{path} exists already; give another name.") from None
    except OSError as error:
        raise Refused(f"{path} cannot be written: {error.strerror}.") from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            return sum(file.write(piece) for piece in pieces)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise Refused(f"{path} cannot be written: {error.strerror}; it was removed.") from None
    except DeskError:
        path.unlink(missing_ok=True)
        raise


def backup_options(parser: argparse.ArgumentParser) -> None:
    """Declare what `pcoord backup` takes."""
    parser.add_argument("file", metavar="FILE", help="where the copy goes")


def backup(context: Context, args: argparse.Namespace) -> int:
    """Copy the clinic while desks go on working."""
    from pcoord.services import upkeep

    return _told(context, upkeep.backup(context.desk, Path(args.file).expanduser()))


def restore_options(parser: argparse.ArgumentParser) -> None:
    """Declare what `pcoord restore` takes."""
    parser.add_argument("file", metavar="FILE", help="the copy to bring back")


def restore(context: Context, args: argparse.Namespace) -> int:
    """Bring a copy back in the clinic's place."""
    from pcoord.services import entry, upkeep

    if not context.named:
        raise BadUsage("Say with --db which clinic the backup takes the place of.")
    address = entry.parse_address(context.named)
    file = Path(args.file).expanduser()
    return _told(context, upkeep.restore(address, file, context.clock))


def check_options(parser: argparse.ArgumentParser) -> None:
    """Declare what `pcoord check` takes."""
    parser.add_argument("--mend", action="store_true", help="write derived rows anew first")


def check(context: Context, args: argparse.Namespace) -> int:
    """Look whether the clinic is whole; leave 5 when it is not."""
    from pcoord.services import upkeep

    return _told(context, upkeep.check(context.desk, mend=args.mend))


def _told(context: Context, found: dict[str, Any]) -> int:
    problems = found.get("problems", [])
    if context.json:
        print_json(found)
    else:
        say(str(found["said"]))
        for problem in problems:
            say(f"  {problem}")
    return 0 if found["ok"] else DAMAGED

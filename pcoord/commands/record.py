"""A patient's record on the command line: entries by part, demographics, history, letters."""

import argparse
from pathlib import Path
from typing import Any

from pcoord.commands.context import Context
from pcoord.commands.out import print_json, print_table, say
from pcoord.commands.patients import open_one, reason_option
from pcoord.domain.errors import BadUsage

FIELD = "FIELD=VALUE"
PARTS = "alert, contact, phone, address, coverage, document"


def entries_options(parser: argparse.ArgumentParser) -> None:
    """Declare what `pcoord patient entries` takes."""
    parser.add_argument("mrn", metavar="MRN", help="the record number")
    reason_option(parser)
    parser.add_argument("part", nargs="?", metavar="PART", help=f"{PARTS} or name")
    parser.add_argument(
        "fields", nargs="*", metavar=FIELD, help="adds an entry, such as kind=latex text=..."
    )
    parser.add_argument("--id", metavar="ID", help="changes this entry instead of adding one")
    parser.add_argument("--remove", metavar="ID", help="takes an entry out that was an error")


def entries(context: Context, args: argparse.Namespace) -> int:
    """Print the entries of a record, all or of one part; or add, change, take out one."""
    from pcoord.services import record, views

    desk = context.desk
    patient_id = open_one(desk, args)
    if args.fields or args.remove:
        if args.part is None:
            raise BadUsage(f"Say which part: {PARTS} or name.")
        _change(context, patient_id, args)
        return 0
    if args.part is not None:
        record.part_of(args.part)
    found = views.record_entries(desk, patient_id, args.part)
    if context.json:
        print_json(found)
    else:
        print_table([(one["part"], one["says"], one["id"]) for one in found], (8, 90, 32))
    return 0


def _change(context: Context, patient_id: str, args: argparse.Namespace) -> None:
    from pcoord.services import record

    desk, typed = context.desk, pairs(args.fields)
    if args.remove:
        record.demand_of(desk, patient_id, args.part, args.remove)
        step = record.remove(desk, part=args.part, part_id=args.remove)
    elif args.id:
        record.demand_of(desk, patient_id, args.part, args.id)
        step = record.change(desk, part=args.part, part_id=args.id, **typed)
    else:
        step = record.add(desk, patient_id=patient_id, part=args.part, **typed)
    _done(context, step)


def edit_options(parser: argparse.ArgumentParser) -> None:
    """Declare what `pcoord patient edit` takes."""
    parser.add_argument("mrn", metavar="MRN", help="the record number")
    parser.add_argument(
        "fields", nargs="+", metavar=FIELD, help="such as email=ana@example.org, deceased_on=3/4/26"
    )
    parser.add_argument(
        "--same-person", action="store_true", help="names, birth date or sex were wrong on file"
    )
    reason_option(parser)
    visits = parser.add_mutually_exclusive_group()
    visits.add_argument("--cancel-visits", action="store_true", help="of somebody who died")
    visits.add_argument("--keep-visits", action="store_true", help="leave them in open work")


def edit(context: Context, args: argparse.Namespace) -> int:
    """Change what is known of a patient, as on the form."""
    from pcoord.services import patients

    desk = context.desk
    cancel = True if args.cancel_visits else False if args.keep_visits else None
    step = patients.edit(
        desk,
        patient_id=open_one(desk, args),
        same_person=args.same_person,
        cancel_visits=cancel,
        **pairs(args.fields),
    )
    _done(context, step)
    return 0


def history_options(parser: argparse.ArgumentParser) -> None:
    """Declare what `pcoord patient history` takes."""
    parser.add_argument("mrn", metavar="MRN", help="the record number")
    reason_option(parser)


def history(context: Context, args: argparse.Namespace) -> int:
    """Print who changed what of a record, newest first."""
    from pcoord.services import views

    found = views.history(context.desk, open_one(context.desk, args))
    if context.json:
        print_json(found)
        return 0
    for one in found:
        say(f"{one['step']:>6}  {one['at'][:16]}  {one['user']}  {one['said']}")
        for line in one["changes"]:
            say(f"          {line}")
    return 0


def letter_options(parser: argparse.ArgumentParser) -> None:
    """Declare what `pcoord letter` takes."""
    parser.add_argument("mrn", metavar="MRN", help="the record number")
    reason_option(parser)
    parser.add_argument("code", metavar="LETTER", help="reminder, missed, recall, unreached")
    parser.add_argument("--out", metavar="FILE", help="a new file, instead of one in the home")
    parser.add_argument("--language", metavar="L", help="en or es, instead of the patient's")


def letter(context: Context, args: argparse.Namespace) -> int:
    """Write a letter to a file, where it may be sent; it is accounted for."""
    from pcoord.services import letters

    desk = context.desk
    patient_id = open_one(desk, args)
    out = str(Path(args.out).expanduser().absolute()) if args.out else ""
    done = letters.print_letter(desk, patient_id, args.code, out, language=args.language)
    if context.json:
        print_json({"file": str(done.file), "to": done.letter.to, "said": done.said})
    else:
        say(done.said)
    return 0


def clinic_options(parser: argparse.ArgumentParser) -> None:
    """Declare what `pcoord clinic` takes."""
    parser.add_argument(
        "fields", nargs="*", metavar="NAME=VALUE", help="changes settings: majority_age=19"
    )


def clinic(context: Context, args: argparse.Namespace) -> int:
    """Print the clinic's settings, or change one."""
    from pcoord.services import settings

    desk = context.desk
    if args.fields:
        _done(context, settings.change(desk, **pairs(args.fields)))
        return 0
    found = settings.shown(desk)
    if context.json:
        print_json(found)
    else:
        print_table([(name, str(value)) for name, value in found.items()], (20, 60))
    return 0


def pairs(words: list[str]) -> dict[str, Any]:
    """Return FIELD=VALUE words as fields; raise BadUsage for others."""
    found = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise BadUsage(f"“{word}” is not {FIELD}, such as text=... (quote blanks).")
        found[name.strip().replace("-", "_")] = value
    taken = {"patient_id", "part", "part_id", "seen", "same_person", "cancel_visits"}
    if taken & set(found):
        raise BadUsage(f"There is no field {sorted(taken & set(found))[0]!r}.")
    return found


def _done(context: Context, step: Any) -> None:
    if context.json:
        print_json({"said": step.said, "kind": step.kind, "id": step.id, "step": step.number})
    else:
        say(step.said)

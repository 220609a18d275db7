"""The call log, open work and the audit log."""

import argparse
from contextlib import suppress
from typing import Any

from pcoord.commands import words
from pcoord.commands.context import Context
from pcoord.commands.out import hint, print_json, print_table, say, say_patient
from pcoord.commands.patients import reason_option
from pcoord.domain.errors import BadUsage, Unavailable


def calls_options(parser: argparse.ArgumentParser) -> None:
    """Declare what `pcoord calls` takes."""
    parser.add_argument("--open", action="store_true", help="only call-backs still owed")
    parser.add_argument("--since", metavar="WHEN", help="since then (today)")


def calls(context: Context, args: argparse.Namespace) -> int:
    """Print calls, newest first; open ones by the time they are due."""
    from pcoord.services import calls as service
    from pcoord.services import views

    desk = context.desk
    since = words.since(desk, args.since) if args.since else None
    if since is None and not args.open:
        since = words.since(desk, "today")
    rows = service.log(desk, open_only=args.open, since=since)
    if since is not None:
        rows = [row for row in rows if row.started_at >= since]
    found = [views.call(desk, row) for row in rows]
    if context.json:
        print_json(found)
        return 0
    say(f"{len(found)} calls" if len(found) != 1 else "1 call")
    print_table([_call(one) for one in found], (5, 11, 3, 16, 24, 10, 17, 50))
    return 0


def _call(one: dict[str, Any]) -> tuple[str | None, ...]:
    due = one["callback_due"]
    owed = f"call back {due[11:16]}" if due and not one["callback_done"] else ""
    who = say_patient(one["patient"], one.get("patient_state")) or one["caller"]
    return (
        str(one["call_number"]),
        one["started"][5:16].replace("T", " "),
        one["direction"],
        one["number"],
        who,
        one["reason"],
        owed,
        one["note"],
    )


def work_options(parser: argparse.ArgumentParser) -> None:
    """Declare what `pcoord work` takes."""
    parser.add_argument("list", nargs="?", metavar="LIST", help="callbacks, messages, waitlist ...")


def work(context: Context, args: argparse.Namespace) -> int:
    """Print open work, the earliest due first."""
    from pcoord.services import work_views

    if args.list is not None and args.list not in work_views.LISTS:
        raise BadUsage(
            f"There is no list {args.list!r}; choose one of {', '.join(work_views.LISTS)}."
        )
    _look_for_duplicates(context, args.list)
    found = work_views.work(context.desk, args.list)
    _say_rest(context, sum(one["list"] == "duplicates" for one in found))
    if context.json:
        print_json(found)
        return 0
    say(f"{len(found)} open" if found else "Nothing is open.")
    print_table(
        [
            (
                one["list"],
                (one["due"] or "")[:16].replace("T", " ").removesuffix(" 00:00"),
                one["owner"],
                "!" if one["priority"] == "urgent" else "",
                say_patient(one["patient"], one.get("patient_state")),
                one["what"],
            )
            for one in found
        ],
        (14, 16, 8, 1, 26, 60),
    )
    return 0


def _say_rest(context: Context, shown: int) -> None:
    """Say beside the list that it has only the likeliest of many pairs."""
    from pcoord.services import duplicate_work

    if shown >= duplicate_work.MOST and (whole := duplicate_work.count(context.desk)) > shown:
        hint(f"Of {whole:,} pairs that may be one person, the {shown} likeliest are listed.")


def _look_for_duplicates(context: Context, wanted: str | None) -> None:
    """Compare who is new or changed: all of them when asked for duplicates, else a few."""
    from pcoord.commands.progress import bar
    from pcoord.services import duplicate_work

    if wanted == "duplicates":
        with bar("patients compared") as tell:
            duplicate_work.look(context.desk, tell=tell)
    elif wanted is None:
        # The other lists are not to wait for it, nor to fail with it.
        with suppress(Unavailable):
            duplicate_work.look(context.desk, duplicate_work.BATCH)


def audit_options(parser: argparse.ArgumentParser) -> None:
    """Declare what `pcoord audit` takes."""
    parser.add_argument("--patient", metavar="MRN", help="about this patient")
    parser.add_argument("--user", metavar="U", help="by this user")
    parser.add_argument("--since", metavar="WHEN", help="since then")
    reason_option(parser)


def audit(context: Context, args: argparse.Namespace) -> int:
    """Print who did and saw what, newest first; a reason opens the record it is about."""
    from pcoord.services import restricted_records, views

    desk = context.desk
    patient_id = views.id_of(desk, args.patient) if args.patient else None
    if args.reason:
        if patient_id is None:
            raise BadUsage("Name the record that this reason opens: --patient MRN.")
        restricted_records.demand_open(desk, patient_id, args.reason)
    found = views.audit(
        desk,
        patient_id=patient_id,
        user=args.user,
        since=words.since(desk, args.since) if args.since else None,
    )
    if context.json:
        print_json(found)
        return 0
    print_table(
        [
            (
                str(one["seq"]),
                one["at"][:19].replace("T", " "),
                one["user"],
                one["action"],
                say_patient(one["patient"], one.get("patient_state")),
                one["detail"],
            )
            for one in found
        ],
        (9, 19, 14, 22, 26, 70),
    )
    return 0


def verify_options(parser: argparse.ArgumentParser) -> None:
    """Declare what `pcoord audit verify` takes."""


def verify(context: Context, args: argparse.Namespace) -> int:
    """Check the audit log's chains; leave 1 when one is broken."""
    from pcoord.services import views

    found = views.verify(context.desk)
    if context.json:
        print_json(found)
    elif found["ok"]:
        say(f"The audit log is whole: {found['events']} events.")
    if not found["ok"]:
        hint(f"The audit log is not whole: {found['first_bad']}. Compare it with a backup.")
    return 0 if found["ok"] else 1

"""The day, who is here now, and the first openings."""

import argparse
from datetime import date, timedelta
from typing import Any

from pcoord.commands import words
from pcoord.commands.context import Context
from pcoord.commands.out import hint, print_json, print_table, say, say_patient
from pcoord.domain.errors import BadUsage, Refused

MOST_DAYS = 730

WORD = 40
"""The most that a column of coded words takes; it is as wide as what stands in it."""


def day_options(parser: argparse.ArgumentParser) -> None:
    """Declare what `pcoord day` takes."""
    parser.add_argument("when", nargs="*", metavar="WHEN", help="today, thu, +3d, dec 3 ...")
    parser.add_argument("--practitioner", metavar="P", help="only this one's visits")


def day(context: Context, args: argparse.Namespace) -> int:
    """Print the appointments of a day."""
    from pcoord.services import views

    desk = context.desk
    on = words.day_of(desk, args.when)
    whose = words.practitioner_of(desk, args.practitioner) if args.practitioner else None
    found = views.visits(desk, on, whose)
    if context.json:
        if args.when:
            hint(words.say_day(desk, on))
        print_json(found)
        return 0
    say(f"{words.say_day(desk, on)}: {len(found) or 'no'} {_visits(len(found))}")
    _print_day(found)
    return 0


def _visits(count: int) -> str:
    return "visit" if count == 1 else "visits"


def _kept(visit: dict[str, Any]) -> str:
    return "CONFIDENTIAL" if visit["confidential"] else ""


def _print_day(found: list[dict[str, Any]]) -> None:
    from pcoord.domain.visit import letter_word

    print_table(
        [
            (
                visit["start"][11:16],
                visit["practitioner"],
                visit["letter"],
                letter_word(visit["letter"]),
                say_patient(visit["patient"], visit["patient_state"]),
                f"MRN {visit['patient']['mrn'] or '-'}",
                visit["visit_type"],
                "  ".join(filter(None, (_kept(visit), visit["note"]))),
            )
            for visit in found
        ],
        (5, 8, 1, WORD, 40, WORD, WORD, 60),
    )


def board_options(parser: argparse.ArgumentParser) -> None:
    """Declare what `pcoord board` takes."""


def board(context: Context, args: argparse.Namespace) -> int:
    """Print who is here now."""
    from pcoord.services import views

    found = views.board(context.desk)
    if context.json:
        print_json(found)
        return 0
    say(f"{len(found)} here now" if found else "Nobody is here now.")
    print_table(
        [
            (
                say_patient(one["patient"], one["patient_state"]),
                f"MRN {one['patient']['mrn'] or '-'}",
                one["practitioner"] or "nurse",
                one["stage"],
                f"{one['waited_minutes']}m",
                f"since {one['since'][11:16]}",
                f"room {one['room']}" if one["room"] else "",
                ", ".join(one["flags"]),
            )
            for one in found
        ],
        (40, 12, WORD, WORD, 6, 11, WORD, 60),
    )
    return 0


def openings_options(parser: argparse.ArgumentParser) -> None:
    """Declare what `pcoord openings` takes."""
    add = parser.add_argument
    add("visit_type", nargs="+", metavar="VISIT_TYPE", help="what for: fu, new, phys ...")
    add("--practitioner", action="append", default=[], metavar="P", help="with whom; repeatable")
    add("--from", dest="from_", metavar="WHEN", help="the first day (today)")
    add("--days", type=words.number, metavar="N", help="how many days to search (90)")
    add("--part", choices=("am", "pm"), help="mornings or afternoons only")
    add("--weekday", action="append", default=[], metavar="mon", help="on these days; repeatable")
    add("--location", metavar="L", help="at this site only")
    add("--limit", type=words.number, default=20, metavar="N", help="how many at most (20)")


def openings(context: Context, args: argparse.Namespace) -> int:
    """Print the first times at which a visit fits."""
    from pcoord.services import openings as service
    from pcoord.services import views

    if args.limit < 1:
        raise BadUsage("--limit is at least 1.")
    desk = context.desk
    desk.demand("appointment.read")
    kind = words.visit_type_of(desk.clinic, " ".join(args.visit_type))
    first = words.day_of(desk, args.from_, "future")
    found = service.search(
        desk,
        minutes=kind.minutes,
        practitioner_ids=_asked(desk, kind, args.practitioner)
        or [one.id for one in service.able(desk, kind)],
        first=first,
        last=_last(first, args.days),
        part=args.part,
        weekdays=[words.weekday_of(one) for one in args.weekday],
        location_id=words.location_of(desk, args.location) if args.location else None,
        limit=args.limit,
    )
    shapes = [views.opening(desk, one) for one in found]
    if context.json:
        print_json(shapes)
        return 0
    say(f"{kind.title}, {kind.minutes} minutes, from {words.say_day(desk, first)}:")
    if not shapes:
        say("no opening; try another day, provider or a longer search (--days)")
    rows = zip(found, shapes, strict=True)
    print_table([_opening(desk, one.start, shape) for one, shape in rows], (16, 13, 8, 10))
    return 0


def _asked(desk: Any, kind: Any, named: list[str]) -> list[str]:
    """Return those of the named practitioners who take the visit type, all of whom may be asked."""
    from pcoord.services.booking import not_taken

    asked = [desk.clinic.practitioner(words.practitioner_of(desk, one)) for one in named]
    refused = [why for one in asked if (why := not_taken(desk.clinic, one, kind))]
    if asked and len(refused) == len(asked):
        raise Refused(refused[0])
    for why in refused:
        hint(why)
    return [one.id for one in asked if not not_taken(desk.clinic, one, kind)]


def _last(first: date, days: int | None) -> date | None:
    if days is None:
        return None
    if not 1 <= days <= MOST_DAYS:
        raise BadUsage(f"--days is between 1 and {MOST_DAYS}.")
    return first + timedelta(days=days - 1)


def _opening(desk: Any, start: Any, shape: dict[str, Any]) -> tuple[str, ...]:
    on = words.dates.say_day(desk.clinic.local(start).date(), desk.today)
    span = f"{shape['start'][11:16]}-{shape['end'][11:16]}"
    return on, span, shape["practitioner"], shape["location"]

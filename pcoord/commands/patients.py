"""Looking patients up, their card, and registering one."""

import argparse
import sys
from collections.abc import Iterable
from itertools import islice
from typing import Any

from pcoord.commands.context import Context
from pcoord.commands.lines import lines_of
from pcoord.commands.out import answering, hint, print_json, print_table, say, say_patient
from pcoord.commands.words import number
from pcoord.domain.errors import BadUsage, NotFound
from pcoord.domain.sentences import full_name

LIMIT = 20
TOGETHER = 200


def find_options(parser: argparse.ArgumentParser) -> None:
    """Declare what `pcoord find` takes."""
    parser.add_argument("text", nargs="*", metavar="TEXT", help="name, phone, birth date, number")
    parser.add_argument("--limit", type=number, default=LIMIT, metavar="N", help="how many at most")
    parser.add_argument(
        "--lines", metavar="FILE", help="one query a line (- reads standard input), one array each"
    )

    reason_option(parser)


def find(context: Context, args: argparse.Namespace) -> int:
    """Print who fits, best first."""
    from pcoord.services import views

    if args.limit < 1:
        raise BadUsage("--limit is at least 1.")
    if args.lines is not None:
        return _find_lines(context, args)
    text = " ".join(args.text)
    if not text.strip():
        raise BadUsage("Say whom to find: part of a name, a phone, a birth date or a number.")
    found = views.find(context.desk, text, args.limit, args.reason)
    if context.json:
        print_json(found)
    elif found:
        _print_hits(found)
    if not found:
        raise NotFound(views.nobody(context.desk, text))
    return 0


def _find_lines(context: Context, args: argparse.Namespace) -> int:
    from pcoord.services import views

    if args.text:
        raise BadUsage("Give words or --lines FILE, not both.")
    with lines_of(args.lines) as lines:
        while part := list(islice(lines, TOGETHER)):
            texts = [line.strip() for line in part]
            for found in views.find_each(context.desk, texts, args.limit):
                print_json(found)
            with answering():
                sys.stdout.flush()
    return 0


def _print_hits(found: list[dict[str, Any]]) -> None:
    print_table(
        [
            (
                say_patient(hit, hit["state"]),
                hit["birth_date"] or ("" if _is_kept(hit) else "birth date unknown"),
                f"MRN {hit['mrn'] or '-'}",
                hit["phone"],
                hit["matched"] if hit["score"] == 1 else f"* {hit['matched']}",
            )
            for hit in found
        ],
        (34, 18, 14, 18, 90),
    )


def _is_kept(hit: dict[str, Any]) -> bool:
    """Tell whether a restricted record keeps what a list would show."""
    return (hit["state"] or "").startswith("restricted")


def patient_options(parser: argparse.ArgumentParser) -> None:
    """Declare what `pcoord patient` takes."""
    parser.add_argument("mrn", metavar="MRN", help="the record number")
    reason_option(parser)


def reason_option(parser: argparse.ArgumentParser) -> None:
    """Declare the reason that a restricted record asks for."""
    parser.add_argument("--reason", metavar="TEXT", help="why a restricted record is opened")


def open_one(desk: Any, args: argparse.Namespace) -> str:
    """Return the id of the patient with a record number; a restricted one takes a reason."""
    from pcoord.services import restricted_records, views

    patient_id = views.id_of(desk, args.mrn)
    restricted_records.demand_open(desk, patient_id, args.reason)
    return patient_id


def patient(context: Context, args: argparse.Namespace) -> int:
    """Print a patient's card."""
    from pcoord.services import views

    desk = context.desk
    _show(context, views.id_of(desk, args.mrn), args.reason)
    return 0


def _show(context: Context, patient_id: str, reason: str | None = None) -> None:
    from pcoord.services import patients

    desk = context.desk
    card = patients.card(desk, patient_id, reason=reason)
    if context.json:
        print_json(card.plain(desk.clinic))
    else:
        _print_card(card, desk)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare what `pcoord patient add` takes."""
    parser.add_argument("--family", required=True, metavar="F", help="the family name")
    parser.add_argument("--given", required=True, metavar="G", help="the given names")
    parser.add_argument("--birth-date", required=True, metavar="D", help="3/4/1962, 1962-03-04 ...")
    for name, said in FIELDS.items():
        parser.add_argument(f"--{name}", metavar=name[0].upper(), help=said)
    parser.add_argument("--force", action="store_true", help="register a likely duplicate too")


FIELDS = {
    "sex": "female, male, other or unknown",
    "phone": "201-555-0142",
    "email": "an e-mail address",
    "language": "en, es ...",
}


def add(context: Context, args: argparse.Namespace) -> int:
    """Register a patient; likely duplicates are listed instead, unless forced."""
    from pcoord.services import patients, views

    desk = context.desk
    typed = {name: getattr(args, name) for name in ("family", "given", "birth_date", *FIELDS)}
    try:
        step = patients.register(desk, force=args.force, **typed)
    except patients.LikelyDuplicates as likely:
        if context.json:
            print_json({"duplicates": [views.duplicate(one) for one in likely.duplicates]})
        else:
            _print_duplicates(likely.duplicates)
        hint("Somebody like this is on file; --force registers all the same.")
        return 1
    if not context.json:
        say(step.said)
    _show(context, str(step.id))
    return 0


def _print_duplicates(found: Iterable[Any]) -> None:
    rows = [(full_name(one), str(one.birth_date or ""), f"MRN {one.mrn}", one.why) for one in found]
    print_table(rows, (34, 10, 14, 50))


def _print_card(card: Any, desk: Any) -> None:
    from pcoord.domain.dates import say_birth
    from pcoord.domain.standing import marked

    name = f"{full_name(card)} {card.middle or ''}".strip()
    say(marked(name, card.standing))
    if card.restricted:
        say("restricted record")
    born = say_birth(card.birth_date, long=True) if card.birth_date else "unknown"
    died = say_birth(card.deceased_on, long=True) if card.deceased_on else ""
    facts = {
        "MRN": card.mrn,
        "born": f"{born} ({card.age})" if card.age else born,
        "died": died,
        "sex": card.sex,
        "language": f"{card.language or ''}{', interpreter' if card.interpreter else ''}",
        "called": card.preferred,
        "phones": ", ".join(f"{one.value} ({one.use})" for one in card.phones),
        "email": card.email,
        "address": card.address,
        "here": card.here,
        "next": _visit(desk, card.next_appointment),
        "last": _visit(desk, card.last_visit),
        "note": card.note,
    }
    rows = [(name, value) for name, value in facts.items() if value]
    rows += [("alert", text) for text in card.alerts]
    rows += [("contact", _contact(one)) for one in card.contacts]
    rows += [("payer", one.says) for one in card.coverages if one.standing]
    rows += [("document", one.says) for one in card.documents]
    print_table(rows, (10, 110))


def _visit(desk: Any, visit: Any) -> str | None:
    from pcoord.domain.dates import say_day, say_time

    if visit is None:
        return None
    local = desk.clinic.local(visit.start)
    when = f"{say_day(local.date(), desk.today)} {say_time(local.time())}"
    return f"{when} {visit.practitioner} {visit.visit_type}"


def _contact(one: Any) -> str:
    from pcoord.domain.disclosure import say_scopes

    who = f"{one.given} {one.family}, {one.role}, {one.phone or 'no phone'}"
    if one.denied:
        return f"{who}; DENIED: {one.denied}"
    return f"{who}; {say_scopes(one.scopes)}"

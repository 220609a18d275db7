"""Looking patients up, their card, and registering one."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any, TextIO

from pcoord.commands.context import Context
from pcoord.commands.out import print_json, print_table, say
from pcoord.domain.errors import BadUsage, NotFound

LIMIT = 20
TOGETHER = 200


def find_options(parser: argparse.ArgumentParser) -> None:
    """Declare what `pcoord find` takes."""
    parser.add_argument("text", nargs="*", metavar="TEXT", help="name, phone, birth date, number")
    parser.add_argument("--limit", type=int, default=LIMIT, metavar="N", help="how many at most")
    parser.add_argument(
        "--lines", metavar="FILE", help="one query a line (- reads standard input), one array each"
    )


def find(context: Context, args: argparse.Namespace) -> int:
    """Print who fits, best first."""
    from pcoord.services import views

    if args.limit < 1:
        raise BadUsage("--limit is at least 1.")
    if args.lines is not None:
        return _find_lines(context, args)
    if not args.text:
        raise BadUsage("Say whom to find: part of a name, a phone, a birth date or a number.")
    text = " ".join(args.text)
    found = views.find(context.desk, text, args.limit)
    if context.json:
        print_json(found)
    elif found:
        _print_hits(found)
    if not found:
        raise NotFound(f"Nobody on file fits “{text}”. Type less of the name, or another clue.")
    return 0


def _find_lines(context: Context, args: argparse.Namespace) -> int:
    from pcoord.services import views

    if args.text:
        raise BadUsage("Give words or --lines FILE, not both.")
    with _opened(args.lines) as lines:
        while part := list(islice(lines, TOGETHER)):
            texts = [line.strip() for line in part]
            for found in views.find_each(context.desk, texts, args.limit):
                print_json(found)
            sys.stdout.flush()
    return 0


@contextmanager
def _opened(name: str) -> Iterator[TextIO]:
    if name == "-":
        yield sys.stdin
        return
    try:
        file = open(name, encoding="utf-8", errors="replace")  # noqa: SIM115
    except OSError as error:
        raise BadUsage(f"{name} cannot be read: {error.strerror}.") from error
    with file:
        yield file


def _print_hits(found: list[dict[str, Any]]) -> None:
    print_table(
        [
            (
                f"{hit['family']}, {hit['given']}".rstrip(", "),
                hit["birth_date"] or "birth date unknown",
                f"MRN {hit['mrn'] or '-'}",
                hit["phone"],
                hit["matched"] if hit["score"] == 1 else f"* {hit['matched']}",
            )
            for hit in found
        ],
        (34, 18, 14, 18, 30),
    )


def patient_options(parser: argparse.ArgumentParser) -> None:
    """Declare what `pcoord patient` takes."""
    parser.add_argument("mrn", metavar="MRN", help="the record number")


def patient(context: Context, args: argparse.Namespace) -> int:
    """Print a patient's card."""
    from pcoord.services import views

    card = views.card(context.desk, views.id_of(context.desk, args.mrn))
    if context.json:
        print_json(card)
    else:
        print_card(card)
    return 0


def print_card(card: dict[str, Any]) -> None:
    """Print a card for people."""
    say(f"{card['family']}, {card['given']} {card['middle'] or ''}".strip())
    facts = {
        "MRN": card["mrn"],
        "born": card["birth_date"],
        "sex": card["sex"],
        "language": _language(card),
        "called": card["preferred"],
        "phones": ", ".join(f"{one['value']} ({one['use']})" for one in card["telecom"]),
        "email": card["email"],
        "address": card["address"],
        "next": _visit(card["next_appointment"]),
        "last": _visit(card["last_visit"]),
        "note": card["note"],
        "deceased": card["deceased_on"],
    }
    rows = [(name, value) for name, value in facts.items() if value]
    rows += [("alert", f"{one['kind']}: {one['text']}") for one in card["alerts"]]
    rows += [("contact", _contact(one)) for one in card["contacts"]]
    print_table(rows, (10, 110))


def _language(card: dict[str, Any]) -> str | None:
    if not card["language"]:
        return None
    return f"{card['language']}, interpreter" if card["interpreter"] else str(card["language"])


def _visit(visit: dict[str, Any] | None) -> str | None:
    if visit is None:
        return None
    start = visit["start"].replace("T", " ")[:16]
    return f"{start} {visit['practitioner']} {visit['visit_type']} {visit['note'] or ''}".rstrip()


def _contact(one: dict[str, Any]) -> str:
    who = f"{one['given']} {one['family']}, {one['role']}, {one['phone'] or 'no phone'}"
    if one["denied"]:
        return f"{who}; DENIED: {one['denied']}"
    return f"{who}; may discuss {', '.join(one['may_discuss']) or 'nothing'}"

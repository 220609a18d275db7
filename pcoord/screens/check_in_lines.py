"""How the check-in panel is written."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len

from pcoord.widgets.paint import Line, shortened, wrapped

if TYPE_CHECKING:
    from pcoord.services.arrivals import Arrival, Identifier
    from pcoord.services.callers import Related

HEAD = " CHECK IN  "
LEAST_NAME = 24
LABELS = 32
"""Cells before what is stored of an identifier."""

MOST_RELATED = 4
MOST_COVERAGES = 2


def panel_lines(
    arrival: "Arrival", given: Sequence[str], companion: str | None, problem: str, width: int
) -> list[Line]:
    """Return who it is, what to ask with what is stored, who came along, and what Enter does.

    What is wrong takes as many lines of `width` cells as it needs: its end says what to do.
    """
    facts = f"  {arrival.facts}"
    name = shortened(arrival.name, max(LEAST_NAME, width - len(HEAD) - cell_len(facts)))
    lines: list[Line] = [
        ((HEAD, "bold"), (name, "bold"), (facts, "")),
        ((f"           {arrival.visit}", ""),),
    ]
    for number, identifier in enumerate(arrival.identifiers):
        lead = " asked     " if number == 0 else " " * 11
        lines += _asked(lead, identifier, identifier.name in given, width)
    lines += _covered(arrival.coverages)
    if arrival.minor:
        lines += _along(arrival.related, companion)
    return [*lines, *_verdict(problem, width, covered=bool(arrival.coverages))]


def _asked(lead: str, identifier: "Identifier", given: bool, width: int) -> list[Line]:
    """Return what is to be compared with what somebody says: all of it, on a second line too."""
    stored = identifier.stored or "not on file"
    first, *more = wrapped(stored, width - LABELS) or [stored]
    style = "" if identifier.stored else "dim"
    return [
        (
            (f"{lead}[{'x' if given else ' '}] ", ""),
            (identifier.key, "bold"),
            (f" {identifier.name:<14} ", ""),
            (first, style),
        ),
        *(((" " * LABELS, ""), (line, style)) for line in more),
    ]


def _covered(coverages: Sequence[str]) -> list[Line]:
    """Return who pays, to be asked after with the card in hand."""
    shown = [*coverages[:MOST_COVERAGES]]
    more = len(coverages) - len(shown)
    if more:
        shown[-1] += f"   and {more} more (v)"
    if not coverages:
        return [((" pays      ", ""), ("nobody on file: ask for the card ", ""), ("(v)", "bold"))]
    leads = [" pays      ", *[" " * 11] * (len(shown) - 1)]
    return [((f"{lead}{text}", ""),) for lead, text in zip(leads, shown, strict=True)]


def _along(related: Sequence["Related"], companion: str | None) -> list[Line]:
    shown = [
        _one_along(str(number), person, person.id == companion)
        for number, person in enumerate(related[:MOST_RELATED], 1)
    ]
    listed = {person.id for person in related}
    chosen = companion is not None and companion not in listed
    nobody: Line = (
        (f"{'[x] ' if chosen else '[ ] '}", ""),
        ("0", "bold"),
        (" somebody not on file, or alone", ""),
    )
    leads = [" came with ", *[" " * 11] * len(shown)]
    return [((lead, ""), *line) for lead, line in zip(leads, [*shown, nobody], strict=True)]


def _one_along(key: str, person: "Related", chosen: bool) -> Line:
    if person.denied:
        return ((f"    {key} {person.name}, {person.role}: DENIED {person.denied} ", "reverse"),)
    may = ", ".join(person.scopes) if person.scopes else "nothing agreed"
    consent = "" if "consent" in person.scopes else "NO CONSENT; "
    return (
        ("[x] " if chosen else "[ ] ", ""),
        (key, "bold"),
        (f" {person.name}, {person.role}: {consent}{may}", ""),
    )


def _verdict(problem: str, width: int, *, covered: bool) -> list[Line]:
    if problem:
        return [((f" {line} ", "reverse"),) for line in wrapped(problem, width - 2)]
    return [
        (
            (" Enter ", "bold"),
            (f"demographics{' and coverage' if covered else ''} still valid, check in   ", ""),
            ("v", "bold"),
            (" record   ", ""),
            ("Esc", "bold"),
            (" leaves", ""),
        )
    ]

"""The tables of a result: for the terminal, and for the README, which is made from the last one.

python -m tests.benchmarks.table            # prints what the README's section should be
python -m tests.benchmarks.table --write    # puts it there
"""

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks.targets import Row, verdict

ROOT = Path(__file__).resolve().parents[2]
RESULTS = Path(__file__).with_name("results")
README = ROOT / "README.md"
BEGIN, END = "<!-- speed: made by `python -m tests.benchmarks.table` -->", "<!-- /speed -->"
PROGRAMS = ("pcoord", "floor", "naive", "widgets", "hello", "raw")


def cells(found: Row) -> list[str]:
    """Return one row of a table: measure, pcoord, floor, naive, and how it stands."""
    floor = found.get("floor", found.get("raw"))
    unit = f" {found['unit']}" if found["unit"] else ""
    values = [found.get("pcoord"), floor, found.get("naive")]
    # Nought is what a twin took that answered only after the next key: nothing can be said of it.
    said = [f"{value:,g}{unit}" if value else "-" for value in values]
    more = [
        f"{name} {found[name]:,g}{unit}" for name in ("widgets", "hello", "most") if found.get(name)
    ]
    stands = [verdict(found) or ", ".join(more), found.get("also")]
    return [found["name"], *said, "; ".join(filter(None, stands))]


def text_table(rows: Sequence[Row]) -> str:
    """Return the table for a terminal, every figure of every row."""
    head = ["measure", "pcoord", "floor", "naive", "stands, or also"]
    lines = [head, *(cells(found) for found in rows)]
    widths = [max(len(line[n]) for line in lines) for n in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def section(results: Sequence[dict[str, Any]]) -> str:
    """Return the README's section: one table for each committed result."""
    parts = [part for result in results for part in _part(result)]
    return "\n".join([BEGIN, *parts, END])


def _part(result: dict[str, Any]) -> Iterator[str]:
    size, versions = result["size"], result["versions"]
    names = ", ".join(f"{name} {version}" for name, version in versions.items())
    yield (
        f"{size['patients']:,} patients, {size['practitioners']} practitioners, a day of "
        f"{size['day']:,} visits; medians of {result['rounds']} rounds in turns, on "
        f"{result['machine']['cores']} cores with a load of {result['machine']['load']}; {names}."
    )
    yield ""
    yield "| measure | pcoord | floor | naive | stands |"
    yield "| --- | --- | --- | --- | --- |"
    for found in result["rows"]:
        yield f"| {' | '.join(cells(found))} |"
    yield ""


def committed() -> list[dict[str, Any]]:
    """Return the results that lie in the checkout, the smaller clinic first."""
    found = [json.loads(path.read_text()) for path in sorted(RESULTS.glob("*.json"))]
    return sorted(found, key=lambda result: int(result["size"]["patients"]))


def main() -> None:
    """Print the section, or put it into the README."""
    made = section(committed())
    if sys.argv[1:] != ["--write"]:
        print(made)
        return
    before, _, rest = README.read_text().partition(BEGIN)
    README.write_text(before + made + rest.partition(END)[2])


if __name__ == "__main__":
    main()

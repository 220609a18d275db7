"""What was tried and what happened: rows written by the runs, and the README's table of them.

    PCOORD_FAULTS=full PCOORD_FAULTS_REPORT=build/faults python -m pytest tests/faults
    python -m tests.faults.table build/faults     # takes the rows over and writes the README anew
    python -m tests.faults.table                  # prints the table

Each row is a file of its own, so that test processes side by side do not wait for each other.
"""

import json
import os
import platform
import re
import sqlite3
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
RESULTS = Path(__file__).with_name("results.json")
README = ROOT / "README.md"
BEGIN, END = "<!-- faults: written by make faults -->", "<!-- end of faults -->"
GROUPS = ("desks", "file", "server", "terminal", "text", "clock")

Row = dict[str, Any]


def rounds(full: int, short: int) -> int:
    """Return how often to try: `short` in every test run, `full` or another number when asked."""
    asked = os.environ.get("PCOORD_FAULTS", "")
    if asked == "full":
        return full
    return int(asked) if asked.isdigit() else short


def record(key: str, group: str, tried: str, times: int, happened: str) -> None:
    """Write a row where the run wants a report; `key` names the test, `times` counts the tries."""
    folder = os.environ.get("PCOORD_FAULTS_REPORT")
    if not folder:
        return
    assert group in GROUPS, group
    row = {"key": key, "group": group, "tried": tried, "times": times, "happened": happened}
    place = ROOT / folder
    place.mkdir(parents=True, exist_ok=True)
    (place / f"{re.sub('[^a-z0-9]+', '-', key.lower())[-150:]}.json").write_text(json.dumps(row))


def load() -> dict[str, Any]:
    """Return what the last full runs found."""
    if not RESULTS.exists():
        return {"where": "", "rows": []}
    found: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8"))
    return found


def take_over(folder: Path) -> None:
    """Put the rows of a run in the place of older rows of the same tests."""
    found = load()
    rows = {row["key"]: row for row in found["rows"]}
    for file in sorted(folder.glob("*.json")):
        row = json.loads(file.read_text())
        rows[row["key"]] = row
    ordered = sorted(rows.values(), key=lambda row: (GROUPS.index(row["group"]), row["key"]))
    result = {"where": _where(), "rows": ordered}
    RESULTS.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def render(found: dict[str, Any]) -> str:
    """Return the table as the README has it."""
    lines = ["| tried | times | what happened |", "| --- | ---: | --- |"]
    for row in found["rows"]:
        lines.append(f"| {_cell(row['tried'])} | {row['times']:,} | {_cell(row['happened'])} |")
    return "\n".join([*lines, "", f"Last run on {found['where']}."])


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def in_readme() -> str:
    """Return the table that stands in the README."""
    return README.read_text(encoding="utf-8").split(BEGIN)[1].split(END)[0].strip()


def write_readme() -> None:
    """Put the table into the README."""
    text = README.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    README.write_text(f"{before}{BEGIN}\n{render(load())}\n{END}{after}", encoding="utf-8")


def _where() -> str:
    import psycopg

    return (
        f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}, psycopg {psycopg.__version__}"
    )


def main(words: list[str]) -> None:
    """Take over the rows of a folder and write the README anew, or print the table."""
    if words:
        take_over(Path(words[0]))
        write_readme()
    print(render(load()))


if __name__ == "__main__":
    main(sys.argv[1:])

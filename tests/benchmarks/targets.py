"""What is to be reached, and how a row stands to it. Times are compared within one run only."""

from dataclasses import dataclass
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True)
class Target:
    """A row of pcoord may have at most `most`: times what `of` took, or as it is (of "").

    With `least`, it must have at least as much.
    """

    most: float
    of: str = ""
    figure: str = "pcoord"
    least: bool = False

    def met(self, value: float) -> bool:
        """Tell whether a value will do."""
        return value >= self.most if self.least else value <= self.most


TARGETS = {
    "typing in lookup: CPU a key": Target(0.2, "naive"),
    "screen switches: CPU a key": Target(0.2, "naive"),
    "first frame": Target(1.15, "hello"),
    "first frame: CPU": Target(1.15, "hello"),
    "crowded day, of 8 practitioners on the screen: CPU": Target(2, "raw"),
    "crowded day, whole: CPU": Target(2, "raw"),
    "typing in lookup: bytes a key": Target(4_500, figure="most"),
    "cursor moves: bytes a key": Target(400),
    "screen switches: bytes a key": Target(7_000, figure="most"),
    "another desk's change seen, SQLite": Target(500),
    "another desk's change seen, PostgreSQL": Target(500),
    "lookup among 1,000,000, a key: CPU": Target(0.001, "naive"),
    "lookup, queries of every kind: CPU": Target(5, figure="most"),
    "lookup, one error in the name: found in the first ten": Target(0.97, least=True),
    "lookup, two errors, after the pause: found in the first ten": Target(0.75, least=True),
    "likely duplicates of who is registered: CPU": Target(50, figure="most"),
}

TARGETS["FEBRL 4, by name: found in the first five"] = Target(0.9, least=True)
TARGETS["FEBRL 4, by name and birth date: found in the first five"] = Target(0.975, least=True)

TARGETS |= {
    f"PostgreSQL, {name.replace('CPU', 'time')}": target
    for name, target in TARGETS.items()
    if name.startswith(("lookup", "crowded", "likely"))
}

TARGETS["PostgreSQL, guard of a booking: time"] = Target(2, "raw")


def stands(found: Row) -> tuple[float, bool] | None:
    """Return how a row stands (its share of another, or its figure) and whether that will do."""
    target = TARGETS.get(found["name"])
    if target is None or target.figure not in found:
        return None
    own = float(found[target.figure])
    if not target.of:
        return own, target.met(own)
    if not found.get(target.of):
        return None
    share = own / found[target.of]
    share = round(share, 2) if share >= 0.1 else float(f"{share:.2g}")
    return share, target.met(share)


def verdict(found: Row) -> str:
    """Return in words how a row stands to what is to be reached; "" where nothing is."""
    stood = stands(found)
    if stood is None:
        return ""
    value, good = stood
    target = TARGETS[found["name"]]
    told = f"{value:g} of {target.of}" if target.of else f"{value:g}"
    bound = "at least" if target.least else "at most"
    return f"{told}, {bound} {target.most:g}" + ("" if good else ": MISSED")

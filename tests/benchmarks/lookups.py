"""Patient lookup below the screen: a key, the worst of many queries, and the misspelt."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from random import Random
from typing import Any

from sqlalchemy import text

from pcoord.domain.names import fold
from pcoord.services import lookup
from pcoord.services.desk import Desk
from pcoord.services.duplicates import duplicates
from tests.benchmarks.cases import OURS, Bench, Row, let_go, median, new_desk, row, statements
from tests.slips import slip

SHOWN = 31
EACH = 12
ASKED = 200
AGAIN, TURNS = 24, 10
DOUBLES = 60
KEYS = ("g", "go", "gon", "gonz", "gonzalez", "j", "jo", "joh", "johnson", "w", "wi", "wils", "m")
_LIKE = """
SELECT p.family, p.given, p.birth_date, i.value FROM patient p
JOIN identifier i ON i.patient_id = p.id
WHERE p.family LIKE :like OR p.given LIKE :like OR i.value LIKE :like
ORDER BY p.family, p.given LIMIT 30
"""
_ILIKE = _LIKE.replace("LIKE :like", "ILIKE %(like)s")
_SOMEBODY = """
SELECT p.family, p.given, p.birth_date, (
    SELECT c.digits FROM contact_point c WHERE c.patient_id = p.id LIMIT 1) AS digits
FROM lookup_person l JOIN patient p ON p.id = l.patient_id WHERE l.no = :no
"""


def lookups(bench: Bench) -> Iterator[Row]:
    """Look patients up: what a key costs, what the worst query does, and who is found misspelt."""
    desk = new_desk(bench)
    with let_go(desk):
        people = _some(desk, ASKED)
        count = desk.read(lambda c: int(c.execute(text("SELECT count(*) FROM patient")).scalar()))
        yield from _keys(bench, desk, count)
        yield from _kinds(bench, desk, people)
        yield from _misspelt(bench, desk, people)
        yield from _doubles(bench, desk, people)


def _keys(bench: Bench, desk: Desk, count: int) -> Iterator[Row]:
    """Each key in turns: the whole answer, its statements with the raw driver, an ordered LIKE."""
    spent: dict[str, list[float]] = {OURS: [], "raw": [], "naive": []}
    driver: Any = desk.store.connection.connection.driver_connection
    like = _ILIKE if bench.on_server else _LIKE
    for typed in KEYS:
        with statements(desk) as asked:
            _look(desk, typed)
        spent[OURS].append(_least(bench, partial(_look, desk, typed)))
        spent["raw"].append(_least(bench, partial(_run, driver, asked)))
        naive = partial(_run, driver, [(like, {"like": f"%{typed}%"})])
        spent["naive"].append(_least(bench, naive, times=1))
    took = {name: median(times) for name, times in spent.items()}
    yield row(bench.named(f"lookup among {count:,}, a key"), "ms", n=len(KEYS), **took)


def _kinds(bench: Bench, desk: Desk, people: Sequence[Any]) -> Iterator[Row]:
    for name, wide in (("queries of every kind", False), ("queries after the pause", True)):
        asked = [kind(who) for kind in KINDS for who in people[:EACH]]
        spent = {
            typed: _least(bench, partial(_look, desk, typed, wide))
            for typed in dict.fromkeys(asked)
        }
        # Some are slow because the machine had other work just then: the slowest again, in turns.
        slowest = sorted(spent, key=lambda typed: spent[typed])[-AGAIN:]
        for typed in slowest * TURNS:
            spent[typed] = min(spent[typed], _least(bench, partial(_look, desk, typed, wide)))
        told = {OURS: median(list(spent.values())), "most": round(max(spent.values()), 2)}
        worst = max(spent, key=lambda typed: spent[typed])
        yield row(bench.named(f"lookup, {name}"), "ms", n=len(spent), worst=worst, **told)


def _misspelt(bench: Bench, desk: Desk, people: Sequence[Any]) -> Iterator[Row]:
    """Type a family name with errors, and the given name; namesakes are as good."""
    said = {1: "one error in the name", 2: "two errors, after the pause"}
    engine = "PostgreSQL, " if bench.on_server else ""
    for errors, name in said.items():
        chance, found = Random(errors), 0
        for who in people:
            typed = who.family.lower()
            for _ in range(errors):
                typed = slip(typed, chance)
            hits = lookup.find(desk, f"{typed} {who.given}", limit=10, wide=errors > 1)
            found += (who.family, who.given) in {(hit.family, hit.given) for hit in hits}
        share = round(found / len(people), 3)
        yield row(
            f"{engine}lookup, {name}: found in the first ten", "", n=len(people), **{OURS: share}
        )


def _doubles(bench: Bench, desk: Desk, people: Sequence[Any]) -> Iterator[Row]:
    """Register people who are on file, each in another way: what it takes to be warned of them."""
    spent, found = [], 0
    for n, who in enumerate(people[:DOUBLES]):
        typed = REGISTERED[n % len(REGISTERED)](who)
        spent.append(_least(bench, partial(duplicates, desk, **typed)))
        found += (who.family, who.given) in {(d.family, d.given) for d in duplicates(desk, **typed)}
    most, share = round(max(spent), 2), round(found / len(spent), 3)
    told = {OURS: median(spent), "most": most, "also": f"found {share:g}"}
    yield row(bench.named("likely duplicates of who is registered"), "ms", n=len(spent), **told)


def _look(desk: Desk, typed: str, wide: bool = False) -> Any:
    return lookup.find(desk, typed, limit=SHOWN, addresses=True, wide=wide)


def _run(driver: Any, asked: Sequence[tuple[str, Any]]) -> Any:
    return [driver.execute(*one).fetchall() for one in asked]


def _least(bench: Bench, take: Callable[[], Any], times: int = 5) -> float:
    """Return the least of several times, in milliseconds: the machine has other work too."""
    spent = []
    for _ in range(times):
        before = bench.clock()
        take()
        spent.append((bench.clock() - before) * 1e3)
    return min(spent)


def _some(desk: Desk, count: int) -> list[Any]:
    """Return some patients, the same each time."""
    chance, query = Random(17), text(_SOMEBODY)

    def read(connection: Any) -> list[Any]:
        last = int(connection.execute(text("SELECT max(no) FROM lookup_person")).scalar())
        found = (connection.execute(query, {"no": no}).first() for no in _numbers(chance, last))
        return [who for who, _ in zip(filter(_asked_for, found), range(count), strict=False)]

    return desk.read(read)


def _numbers(chance: Random, last: int) -> Iterator[int]:
    while True:
        yield chance.randrange(1, last + 1)


def _asked_for(who: Any) -> bool:
    """Leave out whom no phone, birth date or name of more than three letters is known of."""
    return who is not None and bool(who.digits and who.birth_date) and len(fold(who.family)) > 3


def _typed(who: Any, **other: str) -> dict[str, str]:
    """Return what a form has of somebody, some of it otherwise."""
    born = str(who.birth_date)
    return {"family": who.family, "given": who.given, "birth_date": born} | other


REGISTERED: tuple[Callable[[Any], dict[str, str]], ...] = (
    _typed,
    lambda who: _typed(who, family=slip(who.family.lower(), Random(7))),
    lambda who: _typed(who, family=who.given, given=who.family),
    lambda who: _typed(who, birth_date=f"{_year(who)}-{str(who.birth_date)[5:7]}-11"),
    lambda who: _typed(who, birth_date="?", phone=who.digits),
)
"""Ways in which somebody who is on file is registered once more."""


def _family(who: Any, letters: int = 40) -> str:
    return fold(who.family).split()[0][:letters]


def _given(who: Any, letters: int = 40) -> str:
    return (fold(who.given).split() or ["a"])[0][:letters]


def _year(who: Any) -> str:
    return str(who.birth_date)[:4]


KINDS: tuple[Callable[[Any], str], ...] = (
    lambda who: _family(who, 1),
    lambda who: _given(who, 2),
    lambda who: _family(who, 3),
    _family,
    _given,
    lambda who: f"{_given(who)} {_family(who)}",
    lambda who: f"{_given(who, 2)} {_family(who)}",
    lambda who: f"{_family(who, 3)} {_given(who, 2)}",
    lambda who: f"{_given(who, 1)} {_family(who, 1)}",
    lambda who: f"{_given(who, 1)} {_family(who, 2)}",
    lambda who: f"{_family(who, 4)} {_given(who, 3)} {_year(who)[2:]}",
    lambda who: f"{_family(who, 1)} {_given(who, 1)} {_year(who)[2:]}",
    lambda who: f"{_family(who, 2)} {_given(who, 2)} {_year(who)[2:]}",
    lambda who: f"{_family(who, 4)} {_year(who)[2:]}",
    lambda who: f"{_given(who)} {_year(who)}",
    _year,
    lambda who: f"{2026 - int(_year(who))}y",
    lambda who: str(who.birth_date),
    lambda who: f"{_family(who, 3)} {who.birth_date}",
    lambda who: who.digits[1:4],
    lambda who: who.digits[-4:],
    lambda who: who.digits[-7:],
    lambda who: f"{who.digits[-4:]} {_family(who)}",
    lambda who: f"{who.digits[1:4]} {_given(who)}",
    lambda who: who.digits[-2:],
    lambda who: slip(_family(who), Random(5)),
    lambda who: f"{slip(_family(who), Random(6))} {_given(who)}",
    lambda who: f"{_family(who)} {_given(who)} x",
    lambda who: f"{_family(who)} maple",
)

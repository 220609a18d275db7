"""Invented patients by the million: names as unevenly spread as in a census, all of it seeded.

The demo's people come from some thousand names; here the common ones stand before a long tail of
composed ones, as in a country: the first ten surnames have about one in twelve people, and
about 95,000 are borne by somebody among a million. Nicknames, two surnames, former names and
relatives come as often as a front desk meets them. Numbers lie in 555 exchanges.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from itertools import accumulate, product
from random import Random

from pcoord.services.demo_names import Weighted, cultures, places, short_names
from pcoord.services.demo_people import Address, OtherName, Person, Phone, Related

SURNAMES = 95_000
HEAD = 12
BEGINNINGS = """
Al Ar Bar Ben Ber Bol Bran Bur Cal Cam Car Cas Col Cor Cran Dal Dan Del Den Dor Dun El Em Er Fal
Far Fen Fer Gal Gar Gil Gran Gre Had Hal Ham Har Hart Hol Hor Jan Jen Kal Kel Ken Kir Kol Lan Lar
Lin Lor Lud Mac Mal Man Mar Mer Mil Mon Mor Nel Nor Ol Or Pal Par Per Phil Pol Por Ran Ras Rich Ro
Ros Sal San Sar Schu Sel Shel Sil Sol Stan Ster Sul Tal Tan Thor Tol Tor Val Ver Vil Wal War Wel
Wil Win Wor Yar Zan Zim
"""
MIDDLES = "a e i o ber den der el en er es in is la len ler man mer na on ri ro ter"
ENDINGS = """
son sen man mann berg burg ers ez es field ford gan ham hart is ki ko ley lin low ly mer more ney
ov ova rick ridge set shaw sky ski stein ston ton vich well wood worth by dale don elli etti ini
oni ard eau ier quist
"""


@cache
def surnames() -> tuple[list[str], list[float]]:
    """Return the surnames, the most frequent first, and their weights added up."""
    known, _ = cultures()
    ranked: dict[str, int] = {}
    for culture in known:
        for name, weight in _parted(culture.family):
            ranked.setdefault(name, weight * culture.share)
    first = sorted(ranked, key=lambda name: (-ranked[name], name))
    parts = (BEGINNINGS.split(), ["", *MIDDLES.split()], ENDINGS.split())
    tail = ["".join(chosen) for chosen in product(*parts)]
    Random(7).shuffle(tail)
    names = list(dict.fromkeys([*first, *tail]))[:SURNAMES]
    return names, list(accumulate(1 / (rank + HEAD) for rank in range(len(names))))


@cache
def given_names(sex: str) -> tuple[list[str], list[float]]:
    """Return the given names of a sex, and their weights added up."""
    known, _ = cultures()
    weights: dict[str, float] = {}
    for culture in known:
        own = culture.given[sex]
        for name, weight in _parted(own):
            weights[name] = weights.get(name, 0) + culture.share * weight / own.weights[-1]
    return list(weights), list(accumulate(weights.values()))


def _parted(names: Weighted) -> Iterator[tuple[str, int]]:
    """Return names with their own weights, not added up."""
    for name, high, low in zip(names.names, names.weights, [0, *names.weights], strict=False):
        yield name, high - low


def people(count: int, seed: int, today: date, region: str = "US") -> Iterator[Person]:
    """Return that many invented people; the same seed gives the same, fewer are their beginning."""
    rng = Random(seed)
    for number in range(1, count + 1):
        yield _person(rng, number, today)


def _person(rng: Random, number: int, today: date) -> Person:
    sex = "female" if rng.random() < 0.52 else "male"
    family, given = _family(rng), _pick(rng, given_names(sex))
    made = Person(number, number, family, given, sex, _born(rng, today), "en", _address(rng))
    drawn = rng.random()
    if drawn < 0.45:
        made.middle = _pick(rng, given_names(sex)) if drawn < 0.2 else given[0]
    if (short := short_names().get(given)) and rng.random() < 0.4:
        made.preferred = rng.choice(short)
    if sex == "female" and rng.random() < 0.15:
        made.other_names.append(OtherName("maiden", _family(rng), given))
    _reach(rng, made)
    return made


def _reach(rng: Random, made: Person) -> None:
    """Give somebody a telephone or two, an e-mail at times, and somebody who belongs to them."""
    made.phones = [Phone("mobile", _number(rng))]
    if rng.random() < 0.2:
        made.phones.append(Phone("home", _number(rng)))
    if rng.random() < 0.4:
        made.email = f"patient{made.number}@example.org"
    if rng.random() < 0.3:
        near = _pick(rng, given_names(rng.choice(("female", "male"))))
        made.related.append(Related(made.family, near, "spouse", _number(rng), "appointments"))


def _family(rng: Random) -> str:
    name, drawn = _pick(rng, surnames()), rng.random()
    if drawn < 0.03:
        return f"{name} {_pick(rng, surnames())}"
    if drawn < 0.05 and "-" not in name:
        return f"{name}-{_pick(rng, surnames())}"
    return name


def _pick(rng: Random, weighted: tuple[list[str], list[float]]) -> str:
    names, weights = weighted
    return rng.choices(names, cum_weights=weights)[0]


def _born(rng: Random, today: date) -> date:
    return today - timedelta(days=int(rng.triangular(1, 35_000, 12_000)))


def _number(rng: Random) -> str:
    return f"{rng.randrange(201, 990)}-555-{rng.randrange(10_000):04d}"


def _address(rng: Random) -> Address:
    city = rng.choice(places()["cities"])
    line = f"{rng.randrange(1, 990)} {rng.choice(places()['streets'])}"
    return Address(line, city["name"], city["state"], f"{city['postal']}{rng.randrange(10)}")

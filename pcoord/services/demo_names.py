"""Names, places and telephone numbers for the invented people of the demo."""

from functools import cache
from itertools import accumulate
from math import gcd
from random import Random
from typing import Any

from pcoord import resources

CULTURES = (
    *("english", "spanish", "irish", "vietnamese", "arabic", "chinese", "french"),
    *("polish", "czech", "ethiopian"),
)
WEIGHTS = {"common": 6, "usual": 2, "rare": 1}


class Weighted:
    """Names, some more often than others."""

    def __init__(self, table: dict[str, list[str]]) -> None:
        pairs = [(name, WEIGHTS[rank]) for rank in WEIGHTS for name in table.get(rank, [])]
        self.names = [name for name, _ in pairs]
        self.weights = list(accumulate(weight for _, weight in pairs))

    def pick(self, rng: Random) -> str:
        """Return one name by chance."""
        return rng.choices(self.names, cum_weights=self.weights)[0]


class Culture:
    """The names of one part of the world and how they are handed on."""

    def __init__(self, file: dict[str, Any]) -> None:
        self.language: str = file["language"]
        self.share: int = file["share"]
        self.hyphen: float = file.get("hyphen", 0.0)
        self.double: float = file.get("double", 0.0)
        self.feminine: str = file.get("feminine", "")
        self.patronymic: bool = file.get("patronymic", False)
        self.given = {"female": Weighted(file["female"]), "male": Weighted(file["male"])}
        self.middle = {sex: file[sex].get("middle", []) for sex in self.given}
        self.family = Weighted(file["family"])

    def family_for(self, family: str, sex: str) -> str:
        """Return a family name as a woman or a man bears it."""
        if sex != "female" or not self.feminine:
            return family
        if self.feminine == "polish":
            ends = ("ski", "cki", "dzki")
            return family[:-1] + "a" if family.endswith(ends) else family
        if family.endswith("ý"):
            return family[:-1] + "á"
        stem = family[:-2] + "k" if family.endswith("ek") else family.removesuffix("a")
        stem = stem[:-2] + "c" if stem.endswith("ec") else stem
        return stem + "ová"


@cache
def cultures() -> tuple[tuple[Culture, ...], list[int]]:
    """Return the cultures, and their shares of the people added up."""
    made = tuple(Culture(resources.load_toml(f"names_{name}.toml")) for name in CULTURES)
    return made, list(accumulate(culture.share for culture in made))


@cache
def places() -> dict[str, Any]:
    """Return the tables of places.toml."""
    return resources.load_toml("places.toml")


@cache
def short_names() -> dict[str, list[str]]:
    """Return the short names of a formal name."""
    file = resources.load_toml("nicknames.toml")
    groups = [*file["english"], *file["spanish"]]
    return {group[0]: group[1:] for group in groups}


class Numbers:
    """Gives out invented telephone numbers, each once until all are used."""

    def __init__(self, rng: Random, region: str) -> None:
        self.rng = rng
        self.prefix = "" if region in ("US", "CA") else "+1 "
        files = places()
        self.pools = [_Shuffled(rng, files[f"{pool}_area_codes"]) for pool in ("near", "far")]

    def next(self) -> str:
        """Return a number nobody has yet, mostly of a near area code."""
        near, far = self.pools
        pool = near if self.rng.random() < 0.85 and near.left else far
        area, line = pool.next()
        return f"{self.prefix}{area}-555-{line:04d}"


class _Shuffled:
    """All (area code, line) pairs of a pool in an order of its own, without keeping a list."""

    def __init__(self, rng: Random, areas: list[str]) -> None:
        self.areas = areas
        self.size = self.left = len(areas) * 100
        self.at = rng.randrange(self.size)
        self.step = next(
            step
            for step in iter(lambda: rng.randrange(1, self.size), 0)
            if gcd(step, self.size) == 1
        )

    def next(self) -> tuple[str, int]:
        self.left -= 1
        self.at = (self.at + self.step) % self.size
        return self.areas[self.at // 100], 100 + self.at % 100

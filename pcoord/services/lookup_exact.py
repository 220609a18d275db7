"""Patients whom every typed word fits: which clue to begin with, and who then fits the others."""

from collections.abc import Collection, Iterable, Sequence
from functools import cache
from weakref import WeakKeyDictionary, ref

from pcoord import resources
from pcoord.domain import birth_days
from pcoord.domain.clues import Person
from pcoord.domain.fitting import Fits
from pcoord.domain.lookup_words import Lookup, Typed
from pcoord.domain.names import fold_identifier, joined_words
from pcoord.store.engine import Connection
from pcoord.store.queries import lookup as queries
from pcoord.store.queries.lookup import CANDIDATES, Begins, Born, Met, Walk

FORMS, FORMS_OF_YEAR = 60, 100
"""As many distinct words are looked up one by one; of more, the tree is walked.

Born in a year, more of them: a walk would meet everybody of a common name who was born before.
"""

SOME = 40
"""As many are looked at of those whom a walk fits by itself, and more where more are shown."""

FEW_BEGUN = 16
"""Beside a name, so many are looked at whose record number or address begins with some digits.

Whoever has the whole of it stands first; digits beside a name are mostly of a phone.
"""

FEW_BORN = 200
"""Of a day or year in which fewer were born, all of these are looked at."""

FEW_DIGITS = 3
"""So few digits of a phone say little, and one more alone: of the phones that begin so, few are
met."""

WALKED = 3_000
"""As many rows of names that begin alike are met at most for those of one year."""

FEW_FORMS = 6
"""Born on a day of any year, so many names are looked up; of more, the whole name alone."""

MOST_BESIDE = 24
"""Of a long query, so many pairs of a street and a name are looked up."""

_KINDS = {"phone": "p", "number": "i", "email": "e", "birth date": "d", "address": "a"}
_SHORTEST_ADDRESS = 3
_KEPT = 5_000


@cache
def nicknames() -> dict[str, frozenset[str]]:
    """Return the other forms of given names, from `data/nicknames.toml`."""
    groups: dict[str, frozenset[str]] = {}
    lists = resources.load_toml("nicknames.toml").values()
    for group in (group for language in lists for group in language):
        # A double name is one word, as the tree has it too (Majo: mariajose).
        names = frozenset(fold_identifier(name) for name in group)
        for name in names:
            groups[name] = groups.get(name, frozenset()) | names
    return groups


def fits(query: Lookup, *, addresses: bool = False) -> Fits:
    """Return what tells whether every word of a query fits somebody."""
    return Fits(query, nicknames(), addresses=addresses)


class Tree:
    """The lookup tree as one search walks it; `cut` when a walk stopped before its end.

    As many as `enough` are looked at where no further word has to fit those who are met. `told` are
    those whom a telling number or birth date fits, where one was typed; on `long_streets` more
    people live than were looked at.
    """

    def __init__(self, connection: Connection, shown: int) -> None:
        self.connection = connection
        self.enough = max(shown, SOME)
        self.cut = False
        self.long_streets: set[str] = set()
        self.told: list[Person] | None = None

    def walk(self, *walks: Walk) -> Met:
        """Return whom walks meet (see `holders`); of a year, not all whose names begin so."""
        asked = [walk._replace(within=WALKED) if _bounded(walk) else walk for walk in walks]
        met = queries.holders(self.connection, *asked)
        self.cut = self.cut or bool(met.cut)
        for walk in asked:
            if walk.within and not self.cut:
                self.cut = _learnt(self.connection).begun(str(walk.token)) >= WALKED
        return met


def _bounded(walk: Walk) -> bool:
    return walk.kind == "n" and isinstance(walk.token, Begins) and isinstance(walk.born, range)


def candidates(tree: Tree, query: Lookup, *, addresses: bool) -> list[Person]:
    """Return patients whom the most telling words fit."""
    names = [word for word in query.typed if word.is_name]
    others = [word for word in query.typed if not word.is_name]
    days = [day for word in others for day in word.means(birth_days.DAY)]
    found = _born_on(tree, names, days) if days else []
    full = False
    if telling := sorted(filter(_telling, others), key=_rarity):
        alone = len(query.typed) == 1
        found += _numbered(tree, telling[0], addresses=addresses, years=not names, alone=alone)
        full = tree.cut or len(found) >= tree.enough
        tree.told = list(found)
    if names and (full or not (telling or days) or any(_births(word) for word in others)):
        narrowed = bool(telling) or any(word.means("door") for word in others)
        found += _named(tree, names, all_births(others), narrowed=narrowed)
    if not names and not telling:
        for word in others:
            found += _numbered(tree, word, addresses=addresses, years=True)
    if names and not query.digits:
        found += _mixed(tree, names)
    return _once(found)


def _once(found: Iterable[Person]) -> list[Person]:
    return list({person.no: person for person in found}.values())


def _telling(word: Typed) -> bool:
    """Tell whether few people have what was typed."""
    if word.means("birth date") or word.means("email"):
        return True
    return max((len(v) for k, v in word.readings if k in ("phone", "number")), default=0) > 2


def _rarity(word: Typed) -> tuple[bool, int]:
    return not word.means("email"), -max(len(value) for _, value in word.readings)


def _numbered(
    tree: Tree, word: Typed, *, addresses: bool, years: bool, alone: bool = True
) -> list[Person]:
    """Return who has a number in any of its readings, whole numbers before their beginnings.

    `alone` when no further word has to fit them.
    """
    walks = []
    for kind, value in word.readings:
        if kind in _KINDS and (addresses or kind != "address"):
            begun, little = kind in ("number", "address"), len(value) <= FEW_DIGITS + alone
            most = tree.enough if begun or little else CANDIDATES
            most = FEW_BEGUN if begun and not (little or alone) else most
            walks.append(Walk(_KINDS[kind], Begins(value), limit=most))
    # A name with digits in it, as people made for trying things out have.
    walks += [Walk("n", Begins(name), limit=FEW_BEGUN) for name in word.means("name")]
    spans = [*word.means("year"), *word.means("month")] if years else []
    walks += [Walk("d", Begins(span), limit=50) for span in spans]
    return tree.walk(*walks)


def _mixed(tree: Tree, words: Sequence[Typed]) -> list[Person]:
    """Return who has a number or e-mail address that could have been a name."""
    kinds = (("i", "number"), ("e", "email"))
    return tree.walk(
        *(Walk(k, Begins(v)) for word in words for k, kind in kinds for v in word.means(kind))
    )


def _born_on(tree: Tree, names: Sequence[Typed], days: Sequence[str]) -> list[Person]:
    """Return who was born on a day of any year, with the longest of some names where they are many.

    Of a common name then those who have the whole of it; where there are none, everybody born that
    day is met by the date.
    """
    born = [day for value in days for day in birth_days.dates(value)]
    everybody = Walk("d", [str(day) for day in born], limit=FEW_BORN)
    if not names:
        return tree.walk(everybody._replace(limit=tree.enough))
    learnt, told = _learnt(tree.connection), " ".join(days)
    if told not in learnt.many_born:
        met = queries.holders(tree.connection, everybody)
        if len(met) < FEW_BORN:
            return met
        learnt.many_born.add(told)
    name = max((word.means("name")[0] for word in names), key=len)
    (words,) = learnt.words(FEW_FORMS, name)
    forms = list(dict.fromkeys([name, *(words or ()), *_nicks(name)[:FEW_FORMS]]))
    found = tree.walk(Walk("n", forms, born=born))
    if words is None and not found:
        return tree.walk(everybody._replace(limit=WALKED))
    tree.cut = tree.cut or words is None
    return found


def _births(word: Typed) -> list[Born]:
    """Return the birth dates that a word may mean, as the tree has them; an age: two years."""
    found: list[Born] = [[int(value)] for value in word.means("birth date")]
    months = sorted(int(value) for value in word.means("month"))
    found += [range(months[0] * 100, months[-1] * 100 + 100)] if months else []
    for year in sorted(int(value) for value in word.means("year")):
        before = found[-1] if found else ()
        first = year * 10_000
        if isinstance(before, range) and before.stop == first - 1:
            found[-1] = range(before.start, first + 9_999)
        else:
            found.append(range(first, first + 9_999))
    return found


def _few_born(tree: Tree, born: Born) -> list[Person] | None:
    """Return everybody born on a day or in a year, where few were; else None.

    That is quicker than a walk over all names that begin so.
    """
    if isinstance(born, range) and born.start // 10_000 != (born.stop - 1) // 10_000:
        return None
    many = _learnt(tree.connection).many_born
    told = f"{born[0]:08}"[:4] if isinstance(born, range) else f"{born[0]:08}"
    if told in many:
        return None
    met = queries.search(tree.connection, Walk("d", Begins(told), limit=FEW_BORN))
    if len(met) < FEW_BORN:
        return queries.people(tree.connection, met)
    many.add(told)
    return None


def all_births(words: Iterable[Typed]) -> list[Born | None]:
    """Return all birth dates that typed words may mean; only None when none of them means any."""
    found = [born for word in words for born in _births(word)]
    return list(found) or [None]


def _named(
    tree: Tree, words: Sequence[Typed], births: Sequence[Born | None], *, narrowed: bool
) -> list[Person]:
    """Return who has the one or two longest of the typed names, in any of their forms.

    `narrowed` when some other word has to fit them too.
    """
    typed = [word.means("name")[0] for word in words]
    most = CANDIDATES if len(typed) > 2 else tree.enough * (2 if narrowed else 1)
    found: list[Person] = []
    for names in (list(x) for x in dict.fromkeys((tuple(typed), tuple(joined_words(typed))))):
        telling = [name for name in names if not _is_particle(name)]
        some = telling if len(telling) > 1 else names
        longest = list(dict.fromkeys(sorted(some, key=lambda name: -len(name))))
        for born in births:
            few = None if born is None else _few_born(tree, born)
            if few is not None:
                found += few
            elif len(longest) == 1:
                found += _single(tree, longest[0], born, most)
            else:
                pairs = _pair(tree, longest[0], longest[1], born, most)
                found += pairs
                if len(longest[1]) == 1 < len(longest[0]) and len(pairs) < most:
                    # An initial of one's own name ("o suilleabhain") is in no pair of the tree.
                    found += _single(tree, longest[0], born, most)
    return found


def _is_particle(name: str) -> bool:
    return len(joined_words([name, ""])) == 1


def _single(tree: Tree, name: str, born: Born | None, most: int) -> list[Person]:
    """Return who has a name that begins so: those who have the whole of it stand first."""
    named = Walk("n", _narrow(tree, name, born), born=born, limit=most)
    others = Walk("n", _nicks(name), born=born, limit=most)
    found = tree.walk(named)
    if len(found) < most:
        found += tree.walk(others._replace(limit=most - len(found)))
    return found


def _narrow(tree: Tree, name: str, born: Born | None) -> Begins | list[str]:
    """Return the words that begin so, where a seek for each is cheaper than a walk over all."""
    if born is None:
        return Begins(name)
    (words,) = _learnt(tree.connection).words(FORMS_OF_YEAR, name)
    return words if words is not None else Begins(name)


def _pair(tree: Tree, one: str, two: str, born: Born | None, most: int) -> list[Person]:
    """Return who has both names: whole names before their beginnings and other forms.

    The walk begins with the name that fewer words begin with. Born in a year, it goes over those
    who have one of them: a walk over all pairs would look at a hundred for each that fits.
    """

    def pair(name: Sequence[str], other: Begins) -> Walk:
        return Walk("b", name, other, born, most)

    learnt = _learnt(tree.connection)
    ones, twos = learnt.words(FORMS if born is None else FORMS_OF_YEAR, one, two)
    if ones is None and twos is None:
        turned = learnt.begun(two) < learnt.begun(one)
    else:
        turned = ones is None or (twos is not None and len(twos) < len(ones))
    first, rest, words = (two, one, twos) if turned else (one, two, ones)
    if words is not None:
        begins = pair(words, Begins(rest))
    elif born is None:
        begins = pair(Begins(first), Begins(rest))
    else:
        begins = Walk("n", Begins(first), None, born, most)
    whole = (pair([one], Begins(two)), pair([two], Begins(one)))
    others = (begins, pair(_nicks(one), Begins(two)), pair(_nicks(two), Begins(one)))
    if born is not None:
        return tree.walk(*whole, *others)  # of a day or a year, the whole names are hardly enough
    found = tree.walk(*whole)
    return found if tree.cut else _once([*found, *tree.walk(*others)])


def _nicks(name: str) -> list[str]:
    return sorted(nicknames().get(name, frozenset()) - {name})


class _Learnt:
    """What a desk's lookups learnt of the clinic, as it was once: it only chooses a walk.

    How many names begin so, and of which birth dates and years there are many.
    """

    def __init__(self, connection: Connection) -> None:
        self.many_born: set[str] = set()
        self._connection = ref(connection)
        self._begun: dict[str, int] = {}
        self._many_words: set[tuple[str, int]] = set()

    def begun(self, name: str) -> int:
        """Return how many names begin so, counting no further than `WALKED`."""
        found = self._begun.get(name)
        connection = self._connection()
        if found is None and connection is not None:
            if len(self._begun) >= _KEPT:
                self._begun.clear()
            found = self._begun[name] = queries.count_begun(connection, name, WALKED)
        return found or 0

    def words(self, most: int, *names: str) -> list[list[str] | None]:
        """Return for each name the words that begin so; None when there are `most` or more."""
        connection = self._connection()
        asked = [name for name in names if (name, most) not in self._many_words]
        if connection is None or not asked:
            return [None] * len(names)
        found: dict[str, list[str] | None] = {}
        for name, words in zip(
            asked, queries.words_beginning(connection, asked, most), strict=True
        ):
            found[name] = words if len(words) < most else None
            if len(words) >= most and len(self._many_words) < _KEPT:
                self._many_words.add((name, most))
        return [found.get(name) for name in names]


_LEARNT: "WeakKeyDictionary[Connection, _Learnt]" = WeakKeyDictionary()


def _learnt(connection: Connection) -> _Learnt:
    found = _LEARNT.get(connection)
    if found is None:
        found = _LEARNT[connection] = _Learnt(connection)
    return found


def by_address(tree: Tree, query: Lookup) -> list[Person]:
    """Return who lives where one of the words says, the others being names."""
    words = [word for word in query.typed if word.means("address")]
    places = [word.means("address")[0] for word in words]
    streets = [place for place in places if len(place) >= _SHORTEST_ADDRESS]
    found = tree.walk(*(Walk("a", Begins(place), limit=tree.enough) for place in streets))
    # Of a long street those of the name. The tree has family names only beside an address; the
    # word may be a given name.
    tree.long_streets = {str(walk.token) for walk in found.cut}
    beside = _beside(words, tree.long_streets)
    walks = [Walk("a", [place], name, limit=50) for place, name in beside]
    names = dict.fromkeys(name for _, name in beside)
    walks += [Walk("n", name, limit=tree.enough) for name in names]
    return _once([*found, *tree.walk(*walks)])


def _beside(words: Sequence[Typed], places: Collection[str]) -> list[tuple[str, Begins]]:
    """Return places with each name typed beside them, few of a long query."""
    found = []
    for word in words:
        (place,) = word.means("address")
        names = [name for other in words if other is not word for name in other.means("name")]
        found += [(place, Begins(name)) for name in names if place in places]
    return found[:MOST_BESIDE]

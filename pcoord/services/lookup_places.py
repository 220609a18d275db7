"""Long streets, and doors: more of those who live there, where the first few were not enough."""

from pcoord.domain.clues import Person
from pcoord.domain.lookup_words import Lookup
from pcoord.services.lookup_exact import Tree
from pcoord.store.queries.lookup import CANDIDATES, Begins, Walk

ALONG = 1_000
"""As many who live on a street, or have a name, are looked at for the number of a house or door."""


def further(tree: Tree, query: Lookup, *, street: bool) -> list[Person]:
    """Return more of those who live on a long street, or have a name beside a house or door.

    `street` when the query says that it is one; else each of its names must be a long street.
    """
    doors = any(word.is_door for word in query.typed)
    if tree.long_streets and len(query.typed) > 1:
        told = street or doors or tree.long_streets.issuperset(query.names)
        return along(tree, query) if told else []
    houses = any(w.means("address") for w in query.typed if not (w.is_name or w.means("year")))
    if query.names and (doors or houses):
        most = ALONG if doors else CANDIDATES
        return tree.walk(Walk("n", Begins(max(query.names, key=len)), limit=most))
    return []


def along(tree: Tree, query: Lookup) -> list[Person]:
    """Return those who live on the street of the longest typed name."""
    names = tree.long_streets or query.names
    return tree.walk(Walk("a", Begins(max(names, key=len)), limit=ALONG))

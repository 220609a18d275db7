"""A hit of a lookup, as a list shows it, and hits with what the typed words were taken for."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from pcoord.domain import list_line, standing
from pcoord.domain.clues import Person
from pcoord.domain.errors import Unavailable

_DAMAGED = (
    "What the lookup keeps of a patient is damaged; the records are not. Please have "
    "`pcoord check --mend` run."
)


class Found(NamedTuple):
    """One hit: who, how well it fits (1 is exact), and what each typed word was taken for.

    `closed` when the record is restricted and only the least of it is shown. Behind the id the
    fields stand in the order of `list_line.Line`.
    """

    id: str
    family: str
    given: str
    middle: str | None
    preferred: str | None
    birth_date: date | None
    sex: str
    language: str | None
    interpreter: bool
    deceased_on: date | None
    active: bool
    restricted: bool
    test: bool
    mrn: str | None
    phone: str | None
    score: float
    matched: str
    exact: bool
    closed: bool = False

    @property
    def standing(self) -> str:
        """Return what must not be overlooked of them, as letters (`domain.standing`)."""
        return standing.letters_of(self)

    @property
    def called(self) -> str:
        """Return "Family, Given" with what must not be overlooked before it."""
        return standing.marked(self._name, self.standing, closed=self.closed)

    @property
    def in_full(self) -> str:
        """Return the same with the middle name and the one they go by: it may be what was typed."""
        more = filter(None, (self.middle, f"({self.preferred})" if self.preferred else ""))
        return " ".join((self.called, *more))

    @property
    def in_list(self) -> str:
        """Return the same where a column of its own says what is kept."""
        return standing.marked(self._name, self.standing)

    @property
    def _name(self) -> str:
        return f"{self.family}, {self.given}" if self.given else self.family


class Hits(list[Found]):
    """Hits, best first; `cut` when not all were looked at whom some of the words fit.

    `words` are the typed ones with what each was taken for; `so_far` when the end of the query,
    which somebody is still typing, was left out.
    """

    cut = False
    so_far = False
    words: Sequence[tuple[str, str]] = ()


def line_of(person: Person, *, score: float = 1.0, matched: str = "", exact: bool = True) -> Found:
    """Return the line of a person in a list; raise Unavailable where what is kept is damaged."""
    try:
        told = list_line.read(person.line or "")
    except ValueError:
        raise Unavailable(_DAMAGED) from None
    return Found._make((person.id, *told, score, matched, exact, False))

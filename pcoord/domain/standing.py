"""What must not be overlooked of somebody, wherever two people could be mixed up.

Queries bring it as letters, none for nearly everybody: r restricted, t a test record, d deceased,
i inactive.
"""

from datetime import date
from typing import Protocol

RESTRICTED = "r"
TEST = "t"
DECEASED = "d"
INACTIVE = "i"

_WORDS = {TEST: "TEST", DECEASED: "deceased", INACTIVE: "inactive"}


class Person(Protocol):
    """Somebody whose columns are at hand."""

    @property
    def restricted(self) -> bool: ...
    @property
    def test(self) -> bool: ...
    @property
    def deceased_on(self) -> date | None: ...
    @property
    def active(self) -> bool: ...


def letters_of(person: Person) -> str:
    """Return somebody's letters."""
    told = {
        RESTRICTED: person.restricted,
        TEST: person.test,
        DECEASED: person.deceased_on is not None,
        INACTIVE: not person.active,
    }
    return "".join(letter for letter, holds in told.items() if holds)


def say(standing: str | None, *, closed: bool = False) -> str:
    """Return the words to set before a name: "TEST deceased", "" when there is nothing.

    A restricted record that is open is like any other; `closed` is one that is not.
    """
    words = ["restricted"] if closed else []
    return " ".join([*words, *(word for key, word in _WORDS.items() if key in (standing or ""))])


def marked(name: str, standing: str | None, *, closed: bool = False) -> str:
    """Return a name with what must not be overlooked before it: "TEST Kim, Dana"."""
    return f"{say(standing, closed=closed)} {name}".strip()


def is_out_of_reach(standing: str | None) -> bool:
    """Tell whether nobody is to be reached out to: a death, or a record for trying things out."""
    return TEST in (standing or "") or DECEASED in (standing or "")

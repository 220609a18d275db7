"""A typed line while it is read, and what was understood of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pcoord.actions import Action, Param, Selection
from pcoord.domain.errors import DeskError
from pcoord.services.desk import Desk


@dataclass(frozen=True)
class Word:
    """One typed word; a quoted text is one word."""

    text: str
    quoted: bool = False


@dataclass(frozen=True)
class Candidate:
    """One of several that could be meant: what to show, and the words that would choose it."""

    value: Any
    shown: str


@dataclass(frozen=True)
class Call:
    """An action ready to run: `run` names the function, `values` its keyword arguments."""

    action: Action
    values: dict[str, Any]


@dataclass
class Understanding:
    """What was understood so far.

    `fields` are (label, text) pairs to show; `would` is the sentence of what Enter does;
    `missing` is the parameter still needed; `candidates` those to choose from for `choose`;
    `problem` is why it would be refused, `refusal` that refusal itself.
    """

    action: Action | None = None
    fields: list[tuple[str, str]] = field(default_factory=list)
    would: str = ""
    call: Call | None = None
    missing: Param | None = None
    choose: str = ""
    candidates: list[Candidate] = field(default_factory=list)
    problem: str = ""
    refusal: DeskError | None = None
    actions: list[Action] = field(default_factory=list)


@dataclass
class Line:
    """A line being read: the words not yet taken for anything, and what was found.

    `about` is the name typed behind "re", for actions whose free words are their text.
    """

    desk: Desk
    action: Action
    words: list[Word]
    selection: Selection
    picked: dict[str, Any]
    skip: int = 0
    about: str = ""
    found: dict[str, Any] = field(default_factory=dict)
    fields: list[tuple[str, str]] = field(default_factory=list)

    def show(self, label: str, text: str) -> None:
        """Add a field of the preview."""
        self.fields.append((label, text))

    def has(self, *kinds: str) -> Param | None:
        """Return the action's parameter of one of these kinds."""
        return next((p for p in self.action.params if p.kind in kinds), None)

    def plain(self) -> list[str]:
        """Return the unquoted words left."""
        return [word.text for word in self.words if not word.quoted]

    def keep(self, texts: Iterable[str]) -> None:
        """Keep only these unquoted words, in order, and all quoted ones."""
        quoted = [word for word in self.words if word.quoted]
        self.words = [Word(text) for text in texts] + quoted


class Unsure(Exception):
    """Several could be meant."""

    def __init__(self, choose: str, candidates: list[Candidate]) -> None:
        super().__init__(choose)
        self.choose = choose
        self.candidates = candidates


class Elsewhere(Exception):
    """A time cannot be had; these near it can. `refusal` says why."""

    def __init__(self, refusal: DeskError, candidates: list[Candidate]) -> None:
        super().__init__(refusal.sentence)
        self.refusal = refusal
        self.candidates = candidates


class Lacking(Exception):
    """A parameter is still missing."""

    def __init__(self, param: Param, candidates: list[Candidate] | None = None) -> None:
        super().__init__(param.name)
        self.param = param
        self.candidates = candidates or []

"""The typed line: words to one action call, the same for palette, keys and `pcoord do`.

`understand` is the only place that builds a call. It answers with what it took each word for, and
either the call (Ready), what is missing, or who or which is meant (candidates): never a guess.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pcoord import actions
from pcoord.actions import Action, Param, Selection
from pcoord.domain.errors import BadUsage, DeskError

if TYPE_CHECKING:
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
    `problem` is why it would be refused.
    """

    action: Action | None = None
    fields: list[tuple[str, str]] = field(default_factory=list)
    would: str = ""
    call: Call | None = None
    missing: Param | None = None
    choose: str = ""
    candidates: list[Candidate] = field(default_factory=list)
    problem: str = ""
    actions: list[Action] = field(default_factory=list)


@dataclass
class Line:
    """A line being read: the words not yet taken for anything, and what was found."""

    desk: "Desk"
    action: Action
    words: list[Word]
    selection: Selection
    picked: dict[str, Any]
    skip: int = 0
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


class Lacking(Exception):
    """A parameter is still missing."""

    def __init__(self, param: Param, candidates: list[Candidate] | None = None) -> None:
        super().__init__(param.name)
        self.param = param
        self.candidates = candidates or []


_SPLIT = re.compile(r'"([^"]*)"?|“([^”]*)”?|(\S+)')


def split(text: str) -> list[Word]:
    """Return the words of a line; a quote that is still open reaches to the end."""
    words = []
    for match in _SPLIT.finditer(text):
        quoted = match.group(1) if match.group(1) is not None else match.group(2)
        word = Word(quoted, True) if quoted is not None else Word(match.group(3))
        if word.text or word.quoted:
            words.append(word)
    return words


def understand(
    desk: "Desk",
    text: str,
    *,
    action_id: str | None = None,
    selection: Selection | None = None,
    picked: dict[str, Any] | None = None,
    skip: int = 0,
) -> Understanding:
    """Read a line for this desk.

    `action_id` fixes the verb (a key was pressed); `selection` is what the eye rests on and counts
    only where no word says otherwise; `picked` holds choices made in a picker; `skip` asks for the
    n-th opening after the first. Reads only; nothing is stored.
    """
    words = split(text)
    action = actions.ACTIONS[action_id] if action_id else None
    if action is None and words and not words[0].quoted:
        action = actions.by_word(words[0].text)
        words = words[1:] if action else words
    if action is None:
        return _name_alone(desk, text, words, selection, picked)
    line = Line(desk, action, words, selection or Selection(), picked or {}, skip)
    return _fill(line)


def _name_alone(
    desk: "Desk",
    text: str,
    words: list[Word],
    selection: Selection | None,
    picked: dict[str, Any] | None,
) -> Understanding:
    """A line without a verb: actions whose words begin like it, and patients."""
    if not words:
        return Understanding(actions=list(_offered()))
    line = Line(desk, actions.ACTIONS["patient.open"], words, Selection(), picked or {})
    result = _fill(line)
    result.actions = matching(text)
    return result


def _offered() -> Iterable[Action]:
    return (a for a in actions.ACTIONS.values() if a.verb)


def matching(text: str) -> list[Action]:
    """Return the actions whose verb, words or title fit the typed letters, best first."""
    folded = text.casefold().strip()
    scored = [(_score(action, folded), action) for action in _offered()]
    return [action for score, action in sorted(scored, key=lambda p: -p[0]) if score > 0]


def _score(action: Action, typed: str) -> int:
    names = (action.verb, *action.words)
    if any(name.startswith(typed) for name in names):
        return 3
    if any(word.startswith(typed) for word in action.title.casefold().split()):
        return 2
    return 1 if _in_order(typed.replace(" ", ""), action.title.casefold()) else 0


def _in_order(typed: str, title: str) -> bool:
    letters = iter(title)
    return len(typed) > 2 and all(letter in letters for letter in typed)


def _fill(line: Line) -> Understanding:
    from pcoord import kinds

    result = Understanding(action=line.action, fields=line.fields)
    try:
        kinds.read(line)
        result.call = Call(line.action, line.found)
        result.would = kinds.would(line)
    except Unsure as unsure:
        result.choose, result.candidates = unsure.choose, unsure.candidates
    except Lacking as lacking:
        result.missing, result.candidates = lacking.param, lacking.candidates
        result.choose = lacking.param.name
    except DeskError as refusal:
        result.problem = refusal.sentence
    return result


def function_of(action: Action) -> Callable[..., Any]:
    """Import and return the use case that an action runs."""
    from importlib import import_module

    module, _, name = action.run.partition(":")
    return getattr(import_module(module), name)  # type: ignore[no-any-return]


def run(desk: "Desk", call: Call) -> Any:
    """Run a call that is ready and return its step."""
    if not call.action.run:
        raise BadUsage(f"“{call.action.title}” works on the screen only; open it with `pcoord`.")
    return function_of(call.action)(desk, **call.values)


def with_seen(call: Call, **seen: Any) -> Call:
    """Return the call with more values, such as the version a person was shown."""
    return replace(call, values=call.values | seen)

"""The typed line: words to one action call, the same for palette, keys and `pcoord do`.

`understand` is the only place that builds a call. It answers with what it took each word for, and
either the call (Ready), what is missing, or who or which is meant (candidates): never a guess.
"""

import re
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from importlib import import_module
from typing import Any

from pcoord import actions, kinds
from pcoord.actions import Action, Selection
from pcoord.domain.errors import BadUsage, DeskError, NotFound, Refused
from pcoord.kinds.line import Call, Candidate, Elsewhere, Lacking, Line, Understanding, Unsure, Word
from pcoord.services.desk import Desk

__all__ = ["Call", "Candidate", "Understanding", "function_of", "run", "split", "understand"]


# Verbs of the typed line's contract that come with later parts of the desk.
LATER = frozenset({"pay", "concern", "recall"})
LOOKS_UP = frozenset({"find", "lookup", "patients"})
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
    desk: Desk,
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
        action, words = _verb(words)
    if action is None and len(words) > 1 and words[0].text.casefold() in LOOKS_UP:
        # "find gonz" says what a name alone says.
        text, words = text.split(None, 1)[1], words[1:]
    if action is None and len(words) > 1 and words[0].text.casefold() in LATER:
        refusal = Refused(f"“{words[0].text}” is not in this pcoord yet; nothing was stored.")
        return Understanding(problem=refusal.sentence, refusal=refusal)
    if action is None:
        return _name_alone(desk, text, words, selection, picked)
    line = Line(desk, action, words, selection or Selection(), picked or {}, skip)
    return _fill(line)


def _verb(words: list[Word]) -> tuple[Action | None, list[Word]]:
    """Return the action that the first word names, or the first two ("check in"), and the rest.

    A screen's name takes no further words.
    """
    if len(words) > 1 and not words[1].quoted:
        pair = words[0].text, words[1].text
        action = actions.by_word("".join(pair)) or actions.by_word("-".join(pair))
        if action is not None and action.run:
            return action, words[2:]
    action = actions.by_word(words[0].text)
    if action is None or (len(words) > 1 and not (action.run or action.params)):
        return None, words
    return action, words[1:]


def _name_alone(
    desk: Desk,
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
    if isinstance(result.refusal, NotFound) and (meant := _meant(words[0].text)):
        result.refusal = NotFound(f"“{words[0].text}” is no action. Did you mean “{meant}”?")
        result.problem = result.refusal.sentence
    return result


def _meant(typed: str) -> str | None:
    """Return the verb that a mistyped one resembles."""
    verbs = [action.verb for action in _offered()]
    return next(iter(get_close_matches(typed.casefold(), verbs, 1, 0.75)), None)


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
    except Elsewhere as taken:
        result.problem, result.refusal = taken.refusal.sentence, taken.refusal
        result.choose, result.candidates = "start", taken.candidates
    except DeskError as refusal:
        result.problem, result.refusal = refusal.sentence, refusal
    result.fields = sorted(line.fields, key=lambda pair: _place(pair[0], line.action.verb))
    return result


_ORDER = ("when", "with", "type")


def _place(label: str, verb: str) -> int:
    """Order the preview as one would say it: who, when, with whom, what for."""
    if label == verb or label == "patient":
        return 0
    return 1 + _ORDER.index(label) if label in _ORDER else 1 + len(_ORDER)


def function_of(action: Action) -> Callable[..., Any]:
    """Import and return the use case that an action runs."""
    module, _, name = action.run.partition(":")
    return getattr(import_module(module), name)


def run(desk: Desk, call: Call) -> Any:
    """Run a call that is ready and return its step."""
    if not call.action.run:
        raise BadUsage(f"“{call.action.title}” works on the screen only; open it with `pcoord`.")
    return function_of(call.action)(desk, **call.values)

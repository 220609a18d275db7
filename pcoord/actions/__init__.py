"""The registry: everything the desk can do, declared once.

Keys, footer, help, palette, the typed line, `pcoord do` and the README's key card are views of
this table. It imports nothing of ours; `run` names the use case as "module:function", imported
when it is called. Actions without `run` only move about on the screen.
"""

from collections.abc import Iterator

from pcoord.actions.flow import FLOW
from pcoord.actions.model import CONTEXT_TITLES, EVERYWHERE, SCREENS, Action, Param, Selection
from pcoord.actions.navigation import NAVIGATION
from pcoord.actions.people import PEOPLE
from pcoord.actions.same import SAME
from pcoord.actions.schedule import SCHEDULE
from pcoord.actions.talk import TALK

__all__ = [
    "ACTIONS",
    "CONTEXT_TITLES",
    "EVERYWHERE",
    "SCREENS",
    "Action",
    "Param",
    "Selection",
    "by_word",
    "footer_of",
    "for_context",
]

ACTIONS: dict[str, Action] = {
    action.id: action for action in (*NAVIGATION, *SCHEDULE, *FLOW, *PEOPLE, *SAME, *TALK)
}


def for_context(context: str) -> Iterator[tuple[str, Action]]:
    """Yield (keys, action) of one context, in the order of the registry."""
    for action in ACTIONS.values():
        if context in action.keys:
            yield action.keys[context], action


def by_word(word: str) -> Action | None:
    """Return the action that a typed first word names, by verb or by another word for it."""
    folded = word.casefold()
    for action in ACTIONS.values():
        if folded == action.verb:
            return action
    for action in ACTIONS.values():
        if folded in action.words and action.run:
            return action
    return next((a for a in ACTIONS.values() if folded in a.words), None)


def footer_of(context: str) -> list[tuple[str, str]]:
    """Return (key, label) pairs of a context's footer, the most wanted first."""
    shown = [
        (action.footer, action.keys.get(context) or action.keys[EVERYWHERE], action.label)
        for action in ACTIONS.values()
        if action.footer and (context in action.keys or EVERYWHERE in action.keys)
    ]
    return [(keys.split(",")[0], label) for _, keys, label in sorted(shown)]

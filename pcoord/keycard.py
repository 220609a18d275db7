"""The key card of the README, made from the registry: `python -m pcoord.keycard` prints it."""

from pcoord import actions
from pcoord.actions import CONTEXT_TITLES, EVERYWHERE, SCREENS, Action
from pcoord.keymap import key_name


def markdown() -> str:
    """Return all keys by screen, and all typed words, as Markdown tables."""
    parts = [_keys(place) for place in (EVERYWHERE, *SCREENS)]
    return "\n".join([*parts, _words()])


def _keys(place: str) -> str:
    rows = [f"| {_names(keys)} | {action.title} |" for keys, action in actions.for_context(place)]
    return "\n".join(
        [f"**{CONTEXT_TITLES[place]}**\n", "| key | does |", "| --- | --- |", *rows, ""]
    )


def _names(keys: str) -> str:
    return " ".join(f"`{key_name(key)}`" for key in keys.split(",") if key)


def _words() -> str:
    rows = [_word(action) for action in actions.ACTIONS.values() if action.verb]
    head = ["**Typed, after `Ctrl+P` or with `pcoord do`**\n", "| word | does | for example |"]
    return "\n".join([*head, "| --- | --- | --- |", *rows, ""])


def _word(action: Action) -> str:
    words = ", ".join(f"`{word}`" for word in (action.verb, *action.words))
    example = f"`{action.example}`" if action.example else ""
    return f"| {words} | {action.title} | {example} |"


if __name__ == "__main__":
    print(markdown())

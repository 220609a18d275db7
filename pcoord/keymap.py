"""The user's own keys: a TOML table of action id to keys, checked before it is used.

Textual lets a clash silently swallow an action, so clashes and chords that do not survive a
terminal are refused here, in words that name the line.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pcoord.actions import ACTIONS, EVERYWHERE, SCREENS
from pcoord.domain.errors import BadUsage

_NAMED = frozenset(
    [
        "enter",
        "space",
        "escape",
        "tab",
        "backspace",
        "delete",
        "up",
        "down",
        "left",
        "right",
        "home",
        "end",
        "pageup",
        "pagedown",
        "plus",
        "minus",
        "slash",
        "full_stop",
        "comma",
        "equals_sign",
        "question_mark",
        "exclamation_mark",
        "colon",
        "semicolon",
        "left_square_bracket",
        "right_square_bracket",
        "less_than_sign",
        "greater_than_sign",
        "asterisk",
        "number_sign",
    ]
)
_CTRL = frozenset("abcdefgklnopqrstuvwxyz")
_NEVER = {
    "ctrl+i": "is Tab",
    "ctrl+m": "is Enter",
    "ctrl+j": "is Enter on many lines",
    "ctrl+h": "is Backspace",
    "ctrl+left_square_bracket": "is Escape",
    "f11": "is taken by window managers",
    "f12": "is taken by window managers",
}


KEY_NAMES = {
    "enter": "Enter",
    "space": "Space",
    "escape": "Esc",
    "slash": "/",
    "plus": "+",
    "full_stop": ".",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "less_than_sign": "<",
    "greater_than_sign": ">",
}


def key_name(key: str) -> str:
    """Return a key as the footer and the help write it: F6, ^P, Enter, b."""
    if key.startswith("ctrl+"):
        return "^" + key.removeprefix("ctrl+").upper()
    if len(key) > 1 and key[0] == "f" and key[1:].isdigit():
        return key.upper()
    return KEY_NAMES.get(key, key)


def unsafe(key: str) -> str | None:
    """Return why a key does not survive terminals, None when it does."""
    if key in _NEVER:
        return _NEVER[key]
    if re.fullmatch(r"f([1-9]|10)", key) or key in _NAMED or (len(key) == 1 and key.isprintable()):
        return None
    if re.fullmatch(r"ctrl\+[a-z]", key) and key[-1] in _CTRL:
        return None
    return "does not reach the program in every terminal"


@dataclass(frozen=True)
class Keymap:
    """Keys by action id and context; what is not in it stays as the registry says."""

    changed: dict[str, dict[str, str]] = field(default_factory=dict)

    def of(self, action_id: str, context: str, standard: str) -> str:
        """Return the keys of an action in a context."""
        return self.changed.get(action_id, {}).get(context, standard)

    def label(self, action_id: str, context: str) -> str:
        """Return the first key that works for an action in a context, empty when there is none."""
        keys = ACTIONS[action_id].keys
        for place in (context, EVERYWHERE):
            if place in keys:
                return self.of(action_id, place, keys[place]).split(",")[0]
        return ""


def load(path: Path) -> Keymap:
    """Read `[keys]` of a TOML file: `"appointment.book" = "f6"`, or a table by context.

    Raises BadUsage that names the line for an unknown action, an unsafe chord or a clash.
    """
    import tomllib

    try:
        text = path.read_text()
        table = tomllib.loads(text).get("keys", {})
    except OSError as error:
        raise BadUsage(f"The keymap {path} cannot be read: {error.strerror}.") from error
    except tomllib.TOMLDecodeError as error:
        raise BadUsage(f"The keymap {path} is not TOML: {error}.") from error
    return check(table, lambda word: f"{path}, line {_line_of(text, word)}")


def check(table: dict[str, Any], where: Any = lambda word: "The keymap") -> Keymap:
    """Return the keymap of a table of action id to keys, after all checks."""
    changed: dict[str, dict[str, str]] = {}
    for action_id, keys in table.items():
        if action_id not in ACTIONS:
            raise BadUsage(f"{where(action_id)}: there is no action {action_id}; F1 lists them.")
        changed[action_id] = _by_context(action_id, keys, where)
        for key in _each(changed[action_id]):
            reason = unsafe(key)
            if reason:
                raise BadUsage(f"{where(action_id)}: {key} {reason}; choose another key.")
    keymap = Keymap(changed)
    _refuse_clashes(keymap, where)
    return keymap


def _by_context(action_id: str, keys: Any, where: Any) -> dict[str, str]:
    contexts = ACTIONS[action_id].keys
    if isinstance(keys, str):
        return dict.fromkeys(contexts or {EVERYWHERE: ""}, keys)
    if not isinstance(keys, dict) or not set(keys) <= {EVERYWHERE, *SCREENS}:
        names = ", ".join((EVERYWHERE, *SCREENS))
        raise BadUsage(f"{where(action_id)}: write keys as text, or by screen ({names}).")
    return {context: str(key) for context, key in keys.items()}


def _each(by_context: dict[str, str]) -> list[str]:
    return [key.strip() for keys in by_context.values() for key in keys.split(",")]


def _refuse_clashes(keymap: Keymap, where: Any) -> None:
    for screen in SCREENS:
        taken: dict[str, str] = {}
        for action_id, action in ACTIONS.items():
            contexts = {*action.keys, *keymap.changed.get(action_id, {})} & {EVERYWHERE, screen}
            for context in contexts:
                keys = keymap.of(action_id, context, action.keys.get(context, ""))
                for key in filter(None, keys.split(",")):
                    other = taken.setdefault(key, action_id)
                    if other != action_id and not _gives_way(other, action_id):
                        culprit = action_id if action_id in keymap.changed else other
                        raise BadUsage(
                            f"{where(culprit)}: {key} is both {other} and {action_id}; "
                            "give one of them another key."
                        )


def _gives_way(one: str, other: str) -> bool:
    """Tell whether one of two actions is meant to take the other's key on its own screens."""
    return ACTIONS[one].over == other or ACTIONS[other].over == one


def _line_of(text: str, word: str) -> int:
    for number, line in enumerate(text.splitlines(), 1):
        if word in line:
            return number
    return 1

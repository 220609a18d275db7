"""The registry: everything in it works, is safe to type, and appears wherever it should."""

import importlib
import pkgutil
from pathlib import Path

import pytest

import pcoord.services
from pcoord import keycard, keymap, quickline
from pcoord.actions import ACTIONS, CONTEXT_TITLES, EVERYWHERE, SCREENS, by_word
from pcoord.domain.errors import BadUsage
from pcoord.domain.roles import ROLES
from pcoord.services.desk import USE_CASES
from pcoord.widgets.paint import width_of

EVERY_PERMISSION = frozenset().union(*ROLES.values())


@pytest.fixture(scope="module", autouse=True)
def every_service() -> None:
    for module in pkgutil.iter_modules(pcoord.services.__path__):
        importlib.import_module(f"pcoord.services.{module.name}")


@pytest.mark.parametrize("action", ACTIONS.values(), ids=lambda a: a.id)
def test_an_action_can_be_reached_and_runs_what_it_names(action) -> None:
    assert action.title
    assert action.keys or action.verb, "neither a key nor a word leads to it"
    assert set(action.keys) <= {EVERYWHERE, *SCREENS} == set(CONTEXT_TITLES) - {"list"}
    if action.permission:
        assert action.permission in EVERY_PERMISSION
    if action.run:
        assert callable(quickline.function_of(action))
    if action.example:
        assert by_word(action.example.split()[0]) is action


def test_use_cases_ask_for_the_permission_that_the_registry_names() -> None:
    for action_id, case in USE_CASES.items():
        assert case.permission in EVERY_PERMISSION, action_id
        if action_id in ACTIONS:
            assert case.permission == ACTIONS[action_id].permission, action_id


def test_every_standard_key_survives_every_terminal() -> None:
    keymap.check({})
    for action in ACTIONS.values():
        for keys in action.keys.values():
            for key in keys.split(","):
                assert keymap.unsafe(key) is None, (action.id, key)


def test_one_letter_has_one_meaning_on_every_screen() -> None:
    meanings: dict[str, set[str]] = {}
    for action in ACTIONS.values():
        for context, keys in action.keys.items():
            if context != EVERYWHERE:
                for key in keys.split(","):
                    meanings.setdefault(key, set()).add(action.label or action.title)
    doubled = {key: names for key, names in meanings.items() if len(names) > 1}
    # Space goes on with whatever the row is about, v turns the view: the same idea everywhere.
    assert set(doubled) <= {"space"}, doubled


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"appointment.book": "ctrl+i"}, "is Tab"),
        ({"appointment.book": "f11"}, "window managers"),
        ({"appointment.book": "ctrl+shift+b"}, "does not reach"),
        ({"appointment.book": "alt+1"}, "does not reach"),
        ({"appointment.boook": "f6"}, "there is no action appointment.boook"),
        ({"appointment.book": "f7"}, "f7 is both"),
        ({"appointment.book": {"nowhere": "f6"}}, "by screen"),
    ],
)
def test_a_bad_keymap_is_refused_in_words(table: dict, words: str) -> None:
    with pytest.raises(BadUsage, match=words):
        keymap.check(table)


def test_a_keymap_file_is_read_and_errors_name_the_line(tmp_path: Path) -> None:
    file = tmp_path / "keys.toml"
    file.write_text('[keys]\n"desk.lock" = "ctrl+l"\n')
    assert keymap.load(file).of("desk.lock", EVERYWHERE, "f10") == "ctrl+l"
    file.write_text('[keys]\n"desk.lock" = "ctrl+l"\n"help.show" = "ctrl+m"\n')
    with pytest.raises(BadUsage, match="line 3: ctrl\\+m is Enter"):
        keymap.load(file)
    file.write_text("[keys\n")
    with pytest.raises(BadUsage, match="not TOML"):
        keymap.load(file)


@pytest.mark.parametrize("context", SCREENS)
def test_the_footer_fits_80_columns_with_help_first(context: str) -> None:
    from pcoord.screens.base import footer_keys
    from pcoord.widgets.key_footer import KeyFooter

    keys = footer_keys(context, keymap.Keymap())
    assert keys[0] == ("F1", "help")
    assert len(keys) >= 8
    assert isinstance(KeyFooter(keys), KeyFooter)
    assert width_of(tuple((f" {key} {word} ", "") for key, word in keys[:6])) <= 80


def test_help_shows_every_key_and_word() -> None:
    from pcoord.screens.help import help_rows

    for screen in SCREENS:
        shown = {
            row.key.split()[-1]: row.cells for row in help_rows(screen, keymap.Keymap()) if row.key
        }
        for action in ACTIONS.values():
            here = {screen, EVERYWHERE} & set(action.keys)
            if here or action.verb:
                assert action.id in shown, (screen, action.id)


def test_the_readme_has_the_key_card() -> None:
    text = (Path(__file__).parent.parent / "README.md").read_text()
    assert keycard.markdown() in text, "run `python -m pcoord.keycard` and put it into README.md"

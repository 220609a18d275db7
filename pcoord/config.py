"""Settings: a small TOML file of the user's, and the environment, which wins."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pcoord.domain.errors import BadUsage
from pcoord.domain.text import readable

KEYS = {"db": str, "keymap": str, "mono": bool, "keys": dict}


@dataclass(frozen=True)
class Config:
    """What the user has set: the clinic's address, a file of own keys, and no colours."""

    db: str | None = None
    keymap: Path | None = None
    mono: bool = False
    user: str | None = None
    password_file: Path | None = None


def config_path(environ: Mapping[str, str] | None = None) -> Path:
    """Return where the settings are: PCOORD_CONFIG, or config.toml in the user's folder."""
    named = (os.environ if environ is None else environ).get("PCOORD_CONFIG")
    if named:
        return Path(named).expanduser()
    from platformdirs import user_config_path

    return user_config_path("pcoord") / "config.toml"


def load(environ: Mapping[str, str] | None = None) -> Config:
    """Return the settings; a missing file is an empty one unless PCOORD_CONFIG names it.

    Raises BadUsage, naming the file, for what cannot be read or is not a setting.
    """
    environ = os.environ if environ is None else environ
    path = config_path(environ)
    table = _table(path, bool(environ.get("PCOORD_CONFIG")))
    password_file = environ.get("PCOORD_PASSWORD_FILE")
    return Config(
        db=environ.get("PCOORD_DB") or table.get("db"),
        keymap=_keymap(table, path),
        mono=bool(environ.get("NO_COLOR")) or table.get("mono", False),
        user=readable(environ.get("PCOORD_USER") or "") or None,
        password_file=Path(password_file).expanduser() if password_file else None,
    )


def _table(path: Path, named: bool) -> dict[str, Any]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if named:
            raise BadUsage(f"There are no settings at {path}; check PCOORD_CONFIG.") from None
        return {}
    except OSError as error:
        raise BadUsage(f"The settings {path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadUsage(f"The settings {path} are not TOML: {error}.") from error
    for key, value in table.items():
        _demand_known(path, key, value)
    return table


def _demand_known(path: Path, key: str, value: Any) -> None:
    if key not in KEYS:
        raise BadUsage(f"{path}: there is no setting {key!r}; there are {', '.join(KEYS)}.")
    if not isinstance(value, KEYS[key]):
        kind = {str: 'text in "quotes"', bool: "true or false", dict: "a table"}[KEYS[key]]
        raise BadUsage(f"{path}: {key} must be {kind}.")


def _keymap(table: dict[str, Any], path: Path) -> Path | None:
    """Return the file with own keys: the one that is named, else the settings with [keys]."""
    if "keymap" in table:
        return path.parent / Path(table["keymap"]).expanduser()
    return path if "keys" in table else None

"""Reading a TOML file that a person wrote: what is wrong with it is said in words."""

import tomllib
from collections.abc import Collection
from os import PathLike
from pathlib import Path
from typing import Any

from pcoord.domain.errors import BadUsage, NotFound


def read_toml_text(source: str | PathLike[str], called: str) -> str:
    """Return a file's UTF-8 text; raise NotFound or BadUsage naming it as `called`."""
    try:
        return Path(source).read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise NotFound(f"There is no {called} {source}. Please check the name.") from None
    except (OSError, UnicodeDecodeError):
        raise BadUsage(f"The {called} {source} cannot be read as text.") from None


def parse_toml(text: str, called: str, words: Collection[str], may_have: str) -> dict[str, Any]:
    """Return the tables of a TOML text; raise BadUsage for wrong TOML or an unknown word."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadUsage(f"The {called} is not right TOML: {error}.") from None
    if strange := set(tables) - set(words):
        raise BadUsage(
            f'The {called} has an unknown word "{min(strange)}". It may have {may_have}.'
        )
    return tables

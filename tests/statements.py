"""Statements compiled once in a test process.

A program opens one engine, and compiles a statement when it is first used. Tests open some
thousands, and a quarter of their time would go into compiling the same statements for each.
"""

from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache

ROOM = 2000


def share_compiled(patch: pytest.MonkeyPatch) -> None:
    """Have all engines of this process share what was compiled for the same kind of server."""
    compiled: LRUCache[Any, Any] = LRUCache(ROOM)
    real = Engine.__init__

    def init(engine: Engine, *args: Any, **words: Any) -> None:
        real(engine, *args, **words)
        engine._compiled_cache = compiled

    patch.setattr(Engine, "__init__", init)
    # What is compiled is kept by dialect, of which every engine has its own.
    for dialect in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        patch.setattr(dialect, "__eq__", _same_kind)
        patch.setattr(dialect, "__hash__", lambda dialect: hash(type(dialect)))


def _same_kind(one: Any, other: object) -> bool:
    version = one.server_version_info
    return type(one) is type(other) and version == getattr(other, "server_version_info", None)

"""What every test may ask for: a clean environment, and databases on both engines."""

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import argon2
import pytest
from hypothesis import settings

from pcoord.clock import FixedClock
from pcoord.services.desk import Desk
from tests import memory, postgres
from tests.clinic import NOW, Clinic, fill
from tests.databases import Engine, Factory, SqliteFiles, Templates
from tests.statements import share_compiled

ENGINES = ("sqlite", "postgresql")
FOR_TESTS = {"PCOORD_TEST_PG_DSN", "PCOORD_GOLDEN", "PCOORD_FAULTS", "PCOORD_FAULTS_REPORT"}

memory.use_memory()

# Two busy cores make single examples slow; that is no fault of the code under test.
settings.register_profile("pcoord", deadline=None, print_blob=True)
settings.load_profile("pcoord")


@pytest.fixture(scope="session", autouse=True)
def clean_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep tests away from the user's own clinic and settings; give the home folder they see."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ:
            if name.startswith(("PCOORD_", "TEXTUAL", "XDG_")) and name not in FOR_TESTS:
                patch.delenv(name)
        patch.delenv("NO_COLOR", raising=False)
        patch.setenv("HOME", str(home))
        yield home


@pytest.fixture(scope="session", autouse=True)
def shared_statements() -> Iterator[None]:
    """Compile each statement once, not once for each engine."""
    with pytest.MonkeyPatch.context() as patch:
        share_compiled(patch)
        yield


@pytest.fixture(scope="session", autouse=True)
def light_hashes() -> Iterator[type[argon2.PasswordHasher]]:
    """Make password hashes cheap in this process; gives the dear kind, whose cost is tested once.

    What a test starts as a program of its own hashes at full cost.
    """
    real = argon2.PasswordHasher
    light = partial(real, time_cost=1, memory_cost=64, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(argon2, "PasswordHasher", light)
        yield real


@pytest.fixture(scope="session")
def pg_server() -> Iterator[postgres.Server]:
    """The PostgreSQL server of this test process; the test fails where there is none."""
    with postgres.running() as server:
        yield server


@pytest.fixture(scope="session")
def sqlite_files(tmp_path_factory: pytest.TempPathFactory) -> SqliteFiles:
    """Makes SQLite databases in a folder of this run."""
    return SqliteFiles(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def templates() -> Templates:
    """The filled databases of this test process."""
    return Templates()


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """The engine's name; a test that asks for it, or for a database, runs once on each."""
    name: str = request.param
    return name


@pytest.fixture
def maker(engine: str, request: pytest.FixtureRequest) -> Engine:
    """What makes databases on the engine of this test; starts PostgreSQL only when it is asked."""
    maker: Engine = request.getfixturevalue("sqlite_files" if engine == "sqlite" else "pg_server")
    return maker


@pytest.fixture
def fresh_database(maker: Engine) -> Iterator[Callable[[], str]]:
    """Makes empty databases and returns their addresses; they are dropped after the test."""
    made: list[str] = []

    def fresh() -> str:
        made.append(maker.create())
        return made[-1]

    yield fresh
    for url in made:
        maker.drop(url)


@pytest.fixture
def database_url(fresh_database: Callable[[], str]) -> str:
    """The address of one empty database: a path without a file yet, or a postgresql:// URL."""
    return fresh_database()


@pytest.fixture
def migrated_template(
    engine: str, maker: Engine, templates: Templates
) -> Iterator[Callable[[Factory], str]]:
    """Gives copies of a database that a factory fills once in a run; dropped after the test.

    The factory must be a module's function: the same function means the same template.
    """
    made: list[str] = []

    def clone(factory: Factory) -> str:
        made.append(templates.clone(engine, maker, factory))
        return made[-1]

    yield clone
    for url in made:
        maker.drop(url)


@pytest.fixture
def clinic(migrated_template: Callable[[Factory], str]) -> Iterator[Clinic]:
    """A small clinic on the engine of this test, at nine on a Tuesday morning."""
    made = Clinic(migrated_template(fill), FixedClock(NOW))
    yield made
    made.leave()


@pytest.fixture
def desk(clinic: Clinic) -> Desk:
    """Ana's desk in the small clinic."""
    return clinic.desk("ana")

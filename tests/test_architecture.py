"""The rooms of pcoord, and which way imports may point between them."""

import ast
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# Who may import whom. `domain` has the shared values and the errors, so every room above may
# know it; a room that is not on the right must not be imported, at the top or inside a function.
ALLOWED: dict[str, set[str]] = {
    "domain": set(),
    "actions": set(),
    "clock": set(),
    "resources": set(),
    "config": {"domain", "clock", "resources"},
    "exchange": {"domain", "clock", "resources"},
    "store": {"domain", "clock"},
    "services": {"exchange", "domain", "store", "clock", "config", "resources"},
    "keycard": {"actions", "keymap"},
    "keymap": {"actions", "domain", "config"},
    "quickline": {"actions", "services", "domain", "clock", "config", "kinds"},
    "kinds": {"actions", "services", "domain"},
    "widgets": {"domain"},
    "screens": {"widgets", "services", "actions", "domain", "clock", "config", "keymap"},
    "panels": set(),
    "palette": {
        "panels",
        "widgets",
        "services",
        "actions",
        "domain",
        "clock",
        "keymap",
        "quickline",
    },
    "terminal": {"domain", "clock", "config"},
    "sitting": {"services", "domain"},
    "cover": {"clock"},
    "doing": {"actions", "quickline", "palette", "panels"},
    "app": {
        *("sitting", "cover", "doing"),
        *("screens", "widgets", "palette", "quickline", "keymap", "services", "actions"),
        *("domain", "clock", "config", "resources", "terminal"),
    },
    "commands": {
        *("services", "actions", "quickline", "keymap", "domain", "clock", "config", "resources"),
        *("app", "terminal"),
    },
    "cli": {"commands", "app", "terminal", "services", "domain", "clock", "config"},
    "__main__": {"cli", "app", "config", "clock", "domain", "terminal"},
    "": set(),
}
OPENERS = {"__main__", "cli", "commands"}
ONLY_WHEN_OPENING = {"app", "terminal"}

# Which rooms may import a package from outside.
HOMES: dict[str, set[str]] = {
    "textual": {"app", "screens", "widgets", "palette", "terminal"},
    "sqlmodel": {"store"},
    "sqlalchemy": {"store"},
    "alembic": {"store"},
    "psycopg": {"store"},
    "sqlite3": {"store"},
}

ASKS_THE_TIME = {
    *("datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time"),
    *("time.localtime", "time.gmtime", "datetime.datetime.now", "datetime.date.today"),
}


@dataclass(frozen=True)
class Import:
    """One import: where it stands, what it names, and whether it waits inside a function."""

    file: str
    line: int
    room: str
    target: str
    lazy: bool
    typed: bool = False

    @property
    def package(self) -> str:
        """The outermost package of what is imported."""
        return self.target.split(".")[0]

    @property
    def target_room(self) -> str:
        """The room of ours that is imported."""
        return room_of(self.target)

    def __str__(self) -> str:
        return f"{self.file}:{self.line} imports {self.target}"


def room_of(module: str) -> str:
    """Return the room of a module of ours: `pcoord.store.unit` is in `store`."""
    room = module.partition(".")[2].partition(".")[0]
    return "terminal" if room.startswith("terminal") else room


@cache
def tree_of(text: str) -> ast.Module:
    """Return a module's text as a tree, which nobody changes; many tests look at the same ones."""
    return ast.parse(text)


def imports_of(module: str, is_package: bool, text: str, file: str = "?") -> Iterator[Import]:
    """Yield every import in a module's text, also those in functions and for types only."""
    tree = tree_of(text)
    inside = {id(node) for outer in _functions(tree) for node in ast.walk(outer)}
    typed = {id(node) for outer in _for_types(tree) for node in ast.walk(outer)}
    package = module if is_package else module.rpartition(".")[0]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for target in _targets(node, package):
                lazy = id(node) in inside | typed
                yield Import(file, node.lineno, room_of(module), target, lazy, id(node) in typed)


def _functions(tree: ast.AST) -> Iterator[ast.AST]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
    return (node for node in ast.walk(tree) if isinstance(node, kinds))


def dotted(node: ast.expr) -> str:
    """Return a name as it is written, "a.b.c"; "" for what is more than names."""
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return before and f"{before}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def _for_types(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield the blocks that only a type checker reads."""
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and dotted(node.test) == "TYPE_CHECKING":
            yield node


def _targets(node: ast.Import | ast.ImportFrom, package: str) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    source = importlib.util.resolve_name("." * node.level + (node.module or ""), package)
    # `from pcoord import store` names a room, `from pcoord.store import unit` perhaps a module.
    return [f"{source}.{alias.name}" for alias in node.names]


@cache
def modules() -> dict[str, Path]:
    """Return the modules of the checkout by their dotted names."""
    found = {}
    for path in sorted((ROOT / "pcoord").rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def all_imports() -> list[Import]:
    """Return every import of the program."""
    found: list[Import] = []
    for module, path in modules().items():
        text, file = path.read_text(encoding="utf-8"), str(path.relative_to(ROOT))
        found += imports_of(module, path.name == "__init__.py", text, file)
    return found


def wrong_arrows(imports: list[Import]) -> list[str]:
    """Return the imports between rooms that point the wrong way."""
    ours = [one for one in imports if one.package == "pcoord" and one.target_room != one.room]
    # Screens may name the types of the app and of a call; nobody may import them to run them.
    ours = [one for one in ours if not (one.typed and one.target_room in {"app", "kinds"})]
    known = [one for one in ours if one.target_room in ALLOWED]  # else a name, as __version__
    return [
        str(one)
        for one in known
        if one.target_room not in ALLOWED[one.room]
        or (one.target_room in ONLY_WHEN_OPENING and one.room in OPENERS and not one.lazy)
    ]


def strayed_packages(imports: list[Import]) -> list[str]:
    """Return the imports of outside packages in rooms that must not know them."""
    return [str(one) for one in imports if one.room not in HOMES.get(one.package, {one.room})]


def test_every_room_is_known() -> None:
    rooms = {room_of(module) for module in modules()}
    assert rooms <= set(ALLOWED), "a new module at the top needs its row in ALLOWED"


def test_imports_point_one_way() -> None:
    assert wrong_arrows(all_imports()) == []


def test_outside_packages_stay_in_their_rooms() -> None:
    assert strayed_packages(all_imports()) == []


def test_the_allowed_arrows_have_no_circle() -> None:
    left = {room: set(targets) for room, targets in ALLOWED.items()}
    while free := [room for room, targets in left.items() if not targets]:
        left = {room: targets - set(free) for room, targets in left.items() if room not in free}
    assert left == {}


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("pcoord.domain.money", "from pcoord.store import unit"),
        ("pcoord.domain.money", "from ..store.unit import Unit"),
        ("pcoord.widgets.rows", "def f():\n    import pcoord.services.booking"),
        ("pcoord.store.unit", "from pcoord import services"),
        ("pcoord.screens.day", "from pcoord.app import PcoordApp"),
        ("pcoord.screens.day", "from pcoord.store.unit import Unit"),
        ("pcoord.cli", "from pcoord.app import PcoordApp"),
        ("pcoord.clock", "from pcoord.config import Config"),
    ],
)
def test_a_wrong_arrow_is_found(module: str, text: str) -> None:
    assert len(wrong_arrows(list(imports_of(module, False, text)))) == 1


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("pcoord.cli", "def f():\n    from pcoord.app import PcoordApp"),
        ("pcoord.services.booking", "from pcoord.store import Unit\nfrom pcoord import clock"),
        ("pcoord.cli", "from pcoord import __version__"),
        ("pcoord.store.unit", "from .values import Row"),
    ],
)
def test_a_right_arrow_is_let_be(module: str, text: str) -> None:
    assert wrong_arrows(list(imports_of(module, False, text))) == []


def test_a_strayed_package_is_found() -> None:
    text = "import sqlalchemy.orm\nfrom textual.app import App\nimport json"
    assert len(strayed_packages(list(imports_of("pcoord.services.day", False, text)))) == 2


def test_only_the_clock_asks_the_time() -> None:
    asked = []
    for path in modules().values():
        for node in ast.walk(tree_of(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and dotted(node.func) in ASKS_THE_TIME:
                asked.append(f"{path.relative_to(ROOT)}:{node.lineno} {ast.unparse(node)}")
    assert [one for one in asked if not one.startswith("pcoord/clock.py")] == []


def loaded_at_start(first: str) -> set[str]:
    """Return what importing a module imports at once, followed through our own modules."""
    waiting, seen, outside = [first], set(), set()
    while waiting:
        module = waiting.pop()
        if module in seen or module not in modules():
            continue
        seen.add(module)
        path = modules()[module]
        for one in imports_of(module, path.name == "__init__.py", path.read_text("utf-8")):
            if one.lazy:
                continue
            outside.add(one.package)
            parts = one.target.split(".")
            waiting += [".".join(parts[:length]) for length in range(1, len(parts) + 1)]
    return outside


DATA_LAYER = {"sqlmodel", "sqlalchemy", "pydantic", "phonenumbers"}


@pytest.mark.parametrize(
    ("first", "heavy"),
    [
        ("pcoord.__main__", {"textual", "rich", "alembic"} | DATA_LAYER),
        ("pcoord.actions", {"textual", "rich", "alembic"} | DATA_LAYER),
        ("pcoord.cli", {"textual", "alembic"}),
        ("pcoord.app", {"alembic"} | DATA_LAYER),
    ],
)
def test_starting_loads_nothing_heavy(first: str, heavy: set[str]) -> None:
    assert loaded_at_start(first) & heavy == set()


LOOK_UP = """
import json, runpy, sys
try:
    runpy.run_module("pcoord", run_name="__main__", alter_sys=True)
except SystemExit as ended:
    code = ended.code or 0
packages = {name.partition(".")[0] for name in sys.modules}
print(json.dumps({"code": code, "packages": sorted(packages)}), file=sys.stderr)
"""


@pytest.mark.skipif("pcoord.cli" not in modules(), reason="the command line is not there yet")
@pytest.mark.parametrize("words", [["find", "gonz"], ["day"], ["board"]])
def test_a_quick_lookup_never_imports_textual(words: list[str], demo_file: Path) -> None:
    done = pcoord(["-c", LOOK_UP, "--db", str(demo_file), *words])
    told = json.loads(done.stderr.splitlines()[-1])
    assert told["code"] in (0, 1), done.stderr
    assert not {"textual", "alembic"} & set(told["packages"])


@pytest.fixture(scope="module")
def demo_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small demo clinic."""
    path = tmp_path_factory.mktemp("demo") / "demo.db"
    words = ["--db", str(path), "demo", "--no-open", "--json", "--patients", "50"]
    done = pcoord(["-m", "pcoord", *words])
    assert done.returncode == 0, done.stderr
    return path


def pcoord(words: list[str]) -> "subprocess.CompletedProcess[str]":
    """Run Python on the checkout, without a terminal."""
    return subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env=dict(os.environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )

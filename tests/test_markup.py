"""No text from records can be read as markup: a lint over every call that would.

Textual reads a `str` as markup in many places: a patient named `Ann [/bold] Lee` would end the
program, and `[@click=...]` would be a live action. So these places take a literal, a rich `Text`
or a Textual `Content`, or say `markup=False`.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# Calls that read a str as markup, and which arguments they read: None means all positional ones.
SINKS: dict[str, tuple[int | None, set[str]]] = {
    "Static": (1, {"content"}),
    "Label": (1, {"content", "renderable"}),
    "Link": (1, {"text"}),
    "Button": (1, {"label"}),
    "Checkbox": (1, {"label"}),
    "RadioButton": (1, {"label"}),
    "Option": (1, {"prompt"}),
    "Tab": (1, {"label"}),
    "TabPane": (1, {"title"}),
    "Collapsible": (0, {"title"}),
    "notify": (1, {"message", "title"}),
    "add_option": (1, {"item"}),
    "add_row": (None, {"label"}),
    "add_column": (1, {"label"}),
    "add_columns": (None, set()),
    "update_cell": (3, {"value"}),
    "update_cell_at": (2, {"value"}),
    "add_leaf": (1, {"label"}),
    "set_label": (1, {"label"}),
    "from_markup": (1, {"markup", "text"}),
    "render_markup": (1, set()),
}
PAINTED = {"border_title", "border_subtitle", "tooltip"}
RICH = {"Text", "Content"}


def faults_of(text: str) -> list[str]:
    """Return the places of a module where something other than a safe value is read as markup."""
    tree = ast.parse(text)
    safe = _safe_names(tree)
    places = [node for node, value in _read_as_markup(tree) if not _is_safe(value, safe)]
    return [f"{node.lineno}: {ast.unparse(node)}" for node in places]


def _read_as_markup(tree: ast.AST) -> Iterator[tuple[ast.expr | ast.stmt, ast.expr]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from ((node, value) for value in _values(node))
        elif isinstance(node, ast.Assign) and any(map(_is_painted, node.targets)):
            yield node, node.value


def _is_painted(target: ast.expr) -> bool:
    return isinstance(target, ast.Attribute) and target.attr in PAINTED


def _values(call: ast.Call) -> Iterator[ast.expr]:
    name = _name(call.func)
    if any(word.arg == "markup" and _is_false(word.value) for word in call.keywords):
        return
    if name == "update" and len(call.args) == 1 and _is_text(call.args[0]):
        yield call.args[0]
    if name in SINKS:
        count, words = SINKS[name]
        yield from call.args[:count]
        yield from (word.value for word in call.keywords if word.arg in words | {"tooltip"})


def _is_text(value: ast.expr) -> bool:
    """Tell whether an expression is surely a str; `update` is also what a dict does."""
    formatted = isinstance(value, ast.Call) and _name(value.func) in {"format", "join", "str"}
    joined = isinstance(value, ast.BinOp) and (_is_text(value.left) or _is_text(value.right))
    constant = isinstance(value, ast.Constant) and isinstance(value.value, str)
    return isinstance(value, ast.JoinedStr) or formatted or joined or constant


def _is_safe(value: ast.expr, safe: set[str]) -> bool:
    if isinstance(value, ast.Starred):
        value = value.value
    if isinstance(value, ast.Constant):
        return "[" not in str(value.value)
    if isinstance(value, ast.IfExp):
        return _is_safe(value.body, safe) and _is_safe(value.orelse, safe)
    if isinstance(value, ast.GeneratorExp | ast.ListComp):
        return _is_safe(value.elt, safe)
    if isinstance(value, ast.Call):
        return _makes_rich(value.func, safe)
    return _name(value) in safe


def _makes_rich(function: ast.expr, safe: set[str]) -> bool:
    """Tell whether a call makes a Text: Text(...), Text.assemble(...), a function that says so."""
    if isinstance(function, ast.Attribute) and _name(function.value) in RICH:
        return function.attr != "from_markup"
    return _name(function) in RICH | safe


def _safe_names(tree: ast.AST) -> set[str]:
    """Return the names that this module declares to be a Text or Content everywhere."""
    rich: set[str] = set(RICH)
    other: set[str] = set()
    for name, is_rich in _declared(tree):
        (rich if is_rich else other).add(name)
    return rich - other


def _declared(tree: ast.AST) -> Iterator[tuple[str, bool]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.returns:
            yield node.name, _says_rich(node.returns)
        elif isinstance(node, ast.arg) and node.annotation:
            yield node.arg, _says_rich(node.annotation)
        elif isinstance(node, ast.AnnAssign):
            yield _name(node.target), _says_rich(node.annotation)
        elif isinstance(node, ast.Assign) and len(node.targets) == 1:
            made = isinstance(node.value, ast.Call) and _makes_rich(node.value.func, set())
            yield _name(node.targets[0]), made


def _says_rich(annotation: ast.expr) -> bool:
    """Tell whether an annotation names Text or Content, or a sequence of them, and no str."""
    nodes = list(ast.walk(annotation))
    quoted = {str(node.value) for node in nodes if isinstance(node, ast.Constant)}
    names = {_name(node) for node in nodes} | quoted
    return bool(names & RICH) and "str" not in names


def _name(node: ast.AST) -> str:
    return getattr(node, "attr", None) or getattr(node, "id", None) or ""


def _is_false(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is False


def test_no_text_from_records_is_read_as_markup() -> None:
    faults = []
    for path in sorted((ROOT / "pcoord").rglob("*.py")):
        if path.relative_to(ROOT).parts[1] in {"domain", "store", "services", "exchange"}:
            continue
        file = path.relative_to(ROOT)
        faults += [f"{file}:{fault}" for fault in faults_of(path.read_text(encoding="utf-8"))]
    assert faults == [], "make it a rich Text, or say markup=False"


@pytest.mark.parametrize(
    "line",
    [
        'Static(f"{patient.family}")',
        "Static(patient.family)",
        "Static(content=name)",
        'Label("Hello " + name)',
        "self.notify(step.sentence)",
        'self.notify("Moved.", title=name)',
        'self.query_one("#who").update(f"{name}")',
        "table.add_row(mrn, name)",
        "table.add_row(*cells)",
        "Option(name, id=key)",
        "Button(label=name)",
        "self.border_title = name",
        "Text.from_markup(name)",
        'Static("[bold]Day[/bold]")',
        "Static(Text(name) if known else name)",
        "def f(name: str) -> None:\n    Static(name)",
        "def f(name: Text | str) -> None:\n    Static(name)",
        "def f():\n    line = Text(a)\n    line = name\n    Static(line)",
    ],
)
def test_an_unsafe_line_is_found(line: str) -> None:
    assert len(faults_of(line)) >= 1


@pytest.mark.parametrize(
    "line",
    [
        'Static("Waiting room")',
        "Static()",
        'Static(id="card")',
        "Static(Text(name))",
        'Static(Text.assemble("Seen ", name))',
        "Static(name, markup=False)",
        "self.notify(step.sentence, markup=False)",
        "def f(line: Text) -> None:\n    Static(line)",
        "def card(p: Patient) -> Text: ...\nStatic(card(p))",
        "line = Text(name)\nStatic(line)",
        "def f(cells: list[Text]) -> None:\n    table.add_row(*cells)",
        "table.add_row(*(Text(cell) for cell in cells))",
        "known.update(other)",
        'self.border_title = "Calls"',
    ],
)
def test_a_safe_line_is_let_be(line: str) -> None:
    assert faults_of(line) == []

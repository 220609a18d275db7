"""Whatever reaches out to a patient asks `services.reaching` first: calls, letters, texts, mail."""

import ast
from collections.abc import Iterator

import pytest

from tests.test_architecture import dotted, imports_of, modules, tree_of

DOOR = "pcoord.services.reaching"
DECIDES = {"at_phone", "letter_to", "text_to", "mail_to", "letter_fits"}
"""What `domain.disclosure` decides of ways out; only the door asks it."""

LIBRARIES = {
    *("smtplib", "email", "imaplib", "http", "urllib", "socket", "ssl", "ftplib", "telnetlib"),
    *("subprocess", "requests", "httpx", "aiohttp", "urllib3", "aiosmtplib", "twilio", "boto3"),
    *("sendgrid", "paramiko", "websockets", "pexpect"),
}
"""With these something could leave the machine, or another program be made to send it."""

NOT_SENDING = {
    "pcoord.services.accounts": "asks the machine's name",
    "pcoord.store.doubt": "keeps a line to the database from hanging",
    "pcoord.store.engine": "takes the address of the database apart",
}
"""Modules that import such a library for something else, and for what."""

WORDING = ("letters/", "texts/", "mails/", "messages/")
"""Folders of `data/` with what is written to patients."""

LEAVES = {"print", "send", "sent", "text", "mail", "letter", "fax", "call out"}
"""Kinds of event that say that something went out about a patient."""


def found_senders(module: str, text: str) -> Iterator[str]:
    """Yield why a module is taken for one that reaches out to patients."""
    tree = tree_of(text)
    for one in imports_of(module, False, text):
        if one.package in LIBRARIES:
            yield f"imports {one.package}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if node.value.startswith(WORDING):
                yield f"words from {node.value}"
        elif isinstance(node, ast.Call) and _notes_that_something_left(node):
            yield "stores that something went out"
        elif isinstance(node, ast.Call) and _inserts_a_call(node):
            yield "stores a call"


def _notes_that_something_left(node: ast.Call) -> bool:
    if not (isinstance(node.func, ast.Attribute) and node.func.attr == "note"):
        return False
    said = {arg.value for arg in node.args if isinstance(arg, ast.Constant)}
    about = any(word.arg in ("patient_id", None) for word in node.keywords)
    return about and bool(said & LEAVES)


def _inserts_a_call(node: ast.Call) -> bool:
    inserts = isinstance(node.func, ast.Attribute) and node.func.attr == "insert"
    return inserts and bool(node.args) and dotted(node.args[0]) == "Call"


def passes_by_the_door(module: str, text: str) -> list[str]:
    """Return what is wrong with a module: it decides by itself, or sends without asking."""
    if module == DOOR or module in NOT_SENDING:
        return []
    imports = list(imports_of(module, False, text))
    asks = any(one.target.startswith(DOOR) for one in imports)
    wrong = [] if asks else [f"{module} {why}" for why in found_senders(module, text)]
    if module != "pcoord.domain.disclosure":
        named = {node.attr for node in ast.walk(tree_of(text)) if isinstance(node, ast.Attribute)}
        named |= {one.target.rpartition(".")[2] for one in imports}
        wrong += [f"{module} decides {name} by itself" for name in sorted(named & DECIDES)]
    return wrong


@pytest.mark.parametrize("module", sorted(modules()))
def test_no_module_passes_by_the_door(module: str) -> None:
    text = modules()[module].read_text(encoding="utf-8")
    assert passes_by_the_door(module, text) == [], f"ask {DOOR}.may_reach before anything leaves"


def test_the_senders_that_exist_are_seen() -> None:
    seen = {
        module
        for module, path in modules().items()
        if module not in NOT_SENDING and list(found_senders(module, path.read_text("utf-8")))
    }
    assert {"pcoord.services.letters", "pcoord.services.calls"} <= seen


@pytest.mark.parametrize(
    "text",
    [
        "import smtplib",
        "from email.message import EmailMessage",
        "def send():\n    from urllib.request import urlopen",
        "import subprocess\nsubprocess.run(['mail'])",
        "text = resources.read_text(f'texts/{code}.en.txt')",
        "text = resources.read_text('letters/recall.en.txt')",
        "desk.store.note(desk.who, 'send', patient_id=who, said=said)",
        "work.unit.insert(Call, direction='out', patient_id=who)",
        "from pcoord.domain.disclosure import text_to",
        "import pcoord.services.reaching\nfrom pcoord.domain import disclosure\n"
        "disclosure.mail_to('a@b', agreed=True)",
    ],
)
def test_a_sender_that_passes_by_is_found(text: str) -> None:
    assert passes_by_the_door("pcoord.services.reminders", text)


@pytest.mark.parametrize(
    "text",
    [
        "import smtplib\nfrom pcoord.services.reaching import may_reach",
        "import json\ntext = resources.read_text('sheets/foot.en.txt')",
        "desk.store.note(desk.who, 'print', said=said)",
    ],
)
def test_what_asks_or_sends_nothing_is_let_be(text: str) -> None:
    assert passes_by_the_door("pcoord.services.reminders", text) == []

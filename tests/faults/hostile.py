"""Text that would drive a terminal, a spreadsheet or a markup parser, and how to look for it."""

import re
from collections.abc import Iterator

from sqlalchemy import String, Table, select, update
from sqlmodel import AutoString

from pcoord.store.lookup_index import fill_lines, lookup_person
from pcoord.store.store import Store
from pcoord.store.tables import metadata

PAYLOADS = {
    "CSI colour": "\x1b[4;95;123mpink",
    "CSI clear": "\x1b[2J\x1b[3J\x1b[H",
    "CSI report": "\x1b[6n\x1b[c\x1b[21t",
    "OSC 0 title": "\x1b]0;owned\x07",
    "OSC 8 link": "\x1b]8;;http://evil.example\x1b\\here\x1b]8;;\x1b\\",
    "OSC 52 clipboard": "\x1b]52;c;ZXZpbA==\x07",
    "OSC 1337 file": "\x1b]1337;File=inline=1:AAAA\x07",
    "DCS": "\x1bP+q544e\x1b\\",
    "APC and PM": "\x1b_x\x1b\\\x1b^y\x1b\\",
    "SOS and resets": "\x1bXz\x1b\\\x1bc\x1b(0",
    "C1 CSI": "\x9b31mred",
    "C1 OSC": "\x9d0;owned\x9c",
    "C1 DCS and others": "\x90q\x9c\x84\x85\x8d\x98",
    "NUL": "a\x00b",
    "bells and backspaces": "\x07\x08\x08\x7f\x0e\x0f",
    "bidi override": "\u202eevil\u202c",
    "bidi isolates and marks": "\u2066x\u2069\u200f\u200e\u061c",
    "zero width": "a\u200bb\u2060c\ufeffd\u180ee",
    "joiners outside words": " \u200d-\u200c ",
    "tags": "x\U000e0041\U000e007f",
    "selectors and fillers": "a\ufe0f\U000e0101\u115f\u17b4\U0001bca0\u2800\ufdd0b",
    "printer and windows": "\x1b[5i\x1b[8;5;5t\x1b[>4;2m\x1b[=5;1u\x1bktitle\x1b\\\x05",
    "half a surrogate": "x\ud800y\udce9z",
    "Rich markup": "[bold red]x[/bold red]",
    "broken markup": "Ann [/bold] Lee [[ [",
    "Textual action": "[@click=app.quit]x[/]",
    "Textual link": "[link=http://evil.example]x[/link]",
    "Textual style": "[on red $error]x[/] :smile:",
    "lines": "one\ntwo\r\nthree\x85four\u2028five\u2029six",
    "tabs and feeds": "a\tb\x0b\x0cc",
    "a stack of marks": "e" + "\u0301\u0327" * 100,
    "a very long word": "W" * 5000,
    "wide and long": "\u5b57" * 3000,
    "formats": "{0.__class__} %s %n ${HOME} `id` $(id)",
    "SQL": "'; DROP TABLE patient; --",
    "formula": '=cmd|" /C calc"!A0',
    "other formulas": "@SUM(1+1)*cmd",
}

NAMES = (
    "Nguyễn",
    "Müller",
    "O'Brien-Łęcki",
    "Ђорђевић",
    "Παπαδόπουλος",
    "بن\u200cعلی",  # a joiner that Persian needs
    "משה",
    "क्\u200dष",  # and one that Devanagari needs
    "അന്\u200dവര്",  # and Malayalam
    "葛\U000e0100城",
    "བསྟན་འཛིན",
    "Smith\u2010Jones",
    "สมชาย",
    "李小龍",
    "김민수",
    "አበበ",
    "José María de la O",
    "Nuñez y Nuñez",
    "Ånès d’Œuvre",
)
"""Ordinary names that must stay as they are."""

ACTIVE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
"""What may reach no terminal: all controls but line ends and tabs, and what turns or hides text."""

SENT = re.compile(rb"\x1b[\]P_^X]|\x9b|\xc2[\x80-\x9f]|[\x00\x05\x07]|\xe2\x80[\xaa-\xae]")
"""Bytes that a desk never sends: strings to the terminal, C1, NUL, ENQ, bells, bidi overrides."""


def active(text: str) -> list[str]:
    """Return the characters of a text that would do something to a terminal."""
    return ACTIVE.findall(text)


# Written by the program itself, in its own words; people's text never gets there.
OWN_WORDS = {
    *("id", "version", "status", "stage", "kind", "code", "encounter_status", "appointment_status"),
    *("timezone", "zone", "wall", "date_order", "region", "language", "role", "sex", "use", "part"),
    *("system", "direction", "outcome", "modality", "queue", "weekdays", "password_hash", "letter"),
    *("token", "other", "key", "username", "os_login", "scopes", "places", "audience", "digits"),
    *("cancel_reason", "verified", "birth_sex", "pin_hash", "may_leave", "words", "specialty"),
}
OWN_TABLES = {"audit_event", "audit_chain", "draft", "counter", "lookup_token", "lookup_sound"}
OWN_TABLES |= {"occupancy", "desk_session"}


def texts(table: Table) -> Iterator[str]:
    """Return the text columns of a table that are no keys."""
    for column in table.c:
        if isinstance(column.type, String | AutoString) and not (
            column.foreign_keys or column.primary_key
        ):
            yield column.name


def poison(store: Store, payload: str, *, own_words: bool = False) -> int:
    """Write a payload straight into every text column, and return how many."""
    if store.address.path is None:
        payload = payload.replace("\x00", "")
    payload = re.sub("[\ud800-\udfff]", "", payload)
    count = 0
    for table in metadata.tables.values():
        if table.name in OWN_TABLES:
            continue
        for name in texts(table):
            if (name in OWN_WORDS) != own_words or name == "id" or name.endswith("_id"):
                continue
            count += 1
            _set(store, table, name, payload)
    _list_anew(store)
    return count


def _list_anew(store: Store) -> None:
    """Have lists show what the records hold now; their lines follow from it, and have a form."""
    store.connection.execute(update(lookup_person).values(line=None))
    fill_lines(store.connection)


def _set(store: Store, table: Table, name: str, payload: str) -> None:
    connection = store.connection
    keys = list(table.primary_key)
    for number, row in enumerate(connection.execute(select(*keys)).all()):
        own = [key == value for key, value in zip(keys, row, strict=True)]
        connection.execute(update(table).where(*own).values({name: f"{payload}{number}"}))

"""A disk that can be watched and made to fail, under the very SQLite library that pcoord uses.

The default VFS of the loaded library is patched in place, in this process only: each write,
truncation and sync passes by here, is noted, and may be answered with an error instead. So it is
for processes that do nothing else; `in_a_process` of its own is where it belongs.

The structures are those of sqlite3.h (sqlite3_vfs, sqlite3_io_methods), which SQLite keeps stable.
"""

import _sqlite3
import ctypes
import random
from collections.abc import Callable, Iterable, Iterator
from ctypes import CFUNCTYPE, POINTER, c_char_p, c_int, c_int64, c_void_p
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FULL, IOERR, OK = 13, 10, 0
SECTOR = 512
DROPPED, TORN = 0.4, 0.1
"""How likely a write that was not synced is lost, or half there, after a power cut."""

Event = tuple[str, str, int, bytes]
"""What happened ("write", "truncate", "sync", "confirmed"), to which file, where, and what."""


class _Vfs(ctypes.Structure):
    _fields_ = [
        ("version", c_int),
        ("size_of_file", c_int),
        ("longest_path", c_int),
        ("next", c_void_p),
        ("name", c_char_p),
        ("data", c_void_p),
        ("open", c_void_p),
    ]


class _Methods(ctypes.Structure):
    _fields_ = [
        ("version", c_int),
        ("close", c_void_p),
        ("read", c_void_p),
        ("write", c_void_p),
        ("truncate", c_void_p),
        ("sync", c_void_p),
        ("rest", c_void_p * 13),
    ]


class _File(ctypes.Structure):
    _fields_ = [("methods", POINTER(_Methods))]


# SQLite keeps the pointer to the name, so that it is passed on as it came.
_OPEN = CFUNCTYPE(c_int, c_void_p, c_void_p, POINTER(_File), c_int, c_void_p)
_WRITE = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
_TRUNCATE = CFUNCTYPE(c_int, c_void_p, c_int64)
_SYNC = CFUNCTYPE(c_int, c_void_p, c_int)

Judge = Callable[[str, str], int]
"""Says for an event's kind and file's name which error it ends with, 0 for none."""


class WatchedDisk:
    """Notes all that SQLite does to its files from now on; `judge` may refuse it."""

    def __init__(self) -> None:
        self.log: list[Event] = []
        self.judge: Judge = lambda kind, name: OK
        self._names: dict[int, str] = {}
        self._kept: list[object] = []
        self._patched: dict[int, _Methods] = {}
        library = ctypes.CDLL(_sqlite3.__file__)
        library.sqlite3_vfs_find.restype = POINTER(_Vfs)
        vfs = library.sqlite3_vfs_find(None).contents
        self._real_open = _OPEN(vfs.open)
        mine = _OPEN(self._open)
        self._kept.append(mine)
        vfs.open = ctypes.cast(mine, c_void_p).value

    def confirm(self, what: str) -> None:
        """Note that the program was told, at this moment, that something is stored."""
        self.log.append(("confirmed", what, 0, b""))

    def _open(
        self, vfs: int, name: bytes | None, file: "ctypes._Pointer[_File]", flags: int, out: int
    ) -> int:
        code = self._real_open(vfs, name, file, flags, out)
        if code == OK and name and file.contents.methods:
            address = ctypes.addressof(file.contents)
            self._names[address] = Path(ctypes.string_at(name).decode()).name
            file.contents.methods = ctypes.pointer(self._methods(file.contents.methods))
        return code

    def _methods(self, real: Any) -> _Methods:
        where = ctypes.addressof(real.contents)
        if where not in self._patched:
            copy = _Methods.from_buffer_copy(real.contents)
            for name, kind, note in (
                ("write", _WRITE, self._note_write),
                ("truncate", _TRUNCATE, self._note_truncate),
                ("sync", _SYNC, self._note_sync),
            ):
                setattr(copy, name, self._wrapped(kind, getattr(copy, name), note))
            self._patched[where] = copy
        return self._patched[where]

    def _wrapped(self, kind: type, real_address: int, note: Callable[..., int]) -> int | None:
        real = kind(real_address)

        def call(file: int, *words: int) -> int:
            refused = note(self._names.get(file, ""), *words)
            return refused or real(file, *words)

        mine = kind(call)
        self._kept += [real, mine]
        return ctypes.cast(mine, c_void_p).value

    def _note_write(self, name: str, data: int, size: int, offset: int) -> int:
        refused = self.judge("write", name)
        if not refused:
            self.log.append(("write", name, offset, ctypes.string_at(data, size)))
        return refused

    def _note_truncate(self, name: str, size: int) -> int:
        refused = self.judge("truncate", name)
        if not refused:
            self.log.append(("truncate", name, size, b""))
        return refused

    def _note_sync(self, name: str, flags: int) -> int:
        refused = self.judge("sync", name)
        if not refused:
            self.log.append(("sync", name, 0, b""))
        return refused


@dataclass
class Platter:
    """What of one file is safe, and what still waits to be written."""

    safe: bytearray = field(default_factory=bytearray)
    waiting: list[Event] = field(default_factory=list)

    def sync(self) -> None:
        """Make safe what waits."""
        for event in self.waiting:
            _apply(self.safe, event)
        self.waiting.clear()

    def after_cut(self, chance: random.Random) -> bytes:
        """Return what a power cut may leave: unsynced writes whole, torn, or not at all."""
        left = bytearray(self.safe)
        for kind, name, offset, data in self.waiting:
            fate = chance.random()
            if fate < DROPPED:
                continue
            if fate < DROPPED + TORN:
                data = data[: chance.randrange(0, len(data) + 1, SECTOR)]
            _apply(left, (kind, name, offset, data))
        return bytes(left)


def _apply(content: bytearray, event: Event) -> None:
    kind, _, offset, data = event
    if kind == "truncate":
        del content[offset:]
        return
    if len(content) < offset:
        content.extend(bytes(offset - len(content)))
    content[offset : offset + len(data)] = data


def after_cuts(
    log: list[Event], before: dict[str, bytes], cuts: Iterable[int], chance: random.Random
) -> Iterator[tuple[int, dict[str, bytes]]]:
    """Give, for each cut (a place in the log), how much was confirmed and what the files hold."""
    platters = {name: Platter(bytearray(content)) for name, content in before.items()}
    confirmed, at = 0, 0
    for cut in sorted(cuts):
        for event in log[at:cut]:
            confirmed += _note(platters, event)
        at = max(at, cut)
        yield confirmed, {name: one.after_cut(chance) for name, one in platters.items()}


def _note(platters: dict[str, Platter], event: Event) -> int:
    kind, name = event[:2]
    if kind == "confirmed":
        return 1
    platter = platters.setdefault(name, Platter())
    if kind == "sync":
        platter.sync()
    else:
        platter.waiting.append(event)
    return 0

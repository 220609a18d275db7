"""A PostgreSQL server that tests may kill and start again, and a line to it that can be cut."""

import os
import secrets
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from tests import postgres, postgres_watchdog

# Here what is stored must last: no shortcuts as in the other tests.
SETTINGS = (
    "fsync=on",
    "wal_level=replica",
    "max_wal_senders=4",
    "shared_buffers=32MB",
    "max_connections=100",
    "jit=off",
    "timezone=UTC",
    "listen_addresses=127.0.0.1",
)


class MortalServer:
    """One server on one folder and port; it may die and come back."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._password = secrets.token_urlsafe(12)
        self._binaries = postgres_watchdog.executable(postgres.find_binaries(), folder)
        postgres_watchdog.initialise(self._binaries, folder, self._password)
        self.port = postgres_watchdog.free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        for _ in range(20):
            (self._folder / "data" / "postmaster.pid").unlink(missing_ok=True)
            self._process = postgres_watchdog.launch(
                self._binaries, self._folder, self.port, SETTINGS
            )
            if postgres_watchdog.became_ready(self._process, self._folder):
                return
            self._process.wait()  # the dead one's memory was not given back yet
        raise AssertionError((self._folder / "log").read_text(errors="replace")[-2000:])

    def kill(self) -> None:
        """Kill every process of it at once, as a machine that dies does."""
        assert self._process is not None
        family = [self._process.pid, *_children(self._process.pid)]
        for pid in family:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()
        for pid in family[1:]:
            _wait_gone(pid)

    def close(self) -> None:
        """Stop it for good."""
        if self._process is not None and self._process.poll() is None:
            postgres_watchdog.stop(self._process)

    def url(self, port: int | None = None) -> str:
        """Return the address of its database, directly or by another port."""
        place = f"127.0.0.1:{port or self.port}"
        return f"postgresql://pcoord:{self._password}@{place}/postgres"

    def run(self, statement: str) -> list[tuple[object, ...]]:
        """Run one statement on a connection of its own."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []


@contextmanager
def mortal_server() -> Iterator[MortalServer]:
    """Give a started server of its own, with what the clinic's tables need."""
    with postgres_watchdog.own_folder() as folder:
        server = MortalServer(folder)
        try:
            server.start()
            server.run("CREATE EXTENSION btree_gist")
            yield server
        finally:
            server.close()


def _children(parent: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, IndexError):
            if int(stat.read_text().rsplit(")", 1)[1].split()[1]) == parent:
                found.append(int(stat.parent.name))
    return found


def _wait_gone(pid: int) -> None:
    for _ in range(500):
        with suppress(OSError):
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
            if state != "Z":
                threading.Event().wait(0.01)
                continue
        return


class Line:
    """A line to the server that goes dead at a word the desk sends, at a moment chosen.

    "before": the word never reaches the server. "after": the server's answer never comes back.
    "held": the word reaches the server, the line stays open and silent until `mend`.
    """

    def __init__(self, port: int) -> None:
        self._server_port = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._plan: tuple[bytes, str] | None = None
        self._open: list[socket.socket] = []
        self._answered = threading.Event()
        self.cuts = 0
        # While the line is down, nobody comes through; it may go down with the next cut.
        self.down = False
        self.down_after_cut = False
        threading.Thread(target=self._listen, daemon=True).start()

    def cut_at(self, word: bytes, how: str) -> None:
        """Cut the line the next time the desk sends this word."""
        self._plan = (word, how)

    def cut(self) -> None:
        """Cut all lines now."""
        for one in self._open:
            _end(one)
        self._open.clear()

    def close(self) -> None:
        """End it."""
        self._listener.close()
        self.cut()

    def _listen(self) -> None:
        while True:
            try:
                desk, _ = self._listener.accept()
            except OSError:
                return
            if self.down:
                _end(desk)
                continue
            try:
                server = socket.create_connection(("127.0.0.1", self._server_port))
            except OSError:
                _end(desk)
                continue
            self._open += [desk, server]
            mute = threading.Event()
            for pump in (self._to_server, self._to_desk):
                threading.Thread(target=pump, args=(desk, server, mute), daemon=True).start()

    def _to_server(self, desk: socket.socket, server: socket.socket, mute: threading.Event) -> None:
        with suppress(OSError):
            while data := desk.recv(65536):
                if self._plan is not None and self._plan[0] in data:
                    how, self._plan = self._plan[1], None
                    self.cuts += 1
                    self.down = self.down_after_cut
                    if how == "before":
                        break
                    mute.set()
                    server.sendall(data)
                    if how == "held":
                        continue
                    self._answered.wait(5)
                    self._answered.clear()
                    break
                server.sendall(data)
        _end(desk)
        _end(server)

    def _to_desk(self, desk: socket.socket, server: socket.socket, mute: threading.Event) -> None:
        with suppress(OSError):
            while data := server.recv(65536):
                if mute.is_set():
                    self._answered.set()
                else:
                    desk.sendall(data)
        _end(desk)


def _end(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
    line.close()

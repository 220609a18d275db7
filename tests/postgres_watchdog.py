"""Runs one PostgreSQL server for as long as its parent lives. Standard library only.

Started as a program by tests/postgres.py. Its standard input is a pipe that nobody writes to: it
ends when the test run ends, however that happens, and then the server is stopped and its folder
removed, unless one to keep was named. Should this process itself be killed, the kernel stops the
server.
"""

import base64
import ctypes
import hashlib
import hmac
import locale
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

START_SECONDS = 60
PORT_TRIES = 5
PR_SET_PDEATHSIG = 1
SETTINGS = (
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "autovacuum=off",  # it would wander through databases that live for a second
    "wal_level=minimal",
    "max_wal_senders=0",
    "shared_buffers=64MB",
    "max_connections=100",
    "jit=off",
    "timezone=UTC",
    "listen_addresses=127.0.0.1",
)


class StartError(Exception):
    """The server did not start; the text says what it wrote."""


def main(password: str, binaries: str, keep: str = "") -> None:
    """Start a server, print its folder and port, and stop it when standard input ends."""
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    with _kept(Path(keep)) if keep else own_folder() as folder:
        try:
            server, port = _start(executable(Path(binaries), folder), folder, password)
        except StartError as error:
            sys.exit(str(error))
        try:
            print(folder, port, flush=True)
            sys.stdin.read()
        finally:
            stop(server)


@contextmanager
def own_folder() -> Iterator[Path]:
    # A socket's path may have about 100 characters, so a long TMPDIR is passed by.
    base = tempfile.gettempdir()
    folder = Path(tempfile.mkdtemp(prefix="pcoord-pg-", dir=base if len(base) < 50 else "/tmp"))
    try:
        if os.geteuid() == 0:
            os.chown(folder, _nobody().pw_uid, _nobody().pw_gid)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _kept(folder: Path) -> Iterator[Path]:
    """Give a folder that stays; what an older server's copy left there goes first."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if os.geteuid() == 0:
        os.chown(folder, _nobody().pw_uid, _nobody().pw_gid)
    shutil.rmtree(folder / "server", ignore_errors=True)
    yield folder


def _nobody() -> pwd.struct_passwd:
    return pwd.getpwnam("nobody")


def _as_server() -> dict[str, Any]:
    """Return how to start the server's programs: PostgreSQL refuses to run as root."""
    clean = {"PATH": os.defpath, "LC_ALL": _locale(), "TZ": "UTC"}
    if os.geteuid() != 0:
        return {"env": clean}
    nobody = _nobody()
    return {"env": clean, "user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _locale() -> str:
    with suppress(locale.Error):
        return locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
    return "C"


def executable(binaries: Path, folder: Path) -> Path:
    """Return a bin folder that the server's user can run, copying the files when it must."""
    try:
        subprocess.run(
            [binaries / "postgres", "--version"], check=True, capture_output=True, **_as_server()
        )
    except (OSError, subprocess.SubprocessError):
        return _copied(binaries, folder)
    return binaries


def _copied(binaries: Path, folder: Path) -> Path:
    """Copy the server's files into the folder, with the libraries that lie beside the wheel."""
    package = binaries.parent.parent
    target = folder / "server" / package.name
    shutil.copytree(binaries.parent, target / binaries.parent.name)
    for libraries in package.parent.glob(f"{package.name}.libs"):
        shutil.copytree(libraries, target.parent / libraries.name)
    return target / binaries.parent.name / binaries.name


def _start(binaries: Path, folder: Path, password: str) -> tuple["subprocess.Popen[bytes]", int]:
    if not (folder / "data" / "PG_VERSION").exists():
        initialise(binaries, folder, password)
    (folder / "data" / "postmaster.pid").unlink(missing_ok=True)
    for _ in range(PORT_TRIES):
        port = free_port()
        server = launch(binaries, folder, port)
        if became_ready(server, folder):
            return server, port
        stop(server)
    raise StartError(f"PostgreSQL did not start: {_log(folder)}")


def initialise(binaries: Path, folder: Path, password: str) -> None:
    secret = folder / "verifier"
    secret.write_text(_verifier(password))
    secret.chmod(0o644)  # the folder itself is private
    command: list[str | Path] = [
        binaries / "initdb",
        "-D",
        folder / "data",
        "-U",
        "pcoord",
        "-E",
        "UTF8",
    ]
    command += ["--no-sync", "--no-instructions", f"--locale={_locale()}", f"--pwfile={secret}"]
    command += ["--auth-local=trust", "--auth-host=scram-sha-256"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, **_as_server())
    if done.returncode:
        raise StartError(f"initdb failed: {done.stderr}")


def _verifier(password: str) -> str:
    """Return what the server keeps of a password (RFC 5803), counted through once.

    The usual 4,096 rounds make a person's password dear to guess. This one is random, and each
    test opens several connections.
    """
    salt = os.urandom(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, 1)
    client, server = (
        hmac.digest(salted, label, "sha256") for label in (b"Client Key", b"Server Key")
    )
    parts = (salt, hashlib.sha256(client).digest(), server)
    told = [base64.b64encode(part).decode() for part in parts]
    return f"SCRAM-SHA-256$1:{told[0]}${told[1]}:{told[2]}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def launch(
    binaries: Path, folder: Path, port: int, settings: Sequence[str] = SETTINGS
) -> "subprocess.Popen[bytes]":
    command: list[str | Path] = [binaries / "postgres", "-D", folder / "data", "-p", str(port)]
    for setting in (*settings, f"unix_socket_directories={folder}"):
        command += ["-c", setting]
    with open(folder / "log", "wb") as log:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder,
            preexec_fn=_ends_with_parent(),
            **_as_server(),
        )


def _ends_with_parent() -> Callable[[], None] | None:
    """Return what a child does first so that the kernel stops it with us (Linux only)."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None).prctl
    # Runs after the change of user, which would clear the wish.
    return lambda: prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)


def became_ready(server: "subprocess.Popen[bytes]", folder: Path) -> bool:
    """Wait until the server says it is ready in its pid file, as pg_ctl does."""
    deadline = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        with suppress(OSError, IndexError):
            if (folder / "data" / "postmaster.pid").read_text().splitlines()[7].strip() == "ready":
                return True
        time.sleep(0.01)
    return False


def stop(server: "subprocess.Popen[bytes]") -> None:
    for wish in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        if server.poll() is None:
            server.send_signal(wish)
        with suppress(subprocess.TimeoutExpired):
            server.wait(timeout=5)
            return


def _log(folder: Path) -> str:
    return (folder / "log").read_text(errors="replace")[-2000:]


if __name__ == "__main__":
    main(os.environ["PCOORD_TEST_PG_PASSWORD"], *sys.argv[1:])

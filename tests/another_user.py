"""Runs a part of a test as another user of the machine, in a child of this process."""

import os
import traceback
from collections.abc import Callable, Sequence

import pytest

NOBODY = 65534


def as_user(
    uid: int, work: Callable[[], str], *, gid: int = NOBODY, groups: Sequence[int] = ()
) -> str:
    """Return what `work` returns when another user does it; only root can ask for that.

    A fork, not a new program: another user may not be able to read this checkout.
    """
    if os.getuid() != 0:
        pytest.skip("only root can become somebody else")
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os._exit(_in_child(uid, gid, groups, work, writer))
    os.close(writer)
    with os.fdopen(reader) as pipe:
        said = pipe.read()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status == 0, said
    return said


def _in_child(
    uid: int, gid: int, groups: Sequence[int], work: Callable[[], str], writer: int
) -> int:
    try:
        os.setgroups(groups)
        os.setgid(gid)
        os.setuid(uid)
        os.write(writer, work().encode())
        return 0
    except BaseException:
        os.write(writer, traceback.format_exc().encode())
        return 1

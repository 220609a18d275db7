"""What the tests at a real terminal share."""

import os
import random
from collections.abc import Iterator

import pytest

PIECE = 4096


@pytest.fixture
def noise() -> Iterator[bytes]:
    """Random bytes in pieces: 32 kB, or a megabyte in the fault runs (PCOORD_FAULTS=full)."""
    dice = random.Random(3)
    whole = 1 << 20 if os.environ.get("PCOORD_FAULTS") == "full" else 1 << 15
    return (_piece(dice) for _ in range(whole // PIECE))


def _piece(dice: random.Random) -> bytes:
    """Every byte but the key that leaves, escapes and bytes that are no UTF-8 in plenty."""
    chosen = (_byte(dice) for _ in range(PIECE))
    return bytes(byte for byte in chosen if byte != 0x11)


def _byte(dice: random.Random) -> int:
    return dice.choice((0xFF, 0x1B, 0x1B, dice.randrange(256), dice.randrange(32, 127)))

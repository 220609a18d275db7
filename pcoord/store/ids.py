"""Record keys: UUIDv7 made by the client, so that a retry after a lost line cannot store twice."""

import random
from collections.abc import Callable
from datetime import datetime

import uuid_utils

Maker = Callable[[], str]


def _system_id() -> str:
    return uuid_utils.uuid7().hex


_maker: Maker = _system_id


def new_id() -> str:
    """Return a new key: 32 lower-case hex digits of a UUIDv7 (RFC 9562), rising with time."""
    return _maker()


def use_maker(maker: Maker | None) -> None:
    """Let `maker` make the keys from now on; None brings the system's back."""
    global _maker
    _maker = maker or _system_id


def seeded_maker(seed: int, moment: datetime) -> Maker:
    """Return a maker that gives the same keys for the same seed and moment (for the demo)."""
    chance = random.Random(seed)
    millis = int(moment.timestamp() * 1000)
    count = 0

    def make() -> str:
        nonlocal count
        count += 1
        tail = (0x7 << 76) | ((count & 0xFFF) << 64) | (0x2 << 62) | chance.getrandbits(62)
        return f"{((millis + (count >> 12)) << 80) | tail:032x}"

    return make

"""Names as they are misheard and mistyped: seeded slips of the tongue and of the keys."""

from random import Random

SOUNDS = (
    *(("z", "s"), ("s", "z"), ("ph", "f"), ("f", "ph"), ("sen", "son"), ("ei", "ie"), ("ck", "k")),
    *(("c", "k"), ("y", "i"), ("i", "y"), ("tt", "t"), ("ll", "l"), ("er", "ar"), ("ou", "u")),
)
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def slip(name: str, chance: Random) -> str:
    """Return a name with one error: half of them alike in sound, half slips of the keys."""
    sounds = [(a, b) for a, b in SOUNDS if a in name]
    if sounds and chance.random() < 0.5:
        return name.replace(*chance.choice(sounds), 1)
    at = chance.randrange(1, len(name)) if len(name) > 1 else 0
    new = chance.choice(LETTERS)
    swapped = name[: at - 1] + name[at : at + 1] + name[at - 1 : at] + name[at + 1 :]
    ways = (
        name[:at] + new + name[at:],
        name[:at] + name[at + 1 :],
        name[:at] + new + name[at + 1 :],
    )
    return chance.choice((*ways, swapped if at else name + new))

"""Any keys in any order, and answers of the store at any moment: what stands on the screen is what
the desk would draw from nothing, and what a terminal shows that was sent every change."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from pcoord.clock import FixedClock
from pcoord.domain.errors import DeskError
from pcoord.services import booking, flow, late, nurse
from pcoord.services.desk import Desk
from tests.clinic import NOW, Clinic, fill
from tests.databases import Factory
from tests.faults.conftest import Tried
from tests.faults.table import rounds
from tests.screens import waiting
from tests.screens.schedule import busy_day
from tests.screens.walk import Walker, differing, no_pauses

Move = tuple[str, ...]
Change = Callable[[Clinic, Desk], Any]

SEEDS = rounds(60, 1)
MOVES = 40 if SEEDS > 1 else 14
"""How many walks there are, and what a person does in each."""

SIZES = ((80, 24), (160, 50), (100, 30))
SCREENS = ("f2", "f3", "f4", "f5")
ANYWHERE = ("f1", "f6", "f7", "f8", "f9", "ctrl+n", "ctrl+n", "ctrl+p", "ctrl+e", "ctrl+g")
ABOUT = ("up", "down", "left", "right", "home", "end", "pageup", "pagedown", "tab", "shift+tab")
ENDS = ("enter", "enter", "enter", "escape", "escape", "ctrl+d", "ctrl+x", "space")
EDITS = ("backspace", "delete", "ctrl+o", "ctrl+t", "ctrl+y", "ctrl+l", "ctrl+u", "ctrl+w")
LETTERS = tuple("abcdefghijklmnopqrstuvwxyzRJ+/.?0123456789[]-,=")
WORDS = ("=kim", "=gonz", "=zzz", "=201-555-0155", "=5/9/1992", "=16:00", "=thu 2pm", "=Ngọc 山田")
STORIES = (
    ("f6", "=haddad thu 2pm lee fu", "enter"),
    ("f6", "=kim", "enter", "down", "enter"),
    ("f4", "=kim", "enter", "R", "tab", "down", "enter", "escape", "escape"),
    ("f4", "=gonz", "down", "enter", "ctrl+e", "tab", "x", "ctrl+d", "escape"),
    ("f4", "=Novak, Petr", "+", "tab", "=5/9/1992", "ctrl+d", "1"),
    ("f4", "=kim", "enter", "j", "=10444", "enter", "tab", "escape", "y", "escape"),
    ("f3", "c", "1", "2", "enter"),
    ("f3", "down", "space", "space"),
    ("f3", "r", "2", "enter"),
    ("f2", "right", "down", "k", "escape", "v", "v", "u"),
    ("f2", "/", "=kim", "enter", "escape"),
    ("f2", "l", "=lee 20", "enter"),
    ("ctrl+n", "=201-555-0155", "enter", "1", "7", "9", "=asks for a result", "ctrl+d"),
    ("ctrl+n", "=haddad", "enter", "enter", "7", "8", "=pain", "escape", "ctrl+n", "enter", "3"),
    ("ctrl+n", "=zzz", "ctrl+x", "y"),
    ("f5", "v", "v", "ctrl+e", "x", "ctrl+d"),
    ("f5", "down", "space", "enter", "escape"),
    ("f9", "=chest pain", "enter", "a"),
    ("f8", "=lee please call", "enter"),
    ("f10", "=1234", "enter", "=1234", "enter"),
)
KINDS = (SCREENS, ANYWHERE, ABOUT, ENDS, EDITS, LETTERS, WORDS)
WEIGHTS = (2, 5, 8, 9, 2, 6, 3)


def next_visit(desk: Desk, order: str) -> str:
    query = f"SELECT id FROM appointment WHERE status = 'booked' ORDER BY start_at {order}"
    return str(desk.read(lambda c: c.exec_driver_sql(query).scalars().first()))


OTHERS: tuple[Change, ...] = (
    lambda clinic, ben: waiting.book(clinic, ben, "10444", 11),
    lambda clinic, ben: waiting.book(clinic, ben, "10442", 15, 30, who="ORTIZ"),
    lambda clinic, ben: flow.arrive(ben, appointment_id=next_visit(ben, "")),
    lambda clinic, ben: booking.cancel(
        ben, appointment_id=next_visit(ben, "DESC"), reason="patient"
    ),
    lambda clinic, ben: late.mark_late(
        ben, practitioner_id=ben.clinic.practitioner("ORTIZ").id, minutes=15
    ),
    lambda clinic, ben: nurse.raise_flag(
        ben, complaint="chest pain", patient_id=clinic.patient(ben, "10443")
    ),
)


def next_move(dice: random.Random) -> Move:
    """Return the keys of what a person does next: often one, now and then a whole story."""
    if dice.random() < 0.15:
        return keys_of(dice.choice(STORIES))
    return keys_of([dice.choice(dice.choices(KINDS, WEIGHTS)[0])])


def keys_of(story: tuple[str, ...] | list[str]) -> Move:
    """Return the keys of a story, in which text that is typed stands behind an equals sign."""
    keys: list[str] = []
    for part in story:
        typed = part[1:].replace(" ", "\0") if len(part) > 1 and part[0] == "=" else ""
        keys += [key.replace("\0", "space") for key in typed] or [part]
    return tuple(keys)


class Walk:
    """A desk on a clinic of its own, and what was done there, for the message of a failure."""

    def __init__(self, clinic: Clinic, size: tuple[int, int], *, late: bool) -> None:
        self.clinic = clinic
        busy_day(clinic, clinic.desk("ana"))
        self.ben = clinic.desk("ben")
        self.desk = Walker(clinic, size, late=late)

    def press(self, keys: Move, *, hasty: random.Random | None = None) -> None:
        """Press keys; in haste, some before the answers to those before them."""
        for key in keys:
            self.clinic.clock.moment += timedelta(seconds=0.05)
            self.desk.hit(key)
            if hasty is None:
                self.desk.settle()
            else:
                self.desk.let_through(hasty.choice((0, 0, 1, 3)))

    def others(self, change: Change) -> None:
        """Have another desk change something, and hear of it."""
        try:
            change(self.clinic, self.ben)
        except DeskError:
            return  # somebody has that time already
        self.desk.hear()

    def look(self) -> None:
        """Compare what a terminal was sent with what is kept as drawn, and that with all anew."""
        self.desk.settle()
        sent, kept = self.desk.sent(), self.desk.picture()
        same(sent, kept, "what was sent, and what is kept as drawn")
        self.desk.repaint()
        same(sent, self.desk.picture(), "what was sent, and what is drawn from nothing")
        assert self.desk.keys_go_somewhere(), "nothing has the focus"


def same(one: list[str], other: list[str], what: str) -> None:
    """Refuse two pictures that differ, with the lines that do."""
    apart = differing(one, other)
    assert not apart, f"{what}:\n{apart}"


@contextmanager
def told(done: list[Any]) -> Iterator[None]:
    """Have a failure say with which seed, and after what."""
    try:
        yield
    except BaseException as error:
        error.add_note(f"seed {done[0]}; done before: {done[1:]}")
        raise


@pytest.fixture
def walk_in(
    migrated_template: Callable[[Factory], str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Walk]:
    """Opens desks, each in a clinic of its own, at which nothing happens by itself."""
    no_pauses(monkeypatch)

    def made(size: tuple[int, int], *, late: bool = False) -> Walk:
        return Walk(Clinic(migrated_template(fill), FixedClock(NOW)), size, late=late)

    return made


def test_any_keys_in_haste_leave_the_picture_that_is_drawn_from_nothing(
    walk_in: Callable[..., Walk], tried: Tried, engine: str
) -> None:
    for seed in range(SEEDS):
        dice = random.Random(f"haste {engine} {seed}")
        walk = walk_in(SIZES[seed % 3])
        done: list[Any] = [seed]
        with walk.desk as desk, told(done):
            for number in range(MOVES):
                desk.come_late(dice.random() < 0.7)
                _one(walk, dice, done, hasty=True)
                if number % 4 == 3:
                    walk.look()
        walk.clinic.leave()
    tried(
        "desks",
        f"any keys and whole stories, other desks' changes and other sizes of the terminal, "
        f"the store's answers held back at will, {engine}",
        SEEDS * MOVES,
        "the terminal always shows what the desk would draw from nothing",
    )


def test_an_answer_that_comes_late_leaves_the_picture_of_one_that_came_at_once(
    walk_in: Callable[..., Walk], tried: Tried, engine: str
) -> None:
    for seed in range(SEEDS):
        dice = random.Random(f"late {engine} {seed}")
        early, tardy = (walk_in(SIZES[seed % 3], late=late) for late in (False, True))
        done: list[Any] = [seed]
        with early.desk, tardy.desk, told(done):
            for _ in range(MOVES // 2):
                state = dice.getstate()
                for walk in (early, tardy):
                    dice.setstate(state)
                    _one(walk, dice, done)
                    walk.desk.settle()
                done.pop()
                same(early.desk.sent(), tardy.desk.sent(), "an early answer, and a late one")
            early.look()
            tardy.look()
        early.clinic.leave()
        tardy.clinic.leave()
    tried(
        "desks",
        f"two desks with the same keys, where every answer of the store comes before, and after, "
        f"all else is drawn, {engine}",
        SEEDS * (MOVES // 2),
        "the same picture on both after every key",
    )


def _one(walk: Walk, dice: random.Random, done: list[Any], *, hasty: bool = False) -> None:
    """Do one thing at a desk."""
    what = dice.random()
    if what < 0.06:
        size = dice.choice(SIZES)
        done.append(size)
        walk.desk.turn_terminal(*size)
    elif what < 0.16:
        change = dice.randrange(len(OTHERS))
        done.append(f"another desk's change {change}")
        walk.others(OTHERS[change])
    else:
        keys = next_move(dice)
        done.append(" ".join(keys))
        walk.press(keys, hasty=dice if hasty else None)


def test_what_lies_under_three_screens_is_seen_whatever_was_drawn_last(
    walk_in: Callable[..., Walk],
) -> None:
    walk = walk_in((80, 24))
    with walk.desk as desk:
        walk.press(("ctrl+n", "k"))
        desk.come_late(True)
        desk.hit("f3")
        for _ in range(2):
            desk.hit("space")
            desk.let_through(3)
        desk.turn_terminal(100, 30)
        desk.hit("ctrl+n")  # a call over a check-in over a typed line over the waiting room
        walk.look()
    walk.clinic.leave()

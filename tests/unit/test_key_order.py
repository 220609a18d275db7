"""Keys in order, one at a time; more at once than anybody types are not handed on."""

import asyncio

from textual import events

from pcoord.widgets.key_order import HELD, MOST, QUIET, KeyOrder, Pressed


class Desk:
    """Handles keys as slowly as a screen does: each takes some rounds of the loop."""

    def __init__(self) -> None:
        self.handled: list[str] = []
        self.floods = 0
        self.order = KeyOrder(self._hand, self._flooded)

    async def _hand(self, event: Pressed) -> None:
        assert isinstance(event, events.Key)
        for _ in range(3):
            await asyncio.sleep(0)
        self.handled.append(event.key)

    def _flooded(self) -> None:
        self.floods += 1

    async def type(self, *keys: str) -> None:
        for key in keys:
            await self.order.take(events.Key(key, None))

    async def rest(self) -> None:
        while not self.order.idle:
            await asyncio.sleep(0.001)


def test_what_somebody_types_is_handed_on_in_order() -> None:
    async def story() -> list[str]:
        desk = Desk()
        keys = [f"k{n}" for n in range(300)]
        await desk.type(*keys)
        await desk.rest()
        assert desk.handled == keys and desk.floods == 0
        return desk.handled

    assert asyncio.run(story())


def test_a_flood_is_dropped_and_said_once_and_typing_goes_on_behind_it() -> None:
    async def story() -> None:
        desk = Desk()
        await desk.type("a")
        await desk.type(*["x"] * (3 * MOST))
        await desk.rest()
        assert desk.floods == 1 and len(desk.handled) < 100
        await desk.type("y")  # still of the flood: no pause was between
        await asyncio.sleep(QUIET * 1.2)
        await desk.type("b", "c")
        await desk.rest()
        assert desk.handled[0] == "a" and desk.handled[-2:] == ["b", "c"]
        assert "y" not in desk.handled and desk.floods == 1

    asyncio.run(story())


def test_keys_wait_for_the_answer_to_one_but_not_for_ever() -> None:
    async def story() -> None:
        handled: list[str] = []
        asked: set[str] = set()

        async def hand(event: Pressed) -> None:
            assert isinstance(event, events.Key)
            handled.append(event.key)
            if event.key.startswith("enter"):
                asked.add(event.key)

        order = KeyOrder(hand, held=lambda: bool(asked))

        async def press(*keys: str) -> None:
            for key in keys:
                await order.take(events.Key(key, None))

        await press("a", "enter", "b")
        await asyncio.sleep(0.1)
        assert handled == ["a", "enter"] and not order.idle
        await press("c")
        asked.clear()
        await asyncio.sleep(0.1)
        assert handled == ["a", "enter", "b", "c"] and order.idle
        # An answer that never comes holds up typing once, not at every key.
        await press("enter 2", "d", "e", "f")
        await asyncio.sleep(HELD + 0.3)
        assert handled[-4:] == ["enter 2", "d", "e", "f"] and order.idle

    asyncio.run(story())

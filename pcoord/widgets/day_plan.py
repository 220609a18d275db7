"""What stands in a day of several practitioners: which slots, which visits, in which lines."""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class GridColumn:
    """A practitioner or room; `late_minutes` is shown beside the title when not 0."""

    key: str
    title: str
    late_minutes: int = 0


@dataclass(frozen=True, slots=True)
class Block:
    """A visit: start in minutes since midnight, `key` the appointment's id.

    `tag` is the visit type, `text` the waiting or room text of its second line, `flags`
    marks: "=" stands before the name, others such as "!" behind the text; `style` a rich style
    for the letter.
    """

    column: str
    start: int
    minutes: int
    letter: str
    name: str
    tag: str = ""
    text: str = ""
    key: str = ""
    style: str = ""
    flags: str = ""

    @property
    def end(self) -> int:
        """Return the first minute after the visit."""
        return self.start + self.minutes


@dataclass(frozen=True, slots=True)
class DaySpan:
    """A stretch of a column, in minutes since midnight: open for booking, or blocked and why."""

    column: str
    start: int
    end: int
    kind: str = "open"
    text: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A line of the grid: a slot, and which of the visits beginning in it (0 the first)."""

    minute: int
    sub: int = 0


@dataclass(frozen=True)
class DayPlan:
    """A day cut into slots of `grain` minutes from `first` to before `last`."""

    columns: tuple[GridColumn, ...] = ()
    blocks: tuple[Block, ...] = ()
    spans: tuple[DaySpan, ...] = ()
    first: int = 8 * 60
    last: int = 18 * 60
    grain: int = 15
    by_column: dict[str, list[Block]] = field(init=False, default_factory=dict)
    by_slot: dict[tuple[str, int], list[Block]] = field(init=False, default_factory=dict)
    spans_of: dict[str, list[DaySpan]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for block in sorted(self.blocks, key=lambda block: (block.start, block.key)):
            slot = block.start // self.grain * self.grain
            self.by_column.setdefault(block.column, []).append(block)
            self.by_slot.setdefault((block.column, slot), []).append(block)
        for span in self.spans:
            self.spans_of.setdefault(span.column, []).append(span)

    def starting(self, column: str, minute: int) -> list[Block]:
        """Return the visits that begin within the slot, earliest first."""
        return self.by_slot.get((column, minute), [])

    def running(self, column: str, minute: int) -> list[Block]:
        """Return the visits under way when the slot begins, the latest begun last."""
        blocks = self.by_column.get(column, ())
        return [block for block in blocks if block.start < minute < block.end]

    def overlaps(self, block: Block) -> bool:
        """Tell whether another visit of the column takes some of the same time."""
        others = self.by_column.get(block.column, ())
        return any(
            other is not block and other.start < block.end and block.start < other.end
            for other in others
        )

    def span_at(self, column: str, minute: int) -> DaySpan | None:
        """Return what holds for a slot without visits: blocked before open, None when closed."""
        found = [s for s in self.spans_of.get(column, ()) if s.start <= minute < s.end]
        return min(found, key=lambda span: span.kind == "open", default=None)

    def places(self, columns: Sequence[GridColumn]) -> tuple[Place, ...]:
        """Return the lines these columns need: a slot has one for each visit beginning in it."""
        found: list[Place] = []
        for minute in self.slots():
            most = max((len(self.starting(c.key, minute)) for c in columns), default=1)
            found.extend(Place(minute, sub) for sub in range(max(1, most)))
        return tuple(found)

    def slots(self) -> range:
        """Return the beginnings of the slots; early and late visits widen the day."""
        starts = [block.start for block in self.blocks]
        ends = [block.end for block in self.blocks]
        first = min([self.first, *starts]) // self.grain * self.grain
        return range(first, max([self.last, *ends]), self.grain)

    def block_at(self, column: str, place: Place) -> Block | None:
        """Return the visit a line shows for a column: one that begins there, or runs on."""
        starting = self.starting(column, place.minute)
        if place.sub < len(starting):
            return starting[place.sub]
        running = self.running(column, place.minute)
        return running[-1] if running and not starting else None

    def reachable(self, column: str, place: Place) -> bool:
        """Tell whether the cursor may stand there: further lines of a slot only on visits."""
        return place.sub == 0 or place.sub < len(self.starting(column, place.minute))

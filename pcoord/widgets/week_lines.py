"""A week of openings: a line per day and provider, a character per quarter hour."""

from collections.abc import Sequence
from dataclasses import dataclass

from pcoord.widgets.paint import Line
from pcoord.widgets.row_list import Column, Row, RowList

QUARTERS = 4
LABEL = 8


@dataclass(frozen=True, slots=True)
class WeekLine:
    """One day of one provider; `places` has a character a quarter hour from `first_hour` on.

    Digits are places open, "." closed, "*" overbooked.
    """

    key: str
    label: str
    places: str
    provider: str


class WeekLines(RowList):
    """The lines under a ruler of hours; the cursor moves by line, Enter opens the day."""

    def __init__(
        self,
        *,
        first_hour: int = 8,
        last_hour: int = 17,
        empty: str = "No openings to show.",
        id: str | None = None,
    ) -> None:
        self._hours = range(first_hour, last_hour)
        width = len(self._hours) * (QUARTERS + 1)
        columns = (
            Column("label", "", LABEL),
            Column("places", "", width),
            Column("provider", "", 10, flex=True, most=24),
        )
        super().__init__(columns, filters=True, empty=empty, id=id)

    def set_week(self, lines: Sequence[WeekLine], hours: range | None = None) -> None:
        """Show these lines, from another first to another last hour if given."""
        if hours is not None and hours != self._hours:
            self._hours = hours
            width = len(hours) * (QUARTERS + 1)
            label, _, provider = self.columns
            self.columns = (label, Column("places", "", width), provider)
            self._widths = ()
        self.set_rows([self._row(line) for line in lines])

    def _row(self, line: WeekLine) -> Row:
        starts = range(0, len(self._hours) * QUARTERS, QUARTERS)
        groups = " ".join(line.places[i : i + QUARTERS] for i in starts)
        return Row(line.key, (line.label, groups, line.provider))

    def _title_line(self) -> Line:
        ruler = "".join(f"{hour:<{QUARTERS + 1}}" for hour in self._hours)
        return ((" " * (LABEL + 1) + ruler.rstrip(), "bold"),)

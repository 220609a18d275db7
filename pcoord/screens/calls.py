"""To be filled."""

from collections.abc import Iterable

from textual.widget import Widget

from pcoord.screens.base import DeskScreen
from pcoord.widgets.row_list import Column, RowList


class CallsScreen(DeskScreen):
    """To be filled."""

    CONTEXT = "calls"
    TITLE = "CALLS"

    def body(self) -> Iterable[Widget]:
        """Return one list."""
        self.list = RowList((Column("a", "a", 10),))
        return (self.list,)

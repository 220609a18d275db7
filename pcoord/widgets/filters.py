"""What every drawn line passes last: nothing but drawable characters, and no colour in mono."""

from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

from pcoord.widgets.paint import clean


@lru_cache(1024)
def _without_link(style: Style) -> Style:
    return style.update_link(None)


@lru_cache(1024)
def _mono(style: Style) -> Style:
    return Style(bold=style.bold, reverse=style.reverse, underline=style.underline)


class CleanFilter(LineFilter):
    """Drops control, bidi and zero-width characters, and links a terminal could follow."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments as they may be sent to a terminal."""
        return [
            Segment(clean(text), _without_link(style) if style and style.link else style)
            for text, style, _ in segments
        ]


class MonoFilter(LineFilter):
    """Drops every colour and keeps bold, reverse and underline."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments with those three attributes only."""
        return [Segment(text, style and _mono(style)) for text, style, _ in segments]


def line_filters(mono: bool) -> list[LineFilter]:
    """Return the filters an app adds behind its own, in this order."""
    return [CleanFilter(), MonoFilter()] if mono else [CleanFilter()]

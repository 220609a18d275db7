"""Sheets for work on paper as PDF, in fonts for most of the world's scripts.

A character that no font at hand has is never printed as a box: it is left out, the place is
marked, and the sheet says where it can be read.
"""

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from pcoord.domain.errors import BadUsage, Unavailable
from pcoord.domain.text import scrub
from pcoord.exchange.paper import Form, Paper, Table
from pcoord.exchange.reading_order import drawing_order, has_right_to_left

FONTS = (
    ("fontpkg_noto_sans", "NotoSans[wdth,wght].ttf"),
    ("fontpkg_noto_sans_arabic", "NotoSansArabic[wdth,wght].ttf"),
    ("fontpkg_noto_sans_thai", "NotoSansThai[wdth,wght].ttf"),
    ("fontpkg_arimo", "Arimo[wght].ttf"),
)
"""Packages and their fonts, tried in this order: Latin, Cyrillic, Greek and Devanagari; Arabic;
Thai; Hebrew. What else a clinic needs is named as font files."""

MISSING = "[?]"
"""Stands for letters that no font has."""

MARGIN, LINE, SIZE, HEAD = 12.0, 4.6, 9.0, 12.0
"""Millimetres, and points of text and titles."""

_TITLE_ROOM = 24.0
_SIMPLE = 0x0590
"""From here on scripts need their letters joined, reordered or turned to the left."""


def as_pdf(paper: Paper, now: datetime, *, letter: bool, fonts: Sequence[Path] = ()) -> bytes:
    """Return the sheets as a PDF, made at `now`, on US letter or A4; `fonts` are tried last.

    Raises BadUsage for a font file that is none, Unavailable where the PDF library is missing.
    """
    return _Printer(paper, now, letter=letter, fonts=fonts).print()


class _Font:
    """A font file: its name in the PDF, and the characters it has."""

    def __init__(self, name: str, path: Path) -> None:
        from fontTools.ttLib import TTFont, TTLibError

        self.name, self.path = name, path
        try:
            with TTFont(path, fontNumber=0, lazy=True) as font:
                self.characters = frozenset(font.getBestCmap() or ())
        except (OSError, TTLibError) as error:
            raise BadUsage(f"{path} is no font that can be printed with; name another.") from error
        self.loaded = False


@lru_cache(1)
def _shipped() -> tuple[Path, ...]:
    try:
        return tuple(Path(str(files(package) / "files" / name)) for package, name in FONTS)
    except ModuleNotFoundError as error:
        raise _no_library() from error


def _no_library() -> Unavailable:
    return Unavailable(
        "PDF needs packages that are not here; install pcoord anew. --text-only prints without."
    )


class _Printer:
    """Draws one paper, page by page."""

    def __init__(self, paper: Paper, now: datetime, *, letter: bool, fonts: Sequence[Path]) -> None:
        try:
            from fpdf import FPDF
        except ImportError as error:
            raise _no_library() from error
        self._paper = paper
        paths = (*_shipped(), *fonts)
        self._fonts = [_Font(f"font{number}", path) for number, path in enumerate(paths)]
        wide = any(isinstance(part, Table) for part in paper.parts)
        self._pdf: Any = FPDF(
            "landscape" if wide else "portrait", "mm", "letter" if letter else "a4"
        )
        self._pdf.set_title(paper.title)
        self._pdf.set_creator("pcoord")
        self._pdf.set_creation_date(now)
        self._pdf.set_auto_page_break(False)
        self._pdf.set_line_width(0.15)
        self._lacks = False
        self._shapes = False
        self._width_of = lru_cache(20_000)(self._measure)

    def print(self) -> bytes:
        """Draw all parts and return the file."""
        first = True
        for part in self._paper.parts:
            if isinstance(part, Table):
                self._table(part, new_page=first)
            else:
                self._form(part, new_page=first or self._left < self._form_height(part))
            first = False
        self._pdf.set_y(self._pdf.h - MARGIN - LINE)
        return bytes(self._pdf.output())

    # Pages

    @property
    def _left(self) -> float:
        return float(self._pdf.h - MARGIN - LINE - self._pdf.get_y())

    @property
    def _room(self) -> float:
        return float(self._pdf.w - 2 * MARGIN)

    def _page(self) -> None:
        self._pdf.add_page()
        number = f"page {self._pdf.page_no()}"
        self._size(HEAD)
        self._write(MARGIN, MARGIN, self._paper.title)
        self._size(SIZE)
        self._write(self._pdf.w - MARGIN - self._width_of(number, SIZE), MARGIN, number)
        self._write(MARGIN, MARGIN + 5.5, self._paper.printed)
        self._foot()
        self._pdf.set_y(MARGIN + 12)

    def _foot(self) -> None:
        foot = self._paper.foot
        if not all(map(self._printable, self._texts())):
            foot = (
                f"{MISSING} stands for letters that this print has no font for; "
                f"{self._paper.name}.txt has them. {foot}"
            )
        self._size(SIZE - 1.5)
        self._write(MARGIN, self._pdf.h - MARGIN, foot)
        self._size(SIZE)

    def _texts(self) -> Iterator[str]:
        yield self._paper.title
        for part in self._paper.parts:
            yield from (part.title, part.note)
            if isinstance(part, Table):
                for row in part.rows:
                    yield from row

    @lru_cache(20_000)  # noqa: B019 (a printer lives for one file)
    def _printable(self, text: str) -> bool:
        return text.isascii() or MISSING not in self._shown(text)

    # Tables

    def _table(self, table: Table, *, new_page: bool) -> None:
        if new_page or self._left < _TITLE_ROOM:
            self._page()
        self._heading(table.title, table.note)
        if not table.rows:
            self._write(MARGIN, self._pdf.get_y(), table.empty)
            self._pdf.set_y(self._pdf.get_y() + 2 * LINE)
            return
        whole = sum(column.width for column in table.columns)
        widths = [self._room * column.width / whole for column in table.columns]
        titles = [column.title for column in table.columns]
        self._row(titles, widths)
        for row in table.rows:
            cells = [self._wrap(cell, width - 2) for cell, width in zip(row, widths, strict=True)]
            if self._left < LINE * max(map(len, cells)) + 1:
                self._page()
                self._heading(f"{table.title} (goes on)", "")
                self._row(titles, widths)
            self._lines(cells, widths)
        self._pdf.set_y(self._pdf.get_y() + LINE)

    def _heading(self, title: str, note: str) -> None:
        self._size(HEAD)
        self._write(MARGIN, self._pdf.get_y(), "   ".join(filter(None, (title, note))))
        self._size(SIZE)
        self._pdf.set_y(self._pdf.get_y() + 6)

    def _row(self, cells: Sequence[str], widths: Sequence[float]) -> None:
        self._lines([[cell] for cell in cells], widths)

    def _lines(self, cells: Sequence[list[str]], widths: Sequence[float]) -> None:
        """Draw a row of cells, each of several lines, and a rule under it."""
        top, x = self._pdf.get_y(), MARGIN
        height = LINE * max(1, *map(len, cells)) + 1
        for lines, width in zip(cells, widths, strict=True):
            for number, line in enumerate(lines):
                self._write(x, top + number * LINE, line)
            x += width
        self._pdf.line(MARGIN, top + height - 0.6, MARGIN + self._room, top + height - 0.6)
        self._pdf.set_y(top + height)

    def _wrap(self, text: str, room: float) -> list[str]:
        lines, line = [], ""
        for word in text.split():
            for piece in self._pieces(word, room):
                longer = f"{line} {piece}" if line else piece
                if line and self._width_of(longer, SIZE) > room:
                    lines.append(line)
                    longer = piece
                line = longer
        return [*lines, line]

    def _pieces(self, word: str, room: float) -> Iterable[str]:
        """Part a word that is wider than its column."""
        while self._width_of(word, SIZE) > room and len(word) > 1:
            count = max(1, int(len(word) * room / self._width_of(word, SIZE)) - 1)
            while count > 1 and self._width_of(word[:count], SIZE) > room:
                count -= 1
            yield word[:count]
            word = word[count:]
        yield word

    # Forms

    def _form_height(self, form: Form) -> float:
        return 14 + 8.5 * len(form.lines)

    def _form(self, form: Form, *, new_page: bool) -> None:
        if new_page:
            self._page()
        self._heading(form.title, "")
        if form.note:
            self._write(MARGIN, self._pdf.get_y(), form.note)
            self._pdf.set_y(self._pdf.get_y() + LINE)
        for labels in form.lines:
            y = self._pdf.get_y() + 8.5
            room = self._room / len(labels)
            for number, label in enumerate(labels):
                x = MARGIN + number * room
                self._write(x, y - LINE, label)
                start = x + (self._width_of(label, SIZE) + 2 if label else 0)
                self._pdf.line(start, y, x + room - 3, y)
            self._pdf.set_y(y)
        self._pdf.set_y(self._pdf.get_y() + 10)

    # Letters

    def _size(self, points: float) -> None:
        self._points = points

    def _write(self, x: float, y: float, text: str) -> None:
        """Write one line; its top left corner is at x, y."""
        for font, run in self._pieces_of(self._shown(text)):
            self._use(font, run, self._points)
            self._pdf.set_xy(x, y)
            width = self._pdf.get_string_width(run)
            self._pdf.cell(width, LINE, run, align="L")
            x += width
        self._pdf.set_y(y)

    def _measure(self, text: str, points: float) -> float:
        width = 0.0
        for font, run in self._pieces_of(self._shown(text)):
            self._use(font, run, points)
            width += self._pdf.get_string_width(run)
        return width

    def _use(self, font: _Font, run: str, points: float) -> None:
        if not font.loaded:
            self._pdf.add_font(font.name, "", str(font.path))
            self._pdf.c_margin = 0
            font.loaded = True
        # Joining and turning letters takes time that most names do not need.
        shapes = any(ord(character) >= _SIMPLE or _is_mark(character) for character in run)
        if shapes != self._shapes:
            self._pdf.set_text_shaping(shapes)
            self._shapes = shapes
        self._pdf.set_font(font.name, size=points)

    def _shown(self, text: str) -> str:
        """Return text with what cannot be printed marked, a mark for each stretch."""
        text = scrub(text)
        if text.isascii():
            return text
        shown: list[str] = []
        for character in text:
            if self._font_of(character) is not None:
                shown.append(character)
            elif not shown or shown[-1] != MISSING:
                shown.append(MISSING)
        return "".join(shown)

    def _font_of(self, character: str) -> _Font | None:
        if character in "\u200c\u200d\ufe0e\ufe0f":
            return self._fonts[0]
        return next((font for font in self._fonts if ord(character) in font.characters), None)

    def _pieces_of(self, text: str) -> Iterable[tuple[_Font, str]]:
        """Part text into stretches of one font, from left to right."""
        if has_right_to_left(text):
            return drawing_order(text, self._runs)
        return self._runs(text)

    def _runs(self, text: str) -> Iterator[tuple[_Font, str]]:
        """Part text into stretches of one font; blanks and marks stay with what is before them."""
        run, font = "", self._fonts[0]
        for character in text:
            stays = run and (character == " " or _is_mark(character) or character in "\u200c\u200d")
            wanted = font if stays and _has(font, character) else self._font_of(character)
            if run and wanted is not font:
                yield font, run
                run = ""
            font = wanted or font
            run += character
        if run:
            yield font, run


def _has(font: _Font, character: str) -> bool:
    return character in "\u200c\u200d" or ord(character) in font.characters


_is_mark: Callable[[str], bool] = lru_cache(4096)(
    lambda character: unicodedata.category(character) in ("Mn", "Mc", "Me")
)

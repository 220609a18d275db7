"""The lookup box with its hits: what is typed, who fits, and somebody new as the last row."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import events

from pcoord.domain.phones import ending
from pcoord.widgets.paint import Line, fit, width_of
from pcoord.widgets.row_list import Column, ListMessage, Row, RowList

if TYPE_CHECKING:
    from pcoord.domain.clinic import Clinic
    from pcoord.services.lookup import Found
    from pcoord.services.patient_search import Looked

NEW = "new"
"""The key of the last row, which registers somebody."""

ALIKE = "="
_KEEPS = frozenset({"left", "right", "home", "end", "ctrl+u"})
WIDE = 76
"""Cells beside the card from which on more is shown of each patient."""


class LookupList(RowList):
    """A list with its query whose right part lies under the card, so that the query has it all.

    A text that stands there from before is selected: the next letter begins anew.
    """

    class Newcomer(ListMessage):
        """`+` was typed into the empty box, or right behind a word."""

    def __init__(self) -> None:
        super().__init__(
            columns_for(50),
            query=True,
            prompt="find ",
            titles=False,
            empty="Part of a name, phone, birth date or number.",
        )
        self.selected = False
        self.wide = False

    def make_room(self, width: int) -> None:
        """Lay the columns out in so many cells from the left."""
        self.wide = width >= WIDE
        self.columns = columns_for(width)
        self._widths = ()
        self.redraw()

    def select(self) -> None:
        """Have the next letter begin a new text; an arrow goes on with the old one."""
        self.selected = bool(self.text)
        self.redraw((0,))

    def _edited(self, event: events.Key) -> bool:
        if self.editing and self._is_newcomer(event.character):
            self.post_message(self.Newcomer(self))
            return True
        if self.editing and self.selected:
            self._leave_selection(event)
        return super()._edited(event)

    def _is_newcomer(self, character: str | None) -> bool:
        """A plus behind a blank begins a phone number; elsewhere it is no part of any clue."""
        before = "" if self.selected else self.text
        return character == "+" and not before.endswith(" ")

    def _leave_selection(self, event: events.Key) -> None:
        typed = event.character is not None and event.character.isprintable()
        if typed or event.key in ("backspace", "delete"):
            self.selected = False
            self._edit.set("")
            if not typed:
                self._query_changed()
                self.redraw((0,))
        elif event.key in _KEEPS:
            self.selected = False
            self.redraw((0,))

    def on_paste(self, event: events.Paste) -> None:
        """Pasted text takes the place of a selected one."""
        if self.editing and self.selected:
            self.selected = False
            self._edit.set("")

    def _cell_spans(self, row: Row) -> Line:
        """Let somebody new have the whole row."""
        if row.key != NEW:
            return super()._cell_spans(row)
        room = sum(width + 1 for width in self._layout() if width)
        return ((fit(row.cells[1], room), ""),)

    def _query_line(self) -> Line:
        if not (self.editing and self.selected):
            return super()._query_line()
        left = ((self.prompt, "bold"), (self.text, "reverse"))
        room = self.size.width - width_of(left) - 1
        return (*left, (fit(self._hint, room, "right"), "dim")) if room > 0 else left


def columns_for(width: int) -> tuple[Column, ...]:
    """Return the columns of the hits for so many cells."""
    if width < WIDE:
        return (
            Column("alike", "", 1),
            Column("name", "name", max(12, width - 29)),
            Column("born", "born", 10),
            Column("mrn", "MRN", 6, align="right"),
            Column("phone", "phone", 7),
        )
    return (
        Column("alike", "", 1),
        Column("name", "name", width - 52),
        Column("born", "born", 10),
        Column("mrn", "MRN", 8, align="right"),
        Column("phone", "phone", 16),
        Column("more", "", 11),
    )


def rows_of(clinic: "Clinic", looked: "Looked", newcomer: str, *, wide: bool) -> list[Row]:
    """Return the rows: who fits, who sounds alike, and somebody new at the end."""
    exact = [hit for hit in looked.hits if hit.exact]
    sounding = [hit for hit in looked.hits if not hit.exact]
    rows = [_row(clinic, hit, looked, wide=wide) for hit in exact]
    if sounding:
        rows.append(_note(_how_near(sounding, alone=not exact)))
        rows += [_row(clinic, hit, looked, wide=wide) for hit in sounding]
    if looked.more or looked.maybe_more:
        fit = "more fit" if looked.more else "more may fit"
        rows.append(_note(f"  {fit}; type another letter, or a birth date"))
    if looked.text:
        said = f"+ new patient: {newcomer}" if newcomer else "+ new patient"
        rows.append(Row(NEW, ("", said)))
    return rows


def _how_near(hits: "Sequence[Found]", *, alone: bool) -> str:
    """Return the heading of those whom not every word fits; the line below says why of each."""
    heard = all(hit.matched.startswith("sounds like") for hit in hits)
    if alone:
        return "  nobody by that name; sounds like" if heard else "  nobody fits all of it; near it"
    return "  sounds like" if heard else "  near it"


def _note(text: str) -> Row:
    return Row("", (text,), kind="note")


def _row(clinic: "Clinic", hit: "Found", looked: "Looked", *, wide: bool) -> Row:
    from pcoord.domain.dates import say_birth

    born = say_birth(hit.birth_date, clinic.date_order) if hit.birth_date else "unknown"
    # There is room for the word where the birth date is withheld, not before the name.
    born = "restricted" if hit.closed else born
    cells = (
        ALIKE if hit.id in looked.alike else "",
        hit.in_list,
        born,
        hit.mrn or "-",
        _phone(hit.phone, wide),
        _more(hit),
    )
    quiet = "dim" if hit.deceased_on or hit.test or not hit.active else None
    return Row(hit.id, cells, style=quiet)


def _phone(phone: str | None, wide: bool) -> str:
    if not phone:
        return ""
    return phone if wide else f"...{ending(phone)}"


def _more(hit: "Found") -> str:
    spoken = hit.language if hit.language and hit.language != "en" else ""
    return " ".join(filter(None, (hit.sex[:1].upper(), spoken, "int" if hit.interpreter else "")))


def hint_of(looked: "Looked", shown: Sequence[Row]) -> str:
    """Return what the words were taken for, and how many fit."""
    if not looked.text:
        return "opened lately" if shown else ""
    count = sum(hit.exact for hit in looked.hits)
    sounding = len(looked.hits) - count
    found = f"more than {count}" if looked.more else f"{count or 'nobody'} found"
    found += ", maybe more" if looked.maybe_more else ""
    found += f", {sounding} sound alike" if sounding and count else ""
    return f"{looked.taken}   {found}"

"""Labelled fields one below the other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.message import Message
from textual.widgets import Input

from pcoord.widgets.entry import Entry
from pcoord.widgets.line_view import LineView, OneLine
from pcoord.widgets.paint import Line, wrapped

MOST_LINES = 3
"""Lines that a long refusal may take."""

SPARE = 8
"""Lines under the fields for refusals and questions, where all pages are shown as one."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field: its key, the word before it, what it holds at first and a hint while empty.

    `page` counts from 0; where there is no room for all, one page of fields is shown at a time.
    """

    key: str
    label: str
    value: str = ""
    hint: str = ""
    password: bool = False
    page: int = 0


class Refusal(LineView):
    """What is wrong with the field above; a sentence that would be cut takes a second line."""

    DEFAULT_CSS = "Refusal { height: 1; display: none; }"

    def __init__(self) -> None:
        super().__init__()
        self._sentence = ""

    def say(self, sentence: str) -> None:
        """Take another sentence."""
        self._sentence = sentence
        self._lay_out()

    def on_resize(self) -> None:
        """Wrap anew for the new width."""
        self._lay_out()

    def _lay_out(self) -> None:
        self.styles.height = max(1, min(MOST_LINES, len(self._wrapped())))
        self.redraw()

    def _wrapped(self) -> list[str]:
        width = self.size.width or self.app.size.width
        return wrapped(self._sentence, width - 3)

    def line(self, y: int) -> Line:
        """Return one line of the sentence."""
        lines = self._wrapped()
        return ((f"  {lines[y]}", "bold"),) if y < len(lines) else ()


class Form(VerticalScroll, can_focus=False):
    """Fields walked with Tab, Shift+Tab, the arrows and Enter; what is refused says so below."""

    DEFAULT_CSS = """
    Form { height: 1fr; scrollbar-size-vertical: 0; background: transparent; }
    Form Horizontal { height: 1; }
    Form .label { width: 14; }
    """

    class Changed(Message):
        """A field holds another text; the screen may store a draft."""

        def __init__(self, form: "Form", key: str, value: str) -> None:
            super().__init__()
            self.form = form
            self.key = key
            self.value = value

        @property
        def control(self) -> "Form":
            """Return the form, so that handlers can select by it."""
            return self.form

    class Left(Message):
        """One went on from a field; `touched` when its text is not the one it began with."""

        def __init__(self, form: "Form", key: str, value: str, touched: bool) -> None:
            super().__init__()
            self.form = form
            self.key = key
            self.value = value
            self.touched = touched

        @property
        def control(self) -> "Form":
            """Return the form, so that handlers can select by it."""
            return self.form

    class Finished(Message):
        """Enter was pressed in the last field."""

        def __init__(self, form: "Form") -> None:
            super().__init__()
            self.form = form

        @property
        def control(self) -> "Form":
            """Return the form, so that handlers can select by it."""
            return self.form

    def __init__(
        self, fields: Sequence[Field], *, label_width: int = 14, id: str | None = None
    ) -> None:
        super().__init__(id=id)
        self._fields = tuple(fields)
        self._label_width = label_width
        self._entries: dict[str, Entry] = {}
        self._refusals: dict[str, Refusal] = {}
        self._told = {field.key: field.value for field in fields}
        self._lines: dict[str, Horizontal] = {}
        self.page = 0
        self._pages = 1 + max((field.page for field in fields), default=0)
        self._whole = False

    def compose(self) -> ComposeResult:
        """Put a label, a field and a line for a refusal for each field."""
        for field in self._fields:
            label = OneLine(field.label)
            label.add_class("label")
            label.styles.width = self._label_width
            entry = Entry(field.value, placeholder=field.hint, password=field.password)
            refusal = Refusal()
            self._entries[field.key] = entry
            self._refusals[field.key] = refusal
            self._lines[field.key] = Horizontal(label, entry)
            self._lines[field.key].display = self._shows(field)
            yield self._lines[field.key]
            yield refusal

    @property
    def pages(self) -> int:
        """Return how many pages there are to turn: one where there is room for all fields."""
        return 1 if self._whole else self._pages

    def make_room(self, height: int) -> bool:
        """Show all fields as one page where so many lines take them; tell whether that changed."""
        whole = self._pages > 1 and height >= len(self._fields) + SPARE
        changed, self._whole = whole != self._whole, whole
        if changed:
            self._show_page(self._page_of(self.current) if self.current else self.page)
        return changed

    def _shows(self, field: Field) -> bool:
        return self._whole or field.page == self.page

    def values(self) -> dict[str, str]:
        """Return what each field holds, without blanks around it."""
        return {key: entry.value.strip() for key, entry in self._entries.items()}

    def set_values(self, values: Mapping[str, str]) -> None:
        """Fill fields, such as from a draft; no change is posted for them."""
        for key, value in values.items():
            if key in self._entries:
                self._told[key] = value
                self._entries[key].value = value

    def mark(self, key: str, sentence: str) -> None:
        """Say below a field what is wrong with it; "" takes the sentence away."""
        refusal = self._refusals[key]
        if not sentence and not refusal.display:
            return
        refusal.say(sentence)
        refusal.display = bool(sentence) and (self._whole or self._page_of(key) == self.page)

    def set_error(self, key: str, sentence: str) -> None:
        """Say below a field what is wrong with it, and go there; "" takes the sentence away."""
        if sentence:
            self.focus_field(key)
        self.mark(key, sentence)

    def refused(self, key: str) -> bool:
        """Tell whether a field stands refused."""
        return bool(self._refusals[key].display)

    def clear_errors(self) -> None:
        """Take all refusals away."""
        for refusal in self._refusals.values():
            refusal.display = False

    def focus_field(self, key: str | None = None) -> None:
        """Go to a field, the first one when None; its page is turned to."""
        key = key if key in self._entries else next(iter(self._entries))
        self._show(self._page_of(key))
        self._entries[key].focus()

    def turn(self, step: int) -> bool:
        """Turn to another page and go to its first field; False when there is none."""
        here = self._page_of(self.current) if self.current else self.page
        target = here + step
        first = next((field.key for field in self._fields if field.page == target), None)
        if first is None:
            return False
        self.focus_field(first)
        return True

    def _page_of(self, key: str) -> int:
        return next(field.page for field in self._fields if field.key == key)

    def _show(self, page: int) -> None:
        if page == self.page:
            return
        if self._whole:
            self.page = page
            return
        for refusal in self._refusals.values():
            refusal.display = False
        self._show_page(page)

    def _show_page(self, page: int) -> None:
        self.page = page
        for field in self._fields:
            shown = self._shows(field)
            self._lines[field.key].display = shown
            self._refusals[field.key].display &= shown

    @property
    def current(self) -> str | None:
        """Return the key of the field being typed in."""
        return next((key for key, entry in self._entries.items() if entry.has_focus), None)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Tell the screen, once for each change."""
        event.stop()
        key = next(key for key, entry in self._entries.items() if entry is event.input)
        if self._told.get(key) != event.value:
            self._told[key] = event.value
            self.post_message(self.Changed(self, key, event.value))

    def on_entry_too_long(self, event: Entry.TooLong) -> None:
        """Say below a field that no more fits in."""
        event.stop()
        key = next(key for key, entry in self._entries.items() if entry is event.entry)
        self.set_error(key, f"Only {event.entry.max_length} characters fit here.")

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        """Tell the screen that one went on."""
        for field in self._fields:
            entry = self._entries[field.key]
            if entry is event.widget:
                touched = entry.value != field.value
                self.post_message(self.Left(self, field.key, entry.value.strip(), touched))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go on to the next field, or tell the screen that this was the last."""
        event.stop()
        if not self._walk(1):
            self.post_message(self.Finished(self))

    def on_key(self, event: events.Key) -> None:
        """Walk with the arrows as with Tab."""
        step = {"up": -1, "down": 1}.get(event.key)
        if step and self._walk(step):
            event.stop()

    def _walk(self, step: int) -> bool:
        shown = [field.key for field in self._fields if self._shows(field)]
        entries = [self._entries[key] for key in shown]
        at = next((i for i, entry in enumerate(entries) if entry.has_focus), -1)
        target = at + step
        if at < 0 or not 0 <= target < len(entries):
            return False
        entries[target].focus()
        return True

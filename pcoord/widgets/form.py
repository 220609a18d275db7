"""Labelled fields one below the other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.message import Message
from textual.widgets import Input

from pcoord.widgets.entry import Entry
from pcoord.widgets.line_view import OneLine


@dataclass(frozen=True, slots=True)
class Field:
    """A field: its key, the word before it, what it holds at first and a hint while empty."""

    key: str
    label: str
    value: str = ""
    hint: str = ""
    password: bool = False


class Form(VerticalScroll, can_focus=False):
    """Fields walked with Tab, Shift+Tab, the arrows and Enter; what is refused says so below."""

    DEFAULT_CSS = """
    Form { height: 1fr; scrollbar-size-vertical: 0; background: transparent; }
    Form Horizontal { height: 1; }
    Form .label { width: 14; }
    Form .refusal { display: none; }
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
        self._refusals: dict[str, OneLine] = {}
        self._told = {field.key: field.value for field in fields}

    def compose(self) -> ComposeResult:
        """Put a label, a field and a line for a refusal for each field."""
        for field in self._fields:
            label = OneLine(field.label)
            label.add_class("label")
            label.styles.width = self._label_width
            entry = Entry(field.value, placeholder=field.hint, password=field.password)
            refusal = OneLine()
            refusal.add_class("refusal")
            self._entries[field.key] = entry
            self._refusals[field.key] = refusal
            yield Horizontal(label, entry)
            yield refusal

    def values(self) -> dict[str, str]:
        """Return what each field holds, without blanks around it."""
        return {key: entry.value.strip() for key, entry in self._entries.items()}

    def set_values(self, values: Mapping[str, str]) -> None:
        """Fill fields, such as from a draft; no change is posted for them."""
        for key, value in values.items():
            if key in self._entries:
                self._told[key] = value
                self._entries[key].value = value

    def set_error(self, key: str, sentence: str) -> None:
        """Say below a field what is wrong with it, and go there; "" takes the sentence away."""
        refusal = self._refusals[key]
        refusal.set("  " + sentence, "bold")
        refusal.display = bool(sentence)
        if sentence:
            self.focus_field(key)

    def clear_errors(self) -> None:
        """Take all refusals away."""
        for refusal in self._refusals.values():
            refusal.display = False

    def focus_field(self, key: str | None = None) -> None:
        """Go to a field, the first one when None."""
        entries = self._entries
        (entries[key] if key else next(iter(entries.values()))).focus()

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
        entries = list(self._entries.values())
        at = next((i for i, entry in enumerate(entries) if entry.has_focus), -1)
        target = at + step
        if at < 0 or not 0 <= target < len(entries):
            return False
        entries[target].focus()
        return True

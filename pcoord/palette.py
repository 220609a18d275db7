"""The palette and the typed line: one box over whatever is there.

It shows what was understood while one types, in the same widget that holds the text, so that one
key is one repaint. Enter does what the last line says; nothing is preselected where several could
be meant.
"""

from collections.abc import Callable
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from textual import events
from textual.app import ComposeResult

from pcoord import actions
from pcoord.actions import Action, Selection
from pcoord.domain.errors import DeskError, Overtaken
from pcoord.keymap import key_name
from pcoord.panels import PANELS, open_panel
from pcoord.quickline import Call, Candidate, Understanding
from pcoord.widgets.line_box import LineBox
from pcoord.widgets.over import Over
from pcoord.widgets.paint import Line, with_room_for_facts, wrapped

if TYPE_CHECKING:
    from pcoord.app import PcoordApp
    from pcoord.services.desk import Desk

_LABEL_WIDTH = 10
_MOST_ACTIONS = 4
LEAST_LINES, MOST_LINES = 12, 20
"""Of the box; the least leaves half of the smallest screen in sight."""

_TIMED = frozenset({"appointment.book", "appointment.move"})
_ASKED = {"born": "birth date", "phone": "phone"}
"""Fields of a check-in's line that show what to ask for, and which identifier that is."""


class LineScreen(Over[None]):
    """The box and its keys; `action_id` sets the verb, so that only content is typed."""

    DEFAULT_CSS = "LineScreen { background: transparent; }"
    app: "PcoordApp"

    def __init__(
        self,
        action_id: str | None,
        selection: Selection,
        text: str = "",
        then: Callable[[Any], None] | None = None,
        *,
        picked: dict[str, Any] | None = None,
        draft_key: str = "",
        refused: str = "",
    ) -> None:
        super().__init__()
        self._refused = refused
        self._then = then
        self.action_id = action_id
        self.chosen = selection
        self.picked: dict[str, Any] = picked or {}
        self.draft_key = draft_key or uuid4().hex
        self._kept = bool(draft_key)
        self._user_id: str | None = None
        self.skip = 0
        self.cursor = -1
        self.result: Understanding | None = None
        self._enter_waits = False
        self._fresh = False
        self._asked = False
        verb = actions.ACTIONS[action_id].verb if action_id else ""
        self.box = LineBox(verb, text)

    def compose(self) -> ComposeResult:
        """Compose the one box."""
        yield self.box

    def on_mount(self) -> None:
        """Begin to understand at once: the selection alone may say enough to show."""
        self._user_id = self._signed_in
        self.box.focus()
        self._think()

    def on_screen_resume(self) -> None:
        """What one person half typed is not shown to the next one."""
        if self._user_id and self._signed_in not in (None, self._user_id):
            self.dismiss()

    @property
    def _signed_in(self) -> str | None:
        return self.app.desk.who.user_id if self.app.desk is not None else None

    def on_resize(self) -> None:
        """Take half of a high terminal, so that more choices fit."""
        self.box.styles.height = max(LEAST_LINES, min(MOST_LINES, self.app.size.height // 2))
        self.call_after_refresh(self._draw)

    def selection(self) -> Selection:
        """Return what was selected when the line was opened."""
        return self.chosen

    # Drafts

    def _keep(self) -> None:
        """Keep the line beside the typing; an empty one is not worth it."""
        if not self.text.strip():
            self.let_go()
            return
        self._kept = True
        self.app.half_typed.keep_line(
            self.draft_key, self.action_id, self.text, self.chosen, self.picked
        )

    def let_go(self) -> None:
        """The line was done or left: nothing of it is kept."""
        if self._kept:
            self._kept = False
            self.app.half_typed.let_line_go(self.draft_key)

    def folded(self) -> None:
        """Another screen was called for while the line was open: the line is left."""
        self.let_go()

    @property
    def text(self) -> str:
        """Return what is typed."""
        return self.box.edit.text

    @property
    def awaits_answer(self) -> bool:
        """Tell whether Enter waits for what was typed to be understood."""
        return self._enter_waits

    @property
    def offers_half_typed(self) -> bool:
        """Tell whether this is an empty line that the key of the palette leads on from."""
        return not (self.action_id or self.text) and bool(self.app.half_typed.newest)

    # Keys

    def on_key(self, event: events.Key) -> None:
        """Edit, choose, go on to the next opening, do it, or leave."""
        if self._command(event.key) or self._typed(event):
            event.stop()
            event.prevent_default()

    def on_paste(self, event: events.Paste) -> None:
        """Take pasted text as typed."""
        event.stop()
        self.box.edit.insert(event.text)
        self._changed()

    def _command(self, key: str) -> bool:
        commands: dict[str, Callable[[], None]] = {
            "escape": self._leave,
            "enter": self._enter,
            "tab": self._next_opening,
            "down": lambda: self._move(1),
            "up": lambda: self._move(-1),
            "ctrl+l": self._waiting_list,
        }
        if key not in commands:
            return False
        commands[key]()
        return True

    def _typed(self, event: events.Key) -> bool:
        before = self.text
        if not self.box.edit.key(event.key, event.character):
            return False
        if self.text != before:
            self._changed()
        else:
            self._draw()
        return True

    def _changed(self) -> None:
        self.picked, self.skip, self.cursor = {}, 0, -1
        self._asked, self._refused, self._enter_waits = False, "", False
        self._keep()
        self._think()

    def _leave(self) -> None:
        self.let_go()
        self.app.close_screen(self)

    def _next_opening(self) -> None:
        asked = self._asks_for
        if asked and self.result is not None and self.result.call is not None:
            self._it_fits(self.result.call, asked)
            return
        self.skip += 1
        self._think()

    @property
    def _asks_for(self) -> str:
        """Return the identifier that the line of a check-in shows and that can be asked now."""
        result = self.result
        if result is None or result.call is None or not self._fresh:
            return ""
        if result.call.action.id != "encounter.check_in":
            return ""
        shown = dict(result.fields)
        return next((name for label, name in _ASKED.items() if label in shown), "")

    def _it_fits(self, call: Call, name: str) -> None:
        """Go on to the panel with the identifier ticked: it was asked, and fitted."""
        given = [one for one in str(call.values.get("verified") or "").split(",") if one]
        self._do(Call(call.action, call.values | {"verified": ",".join([name, *given])}))

    def _waiting_list(self) -> None:
        """Put on the waiting list what was typed as a booking."""
        if self.action_id == "appointment.book":
            self._become("waitlist.add")

    def _become(self, action_id: str) -> None:
        self.action_id = action_id
        self.box.prompt = f"{actions.ACTIONS[action_id].verb}> "
        self._think()

    def _move(self, step: int) -> None:
        count = len(self._choices())
        if count:
            self.cursor = max(0, min(count - 1, self.cursor + step)) if self.cursor >= 0 else 0
            self._draw()

    # Understanding

    def _think(self) -> None:
        self._fresh = False
        text, action_id, picked, skip = self.text, self.action_id, dict(self.picked), self.skip
        selection = self.chosen

        def read(desk: "Desk") -> Understanding:
            from pcoord import quickline

            return quickline.understand(
                desk, text, action_id=action_id, selection=selection, picked=picked, skip=skip
            )

        self._draw()
        self.app.ask("line", read, self._understood)

    def tell_trouble(self, trouble: str) -> None:
        """Understand again what was typed while the database was away."""
        if not trouble:
            self._think()

    def _understood(self, result: Understanding) -> None:
        self.result = result
        self._fresh = True
        self._draw()
        if self._enter_waits:
            self._enter_waits = False
            if self.app.screen is self:
                self._enter()
            else:
                self._do_late(result.call)

    def _do_late(self, call: Call | None) -> None:
        """Do what Enter was pressed for, though one went on before it was understood.

        Nobody is taken to another screen for it.
        """
        if call is not None and call.action.run and call.action.id not in PANELS:
            self._leave()
            self.app.run_call(call, self._then, failed=self._come_back)

    def _choices(self) -> list[Candidate | Action]:
        if self.result is None:
            return []
        named = [] if self.action_id else self.result.actions
        return [*(named[:_MOST_ACTIONS] if self.text else named), *self.result.candidates]

    def _enter(self) -> None:
        """Do it; an Enter that came before the answer waits for it."""
        if not self._fresh or self.result is None:
            self._enter_waits = True
            return
        choices = self._choices()
        if 0 <= self.cursor < len(choices):
            self._choose(choices[self.cursor])
        elif self.result.call is not None:
            self._do(self.result.call)
        elif not self.action_id and len(self.result.actions) == 1 and not self.result.candidates:
            self._choose(self.result.actions[0])
        else:
            self._ask_again()

    def _ask_again(self) -> None:
        """Enter cannot act yet: let what is wanted first stand out, so that the key is answered."""
        self._asked = True
        self.app.bell()
        self._draw()

    def _choose(self, choice: Candidate | Action) -> None:
        self._asked = False
        if isinstance(choice, Action):
            self._pick_action(choice)
            return
        assert self.result is not None
        self.picked[self.result.choose] = choice.value
        self.cursor = -1
        self._keep()
        self._think()

    def _pick_action(self, action: Action) -> None:
        self._leave()
        if action.params and (action.run or action.id in PANELS):
            self.app.open_line(action.id, self.chosen)
        else:
            self.app.do(action.id, self.chosen)

    def _do(self, call: Call) -> None:
        self._leave()
        if call.action.id == "patient.open":
            self.app.show_patient(call.values["patient_id"])
        elif call.action.id in PANELS:
            open_panel(self.app, call)
        elif call.action.run:
            self.app.run_call(call, self._then, failed=self._come_back)
        else:
            self.app.do(call.action.id, self.chosen)

    def _come_back(self, error: DeskError) -> None:
        """What was refused is not lost: the line opens again with what was typed, and why not."""
        app = self.app
        app.failed(error)
        if isinstance(error, Overtaken) or app.screen is not app.desk_screen:
            return
        app.open_line(
            self.action_id,
            self.chosen,
            self.text,
            self._then,
            picked=self.picked,
            refused=error.sentence,
        )

    # Drawing

    def _draw(self) -> None:
        lines: list[Line] = []
        result = self.result
        if result is not None:
            lines += [line for field in result.fields for line in self._field(*field)]
            lines += self._verdict(result)
            lines += [self._choice(i, choice) for i, choice in enumerate(self._choices())]
        height = self.box.size.height - 2
        shown = _window(lines, height, self.cursor, len(self._choices()))
        shown += [()] * (height - len(shown))
        self.box.show([*shown, ((self._keys(), "dim"),)])

    def _field(self, label: str, text: str) -> list[Line]:
        """Return a field, on several lines when it is long: approved words are read out whole."""
        room = max(20, self.box.size.width - _LABEL_WIDTH - 3)
        pairs = zip(chain([label], repeat("")), wrapped(text, room) or [""], strict=False)
        return [((f"  {word:<{_LABEL_WIDTH}}", "dim"), (part, "")) for word, part in pairs]

    def _verdict(self, result: Understanding) -> list[Line]:
        if self._refused and not result.problem:
            return [((line, "reverse"),) for line in self._wrapped(self._refused)]
        if result.problem:
            return [((line, "reverse"),) for line in self._wrapped(result.problem)]
        if result.call is not None:
            return [((line, "bold"),) for line in self._wrapped(f"Enter {result.would}")]
        if result.missing is not None:
            return [((line, self._want),) for line in self._wrapped(result.missing.prompt)]
        if result.candidates:
            return [(("  Which one? Down and Enter choose, or type more. ", self._want),)]
        if self._asked:
            return [(("  Type a name or what to do, or choose with Down and Enter. ", "reverse"),)]
        return []

    @property
    def _want(self) -> str:
        """Return the style of what is wanted: it stands out once Enter was pressed without it."""
        return "reverse" if self._asked else "bold"

    def _wrapped(self, sentence: str) -> list[str]:
        return [f"  {line} " for line in wrapped(sentence, self.box.size.width - 4)]

    def _keys(self) -> str:
        """Name the keys that do something now."""
        result = self.result
        keys = []
        if self.action_id in _TIMED and result is not None and result.call is not None:
            keys.append("Tab next opening")
        if self._asks_for:
            keys.append(f"Tab {self._asks_for} fits")
        if self.action_id == "appointment.book":
            keys.append("^L waiting list")
        if self._choices():
            keys.append("Down choose")
        if self.offers_half_typed:
            key = key_name(self.app.keys.label("palette.open", actions.EVERYWHERE))
            keys.append(f"{key} goes on with {self.app.half_typed.newest}")
        return "  " + "   ".join([*keys, "Esc leave"])

    def _choice(self, index: int, choice: Candidate | Action) -> Line:
        style = "reverse" if index == self.cursor else ""
        if isinstance(choice, Action):
            key = f"   {key_name(choice.key)}" if choice.key else ""
            return ((f"  {choice.verb:<12}{choice.title}{key}", style),)
        shown = with_room_for_facts(choice.shown, self.box.size.width - 2)
        return ((f"  {shown}", style),)


def _window(lines: list[Line], height: int, cursor: int, choices: int) -> list[Line]:
    """Return the part of the lines to show, so that the chosen one is in it.

    With none chosen yet, what does not fit is counted; of long words the last line stays.
    """
    if height < 1 or len(lines) <= height:
        return lines
    if cursor >= 0:
        at = len(lines) - choices + cursor
        return lines[max(0, at - height + 1) :]
    if not choices:
        return [*lines[: height - 1], lines[-1]]
    more = len(lines) - height + 1
    return [
        *lines[: height - 1],
        ((f"  and {more} more: Down leads to them, or type more", "dim"),),
    ]

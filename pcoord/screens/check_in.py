"""The check-in panel: two identifiers asked, who came along, then Enter.

It lies over the lower half of whatever is there. Esc keeps nothing.
"""

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from textual import events
from textual.app import ComposeResult

from pcoord.actions import Selection
from pcoord.screens.check_in_lines import panel_lines
from pcoord.screens.half_typed import CHECK_IN
from pcoord.widgets.line_view import LineView
from pcoord.widgets.over import Over
from pcoord.widgets.paint import Line

if TYPE_CHECKING:
    from pcoord.app import PcoordApp
    from pcoord.domain.errors import DeskError
    from pcoord.services.arrivals import Arrival
    from pcoord.services.desk import Desk

NOBODY_LISTED = "0"
OVERRIDE = "o"
RECORD = "v"


def open_panel(app: "PcoordApp", call: Any) -> None:
    """Open the panel for whom a check-in was typed or chosen."""
    open_for(app, call.values)


def open_for(app: "PcoordApp", values: dict[str, Any], kept: dict[str, Any] | None = None) -> None:
    """Open the panel for an `appointment_id` or an `encounter_id`, and the version `seen`.

    `kept` is what a desk that went away had ticked already.
    """

    if isinstance(values.get("at"), str):
        values = values | {"at": datetime.fromisoformat(values["at"])}

    def read(desk: "Desk") -> "Arrival":
        from pcoord.services import arrivals

        return arrivals.load(
            desk,
            appointment_id=values.get("appointment_id"),
            encounter_id=values.get("encounter_id"),
        )

    def shown(arrival: "Arrival") -> None:
        app.open_over(CheckInPanel(arrival, values, kept or {}))

    app.ask("check-in", read, shown, holds=True)


class PanelView(LineView, can_focus=True):
    """The lines of the panel."""

    DEFAULT_CSS = "PanelView { dock: bottom; border-top: solid ansi_default; }"

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[Line] = []

    def show(self, lines: list[Line]) -> None:
        """Show other lines."""
        self.lines = lines
        self.styles.height = len(lines) + 1
        self.redraw()

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Letters tick here; none of them means anything else."""
        return character is not None and character.isprintable()

    def line(self, y: int) -> Line:
        """Return one of the lines."""
        return self.lines[y] if y < len(self.lines) else ()


class CheckInPanel(Over[None]):
    """Ticks what was asked, and checks in."""

    DEFAULT_CSS = "CheckInPanel { background: transparent; }"
    app: "PcoordApp"

    def __init__(self, arrival: "Arrival", values: dict[str, Any], kept: dict[str, Any]) -> None:
        super().__init__()
        self.arrival = arrival
        self.values = values
        self.given = [name for name in str(values.get("verified") or "").split(",") if name]
        self.given = kept.get("given", self.given)
        self.companion: str | None = kept.get("companion")
        self._user_id: str | None = None
        self.problem = ""
        self._warned = False
        self._sent = False
        self.view = PanelView()

    def compose(self) -> ComposeResult:
        """Compose the lines."""
        yield self.view

    def on_mount(self) -> None:
        """Take the keys."""
        desk = self.app.desk
        self._user_id = desk.who.user_id if desk is not None else None
        at = self.values.get("at")
        if at is not None and desk is not None:
            since = f"{self.arrival.visit}   since {desk.clinic.local(at):%a %d %b %H:%M}"
            self.arrival = replace(self.arrival, visit=since)
        self.view.focus()
        self._draw()
        if self.given:
            self._keep()

    def on_screen_resume(self) -> None:
        """What one person asked is not ticked for the next one; what was changed is read anew."""
        desk = self.app.desk
        if self._user_id and desk is not None and desk.who.user_id != self._user_id:
            self.dismiss()
        elif self._user_id:
            self._read_again()

    def _read_again(self) -> None:
        values = self.values

        def read(desk: "Desk") -> "Arrival":
            from pcoord.services import arrivals

            return arrivals.load(
                desk,
                appointment_id=values.get("appointment_id"),
                encounter_id=values.get("encounter_id"),
            )

        self.app.ask("check-in again", read, self._show_again)

    def _show_again(self, arrival: "Arrival") -> None:
        if self.is_attached:
            self.arrival = replace(arrival, visit=self.arrival.visit)
            self._draw()

    @property
    def _draft_key(self) -> str:
        return str(self.values.get("encounter_id") or self.values.get("appointment_id"))

    def _keep(self) -> None:
        """Keep the ticks beside the asking."""
        at = self.values.get("at")
        content = {
            "values": self.values | ({"at": at.isoformat()} if at else {}),
            "name": self.arrival.name,
            "given": self.given,
            "companion": self.companion,
        }
        self.app.keep(CHECK_IN, self._draft_key, content)

    def let_go(self) -> None:
        """It was done or left: nothing of it is kept."""
        self.app.keep(CHECK_IN, self._draft_key, None)

    def folded(self) -> None:
        """Another screen was called for: the check-in is left."""
        self.let_go()

    def selection(self) -> Selection:
        """Return who is about to be checked in, so that other keys act on them."""
        return Selection(
            patient_id=self.arrival.patient_id,
            appointment_id=self.values.get("appointment_id"),
            encounter_id=self.values.get("encounter_id"),
            says=self.arrival.name,
        )

    def on_key(self, event: events.Key) -> None:
        """Tick, choose who came along, check in, or leave."""
        key = event.character if event.character and event.character.isprintable() else event.key
        if key == "enter":
            self._enter()
        elif key == "escape":
            self.let_go()
            self.app.pop_screen()
        elif key == OVERRIDE and self._warned:
            self._check_in()
        elif key == RECORD:
            self.app.do("patient.record", self.selection())
        elif not (self._tick(key) or self._came_along(key)):
            return
        event.stop()
        event.prevent_default()

    def _tick(self, key: str) -> bool:
        names = {identifier.key: identifier.name for identifier in self.arrival.identifiers}
        if key not in names:
            return False
        self.problem, self._warned = "", False
        if names[key] in self.given:
            self.given.remove(names[key])
        else:
            self.given.append(names[key])
        self._keep()
        self._draw()
        return True

    def _came_along(self, key: str) -> bool:
        related = self.arrival.related
        if key == NOBODY_LISTED:
            from pcoord.services.arrivals import NOT_LISTED

            self._answered(NOT_LISTED)
        elif key.isdigit() and int(key) <= len(related):
            person = related[int(key) - 1]
            if person.denied:
                self.problem = (
                    f"{person.name} is shut out by an order ({person.denied}). "
                    "Ask a supervisor; choose who else came."
                )
            else:
                self._answered(person.id)
        else:
            return False
        self._draw()
        return True

    def _answered(self, companion: str | None = None) -> None:
        self.problem, self._warned = "", False
        self.companion = companion or self.companion
        self._keep()

    def _enter(self) -> None:
        self.problem = self._missing()
        if self.problem:
            again, self._warned = self._warned, True
            # The same Enter again is answered, too.
            self.problem = f"Still: {self.problem}" if again else self.problem
            self.app.bell()
            self._draw()
        else:
            self._check_in()

    def _missing(self) -> str:
        """Return kindly what is not asked yet."""
        from pcoord.services.arrivals import WANTED

        lacking = WANTED - len(self.given)
        if lacking > 0:
            count = "Two identifiers are" if lacking > 1 else "One more identifier is"
            return f"{count} to be asked: b a p n m. Or o checks in without, marked id?."
        if self.arrival.minor and self.companion is None:
            return f"Who came along? Age {self.arrival.age}: a digit, or 0; o checks in without."
        return ""

    def _check_in(self) -> None:
        if self._sent:
            return
        self._sent = True
        values = {k: v for k, v in self.values.items() if k != "verified"}
        values |= {"verified": ",".join(self.given), "accompanied_by": self.companion}

        def change(desk: "Desk") -> Any:
            from pcoord.services import flow

            return flow.check_in(desk, **values)

        self.app.act(change, self._done, self._refused)

    def _done(self, _: Any) -> None:
        self.let_go()
        self.app.close_screen(self)

    def _refused(self, error: "DeskError") -> None:
        """Say in the panel why not; nothing that was ticked is lost."""
        self._sent, self.problem = False, f"{error.sentence} Esc leaves."
        self._draw()

    @property
    def awaits_answer(self) -> bool:
        """Tell whether the check-in is being stored."""
        return self._sent

    def _draw(self) -> None:
        width = self.app.size.width
        self.view.show(panel_lines(self.arrival, self.given, self.companion, self.problem, width))

    def on_resize(self) -> None:
        """Wrap anew for the new width."""
        self._draw()

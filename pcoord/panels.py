"""Actions that ask more before they are done: the panel that asks, imported when it is needed."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pcoord.app import PcoordApp
    from pcoord.kinds.line import Call

PANELS = {
    "encounter.check_in": "pcoord.screens.check_in:open_panel",
    "patient.register": "pcoord.screens.register:open_form",
    "patient.edit": "pcoord.screens.register:open_form",
    "patient.merge": "pcoord.screens.merge:open_panel",
    "patient.record": "pcoord.screens.record:open_record",
}


def open_panel(app: "PcoordApp", call: "Call") -> None:
    """Open the panel of an action that was understood."""
    module, _, name = PANELS[call.action.id].partition(":")
    getattr(import_module(module), name)(app, call)

"""From an action and what the eye rests on to a call that runs, a panel that asks, or the line."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pcoord.actions import ACTIONS, Selection
from pcoord.panels import PANELS, open_panel

if TYPE_CHECKING:
    from pcoord.app import PcoordApp
    from pcoord.quickline import Call, Understanding


def do_action(app: "PcoordApp", action_id: str, selection: Selection) -> None:
    """Do an action of the registry at once when the selection says all, else open its line."""
    from pcoord import quickline

    action = ACTIONS[action_id]
    if action.asks or not (action.run or action_id in PANELS):
        app.open_line(action_id, selection)
    elif not action.params:
        app.act(quickline.function_of(action), once=action_id)
    else:
        app.ask(
            "do",
            lambda desk: quickline.understand(desk, "", action_id=action_id, selection=selection),
            lambda result: _understood(app, action_id, selection, result),
            holds=True,
        )


def _understood(
    app: "PcoordApp", action_id: str, selection: Selection, result: "Understanding"
) -> None:
    if result.call is not None:
        app.run_call(result.call, once=action_id)
    elif result.problem:
        app.notice(result.problem, urgent=True)
    else:
        app.open_line(action_id, selection)


def run_call(
    app: "PcoordApp",
    call: "Call",
    then: Callable[[Any], None] | None = None,
    once: str = "",
    failed: Callable[[Any], None] | None = None,
) -> None:
    """Run an action that was understood, or open the panel that asks more before it.

    `failed` is told of a refusal, and says it.
    """
    from pcoord import quickline

    if call.action.id in PANELS:
        open_panel(app, call)
    else:
        app.act(lambda desk: quickline.run(desk, call), then, failed, once=once)


def open_line(
    app: "PcoordApp",
    action_id: str | None,
    selection: Selection | None,
    text: str,
    then: Callable[[Any], None] | None,
    **kept: Any,
) -> None:
    """Open the palette's line in place of one that is open; `kept` is what it comes back with."""
    from pcoord.palette import LineScreen

    if isinstance(app.screen, LineScreen):
        app.screen.let_go()
        app.pop_screen()
    app.push_screen(LineScreen(action_id, selection or app.selection(), text, then, **kept))

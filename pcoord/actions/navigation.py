"""Getting about: screens, help, palette, lock, undo."""

from pcoord.actions.model import (
    Action,
    everywhere,
    lists,
)

NAVIGATION = (
    Action("help.show", "Help and keys", "help", "help", ("keys",), everywhere("f1"), footer=1),
    Action("go.schedule", "Schedule", "schedule", "schedule", ("day",), everywhere("f2")),
    Action("go.board", "Waiting room", "waiting", "waiting", ("board",), everywhere("f3")),
    Action("go.patients", "Patients", "patients", "patients", ("find",), everywhere("f4")),
    Action("go.calls", "Calls", "calls", "calls", ("log",), everywhere("f5")),
    Action(
        "palette.open",
        "Any action, or a typed line",
        "do",
        "",
        (),
        everywhere("ctrl+p"),
        footer=90,
    ),
    Action("go.anywhere", "Go to a screen by its letter", "", "go", (), everywhere("ctrl+g")),
    Action("desk.lock", "Lock the screen", "lock", "lock", (), everywhere("f10")),
    Action("desk.quit", "Leave pcoord", "", "quit", ("exit", "leave"), everywhere("ctrl+q")),
    Action("list.filter", "Filter this list", "filter", "", (), lists("/", "patients"), footer=70),
    Action("row.open", "Open", "open", "", (), lists("enter"), footer=2),
    Action(
        "step.undo",
        "Take back the last step",
        "undo",
        "undo",
        ("takeback",),
        lists("u"),
        "undo.own",
        run="pcoord.services.steps:undo_last",
        footer=60,
    ),
)

"""What stands on the screen, as plain text; the only test code that asks Textual's compositor."""

import difflib
import os
from pathlib import Path

import pytest
from textual._context import visible_screen_stack
from textual.app import App

GOLDEN = Path(__file__).parent / "golden"


def frame(app: App[object]) -> str:
    """Return the lines of the screen, without blanks at their ends."""
    # A panel asks here what lies under it; it keeps blanks where it is drawn without being told.
    visible_screen_stack.set(app._background_screens)
    strips = app.screen._compositor.render_strips(app.size)
    return "\n".join("".join(part.text for part in strip).rstrip() for strip in strips) + "\n"


def is_golden(name: str, text: str) -> bool:
    """Return whether the text is golden/NAME.txt, or nobody compares now."""
    path = GOLDEN / f"{name}.txt"
    writes = os.environ.get("PCOORD_GOLDEN") == "write"
    return writes or not path.exists() or path.read_text(encoding="utf-8") == text


def golden(name: str, text: str) -> None:
    """Compare with golden/NAME.txt; PCOORD_GOLDEN=write stores the text there instead."""
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("PCOORD_GOLDEN") == "write":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return
    if not path.exists():
        pytest.fail(f"There is no {path}; look at the screen and run with PCOORD_GOLDEN=write.")
    wanted = path.read_text(encoding="utf-8")
    if wanted != text:
        lines = difflib.unified_diff(
            wanted.splitlines(), text.splitlines(), f"golden/{name}.txt", "screen", lineterm="", n=1
        )
        pytest.fail("\n".join(lines))

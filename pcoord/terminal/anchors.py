"""Letters that terminals do not agree on: whatever comes behind them is put where it belongs.

A vowel sign of Devanagari takes a cell in xterm, PuTTY and tmux, and none in kitty or by the tables
that lines are laid out with here. Without more the rest of a row would slide, and stay so, since
only what changed is sent. So the place of such a row is emptied first, and its next column begins
at a column that is named outright.
"""

import re

from rich.cells import cell_len

_UNSURE = re.compile(
    "[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0900-\u109f\u1100-\u11ff\u1780-\u17ff"
    "\u1b00-\u1cff\u200c\u200d\u20d0-\u20ff\u2600-\u27bf\ufe00-\ufe0f\ua800-\uabff"
    "\U00010a00-\U00011fff\U0001f000-\U0001faff]"
)
"""Marks, vowel signs and pictures of which some terminals say another width than others."""

_MOVE = re.compile(r"(\n?\x1b\[\d+;(\d+)H)")
_TOKEN = re.compile(r"\x1b\[[\d;]*m|[^\x1b]+|\x1b")
_GAP = re.compile(r"( {2,}|\u2026 +)(?=[^ ])")
"""What stands between two columns: blanks, or the sign of a cut text before one."""


def anchored(data: str) -> str:
    """Return terminal output whose columns stand right however wide a letter comes out."""
    if data.isascii() or _UNSURE.search(data) is None:
        return data
    first, *pieces = _MOVE.split(data)
    made = [first]
    for move, column, text in zip(pieces[::3], pieces[1::3], pieces[2::3], strict=True):
        made += (move, _in_place(text, int(column)) if _UNSURE.search(text) else text)
    return "".join(made)


def _in_place(text: str, column: int) -> str:
    """Return what is written from a column on, with columns named behind unsure letters."""
    made: list[str] = []
    at, unsure, blank = column, False, False
    for token in _TOKEN.findall(text):
        if token[0] == "\x1b":
            if token == "\x1b":
                return text  # something else than letters and their styles
            made.append(token)
            continue
        for n, part in enumerate(_GAP.split(token)):
            if unsure and part and (blank if n == 0 else n % 2 == 0):
                made.append(f"\x1b[{at}G")
                unsure = False
            made.append(part)
            at += cell_len(part)
            unsure = unsure or _UNSURE.search(part) is not None
        blank = token[-1] == " "
    return f"\x1b[{at - column}X{''.join(made)}"

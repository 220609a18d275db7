"""The floor: curses and sqlite3, one prepared statement a screen, every cell drawn anew."""

import curses
import os
import sqlite3
import sys
from typing import Any

KEYS = {curses.KEY_F2: "day", curses.KEY_F3: "here", curses.KEY_F4: "find", curses.KEY_F5: "calls"}
DAY = """
SELECT substr(a.wall, 12), r.code, p.family || ', ' || p.given, t.code, a.status
FROM appointment a JOIN patient p ON p.id = a.patient_id
JOIN practitioner r ON r.id = a.practitioner_id JOIN visit_type t ON t.id = a.visit_type_id
WHERE a.start_at >= ? AND a.start_at < ? ORDER BY a.start_at LIMIT 200
"""
HERE = """
SELECT substr(e.arrived_at, 12, 5), r.code, p.family || ', ' || p.given, e.queue, e.status
FROM encounter e JOIN patient p ON p.id = e.patient_id
LEFT JOIN practitioner r ON r.id = e.practitioner_id WHERE e.ended_at IS NULL LIMIT 200
"""
CALLS = "SELECT substr(started_at, 12, 5), number, coalesce(caller, ''), outcome, '' FROM call"
FIND = """
SELECT p.family || ', ' || p.given, p.birth_date, i.value, p.sex, ''
FROM patient p JOIN identifier i ON i.patient_id = p.id WHERE p.id IN (
SELECT l.patient_id FROM lookup_token t JOIN lookup_person l ON l.no = t.no
WHERE t.kind = 'n' AND t.token >= ? AND t.token < ? LIMIT 30)
"""


class Desk:
    """Four lists, a query and a cursor."""

    def __init__(self, window: Any) -> None:
        self.window = window
        self.run = sqlite3.connect(sys.argv[1]).execute
        self.screen, self.text, self.cursor, self.rows = "day", "", 0, self.load("day")

    def load(self, screen: str, text: str = "") -> list[Any]:
        """Return the rows of a screen."""
        if screen == "day":
            day = os.environ["BENCH_DAY"]
            return self.run(DAY, (f"{day} 06:00", f"{day} 24:00")).fetchall()
        if screen == "find":
            return self.run(FIND, (text, text + "\uffff")).fetchall() if text else []
        return self.run(HERE if screen == "here" else CALLS).fetchall()

    def draw(self) -> None:
        """Draw everything; curses sends what differs."""
        self.window.erase()
        height, width = self.window.getmaxyx()
        head = f"find {self.text}" if self.screen == "find" else self.screen.upper()
        self.window.addstr(0, 0, head)
        top = max(0, self.cursor - height // 2)
        for y, row in enumerate(self.rows[top : top + height - 2]):
            line = "  ".join(f"{cell!s:<14}" for cell in row)[: width - 1]
            style = curses.A_REVERSE if top + y == self.cursor else 0
            self.window.addstr(y + 1, 0, line.ljust(width - 1), style)
        self.window.addstr(height - 1, 0, "F1 help  F2 day  F3 here  F4 find  F5 calls")
        self.window.refresh()

    def press(self, key: Any) -> None:
        """Take one key."""
        if key in KEYS:
            self.screen, self.text, self.cursor = KEYS[key], "", 0
            self.rows = self.load(self.screen)
        elif key in (curses.KEY_DOWN, curses.KEY_UP):
            step = 1 if key == curses.KEY_DOWN else -1
            self.cursor = max(0, min(len(self.rows) - 1, self.cursor + step))
        elif self.screen == "find":
            typed = key if isinstance(key, str) and key.isprintable() else ""
            self.text = self.text + typed if typed else self.text[:-1]
            self.rows, self.cursor = self.load("find", self.text), 0


def main(window: Any) -> None:
    """Draw, take a key, again."""
    curses.use_default_colors()
    curses.set_escdelay(25)
    desk = Desk(window)
    while True:
        desk.draw()
        key = window.get_wch()
        if key == "\x11":
            return
        desk.press(key)


if __name__ == "__main__":
    curses.wrapper(main)

"""The obvious program: Header, Footer, DataTable and Input, SQLModel entities, LIKE '%x%'.

As one writes it from the tutorials: its screens are installed once, its lists are filled anew
when they are shown, its search runs on each typed letter. With "memory" as its second word it
holds 40 rows a screen and 500 names in memory, so that the widgets alone are compared.
"""

import os
import sys
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from sqlmodel import Session, col, create_engine, or_, select
from textual.app import App, ComposeResult, SystemCommand
from textual.screen import Screen
from textual.widgets import DataTable, Footer, Header, Input

from pcoord.store.tables import (
    Appointment,
    Call,
    Encounter,
    Identifier,
    Patient,
    Practitioner,
    VisitType,
)

ENGINE = create_engine(f"sqlite:///{sys.argv[1]}")
IN_MEMORY = sys.argv[2:] == ["memory"]


def person(session: Session, patient_id: str) -> str:
    """Return a patient's name."""
    found = session.get_one(Patient, patient_id)
    return f"{found.family}, {found.given}"


def day() -> list[tuple[str, ...]]:
    """Return the visits of the day."""
    first = datetime.fromisoformat(os.environ["BENCH_DAY"]).replace(hour=6, tzinfo=UTC)
    with Session(ENGINE) as session:
        query = select(Appointment).where(Appointment.start_at >= first)
        query = query.where(Appointment.start_at < first + timedelta(hours=18))
        return [
            (
                one.wall[11:],
                session.get_one(Practitioner, one.practitioner_id).code,
                person(session, one.patient_id),
                session.get_one(VisitType, one.visit_type_id).code,
                one.status,
            )
            for one in session.exec(query.order_by(col(Appointment.start_at)).limit(200))
        ]


def here() -> list[tuple[str, ...]]:
    """Return who is here."""
    with Session(ENGINE) as session:
        query = select(Encounter).where(col(Encounter.ended_at).is_(None)).limit(200)
        return [
            (f"{one.arrived_at:%H:%M}", "", person(session, one.patient_id), one.queue, one.status)
            for one in session.exec(query)
        ]


def calls() -> list[tuple[str, ...]]:
    """Return the calls."""
    with Session(ENGINE) as session:
        found = session.exec(select(Call))
        return [(f"{c.started_at:%H:%M}", c.caller or "", c.outcome or "", "", "") for c in found]


def find(text: str) -> list[tuple[str, ...]]:
    """Return the patients whose name, number or birth date holds the text."""
    if IN_MEMORY:
        return [row for row in NAMES if text.casefold() in row[0].casefold()][:30]
    like = f"%{text}%"
    with Session(ENGINE) as session:
        query = select(Patient, Identifier).join(Identifier)
        fits = (col(Patient.family), col(Patient.given), col(Identifier.value))
        query = query.where(or_(*(column.like(like) for column in fits)))
        query = query.order_by(col(Patient.family), col(Patient.given)).limit(30)
        return [
            (f"{who.family}, {who.given}", str(who.birth_date), number.value, who.sex, "")
            for who, number in session.exec(query)
        ]


def names() -> list[tuple[str, ...]]:
    """Return 500 names."""
    with Session(ENGINE) as session:
        found = session.exec(select(Patient).limit(500))
        return [(f"{p.family}, {p.given}", str(p.birth_date), p.id[:8], p.sex, "") for p in found]


NAMES = names() if IN_MEMORY else []
HELD = {load: load()[:40] for load in (day, here, calls)} if IN_MEMORY else {}


class ListScreen(Screen[None]):
    """A table between a header and a footer."""

    LOAD: ClassVar[Any] = staticmethod(day)

    def compose(self) -> ComposeResult:
        """Compose header, table and footer."""
        yield Header()
        yield DataTable(cursor_type="row")
        yield Footer()

    def on_mount(self) -> None:
        """Name the columns."""
        self.query_one(DataTable).add_columns("time", "who", "patient", "type", "status")

    def on_screen_resume(self) -> None:
        """Begin."""
        self.begin()

    def begin(self) -> None:
        """Fill the table."""
        self.fill(HELD.get(self.LOAD) or self.LOAD())
        self.query_one(DataTable).focus()

    def fill(self, rows: list[tuple[str, ...]]) -> None:
        """Show other rows."""
        table = self.query_one(DataTable)
        table.clear()
        table.add_rows(rows)


class HereScreen(ListScreen):
    """Who is here."""

    LOAD = staticmethod(here)


class CallsScreen(ListScreen):
    """The calls."""

    LOAD = staticmethod(calls)


class FindScreen(ListScreen):
    """A field, and the patients that fit."""

    def compose(self) -> ComposeResult:
        """Compose a field above the table."""
        yield Header()
        blink = Input(placeholder="find")
        blink.cursor_blink = False
        yield blink
        yield DataTable(cursor_type="row")
        yield Footer()

    def begin(self) -> None:
        """Begin with an empty field."""
        self.query_one(Input).value = ""
        self.query_one(Input).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Search on each letter."""
        self.fill(find(event.value) if event.value else [])


class Naive(App[None]):
    """Four screens and Textual's own palette."""

    BINDINGS: ClassVar = [
        ("f2", "show('day')", "Day"),
        ("f3", "show('here')", "Here"),
        ("f4", "show('find')", "Find"),
        ("f5", "show('calls')", "Calls"),
        ("ctrl+q", "quit", "Leave"),
    ]
    SCREENS: ClassVar = {
        "day": ListScreen,
        "here": HereScreen,
        "find": FindScreen,
        "calls": CallsScreen,
    }

    def on_mount(self) -> None:
        """Show the day."""
        self.push_screen("day")

    def action_show(self, name: str) -> None:
        """Show one of the screens."""
        self.switch_screen(name)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Offer some thirty commands in the palette."""
        yield from super().get_system_commands(screen)
        for word in ("book", "move", "cancel", "confirm", "check in", "room", "message", "call"):
            for what in ("a visit", "somebody", "today"):
                yield SystemCommand(f"{word} {what}", f"To {word} {what}", lambda: None)


if __name__ == "__main__":
    Naive().run()

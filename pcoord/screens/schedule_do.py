"""What the schedule's keys do with the place under the cursor."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pcoord.actions import Selection
from pcoord.screens.prompt import PromptScreen

if TYPE_CHECKING:
    from pcoord.domain.errors import DeskError
    from pcoord.screens.schedule import ScheduleScreen
    from pcoord.services.day import State
    from pcoord.services.desk import Desk
    from pcoord.services.late import Expected
    from pcoord.services.sheets import Sheet, Visit, Week

__all__ = ["Cut", "State"]

# A key held down repeats faster than this; it acts once.
HELD_SECONDS = 0.3


@dataclass(frozen=True)
class Cut:
    """A visit on its way to another time; it keeps its old one until it is put."""

    id: str
    version: int
    name: str


# Reading


def ask(screen: "ScheduleScreen") -> None:
    """Ask for what the view shows; one group, so that only the newest answer arrives."""
    asks = {"week": _ask_week, "expected": _ask_expected}
    asks.get(screen.view, _ask_sheet)(screen)


def _ask_sheet(screen: "ScheduleScreen") -> None:
    day = screen.day

    def read(desk: "Desk") -> "Sheet":
        from pcoord.services import sheets

        return sheets.load(desk, day or desk.today)

    screen.app.ask("schedule", read, screen.sheet_shown)


def _ask_week(screen: "ScheduleScreen") -> None:
    day = screen.day

    def read(desk: "Desk") -> "Week":
        from pcoord.services import sheets

        return sheets.load_week(desk, day or desk.today)

    screen.app.ask("schedule", read, screen.week_shown)


def _ask_expected(screen: "ScheduleScreen") -> None:
    who = [screen.who] if screen.who else []

    def read(desk: "Desk") -> "list[Expected]":
        from pcoord.services import late

        return late.to_tell(desk, who)

    screen.app.ask("schedule", read, screen.expected_shown)


# What the eye rests on


def of_visit(sheet: "Sheet", visit: "Visit") -> Selection:
    """Return the selection of a visit."""
    row = visit.row
    return Selection(
        patient_id=row.patient_id,
        appointment_id=row.id,
        seen_appointment=row.version,
        encounter_id=row.encounter_id,
        seen_encounter=row.encounter_version,
        practitioner_id=row.practitioner_id,
        says=sheet.say(visit),
    )


def of_place(sheet: "Sheet", practitioner_id: str, minute: int) -> Selection:
    """Return the selection of a gap; closed, blocked and past time has no start."""
    return Selection(
        practitioner_id=practitioner_id,
        start=sheet.start_at(practitioner_id, minute),
        says=sheet.say_place(practitioner_id, minute),
    )


def of_person(person: "Expected") -> Selection:
    """Return the selection of somebody who is not here yet."""
    return Selection(
        patient_id=person.patient_id,
        appointment_id=person.id,
        seen_appointment=person.version,
        practitioner_id=person.practitioner_id,
        says=person.says,
    )


def of_week(week: "Week | None", key: str | None) -> Selection:
    """Return the selection of a line of the week: its first opening."""
    line = next((one for one in week.lines if one.key == key), None) if week else None
    if line is None:
        return Selection()
    return Selection(practitioner_id=line.practitioner_id, start=line.start, says=line.says)


def practitioners(shown: "Sheet | Week | None") -> list[str]:
    """Return the practitioners of a day or a week in their order."""
    if shown is None:
        return []
    if hasattr(shown, "columns"):
        return [column.id for column in shown.columns]
    return list(dict.fromkeys(line.practitioner_id for line in shown.lines))


def whose(screen: "ScheduleScreen") -> str:
    """Say whose list it is, and how late they run."""
    column = screen.sheet.column(screen.who) if screen.sheet else None
    if column is None:
        return "everybody"
    return f"{column.title} +{column.late}m" if column.late else column.title


def show_card(screen: "ScheduleScreen", patient_id: str) -> None:
    """Show the patient's card."""
    screen.app.show_patient(patient_id)


# Dates and files


def ask_date(screen: "ScheduleScreen") -> None:
    """Ask for a date as people type it, and go there."""
    desk = screen.app.desk
    if desk is None:
        return
    from pcoord.services import day as days
    from pcoord.services.sheets import say_long

    def means(text: str) -> str:
        day, at = days.read_date(desk, text)
        return f"{say_long(day, desk.today)}{f'  {at:%H:%M}' if at else ''}"

    def go(text: str) -> None:
        day, at = days.read_date(desk, text)
        screen.go_to(day, at)

    hint = "a day such as thu, 12/3, dec 3, +2w or last mon; Esc leaves"
    screen.app.push_screen(PromptScreen("date", means, go, hint=hint))


def ask_file(screen: "ScheduleScreen") -> None:
    """Ask for a file, and print the day into it: of one practitioner in the list, else of all."""
    sheet = screen.sheet
    if sheet is None:
        return
    from pcoord.services import printing

    one = sheet.column(screen.who) if screen.view == "list" else None
    who = [one.id] if one else None
    name = printing.default_name(sheet.day, one.code if one else "")

    def means(text: str) -> str:
        return f"Enter writes {sheet.title}, {one.title if one else 'everybody'}; Esc leaves"

    def write(text: str) -> None:
        screen.app.act(
            lambda desk: printing.print_day(desk, sheet.day, text, who),
            then=lambda said: screen.say(said),
        )

    screen.app.push_screen(PromptScreen("print to", means, write, text=name))


# Cut and put


def cut(screen: "ScheduleScreen") -> bool:
    """Cut the visit under the cursor. With nothing to cut, or a second time, a time is typed."""
    visit = screen.visit()
    if visit is None or (screen.cut is not None and screen.cut.id == visit.id):
        screen.cut = None
        screen.say_place()
        screen.app.open_line("appointment.move", screen.selection())
        return True
    if visit.row.status != "booked":
        screen.say(f"{visit.name} cannot be moved: only a booked visit can.", urgent=True)
        return True
    screen.cut = Cut(visit.id, visit.row.version, visit.name)
    screen.say("Cut; it keeps its time until p puts it elsewhere. x again types where to.")
    _redraw(screen)
    return True


def let_go(screen: "ScheduleScreen") -> None:
    """Leave the cut visit where it is."""
    if screen.cut is not None:
        screen.say(f"{screen.cut.name} stays where it was.")
    screen.cut = None
    _redraw(screen)


def _redraw(screen: "ScheduleScreen") -> None:
    if screen.sheet is not None:
        screen.draw_sheet(screen.sheet)
    screen.say_place()


def still_cut(screen: "ScheduleScreen", sheet: "Sheet") -> Cut | None:
    """Return the cut visit unless it was changed since; then say so."""
    cut = screen.cut
    visit = sheet.by_id.get(cut.id) if cut else None
    if cut is None or visit is None or visit.row.version == cut.version:
        return cut
    _say_who(screen, cut)
    return None


def _say_who(screen: "ScheduleScreen", cut: Cut) -> None:
    """Say who changed the cut visit, and how."""

    def read(desk: "Desk") -> str:
        from pcoord.services import overtaken

        return overtaken.say_latest(desk, cut.id)

    def told(said: str) -> None:
        screen.say(f"{said} Cut it again to move it.", urgent=True)

    screen.app.ask("who", read, told)


def put(screen: "ScheduleScreen") -> None:
    """Move the cut visit to the gap under the cursor; on taken time a reason is asked for."""
    cut, selection = screen.cut, screen.selection()
    if cut is None:
        screen.say("Nothing is cut. Press x on a visit first, then p on another time.")
    elif selection.appointment_id == cut.id:
        screen.say("It is there already; go to another time, or Esc lets go.")
    elif selection.start is not None:
        _move(screen, cut, selection.start, selection.practitioner_id)
    else:
        _offer_overbooking(screen, cut)


def _move(screen: "ScheduleScreen", cut: Cut, start: str, practitioner_id: str | None) -> None:
    def change(desk: "Desk") -> Any:
        from pcoord.services import booking

        return booking.move(
            desk,
            appointment_id=cut.id,
            start=datetime.fromisoformat(start),
            practitioner_id=practitioner_id,
            seen=cut.version,
        )

    def moved(_: Any) -> None:
        screen.cut = None
        screen.say_place()

    def refused(error: "DeskError") -> None:
        screen.say(error.sentence, urgent=True)
        _look_again(screen, cut)

    # While it is under way, a change by somebody else is no news to the cut.
    screen.cut = None
    screen.app.act(change, then=moved, failed=refused)


def _look_again(screen: "ScheduleScreen", cut: Cut) -> None:
    """Keep a visit cut whose new time was taken; let one go that somebody else changed."""

    def read(desk: "Desk") -> Any:
        from pcoord.services import day

        return day.visit(desk, cut.id)

    def seen(row: Any) -> None:
        if row.version == cut.version and row.status == "booked":
            screen.cut = cut
        screen.load()

    screen.app.ask("cut", read, seen)


def _offer_overbooking(screen: "ScheduleScreen", cut: Cut) -> None:
    """Open the line with this place typed; only the reason is missing."""
    sheet, visit = screen.sheet, screen.visit()
    place = (visit.row.practitioner_id, visit.start) if visit else screen.place()
    column = sheet.column(place[0]) if sheet and place else None
    if sheet is None or place is None or column is None:
        screen.say("Go to a time in the day, then p puts it there.")
        return
    text = f"{sheet.day.isoformat()} {place[1] // 60}:{place[1] % 60:02} {column.code} because "
    chosen = Selection(appointment_id=cut.id, seen_appointment=cut.version)
    screen.app.open_line("appointment.move", chosen, text)


# Space


def lead_on(screen: "ScheduleScreen") -> bool:
    """Do the next step for whoever is under the cursor; False when nobody is."""
    person, visit = screen.person(), screen.visit()
    if person is None and visit is None:
        return False
    if _held(screen):
        return True
    if person is not None:
        _tell(screen, person)
    elif visit is not None:
        _advance(screen, visit)
    return True


def _held(screen: "ScheduleScreen") -> bool:
    now = screen.app.clock.monotonic()
    held, screen.space_at = now - screen.space_at < HELD_SECONDS, now
    return held


def _tell(screen: "ScheduleScreen", person: "Expected") -> None:
    def change(desk: "Desk") -> Any:
        from pcoord.services import late

        return late.tell(desk, appointment_id=person.id)

    screen.app.act(change, then=lambda _: screen.next_to_tell(person.id), once="schedule.told")


def _advance(screen: "ScheduleScreen", visit: "Visit") -> None:
    stage = visit.row.stage
    if stage == "arrived":
        _check_in(screen, visit)
    elif stage == "checked-in" and visit.row.in_room_id is None:
        screen.app.do("encounter.room")
    else:
        screen.app.act(lambda desk: _next(desk, visit), once="encounter.advance")


def _next(desk: "Desk", visit: "Visit") -> Any:
    from pcoord.services import flow

    row = visit.row
    if row.encounter_id is None:
        return flow.arrive(desk, appointment_id=row.id, seen=row.version)
    return flow.advance(desk, encounter_id=row.encounter_id, seen=row.encounter_version)


def _check_in(screen: "ScheduleScreen", visit: "Visit") -> None:
    from pcoord.screens.check_in import open_for

    row = visit.row
    open_for(screen.app, {"encounter_id": row.encounter_id, "seen": row.encounter_version})

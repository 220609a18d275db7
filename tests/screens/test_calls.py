"""The call log and the call panel: T8 by keys, interruptions, drafts, several calls at once."""

import asyncio
from datetime import timedelta
from typing import Any

from textual import events

from pcoord.services import booking, call_notes, calls, day
from pcoord.services.desk import Desk
from pcoord.store.tables import RelatedPerson
from pcoord.store.unit import Unit
from tests.clinic import TODAY, Clinic
from tests.screens.driver import Driver
from tests.screens.opened import app_for

NOTE = "wants refill of lisinopril, out since Sunday"


def relate(clinic: Clinic, desk: Desk) -> None:
    """Give Maria Gonzalez a son with her number, and somebody whom an order shuts out."""

    def body(unit: Unit) -> None:
        patient = clinic.patient(desk, "8841")
        common = {"patient_id": patient, "family": "Gonzalez", "phone": "201-555-0142"}
        common["digits"] = "12015550142"
        unit.insert(RelatedPerson, **common, given="Luis", role="son", scopes="appointments")
        unit.insert(RelatedPerson, **common, given="Hugo", role="husband", denied="order 12-334")
        unit.say("Related.")

    desk.store.write(desk.who, "test.relate", body)


def store(clinic: Clinic, desk: Desk, mrn: str = "10442", **more: object) -> str:
    typed = {"phone": "201-555-0144", "patient_id": clinic.patient(desk, mrn), "note": NOTE}
    step = call_notes.store(desk, typed | {"caller": "patient"} | more)  # type: ignore[arg-type]
    return str(step.id)


def saved(at_desk: Driver) -> None:
    """Give the draft timer the time it takes."""
    at_desk._do(lambda pilot: asyncio.sleep(1.0))
    at_desk.settle()


# T8


def test_t8_a_call_with_a_message_costs_nine(clinic: Clinic, at_desk: Driver, desk: Desk) -> None:
    relate(clinic, desk)
    at_desk.press("f3")
    at_desk.start_counting()
    at_desk.press("ctrl+n")
    at_desk.type("201-555-0142")
    at_desk.press("enter", "1", "7", "8")
    at_desk.type(NOTE)
    at_desk.press("enter", "3")
    at_desk.type("lee")
    at_desk.press("enter")
    at_desk.type("16:00")
    at_desk.press("enter")
    at_desk.see("Call 1001 stored: Gonzalez, Maria Luisa, message to LEE, call back")
    assert at_desk.overhead <= 9
    print(f"T8 with a message: overhead {at_desk.overhead}, {at_desk.keys_pressed} keys")
    row = calls.load_log(desk, "today").rows[0]
    assert (row.caller, row.verified) == ("patient", "birth date, record number")
    assert (row.note, row.reason, row.callback_due) == (NOTE, "refill", clinic.at(16))
    assert len(calls.load_log(desk, "messages").rows) == 1


def test_t8_a_call_without_a_message_costs_six(at_desk: Driver, desk: Desk) -> None:
    at_desk.start_counting()
    at_desk.press("ctrl+n")
    at_desk.type("201-555-0144")
    at_desk.press("enter", "7", "8")
    at_desk.type("asks for opening hours")
    at_desk.press("enter", "enter")
    at_desk.see("Call 1001 stored: Haddad, Layla.")
    assert at_desk.overhead <= 6
    print(f"T8 without a message: overhead {at_desk.overhead}, {at_desk.keys_pressed} keys")


def test_a_shared_number_saved_from_the_note_costs_six(at_desk: Driver, desk: Desk) -> None:
    at_desk.start_counting()
    at_desk.press("t")
    at_desk.type("201-555-0155")
    at_desk.press("enter", "2", "7", "8")
    at_desk.type("asks for opening hours")
    at_desk.press("ctrl+d")
    at_desk.see("Call 1001 stored: Kim, Dana.")
    assert at_desk.overhead <= 6


# Who calls


def test_everybody_who_shares_the_number_is_offered_and_nobody_chosen(
    clinic: Clinic, at_desk: Driver, desk: Desk
) -> None:
    relate(clinic, desk)
    at_desk.press("f5")
    at_desk.see("No calls today yet")
    at_desk.press("ctrl+n")
    at_desk.type("201-555-0142")
    at_desk.see("3 share this number; Enter asks which one.")
    at_desk.press("down")
    shown = at_desk.see("1  Gonzalez, Maria Luisa", "2  Luis Gonzalez, son of Gonzalez")
    assert "DENIED" in shown
    at_desk.press("enter")
    at_desk.see("Who is it about?")
    at_desk.press("2")
    at_desk.see("Luis Gonzalez, son", "son: appointments only", "verifies nobody")
    at_desk.golden("call_panel")


def test_a_denied_caller_stands_in_reverse(clinic: Clinic, at_desk: Driver, desk: Desk) -> None:
    relate(clinic, desk)
    at_desk.press("ctrl+n")
    at_desk.type("hugo 201-555-0142")
    at_desk.press("enter")
    at_desk.see("DENIED (order 12-334): tell nothing")
    assert at_desk.ask(lambda app: app.screen.fields.may.line(0)[0][1]) == "reverse"


def test_somebody_not_on_file_is_still_written_down(at_desk: Driver, desk: Desk) -> None:
    at_desk.press("ctrl+n")
    at_desk.type("201-555-0100")
    at_desk.see("Nobody on file fits; Enter goes on without a patient.")
    at_desk.press("enter")
    at_desk.type("Jo Bell, sales")
    at_desk.press("enter")
    at_desk.type("offers toner")
    at_desk.press("ctrl+d")
    at_desk.see("Call 1001 stored: Jo Bell, sales.")


def test_a_child_does_not_call(at_desk: Driver) -> None:
    at_desk.press("ctrl+n")
    at_desk.type("201-555-0177")
    at_desk.press("enter")
    at_desk.see("Who is calling, and what")
    at_desk.type("Pia Garcia, mother")
    at_desk.see("not on file: take a message only")


def test_enter_before_the_answer_waits_for_it(at_desk: Driver) -> None:
    at_desk.press("ctrl+n")
    at_desk.type("haddad")
    at_desk.press("enter")
    at_desk.see("CALL in 00:00   Haddad, Layla")


def test_what_is_unclear_is_said_and_nothing_is_lost(at_desk: Driver) -> None:
    at_desk.press("ctrl+n")
    at_desk.type("haddad")
    at_desk.press("enter", "7", "8")
    at_desk.type("needs a letter")
    at_desk.press("enter", "3")
    at_desk.type("zork")
    at_desk.press("ctrl+d")
    at_desk.see("“zork” names nobody here", "needs a letter", "zork")
    assert at_desk.ask(lambda app: app.screen.focused.id) == "to"
    at_desk.press("shift+tab", "shift+tab", "ctrl+d")
    at_desk.see("“zork” names nobody here")


# Interruptions


def test_a_call_opens_over_a_half_typed_line_and_gives_it_back(at_desk: Driver) -> None:
    at_desk.press("f6")
    at_desk.type("gonzalez mar")
    at_desk.press("ctrl+n")
    at_desk.type("haddad")
    at_desk.press("enter", "7", "8")
    at_desk.type("late")
    at_desk.press("ctrl+d")
    at_desk.see("book> gonzalez mar")
    at_desk.type("ia")
    at_desk.see("book> gonzalez maria")


def test_a_call_folds_into_the_state_line_and_comes_back_as_it_was(at_desk: Driver) -> None:
    at_desk.press("ctrl+n")
    at_desk.type("haddad")
    at_desk.press("enter", "7", "8")
    at_desk.type("first second")
    at_desk.press("left", "left", "left")
    at_desk.press("f3")
    at_desk.see("WAITING ROOM", "CALL 00:00 ^N")
    at_desk.press("f5")
    at_desk.see("CALLS", "CALL 00:00 ^N")
    at_desk.press("ctrl+n")
    at_desk.type("!")
    at_desk.see("first sec!ond", "CALL in 00:00   Haddad, Layla")
    at_desk.press("escape")
    at_desk.see("CALL 00:00 ^N")


def test_an_empty_call_leaves_nothing_behind(at_desk: Driver, desk: Desk) -> None:
    at_desk.press("ctrl+n", "escape")
    at_desk.not_see("^N goes", "CALL 00:00")
    assert calls.load_log(desk, "today").rows == []


def test_the_clock_runs_in_few_steps(clinic: Clinic, at_desk: Driver) -> None:
    at_desk.press("ctrl+n")
    at_desk.type("haddad")
    clinic.clock.moment += timedelta(seconds=47)
    at_desk.ask(lambda app: app.screen.draw_head())
    at_desk.see("CALL in 00:45")
    clinic.clock.moment += timedelta(minutes=2)
    at_desk.press("f2")
    at_desk.see("CALL 2m ^N")


def test_two_calls_at_once_are_both_kept(at_desk: Driver, desk: Desk) -> None:
    at_desk.press("ctrl+n")
    at_desk.type("haddad")
    at_desk.press("enter", "7", "8")
    at_desk.type("one")
    at_desk.press("ctrl+n")
    at_desk.type("gonzalez maria")
    at_desk.press("enter", "7", "8")
    at_desk.type("two")
    at_desk.press("escape")
    at_desk.see("2 CALLS ^N")
    at_desk.press("ctrl+n")
    at_desk.see("1  Haddad, Layla", "2  Gonzalez, Maria Luisa", "3  a new call")
    at_desk.press("1", "ctrl+d")
    at_desk.see("Call 1001 stored: Haddad, Layla.", "CALL 00:00 ^N")
    at_desk.press("ctrl+n", "ctrl+d")
    at_desk.see("Call 1002 stored: Gonzalez, Maria Luisa.")
    at_desk.not_see("CALL 00:00")


def test_a_note_is_thrown_away_by_another_key_only(at_desk: Driver, desk: Desk) -> None:
    at_desk.press("ctrl+n")
    at_desk.type("201-555-0100")
    at_desk.press("ctrl+x")
    at_desk.see("y throws it away")
    at_desk.press("ctrl+x", "escape")
    at_desk.see("201-555-0100", "CALL in")
    at_desk.press("ctrl+x", "y")
    at_desk.not_see("201-555-0100", "CALL in")
    assert calls.load_log(desk, "today").rows == []


def test_the_lock_keeps_the_call(clinic: Clinic) -> None:
    with Driver(lambda: app_for(clinic, "boss")) as at_desk:
        at_desk.press("ctrl+n")
        at_desk.type("haddad")
        at_desk.press("enter", "7", "8")
        at_desk.type("half a no")
        at_desk.press("f10")
        at_desk.see("LOCKED")
        at_desk.press("escape")
        at_desk.not_see("half a no", "CALL in")


def test_another_person_does_not_see_it(clinic: Clinic) -> None:
    with Driver(lambda: app_for(clinic, "ana")) as at_desk:
        at_desk.press("ctrl+n")
        at_desk.type("haddad")
        at_desk.press("f10")
        at_desk.see("Choose a PIN")
        at_desk.press("f2")
        at_desk.type("boss")
        at_desk.press("enter")
        at_desk.type("a long enough sentence")
        at_desk.press("enter")
        at_desk.see("SCHEDULE")
        at_desk.not_see("haddad", "CALL in", "^N")
    with Driver(lambda: app_for(clinic, "ana")) as at_desk:
        at_desk.see("was not saved: Ctrl+N goes on with it")


# Drafts


def test_a_draft_is_at_most_a_second_behind_and_offered_again(
    clinic: Clinic, at_desk: Driver, desk: Desk
) -> None:
    at_desk.press("ctrl+n")
    at_desk.type("haddad")
    at_desk.press("enter", "7", "8")
    at_desk.type("out since Sunday, line one")
    at_desk.press("ctrl+o")
    at_desk.type("and two")
    at_desk.press("left", "left", "left")
    saved(at_desk)
    # A second desk of the same person sees what the first would leave behind if it died now.
    with Driver(lambda: app_for(clinic)) as other:
        other.see("A call note of 09:00 was not saved: Ctrl+N goes on with it.", "CALL of 09:00 ^N")
        other.press("ctrl+n")
        other.see("out since Sunday, line one", "and two", "[x] 7", "CALL in", "Haddad, Layla")
        other.type("!")
        other.see("and !two")
        other.press("ctrl+d")
        other.see("Call 1001 stored: Haddad, Layla.")
    with Driver(lambda: app_for(clinic)) as third:
        third.see("SCHEDULE")
        third.not_see("was not saved", "^N")


def test_a_saved_call_leaves_no_draft_and_nothing_runs(at_desk: Driver) -> None:
    at_desk.press("ctrl+n")
    at_desk.type("haddad")
    at_desk.press("enter", "ctrl+d")
    at_desk.see("stored")
    saved(at_desk)
    assert at_desk.ask(lambda app: app.sitting.draft_timer) is None
    assert at_desk.ask(lambda app: [call.id for call in app.in_hand.calls]) == []
    assert at_desk.ask(lambda app: app._installed_screens) == {}


# The log


def test_the_log_tells_the_time_and_what_is_overdue_as_it_goes_by(
    clinic: Clinic, at_desk: Driver, desk: Desk
) -> None:
    store(clinic, desk, outcome="callback", due="9:30", to="lee")
    at_desk.press("f5")
    at_desk.see("CALLS  today 1", "open 1  messages 0  09:00 ana")
    clinic.clock.moment = clinic.at(10)
    at_desk.ask(lambda app: app.screen.minute_passed())
    at_desk.see("open 1, 1 overdue  messages 0  10:00 ana", "! 09:30 LEE")


def test_the_log_and_its_views(clinic: Clinic, at_desk: Driver, desk: Desk) -> None:
    ben = clinic.desk("ben")
    store(clinic, desk, outcome="callback", due="9:30", to="lee")
    store(clinic, ben, "8841", outcome="message", to="ortiz")
    store(clinic, desk, "10443")
    clinic.clock.moment = clinic.at(10)
    at_desk.press("f5")
    at_desk.see("CALLS  today 3", "mine 2  open 1, 1 overdue  messages 1")
    assert "! 09:30 LEE" in at_desk.row("Haddad, Layla   refill")
    at_desk.golden("calls")
    at_desk.press("v")
    at_desk.see("CALLS  mine 2")
    at_desk.press("v")
    at_desk.see("CALLS  open call-backs 1, 1 overdue")
    at_desk.press("v")
    at_desk.see("CALLS  open messages 1", " ORTIZ         Gonzalez, Maria Luisa  wants ref")
    at_desk.press("space")
    at_desk.see("Message done about Gonzalez, Maria Luisa.", "open messages 0")
    at_desk.press("u")
    at_desk.see("Taken back: Message done", "open messages 1")


def test_space_marks_a_call_back_done_and_u_takes_it_back(
    clinic: Clinic, at_desk: Driver, desk: Desk
) -> None:
    store(clinic, desk, outcome="callback", due="16:00", to="lee")
    at_desk.press("f5")
    at_desk.see("16:00 LEE")
    at_desk.press("space")
    at_desk.see("Called back: Haddad, Layla.", "done 09:00")
    at_desk.press("space")
    at_desk.see("This call-back is done already.")
    at_desk.press("u")
    at_desk.see("Taken back: Called back: Haddad, Layla.", "16:00 LEE")


def test_enter_opens_a_call_and_changes_nothing(
    clinic: Clinic, at_desk: Driver, desk: Desk
) -> None:
    store(clinic, desk, outcome="callback", due="16:00", note="line one\nline [b]two[/b]")
    at_desk.press("f5")
    at_desk.see("Haddad")
    at_desk.press("enter")
    at_desk.see("line one", "line [b]two[/b]", "call back promised", "verified", "nobody")
    at_desk.press("escape")
    at_desk.not_see("line one\n")
    at_desk.press("enter", "space")
    at_desk.see("Called back: Haddad, Layla.")


def test_an_open_call_back_is_called_from_its_row(
    clinic: Clinic, at_desk: Driver, desk: Desk
) -> None:
    store(clinic, desk, outcome="callback", due="16:00")
    at_desk.press("f5", "v", "v", "t")
    at_desk.see("CALL out 00:00   Haddad, Layla", "201-555-0144", "verified  [ ] 7 born")
    at_desk.press("7", "8")
    at_desk.type("told her")
    at_desk.press("ctrl+d")
    at_desk.see("Call 1002 stored: Haddad, Layla.")


# Putting a stored call right


def test_a_stored_call_is_corrected_from_its_row(
    clinic: Clinic, at_desk: Driver, desk: Desk
) -> None:
    store(clinic, desk, outcome="message", to="lee", due="16:00")
    at_desk.press("f5")
    at_desk.see("Haddad, Layla", "^E correct")
    at_desk.press("ctrl+e")
    at_desk.see("CORRECT CALL 1001 in   Haddad, Layla", NOTE, "16:00", "LEE")
    at_desk.golden("call_correct")
    at_desk.press("end")
    at_desk.type(", now")
    at_desk.press("ctrl+d")
    at_desk.see("Call 1001 of Haddad, Layla corrected: note, message.", "u undo")
    assert [row.note for row in calls.load_log(desk, "today").rows] == [NOTE + ", now"]
    at_desk.press("u")
    at_desk.see("Taken back: Call 1001 of Haddad, Layla corrected")
    assert [row.note for row in calls.load_log(desk, "today").rows] == [NOTE]


def test_an_opened_call_is_corrected_and_half_a_correction_kept(
    clinic: Clinic, at_desk: Driver, desk: Desk
) -> None:
    store(clinic, desk)
    at_desk.press("f5")
    at_desk.see("Haddad, Layla")
    at_desk.press("enter")
    at_desk.see("^E correct", "taken by ana")
    at_desk.press("ctrl+e")
    at_desk.see("CORRECT CALL 1001")
    at_desk.press("escape")
    at_desk.not_see("CORRECT CALL", "^N ", "CALL 1001 ^N")
    at_desk.press("ctrl+e")
    at_desk.see("CORRECT CALL 1001")
    at_desk.type("Ana: ")
    at_desk.press("f3")
    at_desk.see("WAITING ROOM   CALL 1001 ^N")
    saved(at_desk)
    with Driver(lambda: app_for(clinic)) as other:
        other.see("Call 1001 was not corrected yet: Ctrl+N goes on with it.", "CALL 1001 ^N")
        other.press("ctrl+n")
        other.see("CORRECT CALL 1001", "Ana: wants refill")
        other.press("ctrl+x")
        other.see("Throw the changes to call 1001 away for good?")
        other.press("y")
        other.not_see("CALL 1001 ^N")
    assert [row.note for row in calls.load_log(desk, "today").rows] == [NOTE]


def test_a_patient_chosen_wrongly_is_put_right(clinic: Clinic, at_desk: Driver, desk: Desk) -> None:
    store(clinic, desk, "10443")
    at_desk.press("f5")
    at_desk.see("Kim, Dana")
    at_desk.press("ctrl+e")
    at_desk.see("CORRECT CALL 1001")
    at_desk.ask(lambda app: app.screen.fields.go("who"))
    at_desk.press("ctrl+u")
    at_desk.type("haddad")
    at_desk.press("enter")
    at_desk.see("born 05/09/1992")
    at_desk.press("7", "8", "ctrl+d")
    at_desk.see("Call 1001 of Haddad, Layla corrected: patient, verified.")
    row = calls.load_log(desk, "today").rows[0]
    assert (row.mrn, row.phone) == ("10442", "201-555-0144"), "the number that called stays"


def test_another_desks_call_appears_by_itself(clinic: Clinic, at_desk: Driver) -> None:
    at_desk.press("f5")
    at_desk.see("No calls today yet")
    store(clinic, clinic.desk("ben"))
    at_desk.see("Haddad, Layla")


def test_a_visit_can_be_booked_in_mid_call(clinic: Clinic, at_desk: Driver, desk: Desk) -> None:
    at_desk.press("ctrl+n")
    at_desk.type("haddad")
    at_desk.press("enter", "7", "8")
    at_desk.type("wants a vis")
    at_desk.press("f6")
    at_desk.type("thu 2pm lee fu")
    at_desk.see("books Haddad, Layla")
    at_desk.press("enter")
    at_desk.type("it")
    at_desk.see("wants a visit")
    assert [v.mrn for v in day.load_day(desk, TODAY, days=5).visits] == ["10442"]
    assert booking is not None


def test_a_note_gone_on_with_too_late_chooses_no_outcome(at_desk: Driver, desk: Desk) -> None:
    at_desk.press("ctrl+n")
    at_desk.type("haddad")
    at_desk.press("enter", "7", "8")
    at_desk.type("asks for a bill")
    at_desk.press("enter")
    at_desk.see("1 done 2 booked 3 message 4 callback 5 through 6 voice 7 nobody 8 wrong 9 cut")
    at_desk.type("mother calls back")
    at_desk.see("asks for a bill", "mother calls back", "outcome   done")
    at_desk.press("ctrl+d")
    at_desk.see("Call 1001 stored: Haddad, Layla.")
    row = calls.load_log(desk, "today").rows[0]
    assert (row.note, row.outcome) == ("asks for a bill\nmother calls back", "done")


def test_a_long_paste_is_taken_as_far_as_it_fits_and_said(at_desk: Driver) -> None:
    def paste(text: str) -> None:
        at_desk.ask(lambda app: app.post_message(events.Paste(text)))
        at_desk.settle()

    at_desk.press("ctrl+n")
    paste("Layla\nHaddad " * 400)
    at_desk.see("Only 2000 characters fit here; the note takes more.", "Layla Haddad Layla")
    assert at_desk.ask(lambda app: len(app.screen.fields.who.value)) == 2000
    at_desk.type("x")
    at_desk.see("Only 2000 characters fit here")
    assert at_desk.ask(lambda app: len(app.screen.fields.who.value)) == 2000


def test_a_note_begun_too_early_ticks_nothing(at_desk: Driver) -> None:
    at_desk.press("ctrl+n")
    at_desk.type("haddad")
    at_desk.press("enter")
    at_desk.see("[ ] 7")
    at_desk.type("Noor herself")
    at_desk.see("Noor herself", "[ ] 7")
    at_desk.not_see("[x]")


def test_a_call_from_paper_keeps_its_true_time(clinic: Clinic, at_desk: Driver, desk: Desk) -> None:
    at_desk.press("ctrl+n")
    at_desk.type("gonzalez maria")
    at_desk.press("enter")
    at_desk.see("CALL in 00:00", "Gonzalez, Maria Luisa")
    at_desk.press("ctrl+y")
    at_desk.see("call was at>", "late entry")
    at_desk.type("11pm")
    at_desk.press("enter")
    at_desk.see("still to come")
    for _ in "11pm":
        at_desk.press("backspace")
    at_desk.type("8:10")
    at_desk.see("The call was at 08:10")
    at_desk.press("enter")
    at_desk.see("CALL in at 08:10 (late entry)   Gonzalez, Maria Luisa")
    at_desk.press("escape")
    at_desk.see("CALL of 08:10 ^N")
    at_desk.press("ctrl+n")
    at_desk.see("CALL in at 08:10 (late entry)")
    at_desk.press("ctrl+d")
    at_desk.see("since 08:10 (late entry)")
    (row,) = calls.log(desk)
    assert row.started_at == row.ended_at == clinic.at(8, 10)
    assert row.recorded_at == desk.now


def test_throwing_away_at_once_still_asks(at_desk: Driver, desk: Desk) -> None:
    at_desk.press("ctrl+n", "ctrl+x")
    at_desk.see("Throw this call note away for good? y throws it away, Esc goes back.")
    at_desk.press("escape")
    at_desk.type("her arm hurts")
    at_desk.press("ctrl+x")
    at_desk.see("Throw this call note away for good?")
    at_desk.press("y")
    at_desk.see("Thrown away; nothing was stored.")
    assert calls.log(desk) == []


def test_a_late_focus_does_not_hide_the_question(at_desk: Driver) -> None:
    at_desk.press("ctrl+n")
    at_desk.see("CALL in")
    at_desk.press("ctrl+x")

    def focus_again(app: Any) -> None:
        app.screen.on_descendant_focus(events.DescendantFocus(app.screen.fields.who))

    at_desk.ask(focus_again)
    at_desk.settle()
    at_desk.see("Throw this call note away for good?")


def test_a_key_that_finds_no_call_says_so(at_desk: Driver) -> None:
    at_desk.press("f5", "space")
    at_desk.see("No call or message is chosen here")

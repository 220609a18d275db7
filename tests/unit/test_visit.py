"""States, stages and letters of a visit."""

from pcoord.domain import visit
from pcoord.domain.visit import STAGES


def letter(status: str | None, stage: str | None = None, **more: bool) -> str:
    how = {"confirmed": False, "late_cancel": False} | more
    return visit.visit_letter(appointment_status=status, stage=stage, **how)


def test_the_letter_of_an_appointment() -> None:
    assert letter("booked") == "B"
    assert letter("booked", confirmed=True) == "C"
    assert letter("cancelled") == "X"
    assert letter("cancelled", late_cancel=True) == "Z"
    assert letter("noshow") == "N"
    assert letter("entered-in-error", "roomed") == "E"
    assert letter(None, None) == "?"


def test_a_stage_says_more_than_the_appointment() -> None:
    assert [letter("checked-in", stage.code) for stage in STAGES] == list("AIRPHYWODL")
    assert letter(None, "arrived") == "A"


def test_every_letter_has_a_word() -> None:
    letters = {stage.letter for stage in STAGES} | set("BCXZNE")
    assert letters == set(visit.LETTER_WORDS)
    assert visit.letter_word("L") == "left without being seen"
    assert visit.letter_word("q") == "unknown"


def test_stages_use_known_statuses() -> None:
    assert {stage.appointment_status for stage in STAGES} <= set(visit.APPOINTMENT_STATUSES)
    assert len({stage.position for stage in STAGES}) == len(STAGES)


def test_which_status_may_follow_which() -> None:
    assert set(visit.MAY_BECOME) == set(visit.APPOINTMENT_STATUSES)
    assert visit.may_become("booked", "arrived")
    assert not visit.may_become("cancelled", "booked")
    assert visit.may_become("cancelled", "entered-in-error")
    assert not visit.may_become("entered-in-error", "entered-in-error")


def test_the_usual_next_stage_comes_first() -> None:
    usual = {stage.code: [s.code for s in visit.next_stages(stage.code)] for stage in STAGES}
    assert usual["arrived"][0] == "checked-in"
    assert usual["with-practitioner"][0] == "checking-out"
    assert usual["held"][0] == "with-practitioner"
    assert "left" in usual["arrived"]
    assert usual["done"] == usual["left"] == []


def test_a_clinic_without_a_stage_passes_over_it() -> None:
    fewer = [stage for stage in STAGES if stage.code not in {"roomed", "checking-out"}]
    assert visit.next_stages("checked-in", fewer)[0].code == "with-practitioner"
    assert visit.next_stages("with-practitioner", fewer)[0].code == "done"


def test_waiting_times() -> None:
    assert [visit.say_minutes(n) for n in (0, 41, 60, 65, 605)] == [
        "0m",
        "41m",
        "1h00",
        "1h05",
        "10h05",
    ]
    arrived, done = STAGES[0], STAGES[-2]
    assert [visit.is_past_limit(arrived, n) for n in (15, 16)] == [False, True]
    assert not visit.is_past_limit(done, 999)


def test_reasons_have_words() -> None:
    assert set(visit.CANCEL_WORDS) == set(visit.CANCEL_REASONS)
    words = [word for group in visit.CANCEL_WORDS.values() for word in group]
    assert len(words) == len(set(words))

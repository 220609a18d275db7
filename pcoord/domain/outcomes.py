"""How a telephone call can end: the only list of outcomes, for panel, log, demo and store."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """An outcome: its code in the store, the digit that chooses it, and its words.

    `word` stands in the panel, `short` in the log's column, `title` where there is room. `owes`
    tells that somebody still has to call. Digits, not letters: a note begun too late chooses none.
    """

    code: str
    key: str
    word: str
    short: str
    title: str
    owes: bool = False


OUTCOMES = (
    Outcome("done", "1", "done", "answered", "answered"),
    Outcome("booked", "2", "booked", "booked", "booked a visit"),
    Outcome("message", "3", "message", "message", "message taken", owes=True),
    Outcome("callback", "4", "callback", "call back", "call back promised", owes=True),
    Outcome("transferred", "5", "through", "put thru", "put through"),
    Outcome("voicemail", "6", "voice", "voice ml", "left a voice mail"),
    Outcome("no-answer", "7", "nobody", "no answer", "nobody answered", owes=True),
    Outcome("wrong-number", "8", "wrong", "wrong no", "wrong number"),
    Outcome("lost", "9", "cut", "cut off", "the line was cut off", owes=True),
    Outcome("nurse", "0", "nurse", "nurse", "handed to a nurse"),
)
BY_CODE = {outcome.code: outcome for outcome in OUTCOMES}
USUAL = "done"
NURSE = "nurse"
"""Chosen by a nurse call alone, never by hand."""

PROMISES = ("message", "callback")
"""They say for whom, and by when."""

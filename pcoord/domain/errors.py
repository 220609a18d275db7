"""Refusals in words: every error a person may see is one of these."""


class DeskError(Exception):
    """A sentence for the user: what is wrong and what to do next."""

    exit_code = 1

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Refused(DeskError):
    """A rule says no."""


class NotFound(DeskError):
    """Nothing fits what was asked for."""


class BadUsage(DeskError):
    """It was typed in a way that cannot be understood."""

    exit_code = 2


class NotPermitted(DeskError):
    """The person is not signed in or may not do this."""

    exit_code = 3


class Conflict(DeskError):
    """Somebody else changed or took it first; nothing was stored."""

    exit_code = 4


class Overtaken(Conflict):
    """Somebody else changed a record since it was shown: what they did, and what one wanted.

    `theirs` and `mine` are sentences; `mine` is what one's own step would do now, None when it
    cannot be done any more. `shown` holds, by record, the version that `theirs` describes.
    """

    def __init__(self, sentence: str, theirs: str, mine: str | None, shown: dict[str, int]) -> None:
        super().__init__(sentence)
        self.theirs = theirs
        self.mine = mine
        self.shown = shown


class Unavailable(DeskError):
    """The database cannot be reached, is locked, full, damaged or too new; nothing was stored."""

    exit_code = 5


class Away(Unavailable):
    """The database server cannot be reached just now; nothing was stored."""


class Unknown(Unavailable):
    """The line broke while something was being stored: only looking it up tells whether it was."""


class ReasonNeeded(Refused):
    """A restricted record was not opened at this desk yet; `patient_id` says whose."""

    def __init__(self, patient_id: str) -> None:
        super().__init__(
            "This record is restricted. Say why you open it; the reason is kept in the log "
            "(at the command line: --reason TEXT)."
        )
        self.patient_id = patient_id

"""Blank forms for work on paper; each asks for the true time, and how it is typed in later."""

from datetime import date

from pcoord.exchange.paper import Form, Paper

_BY = ("date", "true time", "written by")

FORMS = (
    Form(
        "REGISTRATION",
        (
            _BY,
            ("family name", "given names"),
            ("birth date", "sex", "called"),
            ("phone", "another phone"),
            ("street", "city, state, postal code"),
            ("language", "interpreter y/n", "texts ok y/n"),
            ("payer", "member number"),
            ("whom to call in need", "their phone"),
            ("guardian or who may know", "photo ID seen y/n"),
        ),
        "Later: F4, type the name, + registers. Look first whether the person is on file.",
    ),
    Form(
        "WALK-IN OR CHECK-IN",
        (
            _BY,
            ("name", "birth date"),
            ("phone", "came with"),
            ("two identifiers asked", "MRN"),
            ("what for",),
            ("red flag? nurse called at", "which nurse took over"),
            ("for whom", "room", "seen at", "left at"),
        ),
        'Later: walkin NAME "what for" LEE at 14:05   or   checkin NAME at 14:05',
    ),
    Form(
        "CALL",
        (
            _BY,
            ("number", "caller, relation"),
            ("patient", "birth date"),
            ("asked (two)", "urgent y/n"),
            ("what was said",),
            ("",),
            ("",),
            ("call back by", "for whom", "called back at"),
        ),
        'Later: call NUMBER NAME "what was said" callback 4pm LEE at 14:05',
    ),
    Form(
        "RECEIPT",
        (
            ("number", "date", "true time"),
            ("received from", "patient, birth date"),
            ("amount", "cash, card or check", "check number"),
            ("for",),
            ("received by", "signature"),
        ),
        "One for the patient, one for the desk.",
    ),
)


def blank_forms(clinic: str, day: date) -> Paper:
    """Return the forms, the receipt twice: one to keep and one to give away."""
    return Paper(
        "forms",
        f"{clinic}   forms for work on paper",
        f"as of {day.isoformat()}   Write the true time on each: it is typed in later.",
        (*FORMS, FORMS[-1]),
    )

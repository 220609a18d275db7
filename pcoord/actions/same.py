"""One person, one record: duplicates, merging and taking apart, and what stands on a wrong one."""

from pcoord.actions.model import PATIENT, Action, Param, lists

OTHER = Param("other_id", "other", "Which other record? Its number, or part of the name")

SAME = (
    Action(
        "work.duplicates",
        "Records that may be one person",
        "duplicates",
        "duplicates",
        ("doubles",),
        {"patients": "y"},
        "work.read",
    ),
    Action(
        "patient.merge",
        "Merge two records of one person",
        "merge",
        "merge",
        ("join",),
        {"patients": "j"},
        "patient.merge",
        (
            OTHER,
            PATIENT,
            Param("take", "fields", "Which fields of the one that goes?", required=False),
        ),
        "pcoord.services.merging:merge",
        dangerous=True,
        example="merge 10017 into 10443 taking birth date",
    ),
    Action(
        "patient.unmerge",
        "Take a merged record apart again",
        "",
        "unmerge",
        ("separate", "split"),
        {"patients": "J"},
        "patient.merge",
        (PATIENT, Param("merged", "merged", "Which of the merged records?", required=False)),
        "pcoord.services.merging:unmerge",
        asks=True,
        dangerous=True,
        example="unmerge 10017",
    ),
    Action(
        "patient.notsame",
        "Two records are two people",
        "",
        "notsame",
        ("not-same", "different"),
        {"patients": "h"},
        "patient.write",
        (OTHER, PATIENT),
        "pcoord.services.merging:not_same",
        asks=True,
        example="notsame 10017 and 10443",
    ),
    Action(
        "record.reassign",
        "Wrong patient: to the right record",
        "",
        "wrongpatient",
        ("wrong-patient", "reassign"),
        lists("i", "patients"),
        "record.reassign",
        (
            Param("thing", "thing", "What, and whose? (kim tue; call 17; message kim)"),
            Param("to", "to", "To whom? Part of the name, phone, birth date or number"),
            Param("reason", "wrong_reason", "Why did it stand there?"),
        ),
        "pcoord.services.reassigning:reassign",
        asks=True,
        dangerous=True,
        example="wrongpatient kim tue to haddad reason alike",
    ),
)

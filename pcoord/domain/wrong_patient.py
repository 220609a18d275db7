"""Why something stood on the wrong patient's record: the coded reasons, and words for them."""

REASONS = {
    "alike": "taken for somebody with a like name",
    "family": "taken for somebody of the family or household",
    "caller": "the caller gave another name or number",
    "slip": "a slip of the keys",
    "unverified": "identity was not checked",
    "other": "another reason",
}
WORDS = {
    "alike": ("name", "like", "name-alike", "namesake"),
    "family": ("twin", "household", "parent", "sibling", "mother", "father"),
    "caller": ("misheard", "number", "phone"),
    "slip": ("typing", "typo", "key", "keys"),
    "unverified": ("identity", "unchecked"),
    "other": (),
}


def reason_code(text: str) -> str | None:
    """Return the code that a typed word stands for, None when it is none."""
    folded = text.casefold().strip()
    for code, words in WORDS.items():
        if folded and (code.startswith(folded) or folded in words):
            return code
    return None

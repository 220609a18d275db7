"""Pieces of the sentences that the desk says."""

import re
from typing import Any


def full_name(row: Any) -> str:
    """Return "Family, Given" of a row with those columns."""
    return f"{row.family}, {row.given}" if row.given else str(row.family)


def end_sentence(text: str) -> str:
    """Return the text with one full stop at its end."""
    return text if re.search(r"[.!?]$", text) else text + "."

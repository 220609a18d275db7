"""What the invented people of the demo called and wrote about."""

from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any

from pcoord import resources


@cache
def story_texts() -> dict[str, Any]:
    """Return the texts of demo_stories.toml."""
    return resources.load_toml("demo_stories.toml")


@dataclass(frozen=True, slots=True)
class CallStory:
    """An invented call; `reason` and `outcome` are codes of call_reasons.toml."""

    reason: str
    caller: str
    minutes: int
    outcome: str
    note: str
    message: str | None = None
    urgent: bool = False

    @property
    def outgoing(self) -> bool:
        """Tell whether the clinic called."""
        return self.caller == "clinic"


class Stories:
    """Tells what people called and wrote about; the same seed tells the same stories in order."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)

    def call(self, given: str, day: str, number: str) -> CallStory:
        """Return a call; the words may name the person, a day ("Sunday") and a number."""
        told = dict(self.rng.choice(story_texts()["calls"]))
        for part in ("note", "message"):
            if part in told:
                told[part] = told[part].format(given=given, day=day, number=number)
        return CallStory(**told)

    def message(self, given: str, day: str) -> tuple[str, bool]:
        """Return the text of a message about a person, and whether it is urgent."""
        told = self.rng.choice(story_texts()["messages"])
        return told["text"].format(given=given, day=day), told.get("urgent", False)

    def note(self) -> str:
        """Return a note for a patient's card."""
        return str(self.rng.choice(story_texts()["notes"]))

    def visit_reason(self, visit_type: str) -> str | None:
        """Return why somebody comes for a type of visit, or None for a type without stories."""
        reasons = story_texts()["visit_reasons"].get(visit_type)
        return str(self.rng.choice(reasons)) if reasons else None


def stories(seed: int) -> Stories:
    """Return the stories of a seed."""
    return Stories(seed)

"""Looking patients up at the desk: each search recorded before its first rows are shown."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pcoord.domain.likeness import alike
from pcoord.domain.lookup_text import LONGEST_QUERY
from pcoord.services import lookup, patient_card, restricted_records
from pcoord.services.desk import Desk
from pcoord.services.duplicates import Duplicate, duplicates
from pcoord.services.lookup import Found, Hits
from pcoord.services.lookup_near import Likely, likely
from pcoord.store.ids import new_id
from pcoord.store.queries import cards

RECENT = 12
MOST = 30
KEPT = 60
"""As many answers of one search are kept for letters that are taken back."""


@dataclass(frozen=True)
class Looked:
    """What a typed text brought: who fits, what its words were taken for, and who is alike.

    `more` when more fit than are shown, `maybe_more` when not all were looked at whom some of the
    words fit. `could_widen` when few fit and a wider look may bring more; `so_far` when the end of
    the text was left out, as long as somebody types on.

    An empty text brings the patients this user opened lately.
    """

    text: str
    hits: tuple[Found, ...]
    taken: str
    alike: frozenset[str]
    more: bool = False
    maybe_more: bool = False
    could_widen: bool = False
    so_far: bool = False


@dataclass(frozen=True)
class _Person:
    patient_id: str
    family: str
    given: str
    birth_date: date | None


class Search:
    """One search at one desk: an event before its first rows, another with its final text.

    Used on the store thread only. A search ends when `close` is called; what is looked for next
    is another one.
    """

    def __init__(self) -> None:
        self._id: str | None = None
        self._session = ""
        self.text = ""
        self.count = 0
        self._kept: dict[tuple[str, bool], Looked] = {}
        self._near: Likely | None = None

    def look(
        self,
        desk: Desk,
        text: str,
        *,
        first: str | None = None,
        wide: bool = False,
        fresh: bool = True,
    ) -> Looked:
        """Return who fits a text; recent patients for an empty one, `first` before all others.

        `wide` is for when typing pauses: where few fit, also those with two errors. Unless it must
        be `fresh`, because records changed, what this search found before is given again.
        """
        if not text:
            self.close(desk)
            hits = recent(desk, first=first)
            return Looked(text, tuple(hits), "", _alike(hits))
        desk.demand("patient.read")
        self._forget(desk, fresh)
        looked = self._kept.get((text, wide))
        if looked is None:
            looked = self._look(desk, text, wide)
            if len(self._kept) < KEPT:
                self._kept[text, wide] = looked
        self.text, self.count = text, len(looked.hits) + looked.more
        return looked

    def _forget(self, desk: Desk, fresh: bool) -> None:
        """Forget what was found where it may look otherwise now, by the time or to another user."""
        near = likely(desk)
        same = self._id is not None and desk.who.session_id == self._session
        if fresh or not same or near is not self._near:
            self._kept.clear()
        self._near = near

    def _look(self, desk: Desk, text: str, wide: bool) -> Looked:
        found = self.find(desk, text, limit=MOST + 1, wide=wide)
        hits = found[:MOST]
        taken = " ".join(taken for _, taken in found.words)
        few = sum(hit.exact for hit in hits) < lookup.FEW
        more = len(found) > MOST and found[MOST].exact
        return Looked(
            text,
            tuple(hits),
            taken,
            _alike(hits),
            more=more,
            maybe_more=found.cut and not more,
            could_widen=few and not wide,
            so_far=found.so_far,
        )

    def find(self, desk: Desk, text: str, *, limit: int = MOST, wide: bool = False) -> Hits:
        """Return who fits; the same text again, for fresh rows, is no new search."""
        desk.demand("patient.read")
        again = text == self.text and desk.who.session_id == self._session
        if not again:
            self.begin(desk, text)
        hits = lookup.find(desk, text, limit=limit, addresses=True, wide=wide)
        hits[:] = [restricted_records.least(desk, hit) for hit in hits]
        self.text, self.count = text, len(hits)
        return hits

    def likely(self, desk: Desk, typed: Mapping[str, str]) -> list[Duplicate]:
        """Return who on file may be the newcomer whose fields are typed so far."""
        found = duplicates(desk, **typed)
        self.text = " ".join(filter(None, typed.values()))
        self.count = len(found)
        if found:
            self.begin(desk, self.text)
        return found

    def begin(self, desk: Desk, text: str) -> None:
        """Store that somebody searches, unless this search is stored already."""
        if self._id is not None and desk.who.session_id == self._session:
            return
        self._id, self._session = new_id(), desk.who.session_id
        _note(desk, self._id, "search", None, {"text": text[:LONGEST_QUERY]})

    def close(self, desk: Desk) -> None:
        """Store the final text and how many it found, once."""
        if self._id is not None and desk.who.session_id == self._session:
            text = self.text[:LONGEST_QUERY]
            said = f"Searched “{text}”: {self.count} found."
            _note(desk, self._id, "search end", said, {"count": self.count, "text": text})
        self._id = None
        self._kept.clear()


def recent(desk: Desk, *, first: str | None = None, limit: int = RECENT) -> list[Found]:
    """Return the patients this user opened lately, the latest first; `first` before all others."""
    desk.demand("patient.read")
    rows = desk.read(cards.recent, desk.who.user_id, limit, first)
    told = [{k: v for k, v in row._mapping.items() if k in Found._fields} for row in rows]
    hits = [Found(**one, score=1.0, matched="", exact=True) for one in told]
    return [restricted_records.least(desk, hit) for hit in hits]


def show(
    desk: Desk,
    search: Search,
    patient_id: str,
    *,
    ends: bool = False,
) -> patient_card.Card:
    """Return the card of a patient that was found; `ends` when the search is over with it.

    Raises ReasonNeeded for a restricted record that was not opened with a reason yet.
    """
    if ends:
        search.close(desk)
    return patient_card.card(desk, patient_id)


def _alike(hits: Sequence[Found]) -> frozenset[str]:
    """Return the ids of those shown whom one could mix up with another one shown."""
    people = [_Person(hit.id, hit.family, hit.given, hit.birth_date) for hit in hits]
    return frozenset(alike(people, people))


def _note(desk: Desk, key: str, kind: str, said: str | None, told: dict[str, Any]) -> None:
    after = json.dumps(told, sort_keys=True, ensure_ascii=False)
    desk.store.note(desk.who, kind, action="patient.search", record_id=key, after=after, said=said)

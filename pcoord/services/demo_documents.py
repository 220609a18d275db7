"""Papers on file for the demo's patients: copies of cards, referrals, and orders of courts."""

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

from pcoord.services.demo_clinic import Setting
from pcoord.services.demo_register import Enrolled
from pcoord.store.ids import new_id
from pcoord.store.queries import demo
from pcoord.store.tables import Document
from pcoord.store.unit import Unit

MOST = 600
"""So many may have papers on file; more would only make the demo slower to make."""

_CARD, _REFERRAL, _DIRECTIVE = 0.35, 0.08, 0.04
_DOCTORS = ("Dr. Osei", "Dr. Varga", "Dr. Lindqvist", "Dr. Achterberg", "Harbor Eye Clinic")
_OLDEST = 700
"""So many days old at most."""


def fill(unit: Unit, setting: Setting, people: Sequence[Enrolled], seed: int) -> None:
    """Write the papers of some of these people; the same seed writes the same."""
    rng = Random(f"documents {seed}")
    rows = [row for one in people[:MOST] for row in _of(setting, rng, one)]
    unit.bulk(Document, rows + _orders(unit, setting, rng))


def _of(setting: Setting, rng: Random, one: Enrolled) -> list[dict[str, Any]]:
    found = []
    if rng.random() < _CARD:
        found.append(_row(setting, rng, one.id, "insurance card", "Card, both sides"))
    if rng.random() < _REFERRAL:
        who = rng.choice(_DOCTORS)
        found.append(_row(setting, rng, one.id, "referral", "Referral letter", author=who))
    if rng.random() < _DIRECTIVE:
        found.append(_row(setting, rng, one.id, "advance directive", "Living will"))
    return found


def _orders(unit: Unit, setting: Setting, rng: Random) -> list[dict[str, Any]]:
    """Return the order behind each person who is shut out from a patient."""
    return [
        _row(setting, rng, row.patient_id, "court order", row.denied, author="Family Court")
        for row in demo.denials(unit.connection)
    ]


def _row(
    setting: Setting, rng: Random, patient_id: str, kind: str, title: str, author: str | None = None
) -> dict[str, Any]:
    dated: date = setting.today - timedelta(days=rng.randrange(1, _OLDEST))
    return {
        "id": new_id(),
        "patient_id": patient_id,
        "kind": kind,
        "title": title,
        "dated": dated,
        "author": author,
        "kept_at": f"scan {rng.randrange(1000, 9999)}",
        "created_at": setting.now,
    }

"""Who pays for the demo's patients: invented member numbers with the payers of payers.toml."""

from random import Random
from typing import Any

from pcoord import resources
from pcoord.services.demo_clinic import Setting
from pcoord.services.demo_register import CHILD, Enrolled
from pcoord.store.ids import new_id
from pcoord.store.tables import Coverage
from pcoord.store.unit import Unit

MOST = 600
"""So many have a coverage; more would only make the demo slower to make."""

OLD = 65
_SECOND, _NONE = 0.3, 0.06
_LETTERS = "ACDEFGHJKMNPQRTUVWXY"
# How a Medicare number is built: 1EG4-TE5-MK72 (digits, letters, and either).
_MEDICARE = "1LEN-LEN-LLNN"


def fill(unit: Unit, setting: Setting, people: list[Enrolled], seed: int) -> None:
    """Write who pays for some of these people; the same seed writes the same."""
    rng = Random(f"coverages {seed}")
    grown = {one.household: one for one in people if _age(setting, one) >= CHILD}
    rows = []
    for one in people[:MOST]:
        rows += _of(setting, rng, one, grown.get(one.household))
    unit.bulk(Coverage, rows)
    for row in rows:
        unit.stale("patient", row["patient_id"])


def _of(
    setting: Setting, rng: Random, one: Enrolled, holder: Enrolled | None
) -> list[dict[str, Any]]:
    if rng.random() < _NONE:
        return []
    age = _age(setting, one)
    if age >= OLD:
        second = [_payer(rng, "commercial")] if rng.random() < _SECOND else []
        payers = [_payer(rng, "medicare"), *second]
    elif age < CHILD and (holder is None or rng.random() < _SECOND):
        payers = [_payer(rng, "medicaid")]
    else:
        payers = [_payer(rng, "commercial")]
    rows = [_row(rng, one, payer, n) for n, payer in enumerate(payers)]
    if age < CHILD and holder and payers[0]["kind"] == "commercial":
        name = f"{holder.given} {holder.family}".strip()
        rows[0] |= {"relationship": "child", "subscriber": name}
    return rows


def _row(rng: Random, one: Enrolled, payer: dict[str, Any], position: int) -> dict[str, Any]:
    commercial = payer["kind"] == "commercial"
    return {
        "id": new_id(),
        "patient_id": one.id,
        "payor": payer["title"],
        "subscriber_id": _number(rng, payer),
        "group_number": f"{rng.randrange(10_000, 99_999)}" if commercial else None,
        "position": position,
    }


def _payer(rng: Random, kind: str) -> dict[str, Any]:
    payers = resources.load_toml("payers.toml")["payers"]
    payer: dict[str, Any] = rng.choice([one for one in payers if one["kind"] == kind])
    return payer


def _number(rng: Random, payer: dict[str, Any]) -> str:
    if payer["kind"] != "medicare":
        return f"{payer['code'][:3]}{rng.randrange(10**8, 10**9)}"
    kinds = {"L": _LETTERS, "N": "0123456789", "E": _LETTERS + "0123456789"}
    return "".join(rng.choice(kinds[c]) if c in kinds else c for c in _MEDICARE)


def _age(setting: Setting, one: Enrolled) -> int:
    return (setting.today - one.birth_date).days // 365

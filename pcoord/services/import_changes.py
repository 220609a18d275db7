"""What an imported row says otherwise than the patient's record, written with versions."""

from collections.abc import Mapping, Sequence
from typing import Any

from pcoord.domain.names import tidy_name
from pcoord.domain.phones import normal
from pcoord.exchange.csv_rows import PatientRow
from pcoord.store.queries.matching import Known
from pcoord.store.tables import ContactPoint, Identifier
from pcoord.store.unit import Unit

# The system of numbers that another program gave its patients.
ELSEWHERE = "import"


class Change:
    """What a row changes of one patient; without a unit it is only found out."""

    def __init__(self, unit: Unit | None, known: Known) -> None:
        self.unit, self.known, self.made = unit, known, False

    def values(self, model: Any, old: Mapping[str, Any], told: Mapping[str, Any]) -> None:
        """Change the columns of a record that are told otherwise."""
        moved = {name: value for name, value in told.items() if not _same(old[name], value)}
        if moved:
            self.made = True
            if self.unit:
                self.unit.update(model, old["id"], **moved)

    def insert(self, model: Any, **values: Any) -> None:
        """Add a record to the patient."""
        self.made = True
        if self.unit:
            self.unit.insert(model, patient_id=self.known.patient["id"], **values)

    def one(
        self, model: Any, olds: Sequence[Any], fixed: dict[str, Any], told: dict[str, Any]
    ) -> None:
        """Change the one record of its kind, or add it."""
        if told and olds:
            self.values(model, olds[0], told)
        elif told:
            self.insert(model, **fixed | told)

    def numbers(self, row: PatientRow) -> None:
        """Add numbers the record lacks; a record number that was there becomes an old one."""
        held = {(n["system"], n["value"]) for n in self.known.identifiers}
        if row.mrn and ("mrn", row.mrn) not in held:
            for old in self.known.identifiers:
                if old["system"] == "mrn":
                    self.values(Identifier, old, {"use": "old"})
            self.insert(Identifier, value=row.mrn)
        if row.source_id and (ELSEWHERE, row.source_id) not in held:
            self.insert(Identifier, system=ELSEWHERE, value=row.source_id)

    def phones(self, region: str, row: PatientRow) -> None:
        """Add phones the record lacks; one of the same use that the row no longer has gives way.

        One that must never be called stays as it is: other systems may not have it any more, and
        what was said of it holds for no other number.
        """
        told = [phone_row(region, use, value, 0) for use, value in row.phones]
        listed = {phone["digits"] for phone in told}
        here = {phone["digits"] for phone in self.known.phones}
        gone = [phone for phone in self.known.phones if phone["digits"] not in listed]
        free = [phone for phone in gone if not phone["never"]]
        for phone in told:
            if phone["digits"] in here:
                continue
            old = next((one for one in free if one["use"] == phone["use"]), None)
            if old is not None:
                free.remove(old)
                least = "nothing" if old["may_leave"] == "nothing" else "name and number"
                other = {name: phone[name] for name in ("value", "digits")}
                self.values(ContactPoint, old, other | {"may_leave": least})
            else:
                self.insert(ContactPoint, **phone | {"position": len(here)})
                here.add(phone["digits"])


def phone_row(region: str, use: str, value: str, position: int) -> dict[str, Any]:
    """Return the columns of a phone as a table tells it."""
    return {
        "use": use or "mobile",
        "value": value,
        "digits": normal(value, region),
        "position": position,
    }


def _same(old: Any, new: Any) -> bool:
    """Tell whether a cell says what the record has; blanks and shouted names do not count."""
    if isinstance(old, str) and isinstance(new, str):
        old, new = " ".join(old.split()), " ".join(new.split())
        return old == new or tidy_name(old) == new
    return bool(old == new)

"""Codes whose meaning only the whole column tells."""

import re
from collections import Counter
from dataclasses import replace

from pcoord.exchange.csv_map import Mapping
from pcoord.exchange.csv_reader import Table
from pcoord.exchange.csv_rows import NULLS, clean

# ISO/IEC 5218, https://www.iso.org/standard/81682.html: 0 not known, 9 not applicable.
SEXES = {"0": "unknown", "1": "male", "2": "female", "9": "unknown"}
# Open Dental's, whose tables are known by their key: https://www.opendental.com/site/apipatients.html
_OF_OPEN_DENTAL = {"0": "male", "1": "female", "2": "unknown", "3": "unknown"}
_KEY_OF_OPEN_DENTAL = "PatNum"
_CODE = re.compile(r"0?([01239])(?:[.,]0)?", re.ASCII)


_SPANISH = "H or V male, M female (hombre, varón, mujer)"


def _in_spanish(table: Table, headers: list[str], said: dict[str, str]) -> dict[str, str]:
    """Return what M means where it stands beside H or V and never beside an F; else nothing."""
    known = {word.casefold() for word in said}
    cells = {clean(cell).casefold() for cell in table.column(*headers)} - known - NULLS - {""}
    spanish = "m" in cells and cells & {"h", "v"} and not cells - {"h", "v", "m"}
    return {"M": "female"} if spanish else {}


def settle_sexes(table: Table, mapping: Mapping) -> tuple[Mapping, str | None]:
    """Return the mapping with the meaning of numbers for sexes, and a sentence that says so.

    Only where the whole column has such numbers. A column of 0 and 1 alone, or of more 0 than 2,
    may mean anything and is left as it is; what the mapping file says comes first.
    """
    headers = [header for header, name in mapping.columns.items() if name == "sex"]
    if not headers:
        return mapping, None
    said = mapping.values.get("sex", {})
    if spanish := _in_spanish(table, headers, said):
        values = mapping.values | {"sex": spanish | said}
        return replace(mapping, values=values), f"{headers[0]}: {_SPANISH}."
    known, found = {word.casefold() for word in said}, Counter[tuple[str, str]]()
    for cell in map(clean, table.column(*headers)):
        if not cell or cell.casefold() in known or cell.casefold() in NULLS:
            continue
        code = _CODE.fullmatch(cell)
        if code is None:
            return mapping, None
        found[cell, code[1]] += 1
    meaning, source = _meaning(table, found)
    if meaning is None:
        return mapping, None
    codes = {code for _, code in found}
    meant = {cell: meaning[code] for cell, code in found}
    told = ", ".join(f"{code} {meaning[code]}" for code in sorted(codes))
    values = mapping.values | {"sex": meant | said}
    return replace(mapping, values=values), f"{headers[0]}: {told} ({source})."


def _meaning(table: Table, found: Counter[tuple[str, str]]) -> tuple[dict[str, str] | None, str]:
    """Return what the codes of a column mean, and by whom; None where that is not sure."""
    times = Counter[str]()
    for (_, code), count in found.items():
        times[code] += count
    if _KEY_OF_OPEN_DENTAL in table.headers:
        return (_OF_OPEN_DENTAL if times and "9" not in times else None), "Open Dental"
    unclear = not (times["1"] or times["2"]) or times["0"] > times["2"] or "3" in times
    return (None if unclear else SEXES), "ISO/IEC 5218"

"""Looking after a clinic's records: backup, restore, check."""

import json
from pathlib import Path
from typing import Any

from pcoord.clock import Clock
from pcoord.domain.text import scrub
from pcoord.services.desk import Desk
from pcoord.store import backup as copies
from pcoord.store import check as checks
from pcoord.store.engine import Address
from pcoord.store.store import audit_key_path


def backup(desk: Desk, path: Path) -> dict[str, Any]:
    """Write a checked copy of the clinic to a new file while desks go on working.

    Raises Refused on PostgreSQL, in words, and where the file exists.
    """
    desk.demand("backup.run")
    size = copies.backup(desk.store, path)
    note = json.dumps({"file": scrub(str(path)), "bytes": size}, ensure_ascii=False)
    desk.store.note(desk.who, "backup", after=note)
    return {
        "ok": True,
        "file": str(path),
        "bytes": size,
        "said": f"Copied the clinic to {path} and checked the copy. The audit key is not in it; "
        "keep a copy of that elsewhere.",
    }


def restore(address: Address, file: Path, clock: Clock) -> dict[str, Any]:
    """Put a backup in the clinic's place; the file it replaces is kept beside it.

    Needs nobody signed in, for the clinic may be damaged: who may write the file may do this.
    """
    name, kept = copies.restore(address, file, clock.now())
    key = audit_key_path(address)
    said = f"{name} is back as it was in {file}."
    if kept is not None:
        said += f" The file it replaced is {kept}."
    if key.exists():
        said += f" The audit key {key} stays as it is."
    else:
        said += f" The audit key {key} is missing: bring it back before anything is changed."
    return {"ok": True, "clinic": name, "kept": str(kept) if kept else None, "said": said}


def check(desk: Desk, *, mend: bool = False) -> dict[str, Any]:
    """Look at the file, the audit chains, derived rows and visits; say in words what is wrong.

    `mend` first writes what is derived anew.
    """
    desk.demand("backup.run")
    if mend:
        checks.mend(desk.store, desk.who)
    found = checks.check(desk.store)
    return {
        "ok": found.ok,
        "problems": found.problems,
        "events": found.events,
        "patients": found.patients,
        "appointments": found.appointments,
        "said": "Everything is as it must be." if found.ok else "Something is wrong.",
    }

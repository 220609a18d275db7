"""Who may do what: roles and the permissions they hold."""

_READ = frozenset(
    {"appointment.read", "patient.read", "encounter.read", "call.read", "message.read", "work.read"}
)
_FRONT_DESK = _READ | {
    "appointment.write",
    "patient.write",
    "encounter.write",
    "call.write",
    "message.write",
    "task.write",
    "nurse.raise",
    "nurse.accept",
    "schedule.manage",
    "record.reassign",
    "undo.own",
}
_SUPERVISOR = _FRONT_DESK | {
    "appointment.overbook",
    "appointment.restricted",
    "patient.mark",
    "patient.merge",
    "user.manage",
    "clinic.manage",
    "import.run",
    "export.run",
    "backup.run",
    "audit.read",
    "undo.any",
}
_BILLING = _READ | {"call.write", "message.write", "task.write", "export.run", "undo.own"}
_PRACTITIONER = _READ | {
    "encounter.write",
    "message.write",
    "task.write",
    "nurse.raise",
    "nurse.accept",
    "appointment.overbook",
    "appointment.restricted",
    "appointment.write",
    "schedule.manage",
    "undo.own",
}

ROLES: dict[str, frozenset[str]] = {
    "front-desk": _FRONT_DESK,
    "supervisor": _SUPERVISOR,
    "billing": _BILLING,
    "practitioner": _PRACTITIONER,
    "read-only": _READ,
}


def allows(role: str, permission: str) -> bool:
    """Tell whether a role holds a permission; an unknown role holds none."""
    return permission in ROLES.get(role, frozenset())

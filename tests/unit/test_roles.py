"""Who may do what."""

from pcoord.domain.roles import ROLES, allows


def test_the_front_desk_does_the_desks_work() -> None:
    for permission in ("appointment.write", "patient.write", "encounter.write", "nurse.raise"):
        assert allows("front-desk", permission)
    for permission in ("appointment.overbook", "user.manage", "audit.read", "import.run"):
        assert not allows("front-desk", permission)
        assert allows("supervisor", permission)


def test_a_supervisor_may_all_that_the_desk_may() -> None:
    assert ROLES["front-desk"] < ROLES["supervisor"]


def test_read_only_changes_nothing() -> None:
    assert all(permission.endswith(".read") for permission in ROLES["read-only"])
    assert all(ROLES["read-only"] <= permissions for permissions in ROLES.values())


def test_the_unknown_is_not_allowed() -> None:
    assert not allows("nobody", "patient.read")
    assert not allows("supervisor", "patient.destroy")

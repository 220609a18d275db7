"""Every use case asks for its permission before anything else."""

import importlib
import pkgutil

import pytest

import pcoord.services
from pcoord.domain.errors import NotPermitted
from pcoord.domain.roles import ROLES, allows
from pcoord.services.desk import USE_CASES
from tests.clinic import Clinic

for module in pkgutil.iter_modules(pcoord.services.__path__):
    importlib.import_module(f"pcoord.services.{module.name}")


def test_a_read_only_person_changes_nothing(clinic: Clinic) -> None:
    eve = clinic.desk("eve")
    for action, case in USE_CASES.items():
        assert not allows("read-only", case.permission), action
        with pytest.raises(NotPermitted, match="read-only"):
            case(eve)


@pytest.mark.parametrize("role", ROLES)
def test_nobody_but_a_supervisor_manages_users_or_moves_records(role: str) -> None:
    for permission in ("user.manage", "import.run", "backup.run", "audit.read", "patient.merge"):
        assert allows(role, permission) == (role == "supervisor")


def test_a_role_that_is_not_known_may_nothing() -> None:
    assert not allows("owner", "patient.read")

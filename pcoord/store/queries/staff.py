"""Reading staff accounts."""

from collections.abc import Sequence

from sqlalchemy import Connection, func, select

from pcoord.store.queries.common import AnyRow, staff_user

_u = staff_user.c
_standing = select(staff_user).where(~_u.entered_in_error)


def by_id(connection: Connection, user_id: str) -> AnyRow | None:
    """Return the account of that id."""
    return connection.execute(_standing.where(_u.id == user_id)).first()


def by_username(connection: Connection, username: str) -> AnyRow | None:
    """Return the account of that name, whatever the capitals."""
    return connection.execute(
        _standing.where(func.lower(_u.username) == username.casefold())
    ).first()


def by_os_login(connection: Connection, os_login: str) -> AnyRow | None:
    """Return the account linked to a machine account (name@host)."""
    return connection.execute(_standing.where(_u.os_login == os_login)).first()


def everybody(connection: Connection) -> Sequence[AnyRow]:
    """Return all accounts by name."""
    return connection.execute(_standing.order_by(_u.username)).all()

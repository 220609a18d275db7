"""Staff accounts."""

import argparse
from pathlib import Path
from typing import Any

from pcoord.commands.context import Context, ask_secret
from pcoord.commands.out import print_json, print_table, say
from pcoord.domain.errors import BadUsage, Refused


def _user(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("user", metavar="USER", help="the name to sign in with")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare what `pcoord user add` takes."""
    _user(parser)
    parser.add_argument("--name", metavar="NAME", help="the person's full name")
    parser.add_argument("--role", default="front-desk", metavar="ROLE", help="front-desk, ...")
    parser.add_argument("--password-file", metavar="F", help="the password is its first line")
    parser.add_argument("--os-login", metavar="ACCOUNT", help="the machine's account, name@host")
    parser.add_argument("--practitioner", metavar="P", help="the practitioner this user is")


def add(context: Context, args: argparse.Namespace) -> int:
    """Add a staff account."""
    from pcoord.services import accounts

    desk = context.desk
    desk.demand("user.manage")
    password = _new_password(args.password_file, args.user, wanted=args.os_login is None)
    return _told(
        context,
        accounts.add_user(
            desk,
            username=args.user,
            name=args.name,
            role=args.role,
            password=password,
            os_login=args.os_login,
            practitioner=_code(desk, args.practitioner),
        ),
    )


def _code(desk: Any, text: str | None) -> str | None:
    from pcoord.commands.words import practitioner_of

    return practitioner_of(desk, text) if text else None


def everybody_options(parser: argparse.ArgumentParser) -> None:
    """Declare what `pcoord user list` takes."""


def everybody(context: Context, args: argparse.Namespace) -> int:
    """Print all accounts."""
    from pcoord.services import accounts

    found = accounts.list_users(context.desk)
    if context.json:
        print_json(found)
        return 0
    print_table(
        [
            (
                one["user"],
                one["name"],
                one["role"],
                "" if one["active"] else "disabled",
                one["os_login"],
            )
            for one in found
        ],
        (16, 28, 14, 8, 40),
    )
    return 0


def disable_options(parser: argparse.ArgumentParser) -> None:
    """Declare what `pcoord user disable` takes."""
    _user(parser)


def disable(context: Context, args: argparse.Namespace) -> int:
    """Close an account."""
    from pcoord.services import accounts

    return _told(context, accounts.disable_user(context.desk, username=args.user))


def password_options(parser: argparse.ArgumentParser) -> None:
    """Declare what `pcoord user password` takes."""
    _user(parser)
    parser.add_argument("--password-file", metavar="F", help="the new password is its first line")


def password(context: Context, args: argparse.Namespace) -> int:
    """Set a password: one's own, or as a supervisor anybody's."""
    from pcoord.services import accounts

    desk = context.desk
    secret = _new_password(args.password_file, args.user, wanted=True)
    if secret is None:
        raise BadUsage("Name the file that holds the new password with --password-file.")
    return _told(context, accounts.set_password(desk, args.user, secret))


def role_options(parser: argparse.ArgumentParser) -> None:
    """Declare what `pcoord user role` takes."""
    _user(parser)
    parser.add_argument("role", metavar="ROLE", help="front-desk, supervisor, billing, ...")


def role(context: Context, args: argparse.Namespace) -> int:
    """Give an account another role."""
    from pcoord.services import accounts

    return _told(context, accounts.set_role(context.desk, username=args.user, role=args.role))


def _told(context: Context, step: Any) -> int:
    if context.json:
        print_json({"said": step.said, "kind": step.kind, "id": step.id, "step": step.number})
    else:
        say(step.said)
    return 0


def _new_password(file: str | None, user: str, *, wanted: bool) -> str | None:
    """Return a new password: from a file, or typed twice on a terminal."""
    from pcoord.services import entry

    if file is not None:
        return entry.read_password(Path(file).expanduser())
    if not wanted:
        return None
    typed = ask_secret(f"New password of {user}: ")
    if typed is not None and ask_secret("Once more: ") != typed:
        raise Refused("The two do not fit together; nothing was stored. Please try again.")
    return typed

"""Making a clinic, the demo, and opening the desk."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from pcoord.commands.context import Context
from pcoord.commands.out import hint, print_json, say
from pcoord.commands.progress import bar
from pcoord.domain.errors import BadUsage

if TYPE_CHECKING:
    from pcoord.services.entry import Opening

MANY = 2000


def desk(context: Context, args: argparse.Namespace) -> int:
    """Open the desk on the clinic."""
    _demand_no_json(context)
    _demand_terminal()
    if not context.named:
        # Said before the screen opens, where it can be read.
        _ = context.address
    return _show(context, context.opening)


def init_options(parser: argparse.ArgumentParser) -> None:
    """Declare what `pcoord init` takes."""
    parser.add_argument("--name", required=True, metavar="CLINIC", help="the clinic's name")
    parser.add_argument("--timezone", required=True, metavar="TZ", help="such as America/Chicago")
    parser.add_argument("--admin", required=True, metavar="USER", help="its first supervisor")
    parser.add_argument("--password-file", metavar="F", help="the password is its first line")


def init(context: Context, args: argparse.Namespace) -> int:
    """Make a clinic; the machine's account is linked to its first supervisor."""
    from pcoord.services import accounts, entry

    if not context.named:
        raise BadUsage("Say with --db where the clinic goes: a file, or postgresql://...")
    file = args.password_file
    password = entry.read_password(Path(file).expanduser()) if file else None
    store, _ = accounts.make_clinic(
        entry.parse_address(context.named),
        context.clock,
        name=args.name,
        timezone=args.timezone,
        admin=args.admin,
        password=password,
    )
    store.close()
    if context.json:
        print_json({"clinic": args.name, "timezone": args.timezone, "admin": args.admin})
    else:
        say(f"Made {args.name}. {args.admin} is its supervisor; open it with `pcoord --db ...`.")
    return 0


def set_up_options(parser: argparse.ArgumentParser) -> None:
    """Declare what `pcoord setup` takes."""
    parser.add_argument("file", metavar="FILE", help="sites, rooms, providers and hours (TOML)")


def set_up(context: Context, args: argparse.Namespace) -> int:
    """Bring a clinic's sites, rooms, providers and their hours in; again changes nothing."""
    from pcoord.services import clinic_setup

    step = clinic_setup.set_up(context.desk, Path(args.file).expanduser())
    if context.json:
        print_json({"said": step.said, "step": step.number})
    else:
        say(step.said)
    return 0


def demo_options(parser: argparse.ArgumentParser) -> None:
    """Declare what `pcoord demo` takes."""
    parser.add_argument("--patients", type=int, metavar="N", help="how many people (400)")
    parser.add_argument("--seed", type=int, metavar="N", help="another number, another clinic (1)")
    parser.add_argument("--reset", action="store_true", help="throw the present demo away")
    parser.add_argument("--no-open", action="store_true", help="make it only; do not open it")


def demo(context: Context, args: argparse.Namespace) -> int:
    """Make a demo clinic if there is none for today, and open it signed in."""
    if args.no_open:
        return _made(context, args)
    _demand_no_json(context)
    _demand_terminal()
    asked = args.reset or args.patients is not None or args.seed is not None
    said: list[str] = []
    if asked:
        said.append(_ready(context, args))
    code = _show(context, lambda: _open_ready(context, args, said, done=asked))
    for sentence in filter(None, said):
        hint(sentence)
    return code


def _made(context: Context, args: argparse.Namespace) -> int:
    from pcoord.services import demo as service

    sentence = _ready(context, args)
    if sentence:
        hint(sentence)
    found = service.counts(context.store())
    if context.json:
        print_json(found)
    else:
        told = ", ".join(f"{count} {name}" for name, count in found.items())
        say(f"The demo clinic is in {context.address}: {told}. Open it with `pcoord demo`.")
    return 0


def _ready(context: Context, args: argparse.Namespace) -> str:
    """Have the demo ready and set the context's address to it; return what should be said."""
    from pcoord.services import demo as service
    from pcoord.services import entry

    named = context.options.db
    address = entry.parse_address(named) if named else None
    if args.patients is not None and args.patients > MANY:
        hint(f"Making a demo clinic with {args.patients:,} patients ...")
    with bar("patients") as progress:
        context.address, sentence = service.ready(
            address,
            context.clock,
            patients=args.patients,
            seed=args.seed,
            reset=args.reset,
            progress=progress,
        )
    return sentence


def _open_ready(
    context: Context, args: argparse.Namespace, said: list[str], *, done: bool
) -> "Opening":
    if not done:
        said.append(_ready(context, args))
    return context.opening()


def _demand_no_json(context: Context) -> None:
    if context.json:
        raise BadUsage("The desk is a screen; --json goes with a command. See `pcoord --help`.")


def _demand_terminal() -> None:
    from pcoord.terminal import prepare_environment, refuse_without_terminal

    refuse_without_terminal()
    prepare_environment()


def _show(context: Context, opening: "Callable[[], Opening]") -> int:
    """Run the screen until the person leaves, and return how it ended."""
    from pcoord import keymap

    keys = keymap.load(context.config.keymap) if context.config.keymap else None

    from pcoord.app import PcoordApp
    from pcoord.terminal.driver import SafeDriver

    app = PcoordApp(
        opening,
        clock=context.clock,
        keymap=keys,
        driver_class=SafeDriver,
        mono=context.options.mono or context.config.mono,
    )
    # The mouse stays the terminal's own: it selects and copies as everywhere else.
    app.run(mouse=False)
    return app.return_code or 0

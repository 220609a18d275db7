"""Sheets for work on paper, written before the screens are dark."""

import argparse
from pathlib import Path

from pcoord.commands.context import Context
from pcoord.commands.out import hint, print_json, say


def downtime_options(parser: argparse.ArgumentParser) -> None:
    """Declare what `pcoord downtime` takes."""
    parser.add_argument("folder", metavar="DIR", help="where the sheets go")
    parser.add_argument("--text-only", action="store_true", help="no PDF, only plain text")
    parser.add_argument(
        "--font",
        action="append",
        default=[],
        metavar="FILE",
        help="a font for scripts that the PDF would lack (.ttf, .otf); may be given again",
    )


def downtime(context: Context, args: argparse.Namespace) -> int:
    """Write today and the next two business days, open call-backs and blank forms."""
    from pcoord.services import downtime as service

    folder = Path(args.folder).expanduser().absolute()
    fonts = [Path(name).expanduser() for name in args.font]
    done = service.write(context.desk, folder, text_only=args.text_only, fonts=fonts)
    if done.warning:
        hint(done.warning)
    if context.json:
        days = [day.isoformat() for day in done.days]
        print_json(
            {
                "folder": str(folder),
                "files": [path.name for path in done.files],
                "days": days,
                "visits": done.visits,
                "call_backs": done.call_backs,
                "recorded": not done.warning,
            }
        )
    else:
        say(f"{done.said} Only you may read it.")
    return 0

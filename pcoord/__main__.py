"""`python -m pcoord`: nothing heavy is imported before it is known what was asked."""

import sys


def main() -> int:
    """Run the program on the words of the command line and return its exit code."""
    from pcoord import cli

    return cli.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
